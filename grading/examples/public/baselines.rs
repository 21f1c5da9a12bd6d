//! What counting words reaches on the evaluation collection: the yardsticks that a reader must beat.

use std::collections::BTreeSet;
use std::path::Path;

use grading::evaluation::{Figures, Row};
use grading::{Verdict, grade};
use rust_stemmers::{Algorithm, Stemmer};

use crate::collection::{self, Set};

/// Words that say nothing by themselves.
const FUNCTION_WORDS: &str = "a an the and or but if then than that this these those it its they them their he she his her we \
    our you your i is are was were be been being has have had do does did will would can could may might must shall should not \
    no of in on at to from by for with without as into over under so such there which who whom what when where while how also \
    only just more most very one";

/// A label, the engine's verdict, and how like the statement the answer is by each measure, 0 to 1.
struct Judged {
    label: Verdict,
    engine: Verdict,
    likeness: [f64; 2],
}

const NAMES: [&str; 2] = ["word share", "token set"];

fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The share of the statement's words that the answer has too: stemmed, and misspelt by at most one letter in seven.
fn word_share(stemmer: &Stemmer, statement: &str, answer: &BTreeSet<String>) -> f64 {
    let empty: BTreeSet<&str> = FUNCTION_WORDS.split_whitespace().collect();
    let stems: BTreeSet<String> = words(statement)
        .iter()
        .filter(|word| !empty.contains(word.as_str()))
        .map(|word| stemmer.stem(word).into_owned())
        .collect();
    let like = |a: &str, b: &str| a == b || strsim::normalized_damerau_levenshtein(a, b) >= 1.0 - 1.0 / 7.0;
    let found = stems
        .iter()
        .filter(|stem| answer.contains(*stem) || answer.iter().any(|word| like(stem, word)));
    found.count() as f64 / stems.len().max(1) as f64
}

/// The token-set ratio: the words that both have, against each with what else it has, whichever pair is most alike. Alike is
/// the normalised Levenshtein distance.
fn token_set_ratio(statement: &str, answer: &str) -> f64 {
    let (a, b): (BTreeSet<String>, BTreeSet<String>) = (
        words(statement).into_iter().collect(),
        words(answer).into_iter().collect(),
    );
    let join = |words: Vec<&String>| {
        words
            .into_iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" ")
    };
    let shared = join(a.intersection(&b).collect());
    let with = |rest: String| format!("{shared} {rest}").trim().to_owned();
    let (first, second) = (
        with(join(a.difference(&b).collect())),
        with(join(b.difference(&a).collect())),
    );
    let like = |a: &str, b: &str| {
        if a.is_empty() || b.is_empty() {
            0.0
        } else {
            strsim::normalized_levenshtein(a, b)
        }
    };
    like(&shared, &first)
        .max(like(&shared, &second))
        .max(like(&first, &second))
}

fn judge(set: &Set) -> Vec<Judged> {
    let stemmer = Stemmer::create(Algorithm::English);
    let mut out = Vec::new();
    for answer in &set.answers {
        let Some(rubric) = set.rubrics.get(&answer.question_id) else {
            continue;
        };
        let report = grade(rubric, &answer.answer);
        let stems: BTreeSet<String> = words(&answer.answer)
            .iter()
            .map(|word| stemmer.stem(word).into_owned())
            .collect();
        for (concept, found) in rubric.question().concepts.iter().zip(report.concepts) {
            if let Some(label) = answer.labels.get(&concept.id) {
                out.push(Judged {
                    label: *label,
                    engine: found.verdict,
                    likeness: [
                        word_share(&stemmer, &concept.statement, &stems),
                        token_set_ratio(&concept.statement, &answer.answer),
                    ],
                });
            }
        }
    }
    out
}

/// The figures where whatever `met` holds for is met and the rest is absent.
fn figures<'a>(judged: impl Iterator<Item = &'a Judged>, verdict: impl Fn(&Judged) -> Verdict) -> Figures {
    let rows: Vec<Row> = judged
        .map(|judged| Row {
            label: judged.label,
            verdict: verdict(judged),
            needs_review: false,
            confidence: 0.0,
            kind: String::new(),
        })
        .collect();
    Figures::of(&rows)
}

fn by_threshold(measure: usize, threshold: f64) -> impl Fn(&Judged) -> Verdict {
    move |judged| {
        if judged.likeness[measure] >= threshold {
            Verdict::Met
        } else {
            Verdict::Absent
        }
    }
}

/// The threshold that gives the highest kappa.
fn best_threshold<'a>(judged: &(impl Iterator<Item = &'a Judged> + Clone), measure: usize) -> f64 {
    let kappa = |threshold: f64| figures(judged.clone(), by_threshold(measure, threshold)).kappa;
    (1..=50)
        .map(|step| f64::from(step) / 50.0)
        .map(|threshold| (threshold, kappa(threshold)))
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map_or(1.0, |best| best.0)
}

/// Prints each set's kappa and contradicted concepts credited, by the engine and by each measure; the threshold of a measure
/// is the best one on all the other sets.
pub fn print() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("evaluation");
    let mut sets = collection::read(&folder.join("answers"), grading::wordings::learnt());
    let learnt = sets.len();
    sets.extend(collection::read(
        &folder.join("aside"),
        grading::wordings::learnt(),
    ));
    let judged: Vec<Vec<Judged>> = sets.iter().map(judge).collect();
    println!(
        "set, * learnt from          labels   engine, contradicted credited   word share (threshold)          token set (threshold)"
    );
    for (at, set) in sets.iter().enumerate() {
        let star = if at < learnt && !set.kept_aside() {
            "*"
        } else {
            " "
        };
        let mine = &judged[at];
        let engine = figures(mine.iter(), |judged| judged.engine);
        let mut line = format!(
            "{star} {:<25} {:>6}   {:.3}  {:>3} of {:<3}",
            set.name, engine.labels, engine.kappa, engine.contradicted_credited, engine.contradicted
        );
        for measure in 0..NAMES.len() {
            let others = judged
                .iter()
                .enumerate()
                .filter(|(i, _)| *i != at)
                .flat_map(|(_, judged)| judged);
            let threshold = best_threshold(&others, measure);
            let found = figures(mine.iter(), by_threshold(measure, threshold));
            line += &format!(
                "         {:>6.3}  {:>3} of {:<3} ({threshold:.2})",
                found.kappa, found.contradicted_credited, found.contradicted
            );
        }
        println!("{line}");
    }
}
