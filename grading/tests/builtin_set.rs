//! The built-in question set keeps its own promises.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;

use grading::{CompiledRubric, QuestionSet, Verdict, grade};

fn set() -> QuestionSet {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../api/question-sets/python-core-mechanics.yaml");
    let text = std::fs::read_to_string(path).unwrap();
    QuestionSet::parse(&text).unwrap()
}

#[test]
fn every_reference_meets_its_own_rubric() {
    let set = set();
    let mut missed = Vec::new();
    for question in &set.questions {
        let reference = question.reference.as_deref().expect("a reference");
        let report = grade(&CompiledRubric::compile(question, &set.synonyms), reference);
        for concept in report
            .concepts
            .iter()
            .filter(|concept| concept.verdict != Verdict::Met)
        {
            missed.push(format!("{} {}: {:?}", question.id, concept.id, concept.verdict));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn code_blocks_name_facts_that_exist() {
    for concept in set().questions.iter().flat_map(|question| &question.concepts) {
        if let Some(code) = &concept.code {
            assert!(
                code.mistakes().is_empty(),
                "{}: {:?}",
                concept.id,
                code.mistakes()
            );
        }
    }
}

#[test]
fn phrases_are_said_once() {
    for concept in set().questions.iter().flat_map(|question| &question.concepts) {
        let mut all: Vec<&String> = concept.accept.iter().chain(&concept.reject).collect();
        all.sort();
        let before = all.len();
        all.dedup();
        assert_eq!(before, all.len(), "{}", concept.id);
        assert!(
            concept.accept.len() >= 6 && concept.reject.len() >= 6,
            "{}",
            concept.id
        );
    }
}
