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

use std::collections::BTreeMap;
use std::path::PathBuf;

use boost::{Dice, Example, Settings};
use collection::{Set, Sort};
use grading::evaluation::{Figures, Row};
use grading::features::NAMES;
use grading::model::{Model, learnt};
use grading::{Verdict, grade_with, measures};

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

/// The examples of a set: its labelled answers, and answers made from them whose labels are known.
fn examples(set: &Set) -> Vec<Example> {
    let mut out = Vec::new();
    let scale = if set.sort() == Sort::Older { 0.7 } else { 1.0 };
    let questions: Vec<&String> = set.rubrics.keys().collect();
    for (number, answer) in set.answers.iter().enumerate() {
        let Some(rubric) = set.rubrics.get(&answer.question_id) else {
            continue;
        };
        for (concept, found) in rubric
            .question()
            .concepts
            .iter()
            .zip(measures(rubric, &answer.answer))
        {
            if let (Some(label), Some(found)) = (answer.labels.get(&concept.id), found) {
                out.push(Example {
                    measures: found,
                    class: class(*label),
                    weight: scale,
                });
            }
        }
        // Held against another question of the set, an answer says nothing.
        if answer.kind == "full" || number % 4 == 0 {
            let at = questions
                .iter()
                .position(|q| **q == answer.question_id)
                .unwrap_or(0);
            let other = questions[(at + 1 + number % (questions.len() - 1).max(1)) % questions.len()];
            if *other != answer.question_id {
                for found in measures(&set.rubrics[other], &answer.answer)
                    .into_iter()
                    .flatten()
                {
                    out.push(Example {
                        measures: found,
                        class: 0,
                        weight: 0.3,
                    });
                }
            }
        }
        // Its words shuffled, it says nothing either.
        if answer.kind == "full" && number % 2 == 0 {
            for found in measures(rubric, &shuffled(&answer.answer)).into_iter().flatten() {
                out.push(Example {
                    measures: found,
                    class: 0,
                    weight: 0.5,
                });
            }
        }
    }
    out
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

fn rows(set: &Set, model: &Model) -> Vec<Row> {
    let mut rows = Vec::new();
    for answer in &set.answers {
        let Some(rubric) = set.rubrics.get(&answer.question_id) else {
            continue;
        };
        let report = grade_with(rubric, &answer.answer, model);
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
    let made: Vec<Vec<Example>> = sets.iter().map(examples).collect();
    let settings = Settings::default();
    let folds: Vec<Vec<usize>> = folds(sets).into_iter().filter(|fold| !fold.is_empty()).collect();
    let results: Vec<(usize, Vec<Row>)> = std::thread::scope(|scope| {
        let (made, folds) = (&made, &folds);
        let workers: Vec<_> = (0..2)
            .map(|worker| {
                scope.spawn(move || {
                    let mut out = Vec::new();
                    for fold in folds.iter().skip(worker).step_by(2) {
                        let learnt_from: Vec<Example> = made
                            .iter()
                            .enumerate()
                            .filter(|(i, _)| !fold.contains(i))
                            .flat_map(|(_, examples)| examples.iter().cloned())
                            .collect();
                        let model = Model::parse(&boost::learn(&learnt_from, NAMES, settings), NAMES);
                        for &i in fold {
                            out.push((i, rows(&sets[i], &model)));
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
    let (aside, sets): (Vec<Set>, Vec<Set>) =
        collection::read(&folder()).into_iter().partition(Set::kept_aside);
    match command.as_str() {
        "validate" => validate(&sets),
        "weights" => {
            let all: Vec<Example> = sets.iter().flat_map(examples).collect();
            let text = boost::learn(&all, NAMES, Settings::default());
            let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("weights/verdict.txt");
            std::fs::write(&path, text).expect("the weights are written");
            println!("{} examples → {}", all.len(), path.display());
        }
        "aside" => {
            for set in &aside {
                print(&set.name, &Figures::of(&rows(set, learnt())));
            }
        }
        "seen" => {
            for set in &sets {
                print(&set.name, &Figures::of(&rows(set, learnt())));
            }
        }
        _ => eprintln!("usage: learn validate | weights | aside | seen"),
    }
}
