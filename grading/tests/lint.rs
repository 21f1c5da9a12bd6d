//! What the linter finds, and what it leaves alone.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::path::Path;

use grading::QuestionSet;
use grading::lint::{CHECKS, Finding, Severity, lint};
use serde_json::{Value, json};

fn found(document: &Value) -> Vec<Finding> {
    lint(&QuestionSet::parse(&document.to_string()).unwrap())
}

fn codes(findings: &[Finding]) -> BTreeSet<&'static str> {
    findings.iter().map(|finding| finding.code).collect()
}

fn question(prompt: &str, concepts: Value) -> Value {
    json!({"id": "set", "questions": [{"id": "question", "prompt": prompt, "concepts": concepts}]})
}

fn concept(id: &str, statement: &str) -> Value {
    json!({"id": id, "statement": statement})
}

/// A question that has nothing wrong with it.
fn clean() -> Value {
    let mut set = question(
        "What is photosynthesis, and where does it happen?",
        json!([
            concept(
                "stores-energy",
                "Photosynthesis turns the energy of light into the chemical energy of sugar."
            ),
            concept("chloroplasts", "It happens in the chloroplasts of the leaf."),
            concept("oxygen", "Oxygen is given off as a by-product."),
        ]),
    );
    set["questions"][0]["reference"] = json!(
        "Photosynthesis turns the energy of light into the chemical energy of sugar. It happens in the chloroplasts of the leaf. \
         Oxygen is given off as a by-product."
    );
    set
}

/// For each check, a document that it is for, and where it points.
fn cases() -> Vec<(&'static str, Value, &'static str)> {
    let statement = "/questions/0/concepts/0/statement";
    let http = "What does it mean that an HTTP method is idempotent?";
    let with = |member: &str, phrases: Value| {
        let mut concept = concept("post", "POST is not idempotent.");
        concept[member] = phrases;
        question(http, json!([concept]))
    };
    let synonyms = |groups: Value| {
        let mut set = clean();
        set["synonyms"] = groups;
        set
    };
    let mut off_topic = clean();
    off_topic["questions"][0]["reference"] =
        json!("Plants are green, and there are many of them in our garden behind the house.");
    let mut misread = clean();
    misread["questions"][0]["reference"] = json!(format!(
        "{} The photosynthase is not part of it.",
        clean()["questions"][0]["reference"].as_str().unwrap()
    ));
    let mut both = with("accept", json!(["posting twice makes two things"]));
    both["questions"][0]["concepts"][0]["reject"] = json!(["Posting twice makes two things!"]);
    let precision = "Precision is the share of the positive predictions that are right.";
    vec![
        ("reference-not-met", off_topic, "/questions/0/concepts/0"),
        ("accept-is-reject", both, "/questions/0/concepts/0/reject/0"),
        (
            "accept-denies",
            with("accept", json!(["POST is idempotent"])),
            "/questions/0/concepts/0/accept/0",
        ),
        (
            "two-claims",
            question(
                "How do mitosis and meiosis differ?",
                json!([concept(
                    "cells",
                    "Mitosis divides once and gives two cells, while meiosis divides twice and gives four."
                )]),
            ),
            statement,
        ),
        (
            "no-claim",
            question(http, json!([concept("word", "idempotence")])),
            statement,
        ),
        (
            "long-statement",
            question(
                http,
                json!([concept(
                    "long",
                    &"Sending the same request twice has the same effect as sending it once. ".repeat(4)
                )]),
            ),
            statement,
        ),
        (
            "about-the-answer",
            question(
                http,
                json!([concept(
                    "meta",
                    "The candidate should describe how repeating the request changes nothing."
                )]),
            ),
            statement,
        ),
        (
            "same-sentence",
            question(
                "What is precision?",
                json!([concept("one", precision), concept("two", precision)]),
            ),
            statement,
        ),
        (
            "phrase-twice",
            with(
                "accept",
                json!([
                    "posting twice makes two things",
                    "Posting twice makes two things."
                ]),
            ),
            "/questions/0/concepts/0/accept/1",
        ),
        ("misread-word", misread, "/questions/0/reference"),
        (
            "confusable-words",
            question(
                "How do they differ?",
                json!([
                    concept("one", "Meiosis halves the chromosomes."),
                    concept("two", "Mitosis keeps the chromosomes.")
                ]),
            ),
            "/questions/0/concepts/1/statement",
        ),
        (
            "synonym-unused",
            synonyms(json!([["light", "sunshine"], ["kettle", "teapot"]])),
            "/synonyms/1",
        ),
        (
            "synonym-opposites",
            synonyms(json!([["light", "dark"]])),
            "/synonyms/0",
        ),
    ]
}

