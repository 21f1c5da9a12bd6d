//! How near any window of the answer comes to the phrases that are to be accepted or rejected.

use super::held::Held;
use super::{Group, Measure, flag};
use crate::align::{Alignment, Candidate};
use crate::report::PhraseKind;

#[derive(Clone, Copy)]
pub(super) struct Phrasings {
    accept: f32,
    reject: f32,
    /// How near the well-known claim comes that the statement makes.
    known: f32,
    has_accept: bool,
    has_reject: bool,
    /// How much of the statement this window covers.
    coverage: f32,
}

impl Group for Phrasings {
    const MEASURES: &'static [Measure<Self>] = &[
        ("accept-best", |of| of.accept),
        ("accept-margin", |of| of.accept.max(of.coverage) - of.reject),
        ("reject-best", |of| of.reject),
        ("known-likeness", |of| of.known),
        ("has-accept", |of| flag(of.has_accept)),
        ("has-reject", |of| flag(of.has_reject)),
    ];

    fn of(held: &Held<'_>) -> Self {
        Self {
            coverage: held.covered.all,
            ..held.seen.phrasings
        }
    }
}

impl Phrasings {
    /// What holds for all windows of an answer.
    pub fn new(alignment: &Alignment<'_>, concept: usize, candidates: &[Vec<Candidate>]) -> Self {
        let rubric = alignment.rubric;
        let mine = candidates.get(concept).map(Vec::as_slice).unwrap_or_default();
        let best = |kind: PhraseKind| {
            mine.iter()
                .filter(|candidate| {
                    rubric
                        .phrases
                        .get(candidate.phrase)
                        .is_some_and(|phrase| phrase.kind == kind)
                })
                .map(|candidate| candidate.coverage)
                .fold(0.0, f32::max)
        };
        let has = |kind: PhraseKind| {
            let place = rubric.places.get(concept).cloned().unwrap_or_default();
            let phrases = rubric.phrases.get(place).unwrap_or_default();
            phrases.iter().any(|phrase| phrase.kind == kind)
        };
        let known = rubric.known.get(concept).copied().flatten();
        Self {
            known: known.map_or(0.0, |near| near.likeness),
            accept: best(PhraseKind::Accept),
            reject: best(PhraseKind::Reject),
            has_accept: has(PhraseKind::Accept),
            has_reject: has(PhraseKind::Reject),
            coverage: 0.0,
        }
    }
}
