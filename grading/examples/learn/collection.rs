//! Reads the evaluation collection.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use grading::pairs::{self, Pairs};
use grading::wordings::Wordings;
use grading::{CompiledRubric, QuestionSet, Verdict};
use serde::Deserialize;

/// A labelled answer.
#[derive(Debug, Clone, Deserialize)]
pub struct Answer {
    #[allow(dead_code)]
    pub id: String,
    pub question_id: String,
    #[serde(default)]
    pub kind: String,
    pub answer: String,
    pub labels: BTreeMap<String, Verdict>,
    /// The words that a label rests on, where they were noted.
    #[serde(default)]
    pub because: BTreeMap<String, String>,
}

impl Answer {
    /// Where the words stand that a label rests on, in code points.
    pub fn quotation(&self, concept: &str) -> Option<(usize, usize)> {
        let quotation = self.because.get(concept)?;
        let at = self.answer.find(quotation.as_str())?;
        let start = self.answer.get(..at)?.chars().count();
        Some((start, start + quotation.chars().count()))
    }
}

/// A set of labelled answers with its compiled rubrics.
pub struct Set {
    pub name: String,
    pub rubrics: BTreeMap<String, CompiledRubric>,
    pub synonyms: Vec<Vec<String>>,
    pub answers: Vec<Answer>,
}

/// What a set is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    Python,
    BalancedSoftware,
    BalancedOutside,
    Older,
}

impl Set {
    pub fn sort(&self) -> Sort {
        match self.name.as_str() {
            name if name.starts_with("python") => Sort::Python,
            "finance"
            | "sales-marketing-hr"
            | "science"
            | "engineering-trades"
            | "education-law-public"
            | "health-care"
            | "hospitality-food" => Sort::BalancedOutside,
            "general-dev"
            | "java"
            | "javascript"
            | "systems"
            | "distributed"
            | "algorithms-databases"
            | "devops-security"
            | "data-science" => Sort::Older,
            name if OUTSIDE.contains(&name) => Sort::BalancedOutside,
            _ => Sort::BalancedSoftware,
        }
    }

    /// Reads the rubrics anew, with other pairs of words.
    pub fn compile_again(&mut self, pairs: &'static Pairs) {
        for rubric in self.rubrics.values_mut() {
            let again =
                CompiledRubric::compile_with(rubric.question(), &self.synonyms, &Wordings::default(), pairs);
            *rubric = again;
        }
    }

    /// Who wrote the answers: several sets may be one writer's.
    pub fn writer(&self) -> String {
        let number = self.name.strip_prefix("python-writer-");
        number.map_or(self.name.clone(), |rest| rest.chars().take(1).collect())
    }

    /// Kept aside: never learnt from, looked at only at milestones.
    pub fn kept_aside(&self) -> bool {
        matches!(self.name.as_str(), "science" | "languages-more" | "python-core-2")
    }
}

const OUTSIDE: &[&str] = &[
    "logistics-manufacturing",
    "history-psychology",
    "biology-chemistry-physics",
    "insurance-banking-accounting",
    "construction-energy-transport",
    "geography-weather-astronomy",
    "management-projects-quality",
    "media-design-languages",
    "physics-medicine-everyday",
    "accounting-tax-economics",
    "earth-space-biology-history",
    "law-contracts-insurance",
    "logistics-aviation-hospitality",
    "marketing-sales-retail",
    "mechanical-civil-electrical",
    "nursing-pharmacy-nutrition",
    "teaching-psychology-social-work",
];

/// Reads all the sets of a folder, in the order of their names, their rubrics compiled with what `wordings` holds.
pub fn read(folder: &Path, wordings: &Wordings) -> Vec<Set> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("the folder of answers")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".labelled.jsonl").map(str::to_owned))
        .collect();
    names.sort();
    names
        .into_iter()
        .map(|name| {
            // The Python answers are graded by the built-in set, with all its phrasings; the others from statements alone.
            let python = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
                .join("../api/question-sets/python-core-mechanics.yaml");
            let rubric = if name.starts_with("python") {
                python
            } else {
                folder.join(format!("{name}.json"))
            };
            let text = std::fs::read_to_string(rubric).expect("a rubric");
            let set = QuestionSet::parse(&text).unwrap_or_else(|faults| panic!("{name}: {faults:?}"));
            let rubrics = set
                .questions
                .iter()
                .map(|question| {
                    (
                        question.id.clone(),
                        CompiledRubric::compile_with(question, &set.synonyms, wordings, pairs::learnt()),
                    )
                })
                .collect();
            let answers = std::fs::read_to_string(folder.join(format!("{name}.labelled.jsonl")))
                .expect("labelled answers")
                .lines()
                .filter(|line| !line.trim().is_empty())
                .map(|line| {
                    serde_json::from_str(line).unwrap_or_else(|error| panic!("{name}: {error}: {line}"))
                })
                .collect();
            Set {
                name,
                rubrics,
                synonyms: set.synonyms,
                answers,
            }
        })
        .collect()
}
