//! How much of the statements the whole answer covers.

use super::held::Held;
use super::{Group, Measure};
use crate::align::{Alignment, Candidate, ratio};
use crate::compiled::Phrase;

#[derive(Clone, Copy)]
pub(super) struct WholeAnswer {
    /// What this window covers by words that are surely alike.
    known: f32,
    /// What this window covers.
    coverage: f32,
    all: f32,
    unprompted: f32,
    /// What the nearest windows of the other concepts cover, on average.
    others: f32,
}

impl Group for WholeAnswer {
    const MEASURES: &'static [Measure<Self>] = &[
        ("coverage-known", |of| of.known),
        ("answer-coverage", |of| of.all),
        ("answer-unprompted", |of| of.unprompted),
        ("others-coverage", |of| of.others),
        ("others-margin", |of| of.coverage - of.others),
    ];

    fn of(held: &Held<'_>) -> Self {
        let known = held
            .counted
            .iter()
            .filter(|(hit, _, _)| hit.likeness > 0.6)
            .fold(0.0, |sum, (_, _, value)| sum + value);
        Self {
            known: ratio(known, held.statement.totals.all),
            coverage: held.covered.all,
            ..held.seen.whole
        }
    }
}

impl WholeAnswer {
    /// What holds for all windows of an answer.
    pub fn new(
        alignment: &Alignment<'_>,
        concept: usize,
        statement: &Phrase,
        candidates: &[Vec<Candidate>],
    ) -> Self {
        let mut best: Vec<f32> = vec![0.0; statement.to - statement.from];
        for (_, window) in alignment.single_clauses() {
            for hit in alignment.hits_on(window, statement) {
                if let Some(place) = best.get_mut(hit.unit as usize - statement.from) {
                    *place = place.max(hit.likeness);
                }
            }
        }
        let units = alignment.rubric.units.get(statement.from..statement.to);
        let (mut all, mut unprompted) = (0.0, 0.0);
        for (unit, likeness) in units.unwrap_or_default().iter().zip(&best) {
            all += unit.weight * likeness;
            if !unit.prompted {
                unprompted += unit.weight * likeness;
            }
        }
        let others = candidates
            .iter()
            .enumerate()
            .filter(|(number, _)| *number != concept)
            .map(|(_, list)| list.first().map_or(0.0, |best| best.coverage));
        let count = candidates.len().saturating_sub(1);
        Self {
            known: 0.0,
            coverage: 0.0,
            all: ratio(all, statement.totals.all),
            unprompted: ratio(unprompted, statement.totals.unprompted),
            others: ratio(others.fold(0.0, |sum, other| sum + other), count as f32),
        }
    }
}
