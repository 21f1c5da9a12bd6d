//! How alike the topics of the window and of the statement are, by the surroundings that their words are used in.

use super::held::Held;
use super::{Group, Measure};

pub(super) struct TopicMeasures {
    own: f32,
    /// That of the other concept that is most alike.
    other: f32,
    /// How many other concepts are more alike.
    better: usize,
    /// The greatest of any window of the answer.
    best: f32,
}

impl Group for TopicMeasures {
    const MEASURES: &'static [Measure<Self>] = &[
        ("topic", |of| of.own),
        ("topic-margin", |of| of.own - of.other),
        ("topic-rank", |of| of.better as f32),
        ("topic-best", |of| of.best),
    ];

    fn of(held: &Held<'_>) -> Self {
        let topics = held.alignment.topics.row(held.number);
        let own = topics.get(held.concept).copied().unwrap_or(0.0);
        Self {
            own,
            other: held.others(topics).copied().fold(-1.0, f32::max),
            better: held.others(topics).filter(|other| **other > own).count(),
            best: held.seen.topic,
        }
    }
}
