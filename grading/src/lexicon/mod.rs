//! What words mean to each other: base forms, synonyms, opposites. All of it is data in `grading/lexicon/`.

mod lemma;
mod patterns;
mod vectors;
mod words;

use std::borrow::Cow;
use std::sync::OnceLock;

use crate::hash::QuickMap;

use rust_stemmers::{Algorithm, Stemmer};

pub use patterns::Found;
use patterns::{Patterns, UNKNOWN};
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

/// The engine's word knowledge.
pub struct Lexicon {
    words: QuickMap<&'static str, Word>,
    forms: QuickMap<&'static str, &'static str>,
    relations: QuickMap<&'static str, &'static str>,
    patterns: Patterns,
    groups: Vec<Group>,
    stemmer: Stemmer,
    /// By the place of a word, its stem once somebody asked for it.
    stems: Vec<OnceLock<String>>,
    function_words: QuickMap<&'static str, FunctionWord>,
}

/// What is known of a function word.
#[derive(Debug)]
struct FunctionWord {
    lemma: &'static str,
    stem: String,
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
        let stemmer = Stemmer::create(Algorithm::English);
        let mut lexicon = Self {
            stems: vec![OnceLock::new(); words.len()],
            function_words: QuickMap::default(),
            words,
            forms,
            relations,
            patterns: Patterns::default(),
            groups: Vec::new(),
            stemmer,
        };
        lexicon.function_words = words::function_words()
            .filter_map(|word| Some((word, lexicon.function_word(word)?)))
            .collect();
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
        lexicon.patterns.finish();
        lexicon
    }

    fn function_word(&self, word: &'static str) -> Option<FunctionWord> {
        let lemma = match self.base(word) {
            Some(Cow::Borrowed(lemma)) => lemma,
            // In no list: looked for again whenever it is met.
            Some(Cow::Owned(_)) => return None,
            None => word,
        };
        let stem = self.stemmer.stem(word).into_owned();
        Some(FunctionWord { lemma, stem })
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
            self.patterns.add(self.pattern(member), id);
        }
        id
    }

    /// The base forms of a phrase's words, as [`Lexicon::find`] looks for them.
    pub fn pattern(&self, phrase: &str) -> Vec<String> {
        let normalised = crate::text::normalise(&phrase.replace('*', " starstar "));
        let mut words = Vec::new();
        crate::text::tokenise(&normalised, |token| match token.text {
            "" => {}
            "starstar" => words.push("*".to_owned()),
            word => words.push(self.lemma(word).into_owned()),
        });
        words
    }

    /// The phrases of the lexicon that begin at word `from` of `lemmas`.
    pub fn find(&self, lemmas: &[&str], from: usize, out: &mut Vec<Found>) {
        let words: Vec<_> = lemmas.iter().map(|lemma| self.patterns.symbol(lemma)).collect();
        self.patterns.find_at(&words, from, out);
    }

    /// The phrases of the lexicon in a text, by where they begin; `None` stands for what is no word, where none begins.
    pub fn find_all<'w>(&self, lemmas: impl Iterator<Item = Option<&'w str>>) -> Vec<Found> {
        let words: Vec<_> = lemmas
            .map(|lemma| lemma.map_or(UNKNOWN, |lemma| self.patterns.symbol(lemma)))
            .collect();
        let mut out = Vec::with_capacity(2 * words.len());
        for from in 0..words.len() {
            self.patterns.find_at(&words, from, &mut out);
        }
        out
    }

    /// The groups that mean the opposite of `group`.
    pub fn opposites(&self, group: GroupId) -> &[GroupId] {
        self.groups.get(group as usize).map_or(&[], |g| &g.opposites)
    }

    /// The first member of `group`, with hyphens for spaces.
    pub fn name(&self, group: GroupId) -> &str {
        self.groups.get(group as usize).map_or("", |g| &g.name)
    }

    /// The names of all groups, by their numbers.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.groups.iter().map(|group| group.name.as_str())
    }

    /// How far the members of `group` mean the same, 0 to 1.
    pub fn strength(&self, group: GroupId) -> f32 {
        self.groups.get(group as usize).map_or(0.0, |g| g.strength)
    }

    /// What two words that derive from one another have in common.
    pub fn stem(&self, word: &str) -> Cow<'_, str> {
        self.stem_of(word, self.word(word))
    }

    /// The same for a word that was looked up.
    pub(crate) fn stem_of(&self, lemma: &str, word: Option<&Word>) -> Cow<'_, str> {
        let stem = || {
            if lemma.is_ascii() {
                self.stemmer.stem(lemma).into_owned()
            } else {
                lemma.to_owned()
            }
        };
        match word.and_then(|word| self.stems.get(word.place as usize)) {
            Some(known) => Cow::Borrowed(known.get_or_init(stem)),
            None => match self.function_words.get(lemma) {
                Some(known) => Cow::Borrowed(&known.stem),
                None => Cow::Owned(stem()),
            },
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

fn data_lines(data: &'static str) -> impl Iterator<Item = &'static str> {
    data.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
}
