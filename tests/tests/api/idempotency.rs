//! `Idempotency-Key`: a request that creates something can be sent again without creating it twice.

use std::time::Duration;

use api::error::Code;
use chrono::TimeDelta;
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::{Value, json};
use tests::{
    Answer, Engine, Member, TestApp, contract, on_both_databases,
    people::{BUILT_IN, small_set},
};

fn session(email: &str) -> Value {
    json!({
        "question_set": BUILT_IN,
        "candidate": {"name": "Charles Babbage", "email": email},
        "feedback": "on_submit"
    })
}

async fn create(app: &TestApp, member: &Member, path: &str, key: &str, body: &Value) -> Answer {
    let call = app.post(path).token(&member.token).header("idempotency-key", key);
    call.json(body).send().await
}

/// How many rows a table has.
async fn count(app: &TestApp, table: &str) -> i64 {
    app.count(&format!("SELECT COUNT(*) FROM {table}")).await
}

on_both_databases! {
    async fn a_repeat_is_answered_as_the_first_was_without_the_secret(app: TestApp) {
        let member = app.member().await;
        let (path, body) = ("/v1/sessions", session("charles@example.org"));
        let first = create(&app, &member, path, "one", &body).await;
        assert_eq!((first.is(201).header("idempotency-replayed"), count(&app, "session").await), ("", 1));
        let mut shown = first.json();
        let code = shown.as_object_mut().unwrap().shift_remove("invite_code").unwrap();
        let id = shown["id"].as_str().unwrap();
        // Whatever has become of it since.
        member.change(&app, id, "cancel").await.is(200);
        for _ in 0..2 {
            let again = create(&app, &member, path, "one", &body).await;
            assert_eq!(again.is(201).json(), shown);
            assert_eq!(again.header("location"), first.header("location"));
            assert_eq!(again.header("idempotency-replayed"), "true");
        }
        assert_eq!((count(&app, "session").await, count(&app, "candidate").await), (1, 1));
        let record = &app.query("SELECT * FROM idempotency_record").await[0];
        assert!(!format!("{record:?}").contains(code.as_str().unwrap()));
        let events = app.count("SELECT COUNT(*) FROM audit_event WHERE action = 'session_created'").await;
        assert_eq!(events, 1);
    }

    async fn sets_and_versions_are_created_once(app: TestApp) {
        let member = app.member().await;
        for (path, body, headers) in [
            ("/v1/question-sets", small_set("http"), &["location", "etag"][..]),
            ("/v1/question-sets/http/publish", json!({}), &["location"][..]),
        ] {
            let first = create(&app, &member, path, "one", &body).await;
            let again = create(&app, &member, path, "one", &body).await;
            assert_eq!(first.is(201).text, again.is(201).text);
            for name in headers {
                assert!(!first.header(name).is_empty(), "{path} {name}");
                assert_eq!(first.header(name), again.header(name), "{path} {name}");
            }
            assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), ("", "true"));
        }
        let versions = app.count("SELECT COUNT(*) FROM question_set_version WHERE published_by IS NOT NULL").await;
        assert_eq!(versions, 1);
    }

    async fn a_key_stands_for_one_request_of_one_caller(app: TestApp) {
        let (member, other) = (app.member().await, app.member().await);
        let (path, body) = ("/v1/sessions", session("charles@example.org"));
        create(&app, &member, path, "one", &body).await.is(201);
        let refused = create(&app, &member, path, "one", &session("grace@example.org")).await;
        refused.refused(Code::IdempotencyKeyReused);
        // Another key, another caller, another route: other requests.
        create(&app, &member, path, "two", &body).await.is(201);
        assert_eq!(create(&app, &other, path, "one", &body).await.is(201).header("idempotency-replayed"), "");
        create(&app, &member, "/v1/question-sets", "one", &small_set("http")).await.is(201);
        create(&app, &member, "/v1/question-sets", "more", &small_set("rest")).await.is(201);
        create(&app, &member, "/v1/question-sets/http/publish", "one", &json!({})).await.is(201);
        // The same route on something else.
        let elsewhere = create(&app, &member, "/v1/question-sets/rest/publish", "one", &json!({})).await;
        elsewhere.refused(Code::IdempotencyKeyReused);
        assert_eq!(count(&app, "session").await, 3);
    }

    async fn a_key_runs_out_after_a_day(app: TestApp) {
        let member = app.member().await;
        let body = session("charles@example.org");
        create(&app, &member, "/v1/sessions", "one", &body).await.is(201);
        app.advance(TimeDelta::hours(23));
        let member = again(&app, &member).await;
        let repeated = create(&app, &member, "/v1/sessions", "one", &body).await;
        assert_eq!(repeated.is(201).header("idempotency-replayed"), "true");
        app.advance(TimeDelta::hours(1));
        let member = again(&app, &member).await;
        let anew = create(&app, &member, "/v1/sessions", "one", &session("grace@example.org")).await;
        assert_eq!(anew.is(201).header("idempotency-replayed"), "");
        assert_eq!(count(&app, "session").await, 2);
    }

    async fn what_has_run_out_is_forgotten(app: TestApp) {
        let member = app.member().await;
        create(&app, &member, "/v1/sessions", "one", &session("charles@example.org")).await.is(201);
        app.advance(TimeDelta::hours(24));
        // The worker looks when a server starts, too; its clock is the real one.
        app.execute("UPDATE idempotency_record SET expires_at = created_at").await;
        let app = app.restart().await;
        let mut left = 1;
        for _ in 0..100 {
            left = count(&app, "idempotency_record").await;
            if left == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(left, 0);
    }

    async fn an_error_is_not_kept(app: TestApp) {
        let member = app.member().await;
        let mut body = session("charles@example.org");
        body["question_set"] = json!("http");
        create(&app, &member, "/v1/sessions", "one", &body).await.refused(Code::InvalidField);
        create(&app, &member, "/v1/question-sets", "set", &small_set("http")).await.is(201);
        create(&app, &member, "/v1/sessions", "one", &body).await.refused(Code::NotPublished);
        assert_eq!(count(&app, "idempotency_record").await, 1);
        create(&app, &member, "/v1/question-sets/http/publish", "p", &json!({})).await.is(201);
        create(&app, &member, "/v1/sessions", "one", &body).await.is(201);
    }

    async fn twenty_clients_with_one_key_make_one_session(app: TestApp) {
        let member = app.member().await;
        let body = session("charles@example.org");
        let mut clients = Vec::new();
        for _ in 0..20 {
            clients.push(Box::pin(create(&app, &member, "/v1/sessions", "one", &body)));
        }
        let mut ids = Vec::new();
        let mut codes = 0;
        for answer in futures(clients).await {
            if answer.status == 409 {
                answer.refused(Code::RequestInProgress);
                assert_eq!(answer.header("retry-after"), "1");
            } else {
                let created = answer.is(201).json();
                codes += usize::from(created.get("invite_code").is_some());
                ids.push(created["id"].clone());
            }
        }
        ids.dedup();
        assert_eq!((ids.len(), codes), (1, 1));
        assert_eq!((count(&app, "session").await, count(&app, "idempotency_record").await), (1, 1));
    }

    async fn two_servers_with_one_key_make_one_set(app: TestApp) {
        let beside = TestApp::start(app.database.shared()).await;
        let member = app.member().await;
        for round in 0..5 {
            let (key, body) = (format!("key-{round}"), small_set(&format!("set-{round}")));
            let mut clients = Vec::new();
            for number in 0..8 {
                let server = if number % 2 == 0 { &app } else { &beside };
                clients.push(Box::pin(create(server, &member, "/v1/question-sets", &key, &body)));
            }
            let mut first = 0;
            for answer in futures(clients).await {
                if answer.status == 409 {
                    answer.refused(Code::RequestInProgress);
                } else {
                    first += usize::from(answer.is(201).header("idempotency-replayed").is_empty());
                }
            }
            assert_eq!(first, 1);
            for server in [&app, &beside] {
                let again = create(server, &member, "/v1/question-sets", &key, &body).await;
                assert_eq!(again.is(201).header("idempotency-replayed"), "true");
            }
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM idempotency_record").await, 5);
    }

    async fn while_the_first_is_under_way_the_second_is_told_so(app: TestApp) {
        let member = app.member().await;
        let body = session("charles@example.org");
        let other = app.connect().await;
        let holding = other.begin().await.unwrap();
        let lock = match app.engine() {
            Engine::Sqlite => "UPDATE member SET name = name",
            Engine::Postgresql => "LOCK TABLE candidate",
        };
        holding.execute_unprepared(lock).await.unwrap();
        let first = create(&app, &member, "/v1/sessions", "one", &body);
        let meddling = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            let second = create(&app, &member, "/v1/sessions", "one", &body).await;
            holding.rollback().await.unwrap();
            second
        };
        let (first, second) = tokio::join!(first, meddling);
        first.is(201);
        second.refused(Code::RequestInProgress);
        assert_eq!(second.header("retry-after"), "1");
        let again = create(&app, &member, "/v1/sessions", "one", &body).await;
        assert_eq!(again.is(201).json()["id"], first.json()["id"]);
    }

    async fn a_key_that_is_none_is_refused(app: TestApp) {
        let member = app.member().await;
        let body = session("charles@example.org");
        for key in ["", " ", &"x".repeat(256), "é"] {
            let refused = create(&app, &member, "/v1/sessions", key, &body).await.refused(Code::BadRequest);
            assert_eq!(refused["errors"][0]["header"], "Idempotency-Key", "{key:?}");
        }
        let twice = app.post("/v1/sessions").token(&member.token).header("idempotency-key", "a").header("idempotency-key", "b");
        twice.json(&body).refused(Code::BadRequest).await;
        create(&app, &member, "/v1/sessions", "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", &body).await.is(201);
        // Who is not let in is told that first.
        app.post("/v1/sessions").header("idempotency-key", "").json(&body).refused(Code::MissingToken).await;
        assert_eq!(count(&app, "session").await, 1);
    }

    async fn a_rotated_key_still_knows_the_request(app: TestApp) {
        let member = app.member().await;
        let body = session("charles@example.org");
        create(&app, &member, "/v1/sessions", "one", &body).await.is(201);
        api::auth::keys::SigningKeys::generate(&app.folder().join("signing-keys")).unwrap();
        let app = app.restart().await;
        let again = create(&app, &member, "/v1/sessions", "one", &body).await;
        assert_eq!(again.is(201).header("idempotency-replayed"), "true");
        create(&app, &member, "/v1/sessions", "one", &session("b@example.org")).await.refused(Code::IdempotencyKeyReused);
    }
}

/// Signed in once more: access tokens don't live for a day.
async fn again(app: &TestApp, member: &Member) -> Member {
    let body = json!({"email": member.email, "password": tests::people::PASSWORD});
    Member::from_tokens(&app.post("/v1/auth/login").json(&body).ok().await)
}

/// Waits for all of them, side by side.
async fn futures<T>(mut pending: Vec<std::pin::Pin<Box<impl Future<Output = T>>>>) -> Vec<T> {
    let mut done = Vec::new();
    std::future::poll_fn(|context| {
        pending.retain_mut(|future| match future.as_mut().poll(context) {
            std::task::Poll::Ready(value) => {
                done.push(value);
                false
            }
            std::task::Poll::Pending => true,
        });
        if pending.is_empty() {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    done
}

#[test]
fn every_route_that_creates_takes_a_key() {
    for (method, path, operation) in contract::operations() {
        let creates = method == "POST" && operation["responses"].get("201").is_some();
        let exempt = path.starts_with("/v1/auth/") || path == "/v1/candidate/token";
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let takes = parameters
            .clone()
            .any(|parameter| parameter["name"] == "Idempotency-Key");
        assert_eq!(takes, creates && !exempt, "{method} {path}");
    }
}
