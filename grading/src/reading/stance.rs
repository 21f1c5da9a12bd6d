//! Whose view a clause gives: the writer's own, somebody else's, one that is rejected or taken back.

use super::{Reading, Stance, Word};
use crate::lexicon::{Cue, cue};

impl Reading {
    /// Marks reported, rejected and withdrawn clauses.
    pub(super) fn mark_stance(&mut self) {
        let mut stances = vec![Stance::Own; self.clauses.len()];
        let mut spoken: Vec<&Word> = Vec::new();
        let mut i = 0;
        while i < self.clauses.len() {
            let Some(clause) = self.clauses.get(i) else { break };
            let words = self.words.get(clause.from..clause.to).unwrap_or_default();
            spoken.clear();
            spoken.extend(words.iter().filter(|w| w.mark.is_none()));
            if takes_back(&spoken) {
                // What was said just before is withdrawn.
                for back in [1, 2] {
                    let Some(place) = i.checked_sub(back) else { break };
                    let near = self
                        .clauses
                        .get(place)
                        .is_some_and(|c| clause.sentence - c.sentence <= 1);
                    let long = self.clauses.get(place).is_some_and(|c| c.to - c.from > 3);
                    if near && let Some(stance) = stances.get_mut(place) {
                        *stance = Stance::Withdrawn;
                    }
                    if long {
                        break;
                    }
                }
            }
            let whole_denied = denies_all(&spoken);
            if whole_denied {
                // "It is not true that X", "X is wrong": the clause's own content is denied.
                if let Some(stance) = stances.get_mut(i) {
                    *stance = Stance::Rejected;
                }
                let starts_with_reference = words.iter().find(|w| w.mark.is_none()).is_some_and(|w| {
                    matches!(
                        &*w.text,
                        "which"
                            | "that"
                            | "this"
                            | "and"
                            | "but"
                            | "both"
                            | "it"
                            | "wrong"
                            | "not"
                            | "no"
                            | "nonsense"
                            | "they"
                            | "he"
                            | "she"
                    )
                });
                if !words.iter().any(|w| w.text == "that") || starts_with_reference {
                    // "…, which is wrong": what came before in the sentence, or the sentence before.
                    let content = words
                        .iter()
                        .filter(|w| w.content && !w.is_base(Cue::Wrong))
                        .count();
                    if content <= 1 && starts_with_reference && i > 0 {
                        if let Some(stance) = stances.get_mut(i) {
                            *stance = Stance::Own;
                        }
                        let target = self.clauses.get(i - 1).map_or(0, |c| c.sentence);
                        let sentence = clause.sentence;
                        for back in (0..i).rev() {
                            let Some(c) = self.clauses.get(back) else { break };
                            if c.sentence != target || c.sentence + 1 < sentence {
                                break;
                            }
                            if let Some(stance) = stances.get_mut(back) {
                                *stance = Stance::Rejected;
                            }
                            if i - back >= 3 {
                                break;
                            }
                        }
                    }
                }
            }
            if reports(&spoken) {
                let sentence = clause.sentence;
                let mut end = i;
                while let Some(next) = self.clauses.get(end) {
                    let turn = end > i && {
                        let first = self.words.get(next.from).map_or("", |w| &*w.text);
                        matches!(
                            first,
                            "but" | "however" | "yet" | "actually" | "although" | "which" | "though"
                        )
                    };
                    if next.sentence != sentence || turn {
                        break;
                    }
                    end += 1;
                }
                let answer: Vec<&str> = self
                    .clauses
                    .get(end)
                    .map(|next| {
                        self.words
                            .get(next.from..next.to)
                            .unwrap_or_default()
                            .iter()
                            .map(|w| &*w.text)
                            .take(12)
                            .collect()
                    })
                    .unwrap_or_default();
                let same_sentence = self.clauses.get(end).is_some_and(|c| c.sentence == sentence);
                let rejected = answer.first().is_some_and(|first| {
                    matches!(
                        *first,
                        "but"
                            | "however"
                            | "actually"
                            | "no"
                            | "wrong"
                            | "not"
                            | "nope"
                            | "in"
                            | "that"
                            | "this"
                            | "they"
                            | "it"
                            | "he"
                            | "she"
                            | "yet"
                            | "which"
                            | "nonsense"
                    )
                }) && (answer.iter().any(|w| {
                    cue(w, Cue::Wrong)
                        || matches!(
                            *w,
                            "actually" | "reality" | "fact" | "not" | "opposite" | "contrary" | "truth"
                        )
                }) || matches!(answer.first(), Some(&"but" | &"however" | &"yet"))
                    && same_sentence)
                    || words.iter().any(|w| w.is_base(Cue::Myth))
                    || words.iter().any(|w| {
                        matches!(
                            &*w.text,
                            "used" | "wrongly" | "mistakenly" | "falsely" | "incorrectly"
                        )
                    });
                let agreed = answer
                    .iter()
                    .any(|w| matches!(*w, "right" | "correct" | "true" | "agree"))
                    && !answer.contains(&"not");
                let stance = if agreed {
                    Stance::Own
                } else if rejected {
                    Stance::Rejected
                } else {
                    Stance::Reported
                };
                for place in stances.iter_mut().take(end).skip(i) {
                    *place = stance;
                }
                i = end.max(i + 1);
                continue;
            }
            i += 1;
        }
        for (clause, stance) in self.clauses.iter_mut().zip(stances) {
            clause.stance = stance;
        }
    }
}

