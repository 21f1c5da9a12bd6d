//! Errors as values: one table of codes, and the problem that carries one to the client (RFC 9457).

use std::fmt;

use sea_orm::DbErr;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $status:literal $word:literal $title:literal;)*) => {
        /// Every error that the API answers with. The word is stable: clients may branch on it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            /// The HTTP status that it is answered with.
            pub fn status(self) -> u16 {
                match self { $(Code::$name => $status,)* }
            }

            /// The stable word that stands for it.
            pub fn word(self) -> &'static str {
                match self { $(Code::$name => $word,)* }
            }

            /// What it means, in a few words that never change.
            pub fn title(self) -> &'static str {
                match self { $(Code::$name => $title,)* }
            }
        }
    };
}

codes! {
    /// The body can't be read as JSON.
    MalformedJson = 400 "malformed_json" "The body is not well-formed JSON";
    /// The request can't be read as HTTP means it.
    BadRequest = 400 "bad_request" "The request could not be read";
    /// No token where one is needed.
    MissingToken = 401 "missing_token" "This needs a bearer token";
    /// A token that is forged, expired, for something else, or of somebody who is gone.
    InvalidToken = 401 "invalid_token" "The bearer token is not valid here";
    /// E-mail and password don't belong together.
    InvalidCredentials = 401 "invalid_credentials" "The e-mail address or the password is wrong";
    /// A refresh token that is unknown, expired, used or ended.
    InvalidRefreshToken = 401 "invalid_refresh_token" "The refresh token is not valid";
    /// An invite code that no session has.
    InvalidInviteCode = 401 "invalid_invite_code" "The invite code is not valid";
    /// Nobody can register here.
    RegistrationClosed = 403 "registration_closed" "Registration is closed on this server";
    /// Built-in question sets belong to nobody.
    BuiltInSet = 403 "built_in_question_set" "A built-in question set can't be changed";
    /// Nothing at this path, or nothing that the caller may know of.
    NotFound = 404 "not_found" "There is nothing here";
    /// The path is served, but not with this method.
    MethodNotAllowed = 405 "method_not_allowed" "This path does not answer to this method";
    /// The body does not come.
    RequestTimeout = 408 "request_timeout" "The body took too long to arrive";
    /// Somebody has registered with the address.
    EmailTaken = 409 "email_taken" "The e-mail address is already registered";
    /// The organization has a set with this slug.
    SlugTaken = 409 "slug_taken" "There is already a question set with this slug";
    /// The draft is what is published already.
    NothingToPublish = 409 "nothing_to_publish" "The draft has not changed since it was last published";
    /// Sessions need a published version.
    NotPublished = 409 "not_published" "The question set has no published version yet";
    /// The session is not in a state that allows this.
    WrongState = 409 "wrong_state" "The session's state does not allow this";
    /// The session's time is over.
    DeadlinePassed = 409 "deadline_passed" "The session's time is over";
    /// The feedback setting leaves nothing to release.
    NotReleasable = 409 "not_releasable" "This session's feedback setting has nothing to release";
    /// The first request with this `Idempotency-Key` is not done yet.
    RequestInProgress = 409 "request_in_progress" "A request with this Idempotency-Key is under way";
    /// `If-Match` names another state than the current one.
    PreconditionFailed = 412 "precondition_failed" "Somebody has changed it since you read it";
    /// The body is over the limit.
    BodyTooLarge = 413 "body_too_large" "The body is too large";
    /// The answer is over 64 KiB.
    AnswerTooLarge = 413 "answer_too_large" "The answer is over 64 KiB";
    /// The body is not declared as what this reads.
    UnsupportedMediaType = 415 "unsupported_media_type" "The body must be application/json";
    /// A field is missing, unknown, of the wrong type or out of range.
    InvalidField = 422 "invalid_field" "A field is not right";
    /// A query parameter is unknown or out of range.
    InvalidParameter = 422 "invalid_parameter" "A query parameter is not right";
    /// A cursor that no list gave.
    InvalidCursor = 422 "invalid_cursor" "The cursor is not one that this list gave";
    /// A question set that can't be graded by.
    InvalidQuestionSet = 422 "invalid_question_set" "The question set is not right";
    /// The `Idempotency-Key` stands for another request.
    IdempotencyKeyReused = 422 "idempotency_key_reused" "The Idempotency-Key was used for another request";
    /// A caller who asks too often.
    TooManyRequests = 429 "too_many_requests" "There are too many requests from you";
    /// Too many wrong passwords or invite codes.
    TooManyFailures = 429 "too_many_failures" "There were too many failed attempts";
    /// A defect here.
    Internal = 500 "internal" "Something went wrong on the server";
    /// The database does not answer.
    Unavailable = 503 "unavailable" "The server can't answer right now";
}

