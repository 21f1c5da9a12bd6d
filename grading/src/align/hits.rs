//! Which words of an answer stand for which units of a rubric.

use std::collections::HashMap;
use std::ops::Range;

use super::best::Best;
use crate::compiled::{CompiledRubric, Entry, RELATED, Stand, Stands, Stem, Unit};
use crate::lexicon::GroupId;
use crate::reading::{Clause, Reading, Stance, Word};
use crate::report::MatchKind;

/// What hits on a phrase count together. Side by side, so that they are added at once.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sums([f32; 4]);

impl Sums {
    /// What is said of the phrase, where weak likenesses count far less than their share.
    pub fn said(&self) -> f32 {
        self.0[0]
    }

    /// Of the same, what is said in its opposite, but for subjects.
    pub fn opposed(&self) -> f32 {
        self.0[1]
    }

    /// What is said in the predicate.
    pub fn predicate(&self) -> f32 {
        self.0[2]
    }

    /// Of the same, what is said of a rival.
    pub fn rival(&self) -> f32 {
        self.0[3]
    }

    /// What a hit counts.
    fn of(unit: &Unit, likeness: f32, opposed: bool, stand: Stand) -> Self {
        let value = unit.weight * likeness;
        let sure = unit.weight * likeness.powi(3);
        let predicate = !unit.subject && !unit.light;
        let if_so = |yes: bool, value: f32| if yes { value } else { 0.0 };
        Self([
            sure,
            if_so(opposed && !unit.subject, sure),
            if_so(predicate, value),
            if_so(predicate && stand == Stand::Rival, value),
        ])
    }

    /// Adds another's.
    pub fn add(&mut self, other: &Self) {
        for (sum, more) in self.0.iter_mut().zip(&other.0) {
            *sum += more;
        }
    }
}

/// A word of the answer that stands for a unit of the rubric, as it counts in a clause.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hit {
    pub unit: u32,
    /// The answer's word.
    pub word: u32,
    /// Its clause.
    pub clause: u32,
    pub likeness: f32,
    /// What it adds to the fit of its phrase.
    pub adds: Sums,
    pub kind: MatchKind,
    /// The word is an opposite of the unit's.
    pub flip: bool,
    /// It was carried over from an earlier clause or a heading.
    pub carried: bool,
    /// It says the opposite of what the phrase says of the unit.
    pub opposed: bool,
    /// How what the clause is about stands to what the unit's part of its phrase is about.
    pub stand: Stand,
}

/// The hits of all clauses.
pub(super) struct ByClause {
    /// The best of each clause for each unit, clause after clause, by unit.
    pub hits: Vec<Hit>,
    /// By clause, where its hits are.
    pub places: Vec<Range<usize>>,
}

/// What a word that was carried over counts.
const CARRIED: f32 = 0.85;

/// How many units a word of an answer stands for, roughly.
const BROUGHT: usize = 24;

/// For each word of the answer, the units it may stand for.
pub(super) struct ByWord {
    /// By word, as long as clauses don't matter.
    hits: Vec<Entry>,
    /// By word, where its hits are.
    places: Vec<Range<usize>>,
}

impl ByWord {
    pub fn new(rubric: &CompiledRubric, answer: &Reading) -> Self {
        let mut finding = Finding {
            rubric,
            hits: Vec::with_capacity(BROUGHT * answer.words.len()),
            word: 0,
            stood_for: vec![(0, 0.0); rubric.units.len()],
        };
        let groups = groups(rubric, answer);
        let mut groups = groups.as_slice();
        let mut met = Met::with_capacity(answer.words.len());
        let mut places = Vec::with_capacity(answer.words.len());
        for (number, word) in answer.words.iter().enumerate() {
            let from = finding.hits.len();
            finding.word = number as u32;
            let (own, after) = groups.split_at(groups.partition_point(|(at, _)| *at == number));
            groups = after;
            finding.find(word, own, &mut met);
            finding.look_up_own_groups(answer.words.get(number..).unwrap_or_default());
            places.push(from..finding.hits.len());
        }
        Self {
            hits: finding.hits,
            places,
        }
    }

    /// The hits of one word.
    pub fn of(&self, word: usize) -> &[Entry] {
        self.places
            .get(word)
            .and_then(|place| self.hits.get(place.clone()))
            .unwrap_or_default()
    }

