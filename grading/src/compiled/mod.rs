//! A question's rubric, read once: the words of its phrases, and all the words that may stand for them.

mod index;
mod parts;
mod phrase;
mod weights;

use std::ops::Range;

use crate::claims::claims;
use crate::flags::PASTED;
use crate::grid::Grid;
use crate::hash::{QuickMap, QuickSet};
use crate::known::{self, Near};
use crate::lexicon::{Surroundings, Topics, Vector, lexicon, vector};
use crate::pairs::{self, Claims, Pairs};
use crate::reading::{Join, Reading, Spelling};
use crate::relevance::RUN;
use crate::report::PhraseKind;
use crate::rubric::{Concept, Question};
use crate::runs::Runs;
use crate::wordings::{self, Wordings};

pub(crate) use index::{Entry, Index, RELATED};
pub(crate) use parts::{Parts, Stand, Stands};
pub(crate) use phrase::{Asks, Phrase, Stem, Totals};

/// A word of a phrase that an answer is searched for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unit {
    /// How much it says, above 0.
    pub weight: f32,
    /// What it shares with its derivations, by number.
    pub stem: Stem,
    /// Number of the clause of the phrase.
    pub part: u32,
    /// Number of that clause among those of all phrases.
    pub place: u32,
    /// Stands in the subject of its clause.
    pub subject: bool,
    /// Is denied in the phrase.
    pub negated: bool,
    /// Stands in the prompt as well.
    pub prompted: bool,
    /// A function word with little content.
    pub light: bool,
    /// Stands in the main half of the phrase, not in a reason, an aside or an example.
    pub main: bool,
    /// Its verb.
    pub verb: bool,
    /// Stands in the rubric itself, not only in what is well known of its claims.
    pub own: bool,
    /// The concept of its phrase.
    pub concept: usize,
    /// What it says for its concept, and for its contrary.
    pub cue: (f32, f32),
}

/// A unit's word.
#[derive(Debug, Clone)]
pub(crate) struct Spelt {
    /// As written.
    pub text: String,
    /// Base form.
    pub lemma: String,
    /// What it shares with its derivations.
    pub stem: String,
    /// Its place among other words.
    pub vector: Option<Vector>,
}

/// A question whose rubric has been read once and can grade many answers.
#[derive(Debug, Clone)]
pub struct CompiledRubric {
    pub(crate) question: Question,
    pub(crate) units: Vec<Unit>,
    /// By unit.
    pub(crate) spelt: Vec<Spelt>,
    /// The stems of the units, by number.
    pub(crate) stems: QuickMap<String, Stem>,
    pub(crate) phrases: Vec<Phrase>,
    /// By concept, the numbers of its phrases; the first is the statement.
    pub(crate) places: Vec<Range<usize>>,
    /// What the statements are about, by concept.
    pub(crate) topics: Topics,
    /// What the other phrases are about, by concept.
    pub(crate) topics_beside: Vec<Topics>,
    /// The base forms of the units among other words.
    pub(crate) surroundings: Surroundings,
    /// The units that share one of those base forms.
    pub(crate) related: Vec<Vec<u32>>,
    /// The words ("!" before them where they are denied) that say something for a concept or its contrary, by their place
    /// in alphabetical order.
    pub(crate) cue_words: weights::CueWords,
    /// By such a word and concept, what it says for the concept, and for its contrary.
    pub(crate) cues: Grid<(f32, f32)>,
    /// What was learnt of how people word the statements and their contraries.
    pub(crate) wordings: wordings::Index,
    /// What was learnt of pairs of words, and the claims as they see them.
    pub(crate) pairs: &'static Pairs,
    pub(crate) paired: Claims,
    /// The parts of phrases, by the stems that they are about.
    pub(crate) parts: Parts,
    /// The units, by all that may stand for them.
    pub(crate) index: Index,
    pub(crate) spelling: Spelling,
    /// Function words that the statements use as names, and nothing else.
    names: Spelling,
    pub(crate) prompt: Reading,
    /// What the prompt asks, to know an echo of it.
    pub(crate) asked: Runs<RUN>,
    pub(crate) prompt_stems: QuickSet<String>,
    /// The reference answer, to know it again.
    pub(crate) reference: Runs<PASTED>,
    /// By concept, the well-known claim that its statement makes, if any.
    pub(crate) known: Vec<Option<Near>>,
    /// The members of the set's own groups of words that mean the same, by the first word: the group, and the words that follow.
    own_members: QuickMap<String, Vec<(usize, Vec<String>)>>,
}

