//! What a rubric's words weigh: against one another, for a concept and for its contrary.

use std::ops::Range;

use super::{CompiledRubric, Phrase, cue_of};
use crate::grid::Grid;
use crate::hash::QuickMap;
use crate::lexicon::{Topics, lexicon};
use crate::pairs::{Claims, Sums};
use crate::report::PhraseKind;

/// For each stem, in how many concepts it stands.
#[derive(Default)]
struct Spread(Vec<(usize, usize)>);

impl Spread {
    fn new(stems: usize) -> Self {
        Self(vec![(usize::MAX, 0); stems])
    }

    /// Counts a stem of a concept; one concept comes after the other.
    fn count(&mut self, stem: u32, concept: usize) {
        if let Some((last, count)) = self.0.get_mut(stem as usize)
            && *last != concept
        {
            *last = concept;
            *count += 1;
        }
    }

    fn of(&self, stem: u32) -> usize {
        self.0.get(stem as usize).map_or(0, |(_, count)| *count)
    }
}

impl CompiledRubric {
    /// Weighs units: rare words say more, words of the prompt and words that all the statements share say less.
    pub(super) fn weigh(&mut self) {
        let lexicon = lexicon();
        let mut stated = Spread::new(self.stems.len());
        let mut phrased = Spread::new(self.stems.len());
        for phrase in &self.phrases {
            for unit in self.units.get(phrase.from..phrase.to).unwrap_or_default() {
                if phrase.kind == PhraseKind::Statement {
                    stated.count(unit.stem, phrase.concept);
                }
                phrased.count(unit.stem, phrase.concept);
            }
        }
        for phrase in &self.phrases {
            let units = self.units.get_mut(phrase.from..phrase.to).unwrap_or_default();
            let spelt = self.spelt.get(phrase.from..phrase.to).unwrap_or_default();
            for (unit, spelt) in units.iter_mut().zip(spelt) {
                let mut weight = if unit.light {
                    0.2
                } else {
                    lexicon.rarity(&spelt.lemma)
                };
                if phrase.kind == PhraseKind::Statement {
                    if unit.prompted {
                        weight *= 0.5;
                    }
                    weight *= match stated.of(unit.stem) {
                        0 | 1 => 1.0,
                        2 => 0.7,
                        _ => 0.5,
                    };
                    if !unit.main {
                        weight *= 0.5;
                    }
                } else {
                    // A phrase beside the statement: what it alone says matters most.
                    weight *= match phrased.of(unit.stem) {
                        0 | 1 => 1.0,
                        2 => 0.8,
                        3 => 0.6,
                        _ => 0.45,
                    };
                    if unit.prompted {
                        weight *= 0.7;
                    }
                }
                unit.weight = weight;
            }
        }
    }

    /// Learns from the rubric's own phrases which words tell a concept from the others of the question, and its contrary
    /// from it (naive Bayes over the words that a phrase holds).
    pub(super) fn weigh_cues(&mut self) {
        let held: Vec<Vec<String>> = self
            .phrases
            .iter()
            .map(|phrase| {
                let words = phrase.reading.words.iter();
                words
                    .filter(|word| word.content || word.light)
                    .map(|word| cue_of(&word.stem, word.negated))
                    .collect()
            })
            .collect();
        let mut names: Vec<&String> = held.iter().flatten().collect();
        names.sort_unstable();
        names.dedup();
        self.cue_words = names.into_iter().cloned().zip(0..).collect();
        let held: Vec<Vec<u32>> = held
            .iter()
            .map(|words| {
                let mut words: Vec<u32> = words
                    .iter()
                    .filter_map(|word| self.cue_words.get(word).copied())
                    .collect();
                words.sort_unstable();
                words.dedup();
                words
            })
            .collect();
        let concepts = self.question.concepts.len();
        let by_concept: Vec<Vec<(f32, f32)>> = (0..concepts)
            .map(|concept| self.cues_of(concept, &held))
            .collect();
        self.cues = Grid::new(concepts, self.cue_words.len());
        for word in 0..self.cue_words.len() {
            let cues = by_concept.iter().map(|cues| cues.get(word).copied());
            self.cues.push_row(cues.map(Option::unwrap_or_default));
        }
        for (unit, spelt) in self.units.iter_mut().zip(&self.spelt) {
            unit.cue = self
                .cue_words
                .get(&cue_of(&spelt.stem, unit.negated))
                .and_then(|word| self.cues.row(*word as usize).get(unit.concept))
                .copied()
                .unwrap_or_default();
        }
    }

