//! Learns how people word each claim of a question, and its contrary, from answers whose labels name their words.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write;

use grading::wordings::{Worded, scale, worded};
use grading::{CompiledRubric, Verdict};

use crate::collection::Answer;
use crate::dice::Dice;

/// How to learn.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    pub passes: usize,
    pub rate: f32,
    pub shrink: f32,
    pub least_answers: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            passes: 14,
            rate: 0.25,
            shrink: 0.03,
            least_answers: 3,
        }
    }
}

/// One to three clauses with a class: 0 absent, 1 contradicted, 2 met.
struct Example {
    keys: Vec<u32>,
    scale: f32,
    class: usize,
    weight: f32,
}

/// An answer that has been read.
struct Read<'a> {
    answer: &'a Answer,
    clauses: Vec<Worded>,
    keys: Vec<Vec<u32>>,
}

/// Learns the table of each concept of a question; the text is what [`grading::wordings::Wordings::parse`] reads.
pub fn learn(rubric: &CompiledRubric, answers: &[&Answer], settings: Settings) -> String {
    let mut read: Vec<Read<'_>> = answers
        .iter()
        .map(|answer| Read {
            answer,
            clauses: worded(&rubric.read(&answer.answer)),
            keys: Vec::new(),
        })
        .collect();
    let names = vocabulary(&read, settings.least_answers);
    let numbers: HashMap<&str, u32> = names
        .iter()
        .enumerate()
        .map(|(number, name)| (name.as_str(), number as u32))
        .collect();
    for one in &mut read {
        one.keys = one
            .clauses
            .iter()
            .map(|clause| {
                clause
                    .keys
                    .iter()
                    .filter_map(|key| numbers.get(key.as_str()).copied())
                    .collect()
            })
            .collect();
    }
    let mut out = String::new();
    for concept in &rubric.question().concepts {
        let mut table = Table::new(names.len());
        // Answers without quotations are read by what those with quotations taught.
        for pass in 0..2 {
            let examples: Vec<Example> = read
                .iter()
                .flat_map(|one| examples(one, &concept.id, (pass > 0).then_some(&table)))
                .collect();
            table = Table::learnt(names.len(), &examples, settings);
        }
        let _ = writeln!(out, "= {}", concept.statement);
        let _ = writeln!(out, " {:.2} {:.2}", table.bias[1], table.bias[0]);
        for (name, weight) in names.iter().zip(&table.weights) {
            if weight[0].abs().max(weight[1].abs()) >= 0.15 {
                let _ = writeln!(out, "{name} {:.2} {:.2}", weight[1], weight[0]);
            }
        }
    }
    out
}

fn vocabulary(read: &[Read<'_>], least: usize) -> Vec<String> {
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for one in read {
        let held: HashSet<&str> = one
            .clauses
            .iter()
            .flat_map(|clause| clause.keys.iter().map(String::as_str))
            .collect();
        for key in held {
            *count.entry(key).or_default() += 1;
        }
    }
    count
        .into_iter()
        .filter(|(key, count)| *count >= least && !key.contains(' '))
        .map(|(key, _)| key.to_owned())
        .collect()
}

/// The windows of one to three clauses of an answer.
fn windows(clauses: &[Worded]) -> impl Iterator<Item = (usize, usize)> + '_ {
    (0..clauses.len()).flat_map(move |first| {
        (1..=3)
            .map(move |count| (first, count))
            .take_while(move |(first, count)| {
                clauses
                    .get(first + count - 1)
                    .is_some_and(|last| last.sentence - clauses[*first].sentence <= 1)
            })
    })
}

