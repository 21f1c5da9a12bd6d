//! Any text as a question set: parsed, written and parsed again, and what is well formed compiled and graded by.

#![no_main]

use grading::{CompiledRubric, QuestionSet, grade};
use grading_fuzz::{in_time, promises};
use libfuzzer_sys::fuzz_target;

const ANSWER: &str = "A list keeps all of its elements in memory, a generator isn't eager: it yields one at a time, and only \
                      once. People say that it's slower, which is wrong.\n\n```python\nnext(g)\n```\n";

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let set = match in_time(text.len(), "parsing", || QuestionSet::parse(text)) {
        Ok(set) => set,
        Err(faults) => {
            assert!(!faults.is_empty());
            assert!(faults.iter().all(|fault| !fault.detail.is_empty()));
            return;
        }
    };
    let written = serde_json::to_string(&set).expect("a set is JSON");
    assert_eq!(
        QuestionSet::parse(&written).as_ref(),
        Ok(&set),
        "not what was written"
    );
    for question in &set.questions {
        let compile = || CompiledRubric::compile(question, &set.synonyms);
        let rubric = in_time(text.len(), "compiling", compile);
        for answer in [ANSWER, question.prompt.as_str()] {
            let report = in_time(text.len() + answer.len(), "grading", || grade(&rubric, answer));
            if let Some(fault) = promises::broken(question, answer, &report) {
                panic!("{fault}");
            }
            assert_eq!(report, grade(&compile(), answer), "not the same twice");
        }
    }
});
