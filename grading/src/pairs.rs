//! Pairs of words: what a word of an answer says for a claim, and for its contrary, beside a word of the claim.
//!
//! Learnt from labelled sentences by `learn pairs` and kept in `weights/pairs.txt`. Each word has three rows of numbers. The first
//! says which words are said for each other: two texts are as alike as the sums of their words' rows (word averaging trained on
//! paraphrases; Wieting, Bansal, Gimpel and Livescu 2016). The products of the second row of a claim's word and the third of an
//! answer's say whether the two together mean the contrary. So both are sums over pairs of words, and each pair's share can be told.

use std::borrow::Cow;
use std::sync::OnceLock;

use crate::hash::QuickMap;
use crate::lexicon::{Topics, length};
use crate::reading::Word;

/// What stands for zero in the data.
pub const ZERO: i32 = 80;
/// The greatest value in the data, above zero.
pub const MOST: f32 = 31.0;
/// How sharply the greatest of several odds counts among them, where any is enough.
pub const SHARP: f32 = 1.5;

const LEARNT: &str = include_str!("../weights/pairs.txt");

/// What was learnt of the words.
#[derive(Debug, Clone, Default)]
pub struct Pairs {
    words: QuickMap<&'static str, Rows>,
    scale: Scale,
}

/// How likenesses become log odds against "says nothing of it".
#[derive(Debug, Clone, Copy, Default)]
pub struct Scale {
    /// What a likeness of 1 counts.
    pub steepness: f32,
    /// What is said by no likeness at all.
    pub bias: f32,
    /// What a contrary has more than that.
    pub contrary: f32,
}

/// The rows of a word, as they stand in the data.
#[derive(Debug, Clone, Copy)]
struct Rows {
    values: [&'static [u8]; 3],
    /// What the greatest value of each row stands for.
    greatest: [f32; 3],
    /// What the word says for a contrary by itself.
    alone: f32,
}

/// The sums of a text's words.
#[derive(Debug, Clone, Default)]
pub struct Sums {
    /// What it says.
    pub alike: Vec<f32>,
    /// As a claim.
    stated: Vec<f32>,
    /// As an answer to a claim.
    answered: Vec<f32>,
    alone: f32,
    words: f32,
}

/// The pairs that come with the engine, read on first use.
pub fn learnt() -> &'static Pairs {
    static PAIRS: OnceLock<Pairs> = OnceLock::new();
    PAIRS.get_or_init(|| Pairs::parse(LEARNT))
}

/// The words of a text as they are looked up: base forms, and once more behind a "!" where they are denied.
pub fn keys(words: &[Word]) -> impl Iterator<Item = Cow<'_, str>> {
    words.iter().filter(|word| word.mark.is_none()).flat_map(|word| {
        let denied = (word.negated && word.content).then(|| format!("!{}", word.lemma));
        std::iter::once(Cow::Borrowed(&*word.lemma)).chain(denied.map(Cow::from))
    })
}

impl Pairs {
    /// Reads what `learn pairs` writes: a line of the three numbers of [`Scale`], then `WORD ALONE GREATEST GREATEST GREATEST ROW ROW
    /// ROW` a line. A line that can't be read is passed over.
    pub fn parse(text: &'static str) -> Self {
        let mut lines = text.lines();
        let mut scale = lines.next().unwrap_or_default().split(' ').map(str::parse);
        let mut number = || scale.next().and_then(Result::ok).unwrap_or(0.0);
        Self {
            scale: Scale {
                steepness: number(),
                bias: number(),
                contrary: number(),
            },
            words: lines.filter_map(parse_word).collect(),
        }
    }

    /// How likenesses are weighed.
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// What each pair of words adds to what an answer and a claim say together; what words of the answer say by themselves stands
    /// beside no word of the claim.
    pub(crate) fn shares(&self, answer: &[Word], claim: &[Word]) -> Vec<Share> {
        let (said, stated) = (self.sums(answer), self.sums(claim));
        let lengths = (said.length() * stated.length()).max(f32::MIN_POSITIVE);
        let alone = (said.words + 1.0).sqrt();
        let both = alone * (stated.words + 1.0).sqrt();
        let mut shares = Vec::new();
        for (own, rows) in self.known(answer) {
            shares.push(Share {
                alike: 0.0,
                against: rows.alone / alone,
                answer: own.to_string(),
                claim: None,
            });
            for (word, others) in self.known(claim) {
                shares.push(Share {
                    alike: rows.product(0, others, 0) / lengths,
                    against: rows.product(2, others, 1) / both,
                    answer: own.to_string(),
                    claim: Some(word.to_string()),
                });
            }
        }
        shares
    }

    /// The words that something was learnt of.
    fn known<'w>(&self, words: &'w [Word]) -> impl Iterator<Item = (Cow<'w, str>, &Rows)> {
        keys(words).filter_map(|key| self.words.get(&*key).map(|rows| (key, rows)))
    }

    /// The sums of a text's words. Words that nothing was learnt of are passed over.
    pub fn sums(&self, words: &[Word]) -> Sums {
        let mut sums = Sums::default();
        for (_, rows) in self.known(words) {
            sums.add_rows(rows);
        }
        sums
    }
}

fn parse_word(line: &'static str) -> Option<(&'static str, Rows)> {
    let mut fields = line.split(' ');
    let word = fields.next()?;
    let mut number = || fields.next()?.parse().ok();
    let (alone, greatest) = (number()?, [number()?, number()?, number()?]);
    let mut row = || Some(fields.next()?.as_bytes());
    let values = [row()?, row()?, row()?];
    Some((
        word,
        Rows {
            values,
            greatest,
            alone,
        },
    ))
}

