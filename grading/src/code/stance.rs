//! Whether an answer offers a piece of code as the right way, or shows it as the wrong one.

/// How the words around code present it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stance {
    /// As the right way.
    Offered,
    /// As the wrong way.
    Blamed,
    /// Neither.
    Open,
}

/// Words and short phrases that present what follows as right. Lower-case.
const OFFERING: &[&str] = &[
    "fix",
    "fixed",
    "correct",
    "correctly",
    "corrected",
    "right",
    "right way",
    "proper",
    "properly",
    "instead",
    "better",
    "should",
    "good",
    "solution",
    "safe",
    "safer",
    "best",
    "recommended",
    "prefer",
    "preferred",
    "ok",
    "works",
    "clean",
    "do this",
    "i'd write",
    "i would write",
    "i write",
    "must be",
];

/// Words and short phrases that present what follows as wrong.
const BLAMING: &[&str] = &[
    "bad",
    "wrong",
    "wrongly",
    "problem",
    "issue",
    "bug",
    "buggy",
    "broken",
    "avoid",
    "never",
    "not",
    "mistake",
    "trap",
    "pitfall",
    "gotcha",
    "incorrect",
    "danger",
    "dangerous",
    "unsafe",
    "naive",
    "evil",
    "don't",
    "dont",
    "shouldn't",
    "doesn't",
    "isn't",
    "won't",
    "can't",
    "cannot",
    "rather than",
    "instead of",
    "without",
    "unexpected",
    "surprise",
    "faulty",
    "anti",
    "fails",
    "useless",
    "no need",
    "nothing",
    "no longer",
];

/// Reads words for what they present: the last word that says anything decides. Looks at no more than the last 200 bytes.
pub(super) fn stance(words: &str) -> Stance {
    let mut from = words.len().saturating_sub(200);
    while !words.is_char_boundary(from) {
        from += 1;
    }
    let text = words
        .get(from..)
        .unwrap_or_default()
        .to_lowercase()
        .replace(['’', '`'], "'")
        .replace('_', " ");
    let last = |cues: &[&str]| cues.iter().filter_map(|cue| last_word(&text, cue)).max();
    match (last(OFFERING), last(BLAMING)) {
        (None, None) => Stance::Open,
        (Some(_), None) => Stance::Offered,
        (None, Some(_)) => Stance::Blamed,
        // "instead of" ends later than the "instead" in it.
        (Some(good), Some(bad)) if good > bad => Stance::Offered,
        _ => Stance::Blamed,
    }
}

/// Words that deny what follows. Lower-case.
const DENYING: &[&str] = &[
    "not",
    "never",
    "wrong",
    "incorrect",
    "don't",
    "dont",
    "doesn't",
    "doesnt",
    "isn't",
    "isnt",
    "wasn't",
    "can't",
    "cannot",
    "won't",
    "wouldn't",
    "shouldn't",
    "nothing to do with",
    "false",
    "unlike",
    "no longer",
];

/// Whether words deny what follows them. "Not only", "nothing but" and "no more than" don't.
pub(super) fn denies(words: &str) -> bool {
    let mut text = words.to_lowercase().replace(['’', '`'], "'");
    for harmless in [
        "not only",
        "not just",
        "not merely",
        "nothing but",
        "no more than",
        "nothing more than",
        "why not",
        "don't have to",
        "do not have to",
        "don't need to",
        "do not need to",
        "doesn't matter",
    ] {
        text = text.replace(harmless, "");
    }
    DENYING.iter().any(|word| last_word(&text, word).is_some())
}

/// Words behind a piece of code that speak against it. Lower-case.
const SPEAKING_AGAINST: &[&str] = &[
    "wrong",
    "incorrect",
    "bad",
    "shouldn't",
    "should not",
    "doesn't help",
    "does not help",
    "won't help",
    "doesn't work",
    "does not work",
    "won't work",
    "unnecessary",
    "not needed",
    "not necessary",
    "noise",
    "pointless",
    "useless",
    "a mistake",
    "never do",
    "don't do",
    "advise against",
    "makes no sense",
];

/// Whether the words behind a piece of code speak against it.
pub(super) fn speaks_against(words: &str) -> bool {
    let text = words.to_lowercase().replace(['’', '`'], "'");
    SPEAKING_AGAINST
        .iter()
        .any(|word| last_word(&text, word).is_some())
}

/// Words that set something apart from what follows. Lower-case.
const SETTING_APART: &[&str] = &[
    "unlike",
    "different from",
    "different to",
    "different than",
    "differs from",
    "not the same as",
    "isn't the same as",
    "not equal to",
    "not equivalent to",
    "isn't equivalent to",
    "nothing to do with",
    "not short for",
    "the opposite of",
    "doesn't mean",
    "does not mean",
    "doesn't do",
    "does not do",
];

/// Whether words set something apart from what follows them.
pub(super) fn sets_apart(words: &str) -> bool {
    let text = words.to_lowercase().replace(['’', '`'], "'");
    SETTING_APART.iter().any(|word| last_word(&text, word).is_some())
}

/// Where a phrase last ends in a text, as whole words.
fn last_word(text: &str, phrase: &str) -> Option<usize> {
    let is_word = |c: char| c.is_alphanumeric() || c == '\'';
    text.rmatch_indices(phrase).find_map(|(at, _)| {
        let end = at + phrase.len();
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(end..).and_then(|after| after.chars().next());
        (!before.is_some_and(is_word) && !after.is_some_and(is_word)).then_some(end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn denial_is_seen() {
        assert!(denies("The @ line isn't the same as"));
        assert!(denies("it does not do"));
        assert!(!denies("it's no more than"));
        assert!(!denies("Instead of writing"));
    }

    #[test]
    fn the_last_word_decides() {
        assert_eq!(stance("This is the wrong way. Here is the fix:"), Stance::Offered);
        assert_eq!(stance("write None instead of"), Stance::Blamed);
        assert_eq!(stance("def bad_append"), Stance::Blamed);
        assert_eq!(stance("def good"), Stance::Offered);
        assert_eq!(stance("For example:"), Stance::Open);
        assert_eq!(stance("that's not how, don't write"), Stance::Blamed);
    }
}
