//! The server keeps the time: what is over ends, whether or not anybody calls, and nothing is lost by it.

use std::time::{Duration, Instant};

use api::error::Code;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tests::{TestApp, TestDatabase, on_both_databases};

fn in_minutes(minutes: i64) -> Value {
    json!((Utc::now() + TimeDelta::minutes(minutes)).to_rfc3339())
}

fn time(value: &Value) -> DateTime<Utc> {
    let text = value.as_str().unwrap();
    assert!(text.ends_with('Z'), "{text}");
    text.parse().unwrap()
}

/// Waits until the database says so, without calling the server.
async fn stands(app: &TestApp, session: &str, status: &str) {
    let begun = Instant::now();
    let sql = format!("SELECT COUNT(*) FROM session WHERE id = '{session}' AND status = '{status}'");
    while app.count(&sql).await == 0 {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "nobody has made it {status}"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

on_both_databases! {
    async fn a_session_that_nobody_begins_in_time_expires(app: TestApp) {
        let member = app.member().await;
        let candidate = app.invited_with(&member, &json!({"expires_at": in_minutes(5)})).await;
        app.advance_minutes(4);
        assert_eq!(member.session(&app, &candidate.session).await["status"], "pending");
        app.advance_minutes(2);
        let expired = member.session(&app, &candidate.session).await;
        assert_eq!((&expired["status"], &expired["closed_at"]), (&json!("expired"), &expired["expires_at"]));
        assert_eq!(candidate.get(&app, "session").ok().await["status"], "expired");
        candidate.post(&app, "start").await.refused(Code::WrongState);
        let code = json!({"invite_code": candidate.invite_code});
        app.post("/v1/candidate/token").json(&code).refused(Code::WrongState).await;
    }

    async fn a_clock_that_jumps_opens_nothing_again_and_loses_nothing(app: TestApp) {
        let member = app.member().await;
        let candidate = app.interview_with(&member, &json!({"time_limit_minutes": 30})).await;
        candidate.save(&app, "gil", "First.").await.is(201);
        // Back by an hour: whoever has a token from the future signs in again, and the work goes on.
        app.advance_minutes(-60);
        candidate.save(&app, "gil", "x").await.refused(Code::InvalidToken);
        let again = json!({"invite_code": candidate.invite_code});
        let token = app.post("/v1/candidate/token").json(&again).ok().await["access_token"].as_str().unwrap().to_owned();
        let candidate = tests::Candidate { token, ..candidate };
        assert_eq!(candidate.save(&app, "gil", "Second.").await.is(200).json()["revision"], 2);
        assert_eq!(candidate.get(&app, "answers").ok().await["data"][0]["text"], "Second.");
        // Forward past the deadline, and back before it: what has ended stays ended.
        app.advance_minutes(95);
        stands(&app, &candidate.session, "submitted").await;
        app.advance_minutes(-35);
        candidate.save(&app, "gil", "Third.").await.refused(Code::DeadlinePassed);
        let body = json!({"email": member.email, "password": tests::people::PASSWORD});
        let member = tests::Member::from_tokens(&app.post("/v1/auth/login").json(&body).ok().await);
        let report = member.report(&app, &candidate.session).await;
        assert_eq!((&report["session"]["status"], &report["session"]["submitted_by"]), (&json!("submitted"), &json!("deadline")));
        let gil = report["questions"].as_array().unwrap().iter().find(|q| q["question_id"] == "gil").unwrap();
        assert_eq!((&gil["answer"]["text"], &gil["answer"]["revision"]), (&json!("Second."), &json!(2)));
        assert_eq!(app.count("SELECT COUNT(*) FROM grade").await, 2);
    }

    async fn the_deadline_submits_what_was_saved(app: TestApp) {
        let member = app.member().await;
        let candidate = app.interview_with(&member, &json!({"time_limit_minutes": 5})).await;
        candidate.save(&app, "gil", "The GIL is released while a thread waits for I/O.").await.is(201);
        app.advance_minutes(6);
        candidate.save(&app, "gil", "Too late.").await.refused(Code::DeadlinePassed);
        candidate.post(&app, "submit").await.refused(Code::DeadlinePassed);
        let session = candidate.get(&app, "session").ok().await;
        assert_eq!((&session["status"], &session["submitted_by"]), (&json!("submitted"), &json!("deadline")));
        assert_eq!(session["submitted_at"], session["deadline_at"]);
        let limit = time(&session["deadline_at"]) - time(&session["started_at"]);
        assert_eq!(limit, TimeDelta::minutes(5));

        let report = member.report(&app, &candidate.session).await;
        let gil = report["questions"].as_array().unwrap().iter().find(|grade| grade["question_id"] == "gil").unwrap();
        assert_eq!(gil["answer"]["text"], "The GIL is released while a thread waits for I/O.");
        assert!(gil["points"].as_u64() > Some(0), "{gil}");
        assert_eq!(candidate.get(&app, "result").ok().await["points"], report["points"]);
    }

    async fn the_deadline_is_the_earlier_of_limit_and_expiry(app: TestApp) {
        let member = app.member().await;
        let until = in_minutes(3);
        let candidate = app.interview_with(&member, &json!({"time_limit_minutes": 60, "expires_at": until})).await;
        let session = candidate.get(&app, "session").ok().await;
        assert_eq!(session["deadline_at"], session["expires_at"]);
        app.advance_minutes(4);
        assert_eq!(member.session(&app, &candidate.session).await["submitted_by"], "deadline");
        let unlimited = app.interview(&member, "never").await;
        assert_eq!(unlimited.get(&app, "session").ok().await["deadline_at"], Value::Null);
    }

    async fn what_is_over_ends_also_where_nobody_calls(app: TestApp) {
        let member = app.member().await;
        let pending = app.invited_with(&member, &json!({"expires_at": in_minutes(5)})).await;
        let active = app.interview_with(&member, &json!({"time_limit_minutes": 5})).await;
        app.advance_minutes(6);
        stands(&app, &pending.session, "expired").await;
        stands(&app, &active.session, "submitted").await;
    }

    async fn lists_agree_with_the_clock(app: TestApp) {
        let member = app.member().await;
        let pending = app.invited_with(&member, &json!({"expires_at": in_minutes(5)})).await;
        let active = app.interview_with(&member, &json!({"time_limit_minutes": 5})).await;
        app.advance_minutes(6);
        for (status, found) in [
            ("pending", vec![]),
            ("active", vec![]),
            ("submitted", vec![active.session.clone()]),
            ("expired", vec![pending.session.clone()]),
        ] {
            assert_eq!(member.ids(&app, &format!("/v1/sessions?status={status}")).await, found, "{status}");
        }
    }

    async fn what_ended_while_the_server_was_down_has_ended_on_time(app: TestApp) {
        let member = app.member().await;
        let candidate = app.interview_with(&member, &json!({"time_limit_minutes": 5})).await;
        let deadline = candidate.get(&app, "session").ok().await["deadline_at"].clone();
        let database = app.stop();
        let app = TestApp::start(database).await;
        app.advance_minutes(8);
        let session = member.session(&app, &candidate.session).await;
        assert_eq!((&session["status"], &session["submitted_at"]), (&json!("submitted"), &deadline));
    }

    async fn a_save_that_was_under_way_at_the_deadline_still_counts(database: TestDatabase) {
        let app = TestApp::start_with(database, |config| config.deadline_grace_seconds = 120).await;
        let member = app.member().await;
        let candidate = app.interview_with(&member, &json!({"time_limit_minutes": 5})).await;
        app.advance_minutes(6);
        candidate.save(&app, "gil", "Just in time.").await.is(201);
        assert_eq!(candidate.get(&app, "session").ok().await["status"], "active");
        app.advance_minutes(2);
        candidate.save(&app, "gil", "Too late.").await.refused(Code::DeadlinePassed);
        let session = member.session(&app, &candidate.session).await;
        assert_eq!(session["submitted_at"], session["deadline_at"]);
        assert_eq!(candidate.get(&app, "answers").ok().await["data"][0]["text"], "Just in time.");
    }

    async fn candidates_are_told_the_time(app: TestApp) {
        let member = app.member().await;
        let candidate = app.interview_with(&member, &json!({"time_limit_minutes": 5})).await;
        app.advance_minutes(2);
        let session = candidate.get(&app, "session").ok().await;
        let left = time(&session["deadline_at"]) - time(&session["server_time"]);
        assert!((TimeDelta::minutes(2)..=TimeDelta::minutes(3)).contains(&left), "{left}");
    }
}
