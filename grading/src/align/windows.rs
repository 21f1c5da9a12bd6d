//! The windows of an answer: one to three clauses, one after the other.

use std::ops::Range;

use super::Hit;
use super::best::Best;
use super::hits::ByClause;
use crate::compiled::{CompiledRubric, Stem};
use crate::grid::Grid;
use crate::lexicon::length;
use crate::reading::{Clause, Reading};

/// One to three clauses, one after the other.
#[derive(Debug, Clone)]
pub(crate) struct Window {
    /// Its first clause.
    pub first: usize,
    /// How many clauses it has.
    pub count: usize,
    /// Where its hits are among those of all windows.
    pub hits: Range<usize>,
    /// How much its content words say together, above 0.
    pub said: f32,
    /// The length of the sum of its words' vectors.
    pub length: f32,
}

impl Window {
    /// Most clauses of a window.
    pub const LONGEST: usize = 3;

    /// Its clauses, by number.
    pub fn clauses(&self) -> Range<usize> {
        self.first..self.first + self.count
    }
}

/// What every window says, so that a single word is not all that it says.
const LEAST_SAID: f32 = 0.5;

/// The windows of an answer, those that begin with the same clause together, the shortest first; and all hits, those of a
/// window by unit.
pub(super) fn windows(units: usize, answer: &Reading, clauses: ByClause) -> (Vec<Window>, Vec<Hit>) {
    let ByClause { mut hits, places } = clauses;
    let mut windows: Vec<Window> = Vec::with_capacity(places.len() * Window::LONGEST);
    let mut best = Best::new(units);
    // Room for those of two and of three clauses: to move the hits when it runs out costs more than all that is left over.
    hits.reserve(4 * hits.len());
    for (first, start) in answer.clauses.iter().enumerate() {
        let mut said = LEAST_SAID;
        let following = answer.clauses.iter().zip(&places).skip(first);
        for (count, (clause, own)) in (1..=Window::LONGEST).zip(following) {
            if clause.sentence.saturating_sub(start.sentence) > 1 {
                break;
            }
            for (hit, at) in hits
                .get(own.clone())
                .unwrap_or_default()
                .iter()
                .zip(own.start as u32..)
            {
                best.offer(hit.unit, hit.likeness, hit.word, at);
            }
            for word in answer.clause_words(clause).iter().filter(|word| word.content) {
                said += word.rarity;
            }
            windows.push(Window {
                first,
                count,
                // A single clause has its own hits and no others.
                hits: if count == 1 {
                    own.clone()
                } else {
                    gather(&best, &mut hits)
                },
                said,
                length: 0.0,
            });
        }
        best.clear();
    }
    (windows, hits)
}

/// Adds the best of the hits once more, side by side, and says where.
fn gather(best: &Best, hits: &mut Vec<Hit>) -> Range<usize> {
    let from = hits.len();
    best.each(|_, at| {
        if let Some(&hit) = hits.get(at) {
            hits.push(hit);
        }
    });
    from..hits.len()
}

/// For each window, the sum of its content words' vectors; sets the length of each.
pub(super) fn sums(answer: &Reading, windows: &mut [Window]) -> Grid<f32> {
    let size = answer
        .words
        .iter()
        .filter_map(|word| word.vector)
        .map(|vector| vector.size())
        .max()
        .unwrap_or(0);
    let mut sums = Grid::new(size, windows.len());
    let mut sum = Vec::with_capacity(size);
    for window in windows {
        if window.count == 1 {
            sum.clear();
        }
        let last = answer.clauses.get(window.first + window.count - 1);
        let words = last.map(|clause| answer.clause_words(clause)).unwrap_or_default();
        for word in words.iter().filter(|word| word.content) {
            if let Some(vector) = word.vector {
                vector.add_to(&mut sum, word.rarity);
            }
        }
        window.length = length(&sum);
        sum.resize(size, 0.0);
        sums.push_row(sum.iter().copied());
    }
    sums
}

/// The stems of what a clause is about, as far as the rubric knows them.
pub(super) fn stems_about(rubric: &CompiledRubric, answer: &Reading, clause: &Clause) -> Vec<Stem> {
    clause
        .subject
        .iter()
        .filter_map(|&word| answer.words.get(word))
        .filter_map(|word| rubric.stems.get(&*word.stem).copied())
        .collect()
}
