//! Holds an answer against all the phrases of a rubric that has `accept` and `reject` lists.
//!
//! A short phrase whose words are all found close together, said of the right thing and not denied, is strong evidence; so is
//! the same phrase denied. What is measured here is learnt from answers to a set that has such lists.

use std::collections::HashMap;

use crate::align::{Alignment, Window};
use crate::reading::{Reading, Stance};
use crate::report::PhraseKind;

/// Names of the measures, in order.
pub const NAMES: &[&str] = &[
    "said-first",
    "said-second",
    "said-third",
    "said-whole",
    "said-own",
    "said-rival",
    "said-units",
    "said-density",
    "said-clauses",
    "said-denials",
    "denied-first",
    "denied-second",
    "denied-own",
    "denied-rival",
    "denied-units",
    "wrong-first",
    "wrong-second",
    "wrong-third",
    "wrong-whole",
    "wrong-own",
    "wrong-rival",
    "wrong-units",
    "wrong-density",
    "wrong-clauses",
    "wrong-denials",
    "wrong-denied-first",
    "wrong-denied-second",
    "wrong-denied-own",
    "wrong-denied-units",
    "said-margin",
    "said-over-denied",
    "wrong-over-denied",
    "said-over-others",
    "wrong-over-others",
    "said-count",
    "wrong-count",
    "said-later",
    "said-precision",
    "wrong-precision",
    "denied-precision",
];

/// Weight of what is found from which on it is enough to go by; a single word seldom is.
const ENOUGH: f32 = 1.6;

/// How well one phrase is said in one window.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Saying {
    pub phrase: usize,
    pub window: usize,
    /// How much of what it says is said there, with what it is said of, 0 to 1.
    pub worth: f32,
    pub whole: f32,
    pub own: f32,
    pub rival: f32,
    pub units: f32,
    pub density: f32,
    /// Share of the window's content that the phrase accounts for, 0 to 1.
    pub precision: f32,
    pub clauses: f32,
    pub denials: f32,
    /// The window says the opposite of it.
    pub denied: bool,
}

/// What is said of one concept: its phrases, best first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sayings {
    pub said: Vec<Saying>,
    pub denied: Vec<Saying>,
    pub wrong: Vec<Saying>,
    pub wrong_denied: Vec<Saying>,
}

/// What a phrase or an answer says at one place: one of the set's own groups of words, or the stem of another word.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Key {
    /// One of the set's own groups of synonyms.
    Group(usize),
    /// A word that is in none of them.
    Stem(String),
}

/// A thing that a phrase says.
#[derive(Debug, Clone)]
pub(crate) struct Point {
    key: Key,
    weight: f32,
    /// What the phrase is about, rather than what it says of it.
    subject: bool,
    negated: bool,
}

/// A phrase of the rubric, as the points that it makes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Points(pub Vec<Point>);

/// The set's own groups of words, by the first word of each member.
#[derive(Debug, Clone, Default)]
pub(crate) struct Groups {
    by_first: HashMap<String, Vec<(usize, Vec<String>)>>,
}

impl Groups {
    /// Files the groups away.
    fn of(groups: &[Vec<Vec<String>>]) -> Self {
        let mut by_first: HashMap<String, Vec<(usize, Vec<String>)>> = HashMap::new();
        for (number, member) in groups.iter().enumerate().flat_map(|(number, group)| group.iter().map(move |m| (number, m))) {
            if let Some(first) = member.first() {
                by_first.entry(first.clone()).or_default().push((number, member.clone()));
            }
        }
        Self { by_first }
    }
}

/// All that the phrases of a rubric say, read once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Phrasing {
    groups: Groups,
    points: Vec<Points>,
    /// What the phrases are about.
    topics: Vec<Key>,
}

impl Phrasing {
    /// Reads the phrases, in the rubric's order.
    pub fn of<'a>(phrases: impl Iterator<Item = &'a Reading>, groups: &[Vec<Vec<String>>]) -> Self {
        let groups = Groups::of(groups);
        let points: Vec<Points> = phrases.map(|reading| Points::of(reading, &groups)).collect();
        let subjects = points.iter().flat_map(|points| &points.0).filter(|point| point.subject);
        let mut topics: Vec<Key> = subjects.map(|point| point.key.clone()).collect();
        topics.sort();
        topics.dedup();
        Self { groups, points, topics }
    }
}

