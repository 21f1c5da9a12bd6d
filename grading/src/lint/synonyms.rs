//! The set's own groups of synonyms.

use super::Place;
use super::contrary::exclude;
use super::studied::Studied;
use crate::lexicon::lexicon;
use crate::reading::{Reading, Spelling};
use crate::rubric::QuestionSet;

fn place(number: usize, message: String) -> Place {
    Place {
        question: None,
        concept: None,
        rest: format!("/synonyms/{number}"),
        message,
    }
}

/// Groups that no phrase of the set has a word of.
pub(super) fn unused(set: &QuestionSet, _: &[Studied<'_>], found: &mut Vec<Place>) {
    if set.synonyms.is_empty() {
        return;
    }
    let phrases: Vec<String> = set
        .questions
        .iter()
        .flat_map(|question| &question.concepts)
        .flat_map(|concept| {
            concept
                .accept
                .iter()
                .chain(&concept.reject)
                .chain([&concept.statement])
        })
        .map(|phrase| {
            let lemmas: Vec<_> = Reading::of(phrase, &Spelling::default())
                .words
                .into_iter()
                .map(|word| word.lemma)
                .collect();
            format!(" {} ", lemmas.join(" "))
        })
        .collect();
    for (number, group) in set.synonyms.iter().enumerate() {
        let stands = |member: &String| {
            let pattern = lexicon().pattern(member).join(" ");
            !pattern.is_empty()
                && phrases
                    .iter()
                    .any(|phrase| phrase.contains(&format!(" {pattern} ")))
        };
        if !group.iter().any(stands) {
            let message = format!(
                "No statement or phrase of the set has a word of [{}]: the group does nothing. Remove it, or put in the rubric's own word.",
                group.join(", ")
            );
            found.push(place(number, message));
        }
    }
}

/// Groups whose members exclude each other.
pub(super) fn opposites(set: &QuestionSet, _: &[Studied<'_>], found: &mut Vec<Place>) {
    for (number, group) in set.synonyms.iter().enumerate() {
        let members: Vec<(&String, Vec<String>)> = group
            .iter()
            .map(|member| (member, lexicon().pattern(member)))
            .collect();
        let pairs = members
            .iter()
            .enumerate()
            .flat_map(|(at, one)| members.iter().skip(at + 1).map(move |other| (one, other)));
        let opposed = pairs
            .into_iter()
            .find(|((_, one), (_, other))| exclude(one, other));
        if let Some(((one, _), (other, _))) = opposed {
            let message = format!(
                "“{one}” and “{other}” exclude each other, and the group makes them mean the same: who says one is taken to say the other. Split the group."
            );
            found.push(place(number, message));
        }
    }
}
