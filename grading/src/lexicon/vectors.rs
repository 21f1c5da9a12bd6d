//! How far words are used in the same surroundings: vectors derived by `lexicon/derive_vectors.py` from WordNet's glosses and
//! from freely licensed manuals.

use std::sync::OnceLock;

use crate::hash::QuickMap;
use crate::lists::{Growing, Lists};

const DATA: &str = include_str!("../../lexicon/vectors.txt");
/// What stands for zero in the data.
const ZERO: i32 = 80;

/// A word's place among the others.
#[derive(Debug, Clone, Copy)]
pub struct Vector {
    values: &'static [u8],
    length: f32,
    /// Number of the word.
    word: u32,
}

/// The vector of a base form.
pub fn vector(lemma: &str) -> Option<Vector> {
    static VECTORS: OnceLock<QuickMap<&'static str, Vector>> = OnceLock::new();
    VECTORS.get_or_init(read).get(lemma).copied()
}

fn read() -> QuickMap<&'static str, Vector> {
    DATA.lines()
        .zip(0..)
        .filter_map(|(line, number)| {
            let (word, values) = line.split_once(' ')?;
            let values = values.as_bytes();
            let squares: i32 = values.iter().map(|v| (i32::from(*v) - ZERO).pow(2)).sum();
            Some((
                word,
                Vector {
                    values,
                    length: (squares as f32).sqrt().max(1.0),
                    word: number,
                },
            ))
        })
        .collect()
}

impl Vector {
    /// How many values it has.
    pub fn size(&self) -> usize {
        self.values.len()
    }

    /// The values around 0, with zeros behind them.
    fn centred(&self, size: usize) -> impl Iterator<Item = i16> {
        let values = self.values.iter().map(|value| i16::from(*value) - ZERO as i16);
        values.chain(std::iter::repeat(0)).take(size)
    }

    /// Adds the vector, brought to length `weight`, to a sum.
    pub fn add_to(&self, sum: &mut Vec<f32>, weight: f32) {
        if sum.len() < self.values.len() {
            sum.resize(self.values.len(), 0.0);
        }
        for (place, value) in sum.iter_mut().zip(self.values) {
            *place += weight * (i32::from(*value) - ZERO) as f32 / self.length;
        }
    }
}

/// The words of a rubric by their surroundings, side by side, so that a word is compared with all of them quickly.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    vectors: Vec<Vector>,
    /// The vectors' values, one vector after the other.
    values: Vec<i16>,
    /// Values of a vector, a multiple of [`AT_ONCE`].
    size: usize,
    /// Least likeness that counts.
    least: f32,
    /// By word, its row, where it is one of them.
    rows: QuickMap<u32, u32>,
    /// By row, the rows that are like it, and how much.
    alike: Lists<(u32, f32)>,
}

/// So many values are multiplied at once.
const AT_ONCE: usize = 8;
/// Values stand for -47 to 46, so that the sum of so many products fits into 16 bits.
const FIT: usize = 14;

/// The sum of products.
fn dot(a: &[i16], b: &[i16]) -> i32 {
    let blocks = a.chunks(FIT * AT_ONCE).zip(b.chunks(FIT * AT_ONCE));
    let sum_of = |(a, b): (&[i16], &[i16])| {
        let mut sums = [0_i16; AT_ONCE];
        let (a, b) = (a.as_chunks::<AT_ONCE>().0, b.as_chunks::<AT_ONCE>().0);
        for (a, b) in a.iter().zip(b) {
            for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
                *sum = sum.wrapping_add(a.wrapping_mul(*b));
            }
        }
        sums.iter().map(|sum| i32::from(*sum)).sum::<i32>()
    };
    blocks.map(sum_of).sum()
}

impl Surroundings {
    /// Puts vectors side by side. `least` is the least likeness that counts.
    pub fn new(vectors: Vec<Vector>, least: f32) -> Self {
        let size = vectors
            .iter()
            .map(|vector| vector.values.len())
            .max()
            .unwrap_or(0)
            .next_multiple_of(AT_ONCE);
        let mut surroundings = Self {
            values: vectors.iter().flat_map(|vector| vector.centred(size)).collect(),
            rows: vectors.iter().map(|vector| vector.word).zip(0..).collect(),
            vectors,
            size,
            least,
            alike: Lists::default(),
        };
        let mut alike = Growing::default();
        for vector in &surroundings.vectors {
            let list = alike.new_list();
            surroundings.compare(vector, |row, likeness| alike.push(list, (row, likeness)));
        }
        surroundings.alike = alike.finish();
        surroundings
    }

    /// Calls `each` with the number of every vector that is enough like a word's, and how much, -1 to 1.
    pub fn like(&self, word: &Vector, mut each: impl FnMut(u32, f32)) {
        match self.rows.get(&word.word) {
            Some(row) => {
                for (row, likeness) in self.alike.get(Some(row)) {
                    each(*row, *likeness);
                }
            }
            None => self.compare(word, each),
        }
    }

    fn compare(&self, word: &Vector, mut each: impl FnMut(u32, f32)) {
        let centred: Vec<i16> = word.centred(self.size).collect();
        let rows = self.values.chunks_exact(self.size.max(1));
        for ((vector, values), row) in self.vectors.iter().zip(rows).zip(0..) {
            let likeness = dot(&centred, values) as f32 / (word.length * vector.length);
            if likeness >= self.least {
                each(row, likeness);
            }
        }
    }
}

