//! Holds the clauses of an answer against the phrases of a rubric.

mod best;
mod candidates;
mod cues;
mod fit;
mod hits;
mod paired;
mod surroundings;
mod windows;

use smallvec::SmallVec;

use crate::compiled::{Asks, CompiledRubric, Phrase, Stem, Unit};
use crate::grid::Grid;
use crate::order;
use crate::reading::{Clause, Reading, Word};

pub(crate) use candidates::Candidate;
pub(crate) use fit::{Covered, Fit, ratio, subjects};
pub(crate) use hits::Hit;
pub(crate) use paired::{Paired, PairedParts, Related};
pub(crate) use surroundings::Surroundings;
pub(crate) use windows::Window;

/// An answer held against a rubric.
pub(crate) struct Alignment<'a> {
    pub rubric: &'a CompiledRubric,
    pub answer: &'a Reading,
    /// By word of the answer, its stem, where it is a content word that the rubric knows.
    pub stems: Vec<Option<Stem>>,
    /// What each clause says in small words.
    pub says: Vec<Asks>,
    /// By clause, the stems of what it is about, as far as the rubric knows them.
    about: Vec<Vec<Stem>>,
    pub windows: Vec<Window>,
    /// The best hit of each window for each unit; each window knows where its own are.
    hits: Vec<Hit>,
    /// By window, the sum of its words' vectors.
    sums: Grid<f32>,
    /// By window and concept, how much of the statement is covered.
    pub covered: Grid<Covered>,
    /// By window and phrase of the rubric, how well they fit.
    pub fits: Grid<Fit>,
    /// By window and concept, how alike their topics are, -1 to 1.
    pub topics: Grid<f32>,
    /// By window and concept, what the cues say for the concept and for its contrary.
    pub cues: Grid<(f32, f32)>,
    /// The same, words counting for those they are like.
    pub soft_cues: Grid<(f32, f32)>,
    /// By window and concept, what learnt wordings say for the concept and for its contrary, as log odds. No rows where none
    /// were learnt.
    pub worded: Grid<(f32, f32)>,
    /// What pairs of words say.
    pub paired: PairedParts,
    /// How far the words stand in an order that sentences have.
    pub orderliness: f32,
    /// How much each part of the answer says of the question.
    pub surroundings: Surroundings,
}

impl<'a> Alignment<'a> {
    /// Finds, for each window of the answer, the words that stand for units of the rubric, and what follows from them.
    pub fn new(rubric: &'a CompiledRubric, answer: &'a Reading) -> Self {
        let by_word = hits::ByWord::new(rubric, answer);
        let about: Vec<Vec<Stem>> = answer
            .clauses
            .iter()
            .map(|clause| windows::stems_about(rubric, answer, clause))
            .collect();
        let clauses = by_word.clauses(rubric, answer, &about);
        let (mut windows, hits) = windows::windows(rubric.units.len(), answer, clauses);
        let sums = windows::sums(answer, &mut windows);
        let mut alignment = Self {
            rubric,
            answer,
            stems: answer
                .words
                .iter()
                .map(|word| rubric.stems.get(&*word.stem).copied().filter(|_| word.content))
                .collect(),
            says: answer
                .clauses
                .iter()
                .map(|clause| Asks::of(answer.clause_words(clause)))
                .collect(),
            about,
            sums,
            cues: cues::cues(rubric, answer, &windows),
            soft_cues: cues::soft_cues(rubric, answer, &windows, &by_word),
            worded: cues::wordings(rubric, answer, &windows),
            paired: PairedParts::of(rubric, answer, &windows),
            // Nobody asks where pairs are not looked at.
            orderliness: if rubric.paired.is_empty() {
                0.0
            } else {
                order::orderliness(&answer.words)
            },
            surroundings: Surroundings::of(rubric, answer),
            windows,
            hits,
            covered: Grid::default(),
            fits: Grid::default(),
            topics: Grid::default(),
        };
        alignment.topics = alignment.compare_topics();
        (alignment.covered, alignment.fits) = alignment.fit_all();
        alignment
    }

    fn compare_topics(&self) -> Grid<f32> {
        let concepts = self.rubric.places.len();
        let mut topics = Grid::new(concepts, self.windows.len());
        let mut row = Vec::with_capacity(concepts);
        for (number, window) in self.windows.iter().enumerate() {
            row.clear();
            self.rubric
                .topics
                .cosines(self.sums.row(number), window.length, &mut row);
            topics.push_row(row.iter().copied());
        }
        topics
    }

    /// How alike the topics of a window and of a concept's phrases beside the statement are, -1 to 1, phrase by phrase.
    pub fn topics_beside(&self, window: usize, concept: usize) -> SmallVec<[f32; 16]> {
        let mut topics = SmallVec::new();
        if let (Some(beside), Some(held)) = (self.rubric.topics_beside.get(concept), self.windows.get(window))
        {
            beside.cosines(self.sums.row(window), held.length, &mut topics);
        }
        topics
    }

    /// The hits of a window on one phrase.
    pub fn hits_on(&self, window: &Window, phrase: &Phrase) -> &[Hit] {
        let hits = self.hits.get(window.hits.clone()).unwrap_or_default();
        let from = hits.partition_point(|hit| (hit.unit as usize) < phrase.from);
        let to = hits.partition_point(|hit| (hit.unit as usize) < phrase.to);
        hits.get(from..to).unwrap_or_default()
    }

    /// The unit that a hit is for.
    pub fn unit(&self, hit: &Hit) -> Option<&'a Unit> {
        self.rubric.units.get(hit.unit as usize)
    }

    /// The answer's word of a hit.
    pub fn word(&self, hit: &Hit) -> Option<&'a Word> {
        self.answer.words.get(hit.word as usize)
    }

    /// The clauses of a window.
    pub fn clauses(&self, window: &Window) -> &'a [Clause] {
        self.answer
            .clauses
            .get(window.first..window.first + window.count)
            .unwrap_or_default()
    }

    /// The windows of a single clause.
    pub fn single_clauses(&self) -> impl Iterator<Item = (usize, &Window)> {
        self.windows
            .iter()
            .enumerate()
            .filter(|(_, window)| window.count == 1)
    }

    /// The stems of what a clause is about, as far as the rubric knows them.
    pub fn about(&self, clause: usize) -> &[Stem] {
        self.about.get(clause).map(Vec::as_slice).unwrap_or_default()
    }
}