    /// What each word says for a concept and for its contrary; nothing where none of its phrases holds it.
    fn cues_of(&self, concept: usize, held: &[Vec<u32>]) -> Vec<(f32, f32)> {
        let words = self.cue_words.len();
        let count = |keep: &dyn Fn(usize, PhraseKind) -> bool| {
            let mut counts = vec![0.0_f32; words];
            let mut all = 0.0_f32;
            for (phrase, held) in self.phrases.iter().zip(held) {
                if keep(phrase.concept, phrase.kind) {
                    all += 1.0;
                    for &word in held {
                        if let Some(count) = counts.get_mut(word as usize) {
                            *count += 1.0;
                        }
                    }
                }
            }
            (counts, all)
        };
        let (own, own_all) = count(&|of, kind| of == concept && kind != PhraseKind::Reject);
        let (others, others_all) = count(&|of, kind| of != concept && kind != PhraseKind::Reject);
        let (contrary, contrary_all) = count(&|of, kind| of == concept && kind == PhraseKind::Reject);
        let share = |count: f32, all: f32| (count + 0.3) / (all + 1.0);
        own.iter()
            .zip(&others)
            .zip(&contrary)
            .map(|((&own, &others), &contrary)| {
                if own == 0.0 && contrary == 0.0 {
                    return (0.0, 0.0);
                }
                let own = share(own, own_all);
                let for_it = (own / share(others, others_all)).ln().clamp(-2.0, 3.0);
                let against = if contrary_all > 0.0 {
                    (share(contrary, contrary_all) / own).ln().clamp(-2.0, 2.0)
                } else {
                    0.0
                };
                (for_it, against)
            })
            .collect()
    }

    /// Sums the vectors of each phrase's words.
    pub(super) fn sum_topics(&mut self) {
        for phrase in &mut self.phrases {
            let units = self.units.get(phrase.from..phrase.to).unwrap_or_default();
            let spelt = self.spelt.get(phrase.from..phrase.to).unwrap_or_default();
            for (unit, spelt) in units.iter().zip(spelt) {
                if let Some(vector) = spelt.vector {
                    vector.add_to(&mut phrase.topic, unit.weight);
                }
            }
        }
        let topics = |numbers: &mut dyn Iterator<Item = usize>| {
            let phrases = numbers.filter_map(|number| self.phrases.get(number));
            Topics::new(phrases.map(|phrase| phrase.topic.as_slice()))
        };
        self.topics = topics(&mut self.places.iter().map(|place| place.start));
        self.topics_beside = self
            .places
            .iter()
            .map(|place| topics(&mut (place.start + 1..place.end)))
            .collect();
    }

    /// Sums the pairs of each phrase's words. Claims whose wordings were learnt do without.
    pub(super) fn sum_pairs(&mut self) {
        if self.knows_wordings() {
            return;
        }
        let sums = |phrase: &Phrase| self.pairs.sums(&phrase.reading.words);
        let topics = |numbers: Range<usize>, kind: PhraseKind| {
            let phrases = self.phrases.get(numbers).unwrap_or_default();
            let all: Vec<Sums> = phrases
                .iter()
                .filter(|phrase| phrase.kind == kind)
                .map(sums)
                .collect();
            Topics::new(all.iter().map(|sums| sums.alike.as_slice()))
        };
        let beside = |kind: PhraseKind| {
            self.places
                .iter()
                .map(|place| topics(place.clone(), kind))
                .collect()
        };
        let statements = self
            .places
            .iter()
            .filter_map(|place| self.phrases.get(place.start));
        let stated: Vec<Sums> = statements.map(sums).collect();
        let prompt = self.pairs.sums(&self.prompt.words);
        self.paired = Claims {
            scale: self.pairs.scale(),
            statements: Topics::new(stated.iter().map(|sums| sums.alike.as_slice())),
            stated,
            accepted: beside(PhraseKind::Accept),
            rejected: beside(PhraseKind::Reject),
            prompt: Topics::new(std::iter::once(prompt.alike.as_slice())),
        };
    }

    /// Finds for each phrase what the other concepts are about.
    pub(super) fn name_rivals(&mut self) {
        let subjects: Vec<(usize, u32)> = self
            .phrases
            .iter()
            .filter(|phrase| phrase.kind == PhraseKind::Statement)
            .flat_map(|phrase| {
                let units = self.units.get(phrase.from..phrase.to).unwrap_or_default();
                let about = units.iter().filter(|unit| unit.subject && !unit.light);
                about.map(|unit| (phrase.concept, unit.stem))
            })
            .collect();
        for phrase in &mut self.phrases {
            let own = self.units.get(phrase.from..phrase.to).unwrap_or_default();
            phrase.rivals = subjects
                .iter()
                .filter(|(concept, stem)| {
                    *concept != phrase.concept && !own.iter().any(|unit| unit.stem == *stem)
                })
                .map(|(_, stem)| *stem)
                .collect();
            phrase.rivals.sort_unstable();
            phrase.rivals.dedup();
        }
    }
}

/// The cues of a rubric by word, each with its row in the table of cues. The rows are in the order of the words.
pub(super) type CueWords = QuickMap<String, u32>;
