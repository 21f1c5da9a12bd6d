//! Grades answers and prints one report a line, as `score.py` reads it.
//!
//! ```text
//! cargo run --release -p grading --example grade -- SET.json ANSWERS.jsonl [--explain]
//! ```

#![allow(clippy::expect_used)]

use std::collections::BTreeMap;

use grading::{CompiledRubric, QuestionSet, Verdict, grade};
use serde::Deserialize;

#[derive(Deserialize)]
struct Answer {
    id: String,
    question_id: String,
    answer: String,
    #[serde(default)]
    labels: BTreeMap<String, Verdict>,
    #[serde(default)]
    kind: String,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [set, answers, rest @ ..] = arguments.as_slice() else {
        eprintln!("usage: grade SET.json ANSWERS.jsonl [--explain]");
        std::process::exit(2);
    };
    let explain = rest.iter().any(|flag| flag == "--explain");
    let set: QuestionSet = QuestionSet::parse(&std::fs::read_to_string(set).expect("the set can be read"))
        .expect("the set is well formed");
    let rubrics: BTreeMap<&str, CompiledRubric> = set
        .questions
        .iter()
        .map(|q| (q.id.as_str(), CompiledRubric::compile(q, &set.synonyms)))
        .collect();
    for line in std::fs::read_to_string(answers)
        .expect("the answers can be read")
        .lines()
    {
        if line.trim().is_empty() {
            continue;
        }
        let answer: Answer = serde_json::from_str(line).expect("a line is an answer");
        let Some(rubric) = rubrics.get(answer.question_id.as_str()) else {
            continue;
        };
        let report = grade(rubric, &answer.answer);
        if explain {
            println!(
                "\n== {} {} {:?}\n{}",
                answer.id, answer.kind, report.flags, answer.answer
            );
            for (concept, of) in report.concepts.iter().zip(&rubric.question().concepts) {
                let label = answer.labels.get(&concept.id);
                let mark = if label == Some(&concept.verdict) {
                    ' '
                } else {
                    '✗'
                };
                println!(
                    "{mark} {:?}, label {:?}, {:.2}: {}",
                    concept.verdict,
                    label,
                    concept.confidence,
                    concept.explanation(of)
                );
            }
        } else {
            let mut report = serde_json::to_value(&report).expect("a report is JSON");
            report["id"] = answer.id.into();
            println!("{report}");
        }
    }
}
