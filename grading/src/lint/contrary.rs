//! Whether a phrase is the contrary of a sentence in the sentence's own words.

use std::slice::from_ref;

use crate::lexicon::{Relation, lexicon};
use crate::reading::{Reading, Spelling, Word};

/// Whether `phrase` says a sentence again, but for an odd number of words that it denies or turns into their opposites. Every
/// word of the phrase must stand in the sentence, and three in four of the sentence's words in the phrase.
pub(super) fn of(sentence: &Reading, phrase: &str) -> bool {
    let phrase = Reading::of(phrase, &Spelling::default());
    let (mut shared, mut opposites) = (0, 0);
    let mut denied = false;
    for word in content(&phrase) {
        if let Some(same) = content(sentence).find(|same| same.stem == word.stem) {
            shared += 1;
            denied |= same.negated != word.negated;
        } else if content(sentence).any(|other| exclude(from_ref(&word.lemma), from_ref(&other.lemma))) {
            opposites += 1;
        } else {
            return false;
        }
    }
    let whole = 4 * (shared + opposites) >= 3 * content(sentence).count();
    whole && shared > 0 && (opposites + usize::from(denied)) % 2 == 1
}

fn content(reading: &Reading) -> impl Iterator<Item = &Word> {
    reading
        .words
        .iter()
        .filter(|word| word.content && word.mark.is_none())
}

/// Whether two words or phrases, in base forms, exclude each other by the lexicon.
pub(super) fn exclude<W: AsRef<str>>(one: &[W], other: &[W]) -> bool {
    let lexicon = lexicon();
    let groups = |words: &[W]| {
        let lemmas: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
        let mut found = Vec::new();
        lexicon.find(&lemmas, 0, &mut found);
        found.retain(|found| found.to == lemmas.len());
        found
    };
    let theirs = groups(other);
    let in_groups = groups(one).iter().any(|mine| {
        theirs
            .iter()
            .any(|theirs| lexicon.opposites(mine.group).contains(&theirs.group))
    });
    let mut in_wordnet = false;
    if let ([one], [other]) = (one, other) {
        lexicon.related(one.as_ref(), |word, relation, _| {
            in_wordnet |= relation == Relation::Opposite && word == other.as_ref()
        });
    }
    in_groups || in_wordnet
}
