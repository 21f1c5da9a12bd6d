//! The audit trail: who did what, when. Entries are added, never changed, and hold no answer text.

use sea_orm::entity::prelude::*;

use crate::{
    id::{AuditEventId, OrganizationId},
    kind::{Action, Actor},
};

/// A row of `audit_event`.
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_event")]
pub struct Model {
    /// `evt_…`
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AuditEventId,
    /// Whose trail; nobody's where the server itself acted for all.
    pub organization_id: Option<OrganizationId>,
    /// What kind of actor.
    pub actor: Actor,
    /// The actor's id, where it has one.
    pub actor_id: Option<String>,
    /// What was done.
    pub action: Action,
    /// The id of what it was done to.
    pub subject_id: Option<String>,
    /// When.
    pub created_at: DateTimeUtc,
}

/// Rows are joined by hand.
#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
