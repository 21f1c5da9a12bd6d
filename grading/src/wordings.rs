//! How people word a claim, and its contrary: learnt from labelled answers to questions that are asked again and again.
//!
//! Each claim has a table of words, pairs of words and phrases, with two numbers: what they say for the claim, and what they
//! say for its contrary (multinomial logistic regression over one to three clauses; absent is the third class). The tables
//! stand in `weights/wordings.txt`, written by `learn wordings`. They go by the statement's exact words: a rubric with a
//! statement that isn't in the file is read without them.

use std::sync::OnceLock;

use smallvec::SmallVec;

use crate::grid::Grid;
use crate::hash::QuickMap;
use crate::lexicon::{GroupId, lexicon};
use crate::reading::{Clause, Reading, Stance, Word};

/// How far apart, in words that say something, two words of a pair may stand.
const APART: usize = 5;
/// Most words of a clause that are looked at, so that a clause without end costs no more than its length.
const MOST: usize = 120;
/// Most words that a clause is said to be about.
const MOST_SUBJECTS: usize = 4;
/// A clause mostly has fewer words: so many stay on the stack.
const FEW: usize = 24;

/// What was learnt of one claim.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// What is said for the claim and for its contrary by no word at all.
    pub bias: (f32, f32),
    words: Vec<(u64, f32, f32)>,
}

/// What was learnt of claims, by their statements.
#[derive(Debug, Clone, Default)]
pub struct Wordings {
    tables: QuickMap<String, Table>,
}

const LEARNT: &str = include_str!("../weights/wordings.txt");

/// The wordings that come with the engine, read on first use.
pub fn learnt() -> &'static Wordings {
    static WORDINGS: OnceLock<Wordings> = OnceLock::new();
    WORDINGS.get_or_init(|| Wordings::parse(LEARNT))
}

impl Wordings {
    /// Reads tables as `learn wordings` writes them: a line `= STATEMENT`, a line of two biases, then `KEY FOR AGAINST`
    /// a line. A line that can't be read is passed over.
    pub fn parse(text: &str) -> Self {
        let mut wordings = Self::default();
        let mut current: Option<(String, Table)> = None;
        for line in text.lines().filter(|line| !line.starts_with("//")) {
            if let Some(statement) = line.strip_prefix("= ") {
                if let Some((statement, table)) = current.take() {
                    wordings.tables.insert(statement, table);
                }
                current = Some((statement.to_owned(), Table::default()));
                continue;
            }
            let Some((_, table)) = &mut current else { continue };
            let mut fields = line.rsplitn(3, ' ');
            let against = fields.next().and_then(|value| value.parse().ok());
            let speaks_for = fields.next().and_then(|value| value.parse().ok());
            let (Some(speaks_for), Some(against)) = (speaks_for, against) else {
                continue;
            };
            match fields.next() {
                None | Some("") => table.bias = (speaks_for, against),
                Some(key) => table
                    .words
                    .push((key_of(&[Digits::of(key)]), speaks_for, against)),
            }
        }
        if let Some((statement, table)) = current {
            wordings.tables.insert(statement, table);
        }
        wordings
    }

    /// What was learnt of a claim.
    pub fn of(&self, statement: &str) -> Option<&Table> {
        self.tables.get(statement)
    }
}

/// The tables of a question's concepts, ready to be looked up together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    /// By concept, its column in the table, and the bias; none where nothing was learnt of it.
    columns: Vec<Option<(usize, (f32, f32))>>,
    /// By the hash of a word, its row in the table.
    words: QuickMap<u64, u32>,
    /// By word, what it says for each concept and for its contrary. Nearly all words say something of nearly all.
    says: Grid<(f32, f32)>,
}

