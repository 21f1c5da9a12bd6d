//! The audit trail.

use chrono::{DateTime, Utc};
use entity::{
    audit_event,
    id::{AuditEventId, CandidateId, MemberId, OrganizationId},
    kind::{Action, Actor},
};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait};

/// Who did it.
#[derive(Debug, Clone)]
pub enum By {
    /// A member.
    Member(MemberId),
    /// A candidate.
    Candidate(CandidateId),
    /// The server itself.
    System,
}

/// Adds an entry. It belongs into the transaction of what it records.
///
/// # Errors
/// Where the database refuses.
pub async fn record(
    db: &impl ConnectionTrait,
    organization: Option<&OrganizationId>,
    by: By,
    action: Action,
    subject: &str,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    audit_event::Entity::insert(event(organization, by, action, subject, now))
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// An entry to be added, with what it records.
pub fn event(
    organization: Option<&OrganizationId>,
    by: By,
    action: Action,
    subject: &str,
    now: DateTime<Utc>,
) -> audit_event::ActiveModel {
    let (actor, actor_id) = match by {
        By::Member(id) => (Actor::Member, Some(id.to_string())),
        By::Candidate(id) => (Actor::Candidate, Some(id.to_string())),
        By::System => (Actor::System, None),
    };
    audit_event::ActiveModel {
        id: Set(AuditEventId::generate()),
        organization_id: Set(organization.cloned()),
        actor: Set(actor),
        actor_id: Set(actor_id),
        action: Set(action),
        subject_id: Set(Some(subject.to_owned())),
        created_at: Set(now),
    }
}
