//! Words that typo repair could take for one another.

use std::collections::{BTreeMap, BTreeSet};

use super::Place;
use super::studied::Studied;
use crate::lexicon::lexicon;
use crate::reading::{Reading, Spelling};

/// Words of the prompt and the reference, spelt as the author meant them, that are read as others.
pub(super) fn misread_words(studied: &Studied<'_>, found: &mut Vec<Place>) {
    let texts = [
        ("/prompt", Some(studied.question.prompt.as_str())),
        ("/reference", studied.question.reference.as_deref()),
    ];
    for (place, text) in texts {
        let Some(text) = text else { continue };
        let mut seen = BTreeSet::new();
        let plain = Reading::of(text, &Spelling::default());
        for word in plain
            .words
            .iter()
            .filter(|word| word.mark.is_none() && word.number.is_none())
        {
            if let Some(repaired) = studied.rubric.spelling.repaired(&word.text, &word.lemma)
                && !akin(&lexicon().stem(&lexicon().lemma(repaired)), &word.stem)
                && !akin(repaired, &word.text)
                && seen.insert(word.text.clone())
            {
                let message = format!(
                    "“{}” is taken for a misspelt “{repaired}”. Correct it where it is misspelt; else use the word in a statement or a group of synonyms, so that it is known.",
                    word.text
                );
                found.push(studied.at(place, message));
            }
        }
    }
}

/// The shortest word that is worth a warning, in letters: of shorter ones most pairs are a slip apart.
const SHORTEST: usize = 5;

/// Words of a statement that a single slip turns into a word of another statement.
pub(super) fn confusable_words(studied: &Studied<'_>, found: &mut Vec<Place>) {
    let lexicon = lexicon();
    let words = || {
        studied.concepts.iter().flat_map(|concept| {
            concept
                .reading
                .words
                .iter()
                .map(move |word| (concept.number, word))
        })
    };
    let named: BTreeMap<&str, &str> = words()
        .filter(|(_, word)| word.content)
        .map(|(_, word)| (&*word.text, &*word.stem))
        .collect();
    let mut seen = BTreeSet::new();
    for (concept, word) in words()
        .filter(|(_, word)| word.content && word.number.is_none() && word.text.chars().count() >= SHORTEST)
    {
        if !seen.insert(&*word.text) {
            continue;
        }
        let confused = slips(&word.text).find_map(|slip| {
            let repaired = studied.rubric.spelling.repaired(&slip, &lexicon.lemma(&slip))?;
            let stem = *named.get(repaired)?;
            let apart = !akin(stem, &word.stem) && !akin(repaired, &word.text);
            (apart && repaired.chars().count() >= SHORTEST).then(|| (slip, repaired.to_owned()))
        });
        if let Some((slip, repaired)) = confused {
            let message = format!(
                "“{}”, misspelt as “{slip}”, is taken for “{repaired}”, which a statement has too. Use another word for one of them.",
                word.text
            );
            found.push(studied.at_concept(concept, "/statement", message));
        }
    }
}

/// Whether two stems are those of one family of words ("expir" and "expiri").
fn akin(one: &str, other: &str) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

/// A word with a letter dropped, doubled, or swapped with its neighbour; the first stays in its place.
fn slips(word: &str) -> impl Iterator<Item = String> {
    let letters: Vec<char> = word.chars().collect();
    (1..letters.len()).flat_map(move |at| {
        let mut dropped = letters.clone();
        let letter = dropped.remove(at);
        let mut doubled = letters.clone();
        doubled.insert(at, letter);
        let mut swapped = letters.clone();
        if at > 1 {
            swapped.swap(at - 1, at);
        }
        [dropped, doubled, swapped].map(|letters| letters.into_iter().collect())
    })
}
