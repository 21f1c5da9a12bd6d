//! The OpenAPI document as a file: written from the code, and checked against it.

use std::{fmt, fs, io, path::Path};

/// Where the document is checked in.
pub const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");

/// How a file stands to the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Freshness {
    /// It is what the code says.
    Current,
    /// It differs, from this line on.
    Stale {
        /// The first line that differs, counted from 1.
        line: usize,
    },
    /// It can't be read.
    Unreadable {
        /// Why.
        reason: String,
    },
}

impl fmt::Display for Freshness {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Current => formatter.write_str("is current"),
            Self::Stale { line } => write!(
                formatter,
                "is not what the code says, from line {line} on. Run `cargo run -p openapi` and commit the file."
            ),
            Self::Unreadable { reason } => write!(
                formatter,
                "can't be read ({reason}). Run `cargo run -p openapi` and commit the file."
            ),
        }
    }
}

/// Writes the document.
///
/// # Errors
/// Where the file can't be written.
pub fn write(file: &Path) -> io::Result<()> {
    fs::write(file, api::v1::openapi::json())
}

/// Compares a file with the document.
pub fn check(file: &Path) -> Freshness {
    match fs::read_to_string(file) {
        Ok(text) => compare(&text, api::v1::openapi::json()),
        Err(error) => Freshness::Unreadable {
            reason: error.to_string(),
        },
    }
}

fn compare(text: &str, wanted: &str) -> Freshness {
    if text == wanted {
        return Freshness::Current;
    }
    let same = text
        .split('\n')
        .zip(wanted.split('\n'))
        .take_while(|(here, there)| here == there)
        .count();
    Freshness::Stale { line: same + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_checked_in_is_current() {
        let freshness = check(Path::new(FILE));
        assert_eq!(freshness, Freshness::Current, "{freshness}");
    }

    #[test]
    fn a_difference_is_named_by_its_line() {
        assert_eq!(compare("a\nb\n", "a\nb\n"), Freshness::Current);
        assert_eq!(compare("a\nb\n", "a\nc\n"), Freshness::Stale { line: 2 });
        assert_eq!(compare("a\n", "a\nb\n"), Freshness::Stale { line: 2 });
        assert!(matches!(
            check(Path::new("/no/such/file")),
            Freshness::Unreadable { .. }
        ));
    }
}
