//! Code gathered from an answer, with the way back to where each byte came from.

use super::language::{Aside, Language};

/// How an answer shows what code gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// A comment behind the code, or right below it.
    Comment,
    /// What an interactive session printed.
    Output,
}

/// A shown value: what stands behind the code that ends at `code_end`.
#[derive(Debug, Clone)]
pub(super) struct Value {
    /// Where the code ends, in bytes of the listing.
    pub code_end: usize,
    /// Where the value starts in the answer, in bytes.
    pub start: usize,
    /// The value as written.
    pub text: String,
}

/// A block of code, or a piece of code in a sentence.
#[derive(Debug, Clone)]
pub(super) struct Listing {
    pub language: &'static Language,
    pub is_inline: bool,
    /// Where it begins in the answer with its fence, in bytes.
    pub begin: usize,
    pub source: String,
    /// Places in `source` from which on bytes come from that place of the answer, in order. `None`: bytes that were added.
    map: Vec<(usize, Option<usize>)>,
    pub values: Vec<Value>,
    /// Where the last code of the last line ended, in bytes of `source`.
    code_end: usize,
}

impl Listing {
    pub fn new(language: &'static Language, is_inline: bool, begin: usize) -> Self {
        Self {
            language,
            is_inline,
            begin,
            source: String::new(),
            map: Vec::new(),
            values: Vec::new(),
            code_end: 0,
        }
    }

    /// Adds a line of code that stands at that byte of the answer.
    pub fn line(&mut self, start: usize, code: &str, asides: &[Aside]) {
        let base = self.source.len();
        self.piece(start, code);
        self.source.push('\n');
        let comment = asides.iter().find(|aside| aside.is_comment);
        let code_part = comment.and_then(|aside| code.get(..aside.start)).unwrap_or(code);
        let bare = code_part.trim_end_matches('#').trim_end();
        if !bare.is_empty() {
            self.code_end = base + bare.len();
        }
        if let Some(aside) = comment {
            let text = code.get(aside.start..aside.end).unwrap_or_default();
            self.show(Shown::Comment, start + aside.start, text);
        }
    }

    /// Adds bytes that stand at that byte of the answer.
    pub fn piece(&mut self, start: usize, text: &str) {
        self.map.push((self.source.len(), Some(start)));
        self.source.push_str(text);
    }

    /// Adds text that isn't in the answer.
    pub fn added(&mut self, text: &str) {
        self.map.push((self.source.len(), None));
        self.source.push_str(text);
    }

    /// Notes what the answer shows as the value of the last line of code. A value is only taken if it looks like one.
    pub fn show(&mut self, how: Shown, start: usize, text: &str) {
        const LEADS: &[&str] = &[
            "still", "now", "->", "=>", "→", "-->", "==>", "prints", "returns", "gives", "output:", "output",
            "result:", "=", ":", ">",
        ];
        let mut value = text;
        if how == Shown::Comment {
            loop {
                value = value.trim_start();
                let lower: String = value.chars().take(8).collect::<String>().to_ascii_lowercase();
                match LEADS.iter().find(|lead| lower.starts_with(**lead)) {
                    Some(lead) => value = value.get(lead.len()..).unwrap_or_default(),
                    None => break,
                }
            }
        }
        value = value.trim();
        if let Some(inner) = inside(value) {
            value = value.get(..inner.len() + 2).unwrap_or(value);
        }
        let first = value.chars().next();
        let looks_like_one = first.is_some_and(|c| "[{(-'\"".contains(c) || c.is_ascii_digit())
            || ["True", "False", "None", "StopIteration", "empty", "nothing"]
                .iter()
                .any(|word| value.starts_with(word));
        if looks_like_one && self.code_end > 0 {
            let start = start + text.find(value).unwrap_or(0);
            self.values.push(Value {
                code_end: self.code_end,
                start,
                text: value.to_owned(),
            });
        }
    }

    /// The place in the answer, in bytes, that a span of the source came from.
    pub fn original(&self, start: usize, end: usize) -> (usize, usize) {
        let from = self.place(start).unwrap_or(self.begin);
        // Text that was added has no place of its own: the span then ends with the last byte that has one.
        let last = end.saturating_sub(1).max(start);
        let to = self.place(last).or_else(|| {
            let index = self
                .map
                .partition_point(|(source, _)| *source <= last)
                .checked_sub(1)?;
            let (added, _) = self.map.get(index)?;
            self.place(added.checked_sub(1)?)
        });
        (from, to.map_or(from, |to| to + 1).max(from))
    }

    /// Where the listing ends in the answer, in bytes.
    pub fn end(&self) -> usize {
        self.original(0, self.source.len()).1
    }

    /// The place in the answer of one byte of the source, if it came from there.
    fn place(&self, at: usize) -> Option<usize> {
        let index = self
            .map
            .partition_point(|(source, _)| *source <= at)
            .checked_sub(1)?;
        let (source, answer) = self.map.get(index)?;
        answer.map(|answer| answer + (at - source))
    }
}

/// What stands between the brackets that a shown value begins with.
pub(super) fn inside(value: &str) -> Option<&str> {
    value.starts_with(['[', '{', '(']).then_some(())?;
    let mut depth = 0_i32;
    for (at, c) in value.char_indices() {
        match c {
            '[' | '{' | '(' => depth += 1,
            ']' | '}' | ')' => {
                depth -= 1;
                if depth == 0 {
                    return value.get(1..at);
                }
            }
            _ => {}
        }
    }
    None
}
