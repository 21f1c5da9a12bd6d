//! Reads code in answers as code.
//!
//! [`split`] takes an answer apart into prose and code; [`read`] parses the code and says what it shows. A concept names what
//! it wants to see in its `code` block ([`CodeRubric`]); [`judge`] holds one against the other. Candidates' code is never run.
//!
//! What can be named is data: `python/patterns.scm` holds tree-sitter queries, `python/facts.rules` the rules that combine
//! them into facts with a sentence each. Another language is another row in `language.rs`.
//!
//! # Where it meets the rest of the engine
//! Once an answer, before any concept:
//! ```
//! # use grading::code;
//! # let answer = "def f(x=None): ...";
//! let layout = code::split(answer);
//! let prose = layout.prose(answer); // the same number of code points: places stay valid
//! let findings = code::read(answer, &layout);
//! ```
//! `prose` goes to the text pipeline in place of the answer. Once a concept: `code::judge(&concept.code, &findings)` gives
//! what the code says; [`CodeVerdict::Shows`] counts like a sentence that meets the statement, [`CodeVerdict::Opposes`] like
//! one that contradicts it.

mod language;
mod listing;
mod python;
mod reader;
mod rules;
mod segment;
mod stance;

use serde::{Deserialize, Serialize};

pub use reader::{Finding, read};
pub use rules::Fact;
pub use segment::{Layout, Segment, SegmentKind, split};

/// What code must show to meet a concept, as a rubric's author names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CodeRubric {
    /// The programming language. Python where it is missing.
    #[serde(default = "default_language")]
    pub language: String,
    /// Facts that meet the concept. Any of them is enough.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shows: Vec<String>,
    /// Facts that contradict it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub opposes: Vec<String>,
}

fn default_language() -> String {
    "python".to_owned()
}

/// What is wrong with a `code` block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeMistake {
    /// Nobody taught the reader that language.
    UnknownLanguage(String),
    /// The language has no fact of that name.
    UnknownFact(String),
}

impl std::fmt::Display for CodeMistake {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::UnknownLanguage(name) => {
                write!(formatter, "names the language {name:?}, which is not read here")
            }
            Self::UnknownFact(name) => write!(
                formatter,
                "names {name:?}, which no code can be said to show here"
            ),
        }
    }
}

impl CodeRubric {
    /// What is wrong with it: languages and facts that don't exist.
    pub fn mistakes(&self) -> Vec<CodeMistake> {
        let Some(facts) = facts(&self.language) else {
            return vec![CodeMistake::UnknownLanguage(self.language.clone())];
        };
        self.shows
            .iter()
            .chain(&self.opposes)
            .filter(|name| !facts.iter().any(|fact| fact.name == **name))
            .map(|name| CodeMistake::UnknownFact(name.clone()))
            .collect()
    }
}

/// The names of the languages that can be read.
pub fn languages() -> impl Iterator<Item = &'static str> {
    language::LANGUAGES.iter().map(|language| language.name)
}

/// What code in that language can be said to show.
pub fn facts(language: &str) -> Option<&'static [Fact]> {
    reader::ready(language).map(|ready| ready.rules.facts.as_slice())
}

/// The sentence that says what a fact is.
pub fn sentence(language: &str, fact: &str) -> Option<&'static str> {
    facts(language)?
        .iter()
        .find(|known| known.name == fact)
        .map(|known| known.sentence.as_str())
}

/// What an answer's code says of a concept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeVerdict<'a> {
    /// It shows what the concept asks for.
    Shows(&'a Finding),
    /// It does the opposite.
    Opposes(&'a Finding),
    /// Neither.
    Silent,
}

/// Holds a concept's `code` block against what an answer's code shows. Code that does the opposite outweighs code that shows
/// it; code on its own lines outweighs code in a sentence, where the sentence may deny it.
pub fn judge<'a>(rubric: &CodeRubric, findings: &'a [Finding]) -> CodeVerdict<'a> {
    let find = |names: &[String]| {
        findings
            .iter()
            .filter(|finding| finding.language == rubric.language && names.contains(&finding.fact))
            .min_by_key(|finding| (finding.is_inline, finding.start))
    };
    match (find(&rubric.opposes), find(&rubric.shows)) {
        (Some(finding), _) => CodeVerdict::Opposes(finding),
        (None, Some(finding)) => CodeVerdict::Shows(finding),
        (None, None) => CodeVerdict::Silent,
    }
}
