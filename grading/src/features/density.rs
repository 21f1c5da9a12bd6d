//! How closely the words that match stand together, and how much else the window says.

use smallvec::{SmallVec, smallvec};

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
        let words = || held.hits.iter().filter(|hit| !hit.carried).map(|hit| hit.word);
        let (first, last) = words().fold((u32::MAX, 0), |(first, last), word| {
            (first.min(word), last.max(word))
        });
        let reach = last.checked_sub(first).map_or(1, |reach| reach + 1);
        let answer = &held.alignment.answer.words;
        let is_content = |word: u32| answer.get(word as usize).is_some_and(|word| word.content);
        let mut seen: SmallVec<[bool; 64]> = smallvec![false; reach as usize];
        let mut is_new = |word: u32| {
            let seen = seen.get_mut((word - first) as usize);
            seen.is_some_and(|seen| !std::mem::replace(seen, true))
        };
        Self {
            matched: words().count(),
            reach,
            used: words().filter(|word| is_new(*word) && is_content(*word)).count(),
            content: held.alignment.surroundings.own(held.window).words,
            verbal: held.clauses.iter().filter(|clause| clause.verbal).count(),
            clauses: held.clauses.len(),
        }
    }
}
