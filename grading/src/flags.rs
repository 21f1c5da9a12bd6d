//! What a person should know about an answer as a whole.

use crate::compiled::CompiledRubric;
use crate::order::is_jumbled;
use crate::reading::{Clause, Reading, Word};
use crate::report::Flag;
use crate::text::Mark;

/// The flags of an answer, in a fixed order.
pub(crate) fn flags(rubric: &CompiledRubric, answer: &Reading) -> Vec<Flag> {
    let mut flags = Vec::new();
    let mut words: Vec<&Word> = Vec::with_capacity(answer.words.len());
    words.extend(answer.words.iter().filter(|word| word.mark.is_none()));
    // "n/a" says no more than nothing.
    let is_letter = |word: &&Word| word.number.is_none() && word.text.chars().nth(1).is_none();
    if words.iter().all(is_letter) {
        return vec![Flag::Empty];
    }
    if words.len() < 4 || words.len() < 12 && knows_nothing(&words) {
        flags.push(Flag::TooShort);
    }
    if is_keyword_list(&answer.words) || is_jumbled(&answer.words) {
        flags.push(Flag::KeywordList);
    }
    if echoes(&answer.words, rubric) {
        flags.push(Flag::QuestionEcho);
    }
    if is_pasted(&answer.words, rubric) {
        flags.push(Flag::ReferencePasted);
    }
    if repeats(answer) {
        flags.push(Flag::Repetition);
    }
    if instructs(&words) {
        flags.push(Flag::InstructionToGrader);
    }
    if answer.deceptive > 0 {
        flags.push(Flag::DeceptiveCharacters);
    }
    if other_language(answer, &words) {
        flags.push(Flag::OtherLanguage);
    }
    flags.sort();
    flags
}

fn knows_nothing(words: &[&Word]) -> bool {
    let texts: Vec<&str> = words.iter().map(|word| &*word.text).collect();
    let has = |word: &str| texts.contains(&word);
    has("not") && (has("know") || has("sure") || has("remember"))
        || has("idea") && has("no")
        || has("idk")
        || has("pass")
}

/// Whether a stretch of words names things and claims nothing: hardly a verb, hardly a function word.
pub(crate) fn is_keyword_list(words: &[Word]) -> bool {
    let spoken = || words.iter().filter(|word| word.mark.is_none());
    let said = spoken().count();
    if said < 4 {
        return false;
    }
    let marks = words
        .iter()
        .filter(|word| {
            matches!(
                word.mark,
                Some(Mark::Comma | Mark::Semicolon | Mark::Slash | Mark::Bullet | Mark::Line | Mark::Stop)
            )
        })
        .count();
    let function = spoken()
        .filter(|word| {
            word.kinds.is_function_word() && !matches!(&*word.text, "and" | "or" | "of" | "in" | "a")
        })
        .count();
    let verbs = spoken().filter(|word| word.verb).count();
    let share = |n: usize| n as f32 / said as f32;
    share(verbs) < 0.05 && share(function) < 0.14 && share(marks) > 0.12
        || share(function) < 0.04 && share(verbs) < 0.12 && said > 8
        || share(marks) > 0.4 && share(function) < 0.05 && share(verbs) < 0.3
}

/// Whether nearly all that is said stands in the question.
fn echoes(words: &[Word], rubric: &CompiledRubric) -> bool {
    let said = || words.iter().filter(|word| word.content);
    let shared = said().filter(|word| rubric.prompt_stems.contains(&*word.stem));
    let (said, shared) = (said().count(), shared.count());
    said >= 4 && shared as f32 >= 0.75 * said as f32
}

/// Length of the runs of words by which a pasted reference is known.
pub(crate) const PASTED: usize = 5;

/// Whether most runs of words of the reference stand in the answer.
fn is_pasted(words: &[Word], rubric: &CompiledRubric) -> bool {
    let runs = rubric.reference.count();
    runs + PASTED > 8 && rubric.reference.shared_with(words) as f32 >= 0.6 * runs as f32
}

/// Whether sentences come again and again.
fn repeats<'a>(answer: &'a Reading) -> bool {
    let sentences = answer.clauses.chunk_by(|a, b| a.sentence == b.sentence);
    let words = |clause: &'a Clause| {
        answer
            .clause_words(clause)
            .iter()
            .filter(|word| word.mark.is_none())
    };
    let said = |clauses: &'a [Clause]| clauses.iter().flat_map(words).map(|word| &*word.text);
    let mut sentences: Vec<&[Clause]> = sentences
        .filter(|clauses| said(clauses).nth(3).is_some())
        .collect();
    sentences.sort_unstable_by(|a, b| said(a).cmp(said(b)));
    let alike = sentences.chunk_by(|a, b| said(a).eq(said(b)));
    let most = alike.map(<[_]>::len).max();
    most >= Some(3) || most == Some(2) && sentences.len() == 2
}

/// Whether it speaks to whoever grades.
fn instructs(words: &[&Word]) -> bool {
    const TARGETS: &[&str] = &[
        "point",
        "mark",
        "score",
        "grade",
        "credit",
        "concept",
        "criterion",
        "instruction",
        "rubric",
        "prompt",
    ];
    let orders = |word: &str| {
        matches!(
            word,
            "give"
                | "award"
                | "ignore"
                | "disregard"
                | "assign"
                | "treat"
                | "grant"
                | "mark"
                | "consider"
                | "accept"
                | "grade"
                | "rate"
        )
    };
    const WHOM: &[&str] = &[
        "full", "maximum", "all", "previous", "every", "above", "complete", "met", "meet", "correct", "top",
        "highest", "prior", "pass",
    ];
    let names = |near: &[&Word], these: &[&str]| near.iter().any(|word| these.contains(&&*word.lemma));
    words
        .windows(7)
        .chain(std::iter::once(words).filter(|all| all.len() < 7))
        .any(|near| {
            near.first().is_some_and(|first| orders(&first.lemma))
                && names(near, TARGETS)
                && names(near, WHOM)
        })
        || names(words, &["grader", "autograder"])
}

/// Whether it is written in a language that the engine doesn't read.
fn other_language(answer: &Reading, words: &[&Word]) -> bool {
    if answer.foreign > 0.3 {
        return true;
    }
    let spelt = || {
        let words = words.iter();
        words.filter(|word| word.number.is_none() && word.text.chars().nth(1).is_some())
    };
    let all = spelt().count();
    if all < 6 {
        return false;
    }
    let known = spelt().filter(|word| word.repaired || word.known).count();
    let function = spelt().filter(|word| word.kinds.is_function_word()).count();
    (known as f32) < 0.45 * all as f32 && (function as f32) < 0.2 * all as f32
}
