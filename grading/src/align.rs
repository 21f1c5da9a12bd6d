//! Holds the clauses of an answer against the phrases of a rubric.

use crate::compiled::{CompiledRubric, Phrase};
use crate::lexicon::cosine;
use crate::reading::{Reading, Stance};
use crate::report::{MatchKind, PhraseKind};

/// A word of the answer that stands for a unit of the rubric.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hit {
    pub unit: u32,
    /// The answer's word.
    pub word: u32,
    /// Its clause.
    pub clause: u32,
    pub likeness: f32,
    pub kind: MatchKind,
    pub flip: bool,
    /// It was carried over from an earlier clause or a heading.
    pub carried: bool,
}

/// One to three clauses, one after the other.
#[derive(Debug, Clone)]
pub(crate) struct Window {
    pub first: usize,
    pub count: usize,
    /// The best hit for each unit, by unit.
    pub hits: Vec<Hit>,
    /// The sum of its words' vectors.
    pub topic: Vec<f32>,
}

/// An answer held against a rubric.
pub(crate) struct Alignment<'a> {
    pub rubric: &'a CompiledRubric,
    pub answer: &'a Reading,
    pub windows: Vec<Window>,
    /// By window and phrase of the rubric, how well they fit, and how much of it is opposed.
    pub fits: Vec<Vec<(f32, f32)>>,
    /// By window and concept, how alike their topics are, -1 to 1.
    pub topics: Vec<Vec<f32>>,
    /// By window and concept, what the cues say for the concept and for its contrary.
    pub cues: Vec<Vec<(f32, f32)>>,
    /// The same, words counting for those they are like.
    pub soft_cues: Vec<Vec<(f32, f32)>>,
    /// By window and concept, what learnt wordings say for the concept and for its contrary, as log odds.
    pub worded: Vec<Vec<(f32, f32)>>,
}

/// Longest window, in clauses.
const LONGEST: usize = 3;
/// What a word that was carried over counts.
const CARRIED: f32 = 0.85;

