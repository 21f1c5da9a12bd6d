//! A refresh token, kept as a hash. It works once; the used ones stay, so that a reuse is seen.

use sea_orm::entity::prelude::*;

use crate::id::{RefreshFamilyId, RefreshTokenId};

/// A row of `refresh_token`.
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "refresh_token")]
pub struct Model {
    /// `rft_…`
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RefreshTokenId,
    /// The sign-in that it descends from.
    pub family_id: RefreshFamilyId,
    /// SHA-256 of the token, in hexadecimal. Unique.
    pub token_hash: String,
    /// When it was handed out.
    pub created_at: DateTimeUtc,
    /// Until when it works.
    pub expires_at: DateTimeUtc,
    /// When it was traded for the next one.
    pub used_at: Option<DateTimeUtc>,
}

/// Rows are joined by hand.
#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
