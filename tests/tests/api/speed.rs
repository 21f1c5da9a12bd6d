//! What a request costs the database, and who waits for whom. Times are measured elsewhere, by `tests/load/run`.

use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::json;
use tests::{Candidate, Engine, Member, TestApp, TestDatabase, on_both_databases, people::BUILT_IN};

/// How many statements it takes: the fewest of several times, since the server also works by itself.
async fn statements(app: &TestApp, ask: impl AsyncFn()) -> u64 {
    let mut fewest = u64::MAX;
    for _ in 0..4 {
        let before = app.statements();
        ask().await;
        fewest = fewest.min(app.statements() - before);
    }
    fewest
}

/// How many statements a member's GET takes.
async fn reading(app: &TestApp, member: &Member, path: &str) -> u64 {
    statements(app, async || drop(member.get(app, path).ok().await)).await
}

/// Everything that can be listed, page by page.
async fn listing(app: &TestApp, member: &Member) -> Vec<(String, u64)> {
    let mut counted = Vec::new();
    for path in [
        "/v1/sessions?limit=100",
        "/v1/sessions?limit=100&status=pending",
        "/v1/sessions?limit=100&candidate=charles@example.org",
        &format!("/v1/sessions?limit=100&question_set={BUILT_IN}"),
        "/v1/question-sets?limit=100",
        "/v1/question-sets/http/versions?limit=100",
    ] {
        counted.push((path.to_owned(), reading(app, member, path).await));
    }
    counted
}

async fn all_save(app: &TestApp, candidates: &[Candidate]) -> Vec<u16> {
    let mut saving = tokio::task::JoinSet::new();
    for candidate in candidates {
        let call = candidate.saving(app, "gil", "An answer.");
        saving.spawn(async move { call.send().await.status });
    }
    saving.join_all().await
}

/// How many connections to the database the server has open.
async fn connections(app: &TestApp) -> usize {
    match app.engine() {
        Engine::Sqlite => {
            let file = app.database.url().trim_start_matches("sqlite://").to_owned();
            let opened = std::fs::read_dir("/proc/self/fd").unwrap();
            let links = opened.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
            links.filter(|link| link.to_str() == Some(&file)).count()
        }
        Engine::Postgresql => {
            let theirs = "SELECT COUNT(*) FROM pg_stat_activity \
                          WHERE datname = current_database() AND application_name = 'viva'";
            app.count(theirs).await.try_into().unwrap()
        }
    }
}

on_both_databases! {
    async fn as_many_connections_are_open_as_are_allowed(database: TestDatabase) {
        let mut database = database;
        for allowed in [1, 2, 5] {
            let app = TestApp::start_with(database, |config| config.database_connections = allowed).await;
            let member = app.member().await;
            let mut candidates = Vec::new();
            for _ in 0..8 {
                candidates.push(app.interview(&member, "never").await);
            }
            let reading = async {
                for _ in 0..20 {
                    member.session(&app, &candidates[0].session).await;
                    app.get("/readyz").ok().await;
                    let open = connections(&app).await;
                    assert!((1..=allowed as usize).contains(&open), "{open} of {allowed}");
                }
            };
            let (saved, ()) = tokio::join!(all_save(&app, &candidates), reading);
            assert!(saved.iter().all(|status| *status == 201), "{saved:?}");
            database = app.stop();
        }
    }

    async fn a_long_list_takes_as_many_queries_as_a_short_one(app: TestApp) {
        let member = app.member().await;
        app.published(&member, "http").await;
        app.session(&member, &json!({})).await;
        let short = listing(&app, &member).await;
        for number in 0..20 {
            let candidate = json!({"name": "Somebody", "email": format!("{number}@example.org")});
            app.session(&member, &json!({"candidate": candidate})).await;
            app.published(&member, &format!("set-{number}")).await;
        }
        assert_eq!(listing(&app, &member).await, short);
        assert!(short.iter().all(|(_, queries)| (1..=7).contains(queries)), "{short:?}");
    }

    async fn a_session_is_read_in_one_query_that_finds_who_asks_too(app: TestApp) {
        let member = app.member().await;
        let candidate = app.interview(&member, "never").await;
        assert_eq!(reading(&app, &member, &format!("/v1/sessions/{}", candidate.session)).await, 1);
        let asked = statements(&app, async || drop(candidate.get(&app, "session").ok().await)).await;
        assert_eq!(asked, 1);
    }

    async fn a_save_asks_no_more_than_it_must(app: TestApp) {
        let member = app.member().await;
        let candidate = app.interview(&member, "never").await;
        candidate.save(&app, "gil", "first").await.is(201);
        let saving = async || assert_eq!(candidate.save(&app, "gil", "again").await.status, 200);
        let asked = statements(&app, saving).await;
        // The session, locked, with the answer; and what is written in one go: answer, revision, grade, event.
        assert!(asked <= 2, "{asked}");
    }

    async fn those_who_wait_to_write_keep_nobody_from_reading(app: TestApp) {
        let member = app.member().await;
        let mut candidates = Vec::new();
        for _ in 0..12 {
            candidates.push(app.interview(&member, "never").await);
        }
        let other = app.connect().await;
        let holding = other.begin().await.unwrap();
        let lock = match app.engine() {
            Engine::Sqlite => "UPDATE member SET name = name",
            Engine::Postgresql => "LOCK TABLE session IN EXCLUSIVE MODE",
        };
        holding.execute_unprepared(lock).await.unwrap();
        let reading = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            for candidate in &candidates {
                let begun = Instant::now();
                member.session(&app, &candidate.session).await;
                candidate.get(&app, "session").ok().await;
                app.get("/readyz").ok().await;
                assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
            }
            holding.rollback().await.unwrap();
        };
        let (saved, ()) = tokio::join!(all_save(&app, &candidates), reading);
        assert!(saved.iter().all(|status| *status == 201), "{saved:?}");
    }
}
