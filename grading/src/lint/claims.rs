//! The form of a statement: one claim, a whole one, and of the subject.

use std::ops::Range;

use super::Place;
use super::studied::{Studied, says};
use crate::lexicon::Cue;
use crate::reading::{Clause, Reading, Spelling, Word};
use crate::report::Verdict;
use crate::text::{Mark, slice};
use crate::verdict::grade;

/// The longest statement, in words: longer than 99 in 100 of those in the evaluation collection.
const LONGEST: usize = 40;

/// Statements that make more than one claim, of which one alone earns the mark.
pub(super) fn two_claims(studied: &Studied<'_>, found: &mut Vec<Place>) {
    for concept in &studied.concepts {
        let text = &concept.concept.statement;
        let reading = &concept.reading;
        let Some((first, second)) = halves(reading) else {
            continue;
        };
        let quote = |words: Range<usize>| {
            let words = reading.words.get(words).unwrap_or_default();
            let mut words = words.iter().filter(|word| word.mark.is_none());
            let start = words.next();
            let end = words.next_back().or(start);
            start
                .zip(end)
                .map(|(start, end)| slice(text, start.start, end.end))
                .unwrap_or_default()
        };
        let (first, second) = (quote(first), quote(second));
        let earns = |half: &str| says(&grade(&studied.rubric, half), concept.number, Verdict::Met);
        let enough = match (earns(&first), earns(&second)) {
            (true, true) => "either alone earns the mark",
            (true, false) => "the first alone earns the mark",
            (false, true) => "the second alone earns the mark",
            (false, false) => "neither alone earns the mark",
        };
        let message =
            format!("It makes two claims, “{first}” and “{second}”, and {enough}. Make them two concepts.");
        found.push(studied.at_concept(concept.number, "/statement", message));
    }
}

/// The words of the first claim and of the second, where there are two.
fn halves(reading: &Reading) -> Option<(Range<usize>, Range<usize>)> {
    let words = &reading.words;
    let begins = |at: usize, set: &[&str]| words.get(at).is_some_and(|word| set.contains(&&*word.text));
    let mut claim: Option<usize> = None;
    for clause in &reading.clauses {
        let before = clause
            .from
            .checked_sub(1)
            .and_then(|before| words.get(before))
            .and_then(|word| word.mark);
        let new_sentence = before == Some(Mark::Semicolon)
            || before == Some(Mark::Stop) && ends_sentence(words, clause.from);
        let opposed = begins(clause.from, &["but", "whereas"])
            || before == Some(Mark::Comma) && begins(clause.from, &["while", "and"]);
        match claim {
            None if claims(reading, clause) && !begins(clause.from, CONDITIONS) => claim = Some(clause.from),
            Some(start)
                if (new_sentence || opposed) && claims(reading, clause) && !begins(clause.from, EXAMPLES) =>
            {
                let from = if opposed { clause.from + 1 } else { clause.from };
                return Some((start..clause.from, from..words.len()));
            }
            _ => {}
        }
    }
    None
}

/// Whether the stop before a word ends a sentence: it follows a word and stands apart from the next (not "fmt.Errorf", "…").
fn ends_sentence(words: &[Word], from: usize) -> bool {
    let word = |back: usize| from.checked_sub(back).and_then(|at| words.get(at));
    let apart = |left: Option<&Word>, right: Option<&Word>| {
        left.zip(right)
            .is_some_and(|(left, right)| left.end < right.start)
    };
    apart(word(1), word(0)) && !apart(word(2), word(1)) && word(2).is_some_and(|word| word.mark.is_none())
}

/// How a clause begins that only says when, or why.
const CONDITIONS: &[&str] = &[
    "if", "when", "while", "because", "since", "as", "after", "before", "once", "unless", "until",
    "although", "though", "whenever", "where", "with", "without",
];
/// How a clause begins that only explains the one before.
const EXAMPLES: &[&str] = &[
    "for",
    "e.g",
    "i.e",
    "that",
    "this",
    "so",
    "such",
    "it",
    "they",
    "then",
    "therefore",
    "thus",
    "hence",
];

