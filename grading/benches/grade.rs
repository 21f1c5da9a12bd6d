//! How long grading takes, on real answers: `cargo bench -p grading`.
//!
//! Prints the least time of many runs, which other work on the machine disturbs least: compiling rubrics; a 100-word answer
//! against five plain statements and against a built-in question with all its phrasings; answers of 1, 4, 16 and 64 KiB; 1 to
//! 20 concepts; and 16 and 64 KiB of hostile patterns, for which `growth` is the time of the longer by that of the shorter:
//! about 4 is linear. Beside each stands the floor, which is the time to normalise and split the same text into words and
//! nothing more.

#![allow(clippy::expect_used)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use grading::text::{normalise, tokenise};
use grading::{CompiledRubric, Question, QuestionSet, grade};
use serde_json::Value;

const SHORTER: usize = 16 * 1024;
const LONGER: usize = 64 * 1024;

/// The least time of some runs, of fewer where one takes long.
fn least(mut work: impl FnMut()) -> Duration {
    let mut time = || {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    let first = time();
    let runs = if first > Duration::from_millis(100) {
        4
    } else if first > Duration::from_millis(4) {
        11
    } else {
        101
    };
    (0..runs).map(|_| time()).fold(first, Duration::min)
}

fn graded(rubric: &CompiledRubric, text: &str) -> Duration {
    least(|| {
        black_box(grade(rubric, text));
    })
}

fn floor(text: &str) -> Duration {
    least(|| {
        tokenise(&normalise(text), |token| {
            black_box(token);
        });
    })
}

fn compiled(question: &Question, synonyms: &[Vec<String>]) -> Duration {
    least(|| {
        black_box(CompiledRubric::compile(question, synonyms));
    })
}

fn row(name: &str, rubric: &CompiledRubric, text: &str) {
    println!(
        "{name:<44} graded {:>10.1?}   floor {:>9.1?}",
        graded(rubric, text),
        floor(text)
    );
}

fn read(path: &str) -> String {
    std::fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).expect("the file can be read")
}

fn set(path: &str) -> QuestionSet {
    QuestionSet::parse(&read(path)).expect("the set is well formed")
}

/// The answers of a file to one question, in a row.
fn answers(path: &str, question: &str) -> String {
    read(path)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|answer| answer["question_id"] == question)
        .filter_map(|answer| answer["answer"].as_str().map(str::to_owned))
        .collect::<Vec<String>>()
        .join("\n\n")
}

fn first_words(text: &str, count: usize) -> String {
    text.split_whitespace().take(count).collect::<Vec<_>>().join(" ")
}

fn first_bytes(text: &str, count: usize) -> String {
    text.chars().filter(char::is_ascii).cycle().take(count).collect()
}

/// Texts that could make a reader slow, by name.
fn hostile(answer: &str) -> Vec<(&'static str, String)> {
    let without_stops: String = answer
        .chars()
        .map(|c| if c.is_alphanumeric() || c == '\'' { c } else { ' ' })
        .collect();
    let code = "def f(x, *args, **kwargs):\n    if x is None:\n        x = []\n    print(x)\n    return g(x, *args, **kwargs)\n\n";
    let nested = |open: &str, close: &str| format!("{}x{}", open.repeat(4000), close.repeat(4000));
    vec![
        ("one sentence without stops", without_stops),
        ("brackets that open", "(".into()),
        ("brackets, nested", nested("(", ")")),
        (
            "code brackets, nested",
            format!("```python\n{}\n```\n", nested("f(", ")")),
        ),
        ("one word", "generator ".into()),
        ("one word of the rubric, joined", "interest".into()),
        ("a word that is nearly the rubric's", "intrest ratte ".into()),
        ("words never seen", "qzxv wjkp vbnq ".into()),
        ("one letter", "a".into()),
        ("code, fenced", format!("```python\n{}```\n", code.repeat(600))),
        ("code, pasted", code.into()),
        ("code that doesn't parse", "def f(:\n  x = [(\n".into()),
        ("fences that open", "```\n".into()),
        ("inline code", "`x is None` and `f(x)` ".into()),
        ("not", "not ".into()),
        ("commas", "a, ".into()),
        ("and", "interest and rates and ".into()),
        ("people say", "people say that it is wrong that ".into()),
        ("no wait", "no wait, ".into()),
        ("pronouns", "it is the former, they are the latter, ".into()),
        ("bullets", "- interest\n".into()),
        ("headings", "# interest\n".into()),
        ("table", "| interest | rate |\n".into()),
        ("quotes", "\"interest 'rate ".into()),
        ("numbers", "1.5 % of 3,000 in 2020 ".into()),
        ("combining marks", "e\u{301}\u{323}".into()),
        (
            "one sentence, repeated",
            "The interest rate rises when inflation does. ".into(),
        ),
    ]
}