#[test]
fn every_check_finds_what_it_is_for() {
    for (code, document, pointer) in cases() {
        let findings = found(&document);
        let hit = findings.iter().find(|finding| finding.code == code);
        assert!(
            hit.is_some_and(|hit| hit.pointer == pointer),
            "{code}: {findings:#?}"
        );
    }
}

#[test]
fn a_sound_set_is_left_alone() {
    assert_eq!(found(&clean()), vec![]);
}

#[test]
fn words_around_a_claim_that_reading_leaves_out_are_no_fault() {
    let statement = "The candidate should mention that repeating the request changes nothing.";
    let framed = question(
        "What does it mean that a request is idempotent?",
        json!([concept("meta", statement)]),
    );
    let found = found(&framed);
    assert!(
        found.iter().all(|finding| finding.code != "about-the-answer"),
        "{found:?}"
    );
}

#[test]
fn every_pointer_leads_somewhere_and_names_question_and_concept() {
    for (_, document, _) in cases() {
        for finding in found(&document) {
            assert!(document.pointer(&finding.pointer).is_some(), "{finding:?}");
            assert!(
                finding.pointer.starts_with("/synonyms/")
                    || finding.question_id.as_deref() == Some("question"),
                "{finding:?}"
            );
            assert_eq!(
                finding.pointer.contains("/concepts/"),
                finding.concept_id.is_some(),
                "{finding:?}"
            );
        }
    }
}

#[test]
fn checks_have_names_of_their_own_and_a_sentence() {
    let names: BTreeSet<&str> = CHECKS.iter().map(|check| check.code).collect();
    assert_eq!(names.len(), CHECKS.len());
    assert!(CHECKS.iter().all(|check| check.about.ends_with('.')));
    // Those that depend on how the engine grades a phrase out of context have their cases in the built-in set.
    let tested: BTreeSet<&str> = cases().iter().map(|(code, _, _)| *code).collect();
    let graded = [
        "statement-not-met",
        "accept-contradicts",
        "reject-meets",
        "right-and-wrong",
    ];
    assert_eq!(names, tested.into_iter().chain(graded).collect());
}

#[test]
fn every_check_is_documented() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/question-sets.md");
    let page = std::fs::read_to_string(page).unwrap();
    for check in CHECKS {
        let severity = if check.severity == Severity::Error {
            "error"
        } else {
            "warning"
        };
        let row = format!("| `{}` | {severity} | {} |", check.code, check.about);
        assert!(page.contains(&row), "no row {row}");
    }
}

#[test]
fn one_claim_said_at_length_is_one_claim() {
    for statement in [
        "The GIL is released while a thread performs I/O, so other threads can run.",
        "If a step fails, the pipeline stops and the change is not deployed.",
        "A list is evaluated eagerly: all of its elements are computed at once.",
        "It suits arrays, but not linked lists.",
        "Stacks are used for things like function calls, undo history and backtracking.",
        "An error is wrapped with fmt.Errorf and %w on the way up.",
        "Durability means that once a transaction is committed, its changes survive a crash or power loss.",
    ] {
        let findings = found(&question("What is it?", json!([concept("one", statement)])));
        assert!(
            !codes(&findings).contains("two-claims"),
            "{statement}: {findings:#?}"
        );
        assert!(
            !codes(&findings).contains("no-claim"),
            "{statement}: {findings:#?}"
        );
    }
}

#[test]
fn what_is_accepted_may_deny_other_things() {
    for (statement, accept) in [
        (
            "A list can be looped over many times.",
            "a list is not used up by one loop",
        ),
        (
            "A decorator extends a function without changing its body.",
            "the body of the function is not changed",
        ),
        (
            "Slicing is enough for flat lists.",
            "slicing is not enough for nested lists",
        ),
        (
            "The time is printed before and after the call.",
            "print started, call it, print finished",
        ),
    ] {
        let mut concept = concept("one", statement);
        concept["accept"] = json!([accept]);
        let findings = found(&question("What is it?", json!([concept])));
        assert!(
            !codes(&findings).contains("accept-denies"),
            "{accept}: {findings:#?}"
        );
    }
}

#[test]
fn the_same_set_gives_the_same_findings_in_the_documents_order() {
    let document = &cases()[0].1;
    let findings = found(document);
    assert_eq!(findings, found(document));
    let pointers: Vec<&str> = findings.iter().map(|finding| finding.pointer.as_str()).collect();
    assert_eq!(
        pointers,
        [
            "/questions/0/concepts/0",
            "/questions/0/concepts/1",
            "/questions/0/concepts/2"
        ]
    );
}

#[test]
fn the_built_in_set_has_no_errors() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../api/question-sets/python-core-mechanics.yaml");
    let set = QuestionSet::parse(&std::fs::read_to_string(path).unwrap()).unwrap();
    let errors: Vec<Finding> = lint(&set)
        .into_iter()
        .filter(|finding| finding.severity == Severity::Error)
        .collect();
    assert_eq!(errors, vec![]);
}
