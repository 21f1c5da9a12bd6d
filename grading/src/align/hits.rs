//! Which words of an answer stand for which units of a rubric.

use std::ops::Range;

use crate::compiled::{CompiledRubric, Entry};
use crate::lexicon::GroupId;
use crate::reading::{Clause, Reading, Stance, Word};
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
        let mut finding = Finding {
            rubric,
            hits: Vec::new(),
            word: 0,
            stood_for: vec![(0, 0.0); rubric.units.len()],
        };
        let groups = groups(rubric, answer);
        let mut groups = groups.as_slice();
        let mut places = Vec::with_capacity(answer.words.len());
        for (number, word) in answer.words.iter().enumerate() {
            let from = finding.hits.len();
            finding.word = number as u32;
            finding.look_up(word);
            while let [(at, group), rest @ ..] = groups
                && *at == number
            {
                finding.add_all(rubric.index.group(*group));
                groups = rest;
            }
            finding.relate(word);
            finding.look_up_own_groups(answer.words.get(number..).unwrap_or_default());
            places.push(from..finding.hits.len());
        }
        Self {
            hits: finding.hits,
            places,
        }
    }

    /// The hits of one word.
    pub fn of(&self, word: usize) -> &[Hit] {
        self.places
            .get(word)
            .and_then(|place| self.hits.get(place.clone()))
            .unwrap_or_default()
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

/// The groups of the lexicon whose phrases stand in the answer and in the rubric, by the word where they count: their last
/// content word.
fn groups(rubric: &CompiledRubric, answer: &Reading) -> Vec<(usize, GroupId)> {
    let mut groups: Vec<(usize, GroupId)> = answer
        .phrases
        .iter()
        .filter(|found| !rubric.index.group(found.group).is_empty())
        .map(|found| {
            let at = (found.from..found.to)
                .rev()
                .find(|&at| answer.words.get(at).is_some_and(|word| word.content));
            (at.unwrap_or(found.from), found.group)
        })
        .collect();
    groups.sort_by_key(|(at, _)| *at);
    groups
}

/// Finds the hits of one word after the other.
struct Finding<'a> {
    rubric: &'a CompiledRubric,
    hits: Vec<Hit>,
    /// The word that hits are found for.
    word: u32,
    /// By unit, the word after the last that stands for it, and how much it is like it.
    stood_for: Vec<(u32, f32)>,
}

impl Finding<'_> {
    /// Adds a hit of the word, unless a better one is there.
    fn add(&mut self, unit: u32, likeness: f32, kind: MatchKind, flip: bool) {
        let Some((last, most)) = self.stood_for.get_mut(unit as usize) else {
            return;
        };
        if *last == self.word + 1 && *most >= likeness {
            return;
        }
        (*last, *most) = (self.word + 1, likeness);
        self.hits.push(Hit {
            unit,
            word: self.word,
            clause: 0,
            likeness,
            kind,
            flip,
            carried: false,
            opposed: false,
        });
    }

    fn add_all(&mut self, entries: &[Entry]) {
        for entry in entries {
            self.add(entry.unit, entry.likeness, entry.kind, entry.flip);
        }
    }

    fn look_up(&mut self, word: &Word) {
        if word.mark.is_some() {
            return;
        }
        let rubric = self.rubric;
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
        let stem = rubric.stems.get(&word.stem).filter(|_| word.content);
        let by_stem = stem.map(|stem| rubric.index.stem(*stem)).unwrap_or_default();
        for entry in rubric.index.word(&word.lemma).iter().chain(by_stem) {
            self.add(entry.unit, entry.likeness, kind(entry), entry.flip);
        }
    }

    /// Adds weak hits for a word that is used in the same surroundings as a phrase's, where nothing better is known.
    fn relate(&mut self, word: &Word) {
        let Some(vector) = word.vector.filter(|_| word.content) else {
            return;
        };
        let rubric = self.rubric;
        rubric.surroundings.like(&vector, RELATED, |other, likeness| {
            for &unit in rubric.related.get(other).map(Vec::as_slice).unwrap_or_default() {
                let stood_for = self.stood_for.get(unit as usize);
                if stood_for.is_some_and(|(last, _)| *last != self.word + 1) {
                    self.add(unit, 0.1 + (likeness - RELATED), MatchKind::Synonym, false);
                }
            }
        });
    }

    /// Adds what the members of the question set's own groups stand for that begin with the first word.
    fn look_up_own_groups(&mut self, words: &[Word]) {
        let Some((first, following)) = words.split_first() else {
            return;
        };
        for (group, rest) in self.rubric.own_members(&first.lemma) {
            let found = following
                .get(..rest.len())
                .is_some_and(|words| words.iter().zip(rest).all(|(word, lemma)| word.lemma == *lemma));
            if found {
                self.add_all(self.rubric.index.own_group(*group));
            }
        }
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
