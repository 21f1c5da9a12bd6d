//! Prefixed, time-ordered ids: `ses_` and a UUIDv7 in 32 hexadecimal digits.
//!
//! Ids made later sort later as text, on both databases, so that a list can go by them.

use std::{fmt, str::FromStr};

use sea_orm::{DbErr, DeriveValueType, TryFromU64};

/// What was given is not an id of the kind that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnId;

impl fmt::Display for NotAnId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("not an id of this kind")
    }
}

impl std::error::Error for NotAnId {}

const DIGITS: usize = 32;

macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, DeriveValueType)]
        pub struct $name(String);

        impl $name {
            /// What every id of this kind begins with.
            pub const PREFIX: &'static str = concat!($prefix, "_");

            /// A fresh id, later than every one made before it in this process.
            pub fn generate() -> Self {
                Self(format!("{}{}", Self::PREFIX, uuid::Uuid::now_v7().simple()))
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                let digits = text.strip_prefix(Self::PREFIX).ok_or(NotAnId)?;
                let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
                if digits.len() == DIGITS && digits.bytes().all(hexadecimal) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(NotAnId)
                }
            }
        }

        impl TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, DbErr> {
                Err(DbErr::ConvertFromU64(stringify!($name)))
            }
        }
    )*};
}

typed_ids! {
    /// An organization.
    OrganizationId = "org";
    /// A member of an organization.
    MemberId = "mem";
    /// A family of refresh tokens: one sign-in.
    RefreshFamilyId = "fam";
    /// One refresh token of a family.
    RefreshTokenId = "rft";
    /// A question set.
    QuestionSetId = "set";
    /// A published version of a question set.
    VersionId = "ver";
    /// A candidate.
    CandidateId = "can";
    /// An interview session.
    SessionId = "ses";
    /// A candidate's answer to one question.
    AnswerId = "ans";
    /// One saved revision of an answer.
    RevisionId = "rev";
    /// One grading of a revision.
    GradeId = "grd";
    /// An entry of the audit trail.
    AuditEventId = "evt";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_text() {
        let id = SessionId::generate();
        assert_eq!(id.as_str().parse(), Ok(id));
    }

    #[test]
    fn later_ids_sort_later() {
        let ids: Vec<_> = (0..1000).map(|_| SessionId::generate()).collect();
        assert!(ids.is_sorted());
    }

    #[test]
    fn ids_of_another_kind_are_refused() {
        let member = MemberId::generate();
        assert_eq!(member.as_str().parse::<SessionId>(), Err(NotAnId));
        for text in [
            "",
            "ses_",
            "ses_xyz",
            "ses_0190A3C4D5E6F708192A3B4C5D6E7F80",
            "ses_../../etc",
        ] {
            assert_eq!(text.parse::<SessionId>(), Err(NotAnId), "{text}");
        }
    }
}
