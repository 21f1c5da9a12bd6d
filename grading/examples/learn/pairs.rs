//! Learns pairs of words: which words of a sentence speak for it making a claim, or the contrary; see `grading::pairs`.
//!
//! Two kinds of examples. Well-known claims with what is said for and against them, and with what is said of other claims of the
//! field. Labelled answers, whose label some window of one or two clauses must carry (multiple instances; the greatest log odds
//! count, softly). Gradients go to the words that occur only (Adam, Kingma and Ba 2015, its averages kept by word).

use std::collections::HashMap;
use std::fmt::Write;

use grading::known;
use grading::lexicon::vector;
use grading::pairs::{MOST, SHARP, ZERO, keys};
use grading::reading::{Reading, Spelling, Word};

use crate::class;
use crate::collection::Set;
use crate::dice::Dice;

/// How to learn.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// How often every claim is seen.
    pub passes: usize,
    pub rate: f32,
    /// How many numbers a word has for what it says, and for what it says against.
    pub alike: usize,
    pub against: usize,
    /// The share of words that are left out of an example, so that none is relied on.
    pub dropped: f32,
    /// How much a labelled answer counts, about a sentence on a well-known claim.
    pub labelled: f32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            passes: 4,
            rate: 0.003,
            alike: 96,
            against: 48,
            dropped: 0.15,
            labelled: 10.0,
        }
    }
}

/// A word must occur so often to be learnt of.
const LEAST: usize = 3;
/// Most windows of an answer that are looked at.
const MOST_WINDOWS: usize = 16;
/// Examples between two steps.
const BATCH: usize = 64;

type Text = Vec<u32>;

/// A well-known claim.
struct Claim {
    statement: usize,
    said: Vec<usize>,
    mistaken: Vec<usize>,
    field: usize,
}

/// A labelled answer held against a claim.
struct Bag {
    statement: usize,
    /// Numbers of its windows.
    windows: Vec<usize>,
    class: usize,
}

/// All texts that are learnt from, by the numbers of their words.
#[derive(Default)]
struct Corpus {
    numbers: HashMap<String, u32>,
    words: Vec<String>,
    counts: Vec<usize>,
    texts: Vec<Text>,
    claims: Vec<Claim>,
    bags: Vec<Bag>,
}

impl Corpus {
    fn add_words(&mut self, words: &[Word]) -> usize {
        let mut text: Text = keys(words)
            .map(|key| {
                let next = self.words.len() as u32;
                *self.numbers.entry(key.to_string()).or_insert_with(|| {
                    self.words.push(key.into_owned());
                    self.counts.push(0);
                    next
                })
            })
            .collect();
        text.truncate(60);
        for word in &text {
            self.counts[*word as usize] += 1;
        }
        self.texts.push(text);
        self.texts.len() - 1
    }

    fn add_text(&mut self, text: &str) -> usize {
        self.add_words(&Reading::of(text, &Spelling::default()).words)
    }

    fn add_claims(&mut self) {
        for (field, (_, text)) in known::FILES.iter().enumerate() {
            for claim in known::parse(text) {
                let statement = self.add_text(claim.statement);
                let said = claim.said().map(|text| self.add_text(text)).collect();
                let mistaken = claim.mistaken().map(|text| self.add_text(text)).collect();
                self.claims.push(Claim {
                    statement,
                    said,
                    mistaken,
                    field,
                });
            }
        }
    }

    fn add_answers(&mut self, set: &Set) {
        for rubric in set.rubrics.values() {
            let concepts = &rubric.question().concepts;
            let statements: Vec<usize> = concepts
                .iter()
                .map(|concept| self.add_text(&concept.statement))
                .collect();
            let answers = set.answers.iter();
            for answer in answers.filter(|answer| answer.question_id == rubric.question().id) {
                let reading = rubric.read(&answer.answer);
                let windows = self.add_windows(&reading);
                for (concept, statement) in concepts.iter().zip(&statements) {
                    if let Some(label) = answer.labels.get(&concept.id) {
                        self.bags.push(Bag {
                            statement: *statement,
                            windows: windows.clone(),
                            class: class(*label),
                        });
                    }
                }
            }
        }
    }

    fn add_windows(&mut self, reading: &Reading) -> Vec<usize> {
        let stretches = reading.stretches().into_iter().take(MOST_WINDOWS);
        stretches
            .filter_map(|stretch| {
                let clauses = reading.clauses.get(stretch)?;
                reading.words.get(clauses.first()?.from..clauses.last()?.to)
            })
            .map(|words| self.add_words(words))
            .collect()
    }
}

