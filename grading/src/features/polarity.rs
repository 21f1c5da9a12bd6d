//! How much of what the window covers it turns round: by opposites, or by denials.

use super::held::Held;
use super::{Group, Measure};
use crate::align::ratio;

pub(super) struct Polarity {
    /// What is covered.
    all: f32,
    /// Of it, what isn't the subject.
    predicate: f32,
    /// Of that, what the window says the opposite of.
    opposed: f32,
    /// Of what is covered, what an opposite stands for.
    flipped: f32,
    /// Of what is covered, what is denied.
    denied: f32,
    /// What the whole statement weighs.
    whole: f32,
    /// Denials in the window, and in the statement.
    denials: (usize, usize),
}

impl Group for Polarity {
    const MEASURES: &'static [Measure<Self>] = &[
        ("opposed-share", |of| ratio(of.opposed, of.predicate)),
        ("opposed-weight", |of| ratio(of.opposed, of.whole)),
        ("antonym-weight", |of| ratio(of.flipped, of.whole)),
        ("denied-share", |of| ratio(of.denied, of.all)),
        ("denials-more", |of| of.denials.0 as f32 - of.denials.1 as f32),
    ];

    fn of(held: &Held<'_>) -> Self {
        let said = held.says(|_| true);
        let mut of = Self {
            all: 0.0,
            predicate: 0.0,
            opposed: 0.0,
            flipped: 0.0,
            denied: 0.0,
            whole: held.statement.totals.all,
            denials: (said.denials, held.statement.asks.denials),
        };
        for &(hit, unit, value) in &held.counted {
            of.all += value;
            if !unit.subject {
                of.predicate += value;
                if hit.opposed {
                    of.opposed += value;
                }
            }
            if hit.flip {
                of.flipped += value;
            }
            if held.alignment.word(hit).is_some_and(|word| word.negated) {
                of.denied += value;
            }
        }
        of
    }
}