/// Function words that stand capitalised within a sentence: names, like Python's `None`.
fn names(statement: &str) -> impl Iterator<Item = &str> {
    statement
        .split_whitespace()
        .skip(1)
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|word| word.len() > 1 && word.starts_with(|c: char| c.is_ascii_uppercase()))
        .filter(|word| crate::lexicon::is_function_word(&word.to_lowercase()))
}

impl CompiledRubric {
    /// Reads a question's rubric. `synonyms` are the set's own groups of words that mean the same.
    pub fn compile(question: &Question, synonyms: &[Vec<String>]) -> Self {
        Self::compile_with(question, synonyms, wordings::learnt(), pairs::learnt())
    }

    /// Reads a question's rubric, with other wordings and pairs of words than the engine's own, to measure them.
    pub fn compile_with(
        question: &Question,
        synonyms: &[Vec<String>],
        wordings: &Wordings,
        pairs: &'static Pairs,
    ) -> Self {
        let lexicon = lexicon();
        let mut plain = Spelling::default();
        for name in question
            .concepts
            .iter()
            .flat_map(|concept| names(&concept.statement))
        {
            plain.add_name(name);
        }
        let plain = plain;
        let prompt = Reading::of(&question.prompt, &plain);
        let prompt_stems: QuickSet<String> = prompt
            .words
            .iter()
            .filter(|word| word.content)
            .map(|word| word.stem.to_string())
            .collect();
        let own_groups: Vec<Vec<Vec<String>>> = synonyms
            .iter()
            .map(|group| {
                group
                    .iter()
                    .map(|member| lexicon.pattern(member))
                    .filter(|m| !m.is_empty())
                    .collect()
            })
            .collect();
        let mut rubric = Self {
            question: question.clone(),
            units: Vec::new(),
            spelt: Vec::new(),
            stems: QuickMap::default(),
            phrases: Vec::new(),
            places: Vec::new(),
            topics: Topics::default(),
            topics_beside: Vec::new(),
            surroundings: Surroundings::default(),
            related: Vec::new(),
            cue_words: QuickMap::default(),
            cues: Grid::default(),
            wordings: wordings::Index::new(
                question.concepts.iter().map(|concept| concept.statement.as_str()),
                wordings,
            ),
            pairs,
            paired: Claims::default(),
            parts: Parts::default(),
            index: Index::default(),
            names: plain.clone(),
            spelling: plain.clone(),
            asked: Runs::of(&prompt.words),
            prompt,
            prompt_stems,
            reference: match &question.reference {
                Some(text) => Runs::of(&Reading::of(text, &plain).words),
                None => Runs::default(),
            },
            own_members: QuickMap::default(),
            known: vec![None; question.concepts.len()],
        };
        for (number, concept) in question.concepts.iter().enumerate() {
            let first_phrase = rubric.phrases.len();
            let mut claims = claims(&concept.statement).into_iter();
            let first = claims.next().unwrap_or_default();
            rubric.add_phrase(number, &first, PhraseKind::Statement);
            for text in claims {
                rubric.add_phrase(number, &text, PhraseKind::Accept);
            }
            if !rubric.wordings.knows(number) {
                rubric.add_known(number, concept);
            }
            for text in &concept.accept {
                rubric.add_phrase(number, text, PhraseKind::Accept);
            }
            for text in &concept.reject {
                rubric.add_phrase(number, text, PhraseKind::Reject);
            }
            rubric.places.push(first_phrase..rubric.phrases.len());
        }
        rubric.weigh();
        rubric.sum_topics();
        rubric.sum_pairs();
        rubric.name_rivals();
        rubric.build_index(&own_groups);
        rubric.collect_related();
        rubric.weigh_cues();
        for phrase in &mut rubric.phrases {
            phrase.sum_up(&rubric.units);
        }
        rubric.parts = Parts::of(&rubric.phrases, rubric.stems.len(), &mut rubric.units);
        rubric
    }

    /// Reads an answer as grading does.
    pub fn read(&self, answer: &str) -> Reading {
        let mut reading = Reading::of(&crate::code::split(answer).prose(answer), &self.spelling);
        crate::relevance::drop_irrelevant(self, &mut reading);
        reading
    }

