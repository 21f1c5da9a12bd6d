//! An answer held against the claims of a rubric by pairs of words.

use std::cell::OnceCell;
use std::ops::Range;

use super::Window;
use crate::compiled::CompiledRubric;
use crate::grid::Grid;
use crate::lexicon::Topics;
use crate::pairs::Sums;
use crate::reading::Reading;

/// What pairs of words say of a part of an answer and a claim.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Paired {
    /// How alike they are, -1 to 1.
    pub alike: f32,
    /// How much more alike than that part and any other claim of the rubric.
    pub margin: f32,
    /// Log odds that the part says the contrary, not the claim.
    pub against: f32,
}

/// An answer by pairs of words. Empty where the rubric's claims are.
#[derive(Debug, Clone, Default)]
pub(crate) struct PairedParts {
    /// By window and concept.
    pub windows: Grid<Paired>,
    /// By stretch and concept. Pairs are learnt from stretches: who contradicts says so in a whole sentence, or in two.
    pub stretches: Grid<Paired>,
    /// By stretch.
    sums: Vec<Sums>,
    /// By stretch, once it is asked for: by concept, the greatest likeness with its statement or a phrase for it.
    accepted: Vec<OnceCell<Vec<f32>>>,
    /// By sentence, the number of the stretch that holds nothing else.
    alone: Vec<usize>,
    /// By clause, the place of its sentence among the sentences.
    sentence_of: Vec<usize>,
    /// How much each sentence is of the question.
    related: Vec<f32>,
}

/// How much sentences are of the question, on average: how alike each and the prompt or a claim are.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Related {
    /// Those near a window, with it.
    pub near: f32,
    /// Those before it.
    pub before: f32,
    /// Those behind it.
    pub behind: f32,
    /// All.
    pub whole: f32,
}

/// So many sentences before and behind a window are near.
const NEAR: usize = 2;

impl PairedParts {
    pub fn of(rubric: &CompiledRubric, answer: &Reading, windows: &[Window]) -> Self {
        if rubric.paired.is_empty() {
            return Self::default();
        }
        let clauses: Vec<Sums> = answer
            .clauses
            .iter()
            .map(|clause| rubric.pairs.sums(answer.clause_words(clause)))
            .collect();
        let stretches = answer.stretches();
        let sums: Vec<Sums> = stretches
            .iter()
            .map(|stretch| together(&clauses, stretch.clone()))
            .collect();
        let mut parts = Self {
            windows: Grid::new(rubric.places.len(), windows.len()),
            stretches: Grid::new(rubric.places.len(), stretches.len()),
            sentence_of: sentence_of(&stretches, clauses.len()),
            alone: singles(&stretches).map(|(at, _)| at).collect(),
            related: Vec::new(),
            accepted: vec![OnceCell::new(); sums.len()],
            sums,
        };
        for window in windows {
            let sums = together(&clauses, window.clauses());
            hold(rubric, &sums, &mut parts.windows);
        }
        for sums in &parts.sums {
            hold(rubric, sums, &mut parts.stretches);
        }
        let alone = parts.alone.iter();
        parts.related = alone
            .filter_map(|at| Some(relation(rubric, parts.stretches.row(*at), parts.sums.get(*at)?)))
            .collect();
        parts
    }

    /// The places of a window's first sentence, and of the one behind its last.
    fn sentences(&self, window: &Window) -> Range<usize> {
        let clauses = window.clauses();
        let of = |clause: usize| self.sentence_of.get(clause).copied().unwrap_or(0);
        of(clauses.start)..of(clauses.end.saturating_sub(1)) + 1
    }

    /// How much a window and what stands around it is of the question.
    pub fn related(&self, window: &Window) -> Related {
        let Range { start: from, end: to } = self.sentences(window);
        let of = |from: usize, to: usize| {
            let to = to.min(self.related.len());
            mean(self.related.get(from.min(to)..to).unwrap_or_default())
        };
        Related {
            near: of(from.saturating_sub(NEAR), to + NEAR),
            before: of(0, from),
            behind: of(to, self.related.len()),
            whole: of(0, self.related.len()),
        }
    }

