//! The phrases beside a statement, held against it and against each other.

use std::collections::BTreeMap;

use super::studied::{Studied, StudiedConcept, says, surely};
use super::{Place, contrary};
use crate::reading::{Reading, Spelling};
use crate::report::Verdict;

/// Statements that the engine does not recognise in their own words.
pub(super) fn statement_not_met(studied: &Studied<'_>, found: &mut Vec<Place>) {
    for concept in &studied.concepts {
        if !says(&concept.statement, concept.number, Verdict::Met) {
            let message = "The statement itself, given as an answer, does not meet this concept. Say the claim in a plain sentence of its own.";
            found.push(studied.at_concept(concept.number, "/statement", message.to_owned()));
        }
    }
}

/// Phrases to accept that say the contrary in the statement's own words.
pub(super) fn accept_denies(studied: &Studied<'_>, found: &mut Vec<Place>) {
    for concept in &studied.concepts {
        for (number, text) in concept.concept.accept.iter().enumerate() {
            if contrary::of(&concept.reading, text) {
                let message =
                    format!("“{text}” is to be accepted, but denies the statement. Move it to reject.");
                found.push(studied.at_concept(concept.number, format!("/accept/{number}"), message));
            }
        }
    }
}

/// Phrases to accept that are graded as the contrary.
pub(super) fn accept_contradicts(studied: &Studied<'_>, found: &mut Vec<Place>) {
    for concept in &studied.concepts {
        for (number, (text, report)) in concept.concept.accept.iter().zip(&concept.accept).enumerate() {
            if says(report, concept.number, Verdict::Contradicted) {
                let message = format!(
                    "“{text}” is to be accepted, but given as an answer it contradicts the concept. Move it to reject, or reword it."
                );
                found.push(studied.at_concept(concept.number, format!("/accept/{number}"), message));
            }
        }
    }
}

/// Phrases to reject that earn the mark.
pub(super) fn reject_meets(studied: &Studied<'_>, found: &mut Vec<Place>) {
    for concept in &studied.concepts {
        for (number, (text, report)) in concept.concept.reject.iter().zip(&concept.reject).enumerate() {
            if surely(report, concept.number, Verdict::Met) {
                let message = format!(
                    "“{text}” is to be rejected, but given as an answer it meets the concept. Move it to accept, or reword it."
                );
                found.push(studied.at_concept(concept.number, format!("/reject/{number}"), message));
            }
        }
    }
}

/// Phrases that are in both lists.
pub(super) fn accepted_and_rejected(studied: &Studied<'_>, found: &mut Vec<Place>) {
    for concept in &studied.concepts {
        let right = spoken(concept, true);
        for (number, text) in concept.concept.reject.iter().enumerate() {
            if let Some(other) = right
                .iter()
                .find(|(_, words)| *words == words_of(text))
                .map(|(place, _)| place)
            {
                let message = format!(
                    "“{text}” is to be rejected, and {} says the same. It can't be both.",
                    other.trim_start_matches('/')
                );
                found.push(studied.at_concept(concept.number, format!("/reject/{number}"), message));
            }
        }
    }
}

/// Phrases that repeat another one.
pub(super) fn twice(studied: &Studied<'_>, found: &mut Vec<Place>) {
    for concept in &studied.concepts {
        for accept in [true, false] {
            let mut seen: BTreeMap<Vec<String>, String> = BTreeMap::new();
            for (place, words) in spoken(concept, accept) {
                if let Some(first) = seen.get(&words) {
                    let message = format!(
                        "It says the same, word for word, as {}. It changes nothing; write another way to say it.",
                        first.trim_start_matches('/')
                    );
                    found.push(studied.at_concept(concept.number, place, message));
                } else {
                    seen.insert(words, place);
                }
            }
        }
    }
}

/// The phrases of a concept that are right, or those that are wrong: where each stands, and its words.
fn spoken(concept: &StudiedConcept<'_>, right: bool) -> Vec<(String, Vec<String>)> {
    let list = |name: &str, phrases: &[String]| -> Vec<(String, Vec<String>)> {
        phrases
            .iter()
            .enumerate()
            .map(|(number, text)| (format!("/{name}/{number}"), words_of(text)))
            .collect()
    };
    if !right {
        return list("reject", &concept.concept.reject);
    }
    let mut all = vec![("/statement".to_owned(), words_of(&concept.concept.statement))];
    all.extend(list("accept", &concept.concept.accept));
    all
}

/// The base forms of a phrase in their order: what is left of it when spelling and punctuation are gone.
fn words_of(text: &str) -> Vec<String> {
    Reading::of(text, &Spelling::default())
        .words
        .into_iter()
        .filter(|word| word.mark.is_none() && !matches!(&*word.text, "a" | "an" | "the"))
        .map(|word| word.text.into_owned())
        .collect()
}
