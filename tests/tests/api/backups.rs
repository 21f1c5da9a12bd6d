//! Backups of SQLite, taken and restored beside a server that works on.

use std::{fs, path::PathBuf};

use api::{
    error::Code,
    service::backups::{BackupError, back_up, restore},
};
use sea_orm::{ConnectionTrait, Database};
use serde_json::json;
use tests::{Engine, Member, TestApp, people::PASSWORD};

fn on_sqlite(test: impl AsyncFnOnce(TestApp)) {
    tests::run(Engine::Sqlite, test);
}

async fn backed_up(app: &TestApp, name: &str) -> PathBuf {
    let file = app.folder().join(name);
    assert!(back_up(app.database.url(), &file).await.unwrap() > 0);
    file
}

#[test]
fn what_came_after_the_backup_is_gone_and_what_was_before_is_back() {
    on_sqlite(async |app| {
        let member = app.member().await;
        let candidate = app.interview(&member, "immediate").await;
        candidate.save(&app, "gil", "before").await.is(201);
        let report = member.report(&app, &candidate.session).await;
        let file = backed_up(&app, "backup").await;
        candidate.save(&app, "gil", "after").await.is(200);
        candidate.post(&app, "submit").await.is(200);
        let later = app.member().await;
        let refused = restore(app.database.url(), &file, false, &app.clock).await;
        assert!(matches!(refused, Err(BackupError::InUse)));
        later.get(&app, "/v1/me").ok().await;
        restore(app.database.url(), &file, true, &app.clock)
            .await
            .unwrap();
        assert_eq!(member.report(&app, &candidate.session).await, report);
        later.get(&app, "/v1/me").refused(Code::InvalidToken).await;
        candidate.save(&app, "gil", "again").await.is(200);
        // Whoever was signed out since must not come back: all sign in again.
        let body = json!({"refresh_token": member.refresh_token});
        app.post("/v1/auth/refresh")
            .json(&body)
            .refused(Code::InvalidRefreshToken)
            .await;
        let body = json!({"email": member.email, "password": PASSWORD});
        let member = Member::from_tokens(&app.post("/v1/auth/login").json(&body).ok().await);
        let events = app
            .count("SELECT COUNT(*) FROM audit_event WHERE action = 'database_restored'")
            .await;
        assert_eq!(events, 1);
        let violations = app.query("PRAGMA foreign_key_check").await;
        assert!(violations.is_empty());
        let app = app.restart().await;
        member.get(&app, "/v1/me").ok().await;
    });
}

#[test]
fn a_backup_that_is_damaged_or_newer_changes_nothing() {
    on_sqlite(async |app| {
        let member = app.member().await;
        for number in 0..50 {
            app.session(&member, &json!({"external_id": format!("application-{number}")}))
                .await;
        }
        let file = backed_up(&app, "backup").await;
        let whole = fs::read(&file).unwrap();
        let mut damaged = whole.clone();
        let middle = damaged.len() / 2;
        damaged[middle..middle + 8192].fill(0xaa);
        fs::write(&file, &damaged).unwrap();
        let refused = restore(app.database.url(), &file, true, &app.clock)
            .await
            .unwrap_err();
        assert!(matches!(refused, BackupError::Database(_)), "{refused}");
        fs::write(&file, &whole[..whole.len() - 10_000]).unwrap();
        assert!(
            restore(app.database.url(), &file, true, &app.clock)
                .await
                .is_err()
        );

        fs::write(&file, &whole).unwrap();
        let newer = Database::connect(format!("sqlite://{}", file.display()))
            .await
            .unwrap();
        let future =
            "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20991231_000001_later', 0)";
        newer.execute_unprepared(future).await.unwrap();
        newer.close().await.unwrap();
        let refused = restore(app.database.url(), &file, true, &app.clock)
            .await
            .unwrap_err();
        assert!(
            refused.to_string().contains("m20991231_000001_later"),
            "{refused}"
        );

        assert_eq!(app.count("SELECT COUNT(*) FROM session").await, 50);
        member.get(&app, "/v1/me").ok().await;
        let left = fs::read_dir(app.folder())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let left: Vec<String> = left
            .filter(|name| name.contains("restoring") || name.contains(".part"))
            .collect();
        assert!(left.is_empty(), "{left:?}");
    });
}
