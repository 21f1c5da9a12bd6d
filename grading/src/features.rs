//! What is measured of a window of the answer held against a concept. Each measure has a name and can be read.

use crate::align::{Alignment, Hit, Window};
use crate::compiled::Phrase;
use crate::lexicon::{Cue, cosine};
use crate::reading::Stance;
use crate::report::{MatchKind, PhraseKind};

/// Names of the measures, in order.
pub const NAMES: &[&str] = &[
    "coverage",
    "coverage-strong",
    "coverage-exact",
    "coverage-main",
    "coverage-predicate",
    "coverage-unprompted",
    "coverage-subject",
    "heaviest",
    "second-heaviest",
    "third-heaviest",
    "verb",
    "opposed-share",
    "opposed-weight",
    "antonym-weight",
    "denied-share",
    "denials-more",
    "subject-own",
    "subject-rival",
    "rival-named",
    "order",
    "order-known",
    "numbers-agree",
    "numbers-differ",
    "reported",
    "rejected",
    "withdrawn",
    "rival-coverage",
    "rival-margin",
    "rival-unprompted-margin",
    "rank",
    "density",
    "precision",
    "verbal",
    "all-some",
    "some-all",
    "only-lost",
    "only-added",
    "must-may",
    "may-must",
    "never-lost",
    "statement-units",
    "statement-weight",
    "statement-unprompted",
    "statement-denials",
    "statement-numbers",
    "second-window",
    "opposed-window",
    "same-sentence",
    "matched-unprompted-count",
    "single-clause-coverage",
    "contrast-inside",
    "accept-best",
    "accept-margin",
    "reject-best",
    "has-accept",
    "has-reject",
    "more-less",
    "topic",
    "topic-margin",
    "topic-rank",
    "topic-best",
    "coverage-known",
    "answer-coverage",
    "answer-unprompted",
    "others-coverage",
    "others-margin",
    "own-predicate",
    "rival-predicate",
    "crossed-predicate",
    "own-opposed",
    "own-affirmed",
    "accept-here",
    "reject-here",
    "accept-here-second",
    "reject-here-second",
    "accept-topic",
    "reject-topic",
    "accept-others",
    "accept-others-margin",
    "accept-reject-margin",
    "fit",
    "fit-opposed",
    "fit-best",
    "fit-margin",
    "fit-rank",
    "fit-answer-margin",
    "fit-opposed-best",
    "affirmed-best",
    "cues",
    "cues-contrary",
    "cues-best",
    "cues-margin",
    "cues-contrary-best",
    "soft-cues",
    "soft-cues-contrary",
    "soft-cues-best",
    "soft-cues-margin",
    "soft-cues-contrary-best",
    "worded",
    "worded-contrary",
    "worded-best",
    "worded-contrary-best",
    "worded-margin",
    "worded-others",
    "worded-known",
    "worded-here",
];

/// Names of the measures that a verdict is reached with: those of the window that says most, and of its surroundings.
pub const VERDICT_NAMES: &[&str] = &[
    "window-met",
    "window-contradicted",
    "second-met",
    "second-contradicted",
    "most-contradicted",
    "windows-met",
    "rival-met",
    "rival-contradicted",
    "others-met",
    "others-met-most",
    "others-met-least",
    "others-contradicted",
    "others-contradicted-most",
    "others-absent",
    "met-rank",
    "met-margin",
    "last-met",
    "conflict",
];

/// One concept held against the window of the answer that comes nearest to it.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    /// Number of the phrase.
    pub phrase: usize,
    /// Number of the window.
    pub window: usize,
    /// How much of the phrase the window covers, 0 to 1.
    pub coverage: f32,
}

fn sum(values: impl Iterator<Item = f32>) -> f32 {
    values.fold(0.0, |a, b| a + b)
}

fn ratio(part: f32, whole: f32) -> f32 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