    /// Whether the rubric itself holds more than one statement a concept.
    pub fn is_phrased(&self) -> bool {
        self.phrases
            .iter()
            .any(|phrase| phrase.kind != PhraseKind::Statement && !phrase.well_known)
    }

    /// Whether it was learnt how people word any of the question's claims.
    pub fn knows_wordings(&self) -> bool {
        !self.wordings.is_empty()
    }

    /// The members of the set's own groups that begin with a word.
    pub(crate) fn own_members(&self, first: &str) -> &[(usize, Vec<String>)] {
        self.own_members.get(first).map(Vec::as_slice).unwrap_or_default()
    }

    /// The question that was compiled.
    pub fn question(&self) -> &Question {
        &self.question
    }

    /// Adds what people say for and against the well-known claim that a statement makes, if it makes one.
    fn add_known(&mut self, number: usize, concept: &Concept) {
        let near = known::nearest(&concept.statement, &self.question.prompt);
        if let Some(Near { claim, .. }) = near {
            let first = self.phrases.len();
            self.add_phrase(number, claim.statement, PhraseKind::Accept);
            for text in claim.said() {
                self.add_phrase(number, text, PhraseKind::Accept);
            }
            for text in claim.mistaken() {
                self.add_phrase(number, text, PhraseKind::Reject);
            }
            let added = self.phrases.get_mut(first..).unwrap_or_default();
            for phrase in added {
                phrase.well_known = true;
                for unit in self.units.get_mut(phrase.from..phrase.to).unwrap_or_default() {
                    unit.own = false;
                }
            }
        }
        if let Some(place) = self.known.get_mut(number) {
            *place = near;
        }
    }

    fn add_phrase(&mut self, concept: usize, text: &str, kind: PhraseKind) {
        let reading = Reading::of(text, &self.names);
        let from = self.units.len();
        let mut secondary = false;
        let mut numbers = Vec::new();
        for (part, clause) in reading.clauses.iter().enumerate() {
            secondary |= matches!(clause.join, Join::Reason | Join::Aside) && part > 0;
            let mut example = false;
            for (at, word) in reading.words.iter().enumerate().take(clause.to).skip(clause.from) {
                let next = reading.words.get(at + 1).map_or("", |w| &*w.text);
                if word.text == "such" && next == "as"
                    || matches!(&*word.text, "e.g" | "eg")
                    || matches!(next, "example" | "instance") && word.text == "for"
                    || word.mark == Some(crate::text::Mark::Open)
                {
                    example = true;
                }
                if word.mark == Some(crate::text::Mark::Close) {
                    example = false;
                }
                if word.mark.is_some() {
                    continue;
                }
                numbers.extend(word.number);
                if !word.content && !word.light && word.number.is_none() {
                    continue;
                }
                let stem = match self.stems.get(&*word.stem) {
                    Some(stem) => *stem,
                    None => {
                        let stem = self.stems.len() as Stem;
                        self.stems.insert(word.stem.to_string(), stem);
                        stem
                    }
                };
                self.units.push(Unit {
                    weight: 1.0,
                    stem,
                    part: part as u32,
                    place: 0,
                    subject: clause.subject.contains(&at),
                    negated: word.negated,
                    prompted: self.prompt_stems.contains(&*word.stem),
                    light: !word.content,
                    main: !secondary && !example,
                    verb: word.verb,
                    own: true,
                    concept,
                    cue: (0.0, 0.0),
                });
                self.spelt.push(Spelt {
                    text: word.text.to_string(),
                    lemma: word.lemma.to_string(),
                    stem: word.stem.to_string(),
                    vector: if word.content { vector(&word.lemma) } else { None },
                });
            }
        }
        let to = self.units.len();
        self.phrases.push(Phrase {
            text: text.to_owned(),
            kind,
            well_known: false,
            concept,
            from,
            to,
            numbers,
            reading,
            subjects: Vec::new(),
            rivals: Vec::new(),
            topic: Vec::new(),
            totals: Totals::default(),
            heaviest: [None; 3],
            asks: Asks::default(),
        });
    }
}

/// How a word is looked up among the cues.
pub(crate) fn cue_of(stem: &str, negated: bool) -> String {
    if negated {
        format!("!{stem}")
    } else {
        stem.to_owned()
    }
}
