//! Values that came in over the wire and are known to be right: parsed once, where the body is read.

use std::{convert::Infallible, fmt, str::FromStr};

use email_address::{EmailAddress, Options};
use entity::id::QuestionSetId;
use serde::Deserialize;

use crate::error::{Code, Problem};

/// The longest name, in characters.
pub const NAME_MAX: usize = 200;
/// The shortest password, in characters.
pub const PASSWORD_MIN: usize = 8;
/// The longest password, in characters.
pub const PASSWORD_MAX: usize = 256;
/// The longest e-mail address, in bytes (RFC 5321).
pub const EMAIL_MAX: usize = 254;

/// Something that people call somebody or something: 1 to 200 characters, none of them a control character.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Name(String);

/// An e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Email(String);

/// A password that somebody chose: 8 to 256 characters. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct NewPassword(String);

/// A secret that somebody sent. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Sensitive(String);

/// What the client last saw, where it says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IfMatch {
    /// It does not say.
    Unconditional,
    /// It saw something, whatever it was.
    Any,
    /// It saw one of these revisions.
    Revisions(Vec<i32>),
}

impl IfMatch {
    /// Refuses where the current revision is not what the client last saw.
    ///
    /// # Errors
    /// [`Code::PreconditionFailed`].
    pub fn check(&self, current: Option<i32>) -> Result<(), Problem> {
        let holds = match self {
            Self::Unconditional => true,
            Self::Any => current.is_some(),
            Self::Revisions(seen) => current.is_some_and(|current| seen.contains(&current)),
        };
        if holds {
            Ok(())
        } else {
            Err(Problem::new(Code::PreconditionFailed))
        }
    }
}

impl Name {
    /// The name without white space around it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Email {
    /// The address as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What two ways of writing the same address have in common.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl NewPassword {
    /// The password itself, for hashing.
    pub fn reveal(self) -> String {
        self.0
    }
}

impl Sensitive {
    /// The secret itself, for comparing.
    pub fn reveal(self) -> String {
        self.0
    }
}

/// `ada@example.org`, and not `Ada <ada@example.org>`.
fn is_bare_address(text: &str) -> bool {
    EmailAddress::parse_with_options(text, Options::default().without_display_text()).is_ok()
}

impl TryFrom<String> for Name {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let name = text.trim();
        if name.is_empty() {
            return Err("must not be empty");
        }
        if name.chars().count() > NAME_MAX {
            return Err("must have at most 200 characters");
        }
        if name.chars().any(char::is_control) {
            return Err("must not hold control characters");
        }
        Ok(Self(name.to_owned()))
    }
}

impl TryFrom<String> for Email {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let right = text.len() <= EMAIL_MAX && !text.chars().any(char::is_control) && is_bare_address(&text);
        if right {
            Ok(Self(text))
        } else {
            Err("must be an e-mail address")
        }
    }
}

impl TryFrom<String> for NewPassword {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.chars().count() {
            PASSWORD_MIN..=PASSWORD_MAX => Ok(Self(text)),
            _ => Err("must have 8 to 256 characters"),
        }
    }
}

impl FromStr for Name {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.to_owned().try_into()
    }
}

impl FromStr for Email {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.to_owned().try_into()
    }
}

impl FromStr for NewPassword {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.to_owned().try_into()
    }
}

impl fmt::Debug for NewPassword {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("NewPassword(…)")
    }
}

impl fmt::Debug for Sensitive {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Sensitive(…)")
    }
}

/// How a caller names a question set.
#[derive(Debug, Clone)]
pub enum SetName {
    /// By its id.
    Id(QuestionSetId),
    /// By its slug. The organization's own goes before a built-in one.
    Slug(String),
}

impl FromStr for SetName {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text
            .parse()
            .map_or_else(|_| Self::Slug(text.to_owned()), Self::Id))
    }
}

/// One page, and where the next one begins.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// At most as many rows as asked for.
    pub rows: Vec<T>,
    /// Whether there are more.
    pub more: bool,
}

/// Which page is asked for.
#[derive(Debug, Clone)]
pub struct PageRequest<Id> {
    /// Begin after this id; at the newest where there is none.
    pub after: Option<Id>,
    /// How many rows, 1 to 100.
    pub limit: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_and_hold_no_control_characters() {
        assert_eq!("  Åsa 李 🙂 ".parse::<Name>().unwrap().as_str(), "Åsa 李 🙂");
        for name in ["", "   ", "a\u{0}b", "a\nb", "a\u{1b}[31mb", "a\u{85}b"] {
            assert!(name.parse::<Name>().is_err(), "{name:?}");
        }
        assert!("x".repeat(201).parse::<Name>().is_err());
    }

    #[test]
    fn addresses_compare_without_case() {
        let one: Email = "Ada@Example.org".parse().unwrap();
        assert_eq!(one.key(), "ada@example.org".parse::<Email>().unwrap().key());
        for address in [
            "",
            "ada",
            "ada@",
            "@example.org",
            "a\u{0}@example.org",
            "a b@example.org",
            "Ada <ada@example.org>",
        ] {
            assert!(address.parse::<Email>().is_err(), "{address:?}");
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        let password: NewPassword = "correct horse".parse().unwrap();
        assert!(!format!("{password:?}").contains("horse"));
    }
}
