//! What words say for the concept and for its contrary by the rubric's own phrases; softly, what they are like says it too.

use super::held::Held;
use super::{Group, Measure};
use crate::grid::Grid;

/// Less than any window says.
const LEAST: f32 = -9.0;

/// What the windows of an answer say that say most for the concept, and for its contrary.
#[derive(Clone, Copy)]
pub(super) struct Best {
    own: f32,
    contrary: f32,
}

impl Best {
    pub fn of(cues: &Grid<(f32, f32)>, concept: usize) -> Self {
        let most = |which: fn(&(f32, f32)) -> f32| cues.column(concept).map(which).fold(LEAST, f32::max);
        Self {
            own: most(|cue| cue.0),
            contrary: most(|cue| cue.1),
        }
    }
}

struct Said {
    own: f32,
    contrary: f32,
    best: Best,
    /// What this window says for the other concept that it says most for.
    other: f32,
}

impl Said {
    fn of(held: &Held<'_>, cues: &[(f32, f32)], best: Best) -> Self {
        let (own, contrary) = cues.get(held.concept).copied().unwrap_or_default();
        Self {
            own,
            contrary,
            best,
            other: held.others(cues).map(|cue| cue.0).fold(LEAST, f32::max),
        }
    }
}

pub(super) struct Cues(Said);

impl Group for Cues {
    const MEASURES: &'static [Measure<Self>] = &[
        ("cues", |Self(of)| of.own),
        ("cues-contrary", |Self(of)| of.contrary),
        ("cues-best", |Self(of)| of.best.own),
        ("cues-margin", |Self(of)| of.own - of.other),
        ("cues-contrary-best", |Self(of)| of.best.contrary),
    ];

    fn of(held: &Held<'_>) -> Self {
        Self(Said::of(
            held,
            held.alignment.cues.row(held.number),
            held.seen.cues,
        ))
    }
}

pub(super) struct SoftCues(Said);

impl Group for SoftCues {
    const MEASURES: &'static [Measure<Self>] = &[
        ("soft-cues", |Self(of)| of.own),
        ("soft-cues-contrary", |Self(of)| of.contrary),
        ("soft-cues-best", |Self(of)| of.best.own),
        ("soft-cues-margin", |Self(of)| of.own - of.other),
        ("soft-cues-contrary-best", |Self(of)| of.best.contrary),
    ];

    fn of(held: &Held<'_>) -> Self {
        let cues = held.alignment.soft_cues.row(held.number);
        Self(Said::of(held, cues, held.seen.soft_cues))
    }
}
