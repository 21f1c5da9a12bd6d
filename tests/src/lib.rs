//! What the tests stand on: the real server in this process, a database of its own for each test, and a client that
//! holds every answer against the OpenAPI document.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that can't go on must stop and say where"
)]

pub mod app;
pub mod client;
pub mod contract;
pub mod database;
pub mod forgery;
pub mod people;
pub mod postgres;
pub mod raw;

pub use app::TestApp;
pub use client::Answer;
pub use database::{Engine, TestDatabase};
pub use people::{Candidate, Member};

/// What a test is given: something made on a fresh database.
pub trait Fixture: Sized {
    /// Whether the database has to be empty; else it may have the schema and the built-in sets already.
    const ON_AN_EMPTY_DATABASE: bool = false;

    /// Makes it.
    fn on(database: TestDatabase) -> impl Future<Output = Self>;
}

impl Fixture for TestDatabase {
    async fn on(database: TestDatabase) -> Self {
        database
    }
}

impl Fixture for EmptyDatabase {
    const ON_AN_EMPTY_DATABASE: bool = true;

    async fn on(database: TestDatabase) -> Self {
        Self(database)
    }
}

impl Fixture for TestApp {
    async fn on(database: TestDatabase) -> Self {
        Self::start(database).await
    }
}

/// A database without a single table.
pub struct EmptyDatabase(pub TestDatabase);

/// Runs a test on a fresh database of this engine.
pub fn run<F: Fixture>(engine: Engine, test: impl AsyncFnOnce(F)) {
    let Some(database) = TestDatabase::create(engine, F::ON_AN_EMPTY_DATABASE) else {
        return;
    };
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(async { test(F::on(database).await).await });
}

/// Makes of each function two tests: `name::on_sqlite` and `name::on_postgresql`.
#[macro_export]
macro_rules! on_both_databases {
    ($($(#[$meta:meta])* async fn $name:ident($fixture:ident: $Fixture:ty) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports, reason = "not every test needs all that its module has")]
            use super::*;

            async fn test($fixture: $Fixture) $body

            #[test]
            fn on_sqlite() {
                $crate::run($crate::Engine::Sqlite, test);
            }

            #[test]
            fn on_postgresql() {
                $crate::run($crate::Engine::Postgresql, test);
            }
        }
    )*};
}
