//! Whatever comes in: a problem that says what is wrong and where, never a 500, nothing half-written.

use api::error::Code;
use serde_json::{Value, json};
use tests::{Candidate, Member, TestApp, on_both_databases, people::registration};

async fn interview(app: &TestApp) -> (Member, Candidate) {
    let member = app.member().await;
    let candidate = app.interview(&member, "immediate").await;
    (member, candidate)
}

/// Saves an answer in a body written by hand.
async fn save_raw(
    app: &TestApp,
    candidate: &Candidate,
    media_type: &str,
    body: impl Into<Vec<u8>>,
) -> tests::Answer {
    app.put("/v1/candidate/answers/gil")
        .token(&candidate.token)
        .body(media_type, body)
        .send()
        .await
}

const JSON: &str = "application/json";

on_both_databases! {
    async fn an_answer_has_at_most_64_kib(app: TestApp) {
        let (_, candidate) = interview(&app).await;
        let sentence = "The GIL is released during I/O. ";
        let longest = sentence.repeat(64 * 1024 / sentence.len());
        assert_eq!(longest.len(), 64 * 1024);
        assert_eq!(candidate.save(&app, "gil", &longest).await.is(201).json()["text"], longest);
        candidate.save(&app, "gil", &format!("{longest}!")).await.refused(Code::AnswerTooLarge);
        // It is bytes that count, not characters.
        candidate.save(&app, "gil", &"é".repeat(32 * 1024 + 1)).await.refused(Code::AnswerTooLarge);
        let preview = json!({"question_set": "python-core-mechanics", "question_id": "gil", "answer": format!("{longest}!")});
        app.member().await.post(&app, "/v1/grade-previews", &preview).await.refused(Code::AnswerTooLarge);
        assert_eq!(app.count("SELECT COUNT(*) FROM answer_revision").await, 1);
    }

    async fn a_body_over_the_limit_is_refused(app: TestApp) {
        let (member, candidate) = interview(&app).await;
        let body = vec![b' '; 1024 * 1024 + 1];
        save_raw(&app, &candidate, JSON, body.clone()).await.refused(Code::BodyTooLarge);
        let create = app.post("/v1/question-sets").token(&member.token).body(JSON, body.clone());
        create.refused(Code::BodyTooLarge).await;
        app.post("/v1/candidate/session/submit").token(&candidate.token).body(JSON, body).refused(Code::BodyTooLarge).await;
        // White space up to the limit is no harm.
        let mut padded = br#"{"text": "x"}"#.to_vec();
        padded.resize(1024 * 1024, b' ');
        save_raw(&app, &candidate, JSON, padded).await.is(201);
    }

    async fn what_is_not_json_is_malformed(app: TestApp) {
        let (_, candidate) = interview(&app).await;
        for body in [
            &b""[..], b" ", b"{", b"{\"text\": \"x\"", b"{\"text\": \"x\"}}", b"{'text': 'x'}", b"{\"text\": x}", b"nul",
            b"{\"text\": \"a\nb\"}", b"{\"text\": \"\\ud800\"}", b"{\"text\": \"\\x\"}", b"{\"text\": \"\xff\"}",
            b"{\"text\": \"\xed\xa0\x80\"}", b"\xff\xfe{\0}\0", b"\xef\xbb\xbf{\"text\": \"x\"}", b"{\"text\": \"x\",}",
            b"text=x", &[b'['; 200_000],
        ] {
            save_raw(&app, &candidate, JSON, body).await.refused(Code::MalformedJson);
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM answer_revision").await, 0);
    }

    async fn what_is_json_of_another_shape_is_a_wrong_field(app: TestApp) {
        let (_, candidate) = interview(&app).await;
        for (body, pointer) in [
            ("{}", "/text"),
            (r#"{"text": null}"#, "/text"),
            (r#"{"text": 1}"#, "/text"),
            (r#"{"text": ["x"]}"#, "/text"),
            (r#"{"text": "x", "grade": 1}"#, "/grade"),
            (r#"{"text": "x", "a/b~c": 1}"#, "/a~1b~0c"),
            (r#"{"text": "x", "text": "y"}"#, "/text"),
            ("[]", ""),
            (r#"["x"]"#, ""),
            ("null", ""),
            ("\"x\"", ""),
            ("7", ""),
        ] {
            let refused = save_raw(&app, &candidate, JSON, body).await.refused(Code::InvalidField);
            assert_eq!(refused["errors"][0]["pointer"], pointer, "{body}: {refused}");
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM answer_revision").await, 0);
    }

    async fn a_body_is_declared_as_json_and_nothing_else(app: TestApp) {
        let (_, candidate) = interview(&app).await;
        let body = r#"{"text": "x"}"#;
        for media_type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "json", "text/json", " "] {
            save_raw(&app, &candidate, media_type, body).await.refused(Code::UnsupportedMediaType);
        }
        let undeclared = app.put("/v1/candidate/answers/gil").token(&candidate.token);
        undeclared.refused(Code::UnsupportedMediaType).await;
        let compressed = app.put("/v1/candidate/answers/gil").token(&candidate.token).header("content-encoding", "gzip");
        compressed.body(JSON, body).refused(Code::UnsupportedMediaType).await;
        for media_type in ["application/json; charset=utf-8", "Application/JSON", "application/json;charset=UTF-8"] {
            let status = save_raw(&app, &candidate, media_type, body).await.status;
            assert!([200, 201].contains(&status), "{media_type}: {status}");
        }
    }

    async fn in_an_answer_only_the_null_character_is_refused(app: TestApp) {
        let (_, candidate) = interview(&app).await;
        let refused = candidate.save(&app, "gil", "a\u{0}b").await.refused(Code::InvalidField);
        assert_eq!(refused["errors"][0]["pointer"], "/text");
        let controls: String = (1..=0x9f).filter_map(char::from_u32).filter(|c| c.is_control()).collect();
        let texts = [
            controls.clone(),
            "The\u{1}GIL\u{7}is\u{1b}released\u{85}during\u{8}I/O.".to_owned(),
            "\u{feff}\u{202e}\u{200b}\u{2028}\u{2029}\u{fffe}\u{ffff}\u{10ffff}\u{e000}".to_owned(),
            " \t\r\n ".to_owned(),
            "\u{301}\u{301}e\u{301}".to_owned(),
            "'; DROP TABLE session; -- \\ \" %s {} $1".to_owned(),
        ];
        for text in texts {
            let answer = candidate.save(&app, "gil", &text).await;
            assert_eq!(answer.json()["text"], text, "{}", answer.status);
            assert_eq!(candidate.get(&app, "answers").ok().await["data"][0]["text"], text);
        }
    }

    async fn control_characters_in_an_answer_are_read_as_spaces(app: TestApp) {
        let (_, candidate) = interview(&app).await;
        let plain = "The GIL is released while a thread waits for I/O, so other threads can run.";
        let points = candidate.save(&app, "gil", plain).await.json()["grade"]["points"].clone();
        assert!(points.as_u64() > Some(0));
        for control in ["\u{1}", "\u{7}", "\u{1b}", "\u{85}", "\u{7f}", "\t"] {
            let saved = candidate.save(&app, "gil", &plain.replace(' ', control)).await.json();
            assert_eq!(saved["grade"]["points"], points, "{control:?}");
        }
    }

    async fn evidence_is_cut_from_the_answer_by_code_points(app: TestApp) {
        let (member, candidate) = interview(&app).await;
        let mut found = 0;
        for before in ["", "🙂👩‍👩‍👧 ", "e\u{301}a\u{308}: ", "שלום עולם. ", "\u{202e}abc\u{202c}. ", "First.\r\n\r\n", "\u{1}\u{7} ", "𝒢𝒾𝓁! "] {
            let text = format!("{before}The GIL is released while a thread waits for I/O, so others can run 🎉\r\nas usual.");
            let grade = candidate.save(&app, "gil", &text).await.json()["grade"].clone();
            let report = member.report(&app, &candidate.session).await;
            let stored = report["questions"].as_array().unwrap().iter().find(|q| q["question_id"] == "gil").unwrap();
            assert_eq!(stored["answer"]["text"], text);
            for graded in [&grade, stored] {
                for evidence in all_evidence(graded) {
                    assert_eq!(slice(&text, evidence), evidence["quote"], "{evidence}");
                    for link in evidence["links"].as_array().unwrap() {
                        assert_eq!(slice(&text, link), link["answer"], "{link}");
                    }
                    found += 1;
                }
            }
        }
        assert!(found > 16, "{found}");
    }

    async fn names_and_addresses_hold_no_control_characters(app: TestApp) {
        for (field, value) in [
            ("organization", "a\u{0}b"), ("organization", "a\nb"), ("organization", ""), ("organization", " \u{a0} "),
            ("name", "a\u{0}b"), ("name", "a\u{85}b"), ("name", "\u{7f}"),
            ("email", "a\u{0}@example.org"), ("email", "a@exa\u{1}mple.org"), ("email", "a"), ("email", ""),
            ("password", "1234567"), ("password", ""),
        ] {
            let mut body = registration("ada@example.org");
            body[field] = json!(value);
            let refused = app.post("/v1/auth/register").json(&body).refused(Code::InvalidField).await;
            assert_eq!(refused["errors"][0]["pointer"], format!("/{field}"), "{value:?}");
            assert!(!refused.to_string().contains("1234567"), "a password is shown");
        }
        for (field, value) in [("name", "x".repeat(201)), ("password", "x".repeat(257))] {
            let mut body = registration("ada@example.org");
            body[field] = json!(value);
            app.post("/v1/auth/register").json(&body).refused(Code::InvalidField).await;
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM organization").await, 0);
    }

    async fn names_may_be_of_any_script(app: TestApp) {
        let mut body = registration("ada@example.org");
        body["organization"] = json!("株式会社 🚀 مثال");
        body["name"] = json!("  Åsa\u{301} O'Neil-李  ");
        let member = app.post("/v1/auth/register").json(&body).send().await.is(201).json();
        assert_eq!(member["member"]["name"], "Åsa\u{301} O'Neil-李");
        let member = Member::from_tokens(&member);
        assert_eq!(member.get(&app, "/v1/me").ok().await["organization"]["name"], "株式会社 🚀 مثال");
    }

    async fn every_body_is_checked(app: TestApp) {
        let (member, candidate) = interview(&app).await;
        for (method, path, token) in [
            ("POST", "/v1/auth/register", None),
            ("POST", "/v1/auth/login", None),
            ("POST", "/v1/auth/refresh", None),
            ("POST", "/v1/auth/logout", None),
            ("POST", "/v1/candidate/token", None),
            ("POST", "/v1/me/password", Some(&member.token)),
            ("POST", "/v1/question-sets", Some(&member.token)),
            ("PATCH", "/v1/question-sets/python-core-mechanics", Some(&member.token)),
            ("POST", "/v1/sessions", Some(&member.token)),
            ("POST", "/v1/grade-previews", Some(&member.token)),
            ("PUT", "/v1/candidate/answers/gil", Some(&candidate.token)),
        ] {
            let call = || match token {
                Some(token) => app.call(method, path).token(token),
                None => app.call(method, path),
            };
            call().body(JSON, "{").refused(Code::MalformedJson).await;
            call().body(JSON, "[]").refused(Code::InvalidField).await;
            call().body(JSON, "{\"no such field\": \"\u{0}\"}".replace('\0', "\\u0000")).refused(Code::InvalidField).await;
            call().body("text/plain", "{}").refused(Code::UnsupportedMediaType).await;
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM session").await, 1);
    }
}

fn all_evidence(grade: &Value) -> Vec<&Value> {
    let concepts = grade["concepts"].as_array().unwrap();
    let nearest = concepts
        .iter()
        .map(|concept| &concept["nearest"])
        .filter(|nearest| nearest.is_object());
    concepts
        .iter()
        .flat_map(|concept| concept["evidence"].as_array().unwrap())
        .chain(nearest)
        .collect()
}

fn slice(text: &str, place: &Value) -> String {
    let (start, end) = (
        place["start"].as_u64().unwrap() as usize,
        place["end"].as_u64().unwrap() as usize,
    );
    assert!(start < end && end <= text.chars().count(), "{place}");
    text.chars().skip(start).take(end - start).collect()
}
