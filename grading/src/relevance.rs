//! Leaves out what says nothing: the end of an answer where it turns to another subject, and sentences that only list terms, repeat the
//! question, or say that there is no answer.

use std::collections::HashSet;

use crate::compiled::{CompiledRubric, Entry};
use crate::reading::{Reading, Word};
use crate::text::Mark;

/// Least number of content words in what is left out.
const LEAST: usize = 18;
/// What is left out speaks at most this much as often of the question's things as what comes before.
const DROP: f32 = 0.5;
/// Least drop that cuts an answer, in standard errors: cuts of answers that stay with their subject cost more than missed ones.
const CLEAR: f32 = 1.0;

/// Drops the clauses that say nothing of the question.
pub(crate) fn drop_irrelevant(rubric: &CompiledRubric, reading: &mut Reading) {
    drop_empty_sentences(rubric, reading);
    drop_unrelated_end(rubric, reading);
    drop_lone_word(rubric, reading);
}

/// Drops all where all that is said is one word that the question and its rubric don't know: "yes".
fn drop_lone_word(rubric: &CompiledRubric, reading: &mut Reading) {
    let mut words = spoken(&reading.words);
    let first = words.next();
    if words.next().is_none() && first.is_some_and(|word| !is_related(rubric, word)) {
        reading.clauses.clear();
    }
}

/// Drops the clauses after the point where an answer stops speaking of what the question is about, if there is one.
fn drop_unrelated_end(rubric: &CompiledRubric, reading: &mut Reading) {
    let related = related(rubric, reading);
    let whole = related.iter().copied().fold(Related::default(), Related::and);
    let mut before = Related::default();
    let mut best: Option<(f32, usize)> = None;
    let clauses = reading.clauses.iter().zip(reading.clauses.iter().skip(1));
    for (at, ((this, next), said)) in clauses.zip(&related).enumerate() {
        before = before.and(*said);
        let after = whole.without(before);
        if this.sentence == next.sentence || before.words < LEAST / 2 || after.words < LEAST {
            continue;
        }
        let (share_before, share_after) = (before.share(), after.share());
        // A clear drop: as many standard errors of a share as the shorter part allows.
        let margin = (share_before - share_after) * (before.words.min(after.words) as f32).sqrt();
        if share_after < DROP * share_before && best.is_none_or(|(most, _)| margin > most) {
            best = Some((margin, at + 1));
        }
    }
    if let Some((margin, cut)) = best
        && margin > CLEAR
    {
        reading.clauses.truncate(cut);
    }
}

/// A sentence in so many parts between commas is a list of terms …
const LISTED: usize = 6;
/// … where its parts have at most so many words each, on average.
const SHORT: f32 = 2.6;
/// Length of the runs of words by which an echo of the question is known.
pub(crate) const RUN: usize = 4;
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
    "learn",
    "hear",
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
        if lists_terms(words) || repeats_question(rubric, words) || gives_up(words) {
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

/// Whether most runs of words stand in the question.
fn repeats_question(rubric: &CompiledRubric, words: &[Word]) -> bool {
    let (mut all, mut repeated) = (0, 0);
    for run in rubric.asked.found_in(words) {
        all += 1;
        repeated += usize::from(run.is_some());
    }
    repeated > 0 && 5 * repeated >= 3 * all
}

fn gives_up(words: &[Word]) -> bool {
    let mut content = spoken(words).filter(|word| word.content).peekable();
    content.peek().is_some() && content.all(|word| NO_ANSWER.contains(&&*word.lemma))
}

/// How much some clauses say, and how much of it is of the question.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Related {
    /// Weight of the content words.
    pub all: f32,
    /// Weight of those that the question or its rubric knows.
    pub known: f32,
    /// Number of content words.
    pub words: usize,
}

impl Related {
    /// Both together.
    pub fn and(self, other: Self) -> Self {
        Self {
            all: self.all + other.all,
            known: self.known + other.known,
            words: self.words + other.words,
        }
    }

    /// What is left without a part.
    pub fn without(self, part: Self) -> Self {
        Self {
            all: (self.all - part.all).max(0.0),
            known: (self.known - part.known).max(0.0),
            words: self.words.saturating_sub(part.words),
        }
    }

    /// The share that is of the question, 0 to 1; 0 where nothing is said.
    pub fn share(self) -> f32 {
        (self.known / self.all.max(0.1)).min(1.0)
    }
}

/// By clause, how much it says of the question.
pub(crate) fn related(rubric: &CompiledRubric, reading: &Reading) -> Vec<Related> {
    let of_word = |word: &Word| Related {
        all: word.rarity,
        known: if is_related(rubric, word) {
            word.rarity
        } else {
            0.0
        },
        words: 1,
    };
    reading
        .clauses
        .iter()
        .map(|clause| {
            let content = reading.clause_words(clause).iter().filter(|word| word.content);
            content.map(of_word).fold(Related::default(), Related::and)
        })
        .collect()
}

fn is_related(rubric: &CompiledRubric, word: &Word) -> bool {
    let own = |entry: &Entry| rubric.units.get(entry.unit as usize).is_some_and(|unit| unit.own);
    let sure = |entries: &[Entry]| entries.iter().any(|entry| entry.likeness >= 0.6 && own(entry));
    let stem = rubric.stems.get(&*word.stem);
    rubric.prompt_stems.contains(&*word.stem)
        || sure(rubric.index.word(&word.lemma))
        || stem.is_some_and(|stem| sure(rubric.index.stem(*stem)))
}
