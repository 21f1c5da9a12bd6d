//! Viva's grading engine.
//!
//! Pure: no I/O, no clock, no randomness. The same rubric and the same answer give the same bytes.
//!
//! [`CompiledRubric::compile`] reads one question of a question set once; [`grade`] then grades as many answers against it
//! as there are.

pub mod code;
pub mod report;
pub mod rubric;

pub use report::{ConceptReport, Evidence, Flag, Link, MatchKind, PhraseKind, Report, Verdict};
pub use rubric::{Concept, Question, QuestionSet};

/// A question whose rubric has been read once and can grade many answers.
#[derive(Debug, Clone)]
pub struct CompiledRubric {
    question: Question,
}

impl CompiledRubric {
    /// Reads a question's rubric. `synonyms` are the set's own groups of words that mean the same.
    pub fn compile(question: &Question, _synonyms: &[Vec<String>]) -> Self {
        Self {
            question: question.clone(),
        }
    }

    /// The question that was compiled.
    pub fn question(&self) -> &Question {
        &self.question
    }
}
