//! What words mean to each other: base forms, synonyms, opposites. All of it is data in `grading/lexicon/`.

mod lemma;
mod vectors;
mod words;

use std::sync::OnceLock;

use crate::hash::QuickMap;

use rust_stemmers::{Algorithm, Stemmer};

pub use vectors::{Surroundings, Topics, Vector, length, vector};
pub use words::{Cue, Kinds, cue, is_function_word, kinds, number_word};

/// A set of words and phrases that mean the same, known by its number.
pub type GroupId = u32;

/// How a word relates to another in WordNet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// Shares a meaning.
    Same,
    /// One step up, down or beside.
    Near,
    /// The opposite.
    Opposite,
    /// Derived from it.
    Derived,
}

/// A base form.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Word {
    /// Parts of speech, the most used first: n, v, a, r.
    pub parts: &'static str,
    /// How often it was met in tagged text.
    pub count: u32,
    /// Its place among all words, in alphabetical order.
    pub place: u32,
}

#[derive(Debug, Default)]
struct Group {
    /// Its first member, as written.
    name: String,
    opposites: Vec<GroupId>,
    /// How far its members mean the same, 0 to 1.
    strength: f32,
}

/// A number for each word of the patterns, so that words are compared quickly.
type Symbol = u32;

/// Stands in a pattern for one to three words.
const ANY: Symbol = 0;
/// A word of no pattern.
const UNKNOWN: Symbol = Symbol::MAX;

#[derive(Debug)]
struct Pattern {
    /// The second word; [`ANY`] where there is none.
    second: Symbol,
    /// Its place among the patterns with the same first word as they were read.
    place: usize,
    /// Where the words after the first stand among those of all patterns.
    rest: std::ops::Range<usize>,
    group: GroupId,
}

/// A phrase of the lexicon found in a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// First word, as an index into the words searched.
    pub from: usize,
    /// End, exclusive.
    pub to: usize,
    /// The group that the phrase belongs to.
    pub group: GroupId,
}

/// The engine's word knowledge.
pub struct Lexicon {
    words: QuickMap<&'static str, Word>,
    forms: QuickMap<&'static str, &'static str>,
    relations: QuickMap<&'static str, &'static str>,
    symbols: QuickMap<String, Symbol>,
    /// By first word; those with the same second word together, those with any before all others.
    patterns: Vec<Vec<Pattern>>,
    /// The words after the first, pattern after pattern.
    rests: Vec<Symbol>,
    groups: Vec<Group>,
    stemmer: Stemmer,
    /// By the place of a word, its stem once somebody asked for it.
    stems: Vec<OnceLock<String>>,
}

const WORDS: &str = include_str!("../../lexicon/wordnet/words.txt");
const FORMS: &str = include_str!("../../lexicon/wordnet/forms.txt");
const RELATIONS: &str = include_str!("../../lexicon/wordnet/relations.txt");
const SYNONYMS: &str = include_str!("../../lexicon/synonyms.txt");
const PARAPHRASES: &str = include_str!("../../lexicon/paraphrases.txt");
const OPPOSITES: &str = include_str!("../../lexicon/opposites.txt");

/// The lexicon that comes with the engine, read on first use.
pub fn lexicon() -> &'static Lexicon {
    static LEXICON: OnceLock<Lexicon> = OnceLock::new();
    LEXICON.get_or_init(Lexicon::read)
}

impl Lexicon {
    fn read() -> Self {
        let mut words = QuickMap::with_capacity_and_hasher(70_000, Default::default());
        for (line, place) in WORDS.lines().zip(0..) {
            let mut fields = line.split(' ');
            if let (Some(lemma), Some(parts), Some(count)) = (fields.next(), fields.next(), fields.next()) {
                words.insert(
                    lemma,
                    Word {
                        parts,
                        count: count.parse().unwrap_or(0),
                        place,
                    },
                );
            }
        }
        let forms = FORMS.lines().filter_map(|line| line.split_once(' ')).collect();
        let relations = RELATIONS
            .lines()
            .filter_map(|line| line.split_once('\t'))
            .collect();
        let mut lexicon = Self {
            stems: vec![OnceLock::new(); words.len()],
            words,
            forms,
            relations,
            symbols: QuickMap::default(),
            patterns: Vec::new(),
            rests: Vec::new(),
            groups: Vec::new(),
            stemmer: Stemmer::create(Algorithm::English),
        };
        lexicon.add_symbol("*".to_owned());
        for line in data_lines(SYNONYMS) {
            lexicon.read_group(line);
        }
        for line in data_lines(OPPOSITES).chain(data_lines(PARAPHRASES)) {
            let sides: Vec<GroupId> = line.split('|').map(|side| lexicon.read_group(side)).collect();
            for &side in &sides {
                let others: Vec<GroupId> = sides.iter().copied().filter(|&other| other != side).collect();
                if let Some(group) = lexicon.groups.get_mut(side as usize) {
                    group.opposites.extend(others);
                }
            }
        }
        for patterns in &mut lexicon.patterns {
            patterns.sort_by_key(|pattern| pattern.second);
        }
        lexicon
    }

