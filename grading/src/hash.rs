//! A quick hash for tables that only ever hold the lexicon's and a rubric's words (FNV-1a, Fowler, Noll and Vo).
//!
//! The keys come from the engine's data and from rubrics, never from answers, so that nobody can make them collide by writing.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// A table with the quick hash.
pub(crate) type QuickMap<K, V> = HashMap<K, V, BuildHasherDefault<Quick>>;

/// A set with the quick hash.
pub(crate) type QuickSet<K> = HashSet<K, BuildHasherDefault<Quick>>;

/// The state of the hash.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quick(u64);

impl Default for Quick {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(0x0100_0000_01b3);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
