//! What a request with an `Idempotency-Key` was answered, so that a repeat is answered alike. It holds no secret.

use sea_orm::entity::prelude::*;

/// A row of `idempotency_record`.
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_record")]
pub struct Model {
    /// SHA-256 of caller, route and key, in hexadecimal: the key itself is not kept.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Who called: a member's id.
    pub caller: String,
    /// Which operation, as the table of permissions names it.
    pub route: String,
    /// The path and the body that the key stands for, as a keyed hash.
    pub fingerprint: String,
    /// The signing key that the hash is keyed with.
    pub kid: String,
    /// The status that was answered.
    pub status: i32,
    /// The headers that were answered, as pairs.
    pub headers: Json,
    /// The body that was answered, without what is shown once.
    pub body: String,
    /// When it was answered.
    pub created_at: DateTimeUtc,
    /// Until when a repeat is answered by it.
    pub expires_at: DateTimeUtc,
}

/// Rows are joined by hand.
#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
