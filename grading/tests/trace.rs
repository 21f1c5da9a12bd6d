//! What a trace tells, and that it stays small.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::path::Path;

use grading::trace::{QUOTE_MAX, TracedView, WORDS_MAX};
use grading::{CompiledRubric, QuestionSet, Trace, Verdict, grade, trace};

fn rubric(question: &str) -> CompiledRubric {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../api/question-sets/python-core-mechanics.yaml");
    let set = QuestionSet::parse(&std::fs::read_to_string(path).unwrap()).unwrap();
    let question = set.questions.iter().find(|known| known.id == question).unwrap();
    CompiledRubric::compile(question, &set.synonyms)
}

const ANSWER: &str = "The GIL is a mutext arround the interpreter. Some people think threads run in parallel, but that is wrong: \
    only one thread runs bytecode at a time.\n\n## I/O\nIt is not held while a thread waits for the network.";

#[test]
fn every_place_slices_the_original() {
    let traced = trace(&rubric("gil"), ANSWER);
    let slice = |start: usize, end: usize| ANSWER.chars().skip(start).take(end - start).collect::<String>();
    for sentence in &traced.sentences {
        assert_eq!(sentence.quote, slice(sentence.start, sentence.end));
        for clause in &sentence.clauses {
            assert_eq!(clause.quote, slice(clause.start, clause.end));
        }
    }
    for window in traced.concepts.iter().flat_map(|concept| &concept.windows) {
        assert_eq!(window.quote, slice(window.start, window.end));
    }
    assert!(!traced.truncated);
}

#[test]
fn the_stages_are_told() {
    let traced = trace(&rubric("gil"), ANSWER);
    let words: Vec<_> = traced
        .sentences
        .iter()
        .flat_map(|sentence| &sentence.words)
        .collect();
    let mutex = words.iter().find(|word| word.text == "mutex").unwrap();
    assert!(
        mutex.repaired && mutex.content && (mutex.start, mutex.end) == (13, 19),
        "{mutex:?}"
    );
    let clauses: Vec<_> = traced
        .sentences
        .iter()
        .flat_map(|sentence| &sentence.clauses)
        .collect();
    let view = |part: &str| {
        clauses
            .iter()
            .find(|clause| clause.quote.contains(part))
            .unwrap()
            .view
    };
    assert_eq!(
        (view("parallel"), view("mutext")),
        (TracedView::Rejected, TracedView::Own)
    );
    let held = clauses
        .iter()
        .find(|clause| clause.quote.contains("not held"))
        .unwrap();
    assert!(
        held.denied.contains(&"hold".to_owned()) && held.carried,
        "{held:?}"
    );
}

#[test]
fn a_trace_agrees_with_the_grade() {
    let rubric = rubric("gil");
    let (traced, graded) = (trace(&rubric, ANSWER), grade(&rubric, ANSWER));
    for (traced, graded) in traced.concepts.iter().zip(&graded.concepts) {
        let likelihood = match graded.verdict {
            Verdict::Met => traced.likelihood.met,
            Verdict::Contradicted => traced.likelihood.contradicted,
            Verdict::Absent => traced.likelihood.absent,
        };
        assert_eq!((&traced.id, likelihood), (&graded.id, graded.confidence));
        let chosen: Vec<_> = traced.windows.iter().filter(|window| window.chosen).collect();
        assert!(chosen.len() == 1 && chosen[0].measures.len() <= 8, "{chosen:?}");
        if let [evidence] = &graded.evidence[..] {
            assert_eq!((evidence.start, evidence.end), (chosen[0].start, chosen[0].end));
        }
        for window in &traced.windows {
            let effects: Vec<f64> = window
                .measures
                .iter()
                .map(|measure| measure.for_met.abs().max(measure.for_contradicted.abs()))
                .collect();
            assert!(effects.is_sorted_by(|one, next| one >= next), "{effects:?}");
        }
    }
}

#[test]
fn code_is_told_with_what_it_shows() {
    let answer = "```python\nimport copy\nb = copy.deepcopy(a)\n```\nThis copies the inner lists too.";
    let traced = trace(&rubric("shallow-vs-deep-copy"), answer);
    assert!(
        traced
            .code
            .iter()
            .any(|code| code.fact == "calls-deepcopy" && code.quote.contains("deepcopy")),
        "{:?}",
        traced.code
    );
}

#[test]
fn an_empty_answer_has_an_empty_trace() {
    for answer in ["", " \n ", "GIL, mutex, lock, bytecode, I/O"] {
        let traced = trace(&rubric("gil"), answer);
        assert!(
            traced.concepts.iter().all(|concept| concept.windows.is_empty()),
            "{answer}"
        );
        assert_eq!(traced.concepts.len(), 5);
    }
}

#[test]
fn a_trace_is_bounded() {
    let rubric = rubric("gil");
    let longest = 64 * 1024;
    for part in [
        "The GIL is a lock. ",
        "gil ",
        "x",
        "# The GIL is a lock\n",
        "\u{1F600}",
        "\"\\\u{1}",
    ] {
        let answer = part.repeat(longest / part.len());
        let traced = trace(&rubric, &answer);
        let words: usize = traced.sentences.iter().map(|sentence| sentence.words.len()).sum();
        assert!(words <= WORDS_MAX, "{part:?}: {words}");
        for sentence in &traced.sentences {
            assert!(sentence.quote.chars().count() <= QUOTE_MAX + 1);
        }
        let size = serde_json::to_string(&traced).unwrap().len();
        assert!(size < 2 * 1024 * 1024, "{part:?}: {size}");
    }
    let long: Trace = trace(&rubric, &"The GIL is a lock. ".repeat(3_000));
    assert!(long.truncated);
}

/// A rubric of plain statements.
fn plain() -> CompiledRubric {
    let set = r#"{"id": "plain", "questions": [{"id": "caches", "prompt": "What is a cache for?", "concepts": [
        {"id": "faster", "statement": "A cache keeps what was read so that it is read faster again."},
        {"id": "stale", "statement": "What is cached may be out of date."}]}]}"#;
    let set = QuestionSet::parse(set).unwrap();
    CompiledRubric::compile(&set.questions[0], &set.synonyms)
}

#[test]
fn the_pairs_of_words_that_add_most_are_told() {
    let answer = "It is quicker the second time. But what you get from it can be old.";
    let traced = trace(&plain(), answer);
    let pairs = traced.concepts[1].pairs.as_ref().unwrap();
    let slice: String = answer
        .chars()
        .skip(pairs.start)
        .take(pairs.end - pairs.start)
        .collect();
    assert_eq!(pairs.quote, slice);
    assert!(slice.contains("can be old"), "{pairs:?}");
    assert!(
        (1..=8).contains(&pairs.most.len()) && pairs.alike.abs() <= 1.0,
        "{pairs:?}"
    );
    assert!(
        pairs.most.iter().any(|pair| pair.statement.is_some()),
        "{pairs:?}"
    );
}

#[test]
fn pairs_are_not_looked_at_where_wordings_were_learnt() {
    let traced = trace(&rubric("gil"), ANSWER);
    assert!(traced.concepts.iter().all(|concept| concept.pairs.is_none()));
}
