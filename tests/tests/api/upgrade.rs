//! Databases that earlier versions left, migrated by this one: `tests/fixtures/` has a folder for each version.

use std::{fs, path::PathBuf};

use api::store;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tests::{EmptyDatabase, Engine, Member, TestApp, on_both_databases};

fn versions() -> Vec<PathBuf> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect()
}

/// What of a session's report no later version may tell otherwise. How it explains a verdict, it may.
fn kept(report: &Value) -> Value {
    let concept = |concept: &Value| {
        json!([
            concept["id"],
            concept["verdict"],
            concept["points"],
            concept["max_points"]
        ])
    };
    let question = |question: &Value| {
        json!([
            question["question_id"],
            question["prompt"],
            question["points"],
            question["max_points"],
            question["answer"],
            question["concepts"]
                .as_array()
                .unwrap()
                .iter()
                .map(concept)
                .collect::<Vec<_>>(),
        ])
    };
    json!([
        report["points"],
        report["max_points"],
        report["practice"],
        report["questions"]
            .as_array()
            .unwrap()
            .iter()
            .map(question)
            .collect::<Vec<_>>(),
    ])
}

/// Every field that the older one has is in the newer one as it was.
fn assert_kept(older: &Value, newer: &Value) {
    for (name, value) in older.as_object().unwrap() {
        assert_eq!(newer[name], *value, "{name}");
    }
}

on_both_databases! {
    async fn what_earlier_versions_left_is_migrated_with_all_that_it_holds(empty: EmptyDatabase) {
        let mut database = empty.0;
        let versions = versions();
        assert!(!versions.is_empty());
        for folder in versions {
            let engine = match database.engine() { Engine::Sqlite => "sqlite", Engine::Postgresql => "postgresql" };
            let read = |name: String| fs::read_to_string(folder.join(name)).unwrap();
            let expected: Value = serde_json::from_str(&read(format!("expected-{engine}.json"))).unwrap();
            let fresh = tests::TestDatabase::create(database.engine(), true).unwrap();
            // The dump of SQLite has its tables in no order that foreign keys would allow.
            let before = if engine == "sqlite" { "PRAGMA foreign_keys = OFF;\n" } else { "" };
            let dump = format!("{before}{}", read(format!("{engine}.sql")));
            let db = store::connect(fresh.url(), 1).await.unwrap();
            db.execute_unprepared(&dump).await.unwrap();
            db.close().await.unwrap();

            let db = store::connect(fresh.url(), 1).await.unwrap();
            store::migrate(&db).await.unwrap();
            if engine == "sqlite" {
                let rows = db.query_all_raw(sea_orm::Statement::from_string(db.get_database_backend(), "PRAGMA foreign_key_check")).await.unwrap();
                assert!(rows.is_empty(), "rows refer to nothing");
            }
            db.close().await.unwrap();
            for (table, rows) in expected["rows"].as_object().unwrap() {
                let found = fresh.count(&format!("SELECT COUNT(*) FROM {table}")).await;
                // Later versions have more changes behind them.
                let more = if table == "seaql_migrations" { found >= rows.as_i64().unwrap() } else { found == rows.as_i64().unwrap() };
                assert!(more, "{table} has {found} rows, not {rows}");
            }
            // Its signing key went with the machine that it was on.
            fresh.execute("UPDATE signing_key SET retired_at = first_seen_at").await;
            let app = TestApp::start(fresh).await;
            holds(&app, &expected).await;
            database = app.stop();
        }
    }
}

/// The interview reads as it did, its people come in as they did, and it goes on.
async fn holds(app: &TestApp, expected: &Value) {
    let body = json!({"email": expected["email"], "password": expected["password"]});
    let member = Member::from_tokens(&app.post("/v1/auth/login").json(&body).ok().await);
    let session = expected["report"]["session"]["id"].as_str().unwrap();
    let report = member.report(app, session).await;
    assert_eq!(kept(&report), kept(&expected["report"]));
    assert_kept(&expected["report"]["session"], &report["session"]);
    let mut sessions = member.ids(app, "/v1/sessions").await;
    sessions.sort();
    assert_eq!(json!(sessions), expected["sessions"]);
    let body = json!({"invite_code": expected["invite_code"]});
    let token = app.post("/v1/candidate/token").json(&body).ok().await;
    let result = app
        .get("/v1/candidate/result")
        .token(token["access_token"].as_str().unwrap())
        .ok()
        .await;
    assert_eq!(
        (&result["available"], &result["points"]),
        (&json!(true), &expected["report"]["points"])
    );
    let candidate = app.interview(&member, "immediate").await;
    candidate
        .save(app, "gil", "The GIL is released during I/O.")
        .await
        .is(201);
}
