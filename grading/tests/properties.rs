//! What holds for every answer: offsets, order, line endings, Unicode form, and time that grows with length alone.

#![allow(clippy::unwrap_used)]

use std::time::{Duration, Instant};

use grading::{CompiledRubric, Question, Report, Verdict, grade};

fn question() -> Question {
    serde_json::from_str(
        r#"{"id": "generators", "prompt": "How does a list differ from a generator?", "concepts": [
            {"id": "eager", "statement": "A list is evaluated eagerly: all of its elements are stored in memory at once."},
            {"id": "lazy", "statement": "A generator is evaluated lazily: it produces one item at a time, on demand."},
            {"id": "once", "statement": "A generator can be iterated over only once and is then exhausted."}]}"#,
    )
    .unwrap()
}

const ANSWER: &str = "A list computes all of its elements at once and keeps them in memory.\nA generator gives one \
                      item at a time, when it is asked.\nAfter one loop the generator is exhausted – naïve users forget it.";

fn verdicts(report: &Report) -> Vec<(String, Verdict)> {
    let mut verdicts: Vec<_> = report
        .concepts
        .iter()
        .map(|concept| (concept.id.clone(), concept.verdict))
        .collect();
    verdicts.sort_by(|a, b| a.0.cmp(&b.0));
    verdicts
}

#[test]
fn verdicts_do_not_depend_on_line_endings_or_unicode_form() {
    let rubric = CompiledRubric::compile(&question(), &[]);
    let expected = verdicts(&grade(&rubric, ANSWER));
    assert_eq!(verdicts(&grade(&rubric, &ANSWER.replace('\n', "\r\n"))), expected);
    assert_eq!(
        verdicts(&grade(&rubric, &ANSWER.replace('ï', "i\u{308}"))),
        expected
    );
}

#[test]
fn verdicts_do_not_depend_on_the_order_of_concepts() {
    let mut question = question();
    let expected = verdicts(&grade(&CompiledRubric::compile(&question, &[]), ANSWER));
    question.concepts.reverse();
    assert_eq!(
        verdicts(&grade(&CompiledRubric::compile(&question, &[]), ANSWER)),
        expected
    );
}

#[test]
fn shuffled_words_earn_nothing() {
    let rubric = CompiledRubric::compile(&question(), &[]);
    let mut words: Vec<&str> = ANSWER.split_whitespace().collect();
    words.sort_by_key(|word| word.len() * 7919 % 31);
    assert!(grade(&rubric, &words.join(" ")).points() <= 100);
}

#[test]
fn nothing_makes_time_grow_faster_than_the_text() {
    let rubric = CompiledRubric::compile(&question(), &[]);
    let fill = |unit: &str| unit.repeat(64 * 1024 / unit.len());
    for unit in [
        "a",
        "not ",
        "list and ",
        ", ",
        "|x",
        "# x ",
        "generator list ",
        "gen ",
        "- a\n",
        "(",
        "it is ",
        "unlike ",
        "\u{301}",
        "wrong, ",
        "A generator is lazy. ",
        "xq",
        "zzzzq ",
        "people say ",
        "no wait. ",
        "1.",
        "'",
        "i/o",
        "o(n",
        "```\n",
    ] {
        let text = fill(unit);
        let start = Instant::now();
        let report = grade(&rubric, &text);
        let took = start.elapsed();
        assert!(took < Duration::from_secs(6), "{unit:?}: {took:?}");
        assert_eq!(report.concepts.len(), 3);
    }
}
