//! A question as the checks look at it: its rubric compiled, its own sentences read and graded.

use super::Place;
use crate::compiled::CompiledRubric;
use crate::reading::{Reading, Spelling};
use crate::report::{Report, Verdict};
use crate::rubric::{Concept, Question, QuestionSet};
use crate::verdict::grade;

/// A question whose own sentences were graded by its own rubric.
#[derive(Debug)]
pub(super) struct Studied<'a> {
    /// Its place in the set, from 0.
    pub number: usize,
    pub question: &'a Question,
    pub rubric: CompiledRubric,
    pub concepts: Vec<StudiedConcept<'a>>,
    pub reference: Option<Report>,
}

/// A concept, its statement as it is read, and what became of each of its phrases as an answer.
#[derive(Debug)]
pub(super) struct StudiedConcept<'a> {
    /// Its place in the question, from 0.
    pub number: usize,
    pub concept: &'a Concept,
    pub reading: Reading,
    pub statement: Report,
    pub accept: Vec<Report>,
    pub reject: Vec<Report>,
}

impl<'a> Studied<'a> {
    pub fn of(number: usize, question: &'a Question, set: &QuestionSet) -> Self {
        let rubric = CompiledRubric::compile(question, &set.synonyms);
        let graded = |phrases: &[String]| phrases.iter().map(|phrase| grade(&rubric, phrase)).collect();
        let concepts = question
            .concepts
            .iter()
            .enumerate()
            .map(|(number, concept)| StudiedConcept {
                number,
                concept,
                reading: Reading::of(&concept.statement, &Spelling::default()),
                statement: grade(&rubric, &concept.statement),
                accept: graded(&concept.accept),
                reject: graded(&concept.reject),
            })
            .collect();
        Self {
            number,
            question,
            concepts,
            reference: question
                .reference
                .as_deref()
                .map(|reference| grade(&rubric, reference)),
            rubric,
        }
    }

    /// A finding about the question.
    pub fn at(&self, rest: impl Into<String>, message: String) -> Place {
        Place {
            question: Some(self.number),
            concept: None,
            rest: rest.into(),
            message,
        }
    }

    /// A finding about one of its concepts.
    pub fn at_concept(&self, concept: usize, rest: impl Into<String>, message: String) -> Place {
        Place {
            concept: Some(concept),
            ..self.at(rest, message)
        }
    }
}

/// How confident a verdict on a single sentence must be to be worth a word, 0 to 1: out of any context, less is too unsure.
const SURE: f64 = 0.8;

/// Whether a report says that of a concept, by its number, and is sure of it.
pub(super) fn surely(report: &Report, concept: usize, verdict: Verdict) -> bool {
    let graded = report.concepts.get(concept);
    graded.is_some_and(|graded| graded.verdict == verdict && graded.confidence >= SURE)
}

/// Whether a report says that of a concept, by its number, and nobody would be asked to look at it.
pub(super) fn decides(report: &Report, concept: usize, verdict: Verdict) -> bool {
    let graded = report.concepts.get(concept);
    graded.is_some_and(|graded| graded.verdict == verdict && !graded.needs_review)
}

/// Whether a report says that of a concept, by its number.
pub(super) fn says(report: &Report, concept: usize, verdict: Verdict) -> bool {
    report
        .concepts
        .get(concept)
        .is_some_and(|graded| graded.verdict == verdict)
}
