//! The signing keys that this database remembers.

use chrono::{DateTime, Utc};
use entity::signing_key;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};

/// Every key that this database was ever served with.
///
/// # Errors
/// Where the database does not answer.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<signing_key::Model>, DbErr> {
    signing_key::Entity::find().all(db).await
}

/// Remembers a key. One that is remembered already stays as it is.
///
/// # Errors
/// Where the database refuses.
pub async fn remember(db: &impl ConnectionTrait, kid: &str, now: DateTime<Utc>) -> Result<(), DbErr> {
    let row = signing_key::ActiveModel {
        kid: Set(kid.to_owned()),
        first_seen_at: Set(now),
        retired_at: Set(None),
    };
    signing_key::Entity::insert(row)
        .on_conflict(
            OnConflict::column(signing_key::Column::Kid)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// Marks a key as retired on purpose.
///
/// # Errors
/// Where the database refuses.
pub async fn retire(db: &impl ConnectionTrait, kid: &str, now: DateTime<Utc>) -> Result<(), DbErr> {
    signing_key::Entity::update_many()
        .col_expr(signing_key::Column::RetiredAt, Expr::value(now))
        .filter(signing_key::Column::Kid.eq(kid))
        .exec(db)
        .await
        .map(drop)
}
