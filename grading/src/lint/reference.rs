//! The reference answer, graded.

use super::Place;
use super::studied::Studied;
use crate::report::{ConceptReport, Verdict};

/// Concepts that the author's own good answer does not meet.
pub(super) fn not_met(studied: &Studied<'_>, found: &mut Vec<Place>) {
    for (number, graded) in studied
        .reference
        .iter()
        .flat_map(|report| report.concepts.iter().enumerate())
    {
        if graded.verdict == Verdict::Met {
            continue;
        }
        let message = format!(
            "The reference answer does not meet this concept: {}. Say it in the reference, or reword the statement or add to accept as the reference says it.",
            reason(graded)
        );
        found.push(studied.at_concept(number, "", message));
    }
}

fn reason(graded: &ConceptReport) -> String {
    let quote = |quote: &str| format!("“{}”", quote.trim());
    match (graded.verdict, graded.evidence.first(), &graded.nearest) {
        (Verdict::Contradicted, Some(evidence), _) => {
            format!("{} reads as its contrary", quote(&evidence.quote))
        }
        (_, _, Some(nearest)) => format!(
            "{} comes nearest, {:.0} % of the way",
            quote(&nearest.evidence.quote),
            nearest.closeness * 100.0
        ),
        _ => "nothing in it comes near".to_owned(),
    }
}
