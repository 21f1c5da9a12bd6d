//! How well this window fits the phrases beside the statement: those to accept and to reject, and those of the other concepts.

use super::held::Held;
use super::{Group, Measure};
use crate::report::PhraseKind;

/// The phrases of one kind.
#[derive(Default)]
struct Kind {
    first: f32,
    second: f32,
    /// The greatest likeness of topics.
    topic: f32,
}

pub(super) struct Beside {
    accept: Kind,
    reject: Kind,
    /// The best of the other concepts' phrases to accept.
    others: f32,
    /// The best of this concept's, or how much of the statement is covered where that is more.
    own: f32,
}

impl Group for Beside {
    const MEASURES: &'static [Measure<Self>] = &[
        ("accept-here", |of| of.accept.first),
        ("reject-here", |of| of.reject.first),
        ("accept-here-second", |of| of.accept.second),
        ("reject-here-second", |of| of.reject.second),
        ("accept-topic", |of| of.accept.topic),
        ("reject-topic", |of| of.reject.topic),
        ("accept-others", |of| of.others),
        ("accept-others-margin", |of| of.own - of.others),
        ("accept-reject-margin", |of| of.own - of.reject.first),
    ];

    fn of(held: &Held<'_>) -> Self {
        let rubric = held.alignment.rubric;
        let fits = held.alignment.fits.row(held.number);
        let (mut accept, mut reject, mut others) = (Kind::default(), Kind::default(), 0.0_f32);
        let topics = held.alignment.topics_beside(held.number, held.concept);
        let mut topics = topics.into_iter();
        for (phrase, fit) in rubric.phrases.iter().zip(fits) {
            if phrase.concept != held.concept {
                if phrase.kind == PhraseKind::Accept {
                    others = others.max(fit.said());
                }
                continue;
            }
            let kind = match phrase.kind {
                PhraseKind::Accept => &mut accept,
                PhraseKind::Reject => &mut reject,
                PhraseKind::Statement | PhraseKind::Code => continue,
            };
            let said = fit.said();
            if said > kind.first {
                kind.second = kind.first;
                kind.first = said;
            } else {
                kind.second = kind.second.max(said);
            }
            kind.topic = kind.topic.max(topics.next().unwrap_or(0.0));
        }
        Self {
            own: accept.first.max(held.covered.all),
            accept,
            reject,
            others,
        }
    }
}
