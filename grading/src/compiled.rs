//! A question's rubric, read once: the words of its phrases, and all the words that may stand for them.

use std::collections::{HashMap, HashSet};

use crate::claims::claims;
use crate::hash::QuickMap;
use crate::lexicon::{GroupId, Relation, Vector, lexicon, vector};
use crate::reading::{Join, Reading, Spelling};
use crate::report::{MatchKind, PhraseKind};
use crate::rubric::Question;
use crate::wordings::{self, Wordings};

/// A word of a phrase that an answer is searched for.
#[derive(Debug, Clone)]
pub(crate) struct Unit {
    /// As written.
    pub text: String,
    /// Base form.
    pub lemma: String,
    /// What it shares with its derivations.
    pub stem: String,
    /// How much it says, above 0.
    pub weight: f32,
    /// Number of the clause of the phrase.
    pub part: usize,
    /// Stands in the subject of its clause.
    pub subject: bool,
    /// Is denied in the phrase.
    pub negated: bool,
    /// Stands in the prompt as well.
    pub prompted: bool,
    /// A function word with little content.
    pub light: bool,
    /// Stands in the main half of the phrase, not in a reason, an aside or an example.
    pub main: bool,
    /// Its verb.
    pub verb: bool,
    /// Its place among other words.
    pub vector: Option<Vector>,
    /// The concept of its phrase.
    pub concept: usize,
    /// What it says for its concept, and for its contrary.
    pub cue: (f32, f32),
}

/// A phrase of the rubric.
#[derive(Debug, Clone)]
pub(crate) struct Phrase {
    pub text: String,
    pub kind: PhraseKind,
    pub concept: usize,
    pub from: usize,
    pub to: usize,
    pub numbers: Vec<f64>,
    pub reading: Reading,
    /// Stems of things that other concepts are about and this one doesn't name.
    pub rivals: HashSet<String>,
    /// The sum of its words' vectors.
    pub topic: Vec<f32>,
}

/// A way in which a word of the answer may stand for a unit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    pub unit: u32,
    pub likeness: f32,
    pub kind: MatchKind,
    /// It says the opposite.
    pub flip: bool,
}

/// A question whose rubric has been read once and can grade many answers.
#[derive(Debug, Clone)]
pub struct CompiledRubric {
    pub(crate) question: Question,
    pub(crate) units: Vec<Unit>,
    pub(crate) phrases: Vec<Phrase>,
    /// The units that share a base form, and its vector.
    pub(crate) related: Vec<(Vector, Vec<u32>)>,
    /// By concept: what a word ("!" before it where it's denied) says for the concept, and for its contrary.
    pub(crate) cues: Vec<QuickMap<String, (f32, f32)>>,
    /// What was learnt of how people word the statements and their contraries.
    pub(crate) wordings: wordings::Index,
    /// By base form, by "~" and stem, by "#" and group.
    pub(crate) index: QuickMap<String, Vec<Entry>>,
    pub(crate) spelling: Spelling,
    /// Function words that the statements use as names, and nothing else.
    names: Spelling,
    pub(crate) prompt: Reading,
    pub(crate) prompt_stems: HashSet<String>,
    pub(crate) reference: Option<Reading>,
    /// The members of the set's own groups of words that mean the same, by the first word: the group, and the words that follow.
    own_members: QuickMap<String, Vec<(usize, Vec<String>)>>,
}

/// Function words that stand capitalised within a sentence: names, like Python's `None`.
fn names(statement: &str) -> impl Iterator<Item = &str> {
    statement
        .split_whitespace()
        .skip(1)
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|word| word.len() > 1 && word.starts_with(|c: char| c.is_ascii_uppercase()))
        .filter(|word| crate::lexicon::is_function_word(&word.to_lowercase()))
}

impl CompiledRubric {
    /// Reads a question's rubric. `synonyms` are the set's own groups of words that mean the same.
    pub fn compile(question: &Question, synonyms: &[Vec<String>]) -> Self {
        Self::compile_with(question, synonyms, wordings::learnt())
    }

