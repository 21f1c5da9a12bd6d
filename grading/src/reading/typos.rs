//! Repairs spelling, guarded by word length and by the words that are known.

use std::borrow::Cow;

use super::Word;
use crate::hash::{QuickMap, QuickSet};
use crate::lexicon::lexicon;

/// The words that a misspelt one may be taken for.
#[derive(Debug, Clone, Default)]
pub struct Spelling {
    by_letter: QuickMap<char, Vec<String>>,
    known: QuickSet<String>,
    /// Function words that are names in this rubric ("None"), by their lower-case spelling.
    names: QuickMap<String, String>,
}

impl Spelling {
    /// Adds a word as it is rightly spelt.
    pub fn add(&mut self, word: &str) {
        if self.known.contains(word) {
            return;
        }
        self.known.insert(word.to_owned());
        if word.chars().count() >= 4
            && let Some(first) = word.chars().next()
        {
            self.by_letter.entry(first).or_default().push(word.to_owned());
        }
    }

    /// Adds a function word that this rubric uses as a name, as it is written.
    pub fn add_name(&mut self, name: &str) {
        self.names.insert(name.to_lowercase(), name.to_owned());
    }

    /// Marks the names: as such they are neither function words nor denials. "None of them" stays what it is.
    pub(super) fn mark_names(&self, words: &mut [Word]) {
        if self.names.is_empty() {
            return;
        }
        for at in 0..words.len() {
            let before_of = words.get(at + 1).is_some_and(|next| next.text == "of");
            let Some(word) = words.get_mut(at) else { continue };
            if let Some(name) = self.names.get(&*word.text)
                && !before_of
            {
                word.text = Cow::Owned(name.clone());
                word.lemma = Cow::Owned(name.clone());
            }
        }
    }

    /// Repairs the words that nobody knows.
    pub(super) fn repair(&self, words: &mut [Word]) {
        if self.by_letter.is_empty() {
            return;
        }
        let lexicon = lexicon();
        for word in words.iter_mut() {
            if word.mark.is_some() || word.number.is_some() {
                continue;
            }
            if let Some(repaired) = self.repaired(&word.text, &word.lemma) {
                word.lemma = lexicon.lemma(repaired);
                word.text = lexicon.spelt(repaired);
                word.repaired = true;
            }
        }
    }

    /// What a word would be taken for, where nobody knows it and something is near enough.
    pub(crate) fn repaired(&self, text: &str, lemma: &str) -> Option<&str> {
        let length = text.chars().count();
        let known = |word: &str| self.known.contains(word);
        if !(4..=24).contains(&length) || known(text) || known(lemma) || lexicon().knows(lemma) {
            return None;
        }
        self.nearest(text, length)
    }

    fn nearest(&self, word: &str, length: usize) -> Option<&str> {
        let allowed = match length {
            0..=3 => 0,
            4..=6 => 1,
            7..=9 => 2,
            _ => 3,
        };
        let first = word.chars().next()?;
        let second = word.chars().nth(1)?;
        let mut best: Option<(usize, &str)> = None;
        for letter in [first, second] {
            for candidate in self.by_letter.get(&letter).map(Vec::as_slice).unwrap_or_default() {
                if candidate.len().abs_diff(word.len()) > allowed {
                    continue;
                }
                let distance = strsim::osa_distance(word, candidate);
                if distance <= allowed && best.is_none_or(|(least, _)| distance < least) {
                    best = Some((distance, candidate));
                }
            }
            if first == second {
                break;
            }
        }
        best.map(|(_, candidate)| candidate)
    }
}
