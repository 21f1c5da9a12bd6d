//! Reads a text: clauses, what each is about, what it denies, and whose view it gives.

mod clauses;
mod polarity;
mod stance;
mod subjects;
mod typos;

use std::borrow::Cow;
use std::ops::Range;

use crate::lexicon::{Cue, Found, Kinds, Vector, kinds, lexicon, number_word, rarity, vector};
use crate::text::{Mark, Token, TokenKind, normalise, tokenise};

pub use typos::Spelling;

/// A word of a text that has been read.
#[derive(Debug, Clone)]
pub struct Word {
    /// First code point in the original.
    pub start: usize,
    /// End in the original, exclusive.
    pub end: usize,
    /// Normalised spelling, after typo repair.
    pub text: Cow<'static, str>,
    /// Base form.
    pub lemma: Cow<'static, str>,
    /// What the base form shares with its derivations.
    pub stem: Cow<'static, str>,
    /// Whether the spelling was repaired.
    pub repaired: bool,
    /// A separating mark instead of a word.
    pub mark: Option<Mark>,
    /// Carries content.
    pub content: bool,
    /// A function word that carries a little.
    pub light: bool,
    /// Its value, for a number.
    pub number: Option<f64>,
    /// Inside the scope of a negation (an odd number of them).
    pub negated: bool,
    /// Likely to be the verb of its clause.
    pub verb: bool,
    /// Begins with a capital letter.
    pub capital: bool,
    /// Its place among other words.
    pub vector: Option<Vector>,
    /// How rare it is, 0.3 (everyday) to 1.
    pub rarity: f32,
    /// What small word it is as written.
    pub kinds: Kinds,
    /// What small word its base form is.
    pub base_kinds: Kinds,
    /// Parts of speech of its base form, the most used first.
    pub parts: &'static str,
    /// Whether the lexicon knows its base form.
    pub known: bool,
}

impl Word {
    /// A word as it stands there; what it is in its clause isn't known yet.
    fn of(token: &Token<'_>) -> Self {
        let mark = match token.kind {
            TokenKind::Mark(mark) => Some(mark),
            _ => None,
        };
        let number = match token.kind {
            TokenKind::Number => token.text.parse().ok(),
            TokenKind::Word => number_word(token.text),
            TokenKind::Mark(_) => None,
        };
        let lemma = match mark {
            Some(_) => Cow::Borrowed(""),
            None => lexicon().lemma(token.text),
        };
        let text = if lemma == token.text {
            lemma.clone()
        } else {
            lexicon().spelt(token.text)
        };
        Self {
            start: token.start,
            end: token.end,
            text,
            lemma,
            stem: Cow::Borrowed(""),
            repaired: false,
            mark,
            content: false,
            light: false,
            number,
            negated: false,
            verb: false,
            capital: token.capital,
            vector: None,
            rarity: 0.0,
            kinds: Kinds::default(),
            base_kinds: Kinds::default(),
            parts: "",
            known: false,
        }
    }

    /// Whether the word as written is a cue of that kind.
    pub fn is(&self, cue: Cue) -> bool {
        self.kinds.has(cue)
    }

    /// Whether its base form is a cue of that kind.
    pub fn is_base(&self, cue: Cue) -> bool {
        self.base_kinds.has(cue)
    }

    /// What small word it is as written or in its base form.
    pub fn any_form(&self) -> Kinds {
        self.kinds.or(self.base_kinds)
    }

    /// Whether the word as written or in its base form is a cue of that kind.
    pub fn is_form_of(&self, cue: Cue) -> bool {
        self.any_form().has(cue)
    }
}

/// Whose view a clause gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stance {
    /// The writer's own.
    Own,
    /// Somebody else's, without a comment.
    Reported,
    /// Somebody else's or an earlier one, and it is said to be wrong.
    Rejected,
    /// Said, then taken back.
    Withdrawn,
}

