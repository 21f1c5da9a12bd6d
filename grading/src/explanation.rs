//! Says in one sentence why a verdict is what it is. Derived from the verdict and its evidence, never stored.

use crate::report::{ConceptReport, Evidence, MatchKind, Verdict};
use crate::rubric::Concept;

/// Longest quotation in an explanation, in code points.
const LONGEST_QUOTE: usize = 160;

impl ConceptReport {
    /// Why the verdict is what it is, in one plain sentence.
    pub fn explanation(&self, concept: &Concept) -> String {
        let claim = in_one_line(&concept.statement);
        let claim = claim.trim_end_matches('.');
        match (self.verdict, self.evidence.first(), &self.nearest) {
            (Verdict::Met, Some(evidence), _) => {
                format!(
                    "“{}” says that “{claim}”{}.",
                    shorten(&evidence.quote),
                    linked(evidence)
                )
            }
            (Verdict::Met, None, _) => format!("The answer says that “{claim}”."),
            (Verdict::Contradicted, Some(evidence), _) => {
                format!(
                    "“{}” says the contrary of “{claim}”{}.",
                    shorten(&evidence.quote),
                    linked(evidence)
                )
            }
            (Verdict::Contradicted, None, _) => format!("The answer says the contrary of “{claim}”."),
            (Verdict::Absent, _, Some(near)) => format!(
                "Nothing says that “{claim}”; “{}” comes nearest, {} % of the way.",
                shorten(&near.evidence.quote),
                (near.closeness * 100.0).round()
            ),
            (Verdict::Absent, _, None) => format!("Nothing says that “{claim}”."),
        }
    }
}

/// A statement may be a list on lines of its own.
fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn shorten(quote: &str) -> String {
    let quote = in_one_line(quote);
    if quote.chars().count() <= LONGEST_QUOTE {
        return quote;
    }
    let cut: String = quote.chars().take(LONGEST_QUOTE).collect();
    format!("{}…", cut.trim_end())
}

/// The most telling pairs of words, where they aren't the same word.
fn linked(evidence: &Evidence) -> String {
    let pairs: Vec<String> = evidence
        .links
        .iter()
        .filter(|link| {
            matches!(
                link.kind,
                MatchKind::Synonym | MatchKind::Typo | MatchKind::Antonym
            )
        })
        .take(2)
        .map(|link| match link.kind {
            MatchKind::Antonym => format!("“{}” against “{}”", link.answer, link.rubric),
            MatchKind::Typo => format!("“{}” read as “{}”", link.answer, link.rubric),
            _ => format!("“{}” for “{}”", link.answer, link.rubric),
        })
        .collect();
    if pairs.is_empty() {
        String::new()
    } else {
        format!(" ({})", pairs.join(", "))
    }
}
