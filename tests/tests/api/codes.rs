//! Every code of the table of errors, provoked.

use api::{config::Registration, error::Code};
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::json;
use tests::{
    Answer, Engine, Fixture, TestApp, TestDatabase, on_both_databases,
    people::{BUILT_IN, PASSWORD, registration, small_set},
};

/// Does what the code is answered to. A new code does not compile until it is provoked here.
async fn provoke(code: Code, app: &TestApp) -> Answer {
    let member = app.member().await;
    let post = async |path: &str, body| member.post(app, path, &body).await;
    match code {
        Code::MalformedJson => {
            app.post("/v1/auth/login")
                .body("application/json", "{")
                .send()
                .await
        }
        Code::BadRequest => {
            let candidate = app.interview(&member, "never").await;
            candidate
                .saving(app, "gil", "x")
                .header("if-match", "not a tag")
                .send()
                .await
        }
        Code::MissingToken => app.get("/v1/me").send().await,
        Code::InvalidToken => app.get("/v1/me").token("x").send().await,
        Code::InvalidCredentials => {
            app.post("/v1/auth/login")
                .json(&json!({"email": member.email, "password": "x"}))
                .send()
                .await
        }
        Code::InvalidRefreshToken => {
            app.post("/v1/auth/refresh")
                .json(&json!({"refresh_token": "x"}))
                .send()
                .await
        }
        Code::InvalidInviteCode => {
            app.post("/v1/candidate/token")
                .json(&json!({"invite_code": "x"}))
                .send()
                .await
        }
        Code::RegistrationClosed => {
            let closed = another(app, |config| config.registration = Registration::Closed).await;
            closed
                .post("/v1/auth/register")
                .json(&registration("b@example.org"))
                .send()
                .await
        }
        Code::BuiltInSet => post(&format!("/v1/question-sets/{BUILT_IN}/publish"), json!({})).await,
        Code::NotFound => app.get("/nowhere").send().await,
        Code::MethodNotAllowed => app.call("DELETE", "/v1/me").send().await,
        Code::EmailTaken => {
            app.post("/v1/auth/register")
                .json(&registration(&member.email))
                .send()
                .await
        }
        Code::SlugTaken => {
            post("/v1/question-sets", small_set("twice")).await.is(201);
            post("/v1/question-sets", small_set("twice")).await
        }
        Code::NothingToPublish => {
            app.published(&member, "http").await;
            post("/v1/question-sets/http/publish", json!({})).await
        }
        Code::NotPublished => {
            post("/v1/question-sets", small_set("http")).await.is(201);
            let candidate = json!({"name": "X", "email": "x@example.org"});
            let session = json!({"question_set": "http", "candidate": candidate, "feedback": "never"});
            post("/v1/sessions", session).await
        }
        Code::WrongState => app.invited(&member, "never").await.post(app, "submit").await,
        Code::DeadlinePassed => {
            let candidate = app
                .interview_with(&member, &json!({"time_limit_minutes": 1}))
                .await;
            app.advance_minutes(2);
            candidate.save(app, "gil", "x").await
        }
        Code::NotReleasable => {
            let candidate = app.invited(&member, "never").await;
            member.change(app, &candidate.session, "release").await
        }
        Code::PreconditionFailed => {
            let candidate = app.interview(&member, "never").await;
            candidate
                .saving(app, "gil", "x")
                .header("if-match", "\"7\"")
                .send()
                .await
        }
        Code::BodyTooLarge => {
            app.post("/v1/auth/login")
                .body("application/json", vec![b' '; 1024 * 1024 + 1])
                .send()
                .await
        }
        Code::AnswerTooLarge => {
            let candidate = app.interview(&member, "never").await;
            candidate.save(app, "gil", &"x".repeat(64 * 1024 + 1)).await
        }
        Code::UnsupportedMediaType => app.post("/v1/auth/login").body("text/plain", "{}").send().await,
        Code::InvalidField => app.post("/v1/auth/login").json(&json!({"email": 1})).send().await,
        Code::InvalidParameter => member.get(app, "/v1/sessions?limit=0").send().await,
        Code::InvalidCursor => member.get(app, "/v1/sessions?cursor=x").send().await,
        Code::InvalidQuestionSet => post("/v1/question-sets", small_set("Not a slug")).await,
        Code::Internal => {
            post("/v1/question-sets", small_set("broken")).await.is(201);
            app.execute("UPDATE question_set SET draft = '{}' WHERE slug = 'broken'")
                .await;
            member.get(app, "/v1/question-sets/broken").send().await
        }
        Code::Unavailable => unavailable(app).await,
        Code::RequestTimeout => request_timeout(app).await,
        Code::RequestInProgress => request_in_progress(app).await,
        Code::IdempotencyKeyReused => {
            let create = |slug| {
                let call = app.post("/v1/question-sets").token(&member.token);
                call.header("idempotency-key", "one")
                    .json(&small_set(slug))
                    .send()
            };
            create("first").await.is(201);
            create("second").await
        }
        Code::TooManyRequests => {
            let limited = another(app, |config| config.limit_address = "1/60".parse().unwrap()).await;
            limited.get("/openapi.json").ok().await;
            limited.get("/openapi.json").send().await
        }
        Code::TooManyFailures => {
            let limited = another(app, |config| config.limit_code_failures = "1/60".parse().unwrap()).await;
            let open = || {
                limited
                    .post("/v1/candidate/token")
                    .json(&json!({"invite_code": "x"}))
                    .send()
            };
            open().await.refused(Code::InvalidInviteCode);
            open().await
        }
    }
}