/// How a clause hangs together with the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// It begins a sentence.
    Start,
    /// It goes on.
    And,
    /// It is set against what came before.
    Contrast,
    /// It gives a reason, a consequence or an example.
    Reason,
    /// It gives a condition or a time.
    Condition,
    /// It stands in brackets.
    Aside,
}

/// A stretch of a sentence that makes one claim.
#[derive(Debug, Clone)]
pub struct Clause {
    /// First word.
    pub from: usize,
    /// End, exclusive.
    pub to: usize,
    /// Number of its sentence.
    pub sentence: usize,
    /// How it hangs together with the clause before.
    pub join: Join,
    /// Words, of this clause or an earlier one, that name what it is about.
    pub subject: Vec<usize>,
    /// Whether the subject was carried over from an earlier clause, a heading or a table.
    pub carried: bool,
    /// Words of the heading it stands under.
    pub heading: Vec<usize>,
    /// Whose view it gives.
    pub stance: Stance,
    /// Whether it holds a verb.
    pub verbal: bool,
    /// Column of a table, from 0.
    pub column: Option<usize>,
}

/// A text that has been read.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// Words and marks.
    pub words: Vec<Word>,
    /// Clauses, in order.
    pub clauses: Vec<Clause>,
    /// Phrases of the lexicon.
    pub phrases: Vec<Found>,
    /// Code points in the original.
    pub length: usize,
    /// Characters that can't be seen or imitate others.
    pub deceptive: usize,
    /// Share of letters that are not Latin, 0 to 1.
    pub foreign: f32,
}

impl Reading {
    /// Reads a text. `spelling` repairs typos.
    pub fn of(text: &str, spelling: &Spelling) -> Self {
        let lexicon = lexicon();
        let normalised = normalise(text);
        let mut words = Vec::with_capacity(normalised.chars.len() / 5);
        tokenise(&normalised, |token| words.push(Word::of(&token)));
        spelling.repair(&mut words);
        spelling.mark_names(&mut words);
        for word in &mut words {
            if word.mark.is_none() {
                let known = lexicon.word(&word.lemma);
                word.kinds = kinds(&word.text);
                word.base_kinds = if word.text == word.lemma {
                    word.kinds
                } else {
                    kinds(&word.lemma)
                };
                word.light = word.any_form().is_light_word();
                word.content = !word.any_form().is_function_word();
                word.stem = lexicon.stem_of(&word.lemma, known);
                word.rarity = rarity(known.map_or(0, |known| known.count));
                word.parts = known.map_or("", |known| known.parts);
                word.known = known.is_some() || word.base_kinds.is_function_word();
                word.vector = if word.content { vector(&word.lemma) } else { None };
            }
        }
        let mut reading = Self {
            length: normalised.length,
            deceptive: normalised.deceptive,
            foreign: if normalised.letters == 0 {
                0.0
            } else {
                normalised.foreign as f32 / normalised.letters as f32
            },
            words,
            ..Self::default()
        };
        reading.mark_verbs();
        reading.split_clauses();
        reading.find_phrases();
        reading.mark_negation();
        reading.mark_stance();
        reading.follow_subjects();
        reading
    }

    fn find_phrases(&mut self) {
        let words = self.words.iter();
        let lemmas = words.map(|word| word.mark.is_none().then_some(&*word.lemma));
        self.phrases = lexicon().find_all(lemmas);
    }

    /// Sentences, each alone and with the one behind it, by their clauses.
    pub fn stretches(&self) -> Vec<Range<usize>> {
        let mut ends = self
            .clauses
            .chunk_by(|a, b| a.sentence == b.sentence)
            .scan(0, |end, sentence| {
                *end += sentence.len();
                Some(*end - sentence.len()..*end)
            })
            .peekable();
        let mut stretches = Vec::new();
        while let Some(sentence) = ends.next() {
            let both = ends.peek().map(|next| sentence.start..next.end);
            stretches.push(sentence);
            stretches.extend(both);
        }
        stretches
    }

    /// The words of a clause.
    pub fn clause_words(&self, clause: &Clause) -> &[Word] {
        self.words.get(clause.from..clause.to).unwrap_or_default()
    }
}
