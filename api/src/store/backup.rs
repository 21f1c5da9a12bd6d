//! Copies of a SQLite database, made and taken back while a server works on it.

use std::{path::PathBuf, str::FromStr};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement, sqlx::sqlite::SqliteConnectOptions,
};

/// What is not taken back: which changes the schema has had, and which keys sign here.
const KEPT: &[&str] = &["seaql_migrations", "signing_key"];

/// The file that a URL names; nothing where it names no SQLite database.
pub fn file(url: &str) -> Option<PathBuf> {
    let options = url
        .starts_with("sqlite:")
        .then(|| SqliteConnectOptions::from_str(url).ok())?;
    options.map(|options| options.get_filename().to_owned())
}

/// Writes everything as it is at one moment to a file that is empty or not there. Others read and write meanwhile.
///
/// # Errors
/// Where the file can't be written.
pub async fn write_copy(db: &DatabaseConnection, file: &str) -> Result<(), DbErr> {
    let sql = Statement::from_sql_and_values(DbBackend::Sqlite, "VACUUM INTO ?", [file.into()]);
    db.execute_raw(sql).await.map(drop)
}

/// Whether the database is whole, and one of Viva's.
///
/// # Errors
/// Where it is not.
pub async fn check(db: &DatabaseConnection) -> Result<(), DbErr> {
    let said = texts(db, "PRAGMA integrity_check").await?;
    if said != ["ok"] {
        return Err(DbErr::Custom(format!("it is damaged: {}", said.join("; "))));
    }
    let tables = texts(
        db,
        "SELECT name FROM sqlite_master WHERE name IN ('seaql_migrations', 'organization')",
    )
    .await?;
    if tables.len() == 2 {
        Ok(())
    } else {
        Err(DbErr::Custom("it is not a database of Viva's".to_owned()))
    }
}

/// Whether anybody has registered.
///
/// # Errors
/// Where the database does not answer.
pub async fn is_in_use(db: &DatabaseConnection) -> Result<bool, DbErr> {
    Ok(!texts(db, "SELECT id FROM organization LIMIT 1").await?.is_empty())
}

/// Makes another database known to the only connection of a pool.
///
/// # Errors
/// Where it can't be read.
pub async fn attach(db: &DatabaseConnection, file: &str) -> Result<(), DbErr> {
    let sql = Statement::from_sql_and_values(DbBackend::Sqlite, "ATTACH ? AS backup", [file.into()]);
    db.execute_raw(sql).await.map(drop)
}

/// Puts the rows of the attached database in the place of all rows here. Both have the same schema.
///
/// # Errors
/// Where the database refuses.
pub async fn take_over(tx: &impl ConnectionTrait) -> Result<(), DbErr> {
    // Rows refer to each other: what counts is how it all stands at the end.
    tx.execute_unprepared("PRAGMA defer_foreign_keys = ON").await?;
    let sql = "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    for table in texts(tx, sql).await? {
        if KEPT.contains(&table.as_str()) {
            continue;
        }
        let columns = format!("SELECT name FROM pragma_table_info('{table}')");
        let columns = format!("\"{}\"", texts(tx, &columns).await?.join("\", \""));
        tx.execute_unprepared(&format!("DELETE FROM main.\"{table}\""))
            .await?;
        let copy =
            format!("INSERT INTO main.\"{table}\" ({columns}) SELECT {columns} FROM backup.\"{table}\"");
        tx.execute_unprepared(&copy).await?;
    }
    Ok(())
}

/// The first column of what is asked for.
async fn texts(db: &impl ConnectionTrait, sql: &str) -> Result<Vec<String>, DbErr> {
    let rows = db
        .query_all_raw(Statement::from_string(DbBackend::Sqlite, sql))
        .await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}
