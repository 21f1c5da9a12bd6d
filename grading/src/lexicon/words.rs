//! Small words that carry structure rather than content.

use std::sync::OnceLock;

use crate::hash::QuickMap;

const FUNCTION: &str = include_str!("../../lexicon/function-words.txt");
const CUES: &str = include_str!("../../lexicon/cues.txt");

/// What a small word does to its surroundings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cue {
    /// Denies what follows.
    Not,
    /// Denies its whole clause.
    Nothing,
    /// A verb or adjective that denies what follows ("fail", "lack", "unable").
    Fails,
    /// Stands for what was spoken of before.
    Pronoun,
    /// Begins a noun phrase.
    Determiner,
    /// A verb without content of its own.
    Auxiliary,
    /// Joins a clause to the one before it.
    Joins,
    /// Joins a clause that is set against the one before it.
    Contrasts,
    /// Joins a clause that gives a reason or a consequence.
    Reasons,
    /// Joins a condition or a time.
    Conditions,
    /// Somebody else, whose view is reported.
    Others,
    /// A verb of saying or believing.
    Says,
    /// Says that what was reported is wrong.
    Wrong,
    /// Names a wrong view.
    Myth,
    /// All of something.
    All,
    /// A part of something.
    Some,
    /// None but.
    Only,
    /// Has to.
    Must,
    /// May.
    May,
    /// At every time.
    Always,
    /// At some time.
    Sometimes,
}

/// What a small word is: the kinds of cue, one bit each, and whether it is a function word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kinds(u32);

impl Kinds {
    const FUNCTION: Self = Self(1 << 31);
    const LIGHT: Self = Self(1 << 30);

    /// Whether it is a cue of that kind.
    pub fn has(self, cue: Cue) -> bool {
        self.0 >> (cue as u32) & 1 == 1
    }

    /// Whether it carries no content of its own.
    pub fn is_function_word(self) -> bool {
        self.0 & Self::FUNCTION.0 != 0
    }

    /// Whether it is a function word that carries a little: quantities, order, modality.
    pub fn is_light_word(self) -> bool {
        self.0 & Self::LIGHT.0 != 0
    }

    /// What either is.
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

fn table() -> &'static QuickMap<&'static str, Kinds> {
    static TABLE: OnceLock<QuickMap<&'static str, Kinds>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table: QuickMap<&'static str, Kinds> = QuickMap::default();
        let mut add = |words: &'static str, kinds: Kinds| {
            for word in words.split_whitespace() {
                let known = table.entry(word).or_default();
                *known = known.or(kinds);
            }
        };
        for line in FUNCTION.lines().filter(|line| !line.starts_with("//")) {
            match line.strip_prefix("light:") {
                Some(words) => add(words, Kinds::FUNCTION.or(Kinds::LIGHT)),
                None => add(line, Kinds::FUNCTION),
            }
        }
        for line in CUES.lines().filter(|line| !line.starts_with("//")) {
            if let Some((name, words)) = line.split_once(':')
                && let Some(cue) = named(name.trim())
            {
                add(words, Kinds(1 << cue as u32));
            }
        }
        table
    })
}

fn named(name: &str) -> Option<Cue> {
    Some(match name {
        "not" => Cue::Not,
        "nothing" => Cue::Nothing,
        "fails" => Cue::Fails,
        "pronoun" => Cue::Pronoun,
        "determiner" => Cue::Determiner,
        "auxiliary" => Cue::Auxiliary,
        "joins" => Cue::Joins,
        "contrasts" => Cue::Contrasts,
        "reasons" => Cue::Reasons,
        "conditions" => Cue::Conditions,
        "others" => Cue::Others,
        "says" => Cue::Says,
        "wrong" => Cue::Wrong,
        "myth" => Cue::Myth,
        "all" => Cue::All,
        "some" => Cue::Some,
        "only" => Cue::Only,
        "must" => Cue::Must,
        "may" => Cue::May,
        "always" => Cue::Always,
        "sometimes" => Cue::Sometimes,
        _ => return None,
    })
}

/// All words that carry no content of their own.
pub(super) fn function_words() -> impl Iterator<Item = &'static str> {
    let words = table().iter();
    words
        .filter(|(_, kinds)| kinds.is_function_word())
        .map(|(word, _)| *word)
}

/// What a word is, as written or in its base form.
pub fn kinds(word: &str) -> Kinds {
    table().get(word).copied().unwrap_or_default()
}

/// Whether a word carries no content of its own.
pub fn is_function_word(lemma: &str) -> bool {
    kinds(lemma).is_function_word()
}

/// Whether `word` (as written or in its base form) is a cue of that kind.
pub fn cue(word: &str, kind: Cue) -> bool {
    kinds(word).has(kind)
}

/// The value of a number written as a word.
pub fn number_word(word: &str) -> Option<f64> {
    Some(match word {
        "zero" => 0.0,
        "one" | "single" => 1.0,
        "two" | "twice" | "double" | "both" | "pair" => 2.0,
        "three" | "triple" => 3.0,
        "four" => 4.0,
        "five" => 5.0,
        "six" => 6.0,
        "seven" => 7.0,
        "eight" => 8.0,
        "nine" => 9.0,
        "ten" => 10.0,
        "eleven" => 11.0,
        "twelve" => 12.0,
        "twenty" => 20.0,
        "thirty" => 30.0,
        "forty" => 40.0,
        "fifty" => 50.0,
        "sixty" => 60.0,
        "seventy" => 70.0,
        "eighty" => 80.0,
        "ninety" => 90.0,
        "hundred" => 100.0,
        "thousand" => 1000.0,
        "million" => 1e6,
        "half" => 0.5,
        "quarter" => 0.25,
        _ => return None,
    })
}
