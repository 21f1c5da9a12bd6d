//! Learns the engine's weights and measures them.
//!
//! ```text
//! cargo run --release -p grading --example learn -- validate   every set graded by weights learnt without it
//! cargo run --release -p grading --example learn -- weights    learns from all sets but those kept aside; writes the file
//! cargo run --release -p grading --example learn -- aside      the sets kept aside, by the weights in the repository
//! ```

#![allow(clippy::expect_used)]

mod boost;
mod collection;
mod phrasing;

use std::collections::BTreeMap;
use std::path::PathBuf;

use boost::{Dice, Example, Settings};
use collection::{Set, Sort};
use grading::evaluation::{Figures, Row};
use grading::features::NAMES;
use grading::model::{Model, learnt};
use grading::{CompiledRubric, Observed, Verdict, grade_with, weigh};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("evaluation/answers")
}

fn class(verdict: Verdict) -> usize {
    match verdict {
        Verdict::Absent => 0,
        Verdict::Contradicted => 1,
        Verdict::Met => 2,
    }
}

/// A labelled answer that has been observed: what it says of each concept, by class (none: not labelled).
struct Case {
    observed: Observed,
    labels: Vec<Option<usize>>,
    weight: f32,
}

/// The cases of a set: its labelled answers, and answers made from them whose labels are known.
fn cases(set: &Set) -> Vec<Case> {
    let mut out = Vec::new();
    let scale = if set.sort() == Sort::Older { 0.7 } else { 1.0 };
    let questions: Vec<&String> = set.rubrics.keys().collect();
    for (number, answer) in set.answers.iter().enumerate() {
        let Some(rubric) = set.rubrics.get(&answer.question_id) else { continue };
        if let Some(observed) = Observed::of(rubric, &answer.answer) {
            let labels =
                rubric.question().concepts.iter().map(|concept| answer.labels.get(&concept.id).map(|l| class(*l))).collect();
            out.push(Case { observed, labels, weight: scale });
        }
        // Held against another question of the set, an answer says nothing.
        if answer.kind == "full" || number % 4 == 0 {
            let at = questions.iter().position(|q| **q == answer.question_id).unwrap_or(0);
            let other = questions[(at + 1 + number % (questions.len() - 1).max(1)) % questions.len()];
            if *other != answer.question_id
                && let Some(observed) = Observed::of(&set.rubrics[other], &answer.answer)
            {
                let labels = vec![Some(0); set.rubrics[other].question().concepts.len()];
                out.push(Case { observed, labels, weight: 0.3 });
            }
        }
        // Its words shuffled, it says nothing either.
        if answer.kind == "full"
            && number % 2 == 0
            && let Some(observed) = Observed::of(rubric, &shuffled(&answer.answer))
        {
            out.push(Case { observed, labels: vec![Some(0); rubric.question().concepts.len()], weight: 0.5 });
        }
    }
    out
}

/// A question with phrasings taken from labelled answers: the words that met or contradicted a concept.
fn enrich<'a>(
    rubric: &CompiledRubric,
    answers: impl Iterator<Item = &'a collection::Answer>,
    accepts: usize,
    rejects: usize,
) -> grading::Question {
    let (window, verdict) = learnt();
    let mut question = rubric.question().clone();
    for answer in answers {
        let report = grade_with(rubric, &answer.answer, window, verdict);
        for (concept, said) in question.concepts.iter_mut().zip(&report.concepts) {
            let label = answer.labels.get(&concept.id);
            let evidence = said.evidence.first().filter(|_| Some(&said.verdict) == label);
            let near = said.nearest.iter().map(|near| &near.evidence);
            let any = said.evidence.first().into_iter().chain(near).next();
            let Some(quote) = evidence.or(any).map(|e| e.quote.clone()) else { continue };
            match label {
                Some(Verdict::Met) if concept.accept.len() < accepts => concept.accept.push(quote),
                Some(Verdict::Contradicted) if concept.reject.len() < rejects => concept.reject.push(quote),
                _ => {}
            }
        }
    }
    question
}

