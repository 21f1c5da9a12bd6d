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

/// By concept, the first of its phrases that clauses of the answer, one or more in a row, repeat, but for articles and inflection,
/// as the writer's own view. `None` where none is, or where both the claim and its contrary are.
pub(crate) fn repeated(rubric: &CompiledRubric, answer: &Reading) -> Vec<Option<Repeated>> {
    let begins: Vec<_> = answer
        .clauses
        .iter()
        .map(|clause| spoken(answer, words(clause)).next())
        .collect();
    let places = rubric.places.iter();
    places
        .map(|place| repeated_of(rubric, answer, &begins, place))
        .collect()
}

/// The same for one concept, by the place of its phrases. `begins` are the first words of the answer's clauses.
fn repeated_of(
    rubric: &CompiledRubric,
    answer: &Reading,
    begins: &[Option<&Word>],
    place: &Range<usize>,
) -> Option<Repeated> {
    let first = |verdict: Verdict| {
        place.clone().find_map(|number| {
            let phrase = rubric.phrases.get(number).filter(|phrase| !phrase.well_known)?;
            let contrary = phrase.kind == PhraseKind::Reject;
            let clauses = (contrary == (verdict == Verdict::Contradicted))
                .then(|| repetition(answer, begins, &phrase.reading))??;
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

fn repetition(answer: &Reading, begins: &[Option<&Word>], phrase: &Reading) -> Option<Range<usize>> {
    // A phrase without a verb is a topic, no claim.
    if !phrase.clauses.iter().any(|clause| clause.verbal) {
        return None;
    }
    let wanted = || spoken(phrase, 0..phrase.words.len());
    let first = wanted().next()?;
    let begins = begins.iter().enumerate();
    begins
        .filter(|(_, begin)| begin.is_none_or(|begin| is_same(begin, first)))
        .find_map(|(at, _)| Some(at..end_of(answer, at, wanted())?))
}

/// Where the clauses from one on end that are the words, neither more nor fewer, and end their sentence: "…, they say" may follow
/// otherwise.
fn end_of<'w>(answer: &Reading, first: usize, wanted: impl Iterator<Item = &'w Word>) -> Option<usize> {
    let mut left = wanted.peekable();
    for (number, clause) in answer.clauses.iter().enumerate().skip(first) {
        if clause.stance != Stance::Own {
            return None;
        }
        for word in spoken(answer, words(clause)) {
            if !is_same(word, left.next()?) {
                return None;
            }
        }
        if left.peek().is_none() {
            let next = answer.clauses.get(number + 1);
            return next
                .is_none_or(|next| next.sentence != clause.sentence)
                .then_some(number + 1);
        }
    }
    None
}

fn is_same(word: &Word, other: &Word) -> bool {
    word.negated == other.negated && word.lemma == other.lemma
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
