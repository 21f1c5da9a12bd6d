//! Learns the engine's weights and measures them.
//!
//! ```text
//! cargo run --release -p grading --example learn -- validate   every set graded by weights learnt without it
//! cargo run --release -p grading --example learn -- validate-worded  the built-in questions, each writer graded by what the others taught
//! cargo run --release -p grading --example learn -- validate-pairs  pairs of words learnt from four fifths of the sets, and how well they tell the rest
//! cargo run --release -p grading --example learn -- order      counts which words follow each other; writes weights/order.txt (then `measure-order`)
//! cargo run --release -p grading --example learn -- pairs      learns pairs of words; writes weights/pairs.txt. Before `weights`
//! cargo run --release -p grading --example learn -- weights    learns from all sets but those kept aside; writes the files (`weights plain`, `rich`, `worded`: only those)
//! cargo run --release -p grading --example learn -- aside      the sets kept aside, by the weights in the repository
//! cargo run --release -p grading --example learn -- probes     what must not earn credit, by the weights in the repository
//! cargo run --release -p grading --example learn -- inspect    how well each measure alone tells verdicts apart
//! ```
//!
//! Set in the environment: PAIRS, a folder to keep pairs of words in that were learnt without a fold, for the next time; ONLY, a part of a
//! sort's name (`Balanced`), to validate no other; DUMP, a file that the likelihoods of every label are added to; ROUNDS, DEPTH, RATE,
//! LEAST and COLUMNS, how `validate` grows its trees; WRITERS, of `validate-worded`.

#![allow(clippy::expect_used)]

mod altered;
mod boost;
mod collection;
mod dice;
mod order;
mod pairs;
mod probes;
mod wordings;

use std::collections::BTreeMap;
use std::path::PathBuf;

use boost::{Example, Settings};
use collection::{Set, Sort};
use dice::Dice;
use grading::evaluation::{Figures, Row};
use grading::features::NAMES;
use grading::model::{Model, Pair, Weights, learnt};
use grading::pairs::Pairs;
use grading::wordings::Wordings;
use grading::{CompiledRubric, Observed, Verdict, grade_with, weigh};
use probes::{Probes, shuffled};

type Rubrics = BTreeMap<String, CompiledRubric>;

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
fn cases(set: &Set, rubrics: &Rubrics) -> Vec<Case> {
    let mut out = Vec::new();
    let scale = match set.sort() {
        Sort::Older => 0.7,
        _ => 1.0,
    };
    let questions: Vec<&String> = rubrics.keys().collect();
    for (number, answer) in set.answers.iter().enumerate() {
        let Some(rubric) = rubrics.get(&answer.question_id) else {
            continue;
        };
        if let Some(observed) = Observed::of(rubric, &answer.answer) {
            let labels = rubric
                .question()
                .concepts
                .iter()
                .map(|concept| answer.labels.get(&concept.id).map(|l| class(*l)))
                .collect();
            out.push(Case {
                observed,
                labels,
                weight: scale,
            });
        }
        // Held against another question of the set, an answer says nothing.
        if answer.kind == "full" || number % 2 == 0 {
            let at = questions
                .iter()
                .position(|q| **q == answer.question_id)
                .unwrap_or(0);
            let other = questions[(at + 1 + number % (questions.len() - 1).max(1)) % questions.len()];
            if *other != answer.question_id
                && let Some(observed) = Observed::of(&rubrics[other], &answer.answer)
            {
                let labels = vec![Some(0); rubrics[other].question().concepts.len()];
                out.push(Case {
                    observed,
                    labels,
                    weight: scale,
                });
            }
        }
        // Its words shuffled, it says nothing either.
        if (answer.kind == "full" || number % 5 == 0)
            && let Some(observed) = Observed::of(rubric, &shuffled(&answer.answer))
        {
            out.push(Case {
                observed,
                labels: vec![Some(0); rubric.question().concepts.len()],
                weight: 0.7,
            });
        }
        // With an answer to another question appended, it still says what it said.
        if (number % 2 == 1 || set.sort() != Sort::Python) && answer.kind != "full" {
            let at = questions
                .iter()
                .position(|q| **q == answer.question_id)
                .unwrap_or(0);
            let other = questions[(at + 1 + number % (questions.len() - 1).max(1)) % questions.len()];
            let unrelated = set
                .answers
                .iter()
                .filter(|a| a.question_id == *other && a.kind == "full")
                .nth(number % 3);
            if let Some(unrelated) = unrelated
                && let Some(observed) =
                    Observed::of(rubric, &format!("{}\n\n{}", answer.answer, unrelated.answer))
            {
                let labels = rubric
                    .question()
                    .concepts
                    .iter()
                    .map(|c| answer.labels.get(&c.id).map(|l| class(*l)))
                    .collect();
                out.push(Case {
                    observed,
                    labels,
                    weight: scale * 3.0,
                });
            }
        }
    }
    out
}