    /// Reads "word, word, a phrase"; a leading "~" says that the members are only loosely alike.
    fn read_group(&mut self, line: &str) -> GroupId {
        let id = self.groups.len() as GroupId;
        let line = line.trim();
        let (line, strength) = line.strip_prefix('~').map_or((line, 1.0), |rest| (rest, 0.65));
        let name = line
            .split(',')
            .next()
            .unwrap_or_default()
            .trim()
            .replace(' ', "-");
        self.groups.push(Group {
            name,
            opposites: Vec::new(),
            strength,
        });
        for member in line.split(',') {
            self.add_pattern(member, id);
        }
        id
    }

    fn add_pattern(&mut self, phrase: &str, group: GroupId) {
        let mut words = self.pattern(phrase).into_iter();
        let Some(first) = words.next() else { return };
        let first = self.add_symbol(first);
        let from = self.rests.len();
        for word in words {
            let symbol = self.add_symbol(word);
            self.rests.push(symbol);
        }
        if let Some(patterns) = self.patterns.get_mut(first as usize) {
            patterns.push(Pattern {
                second: self.rests.get(from).copied().unwrap_or(ANY),
                place: patterns.len(),
                rest: from..self.rests.len(),
                group,
            });
        }
    }

    fn add_symbol(&mut self, word: String) -> Symbol {
        let next = self.symbols.len() as Symbol;
        let symbol = *self.symbols.entry(word).or_insert(next);
        if symbol == next {
            self.patterns.push(Vec::new());
        }
        symbol
    }

    fn symbol(&self, lemma: &str) -> Symbol {
        self.symbols.get(lemma).copied().unwrap_or(UNKNOWN)
    }

    /// The base forms of a phrase's words, as [`Lexicon::find`] looks for them.
    pub fn pattern(&self, phrase: &str) -> Vec<String> {
        let normalised = crate::text::normalise(&phrase.replace('*', " starstar "));
        crate::text::tokenise(&normalised)
            .into_iter()
            .filter(|token| token.kind != crate::text::TokenKind::Mark(crate::text::Mark::Comma))
            .filter(|token| !token.text.is_empty())
            .map(|token| {
                if token.text == "starstar" {
                    "*".to_owned()
                } else {
                    self.lemma(&token.text)
                }
            })
            .collect()
    }

    /// The phrases of the lexicon that begin at word `from` of `lemmas`.
    pub fn find(&self, lemmas: &[&str], from: usize, out: &mut Vec<Found>) {
        let words: Vec<Symbol> = lemmas.iter().map(|lemma| self.symbol(lemma)).collect();
        self.find_at(&words, from, out);
    }

