//! An interview session: one candidate, one version of a question set.

use sea_orm::entity::prelude::*;

use crate::{
    id::{CandidateId, MemberId, OrganizationId, QuestionSetId, SessionId, VersionId},
    kind::{Feedback, SessionStatus, SubmittedBy},
};

/// A row of `session`.
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    /// `ses_…`
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SessionId,
    /// Whose it is.
    pub organization_id: OrganizationId,
    /// The set it was created from.
    pub question_set_id: QuestionSetId,
    /// The version it pins.
    pub version_id: VersionId,
    /// Who answers.
    pub candidate_id: CandidateId,
    /// The candidate's name as written for this session.
    pub candidate_name: String,
    /// Where it stands.
    pub status: SessionStatus,
    /// When the candidate may see grades.
    pub feedback: Feedback,
    /// How long the candidate has from the start, in minutes.
    pub time_limit_minutes: Option<i32>,
    /// When it ends whatever happens.
    pub expires_at: Option<DateTimeUtc>,
    /// The integrator's own name for it.
    pub external_id: Option<String>,
    /// SHA-256 of the invite code, in hexadecimal. Unique.
    pub invite_code_hash: String,
    /// Who created it.
    pub created_by: MemberId,
    /// When it was created.
    pub created_at: DateTimeUtc,
    /// When the candidate began.
    pub started_at: Option<DateTimeUtc>,
    /// When the answering must end: set at the start.
    pub deadline_at: Option<DateTimeUtc>,
    /// When the answering ended.
    pub submitted_at: Option<DateTimeUtc>,
    /// Who ended the answering.
    pub submitted_by: Option<SubmittedBy>,
    /// When the recruiter closed the grading.
    pub finalized_at: Option<DateTimeUtc>,
    /// When the recruiter released the result.
    pub released_at: Option<DateTimeUtc>,
    /// When it was declined, expired or cancelled.
    pub closed_at: Option<DateTimeUtc>,
}

/// What a session refers to.
#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {
    /// Who answers.
    #[sea_orm(
        belongs_to = "super::candidate::Entity",
        from = "Column::CandidateId",
        to = "super::candidate::Column::Id"
    )]
    Candidate,
    /// The set it was created from.
    #[sea_orm(
        belongs_to = "super::question_set::Entity",
        from = "Column::QuestionSetId",
        to = "super::question_set::Column::Id"
    )]
    QuestionSet,
    /// The version it pins.
    #[sea_orm(
        belongs_to = "super::question_set_version::Entity",
        from = "Column::VersionId",
        to = "super::question_set_version::Column::Id"
    )]
    Version,
}

impl ActiveModelBehavior for ActiveModel {}