impl Alignment<'_> {
    fn total(&self, phrase: &Phrase, keep: impl Fn(&crate::compiled::Unit) -> bool) -> f32 {
        sum(self
            .rubric
            .units
            .get(phrase.from..phrase.to)
            .unwrap_or_default()
            .iter()
            .filter(|unit| keep(unit))
            .map(|unit| unit.weight))
    }

    fn covered(&self, hits: &[Hit], keep: impl Fn(&crate::compiled::Unit, &Hit) -> bool) -> f32 {
        sum(hits.iter().filter_map(|hit| {
            let unit = self.rubric.units.get(hit.unit as usize)?;
            keep(unit, hit).then_some(unit.weight * hit.likeness)
        }))
    }

    /// How much of a phrase a window covers, 0 to 1.
    pub fn coverage(&self, window: &Window, phrase: &Phrase) -> f32 {
        ratio(
            self.covered(self.hits_on(window, phrase), |_, _| true),
            self.total(phrase, |_| true),
        )
    }

    /// Share of the predicate's covered weight that is said of the phrase's own subject, and of a rival of it.
    fn subjects(&self, hits: &[Hit], phrase: &Phrase) -> (f32, f32) {
        let (mut own, mut rival, mut all) = (0.0, 0.0, 0.0);
        for hit in hits {
            let Some(unit) = self.rubric.units.get(hit.unit as usize) else {
                continue;
            };
            if unit.subject || unit.light {
                continue;
            }
            let Some(clause) = self.answer.clauses.get(hit.clause as usize) else {
                continue;
            };
            let value = unit.weight * hit.likeness;
            all += value;
            let subject_stems = clause
                .subject
                .iter()
                .filter_map(|&word| self.answer.words.get(word))
                .map(|word| word.stem.as_str());
            let mut is_own = false;
            let mut is_rival = false;
            for stem in subject_stems {
                let named = self
                    .rubric
                    .units
                    .get(phrase.from..phrase.to)
                    .unwrap_or_default()
                    .iter()
                    .any(|other| other.subject && other.part == unit.part && other.stem == stem);
                is_own |= named;
                is_rival |= !named
                    && (phrase.rivals.contains(stem)
                        || self
                            .rubric
                            .units
                            .get(phrase.from..phrase.to)
                            .unwrap_or_default()
                            .iter()
                            .any(|other| other.subject && other.part != unit.part && other.stem == stem));
            }
            if is_own {
                own += value;
            } else if is_rival {
                rival += value;
            }
        }
        (ratio(own, all), ratio(rival, all))
    }

    /// Whether the matched words come in the phrase's order: -1 (reversed) to 1, and how much is known of it.
    fn order(&self, hits: &[Hit]) -> (f32, f32) {
        let (mut same, mut other) = (0.0, 0.0);
        for (i, a) in hits.iter().enumerate() {
            for b in hits.iter().skip(i + 1) {
                if a.clause != b.clause || a.carried || b.carried || a.word == b.word {
                    continue;
                }
                let (Some(ua), Some(ub)) = (
                    self.rubric.units.get(a.unit as usize),
                    self.rubric.units.get(b.unit as usize),
                ) else {
                    continue;
                };
                if ua.light || ub.light || ua.part != ub.part {
                    continue;
                }
                let weight = (ua.weight * ub.weight).sqrt();
                if a.word < b.word {
                    same += weight;
                } else {
                    other += weight;
                }
            }
        }
        (ratio(same - other, same + other), (same + other).min(4.0))
    }

    fn window_words<'w>(
        &'w self,
        window: &Window,
    ) -> impl Iterator<Item = &'w crate::reading::Word> + use<'w> {
        let first = window.first;
        self.answer
            .clauses
            .get(first..first + window.count)
            .unwrap_or_default()
            .iter()
            .flat_map(|clause| self.answer.clause_words(clause))
    }

    /// The measures of one candidate.
    pub fn measures(&self, concept: usize, candidate: &Candidate, all: &[Vec<Candidate>]) -> Vec<f32> {
        let mut out = Vec::with_capacity(NAMES.len());
        let (Some(phrase), Some(window)) = (
            self.rubric.phrases.get(candidate.phrase),
            self.windows.get(candidate.window),
        ) else {
            out.resize(NAMES.len(), 0.0);
            return out;
        };
        let hits = self.hits_on(window, phrase);
        let units = self.rubric.units.get(phrase.from..phrase.to).unwrap_or_default();
        let whole = self.total(phrase, |_| true);
        let coverage = ratio(self.covered(hits, |_, _| true), whole);
        out.push(coverage);
        out.push(ratio(self.covered(hits, |_, hit| hit.likeness >= 0.8), whole));
        out.push(ratio(
            self.covered(hits, |_, hit| {
                matches!(hit.kind, MatchKind::Exact | MatchKind::Stem | MatchKind::Typo)
            }),
            whole,
        ));
        out.push(ratio(
            self.covered(hits, |unit, _| unit.main),
            self.total(phrase, |unit| unit.main),
        ));
        out.push(ratio(
            self.covered(hits, |unit, _| !unit.subject && unit.main),
            self.total(phrase, |unit| !unit.subject && unit.main),
        ));
        let unprompted = ratio(
            self.covered(hits, |unit, _| !unit.prompted),
            self.total(phrase, |unit| !unit.prompted),
        );
        out.push(unprompted);
        out.push(ratio(
            self.covered(hits, |unit, _| unit.subject),
            self.total(phrase, |unit| unit.subject),
        ));
        let mut heavy: Vec<(f32, u32)> = units
            .iter()
            .enumerate()
            .filter(|(_, unit)| !unit.prompted)
            .map(|(k, unit)| (unit.weight, (phrase.from + k) as u32))
            .collect();
        heavy.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        for k in 0..3 {
            out.push(heavy.get(k).map_or(-1.0, |(_, unit)| {
                hits.iter()
                    .find(|hit| hit.unit == *unit)
                    .map_or(0.0, |hit| hit.likeness)
            }));
        }
        let verbs = self.total(phrase, |unit| unit.verb);
        out.push(if verbs > 0.0 {
            ratio(self.covered(hits, |unit, _| unit.verb), verbs)
        } else {
            -1.0
        });
        let matched = self.covered(hits, |_, _| true);
        let opposed = self.covered(hits, |unit, hit| !unit.subject && self.opposed(hit));
        out.push(ratio(opposed, self.covered(hits, |unit, _| !unit.subject)));
        out.push(ratio(opposed, whole));
        out.push(ratio(self.covered(hits, |_, hit| hit.flip), whole));
        let denied = |hit: &Hit| {
            self.answer
                .words
                .get(hit.word as usize)
                .is_some_and(|word| word.negated)
        };
        out.push(ratio(self.covered(hits, |_, hit| denied(hit)), matched));
        let denials = |words: &mut dyn Iterator<Item = &crate::reading::Word>| {
            words
                .filter(|word| word.is(Cue::Not) || word.is(Cue::Nothing))
                .count() as f32
        };
        let said = denials(&mut self.window_words(window));
        let asked = denials(&mut phrase.reading.words.iter());
        out.push(said - asked);
        let (own, rival) = self.subjects(hits, phrase);
        out.push(own);
        out.push(rival);
        let rival_named = self
            .window_words(window)
            .any(|word| word.content && phrase.rivals.contains(&word.stem));
        out.push(f32::from(u8::from(rival_named)));
        let (order, known) = self.order(hits);
        out.push(order);
        out.push(known);
        let numbers: Vec<f64> = self.window_words(window).filter_map(|word| word.number).collect();
        let agree = phrase
            .numbers
            .iter()
            .filter(|n| numbers.iter().any(|m| m == *n))
            .count();
        out.push(agree as f32);
        out.push(if phrase.numbers.is_empty() || numbers.is_empty() {
            0.0
        } else {
            (phrase.numbers.len() - agree) as f32
        });
        let stance = |which: Stance| {
            ratio(
                self.covered(hits, |_, hit| {
                    self.answer
                        .clauses
                        .get(hit.clause as usize)
                        .is_some_and(|clause| clause.stance == which)
                }),
                matched,
            )
        };
        out.push(stance(Stance::Reported));
        out.push(stance(Stance::Rejected));
        out.push(stance(Stance::Withdrawn));
        // Competition: how well the same window covers the other concepts.
        let mut best_other = 0.0_f32;
        let mut best_other_unprompted = 0.0_f32;
        let mut rank = 0.0;
        for other in self
            .rubric
            .phrases
            .iter()
            .filter(|p| p.kind == PhraseKind::Statement && p.concept != concept)
        {
            let hits = self.hits_on(window, other);
            let theirs = ratio(self.covered(hits, |_, _| true), self.total(other, |_| true));
            let theirs_unprompted = ratio(
                self.covered(hits, |unit, _| !unit.prompted),
                self.total(other, |unit| !unit.prompted),
            );
            best_other = best_other.max(theirs);
            best_other_unprompted = best_other_unprompted.max(theirs_unprompted);
            if theirs > coverage {
                rank += 1.0;
            }
        }
        out.push(best_other);
        out.push(coverage - best_other);
        out.push(unprompted - best_other_unprompted);
        out.push(rank);
        let words: Vec<u32> = hits
            .iter()
            .filter(|hit| !hit.carried)
            .map(|hit| hit.word)
            .collect();
        let reach = words
            .iter()
            .max()
            .zip(words.iter().min())
            .map_or(1, |(a, b)| a - b + 1);
        out.push(ratio(words.len() as f32, reach as f32));
        let content: f32 = self.window_words(window).filter(|word| word.content).count() as f32;
        let mut used: Vec<u32> = hits
            .iter()
            .filter(|hit| {
                !hit.carried
                    && self
                        .answer
                        .words
                        .get(hit.word as usize)
                        .is_some_and(|word| word.content)
            })
            .map(|hit| hit.word)
            .collect();
        used.sort_unstable();
        used.dedup();
        out.push(ratio(used.len() as f32, content));
        let clauses = self
            .answer
            .clauses
            .get(window.first..window.first + window.count)
            .unwrap_or_default();
        out.push(ratio(
            clauses.iter().filter(|clause| clause.verbal).count() as f32,
            clauses.len() as f32,
        ));
        let asks = |kind: Cue| {
            phrase
                .reading
                .words
                .iter()
                .any(|word| word.mark.is_none() && word.is_form_of(kind))
        };
        let hit_clauses: Vec<usize> = hits
            .iter()
            .filter(|hit| !hit.carried)
            .map(|hit| hit.clause as usize)
            .collect();
        let says = |kind: Cue| {
            (window.first..window.first + window.count)
                .filter(|clause| hit_clauses.contains(clause))
                .filter_map(|clause| self.answer.clauses.get(clause))
                .flat_map(|clause| self.answer.clause_words(clause))
                .any(|word| word.mark.is_none() && word.is_form_of(kind))
        };
        let pair = |asked: bool, lost: bool| f32::from(u8::from(asked && lost));
        out.push(pair(asks(Cue::All), says(Cue::Some) && !says(Cue::All)));
        out.push(pair(asks(Cue::Some), says(Cue::All) && !says(Cue::Some)));
        out.push(pair(asks(Cue::Only), !says(Cue::Only)));
        out.push(pair(!asks(Cue::Only), says(Cue::Only)));
        out.push(pair(asks(Cue::Must), says(Cue::May) && !says(Cue::Must)));
        out.push(pair(asks(Cue::May), says(Cue::Must) && !says(Cue::May)));
        out.push(pair(asked > 0.0, said == 0.0));
        out.push(units.iter().filter(|unit| !unit.light).count() as f32);
        out.push(whole);
        out.push(ratio(self.total(phrase, |unit| !unit.prompted), whole));
        out.push(asked);
        out.push(phrase.numbers.len() as f32);
        let mine = all.get(concept).map(Vec::as_slice).unwrap_or_default();
        out.push(mine.get(1).map_or(0.0, |second| second.coverage));
        let opposed_window = mine
            .iter()
            .filter_map(|other| {
                let window = self.windows.get(other.window)?;
                let phrase = self.rubric.phrases.get(other.phrase)?;
                let hits = self.hits_on(window, phrase);
                Some(ratio(
                    self.covered(hits, |unit, hit| !unit.subject && self.opposed(hit)),
                    self.total(phrase, |_| true),
                ))
            })
            .fold(0.0_f32, f32::max);
        out.push(opposed_window);
        let one_sentence = clauses
            .first()
            .zip(clauses.last())
            .is_some_and(|(a, b)| a.sentence == b.sentence);
        out.push(f32::from(u8::from(one_sentence)));
        out.push(
            hits.iter()
                .filter(|hit| {
                    self.rubric
                        .units
                        .get(hit.unit as usize)
                        .is_some_and(|unit| !unit.prompted && !unit.light)
                })
                .count() as f32,
        );
        let single = (window.first..window.first + window.count)
            .map(|clause| ratio(self.covered(hits, |_, hit| hit.clause as usize == clause), whole))
            .fold(0.0_f32, f32::max);
        out.push(single);
        out.push(f32::from(u8::from(
            clauses
                .iter()
                .skip(1)
                .any(|clause| clause.join == crate::reading::Join::Contrast),
        )));
        let kind_best = |kind: PhraseKind| {
            mine.iter()
                .filter(|other| {
                    self.rubric
                        .phrases
                        .get(other.phrase)
                        .is_some_and(|p| p.kind == kind)
                })
                .map(|other| other.coverage)
                .fold(0.0_f32, f32::max)
        };
        let accept = kind_best(PhraseKind::Accept);
        let reject = kind_best(PhraseKind::Reject);
        out.push(accept);
        out.push(accept.max(coverage) - reject);
        out.push(reject);
        let has = |kind: PhraseKind| {
            f32::from(u8::from(
                self.rubric
                    .phrases
                    .iter()
                    .any(|p| p.concept == concept && p.kind == kind),
            ))
        };
        out.push(has(PhraseKind::Accept));
        out.push(has(PhraseKind::Reject));
        let more_less = {
            let more = |w: &crate::reading::Word| {
                matches!(
                    w.text.as_str(),
                    "more" | "most" | "higher" | "larger" | "bigger" | "greater"
                )
            };
            let less = |w: &crate::reading::Word| {
                matches!(w.text.as_str(), "less" | "least" | "lower" | "smaller" | "fewer")
            };
            let asked_more = phrase.reading.words.iter().any(more);
            let asked_less = phrase.reading.words.iter().any(less);
            let said_more = self.window_words(window).any(more);
            let said_less = self.window_words(window).any(less);
            pair(asked_more && !asked_less, said_less && !said_more)
                + pair(asked_less && !asked_more, said_more && !said_less)
        };
        out.push(more_less);
        let topics = self
            .topics
            .get(candidate.window)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let topic = topics.get(concept).copied().unwrap_or(0.0);
        let others: Vec<f32> = topics
            .iter()
            .enumerate()
            .filter(|(of, _)| *of != concept)
            .map(|(_, topic)| *topic)
            .collect();
        out.push(topic);
        out.push(topic - others.iter().copied().fold(-1.0, f32::max));
        out.push(others.iter().filter(|other| **other > topic).count() as f32);
        out.push(
            self.topics
                .iter()
                .filter_map(|topics| topics.get(concept))
                .copied()
                .fold(-1.0, f32::max),
        );
        out.push(ratio(self.covered(hits, |_, hit| hit.likeness > 0.6), whole));
        // The whole answer.
        let (answer_coverage, answer_unprompted) = self.whole(phrase);
        out.push(answer_coverage);
        out.push(answer_unprompted);
        let others: Vec<f32> = all
            .iter()
            .enumerate()
            .filter(|(number, _)| *number != concept)
            .map(|(_, list)| list.first().map_or(0.0, |best| best.coverage))
            .collect();
        let mean = ratio(sum(others.iter().copied()), others.len() as f32);
        out.push(mean);
        out.push(coverage - mean);
        // Clause by clause: what is said of the phrase's own subject, and of its rivals.
        let (mut own_best, mut rival_best, mut crossed, mut own_opposed, mut own_affirmed) =
            (0.0_f32, 0.0_f32, 0.0_f32, 0.0_f32, 0.0_f32);
        let predicate_whole = self.total(phrase, |unit| !unit.subject && !unit.light);
        for window in self.windows.iter().filter(|window| window.count == 1) {
            let Some(clause) = self.answer.clauses.get(window.first) else {
                continue;
            };
            let hits = self.hits_on(window, phrase);
            let share = ratio(
                self.covered(hits, |unit, _| !unit.subject && !unit.light),
                predicate_whole,
            );
            let opposed = ratio(
                self.covered(hits, |unit, hit| {
                    !unit.subject && !unit.light && self.opposed(hit)
                }),
                predicate_whole,
            );
            let stems: Vec<&str> = clause
                .subject
                .iter()
                .filter_map(|&word| self.answer.words.get(word))
                .map(|word| word.stem.as_str())
                .collect();
            let own = stems
                .iter()
                .any(|stem| units.iter().any(|unit| unit.subject && unit.stem == *stem));
            let rival = !own && stems.iter().any(|stem| phrase.rivals.contains(*stem));
            if own {
                own_best = own_best.max(share);
                own_opposed = own_opposed.max(opposed);
                own_affirmed = own_affirmed.max(share - opposed);
                for other in self
                    .rubric
                    .phrases
                    .iter()
                    .filter(|p| p.kind == PhraseKind::Statement && p.concept != concept)
                {
                    let named = self
                        .rubric
                        .units
                        .get(other.from..other.to)
                        .unwrap_or_default()
                        .iter()
                        .any(|unit| unit.subject && stems.contains(&unit.stem.as_str()));
                    if !named {
                        let theirs = ratio(
                            self.covered(self.hits_on(window, other), |unit, _| {
                                !unit.subject && !unit.light
                            }),
                            self.total(other, |unit| !unit.subject && !unit.light),
                        );
                        crossed = crossed.max(theirs - share);
                    }
                }
            } else if rival {
                rival_best = rival_best.max(share);
            }
        }
        out.push(own_best);
        out.push(rival_best);
        out.push(crossed);
        out.push(own_opposed);
        out.push(own_affirmed);
        // The phrases beside the statement, on this window: the best two, and those of the other concepts.
        let said: Vec<f32> = self
            .fits
            .get(candidate.window)
            .map(|fits| {
                fits.iter()
                    .map(|(fit, opposed)| (fit - 2.0 * opposed).max(0.0))
                    .collect()
            })
            .unwrap_or_default();
        let here = |kind: PhraseKind| {
            let (mut first, mut second, mut topic) = (0.0_f32, 0.0_f32, 0.0_f32);
            for (phrase, said) in self.rubric.phrases.iter().zip(&said) {
                if phrase.concept != concept || phrase.kind != kind {
                    continue;
                }
                if *said > first {
                    second = first;
                    first = *said;
                } else {
                    second = second.max(*said);
                }
                topic = topic.max(cosine(&window.topic, &phrase.topic));
            }
            (first, second, topic)
        };
        let (accepted, accepted_second, accepted_topic) = here(PhraseKind::Accept);
        let (rejected, rejected_second, rejected_topic) = here(PhraseKind::Reject);
        let others = self
            .rubric
            .phrases
            .iter()
            .zip(&said)
            .filter(|(phrase, _)| phrase.concept != concept && phrase.kind == PhraseKind::Accept)
            .map(|(_, said)| *said)
            .fold(0.0_f32, f32::max);
        out.extend([
            accepted,
            rejected,
            accepted_second,
            rejected_second,
            accepted_topic,
            rejected_topic,
            others,
            accepted.max(coverage) - others,
            accepted.max(coverage) - rejected,
        ]);
        let (fit, fit_opposed) = self.fit(window, phrase);
        let (mut fit_best, mut opposed_best, mut affirmed_best) = (0.0_f32, 0.0_f32, 0.0_f32);
        for fits in &self.fits {
            let (fit, opposed) = fits.get(candidate.phrase).copied().unwrap_or_default();
            fit_best = fit_best.max(fit);
            opposed_best = opposed_best.max(opposed);
            affirmed_best = affirmed_best.max(fit - 2.0 * opposed);
        }
        let here = self
            .fits
            .get(candidate.window)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let (mut fit_other, mut fit_rank, mut fit_elsewhere) = (0.0_f32, 0.0, 0.0_f32);
        for (number, other) in self.rubric.phrases.iter().enumerate() {
            if other.kind != PhraseKind::Statement || other.concept == concept {
                continue;
            }
            let theirs = here.get(number).map_or(0.0, |fit| fit.0);
            fit_other = fit_other.max(theirs);
            if theirs > fit {
                fit_rank += 1.0;
            }
            fit_elsewhere += self
                .fits
                .iter()
                .filter_map(|fits| fits.get(number))
                .map(|fit| fit.0)
                .fold(0.0_f32, f32::max);
        }
        let concepts = self.rubric.question.concepts.len().saturating_sub(1).max(1) as f32;
        out.extend([
            fit,
            fit_opposed,
            fit_best,
            fit - fit_other,
            fit_rank,
            fit_best - fit_elsewhere / concepts,
            opposed_best,
            affirmed_best,
        ]);
        let cues = self
            .cues
            .get(candidate.window)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let (own_cues, contrary) = cues.get(concept).copied().unwrap_or_default();
        let other_cues = cues
            .iter()
            .enumerate()
            .filter(|(of, _)| *of != concept)
            .map(|(_, cue)| cue.0)
            .fold(-9.0_f32, f32::max);
        let most = |which: fn(&(f32, f32)) -> f32| {
            self.cues
                .iter()
                .filter_map(|cues| cues.get(concept))
                .map(which)
                .fold(-9.0_f32, f32::max)
        };
        let soft = self
            .soft_cues
            .get(candidate.window)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let (own_soft, contrary_soft) = soft.get(concept).copied().unwrap_or_default();
        let other_soft = soft
            .iter()
            .enumerate()
            .filter(|(of, _)| *of != concept)
            .map(|(_, cue)| cue.0)
            .fold(-9.0_f32, f32::max);
        let most_soft = |which: fn(&(f32, f32)) -> f32| {
            self.soft_cues
                .iter()
                .filter_map(|cues| cues.get(concept))
                .map(which)
                .fold(-9.0_f32, f32::max)
        };
        let soft = [
            own_soft,
            contrary_soft,
            most_soft(|cue| cue.0),
            own_soft - other_soft,
            most_soft(|cue| cue.1),
        ];
        out.extend([
            own_cues,
            contrary,
            most(|cue| cue.0),
            own_cues - other_cues,
            most(|cue| cue.1),
        ]);
        out.extend(soft);
        out.extend(self.wordings(concept, candidate.window));
        out
    }

    /// What learnt wordings say: of this window, of the best window of the answer, and against the other concepts.
    fn wordings(&self, concept: usize, window: usize) -> [f32; 8] {
        if !self.rubric.wordings.knows(concept) {
            return [0.0; 8];
        }
        let here = self.worded.get(window).map(Vec::as_slice).unwrap_or_default();
        let (said, contrary) = here.get(concept).copied().unwrap_or_default();
        let most = |of: usize, which: fn(&(f32, f32)) -> f32| {
            self.worded
                .iter()
                .filter_map(|worded| worded.get(of))
                .map(which)
                .fold(-20.0_f32, f32::max)
        };
        let others = (0..here.len()).filter(|of| *of != concept);
        let other_here = others
            .clone()
            .filter_map(|of| here.get(of))
            .map(|other| other.0.max(other.1))
            .fold(-20.0_f32, f32::max);
        let elsewhere = others.clone().map(|of| most(of, |w| w.0).max(most(of, |w| w.1)));
        let elsewhere = ratio(elsewhere.sum(), others.count() as f32);
        let (best, best_contrary) = (most(concept, |w| w.0), most(concept, |w| w.1));
        [
            said,
            contrary,
            best,
            best_contrary,
            best - best_contrary,
            elsewhere,
            1.0,
            said.max(contrary) - other_here,
        ]
    }

    /// How much of a phrase the whole answer covers: all of it, and without the words of the prompt.
    fn whole(&self, phrase: &Phrase) -> (f32, f32) {
        let mut best: Vec<f32> = vec![0.0; phrase.to - phrase.from];
        for window in self.windows.iter().filter(|window| window.count == 1) {
            for hit in self.hits_on(window, phrase) {
                if let Some(place) = best.get_mut(hit.unit as usize - phrase.from) {
                    *place = place.max(hit.likeness);
                }
            }
        }
        let units = self.rubric.units.get(phrase.from..phrase.to).unwrap_or_default();
        let (mut all, mut unprompted) = (0.0, 0.0);
        for (unit, likeness) in units.iter().zip(&best) {
            all += unit.weight * likeness;
            if !unit.prompted {
                unprompted += unit.weight * likeness;
            }
        }
        (
            ratio(all, self.total(phrase, |_| true)),
            ratio(unprompted, self.total(phrase, |unit| !unit.prompted)),
        )
    }

    /// How well a window fits a phrase, and how much of the fit is opposed, both 0 to 1. Sure likenesses count far more
    /// than weak ones, words of the window that match nothing count against it, and so does another subject.
    pub fn fit(&self, window: &Window, phrase: &Phrase) -> (f32, f32) {
        let hits = self.hits_on(window, phrase);
        if hits.is_empty() {
            return (0.0, 0.0);
        }
        let (mut said, mut opposed) = (0.0, 0.0);
        for hit in hits {
            let Some(unit) = self.rubric.units.get(hit.unit as usize) else {
                continue;
            };
            let value = unit.weight * hit.likeness.powi(3);
            said += value;
            if !unit.subject && self.opposed(hit) {
                opposed += value;
            }
        }
        let whole = self.total(phrase, |_| true);
        let (said, opposed) = (ratio(said, whole), ratio(opposed, whole));
        if said < 0.1 {
            return (said, opposed);
        }
        let (_, rival) = self.subjects(hits, phrase);
        let (mut used, mut all) = (0.0_f32, 0.5_f32);
        for clause in self
            .answer
            .clauses
            .get(window.first..window.first + window.count)
            .unwrap_or_default()
        {
            for at in clause.from..clause.to {
                let Some(word) = self.answer.words.get(at).filter(|word| word.content) else {
                    continue;
                };
                all += word.rarity;
                let best = hits
                    .iter()
                    .filter(|hit| hit.word as usize == at)
                    .map(|hit| hit.likeness)
                    .fold(0.0, f32::max);
                used += word.rarity * best;
            }
        }
        let scale = (1.0 - 0.7 * rival) * (used / all).powf(0.6);
        (said * scale, opposed * scale)
    }

    /// The windows that come nearest to each concept, the best first.
    pub fn candidates(&self) -> Vec<Vec<Candidate>> {
        let mut out: Vec<Vec<Candidate>> = vec![Vec::new(); self.rubric.question.concepts.len()];
        for (number, phrase) in self.rubric.phrases.iter().enumerate() {
            let Some(list) = out.get_mut(phrase.concept) else {
                continue;
            };
            if phrase.kind == PhraseKind::Statement {
                self.nearest_to_statement(number, phrase, list);
                self.nearest_by_wordings(number, phrase, list);
            } else {
                let best = self
                    .windows
                    .iter()
                    .enumerate()
                    .map(|(at, window)| {
                        let (fit, opposed) = self
                            .fits
                            .get(at)
                            .and_then(|fits| fits.get(number))
                            .copied()
                            .unwrap_or_default();
                        let said = (fit - 2.0 * opposed).max(0.0);
                        (said - 0.05 * (window.count - 1) as f32, at)
                    })
                    .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
                if let Some((worth, at)) = best
                    && worth > 0.0
                {
                    list.push(Candidate {
                        phrase: number,
                        window: at,
                        coverage: worth,
                    });
                }
            }
        }
        out
    }

    /// The windows that by learnt wordings say most for the concept, and most for its contrary.
    fn nearest_by_wordings(&self, number: usize, phrase: &Phrase, list: &mut Vec<Candidate>) {
        if !self.rubric.wordings.knows(phrase.concept) {
            return;
        }
        for which in [|w: &(f32, f32)| w.0, |w: &(f32, f32)| w.1] {
            let best = self
                .worded
                .iter()
                .enumerate()
                .filter_map(|(at, worded)| Some((which(worded.get(phrase.concept)?), at)))
                .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
            if let Some((_, at)) = best
                && !list.iter().any(|other| other.window == at)
                && let Some(window) = self.windows.get(at)
            {
                list.push(Candidate {
                    phrase: number,
                    window: at,
                    coverage: self.coverage(window, phrase),
                });
            }
        }
    }

    fn nearest_to_statement(&self, number: usize, phrase: &Phrase, list: &mut Vec<Candidate>) {
        let predicate = self.total(phrase, |unit| !unit.subject && !unit.prompted);
        let views: Vec<[f32; 5]> = self
            .windows
            .iter()
            .zip(&self.fits)
            .zip(&self.topics)
            .map(|((window, fits), topics)| {
                let hits = self.hits_on(window, phrase);
                let coverage = self.coverage(window, phrase);
                let longer = 0.05 * (window.count - 1) as f32;
                [
                    coverage,
                    coverage - longer,
                    topics.get(phrase.concept).copied().unwrap_or(0.0) + 0.3 * coverage,
                    ratio(
                        self.covered(hits, |unit, _| !unit.subject && !unit.prompted),
                        predicate,
                    ) - longer,
                    fits.get(number).map_or(0.0, |fit| fit.0),
                ]
            })
            .collect();
        for (view, keep) in [(1, 2), (4, 2), (3, 1), (2, 2)] {
            let mut order: Vec<(f32, usize)> = views
                .iter()
                .enumerate()
                .map(|(at, worth)| (worth.get(view).copied().unwrap_or(0.0), at))
                .collect();
            order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            let mut taken: Vec<usize> = Vec::new();
            let mut kept = 0;
            for (worth, at) in order {
                let Some(window) = self.windows.get(at) else {
                    continue;
                };
                let clauses = window.first..window.first + window.count;
                if worth <= 0.0 || kept >= keep {
                    break;
                }
                if taken.iter().any(|clause| clauses.contains(clause)) {
                    continue;
                }
                taken.extend(clauses);
                kept += 1;
                if !list
                    .iter()
                    .any(|other| other.window == at && other.phrase == number)
                {
                    let coverage = views.get(at).map_or(0.0, |worth| worth[0]);
                    list.push(Candidate {
                        phrase: number,
                        window: at,
                        coverage,
                    });
                }
            }
        }
    }
}
