//! All the words that may stand for a rubric's, and where they lead.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{CompiledRubric, Stem};
use crate::hash::QuickMap;
use crate::lexicon::{GroupId, Relation, Surroundings, lexicon};
use crate::lists::{Growing, Lists};
use crate::report::MatchKind;

/// Least likeness of surroundings that counts.
pub(crate) const RELATED: f32 = 0.5;

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
    lists: Lists<Entry>,
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

/// Lists that still grow, each unit once in a list.
#[derive(Default)]
struct Units {
    /// By list, the greatest unit in it.
    greatest: Vec<u32>,
    lists: Growing<Entry>,
}

impl Units {
    fn new_list(&mut self) -> u32 {
        self.greatest.push(0);
        self.lists.new_list()
    }

    /// Enters a unit; where the list has it already, the greater likeness counts, and of equals the first.
    fn enter(&mut self, list: u32, entry: Entry) {
        let Some(greatest) = self.greatest.get_mut(list as usize) else {
            return;
        };
        // Units mostly come in order: then only the last can be the same.
        let other = match self.lists.last_mut(list) {
            Some(last) if last.unit == entry.unit => Some(last),
            _ if entry.unit > *greatest => None,
            _ => self.lists.find_mut(list, |other| other.unit == entry.unit),
        };
        match other {
            Some(other) if other.likeness >= entry.likeness => {}
            Some(other) => *other = entry,
            None => {
                *greatest = entry.unit.max(*greatest);
                self.lists.push(list, entry);
            }
        }
    }
}

/// A member of one of the set's own groups: the group, its number in the group, and the words after its first.
type Member<'a> = (usize, usize, &'a [String]);

/// How many words each unit brings into the index, roughly.
const BROUGHT: usize = 10;

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
        index.words.reserve(BROUGHT * self.units.len());
        let mut lists = Units::default();
        self.enter_words(&mut index, &mut lists);
        self.enter_groups(own_groups, &mut index, &mut lists);
        index.lists = lists.lists.finish();
        self.learn_spelling(own_groups, &index);
        self.index = index;
    }

    fn enter_words(&self, index: &mut Index, lists: &mut Units) {
        let lexicon = lexicon();
        for ((unit, spelt), number) in self.units.iter().zip(&self.spelt).zip(0..) {
            let entry = |likeness, kind, flip| Entry {
                unit: number,
                likeness,
                kind,
                flip,
            };
            let list = match index.words.get(&*spelt.lemma) {
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
        let mut related: Vec<(u32, &str)> = index
            .words
            .keys()
            .map(Cow::as_ref)
            .filter(|key| key.bytes().all(|c| c.is_ascii_lowercase()))
            .filter_map(|key| {
                let word = lexicon.word(key)?;
                (word.count > 2).then_some((word.place, key))
            })
            .collect();
        related.sort_unstable_by_key(|(place, _)| *place);
        for (_, word) in related {
            self.spelling.add(word);
        }
    }

    /// Enters the lexicon's groups for the phrases found in the rubric.
    fn enter_groups(&self, own_groups: &[Vec<Vec<String>>], index: &mut Index, lists: &mut Units) {
        let lexicon = lexicon();
        let mut entries: Vec<(GroupId, usize, f32)> = Vec::new();
        let mut own: Vec<(usize, usize, f32)> = Vec::new();
        // The members of more than one word, by their first.
        let mut members: QuickMap<&str, Vec<Member<'_>>> = QuickMap::default();
        for (group, all) in own_groups.iter().enumerate() {
            for (number, member) in all.iter().enumerate() {
                if let Some((first, rest)) = member.split_first().filter(|(_, rest)| !rest.is_empty()) {
                    members.entry(first).or_default().push((group, number, rest));
                }
            }
        }
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
            let words = &phrase.reading.words;
            let mut found: Vec<(usize, usize, usize, usize)> = Vec::new();
            for (at, word) in words.iter().enumerate() {
                for (group, member, rest) in members.get(&*word.lemma).into_iter().flatten() {
                    let following = words.get(at + 1..at + 1 + rest.len()).unwrap_or_default();
                    if following.len() == rest.len()
                        && following
                            .iter()
                            .zip(*rest)
                            .all(|(word, lemma)| word.lemma == *lemma)
                    {
                        found.push((*group, *member, at, at + 1 + rest.len()));
                    }
                }
            }
            found.sort_unstable();
            for (group, _, from, to) in found {
                own.extend(units_in(from, to).map(|unit| (group, unit, 0.9)));
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
                let (_, units) = by_lemma.entry(&*spelt.lemma).or_insert((vector, Vec::new()));
                units.push(number);
            }
        }
        let (vectors, units): (Vec<_>, Vec<_>) = by_lemma.into_values().unzip();
        self.surroundings = Surroundings::new(vectors, RELATED);
        self.related = units;
    }
}
