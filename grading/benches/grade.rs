//! How long grading takes, on real answers: `cargo bench -p grading`.
//!
//! Prints the median of many runs: compiling a rubric; grading a 100-word answer against five concepts; answers of 1, 4, 16
//! and 64 KiB; and beside each the floor, which is the time to normalise and split the same text into words.

#![allow(clippy::expect_used)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use grading::text::{normalise, tokenise};
use grading::{CompiledRubric, QuestionSet, grade};
use serde_json::Value;

fn median(runs: usize, mut work: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .collect();
    times.sort();
    times[runs / 2]
}

fn main() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/evaluation/answers");
    let set = std::fs::read_to_string(format!("{folder}/finance.json")).expect("the set can be read");
    let set = QuestionSet::parse(&set).expect("the set is well formed");
    let question = set.questions.first().expect("a question");
    let answers: Vec<String> = std::fs::read_to_string(format!("{folder}/finance.labelled.jsonl"))
        .expect("the answers can be read")
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|answer| answer["question_id"] == question.id.as_str())
        .filter_map(|answer| answer["answer"].as_str().map(str::to_owned))
        .collect();
    let long = answers.join("\n\n").repeat(8);
    let rubric = CompiledRubric::compile(question, &[]);
    black_box(grade(&rubric, &long));
    println!(
        "compile, {} concepts: {:?}",
        question.concepts.len(),
        median(51, || {
            black_box(CompiledRubric::compile(question, &[]));
        })
    );
    let hundred: Vec<&str> = long.split_whitespace().take(100).collect();
    let mut texts = vec![("100 words".to_owned(), hundred.join(" "))];
    for kib in [1, 4, 16, 64] {
        let text: String = long.chars().filter(char::is_ascii).take(kib * 1024).collect();
        texts.push((format!("{kib} KiB"), text));
    }
    for (name, text) in texts {
        let runs = if text.len() > 8000 { 11 } else { 101 };
        let graded = median(runs, || {
            black_box(grade(&rubric, &text));
        });
        let floor = median(runs, || {
            black_box(tokenise(&normalise(&text)));
        });
        println!("{name:>10}: graded in {graded:>10.1?}   floor {floor:>10.1?}");
    }
}