fn filled(unit: &str, bytes: usize) -> String {
    let mut text = unit.repeat(bytes / unit.len() + 1);
    let end = (0..=bytes)
        .rev()
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(0);
    text.truncate(end);
    text
}

fn main() {
    let finance = set("evaluation/answers/finance.json");
    let question = finance.questions.first().expect("a question");
    let plain = CompiledRubric::compile(question, &[]);
    let answer = answers("evaluation/answers/finance.labelled.jsonl", &question.id);
    let built_in = set("../api/question-sets/python-core-mechanics.yaml");
    let generators = built_in
        .questions
        .iter()
        .max_by_key(|question| {
            question
                .concepts
                .iter()
                .map(|c| c.accept.len() + c.reject.len())
                .sum::<usize>()
        })
        .expect("a question");
    let rich = CompiledRubric::compile(generators, &built_in.synonyms);
    let python = answers("evaluation/answers/python-core.labelled.jsonl", &generators.id);
    black_box(grade(&plain, &answer));

    let phrases = |question: &Question| -> usize {
        question
            .concepts
            .iter()
            .map(|c| 1 + c.accept.len() + c.reject.len())
            .sum()
    };
    println!(
        "compile, {} plain statements {:>24.1?}",
        question.concepts.len(),
        compiled(question, &[])
    );
    for question in &built_in.questions {
        let name = format!(
            "{}, {} concepts, {} phrases",
            question.id,
            question.concepts.len(),
            phrases(question)
        );
        println!(
            "compile, {name:<44} {:>9.1?}",
            compiled(question, &built_in.synonyms)
        );
    }

    println!("\nlength, {} plain statements", plain.question().concepts.len());
    row("100 words", &plain, &first_words(&answer, 100));
    for kib in [1, 4, 16, 64] {
        row(&format!("{kib} KiB"), &plain, &first_bytes(&answer, kib * 1024));
    }
    println!(
        "\nlength, {} concepts of {} with {} phrases",
        generators.concepts.len(),
        generators.id,
        phrases(generators)
    );
    row("100 words", &rich, &first_words(&python, 100));
    for kib in [1, 4, 16, 64] {
        row(&format!("{kib} KiB"), &rich, &first_bytes(&python, kib * 1024));
    }

    println!("\nconcepts, a 100-word answer");
    let statements: Vec<_> = finance
        .questions
        .iter()
        .flat_map(|question| &question.concepts)
        .collect();
    for count in [1, 2, 5, 10, 20] {
        let mut many = question.clone();
        many.concepts = statements
            .iter()
            .cycle()
            .take(count)
            .map(|&concept| concept.clone())
            .collect();
        let rubric = CompiledRubric::compile(&many, &[]);
        row(
            &format!("{count} plain statements"),
            &rubric,
            &first_words(&answer, 100),
        );
    }

    for (kind, rubric) in [("plain", &plain), ("rich", &rich)] {
        println!(
            "\nhostile patterns, {kind}{:>43}{:>13}   growth",
            "16 KiB", "64 KiB"
        );
        for (name, unit) in hostile(&answer) {
            let [shorter, longer] = [SHORTER, LONGER].map(|bytes| graded(rubric, &filled(&unit, bytes)));
            let growth = longer.as_secs_f64() / shorter.as_secs_f64().max(1e-9);
            println!("{name:<44} {shorter:>18.1?} {longer:>12.1?}   {growth:>6.1}");
        }
    }
}