impl<'a> Alignment<'a> {
    /// Finds, for each window of the answer, the words that stand for units of the rubric.
    pub fn new(rubric: &'a CompiledRubric, answer: &'a Reading) -> Self {
        let by_word = hits_by_word(rubric, answer);
        let mut clauses: Vec<Vec<Hit>> = Vec::with_capacity(answer.clauses.len());
        for (number, clause) in answer.clauses.iter().enumerate() {
            let mut hits: Vec<Hit> = Vec::new();
            let mut take = |word: usize, carried: bool| {
                for hit in by_word.get(word).map(Vec::as_slice).unwrap_or_default() {
                    let mut hit = *hit;
                    hit.clause = number as u32;
                    if carried {
                        hit.carried = true;
                        hit.likeness *= CARRIED;
                    }
                    hits.push(hit);
                }
            };
            for word in clause.from..clause.to {
                take(word, false);
            }
            if clause.carried {
                for &word in &clause.subject {
                    take(word, true);
                }
            }
            for &word in &clause.heading {
                if !(clause.from..clause.to).contains(&word) {
                    take(word, true);
                }
            }
            keep_best(&mut hits);
            clauses.push(hits);
        }
        let mut windows = Vec::with_capacity(clauses.len() * LONGEST);
        for first in 0..clauses.len() {
            let mut hits: Vec<Hit> = Vec::new();
            let mut topic: Vec<f32> = Vec::new();
            for count in 1..=LONGEST {
                let Some(more) = clauses.get(first + count - 1) else {
                    break;
                };
                let apart = answer
                    .clauses
                    .get(first)
                    .zip(answer.clauses.get(first + count - 1))
                    .is_some_and(|(a, b)| b.sentence.saturating_sub(a.sentence) > 1);
                if apart {
                    break;
                }
                hits.extend_from_slice(more);
                keep_best(&mut hits);
                if let Some(clause) = answer.clauses.get(first + count - 1) {
                    for word in answer.clause_words(clause).iter().filter(|word| word.content) {
                        if let Some(vector) = word.vector {
                            vector.add_to(&mut topic, word.rarity);
                        }
                    }
                }
                windows.push(Window {
                    first,
                    count,
                    hits: hits.clone(),
                    topic: topic.clone(),
                });
            }
        }
        let mut alignment = Self {
            rubric,
            answer,
            windows,
            fits: Vec::new(),
            topics: Vec::new(),
            cues: Vec::new(),
            soft_cues: Vec::new(),
            worded: Vec::new(),
        };
        alignment.worded = alignment.weigh_wordings();
        alignment.fits = alignment
            .windows
            .iter()
            .map(|window| {
                rubric
                    .phrases
                    .iter()
                    .map(|phrase| alignment.fit(window, phrase))
                    .collect()
            })
            .collect();
        alignment.topics = alignment
            .windows
            .iter()
            .map(|window| {
                rubric
                    .phrases
                    .iter()
                    .filter(|phrase| phrase.kind == PhraseKind::Statement)
                    .map(|phrase| cosine(&window.topic, &phrase.topic))
                    .collect()
            })
            .collect();
        let concepts = rubric.question.concepts.len();
        let by_word: Vec<Vec<(f32, f32)>> = by_word
            .iter()
            .map(|hits| {
                let mut cues = vec![(0.0_f32, 0.0_f32); concepts];
                for hit in hits {
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
                cues
            })
            .collect();
        alignment.soft_cues = alignment
            .windows
            .iter()
            .map(|window| {
                let mut sums = vec![(0.0_f32, 0.0_f32); concepts];
                for clause in answer
                    .clauses
                    .get(window.first..window.first + window.count)
                    .unwrap_or_default()
                {
                    for cues in by_word.get(clause.from..clause.to).unwrap_or_default() {
                        for (sum, cue) in sums.iter_mut().zip(cues) {
                            sum.0 += cue.0;
                            sum.1 += cue.1;
                        }
                    }
                }
                sums
            })
            .collect();
        let stems: Vec<Option<String>> = answer
            .words
            .iter()
            .map(|word| (word.content || word.light).then(|| crate::compiled::cue_of(word)))
            .collect();
        alignment.cues = alignment
            .windows
            .iter()
            .map(|window| {
                let clauses = answer
                    .clauses
                    .get(window.first..window.first + window.count)
                    .unwrap_or_default();
                let mut held: Vec<&str> = clauses
                    .iter()
                    .flat_map(|clause| stems.get(clause.from..clause.to).unwrap_or_default())
                    .filter_map(Option::as_deref)
                    .collect();
                for clause in clauses.iter().filter(|clause| clause.carried) {
                    held.extend(
                        clause
                            .subject
                            .iter()
                            .filter_map(|&word| stems.get(word))
                            .filter_map(Option::as_deref),
                    );
                }
                held.sort_unstable();
                held.dedup();
                rubric
                    .cues
                    .iter()
                    .map(|cues| {
                        held.iter()
                            .filter_map(|word| cues.get(*word))
                            .fold((0.0, 0.0), |sum, cue| (sum.0 + cue.0, sum.1 + cue.1))
                    })
                    .collect()
            })
            .collect();
        alignment
    }

    fn weigh_wordings(&self) -> Vec<Vec<(f32, f32)>> {
        if self.rubric.wordings.is_empty() {
            return Vec::new();
        }
        let clauses = self.rubric.wordings.weigh(self.answer);
        let concepts = self.rubric.question.concepts.len();
        self.windows
            .iter()
            .map(|window| {
                let held = clauses
                    .get(window.first..window.first + window.count)
                    .unwrap_or_default();
                (0..concepts)
                    .map(|concept| self.rubric.wordings.together(held, concept))
                    .collect()
            })
            .collect()
    }

    /// The hits of a window on one phrase.
    pub fn hits_on<'w>(&self, window: &'w Window, phrase: &Phrase) -> &'w [Hit] {
        let from = window
            .hits
            .partition_point(|hit| (hit.unit as usize) < phrase.from);
        let to = window.hits.partition_point(|hit| (hit.unit as usize) < phrase.to);
        window.hits.get(from..to).unwrap_or_default()
    }

    /// Whether a hit says the opposite of what the phrase says of that unit.
    pub fn opposed(&self, hit: &Hit) -> bool {
        if hit.carried {
            return false;
        }
        let denied = self
            .answer
            .words
            .get(hit.word as usize)
            .is_some_and(|word| word.negated);
        let rejected = self
            .answer
            .clauses
            .get(hit.clause as usize)
            .is_some_and(|clause| clause.stance == Stance::Rejected);
        let unit = self
            .rubric
            .units
            .get(hit.unit as usize)
            .is_some_and(|unit| unit.negated);
        hit.flip ^ denied ^ rejected ^ unit
    }
}

