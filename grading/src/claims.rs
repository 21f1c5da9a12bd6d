//! From a statement as people write it to the claims in it: without "the answer should mention that …" around them, and with
//! alternatives ("either … or", a bulleted list) apart, since any of them is enough.

/// What people put around a claim, in lower case. The first that fits is left out.
const FRAMES: &[&str] = &[
    "the answer should",
    "the answer must",
    "the answer",
    "a good answer should",
    "a good answer",
    "an answer should",
    "the candidate should",
    "the candidate must",
    "the candidate",
    "candidates should",
    "they should",
    "should",
    "must",
];

/// What follows a frame, in any of its forms.
const SAYINGS: &[&str] = &[
    "mention that",
    "mentions that",
    "say that",
    "says that",
    "state that",
    "states that",
    "explain that",
    "explains that",
    "point out that",
    "points out that",
    "note that",
    "notes that",
    "know that",
    "knows that",
    "understand that",
    "understands that",
    "make clear that",
    "makes clear that",
    "recognise that",
    "recognises that",
    "mention",
    "mentions",
];

/// Lead-ins of a list that say nothing themselves.
const LEADS: &[&str] = &[
    "any of",
    "any of these",
    "any of the following",
    "one of",
    "one of these",
    "one of the following",
    "at least one of",
    "at least one of these",
    "at least one of the following",
    "either",
    "alternatives",
];

/// The claims of a statement, at least one; any of them is enough.
///
/// ```
/// use grading::claims::claims;
///
/// assert_eq!(
///     claims("The answer should mention that a cache is faster than a disk."),
///     ["a cache is faster than a disk."]
/// );
/// assert_eq!(
///     claims("Threads suit either waiting for the network or waiting for the disk."),
///     ["Threads suit waiting for the network", "Threads suit waiting for the disk."]
/// );
/// ```
pub fn claims(statement: &str) -> Vec<String> {
    let statement = without_frame(statement.trim());
    let found = bulleted(statement)
        .or_else(|| either_or(statement))
        .unwrap_or_else(|| vec![statement.to_owned()]);
    let said: Vec<String> = found
        .into_iter()
        .filter(|claim| claim.chars().any(char::is_alphanumeric))
        .collect();
    if said.is_empty() {
        vec![statement.to_owned()]
    } else {
        said
    }
}

/// The rest of a text after words that it begins with, whatever their case.
fn after<'t>(text: &'t str, words: &str) -> Option<&'t str> {
    let head = text.get(..words.len())?;
    let rest = text.get(words.len()..)?;
    let whole = rest.chars().next().is_none_or(|next| !next.is_alphanumeric());
    (head.eq_ignore_ascii_case(words) && whole).then(|| rest.trim_start())
}

fn without_frame(statement: &str) -> &str {
    let saying = |text| SAYINGS.iter().find_map(|saying| after(text, saying));
    let framed = FRAMES
        .iter()
        .find_map(|frame| after(statement, frame).and_then(saying));
    framed
        .or_else(|| saying(statement))
        .map(|rest| rest.trim_start_matches([':', ',']).trim_start())
        .filter(|rest| rest.split_whitespace().count() > 1)
        .unwrap_or(statement)
}

fn is_bullet(line: &str) -> Option<&str> {
    let line = line.trim();
    ["- ", "* ", "• ", "– "]
        .iter()
        .find_map(|bullet| line.strip_prefix(bullet))
}

/// A lead-in and a bulleted list: each item, with the lead-in before it where that says something.
fn bulleted(statement: &str) -> Option<Vec<String>> {
    let items: Vec<&str> = statement.lines().filter_map(is_bullet).collect();
    if items.len() < 2 {
        return None;
    }
    let lead: Vec<&str> = statement
        .lines()
        .take_while(|line| is_bullet(line).is_none())
        .map(str::trim)
        .collect();
    let lead = lead.join(" ");
    let lead = without_frame(lead.trim().trim_end_matches(':').trim_end());
    let empty = lead.is_empty() || LEADS.iter().any(|known| lead.eq_ignore_ascii_case(known));
    let whole = |item: &&str| {
        if empty {
            without_frame(item).to_owned()
        } else {
            format!("{lead} {item}")
        }
    };
    Some(items.iter().map(whole).collect())
}

/// "X either A or B": "X A" and "X B".
fn either_or(statement: &str) -> Option<Vec<String>> {
    let lower = statement.to_ascii_lowercase();
    let at = if lower.starts_with("either ") {
        0
    } else {
        lower.find(" either ")? + 1
    };
    let before = statement.get(..at)?;
    let rest = statement.get(at + "either ".len()..)?;
    let or = rest.to_ascii_lowercase().find(" or ")?;
    let first = rest.get(..or)?.trim_end_matches(',');
    let second = rest.get(or + " or ".len()..)?;
    Some(vec![format!("{before}{first}"), format!("{before}{second}")])
}

#[cfg(test)]
mod tests {
    use super::claims;

    #[test]
    fn a_plain_statement_is_one_claim() {
        let statement = "The GIL is released while a thread waits for I/O, so other threads can run.";
        assert_eq!(claims(statement), [statement]);
    }

    #[test]
    fn words_around_the_claim_are_left_out() {
        for framed in [
            "The answer should mention that water boils at a lower temperature.",
            "Candidate: water boils at a lower temperature.",
            "A good answer explains that water boils at a lower temperature.",
            "Mentions that water boils at a lower temperature.",
            "Must say that water boils at a lower temperature.",
        ] {
            let expected = if framed.starts_with("Candidate:") {
                framed
            } else {
                "water boils at a lower temperature."
            };
            assert_eq!(claims(framed), [expected]);
        }
    }

    #[test]
    fn any_item_of_a_list_is_enough() {
        assert_eq!(
            claims("The answer should mention one of:\n- a mutex\n- an atomic counter"),
            ["a mutex", "an atomic counter"]
        );
        assert_eq!(
            claims("Threads suit\n* waiting for the network\n* waiting for the disk"),
            [
                "Threads suit waiting for the network",
                "Threads suit waiting for the disk"
            ]
        );
    }

    #[test]
    fn either_or_is_two_claims() {
        assert_eq!(
            claims("Either the list is copied, or a tuple is passed instead."),
            ["the list is copied", "a tuple is passed instead."]
        );
        assert_eq!(claims("Neither of them is right."), ["Neither of them is right."]);
    }
}