/// "wait, no", "scratch that", "I mean", "correction".
fn takes_back(spoken: &[&Word]) -> bool {
    let text = |at: usize| spoken.get(at).map_or("", |w| &*w.text);
    matches!(
        [text(0), text(1), text(2), text(3)],
        ["wait", ..]
            | ["no", "wait", ..]
            | ["scratch", "that", ..]
            | ["strike", "that", ..]
            | ["correction", ..]
            | ["sorry" | "hmm" | "actually", "no", ..]
            | ["no", "sorry", ..]
            | ["sorry", "i", ..]
            | ["i", "mean", ..]
            | ["let", "me", "correct", ..]
            | ["oops", ..]
            | ["no", "the", "other", "way", ..]
            | ["sorry", "the", "other", "way", ..]
            | ["other", "way", ..]
            | ["or", "rather", ..]
    )
}

/// "is not true", "is wrong", "it is false that".
fn denies_all(spoken: &[&Word]) -> bool {
    let texts = || spoken.iter().map(|w| &*w.text);
    let pairs = texts().zip(texts().skip(1));
    pairs.clone().any(|(first, second)| {
        matches!(
            [first, second],
            ["not", "true"]
                | ["not", "correct"]
                | ["not", "right"]
                | ["is", "wrong"]
                | ["is", "false"]
                | ["is", "nonsense"]
                | ["are", "wrong"]
                | ["was", "wrong"]
                | ["is", "incorrect"]
                | ["is", "untrue"]
                | ["not", "so"]
                | ["wrong", "that"]
                | ["false", "that"]
                | ["a", "myth"]
                | ["a", "misconception"]
        )
    }) || pairs
        .zip(texts().skip(2))
        .any(|three| three == (("not", "the"), "case"))
}

/// "people think", "a common misconception is", "I used to believe".
fn reports(spoken: &[&Word]) -> bool {
    let spoken = spoken.get(..14).unwrap_or(spoken);
    for (i, word) in spoken.iter().enumerate() {
        let next = spoken.get(i + 1);
        let near = |from: usize, to: usize| spoken.iter().skip(i + from).take(to - from);
        if word.is(Cue::Others) && near(1, 4).any(|w| w.is_base(Cue::Says)) {
            return true;
        }
        if word.is_base(Cue::Myth) && !spoken.iter().take(i).any(|w| w.text == "not" || w.text == "no") {
            return true;
        }
        if word.text == "used"
            && next.is_some_and(|w| w.text == "to")
            && near(2, 4).any(|w| w.is_base(Cue::Says))
        {
            return true;
        }
        if word.text == "i" && near(1, 4).any(|w| matches!(&*w.text, "thought" | "believed" | "assumed")) {
            return true;
        }
        if matches!(&*word.text, "one" | "you")
            && near(1, 3).any(|w| matches!(&*w.text, "might" | "may" | "could" | "would"))
            && near(2, 4).any(|w| w.is_base(Cue::Says))
        {
            return true;
        }
        if word.text == "it"
            && near(1, 4).any(|w| matches!(&*w.text, "said" | "claimed" | "believed" | "assumed" | "thought"))
        {
            return true;
        }
        if matches!(&*word.text, "hear" | "heard" | "read")
            && i > 0
            && spoken
                .get(i - 1)
                .is_some_and(|w| matches!(&*w.text, "often" | "i" | "you" | "sometimes" | "have"))
        {
            return true;
        }
    }
    false
}
