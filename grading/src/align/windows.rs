//! The windows of an answer: one to three clauses, one after the other.

use std::ops::Range;

use super::Hit;
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
    /// Its clauses, by number.
    pub fn clauses(&self) -> Range<usize> {
        self.first..self.first + self.count
    }
}

/// Longest window, in clauses.
const LONGEST: usize = 3;
/// What every window says, so that a single word is not all that it says.
const LEAST_SAID: f32 = 0.5;

/// The windows of an answer, those that begin with the same clause together, the shortest first; and their hits.
pub(super) fn windows(answer: &Reading, clauses: &[Vec<Hit>]) -> (Vec<Window>, Vec<Hit>) {
    let mut windows: Vec<Window> = Vec::with_capacity(clauses.len() * LONGEST);
    let mut hits: Vec<Hit> = Vec::new();
    for (first, start) in answer.clauses.iter().enumerate() {
        let mut before = hits.len()..hits.len();
        let mut said = LEAST_SAID;
        let following = answer.clauses.iter().zip(clauses).skip(first);
        for (count, (clause, more)) in (1..=LONGEST).zip(following) {
            if clause.sentence.saturating_sub(start.sentence) > 1 {
                break;
            }
            let from = hits.len();
            merge(&mut hits, before, more);
            before = from..hits.len();
            for word in answer.clause_words(clause).iter().filter(|word| word.content) {
                said += word.rarity;
            }
            windows.push(Window {
                first,
                count,
                hits: before.clone(),
                said,
                length: 0.0,
            });
        }
    }
    (windows, hits)
}

/// Adds the best of an earlier window's hits and a clause's, both sorted by unit.
fn merge(hits: &mut Vec<Hit>, mut before: Range<usize>, more: &[Hit]) {
    hits.reserve(before.len() + more.len());
    let mut more = more.iter();
    let mut next = more.next();
    let mut own = before.next().and_then(|at| hits.get(at)).copied();
    loop {
        match (own, next) {
            (Some(a), Some(b)) if a.unit == b.unit => {
                hits.push(if b.beats(&a) { *b } else { a });
                next = more.next();
            }
            (Some(a), Some(b)) if a.unit > b.unit => {
                hits.push(*b);
                next = more.next();
                continue;
            }
            (Some(a), _) => hits.push(a),
            (None, Some(b)) => {
                hits.push(*b);
                hits.extend(more);
                return;
            }
            (None, None) => return,
        }
        own = before.next().and_then(|at| hits.get(at)).copied();
    }
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
        .filter_map(|word| rubric.stems.get(&word.stem).copied())
        .collect()
}
