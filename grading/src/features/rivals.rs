//! Competition: how much the same window covers the other concepts' statements.

use super::held::Held;
use super::{Group, Measure};

pub(super) struct Rivals {
    own: f32,
    own_unprompted: f32,
    best: f32,
    best_unprompted: f32,
    /// How many are covered better.
    better: usize,
}

impl Group for Rivals {
    const MEASURES: &'static [Measure<Self>] = &[
        ("rival-coverage", |of| of.best),
        ("rival-margin", |of| of.own - of.best),
        ("rival-unprompted-margin", |of| {
            of.own_unprompted - of.best_unprompted
        }),
        ("rank", |of| of.better as f32),
    ];

    fn of(held: &Held<'_>) -> Self {
        let mut of = Self {
            own: held.covered.all,
            own_unprompted: held.covered.unprompted,
            best: 0.0,
            best_unprompted: 0.0,
            better: 0,
        };
        for other in held.others(held.alignment.covered.row(held.number)) {
            of.best = of.best.max(other.all);
            of.best_unprompted = of.best_unprompted.max(other.unprompted);
            of.better += usize::from(other.all > of.own);
        }
        of
    }
}
