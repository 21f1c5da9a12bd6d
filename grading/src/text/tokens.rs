//! Splits normalised text into words, numbers and marks.

use super::normalise::Normalised;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A word, an identifier or a part of one.
    Word,
    /// A number, in digits.
    Number,
    /// Punctuation that separates.
    Mark(Mark),
}

/// Punctuation by what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Full stop, question mark, exclamation mark.
    Stop,
    /// Comma.
    Comma,
    /// Semicolon.
    Semicolon,
    /// Colon, or an arrow.
    Colon,
    /// A dash between words.
    Dash,
    /// Opening bracket.
    Open,
    /// Closing bracket.
    Close,
    /// End of a line.
    Line,
    /// A bullet or a list number at the start of a line.
    Bullet,
    /// A column separator of a table.
    Column,
    /// A slash between words.
    Slash,
    /// A quotation mark.
    Quote,
    /// A heading sign at the start of a line.
    Heading,
}

/// A word, a number or a mark, and where it stands.
#[derive(Debug, Clone, Copy)]
pub struct Token<'a> {
    /// First code point in the original.
    pub start: usize,
    /// End in the original, exclusive.
    pub end: usize,
    /// Normalised spelling. Contractions are spelt out ("doesn't" gives "does", "not").
    pub text: &'a str,
    /// What it is.
    pub kind: TokenKind,
    /// Whether it begins with a capital letter.
    pub capital: bool,
}

/// Takes what was found.
type Each<'f> = dyn FnMut(Token<'_>) + 'f;