/// How near a well-known claim must come to a statement for what is said of it to be a label.
const SURELY_KNOWN: f32 = 0.5;
/// How many sentences are taken of each kind.
const KNOWN_SENTENCES: usize = 2;

/// What people say for and against the well-known claim that a statement makes.
fn known_sentences(prompt: &str, statement: &str) -> Vec<altered::Altered> {
    let Some(near) = grading::known::nearest(statement, prompt).filter(|near| near.likeness >= SURELY_KNOWN)
    else {
        return Vec::new();
    };
    let take = |sentence: &str, agrees: bool| altered::Altered {
        text: format!("{sentence}."),
        agrees,
    };
    let said = near
        .claim
        .said()
        .take(KNOWN_SENTENCES)
        .map(|said| take(said, true));
    let mistaken = near
        .claim
        .mistaken()
        .take(KNOWN_SENTENCES)
        .map(|error| take(error, false));
    std::iter::once(take(near.claim.statement.trim_end_matches('.'), true))
        .chain(said)
        .chain(mistaken)
        .collect()
}

/// Statements with one thing changed, alone and behind an answer that says nothing of them.
fn altered_cases(set: &Set) -> Vec<Case> {
    const WEIGHT: f32 = 0.15;
    let mut out = Vec::new();
    let mut dice = Dice(5);
    for (id, rubric) in &set.rubrics {
        let concepts = &rubric.question().concepts;
        let elsewhere: Vec<&str> = set
            .rubrics
            .iter()
            .filter(|(other, _)| *other != id)
            .flat_map(|(_, other)| &other.question().concepts)
            .map(|concept| concept.statement.as_str())
            .collect();
        for (number, concept) in concepts.iter().enumerate() {
            let variants = altered::altered(&concept.statement, &elsewhere, &mut dice);
            let known = known_sentences(&rubric.question().prompt, &concept.statement);
            let silent: Vec<_> = set
                .answers
                .iter()
                .filter(|answer| answer.question_id == *id && answer.kind == "partial")
                .filter(|answer| answer.labels.get(&concept.id) == Some(&Verdict::Absent))
                .collect();
            for (turn, altered) in variants.into_iter().chain(known).enumerate() {
                let mut labels = vec![None; concepts.len()];
                let before = silent.get(turn % silent.len().max(1)).filter(|_| turn % 2 == 1);
                let text = before.map_or(altered.text.clone(), |before| {
                    format!("{} {}", before.answer, altered.text)
                });
                if let Some(place) = labels.get_mut(number) {
                    *place = Some(if altered.agrees { 2 } else { 1 });
                }
                if let Some(observed) = Observed::of(rubric, &text) {
                    out.push(Case {
                        observed,
                        labels,
                        weight: WEIGHT,
                    });
                }
            }
        }
    }
    out
}

/// A question with phrasings taken from labelled answers: the words that come nearest to a concept they meet or contradict.
fn enrich<'a>(
    rubric: &CompiledRubric,
    answers: impl Iterator<Item = &'a collection::Answer>,
    accepts: usize,
    rejects: usize,
) -> grading::Question {
    let mut question = rubric.question().clone();
    for answer in answers {
        let Some(observed) = Observed::of(rubric, &answer.answer) else {
            continue;
        };
        for (number, concept) in question.concepts.iter_mut().enumerate() {
            let Some((start, end)) = observed.nearest(number) else {
                continue;
            };
            let quote = grading::text::slice(&answer.answer, start, end);
            match answer.labels.get(&concept.id) {
                Some(Verdict::Met) if concept.accept.len() < accepts => concept.accept.push(quote),
                Some(Verdict::Contradicted) if concept.reject.len() < rejects => concept.reject.push(quote),
                _ => {}
            }
        }
    }
    question
}

