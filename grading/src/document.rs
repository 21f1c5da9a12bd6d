//! Reading question set documents, and everything that can be wrong with one.

use std::collections::HashSet;

use crate::{
    code::CodeRubric,
    rubric::{Concept, Question, QuestionSet},
};

/// The longest slug, in characters.
pub const SLUG_MAX: usize = 64;
/// The longest title, in characters.
pub const TITLE_MAX: usize = 200;
/// The longest description, prompt or reference answer, in characters.
pub const TEXT_MAX: usize = 8_000;
/// The longest statement or phrase, in characters.
pub const PHRASE_MAX: usize = 1_000;
/// The most questions in a set.
pub const QUESTIONS_MAX: usize = 100;
/// The most concepts in a question.
pub const CONCEPTS_MAX: usize = 30;
/// The most phrases in `accept` or `reject`.
pub const PHRASES_MAX: usize = 60;
/// The most characters in all of a question's statements and phrases: what grading one answer costs grows with them.
pub const RUBRIC_MAX: usize = 30_000;
/// The most groups of synonyms, and the most words in one.
pub const SYNONYMS_MAX: usize = 200;
/// The greatest weight of a concept, in points.
pub const WEIGHT_MAX: f64 = 100.0;

/// Something wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where, as a JSON pointer (RFC 6901).
    pub pointer: String,
    /// What, in a sentence that follows the name of the place.
    pub detail: String,
}

impl QuestionSet {
    /// Reads a document in JSON or YAML, and checks it.
    ///
    /// # Errors
    /// Everything that is wrong with it; where it can't be read at all, one fault with an empty pointer that says where in
    /// the text.
    ///
    /// # Examples
    /// ```
    /// let set = grading::QuestionSet::parse(
    ///     "
    /// id: http
    /// questions:
    ///   - id: idempotent
    ///     prompt: Which HTTP methods are idempotent, and what does that mean?
    ///     concepts:
    ///       - id: same-effect
    ///         statement: Sending an idempotent request twice has the same effect as sending it once.
    /// ",
    /// )?;
    /// assert_eq!(set.questions[0].concepts[0].weight, 1.0);
    /// # Ok::<(), Vec<grading::document::Fault>>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, Vec<Fault>> {
        let unreadable = |detail: String| {
            vec![Fault {
                pointer: String::new(),
                detail,
            }]
        };
        let set: Self = if text.trim_start().starts_with('{') {
            serde_json::from_str(text).map_err(|error| unreadable(error.to_string()))?
        } else {
            serde_saphyr::from_str(text).map_err(|error| unreadable(error.to_string()))?
        };
        let faults = set.faults();
        if faults.is_empty() { Ok(set) } else { Err(faults) }
    }

    /// Everything that is wrong with the document, in its order. Empty where it can be graded by.
    pub fn faults(&self) -> Vec<Fault> {
        let mut check = Check::default();
        check.slug("/id", &self.id);
        check.optional("/title", self.title.as_deref(), TITLE_MAX);
        check.optional("/description", self.description.as_deref(), TEXT_MAX);
        check.synonyms(&self.synonyms);
        check.count("/questions", self.questions.len(), 1, QUESTIONS_MAX);
        check.unique(
            "/questions",
            self.questions.iter().map(|question| question.id.as_str()),
        );
        for (number, question) in self.questions.iter().enumerate() {
            check.question(&format!("/questions/{number}"), question);
        }
        check.faults
    }
}

/// How many characters a concept's statement and phrases have.
fn length(concept: &Concept) -> usize {
    let phrases = concept.accept.iter().chain(&concept.reject);
    phrases
        .chain([&concept.statement])
        .map(|phrase| phrase.chars().count())
        .sum()
}

#[derive(Default)]
struct Check {
    faults: Vec<Fault>,
}

impl Check {
    fn fault(&mut self, pointer: &str, detail: impl Into<String>) {
        self.faults.push(Fault {
            pointer: pointer.to_owned(),
            detail: detail.into(),
        });
    }

    fn question(&mut self, at: &str, question: &Question) {
        self.slug(&format!("{at}/id"), &question.id);
        self.text(&format!("{at}/prompt"), &question.prompt, TEXT_MAX);
        self.optional(
            &format!("{at}/reference"),
            question.reference.as_deref(),
            TEXT_MAX,
        );
        let concepts = format!("{at}/concepts");
        self.count(&concepts, question.concepts.len(), 1, CONCEPTS_MAX);
        self.unique(
            &concepts,
            question.concepts.iter().map(|concept| concept.id.as_str()),
        );
        let rubric: usize = question.concepts.iter().map(length).sum();
        if rubric > RUBRIC_MAX {
            self.fault(
                &concepts,
                format!("must have at most {RUBRIC_MAX} characters of statements and phrases in all"),
            );
        }
        for (number, concept) in question.concepts.iter().enumerate() {
            self.concept(&format!("{concepts}/{number}"), concept);
        }
    }

    fn concept(&mut self, at: &str, concept: &Concept) {
        self.slug(&format!("{at}/id"), &concept.id);
        self.text(&format!("{at}/statement"), &concept.statement, PHRASE_MAX);
        self.weight(&format!("{at}/weight"), concept.weight);
        if let Some(code) = &concept.code {
            self.code(&format!("{at}/code"), code);
        }
        for (name, phrases) in [("accept", &concept.accept), ("reject", &concept.reject)] {
            let list = format!("{at}/{name}");
            self.count(&list, phrases.len(), 0, PHRASES_MAX);
            for (number, phrase) in phrases.iter().enumerate() {
                self.text(&format!("{list}/{number}"), phrase, PHRASE_MAX);
            }
        }
    }