    /// Reads a question's rubric, with other wordings than the engine's own, to measure them.
    pub fn compile_with(question: &Question, synonyms: &[Vec<String>], wordings: &Wordings) -> Self {
        let lexicon = lexicon();
        let mut plain = Spelling::default();
        for name in question
            .concepts
            .iter()
            .flat_map(|concept| names(&concept.statement))
        {
            plain.add_name(name);
        }
        let plain = plain;
        let prompt = Reading::of(&question.prompt, &plain);
        let prompt_stems: HashSet<String> = prompt
            .words
            .iter()
            .filter(|word| word.content)
            .map(|word| word.stem.clone())
            .collect();
        let own_groups: Vec<Vec<Vec<String>>> = synonyms
            .iter()
            .map(|group| {
                group
                    .iter()
                    .map(|member| lexicon.pattern(member))
                    .filter(|m| !m.is_empty())
                    .collect()
            })
            .collect();
        let mut rubric = Self {
            question: question.clone(),
            units: Vec::new(),
            phrases: Vec::new(),
            related: Vec::new(),
            cues: Vec::new(),
            wordings: wordings::Index::new(
                question.concepts.iter().map(|concept| concept.statement.as_str()),
                wordings,
            ),
            index: QuickMap::default(),
            names: plain.clone(),
            spelling: plain.clone(),
            prompt,
            prompt_stems,
            reference: question
                .reference
                .as_deref()
                .map(|text| Reading::of(text, &plain)),
            own_members: QuickMap::default(),
        };
        for (number, concept) in question.concepts.iter().enumerate() {
            let mut claims = claims(&concept.statement).into_iter();
            let first = claims.next().unwrap_or_default();
            rubric.add_phrase(number, &first, PhraseKind::Statement);
            for text in claims {
                rubric.add_phrase(number, &text, PhraseKind::Accept);
            }
            for text in &concept.accept {
                rubric.add_phrase(number, text, PhraseKind::Accept);
            }
            for text in &concept.reject {
                rubric.add_phrase(number, text, PhraseKind::Reject);
            }
        }
        rubric.weigh();
        rubric.sum_topics();
        rubric.name_rivals();
        rubric.build_index(&own_groups);
        rubric.collect_related();
        rubric.weigh_cues();
        rubric
    }

    /// Reads an answer as grading does.
    pub fn read(&self, answer: &str) -> Reading {
        let mut reading = Reading::of(&crate::code::split(answer).prose(answer), &self.spelling);
        crate::relevance::drop_irrelevant(self, &mut reading);
        reading
    }

    /// Whether there is more to hold an answer against than one statement a concept.
    pub fn is_phrased(&self) -> bool {
        self.phrases
            .iter()
            .any(|phrase| phrase.kind != PhraseKind::Statement)
    }

    /// Whether it was learnt how people word any of the question's claims.
    pub fn knows_wordings(&self) -> bool {
        !self.wordings.is_empty()
    }

    /// The members of the set's own groups that begin with a word.
    pub(crate) fn own_members(&self, first: &str) -> &[(usize, Vec<String>)] {
        self.own_members.get(first).map(Vec::as_slice).unwrap_or_default()
    }

    /// The question that was compiled.
    pub fn question(&self) -> &Question {
        &self.question
    }