impl Index {
    pub fn new<'a>(statements: impl Iterator<Item = &'a str>, wordings: &Wordings) -> Self {
        let tables: Vec<Option<&Table>> = statements.map(|statement| wordings.of(statement)).collect();
        let mut columns = 0..;
        let mut index = Self {
            columns: tables
                .iter()
                .map(|table| table.and_then(|table| Some((columns.next()?, table.bias))))
                .collect(),
            ..Self::default()
        };
        let known: Vec<&Table> = tables.into_iter().flatten().collect();
        let most = known.iter().map(|table| table.words.len()).max().unwrap_or(0);
        index.words.reserve(2 * most);
        let mut says: Vec<(f32, f32)> = Vec::with_capacity(2 * most * known.len());
        for (column, table) in known.iter().enumerate() {
            for (key, speaks_for, against) in &table.words {
                let next = index.words.len() as u32;
                let row = *index.words.entry(*key).or_insert(next);
                if row == next {
                    says.resize(says.len() + known.len(), (0.0, 0.0));
                }
                if let Some(place) = says.get_mut(row as usize * known.len() + column) {
                    *place = (*speaks_for, *against);
                }
            }
        }
        index.says = Grid::of(known.len(), says);
        index
    }

    /// Whether anything was learnt of the concept.
    pub fn knows(&self, concept: usize) -> bool {
        self.columns.get(concept).is_some_and(Option::is_some)
    }

    /// Whether nothing was learnt of any concept.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// What each clause says for each concept and its contrary, and how many words it takes.
    pub fn weigh(&self, reading: &Reading) -> Vec<Weighed> {
        let mut rows: Vec<u32> = Vec::new();
        reading
            .clauses
            .iter()
            .map(|clause| {
                // All words are looked up before any is added: so they needn't wait for one another.
                rows.clear();
                let words = each_key(reading, clause, |parts: &[Digits]| {
                    rows.extend(self.words.get(&key_of(parts)));
                });
                let mut sums = vec![(0.0_f32, 0.0_f32); self.says.width()];
                for row in &rows {
                    for (sum, says) in sums.iter_mut().zip(self.says.row(*row as usize)) {
                        sum.0 += says.0;
                        sum.1 += says.1;
                    }
                }
                Weighed { sums, words }
            })
            .collect()
    }

    /// What clauses that follow one another say together for a concept and for its contrary, as log odds against silence.
    pub fn together(&self, clauses: &[Weighed], concept: usize) -> (f32, f32) {
        let Some(Some((column, bias))) = self.columns.get(concept) else {
            return (0.0, 0.0);
        };
        let words = clauses.iter().map(|clause| clause.words).sum();
        let scale = scale(words);
        clauses
            .iter()
            .filter_map(|clause| clause.sums.get(*column))
            .fold(*bias, |sum, more| {
                (sum.0 + more.0 * scale, sum.1 + more.1 * scale)
            })
    }
}

/// What one clause says, by column.
#[derive(Debug, Clone)]
pub(crate) struct Weighed {
    sums: Vec<(f32, f32)>,
    words: usize,
}

/// What one word counts among so many: long stretches would outweigh short ones otherwise.
pub fn scale(words: usize) -> f32 {
    1.0 / (words as f32 + 2.0).sqrt()
}

/// A text as a number whose digits are its bytes (Karp and Rabin, 1987): the number of texts in a row follows from their own, so
/// that a word is gone through once, however many keys it stands in.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Digits {
    value: u64,
    /// By what the number of a text before this one is multiplied.
    place: u64,
}

impl Digits {
    /// Any large odd number.
    const BASE: u64 = 0x9e37_79b9_7f4a_7c15;
    const NONE: Self = Self { value: 0, place: 1 };

    fn then(self, next: Self) -> Self {
        Self {
            value: self.value.wrapping_mul(next.place).wrapping_add(next.value),
            place: self.place.wrapping_mul(next.place),
        }
    }
}

/// The number of a key that is made of such parts.
fn key_of(parts: &[Digits]) -> u64 {
    let Digits { value, .. } = parts.iter().fold(Digits::NONE, |before, part| before.then(*part));
    value ^ value >> 32
}

/// What keys are made of.
trait Part<'a>: Copy {
    fn of(text: &'a str) -> Self;
    /// A group of the lexicon.
    fn of_group(group: GroupId) -> Self;
}

impl<'a> Part<'a> for &'a str {
    fn of(text: &'a str) -> Self {
        text
    }

    fn of_group(group: GroupId) -> Self {
        lexicon().name(group)
    }
}

impl<'a> Part<'a> for Digits {
    fn of(text: &'a str) -> Self {
        text.bytes().fold(Self::NONE, |before, byte| Self {
            value: before.value.wrapping_mul(Self::BASE).wrapping_add(byte.into()),
            place: before.place.wrapping_mul(Self::BASE),
        })
    }

    fn of_group(group: GroupId) -> Self {
        static GROUPS: OnceLock<Vec<Digits>> = OnceLock::new();
        let groups = GROUPS.get_or_init(|| lexicon().names().map(Self::of).collect());
        groups.get(group as usize).copied().unwrap_or(Self::NONE)
    }
}