/// A place of a text and what it says there.
struct Place {
    word: usize,
    key: Key,
}

/// The places of a text that say something.
fn places(reading: &Reading, groups: &Groups) -> Vec<Place> {
    let lemmas: Vec<&str> = reading.words.iter().map(|word| word.lemma.as_str()).collect();
    let mut out = Vec::new();
    let mut in_group = vec![false; lemmas.len()];
    for from in 0..lemmas.len() {
        let members = lemmas.get(from).and_then(|first| groups.by_first.get(*first));
        for (number, member) in members.into_iter().flatten() {
            let length = member.len();
            let same = lemmas
                .get(from..from + length)
                .is_some_and(|found| found.iter().zip(member).all(|(a, b)| a == b));
            if !same {
                continue;
            }
            for place in in_group.iter_mut().skip(from).take(length) {
                *place = true;
            }
            // A phrase stands where its last word stands.
            out.push(Place { word: from + length - 1, key: Key::Group(*number) });
        }
    }
    for (at, word) in reading.words.iter().enumerate() {
        if word.mark.is_none() && word.content && !in_group.get(at).copied().unwrap_or(false) {
            out.push(Place { word: at, key: Key::Stem(word.stem.clone()) });
        }
    }
    out.sort_by(|a, b| a.word.cmp(&b.word).then_with(|| a.key.cmp(&b.key)));
    out.dedup_by(|a, b| a.word == b.word && a.key == b.key);
    out
}

impl Points {
    /// Reads a phrase.
    pub fn of(reading: &Reading, groups: &Groups) -> Self {
        let lexicon = crate::lexicon::lexicon();
        let mut points: Vec<Point> = Vec::new();
        for place in places(reading, groups) {
            let Some(word) = reading.words.get(place.word) else { continue };
            let subject = reading.clauses.iter().any(|clause| clause.subject.contains(&place.word));
            let weight = match place.key {
                Key::Group(_) => 1.0,
                Key::Stem(_) => {
                    let rarity = 1.0 - ((1 + lexicon.count(&word.lemma)) as f32).ln() / 8.5;
                    0.3 + 0.7 * rarity.clamp(0.0, 1.0)
                }
            };
            if points.iter().any(|point| point.key == place.key) {
                continue;
            }
            points.push(Point { key: place.key, weight, subject, negated: word.negated });
        }
        // A phrase that is all subject ("no difference in memory") says all of it.
        if points.iter().all(|point| point.subject) {
            for point in &mut points {
                point.subject = false;
            }
        }
        Self(points)
    }
}

/// What the clauses of an answer say.
pub(crate) struct Said {
    /// For each clause: key, word, whether it was carried over.
    clauses: Vec<Vec<(Key, usize, bool)>>,
}

impl Said {
    fn of(reading: &Reading, groups: &Groups) -> Self {
        let places = places(reading, groups);
        let at_word = |word: usize| {
            let from = places.partition_point(|place| place.word < word);
            places.get(from..).unwrap_or_default().iter().take_while(move |place| place.word == word)
        };
        let clauses = reading
            .clauses
            .iter()
            .map(|clause| {
                let mut out: Vec<(Key, usize, bool)> = Vec::new();
                for word in clause.from..clause.to {
                    out.extend(at_word(word).map(|place| (place.key.clone(), word, false)));
                }
                let carried = clause.subject.iter().filter(|_| clause.carried).chain(&clause.heading);
                for &word in carried {
                    if !(clause.from..clause.to).contains(&word) {
                        out.extend(at_word(word).map(|place| (place.key.clone(), word, true)));
                    }
                }
                out
            })
            .collect();
        Self { clauses }
    }
}

