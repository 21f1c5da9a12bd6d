//! Leaves out the end of an answer where it turns to another subject.

use crate::compiled::CompiledRubric;
use crate::reading::{Reading, Word};

/// Least number of content words in what is left out.
const LEAST: usize = 18;
/// What is left out speaks at most this much as often of the question's things as what comes before.
const DROP: f32 = 0.5;

/// Drops the clauses after the point where an answer stops speaking of what the question is about, if there is one.
pub(crate) fn drop_unrelated_end(rubric: &CompiledRubric, reading: &mut Reading) {
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

fn is_related(rubric: &CompiledRubric, word: &Word) -> bool {
    let sure = |key: &str| {
        rubric
            .index
            .get(key)
            .is_some_and(|entries| entries.iter().any(|entry| entry.likeness >= 0.6))
    };
    rubric.prompt_stems.contains(&word.stem) || sure(&word.lemma) || sure(&format!("~{}", word.stem))
}
