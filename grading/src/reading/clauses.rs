//! Splits a text into sentences and clauses.

use super::{Clause, Join, Reading, Stance, Word};
use crate::lexicon::Cue;
use crate::text::Mark;

impl Reading {
    /// Marks the words that are likely to be verbs.
    pub(super) fn mark_verbs(&mut self) {
        let mut before = Before::default();
        for word in &mut self.words {
            if word.mark.is_some() {
                before = Before::default();
                continue;
            }
            let parts = word.parts;
            let inflected =
                word.text != word.lemma && !word.text.ends_with("er") && !word.text.ends_with("est");
            word.verb = if word.is_base(Cue::Auxiliary) {
                true
            } else if before.determiner {
                false
            } else if before.to {
                parts.contains('v')
            } else if parts.starts_with('v') {
                // "-ing" after a preposition is rather a noun.
                !(word.text.ends_with("ing") && before.preposition)
            } else {
                inflected
                    && parts.contains('v')
                    && (word.text.ends_with("ed") || word.text.ends_with('s') && before.noun)
            };
            before = Before::of(word);
        }
    }

    /// Splits the words into clauses.
    pub(super) fn split_clauses(&mut self) {
        let mut splitter = Splitter {
            words: &self.words,
            clauses: Vec::new(),
            sentence: 0,
        };
        splitter.run();
        self.clauses = splitter.clauses;
    }
}

/// What a word says of the next: whether that is a verb. Nothing at the start, and behind a mark.
#[derive(Default)]
struct Before {
    determiner: bool,
    /// "to", "can", "they": a verb follows.
    to: bool,
    preposition: bool,
    noun: bool,
}

impl Before {
    fn of(word: &Word) -> Self {
        let text = &*word.text;
        Self {
            determiner: word.is(Cue::Determiner) && !matches!(text, "that" | "this" | "these" | "all"),
            to: matches!(
                text,
                "to" | "can"
                    | "will"
                    | "must"
                    | "should"
                    | "may"
                    | "not"
                    | "could"
                    | "would"
                    | "they"
                    | "you"
                    | "we"
                    | "i"
                    | "it"
            ),
            preposition: matches!(text, "of" | "for" | "in" | "by" | "with" | "without"),
            noun: word.parts.starts_with('n') && !word.verb || word.parts.is_empty(),
        }
    }
}

/// How many words back a verb is looked for.
const REACH: usize = 60;

struct Splitter<'a> {
    words: &'a [Word],
    clauses: Vec<Clause>,
    sentence: usize,
}

