//! What the parts of phrases are about.

use super::{Phrase, Stem, Unit};
use crate::lists::{Growing, Lists};

/// What a clause is about, beside a part of a phrase.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Stand {
    /// Neither of the following.
    #[default]
    Apart,
    /// What another part of the phrase or another concept is about, and not what this part is.
    Rival,
    /// What the part is about.
    Own,
}

/// The parts of all phrases, by what they are about.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parts {
    count: usize,
    /// By stem, the parts beside which a clause about it stands as their own or as a rival.
    by_stem: Lists<(u32, Stand)>,
}

impl Parts {
    /// Numbers the parts of all phrases, and collects what they are about.
    pub(super) fn of(phrases: &[Phrase], stems: usize, units: &mut [Unit]) -> Self {
        let mut by_stem = Growing::default();
        for _ in 0..stems {
            by_stem.new_list();
        }
        let mut count = 0;
        for phrase in phrases {
            let units = units.get_mut(phrase.from..phrase.to).unwrap_or_default();
            for units in units.chunk_by_mut(|a, b| a.part == b.part) {
                let part = units.first().map_or(0, |unit| unit.part);
                for unit in units {
                    unit.place = count;
                }
                for (stem, other) in &phrase.subjects {
                    let stand = if *other == part { Stand::Own } else { Stand::Rival };
                    by_stem.push(*stem, (count, stand));
                }
                for stem in &phrase.rivals {
                    by_stem.push(*stem, (count, Stand::Rival));
                }
                count += 1;
            }
        }
        Self {
            count: count as usize,
            by_stem: by_stem.finish(),
        }
    }
}

/// How a clause stands to the parts of all phrases.
pub(crate) struct Stands<'a> {
    parts: &'a Parts,
    by_part: Vec<Stand>,
    /// What the clause is about.
    about: Vec<Stem>,
}

impl<'a> Stands<'a> {
    /// Of a clause about nothing.
    pub fn new(parts: &'a Parts) -> Self {
        Self {
            parts,
            by_part: vec![Stand::Apart; parts.count],
            about: Vec::new(),
        }
    }

    /// Goes on to a clause about other stems.
    pub fn turn_to(&mut self, about: &[Stem]) {
        if self.about == about {
            return;
        }
        self.by_part.fill(Stand::Apart);
        self.about.clear();
        self.about.extend(about);
        for (part, stand) in about.iter().flat_map(|stem| self.parts.by_stem.get(Some(stem))) {
            if let Some(place) = self.by_part.get_mut(*part as usize)
                && *place != Stand::Own
            {
                *place = *stand;
            }
        }
    }

    /// How it stands to a part.
    pub fn to(&self, part: u32) -> Stand {
        self.by_part.get(part as usize).copied().unwrap_or_default()
    }
}