/// The numbers of all words, word after word, and what Adam keeps of them.
struct Table {
    width: usize,
    values: Vec<f32>,
    gradient: Vec<f32>,
    first: Vec<f32>,
    second: Vec<f32>,
    steps: Vec<i32>,
    touched: Vec<u32>,
    is_touched: Vec<bool>,
}

impl Table {
    fn new(words: usize, width: usize) -> Self {
        Self {
            width,
            values: vec![0.0; words * width],
            gradient: vec![0.0; words * width],
            first: vec![0.0; words * width],
            second: vec![0.0; words * width],
            steps: vec![0; words],
            touched: Vec::new(),
            is_touched: vec![false; words],
        }
    }

    fn row(&self, word: u32) -> &[f32] {
        &self.values[word as usize * self.width..][..self.width]
    }

    fn sum(&self, text: &[u32]) -> Vec<f32> {
        let mut sum = vec![0.0; self.width];
        for word in text {
            for (place, value) in sum.iter_mut().zip(self.row(*word)) {
                *place += value;
            }
        }
        sum
    }

    fn push_back(&mut self, text: &[u32], gradient: &[f32]) {
        for word in text {
            let at = *word as usize;
            if !self.is_touched[at] {
                self.is_touched[at] = true;
                self.touched.push(*word);
            }
            for (place, value) in self.gradient[at * self.width..][..self.width]
                .iter_mut()
                .zip(gradient)
            {
                *place += value;
            }
        }
    }

    fn step(&mut self, rate: f32) {
        const KEPT: (f32, f32) = (0.9, 0.99);
        for word in std::mem::take(&mut self.touched) {
            let at = word as usize;
            self.is_touched[at] = false;
            self.steps[at] += 1;
            let unbias = (
                1.0 - KEPT.0.powi(self.steps[at]),
                1.0 - KEPT.1.powi(self.steps[at]),
            );
            for place in at * self.width..(at + 1) * self.width {
                let slope = std::mem::take(&mut self.gradient[place]);
                self.first[place] = KEPT.0 * self.first[place] + (1.0 - KEPT.0) * slope;
                self.second[place] = KEPT.1 * self.second[place] + (1.0 - KEPT.1) * slope * slope;
                let down = (self.second[place] / unbias.1).sqrt() + 1e-8;
                self.values[place] -= rate * self.first[place] / unbias.0 / down;
            }
        }
    }
}

/// A text's sums, and what is to be pushed back to its words.
struct Seen {
    text: Text,
    /// Brought to length 1.
    alike: Vec<f32>,
    length: f32,
    /// As a claim, or as an answer.
    contrary: Vec<f32>,
    alone: f32,
    root: f32,
    back: (Vec<f32>, Vec<f32>, f32),
}

struct Learner {
    settings: Settings,
    alike: Table,
    stated: Table,
    answered: Table,
    alone: Table,
    /// Steepness, bias, contrary.
    scale: Table,
    dice: Dice,
}

impl Learner {
    fn new(corpus: &Corpus, settings: Settings) -> Self {
        let words = corpus.words.len();
        let mut learner = Self {
            settings,
            alike: Table::new(words, settings.alike),
            stated: Table::new(words, settings.against),
            answered: Table::new(words, settings.against),
            alone: Table::new(words, 1),
            scale: Table::new(3, 1),
            dice: Dice(11),
        };
        learner.scale.values = vec![12.0, -6.0, 0.0];
        let texts = corpus.texts.len() as f32;
        for (number, word) in corpus.words.iter().enumerate() {
            let count = corpus.counts[number];
            let rarity = (texts / (count as f32 + 0.5)).ln() / 6.0;
            let mut row = Vec::new();
            if let Some(vector) = vector(word) {
                vector.add_to(&mut row, rarity);
            }
            row.resize(settings.alike.max(row.len()), 0.0);
            for (at, value) in row.iter().take(settings.alike).enumerate() {
                let noise = (learner.dice.roll() - 0.5) * 0.04;
                learner.alike.values[number * settings.alike + at] = value + noise;
            }
            if count >= LEAST {
                for at in number * settings.against..(number + 1) * settings.against {
                    learner.stated.values[at] = (learner.dice.roll() - 0.5) * 0.35;
                    learner.answered.values[at] = (learner.dice.roll() - 0.5) * 0.35;
                }
            }
        }
        learner
    }