    /// The phrases of the lexicon in a text, by where they begin; `None` stands for what is no word, where none begins.
    pub fn find_all<'w>(&self, lemmas: impl Iterator<Item = Option<&'w str>>) -> Vec<Found> {
        let words: Vec<Symbol> = lemmas
            .map(|lemma| lemma.map_or(UNKNOWN, |lemma| self.symbol(lemma)))
            .collect();
        let mut out = Vec::new();
        for from in 0..words.len() {
            self.find_at(&words, from, &mut out);
        }
        out
    }

    fn find_at(&self, words: &[Symbol], from: usize, out: &mut Vec<Found>) {
        let Some((first, following)) = words.get(from..).and_then(<[Symbol]>::split_first) else {
            return;
        };
        let patterns = self.patterns.get(*first as usize).map(Vec::as_slice);
        let patterns = patterns.unwrap_or_default();
        let with = |second: Symbol| {
            let from = patterns.partition_point(|pattern| pattern.second < second);
            let all = patterns.get(from..).unwrap_or_default();
            all.iter()
                .take_while(move |pattern| pattern.second == second)
                .peekable()
        };
        let next = following.first().copied().filter(|next| *next != ANY);
        let (mut any, mut next) = (with(ANY), with(next.unwrap_or(UNKNOWN)));
        // In the order in which they were read.
        while let Some(pattern) = match (any.peek(), next.peek()) {
            (Some(a), Some(b)) if a.place < b.place => any.next(),
            (_, Some(_)) => next.next(),
            _ => any.next(),
        } {
            let rest = self.rests.get(pattern.rest.clone()).unwrap_or_default();
            if let Some(length) = match_rest(rest, following) {
                out.push(Found {
                    from,
                    to: from + 1 + length,
                    group: pattern.group,
                });
            }
        }
    }

    /// The groups that mean the opposite of `group`.
    pub fn opposites(&self, group: GroupId) -> &[GroupId] {
        self.groups.get(group as usize).map_or(&[], |g| &g.opposites)
    }

    /// The first member of `group`, with hyphens for spaces.
    pub fn name(&self, group: GroupId) -> &str {
        self.groups.get(group as usize).map_or("", |g| &g.name)
    }

    /// How far the members of `group` mean the same, 0 to 1.
    pub fn strength(&self, group: GroupId) -> f32 {
        self.groups.get(group as usize).map_or(0.0, |g| g.strength)
    }

    /// What two words that derive from one another have in common.
    pub fn stem(&self, word: &str) -> String {
        self.stem_of(word, self.word(word))
    }

    /// The same for a word that was looked up.
    pub(crate) fn stem_of(&self, lemma: &str, word: Option<&Word>) -> String {
        let stem = || {
            if lemma.is_ascii() {
                self.stemmer.stem(lemma).into_owned()
            } else {
                lemma.to_owned()
            }
        };
        match word.and_then(|word| self.stems.get(word.place as usize)) {
            Some(known) => known.get_or_init(stem).clone(),
            None => stem(),
        }
    }

    /// What is known of a base form.
    pub(crate) fn word(&self, lemma: &str) -> Option<&Word> {
        self.words.get(lemma)
    }

    /// Whether a word in its base form is known.
    pub fn knows(&self, lemma: &str) -> bool {
        self.words.contains_key(lemma) || is_function_word(lemma)
    }

    /// How often a base form was met in tagged text.
    pub fn count(&self, lemma: &str) -> u32 {
        self.word(lemma).map_or(0, |word| word.count)
    }

    /// How rare a base form is, 0.3 (everyday) to 1 (hardly ever met).
    pub fn rarity(&self, lemma: &str) -> f32 {
        rarity(self.count(lemma))
    }

    /// Parts of speech of a base form, the most used first.
    pub fn parts(&self, lemma: &str) -> &'static str {
        self.word(lemma).map_or("", |word| word.parts)
    }

    /// Calls `each` for the words that WordNet relates to a base form, with a strength from 0.1 to 0.9.
    pub fn related(&self, lemma: &str, mut each: impl FnMut(&'static str, Relation, f32)) {
        let Some(line) = self.relations.get(lemma) else {
            return;
        };
        for group in line.split('\t') {
            let mut entries = group.split(' ');
            let relation = match entries.next() {
                Some("s") => Relation::Same,
                Some("n") => Relation::Near,
                Some("a") => Relation::Opposite,
                Some("d") => Relation::Derived,
                _ => continue,
            };
            for entry in entries {
                let Some(cut) = entry.len().checked_sub(1) else {
                    continue;
                };
                if let (Some(word), Some(digit)) = (entry.get(..cut), entry.get(cut..)) {
                    each(word, relation, digit.parse::<f32>().unwrap_or(0.0) / 10.0);
                }
            }
        }
    }
}

/// How rare a word is that was met so often in tagged text, 0.3 (everyday) to 1 (hardly ever met).
pub(crate) fn rarity(count: u32) -> f32 {
    let rarity = 1.0 - ((1 + count) as f32).ln() / 8.5;
    0.3 + 0.7 * rarity.clamp(0.0, 1.0)
}

fn match_rest(rest: &[Symbol], words: &[Symbol]) -> Option<usize> {
    let Some((first, after)) = rest.split_first() else {
        return Some(0);
    };
    if *first == ANY {
        return (1..=3).find_map(|skip| match_rest(after, words.get(skip..)?).map(|length| length + skip));
    }
    let (word, following) = words.split_first()?;
    if word == first {
        match_rest(after, following).map(|length| length + 1)
    } else {
        None
    }
}

fn data_lines(data: &'static str) -> impl Iterator<Item = &'static str> {
    data.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
}
