//! The tables of the first release: who signs in, question sets and their versions, sessions, answers, grades, the trail.

use sea_orm_migration::{prelude::*, schema::*};

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    // Both databases take part in it, so that a kill leaves either nothing or all of it.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables().into_iter().rev() {
            if let Some(name) = table.get_table_name() {
                manager
                    .drop_table(Table::drop().table(name.clone()).to_owned())
                    .await?;
            }
        }
        Ok(())
    }
}

/// Every table, each after those that it refers to.
fn tables() -> Vec<TableCreateStatement> {
    vec![
        organization(),
        member(),
        refresh_family(),
        refresh_token(),
        signing_key(),
        question_set(),
        question_set_version(),
        candidate(),
        session(),
        answer(),
        answer_revision(),
        grade(),
        audit_event(),
    ]
}

fn table(name: &'static str) -> TableCreateStatement {
    Table::create().table(name).to_owned()
}

fn id() -> ColumnDef {
    text("id").primary_key().to_owned()
}

fn references(from: &'static str, column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().from(from, column).to(to, "id").to_owned()
}

fn organization() -> TableCreateStatement {
    table("organization")
        .col(id())
        .col(text("name"))
        .col(timestamp_with_time_zone("created_at"))
        .to_owned()
}

fn member() -> TableCreateStatement {
    table("member")
        .col(id())
        .col(text("organization_id"))
        .col(text("name"))
        .col(text("email"))
        .col(text_uniq("email_key"))
        .col(text("password_hash"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(&mut references("member", "organization_id", "organization"))
        .to_owned()
}

fn refresh_family() -> TableCreateStatement {
    table("refresh_family")
        .col(id())
        .col(text("member_id"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("ended_at"))
        .foreign_key(&mut references("refresh_family", "member_id", "member"))
        .to_owned()
}

fn refresh_token() -> TableCreateStatement {
    table("refresh_token")
        .col(id())
        .col(text("family_id"))
        .col(text_uniq("token_hash"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("expires_at"))
        .col(timestamp_with_time_zone_null("used_at"))
        .foreign_key(&mut references("refresh_token", "family_id", "refresh_family"))
        .to_owned()
}

fn signing_key() -> TableCreateStatement {
    table("signing_key")
        .col(text("kid").primary_key())
        .col(timestamp_with_time_zone("first_seen_at"))
        .col(timestamp_with_time_zone_null("retired_at"))
        .to_owned()
}

fn question_set() -> TableCreateStatement {
    table("question_set")
        .col(id())
        .col(text_null("organization_id"))
        .col(text("slug"))
        .col(text_uniq("slug_key"))
        .col(text("title"))
        .col(json_binary("draft"))
        .col(integer("draft_revision"))
        .col(integer("published_version"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .foreign_key(&mut references("question_set", "organization_id", "organization"))
        .to_owned()
}

fn question_set_version() -> TableCreateStatement {
    table("question_set_version")
        .col(id())
        .col(text("question_set_id"))
        .col(integer("number"))
        .col(json_binary("document"))
        .col(text_null("published_by"))
        .col(timestamp_with_time_zone("published_at"))
        .foreign_key(&mut references(
            "question_set_version",
            "question_set_id",
            "question_set",
        ))
        .foreign_key(&mut references("question_set_version", "published_by", "member"))
        .to_owned()
}

fn candidate() -> TableCreateStatement {
    table("candidate")
        .col(id())
        .col(text("organization_id"))
        .col(text("email"))
        .col(text("email_key"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(&mut references("candidate", "organization_id", "organization"))
        .to_owned()
}

fn session() -> TableCreateStatement {
    table("session")
        .col(id())
        .col(text("organization_id"))
        .col(text("question_set_id"))
        .col(text("version_id"))
        .col(text("candidate_id"))
        .col(text("candidate_name"))
        .col(text("status"))
        .col(text("feedback"))
        .col(integer_null("time_limit_minutes"))
        .col(timestamp_with_time_zone_null("expires_at"))
        .col(text_null("external_id"))
        .col(text_uniq("invite_code_hash"))
        .col(text("created_by"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("started_at"))
        .col(timestamp_with_time_zone_null("deadline_at"))
        .col(timestamp_with_time_zone_null("submitted_at"))
        .col(text_null("submitted_by"))
        .col(timestamp_with_time_zone_null("finalized_at"))
        .col(timestamp_with_time_zone_null("released_at"))
        .col(timestamp_with_time_zone_null("closed_at"))
        .foreign_key(&mut references("session", "organization_id", "organization"))
        .foreign_key(&mut references("session", "question_set_id", "question_set"))
        .foreign_key(&mut references("session", "version_id", "question_set_version"))
        .foreign_key(&mut references("session", "candidate_id", "candidate"))
        .foreign_key(&mut references("session", "created_by", "member"))
        .to_owned()
}

fn answer() -> TableCreateStatement {
    table("answer")
        .col(id())
        .col(text("session_id"))
        .col(text("question_id"))
        .col(integer("revision"))
        .foreign_key(&mut references("answer", "session_id", "session"))
        .to_owned()
}

fn answer_revision() -> TableCreateStatement {
    table("answer_revision")
        .col(id())
        .col(text("answer_id"))
        .col(integer("number"))
        .col(text("text"))
        .col(timestamp_with_time_zone("saved_at"))
        .foreign_key(&mut references("answer_revision", "answer_id", "answer"))
        .to_owned()
}

fn grade() -> TableCreateStatement {
    table("grade")
        .col(id())
        .col(text("revision_id"))
        .col(text("grader"))
        .col(text("engine_version"))
        .col(integer("points"))
        .col(integer("max_points"))
        .col(json_binary("report"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(&mut references("grade", "revision_id", "answer_revision"))
        .to_owned()
}

fn audit_event() -> TableCreateStatement {
    table("audit_event")
        .col(id())
        .col(text_null("organization_id"))
        .col(text("actor"))
        .col(text_null("actor_id"))
        .col(text("action"))
        .col(text_null("subject_id"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(&mut references("audit_event", "organization_id", "organization"))
        .to_owned()
}

/// Unique indexes keep the invariants; the others serve queries, and looking through the audit trail by hand.
fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        unique("candidate", &["organization_id", "email_key"]),
        unique("question_set_version", &["question_set_id", "number"]),
        unique("answer", &["session_id", "question_id"]),
        unique("answer_revision", &["answer_id", "number"]),
        index("question_set", &["organization_id", "id"]),
        index("refresh_token", &["family_id"]),
        index("refresh_family", &["member_id"]),
        // A page of an organization's sessions, newest first, by each filter.
        index("session", &["organization_id", "id"]),
        index("session", &["organization_id", "status", "id"]),
        index("session", &["organization_id", "candidate_id", "id"]),
        index("session", &["organization_id", "question_set_id", "id"]),
        // What the clock has to end.
        index("session", &["status", "deadline_at"]),
        index("session", &["status", "expires_at"]),
        index("grade", &["revision_id"]),
        index("audit_event", &["organization_id", "id"]),
        index("audit_event", &["subject_id", "id"]),
    ]
}

fn index(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create();
    index
        .name(format!("ix_{table}_{}", columns.join("_")))
        .table(table);
    for &column in columns {
        index.col(column);
    }
    index.to_owned()
}

fn unique(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    index(table, columns).unique().to_owned()
}
