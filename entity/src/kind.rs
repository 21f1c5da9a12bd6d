//! Closed vocabularies, kept in the database as the words that the API uses.

use sea_orm::{DeriveActiveEnum, EnumIter};

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum SessionStatus {
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

/// When a candidate may see grades.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Feedback {
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum SubmittedBy {
    /// The candidate.
    Candidate,
    /// The clock.
    Deadline,
}

/// Who graded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Grader {
    /// The engine.
    Machine,
    /// A person.
    Human,
}

/// Who did what the audit trail records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Actor {
    /// A member of the organization.
    Member,
    /// The session's candidate.
    Candidate,
    /// The server itself: a deadline, a start-up.
    System,
}

/// What the audit trail records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Action {
    /// An organization and its first member came to be.
    OrganizationRegistered,
    /// A member was added from the command line.
    MemberCreated,
    /// A member's password changed.
    PasswordChanged,
    /// A used refresh token came back, and its family was ended.
    RefreshTokenReused,
    /// A question set was created.
    QuestionSetCreated,
    /// A draft changed.
    QuestionSetEdited,
    /// A version was published.
    QuestionSetPublished,
    /// A session was created.
    SessionCreated,
    /// The candidate began.
    SessionStarted,
    /// A revision of an answer was saved and graded.
    AnswerSaved,
    /// The answering ended.
    SessionSubmitted,
    /// The candidate declined.
    SessionDeclined,
    /// Nobody began in time.
    SessionExpired,
    /// The recruiter called it off.
    SessionCancelled,
    /// The recruiter closed the grading.
    SessionFinalized,
    /// The recruiter released the result.
    ResultReleased,
    /// A backup took the place of everything.
    DatabaseRestored,
}
