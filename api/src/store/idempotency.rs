//! What requests with an `Idempotency-Key` were answered.

use chrono::{DateTime, Utc};
use entity::idempotency_record;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, QueryFilter, Statement,
};

/// The record with this id, where it has not run out.
///
/// # Errors
/// Where the database does not answer.
pub async fn find(
    db: &impl ConnectionTrait,
    id: &str,
    now: DateTime<Utc>,
) -> Result<Option<idempotency_record::Model>, DbErr> {
    idempotency_record::Entity::find_by_id(id)
        .filter(idempotency_record::Column::ExpiresAt.gt(now))
        .one(db)
        .await
}

/// Keeps the others with the same number out until the transaction ends; tells whether none was in before. On SQLite the
/// transaction itself keeps them out.
///
/// # Errors
/// Where the database does not answer.
pub async fn enter(tx: &DatabaseTransaction, number: i64) -> Result<bool, DbErr> {
    if tx.get_database_backend() != DbBackend::Postgres {
        return Ok(true);
    }
    let sql = "SELECT pg_try_advisory_xact_lock($1)";
    let asked = Statement::from_sql_and_values(DbBackend::Postgres, sql, [number.into()]);
    let answer = tx.query_one_raw(asked).await?;
    answer.map_or(Ok(false), |row| row.try_get_by_index(0))
}

/// Keeps a record in the place of one that has run out.
///
/// # Errors
/// A unique violation where there is one that has not.
pub async fn insert(db: &impl ConnectionTrait, row: idempotency_record::Model) -> Result<(), DbErr> {
    idempotency_record::Entity::delete_by_id(row.id.clone())
        .filter(idempotency_record::Column::ExpiresAt.lte(row.created_at))
        .exec(db)
        .await?;
    idempotency_record::Entity::insert(idempotency_record::ActiveModel::from(row))
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// Forgets what has run out, and tells how much that was.
///
/// # Errors
/// Where the database refuses.
pub async fn forget(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<u64, DbErr> {
    let forgotten = idempotency_record::Entity::delete_many()
        .filter(idempotency_record::Column::ExpiresAt.lte(now))
        .exec(db)
        .await?;
    Ok(forgotten.rows_affected)
}
