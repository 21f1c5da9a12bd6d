//! The words of the API that stand for the database's: the same ones, so that neither can change unseen.

use entity::kind;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! vocabulary {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl From<kind::$name> for $name {
            fn from(kind: kind::$name) -> Self {
                match kind { $(kind::$name::$variant => Self::$variant,)* }
            }
        }

        impl From<$name> for kind::$name {
            fn from(word: $name) -> Self {
                match word { $($name::$variant => Self::$variant,)* }
            }
        }
    )*};
}

vocabulary! {
    /// Where a session stands.
    SessionStatus {
        /// Created; the candidate has not begun.
        Pending,
        /// The candidate is answering.
        Active,
        /// The candidate is done, or the deadline was.
        Submitted,
        /// The recruiter has closed the grading.
        Finalized,
        /// The candidate does not want to take part.
        Declined,
        /// Nobody began it in time.
        Expired,
        /// The recruiter has called it off.
        Cancelled,
    }

    /// When the candidate may see grades.
    Feedback {
        /// After each save: practice.
        Immediate,
        /// Once the session is submitted.
        OnSubmit,
        /// Once the recruiter releases them.
        OnRelease,
        /// Never.
        Never,
    }

    /// Who ended the answering.
    SubmittedBy {
        /// The candidate.
        Candidate,
        /// The clock.
        Deadline,
    }
}
