//! How often somebody may ask, and how often somebody may fail.

use std::time::{Duration, Instant};

use api::{config::Config, error::Code};
use chrono::TimeDelta;
use serde_json::json;
use tests::{
    Answer, TestApp, TestDatabase, contract, on_both_databases,
    people::{PASSWORD, registration},
};

async fn log_in(app: &TestApp, email: &str, password: &str) -> Answer {
    let body = json!({"email": email, "password": password});
    app.post("/v1/auth/login").json(&body).send().await
}

async fn open(app: &TestApp, code: &str) -> Answer {
    let body = json!({"invite_code": code});
    app.post("/v1/candidate/token").json(&body).send().await
}

async fn limited(database: TestDatabase, configure: impl FnOnce(&mut Config)) -> TestApp {
    TestApp::start_with(database, configure).await
}

fn wait(answer: &Answer) -> u64 {
    answer.header("retry-after").parse().expect("a number of seconds")
}

on_both_databases! {
    async fn an_account_is_closed_for_a_while_after_ten_wrong_passwords(app: TestApp) {
        let member = app.member().await;
        for known in [member.email.as_str(), "nobody@example.org"] {
            for _ in 0..10 {
                log_in(&app, known, "not it").await.refused(Code::InvalidCredentials);
            }
            // Also for who knows the password, and in any case: whoever tries learns nothing.
            for (email, password) in [(known.to_owned(), PASSWORD), (known.to_uppercase(), "not it")] {
                let refused = log_in(&app, &email, password).await;
                let problem = refused.refused(Code::TooManyFailures);
                assert!(!problem.to_string().contains('@'), "{problem}");
                assert!((50..=60).contains(&wait(&refused)), "{}", wait(&refused));
            }
        }
        let (one, other) = (log_in(&app, &member.email, "x").await, log_in(&app, "nobody@example.org", "x").await);
        assert_eq!(one.text, other.text);
        // Somebody else is not kept out.
        let other = app.member().await;
        log_in(&app, &other.email, PASSWORD).await.is(200);
        app.advance(TimeDelta::seconds(61));
        log_in(&app, &member.email, PASSWORD).await.is(200);
    }

    async fn what_succeeds_does_not_count(app: TestApp) {
        let member = app.member().await;
        let candidate = app.invited(&member, "never").await;
        for _ in 0..15 {
            log_in(&app, &member.email, PASSWORD).await.is(200);
            open(&app, &candidate.invite_code).await.is(200);
        }
    }

    async fn many_guesses_at_once_are_not_more_than_one_after_the_other(app: TestApp) {
        let member = app.member().await;
        let guess = || log_in(&app, &member.email, "not it");
        let mut refused = 0;
        for _ in 0..4 {
            let (a, b, c, d) = tokio::join!(guess(), guess(), guess(), guess());
            refused += [a, b, c, d].iter().filter(|answer| answer.status == 401).count();
        }
        assert_eq!(refused, 10);
    }

    async fn the_current_password_can_not_be_guessed_either(app: TestApp) {
        let member = app.member().await;
        let change = || {
            let body = json!({"current_password": "not it", "new_password": "another password"});
            app.post("/v1/me/password").token(&member.token).json(&body)
        };
        for _ in 0..10 {
            change().refused(Code::InvalidField).await;
        }
        change().refused(Code::TooManyFailures).await;
        log_in(&app, &member.email, PASSWORD).await.refused(Code::TooManyFailures);
    }

    async fn an_unknown_address_takes_as_long_as_a_wrong_password(app: TestApp) {
        let member = app.member().await;
        let took = async |email: &str| {
            let mut fastest = Duration::MAX;
            for _ in 0..5 {
                let begun = Instant::now();
                log_in(&app, email, "not it").await.refused(Code::InvalidCredentials);
                fastest = fastest.min(begun.elapsed());
            }
            fastest
        };
        let (wrong, unknown) = (took(&member.email).await, took("nobody@example.org").await);
        // A hash takes most of the time of both: who left it out would be many times faster.
        assert!(wrong < unknown * 2 && unknown < wrong * 2, "{wrong:?} {unknown:?}");
    }

    async fn a_wrong_code_is_tried_ten_times(app: TestApp) {
        for _ in 0..10 {
            open(&app, "no code").await.refused(Code::InvalidInviteCode);
        }
        assert!(wait(&open(&app, "no code").await) > 50);
        open(&app, "no code").await.refused(Code::TooManyFailures);
        open(&app, "another").await.refused(Code::InvalidInviteCode);
    }

    async fn an_address_fails_a_hundred_times_with_whatever(database: TestDatabase) {
        let app = limited(database, |config| config.limit_address_failures = "6/600".parse().unwrap()).await;
        let member = app.member().await;
        let candidate = app.invited(&member, "never").await;
        for number in 0..3 {
            log_in(&app, &format!("{number}@example.org"), "x").await.refused(Code::InvalidCredentials);
            open(&app, &number.to_string()).await.refused(Code::InvalidInviteCode);
        }
        log_in(&app, &member.email, PASSWORD).await.refused(Code::TooManyFailures);
        open(&app, &candidate.invite_code).await.refused(Code::TooManyFailures);
        // Who is in is in.
        member.get(&app, "/v1/me").ok().await;
        app.advance(TimeDelta::seconds(101));
        open(&app, &candidate.invite_code).await.is(200);
    }

    async fn a_forwarded_address_counts_only_from_a_trusted_proxy(database: TestDatabase) {
        let app = limited(database, |config| {
            config.limit_address = "2/600".parse().unwrap();
            config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
        }).await;
        let from = |forwarded: &str| app.get("/.well-known/jwks.json").header("x-forwarded-for", forwarded).send();
        for _ in 0..2 {
            from("192.0.2.1").await.is(200);
        }
        from("192.0.2.1").await.refused(Code::TooManyRequests);
        // What the client wrote itself, to the left of what the proxy added, changes nothing.
        from("203.0.113.7, 192.0.2.1").await.refused(Code::TooManyRequests);
        from("192.0.2.1:4711").await.refused(Code::TooManyRequests);
        from("192.0.2.2").await.is(200);
        let database = app.stop();
        let app = limited(database, |config| config.limit_address = "2/600".parse().unwrap()).await;
        let from = |forwarded: &str| app.get("/.well-known/jwks.json").header("x-forwarded-for", forwarded).send();
        from("192.0.2.1").await.is(200);
        from("192.0.2.2").await.is(200);
        from("192.0.2.3").await.refused(Code::TooManyRequests);
    }

    async fn every_answer_says_how_the_caller_stands(app: TestApp) {
        let member = app.member().await;
        let first = member.get(&app, "/v1/me").send().await;
        assert_eq!(first.header("ratelimit-policy"), "\"caller\";q=1000;w=10");
        assert_eq!(first.header("ratelimit"), "\"caller\";r=999;t=1");
        for answer in [
            app.get("/openapi.json").send().await,
            app.get("/nowhere").send().await,
            app.get("/v1/me").send().await,
            app.get("/v1/me").token("x").send().await,
            app.post("/v1/auth/login").json(&json!({})).send().await,
        ] {
            assert_eq!(answer.header("ratelimit-policy"), "\"address\";q=1000;w=10");
        }
        for path in ["/healthz", "/readyz"] {
            assert_eq!(app.get(path).send().await.header("ratelimit"), "", "{path}");
        }
    }

    async fn who_asks_too_often_is_told_when_to_come_back(database: TestDatabase) {
        let app = limited(database, |config| {
            config.limit_caller = "5/50".parse().unwrap();
            config.limit_address = "40/50".parse().unwrap();
        }).await;
        let (member, other) = (app.member().await, app.member().await);
        for left in (0..5).rev() {
            let answer = member.get(&app, "/v1/me").send().await;
            assert!(answer.is(200).header("ratelimit").starts_with(&format!("\"caller\";r={left};t=")));
        }
        let refused = member.get(&app, "/v1/me").send().await;
        refused.refused(Code::TooManyRequests);
        assert!((9..=10).contains(&wait(&refused)));
        assert_eq!(refused.header("ratelimit"), "\"caller\";r=0;t=50");
        // Others have limits of their own, and so has the address.
        other.get(&app, "/v1/me").ok().await;
        app.get("/v1/me").token("x").refused(Code::InvalidToken).await;
        app.advance(TimeDelta::seconds(11));
        member.get(&app, "/v1/me").ok().await;
        member.get(&app, "/v1/me").refused(Code::TooManyRequests).await;
        // Also who guesses at tokens or paths.
        let mut refused = 0;
        for number in 0..60 {
            let answer = app.get(["/v1/me", "/nowhere"][number % 2]).token("x").send().await;
            refused += usize::from(answer.status == 429);
        }
        assert!(refused > 0);
        for _ in 0..50 {
            app.get("/healthz").ok().await;
        }
    }

    async fn a_limit_can_be_off(database: TestDatabase) {
        let app = limited(database, |config| {
            config.limit_caller = "off".parse().unwrap();
            config.limit_address = "off".parse().unwrap();
            config.limit_account_failures = "off".parse().unwrap();
        }).await;
        let member = app.member().await;
        assert_eq!(member.get(&app, "/v1/me").send().await.header("ratelimit"), "");
        for _ in 0..12 {
            log_in(&app, &member.email, "not it").await.refused(Code::InvalidCredentials);
        }
    }

    async fn an_assessment_centre_behind_one_address_is_let_in(app: TestApp) {
        let member = app.member().await;
        let candidate = app.interview(&member, "never").await;
        // Five seconds of twenty exchanges, at once.
        for _ in 0..100 {
            open(&app, &candidate.invite_code).await.is(200);
        }
        for number in 0..50 {
            assert!([200, 201].contains(&candidate.save(&app, "gil", &number.to_string()).await.status));
        }
        app.post("/v1/auth/register").json(&registration("centre@example.org")).send().await.is(201);
    }
}

#[test]
fn every_operation_that_counts_says_so() {
    for (method, path, operation) in contract::operations() {
        let counted = !["/healthz", "/readyz"].contains(&path.as_str());
        let responses = operation["responses"].as_object().unwrap();
        assert_eq!(responses.contains_key("429"), counted, "{method} {path}");
        let of_interest = |status: &str| status.starts_with('2') || status == "429";
        for (status, response) in responses.iter().filter(|(status, _)| of_interest(status)) {
            for header in ["RateLimit", "RateLimit-Policy"] {
                assert_eq!(
                    response["headers"].get(header).is_some(),
                    counted,
                    "{method} {path} {status}"
                );
            }
        }
        if counted {
            assert!(
                responses["429"]["headers"].get("Retry-After").is_some(),
                "{method} {path}"
            );
        }
    }
}