/// Whether a clause says something of a subject of its own: it has a finite verb, and something that is named before it.
fn claims(reading: &Reading, clause: &Clause) -> bool {
    let words = reading.clause_words(clause);
    let verb = (1..words.len()).find(|&at| {
        words
            .get(at)
            .is_some_and(|word| word.verb && !word.text.ends_with("ing"))
            && at
                .checked_sub(1)
                .and_then(|before| words.get(before))
                .is_none_or(|word| word.text != "to")
    });
    verb.and_then(|verb| words.get(..verb))
        .is_some_and(|subject| subject.iter().any(|word| word.content && !word.verb))
}

/// A text of more words than these without a verb is rather one whose verb was not recognised.
const FEW: usize = 6;

/// Statements without a verb.
pub(super) fn no_claim(studied: &Studied<'_>, found: &mut Vec<Place>) {
    for concept in &studied.concepts {
        let words: Vec<&Word> = concept
            .reading
            .words
            .iter()
            .filter(|word| word.mark.is_none())
            .collect();
        let within = words.get(1..words.len().saturating_sub(1)).unwrap_or_default();
        let may_be_verb =
            |word: &&Word| word.content && (word.text.ends_with('s') || word.text.ends_with("ed"));
        if words.len() <= FEW && !words.iter().any(|word| word.verb) && !within.iter().any(may_be_verb) {
            let message = "It names something and claims nothing of it: there is no verb. Write what a good answer says, as a sentence.";
            found.push(studied.at_concept(concept.number, "/statement", message.to_owned()));
        }
    }
}

/// Statements that are too long.
pub(super) fn long_statement(studied: &Studied<'_>, found: &mut Vec<Place>) {
    for concept in &studied.concepts {
        let words = concept
            .reading
            .words
            .iter()
            .filter(|word| word.mark.is_none())
            .count();
        if words > LONGEST {
            let message = format!(
                "It has {words} words; an answer seldom says all of that in one place. Keep to the claim, at most {LONGEST} words, and move the rest to concepts of their own."
            );
            found.push(studied.at_concept(concept.number, "/statement", message));
        }
    }
}

const SPEAKERS: &[&str] = &[
    "answer",
    "candidate",
    "applicant",
    "interviewee",
    "response",
    "student",
];
const DUTIES: &[&str] = &[
    "should",
    "must",
    "needs",
    "need",
    "has",
    "mentions",
    "mention",
    "explains",
    "explain",
    "knows",
    "know",
    "says",
    "understands",
    "understand",
    "describes",
    "describe",
    "names",
    "gives",
];

/// Statements whose words are spent on the answer.
pub(super) fn about_the_answer(studied: &Studied<'_>, found: &mut Vec<Place>) {
    for concept in &studied.concepts {
        // "The answer should mention that …" is left out when a statement is read: what remains counts.
        let claim = crate::claims::claims(&concept.concept.statement)
            .into_iter()
            .next()
            .unwrap_or_default();
        let read = Reading::of(&claim, &Spelling::default());
        let words: Vec<&str> = read
            .words
            .iter()
            .filter(|word| word.mark.is_none() && !word.is(Cue::Determiner))
            .take(4)
            .map(|word| &*word.text)
            .collect();
        let speaks = words
            .windows(2)
            .any(|pair| matches!(pair, [who, does] if SPEAKERS.contains(who) && DUTIES.contains(does)));
        let orders = matches!(
            words.first(),
            Some(
                &("mention"
                    | "mentions"
                    | "explain"
                    | "explains"
                    | "describe"
                    | "describes"
                    | "discuss"
                    | "discusses")
            )
        );
        let asks = concept
            .reading
            .words
            .last()
            .is_some_and(|word| word.mark == Some(Mark::Stop))
            && concept.concept.statement.trim_end().ends_with('?');
        if speaks || orders || asks {
            let message = "It says what the answer should do instead of what is true: these words are looked for in the answer too. Write the claim alone.";
            found.push(studied.at_concept(concept.number, "/statement", message.to_owned()));
        }
    }
}