impl Splitter<'_> {
    fn run(&mut self) {
        let words = self.words;
        let mut from = 0;
        let mut join = Join::Start;
        let mut column: Option<usize> = None;
        let mut depth = 0_usize;
        for (i, word) in words.iter().enumerate() {
            if let Some(mark) = word.mark {
                match mark {
                    Mark::Stop => {
                        self.close(from, i, join, column);
                        self.sentence += 1;
                        join = Join::Start;
                        from = i + 1;
                        depth = 0;
                    }
                    Mark::Line => {
                        let next = words.get(i + 1);
                        let ends = next.is_none_or(|next| {
                            next.capital
                                || matches!(
                                    next.mark,
                                    Some(Mark::Line | Mark::Bullet | Mark::Heading | Mark::Column)
                                )
                        }) || column.is_some()
                            || words.get(from).is_some_and(|w| w.mark == Some(Mark::Bullet))
                            || i.checked_sub(1)
                                .and_then(|before| words.get(before))
                                .is_some_and(|w| w.mark == Some(Mark::Colon));
                        if ends {
                            self.close(from, i, join, column);
                            self.sentence += 1;
                            join = Join::Start;
                            from = i + 1;
                            column = None;
                            depth = 0;
                        }
                    }
                    Mark::Column => {
                        self.close(from, i, join, column);
                        column = Some(column.map_or(0, |c| if i == from { c } else { c + 1 }));
                        if words
                            .get(i.wrapping_sub(1))
                            .is_none_or(|w| w.mark == Some(Mark::Line))
                        {
                            column = Some(0);
                        } else if column == Some(0) && from < i {
                            column = Some(1);
                        }
                        join = Join::And;
                        from = i + 1;
                    }
                    Mark::Semicolon | Mark::Colon => {
                        self.close(from, i, join, column);
                        join = if mark == Mark::Colon {
                            Join::And
                        } else {
                            Join::Start
                        };
                        from = i + 1;
                    }
                    Mark::Dash => {
                        self.close(from, i, join, column);
                        join = Join::And;
                        from = i + 1;
                    }
                    Mark::Open if self.verbal_until_close(i + 1) => {
                        self.close(from, i, join, column);
                        join = Join::Aside;
                        from = i + 1;
                        depth += 1;
                    }
                    Mark::Close if depth > 0 => {
                        depth -= 1;
                        self.close(from, i, join, column);
                        join = Join::And;
                        from = i + 1;
                    }
                    Mark::Comma if self.has_verb(from, i) && self.begins_clause(i + 1) => {
                        self.close(from, i, join, column);
                        join = self.join_of(i + 1);
                        from = i + 1;
                    }
                    _ => {}
                }
                continue;
            }
            if i <= from + 1 {
                if i == from && join == Join::Start {
                    let found = self.join_of(i);
                    if found != Join::And {
                        join = found;
                        // "While X …, Y …" and "Because X, Y": the first clause stands by itself.
                        if self
                            .clauses
                            .last()
                            .is_none_or(|last| last.sentence != self.sentence)
                        {
                            join = Join::Start;
                        }
                    }
                }
                continue;
            }
            let splits = word.is(Cue::Contrasts) && word.text != "instead"
                || word.text == "because"
                || word.text == "since" && self.has_verb(from, i)
                || word.text == "so"
                    && words
                        .get(i + 1)
                        .is_some_and(|w| w.text != "that" || self.has_verb(i + 1, i + 6))
                    && self.has_verb(from, i)
                    && self.begins_clause(i)
                || word.text == "which" && self.has_verb(from, i)
                || matches!(
                    &*word.text,
                    "if" | "when" | "whenever" | "unless" | "until" | "once"
                ) && !(word.text == "once" && self.is_adverb(i))
                    && self.has_verb(from, i)
                    && self.has_verb(i + 1, i + 7)
                || matches!(&*word.text, "and" | "or" | "then")
                    && self.has_verb(from, i)
                    && self.begins_with_subject(i + 1);
            if splits {
                self.close(from, i, join, column);
                join = self.join_of(i);
                from = i;
            }
        }
        self.close(from, words.len(), join, column);
    }

    fn close(&mut self, from: usize, to: usize, join: Join, column: Option<usize>) {
        let Some(words) = self.words.get(from..to) else {
            return;
        };
        let spoken = words.iter().filter(|word| word.mark.is_none()).count();
        if spoken == 0 {
            return;
        }
        let verbal = words.iter().any(|word| word.verb);
        let small = spoken < 2 || (spoken < 3 && !verbal);
        if let Some(last) = self.clauses.last_mut()
            && small
            && last.sentence == self.sentence
            && column.is_none()
            && last.column.is_none()
            && !self
                .words
                .get(last.to..from)
                .unwrap_or_default()
                .iter()
                .any(|w| w.mark == Some(Mark::Colon))
            && !matches!(join, Join::Contrast)
        {
            last.to = to;
            last.verbal |= verbal;
            return;
        }
        self.clauses.push(Clause {
            from,
            to,
            sentence: self.sentence,
            join,
            subject: Vec::new(),
            carried: false,
            heading: Vec::new(),
            stance: Stance::Own,
            verbal,
            column,
        });
    }

    fn join_of(&self, at: usize) -> Join {
        let Some(word) = self.words.get(at) else {
            return Join::And;
        };
        if word.is(Cue::Contrasts) {
            Join::Contrast
        } else if word.is(Cue::Reasons) {
            Join::Reason
        } else if word.is(Cue::Conditions) {
            Join::Condition
        } else {
            Join::And
        }
    }

    fn has_verb(&self, from: usize, to: usize) -> bool {
        let to = to.min(self.words.len());
        // A verb further back tells nothing, and looking for it would take time that grows with the square of the length.
        let from = from.max(to.saturating_sub(REACH));
        self.words
            .get(from..to)
            .unwrap_or_default()
            .iter()
            .take_while(|word| {
                !matches!(word.mark, Some(Mark::Stop | Mark::Semicolon | Mark::Comma)) || word.mark.is_none()
            })
            .any(|word| word.verb)
            || self
                .words
                .get(from..to)
                .unwrap_or_default()
                .iter()
                .take(24)
                .any(|word| word.verb)
                && self
                    .words
                    .get(from..to)
                    .unwrap_or_default()
                    .iter()
                    .all(|word| word.mark != Some(Mark::Stop))
    }

    /// Whether a clause with a verb of its own begins at `from`.
    fn begins_clause(&self, from: usize) -> bool {
        let mut words = 0;
        for word in self.words.iter().skip(from).take(14) {
            match word.mark {
                Some(Mark::Quote | Mark::Slash) => continue,
                Some(_) => break,
                None => {}
            }
            if word.verb {
                // "…, reading files, …" goes on with an enumeration.
                return words > 0 || !word.text.ends_with("ing");
            }
            words += 1;
        }
        words > 0
            && self
                .words
                .get(from)
                .is_some_and(|word| word.is(Cue::Contrasts) || matches!(&*word.text, "not" | "never"))
    }

    fn begins_with_subject(&self, from: usize) -> bool {
        let Some(first) = self.words.get(from) else {
            return false;
        };
        if first.mark.is_some() {
            return false;
        }
        let subject = first.is(Cue::Pronoun)
            || first.is(Cue::Determiner)
            || !first.verb && self.words.get(from + 1).is_some_and(|w| w.verb);
        subject && {
            self.words
                .iter()
                .skip(from + 1)
                .take(6)
                .take_while(|word| word.mark.is_none())
                .any(|word| word.verb)
        }
    }

    /// Whether the "once" at `at` says how often or how fast ("at once", "only once"), not when.
    fn is_adverb(&self, at: usize) -> bool {
        let before = at.checked_sub(1).and_then(|before| self.words.get(before));
        before.is_some_and(|word| matches!(&*word.text, "at" | "only" | "just" | "than" | "more"))
            || self.words.get(at + 1).is_none_or(|word| word.mark.is_some())
    }

    fn verbal_until_close(&self, from: usize) -> bool {
        let mut words = 0;
        for word in self.words.iter().skip(from).take(40) {
            match word.mark {
                Some(Mark::Close | Mark::Line) => return false,
                Some(_) => continue,
                None => words += 1,
            }
            if word.verb && words > 1 {
                return true;
            }
        }
        false
    }
}