    fn see(&mut self, text: &[u32], as_claim: bool) -> Seen {
        let (dropped, dice) = (self.settings.dropped, &mut self.dice);
        let text: Text = text.iter().copied().filter(|_| dice.roll() >= dropped).collect();
        let mut alike = self.alike.sum(&text);
        let length = (alike.iter().map(|v| v * v).sum::<f32>() + 1e-4).sqrt();
        alike.iter_mut().for_each(|value| *value /= length);
        let root = (text.len() as f32 + 1.0).sqrt();
        let table = if as_claim { &self.stated } else { &self.answered };
        let mut contrary = table.sum(&text);
        contrary.iter_mut().for_each(|value| *value /= root);
        let alone = self.alone.sum(&text)[0] / root;
        Seen {
            back: (vec![0.0; alike.len()], vec![0.0; contrary.len()], 0.0),
            text,
            alike,
            length,
            contrary,
            alone,
            root,
        }
    }

    /// Likeness, and what is said for the contrary.
    fn hold(claim: &Seen, said: &Seen) -> (f32, f32) {
        (
            dot(&claim.alike, &said.alike),
            dot(&claim.contrary, &said.contrary) + said.alone,
        )
    }

    fn odds(&self, (alike, against): (f32, f32)) -> [f32; 3] {
        let scale = &self.scale.values;
        let said = scale[0] * alike + scale[1];
        [0.0, said + against / 2.0 + scale[2], said - against / 2.0]
    }

    /// Pushes back what is to change of the odds.
    fn push(&mut self, claim: &mut Seen, said: &mut Seen, alike: f32, slopes: [f32; 3]) {
        let (up, against) = (slopes[1] + slopes[2], (slopes[1] - slopes[2]) / 2.0);
        self.scale.push_back(&[0], &[up * alike]);
        self.scale.push_back(&[1], &[up]);
        self.scale.push_back(&[2], &[slopes[1]]);
        let steep = up * self.scale.values[0];
        for ((a, b), (back_a, back_b)) in claim
            .alike
            .iter()
            .zip(&said.alike)
            .zip(claim.back.0.iter_mut().zip(&mut said.back.0))
        {
            *back_a += steep * b;
            *back_b += steep * a;
        }
        for ((a, b), (back_a, back_b)) in claim
            .contrary
            .iter()
            .zip(&said.contrary)
            .zip(claim.back.1.iter_mut().zip(&mut said.back.1))
        {
            *back_a += against * b;
            *back_b += against * a;
        }
        said.back.2 += against;
    }

    fn finish(&mut self, seen: Seen, as_claim: bool) {
        let along = dot(&seen.back.0, &seen.alike);
        let alike: Vec<f32> = seen
            .back
            .0
            .iter()
            .zip(&seen.alike)
            .map(|(back, own)| (back - own * along) / seen.length)
            .collect();
        self.alike.push_back(&seen.text, &alike);
        let contrary: Vec<f32> = seen.back.1.iter().map(|back| back / seen.root).collect();
        let table = if as_claim {
            &mut self.stated
        } else {
            &mut self.answered
        };
        table.push_back(&seen.text, &contrary);
        if !as_claim {
            self.alone.push_back(&seen.text, &[seen.back.2 / seen.root]);
        }
    }

    fn pair(&mut self, claim: &[u32], said: &[u32], class: usize, weight: f32) -> [f32; 3] {
        let (mut claim, mut said) = (self.see(claim, true), self.see(said, false));
        let held = Self::hold(&claim, &said);
        let chances = chances(self.odds(held));
        let slopes = std::array::from_fn(|k| (chances[k] - f32::from(u8::from(k == class))) * weight);
        self.push(&mut claim, &mut said, held.0, slopes);
        self.finish(claim, true);
        self.finish(said, false);
        chances
    }