/// For each word of the answer, the units it may stand for.
fn hits_by_word(rubric: &CompiledRubric, answer: &Reading) -> Vec<Vec<Hit>> {
    let mut by_word: Vec<Vec<Hit>> = vec![Vec::new(); answer.words.len()];
    let mut key = String::new();
    let add = |place: &mut Vec<Hit>, key: &str, word: usize, repaired: bool, text: &str| {
        for entry in rubric.index.get(key).map(Vec::as_slice).unwrap_or_default() {
            let mut kind = entry.kind;
            if repaired && matches!(kind, MatchKind::Exact | MatchKind::Stem) {
                kind = MatchKind::Typo;
            } else if kind == MatchKind::Exact
                && rubric
                    .units
                    .get(entry.unit as usize)
                    .is_some_and(|unit| unit.text != text)
            {
                kind = MatchKind::Stem;
            }
            place.push(Hit {
                unit: entry.unit,
                word: word as u32,
                clause: 0,
                likeness: entry.likeness,
                kind,
                flip: entry.flip,
                carried: false,
            });
        }
    };
    for (number, word) in answer.words.iter().enumerate() {
        if word.mark.is_some() {
            continue;
        }
        let Some(place) = by_word.get_mut(number) else {
            continue;
        };
        add(place, &word.lemma, number, word.repaired, &word.text);
        if word.content {
            key.clear();
            key.push('~');
            key.push_str(&word.stem);
            add(place, &key, number, word.repaired, &word.text);
        }
    }
    for found in &answer.phrases {
        key.clear();
        key.push('#');
        key.push_str(&found.group.to_string());
        // The phrase stands where its last content word stands.
        let at = (found.from..found.to)
            .rev()
            .find(|&at| answer.words.get(at).is_some_and(|word| word.content))
            .unwrap_or(found.from);
        if let Some(place) = by_word.get_mut(at) {
            add(place, &key, at, false, "");
        }
    }
    relate(rubric, answer, &mut by_word);
    for (at, first) in answer.words.iter().enumerate() {
        for (group, rest) in rubric.own_members(&first.lemma) {
            let found = answer
                .words
                .get(at + 1..at + 1 + rest.len())
                .is_some_and(|words| words.iter().zip(rest).all(|(word, lemma)| word.lemma == *lemma));
            if found && let Some(place) = by_word.get_mut(at) {
                add(place, &format!("+{group}"), at, false, "");
            }
        }
    }
    by_word
}

/// Least likeness of surroundings that counts.
const RELATED: f32 = 0.5;

/// Adds weak hits for words that are used in the same surroundings as a statement's.
fn relate(rubric: &CompiledRubric, answer: &Reading, by_word: &mut [Vec<Hit>]) {
    for (number, (word, place)) in answer.words.iter().zip(by_word.iter_mut()).enumerate() {
        if !word.content {
            continue;
        }
        let Some(vector) = word.vector else { continue };
        for (other, units) in &rubric.related {
            let likeness = vector.likeness(other);
            if likeness < RELATED {
                continue;
            }
            for &unit in units {
                if !place.iter().any(|hit| hit.unit == unit) {
                    place.push(Hit {
                        unit,
                        word: number as u32,
                        clause: 0,
                        likeness: 0.1 + (likeness - RELATED),
                        kind: MatchKind::Synonym,
                        flip: false,
                        carried: false,
                    });
                }
            }
        }
    }
}

/// Sorts hits by unit and keeps the best of each; a hit of its own clause before one carried over.
fn keep_best(hits: &mut Vec<Hit>) {
    hits.sort_by(|a, b| {
        a.unit
            .cmp(&b.unit)
            .then_with(|| b.likeness.total_cmp(&a.likeness))
            .then_with(|| a.word.cmp(&b.word))
    });
    hits.dedup_by_key(|hit| hit.unit);
}