/// Gives each Python writer's rubrics the phrasings of the other writers.
fn share_phrasings(sets: &mut [Set]) {
    let python: Vec<usize> = (0..sets.len()).filter(|&i| sets[i].sort() == Sort::Python).collect();
    let mut shared = Vec::new();
    for &i in &python {
        let mut rubrics = sets[i].rubrics.clone();
        for (id, rubric) in &mut rubrics {
            let others = python
                .iter()
                .filter(|&&j| j != i)
                .flat_map(|&j| sets[j].answers.iter())
                .filter(|answer| answer.question_id == *id);
            *rubric = CompiledRubric::compile(&enrich(rubric, others, 45, 30), &sets[i].synonyms);
        }
        shared.push((i, rubrics));
    }
    for (i, rubrics) in shared {
        sets[i].rubrics = rubrics;
    }
}

/// Cases with rubrics that also hold accepted and rejected phrasings, made from what other answers say.
fn rich_cases(set: &Set) -> Vec<Case> {
    if set.sort() == Sort::Python {
        return Vec::new();
    }
    let mut out = Vec::new();
    for (id, rubric) in &set.rubrics {
        let answers: Vec<_> = set.answers.iter().filter(|answer| answer.question_id == *id).collect();
        for half in 0..2 {
            let question = enrich(rubric, answers.iter().skip(half).step_by(2).copied(), 10, 6);
            let rich = CompiledRubric::compile(&question, &[]);
            for answer in answers.iter().skip(1 - half).step_by(2) {
                if let Some(observed) = Observed::of(&rich, &answer.answer) {
                    let labels =
                        question.concepts.iter().map(|c| answer.labels.get(&c.id).map(|l| class(*l))).collect();
                    out.push(Case { observed, labels, weight: 0.5 });
                }
            }
        }
    }
    out
}

/// Learns the weights for windows: each labelled concept by the window that says most of it, by the weights before.
fn learn_window(cases: &[&Case], settings: Settings, passes: usize) -> Model {
    let mut model: Option<Model> = None;
    let mut text = String::new();
    for _ in 0..passes {
        let mut examples = Vec::new();
        for case in cases {
            let judged = model.as_ref().map(|model| case.observed.judge(model));
            for (concept, label) in case.labels.iter().enumerate() {
                let Some(class) = label else { continue };
                let best = judged.as_ref().and_then(|judged| judged.best(concept)).unwrap_or(0);
                if let Some(measures) = case.observed.windows(concept).nth(best) {
                    examples.push(Example { measures: measures.to_vec(), class: *class, weight: case.weight });
                }
            }
        }
        text = boost::learn(&examples, NAMES, settings);
        model = Some(Model::parse(&text, NAMES));
    }
    WINDOW_TEXT.with(|place| *place.borrow_mut() = text);
    model.expect("at least one pass")
}

thread_local! {
    static WINDOW_TEXT: std::cell::RefCell<String> = const { std::cell::RefCell::new(String::new()) };
}

/// Learns both kinds of weights. The verdict's are learnt from what window weights say of sets they weren't learnt from.
fn learn(sets: &[&[Case]], settings: Settings) -> (Model, String, String) {
    let names = grading::model::verdict_names();
    const PARTS: usize = 2;
    let quick = Settings { rounds: 120, rate: 0.1, ..settings };
    let mut examples = Vec::new();
    for part in 0..PARTS {
        let rest: Vec<&Case> =
            sets.iter().enumerate().filter(|(i, _)| i % PARTS != part).flat_map(|(_, cases)| cases.iter()).collect();
        let model = learn_window(&rest, quick, 1);
        for case in sets.iter().enumerate().filter(|(i, _)| i % PARTS == part).flat_map(|(_, cases)| cases.iter()) {
            let judged = case.observed.judge(&model);
            for (concept, label) in case.labels.iter().enumerate() {
                if let (Some(class), Some(measures)) = (label, judged.measures(&case.observed, concept)) {
                    examples.push(Example { measures, class: *class, weight: case.weight });
                }
            }
        }
    }
    let all: Vec<&Case> = sets.iter().flat_map(|cases| cases.iter()).collect();
    let window = learn_window(&all, quick, 1);
    let window_text = WINDOW_TEXT.with(|place| place.borrow().clone());
    (window, window_text, boost::learn(&examples, &names, settings))
}

fn shuffled(text: &str) -> String {
    let mut words: Vec<&str> = text.split_whitespace().collect();
    let mut dice = Dice(text.len() as u64);
    for i in (1..words.len()).rev() {
        let j = (dice.roll() * (i + 1) as f32) as usize;
        words.swap(i, j.min(i));
    }
    words.join(" ")
}