    fn bag(&mut self, corpus: &Corpus, bag: &Bag, weight: f32) -> [f32; 3] {
        if bag.windows.is_empty() {
            return [1.0, 0.0, 0.0];
        }
        let mut claim = self.see(&corpus.texts[bag.statement], true);
        let mut windows: Vec<Seen> = bag
            .windows
            .iter()
            .map(|window| self.see(&corpus.texts[*window], false))
            .collect();
        let held: Vec<(f32, f32)> = windows.iter().map(|said| Self::hold(&claim, said)).collect();
        let odds: Vec<[f32; 3]> = held.iter().map(|held| self.odds(*held)).collect();
        let together: [(f32, f32); 3] = std::array::from_fn(|k| {
            let most = odds.iter().map(|odds| odds[k]).fold(f32::MIN, f32::max);
            let sum: f32 = odds.iter().map(|odds| (SHARP * (odds[k] - most)).exp()).sum();
            (most, sum)
        });
        let chances = chances([
            0.0,
            together[1].0 + together[1].1.ln() / SHARP,
            together[2].0 + together[2].1.ln() / SHARP,
        ]);
        let slope = |k: usize| (chances[k] - f32::from(u8::from(k == bag.class))) * weight;
        for ((said, held), odds) in windows.iter_mut().zip(&held).zip(&odds) {
            let share = |k: usize| (SHARP * (odds[k] - together[k].0)).exp() / together[k].1;
            let slopes = [0.0, slope(1) * share(1), slope(2) * share(2)];
            self.push(&mut claim, said, held.0, slopes);
        }
        self.finish(claim, true);
        windows.into_iter().for_each(|said| self.finish(said, false));
        chances
    }

    /// The loss on answers that nothing is learnt from, and how well met is told from absent, and contradicted from met (area
    /// under the curve).
    fn measure(&mut self, corpus: &Corpus, bags: &[Bag]) -> (f64, f64, f64) {
        let dropped = std::mem::take(&mut self.settings.dropped);
        let seen: Vec<(usize, [f32; 3])> = bags
            .iter()
            .map(|bag| (bag.class, self.bag(corpus, bag, 0.0)))
            .collect();
        self.settings.dropped = dropped;
        self.forget();
        let loss: f64 = seen.iter().map(|(class, chances)| loss(chances, *class)).sum();
        let area = |low: usize, high: usize| {
            let mut of: Vec<(f32, bool)> = seen
                .iter()
                .filter(|(class, _)| *class == low || *class == high)
                .map(|(class, chances)| (chances[high] / chances[low].max(1e-9), *class == high))
                .collect();
            of.sort_by(|a, b| a.0.total_cmp(&b.0));
            let (mut lows, mut sum) = (0.0, 0.0);
            for (_, is_high) in &of {
                if *is_high {
                    sum += lows;
                } else {
                    lows += 1.0;
                }
            }
            sum / (lows * (of.len() as f64 - lows)).max(1.0)
        };
        (loss / seen.len() as f64, area(0, 2), area(2, 1))
    }

    /// Leaves out what was to be changed.
    fn forget(&mut self) {
        let all = [
            &mut self.alike,
            &mut self.stated,
            &mut self.answered,
            &mut self.alone,
            &mut self.scale,
        ];
        for table in all {
            for word in std::mem::take(&mut table.touched) {
                table.is_touched[word as usize] = false;
            }
        }
    }

    fn step(&mut self, rate: f32) {
        for table in [
            &mut self.alike,
            &mut self.stated,
            &mut self.answered,
            &mut self.alone,
        ] {
            table.step(rate);
        }
        self.scale.step(rate * 3.0);
    }
}

