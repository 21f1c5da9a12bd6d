//! How well the window fits the statement, and how well it fits elsewhere.

use super::held::Held;
use super::{Group, Measure};
use crate::align::{Alignment, Fit};

/// What holds for all windows of an answer.
#[derive(Clone, Copy)]
pub(super) struct Best {
    fit: f32,
    opposed: f32,
    affirmed: f32,
    /// The best of each other statement, on average.
    elsewhere: f32,
}

impl Best {
    pub fn of(alignment: &Alignment<'_>, concept: usize) -> Self {
        let best = |statement: usize, what: fn(Fit) -> f32| {
            let fits = alignment.fits.column(statement);
            fits.map(|fit| what(*fit)).fold(0.0, f32::max)
        };
        let places = &alignment.rubric.places;
        let own = places.get(concept).map_or(usize::MAX, |place| place.start);
        let others = places
            .iter()
            .map(|place| place.start)
            .filter(|start| *start != own);
        let count = places.len().saturating_sub(1).max(1);
        let elsewhere = others
            .map(|other| best(other, |fit| fit.fit))
            .fold(0.0, |sum, best| sum + best);
        Self {
            fit: best(own, |fit| fit.fit),
            opposed: best(own, |fit| fit.opposed),
            affirmed: best(own, Fit::affirmed),
            elsewhere: elsewhere / count as f32,
        }
    }
}

pub(super) struct Fits {
    own: Fit,
    best: Best,
    /// The best of the other statements on this window.
    other: f32,
    /// How many other statements fit it better.
    better: usize,
}

impl Group for Fits {
    const MEASURES: &'static [Measure<Self>] = &[
        ("fit", |of| of.own.fit),
        ("fit-opposed", |of| of.own.opposed),
        ("fit-best", |of| of.best.fit),
        ("fit-margin", |of| of.own.fit - of.other),
        ("fit-rank", |of| of.better as f32),
        ("fit-answer-margin", |of| of.best.fit - of.best.elsewhere),
        ("fit-opposed-best", |of| of.best.opposed),
        ("affirmed-best", |of| of.best.affirmed),
    ];

    fn of(held: &Held<'_>) -> Self {
        let fits = held.alignment.fits.row(held.number);
        let places = &held.alignment.rubric.places;
        let fit_of = |concept: &std::ops::Range<usize>| fits.get(concept.start).copied().unwrap_or_default();
        let own = places.get(held.concept).map(fit_of).unwrap_or_default();
        let others = || held.others(places).map(fit_of);
        Self {
            own,
            best: held.seen.fits,
            other: others().map(|other| other.fit).fold(0.0, f32::max),
            better: others().filter(|other| other.fit > own.fit).count(),
        }
    }
}
