//! What each clause is about: its own subject, or the one that "it", a heading, a bullet or a table row carries along.

use super::{Join, Reading};
use crate::lexicon::Cue;
use crate::text::Mark;

/// Most words that name what a clause is about.
const MOST_NAMED: usize = 12;

impl Reading {
    /// Finds each clause's subject.
    pub(super) fn follow_subjects(&mut self) {
        let mut heading: Vec<usize> = Vec::new();
        let mut last: Vec<usize> = Vec::new();
        // The two things last set beside each other, for "the former" and "the latter".
        let mut pair: (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
        let mut columns: Vec<Vec<usize>> = Vec::new();
        let mut row: Vec<usize> = Vec::new();
        let mut row_sentence = usize::MAX;
        let mut line_heading: Vec<usize> = Vec::new();
        let mut line_heading_sentence = usize::MAX;
        let mut table = false;
        let mut table_sentence = usize::MAX;
        for i in 0..self.clauses.len() {
            let Some(clause) = self.clauses.get(i) else { break };
            let words = self.words.get(clause.from..clause.to).unwrap_or_default();
            let content: Vec<usize> = words
                .iter()
                .enumerate()
                .filter(|(_, w)| w.content)
                .map(|(k, _)| clause.from + k)
                .take(MOST_NAMED)
                .collect();
            let spoken = words.iter().filter(|w| w.mark.is_none()).count();
            let first_of_sentence = i == 0
                || self
                    .clauses
                    .get(i - 1)
                    .is_some_and(|before| before.sentence != clause.sentence);
            let last_of_sentence = self
                .clauses
                .get(i + 1)
                .is_none_or(|after| after.sentence != clause.sentence);
            let colon_after = self
                .words
                .get(clause.to)
                .is_some_and(|w| w.mark == Some(Mark::Colon));
            let heading_mark = words.iter().any(|w| w.mark == Some(Mark::Heading));
            let mut set: Option<(Vec<usize>, bool)> = None;
            let mut under: Vec<usize> = heading.clone();
            if let Some(column) = clause.column {
                if !table {
                    columns.clear();
                    table = true;
                    table_sentence = clause.sentence;
                    row_sentence = clause.sentence;
                    row.clear();
                }
                if row_sentence == clause.sentence && row.is_empty() && columns.len() <= column {
                    // The first row names the columns.
                    columns.resize(column + 1, Vec::new());
                }
                let header_row = columns.is_empty() || table_sentence == clause.sentence;
                if header_row {
                    columns.resize(columns.len().max(column + 1), Vec::new());
                    if let Some(place) = columns.get_mut(column) {
                        *place = content.clone();
                    }
                } else {
                    if row_sentence != clause.sentence {
                        row_sentence = clause.sentence;
                        row = content.clone();
                    }
                    let mut subject = columns.get(column).cloned().unwrap_or_default();
                    under = row.clone();
                    subject.extend(row.iter().copied());
                    subject.truncate(MOST_NAMED);
                    set = Some((subject, true));
                }
            } else {
                table = false;
                if (heading_mark
                    || colon_after && last_of_sentence && spoken <= 6
                    || colon_after && spoken <= 4)
                    && !content.is_empty()
                {
                    if colon_after && !last_of_sentence {
                        line_heading = content.clone();
                        line_heading_sentence = clause.sentence;
                    } else {
                        heading = content.clone();
                        under = content.clone();
                    }
                    set = Some((content.clone(), false));
                } else if line_heading_sentence == clause.sentence && !line_heading.is_empty() {
                    under = line_heading.clone();
                }
            }
            if set.is_none() {
                set = Some(self.own_subject(i, &content, &last, &pair, &under, first_of_sentence));
            }
            let (subject, carried) = set.unwrap_or_default();
            if !carried && !subject.is_empty() && subject != last {
                pair = (last.clone(), subject.clone());
                if let Some((a, b)) = self.two_things(i) {
                    pair = (vec![a], vec![b]);
                }
            }
            if !subject.is_empty() {
                last.clone_from(&subject);
            }
            if let Some(clause) = self.clauses.get_mut(i) {
                clause.subject = subject;
                clause.carried = carried;
                clause.heading = under;
            }
        }
    }

    fn own_subject(
        &self,
        i: usize,
        content: &[usize],
        last: &[usize],
        pair: &(Vec<usize>, Vec<usize>),
        under: &[usize],
        first_of_sentence: bool,
    ) -> (Vec<usize>, bool) {
        let Some(clause) = self.clauses.get(i) else {
            return (Vec::new(), false);
        };
        let words = self.words.get(clause.from..clause.to).unwrap_or_default();
        let verb = words.iter().position(|w| w.verb && w.mark.is_none());
        let before_verb: Vec<usize> = match verb {
            Some(verb) => content
                .iter()
                .copied()
                .filter(|&k| k < clause.from + verb)
                .collect(),
            None => content.iter().copied().take(2).collect(),
        };
        let lead: Vec<&str> = words
            .iter()
            .filter(|w| w.mark.is_none())
            .map(|w| &*w.text)
            .take(verb.unwrap_or(4).max(2))
            .collect();
        let refers = |word: &str| lead.contains(&word);
        if refers("former") || refers("first") && before_verb.is_empty() {
            if !pair.0.is_empty() {
                return (pair.0.clone(), true);
            }
        } else if refers("latter") || (refers("second") || refers("other")) && before_verb.len() <= 1 {
            if !pair.1.is_empty() && (refers("latter") || refers("second")) {
                return (pair.1.clone(), true);
            }
            if !pair.0.is_empty() && refers("other") {
                return (pair.0.clone(), true);
            }
        }
        if !before_verb.is_empty() {
            return (before_verb, false);
        }
        let pronoun = lead.iter().any(|w| {
            matches!(
                *w,
                "it" | "they"
                    | "this"
                    | "that"
                    | "these"
                    | "those"
                    | "he"
                    | "she"
                    | "which"
                    | "who"
                    | "one"
                    | "both"
            )
        });
        let goes_on = pronoun || verb == Some(0) || clause.join != Join::Start || !first_of_sentence;
        if goes_on && !last.is_empty() {
            return (last.to_vec(), true);
        }
        if !under.is_empty() {
            return (under.to_vec(), true);
        }
        if words.iter().any(|w| w.is(Cue::Pronoun)) && !last.is_empty() {
            return (last.to_vec(), true);
        }
        (Vec::new(), false)
    }

    /// "A and B", "A or B", "between A and B": the two things a clause names together.
    fn two_things(&self, i: usize) -> Option<(usize, usize)> {
        let clause = self.clauses.get(i)?;
        let words = self.words.get(clause.from..clause.to)?;
        let and = words
            .iter()
            .position(|w| matches!(&*w.text, "and" | "or" | "versus" | "vs"))?;
        let before = (0..and)
            .rev()
            .find(|&k| words.get(k).is_some_and(|w| w.content))?;
        let after = (and + 1..words.len()).find(|&k| words.get(k).is_some_and(|w| w.content))?;
        Some((clause.from + before, clause.from + after))
    }
}