/// How surprising a verdict is.
fn loss(chances: &[f32; 3], class: usize) -> f64 {
    -f64::from(chances[class].max(1e-6)).ln()
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn chances(odds: [f32; 3]) -> [f32; 3] {
    let most = odds.iter().copied().fold(f32::MIN, f32::max);
    let all = odds.map(|odd| (odd - most).exp());
    let sum: f32 = all.iter().sum();
    all.map(|one| one / sum)
}

/// An example: a sentence on a claim, or a labelled answer.
enum Lesson {
    Pair(usize, usize, usize),
    Bag(usize),
}

/// What is seen in one pass, in an order by chance.
fn lessons(corpus: &Corpus, by_field: &HashMap<usize, Vec<usize>>, dice: &mut Dice) -> Vec<Lesson> {
    let mut lessons: Vec<Lesson> = (0..corpus.bags.len()).map(Lesson::Bag).collect();
    for (number, claim) in corpus.claims.iter().enumerate() {
        let own: Vec<usize> = std::iter::once(claim.statement)
            .chain(claim.said.iter().copied())
            .collect();
        for (sentences, class) in [(&claim.said, 2), (&claim.mistaken, 1)] {
            for sentence in sentences {
                let stated = if dice.roll() < 0.8 {
                    claim.statement
                } else {
                    pick(&own, dice)
                };
                if stated != *sentence {
                    lessons.push(Lesson::Pair(stated, *sentence, class));
                }
            }
        }
        let field = &by_field[&claim.field];
        for turn in 0..8 {
            // Neighbours in a file are often about the same.
            let other = if turn < 3 {
                (number + 1 + (dice.roll() * 4.0) as usize).min(corpus.claims.len() - 1)
            } else {
                pick(field, dice)
            };
            if other == number {
                continue;
            }
            let other = &corpus.claims[other];
            let all: Vec<usize> = std::iter::once(other.statement)
                .chain(other.said.iter().chain(&other.mistaken).copied())
                .collect();
            lessons.push(Lesson::Pair(claim.statement, pick(&all, dice), 0));
        }
    }
    for last in (1..lessons.len()).rev() {
        lessons.swap(last, (dice.roll() * (last + 1) as f32) as usize);
    }
    lessons
}

fn pick(from: &[usize], dice: &mut Dice) -> usize {
    from[((dice.roll() * from.len() as f32) as usize).min(from.len() - 1)]
}

/// Learns from the well-known claims and the sets; the text is the file's.
///
/// `held` are sets that nothing is learnt from: how well they are told after each pass is said.
pub fn learn(sets: &[&Set], held: &[&Set], settings: Settings) -> String {
    let mut corpus = Corpus::default();
    corpus.add_claims();
    sets.iter().for_each(|set| corpus.add_answers(set));
    let counts = corpus.counts.clone();
    let learnt_from = corpus.bags.len();
    held.iter().for_each(|set| corpus.add_answers(set));
    let held = corpus.bags.split_off(learnt_from);
    corpus.counts[..counts.len()].copy_from_slice(&counts);
    corpus.counts[counts.len()..].fill(0);
    let mut by_field: HashMap<usize, Vec<usize>> = HashMap::new();
    for (number, claim) in corpus.claims.iter().enumerate() {
        by_field.entry(claim.field).or_default().push(number);
    }
    let mut learner = Learner::new(&corpus, settings);
    let mut dice = Dice(3);
    let mut done = 0;
    for pass in 0..settings.passes {
        let lessons = lessons(&corpus, &by_field, &mut dice);
        let all = (lessons.len() * settings.passes) as f32;
        let (mut losses, mut counts) = ([0.0_f64; 2], [0_usize; 2]);
        for batch in lessons.chunks(BATCH) {
            for lesson in batch {
                let (kind, class, chances) = match lesson {
                    Lesson::Pair(claim, said, class) => {
                        let (claim, said) = (&corpus.texts[*claim], &corpus.texts[*said]);
                        (0, *class, learner.pair(claim, said, *class, 1.0))
                    }
                    Lesson::Bag(bag) => {
                        let bag = &corpus.bags[*bag];
                        (1, bag.class, learner.bag(&corpus, bag, settings.labelled))
                    }
                };
                losses[kind] += loss(&chances, class);
                counts[kind] += 1;
            }
            done += batch.len();
            let left = 1.0 - done as f32 / all;
            learner.step(settings.rate * (left * 0.95 + 0.05));
        }
        eprintln!(
            "pass {}: loss {:.3} on claims, {:.3} on answers",
            pass + 1,
            losses[0] / counts[0].max(1) as f64,
            losses[1] / counts[1].max(1) as f64
        );
        if !held.is_empty() {
            let (loss, met, contrary) = learner.measure(&corpus, &held);
            eprintln!(
                "    others: loss {loss:.4}, met from absent {met:.3}, contradicted from met {contrary:.3}"
            );
        }
    }
    write(&corpus, &learner)
}

/// Three decimals are as much as can be told apart.
fn write(corpus: &Corpus, learner: &Learner) -> String {
    let scale = &learner.scale.values;
    let mut out = format!("{:.3} {:.3} {:.3}\n", scale[0], scale[1], scale[2]);
    let mut order: Vec<usize> = (0..corpus.words.len())
        .filter(|word| corpus.counts[*word] >= LEAST && !corpus.words[*word].contains(' '))
        .collect();
    order.sort_by(|a, b| corpus.words[*a].cmp(&corpus.words[*b]));
    for word in order {
        let number = word as u32;
        let rows = [&learner.alike, &learner.stated, &learner.answered].map(|table| table.row(number));
        let greatest = rows.map(|row| row.iter().map(|value| value.abs()).fold(1e-6, f32::max));
        let _ = write!(out, "{} {:.3}", corpus.words[word], learner.alone.row(number)[0]);
        for greatest in greatest {
            let _ = write!(out, " {greatest:.4}");
        }
        for (row, greatest) in rows.iter().zip(greatest) {
            out.push(' ');
            out.extend(
                row.iter()
                    .map(|value| char::from((ZERO as f32 + (value / greatest * MOST).round()) as u8)),
            );
        }
        out.push('\n');
    }
    out
}
