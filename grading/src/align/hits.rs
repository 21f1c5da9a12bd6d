//! Which words of an answer stand for which units of a rubric.

use std::ops::Range;

use crate::compiled::{CompiledRubric, Entry};
use crate::reading::{Clause, Reading, Stance};
use crate::report::MatchKind;

/// A word of the answer that stands for a unit of the rubric.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hit {
    pub unit: u32,
    /// The answer's word.
    pub word: u32,
    /// Its clause.
    pub clause: u32,
    pub likeness: f32,
    pub kind: MatchKind,
    pub flip: bool,
    /// It was carried over from an earlier clause or a heading.
    pub carried: bool,
    /// It says the opposite of what the phrase says of the unit.
    pub opposed: bool,
}

impl Hit {
    /// Whether it is better than another for the same unit: more alike, or as much and earlier.
    pub fn beats(&self, other: &Self) -> bool {
        self.likeness
            .total_cmp(&other.likeness)
            .then(other.word.cmp(&self.word))
            .is_gt()
    }
}

/// What a word that was carried over counts.
const CARRIED: f32 = 0.85;
/// Least likeness of surroundings that counts.
const RELATED: f32 = 0.5;

/// For each word of the answer, the units it may stand for.
pub(super) struct ByWord {
    /// By word, as long as clauses don't matter.
    hits: Vec<Hit>,
    /// By word, where its hits are.
    places: Vec<Range<usize>>,
}

impl ByWord {
    pub fn new(rubric: &CompiledRubric, answer: &Reading) -> Self {
        let mut by_word = Self {
            hits: Vec::new(),
            places: Vec::new(),
        };
        by_word.look_up_words(rubric, answer);
        by_word.look_up_phrases(rubric, answer);
        by_word.sort(answer.words.len());
        by_word.relate(rubric, answer);
        by_word.look_up_own_groups(rubric, answer);
        by_word.sort(answer.words.len());
        by_word
    }

    /// The hits of one word.
    pub fn of(&self, word: usize) -> &[Hit] {
        self.places
            .get(word)
            .and_then(|place| self.hits.get(place.clone()))
            .unwrap_or_default()
    }

    /// Brings the hits into the order of their words; those of one word stay as they came.
    fn sort(&mut self, words: usize) {
        self.hits.sort_by_key(|hit| hit.word);
        self.places.clear();
        let mut from = 0;
        for word in 0..words as u32 {
            let rest = self.hits.get(from..).unwrap_or_default();
            let to = from + rest.iter().take_while(|hit| hit.word == word).count();
            self.places.push(from..to);
            from = to;
        }
    }

    fn add(&mut self, word: usize, entry: &Entry, kind: MatchKind) {
        self.hits.push(Hit {
            unit: entry.unit,
            word: word as u32,
            clause: 0,
            likeness: entry.likeness,
            kind,
            flip: entry.flip,
            carried: false,
            opposed: false,
        });
    }

    fn look_up_words(&mut self, rubric: &CompiledRubric, answer: &Reading) {
        for (number, word) in answer.words.iter().enumerate() {
            if word.mark.is_some() {
                continue;
            }
            let kind = |entry: &Entry| match entry.kind {
                MatchKind::Exact | MatchKind::Stem if word.repaired => MatchKind::Typo,
                MatchKind::Exact
                    if rubric
                        .spelt
                        .get(entry.unit as usize)
                        .is_some_and(|spelt| spelt.text != word.text) =>
                {
                    MatchKind::Stem
                }
                kind => kind,
            };
            for entry in rubric.index.word(&word.lemma) {
                self.add(number, entry, kind(entry));
            }
            if word.content
                && let Some(stem) = rubric.stems.get(&word.stem)
            {
                for entry in rubric.index.stem(*stem) {
                    self.add(number, entry, kind(entry));
                }
            }
        }
    }

    fn look_up_phrases(&mut self, rubric: &CompiledRubric, answer: &Reading) {
        for found in &answer.phrases {
            let entries = rubric.index.group(found.group);
            if entries.is_empty() {
                continue;
            }
            // The phrase stands where its last content word stands.
            let at = (found.from..found.to)
                .rev()
                .find(|&at| answer.words.get(at).is_some_and(|word| word.content))
                .unwrap_or(found.from);
            for entry in entries {
                self.add(at, entry, entry.kind);
            }
        }
    }

