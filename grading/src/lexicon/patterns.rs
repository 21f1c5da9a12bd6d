//! Finds the lexicon's words and phrases in a text.

use std::ops::Range;

use super::GroupId;
use crate::hash::QuickMap;

/// A number for each word of the patterns, so that words are compared quickly.
pub(super) type Symbol = u32;

/// Stands in a pattern for one to three words.
const ANY: Symbol = 0;
/// A word of no pattern.
pub(super) const UNKNOWN: Symbol = Symbol::MAX;

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

/// A word or a phrase.
#[derive(Debug)]
struct Pattern {
    first: Symbol,
    /// The second word; [`ANY`] where there is none.
    second: Symbol,
    /// Its place among all as they were read.
    place: usize,
    /// Where the words after the first stand among those of all patterns.
    rest: Range<usize>,
    group: GroupId,
}

/// The patterns that begin with a word.
#[derive(Debug, Clone, Default)]
struct Beginning {
    /// Those that any word may follow, or none.
    any: Range<usize>,
    /// The others, in the order of the second words.
    others: Range<usize>,
    /// What the second words are, by the last six bits of their numbers: most words that follow are none of them.
    seconds: u64,
}

fn bit(second: Symbol) -> u64 {
    1 << (second % u64::BITS)
}

/// All words and phrases of the lexicon.
#[derive(Debug)]
pub(super) struct Patterns {
    symbols: QuickMap<String, Symbol>,
    /// In the order of the first two words.
    patterns: Vec<Pattern>,
    /// The second words of all.
    seconds: Vec<Symbol>,
    /// By first word.
    beginnings: Vec<Beginning>,
    /// The words after the first, pattern after pattern.
    rests: Vec<Symbol>,
}

impl Default for Patterns {
    fn default() -> Self {
        Self {
            symbols: std::iter::once(("*".to_owned(), ANY)).collect(),
            patterns: Vec::new(),
            seconds: Vec::new(),
            beginnings: Vec::new(),
            rests: Vec::new(),
        }
    }
}

impl Patterns {
    /// Adds a pattern by the base forms of its words.
    pub fn add(&mut self, words: Vec<String>, group: GroupId) {
        let mut words = words.into_iter().map(|word| {
            let next = self.symbols.len() as Symbol;
            *self.symbols.entry(word).or_insert(next)
        });
        let Some(first) = words.next() else { return };
        let from = self.rests.len();
        self.rests.extend(words);
        self.patterns.push(Pattern {
            first,
            second: self.rests.get(from).copied().unwrap_or(ANY),
            place: self.patterns.len(),
            rest: from..self.rests.len(),
            group,
        });
    }

    /// Puts in order what was added.
    pub fn finish(&mut self) {
        self.patterns
            .sort_by_key(|pattern| (pattern.first, pattern.second));
        self.seconds = self.patterns.iter().map(|pattern| pattern.second).collect();
        self.beginnings = vec![Beginning::default(); self.symbols.len()];
        let mut from = 0;
        for patterns in self.patterns.chunk_by(|a, b| a.first == b.first) {
            let others = from
                + patterns
                    .iter()
                    .take_while(|pattern| pattern.second == ANY)
                    .count();
            let to = from + patterns.len();
            let first = patterns.first().map_or(ANY, |pattern| pattern.first);
            if let Some(beginning) = self.beginnings.get_mut(first as usize) {
                *beginning = Beginning {
                    any: from..others,
                    others: others..to,
                    seconds: patterns
                        .iter()
                        .fold(0, |bits, pattern| bits | bit(pattern.second)),
                };
            }
            from = to;
        }
    }

    /// The number of a word.
    pub fn symbol(&self, lemma: &str) -> Symbol {
        self.symbols.get(lemma).copied().unwrap_or(UNKNOWN)
    }

    /// Finds the patterns that begin at a word, in the order in which they were read.
    pub fn find_at(&self, words: &[Symbol], from: usize, out: &mut Vec<Found>) {
        let Some((first, following)) = words.get(from..).and_then(<[Symbol]>::split_first) else {
            return;
        };
        let Some(beginning) = self.beginnings.get(*first as usize) else {
            return;
        };
        let any = self.patterns.get(beginning.any.clone()).unwrap_or_default();
        let next = following.first().map(|next| self.going_on(beginning, *next));
        let (mut any, mut next) = (any.iter().peekable(), next.unwrap_or_default().iter().peekable());
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

    /// The patterns that have a certain second word.
    fn going_on(&self, beginning: &Beginning, second: Symbol) -> &[Pattern] {
        if beginning.seconds & bit(second) == 0 {
            return &[];
        }
        let seconds = self.seconds.get(beginning.others.clone()).unwrap_or_default();
        let before = seconds.partition_point(|other| *other < second);
        let same = seconds.iter().skip(before).take_while(|other| **other == second);
        let from = beginning.others.start + before;
        self.patterns.get(from..from + same.count()).unwrap_or_default()
    }
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
