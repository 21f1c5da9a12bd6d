//! How the window is made up, and what other windows of the answer come near the concept.

use super::held::Held;
use super::{Group, Measure, flag};
use crate::align::{Alignment, Candidate, Window, ratio};
use crate::reading::Join;

/// What the other windows that come near the concept say.
#[derive(Clone, Copy)]
pub(super) struct Elsewhere {
    /// How much the second of them covers.
    second: f32,
    /// How much is opposed where most is.
    opposed: f32,
}

impl Elsewhere {
    pub fn of(alignment: &Alignment<'_>, concept: usize, candidates: &[Vec<Candidate>]) -> Self {
        let mine = candidates.get(concept).map(Vec::as_slice).unwrap_or_default();
        Self {
            second: mine.get(1).map_or(0.0, |second| second.coverage),
            opposed: mine
                .iter()
                .map(|candidate| opposed(alignment, candidate))
                .fold(0.0, f32::max),
        }
    }
}

/// How much of a candidate's phrase its window says the opposite of.
fn opposed(alignment: &Alignment<'_>, candidate: &Candidate) -> f32 {
    let (Some(window), Some(phrase)) = (
        alignment.windows.get(candidate.window),
        alignment.rubric.phrases.get(candidate.phrase),
    ) else {
        return 0.0;
    };
    let mut opposed = 0.0;
    for hit in alignment.hits_on(window, phrase).iter().filter(|hit| hit.opposed) {
        if let Some(unit) = alignment.unit(hit).filter(|unit| !unit.subject) {
            opposed += unit.weight * hit.likeness;
        }
    }
    ratio(opposed, phrase.totals.all)
}

pub(super) struct Shape {
    elsewhere: Elsewhere,
    one_sentence: bool,
    /// How many units match that don't stand in the prompt.
    unprompted: usize,
    /// How much a clause covers by itself.
    single: f32,
    contrast: bool,
}

impl Group for Shape {
    const MEASURES: &'static [Measure<Self>] = &[
        ("second-window", |of| of.elsewhere.second),
        ("opposed-window", |of| of.elsewhere.opposed),
        ("same-sentence", |of| flag(of.one_sentence)),
        ("matched-unprompted-count", |of| of.unprompted as f32),
        ("single-clause-coverage", |of| of.single),
        ("contrast-inside", |of| flag(of.contrast)),
    ];

    fn of(held: &Held<'_>) -> Self {
        let ends = held.clauses.first().zip(held.clauses.last());
        let mut by_clause = [0.0; Window::LONGEST];
        for &(hit, _, value) in &held.counted {
            let place = (hit.clause as usize).checked_sub(held.window.first);
            if let Some(sum) = place.and_then(|place| by_clause.get_mut(place)) {
                *sum += value;
            }
        }
        let most = by_clause.into_iter().fold(0.0, f32::max);
        Self {
            elsewhere: held.seen.shape,
            one_sentence: ends.is_some_and(|(first, last)| first.sentence == last.sentence),
            unprompted: held
                .counted
                .iter()
                .filter(|(_, unit, _)| !unit.prompted && !unit.light)
                .count(),
            single: ratio(most, held.statement.totals.all),
            contrast: held
                .clauses
                .iter()
                .skip(1)
                .any(|clause| clause.join == Join::Contrast),
        }
    }
}
