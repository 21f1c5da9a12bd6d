//! Measures the engine on public answers that people labelled, and beside it two ways to count words.
//!
//! ```text
//! cargo run --release -p grading --example public -- FOLDER    the public files in a folder, then the baselines
//! cargo run --release -p grading --example public              the baselines alone
//! ```
//!
//! The folder holds `beetle-train.jsonl` and `scientsbank-train.jsonl` (SemEval-2013 Task 7, CC BY-SA 3.0),
//! `breaking-nli-sample.jsonl` (CC BY-SA 4.0) and `saf-networks-train.jsonl` (Short Answer Feedback, MIT), one object a line.
//! Nothing was learnt from them, and none of them is part of the repository.

#![allow(clippy::expect_used)]

mod baselines;
#[allow(dead_code)]
#[path = "../learn/collection.rs"]
mod collection;

use std::collections::BTreeMap;
use std::path::Path;

use grading::evaluation::{Figures, Row};
use grading::model::learnt;
use grading::{CompiledRubric, Concept, Question, Verdict, grade, weigh};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A short answer that people called correct, contradictory or incorrect.
#[derive(Deserialize)]
struct Short {
    question: String,
    reference: String,
    #[serde(default)]
    references: Vec<String>,
    answer: String,
    label: String,
}

/// A sentence, and the same with a word exchanged.
#[derive(Deserialize)]
struct Swapped {
    statement: String,
    answer: String,
    label: String,
    category: String,
}

/// An answer with points.
#[derive(Deserialize)]
struct Scored {
    question: String,
    reference: String,
    answer: String,
    score: f64,
    max_score: f64,
}

fn read<T: DeserializeOwned>(folder: &Path, file: &str) -> Vec<T> {
    let path = folder.join(file);
    std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| serde_json::from_str(line).expect("a line of the file"))
        .collect()
}

fn concept(id: &str, statement: &str, accept: &[String]) -> Concept {
    Concept {
        id: id.to_owned(),
        statement: statement.to_owned(),
        weight: 1.0,
        accept: accept.to_vec(),
        reject: Vec::new(),
        code: None,
    }
}

fn compile(prompt: &str, concepts: Vec<Concept>) -> CompiledRubric {
    let question = Question {
        id: "q".to_owned(),
        prompt: prompt.to_owned(),
        concepts,
        reference: None,
    };
    CompiledRubric::compile(&question, &[])
}

fn verdict_of(label: &str) -> Verdict {
    match label {
        "correct" | "entailment" => Verdict::Met,
        "contradictory" | "contradiction" => Verdict::Contradicted,
        _ => Verdict::Absent,
    }
}

/// Rubrics by the text that they are made from, each compiled once.
#[derive(Default)]
struct Rubrics(BTreeMap<String, CompiledRubric>);

impl Rubrics {
    fn get(&mut self, prompt: &str, statement: &str, accept: &[String]) -> &CompiledRubric {
        self.0
            .entry(format!("{prompt}\n{statement}\n{accept:?}"))
            .or_insert_with(|| compile(prompt, vec![concept("c", statement, accept)]))
    }
}

/// How a question's good answers become a rubric.
#[derive(Clone, Copy)]
enum Taken {
    /// `reference` is the statement.
    First,
    /// Each of `references` is a statement of a rubric of its own; met by one is met, then contradicted.
    Best,
    /// The first is the statement, the others are accepted phrasings.
    Accepted,
}

fn short_verdict(rubrics: &mut Rubrics, row: &Short, taken: Taken) -> Row {
    let verdict = |rubric: &CompiledRubric| {
        let report = grade(rubric, &row.answer);
        (
            report.concepts[0].verdict,
            report.concepts[0].confidence,
            report.concepts[0].needs_review,
        )
    };
    let found = match taken {
        Taken::First => verdict(rubrics.get(&row.question, &row.reference, &[])),
        Taken::Accepted => {
            let others: Vec<String> = row
                .references
                .iter()
                .filter(|other| **other != row.reference)
                .cloned()
                .collect();
            verdict(rubrics.get(&row.question, &row.reference, &others))
        }
        Taken::Best => {
            let rank = |verdict: Verdict| match verdict {
                Verdict::Met => 2,
                Verdict::Contradicted => 1,
                Verdict::Absent => 0,
            };
            std::iter::once(&row.reference)
                .chain(&row.references)
                .map(|reference| verdict(rubrics.get(&row.question, reference, &[])))
                .max_by(|a, b| rank(a.0).cmp(&rank(b.0)).then(a.1.total_cmp(&b.1)))
                .expect("a reference")
        }
    };
    Row {
        label: verdict_of(&row.label),
        verdict: found.0,
        confidence: found.1,
        needs_review: found.2,
        kind: row.label.clone(),
    }
}

/// F1 of one verdict, 0 to 1.
fn f1(rows: &[Row], of: Verdict) -> f64 {
    let count = |keep: &dyn Fn(&Row) -> bool| rows.iter().filter(|row| keep(row)).count() as f64;
    let both = count(&|row| row.label == of && row.verdict == of);
    let either = count(&|row| row.label == of) + count(&|row| row.verdict == of);
    2.0 * both / either.max(1.0)
}

