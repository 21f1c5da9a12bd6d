//! From characters to words: every word knows where it stands in the original text.

mod normalise;
mod tokens;

pub use normalise::{Normalised, normalise};
pub use tokens::{Mark, Token, TokenKind, tokenise};

/// The part of `text` from code point `start` to `end`, exclusive.
pub fn slice(text: &str, start: usize, end: usize) -> String {
    let part = behind(text, start);
    let rest = behind(part, end.saturating_sub(start));
    let length = part.len() - rest.len();
    part.get(..length).unwrap_or_default().to_owned()
}

/// What stands behind so many code points.
fn behind(text: &str, points: usize) -> &str {
    let mut chars = text.chars();
    if let Some(last) = points.checked_sub(1) {
        chars.nth(last);
    }
    chars.as_str()
}
