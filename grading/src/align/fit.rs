//! How well windows fit phrases, and how much of a statement they cover.

use super::hits::Sums;
use super::{Alignment, Hit, Window};
use crate::compiled::{Phrase, Stand};
use crate::grid::Grid;
use crate::numbers::Numbers;
use crate::reading::{Clause, Reading, Word};
use crate::report::PhraseKind;

/// How well a window fits a phrase, and how much of the fit is opposed, both 0 to 1. Sure likenesses count far more than
/// weak ones, words of the window that match nothing count against it, and so does another subject.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Fit {
    pub fit: f32,
    pub opposed: f32,
}

impl Fit {
    /// How far the window says what the phrase says, and not the opposite; below 0 where it rather says that.
    pub fn affirmed(self) -> f32 {
        self.fit - 2.0 * self.opposed
    }

    /// The same, at least 0.
    pub fn said(self) -> f32 {
        self.affirmed().max(0.0)
    }
}

/// How much of a statement a window covers, each 0 to 1.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Covered {
    pub all: f32,
    /// Of what doesn't stand in the prompt.
    pub unprompted: f32,
    /// Of what neither stands in the prompt nor is the subject.
    pub unprompted_predicate: f32,
    /// Of what is neither subject nor a light word.
    pub predicate: f32,
    /// Of the same, as far as the window says the opposite.
    pub opposed: f32,
}

/// A part of a whole; 0 of nothing.
pub(crate) fn ratio(part: f32, whole: f32) -> f32 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

/// A place to work out how much those of a window's words say that match, each as much as it matches.
struct Used {
    /// By word of the answer, how much it says; nothing where it carries no content.
    rarity: Vec<f32>,
    /// By word, how much it matches: 0 for all, between two windows.
    best: Vec<f32>,
    /// Which words match, counted from the window's first.
    words: Numbers,
}

impl Used {
    fn new(answer: &Reading) -> Self {
        let rarity = |word: &Word| if word.content { word.rarity } else { 0.0 };
        Self {
            rarity: answer.words.iter().map(rarity).collect(),
            best: vec![0.0; answer.words.len()],
            words: Numbers::default(),
        }
    }

    /// How much the hits' words say that stand in the clauses of a window.
    fn of(&mut self, clauses: &[Clause], hits: &[Hit]) -> f32 {
        let first = clauses.first().map_or(0, |clause| clause.from);
        for hit in hits {
            let at = hit.word as usize;
            let stands_there = || {
                clauses
                    .iter()
                    .any(|clause| (clause.from..clause.to).contains(&at))
            };
            if (!hit.carried || stands_there())
                && let Some(best) = self.best.get_mut(at)
            {
                *best = best.max(hit.likeness);
                self.words.add(at.saturating_sub(first));
            }
        }
        let mut used = 0.0;
        self.words.each(|at| {
            let at = first + at;
            if let (Some(rarity), Some(best)) = (self.rarity.get(at), self.best.get_mut(at)) {
                used += rarity * *best;
                *best = 0.0;
            }
        });
        self.words.clear();
        used
    }
}

impl Alignment<'_> {
    /// Covers the statements and fits all the phrases by each window.
    pub(super) fn fit_all(&self) -> (Grid<Covered>, Grid<Fit>) {
        let phrases = &self.rubric.phrases;
        let mut covered = Grid::new(self.rubric.places.len(), self.windows.len());
        let mut fits = Grid::new(phrases.len(), self.windows.len());
        let mut used = Used::new(self.answer);
        for window in &self.windows {
            let mut rest = self.hits.get(window.hits.clone()).unwrap_or_default();
            fits.push_row(phrases.iter().map(|phrase| {
                let mut sums = Sums::default();
                let mut count = 0;
                for hit in rest {
                    if hit.unit as usize >= phrase.to {
                        break;
                    }
                    sums.add(&hit.adds);
                    count += 1;
                }
                let (hits, after) = rest.split_at_checked(count).unwrap_or_default();
                rest = after;
                if phrase.kind == PhraseKind::Statement {
                    covered.push_row([self.cover(hits, phrase)]);
                }
                self.fit(window, phrase, hits, &sums, &mut used)
            }));
        }
        (covered, fits)
    }

    fn cover(&self, hits: &[Hit], phrase: &Phrase) -> Covered {
        let mut sums = Covered::default();
        for hit in hits {
            let Some(unit) = self.unit(hit) else { continue };
            let value = unit.weight * hit.likeness;
            sums.all += value;
            if !unit.prompted {
                sums.unprompted += value;
                if !unit.subject {
                    sums.unprompted_predicate += value;
                }
            }
            if !unit.subject && !unit.light {
                sums.predicate += value;
                if hit.opposed {
                    sums.opposed += value;
                }
            }
        }
        let totals = &phrase.totals;
        Covered {
            all: ratio(sums.all, totals.all),
            unprompted: ratio(sums.unprompted, totals.unprompted),
            unprompted_predicate: ratio(sums.unprompted_predicate, totals.unprompted_predicate),
            predicate: ratio(sums.predicate, totals.predicate),
            opposed: ratio(sums.opposed, totals.predicate),
        }
    }

    fn fit(&self, window: &Window, phrase: &Phrase, hits: &[Hit], sums: &Sums, used: &mut Used) -> Fit {
        let all = phrase.totals.all;
        let (said, opposed) = (ratio(sums.said(), all), ratio(sums.opposed(), all));
        if said < 0.1 {
            return Fit { fit: said, opposed };
        }
        let rival = ratio(sums.rival(), sums.predicate());
        let used = used.of(self.clauses(window), hits);
        let scale = (1.0 - 0.7 * rival) * (used / window.said).powf(0.6);
        Fit {
            fit: said * scale,
            opposed: opposed * scale,
        }
    }
}

/// Share of the predicate's covered weight that is said of a phrase's own subject, and of a rival of it, by the hits on the phrase.
pub(crate) fn subjects(hits: &[Hit]) -> (f32, f32) {
    let mut sums = Sums::default();
    let mut own = 0.0;
    for hit in hits {
        sums.add(&hit.adds);
        if hit.stand == Stand::Own {
            own += hit.adds.predicate();
        }
    }
    (
        ratio(own, sums.predicate()),
        ratio(sums.rival(), sums.predicate()),
    )
}
