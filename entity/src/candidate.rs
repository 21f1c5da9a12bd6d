//! A candidate, as one organization knows them.

use sea_orm::entity::prelude::*;

use crate::id::{CandidateId, OrganizationId};

/// A row of `candidate`.
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "candidate")]
pub struct Model {
    /// `can_…`
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CandidateId,
    /// Who knows them.
    pub organization_id: OrganizationId,
    /// The address as first written.
    pub email: String,
    /// The address in lower case, unique in the organization.
    pub email_key: String,
    /// When they were first invited.
    pub created_at: DateTimeUtc,
}

/// Rows are joined by hand.
#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
