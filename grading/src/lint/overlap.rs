//! One concept's sentences, held against the other concepts of its question.

use super::Place;
use super::studied::{Studied, StudiedConcept, decides};
use crate::report::{Report, Verdict};

/// Sentences that are right by one concept and meet another as well.
pub(super) fn same_sentence(studied: &Studied<'_>, found: &mut Vec<Place>) {
    pairs(studied, Verdict::Met, found, |other, example, rest| {
        format!(
            "“{example}”{rest} also meets the concept {other}: one sentence earns two marks. Say in each statement what sets it apart, or make them one concept."
        )
    });
}

/// Sentences that are right by one concept and read as the contrary of another.
pub(super) fn right_and_wrong(studied: &Studied<'_>, found: &mut Vec<Place>) {
    pairs(studied, Verdict::Contradicted, found, |other, example, rest| {
        format!(
            "“{example}”{rest} reads as the contrary of the concept {other}: who says what is right here loses that mark. Name in both statements what they are about."
        )
    });
}

/// One finding for each pair of concepts, with the first sentence that shows it.
fn pairs(
    studied: &Studied<'_>,
    verdict: Verdict,
    found: &mut Vec<Place>,
    message: impl Fn(&str, &str, &str) -> String,
) {
    for concept in &studied.concepts {
        for other in studied
            .concepts
            .iter()
            .filter(|other| other.number != concept.number)
        {
            let hits: Vec<(String, &str)> = sentences(concept)
                .filter(|(_, text, report)| {
                    let twins =
                        verdict == Verdict::Met && text.eq_ignore_ascii_case(&other.concept.statement);
                    twins || decides(report, other.number, verdict)
                })
                .map(|(rest, text, _)| (rest, text))
                .collect();
            let Some((rest, example)) = hits.first() else {
                continue;
            };
            let more = match hits.len() - 1 {
                0 => String::new(),
                more => format!(" (and {more} more)"),
            };
            found.push(studied.at_concept(
                concept.number,
                rest.clone(),
                message(&other.concept.id, example, &more),
            ));
        }
    }
}

/// What a right answer may say of a concept: where it stands, its text, what became of it.
fn sentences<'a>(concept: &'a StudiedConcept<'_>) -> impl Iterator<Item = (String, &'a str, &'a Report)> {
    let accepted = concept.concept.accept.iter().zip(&concept.accept).enumerate();
    let statement = (
        "/statement".to_owned(),
        concept.concept.statement.as_str(),
        &concept.statement,
    );
    std::iter::once(statement)
        .chain(accepted.map(|(number, (text, report))| (format!("/accept/{number}"), text.as_str(), report)))
}
