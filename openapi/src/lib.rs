//! The OpenAPI document as a file: written from the code, and checked against it.

use std::{fmt, fs, io, path::Path};

pub mod compatibility;

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
    use std::collections::BTreeSet;

    use super::*;
    use crate::compatibility::{breaking_changes, declared, listed};

    /// The documents of released versions, and what was declared to break since.
    const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");

    #[test]
    fn the_documents_of_released_versions_are_kept_to() {
        let new = serde_json::from_str(api::v1::openapi::json()).unwrap();
        let list = fs::read_to_string(format!("{FIXTURES}/breaking-changes.txt")).unwrap();
        let declared = declared(&list);
        let mut found = BTreeSet::new();
        let released = fs::read_dir(FIXTURES).unwrap().map(|entry| entry.unwrap().path());
        let released: Vec<_> = released
            .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
            .collect();
        assert!(!released.is_empty());
        for path in released {
            let old = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
            let changes: BTreeSet<_> = breaking_changes(&old, &new).into_iter().collect();
            let undeclared = listed(changes.difference(&declared));
            assert!(
                undeclared.is_empty(),
                "clients of {} break:\n{undeclared}",
                path.display()
            );
            found.extend(changes);
        }
        let stale = listed(declared.difference(&found));
        assert!(stale.is_empty(), "declared, but not so:\n{stale}");
    }

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
