//! Refresh tokens and their families.

use chrono::{DateTime, Utc};
use entity::{
    id::{MemberId, RefreshFamilyId, RefreshTokenId},
    refresh_family, refresh_token,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, sea_query::Expr,
};

/// Begins a family: a sign-in.
///
/// # Errors
/// Where the database refuses.
pub async fn insert_family(
    db: &impl ConnectionTrait,
    member: &MemberId,
    now: DateTime<Utc>,
) -> Result<RefreshFamilyId, DbErr> {
    let id = RefreshFamilyId::generate();
    let row = refresh_family::ActiveModel {
        id: Set(id.clone()),
        member_id: Set(member.clone()),
        created_at: Set(now),
        ended_at: Set(None),
    };
    refresh_family::Entity::insert(row)
        .exec_without_returning(db)
        .await?;
    Ok(id)
}

/// Adds a token to a family.
///
/// # Errors
/// Where the database refuses.
pub async fn insert_token(
    db: &impl ConnectionTrait,
    family: &RefreshFamilyId,
    hash: String,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let row = refresh_token::ActiveModel {
        id: Set(RefreshTokenId::generate()),
        family_id: Set(family.clone()),
        token_hash: Set(hash),
        created_at: Set(now),
        expires_at: Set(expires_at),
        used_at: Set(None),
    };
    refresh_token::Entity::insert(row)
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// The token with this hash, and its family.
///
/// # Errors
/// Where the database does not answer.
pub async fn find_token(
    db: &impl ConnectionTrait,
    hash: &str,
) -> Result<Option<(refresh_token::Model, refresh_family::Model)>, DbErr> {
    let by_hash = refresh_token::Column::TokenHash.eq(hash);
    let Some(token) = refresh_token::Entity::find().filter(by_hash).one(db).await? else {
        return Ok(None);
    };
    let family = refresh_family::Entity::find_by_id(token.family_id.clone())
        .one(db)
        .await?;
    Ok(family.map(|family| (token, family)))
}

/// Marks a token as used, unless somebody was faster. Tells whether it was this call.
///
/// # Errors
/// Where the database refuses.
pub async fn use_token(
    db: &impl ConnectionTrait,
    id: &RefreshTokenId,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let used = refresh_token::Entity::update_many()
        .col_expr(refresh_token::Column::UsedAt, Expr::value(now))
        .filter(refresh_token::Column::Id.eq(id.clone()))
        .filter(refresh_token::Column::UsedAt.is_null())
        .exec(db)
        .await?;
    Ok(used.rows_affected == 1)
}

/// Ends a family, where it has not ended.
///
/// # Errors
/// Where the database refuses.
pub async fn end_family(
    db: &impl ConnectionTrait,
    id: &RefreshFamilyId,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    end(db, refresh_family::Column::Id.eq(id.clone()), now).await
}

/// Ends all of a member's families.
///
/// # Errors
/// Where the database refuses.
pub async fn end_families_of(
    db: &impl ConnectionTrait,
    member: &MemberId,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    end(db, refresh_family::Column::MemberId.eq(member.clone()), now).await
}

/// Ends every family of everybody.
///
/// # Errors
/// Where the database refuses.
pub async fn end_all(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<(), DbErr> {
    end(db, Expr::value(true), now).await
}

async fn end(
    db: &impl ConnectionTrait,
    which: sea_orm::sea_query::SimpleExpr,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    refresh_family::Entity::update_many()
        .col_expr(refresh_family::Column::EndedAt, Expr::value(now))
        .filter(which)
        .filter(refresh_family::Column::EndedAt.is_null())
        .exec(db)
        .await
        .map(drop)
}