/// Prints what must not earn credit, by the engine's own weights.
fn probe(name: &str, sets: &[&Set]) {
    let probes = Probes::of(sets);
    println!(
        "{name:<12} another question's full answer {:.1} %   unrelated answer appended {:.1} %   words shuffled {:.1} %",
        probes.elsewhere.share(),
        probes.appended.share(),
        probes.shuffled.share()
    );
}

/// How well each measure alone tells met from absent, and contradicted from met (area under the curve, 0.5: not at all).
fn inspect(sets: &[Set]) {
    let names = grading::model::verdict_names();
    let mut rows: Vec<(usize, Vec<f32>)> = Vec::new();
    let only = std::env::var("ONLY").unwrap_or_default();
    for set in sets
        .iter()
        .filter(|set| format!("{:?} {}", set.sort(), set.name).contains(&only))
    {
        for answer in &set.answers {
            let Some(rubric) = set.rubrics.get(&answer.question_id) else {
                continue;
            };
            let Some(observed) = Observed::of(rubric, &answer.answer) else {
                continue;
            };
            let judged = observed.judge(&learnt().of(grading::model::Knowledge::of(rubric)).window);
            for (number, concept) in rubric.question().concepts.iter().enumerate() {
                if let (Some(label), Some(measures)) =
                    (answer.labels.get(&concept.id), judged.measures(&observed, number))
                {
                    rows.push((class(*label), measures));
                }
            }
        }
    }
    let area = |m: usize, low: usize, high: usize| {
        let mut values: Vec<(f32, bool)> = rows
            .iter()
            .filter(|(c, _)| *c == low || *c == high)
            .map(|(c, v)| (v[m], *c == high))
            .collect();
        values.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (mut lows, mut sum, mut highs) = (0.0_f64, 0.0_f64, 0.0_f64);
        let mut at = 0;
        while at < values.len() {
            let end = values[at..]
                .iter()
                .position(|v| v.0 != values[at].0)
                .map_or(values.len(), |n| at + n);
            let h = values[at..end].iter().filter(|v| v.1).count() as f64;
            let l = (end - at) as f64 - h;
            sum += h * (lows + l / 2.0);
            lows += l;
            highs += h;
            at = end;
        }
        sum / (lows * highs).max(1.0)
    };
    for (m, name) in names.iter().enumerate() {
        println!(
            "{name:<28} met>absent {:.3}   contradicted>met {:.3}  contradicted>absent {:.3}",
            area(m, 0, 2),
            area(m, 2, 1),
            area(m, 0, 1)
        );
    }
}

