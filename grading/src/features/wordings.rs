//! What learnt wordings say: of this window, of the best window of the answer, and for the other concepts. All 0 where none
//! were learnt of the concept.

use super::held::Held;
use super::{Group, Measure, flag};
use crate::align::{Alignment, ratio};

/// Less than any window says, as log odds.
const LEAST: f32 = -20.0;

/// What holds for all windows of an answer.
#[derive(Clone, Copy, Default)]
pub(super) struct Best {
    known: bool,
    /// What the window says that says most for the concept.
    own: f32,
    /// What the window says that says most for its contrary.
    contrary: f32,
    /// What is said most for each of the other concepts or its contrary, on average.
    others: f32,
}

impl Best {
    pub fn of(alignment: &Alignment<'_>, concept: usize) -> Self {
        if !alignment.rubric.wordings.knows(concept) {
            return Self::default();
        }
        let most = |of: usize, which: fn(&(f32, f32)) -> f32| {
            let worded = alignment.worded.column(of);
            worded.map(which).fold(LEAST, f32::max)
        };
        let others = (0..alignment.rubric.places.len()).filter(|of| *of != concept);
        let count = others.clone().count();
        let said = others.map(|of| most(of, |w| w.0).max(most(of, |w| w.1)));
        Self {
            known: true,
            own: most(concept, |w| w.0),
            contrary: most(concept, |w| w.1),
            others: ratio(said.sum(), count as f32),
        }
    }
}

#[derive(Default)]
pub(super) struct Worded {
    own: f32,
    contrary: f32,
    /// What this window says most for another concept or its contrary.
    other: f32,
    best: Best,
}

impl Group for Worded {
    const MEASURES: &'static [Measure<Self>] = &[
        ("worded", |of| of.own),
        ("worded-contrary", |of| of.contrary),
        ("worded-best", |of| of.best.own),
        ("worded-contrary-best", |of| of.best.contrary),
        ("worded-margin", |of| of.best.own - of.best.contrary),
        ("worded-others", |of| of.best.others),
        ("worded-known", |of| flag(of.best.known)),
        ("worded-here", |of| of.own.max(of.contrary) - of.other),
    ];

    fn of(held: &Held<'_>) -> Self {
        let best = held.seen.worded;
        if !best.known {
            return Self::default();
        }
        let here = held.alignment.worded.row(held.number);
        let (own, contrary) = here.get(held.concept).copied().unwrap_or_default();
        Self {
            own,
            contrary,
            other: held
                .others(here)
                .map(|other| other.0.max(other.1))
                .fold(LEAST, f32::max),
            best,
        }
    }
}
