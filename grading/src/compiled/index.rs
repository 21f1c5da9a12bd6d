//! All the words that may stand for a rubric's, and where they lead.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{CompiledRubric, Stem};
use crate::hash::QuickMap;
use crate::lexicon::{GroupId, Relation, Surroundings, lexicon};
use crate::report::MatchKind;

/// A way in which a word of the answer may stand for a unit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    pub unit: u32,
    pub likeness: f32,
    pub kind: MatchKind,
    /// It says the opposite.
    pub flip: bool,
}

/// The units that words and phrases may stand for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    words: QuickMap<Cow<'static, str>, u32>,
    stems: QuickMap<Stem, u32>,
    groups: QuickMap<GroupId, u32>,
    own_groups: QuickMap<usize, u32>,
    lists: Lists,
}

impl Index {
    /// What a base form may stand for.
    pub fn word(&self, lemma: &str) -> &[Entry] {
        self.lists.get(self.words.get(lemma))
    }

    /// What a word with that stem may stand for.
    pub fn stem(&self, stem: Stem) -> &[Entry] {
        self.lists.get(self.stems.get(&stem))
    }

    /// What a phrase of the lexicon may stand for, by its group.
    pub fn group(&self, group: GroupId) -> &[Entry] {
        self.lists.get(self.groups.get(&group))
    }

    /// What a member of one of the set's own groups may stand for.
    pub fn own_group(&self, group: usize) -> &[Entry] {
        self.lists.get(self.own_groups.get(&group))
    }
}

/// Lists of entries, each unit once in a list.
#[derive(Debug, Clone, Default)]
struct Lists {
    /// By list, its first entry and the end.
    spans: Vec<(u32, u32)>,
    entries: Vec<Entry>,
}

impl Lists {
    fn get(&self, list: Option<&u32>) -> &[Entry] {
        list.and_then(|&list| self.spans.get(list as usize))
            .and_then(|&(from, to)| self.entries.get(from as usize..to as usize))
            .unwrap_or_default()
    }
}

/// No further entry.
const NONE: u32 = u32::MAX;

/// Lists that still grow: every entry knows the next of its list.
#[derive(Default)]
struct Growing {
    /// By list, its first entry, the last, and its greatest unit.
    ends: Vec<(u32, u32, u32)>,
    entries: Vec<(Entry, u32)>,
}

impl Growing {
    fn new_list(&mut self) -> u32 {
        self.ends.push((NONE, NONE, 0));
        self.ends.len() as u32 - 1
    }

    /// Enters a unit; where the list has it already, the greater likeness counts, and of equals the first.
    fn enter(&mut self, list: u32, entry: Entry) {
        let Some((first, last, greatest)) = self.ends.get_mut(list as usize) else {
            return;
        };
        let holds = |at: u32| {
            self.entries
                .get(at as usize)
                .is_some_and(|(other, _)| other.unit == entry.unit)
        };
        let next = |at: u32| self.entries.get(at as usize).map_or(NONE, |(_, next)| *next);
        // Units mostly come in order: then only the last can be the same.
        let mut at = match *last {
            last if holds(last) => last,
            _ if entry.unit > *greatest => NONE,
            _ => *first,
        };
        while at != NONE && !holds(at) {
            at = next(at);
        }
        if let Some((other, _)) = self.entries.get_mut(at as usize) {
            if other.likeness < entry.likeness {
                *other = entry;
            }
            return;
        }
        let place = self.entries.len() as u32;
        self.entries.push((entry, NONE));
        if let Some((_, next)) = self.entries.get_mut(*last as usize) {
            *next = place;
        } else {
            *first = place;
        }
        *last = place;
        *greatest = entry.unit.max(*greatest);
    }

    fn finish(self) -> Lists {
        let mut lists = Lists {
            spans: Vec::with_capacity(self.ends.len()),
            entries: Vec::with_capacity(self.entries.len()),
        };
        for (first, _, _) in &self.ends {
            let from = lists.entries.len() as u32;
            let mut at = *first;
            while let Some((entry, next)) = self.entries.get(at as usize) {
                lists.entries.push(*entry);
                at = *next;
            }
            lists.spans.push((from, lists.entries.len() as u32));
        }
        lists
    }
}

/// Words that answers to nearly all questions use, and misspell.
const COMMON: &[&str] = &[
    "without",
    "never",
    "because",
    "instead",
    "memory",
    "before",
    "after",
    "different",
    "always",
    "every",
];

impl CompiledRubric {
    /// Enters the units under all the words that may stand for them. `own_groups` are the set's own groups of words that
    /// mean the same.
    pub(super) fn build_index(&mut self, own_groups: &[Vec<Vec<String>>]) {
        for (group, members) in own_groups.iter().enumerate() {
            for (first, rest) in members.iter().filter_map(|member| member.split_first()) {
                let members = self.own_members.entry(first.clone()).or_default();
                members.push((group, rest.to_vec()));
            }
        }
        let mut index = Index::default();
        let mut lists = Growing::default();
        self.enter_words(&mut index, &mut lists);
        self.enter_groups(own_groups, &mut index, &mut lists);
        index.lists = lists.finish();
        self.learn_spelling(own_groups, &index);
        self.index = index;
    }

