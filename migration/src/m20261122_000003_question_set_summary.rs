//! What a list shows of a draft stands beside it, so that a list need not read drafts.

use sea_orm_migration::{
    prelude::*,
    schema::*,
    sea_orm::{ConnectionTrait, JsonValue},
};

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "question_set";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    // Both databases take part in it, so that a kill leaves either nothing or all of it.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column at a time.
        for column in [
            text_null("description"),
            integer("number_of_questions").default(0).to_owned(),
        ] {
            let added = Table::alter().table(TABLE).add_column(column).to_owned();
            manager.alter_table(added).await?;
        }
        fill(manager.get_connection()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["description", "number_of_questions"] {
            let dropped = Table::alter().table(TABLE).drop_column(column).to_owned();
            manager.alter_table(dropped).await?;
        }
        Ok(())
    }
}

/// Fills in what the drafts that are there say.
async fn fill(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    let all = Query::select().columns(["id", "draft"]).from(TABLE).to_owned();
    for row in db.query_all(&all).await? {
        let (id, draft): (String, JsonValue) = (row.try_get("", "id")?, row.try_get("", "draft")?);
        let description = draft["description"].as_str().map(str::to_owned);
        let questions = draft["questions"].as_array().map_or(0, Vec::len);
        let filled = Query::update()
            .table(TABLE)
            .value("description", description)
            .value(
                "number_of_questions",
                <i64 as TryFrom<_>>::try_from(questions).unwrap_or(0),
            )
            .and_where(Expr::col("id").eq(id))
            .to_owned();
        db.execute(&filled).await?;
    }
    Ok(())
}