/// Splits a normalised text. Tokens are handed over one by one: their spellings share one place.
pub fn tokenise(text: &Normalised, mut each: impl FnMut(Token<'_>)) {
    let chars = &text.chars;
    let at = |i: usize| chars.get(i).map_or('\0', |c| c.0);
    let out: &mut Each<'_> = &mut each;
    let mut spelling = String::new();
    let mut i = 0;
    let mut line_start = true;
    while i < chars.len() {
        let c = at(i);
        if c == '\n' {
            push_mark(out, chars, i, i + 1, Mark::Line);
            line_start = true;
            i += 1;
            continue;
        }
        if c.is_whitespace() {
            i += 1;
            continue;
        }
        if line_start {
            if let Some(end) = bullet(chars, i) {
                push_mark(out, chars, i, end, Mark::Bullet);
                i = end;
                line_start = false;
                continue;
            }
            if c == '#' {
                let mut end = i;
                while at(end) == '#' {
                    end += 1;
                }
                push_mark(out, chars, i, end, Mark::Heading);
                i = end;
                line_start = false;
                continue;
            }
        }
        line_start = false;
        if c == 'i' && at(i + 1) == '/' && at(i + 2) == 'o' && !at(i + 3).is_alphanumeric() {
            push(out, chars, i, i + 3, "io", TokenKind::Word);
            i += 3;
            continue;
        }
        if c == 'o' && at(i + 1) == '(' {
            let mut end = i + 2;
            while end < chars.len() && end < i + 14 && at(end) != ')' && at(end) != '\n' {
                end += 1;
            }
            if at(end) == ')' && end > i + 2 {
                let spelt: String = (i..=end)
                    .map(at)
                    .filter(|c| !c.is_whitespace() && *c != '*')
                    .collect::<String>()
                    .replace("logn", "log");
                let spelt = spelt.replace("nlog", "n-log").replace("log(n", "log");
                push(out, chars, i, end + 1, &spelt, TokenKind::Word);
                i = end + 1;
                continue;
            }
        }
        if c.is_numeric() {
            i = number(out, chars, i, &mut spelling);
            continue;
        }
        if c.is_alphabetic() || (c == '_' && (at(i + 1).is_alphanumeric() || at(i + 1) == '_')) {
            i = word(out, chars, i, &mut spelling);
            continue;
        }
        let mark = match c {
            '.' | '!' | '?' | '\u{3002}' => {
                // A stop inside an identifier was taken with the word; an ellipsis is one stop.
                let mut end = i + 1;
                while matches!(at(end), '.' | '!' | '?') {
                    end += 1;
                }
                push_mark(out, chars, i, end, Mark::Stop);
                i = end;
                continue;
            }
            ',' => Some(Mark::Comma),
            ';' => Some(Mark::Semicolon),
            ':' => Some(Mark::Colon),
            '\u{2192}' => Some(Mark::Colon),
            '=' if at(i + 1) == '>' => Some(Mark::Colon),
            '=' if at(i + 1) != '=' && i > 0 && at(i - 1) == ' ' && at(i + 1) == ' ' => Some(Mark::Colon),
            '-' if at(i + 1) == '>' => Some(Mark::Colon),
            '\u{2014}' => Some(Mark::Dash),
            '-' if at(i + 1).is_whitespace() || at(i + 1) == '-' => Some(Mark::Dash),
            '(' | '[' | '{' => Some(Mark::Open),
            ')' | ']' | '}' => Some(Mark::Close),
            '|' => Some(Mark::Column),
            '/' => Some(Mark::Slash),
            '"' => Some(Mark::Quote),
            '%' => {
                push(out, chars, i, i + 1, "percent", TokenKind::Word);
                None
            }
            '&' => {
                push(out, chars, i, i + 1, "and", TokenKind::Word);
                None
            }
            '<' | '>' => {
                let spelt = if c == '<' { "less" } else { "more" };
                push(out, chars, i, i + 1, spelt, TokenKind::Word);
                None
            }
            '\u{2260}' => {
                push(out, chars, i, i + 1, "not", TokenKind::Word);
                None
            }
            _ => None,
        };
        if let Some(mark) = mark {
            push_mark(out, chars, i, i + 1, mark);
        }
        i += 1;
    }
}

type Chars = [(char, usize, bool)];

fn span(chars: &Chars, from: usize, to: usize) -> (usize, usize, bool) {
    let start = chars.get(from).map_or(0, |c| c.1);
    let end = chars.get(to.saturating_sub(1)).map_or(start, |c| c.1 + 1);
    (start, end, chars.get(from).is_some_and(|c| c.2))
}

fn push(out: &mut Each<'_>, chars: &Chars, from: usize, to: usize, text: &str, kind: TokenKind) {
    let (start, end, capital) = span(chars, from, to);
    out(Token {
        start,
        end,
        text,
        kind,
        capital,
    });
}

fn push_mark(out: &mut Each<'_>, chars: &Chars, from: usize, to: usize, mark: Mark) {
    push(out, chars, from, to, "", TokenKind::Mark(mark));
}

/// The end of a bullet or list number that begins a line at `i`.
fn bullet(chars: &Chars, i: usize) -> Option<usize> {
    let at = |i: usize| chars.get(i).map_or('\0', |c| c.0);
    match at(i) {
        '-' | '*' | '+' | '\u{2022}' | '\u{2014}' if at(i + 1).is_whitespace() => Some(i + 1),
        '\u{2022}' => Some(i + 1),
        c if c.is_ascii_alphanumeric() => {
            let mut end = i + 1;
            if c.is_ascii_digit() && at(end).is_ascii_digit() {
                end += 1;
            }
            let letter = c.is_ascii_alphabetic();
            match at(end) {
                ')' => Some(end + 1),
                '.' if !letter && at(end + 1).is_whitespace() => Some(end + 1),
                _ => None,
            }
        }
        _ => None,
    }
}

fn number(out: &mut Each<'_>, chars: &Chars, from: usize, text: &mut String) -> usize {
    let at = |i: usize| chars.get(i).map_or('\0', |c| c.0);
    let mut to = from;
    text.clear();
    while to < chars.len() {
        let c = at(to);
        if c.is_numeric() {
            text.push(c);
        } else if matches!(c, ',' | '.') && at(to + 1).is_numeric() {
            // "1,000" is one thousand, "1,5" is written for one and a half.
            let thousands = (1..=3).all(|k| at(to + k).is_numeric()) && !at(to + 4).is_numeric();
            if c == '.' || !thousands {
                text.push('.');
            }
        } else {
            break;
        }
        to += 1;
    }
    push(out, chars, from, to, text, TokenKind::Number);
    // "10ms", "4kb", "1st", "2nd": the unit is a word of its own.
    if at(to).is_alphabetic() {
        return word(out, chars, to, text);
    }
    to
}

/// Reads a word with its apostrophes; splits at hyphens, dots, underscores and before capitals inside identifiers.
fn word(out: &mut Each<'_>, chars: &Chars, from: usize, text: &mut String) -> usize {
    let at = |i: usize| chars.get(i).map_or('\0', |c| c.0);
    let mut i = from;
    let mut begin = from;
    text.clear();
    loop {
        let c = at(i);
        let camel = i > begin
            && chars.get(i).is_some_and(|c| c.2)
            && chars.get(i - 1).is_some_and(|c| !c.2 && c.0.is_alphabetic());
        if camel && text.len() > 1 {
            finish(out, chars, begin, i, text);
            text.clear();
            begin = i;
        }
        if c.is_alphanumeric() || c == '\'' && at(i + 1).is_alphabetic() && !text.is_empty() {
            text.push(c);
        } else if matches!(c, '-' | '_' | '.')
            && at(i + 1).is_alphanumeric()
            && !(c == '.' && chars.get(i + 1).is_some_and(|c| c.2))
        {
            if c == '.' && text.chars().count() == 1 && at(i + 2) == '.' {
                // "e.g.", "i.e."
                text.push(at(i + 1));
                i += 3;
                push(out, chars, begin, i, text, TokenKind::Word);
                return i;
            }
            finish(out, chars, begin, i, text);
            text.clear();
            begin = i + 1;
        } else if c == '_' {
            // An underscore at either end of an identifier.
        } else if c == '+' && at(i + 1) == '+' && text.as_str() == "c" {
            text.push_str("++");
            i += 2;
            break;
        } else if c == '#' && (text.as_str() == "c" || text.as_str() == "f") {
            text.push('#');
            i += 1;
            break;
        } else {
            break;
        }
        i += 1;
        if i >= chars.len() {
            break;
        }
    }
    finish(out, chars, begin, i.min(chars.len()), text);
    i.max(from + 1)
}

const CONTRACTIONS: &[(&str, &str, &str)] = &[
    ("cannot", "can", "not"),
    ("cant", "can", "not"),
    ("dont", "do", "not"),
    ("doesnt", "does", "not"),
    ("didnt", "did", "not"),
    ("isnt", "is", "not"),
    ("arent", "are", "not"),
    ("wasnt", "was", "not"),
    ("werent", "were", "not"),
    ("wont", "will", "not"),
    ("wouldnt", "would", "not"),
    ("shouldnt", "should", "not"),
    ("couldnt", "could", "not"),
    ("hasnt", "has", "not"),
    ("havent", "have", "not"),
    ("hadnt", "had", "not"),
    ("mustnt", "must", "not"),
    ("neednt", "need", "not"),
    ("aint", "is", "not"),
    ("can't", "can", "not"),
    ("won't", "will", "not"),
    ("shan't", "shall", "not"),
    ("ain't", "is", "not"),
];

fn finish(out: &mut Each<'_>, chars: &Chars, from: usize, to: usize, text: &str) {
    if text.is_empty() {
        return;
    }
    let two = |out: &mut Each<'_>, first: &str, second: &str| {
        push(out, chars, from, to, first, TokenKind::Word);
        push(out, chars, from, to, second, TokenKind::Word);
    };
    if let Some((_, first, second)) = CONTRACTIONS.iter().find(|(form, _, _)| *form == text) {
        return two(out, first, second);
    }
    if let Some((head, tail)) = text.split_once('\'') {
        return match tail {
            "t" if head.ends_with('n') && head.len() > 2 => {
                two(out, head.get(..head.len() - 1).unwrap_or(head), "not")
            }
            "s" if matches!(
                head,
                "it" | "that" | "there" | "he" | "she" | "what" | "who" | "this" | "where"
            ) =>
            {
                two(out, head, "is")
            }
            "s" if head == "let" => two(out, head, "us"),
            "re" => two(out, head, "are"),
            "ll" => two(out, head, "will"),
            "ve" => two(out, head, "have"),
            "d" => two(out, head, "would"),
            "m" => two(out, head, "am"),
            _ => push(out, chars, from, to, head, TokenKind::Word),
        };
    }
    push(out, chars, from, to, text, TokenKind::Word);
}
