//! How far words are used in the same surroundings: vectors derived by `lexicon/derive_vectors.py` from WordNet's glosses and
//! from freely licensed manuals.

use std::sync::OnceLock;

use crate::hash::QuickMap;

const DATA: &str = include_str!("../../lexicon/vectors.txt");
/// What stands for zero in the data.
const ZERO: i32 = 80;

/// A word's place among the others.
#[derive(Debug, Clone, Copy)]
pub struct Vector {
    values: &'static [u8],
    length: f32,
}

/// The vector of a base form.
pub fn vector(lemma: &str) -> Option<Vector> {
    static VECTORS: OnceLock<QuickMap<&'static str, Vector>> = OnceLock::new();
    VECTORS.get_or_init(read).get(lemma).copied()
}

fn read() -> QuickMap<&'static str, Vector> {
    DATA.lines()
        .filter_map(|line| {
            let (word, values) = line.split_once(' ')?;
            let values = values.as_bytes();
            let squares: i32 = values.iter().map(|v| (i32::from(*v) - ZERO).pow(2)).sum();
            Some((
                word,
                Vector {
                    values,
                    length: (squares as f32).sqrt().max(1.0),
                },
            ))
        })
        .collect()
}

impl Vector {
    /// How alike the surroundings of two words are, -1 to 1.
    pub fn likeness(&self, other: &Self) -> f32 {
        let dot: i32 = self
            .values
            .iter()
            .zip(other.values)
            .map(|(a, b)| (i32::from(*a) - ZERO) * (i32::from(*b) - ZERO))
            .sum();
        dot as f32 / (self.length * other.length)
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

/// The cosine of two sums of vectors; 0 where one is empty.
pub fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot: f32 = a.iter().zip(b).map(|(x, y)| x * y).sum();
    let length = |v: &[f32]| v.iter().map(|x| x * x).sum::<f32>().sqrt();
    let both = length(a) * length(b);
    if both > 0.0 { dot / both } else { 0.0 }
}
