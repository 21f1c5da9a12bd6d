//! Whether the window changes how much, how often or how surely something is so.

use super::held::Held;
use super::{Group, Measure, flag};
use crate::compiled::Asks;
use crate::lexicon::Cue;

pub(super) struct Quantities {
    asked: Asks,
    /// What those clauses of the window say that match the statement.
    said: Asks,
    /// Whether the window denies nothing.
    affirms: bool,
}

impl Quantities {
    /// Whether the statement has the one kind of word, and the window the other instead.
    fn turns(&self, from: Cue, to: Cue) -> f32 {
        flag(self.asked.has(from) && self.said.has(to) && !self.said.has(from))
    }
}

impl Group for Quantities {
    const MEASURES: &'static [Measure<Self>] = &[
        ("all-some", |of| of.turns(Cue::All, Cue::Some)),
        ("some-all", |of| of.turns(Cue::Some, Cue::All)),
        ("only-lost", |of| {
            flag(of.asked.has(Cue::Only) && !of.said.has(Cue::Only))
        }),
        ("only-added", |of| {
            flag(!of.asked.has(Cue::Only) && of.said.has(Cue::Only))
        }),
        ("must-may", |of| of.turns(Cue::Must, Cue::May)),
        ("may-must", |of| of.turns(Cue::May, Cue::Must)),
        ("never-lost", |of| flag(of.asked.denials > 0 && of.affirms)),
    ];

    fn of(held: &Held<'_>) -> Self {
        let matches = |clause: usize| {
            held.hits
                .iter()
                .any(|hit| !hit.carried && hit.clause as usize == clause)
        };
        Self {
            asked: held.statement.asks,
            said: held.says(matches),
            affirms: held.says(|_| true).denials == 0,
        }
    }
}
