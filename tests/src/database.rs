//! A fresh database for each test.

use std::{path::Path, sync::Arc};

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, ExecResult, QueryResult, Statement};
use tempfile::TempDir;

use crate::postgres;

/// The databases that the server runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file.
    Sqlite,
    /// A server: the one at `TEST_DATABASE_URL`, or one of our own.
    Postgresql,
}

/// A database and a data folder that only one test knows. Both go when it does.
pub struct TestDatabase {
    engine: Engine,
    url: String,
    folder: Arc<TempDir>,
    /// Whether the database goes with this.
    owned: bool,
}

impl TestDatabase {
    /// A fresh one; none where PostgreSQL is left out on purpose.
    pub fn create(engine: Engine, empty: bool) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = match engine {
            Engine::Sqlite => format!("sqlite://{}", folder.path().join("viva.sqlite").display()),
            Engine::Postgresql => postgres::server()?.create_database(empty),
        };
        Some(Self {
            engine,
            url,
            folder: Arc::new(folder),
            owned: true,
        })
    }

    /// The same database, for another server on it. It goes with the one that was created.
    pub fn shared(&self) -> Self {
        Self {
            engine: self.engine,
            url: self.url.clone(),
            folder: Arc::clone(&self.folder),
            owned: false,
        }
    }

    /// Which engine it runs on.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// How it is reached.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The data folder: the signing keys, and SQLite's file.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A connection past the server, to look at what is stored and to disturb it.
    pub async fn connect(&self) -> DatabaseConnection {
        Database::connect(&self.url)
            .await
            .expect("a connection of the test's own")
    }

    /// Changes rows past the server.
    pub async fn execute(&self, sql: &str) -> ExecResult {
        let db = self.connect().await;
        let result = db.execute_unprepared(sql).await.expect(sql);
        db.close().await.expect("closing");
        result
    }

    /// Reads rows past the server.
    pub async fn query(&self, sql: &str) -> Vec<QueryResult> {
        let db = self.connect().await;
        let statement = Statement::from_string(db.get_database_backend(), sql);
        let rows = db.query_all_raw(statement).await.expect(sql);
        db.close().await.expect("closing");
        rows
    }

    /// Reads one number past the server.
    pub async fn count(&self, sql: &str) -> i64 {
        let rows = self.query(sql).await;
        rows[0].try_get_by_index(0).expect(sql)
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if self.owned
            && self.engine == Engine::Postgresql
            && let Some(server) = postgres::server()
        {
            server.drop_database(&self.url);
        }
    }
}
