//! What requests with an `Idempotency-Key` were answered, for a day.

use sea_orm_migration::{prelude::*, schema::*};

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "idempotency_record";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    // Both databases take part in it, so that a kill leaves either nothing or all of it.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(TABLE)
            .col(text("id").primary_key())
            .col(text("caller"))
            .col(text("route"))
            .col(text("fingerprint"))
            .col(text("kid"))
            .col(integer("status"))
            .col(json_binary("headers"))
            .col(text("body"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("expires_at"))
            .to_owned();
        manager.create_table(table).await?;
        // What the worker has to forget.
        let index = Index::create()
            .name("ix_idempotency_record_expires_at")
            .table(TABLE)
            .col("expires_at")
            .to_owned();
        manager.create_index(index).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(TABLE).to_owned()).await
    }
}
