//! A member of an organization: a recruiter who signs in with a password.

use sea_orm::entity::prelude::*;

use crate::id::{MemberId, OrganizationId};

/// A row of `member`.
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "member")]
pub struct Model {
    /// `mem_…`
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MemberId,
    /// Where they belong.
    pub organization_id: OrganizationId,
    /// What people call them.
    pub name: String,
    /// The address as written.
    pub email: String,
    /// The address in lower case, unique over all organizations.
    pub email_key: String,
    /// The password as an argon2id PHC string.
    pub password_hash: String,
    /// When they joined.
    pub created_at: DateTimeUtc,
}

/// Rows are joined by hand.
#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
