//! The way to the database: what it promises when it acknowledges, and how a writing transaction begins.

use std::time::{Duration, Instant};

use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    RuntimeErr, SqlErr, SqliteTransactionMode, TransactionOptions, TransactionTrait,
    sqlx::{
        self, Connection,
        sqlite::{SqliteConnection, SqliteJournalMode, SqliteSynchronous},
    },
};

/// How long a writer waits for another one on SQLite.
const SQLITE_BUSY: Duration = Duration::from_secs(5);
/// How often it is tried again where SQLite itself does not wait.
const SQLITE_RETRY: Duration = Duration::from_millis(50);
/// How long a request waits for a free connection.
const ACQUIRE: Duration = Duration::from_secs(5);
/// The advisory lock under which servers start, one at a time, on PostgreSQL: "viva" in ASCII.
const STARTUP_LOCK: i64 = 0x7669_7661;

/// Opens a pool. What is committed through it is on the disk.
///
/// # Errors
/// Where the database can't be reached or refuses.
pub async fn connect(url: &str, connections: u32) -> Result<DatabaseConnection, DbErr> {
    check(url)?;
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(ACQUIRE)
        .connect_timeout(ACQUIRE)
        .sqlx_logging(false)
        .set_application_name("viva")
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .create_if_missing(true)
                .foreign_keys(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(SQLITE_BUSY)
        })
        .map_sqlx_sqlite_pool_opts(|pool| {
            pool.after_release(|connection, _| Box::pin(is_settled(connection)))
        })
        .map_sqlx_postgres_opts(|postgres| {
            postgres.options([("synchronous_commit", "on"), ("TimeZone", "UTC")])
        });
    let patience = Instant::now() + SQLITE_BUSY;
    loop {
        match Database::connect(options.clone()).await {
            // The switch to WAL does not wait for another server that makes it.
            Err(error) if is_busy(&error) && Instant::now() < patience => {
                tokio::time::sleep(SQLITE_RETRY).await;
            }
            outcome => return outcome.map_err(|error| without_url(error, url)),
        }
    }
}

/// Whether a connection that comes back to the pool is in no transaction; it is closed where it is.
///
/// SQLite rolls back by itself what finds no room on the disk. The library then fails to roll it back once more and goes on
/// counting a transaction: what begins next on the connection would be a savepoint in one that nobody ever commits.
async fn is_settled(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // A rollback may still be under way.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

/// Whether SQLite says that another connection holds the file.
fn is_busy(error: &DbErr) -> bool {
    let DbErr::Conn(RuntimeErr::SqlxError(cause)) = error else {
        return false;
    };
    matches!(&**cause, sqlx::Error::Database(refusal) if refusal.code().is_some_and(|code| code.parse().is_ok_and(|code: u32| code & 0xff == 5)))
}

/// Only what keeps its data, and only what is read as it is meant.
fn check(url: &str) -> Result<(), DbErr> {
    let known = ["sqlite:", "postgres://", "postgresql://"]
        .iter()
        .any(|scheme| url.starts_with(scheme));
    if !known {
        return Err(DbErr::Custom(
            "its URL must begin with sqlite:// or postgres://".to_owned(),
        ));
    }
    if url.contains(":memory:") || url.contains("mode=memory") {
        return Err(DbErr::Custom(
            "SQLite in memory forgets everything: name a file".to_owned(),
        ));
    }
    Ok(())
}

/// The library quotes the URL, which may hold a password.
fn without_url(error: DbErr, url: &str) -> DbErr {
    if error.to_string().contains(url) {
        DbErr::Custom(
            "its URL can't be read; characters like / and # in a password are written as %2F and %23"
                .to_owned(),
        )
    } else {
        error
    }
}

/// Brings the schema up to date. Servers that start together take turns.
///
/// # Errors
/// Where a change fails; on both databases all changes happen or none.
pub async fn migrate(db: &DatabaseConnection) -> Result<(), DbErr> {
    let turn = write(db).await?;
    take_turn(&turn).await?;
    // On the connection that holds the lock: the pool may have no other.
    Migrator::up(&turn, None).await?;
    turn.commit().await
}

/// Waits until no other server that starts is at this point, until the transaction ends. On SQLite the transaction itself
/// is the turn.
///
/// # Errors
/// Where the database does not answer.
pub async fn take_turn(tx: &DatabaseTransaction) -> Result<(), DbErr> {
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({STARTUP_LOCK})"))
            .await?;
    }
    Ok(())
}

/// How many changes the schema lacks.
///
/// # Errors
/// Where the database does not answer.
pub async fn pending_migrations(db: &DatabaseConnection) -> Result<usize, DbErr> {
    Ok(Migrator::get_pending_migrations(db).await?.len())
}

/// Begins a transaction that will write. On SQLite it takes the write lock at once: one that begins by reading can't be
/// upgraded while another writes.
///
/// # Errors
/// Where the database does not answer.
pub async fn write(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    db.begin_with_options(options).await
}

/// Whether the row is refused because another one has the same unique value.
pub fn is_unique_violation(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

/// Whether a row can hold the text: on PostgreSQL none holds U+0000, and to ask for one is an error.
pub fn can_be_stored(text: &str) -> bool {
    !text.contains('\0')
}

/// Whether the same may well succeed later: no connection, a lock held too long, a full disk, a server that restarts.
pub fn is_passing(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => {
            match &**cause {
                sqlx::Error::Io(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed
                | sqlx::Error::Protocol(_) => true,
                sqlx::Error::Database(refusal) => refusal.code().is_some_and(|code| is_passing_code(&code)),
                _ => false,
            }
        }
        _ => false,
    }
}

/// SQLSTATE classes of PostgreSQL, and result codes of SQLite, that pass.
fn is_passing_code(code: &str) -> bool {
    // Connection, insufficient resources, operator intervention; serialization failure, deadlock, lock timeout.
    let postgres = code.len() == 5
        && (["08", "53", "57"].iter().any(|class| code.starts_with(class))
            || ["40001", "40P01", "55P03", "25006"].contains(&code));
    // The low byte is the primary code: BUSY, LOCKED, READONLY, IOERR, FULL, CANTOPEN.
    let sqlite = code
        .parse::<u32>()
        .is_ok_and(|code| [5, 6, 8, 10, 13, 14].contains(&(code & 0xff)));
    postgres || (sqlite && code.len() < 5)
}

/// Answers when the database does.
///
/// # Errors
/// Where it does not.
pub async fn ping(db: &DatabaseConnection) -> Result<(), DbErr> {
    db.ping().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_url_that_is_refused_is_not_quoted() {
        for url in [
            "mysql://viva:secret@localhost/viva",
            "postgres://viva:se/cret@local host/viva",
            "sqlite::memory:",
        ] {
            let said = connect(url, 1).await.map(drop).unwrap_err().to_string();
            assert!(!said.contains("secret") && !said.contains("se/cret"), "{said}");
        }
    }
}
