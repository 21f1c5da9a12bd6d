//! Well-known claims: the files hold their form, and a statement that makes one is held against what people say of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::path::Path;

use grading::known::{FILES, parse};
use grading::{CompiledRubric, Concept, PhraseKind, Question, Verdict, grade, trace};

fn rubric(prompt: &str, statement: &str, accept: &[&str]) -> CompiledRubric {
    let concept = Concept {
        id: "claim".to_owned(),
        statement: statement.to_owned(),
        weight: 1.0,
        accept: accept.iter().map(|&text| text.to_owned()).collect(),
        reject: Vec::new(),
        code: None,
    };
    let question = Question {
        id: "question".to_owned(),
        prompt: prompt.to_owned(),
        concepts: vec![concept],
        reference: None,
    };
    CompiledRubric::compile(&question, &[])
}

fn zombies() -> CompiledRubric {
    rubric(
        "What is a zombie process?",
        "A finished child stays a zombie until its parent collects its exit status.",
        &[],
    )
}

#[test]
fn every_file_of_the_folder_is_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("lexicon/claims");
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".txt").map(str::to_owned))
        .collect();
    names.sort();
    let read: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, read);
}

#[test]
fn every_claim_has_its_form() {
    for (name, text) in FILES {
        let claims = parse(text);
        let begun = text.lines().filter(|line| line.starts_with('#')).count();
        assert_eq!(claims.len(), begun, "{name}");
        let (mut said, mut mistaken) = (0, 0);
        for claim in &claims {
            assert!(!claim.about.is_empty(), "{name}: {claim:?}");
            assert!(!claim.statement.starts_with(['+', '-', '#']), "{name}: {claim:?}");
            assert!(
                claim.statement.split_whitespace().count() > 2,
                "{name}: {claim:?}"
            );
            assert!(claim.said().count() >= 3, "{name}: {claim:?}");
            assert!(claim.mistaken().count() >= 3, "{name}: {claim:?}");
            said += claim.said().count();
            mistaken += claim.mistaken().count();
        }
        // No line is passed over.
        let lines = text.lines().filter(|line| !line.trim().is_empty()).count();
        assert_eq!(lines, 2 * claims.len() + said + mistaken, "{name}");
    }
}

#[test]
fn no_file_states_a_claim_twice_and_no_claim_is_its_own_error() {
    for (name, text) in FILES {
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for claim in parse(text) {
            *seen.entry(claim.statement).or_default() += 1;
            let mut right = claim.said().chain([claim.statement]);
            assert!(
                right.all(|said| claim.mistaken().all(|error| error != said)),
                "{name}: {claim:?}"
            );
        }
        assert!(seen.values().all(|&times| times == 1), "{name}: {seen:?}");
    }
}

#[test]
fn a_statement_in_other_words_is_known() {
    let traced = trace(&zombies(), "I don't remember.");
    let known = traced.concepts[0]
        .well_known
        .as_ref()
        .expect("a well-known claim");
    assert!(known.claim.contains("zombie"), "{known:?}");
    assert!(known.likeness > 0.5, "{known:?}");
}

#[test]
fn what_nobody_knows_is_no_well_known_claim() {
    let rubric = rubric(
        "Why did the mill in our village close?",
        "The miller's daughter married a sailor from Hull.",
        &[],
    );
    assert_eq!(trace(&rubric, "She went to sea.").concepts[0].well_known, None);
}

#[test]
fn evidence_names_the_sentence_it_was_held_against() {
    let claim = parse(FILES.iter().find(|(name, _)| *name == "processes").unwrap().1)
        .into_iter()
        .find(|claim| claim.statement.starts_with("A zombie is"))
        .unwrap();
    let rubric = zombies();
    let of = |answer: &str, verdict: Verdict, kind: PhraseKind| {
        let report = grade(&rubric, answer);
        let concept = &report.concepts[0];
        concept.verdict == verdict
            && concept.evidence.iter().any(|evidence| {
                evidence.well_known && evidence.phrase_kind == kind && evidence.phrase == answer
            })
    };
    let met = claim
        .said()
        .filter(|said| of(said, Verdict::Met, PhraseKind::Accept))
        .count();
    assert!(met >= 3, "{met}");
    let wrong = claim
        .mistaken()
        .filter(|error| of(error, Verdict::Contradicted, PhraseKind::Reject))
        .count();
    assert!(wrong >= 2, "{wrong}");
}

#[test]
fn phrases_of_the_rubric_stand_beside_what_is_known() {
    let rubric = rubric(
        "What is a zombie process?",
        "A finished child stays a zombie until its parent collects its exit status.",
        &["it lingers until somebody reaps it"],
    );
    assert!(rubric.is_phrased());
    assert!(trace(&rubric, "").concepts[0].well_known.is_some());
    assert!(!zombies().is_phrased());
}
