//! The best hit for each unit.

use crate::numbers::Numbers;

/// Keeps the best hit for each unit of a rubric, as hits are offered: the one that is more alike, and of those that are as much
/// alike the earlier word's.
pub(super) struct Best {
    /// By unit, how good its hit is, above 0 where there is one, and where the hit comes from.
    hits: Vec<(u64, u32)>,
    /// The units that have a hit.
    units: Numbers,
}

/// A likeness, which is above 0, and a word in one number: the greater, the better.
fn worth(likeness: f32, word: u32) -> u64 {
    u64::from(likeness.to_bits()) << u32::BITS | u64::from(!word)
}

impl Best {
    /// Has no hit for any of so many units.
    pub fn new(units: usize) -> Self {
        Self {
            hits: vec![(0, 0); units],
            units: Numbers::default(),
        }
    }

    /// Keeps a hit, unless one as good is there. `from` says where it comes from.
    pub fn offer(&mut self, unit: u32, likeness: f32, word: u32, from: u32) {
        let worth = worth(likeness, word);
        let unit = unit as usize;
        if let Some(best) = self.hits.get_mut(unit)
            && worth > best.0
        {
            *best = (worth, from);
            self.units.add(unit);
        }
    }

    /// Tells the words of the hits and where they come from, by unit.
    pub fn each(&self, mut each: impl FnMut(u32, usize)) {
        self.units.each(|unit| {
            if let Some((worth, from)) = self.hits.get(unit) {
                each(!(*worth as u32), *from as usize);
            }
        });
    }

    /// Keeps none.
    pub fn clear(&mut self) {
        self.units.each(|unit| {
            if let Some(best) = self.hits.get_mut(unit) {
                *best = (0, 0);
            }
        });
        self.units.clear();
    }
}