impl Alignment<'_> {
    fn saying(&self, number: usize, points: &Points, topics: &[Key], said: &Said, at: usize, window: &Window) -> Option<Saying> {
        let clauses = said.clauses.get(window.first..window.first + window.count)?;
        let (mut all, mut covered, mut opposed, mut missing, mut heaviest, mut count) = (0.0, 0.0, 0.0, 0.0_f32, 0.0_f32, 0.0);
        let (mut whole, mut whole_covered) = (0.0, 0.0);
        let (mut own, mut rival) = (0.0, 0.0);
        let (mut low, mut high) = (usize::MAX, 0);
        let mut used: Vec<usize> = Vec::new();
        let named = |key: &Key| points.0.iter().any(|point| point.key == *key);
        for point in &points.0 {
            whole += point.weight;
            // The best place for it: its own clause before one carried over, agreeing before denied.
            let mut best: Option<(bool, bool, usize, usize)> = None;
            for (number, clause) in clauses.iter().enumerate() {
                for (key, word, carried) in clause {
                    if *key == point.key {
                        let denied = self.answer.words.get(*word).is_some_and(|word| word.negated) != point.negated;
                        let rejected = self
                            .answer
                            .clauses
                            .get(window.first + number)
                            .is_some_and(|clause| matches!(clause.stance, Stance::Rejected | Stance::Withdrawn));
                        let candidate = (*carried, denied != rejected, *word, number);
                        if best.is_none_or(|best| candidate < best) {
                            best = Some(candidate);
                        }
                    }
                }
            }
            if !point.subject {
                all += point.weight;
                heaviest = heaviest.max(point.weight);
            }
            let Some((carried, denied, word, number)) = best else {
                if !point.subject {
                    missing = missing.max(point.weight);
                }
                continue;
            };
            used.push(word);
            whole_covered += point.weight;
            if point.subject {
                own += point.weight;
                continue;
            }
            let value = if carried { point.weight * 0.7 } else { point.weight };
            covered += value;
            count += 1.0;
            if denied && !carried {
                opposed += value;
            }
            if !carried {
                low = low.min(word);
                high = high.max(word);
            }
            // What the clause is about, if that's another concept's matter.
            let subject = self.answer.clauses.get(window.first + number).map(|clause| clause.subject.as_slice()).unwrap_or_default();
            let about = |wanted: &dyn Fn(&Key) -> bool| {
                said.clauses.get(window.first + number).is_some_and(|clause| {
                    clause.iter().any(|(key, word, _)| subject.contains(word) && wanted(key))
                })
            };
            if about(&|key| topics.contains(key) && !named(key)) && !about(&|key| named(key)) {
                rival += value;
            }
        }
        if covered <= 0.0 || all <= 0.0 {
            return None;
        }
        let share = |part: f32, whole: f32| if whole > 0.0 { part / whole } else { 0.0 };
        let full = share(covered, all) * (1.0 - 0.4 * share(missing, heaviest));
        let rival = share(rival, covered);
        let clauses = window.count as f32;
        Some(Saying {
            phrase: number,
            window: at,
            worth: full * (1.0 - 0.5 * rival) * (1.0 - 0.05 * (clauses - 1.0)) * ((covered + 0.5 * own) / ENOUGH).min(1.0),
            whole: share(whole_covered, whole),
            own: f32::from(u8::from(own > 0.0)),
            rival,
            units: count,
            density: if high >= low { count / (high - low + 1) as f32 } else { 0.0 },
            precision: share(used.len() as f32, self.content(window).max(used.len() as f32)),
            clauses,
            denials: self.denials(window),
            denied: share(opposed, covered) > 0.4,
        })
    }

    fn content(&self, window: &Window) -> f32 {
        self.answer
            .clauses
            .get(window.first..window.first + window.count)
            .unwrap_or_default()
            .iter()
            .flat_map(|clause| self.answer.clause_words(clause))
            .filter(|word| word.mark.is_none() && word.content)
            .count() as f32
    }

    fn denials(&self, window: &Window) -> f32 {
        self.answer
            .clauses
            .get(window.first..window.first + window.count)
            .unwrap_or_default()
            .iter()
            .flat_map(|clause| self.answer.clause_words(clause))
            .filter(|word| word.mark.is_none() && crate::lexicon::cue(&word.text, crate::lexicon::Cue::Not))
            .count() as f32
    }

    /// What is said of each concept.
    fn sayings(&self) -> Vec<Sayings> {
        let mut out: Vec<Sayings> = vec![Sayings::default(); self.rubric.question.concepts.len()];
        let Phrasing { groups, points, topics } = &self.rubric.phrasing;
        let said = Said::of(self.answer, groups);
        for (number, phrase) in self.rubric.phrases.iter().enumerate() {
            let Some(points) = points.get(number) else { continue };
            let (mut best, mut best_denied) = (Saying::default(), Saying::default());
            for (at, window) in self.windows.iter().enumerate() {
                let Some(saying) = self.saying(number, points, topics, &said, at, window) else { continue };
                let place = if saying.denied { &mut best_denied } else { &mut best };
                if saying.worth > place.worth {
                    *place = saying;
                }
            }
            let Some(of) = out.get_mut(phrase.concept) else { continue };
            let (plain, denied) = match phrase.kind {
                PhraseKind::Reject => (&mut of.wrong, &mut of.wrong_denied),
                _ => (&mut of.said, &mut of.denied),
            };
            if best.worth > 0.0 {
                plain.push(best);
            }
            if best_denied.worth > 0.0 {
                denied.push(best_denied);
            }
        }
        for of in &mut out {
            for list in [&mut of.said, &mut of.denied, &mut of.wrong, &mut of.wrong_denied] {
                list.sort_by(|a, b| b.worth.total_cmp(&a.worth).then(a.phrase.cmp(&b.phrase)));
            }
        }
        out
    }

    /// The measures of each concept's phrases; zeros where it has no lists.
    pub fn phrased(&self) -> Vec<Vec<f32>> {
        let concepts = &self.rubric.question.concepts;
        let sayings = if self.rubric.has_lists() { self.sayings() } else { Vec::new() };
        concepts
            .iter()
            .enumerate()
            .map(|(number, concept)| {
                if concept.has_lists() { self.phrase_measures(number, &sayings) } else { vec![0.0; NAMES.len()] }
            })
            .collect()
    }

    /// The measures of one concept.
    fn phrase_measures(&self, concept: usize, all: &[Sayings]) -> Vec<f32> {
        let mut out = Vec::with_capacity(NAMES.len());
        let empty = Sayings::default();
        let of = all.get(concept).unwrap_or(&empty);
        let worth = |list: &[Saying], at: usize| list.get(at).map_or(0.0, |saying| saying.worth);
        let first = |list: &[Saying]| list.first().copied().unwrap_or_default();
        let (said, denied, wrong, wrong_denied) =
            (first(&of.said), first(&of.denied), first(&of.wrong), first(&of.wrong_denied));
        out.extend([said.worth, worth(&of.said, 1), worth(&of.said, 2), said.whole, said.own, said.rival, said.units]);
        out.extend([said.density, said.clauses, said.denials]);
        out.extend([denied.worth, worth(&of.denied, 1), denied.own, denied.rival, denied.units]);
        out.extend([wrong.worth, worth(&of.wrong, 1), worth(&of.wrong, 2), wrong.whole, wrong.own, wrong.rival, wrong.units]);
        out.extend([wrong.density, wrong.clauses, wrong.denials]);
        out.extend([wrong_denied.worth, worth(&of.wrong_denied, 1), wrong_denied.own, wrong_denied.units]);
        out.push(said.worth - wrong.worth);
        out.push(said.worth - denied.worth);
        out.push(wrong.worth - wrong_denied.worth);
        let best_other = |pick: &dyn Fn(&Sayings) -> f32| {
            all.iter().enumerate().filter(|(at, _)| *at != concept).map(|(_, other)| pick(other)).fold(0.0_f32, f32::max)
        };
        // Competition for the same window.
        let same_window = |window: usize, other: &Sayings| {
            other.said.iter().chain(&other.wrong).filter(|saying| saying.window == window).map(|saying| saying.worth).fold(0.0_f32, f32::max)
        };
        out.push(said.worth - best_other(&|other| same_window(said.window, other)));
        out.push(wrong.worth - best_other(&|other| same_window(wrong.window, other)));
        out.push(of.said.iter().filter(|saying| saying.worth > 0.7).count() as f32);
        out.push(of.wrong.iter().filter(|saying| saying.worth > 0.7).count() as f32);
        out.push(said.window as f32 - wrong.window as f32);
        out.extend([said.precision, wrong.precision, denied.precision]);
        out
    }
}
