//! What code shows of a concept, weighed with what the prose says.

use crate::code::{self, CodeVerdict, Finding};
use crate::model::Likelihood;
use crate::report::{Evidence, PhraseKind};
use crate::rubric::Concept;

/// What code shows outweighs what the prose may mean; code in the middle of a sentence doesn't outweigh a sentence that
/// plainly says the contrary. Gives the finding where it decides.
pub(crate) fn with_code(likelihood: Likelihood, shown: CodeVerdict<'_>) -> (Likelihood, Option<&Finding>) {
    let sure = |met: f32, contradicted: f32| Likelihood {
        absent: 1.0 - met - contradicted,
        contradicted,
        met,
    };
    match shown {
        CodeVerdict::Shows(finding) if finding.is_inline && likelihood.contradicted > 0.6 => {
            (likelihood, None)
        }
        CodeVerdict::Shows(finding) if likelihood.contradicted > 0.8 => (sure(0.5, 0.4), Some(finding)),
        CodeVerdict::Shows(finding) => (
            sure(if finding.is_inline { 0.88 } else { 0.95 }, 0.02),
            Some(finding),
        ),
        CodeVerdict::Opposes(finding) => (sure(0.03, 0.92), Some(finding)),
        CodeVerdict::Silent => (likelihood, None),
    }
}

/// The code that a verdict rests on.
pub(crate) fn code_evidence(concept: &Concept, finding: &Finding) -> Evidence {
    let language = concept.code.as_ref().map_or("", |code| code.language.as_str());
    Evidence {
        start: finding.start,
        end: finding.end,
        quote: finding.quote.clone(),
        phrase: code::sentence(language, &finding.fact)
            .unwrap_or(&finding.fact)
            .to_owned(),
        phrase_kind: PhraseKind::Code,
        links: Vec::new(),
    }
}

