//! From characters to words: every word knows where it stands in the original text.

mod normalise;
mod tokens;

pub use normalise::{Normalised, normalise};
pub use tokens::{Mark, Token, TokenKind, tokenise};

/// The part of `text` from code point `start` to `end`, exclusive.
pub fn slice(text: &str, start: usize, end: usize) -> String {
    text.chars().skip(start).take(end.saturating_sub(start)).collect()
}
