//! The way to the database: what it promises when it acknowledges, and how a writing transaction begins.

use std::time::{Duration, Instant};

use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    QueryResult, RuntimeErr, SqlErr, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
    metric,
    prelude::async_trait::async_trait,
    sqlx::{
        self, Connection,
        sqlite::{SqliteConnection, SqliteJournalMode, SqliteSynchronous},
    },
};

use crate::telemetry::metrics::PoolUse;

/// How long a writer waits for another one on SQLite.
const SQLITE_BUSY: Duration = Duration::from_secs(5);
/// The same on PostgreSQL, for whatever is locked.
const POSTGRES_LOCK: &str = "5s";
/// What is written is found by its keys, whatever the values: PostgreSQL need not plan it anew each time.
const PLAN_ONCE: [(&str, &str); 1] = [("plan_cache_mode", "force_generic_plan")];
/// How often it is tried again where SQLite itself does not wait.
const SQLITE_RETRY: Duration = Duration::from_millis(50);
/// How long a request waits for a free connection.
const ACQUIRE: Duration = Duration::from_secs(5);
/// The advisory lock under which servers start, one at a time, on PostgreSQL: "viva" in ASCII.
const STARTUP_LOCK: i64 = 0x7669_7661;

/// What a server works with: what is asked goes through one pool of connections, transactions that write through another.
/// Those who wait for their turn to write take no connection from those who read.
#[derive(Debug, Clone)]
pub struct Database {
    reading: DatabaseConnection,
    /// None where there is one connection for everything.
    writing: Option<DatabaseConnection>,
}

impl Database {
    /// Opens both pools, with so many connections in all; a single one is for everything. SQLite has one writer at a time:
    /// the others wait for the one connection in the order in which they came, instead of for the file in no order at all.
    ///
    /// # Errors
    /// Where the database can't be reached or refuses.
    pub async fn open(url: &str, connections: u32) -> Result<Self, DbErr> {
        let writers = match connections {
            ..=1 => 0,
            _ if url.starts_with("sqlite:") => 1,
            _ => connections.div_ceil(2),
        };
        Ok(Self {
            writing: match writers {
                0 => None,
                writers => Some(open_pool(url, writers, &PLAN_ONCE).await?),
            },
            reading: connect(url, connections.saturating_sub(writers).max(1)).await?,
        })
    }

    /// Every pool.
    fn pools(&self) -> impl Iterator<Item = &DatabaseConnection> {
        [&self.reading].into_iter().chain(&self.writing)
    }

    /// Has every statement that is sent from now on told, but for the beginnings and ends of transactions.
    pub fn watch(&mut self, told: impl Fn(&metric::Info<'_>) + Clone + Send + Sync + 'static) {
        if let Some(writing) = &mut self.writing {
            writing.set_metric_callback(told.clone());
        }
        self.reading.set_metric_callback(told);
    }

    /// How both pools are used, together.
    pub fn pool_use(&self, limit: usize) -> PoolUse {
        let (mut open, mut idle) = (0, 0);
        for (size, unused) in self.pools().map(size) {
            open += size;
            idle += unused;
        }
        let used = open.saturating_sub(idle);
        PoolUse { idle, used, limit }
    }

    /// Closes every connection.
    ///
    /// # Errors
    /// Where one refuses.
    pub async fn close(self) -> Result<(), DbErr> {
        if let Some(writing) = self.writing {
            writing.close().await?;
        }
        self.reading.close().await
    }
}

#[async_trait]
impl ConnectionTrait for Database {
    fn get_database_backend(&self) -> DbBackend {
        self.reading.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.reading.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.reading.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.reading.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.reading.query_all_raw(statement).await
    }
}

/// What a writing transaction can begin on.
pub trait Writable: ConnectionTrait {
    /// The pool that it takes its connection from.
    fn writing(&self) -> &DatabaseConnection;
}

impl Writable for Database {
    fn writing(&self) -> &DatabaseConnection {
        self.writing.as_ref().unwrap_or(&self.reading)
    }
}

impl Writable for DatabaseConnection {
    fn writing(&self) -> &DatabaseConnection {
        self
    }
}

/// Opens a pool. What is committed through it is on the disk.
///
/// # Errors
/// Where the database can't be reached or refuses.
pub async fn connect(url: &str, connections: u32) -> Result<DatabaseConnection, DbErr> {
    open_pool(url, connections, &[]).await
}

/// The same, with further settings of PostgreSQL's.
async fn open_pool(
    url: &str,
    connections: u32,
    settings: &[(&'static str, &'static str)],
) -> Result<DatabaseConnection, DbErr> {
    check(url)?;
    let settings = settings.to_vec();
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(ACQUIRE)
        .connect_timeout(ACQUIRE)
        // SQLite is in this process: there is nobody to be cut off from.
        .test_before_acquire(!url.starts_with("sqlite:"))
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
            pool.after_release(|connection, _| Box::pin(is_outside(connection)))
        })
        .map_sqlx_postgres_opts(move |postgres| {
            let always = [
                ("synchronous_commit", "on"),
                ("TimeZone", "UTC"),
                ("lock_timeout", POSTGRES_LOCK),
            ];
            postgres.options(always).options(settings.iter().copied())
        });
    let patience = Instant::now() + SQLITE_BUSY;
    loop {
        match sea_orm::Database::connect(options.clone()).await {
            // The switch to WAL does not wait for another server that makes it.
            Err(error) if is_busy(&error) && Instant::now() < patience => {
                tokio::time::sleep(SQLITE_RETRY).await;
            }
            outcome => return outcome.map_err(|error| without_url(error, url)),
        }
    }
}

/// Whether a connection that is given back is outside any transaction; one that is not is closed.
///
/// Where a commit fails, as on a full disk, SQLite rolls back by itself and the library takes the transaction for open:
/// what was then committed on this connection would be acknowledged, seen by nobody else, and lost.
async fn is_outside(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    if connection.is_in_transaction() {
        // The rollback may still be on its way.
        connection.ping().await?;
    }
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
pub async fn migrate(db: &impl Writable) -> Result<(), DbErr> {
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
        // However long the others' changes take.
        tx.execute_unprepared(&format!(
            "SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock({STARTUP_LOCK})"
        ))
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
pub async fn write(db: &impl Writable) -> Result<DatabaseTransaction, DbErr> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    db.writing().begin_with_options(options).await
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

/// How many connections a pool has, and how many of them do nothing.
fn size(db: &DatabaseConnection) -> (usize, usize) {
    match db.get_database_backend() {
        DbBackend::Sqlite => {
            let pool = db.get_sqlite_connection_pool();
            (pool.size() as usize, pool.num_idle())
        }
        DbBackend::Postgres => {
            let pool = db.get_postgres_connection_pool();
            (pool.size() as usize, pool.num_idle())
        }
        _ => (0, 0),
    }
}

/// Answers when the database does.
///
/// # Errors
/// Where it does not.
pub async fn ping(db: &Database) -> Result<(), DbErr> {
    db.reading.ping().await
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