    /// The stretch around a window.
    pub fn around(&self, rubric: &CompiledRubric, window: &Window) -> Option<Around<'_>> {
        let sentences = self.sentences(window);
        // Behind a sentence alone stands the same with the next.
        let at = self.alone.get(sentences.start)? + usize::from(sentences.len() > 1);
        let (said, sums) = (self.stretches.row(at), self.sums.get(at)?);
        let phrases = rubric
            .paired
            .accepted
            .iter()
            .map(Some)
            .chain(std::iter::repeat(None));
        let most = |(paired, phrases): (&Paired, Option<&Topics>)| {
            phrases
                .map_or(0.0, |phrases| sums.most_alike(phrases))
                .max(paired.alike)
        };
        let accepted = self.accepted.get(at)?;
        Some(Around {
            said,
            sums,
            accepted: accepted.get_or_init(|| said.iter().zip(phrases).map(most).collect()),
        })
    }
}

/// A stretch, and what it says.
pub(crate) struct Around<'a> {
    /// Of each concept.
    pub said: &'a [Paired],
    pub sums: &'a Sums,
    /// By concept, the greatest likeness with its statement or a phrase for it.
    pub accepted: &'a [f32],
}

/// The stretches of a single sentence, by their numbers: each is the first that begins where it does.
fn singles(stretches: &[Range<usize>]) -> impl Iterator<Item = (usize, &Range<usize>)> {
    let mut last = None;
    stretches
        .iter()
        .enumerate()
        .filter(move |(_, stretch)| last.replace(stretch.start) != Some(stretch.start))
}

/// By clause, the place of its sentence among the sentences.
fn sentence_of(stretches: &[Range<usize>], clauses: usize) -> Vec<usize> {
    let mut sentences = vec![0; clauses];
    for (place, (_, stretch)) in singles(stretches).enumerate() {
        if let Some(clauses) = sentences.get_mut(stretch.clone()) {
            clauses.fill(place);
        }
    }
    sentences
}

/// How much a sentence is of the question: how alike it and the prompt, or the claim that it is most like, are; at least 0.
fn relation(rubric: &CompiledRubric, held: &[Paired], sums: &Sums) -> f32 {
    let mut prompt = Vec::new();
    rubric
        .paired
        .prompt
        .cosines(&sums.alike, sums.length(), &mut prompt);
    let claims = held.iter().map(|paired| paired.alike);
    claims.chain(prompt).fold(0.0, f32::max)
}

/// The mean; 0 of nothing.
fn mean(values: &[f32]) -> f32 {
    values.iter().sum::<f32>() / values.len().max(1) as f32
}

/// The sums of clauses, put together.
fn together(clauses: &[Sums], part: Range<usize>) -> Sums {
    let mut parts = clauses.get(part).unwrap_or_default().iter();
    let mut sum = parts.next().cloned().unwrap_or_default();
    parts.for_each(|part| sum.add(part));
    sum
}

/// Holds a part of an answer against all claims.
fn hold(rubric: &CompiledRubric, part: &Sums, row: &mut Grid<Paired>) {
    let claims = &rubric.paired;
    let mut alike = Vec::with_capacity(claims.stated.len());
    claims.statements.cosines(&part.alike, part.length(), &mut alike);
    let paired = alike.iter().zip(&claims.stated).enumerate();
    row.push_row(paired.map(|(concept, (own, claim))| Paired {
        alike: *own,
        margin: own - most_of_others(&alike, concept),
        against: part.against(claim),
    }));
}

/// The greatest likeness with another concept; none, where there is no other.
fn most_of_others(alike: &[f32], concept: usize) -> f32 {
    let others = alike.iter().enumerate().filter(|(other, _)| *other != concept);
    others
        .map(|(_, alike)| *alike)
        .max_by(f32::total_cmp)
        .unwrap_or(0.0)
}
