//! Clause by clause: what the answer says of the statement's own subject, and of its rivals.

use super::held::Held;
use super::{Group, Measure};
use crate::align::Alignment;
use crate::compiled::Phrase;

#[derive(Clone, Copy, Default)]
pub(super) struct Predicates {
    /// How much of the predicate is said of the statement's own subject.
    own: f32,
    /// How much of it is said of something that another concept is about.
    rival: f32,
    /// How much more of another concept's predicate than of its own is said of the subject.
    crossed: f32,
    /// How much of the predicate is said of the subject in its opposite.
    opposed: f32,
    /// How much more is affirmed of the subject than opposed.
    affirmed: f32,
}

impl Group for Predicates {
    const MEASURES: &'static [Measure<Self>] = &[
        ("own-predicate", |of| of.own),
        ("rival-predicate", |of| of.rival),
        ("crossed-predicate", |of| of.crossed),
        ("own-opposed", |of| of.opposed),
        ("own-affirmed", |of| of.affirmed),
    ];

    fn of(held: &Held<'_>) -> Self {
        held.seen.predicates
    }
}

impl Predicates {
    /// What holds for all windows of an answer.
    pub fn new(alignment: &Alignment<'_>, concept: usize, statement: &Phrase) -> Self {
        let mut of = Self::default();
        for (number, window) in alignment.single_clauses() {
            let about = alignment.about(window.first);
            let covered = alignment.covered.row(number);
            let Some(own) = covered.get(concept) else {
                continue;
            };
            if statement.is_about(about) {
                of.own = of.own.max(own.predicate);
                of.opposed = of.opposed.max(own.opposed);
                of.affirmed = of.affirmed.max(own.predicate - own.opposed);
                for (other, place) in alignment.rubric.places.iter().enumerate() {
                    let phrase = alignment.rubric.phrases.get(place.start);
                    if other == concept || phrase.is_none_or(|phrase| phrase.is_about(about)) {
                        continue;
                    }
                    let theirs = covered.get(other).map_or(0.0, |covered| covered.predicate);
                    of.crossed = of.crossed.max(theirs - own.predicate);
                }
            } else if statement.is_rivalled_by(about) {
                of.rival = of.rival.max(own.predicate);
            }
        }
        of
    }
}
