//! A family of refresh tokens: all that descend from one sign-in. It ends as a whole.

use sea_orm::entity::prelude::*;

use crate::id::{MemberId, RefreshFamilyId};

/// A row of `refresh_family`.
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "refresh_family")]
pub struct Model {
    /// `fam_…`
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RefreshFamilyId,
    /// Who signed in.
    pub member_id: MemberId,
    /// When they signed in.
    pub created_at: DateTimeUtc,
    /// When it ended: a sign-out, a new password, a token used twice.
    pub ended_at: Option<DateTimeUtc>,
}

/// Rows are joined by hand.
#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