fn rows(set: &Set, window: &Model, verdict: &Model) -> Vec<Row> {
    let mut rows = Vec::new();
    for answer in &set.answers {
        let Some(rubric) = set.rubrics.get(&answer.question_id) else {
            continue;
        };
        let report = grade_with(rubric, &answer.answer, window, verdict);
        for concept in report.concepts {
            if let Some(label) = answer.labels.get(&concept.id) {
                rows.push(Row {
                    label: *label,
                    verdict: concept.verdict,
                    needs_review: concept.needs_review,
                    confidence: concept.confidence,
                    kind: answer.kind.clone(),
                });
            }
        }
    }
    rows
}

fn print(name: &str, f: &Figures) {
    let share = |a: usize, b: usize| 100.0 * a as f64 / b.max(1) as f64;
    println!(
        "{name:<26} kappa {:.3}  acc {:.3}  F1 {:.3}  contra credited {:4.1}% recognised {:4.1}%  absent credited {:4.1}%  decided {:4.1}% right {:.3}",
        f.kappa,
        f.accuracy,
        f.met_f1,
        share(f.contradicted_credited, f.contradicted),
        share(f.contradicted_recognised, f.contradicted),
        share(f.absent_credited, f.absent),
        share(f.decided, f.labels),
        f.decided_right as f64 / f.decided.max(1) as f64,
    );
}

/// Appends the likelihoods of a set's concepts to the file that DUMP names, to choose thresholds by.
fn dump(set: &Set, window: &Model, verdict: &Model) {
    use std::io::Write;
    let Ok(path) = std::env::var("DUMP") else { return };
    let mut lines = String::new();
    for answer in &set.answers {
        let Some(rubric) = set.rubrics.get(&answer.question_id) else { continue };
        let likelihoods = weigh(rubric, &answer.answer, window, verdict);
        for (concept, l) in rubric.question().concepts.iter().zip(likelihoods) {
            if let Some(label) = answer.labels.get(&concept.id) {
                lines.push_str(&format!(
                    "{:?}\t{}\t{}\t{}\t{:?}\t{:.4}\t{:.4}\t{:.4}\t{}\n",
                    set.sort(), set.name, answer.id, concept.id, label, l.absent, l.contradicted, l.met, answer.kind
                ));
            }
        }
    }
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).expect("the dump");
    file.write_all(lines.as_bytes()).expect("the dump is written");
}

/// Which part of the sets a set is validated with: all the Python writers but one, or a handful of subjects.
fn folds(sets: &[Set]) -> Vec<Vec<usize>> {
    let mut subjects: Vec<Vec<usize>> = vec![Vec::new(); 5];
    let mut out = Vec::new();
    let mut counts: BTreeMap<Sort, usize> = BTreeMap::new();
    for (i, set) in sets.iter().enumerate() {
        if set.sort() == Sort::Python {
            out.push(vec![i]);
        } else {
            let count = counts.entry(set.sort()).or_default();
            subjects[(*count + set.sort() as usize * 2) % 5].push(i);
            *count += 1;
        }
    }
    out.extend(subjects);
    out
}

