//! Whether words stand in an order that sentences have: "the of lock released" doesn't.
//!
//! A table says how much more often a word, or a kind of word, follows another than by chance (pointwise mutual information; Church
//! and Hanks 1990). It was counted in well-known claims and labelled answers by `learn order` and stands in `weights/order.txt`.
//! The mean over an answer is well above 0 where somebody wrote sentences, however broken, and near 0 where the words were shuffled.

use std::sync::OnceLock;

use crate::hash::QuickMap;
use crate::reading::Word;
use crate::text::Mark;

const LEARNT: &str = include_str!("../weights/order.txt");
/// So many neighbours must be seen for their mean to mean something.
const LEAST: usize = 18;
/// What a text is taken to have that is too short to tell: what most have.
const USUAL: f32 = 0.6;
/// Below this there is no order: so are 71 of 100 shuffled answers, and 2 of 10,000 that somebody wrote (`learn measure-order`).
/// Broken English comes near -0.2. Of what lies between, the trees judge.
const NONE: f32 = -0.3;

type Table = QuickMap<&'static str, QuickMap<&'static str, f32>>;

/// The kind of a word, by which its neighbours are counted: itself for a function word, its ending for others, a mark's sign.
/// `None` for marks that stand anywhere.
pub fn kind(word: &Word) -> Option<&str> {
    let text = &*word.text;
    match word.mark {
        Some(Mark::Stop) => return Some("."),
        Some(Mark::Comma) => return Some(","),
        Some(_) => return None,
        None if word.number.is_some() => return Some("#"),
        None if word.kinds.is_function_word() => return Some(text),
        // A misspelt word may be of any kind.
        None if !word.known => return None,
        None => {}
    }
    const ENDINGS: &[&str] = &["ing", "ed", "ly", "ion", "er", "al", "s"];
    let ending = ENDINGS
        .iter()
        .find(|ending| text.len() > ending.len() + 2 && text.ends_with(**ending));
    Some(ending.copied().unwrap_or("-"))
}

/// Neighbouring words of a text by their kinds.
pub fn neighbours(words: &[Word]) -> impl Iterator<Item = (&str, &str)> {
    let mut last = None;
    words.iter().filter_map(move |word| {
        let before = std::mem::replace(&mut last, kind(word));
        Some((before?, last?))
    })
}

/// How much more often than by chance the words of a text stand beside each other in other texts, on average, as log odds.
/// Code and lists have less of it; so has a text of unknown words, which are passed over.
pub fn orderliness(words: &[Word]) -> f32 {
    static TABLE: OnceLock<Table> = OnceLock::new();
    let table = TABLE.get_or_init(|| parse(LEARNT));
    let (mut count, mut sum) = (0_usize, 0.0);
    for (first, second) in neighbours(words) {
        let follows = table.get(first).and_then(|after| after.get(second));
        sum += follows.copied().unwrap_or(0.0);
        count += 1;
    }
    if count < LEAST { USUAL } else { sum / count as f32 }
}

/// Whether the words stand in no order.
pub(crate) fn is_jumbled(words: &[Word]) -> bool {
    orderliness(words) < NONE
}

/// Reads `KIND KIND LOG-ODDS` a line.
fn parse(text: &'static str) -> Table {
    let mut table = Table::default();
    for line in text.lines() {
        let mut fields = line.split(' ');
        if let (Some(first), Some(second), Some(Ok(value))) =
            (fields.next(), fields.next(), fields.next().map(str::parse))
        {
            table.entry(first).or_default().insert(second, value);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::{Reading, Spelling};

    fn jumbled(text: &str) -> bool {
        is_jumbled(&Reading::of(text, &Spelling::default()).words)
    }

    #[test]
    fn shuffled_words_have_no_order() {
        assert!(jumbled(
            "so a lock the of interpreter is, thread the bytecode at. time one runs only a cores on several don't and \
             threads the faster therefore for lock fight they"
        ));
    }

    #[test]
    fn broken_english_has_one() {
        assert!(!jumbled(
            "i from China, my english so so. yield function not run all, you ask one it give one. list function run all \
             first, put all in memory. yield only use one time, second time empty."
        ));
    }
}
