//! The languages whose code the reader understands.
//!
//! A language is a row of [`LANGUAGES`]: a grammar, two data files and a way to tell its lines from prose. Adding one touches
//! nothing else.

use super::python;
use tree_sitter_language::LanguageFn;

/// A programming language that code in answers may be written in.
pub struct Language {
    /// Its name in a rubric's `code` block.
    pub name: &'static str,
    /// What may stand behind the opening fence of a code block, lower-case.
    pub fence_tags: &'static [&'static str],
    /// Its tree-sitter grammar.
    pub grammar: LanguageFn,
    /// tree-sitter queries: what can be seen in the code.
    pub patterns: &'static str,
    /// Rules over them: what that shows.
    pub facts: &'static str,
    /// Tells its lines from prose.
    pub look: fn(&str, &mut Carry) -> Look,
    /// Finds pieces of code in the middle of a sentence.
    pub inline: fn(&str) -> Vec<Snippet>,
    /// Finds a misspelt keyword at the start of a line: where it ends, in bytes, and what it should be.
    pub repair: fn(&str) -> Option<(usize, &'static str)>,
    /// Finds the comments and strings of a line of code.
    pub asides: fn(&str, &mut Carry) -> Vec<Aside>,
}

impl std::fmt::Debug for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Language")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Every language that can be read.
pub static LANGUAGES: &[Language] = &[python::PYTHON];

/// The language whose fence tag this is.
pub fn tagged(tag: &str) -> Option<&'static Language> {
    let tag = tag.to_ascii_lowercase();
    LANGUAGES
        .iter()
        .find(|language| language.fence_tags.contains(&tag.as_str()))
}

/// What is still open where a line ends: brackets, or a string over several lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Carry {
    /// Brackets that are open.
    pub depth: u32,
    /// The quote that will end the string that is open.
    pub quote: Option<&'static str>,
}

impl Carry {
    /// Whether the next line goes on with what this one began.
    pub fn is_open(&self) -> bool {
        self.depth > 0 || self.quote.is_some()
    }
}

/// What a line looks like, seen alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Nothing but white space.
    Blank,
    /// Code beyond doubt: nobody writes this in a sentence.
    Certain,
    /// Code by its form, but too short to be sure without a neighbour.
    Likely,
    /// Could be code where the lines around it are.
    Possible,
    /// An input line of an interactive session; the code starts that many bytes into the line.
    Prompt(usize),
    /// A comment and nothing else.
    Comment,
    /// No code.
    Prose,
}

/// A comment or a string in a line of code: prose, after all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aside {
    /// Where its text starts, in bytes from the line's start, without its mark.
    pub start: usize,
    /// Where it ends, exclusive.
    pub end: usize,
    /// Whether it is a comment.
    pub is_comment: bool,
}

/// A piece of code in the middle of a sentence, as pieces of the line and what was missing between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// Pieces in order: a place in the line (bytes), or text that makes it whole.
    pub pieces: Vec<Piece>,
}

/// A part of a [`Snippet`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Bytes of the line, from start to end, exclusive.
    Of(usize, usize),
    /// Text that the sentence left out.
    Added(&'static str),
}
