//! How much a window and the sentences around it speak of what the question is about: what an unrelated answer says in passing
//! stands among sentences that don't.

use super::held::Held;
use super::{Group, Measure};
use crate::relevance::Related;

pub(super) struct Surroundings {
    own: Related,
    near: Related,
    whole: Related,
}

/// The share that is of the question, or -1 where nothing is said.
fn share(of: Related) -> f32 {
    if of.words > 0 { of.share() } else { -1.0 }
}

impl Group for Surroundings {
    const MEASURES: &'static [Measure<Self>] = &[
        ("surroundings", |of| share(of.near)),
        ("surroundings-margin", |of| of.near.share() - of.whole.share()),
        ("own-relation", |of| share(of.own)),
    ];

    fn of(held: &Held<'_>) -> Self {
        let surroundings = &held.alignment.surroundings;
        Self {
            own: surroundings.own(held.window),
            near: surroundings.near(held.window),
            whole: surroundings.whole(),
        }
    }
}
