//! The changes of Viva's database, in order, one file each. A released file is never edited.
//!
//! The same statements run on SQLite and on PostgreSQL, unless a file says why not: ids and vocabularies are text, times carry
//! their zone and come from the server's clock, points are integers, documents are JSON that no query looks into.

use sea_orm_migration::{MigrationTrait, async_trait};
pub use sea_orm_migration::{MigratorTrait, prelude::DbErr};

mod m20261122_000001_first_interview;
mod m20261122_000002_idempotency_record;
mod m20261122_000003_question_set_summary;
mod m20261123_000004_quick_compression;

/// Every change, oldest first.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_000001_first_interview::Migration),
            Box::new(m20261122_000002_idempotency_record::Migration),
            Box::new(m20261122_000003_question_set_summary::Migration),
            Box::new(m20261123_000004_quick_compression::Migration),
        ]
    }
}
