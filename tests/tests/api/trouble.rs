//! The database away, locked, cut off: what can't be done is answered 503, nothing is lost, and all is well again by itself.

use std::{
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use api::error::Code;
use sea_orm::{ConnectionTrait, DatabaseConnection, TransactionTrait};
use serde_json::json;
use tests::{Answer, Engine, TestApp, TestDatabase, on_both_databases};

/// How long the server may take to be well again.
const PATIENCE: Duration = Duration::from_secs(20);

fn unavailable(answer: &Answer) {
    answer.refused(Code::Unavailable);
    assert_eq!(answer.header("retry-after"), "2");
}

/// Ends every connection to the test's database but this one.
async fn cut(db: &DatabaseConnection) {
    let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                  WHERE datname = current_database() AND pid <> pg_backend_pid()";
    db.execute_unprepared(others).await.unwrap();
}

on_both_databases! {
    async fn while_the_database_is_locked_nothing_is_written_and_all_else_goes_on(app: TestApp) {
        let member = app.member().await;
        let candidate = app.interview(&member, "never").await;
        candidate.save(&app, "gil", "first").await.is(201);
        let other = app.connect().await;
        let holding = other.begin().await.unwrap();
        let lock = match app.engine() {
            Engine::Sqlite => "UPDATE member SET name = name",
            Engine::Postgresql => "LOCK TABLE session, answer_revision IN EXCLUSIVE MODE",
        };
        holding.execute_unprepared(lock).await.unwrap();
        // A save waits for its turn, but not for ever, and what is answered 503 has left nothing.
        let saving = candidate.save(&app, "gil", "second");
        let reading = async {
            member.get(&app, "/v1/sessions/x").refused(Code::NotFound).await;
            assert_eq!(candidate.get(&app, "answers").ok().await["data"][0]["text"], "first");
            app.get("/readyz").ok().await;
            tokio::time::sleep(Duration::from_secs(6)).await;
            holding.rollback().await.unwrap();
        };
        let (saved, ()) = tokio::join!(saving, reading);
        unavailable(&saved);
        let again = candidate.save(&app, "gil", "third").await;
        assert_eq!(again.is(200).json()["text"], "third");
        let revisions = app.count("SELECT COUNT(*) FROM answer_revision").await;
        assert_eq!(revisions, 2);
    }
}

/// The database's address by way of a link that the test can take away, and that link.
fn by_a_link(database: &TestDatabase) -> Option<(String, PathBuf, PathBuf)> {
    let (before, socket) = database.url().split_once("?host=")?;
    let socket = Path::new(socket).join(".s.PGSQL.5432");
    let folder = database.folder().join("socket");
    std::fs::create_dir(&folder).unwrap();
    let link = folder.join(".s.PGSQL.5432");
    symlink(&socket, &link).unwrap();
    Some((format!("{before}?host={}", folder.display()), link, socket))
}

#[test]
fn a_postgresql_that_is_away_is_told_from_one_that_is_back() {
    tests::run(Engine::Postgresql, async |database: TestDatabase| {
        let Some((url, link, socket)) = by_a_link(&database) else {
            eprintln!("the server at TEST_DATABASE_URL is not reached by a socket: it can't be taken away");
            return;
        };
        let app = TestApp::start_with(database, |config| config.database_url = url).await;
        let member = app.member().await;
        let candidate = app.interview(&member, "never").await;
        candidate.save(&app, "gil", "before").await.is(201);
        let other = app.connect().await;
        std::fs::remove_file(&link).unwrap();
        cut(&other).await;
        for _ in 0..2 {
            let ready = app.get("/readyz").send().await;
            unavailable(&ready);
            assert!(
                ready.text.contains("The database does not answer"),
                "{}",
                ready.text
            );
            unavailable(&candidate.save(&app, "gil", "meanwhile").await);
            unavailable(&member.get(&app, "/v1/sessions").send().await);
            let body = json!({"email": member.email, "password": tests::people::PASSWORD});
            unavailable(&app.post("/v1/auth/login").json(&body).send().await);
            app.get("/healthz").ok().await;
        }
        symlink(&socket, &link).unwrap();
        let begun = Instant::now();
        while app.get("/readyz").send().await.status != 200 {
            assert!(begun.elapsed() < PATIENCE, "not ready after {PATIENCE:?}");
        }
        assert_eq!(
            candidate.save(&app, "gil", "after").await.is(200).json()["revision"],
            2
        );
        other.close().await.unwrap();
    });
}

#[test]
fn connections_that_are_cut_are_made_anew() {
    tests::run(Engine::Postgresql, async |app: TestApp| {
        let member = app.member().await;
        let candidate = app.interview(&member, "never").await;
        let other = app.connect().await;
        let mut revision = 0;
        for number in 0..20 {
            let text = number.to_string();
            let (answer, ()) = tokio::join!(candidate.save(&app, "gil", &text), cut(&other));
            if answer.status == 503 {
                unavailable(&answer);
            } else {
                let saved = answer.json()["revision"].as_i64().unwrap();
                assert!(saved > revision, "{}", answer.text);
                revision = saved;
            }
        }
        candidate.save(&app, "gil", "last").await.json();
        let stored = candidate.get(&app, "answers").ok().await["data"][0].clone();
        assert_eq!(stored["text"], "last");
        let counted = app.count("SELECT COUNT(*) FROM answer_revision").await;
        let graded = app.count("SELECT COUNT(*) FROM grade").await;
        assert_eq!((counted, graded), (stored["revision"].as_i64().unwrap(), counted));
        other.close().await.unwrap();
    });
}
