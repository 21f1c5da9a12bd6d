//! Which windows come nearest to each concept.

use std::ops::Range;

use smallvec::SmallVec;

use super::Alignment;

/// One concept held against a window of the answer that comes near it.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    /// Number of the phrase.
    pub phrase: usize,
    /// Number of the window.
    pub window: usize,
    /// How much of the phrase the window covers, 0 to 1.
    pub coverage: f32,
}

/// What each clause more makes a window worth less, so that of two that cover as much the shorter is taken.
const LONGER: f32 = 0.05;

/// How near a window comes to a statement, as it is seen in different ways: by the words that it covers, by how well they fit, by
/// what is new in the predicate, by topic, and by pairs of words beside the other claims.
type Worth = [f32; 5];

/// How many windows are kept by each of them.
const KEPT: [usize; 5] = [2, 2, 1, 2, 1];
/// How many are kept at most but for phrases: by each of them, and two by learnt wordings.
const MOST: usize = 10;

impl Alignment<'_> {
    /// The windows that come nearest to each concept, the best first.
    pub fn candidates(&self) -> Vec<Vec<Candidate>> {
        let nearest = self.nearest_to_phrases();
        let mut worths = Vec::with_capacity(self.windows.len());
        self.rubric
            .places
            .iter()
            .enumerate()
            .map(|(concept, phrases)| {
                let mut list = Vec::with_capacity(MOST + phrases.len());
                self.nearest_to_statement(concept, phrases.start, &mut worths, &mut list);
                self.nearest_by_wordings(concept, phrases.start, &mut list);
                let beside = nearest.get(phrases.start + 1..phrases.end);
                list.extend(beside.unwrap_or_default().iter().flatten().cloned());
                list
            })
            .collect()
    }

    /// By phrase, the window that comes nearest, if any comes near.
    fn nearest_to_phrases(&self) -> Vec<Option<Candidate>> {
        let mut nearest: Vec<(f32, usize)> = vec![(0.0, 0); self.rubric.phrases.len()];
        for (at, (window, fits)) in self.windows.iter().zip(self.fits.rows()).enumerate() {
            let longer = LONGER * (window.count - 1) as f32;
            for (best, fit) in nearest.iter_mut().zip(fits) {
                let coverage = fit.said() - longer;
                if coverage > best.0 {
                    *best = (coverage, at);
                }
            }
        }
        let candidate = |(phrase, (coverage, window))| Candidate {
            phrase,
            window,
            coverage,
        };
        let nearest = nearest.into_iter().enumerate();
        nearest
            .map(|best| (best.1.0 > 0.0).then(|| candidate(best)))
            .collect()
    }

    /// The windows that by learnt wordings say most for the concept, and most for its contrary.
    fn nearest_by_wordings(&self, concept: usize, statement: usize, list: &mut Vec<Candidate>) {
        if !self.rubric.wordings.knows(concept) {
            return;
        }
        for which in [|w: &(f32, f32)| w.0, |w: &(f32, f32)| w.1] {
            let best = self
                .worded
                .column(concept)
                .map(which)
                .enumerate()
                .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
            if let Some((at, _)) = best
                && !list.iter().any(|other| other.window == at)
                && let Some(covered) = self.covered.row(at).get(concept)
            {
                list.push(Candidate {
                    phrase: statement,
                    window: at,
                    coverage: covered.all,
                });
            }
        }
    }

    /// `worths` is a place to work.
    fn nearest_to_statement(
        &self,
        concept: usize,
        statement: usize,
        worths: &mut Vec<Worth>,
        list: &mut Vec<Candidate>,
    ) {
        let covered = self.covered.column(concept);
        worths.clear();
        let all = self
            .windows
            .iter()
            .zip(covered)
            .zip(self.fits.column(statement))
            .zip(self.topics.column(concept))
            .enumerate()
            .map(|(at, (((window, covered), fit), topic))| {
                let paired = self.paired.windows.row(at).get(concept);
                let longer = LONGER * (window.count - 1) as f32;
                [
                    covered.all - longer,
                    fit.fit,
                    covered.unprompted_predicate - longer,
                    topic + 0.3 * covered.all,
                    // Above 0.
                    paired.map_or(0.0, |paired| 1.0 + paired.alike + paired.margin),
                ]
            });
        worths.extend(all);
        for (view, keep) in KEPT.into_iter().enumerate() {
            let mut taken: SmallVec<[Range<usize>; 2]> = SmallVec::new();
            for _ in 0..keep {
                let mut best: Option<(f32, usize)> = None;
                for (at, (worth, window)) in worths.iter().zip(&self.windows).enumerate() {
                    let worth = worth.get(view).copied().unwrap_or_default();
                    let end = window.first + window.count;
                    if worth > best.map_or(0.0, |(most, _)| most)
                        && taken
                            .iter()
                            .all(|other| other.end <= window.first || other.start >= end)
                    {
                        best = Some((worth, at));
                    }
                }
                let Some((_, at)) = best else { break };
                let (Some(window), Some(covered)) = (self.windows.get(at), self.covered.row(at).get(concept))
                else {
                    break;
                };
                taken.push(window.first..window.first + window.count);
                if !list.iter().any(|other| other.window == at) {
                    list.push(Candidate {
                        phrase: statement,
                        window: at,
                        coverage: covered.all,
                    });
                }
            }
        }
    }
}