    fn enter_words(&self, index: &mut Index, lists: &mut Growing) {
        let lexicon = lexicon();
        for ((unit, spelt), number) in self.units.iter().zip(&self.spelt).zip(0..) {
            let entry = |likeness, kind, flip| Entry {
                unit: number,
                likeness,
                kind,
                flip,
            };
            let list = match index.words.get(spelt.lemma.as_str()) {
                Some(list) => *list,
                None => {
                    let list = lists.new_list();
                    index.words.insert(Cow::Owned(spelt.lemma.clone()), list);
                    list
                }
            };
            lists.enter(list, entry(1.0, MatchKind::Exact, false));
            if unit.light {
                continue;
            }
            let list = *index.stems.entry(unit.stem).or_insert_with(|| lists.new_list());
            lists.enter(list, entry(0.95, MatchKind::Stem, false));
            lexicon.related(&spelt.lemma, |word, relation, strength| {
                let entry = match relation {
                    Relation::Same => entry(0.35 + 0.5 * strength, MatchKind::Synonym, false),
                    Relation::Near => entry(0.2 + 0.4 * strength, MatchKind::Synonym, false),
                    Relation::Derived => entry(0.6 + 0.35 * strength, MatchKind::Stem, false),
                    Relation::Opposite => entry(0.45 + 0.4 * strength, MatchKind::Antonym, true),
                };
                let list = *index
                    .words
                    .entry(Cow::Borrowed(word))
                    .or_insert_with(|| lists.new_list());
                lists.enter(list, entry);
            });
            for (group, _) in self
                .own_members(&spelt.lemma)
                .iter()
                .filter(|(_, rest)| rest.is_empty())
            {
                let list = *index.own_groups.entry(*group).or_insert_with(|| lists.new_list());
                lists.enter(list, entry(0.9, MatchKind::Synonym, false));
            }
        }
    }

    /// Collects the words that a misspelt one may be taken for.
    fn learn_spelling(&mut self, own_groups: &[Vec<Vec<String>>], index: &Index) {
        let lexicon = lexicon();
        for word in own_groups.iter().flatten().flatten() {
            self.spelling.add(word);
        }
        for spelt in &self.spelt {
            self.spelling.add(&spelt.text);
        }
        for word in self.prompt.words.iter().filter(|word| word.content) {
            self.spelling.add(&word.text);
        }
        for word in COMMON {
            self.spelling.add(word);
        }
        let mut related: Vec<&str> = index
            .words
            .keys()
            .map(Cow::as_ref)
            .filter(|key| key.bytes().all(|c| c.is_ascii_lowercase()) && lexicon.count(key) > 2)
            .collect();
        related.sort_unstable();
        for word in related {
            self.spelling.add(word);
        }
    }

    /// Enters the lexicon's groups for the phrases found in the rubric.
    fn enter_groups(&self, own_groups: &[Vec<Vec<String>>], index: &mut Index, lists: &mut Growing) {
        let lexicon = lexicon();
        let mut entries: Vec<(GroupId, usize, f32)> = Vec::new();
        let mut own: Vec<(usize, usize, f32)> = Vec::new();
        for phrase in &self.phrases {
            // Which unit stands at which word of the phrase.
            let mut unit_at: Vec<Option<usize>> = vec![None; phrase.reading.words.len()];
            let mut unit = phrase.from;
            for clause in &phrase.reading.clauses {
                for at in clause.from..clause.to {
                    let (Some(word), Some(place)) = (phrase.reading.words.get(at), unit_at.get_mut(at))
                    else {
                        continue;
                    };
                    if word.mark.is_none() && (word.content || word.light || word.number.is_some()) {
                        *place = Some(unit);
                        unit += 1;
                    }
                }
            }
            let units_in = |from: usize, to: usize| {
                let places = unit_at.get(from..to).unwrap_or_default();
                places.iter().copied().flatten()
            };
            for found in &phrase.reading.phrases {
                for unit in units_in(found.from, found.to) {
                    entries.push((found.group, unit, lexicon.strength(found.group)));
                }
            }
            let lemmas: Vec<&str> = phrase
                .reading
                .words
                .iter()
                .map(|word| word.lemma.as_str())
                .collect();
            for (index, group) in own_groups.iter().enumerate() {
                for member in group.iter().filter(|member| member.len() > 1) {
                    for (at, window) in lemmas.windows(member.len()).enumerate() {
                        if window.iter().zip(member).all(|(a, b)| a == b) {
                            own.extend(units_in(at, at + member.len()).map(|unit| (index, unit, 0.9)));
                        }
                    }
                }
            }
        }
        for (group, unit, strength) in entries {
            let mut enter = |group: GroupId, likeness: f32, kind: MatchKind, flip: bool| {
                let list = *index.groups.entry(group).or_insert_with(|| lists.new_list());
                let entry = Entry {
                    unit: unit as u32,
                    likeness,
                    kind,
                    flip,
                };
                lists.enter(list, entry);
            };
            enter(group, 0.88 * strength, MatchKind::Synonym, false);
            for &opposite in lexicon.opposites(group) {
                enter(opposite, 0.85 * strength, MatchKind::Antonym, true);
            }
        }
        for (group, unit, likeness) in own {
            let list = *index.own_groups.entry(group).or_insert_with(|| lists.new_list());
            let entry = Entry {
                unit: unit as u32,
                likeness,
                kind: MatchKind::Synonym,
                flip: false,
            };
            lists.enter(list, entry);
        }
    }

    /// Collects the units that have a place among other words, by base form.
    pub(super) fn collect_related(&mut self) {
        let mut by_lemma = BTreeMap::new();
        for (spelt, number) in self.spelt.iter().zip(0_u32..) {
            if let Some(vector) = spelt.vector {
                let (_, units) = by_lemma
                    .entry(spelt.lemma.as_str())
                    .or_insert((vector, Vec::new()));
                units.push(number);
            }
        }
        let (vectors, units): (Vec<_>, Vec<_>) = by_lemma.into_values().unzip();
        self.surroundings = Surroundings::new(vectors);
        self.related = units;
    }
}
