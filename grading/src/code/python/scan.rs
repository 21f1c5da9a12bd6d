//! Splits a line into Python's tokens, never failing: what isn't Python is [`Kind::Bad`].

use crate::code::language::Carry;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name that isn't a keyword.
    Name,
    /// A keyword that is no value.
    Keyword,
    /// `None`, `True`, `False`.
    Constant,
    /// A number.
    Number,
    /// A string, or the part of one that stands on this line.
    Text,
    /// A comment, up to the line's end.
    Comment,
    /// An operator or a delimiter.
    Operator,
    /// An opening bracket.
    Open,
    /// A closing bracket.
    Close,
    /// A character that Python has no use for here.
    Bad,
}

/// A token and its place in the line, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
}

impl Token {
    /// The token's text.
    pub fn of<'a>(&self, line: &'a str) -> &'a str {
        line.get(self.start..self.end).unwrap_or_default()
    }

    /// Whether a value may end here.
    pub fn ends_operand(&self) -> bool {
        matches!(
            self.kind,
            Kind::Name | Kind::Constant | Kind::Number | Kind::Text | Kind::Close
        )
    }

    /// Whether a value begins here that can't go on with the one before.
    pub fn starts_operand(&self) -> bool {
        matches!(self.kind, Kind::Name | Kind::Constant | Kind::Number | Kind::Text)
    }
}

const KEYWORDS: &[&str] = &[
    "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else",
    "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not",
    "or", "pass", "raise", "return", "try", "while", "with", "yield",
];
const OPERATORS: &[&str] = &[
    "**=", "//=", "...", "->", ":=", "==", "!=", "<=", ">=", "+=", "-=", "*=", "/=", "|=", "&=", "**", "//",
    "<<", ">>", "=", "+", "-", "*", "/", "%", "@", "&", "|", "^", "~", "<", ">", ".", ",", ":", ";", "\\",
];
const PREFIXES: &[&str] = &["r", "b", "f", "u", "rb", "br", "fr", "rf"];

/// Characters after which a string on one line is given up, so that unclosed quotes cost no more than they must.
const LONGEST_STRING: usize = 400;

/// The tokens of one line. `carry` says what is open before the line, and afterwards what is open behind it.
pub(super) fn scan(line: &str, carry: &mut Carry) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut at = 0;
    if let Some(quote) = carry.quote {
        let end = line.find(quote).map(|found| found + quote.len());
        tokens.push(Token {
            kind: Kind::Text,
            start: 0,
            end: end.unwrap_or(line.len()),
        });
        match end {
            Some(end) => {
                carry.quote = None;
                at = end;
            }
            None => return tokens,
        }
    }
    while let Some(rest) = line.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(first) = rest.chars().next() else { break };
        let (kind, length) = if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        } else if first == '#' {
            (Kind::Comment, rest.len())
        } else if first.is_alphabetic() || first == '_' {
            word(rest, carry)
        } else if first.is_ascii_digit() {
            (
                Kind::Number,
                length_while(rest, |c| c.is_ascii_alphanumeric() || c == '_' || c == '.').max(1),
            )
        } else if first == '"' || first == '\'' {
            let glued = tokens
                .last()
                .is_some_and(|last| last.end == at && last.ends_operand() && last.kind != Kind::Text);
            if glued {
                (Kind::Bad, 1)
            } else {
                string(rest, 0, carry)
            }
        } else if matches!(first, '(' | '[' | '{') {
            carry.depth = carry.depth.saturating_add(1);
            (Kind::Open, 1)
        } else if matches!(first, ')' | ']' | '}') {
            let kind = if carry.depth == 0 { Kind::Bad } else { Kind::Close };
            carry.depth = carry.depth.saturating_sub(1);
            (kind, 1)
        } else if let Some(operator) = OPERATORS.iter().find(|operator| rest.starts_with(**operator)) {
            (Kind::Operator, operator.len())
        } else {
            (Kind::Bad, first.len_utf8())
        };
        // "3.)" and "10k." end in a full stop that is no part of the number.
        let length = if kind == Kind::Number
            && rest
                .get(..length)
                .is_some_and(|text| text.ends_with('.') && length > 1)
        {
            length - 1
        } else {
            length
        };
        tokens.push(Token {
            kind,
            start: at,
            end: at + length,
        });
        at += length;
    }
    tokens
}

/// A name, a keyword, or a string with a prefix.
fn word(rest: &str, carry: &mut Carry) -> (Kind, usize) {
    let length = length_while(rest, |c| c.is_alphanumeric() || c == '_');
    let text = rest.get(..length).unwrap_or_default();
    let next = rest.get(length..).and_then(|after| after.chars().next());
    if matches!(next, Some('"' | '\'')) && PREFIXES.contains(&text.to_ascii_lowercase().as_str()) {
        let found = string(rest, length, carry);
        if found.0 == Kind::Text {
            return found;
        }
    }
    let kind = match text {
        "None" | "True" | "False" => Kind::Constant,
        _ if is_keyword(text) => Kind::Keyword,
        _ => Kind::Name,
    };
    (kind, length)
}

/// Whether a word is a keyword that is no value.
pub(super) fn is_keyword(word: &str) -> bool {
    KEYWORDS.contains(&word)
}

/// A string whose quote stands `from` bytes into the text. A quote that nothing closes is [`Kind::Bad`].
fn string(rest: &str, from: usize, carry: &mut Carry) -> (Kind, usize) {
    let body = rest.get(from..).unwrap_or_default();
    for triple in ["\"\"\"", "'''"] {
        if let Some(inner) = body.strip_prefix(triple) {
            return match inner.find(triple) {
                Some(end) => (Kind::Text, from + end + 6),
                None => {
                    carry.quote = Some(triple);
                    (Kind::Text, rest.len())
                }
            };
        }
    }
    let Some(quote) = body.chars().next() else {
        return (Kind::Bad, from.max(1));
    };
    let mut escaped = false;
    for (at, c) in body.char_indices().skip(1).take(LONGEST_STRING) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return (Kind::Text, from + at + 1),
            _ => {}
        }
    }
    (Kind::Bad, if from == 0 { 1 } else { from })
}

/// How many bytes from the start all characters satisfy the test.
fn length_while(text: &str, test: impl Fn(char) -> bool) -> usize {
    text.find(|c| !test(c)).unwrap_or(text.len())
}
