//! What is said word for word as a phrase of the rubric has it needs no weighing: who repeats a claim, makes it.

use std::ops::Range;

use crate::compiled::CompiledRubric;
use crate::lexicon::Cue;
use crate::reading::{Clause, Reading, Stance, Word};
use crate::report::{PhraseKind, Verdict};

/// A phrase of the rubric that is repeated.
#[derive(Debug, Clone)]
pub(crate) struct Repeated {
    /// What follows from it.
    pub verdict: Verdict,
    /// Number of the phrase.
    pub phrase: usize,
    /// The clauses of the answer that repeat it.
    pub clauses: Range<usize>,
}

/// The first of a concept's phrases that clauses of the answer, one or more in a row, repeat, but for articles and inflection,
/// as the writer's own view. `None` where none is, or where both the claim and its contrary are.
pub(crate) fn repeated(rubric: &CompiledRubric, answer: &Reading, concept: usize) -> Option<Repeated> {
    let first = |verdict: Verdict| {
        rubric.places.get(concept)?.clone().find_map(|number| {
            let phrase = rubric.phrases.get(number).filter(|phrase| !phrase.well_known)?;
            let contrary = phrase.kind == PhraseKind::Reject;
            let clauses = (contrary == (verdict == Verdict::Contradicted))
                .then(|| repetition(answer, &phrase.reading))??;
            Some(Repeated {
                verdict,
                phrase: number,
                clauses,
            })
        })
    };
    match (first(Verdict::Met), first(Verdict::Contradicted)) {
        (Some(_), Some(_)) => None,
        (claim, contrary) => claim.or(contrary),
    }
}

fn repetition(answer: &Reading, phrase: &Reading) -> Option<Range<usize>> {
    // A phrase without a verb is a topic, no claim.
    if !phrase.clauses.iter().any(|clause| clause.verbal) {
        return None;
    }
    let wanted: Vec<&Word> = spoken(phrase, 0..phrase.words.len()).collect();
    (0..answer.clauses.len()).find_map(|first| Some(first..end_of(answer, first, &wanted)?))
}

/// Where the clauses from one on end that are the words, neither more nor fewer, and end their sentence: "…, they say" may follow
/// otherwise.
fn end_of(answer: &Reading, first: usize, wanted: &[&Word]) -> Option<usize> {
    let mut left = wanted;
    for (number, clause) in answer.clauses.iter().enumerate().skip(first) {
        if clause.stance != Stance::Own {
            return None;
        }
        for word in spoken(answer, words(clause)) {
            let (next, rest) = left.split_first()?;
            if word.lemma != next.lemma || word.negated != next.negated {
                return None;
            }
            left = rest;
        }
        if left.is_empty() {
            let next = answer.clauses.get(number + 1);
            return next
                .is_none_or(|next| next.sentence != clause.sentence)
                .then_some(number + 1);
        }
    }
    None
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