    fn add_phrase(&mut self, concept: usize, text: &str, kind: PhraseKind) {
        let reading = Reading::of(text, &self.names);
        let from = self.units.len();
        let mut secondary = false;
        let mut numbers = Vec::new();
        for (part, clause) in reading.clauses.iter().enumerate() {
            secondary |= matches!(clause.join, Join::Reason | Join::Aside) && part > 0;
            let mut example = false;
            for (at, word) in reading.words.iter().enumerate().take(clause.to).skip(clause.from) {
                let next = reading.words.get(at + 1).map_or("", |w| w.text.as_str());
                if word.text == "such" && next == "as"
                    || matches!(word.text.as_str(), "e.g" | "eg")
                    || matches!(next, "example" | "instance") && word.text == "for"
                    || word.mark == Some(crate::text::Mark::Open)
                {
                    example = true;
                }
                if word.mark == Some(crate::text::Mark::Close) {
                    example = false;
                }
                if word.mark.is_some() {
                    continue;
                }
                numbers.extend(word.number);
                if !word.content && !word.light && word.number.is_none() {
                    continue;
                }
                self.units.push(Unit {
                    text: word.text.clone(),
                    lemma: word.lemma.clone(),
                    stem: word.stem.clone(),
                    weight: 1.0,
                    part,
                    subject: clause.subject.contains(&at),
                    negated: word.negated,
                    prompted: self.prompt_stems.contains(&word.stem),
                    light: !word.content,
                    main: !secondary && !example,
                    verb: word.verb,
                    vector: if word.content { vector(&word.lemma) } else { None },
                    concept,
                    cue: (0.0, 0.0),
                });
            }
        }
        let to = self.units.len();
        self.phrases.push(Phrase {
            text: text.to_owned(),
            kind,
            concept,
            from,
            to,
            numbers,
            reading,
            rivals: HashSet::new(),
            topic: Vec::new(),
        });
    }

    /// Weighs units: rare words say more, words of the prompt and words that all the statements share say less.
    fn weigh(&mut self) {
        let lexicon = lexicon();
        let mut concepts_with: HashMap<String, HashSet<usize>> = HashMap::new();
        let mut concepts_phrased: HashMap<String, HashSet<usize>> = HashMap::new();
        for phrase in &self.phrases {
            for unit in self.units.get(phrase.from..phrase.to).unwrap_or_default() {
                if phrase.kind == PhraseKind::Statement {
                    concepts_with
                        .entry(unit.stem.clone())
                        .or_default()
                        .insert(phrase.concept);
                }
                concepts_phrased
                    .entry(unit.stem.clone())
                    .or_default()
                    .insert(phrase.concept);
            }
        }
        let statements: HashSet<usize> = self
            .phrases
            .iter()
            .filter(|phrase| phrase.kind == PhraseKind::Statement)
            .flat_map(|phrase| phrase.from..phrase.to)
            .collect();
        for (number, unit) in self.units.iter_mut().enumerate() {
            if !statements.contains(&number) {
                // A phrase beside the statement: what it alone says matters most.
                let shared = concepts_phrased.get(&unit.stem).map_or(1, HashSet::len);
                let mut weight = if unit.light {
                    0.2
                } else {
                    lexicon.rarity(&unit.lemma)
                };
                weight *= match shared {
                    0 | 1 => 1.0,
                    2 => 0.8,
                    3 => 0.6,
                    _ => 0.45,
                };
                if unit.prompted {
                    weight *= 0.7;
                }
                unit.weight = weight;
                continue;
            }
            let mut weight = lexicon.rarity(&unit.lemma);
            if unit.light {
                weight = 0.2;
            }
            if unit.prompted {
                weight *= 0.5;
            }
            let shared = concepts_with.get(&unit.stem).map_or(1, HashSet::len);
            weight *= match shared {
                0 | 1 => 1.0,
                2 => 0.7,
                _ => 0.5,
            };
            if !unit.main {
                weight *= 0.5;
            }
            unit.weight = weight;
        }
    }

