//! What the statement itself is like, whatever the window says.

use super::held::Held;
use super::{Group, Measure};
use crate::align::ratio;
use crate::compiled::Totals;

pub(super) struct Asked {
    totals: Totals,
    denials: usize,
    numbers: usize,
}

impl Group for Asked {
    const MEASURES: &'static [Measure<Self>] = &[
        ("statement-units", |of| of.totals.heavy as f32),
        ("statement-weight", |of| of.totals.all),
        ("statement-unprompted", |of| {
            ratio(of.totals.unprompted, of.totals.all)
        }),
        ("statement-denials", |of| of.denials as f32),
        ("statement-numbers", |of| of.numbers as f32),
    ];

    fn of(held: &Held<'_>) -> Self {
        Self {
            totals: held.statement.totals,
            denials: held.statement.asks.denials,
            numbers: held.statement.numbers.len(),
        }
    }
}
