//! Any text as an answer, graded by a built-in question with all its phrasings and by plain statements.

#![no_main]

use std::sync::LazyLock;

use grading::{CompiledRubric, QuestionSet, grade};
use grading_fuzz::{in_time, promises};
use libfuzzer_sys::fuzz_target;

static RUBRICS: LazyLock<Vec<CompiledRubric>> = LazyLock::new(|| {
    let built_in = include_str!("../../../api/question-sets/python-core-mechanics.yaml");
    let general = include_str!("../../evaluation/answers/finance.json");
    [built_in, general]
        .into_iter()
        .flat_map(|text| {
            let set = QuestionSet::parse(text).expect("the set is well formed");
            // The second question of each: generators, and one from finance.
            let question = set.questions.get(1).expect("two questions");
            [CompiledRubric::compile(question, &set.synonyms)]
        })
        .collect()
});

fuzz_target!(|bytes: &[u8]| {
    let answer = String::from_utf8_lossy(bytes);
    for rubric in RUBRICS.iter() {
        let report = in_time(answer.len(), "grading", || grade(rubric, &answer));
        if let Some(fault) = promises::broken(rubric.question(), &answer, &report) {
            panic!("{fault}");
        }
        let bytes = |report| serde_json::to_vec(&report).expect("a report is JSON");
        assert_eq!(
            bytes(report),
            bytes(grade(rubric, &answer)),
            "not the same bytes twice"
        );
    }
});