    /// Learns from the rubric's own phrases which words tell a concept from the others of the question, and its contrary
    /// from it (naive Bayes over the words that a phrase holds).
    fn weigh_cues(&mut self) {
        let phrase_words: Vec<(usize, PhraseKind, HashSet<String>)> = self
            .phrases
            .iter()
            .map(|phrase| {
                let words = phrase
                    .reading
                    .words
                    .iter()
                    .filter(|word| word.content || word.light)
                    .map(cue_of)
                    .collect();
                (phrase.concept, phrase.kind, words)
            })
            .collect();
        for concept in 0..self.question.concepts.len() {
            let count = |keep: &dyn Fn(usize, PhraseKind) -> bool| {
                let mut words: HashMap<&str, f32> = HashMap::new();
                let mut all = 0.0_f32;
                for (of, kind, held) in &phrase_words {
                    if keep(*of, *kind) {
                        all += 1.0;
                        for word in held {
                            *words.entry(word.as_str()).or_default() += 1.0;
                        }
                    }
                }
                (words, all)
            };
            let own = count(&|of, kind| of == concept && kind != PhraseKind::Reject);
            let others = count(&|of, kind| of != concept && kind != PhraseKind::Reject);
            let contrary = count(&|of, kind| of == concept && kind == PhraseKind::Reject);
            let share = |(words, all): &(HashMap<&str, f32>, f32), word: &str| {
                (words.get(word).copied().unwrap_or(0.0) + 0.3) / (all + 1.0)
            };
            let mut cues = QuickMap::default();
            for word in own.0.keys().chain(contrary.0.keys()) {
                let own_share = share(&own, word);
                let for_it = (own_share / share(&others, word)).ln().clamp(-2.0, 3.0);
                let against = if contrary.1 > 0.0 {
                    (share(&contrary, word) / own_share).ln().clamp(-2.0, 2.0)
                } else {
                    0.0
                };
                cues.insert((*word).to_owned(), (for_it, against));
            }
            self.cues.push(cues);
        }
        for unit in &mut self.units {
            let key = if unit.negated {
                format!("!{}", unit.stem)
            } else {
                unit.stem.clone()
            };
            unit.cue = self
                .cues
                .get(unit.concept)
                .and_then(|cues| cues.get(&key))
                .copied()
                .unwrap_or_default();
        }
    }

    fn collect_related(&mut self) {
        let mut by_lemma: std::collections::BTreeMap<&str, (Vector, Vec<u32>)> =
            std::collections::BTreeMap::new();
        for (number, unit) in self.units.iter().enumerate() {
            if let Some(vector) = unit.vector {
                by_lemma
                    .entry(&unit.lemma)
                    .or_insert((vector, Vec::new()))
                    .1
                    .push(number as u32);
            }
        }
        self.related = by_lemma.into_values().collect();
    }

    fn sum_topics(&mut self) {
        for phrase in &mut self.phrases {
            for unit in self.units.get(phrase.from..phrase.to).unwrap_or_default() {
                if let Some(vector) = unit.vector {
                    vector.add_to(&mut phrase.topic, unit.weight);
                }
            }
        }
    }

    fn name_rivals(&mut self) {
        let subjects: Vec<(usize, HashSet<String>)> = self
            .phrases
            .iter()
            .filter(|phrase| phrase.kind == PhraseKind::Statement)
            .map(|phrase| {
                let stems = self
                    .units
                    .get(phrase.from..phrase.to)
                    .unwrap_or_default()
                    .iter()
                    .filter(|unit| unit.subject && !unit.light)
                    .map(|unit| unit.stem.clone())
                    .collect();
                (phrase.concept, stems)
            })
            .collect();
        for phrase in &mut self.phrases {
            let own: HashSet<&str> = self
                .units
                .get(phrase.from..phrase.to)
                .unwrap_or_default()
                .iter()
                .map(|unit| unit.stem.as_str())
                .collect();
            for (concept, stems) in &subjects {
                if *concept != phrase.concept {
                    phrase
                        .rivals
                        .extend(stems.iter().filter(|stem| !own.contains(stem.as_str())).cloned());
                }
            }
        }
    }

    fn enter(&mut self, key: String, unit: u32, likeness: f32, kind: MatchKind, flip: bool) {
        let entries = self.index.entry(key).or_default();
        match entries.iter_mut().find(|entry| entry.unit == unit) {
            Some(entry) if entry.likeness >= likeness => {}
            Some(entry) => {
                *entry = Entry {
                    unit,
                    likeness,
                    kind,
                    flip,
                }
            }
            None => entries.push(Entry {
                unit,
                likeness,
                kind,
                flip,
            }),
        }
    }

