//! Whose view the window gives of what it covers.

use super::held::Held;
use super::{Group, Measure};
use crate::align::ratio;
use crate::reading::Stance;

pub(super) struct Stances {
    /// What is covered.
    all: f32,
    reported: f32,
    rejected: f32,
    withdrawn: f32,
}

impl Group for Stances {
    const MEASURES: &'static [Measure<Self>] = &[
        ("reported", |of| ratio(of.reported, of.all)),
        ("rejected", |of| ratio(of.rejected, of.all)),
        ("withdrawn", |of| ratio(of.withdrawn, of.all)),
    ];

    fn of(held: &Held<'_>) -> Self {
        let mut of = Self {
            all: 0.0,
            reported: 0.0,
            rejected: 0.0,
            withdrawn: 0.0,
        };
        for &(hit, _, value) in &held.counted {
            of.all += value;
            let clause = held.alignment.answer.clauses.get(hit.clause as usize);
            match clause.map(|clause| clause.stance) {
                Some(Stance::Reported) => of.reported += value,
                Some(Stance::Rejected) => of.rejected += value,
                Some(Stance::Withdrawn) => of.withdrawn += value,
                Some(Stance::Own) | None => {}
            }
        }
        of
    }
}
