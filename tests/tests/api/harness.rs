//! What the other tests rest on.

use api::store;
use sea_orm::{ConnectionTrait, Statement};
use tests::{EmptyDatabase, Engine, TestApp, TestDatabase, on_both_databases};

on_both_databases! {
    async fn what_is_acknowledged_is_on_the_disk(database: TestDatabase) {
        let db = store::connect(database.url(), 2).await.unwrap();
        let setting = async |sql: &str| {
            let statement = Statement::from_string(db.get_database_backend(), sql);
            db.query_one_raw(statement).await.unwrap().unwrap()
        };
        match database.engine() {
            Engine::Sqlite => {
                let mode: String = setting("PRAGMA journal_mode").await.try_get_by_index(0).unwrap();
                let synchronous: i32 = setting("PRAGMA synchronous").await.try_get_by_index(0).unwrap();
                let foreign_keys: i32 = setting("PRAGMA foreign_keys").await.try_get_by_index(0).unwrap();
                // 2 is FULL.
                assert_eq!((mode.as_str(), synchronous, foreign_keys), ("wal", 2, 1));
            }
            Engine::Postgresql => {
                let commit: String = setting("SHOW synchronous_commit").await.try_get_by_index(0).unwrap();
                let patience: String = setting("SHOW lock_timeout").await.try_get_by_index(0).unwrap();
                assert_eq!((commit.as_str(), patience.as_str()), ("on", "5s"));
            }
        }
        db.close().await.unwrap();
    }

    async fn what_is_acknowledged_after_a_full_disk_is_there(database: TestDatabase) {
        if database.engine() == Engine::Postgresql {
            // There a failed statement ends no transaction by itself.
            return;
        }
        let db = store::connect(database.url(), 1).await.unwrap();
        store::migrate(&db).await.unwrap();
        let pages: i64 = database.count("PRAGMA page_count").await;
        db.execute_unprepared(&format!("PRAGMA max_page_count = {pages}")).await.unwrap();
        let organization = |number: u32, name: &str| {
            format!("INSERT INTO organization (id, name, created_at) VALUES ('org_{number}', '{name}', '2026-11-22T12:00:00Z')")
        };
        // SQLite itself rolls back what finds no room. What fails next is rolled back by us.
        let full = store::connection::write(&db).await.unwrap();
        let refused = full.execute_unprepared(&organization(1, &"x".repeat(100_000))).await.unwrap_err();
        assert!(store::is_passing(&refused), "{refused}");
        drop(full);
        let failing = store::connection::write(&db).await.unwrap();
        failing.execute_unprepared("INSERT INTO organization (id) VALUES (NULL)").await.unwrap_err();
        drop(failing);
        db.execute_unprepared("PRAGMA max_page_count = 1000000").await.unwrap();
        let last = store::connection::write(&db).await.unwrap();
        last.execute_unprepared(&organization(2, "Acknowledged")).await.unwrap();
        last.commit().await.unwrap();
        assert_eq!(database.count("SELECT COUNT(*) FROM organization").await, 1);
        db.close().await.unwrap();
    }

    async fn one_connection_is_enough_to_bring_the_schema_up_to_date(empty: EmptyDatabase) {
        let db = store::connect(empty.0.url(), 1).await.unwrap();
        store::migrate(&db).await.unwrap();
        store::migrate(&db).await.unwrap();
        assert_eq!(store::connection::pending_migrations(&db).await.unwrap(), 0);
        db.close().await.unwrap();
    }

    async fn servers_that_start_together_take_turns_with_the_schema(empty: EmptyDatabase) {
        let migrating = async || {
            let db = store::connect(empty.0.url(), 2).await.unwrap();
            let migrated = store::migrate(&db).await;
            db.close().await.unwrap();
            migrated
        };
        let (one, two, three) = tokio::join!(migrating(), migrating(), migrating());
        one.and(two).and(three).unwrap();
    }
}

#[test]
fn postgresql_compresses_answers_and_reports_the_quick_way_where_it_can() {
    tests::run(Engine::Postgresql, async |app: TestApp| {
        let quick = "SELECT COUNT(*) FROM pg_attribute WHERE attcompression = 'l' AND (attrelid, attname) IN \
                     (('grade'::regclass, 'report'), ('answer_revision'::regclass, 'text'))";
        let can = app
            .count("SELECT COUNT(*) FROM pg_config WHERE setting LIKE '%lz4%'")
            .await;
        assert_eq!(app.count(quick).await, if can > 0 { 2 } else { 0 });
    });
}
