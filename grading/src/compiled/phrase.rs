//! A phrase of a rubric, and what can be said of it before an answer is read.

use super::Unit;
use crate::lexicon::{Cue, Kinds};
use crate::reading::{Reading, Word};
use crate::report::PhraseKind;

/// The number of a stem of the rubric's units. Words with the same stem share it.
pub(crate) type Stem = u32;

/// A phrase of the rubric.
#[derive(Debug, Clone)]
pub(crate) struct Phrase {
    pub text: String,
    pub kind: PhraseKind,
    /// Isn't the rubric's own, but what is well known of its claim.
    pub well_known: bool,
    pub concept: usize,
    /// Its first unit.
    pub from: usize,
    /// End of its units, exclusive.
    pub to: usize,
    pub numbers: Vec<f64>,
    pub reading: Reading,
    /// What it and its parts are about: stem and number of the part, in order.
    pub subjects: Vec<(Stem, u32)>,
    /// Stems of things that other concepts are about and this one doesn't name, in order.
    pub rivals: Vec<Stem>,
    /// The sum of its words' vectors.
    pub topic: Vec<f32>,
    pub totals: Totals,
    /// The heaviest units that don't stand in the prompt.
    pub heaviest: [Option<u32>; 3],
    pub asks: Asks,
}

/// What the units of a phrase weigh together, by what they are.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Totals {
    pub all: f32,
    pub main: f32,
    pub main_predicate: f32,
    pub unprompted: f32,
    pub unprompted_predicate: f32,
    pub subject: f32,
    /// Neither subjects nor light words.
    pub predicate: f32,
    pub verb: f32,
    /// How many are not light.
    pub heavy: usize,
}

/// What the words of a phrase or a clause ask for, or say.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Asks {
    /// The small words that they are in any form.
    pub forms: Kinds,
    /// How many deny something.
    pub denials: usize,
    /// Whether something is said to be more.
    pub more: bool,
    /// Whether something is said to be less.
    pub less: bool,
}

impl Totals {
    fn of(units: &[Unit]) -> Self {
        let mut totals = Self::default();
        for unit in units {
            let add = |place: &mut f32, belongs: bool| {
                if belongs {
                    *place += unit.weight;
                }
            };
            add(&mut totals.all, true);
            add(&mut totals.main, unit.main);
            add(&mut totals.main_predicate, unit.main && !unit.subject);
            add(&mut totals.unprompted, !unit.prompted);
            add(&mut totals.unprompted_predicate, !unit.prompted && !unit.subject);
            add(&mut totals.subject, unit.subject);
            add(&mut totals.predicate, !unit.subject && !unit.light);
            add(&mut totals.verb, unit.verb);
            totals.heavy += usize::from(!unit.light);
        }
        totals
    }
}

impl Asks {
    /// What words ask for or say.
    pub fn of(words: &[Word]) -> Self {
        let mut asks = Self::default();
        for word in words {
            if word.mark.is_none() {
                asks.forms = asks.forms.or(word.any_form());
            }
            asks.denials += usize::from(word.is(Cue::Not) || word.is(Cue::Nothing));
            asks.more |= matches!(
                &*word.text,
                "more" | "most" | "higher" | "larger" | "bigger" | "greater"
            );
            asks.less |= matches!(&*word.text, "less" | "least" | "lower" | "smaller" | "fewer");
        }
        asks
    }

    /// Both together.
    pub fn and(self, other: Self) -> Self {
        Self {
            forms: self.forms.or(other.forms),
            denials: self.denials + other.denials,
            more: self.more || other.more,
            less: self.less || other.less,
        }
    }

    /// Whether a word is a cue of that kind, in any form.
    pub fn has(self, kind: Cue) -> bool {
        self.forms.has(kind)
    }
}

impl Phrase {
    /// Adds up what the phrase's units weigh; `units` are the whole rubric's.
    pub(super) fn sum_up(&mut self, units: &[Unit]) {
        let own = units.get(self.from..self.to).unwrap_or_default();
        self.totals = Totals::of(own);
        self.asks = Asks::of(&self.reading.words);
        let mut heavy: Vec<(f32, u32)> = own
            .iter()
            .zip(self.from as u32..)
            .filter(|(unit, _)| !unit.prompted)
            .map(|(unit, number)| (unit.weight, number))
            .collect();
        heavy.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut heavy = heavy.into_iter().map(|(_, number)| number);
        self.heaviest = [heavy.next(), heavy.next(), heavy.next()];
        self.subjects = own
            .iter()
            .filter(|unit| unit.subject)
            .map(|unit| (unit.stem, unit.part))
            .collect();
        self.subjects.sort_unstable();
        self.subjects.dedup();
    }

    /// The parts that are about a stem.
    fn parts_about(&self, stem: Stem) -> &[(Stem, u32)] {
        let from = self.subjects.partition_point(|(other, _)| *other < stem);
        let to = self.subjects.partition_point(|(other, _)| *other <= stem);
        self.subjects.get(from..to).unwrap_or_default()
    }

    /// Whether the phrase or a part of it is about any of the stems.
    pub fn is_about(&self, stems: &[Stem]) -> bool {
        stems.iter().any(|&stem| !self.parts_about(stem).is_empty())
    }

    /// Whether any of the stems is a thing that another concept is about.
    pub fn is_rivalled_by(&self, stems: &[Stem]) -> bool {
        stems.iter().any(|stem| self.rivals.binary_search(stem).is_ok())
    }
}
