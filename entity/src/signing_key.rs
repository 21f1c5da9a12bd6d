//! The ids of the signing keys that this database has been served with.
//!
//! A replica whose folder lacks one of them would refuse tokens that its neighbours accept, so it does not start.

use sea_orm::entity::prelude::*;

/// A row of `signing_key`.
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "signing_key")]
pub struct Model {
    /// The key's id: its RFC 7638 thumbprint.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kid: String,
    /// When a server first used it with this database.
    pub first_seen_at: DateTimeUtc,
    /// When it was retired on purpose.
    pub retired_at: Option<DateTimeUtc>,
}

/// Rows are joined by hand.
#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