/// So many sums are compared at once.
const SIDE_BY_SIDE: usize = 8;

/// Sums of vectors side by side, so that another sum is compared with some of them at once.
#[derive(Debug, Clone, Default)]
pub struct Topics {
    /// Values of a sum.
    size: usize,
    /// What stands in one place of some sums, place after place; then the same of the next sums. Zeros fill up the last.
    values: Vec<[f32; SIDE_BY_SIDE]>,
    lengths: Vec<f32>,
}

impl Topics {
    /// Puts sums side by side.
    pub fn new<'s>(sums: impl Iterator<Item = &'s [f32]>) -> Self {
        let sums: Vec<&[f32]> = sums.collect();
        let size = sums.iter().map(|sum| sum.len()).max().unwrap_or(0);
        let mut values = Vec::with_capacity(size * sums.len().div_ceil(SIDE_BY_SIDE));
        for sums in sums.chunks(SIDE_BY_SIDE) {
            for place in 0..size {
                let mut side_by_side = [0.0; SIDE_BY_SIDE];
                for (value, sum) in side_by_side.iter_mut().zip(sums) {
                    *value = sum.get(place).copied().unwrap_or(0.0);
                }
                values.push(side_by_side);
            }
        }
        Self {
            size,
            values,
            lengths: sums.iter().map(|sum| length(sum)).collect(),
        }
    }

    /// Adds the cosines of a sum of that length with each; 0 where one is empty.
    pub fn cosines(&self, sum: &[f32], length: f32, out: &mut impl Extend<f32>) {
        let mut rest = self.values.as_slice();
        let mut blocks = self.lengths.chunks(SIDE_BY_SIDE).map(|lengths| {
            let (values, after) = rest.split_at_checked(self.size).unwrap_or_default();
            rest = after;
            (values, lengths)
        });
        let mut tell = |dots: [f32; SIDE_BY_SIDE], lengths: &[f32]| {
            out.extend(dots.iter().zip(lengths).map(|(dot, own)| {
                let both = length * own;
                if both > 0.0 { dot / both } else { 0.0 }
            }));
        };
        // Two blocks at once: neither waits for its own additions.
        while let Some((values, lengths)) = blocks.next() {
            let mut dots = NOTHING;
            let Some((more, their_lengths)) = blocks.next() else {
                for (value, places) in sum.iter().zip(values) {
                    add(&mut dots, *value, places);
                }
                tell(dots, lengths);
                break;
            };
            let mut others = NOTHING;
            for ((value, places), more) in sum.iter().zip(values).zip(more) {
                add(&mut dots, *value, places);
                add(&mut others, *value, more);
            }
            tell(dots, lengths);
            tell(others, their_lengths);
        }
    }
}

/// Sums of no products: the order of additions is that of the places, whatever the number of sums.
const NOTHING: [f32; SIDE_BY_SIDE] = [-0.0; SIDE_BY_SIDE];

/// Adds the products of a value and what stands in its place.
fn add(dots: &mut [f32; SIDE_BY_SIDE], value: f32, places: &[f32; SIDE_BY_SIDE]) {
    for (dot, place) in dots.iter_mut().zip(places) {
        *dot += value * place;
    }
}

/// The length of a sum of vectors.
pub fn length(sum: &[f32]) -> f32 {
    sum.iter().map(|x| x * x).sum::<f32>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_topic_has_a_cosine() {
        let sums = vec![vec![3.0, 4.0]; SIDE_BY_SIDE + 1];
        let mut cosines = Vec::new();
        let topics = Topics::new(sums.iter().map(Vec::as_slice));
        topics.cosines(&[4.0, 3.0], 5.0, &mut cosines);
        assert_eq!(cosines, [0.96; SIDE_BY_SIDE + 1]);
        cosines.clear();
        Topics::new([[].as_slice(), &[]].into_iter()).cosines(&[1.0], 1.0, &mut cosines);
        assert_eq!(cosines, [0.0; 2]);
    }

    #[test]
    fn products_of_values_fit_into_their_sums() {
        let values = DATA.lines().filter_map(|line| line.split_once(' '));
        for value in values.flat_map(|(_, values)| values.bytes()) {
            let value = i32::from(value) - ZERO;
            assert!(value.pow(2) * FIT as i32 <= i32::from(i16::MAX), "{value}");
        }
    }

    #[test]
    fn likeness_is_the_cosine_of_all_values() {
        let (cat, dog) = (vector("cat").unwrap(), vector("dog").unwrap());
        let product = |a: &Vector, b: &Vector| {
            let centred = |vector: &Vector| vector.centred(vector.size()).map(i32::from).collect::<Vec<_>>();
            let (a, b) = (centred(a), centred(b));
            a.iter().zip(&b).map(|(a, b)| a * b).sum::<i32>() as f32
        };
        let mut told = Vec::new();
        let surroundings = Surroundings::new(vec![cat, dog], -1.0);
        surroundings.like(&cat, |row, likeness| told.push((row, likeness)));
        let expected = product(&cat, &dog) / (cat.length * dog.length);
        assert_eq!(
            told,
            [
                (0, product(&cat, &cat) / (cat.length * cat.length)),
                (1, expected)
            ]
        );
    }
}