/// The same kind of database, and a server on it that is configured otherwise.
async fn another(app: &TestApp, configure: impl FnOnce(&mut api::config::Config)) -> TestApp {
    let database = TestDatabase::create(app.engine(), false).expect("another database");
    TestApp::start_with(TestDatabase::on(database).await, configure).await
}

/// Somebody else locks what has to be written, for longer than a request waits.
async fn unavailable(app: &TestApp) -> Answer {
    let app = another(app, |config| config.database_connections = 1).await;
    let member = app.member().await;
    let other = app.connect().await;
    let lock = match app.engine() {
        Engine::Sqlite => "UPDATE member SET name = name",
        Engine::Postgresql => "LOCK TABLE refresh_family",
    };
    let holding = other.begin().await.unwrap();
    holding.execute_unprepared(lock).await.unwrap();
    let log_in = || {
        app.post("/v1/auth/login")
            .json(&json!({"email": member.email, "password": PASSWORD}))
            .send()
    };
    // On PostgreSQL the first waits for the lock and the second for the connection that the first holds.
    let (one, other) = (log_in(), log_in());
    let answer = tokio::select! { answer = one => answer, answer = other => answer };
    holding.rollback().await.unwrap();
    assert_eq!(answer.header("retry-after"), "2");
    answer
}

/// A body that never comes.
async fn request_timeout(app: &TestApp) -> Answer {
    let app = another(app, |config| config.body_seconds = 1).await;
    let head = "content-type: application/json\r\ncontent-length: 100\r\n";
    app.raw("POST", "/v1/auth/login", head, "{").answer()
}

/// The first waits for what somebody else has locked.
async fn request_in_progress(app: &TestApp) -> Answer {
    let member = app.member().await;
    let other = app.connect().await;
    let lock = match app.engine() {
        Engine::Sqlite => "UPDATE member SET name = name",
        Engine::Postgresql => "LOCK TABLE question_set",
    };
    let holding = other.begin().await.unwrap();
    holding.execute_unprepared(lock).await.unwrap();
    let create = || {
        let call = app.post("/v1/question-sets").token(&member.token);
        call.header("idempotency-key", "busy")
            .json(&small_set("busy"))
            .send()
    };
    let (one, other) = (create(), create());
    let answer = tokio::select! { answer = one => answer, answer = other => answer };
    holding.rollback().await.unwrap();
    answer
}

on_both_databases! {
    async fn every_code_is_answered_to_something(app: TestApp) {
        for code in Code::ALL {
            provoke(*code, &app).await.refused(*code);
        }
    }
}
