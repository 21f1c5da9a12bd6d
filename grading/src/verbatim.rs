//! What is said word for word as a phrase of the rubric has it needs no weighing: who repeats a claim, makes it.

use std::ops::Range;

use crate::compiled::CompiledRubric;
use crate::lexicon::Cue;
use crate::reading::{Clause, Reading, Stance, Word};
use crate::report::{PhraseKind, Verdict};

/// The verdict on a concept where clauses of the answer, one or more in a row, are one of its phrases, but for articles and
/// inflection, as the writer's own view. `None` where none are, or where both the claim and its contrary are.
pub(crate) fn said(rubric: &CompiledRubric, answer: &Reading, concept: usize) -> Option<Verdict> {
    let phrases = rubric.phrases.get(rubric.places.get(concept)?.clone())?;
    let says = |contrary: bool| {
        phrases
            .iter()
            .filter(|phrase| (phrase.kind == PhraseKind::Reject) == contrary)
            .any(|phrase| repeats(answer, &phrase.reading))
    };
    match (says(false), says(true)) {
        (true, false) => Some(Verdict::Met),
        (false, true) => Some(Verdict::Contradicted),
        _ => None,
    }
}

fn repeats(answer: &Reading, phrase: &Reading) -> bool {
    let wanted: Vec<&Word> = spoken(phrase, 0..phrase.words.len()).collect();
    // A phrase without a verb is a topic, no claim.
    phrase.clauses.iter().any(|clause| clause.verbal)
        && (0..answer.clauses.len()).any(|first| begins(answer, first, &wanted))
}

/// Whether the clauses from one on are the words, neither more nor fewer.
fn begins(answer: &Reading, first: usize, wanted: &[&Word]) -> bool {
    let mut left = wanted;
    for clause in answer.clauses.get(first..).unwrap_or_default() {
        if clause.stance != Stance::Own {
            return false;
        }
        for word in spoken(answer, words(clause)) {
            let Some((next, rest)) = left.split_first() else {
                return false;
            };
            if word.lemma != next.lemma || word.negated != next.negated {
                return false;
            }
            left = rest;
        }
        if left.is_empty() {
            return true;
        }
    }
    false
}

fn words(clause: &Clause) -> Range<usize> {
    clause.from..clause.to
}

fn spoken(reading: &Reading, words: Range<usize>) -> impl Iterator<Item = &Word> {
    let words = reading.words.get(words).unwrap_or_default();
    words
        .iter()
        .filter(|word| word.mark.is_none() && !word.is(Cue::Determiner))
}