fn short_answers(name: &str, rows: &[Short], taken: Taken) {
    let mut rubrics = Rubrics::default();
    let rows: Vec<Row> = rows
        .iter()
        .map(|row| short_verdict(&mut rubrics, row, taken))
        .collect();
    let each = [Verdict::Met, Verdict::Contradicted, Verdict::Absent].map(|of| f1(&rows, of));
    let figures = Figures::of(&rows);
    println!(
        "{name:<44} {:>5}   {:.3}   {:.3}  {:.3}  {:.3}   {:.3}   {} of {}",
        rows.len(),
        each.iter().sum::<f64>() / 3.0,
        each[0],
        each[1],
        each[2],
        figures.kappa,
        figures.contradicted_credited,
        figures.contradicted
    );
}

fn swapped_words(rows: &[Swapped]) {
    let mut by: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for row in rows {
        let found =
            grade(&compile("", vec![concept("c", &row.statement, &[])]), &row.answer).concepts[0].verdict;
        let label = verdict_of(&row.label);
        for category in [row.category.as_str(), "all"] {
            let counts = by.entry(category).or_default();
            counts[0] += 1;
            counts[1] += usize::from(found == label);
            counts[2] += usize::from((found == Verdict::Met) == (label == Verdict::Met));
        }
    }
    println!("\nBreaking-NLI         sentences   right of three   right of entailed or not");
    for (category, [all, right, of_two]) in by {
        let share = |count: usize| count as f64 / all as f64;
        println!(
            "{category:<20} {all:>9}   {:>14.3}   {:>24.3}",
            share(right),
            share(of_two)
        );
    }
}

/// A reference answer's sentences, of three words or more.
fn sentences(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    for line in text.lines() {
        for sentence in line.split_inclusive(". ") {
            if sentence.split_whitespace().count() >= 3 && out.len() < 30 {
                out.push(sentence.trim().to_owned());
            }
        }
    }
    if out.is_empty() {
        vec![text.to_owned()]
    } else {
        out
    }
}

fn correlation(xs: &[f64], ys: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (mx, my) = (mean(xs), mean(ys));
    let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in xs.iter().zip(ys) {
        xy += (x - mx) * (y - my);
        xx += (x - mx) * (x - mx);
        yy += (y - my) * (y - my);
    }
    xy / (xx * yy).sqrt().max(f64::MIN_POSITIVE)
}

/// Places in order, from the smallest; equal values share the mean of their places.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut at = 0;
    while at < order.len() {
        let end = (at..order.len())
            .find(|&i| values[order[i]] != values[order[at]])
            .unwrap_or(order.len());
        for &i in &order[at..end] {
            ranks[i] = (at + end - 1) as f64 / 2.0;
        }
        at = end;
    }
    ranks
}

fn scored(rows: &[Scored]) {
    let mut rubrics: BTreeMap<&str, (CompiledRubric, CompiledRubric)> = BTreeMap::new();
    let mut scores = [Vec::new(), Vec::new(), Vec::new()];
    let mut people = Vec::new();
    for row in rows {
        let (whole, parts) = rubrics.entry(&row.question).or_insert_with(|| {
            let parts = sentences(&row.reference);
            let parts = parts
                .iter()
                .enumerate()
                .map(|(n, text)| concept(&n.to_string(), text, &[]))
                .collect();
            (
                compile(&row.question, vec![concept("c", &row.reference, &[])]),
                compile(&row.question, parts),
            )
        });
        let likelihood = |rubric: &CompiledRubric| {
            let found = weigh(rubric, &row.answer, learnt());
            found.iter().map(|l| f64::from(l.met)).sum::<f64>() / found.len().max(1) as f64
        };
        let report = grade(parts, &row.answer);
        scores[0].push(f64::from(report.points()) / f64::from(report.max_points()));
        scores[1].push(likelihood(parts));
        scores[2].push(likelihood(whole));
        people.push(row.score / row.max_score);
    }
    println!(
        "\nShort Answer Feedback, {} answers, {} questions        Pearson   Spearman",
        rows.len(),
        rubrics.len()
    );
    for (name, scores) in [
        "points, each sentence of the reference a concept",
        "mean likelihood of met, each sentence a concept",
        "likelihood of met, the whole reference a statement",
    ]
    .iter()
    .zip(&scores)
    {
        println!(
            "{name:<57} {:>7.3}   {:>8.3}",
            correlation(scores, &people),
            correlation(&ranks(scores), &ranks(&people))
        );
    }
}

fn main() {
    if let Some(folder) = std::env::args().nth(1) {
        let folder = Path::new(&folder);
        let beetle: Vec<Short> = read(folder, "beetle-train.jsonl");
        println!(
            "                                             answers  macro-F1  correct  contr.  incorr.  kappa  contr. credited"
        );
        short_answers("Beetle, first reference", &beetle, Taken::First);
        short_answers("Beetle, best of all references", &beetle, Taken::Best);
        short_answers("Beetle, other references accepted", &beetle, Taken::Accepted);
        short_answers(
            "SciEntsBank",
            &read::<Short>(folder, "scientsbank-train.jsonl"),
            Taken::First,
        );
        swapped_words(&read(folder, "breaking-nli-sample.jsonl"));
        scored(&read(folder, "saf-networks-train.jsonl"));
        println!();
    }
    baselines::print();
}