    fn build_index(&mut self, own_groups: &[Vec<Vec<String>>]) {
        let lexicon = lexicon();
        for word in own_groups.iter().flatten().flatten() {
            self.spelling.add(word);
        }
        for (group, member) in own_groups
            .iter()
            .enumerate()
            .flat_map(|(group, members)| members.iter().map(move |m| (group, m)))
        {
            if let Some((first, rest)) = member.split_first() {
                let members = self.own_members.entry(first.clone()).or_default();
                members.push((group, rest.to_vec()));
            }
        }
        for (number, unit) in self.units.clone().iter().enumerate() {
            let number = number as u32;
            self.spelling.add(&unit.text);
            self.enter(unit.lemma.clone(), number, 1.0, MatchKind::Exact, false);
            if unit.light {
                continue;
            }
            self.enter(format!("~{}", unit.stem), number, 0.95, MatchKind::Stem, false);
            lexicon.related(&unit.lemma, |word, relation, strength| {
                let (likeness, kind, flip) = match relation {
                    Relation::Same => (0.35 + 0.5 * strength, MatchKind::Synonym, false),
                    Relation::Near => (0.2 + 0.4 * strength, MatchKind::Synonym, false),
                    Relation::Derived => (0.6 + 0.35 * strength, MatchKind::Stem, false),
                    Relation::Opposite => (0.45 + 0.4 * strength, MatchKind::Antonym, true),
                };
                self.enter(word.to_owned(), number, likeness, kind, flip);
            });
            let alone = self
                .own_members(&unit.lemma)
                .iter()
                .filter(|(_, rest)| rest.is_empty());
            for group in alone.map(|(group, _)| *group).collect::<Vec<_>>() {
                self.enter(format!("+{group}"), number, 0.9, MatchKind::Synonym, false);
            }
        }
        self.enter_groups(own_groups);
        let prompt: Vec<String> = self
            .prompt
            .words
            .iter()
            .filter(|word| word.content)
            .map(|word| word.text.clone())
            .collect();
        for word in prompt {
            self.spelling.add(&word);
        }
        for word in [
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
        ] {
            self.spelling.add(word);
        }
        let related: Vec<String> = {
            let mut keys: Vec<String> = self
                .index
                .keys()
                .filter(|key| key.chars().all(|c| c.is_ascii_lowercase()))
                .cloned()
                .collect();
            keys.sort();
            keys
        };
        for word in related {
            if lexicon.count(&word) > 2 {
                self.spelling.add(&word);
            }
        }
    }

    /// Enters the lexicon's groups for the phrases found in the rubric.
    fn enter_groups(&mut self, own_groups: &[Vec<Vec<String>>]) {
        let lexicon = lexicon();
        let mut entries: Vec<(GroupId, usize, f32)> = Vec::new();
        let mut own: Vec<(usize, usize, f32)> = Vec::new();
        for phrase in &self.phrases {
            // Which unit stands at which word of the phrase.
            let mut unit_at: HashMap<usize, usize> = HashMap::new();
            let mut unit = phrase.from;
            for clause in &phrase.reading.clauses {
                for at in clause.from..clause.to {
                    let Some(word) = phrase.reading.words.get(at) else {
                        continue;
                    };
                    if word.mark.is_none() && (word.content || word.light || word.number.is_some()) {
                        unit_at.insert(at, unit);
                        unit += 1;
                    }
                }
            }
            for found in &phrase.reading.phrases {
                let units: Vec<usize> = (found.from..found.to)
                    .filter_map(|at| unit_at.get(&at).copied())
                    .collect();
                for &unit in &units {
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
                            own.extend(
                                (at..at + member.len())
                                    .filter_map(|at| unit_at.get(&at))
                                    .map(|&u| (index, u, 0.9)),
                            );
                        }
                    }
                }
            }
        }
        for (group, unit, strength) in entries {
            self.enter(
                format!("#{group}"),
                unit as u32,
                0.88 * strength,
                MatchKind::Synonym,
                false,
            );
            for &opposite in lexicon.opposites(group) {
                self.enter(
                    format!("#{opposite}"),
                    unit as u32,
                    0.85 * strength,
                    MatchKind::Antonym,
                    true,
                );
            }
        }
        for (index, unit, likeness) in own {
            self.enter(
                format!("+{index}"),
                unit as u32,
                likeness,
                MatchKind::Synonym,
                false,
            );
        }
    }
}

/// How a word is looked up among the cues.
pub(crate) fn cue_of(word: &crate::reading::Word) -> String {
    if word.negated {
        format!("!{}", word.stem)
    } else {
        word.stem.clone()
    }
}