    /// Adds weak hits for words that are used in the same surroundings as a statement's.
    fn relate(&mut self, rubric: &CompiledRubric, answer: &Reading) {
        // By unit, the word after the last one that stands for it.
        let mut stood_for: Vec<usize> = vec![0; rubric.units.len()];
        let mut more: Vec<Hit> = Vec::new();
        for (number, word) in answer.words.iter().enumerate() {
            let Some(vector) = word.vector.filter(|_| word.content) else {
                continue;
            };
            for hit in self.of(number) {
                if let Some(place) = stood_for.get_mut(hit.unit as usize) {
                    *place = number + 1;
                }
            }
            rubric.surroundings.like(&vector, RELATED, |other, likeness| {
                for &unit in rubric.related.get(other).map(Vec::as_slice).unwrap_or_default() {
                    let Some(place) = stood_for.get_mut(unit as usize) else {
                        continue;
                    };
                    if *place == number + 1 {
                        continue;
                    }
                    *place = number + 1;
                    more.push(Hit {
                        unit,
                        word: number as u32,
                        clause: 0,
                        likeness: 0.1 + (likeness - RELATED),
                        kind: MatchKind::Synonym,
                        flip: false,
                        carried: false,
                        opposed: false,
                    });
                }
            });
        }
        self.hits.append(&mut more);
    }

    /// Adds the members of the question set's own groups of words that mean the same.
    fn look_up_own_groups(&mut self, rubric: &CompiledRubric, answer: &Reading) {
        for (at, first) in answer.words.iter().enumerate() {
            for (group, rest) in rubric.own_members(&first.lemma) {
                let found = answer
                    .words
                    .get(at + 1..at + 1 + rest.len())
                    .is_some_and(|words| words.iter().zip(rest).all(|(word, lemma)| word.lemma == *lemma));
                if found {
                    for entry in rubric.index.own_group(*group) {
                        self.add(at, entry, entry.kind);
                    }
                }
            }
        }
    }

    /// The best hit of each clause for each unit, by unit.
    pub fn clauses(&self, rubric: &CompiledRubric, answer: &Reading) -> Vec<Vec<Hit>> {
        let mut best = Best {
            places: vec![None; rubric.units.len()],
            hits: Vec::new(),
        };
        answer
            .clauses
            .iter()
            .zip(0..)
            .map(|(clause, number)| {
                let mut take = |word: usize, carried: bool| {
                    for hit in self.of(word) {
                        best.offer(in_clause(rubric, answer, clause, number, hit, carried));
                    }
                };
                for word in clause.from..clause.to {
                    take(word, false);
                }
                if clause.carried {
                    for &word in &clause.subject {
                        take(word, true);
                    }
                }
                for &word in &clause.heading {
                    if !(clause.from..clause.to).contains(&word) {
                        take(word, true);
                    }
                }
                best.take()
            })
            .collect()
    }
}

/// A word's hit as it counts in one clause.
fn in_clause(
    rubric: &CompiledRubric,
    answer: &Reading,
    clause: &Clause,
    number: u32,
    hit: &Hit,
    carried: bool,
) -> Hit {
    let denied = answer
        .words
        .get(hit.word as usize)
        .is_some_and(|word| word.negated);
    let unit = rubric
        .units
        .get(hit.unit as usize)
        .is_some_and(|unit| unit.negated);
    Hit {
        clause: number,
        carried,
        likeness: if carried {
            hit.likeness * CARRIED
        } else {
            hit.likeness
        },
        opposed: !carried && (hit.flip ^ denied ^ (clause.stance == Stance::Rejected) ^ unit),
        ..*hit
    }
}

/// Keeps the best hit for each unit.
struct Best {
    /// By unit, the place of its hit.
    places: Vec<Option<u32>>,
    hits: Vec<Hit>,
}

impl Best {
    fn offer(&mut self, hit: Hit) {
        let Some(place) = self.places.get_mut(hit.unit as usize) else {
            return;
        };
        match place.and_then(|place| self.hits.get_mut(place as usize)) {
            Some(other) if hit.beats(other) => *other = hit,
            Some(_) => {}
            None => {
                *place = Some(self.hits.len() as u32);
                self.hits.push(hit);
            }
        }
    }

    /// The hits by unit, and none are left.
    fn take(&mut self) -> Vec<Hit> {
        for hit in &self.hits {
            if let Some(place) = self.places.get_mut(hit.unit as usize) {
                *place = None;
            }
        }
        self.hits.sort_unstable_by_key(|hit| hit.unit);
        std::mem::take(&mut self.hits)
    }
}
