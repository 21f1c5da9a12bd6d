//! Every stage's view of an answer, for the author of a rubric and for whoever looks for a fault.

use serde::Serialize;

use crate::code;
use crate::compiled::CompiledRubric;
use crate::features::NAMES;
use crate::model::{Knowledge, learnt};
use crate::reading::{Reading, Stance};
use crate::text::slice;
use crate::verdict::Observed;

/// What each stage made of an answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trace {
    /// The clauses, in order.
    pub clauses: Vec<TracedClause>,
    /// For each concept, the windows that were weighed.
    pub concepts: Vec<TracedConcept>,
}

/// A clause as it was read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TracedClause {
    /// Its words, in their base forms and with typos repaired.
    pub words: Vec<String>,
    /// What it is about.
    pub subject: Vec<String>,
    /// Whether that was carried over from before.
    pub carried: bool,
    /// The words that are denied.
    pub denied: Vec<String>,
    /// Whose view it gives: "own", "reported", "rejected" or "withdrawn".
    pub view: &'static str,
}

/// A concept and the windows that come near it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TracedConcept {
    /// The concept's slug.
    pub id: String,
    /// The windows, the nearest by words first.
    pub windows: Vec<TracedWindow>,
}

/// A window held against a concept.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TracedWindow {
    /// The answer's own words.
    pub quote: String,
    /// How likely it is, by this window alone, that the concept is met, 0 to 1.
    pub met: f32,
    /// That it is contradicted, 0 to 1.
    pub contradicted: f32,
    /// What was measured, by name; measures of 0 are left out.
    pub measures: Vec<(&'static str, f32)>,
}

/// Grades as [`crate::grade`] does and tells what each stage saw.
pub fn trace(rubric: &CompiledRubric, answer: &str) -> Trace {
    let reading = Reading::of(&code::split(answer).prose(answer), &rubric.spelling);
    let named = |at: &usize| reading.words.get(*at).map(|word| word.lemma.clone());
    let clauses = reading
        .clauses
        .iter()
        .map(|clause| {
            let words = reading
                .clause_words(clause)
                .iter()
                .filter(|word| word.mark.is_none());
            TracedClause {
                words: words.clone().map(|word| word.lemma.clone()).collect(),
                subject: clause.subject.iter().filter_map(named).collect(),
                carried: clause.carried,
                denied: words
                    .filter(|word| word.negated && word.content)
                    .map(|word| word.lemma.clone())
                    .collect(),
                view: match clause.stance {
                    Stance::Own => "own",
                    Stance::Reported => "reported",
                    Stance::Rejected => "rejected",
                    Stance::Withdrawn => "withdrawn",
                },
            }
        })
        .collect();
    let observed = Observed::of(rubric, answer);
    let model = &learnt().of(Knowledge::of(rubric)).window;
    let concepts = rubric
        .question()
        .concepts
        .iter()
        .enumerate()
        .map(|(number, concept)| TracedConcept {
            id: concept.id.clone(),
            windows: observed
                .iter()
                .flat_map(|observed| observed.spans(number).zip(observed.windows(number)))
                .map(|((start, end), measures)| {
                    let likelihood = model.likelihood(measures);
                    TracedWindow {
                        quote: slice(answer, start, end),
                        met: likelihood.met,
                        contradicted: likelihood.contradicted,
                        measures: NAMES
                            .iter()
                            .copied()
                            .zip(measures.iter().copied())
                            .filter(|(_, value)| *value != 0.0)
                            .collect(),
                    }
                })
                .collect(),
        })
        .collect();
    Trace { clauses, concepts }
}
