//! A window held against a statement: what the groups of measures look at.

use smallvec::SmallVec;

use super::Concept;
use crate::align::{Alignment, Covered, Hit, Window};
use crate::compiled::{Asks, Phrase, Unit};
use crate::reading::{Clause, Word};

/// A hit, its unit and what it counts.
pub(super) type Counted<'a> = (&'a Hit, &'a Unit, f32);

/// A window mostly has fewer hits on a statement: so many stay on the stack.
pub(super) const FEW: usize = 24;

/// A window held against a concept's statement.
pub(super) struct Held<'a> {
    pub alignment: &'a Alignment<'a>,
    /// What was seen of the concept in the whole answer.
    pub seen: &'a Concept,
    /// Number of the concept.
    pub concept: usize,
    /// The concept's statement.
    pub statement: &'a Phrase,
    /// Number of the window.
    pub number: usize,
    pub window: &'a Window,
    /// The clauses of the window.
    pub clauses: &'a [Clause],
    /// The hits of the window on the statement.
    pub hits: &'a [Hit],
    /// The hits, each with its unit and what it counts.
    pub counted: SmallVec<[Counted<'a>; FEW]>,
    /// How much of the statement the window covers.
    pub covered: Covered,
}

impl<'a> Held<'a> {
    pub fn new(
        alignment: &'a Alignment<'a>,
        seen: &'a Concept,
        concept: usize,
        number: usize,
    ) -> Option<Self> {
        let place = alignment.rubric.places.get(concept)?;
        let statement = alignment.rubric.phrases.get(place.start)?;
        let window = alignment.windows.get(number)?;
        let hits = alignment.hits_on(window, statement);
        let counted = hits.iter().filter_map(|hit| {
            let unit = alignment.unit(hit)?;
            Some((hit, unit, unit.weight * hit.likeness))
        });
        Some(Self {
            alignment,
            seen,
            concept,
            statement,
            number,
            window,
            clauses: alignment.clauses(window),
            hits,
            counted: counted.collect(),
            covered: alignment.covered.row(number).get(concept).copied()?,
        })
    }

    /// The words of the window, marks among them.
    pub fn words(&self) -> impl Iterator<Item = &'a Word> {
        let answer = self.alignment.answer;
        self.clauses
            .iter()
            .flat_map(move |clause| answer.clause_words(clause))
    }

    /// What the clauses of the window say in small words, those that are kept by their number.
    pub fn says(&self, keep: impl Fn(usize) -> bool) -> Asks {
        let clauses = self.window.first..self.window.first + self.window.count;
        clauses
            .filter(|clause| keep(*clause))
            .filter_map(|clause| self.alignment.says.get(clause))
            .fold(Asks::default(), |all, says| all.and(*says))
    }

    /// What stands for the other concepts in a row that has a value for each.
    pub fn others<'r, T>(&self, row: &'r [T]) -> impl Iterator<Item = &'r T> {
        let concept = self.concept;
        row.iter()
            .enumerate()
            .filter(move |(of, _)| *of != concept)
            .map(|(_, value)| value)
    }
}