fn validate(sets: &[Set]) {
    let made: Vec<Vec<Case>> = sets.iter().map(|set| cases(set).into_iter().chain(rich_cases(set)).collect()).collect();
    let mut settings = Settings::default();
    let number = |name: &str| std::env::var(name).ok().and_then(|v| v.parse::<f32>().ok());
    settings.rounds = number("ROUNDS").map_or(settings.rounds, |v| v as usize);
    settings.depth = number("DEPTH").map_or(settings.depth, |v| v as usize);
    settings.rate = number("RATE").unwrap_or(settings.rate);
    settings.least = number("LEAST").unwrap_or(settings.least);
    settings.columns = number("COLUMNS").unwrap_or(settings.columns);
    let only = std::env::var("ONLY").unwrap_or_default();
    let folds: Vec<Vec<usize>> = folds(sets)
        .into_iter()
        .filter(|fold| fold.iter().any(|&i| format!("{:?}", sets[i].sort()).contains(&only)))
        .collect();
    let results: Vec<(usize, Vec<Row>)> = std::thread::scope(|scope| {
        let (made, folds) = (&made, &folds);
        let workers: Vec<_> = (0..2)
            .map(|worker| {
                scope.spawn(move || {
                    let mut out = Vec::new();
                    for fold in folds.iter().skip(worker).step_by(2) {
                        let from: Vec<&[Case]> = made
                            .iter()
                            .enumerate()
                            .filter(|(i, _)| !fold.contains(i))
                            .map(|(_, cases)| cases.as_slice())
                            .collect();
                        let (window, _, text) = learn(&from, settings);
                        let verdict = Model::parse(&text, &grading::model::verdict_names());
                        for &i in fold {
                            out.push((i, rows(&sets[i], &window, &verdict)));
                            dump(&sets[i], &window, &verdict);
                        }
                    }
                    out
                })
            })
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().expect("a worker"))
            .collect()
    });
    let mut by_sort: BTreeMap<Sort, Vec<Row>> = BTreeMap::new();
    let mut results = results;
    results.sort_by_key(|(i, _)| (sets[*i].sort(), *i));
    for (i, rows) in results {
        print(&sets[i].name, &Figures::of(&rows));
        by_sort.entry(sets[i].sort()).or_default().extend(rows);
    }
    println!();
    for (sort, rows) in by_sort {
        let figures = Figures::of(&rows);
        print(&format!("{sort:?}"), &figures);
        let kinds: Vec<String> = figures
            .by_kind
            .iter()
            .map(|(kind, (right, all))| format!("{kind} {:.2}", *right as f64 / *all as f64))
            .collect();
        println!("    {}", kinds.join("  "));
        let table: Vec<String> = figures
            .reliability
            .iter()
            .filter(|(n, _, _)| *n > 0)
            .map(|(n, right, sum)| format!("{:.2}→{:.2} ({n})", sum / *n as f64, *right as f64 / *n as f64))
            .collect();
        println!("    confidence → right: {}", table.join("  "));
    }
}

fn main() {
    let command = std::env::args().nth(1).unwrap_or_default();
    let (aside, mut sets): (Vec<Set>, Vec<Set>) =
        collection::read(&folder()).into_iter().partition(Set::kept_aside);
    if std::env::var("SHARE").is_ok() {
        share_phrasings(&mut sets);
    }
    match command.as_str() {
        "validate" => validate(&sets),
        "weights" => {
            let made: Vec<Vec<Case>> = sets.iter().map(|set| cases(set).into_iter().chain(rich_cases(set)).collect()).collect();
            let from: Vec<&[Case]> = made.iter().map(Vec::as_slice).collect();
            let (_, window, verdict) = learn(&from, Settings::default());
            let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("weights");
            std::fs::write(folder.join("window.txt"), window).expect("the weights are written");
            std::fs::write(folder.join("verdict.txt"), verdict).expect("the weights are written");
        }
        "phrases" => {
            // ALL: learn from the sets kept aside as well. LEAVE: leave one set out, to look at its errors.
            if std::env::var("ALL").is_ok() {
                sets.extend(aside.into_iter().filter(|set| set.sort() == Sort::Python));
            }
            let leave = std::env::var("LEAVE").unwrap_or_default();
            sets.retain(|set| set.name != leave);
            let (window, verdict) = phrasing::windows(&sets);
            let python: Vec<&Set> = sets.iter().filter(|set| set.sort() == Sort::Python).collect();
            let text = phrasing::weights(&python, &window, &verdict);
            let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("weights/phrases.txt");
            std::fs::write(path, text).expect("the weights are written");
        }
        "validate-phrases" => {
            // With ALL, the sets kept aside are learnt from and graded as well.
            if std::env::var("ALL").is_ok() {
                sets.extend(aside.into_iter().filter(|set| set.sort() == Sort::Python));
            }
            phrasing::validate(&sets);
        }
        "aside" => {
            for set in &aside {
                print(&set.name, &Figures::of(&rows(set, &learnt().0, &learnt().1)));
            }
        }
        "seen" => {
            for set in &sets {
                print(&set.name, &Figures::of(&rows(set, &learnt().0, &learnt().1)));
            }
        }
        _ => eprintln!("usage: learn validate | weights | phrases | validate-phrases | aside | seen"),
    }
}
