//! What in a question set will grade badly, and why: for its author, before a candidate meets it.
//!
//! Nothing here is needed to grade. The checks read a set as the engine does, and grade its own sentences: what the rubric
//! makes of them is what it will make of a candidate's.

mod claims;
mod contrary;
mod overlap;
mod phrases;
mod reference;
mod spelling;
mod studied;
mod synonyms;

use serde::Serialize;

use crate::rubric::QuestionSet;
use studied::Studied;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The set fails by its author's own word: the reference misses a mark, or a phrase is in the wrong list.
    Error,
    /// It is likely to grade some answers wrongly.
    Warning,
}

/// One thing that is looked for.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// Its name, in findings and documents.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What it finds, in a sentence.
    pub about: &'static str,
    run: Run,
}

/// What a check looks at.
#[derive(Debug, Clone, Copy)]
enum Run {
    /// One question after the other.
    Question(fn(&Studied<'_>, &mut Vec<Place>)),
    /// The set as a whole.
    Set(fn(&QuestionSet, &[Studied<'_>], &mut Vec<Place>)),
}

/// Every check, in the order in which findings of one place are listed.
pub const CHECKS: &[Check] = &[
    Check {
        code: "reference-not-met",
        severity: Severity::Error,
        about: "The reference answer, graded, does not meet a concept of its own question.",
        run: Run::Question(reference::not_met),
    },
    Check {
        code: "accept-is-reject",
        severity: Severity::Error,
        about: "The same phrase is to be accepted and to be rejected.",
        run: Run::Question(phrases::accepted_and_rejected),
    },
    Check {
        code: "accept-denies",
        severity: Severity::Error,
        about: "A phrase of accept says the contrary of the statement, in the statement's own words.",
        run: Run::Question(phrases::accept_denies),
    },
    Check {
        code: "statement-not-met",
        severity: Severity::Warning,
        about: "The statement, given as an answer, does not meet its own concept.",
        run: Run::Question(phrases::statement_not_met),
    },
    Check {
        code: "accept-contradicts",
        severity: Severity::Warning,
        about: "A phrase of accept, given as an answer, contradicts its concept.",
        run: Run::Question(phrases::accept_contradicts),
    },
    Check {
        code: "reject-meets",
        severity: Severity::Warning,
        about: "A phrase of reject, given as an answer, meets its concept.",
        run: Run::Question(phrases::reject_meets),
    },
    Check {
        code: "two-claims",
        severity: Severity::Warning,
        about: "A statement makes two claims: an answer with one of them is neither right nor wrong.",
        run: Run::Question(claims::two_claims),
    },
    Check {
        code: "no-claim",
        severity: Severity::Warning,
        about: "A statement is a keyword or a heading, with no verb to be right or wrong about.",
        run: Run::Question(claims::no_claim),
    },
    Check {
        code: "long-statement",
        severity: Severity::Warning,
        about: "A statement is longer than anybody would say it in one breath.",
        run: Run::Question(claims::long_statement),
    },
    Check {
        code: "about-the-answer",
        severity: Severity::Warning,
        about: "A statement speaks of the answer or the candidate instead of the subject.",
        run: Run::Question(claims::about_the_answer),
    },
    Check {
        code: "same-sentence",
        severity: Severity::Warning,
        about: "One sentence would satisfy two concepts of the question.",
        run: Run::Question(overlap::same_sentence),
    },
    Check {
        code: "right-and-wrong",
        severity: Severity::Warning,
        about: "A sentence that is right by one concept contradicts another of the question.",
        run: Run::Question(overlap::right_and_wrong),
    },
    Check {
        code: "phrase-twice",
        severity: Severity::Warning,
        about: "A phrase says nothing that another one of its concept doesn't say in the same words.",
        run: Run::Question(phrases::twice),
    },
    Check {
        code: "misread-word",
        severity: Severity::Warning,
        about: "Typo repair takes a word of the prompt or the reference for another one.",
        run: Run::Question(spelling::misread_words),
    },
    Check {
        code: "confusable-words",
        severity: Severity::Warning,
        about: "A slip of the keyboard turns one word of a statement into another word of the rubric.",
        run: Run::Question(spelling::confusable_words),
    },
    Check {
        code: "synonym-unused",
        severity: Severity::Warning,
        about: "A group of synonyms has no word that stands in a rubric.",
        run: Run::Set(synonyms::unused),
    },
    Check {
        code: "synonym-opposites",
        severity: Severity::Warning,
        about: "A group of synonyms makes words that exclude each other mean the same.",
        run: Run::Set(synonyms::opposites),
    },
];

/// Something that will grade badly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The check's name.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Where in the document, as a JSON pointer (RFC 6901).
    pub pointer: String,
    /// The slug of the question, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question_id: Option<String>,
    /// The slug of the concept, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concept_id: Option<String>,
    /// What will go wrong, and what to do about it.
    pub message: String,
}

/// A finding, before its place is put in words.
#[derive(Debug)]
struct Place {
    /// Question and concept, by number.
    question: Option<usize>,
    concept: Option<usize>,
    /// The rest of the pointer, beginning with a slash, or empty.
    rest: String,
    message: String,
}

/// Looks for what will grade badly, in the document's order. The set must be without [`QuestionSet::faults`] for the
/// limits on its size to hold.
///
/// # Examples
/// ```
/// let set = grading::QuestionSet::parse(
///     "
/// id: http
/// questions:
///   - id: idempotent
///     prompt: What does it mean that an HTTP method is idempotent?
///     concepts:
///       - id: same-effect
///         statement: idempotence
/// ",
/// )?;
/// let findings = grading::lint::lint(&set);
/// assert!(findings.iter().any(|finding| finding.code == "no-claim"));
/// # Ok::<(), Vec<grading::document::Fault>>(())
/// ```
pub fn lint(set: &QuestionSet) -> Vec<Finding> {
    let studied: Vec<Studied<'_>> = (0..)
        .zip(&set.questions)
        .map(|(number, question)| Studied::of(number, question, set))
        .collect();
    let mut found: Vec<(Option<usize>, Option<usize>, usize, Finding)> = Vec::new();
    for (order, check) in CHECKS.iter().enumerate() {
        let mut places = Vec::new();
        match check.run {
            Run::Question(run) => studied.iter().for_each(|studied| run(studied, &mut places)),
            Run::Set(run) => run(set, &studied, &mut places),
        }
        for place in places {
            found.push((place.question, place.concept, order, finding(set, check, place)));
        }
    }
    found.sort_by_key(|(question, concept, order, _)| (*question, *concept, *order));
    found.into_iter().map(|(_, _, _, finding)| finding).collect()
}

fn finding(set: &QuestionSet, check: &Check, place: Place) -> Finding {
    let question = place.question.and_then(|number| set.questions.get(number));
    let concept = question
        .zip(place.concept)
        .and_then(|(question, number)| question.concepts.get(number));
    let mut pointer = String::new();
    if let Some(number) = place.question {
        pointer.push_str(&format!("/questions/{number}"));
    }
    if let Some(number) = place.concept {
        pointer.push_str(&format!("/concepts/{number}"));
    }
    pointer.push_str(&place.rest);
    Finding {
        code: check.code,
        severity: check.severity,
        pointer,
        question_id: question.map(|question| question.id.clone()),
        concept_id: concept.map(|concept| concept.id.clone()),
        message: place.message,
    }
}
