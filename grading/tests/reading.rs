//! How a text is read: clauses, negation, subjects, whose view, spelling.

use grading::reading::{Reading, Spelling, Stance};

fn read(text: &str) -> Reading {
    Reading::of(text, &Spelling::default())
}

fn negated(text: &str) -> Vec<String> {
    read(text)
        .words
        .into_iter()
        .filter(|word| word.negated && word.content)
        .map(|word| word.text.into_owned())
        .collect()
}

/// The words that each clause is about.
fn subjects(text: &str) -> Vec<String> {
    let reading = read(text);
    reading
        .clauses
        .iter()
        .map(|clause| {
            let words: Vec<&str> = clause
                .subject
                .iter()
                .filter_map(|&at| reading.words.get(at))
                .map(|word| &*word.text)
                .collect();
            words.join(" ")
        })
        .collect()
}

fn stances(text: &str) -> Vec<Stance> {
    read(text).clauses.iter().map(|clause| clause.stance).collect()
}

#[test]
fn negation_reaches_what_follows() {
    assert_eq!(negated("The list does not grow."), ["grow"]);
    assert_eq!(negated("It doesn't grow, but the list shrinks."), ["grow"]);
    assert_eq!(negated("It works without locks."), ["locks"]);
    assert!(negated("Not only lists but also tuples work.").is_empty());
    assert_eq!(negated("Use processes instead of threads."), ["threads"]);
}

#[test]
fn pronouns_headings_and_bullets_carry_the_subject() {
    assert_eq!(
        subjects("The generator pauses. It resumes later."),
        ["generator", "generator"]
    );
    let listed = subjects("Stack:\n- is fast\n- is small");
    assert!(listed.iter().all(|subject| subject == "stack"), "{listed:?}");
}

#[test]
fn a_reported_view_that_is_rejected_is_not_the_writers_own() {
    assert!(stances("Many people think the list is lazy, but that is wrong.").contains(&Stance::Rejected));
    assert!(
        stances("The list is eager.")
            .iter()
            .all(|stance| *stance == Stance::Own)
    );
}

#[test]
fn words_know_where_they_stand() {
    let text = "🙂 Éclair\r\ncafe\u{301} isn't ﬁne";
    for word in read(text).words.iter().filter(|word| word.mark.is_none()) {
        let slice: String = text
            .chars()
            .skip(word.start)
            .take(word.end - word.start)
            .collect();
        assert!(
            !slice.is_empty() && !slice.contains(char::is_whitespace),
            "{slice:?}"
        );
    }
}

#[test]
fn typos_are_repaired_only_where_nobody_knows_the_word() {
    let mut spelling = Spelling::default();
    for word in ["mutable", "lists", "generator"] {
        spelling.add(word);
    }
    let read = |text: &str| {
        Reading::of(text, &spelling)
            .words
            .into_iter()
            .map(|word| word.text.into_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(read("mutible"), ["mutable"]);
    assert_eq!(read("genrator"), ["generator"]);
    assert_eq!(read("lasts"), ["lasts"]);
    assert_eq!(read("lost"), ["lost"]);
}
