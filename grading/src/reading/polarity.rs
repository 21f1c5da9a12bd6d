//! What is denied, and how far a denial reaches.

use super::Reading;
use crate::lexicon::Cue;
use crate::text::Mark;

/// How many words a denial reaches at most.
const REACH: usize = 40;

impl Reading {
    /// Marks the words that stand in the scope of an odd number of negations.
    pub(super) fn mark_negation(&mut self) {
        for clause in &self.clauses {
            let Some(words) = self.words.get(clause.from..clause.to) else {
                continue;
            };
            let mut negated = vec![false; words.len()];
            let mut flip_from = |from: usize, to: usize| {
                for place in negated.iter_mut().take(to.min(from + 2 * REACH)).skip(from) {
                    *place = !*place;
                }
            };
            let end_of_scope = |from: usize| {
                let mut last_comma = words.len().min(from + REACH);
                for (i, word) in words.iter().enumerate().skip(from).take(REACH) {
                    if word.text == "but" || matches!(word.mark, Some(Mark::Column)) {
                        return i;
                    }
                    // "never frees it, just marks it": the comma ends the scope where a verb follows.
                    if word.mark == Some(Mark::Comma)
                        && i > from + 1
                        && words.get(i + 1).is_some_and(|next| {
                            matches!(
                                &*next.text,
                                "just" | "only" | "it" | "they" | "instead" | "rather"
                            )
                        })
                    {
                        last_comma = i;
                        break;
                    }
                }
                last_comma
            };
            let mut skip_until = 0;
            for (i, word) in words.iter().enumerate() {
                if word.mark.is_some() || i < skip_until {
                    continue;
                }
                let next = words.get(i + 1).map_or("", |w| &*w.text);
                let before = i
                    .checked_sub(1)
                    .and_then(|b| words.get(b))
                    .map_or("", |w| &*w.text);
                let text = &*word.text;
                if matches!(text, "not") && matches!(next, "only" | "just" | "merely" | "necessarily") && {
                    // "not only X but also Y" denies nothing.
                    next != "necessarily"
                } {
                    continue;
                }
                if text == "no" && matches!(next, "matter" | "doubt" | "wonder" | "problem")
                    || text == "without" && next == "doubt"
                {
                    continue;
                }
                if text == "no" && next == "longer" {
                    flip_from(i + 2, end_of_scope(i));
                    continue;
                }
                if text == "nor" && before != "," {
                    // "neither A nor B": already in the scope of "neither".
                    if words
                        .iter()
                        .take(i)
                        .any(|w| w.text == "neither" || w.text == "not" || w.text == "no")
                    {
                        continue;
                    }
                }
                if text == "unlike" {
                    let end = words
                        .iter()
                        .enumerate()
                        .skip(i + 1)
                        .take(REACH)
                        .find(|(_, w)| w.mark == Some(Mark::Comma) || w.verb)
                        .map_or(words.len(), |(e, _)| e);
                    flip_from(i + 1, end);
                    continue;
                }
                if word.is(Cue::Not) && text != "unlike" {
                    // "false", "not true": see the stance.
                    flip_from(i + 1, end_of_scope(i + 1));
                    continue;
                }
                if word.is(Cue::Nothing) {
                    flip_from(i + 1, end_of_scope(i + 1));
                    if i > 0 && words.iter().take(i).any(|w| w.verb) {
                        // "it does nothing": the verb before is denied as well.
                        flip_from(i.saturating_sub(REACH), i);
                    }
                    continue;
                }
                if text == "instead" && next == "of" || text == "rather" && next == "than" {
                    let end = words
                        .iter()
                        .enumerate()
                        .skip(i + 2)
                        .take(REACH)
                        .find(|(_, w)| w.mark == Some(Mark::Comma))
                        .map_or(words.len(), |(e, _)| e);
                    flip_from(i + 2, end);
                    skip_until = i + 2;
                    continue;
                }
                if word.is_base(Cue::Fails)
                    && !matches!(&*word.lemma, "false" | "wrong" | "untrue" | "incorrect")
                {
                    flip_from(i + 1, end_of_scope(i + 1));
                }
            }
            let from = clause.from;
            for (i, negated) in negated.into_iter().enumerate() {
                if let Some(word) = self.words.get_mut(from + i) {
                    word.negated = negated;
                }
            }
        }
    }
}