/// Calls `each` for every key of a clause, in parts that make the key when they are joined: words that say something ("!"
/// before those denied), two words in a row ("a_b"), pairs ("a~b"), what is said of a subject ("s>b"), and phrases of the
/// lexicon ("#" and the first of the group). Gives the number of words that say something.
fn each_key<'a, P: Part<'a>>(reading: &'a Reading, clause: &Clause, mut each: impl FnMut(&[P])) -> usize {
    let rejected = matches!(clause.stance, Stance::Rejected | Stance::Withdrawn);
    let view = P::of(if rejected { "@" } else { "" });
    let sign = |denied: bool| P::of(if denied { "!" } else { "" });
    let words: SmallVec<[(&Word, P); FEW]> = (clause.from..clause.to)
        .filter_map(|at| reading.words.get(at))
        .filter(|word| word.mark.is_none())
        .take(MOST)
        .map(|word| (word, P::of(&word.stem)))
        .collect();
    for pair in words.windows(2) {
        if let [(_, stem), (next, their_stem)] = pair {
            each(&[view, sign(next.negated), *stem, P::of("_"), *their_stem]);
        }
    }
    let saying: SmallVec<[(&Word, P); FEW]> = words
        .into_iter()
        .filter(|(word, _)| word.content || word.light || word.number.is_some())
        .collect();
    let subjects: SmallVec<[(&Word, P); MOST_SUBJECTS]> = clause
        .subject
        .iter()
        .filter_map(|&at| reading.words.get(at))
        .take(MOST_SUBJECTS)
        .map(|word| (word, P::of(&word.stem)))
        .collect();
    for (at, (word, stem)) in saying.iter().enumerate() {
        each(&[view, sign(word.negated), *stem]);
        for (other, their_stem) in saying.iter().skip(at + 1).take(APART) {
            let denied = sign(word.negated || other.negated);
            each(&[view, denied, *stem, P::of("~"), *their_stem]);
        }
        for (subject, their_stem) in &subjects {
            if subject.start != word.start {
                each(&[view, sign(word.negated), *their_stem, P::of(">"), *stem]);
            }
        }
    }
    let first = reading.phrases.partition_point(|found| found.from < clause.from);
    for found in reading.phrases.iter().skip(first) {
        if found.from >= clause.to {
            break;
        }
        let denied = found
            .to
            .checked_sub(1)
            .and_then(|last| reading.words.get(last))
            .is_some_and(|word| word.negated);
        each(&[view, sign(denied), P::of("#"), P::of_group(found.group)]);
    }
    saying.len()
}

/// A clause as the wordings see it.
#[derive(Debug, Clone)]
pub struct Worded {
    /// First code point in the answer.
    pub start: usize,
    /// End, exclusive.
    pub end: usize,
    /// Number of its sentence.
    pub sentence: usize,
    /// Its keys.
    pub keys: Vec<String>,
    /// Number of words that say something.
    pub words: usize,
}

/// The clauses of an answer as the wordings see them, to learn from.
pub fn worded(reading: &Reading) -> Vec<Worded> {
    reading
        .clauses
        .iter()
        .map(|clause| {
            let mut keys = Vec::new();
            let words = each_key(reading, clause, |parts: &[&str]| keys.push(parts.concat()));
            let spoken = || {
                reading
                    .clause_words(clause)
                    .iter()
                    .filter(|word| word.mark.is_none())
            };
            Worded {
                start: spoken().next().map_or(0, |word| word.start),
                end: spoken().next_back().map_or(0, |word| word.end),
                sentence: clause.sentence,
                keys,
                words,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::Spelling;

    #[test]
    fn a_key_has_the_same_number_whole_and_in_parts() {
        let reading = Reading::of(
            "It isn't copied: the list holds references, so a change is seen. Some say that it's deep, but that is wrong.",
            &Spelling::default(),
        );
        for clause in &reading.clauses {
            let (mut texts, mut numbers) = (Vec::new(), Vec::new());
            each_key(&reading, clause, |parts: &[&str]| texts.push(parts.concat()));
            each_key(&reading, clause, |parts: &[Digits]| numbers.push(key_of(parts)));
            let whole: Vec<u64> = texts.iter().map(|text| key_of(&[Digits::of(text)])).collect();
            assert!(!texts.is_empty());
            assert_eq!(numbers, whole);
        }
    }
}
