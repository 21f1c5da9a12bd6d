//! How much the sentences around a window speak of what the question is about.

use super::Window;
use crate::compiled::CompiledRubric;
use crate::reading::Reading;
use crate::relevance::{Related, related};

/// So many sentences before and after a window are its surroundings.
const NEAR: usize = 2;

/// How much each part of an answer says of the question.
#[derive(Debug, Clone, Default)]
pub(crate) struct Surroundings {
    by_clause: Vec<Related>,
    /// The sentence of each clause.
    sentences: Vec<usize>,
    /// What is said before each sentence, and after the last.
    before: Vec<Related>,
}

impl Surroundings {
    pub fn of(rubric: &CompiledRubric, answer: &Reading) -> Self {
        let by_clause = related(rubric, answer);
        let sentences: Vec<usize> = answer.clauses.iter().map(|clause| clause.sentence).collect();
        let count = sentences.iter().max().map_or(0, |last| last + 1);
        let mut of_sentence = vec![Related::default(); count];
        for (sentence, more) in sentences.iter().zip(&by_clause) {
            if let Some(sum) = of_sentence.get_mut(*sentence) {
                *sum = sum.and(*more);
            }
        }
        let mut before = vec![Related::default()];
        before.extend(of_sentence.iter().scan(Related::default(), |sum, more| {
            *sum = sum.and(*more);
            Some(*sum)
        }));
        Self {
            by_clause,
            sentences,
            before,
        }
    }

    /// What the whole answer says.
    pub fn whole(&self) -> Related {
        self.before.last().copied().unwrap_or_default()
    }

    /// What a window says.
    pub fn own(&self, window: &Window) -> Related {
        self.by_clause
            .get(window.first..window.first + window.count)
            .unwrap_or_default()
            .iter()
            .copied()
            .fold(Related::default(), Related::and)
    }

    /// What the sentences around a window say, without itself.
    pub fn near(&self, window: &Window) -> Related {
        let sentence = |clause: usize| self.sentences.get(clause).copied().unwrap_or(0);
        let first = sentence(window.first).saturating_sub(NEAR);
        let last = sentence(window.first + window.count - 1) + NEAR + 1;
        let said = |sentence: usize| {
            let at = sentence.min(self.before.len().saturating_sub(1));
            self.before.get(at).copied().unwrap_or_default()
        };
        said(last).without(said(first)).without(self.own(window))
    }
}
