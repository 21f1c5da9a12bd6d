//! What comes from those who mean harm, or from machines that are broken: below what is asked of one route.

use std::{
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use api::error::Code;
use serde_json::json;
use tests::{Member, TestApp, TestDatabase, on_both_databases, raw::Raw};

const JSON: &str = "application/json";

/// How long one who is no trouble may wait beside those who are.
const SOON: Duration = Duration::from_secs(2);

/// Sends a little again and again until the server hangs up, or for a minute; what it said, and how long that took.
fn trickling(mut connection: Raw, little: &'static str) -> JoinHandle<(String, Duration)> {
    thread::spawn(move || {
        let begun = Instant::now();
        let mut said = String::new();
        while begun.elapsed() < Duration::from_secs(60) {
            connection.send(little);
            match connection.so_far(Duration::from_millis(100)) {
                Some(more) => said.push_str(&more),
                None => break,
            }
        }
        (said, begun.elapsed())
    })
}

/// Asks for two seconds: nobody waits long.
async fn others_are_served(app: &TestApp, member: &Member) {
    for _ in 0..10 {
        let begun = Instant::now();
        member.get(app, "/v1/me").ok().await;
        assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

on_both_databases! {
    async fn a_list_is_no_object_however_deep(app: TestApp) {
        let member = app.member().await;
        let session = r#"{"question_set": "python-core-mechanics", "candidate": ["Ada", "a@example.org"], "feedback": "never"}"#;
        let concept = r#"["same-effect", "Sending it twice is as sending it once."]"#;
        let set = |question: &str| format!(r#"{{"id": "http", "questions": [{question}]}}"#);
        let listed = set(r#"["q", "What is it?", null, [["c", "It is it."]]]"#);
        let deeper = set(&format!(r#"{{"id": "q", "prompt": "What is it?", "concepts": [{concept}]}}"#));
        for (path, body, pointer) in [
            ("/v1/sessions", session, "/candidate"),
            ("/v1/question-sets", listed.as_str(), "/questions/0"),
            ("/v1/question-sets", deeper.as_str(), "/questions/0/concepts/0"),
            ("/v1/grade-previews", r#"{"question": ["q", "What?"], "answer": "x"}"#, "/question"),
        ] {
            let refused = app.post(path).token(&member.token).body(JSON, body).refused(Code::InvalidField).await;
            assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
            assert!(refused["detail"].as_str().unwrap().contains("an object"), "{refused}");
        }
    }

    async fn a_body_in_another_encoding_is_refused(app: TestApp) {
        let body = json!({"invite_code": "x"}).to_string();
        for parameters in ["charset=utf-16", "charset=\"UTF-16\"", "Charset=iso-8859-1", "a=b; charset=latin1"] {
            let call = app.post("/v1/candidate/token").body(&format!("{JSON}; {parameters}"), body.clone());
            call.refused(Code::UnsupportedMediaType).await;
        }
        for parameters in ["charset=utf-8", "charset=\"UTF-8\"", "CHARSET=Utf-8", "a=b"] {
            let call = app.post("/v1/candidate/token").body(&format!("{JSON}; {parameters}"), body.clone());
            call.refused(Code::InvalidInviteCode).await;
        }
    }

    async fn numbers_that_no_machine_holds_are_wrong_fields(app: TestApp) {
        let member = app.member().await;
        for number in ["1e999", "-1e999", "99999999999999999999", "1e10", "1.5", "4294967297", "0.1e-9999999999", "-0"] {
            let body = format!(
                r#"{{"question_set": "python-core-mechanics", "candidate": {{"name": "A", "email": "a@example.org"}},
                "feedback": "never", "time_limit_minutes": {number}}}"#
            );
            let refused = app.post("/v1/sessions").token(&member.token).body(JSON, body).refused(Code::InvalidField).await;
            assert_eq!(refused["errors"][0]["pointer"], "/time_limit_minutes", "{number}: {refused}");
        }
    }

    async fn a_deep_body_is_read_to_its_fault_and_no_further(app: TestApp) {
        let member = app.member().await;
        for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
            let deep = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
            for field in ["question_set", "candidate", "no_such_field"] {
                let body = format!(r#"{{"{field}": {deep}}}"#);
                app.post("/v1/sessions").token(&member.token).body(JSON, body).refused(Code::InvalidField).await;
            }
        }
    }

    async fn the_same_field_twice_is_refused_however_deep(app: TestApp) {
        let member = app.member().await;
        let body = r#"{"question_set": "python-core-mechanics", "candidate": {"name": "A", "email": "a@example.org",
            "email": "b@example.org"}, "feedback": "never"}"#;
        let refused = app.post("/v1/sessions").token(&member.token).body(JSON, body).refused(Code::InvalidField).await;
        assert_eq!(refused["errors"][0]["pointer"], "/candidate/email");
    }

    async fn nothing_is_unpacked(app: TestApp) {
        // A megabyte of zeros, deflated, is a kilobyte; here it stays one.
        for coding in ["gzip", "deflate", "br", "zstd", "GZIP", "identity, gzip"] {
            let call = app.post("/v1/candidate/token").header("content-encoding", coding);
            call.body(JSON, vec![0x1f; 1024]).refused(Code::UnsupportedMediaType).await;
        }
        let plain = app.post("/v1/candidate/token").header("content-encoding", "identity");
        plain.json(&json!({"invite_code": "x"})).refused(Code::InvalidInviteCode).await;
    }

    async fn bodies_that_trickle_are_given_up_and_keep_nobody_waiting(database: TestDatabase) {
        let app = TestApp::start_with(database, |config| config.body_seconds = 2).await;
        let (member, head) = (app.member().await, "content-type: application/json\r\n");
        // One is read by its handler, one is refused before anything reads it, one goes nowhere, one has no length.
        let asked = ["/v1/auth/login", "/v1/sessions", "/v1/nowhere", "/v1/auth/refresh"];
        let slow: Vec<_> = (0..24).map(|number| {
            let length = if number % 4 == 3 { "transfer-encoding: chunked\r\n" } else { "content-length: 100000\r\n" };
            trickling(app.raw("POST", asked[number % 4], &format!("{head}{length}"), ""), if number % 4 == 3 { "1\r\n{\r\n" } else { "{" })
        }).collect();
        others_are_served(&app, &member).await;
        for (number, slow) in slow.into_iter().enumerate() {
            let (said, took) = slow.join().unwrap();
            let wanted = ["408", "401", "404", "408"][number % 4];
            assert!(said.starts_with(&format!("HTTP/1.1 {wanted} ")), "{}: {said}", asked[number % 4]);
            assert!(took < Duration::from_secs(10), "{}: {took:?}", asked[number % 4]);
        }
        app.get("/healthz").ok().await;
    }

    async fn heads_that_trickle_are_given_up_and_keep_nobody_waiting(app: TestApp) {
        let member = app.member().await;
        let slow: Vec<_> = (0..24).map(|_| {
            let mut connection = app.connection();
            connection.send("GET /healthz HTTP/1.1\r\nx-slow: ");
            trickling(connection, "a")
        }).collect();
        others_are_served(&app, &member).await;
        for slow in slow {
            let (said, took) = slow.join().unwrap();
            assert!(said.is_empty() || said.starts_with("HTTP/1.1 408 "), "{said}");
            assert!((Duration::from_secs(5)..Duration::from_secs(20)).contains(&took), "{took:?}");
        }
    }

    async fn a_connection_outlives_the_pause_between_two_saves(app: TestApp) {
        let mut connection = app.connection();
        for _ in 0..2 {
            connection.send("GET /healthz HTTP/1.1\r\nhost: viva\r\n\r\n");
            let said = connection.so_far(SOON).unwrap_or_default();
            assert!(said.starts_with("HTTP/1.1 200 "), "{said}");
            tokio::time::sleep(Duration::from_secs(7)).await;
        }
    }

    async fn who_opens_many_connections_keeps_nobody_out(app: TestApp) {
        let member = app.member().await;
        let candidate = app.interview(&member, "never").await;
        let mut idle: Vec<_> = (0..300).map(|_| app.connection()).collect();
        for (number, connection) in idle.iter_mut().enumerate() {
            // Some say nothing, some begin, some were answered and stay.
            match number % 3 {
                0 => connection.send("GET /healthz HTTP/1.1\r\nx-slow: "),
                1 => connection.send("GET /healthz HTTP/1.1\r\nhost: viva\r\n\r\n"),
                _ => {}
            }
        }
        for _ in 0..20 {
            let begun = Instant::now();
            app.get("/readyz").ok().await;
            let saved = candidate.save(&app, "gil", "An answer.").await.status;
            assert!([200, 201].contains(&saved) && begun.elapsed() < SOON, "{saved}: {:?}", begun.elapsed());
        }
    }

    async fn what_is_not_http_is_refused_by_the_parser_and_hurts_nobody(app: TestApp) {
        for (sent, status) in [
            ("nonsense\r\n\r\n".to_owned(), "400"),
            ("GET / HTTP/9.9\r\n\r\n".to_owned(), "400"),
            ("GET /healthz HTTP/1.1\r\nhost: a\r\nbad header\r\n\r\n".to_owned(), "400"),
            ("GET /healthz HTTP/1.1\r\ncontent-length: x\r\n\r\n".to_owned(), "400"),
            ("POST /v1/auth/login HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n".to_owned(), "400"),
            (format!("GET /healthz HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(200)), "431"),
            (format!("GET /healthz HTTP/1.1\r\na: {}\r\n\r\n", "x".repeat(200_000)), "431"),
        ] {
            let mut raw = app.connection();
            raw.send(&sent);
            let (said, _) = raw.rest();
            let head = said.split("\r\n").next().unwrap_or_default();
            assert!(head.contains(status) || said.is_empty(), "{:?}: {said}", &sent[..sent.len().min(60)]);
        }
        app.get("/healthz").ok().await;
    }

    async fn nothing_that_is_answered_can_be_framed_or_run(app: TestApp) {
        for path in ["/healthz", "/v1/me", "/nowhere", "/openapi.json"] {
            let answer = app.get(path).send().await;
            let policy = answer.header("content-security-policy");
            assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
            assert_eq!(answer.header("strict-transport-security"), "");
            assert_eq!(answer.header("access-control-allow-origin"), "");
        }
        let docs = app.get("/docs/").send().await;
        let policy = docs.header("content-security-policy");
        assert!(policy.contains("script-src 'self';") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!docs.text.contains("<script>") && !docs.text.contains("onload="), "a script that the policy forbids");
    }

    async fn https_is_asked_for_where_it_is_configured(database: TestDatabase) {
        let app = TestApp::start_with(database, |config| config.hsts_seconds = 86_400).await;
        assert_eq!(app.get("/v1/me").send().await.header("strict-transport-security"), "max-age=86400");
    }

    async fn other_sites_are_not_let_in_unless_named(app: TestApp) {
        let preflight = |app: &TestApp, origin: &str| {
            app.call("OPTIONS", "/v1/sessions")
                .header("origin", origin)
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", "authorization,content-type,idempotency-key")
                .send()
        };
        let (here, there) = ("https://app.example.org", "https://evil.example.org");
        let answer = preflight(&app, here).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (405, ""));
        let app = TestApp::start_with(app.stop(), |config| config.cors_origins = vec![here.to_owned()]).await;
        let answer = preflight(&app, here).await;
        assert_eq!((answer.is(200).header("access-control-allow-origin"), answer.text.as_str()), (here, ""));
        assert_eq!(answer.header("access-control-allow-credentials"), "");
        assert_eq!(preflight(&app, there).await.header("access-control-allow-origin"), "");
        let member = app.member().await;
        let read = member.get(&app, "/v1/me").header("origin", here).send().await;
        assert_eq!(read.is(200).header("access-control-allow-origin"), here);
        assert!(read.header("access-control-expose-headers").contains("ratelimit"));
        let refused = app.get("/v1/me").header("origin", here).send().await;
        assert_eq!(refused.is(401).header("access-control-allow-origin"), here);
        let stranger = member.get(&app, "/v1/me").header("origin", there).send().await;
        assert_eq!(stranger.header("access-control-allow-origin"), "");
    }

    async fn every_site_is_let_in_where_that_is_configured(database: TestDatabase) {
        let app = TestApp::start_with(database, |config| config.cors_origins = vec!["*".to_owned()]).await;
        let answer = app.get("/healthz").header("origin", "https://example.org").send().await;
        assert_eq!(answer.is(200).header("access-control-allow-origin"), "*");
    }
}
