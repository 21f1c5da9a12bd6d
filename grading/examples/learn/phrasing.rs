//! Learns the weights for rubrics with `accept` and `reject` lists, from the answers to the sets that have such lists.

use grading::evaluation::{Figures, Row};
use grading::model::Model;
use grading::phrases::measure_names;
use grading::{Observed, grade_by};

use super::boost::{self, Example, Settings};
use super::collection::{Set, Sort};
use super::{Case, cases, class, learn, print};

/// Few and small trees: there are few answers to learn from.
const SETTINGS: Settings =
    Settings { rounds: 110, depth: 3, rate: 0.06, least: 6.0, ridge: 4.0, columns: 0.5, rows: 0.7 };

/// The weights for windows, learnt from the other sets alone, so that what they say of these is honest.
pub fn windows(sets: &[Set]) -> (Model, Model) {
    let made: Vec<Vec<Case>> = sets.iter().filter(|set| set.sort() != Sort::Python).map(cases).collect();
    let from: Vec<&[Case]> = made.iter().map(Vec::as_slice).collect();
    let (window, _, text) = learn(&from, Settings::default());
    (window, Model::parse(&text, &grading::model::verdict_names()))
}

/// The examples of a set.
pub fn examples(set: &Set, window: &Model, verdict: &Model) -> Vec<Example> {
    let mut out = Vec::new();
    let mut take = |question: &str, text: &str, labels: &dyn Fn(&str) -> Option<usize>, weight: f32| {
        let Some(rubric) = set.rubrics.get(question) else { return };
        let Some(observed) = Observed::of(rubric, text) else { return };
        let judged = observed.judge(window);
        for (number, concept) in rubric.question().concepts.iter().enumerate() {
            if let (Some(measures), Some(class)) = (observed.phrase_measures(&judged, verdict, number), labels(&concept.id)) {
                out.push(Example { measures, class, weight });
            }
        }
    };
    let questions: Vec<&String> = set.rubrics.keys().collect();
    for (number, answer) in set.answers.iter().enumerate() {
        take(&answer.question_id, &answer.answer, &|id| answer.labels.get(id).map(|label| class(*label)), 1.0);
        // Held against another question, or with its words shuffled, an answer says nothing.
        if number % 3 == 0 {
            let at = questions.iter().position(|q| **q == answer.question_id).unwrap_or(0);
            take(questions[(at + 1 + number) % questions.len()], &answer.answer, &|_| Some(0), 0.3);
        }
        if answer.kind == "full" && number % 2 == 0 {
            take(&answer.question_id, &super::shuffled(&answer.answer), &|_| Some(0), 0.4);
        }
    }
    out
}

/// Learns the weights as text.
pub fn weights(sets: &[&Set], window: &Model, verdict: &Model) -> String {
    let all: Vec<Example> = sets.iter().flat_map(|set| examples(set, window, verdict)).collect();
    boost::learn(&all, &measure_names(), SETTINGS)
}

/// Grades each set by weights learnt from the other writers'.
pub fn validate(sets: &[Set]) {
    let (window, verdict) = windows(sets);
    let python: Vec<&Set> = sets.iter().filter(|set| set.sort() == Sort::Python).collect();
    for held in &python {
        let rest: Vec<&Set> = python.iter().filter(|set| set.name != held.name).copied().collect();
        let phrases = Model::parse(&weights(&rest, &window, &verdict), &measure_names());
        print(&held.name, &Figures::of(&rows(held, &window, &verdict, &phrases)));
    }
}

fn rows(set: &Set, window: &Model, verdict: &Model, phrases: &Model) -> Vec<Row> {
    let mut rows = Vec::new();
    for answer in &set.answers {
        let Some(rubric) = set.rubrics.get(&answer.question_id) else { continue };
        for concept in grade_by(rubric, &answer.answer, window, verdict, phrases).concepts {
            if let Some(label) = answer.labels.get(&concept.id) {
                rows.push(Row {
                    label: *label,
                    verdict: concept.verdict,
                    needs_review: concept.needs_review,
                    confidence: concept.confidence,
                    kind: answer.kind.clone(),
                });
            }
        }
    }
    rows
}
