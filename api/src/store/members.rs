//! Organizations and their members.

use chrono::{DateTime, Utc};
use entity::{
    id::{MemberId, OrganizationId},
    member, organization,
};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, sea_query::Expr};

/// Adds an organization.
///
/// # Errors
/// Where the database refuses.
pub async fn insert_organization(
    db: &impl ConnectionTrait,
    name: &str,
    now: DateTime<Utc>,
) -> Result<organization::Model, DbErr> {
    let row = organization::Model {
        id: OrganizationId::generate(),
        name: name.to_owned(),
        created_at: now,
    };
    organization::Entity::insert(organization::ActiveModel::from(row.clone()))
        .exec_without_returning(db)
        .await?;
    Ok(row)
}

/// Adds a member.
///
/// # Errors
/// A unique violation where the address is taken.
pub async fn insert(db: &impl ConnectionTrait, row: &member::Model) -> Result<(), DbErr> {
    member::Entity::insert(member::ActiveModel::from(row.clone()))
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// The member with this id.
///
/// # Errors
/// Where the database does not answer.
pub async fn find(db: &impl ConnectionTrait, id: &MemberId) -> Result<Option<member::Model>, DbErr> {
    member::Entity::find_by_id(id.clone()).one(db).await
}

/// A member, locked until the transaction ends.
///
/// # Errors
/// Where the database does not answer.
pub async fn lock(db: &impl ConnectionTrait, id: &MemberId) -> Result<Option<member::Model>, DbErr> {
    member::Entity::find_by_id(id.clone())
        .lock_exclusive()
        .one(db)
        .await
}

/// The member with this address, in lower case.
///
/// # Errors
/// Where the database does not answer.
pub async fn find_by_email(
    db: &impl ConnectionTrait,
    email_key: &str,
) -> Result<Option<member::Model>, DbErr> {
    if !super::can_be_stored(email_key) {
        return Ok(None);
    }
    member::Entity::find()
        .filter(member::Column::EmailKey.eq(email_key))
        .one(db)
        .await
}

/// The organization with this id.
///
/// # Errors
/// Where the database does not answer.
pub async fn find_organization(
    db: &impl ConnectionTrait,
    id: &OrganizationId,
) -> Result<Option<organization::Model>, DbErr> {
    organization::Entity::find_by_id(id.clone()).one(db).await
}

/// The organizations with this name, at most two: names are not unique.
///
/// # Errors
/// Where the database does not answer.
pub async fn find_organizations_by_name(
    db: &impl ConnectionTrait,
    name: &str,
) -> Result<Vec<organization::Model>, DbErr> {
    organization::Entity::find()
        .filter(organization::Column::Name.eq(name))
        .limit(2)
        .all(db)
        .await
}

/// Replaces a member's password.
///
/// # Errors
/// Where the database refuses.
pub async fn set_password(db: &impl ConnectionTrait, id: &MemberId, hash: String) -> Result<(), DbErr> {
    member::Entity::update_many()
        .col_expr(member::Column::PasswordHash, Expr::value(hash))
        .filter(member::Column::Id.eq(id.clone()))
        .exec(db)
        .await
        .map(drop)
}