    /// The best hits of each clause. `about` are the stems that each clause is about.
    pub fn clauses(&self, rubric: &CompiledRubric, answer: &Reading, about: &[Vec<Stem>]) -> ByClause {
        let mut best = Best::new(rubric.units.len());
        let mut stands = Stands::new(&rubric.parts);
        let mut hits = Vec::with_capacity(self.hits.len());
        let mut places = Vec::with_capacity(answer.clauses.len());
        for ((clause, about), number) in answer.clauses.iter().zip(about).zip(0..) {
            self.offer(clause, &mut best);
            stands.turn_to(about);
            let from = hits.len();
            best.each(|word, entry| {
                if let Some(entry) = self.hits.get(entry)
                    && let Some(unit) = rubric.units.get(entry.unit as usize)
                {
                    hits.push(in_clause(answer, (number, clause, &stands), word, entry, unit));
                }
            });
            best.clear();
            places.push(from..hits.len());
        }
        ByClause { hits, places }
    }

    /// Offers the hits of a clause's words, and of those carried over.
    fn offer(&self, clause: &Clause, best: &mut Best) {
        let mut offer = |word: usize, share: f32| {
            let place = self.places.get(word).cloned().unwrap_or_default();
            for (entry, at) in self.of(word).iter().zip(place.start as u32..) {
                best.offer(entry.unit, entry.likeness * share, word as u32, at);
            }
        };
        let own = clause.from..clause.to;
        for word in own.clone() {
            offer(word, 1.0);
        }
        let subject = clause.subject.iter().filter(|_| clause.carried);
        for &word in subject.chain(&clause.heading) {
            if !own.contains(&word) {
                offer(word, CARRIED);
            }
        }
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

/// Whether words of the same spelling stand for the same.
fn stand_for_the_same(a: &Word, b: &Word) -> bool {
    (&a.lemma, a.content, a.repaired) == (&b.lemma, b.content, b.repaired)
}

/// A word that was met, what groups it stands in, and its hits, but those of the question set's own groups.
type Seen<'a> = (&'a Word, &'a [(usize, GroupId)], Range<usize>);

/// The words that were met, by their spelling: an answer repeats them.
type Met<'a> = HashMap<&'a str, Seen<'a>>;

/// Finds the hits of one word after the other.
struct Finding<'a> {
    rubric: &'a CompiledRubric,
    hits: Vec<Entry>,
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
        self.hits.push(Entry {
            unit,
            likeness,
            kind,
            flip,
        });
    }

    fn add_all(&mut self, entries: &[Entry]) {
        for entry in entries {
            self.add(entry.unit, entry.likeness, entry.kind, entry.flip);
        }
    }

    /// Adds what the word stands for by itself and by the lexicon's groups.
    fn find<'w>(&mut self, word: &'w Word, groups: &'w [(usize, GroupId)], met: &mut Met<'w>) {
        if word.mark.is_some() {
            return;
        }
        if let Some((other, others, hits)) = met.get(&*word.text)
            && stand_for_the_same(word, other)
            && groups
                .iter()
                .map(|(_, group)| group)
                .eq(others.iter().map(|(_, group)| group))
        {
            self.repeat(hits.clone());
            return;
        }
        let from = self.hits.len();
        self.look_up(word);
        for (_, group) in groups {
            self.add_all(self.rubric.index.group(*group));
        }
        self.relate(word);
        met.insert(&word.text, (word, groups, from..self.hits.len()));
    }

    /// Adds hits that were found before.
    fn repeat(&mut self, hits: Range<usize>) {
        for at in hits {
            let Some(&entry) = self.hits.get(at) else { return };
            if let Some(stood_for) = self.stood_for.get_mut(entry.unit as usize) {
                *stood_for = (self.word + 1, entry.likeness);
            }
            self.hits.push(entry);
        }
    }

    fn look_up(&mut self, word: &Word) {
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
        let stem = rubric.stems.get(&*word.stem).filter(|_| word.content);
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
        rubric.surroundings.like(&vector, |other, likeness| {
            for &unit in rubric
                .related
                .get(other as usize)
                .map(Vec::as_slice)
                .unwrap_or_default()
            {
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

/// What a word stands for, as it counts in one clause: less where the word is not its own.
fn in_clause(
    answer: &Reading,
    clause: (u32, &Clause, &Stands<'_>),
    word: u32,
    entry: &Entry,
    unit: &Unit,
) -> Hit {
    let (number, clause, stands) = clause;
    let at = word as usize;
    let carried = !(clause.from..clause.to).contains(&at);
    let denied = answer.words.get(at).is_some_and(|word| word.negated);
    let likeness = if carried {
        entry.likeness * CARRIED
    } else {
        entry.likeness
    };
    let opposed = !carried && (entry.flip ^ denied ^ (clause.stance == Stance::Rejected) ^ unit.negated);
    let stand = stands.to(unit.place);
    Hit {
        unit: entry.unit,
        word,
        clause: number,
        likeness,
        adds: Sums::of(unit, likeness, opposed, stand),
        kind: entry.kind,
        flip: entry.flip,
        carried,
        opposed,
        stand,
    }
}
