//! An organization: what everything else belongs to.

use sea_orm::entity::prelude::*;

use crate::id::OrganizationId;

/// A row of `organization`.
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "organization")]
pub struct Model {
    /// `org_…`
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OrganizationId,
    /// What people call it.
    pub name: String,
    /// When it registered.
    pub created_at: DateTimeUtc,
}

/// Rows are joined by hand.
#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
