//! How closely the words that match stand together, and how much else the window says.

use super::held::Held;
use super::{Group, Measure};
use crate::align::ratio;

pub(super) struct Density {
    /// Words of the window that match.
    matched: usize,
    /// From the first of them to the last.
    reach: u32,
    /// Content words among them, each once.
    used: usize,
    /// Content words of the window.
    content: usize,
    /// Clauses with a verb.
    verbal: usize,
    clauses: usize,
}

impl Group for Density {
    const MEASURES: &'static [Measure<Self>] = &[
        ("density", |of| ratio(of.matched as f32, of.reach as f32)),
        ("precision", |of| ratio(of.used as f32, of.content as f32)),
        ("verbal", |of| ratio(of.verbal as f32, of.clauses as f32)),
    ];

    fn of(held: &Held<'_>) -> Self {
        let mut words: Vec<u32> = held
            .hits
            .iter()
            .filter(|hit| !hit.carried)
            .map(|hit| hit.word)
            .collect();
        let matched = words.len();
        words.sort_unstable();
        words.dedup();
        let answer = &held.alignment.answer.words;
        Self {
            matched,
            reach: words
                .last()
                .zip(words.first())
                .map_or(1, |(last, first)| last - first + 1),
            used: words
                .iter()
                .filter(|&&word| answer.get(word as usize).is_some_and(|word| word.content))
                .count(),
            content: held.words().filter(|word| word.content).count(),
            verbal: held.clauses.iter().filter(|clause| clause.verbal).count(),
            clauses: held.clauses.len(),
        }
    }
}
