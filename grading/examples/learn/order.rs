//! Counts which kinds of words follow each other; see `grading::order`.

use std::collections::BTreeMap;
use std::fmt::Write;

use grading::known;
use grading::order::{neighbours, orderliness};
use grading::reading::{Reading, Spelling};

use crate::collection::Set;
use crate::probes::shuffled;

/// What is added to counts and to what chance would give, so that little seen says little.
const DOUBT: f32 = 3.0;

fn read(text: &str) -> Reading {
    Reading::of(text, &Spelling::default())
}

/// The table; the text is the file's.
pub fn learn(sets: &[&Set]) -> String {
    let mut counts: BTreeMap<(String, String), f32> = BTreeMap::new();
    let mut count = |text: &str| {
        for (first, second) in neighbours(&read(text).words) {
            *counts.entry((first.to_owned(), second.to_owned())).or_default() += 1.0;
        }
    };
    for (_, text) in known::FILES {
        for claim in known::parse(text) {
            count(claim.statement);
            claim.said().for_each(&mut count);
        }
    }
    sets.iter()
        .flat_map(|set| &set.answers)
        .for_each(|answer| count(&answer.answer));
    let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
    let mut all = 0.0;
    for ((first, second), count) in &counts {
        *before.entry(first.as_str()).or_insert(0.0) += count;
        *after.entry(second.as_str()).or_insert(0.0) += count;
        all += count;
    }
    let mut out = String::new();
    for (first, firsts) in &before {
        for (second, seconds) in &after {
            let seen = counts.get(&((*first).to_owned(), (*second).to_owned()));
            let chance: f32 = firsts * seconds / all;
            let odds = ((seen.copied().unwrap_or(0.0) + DOUBT) / (chance + DOUBT)).ln();
            if odds.abs() >= 0.2 {
                let _ = writeln!(out, "{first} {second} {odds:.2}");
            }
        }
    }
    out
}

/// Prints how orderly genuine answers are, and shuffled ones.
pub fn measure(name: &str, sets: &[&Set]) {
    let answers: Vec<&str> = sets
        .iter()
        .flat_map(|set| &set.answers)
        .filter(|answer| {
            answer.kind != "stuffing" && answer.kind != "code" && !answer.answer.contains("def ")
        })
        .map(|answer| answer.answer.as_str())
        .collect();
    let measured = |texts: Vec<String>| {
        let mut means: Vec<f32> = texts.iter().map(|text| orderliness(&read(text).words)).collect();
        means.sort_by(f32::total_cmp);
        means
    };
    let genuine = measured(answers.iter().map(|text| (*text).to_owned()).collect());
    let shuffled = measured(answers.iter().map(|text| shuffled(text)).collect());
    let at = |means: &[f32], share: f32| {
        let place = (share * means.len() as f32) as usize;
        means
            .get(place.min(means.len().saturating_sub(1)))
            .copied()
            .unwrap_or(0.0)
    };
    println!(
        "{name:<12} genuine {} from {:.2}, a thousandth below {:.2}, a hundredth below {:.2}, half {:.2}; shuffled half {:.2}, a hundredth above {:.2}",
        genuine.len(),
        at(&genuine, 0.0),
        at(&genuine, 0.001),
        at(&genuine, 0.01),
        at(&genuine, 0.5),
        at(&shuffled, 0.5),
        at(&shuffled, 0.99)
    );
    for limit in [-0.4, -0.35, -0.3, -0.25, -0.2, -0.15, -0.1, 0.0, 0.1, 0.2] {
        let below = |means: &[f32]| {
            100.0 * means.partition_point(|mean| *mean < limit) as f32 / means.len().max(1) as f32
        };
        println!(
            "    below {limit:.2}: {:.2} % of genuine, {:.1} % of shuffled",
            below(&genuine),
            below(&shuffled)
        );
    }
}