impl Code {
    /// After how many seconds the same may well succeed, where it passes by itself.
    pub fn retry_after(self) -> Option<u64> {
        match self {
            Self::RequestInProgress => Some(1),
            Self::Unavailable => Some(2),
            _ => None,
        }
    }

    /// The code of an error that the framework answers with, which knows only a status.
    pub fn of_status(status: u16) -> Self {
        match status {
            404 => Self::NotFound,
            405 => Self::MethodNotAllowed,
            408 => Self::RequestTimeout,
            413 => Self::BodyTooLarge,
            415 => Self::UnsupportedMediaType,
            400..500 => Self::BadRequest,
            503 => Self::Unavailable,
            _ => Self::Internal,
        }
    }
}

/// A field at fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where: a JSON pointer into the body, or the name of a query parameter.
    pub place: Place,
    /// What is wrong there, in a sentence.
    pub detail: String,
}

/// Where a fault lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A JSON pointer (RFC 6901) into the body; empty for the whole of it.
    Pointer(String),
    /// A query parameter.
    Parameter(String),
    /// A header.
    Header(&'static str),
}

/// What went wrong, for the client: a code, a sentence, the fields at fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which of the known errors.
    pub code: Code,
    /// What happened this time. Never a secret, never a row of somebody else.
    pub detail: String,
    /// The fields at fault.
    pub faults: Vec<Fault>,
    /// When to come back, in seconds, where that is known.
    pub retry_after: Option<u64>,
}

impl Problem {
    /// A problem that its code says all about.
    pub fn new(code: Code) -> Self {
        Self {
            code,
            detail: code.title().to_owned(),
            faults: Vec::new(),
            retry_after: code.retry_after(),
        }
    }

    /// The same, said for this occasion.
    pub fn because(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            faults: Vec::new(),
            retry_after: code.retry_after(),
        }
    }

    /// A field of the body at fault.
    pub fn field(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(Code::InvalidField).at(Place::Pointer(pointer.into()), detail)
    }

    /// A query parameter at fault.
    pub fn parameter(name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(Code::InvalidParameter).at(Place::Parameter(name.into()), detail)
    }

    /// Adds a place at fault. The first one's sentence becomes the problem's own.
    pub fn at(mut self, place: Place, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        if self.faults.is_empty() {
            self.detail.clone_from(&detail);
        }
        self.faults.push(Fault { place, detail });
        self
    }

    /// A defect of ours: the cause goes to the log, not to the client.
    pub fn internal(cause: impl fmt::Display) -> Self {
        tracing::error!(%cause, "internal error");
        Self::new(Code::Internal)
    }

    /// The same, to be tried again after so many seconds.
    pub fn after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Something that we need does not answer; the cause goes to the log.
    pub fn unavailable(cause: impl fmt::Display) -> Self {
        tracing::warn!(%cause, "unavailable");
        Self::new(Code::Unavailable)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.code.word(), self.detail)
    }
}

impl std::error::Error for Problem {}

impl From<DbErr> for Problem {
    fn from(cause: DbErr) -> Self {
        if crate::store::is_passing(&cause) {
            Self::unavailable(cause)
        } else {
            Self::internal(cause)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_code_has_a_word_of_its_own() {
        let words: HashSet<_> = Code::ALL.iter().map(|code| code.word()).collect();
        assert_eq!(words.len(), Code::ALL.len());
    }

    #[test]
    fn the_first_fault_says_what_happened() {
        let problem = Problem::field("/email", "is missing").at(Place::Pointer("/name".into()), "is empty");
        assert_eq!(problem.detail, "is missing");
        assert_eq!(problem.faults.len(), 2);
    }
}