fn examples(read: &Read<'_>, concept: &str, known: Option<&Table>) -> Vec<Example> {
    let Some(label) = read.answer.labels.get(concept) else {
        return Vec::new();
    };
    let class = match label {
        Verdict::Absent => 0,
        Verdict::Contradicted => 1,
        Verdict::Met => 2,
    };
    let make = |(first, count): (usize, usize), class: usize, weight: f32| {
        let words = read.clauses[first..first + count].iter().map(|c| c.words).sum();
        Example {
            keys: read.keys[first..first + count]
                .iter()
                .flatten()
                .copied()
                .collect(),
            scale: scale(words),
            class,
            weight,
        }
    };
    let quoted: Option<(usize, usize)> = if class == 0 {
        None
    } else if let Some((start, end)) = read.answer.quotation(concept) {
        let held: Vec<usize> = (0..read.clauses.len())
            .filter(|&at| read.clauses[at].start < end && read.clauses[at].end > start)
            .collect();
        match (held.first(), held.last()) {
            (Some(first), Some(last)) => Some((*first, last - first + 1)),
            // What isn't prose, like code, isn't learnt here.
            _ => return Vec::new(),
        }
    } else {
        let Some(table) = known else { return Vec::new() };
        windows(&read.clauses).max_by(|a, b| {
            let worth = |window: &(usize, usize)| {
                let example = make(*window, class, 1.0);
                table.likelihoods(&example)[class]
            };
            worth(a).total_cmp(&worth(b)).then(b.cmp(a))
        })
    };
    let mut out = Vec::new();
    let Some((from, length)) = quoted else {
        if class == 0 {
            out.extend(windows(&read.clauses).map(|window| {
                let weight = if window.1 == 1 { 1.0 } else { 0.4 };
                make(window, 0, weight)
            }));
        }
        return out;
    };
    let sure = read.answer.quotation(concept).is_some();
    for (first, count) in windows(&read.clauses) {
        let (end, quoted_end) = (first + count, from + length);
        if first == from && end == quoted_end {
            out.push(make((first, count), class, if sure { 3.0 } else { 1.5 }));
        } else if first <= from && end >= quoted_end {
            out.push(make((first, count), class, 0.5));
        } else if length > 3 && first >= from && end <= quoted_end && count == 3 {
            out.push(make((first, count), class, 1.0));
        } else if sure && (end <= from || first >= quoted_end) {
            // Elsewhere it may be said a second time.
            out.push(make((first, count), 0, 0.15));
        }
    }
    out
}

/// Weights by key: for the contrary, and for the claim.
struct Table {
    bias: [f32; 2],
    weights: Vec<[f32; 2]>,
}

impl Table {
    fn new(size: usize) -> Self {
        Self {
            bias: [-2.0; 2],
            weights: vec![[0.0; 2]; size],
        }
    }

    fn likelihoods(&self, example: &Example) -> [f32; 3] {
        let mut scores = self.bias;
        for key in &example.keys {
            let weight = self.weights[*key as usize];
            scores[0] += weight[0] * example.scale;
            scores[1] += weight[1] * example.scale;
        }
        let top = scores[0].max(scores[1]).max(0.0);
        let e = [(-top).exp(), (scores[0] - top).exp(), (scores[1] - top).exp()];
        let whole = e[0] + e[1] + e[2];
        [e[0] / whole, e[1] / whole, e[2] / whole]
    }

    /// Multinomial logistic regression, example by example, with step sizes by key (Duchi, Hazan and Singer 2011).
    fn learnt(size: usize, examples: &[Example], settings: Settings) -> Self {
        let mut table = Self::new(size);
        let mut seen = vec![[1.0_f32; 2]; size];
        let mut seen_bias = [1.0_f32; 2];
        let totals = (0..3).map(|class| {
            examples
                .iter()
                .filter(|e| e.class == class)
                .map(|e| e.weight)
                .sum::<f32>()
        });
        let totals: Vec<f32> = totals.collect();
        // The rarer classes count more, within bounds.
        let most = totals.iter().copied().fold(0.0, f32::max);
        let factors: Vec<f32> = totals
            .iter()
            .map(|total| (most / total.max(1.0)).sqrt().clamp(1.0, 6.0))
            .collect();
        let mut order: Vec<usize> = (0..examples.len()).collect();
        let mut dice = Dice(11);
        for _ in 0..settings.passes {
            for i in (1..order.len()).rev() {
                let j = (dice.roll() * (i + 1) as f32) as usize;
                order.swap(i, j.min(i));
            }
            for &at in &order {
                let example = &examples[at];
                let chances = table.likelihoods(example);
                let weight = example.weight * factors[example.class];
                for side in 0..2 {
                    let goal = f32::from(u8::from(example.class == side + 1));
                    let slope = (chances[side + 1] - goal) * weight;
                    seen_bias[side] += slope * slope;
                    table.bias[side] -= settings.rate * 0.3 * slope / seen_bias[side].sqrt();
                    let slope = slope * example.scale;
                    for key in &example.keys {
                        let key = *key as usize;
                        seen[key][side] += slope * slope;
                        table.weights[key][side] -= settings.rate * slope / seen[key][side].sqrt();
                    }
                }
            }
            for weight in &mut table.weights {
                weight[0] *= 1.0 - settings.shrink;
                weight[1] *= 1.0 - settings.shrink;
            }
        }
        table
    }
}
