//! Which windows come nearest to each concept.

use super::{Alignment, Fit};

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

/// How near a window comes to a statement, as it is seen in different ways.
struct Worth {
    /// By the words that it covers.
    covered: f32,
    fit: f32,
    /// By what is new in the predicate.
    predicate: f32,
    topic: f32,
    /// By pairs of words, beside the other claims; above 0.
    paired: f32,
}

/// A way to see how near a window comes, and how many windows are kept for it.
type View = (fn(&Worth) -> f32, usize);

const VIEWS: [View; 5] = [
    (|worth| worth.covered, 2),
    (|worth| worth.fit, 2),
    (|worth| worth.predicate, 1),
    (|worth| worth.topic, 2),
    (|worth| worth.paired, 1),
];

impl Alignment<'_> {
    /// The windows that come nearest to each concept, the best first.
    pub fn candidates(&self) -> Vec<Vec<Candidate>> {
        self.rubric
            .places
            .iter()
            .enumerate()
            .map(|(concept, phrases)| {
                let mut list = Vec::new();
                self.nearest_to_statement(concept, phrases.start, &mut list);
                self.nearest_by_wordings(concept, phrases.start, &mut list);
                for number in phrases.start + 1..phrases.end {
                    self.nearest_to_phrase(number, &mut list);
                }
                list
            })
            .collect()
    }

    fn nearest_to_phrase(&self, number: usize, list: &mut Vec<Candidate>) {
        let mut best: Option<Candidate> = None;
        for (at, (window, fit)) in self.windows.iter().zip(self.fits.column(number)).enumerate() {
            let coverage = Fit::said(*fit) - LONGER * (window.count - 1) as f32;
            if coverage > best.as_ref().map_or(0.0, |best| best.coverage) {
                best = Some(Candidate {
                    phrase: number,
                    window: at,
                    coverage,
                });
            }
        }
        list.extend(best);
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

    fn nearest_to_statement(&self, concept: usize, statement: usize, list: &mut Vec<Candidate>) {
        let covered = self.covered.column(concept);
        let worths: Vec<Worth> = self
            .windows
            .iter()
            .zip(covered)
            .zip(self.fits.column(statement))
            .zip(self.topics.column(concept))
            .enumerate()
            .map(|(at, (((window, covered), fit), topic))| {
                let paired = self.paired.windows.row(at).get(concept);
                let longer = LONGER * (window.count - 1) as f32;
                Worth {
                    covered: covered.all - longer,
                    fit: fit.fit,
                    predicate: covered.unprompted_predicate - longer,
                    topic: topic + 0.3 * covered.all,
                    paired: paired.map_or(0.0, |paired| 1.0 + paired.alike + paired.margin),
                }
            })
            .collect();
        for (worth_in, keep) in VIEWS {
            let mut taken: Vec<std::ops::Range<usize>> = Vec::new();
            for _ in 0..keep {
                let mut best: Option<(f32, usize)> = None;
                for (at, (worth, window)) in worths.iter().zip(&self.windows).enumerate() {
                    let worth = worth_in(worth);
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
