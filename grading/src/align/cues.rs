//! What the words of windows say for concepts and for their contraries.

use super::Window;
use super::hits::ByWord;
use crate::compiled::{CompiledRubric, cue_of};
use crate::grid::Grid;
use crate::reading::Reading;

type Sums = Vec<(f32, f32)>;

fn add(sums: &mut Sums, cues: &[(f32, f32)]) {
    for (sum, cue) in sums.iter_mut().zip(cues) {
        sum.0 += cue.0;
        sum.1 += cue.1;
    }
}

/// By window and concept, what the window's words say for the concept and for its contrary: each word once, and what a
/// pronoun stands for as well.
pub(super) fn cues(rubric: &CompiledRubric, answer: &Reading, windows: &[Window]) -> Grid<(f32, f32)> {
    let concepts = rubric.places.len();
    let by_word: Vec<Option<u32>> = answer
        .words
        .iter()
        .map(|word| {
            let known = if word.negated {
                rubric.cue_words.get(&cue_of(&word.stem, true))
            } else {
                rubric.cue_words.get(&*word.stem)
            };
            known.copied().filter(|_| word.content || word.light)
        })
        .collect();
    let mut grid = Grid::new(concepts, windows.len());
    let mut held: Vec<u32> = Vec::new();
    let mut sums: Sums = Vec::new();
    for window in windows {
        if window.count == 1 {
            held.clear();
        }
        if let Some(clause) = answer.clauses.get(window.first + window.count - 1) {
            held.extend(
                by_word
                    .get(clause.from..clause.to)
                    .unwrap_or_default()
                    .iter()
                    .flatten(),
            );
            if clause.carried {
                held.extend(
                    clause
                        .subject
                        .iter()
                        .filter_map(|&word| by_word.get(word))
                        .flatten(),
                );
            }
        }
        held.sort_unstable();
        held.dedup();
        sums.clear();
        sums.resize(concepts, (0.0, 0.0));
        for &word in &held {
            add(&mut sums, rubric.cues.row(word as usize));
        }
        grid.push_row(sums.iter().copied());
    }
    grid
}

/// The same for every word and whatever it is like, each word as often as it stands there.
pub(super) fn soft_cues(
    rubric: &CompiledRubric,
    answer: &Reading,
    windows: &[Window],
    by_word: &ByWord,
) -> Grid<(f32, f32)> {
    let concepts = rubric.places.len();
    let mut words = Grid::new(concepts, answer.words.len());
    let mut cues: Sums = Vec::new();
    for word in 0..answer.words.len() {
        cues.clear();
        cues.resize(concepts, (0.0, 0.0));
        for hit in by_word.of(word) {
            let Some(unit) = rubric.units.get(hit.unit as usize) else {
                continue;
            };
            let Some(place) = cues.get_mut(unit.concept) else {
                continue;
            };
            let sure = hit.likeness * hit.likeness;
            let (for_it, against) = (unit.cue.0 * sure, unit.cue.1 * sure);
            if for_it.abs() > place.0.abs() {
                place.0 = for_it;
            }
            if against.abs() > place.1.abs() {
                place.1 = against;
            }
        }
        words.push_row(cues.iter().copied());
    }
    let mut grid = Grid::new(concepts, windows.len());
    let mut sums: Sums = Vec::new();
    for window in windows {
        if window.count == 1 {
            sums.clear();
            sums.resize(concepts, (0.0, 0.0));
        }
        if let Some(clause) = answer.clauses.get(window.first + window.count - 1) {
            for word in clause.from..clause.to {
                add(&mut sums, words.row(word));
            }
        }
        grid.push_row(sums.iter().copied());
    }
    grid
}

/// By window and concept, what learnt wordings say for the concept and for its contrary; no rows where none were learnt.
pub(super) fn wordings(rubric: &CompiledRubric, answer: &Reading, windows: &[Window]) -> Grid<(f32, f32)> {
    if rubric.wordings.is_empty() {
        return Grid::default();
    }
    let clauses = rubric.wordings.weigh(answer);
    let concepts = rubric.places.len();
    let mut grid = Grid::new(concepts, windows.len());
    for window in windows {
        let held = clauses
            .get(window.first..window.first + window.count)
            .unwrap_or_default();
        grid.push_row((0..concepts).map(|concept| rubric.wordings.together(held, concept)));
    }
    grid
}