    fn code(&mut self, at: &str, code: &CodeRubric) {
        for mistake in code.mistakes() {
            self.fault(at, mistake.to_string());
        }
    }

    fn weight(&mut self, at: &str, weight: f64) {
        let hundredths = weight * 100.0;
        if !(weight > 0.0 && weight <= WEIGHT_MAX) {
            self.fault(at, format!("must be over 0 and at most {WEIGHT_MAX}"));
        } else if (hundredths - hundredths.round()).abs() > 1e-6 || hundredths.round() < 1.0 {
            self.fault(at, "must have at most two decimals");
        }
    }

    fn synonyms(&mut self, groups: &[Vec<String>]) {
        self.count("/synonyms", groups.len(), 0, SYNONYMS_MAX);
        for (number, group) in groups.iter().enumerate() {
            let at = format!("/synonyms/{number}");
            self.count(&at, group.len(), 2, SYNONYMS_MAX);
            for (place, word) in group.iter().enumerate() {
                self.text(&format!("{at}/{place}"), word, PHRASE_MAX);
            }
        }
    }

    fn slug(&mut self, at: &str, slug: &str) {
        let right = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let edges = !slug.starts_with('-') && !slug.ends_with('-');
        if slug.is_empty() || slug.len() > SLUG_MAX || !edges || !slug.bytes().all(right) {
            self.fault(
                at,
                format!("must be a slug: 1 to {SLUG_MAX} of a-z, 0-9 and hyphens within"),
            );
        }
    }

    fn optional(&mut self, at: &str, text: Option<&str>, longest: usize) {
        if let Some(text) = text {
            self.text(at, text, longest);
        }
    }

    fn text(&mut self, at: &str, text: &str, longest: usize) {
        if text.trim().is_empty() {
            self.fault(at, "must not be empty");
        } else if text.chars().count() > longest {
            self.fault(at, format!("must have at most {longest} characters"));
        } else if text
            .chars()
            .any(|character| character.is_control() && !"\n\r\t".contains(character))
        {
            self.fault(at, "must not hold control characters but line breaks and tabs");
        }
    }

    fn count(&mut self, at: &str, count: usize, least: usize, most: usize) {
        if count < least {
            self.fault(at, format!("must have at least {least}"));
        } else if count > most {
            self.fault(at, format!("must have at most {most}"));
        }
    }

    fn unique<'a>(&mut self, at: &str, ids: impl Iterator<Item = &'a str>) {
        let mut seen = HashSet::new();
        for (number, id) in ids.enumerate() {
            if !seen.insert(id) {
                self.fault(&format!("{at}/{number}/id"), "is there twice");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SET: &str = r#"{"id": "s", "questions": [{"id": "q", "prompt": "Why?", "concepts": [
        {"id": "c", "statement": "Because.", "weight": 0.5}]}]}"#;

    fn changed(from: &str, to: &str) -> Vec<(String, String)> {
        assert!(SET.contains(from));
        let faults = QuestionSet::parse(&SET.replace(from, to)).unwrap_err();
        faults
            .into_iter()
            .map(|fault| (fault.pointer, fault.detail))
            .collect()
    }

    #[test]
    fn json_and_yaml_say_the_same() {
        let yaml = "id: s\nquestions:\n- id: q\n  prompt: Why?\n  concepts:\n  - {id: c, statement: Because., weight: 0.5}\n";
        assert_eq!(QuestionSet::parse(SET), QuestionSet::parse(yaml));
    }

    #[test]
    #[cfg_attr(miri, ignore = "the parser of code is C")]
    fn every_fault_has_its_pointer() {
        let concept = "/questions/0/concepts/0";
        for (from, to, pointer) in [
            (r#""id": "s""#, r#""id": "S s""#, "/id".to_owned()),
            (r#""id": "q""#, r#""id": "-q""#, "/questions/0/id".to_owned()),
            ("Why?", "  ", "/questions/0/prompt".to_owned()),
            ("Because.", "a\\u0000b", format!("{concept}/statement")),
            ("0.5", "0", format!("{concept}/weight")),
            ("0.5", "0.001", format!("{concept}/weight")),
            ("0.5", "101", format!("{concept}/weight")),
            ("0.5", r#"1, "accept": [""]"#, format!("{concept}/accept/0")),
            (
                "0.5",
                r#"1, "code": {"shows": ["magic"]}"#,
                format!("{concept}/code"),
            ),
        ] {
            assert_eq!(changed(from, to)[0].0, pointer, "{to}");
        }
    }

    #[test]
    fn ids_are_unique_and_lists_not_empty() {
        let twice = r#"0.5}, {"id": "c", "statement": "Too.", "weight": 1"#;
        assert_eq!(changed("0.5", twice)[0].0, "/questions/0/concepts/1/id");
        let mut set = QuestionSet::parse(SET).unwrap();
        set.questions[0].concepts.clear();
        assert_eq!(set.faults()[0].pointer, "/questions/0/concepts");
        set.questions.clear();
        assert_eq!(set.faults()[0].pointer, "/questions");
    }

    #[test]
    fn a_rubric_has_a_size() {
        let mut set = QuestionSet::parse(SET).unwrap();
        let phrase = "lock ".repeat(120);
        set.questions[0].concepts[0].accept = vec![phrase; 60];
        assert_eq!(set.faults()[0].pointer, "/questions/0/concepts");
    }

    #[test]
    fn what_cannot_be_read_says_where() {
        for text in ["", "id: [", "{", "id: x\nunknown: 1\n", "- 1"] {
            let faults = QuestionSet::parse(text).unwrap_err();
            assert_eq!(faults[0].pointer, "", "{text}");
            assert!(!faults[0].detail.is_empty());
        }
    }
}
