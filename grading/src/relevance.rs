//! Leaves out what says nothing: the end of an answer where it turns to another subject, and sentences that only list terms.

use std::collections::HashSet;

use crate::compiled::CompiledRubric;
use crate::reading::{Reading, Word};
use crate::text::Mark;

/// Least number of content words in what is left out.
const LEAST: usize = 18;
/// What is left out speaks at most this much as often of the question's things as what comes before.
const DROP: f32 = 0.5;

/// Drops the clauses that say nothing of the question.
pub(crate) fn drop_irrelevant(rubric: &CompiledRubric, reading: &mut Reading) {
    drop_lists(reading);
    drop_unrelated_end(rubric, reading);
}

/// Drops the clauses after the point where an answer stops speaking of what the question is about, if there is one.
fn drop_unrelated_end(rubric: &CompiledRubric, reading: &mut Reading) {
    // For each clause: weight of all its content words, of those that the rubric or the prompt knows, and their number.
    let weights: Vec<(usize, f32, f32, usize)> = reading
        .clauses
        .iter()
        .map(|clause| {
            let words = reading.clause_words(clause);
            let content = words.iter().filter(|word| word.content);
            let all = content.clone().map(|word| word.rarity).sum();
            let known = content
                .clone()
                .filter(|word| is_related(rubric, word))
                .map(|word| word.rarity)
                .sum();
            (clause.sentence, all, known, content.count())
        })
        .collect();
    let (all, known) = weights
        .iter()
        .fold((0.0, 0.0), |sum, w| (sum.0 + w.1, sum.1 + w.2));
    let count: usize = weights.iter().map(|w| w.3).sum();
    let (mut before_all, mut before_known, mut before_count) = (0.0_f32, 0.0_f32, 0_usize);
    let mut best: Option<(f32, usize)> = None;
    for (at, pair) in weights.windows(2).enumerate() {
        let [this, next] = pair else { continue };
        before_all += this.1;
        before_known += this.2;
        before_count += this.3;
        if this.0 == next.0 || before_count < LEAST / 2 || count - before_count < LEAST {
            continue;
        }
        let before = before_known / before_all.max(0.1);
        let after = (known - before_known) / (all - before_all).max(0.1);
        // A clear drop: as many standard errors of a share as the shorter part allows.
        let part = before_count.min(count - before_count) as f32;
        let margin = (before - after) * part.sqrt();
        if after < DROP * before && best.is_none_or(|(most, _)| margin > most) {
            best = Some((margin, at + 1));
        }
    }
    if let Some((margin, cut)) = best
        && margin > 0.8
    {
        reading.clauses.truncate(cut);
    }
}

/// A sentence in so many parts between commas is a list of terms …
const LISTED: usize = 6;
/// … where its parts have at most so many words each, on average.
const SHORT: f32 = 2.6;

/// Drops the sentences that list terms and claim nothing.
fn drop_lists(reading: &mut Reading) {
    let mut sentences: Vec<(usize, usize, usize)> = Vec::new();
    for clause in &reading.clauses {
        let words = reading.clause_words(clause);
        let commas = words.iter().filter(|word| word.mark == Some(Mark::Comma)).count();
        // The comma before a clause belongs to none.
        let before = clause.from.checked_sub(1).and_then(|at| reading.words.get(at));
        let before = usize::from(before.is_some_and(|word| word.mark == Some(Mark::Comma)));
        let spoken = words.iter().filter(|word| word.mark.is_none()).count();
        match sentences.last_mut() {
            Some(last) if last.0 == clause.sentence => {
                last.1 += commas + before;
                last.2 += spoken;
            }
            _ => sentences.push((clause.sentence, commas, spoken)),
        }
    }
    let is_list =
        |commas: usize, spoken: usize| commas + 1 >= LISTED && spoken as f32 <= SHORT * (commas + 1) as f32;
    sentences.retain(|(_, commas, spoken)| is_list(*commas, *spoken));
    let listed: HashSet<usize> = sentences.iter().map(|(sentence, ..)| *sentence).collect();
    reading
        .clauses
        .retain(|clause| !listed.contains(&clause.sentence));
}

fn is_related(rubric: &CompiledRubric, word: &Word) -> bool {
    let sure = |key: &str| {
        rubric
            .index
            .get(key)
            .is_some_and(|entries| entries.iter().any(|entry| entry.likeness >= 0.6))
    };
    rubric.prompt_stems.contains(&word.stem) || sure(&word.lemma) || sure(&format!("~{}", word.stem))
}