/// Cases with rubrics that also hold accepted and rejected phrasings, made from what other answers say.
fn rich_cases(set: &Set) -> Vec<Case> {
    if set.sort() == Sort::Python {
        return Vec::new();
    }
    let mut out = Vec::new();
    for (id, rubric) in &set.rubrics {
        let answers: Vec<_> = set
            .answers
            .iter()
            .filter(|answer| answer.question_id == *id)
            .collect();
        for half in 0..2 {
            let question = enrich(rubric, answers.iter().skip(half).step_by(2).copied(), 10, 6);
            let rich = CompiledRubric::compile(&question, &[]);
            for answer in answers.iter().skip(1 - half).step_by(2) {
                if let Some(observed) = Observed::of(&rich, &answer.answer) {
                    let labels = question
                        .concepts
                        .iter()
                        .map(|c| answer.labels.get(&c.id).map(|l| class(*l)))
                        .collect();
                    out.push(Case {
                        observed,
                        labels,
                        weight: 0.7,
                    });
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
                let best = judged
                    .as_ref()
                    .and_then(|judged| judged.best(concept))
                    .unwrap_or(0);
                if let Some(measures) = case.observed.windows(concept).nth(best) {
                    examples.push(Example {
                        measures: measures.to_vec(),
                        class: *class,
                        weight: case.weight,
                    });
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
fn learn(sets: &[Vec<&Case>], settings: Settings) -> (Model, String, String) {
    let names = grading::model::verdict_names();
    const PARTS: usize = 3;
    let quick = Settings {
        rounds: 220,
        rate: 0.07,
        ..settings
    };
    let mut examples = Vec::new();
    for part in 0..PARTS {
        let rest: Vec<&Case> = sets
            .iter()
            .enumerate()
            .filter(|(i, _)| i % PARTS != part)
            .flat_map(|(_, cases)| cases.iter().copied())
            .collect();
        let model = learn_window(&rest, quick, 2);
        for case in sets
            .iter()
            .enumerate()
            .filter(|(i, _)| i % PARTS == part)
            .flat_map(|(_, cases)| cases.iter().copied())
        {
            let judged = case.observed.judge(&model);
            for (concept, label) in case.labels.iter().enumerate() {
                if let (Some(class), Some(measures)) = (label, judged.measures(&case.observed, concept)) {
                    examples.push(Example {
                        measures,
                        class: *class,
                        weight: case.weight,
                    });
                }
            }
        }
    }
    let all: Vec<&Case> = sets.iter().flat_map(|cases| cases.iter().copied()).collect();
    let window = learn_window(&all, quick, 2);
    let window_text = WINDOW_TEXT.with(|place| place.borrow().clone());
    (window, window_text, boost::learn(&examples, &names, settings))
}

/// The cases of all sets: by statements alone (the Python set by all its phrasings), and with phrasings made up.
struct Made {
    plain: Vec<Vec<Case>>,
    rich: Vec<Vec<Case>>,
}

impl Made {
    fn of(sets: &[Set]) -> Self {
        let rich = |(i, set): (usize, &Set)| if i % 3 == 0 { rich_cases(set) } else { Vec::new() };
        Self {
            plain: sets
                .iter()
                .map(|set| {
                    let mut cases = cases(set, &set.rubrics);
                    if set.sort() != Sort::Python {
                        cases.extend(altered_cases(set));
                    }
                    cases
                })
                .collect(),
            rich: sets.iter().enumerate().map(rich).collect(),
        }
    }

    /// Learns from the sets that `keep` names; the texts of the weights by the names of their files.
    fn learn(
        &self,
        sets: &[Set],
        settings: Settings,
        keep: &dyn Fn(usize) -> bool,
        plain: bool,
        rich: bool,
    ) -> (Weights, Vec<(&'static str, String)>) {
        let mut weights = Weights::default();
        let mut texts = Vec::new();
        let names = grading::model::verdict_names();
        if plain {
            let from: Vec<Vec<&Case>> = (0..sets.len())
                .filter(|&i| keep(i) && sets[i].sort() != Sort::Python)
                .map(|i| self.plain[i].iter().collect())
                .collect();
            let (window, window_text, text) = learn(&from, settings);
            weights.plain = Pair {
                window,
                verdict: Model::parse(&text, &names),
            };
            texts.push(("plain-window.txt", window_text));
            texts.push(("plain-verdict.txt", text));
        }
        if rich {
            let from: Vec<Vec<&Case>> = (0..sets.len())
                .filter(|&i| keep(i))
                .map(|i| self.plain[i].iter().chain(&self.rich[i]).collect())
                .collect();
            let (window, window_text, text) = learn(&from, settings);
            weights.rich = Pair {
                window,
                verdict: Model::parse(&text, &names),
            };
            texts.push(("rich-window.txt", window_text));
            texts.push(("rich-verdict.txt", text));
        }
        (weights, texts)
    }
}

/// The wordings that answers to the built-in questions teach; the text is the file's.
fn learn_wordings(sets: &[&Set]) -> String {
    let Some(first) = sets.first() else {
        return String::new();
    };
    let settings = wordings::Settings::default();
    let learnt = first.rubrics.iter().map(|(id, rubric)| {
        let answers: Vec<_> = sets
            .iter()
            .flat_map(|set| &set.answers)
            .filter(|answer| answer.question_id == *id)
            .collect();
        wordings::learn(rubric, &answers, settings)
    });
    learnt.collect()
}

fn with_wordings(rubrics: &Rubrics, synonyms: &[Vec<String>], text: &str) -> Rubrics {
    let wordings = Wordings::parse(text);
    rubrics
        .iter()
        .map(|(id, rubric)| {
            let rubric = CompiledRubric::compile_with(
                rubric.question(),
                synonyms,
                &wordings,
                grading::pairs::learnt(),
            );
            (id.clone(), rubric)
        })
        .collect()
}

/// What answers to the built-in questions teach.
struct Worded {
    pair: Pair,
    wordings: String,
    window: String,
    verdict: String,
}

impl Worded {
    fn files(self) -> [(&'static str, String); 3] {
        [
            ("wordings.txt", self.wordings),
            ("worded-window.txt", self.window),
            ("worded-verdict.txt", self.verdict),
        ]
    }
}

/// What is learnt of the built-in questions: the wordings, and the weights that go with them. Each writer's answers are
/// seen with wordings that other writers taught, as an unknown writer's will be.
fn learn_worded(sets: &[&Set], settings: Settings) -> Worded {
    const PARTS: usize = 4;
    let names = grading::model::verdict_names();
    let writers: Vec<String> = sets.iter().map(|set| set.writer()).collect();
    let mut distinct = writers.clone();
    distinct.sort();
    distinct.dedup();
    let part_of = |writer: &str| distinct.iter().position(|w| w == writer).unwrap_or(0) % PARTS;
    let mut seen: Vec<Vec<Case>> = (0..sets.len()).map(|_| Vec::new()).collect();
    for part in 0..PARTS {
        let others: Vec<&Set> = sets
            .iter()
            .filter(|set| part_of(&set.writer()) != part)
            .copied()
            .collect();
        let mine: Vec<usize> = (0..sets.len())
            .filter(|&i| part_of(&writers[i]) == part)
            .collect();
        if mine.is_empty() {
            continue;
        }
        let text = learn_wordings(&others);
        for i in mine {
            let set = sets[i];
            seen[i] = cases(set, &with_wordings(&set.rubrics, &set.synonyms, &text));
        }
    }
    let borrowed: Vec<Vec<&Case>> = seen.iter().map(|cases| cases.iter().collect()).collect();
    let (window, window_text, verdict_text) = learn(&borrowed, settings);
    let pair = Pair {
        window,
        verdict: Model::parse(&verdict_text, &names),
    };
    Worded {
        pair,
        wordings: learn_wordings(sets),
        window: window_text,
        verdict: verdict_text,
    }
}

/// Grades each Python writer by what the others taught.
fn validate_worded(sets: &[&Set], settings: Settings) {
    let mut writers: Vec<String> = sets.iter().map(|set| set.writer()).collect();
    writers.sort();
    writers.dedup();
    let only = std::env::var("WRITERS").unwrap_or_default();
    writers.retain(|writer| only.is_empty() || only.split(',').any(|o| o == writer));
    let mut all = Vec::new();
    let results: Vec<(String, Vec<Row>)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..2)
            .map(|worker| {
                let writers = &writers;
                scope.spawn(move || {
                    let mut out = Vec::new();
                    for writer in writers.iter().skip(worker).step_by(2) {
                        let (mine, others): (Vec<&Set>, Vec<&Set>) =
                            sets.iter().partition(|set| set.writer() == *writer);
                        let learnt = learn_worded(&others, settings);
                        let weights = Weights {
                            worded: learnt.pair,
                            ..Weights::default()
                        };
                        for set in mine {
                            let rubrics = with_wordings(&set.rubrics, &set.synonyms, &learnt.wordings);
                            out.push((set.name.clone(), rows(set, &rubrics, &weights)));
                            dump(set, &rubrics, &weights);
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
    for (name, rows) in results {
        print(&name, &Figures::of(&rows));
        all.extend(rows);
    }
    let figures = Figures::of(&all);
    print("Python, by other writers", &figures);
    let kinds: Vec<String> = figures
        .by_kind
        .iter()
        .map(|(kind, (right, all))| format!("{kind} {:.2}", *right as f64 / *all as f64))
        .collect();
    println!("    {}", kinds.join("  "));
}

fn rows(set: &Set, rubrics: &Rubrics, weights: &Weights) -> Vec<Row> {
    let mut rows = Vec::new();
    for answer in &set.answers {
        let Some(rubric) = rubrics.get(&answer.question_id) else {
            continue;
        };
        let report = grade_with(rubric, &answer.answer, weights);
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
fn dump(set: &Set, rubrics: &Rubrics, weights: &Weights) {
    use std::io::Write;
    let Ok(path) = std::env::var("DUMP") else { return };
    let mut lines = String::new();
    for answer in &set.answers {
        let Some(rubric) = rubrics.get(&answer.question_id) else {
            continue;
        };
        let likelihoods = weigh(rubric, &answer.answer, weights);
        for (concept, l) in rubric.question().concepts.iter().zip(likelihoods) {
            if let Some(label) = answer.labels.get(&concept.id) {
                lines.push_str(&format!(
                    "{:?}\t{}\t{}\t{}\t{:?}\t{:.4}\t{:.4}\t{:.4}\t{}\n",
                    set.sort(),
                    set.name,
                    answer.id,
                    concept.id,
                    label,
                    l.absent,
                    l.contradicted,
                    l.met,
                    answer.kind
                ));
            }
        }
    }
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .expect("the dump");
    file.write_all(lines.as_bytes()).expect("the dump is written");
}

/// How many parts of the Python sets are validated, before the subjects.
const WRITER_FOLDS: usize = 3;

/// Which part of the sets a set is validated with: all the Python writers but one, or a handful of subjects.
fn folds(sets: &[Set]) -> Vec<Vec<usize>> {
    let mut subjects: Vec<Vec<usize>> = vec![Vec::new(); 5];
    let mut counts: BTreeMap<Sort, usize> = BTreeMap::new();
    let mut writers: Vec<Vec<usize>> = vec![Vec::new(); WRITER_FOLDS];
    for (i, set) in sets.iter().enumerate() {
        if set.sort() == Sort::Python {
            writers[i % 3].push(i);
        } else {
            let count = counts.entry(set.sort()).or_default();
            subjects[(*count + set.sort() as usize * 2) % 5].push(i);
            *count += 1;
        }
    }
    writers.extend(subjects);
    writers
}

/// Learns pairs of words from the sets on subjects that `keep` names.
fn learn_pairs(sets: &[Set], keep: &dyn Fn(usize) -> bool, watched: bool) -> String {
    let from: Vec<&Set> = (0..sets.len())
        .filter(|&i| keep(i) && sets[i].sort() != Sort::Python)
        .map(|i| &sets[i])
        .collect();
    let held: Vec<&Set> = (0..sets.len())
        .filter(|&i| watched && !keep(i) && sets[i].sort() != Sort::Python)
        .map(|i| &sets[i])
        .collect();
    pairs::learn(&from, &held, pairs::Settings::default())
}

/// Has every set on a subject seen by pairs of words that were learnt without it, as an unknown subject's will be.
fn see_by_others(sets: &mut [Set]) {
    let folds: Vec<Vec<usize>> = folds(sets).split_off(WRITER_FOLDS);
    let read = &*sets;
    let learnt: Vec<(usize, String)> = std::thread::scope(|scope| {
        let folds = &folds;
        let workers: Vec<_> = (0..2)
            .map(|worker| {
                scope.spawn(move || {
                    let mine = folds.iter().enumerate().skip(worker).step_by(2);
                    mine.map(|(number, fold)| {
                        (
                            number,
                            kept(number, || learn_pairs(read, &|i| !fold.contains(&i), false)),
                        )
                    })
                    .collect::<Vec<_>>()
                })
            })
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().expect("a worker"))
            .collect()
    });
    for (number, text) in learnt {
        let pairs: &'static Pairs = Box::leak(Box::new(Pairs::parse(Box::leak(text.into_boxed_str()))));
        for &i in &folds[number] {
            sets[i].compile_again(pairs);
        }
    }
}

/// What was learnt without a part of the sets, kept in the folder that PAIRS names, since it takes minutes.
fn kept(fold: usize, learn: impl Fn() -> String) -> String {
    let Ok(folder) = std::env::var("PAIRS") else {
        return learn();
    };
    let file = PathBuf::from(folder).join(format!("pairs-{fold}.txt"));
    std::fs::read_to_string(&file).unwrap_or_else(|_| {
        let text = learn();
        std::fs::write(file, &text).expect("the pairs are written");
        text
    })
}

fn validate(sets: &[Set]) {
    let made = Made::of(sets);
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
        .filter(|fold| {
            fold.iter()
                .any(|&i| format!("{:?}", sets[i].sort()).contains(&only))
        })
        .collect();
    let results: Vec<(usize, Vec<Row>)> = std::thread::scope(|scope| {
        let (made, folds) = (&made, &folds);
        let workers: Vec<_> = (0..2)
            .map(|worker| {
                scope.spawn(move || {
                    let mut out = Vec::new();
                    for fold in folds.iter().skip(worker).step_by(2) {
                        let rich = fold.iter().any(|&i| sets[i].sort() == Sort::Python);
                        let (weights, _) = made.learn(sets, settings, &|i| !fold.contains(&i), !rich, rich);
                        for &i in fold {
                            out.push((i, rows(&sets[i], &sets[i].rubrics, &weights)));
                            dump(&sets[i], &sets[i].rubrics, &weights);
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
    // What is learnt or validated starts from nothing; what is measured is the repository's.
    let unread = Wordings::default();
    let from_nothing = matches!(command.as_str(), "validate" | "validate-worded" | "weights");
    let known = if from_nothing {
        &unread
    } else {
        grading::wordings::learnt()
    };
    let (aside, mut sets): (Vec<Set>, Vec<Set>) = collection::read(&folder(), known)
        .into_iter()
        .partition(Set::kept_aside);
    let is_worded = std::env::args().nth(2).is_some_and(|which| which == "worded");
    // Claims whose wordings were learnt do without pairs of words.
    if command == "validate" || command == "weights" && !is_worded {
        see_by_others(&mut sets);
    }
    let python: Vec<&Set> = sets.iter().filter(|set| set.sort() == Sort::Python).collect();
    match command.as_str() {
        "order" => {
            let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("weights");
            let all: Vec<&Set> = sets.iter().collect();
            std::fs::write(folder.join("order.txt"), order::learn(&all)).expect("the order is written");
        }
        "measure-order" => {
            order::measure("learnt from", &sets.iter().collect::<Vec<_>>());
            order::measure("kept aside", &aside.iter().collect::<Vec<_>>());
        }
        "pairs" => {
            let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("weights");
            std::fs::write(folder.join("pairs.txt"), learn_pairs(&sets, &|_| true, false))
                .expect("the pairs are written");
        }
        "validate-pairs" => {
            let fold = folds(&sets).split_off(WRITER_FOLDS).remove(0);
            learn_pairs(&sets, &|i| !fold.contains(&i), true);
        }
        "validate" => validate(&sets),
        "validate-worded" => validate_worded(&python, Settings::default()),
        "weights" => {
            let which = std::env::args().nth(2).unwrap_or_default();
            let wanted = |kind: &str| which.is_empty() || which == kind;
            let mut texts = Vec::new();
            if wanted("plain") || wanted("rich") {
                let settings = Settings::default();
                let made = Made::of(&sets);
                texts.extend(
                    made.learn(&sets, settings, &|_| true, wanted("plain"), wanted("rich"))
                        .1,
                );
            }
            if wanted("worded") {
                texts.extend(learn_worded(&python, Settings::default()).files());
            }
            let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("weights");
            for (name, text) in texts {
                std::fs::write(folder.join(name), text).expect("the weights are written");
            }
        }
        "inspect" => inspect(&sets),
        "probes" => {
            for sort in [
                Sort::Python,
                Sort::BalancedSoftware,
                Sort::BalancedOutside,
                Sort::Older,
            ] {
                let of: Vec<&Set> = sets.iter().filter(|set| set.sort() == sort).collect();
                probe(&format!("{sort:?}"), &of);
            }
            probe("kept aside", &aside.iter().collect::<Vec<_>>());
        }
        "aside" => {
            for set in &aside {
                print(&set.name, &Figures::of(&rows(set, &set.rubrics, learnt())));
            }
        }
        "seen" => {
            for set in &sets {
                print(&set.name, &Figures::of(&rows(set, &set.rubrics, learnt())));
            }
        }
        _ => eprintln!(
            "usage: learn validate | validate-worded | validate-pairs | order | measure-order | pairs | weights | aside | seen | probes | inspect"
        ),
    }
}