/// What a pair of words adds.
#[derive(Debug, Clone)]
pub(crate) struct Share {
    /// The answer's word.
    pub answer: String,
    /// The claim's.
    pub claim: Option<String>,
    /// To how alike the texts are.
    pub alike: f32,
    /// To what the answer says for the contrary.
    pub against: f32,
}

impl Rows {
    /// The values of a row as they stand for something.
    fn row(&self, number: usize) -> impl Iterator<Item = f32> + use<> {
        let unit = self.greatest.get(number).copied().unwrap_or(0.0) / MOST;
        let values = self.values.get(number).copied().unwrap_or_default();
        values
            .iter()
            .map(move |value| (i32::from(*value) - ZERO) as f32 * unit)
    }

    fn product(&self, own: usize, other: &Self, others: usize) -> f32 {
        self.row(own).zip(other.row(others)).map(|(a, b)| a * b).sum()
    }
}

impl Sums {
    fn add_rows(&mut self, rows: &Rows) {
        let sums = [&mut self.alike, &mut self.stated, &mut self.answered];
        for (number, sum) in sums.into_iter().enumerate() {
            let size = rows.values.get(number).map_or(0, |values| values.len());
            sum.resize(sum.len().max(size), 0.0);
            for (place, value) in sum.iter_mut().zip(rows.row(number)) {
                *place += value;
            }
        }
        self.alone += rows.alone;
        self.words += 1.0;
    }

    /// Adds the words of another text.
    pub fn add(&mut self, other: &Self) {
        let sums = [&mut self.alike, &mut self.stated, &mut self.answered];
        let others = [&other.alike, &other.stated, &other.answered];
        for (sum, more) in sums.into_iter().zip(others) {
            sum.resize(sum.len().max(more.len()), 0.0);
            for (place, value) in sum.iter_mut().zip(more) {
                *place += value;
            }
        }
        self.alone += other.alone;
        self.words += other.words;
    }

    /// The length of what it says.
    pub fn length(&self) -> f32 {
        length(&self.alike)
    }

    /// How alike it and the most alike of some phrases are, at least 0.
    pub(crate) fn most_alike(&self, phrases: &Topics) -> f32 {
        let mut alike = Vec::new();
        phrases.cosines(&self.alike, self.length(), &mut alike);
        alike.into_iter().fold(0.0, f32::max)
    }

    /// What it says for a contrary by itself, as log odds.
    pub fn alone(&self) -> f32 {
        self.alone / (self.words + 1.0).sqrt()
    }

    /// What it says as an answer for the contrary of a claim, as log odds against the claim.
    pub fn against(&self, claim: &Self) -> f32 {
        let products = claim.stated.iter().zip(&self.answered).map(|(a, b)| a * b);
        let both = ((claim.words + 1.0) * (self.words + 1.0)).sqrt();
        products.sum::<f32>() / both + self.alone()
    }
}

/// The claims of a rubric's concepts, as pairs see them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Claims {
    pub scale: Scale,
    /// By concept, its statement.
    pub stated: Vec<Sums>,
    /// What the statements say, by concept.
    pub statements: Topics,
    /// By concept, what the other phrases for it say.
    pub accepted: Vec<Topics>,
    /// By concept, what the phrases against it say.
    pub rejected: Vec<Topics>,
    /// What the prompt says.
    pub prompt: Topics,
}

impl Claims {
    /// Whether there is anything to compare with.
    pub fn is_empty(&self) -> bool {
        self.stated.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::{Reading, Spelling};

    fn sums(pairs: &Pairs, text: &str) -> Sums {
        pairs.sums(&Reading::of(text, &Spelling::default()).words)
    }

    #[test]
    fn a_text_is_the_sum_of_its_words() {
        let pairs = Pairs::parse("12 -6 0.5\ncat 0 1 1 1 oP P o\ndog 1 1 1 1 Po o P\n");
        let (cat, dog) = (sums(&pairs, "cat"), sums(&pairs, "dog"));
        assert_eq!(cat.alike, [1.0, 0.0]);
        let mut both = cat.clone();
        both.add(&dog);
        assert_eq!(both.alike, sums(&pairs, "cat dog").alike);
        assert!((cat.against(&dog) - 0.5).abs() < 1e-6);
        assert!((dog.alone() - 1.0 / 2.0_f32.sqrt()).abs() < 1e-6);
    }

    #[test]
    fn the_shares_of_pairs_make_up_the_whole() {
        let pairs =
            Pairs::parse("12 -6 0.5\ncat 0.5 1 2 1 oP P o\ndog 1 1 1 3 Po o P\nmouse 0 1 1 1 oo o o\n");
        let read = |text: &str| Reading::of(text, &Spelling::default()).words;
        let (answer, claim) = (read("cat dog"), read("a mouse, a dog"));
        let shares = pairs.shares(&answer, &claim);
        let (said, stated) = (pairs.sums(&answer), pairs.sums(&claim));
        let dot: f32 = said.alike.iter().zip(&stated.alike).map(|(a, b)| a * b).sum();
        let alike: f32 = shares.iter().map(|share| share.alike).sum();
        let against: f32 = shares.iter().map(|share| share.against).sum();
        assert!(
            (alike - dot / said.length() / stated.length()).abs() < 1e-5,
            "{alike}"
        );
        assert!((against - said.against(&stated)).abs() < 1e-5, "{against}");
    }

    #[test]
    fn denied_words_are_words_of_their_own() {
        let reading = Reading::of("a cat never sleeps", &Spelling::default());
        assert!(keys(&reading.words).any(|key| key == "!sleep"));
    }
}
