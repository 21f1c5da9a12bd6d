//! Leaves out what says nothing: the end of an answer where it turns to another subject, and sentences that only list terms, repeat the
//! question, or say that there is no answer.

use std::collections::HashSet;

use crate::compiled::{CompiledRubric, Entry};
use crate::hash::{QuickMap, QuickSet};
use crate::reading::{Reading, Word};
use crate::text::Mark;

/// Least number of content words in what is left out.
const LEAST: usize = 18;
/// What is left out speaks at most this much as often of the question's things as what comes before.
const DROP: f32 = 0.5;

/// Drops the clauses that say nothing of the question.
pub(crate) fn drop_irrelevant(rubric: &CompiledRubric, reading: &mut Reading) {
    drop_empty_sentences(rubric, reading);
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
/// Length of the runs of words by which an echo of the question is known.
const RUN: usize = 4;
/// All that people say who have no answer.
const NO_ANSWER: &[&str] = &[
    "know",
    "idea",
    "sorry",
    "sure",
    "remember",
    "pass",
    "answer",
    "question",
    "clue",
    "skip",
    "tell",
    "say",
    "recall",
    "unfortunately",
    "afraid",
    "next",
    "please",
    "honestly",
    "really",
    "no",
    "don't",
];

/// Drops the sentences that list terms and claim nothing, that repeat the question, or that say there is no answer.
fn drop_empty_sentences(rubric: &CompiledRubric, reading: &mut Reading) {
    let mut empty: HashSet<usize> = HashSet::new();
    for clauses in reading.clauses.chunk_by(|a, b| a.sentence == b.sentence) {
        let (Some(first), Some(last)) = (clauses.first(), clauses.last()) else {
            continue;
        };
        let words = reading.words.get(first.from..last.to).unwrap_or_default();
        if lists_terms(words) || rubric.asked.is_repeated_by(words) || gives_up(words) {
            empty.insert(first.sentence);
        }
    }
    reading.clauses.retain(|clause| !empty.contains(&clause.sentence));
}

fn spoken(words: &[Word]) -> impl Iterator<Item = &Word> {
    words.iter().filter(|word| word.mark.is_none())
}

fn lists_terms(words: &[Word]) -> bool {
    let commas = words.iter().filter(|word| word.mark == Some(Mark::Comma)).count();
    commas + 1 >= LISTED && spoken(words).count() as f32 <= SHORT * (commas + 1) as f32
}

/// The runs of words of a question, by which an echo of it is known.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    /// Its words, by number.
    words: QuickMap<String, u32>,
    runs: QuickSet<[u32; RUN]>,
}

impl Asked {
    /// The runs of words of a question.
    pub fn of(prompt: &[Word]) -> Self {
        let mut asked = Self::default();
        for word in spoken(prompt) {
            let next = asked.words.len() as u32;
            asked.words.entry(word.text.clone()).or_insert(next);
        }
        asked.runs = asked.runs_in(prompt).flatten().collect();
        asked
    }

    /// The runs of words, as far as all their words stand in the question.
    fn runs_in<'w>(&'w self, words: &'w [Word]) -> impl Iterator<Item = Option<[u32; RUN]>> + 'w {
        let mut run = [None; RUN];
        let numbers = spoken(words).map(|word| self.words.get(&word.text).copied());
        let runs = numbers.map(move |number| {
            run.rotate_left(1);
            run[RUN - 1] = number;
            let [Some(a), Some(b), Some(c), Some(d)] = run else {
                return None;
            };
            Some([a, b, c, d])
        });
        runs.skip(RUN - 1)
    }

    fn is_repeated_by(&self, words: &[Word]) -> bool {
        let (mut all, mut repeated) = (0, 0);
        for run in self.runs_in(words) {
            all += 1;
            repeated += usize::from(run.is_some_and(|run| self.runs.contains(&run)));
        }
        repeated > 0 && 5 * repeated >= 3 * all
    }
}

fn gives_up(words: &[Word]) -> bool {
    let mut content = spoken(words).filter(|word| word.content).peekable();
    content.peek().is_some() && content.all(|word| NO_ANSWER.contains(&word.lemma.as_str()))
}

fn is_related(rubric: &CompiledRubric, word: &Word) -> bool {
    let sure = |entries: &[Entry]| entries.iter().any(|entry| entry.likeness >= 0.6);
    let stem = rubric.stems.get(&word.stem);
    rubric.prompt_stems.contains(&word.stem)
        || sure(rubric.index.word(&word.lemma))
        || stem.is_some_and(|stem| sure(rubric.index.stem(*stem)))
}
