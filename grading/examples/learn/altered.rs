//! Statements with one thing changed, so that a single word that makes a claim wrong is learnt from, whatever else agrees; and
//! as many that still say the same, so that not every change looks wrong.

use grading::lexicon::{Relation, is_function_word, lexicon};

use crate::dice::Dice;

/// A text, and whether it still says what the statement says.
pub struct Altered {
    pub text: String,
    pub agrees: bool,
}

/// Verbs that a "not" follows, and what they become.
const DENIED: &[(&str, &str)] = &[
    (" is ", " is not "),
    (" are ", " are not "),
    (" can ", " cannot "),
    (" must ", " must not "),
    (" has to ", " does not have to "),
    (" have to ", " do not have to "),
    (" should ", " should not "),
    (" will ", " will not "),
    (" may ", " may not "),
    (" does ", " does not "),
    (" was ", " was not "),
    (" were ", " were not "),
];

const NUMBERS: &[&str] = &["one", "two", "three", "four", "five", "ten", "twelve", "hundred"];

/// The statement in ways that say the same, and with one thing changed in each way that it allows.
pub fn altered(statement: &str, others: &[&str], dice: &mut Dice) -> Vec<Altered> {
    let changed = [
        denied(statement),
        with_another_number(statement, dice),
        with_an_opposite(statement, dice),
        with_a_strange_word(statement, others, dice),
    ];
    let same = [
        Some(statement.to_owned()),
        Some(hedged(statement, dice)),
        Some(with_more(statement, dice)),
        with_a_synonym(statement, dice),
    ];
    let all = |texts: [Option<String>; 4], agrees: bool| {
        texts
            .into_iter()
            .flatten()
            .map(move |text| Altered { text, agrees })
    };
    all(same, true).chain(all(changed, false)).collect()
}

/// What people say before a claim that they make.
const BEFORE: &[&str] = &[
    "I think",
    "I'm fairly sure that",
    "As far as I know,",
    "If I remember correctly,",
    "In my experience,",
    "Basically",
    "It's well known that",
    "As my teacher rightly said,",
    "The point is that",
    "Well,",
];

/// What people say behind it.
const BEHIND: &[&str] = &[
    "in practice",
    "as I said",
    "I think",
    "at least where I work",
    "every time",
    "and that's all there is to it",
    "and we rely on it daily",
    "which took me a while to learn",
    "as anybody in the trade will tell you",
    "for the reasons you'd expect",
];

fn any<'t>(table: &[&'t str], dice: &mut Dice) -> &'t str {
    let at = (dice.roll() * table.len() as f32) as usize;
    table.get(at).copied().unwrap_or_default()
}

fn hedged(statement: &str, dice: &mut Dice) -> String {
    let mut letters = statement.chars();
    let (first, second) = (letters.next(), letters.clone().next());
    // "The GIL" goes on in small letters, "GIL" doesn't.
    let lowered = match (first, second) {
        (Some(first), Some(second)) if second.is_lowercase() || second == ' ' => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => statement.to_owned(),
    };
    format!("{} {lowered}", any(BEFORE, dice))
}

fn with_more(statement: &str, dice: &mut Dice) -> String {
    format!("{}, {}.", statement.trim_end_matches('.'), any(BEHIND, dice))
}

/// One word exchanged for one that WordNet or the lexicon has as the same.
fn with_a_synonym(statement: &str, dice: &mut Dice) -> Option<String> {
    let nth = (dice.roll() * 4.0) as usize;
    replaced(statement, dice, |word| {
        if is_function_word(word) {
            return None;
        }
        let mut same: Vec<&str> = Vec::new();
        lexicon().related(&lexicon().lemma(word), |other, relation, strength| {
            if relation == Relation::Same && strength > 0.3 {
                same.push(other);
            }
        });
        Some(same.get(nth % same.len().max(1))?.replace(['-', '_'], " "))
    })
}

fn denied(statement: &str) -> Option<String> {
    if statement.contains(" not ") {
        return Some(statement.replacen(" not ", " ", 1));
    }
    DENIED
        .iter()
        .filter_map(|(verb, denied)| Some((statement.find(verb)?, verb, denied)))
        .min_by_key(|(at, ..)| *at)
        .map(|(_, verb, denied)| statement.replacen(verb, denied, 1))
}

fn words(statement: &str) -> Vec<&str> {
    statement.split(' ').collect()
}

/// The statement with one word, chosen among those that `change` knows how to change, replaced; the marks around it stay.
fn replaced(statement: &str, dice: &mut Dice, change: impl Fn(&str) -> Option<String>) -> Option<String> {
    let words = words(statement);
    let changes: Vec<(usize, String)> = words
        .iter()
        .enumerate()
        .filter_map(|(at, word)| {
            let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
            let new = change(&bare.to_lowercase())?;
            (!bare.is_empty()).then(|| (at, word.replacen(bare, &new, 1)))
        })
        .collect();
    let chosen = (dice.roll() * changes.len() as f32) as usize;
    let (at, new) = changes.get(chosen)?;
    let mut out: Vec<&str> = words.clone();
    out[*at] = new;
    Some(out.join(" "))
}

fn with_another_number(statement: &str, dice: &mut Dice) -> Option<String> {
    let pick = (dice.roll() * 7.0) as usize;
    replaced(statement, dice, |word| {
        if let Ok(number) = word.parse::<u64>() {
            return Some((number + 1 + pick as u64 * (1 + number / 3)).to_string());
        }
        let at = NUMBERS.iter().position(|number| *number == word)?;
        Some(NUMBERS[(at + 1 + pick) % NUMBERS.len()].to_owned()).filter(|new| new != word)
    })
}

fn with_an_opposite(statement: &str, dice: &mut Dice) -> Option<String> {
    let lexicon = lexicon();
    let nth = (dice.roll() * 4.0) as usize;
    replaced(statement, dice, |word| {
        if is_function_word(word) {
            return None;
        }
        let lemma = lexicon.lemma(word);
        let mut found = Vec::new();
        lexicon.find(&[&lemma], 0, &mut found);
        let opposites: Vec<&str> = found
            .iter()
            .flat_map(|found| lexicon.opposites(found.group))
            .map(|group| lexicon.name(*group))
            .collect();
        Some(opposites.get(nth % opposites.len().max(1))?.replace('-', " "))
    })
}

/// One word that says something exchanged for a word of the same kind from elsewhere.
fn with_a_strange_word(statement: &str, others: &[&str], dice: &mut Dice) -> Option<String> {
    let lexicon = lexicon();
    let kind = |word: &str| lexicon.parts(&lexicon.lemma(word)).chars().next();
    let strange: Vec<String> = others
        .iter()
        .flat_map(|other| words(other))
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase())
        .filter(|word| {
            word.len() > 3 && !is_function_word(word) && !statement.to_lowercase().contains(word.as_str())
        })
        .collect();
    let from = (dice.roll() * strange.len() as f32) as usize;
    replaced(statement, dice, |word| {
        if word.len() < 4 || is_function_word(word) {
            return None;
        }
        let wanted = kind(word)?;
        strange
            .iter()
            .cycle()
            .skip(from)
            .take(strange.len())
            .find(|new| kind(new) == Some(wanted))
            .cloned()
    })
}
