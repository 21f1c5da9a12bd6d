//! Access tokens: whose they are, what they open, and which are refused.

use api::{
    auth::{
        keys::SigningKeys,
        permissions::{Access, PERMISSIONS},
        tokens::{Subject, issue},
    },
    error::Code,
    startup::StartupError,
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use chrono::{TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde_json::{Value, json};
use tests::{Member, TestApp, TestDatabase, contract, on_both_databases};

/// A documented path with something in the place of its parameters.
fn filled(path: &str) -> String {
    path.replace("{id}", &format!("ses_{}", "0".repeat(32)))
        .replace("{number}", "1")
        .replace("{question_id}", "gil")
}

fn claims(member: &Member) -> Value {
    let payload = member.token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// The server's own private key, as it lies in its folder.
fn private_key(database: &TestDatabase) -> EncodingKey {
    let mut files = std::fs::read_dir(database.folder().join("signing-keys")).unwrap();
    let pem = std::fs::read_to_string(files.next().unwrap().unwrap().path()).unwrap();
    let base64: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    EncodingKey::from_ed_der(&STANDARD.decode(base64).unwrap())
}

on_both_databases! {
    async fn without_a_token_every_operation_that_needs_one_says_so(app: TestApp) {
        for (method, path, access) in PERMISSIONS.iter().filter(|(_, _, access)| *access != Access::Anyone) {
            let answer = app.call(method, &filled(path)).send().await;
            answer.refused(Code::MissingToken);
            assert_eq!(answer.header("www-authenticate"), "Bearer", "{method} {path} {access:?}");
        }
    }

    async fn a_bad_body_never_beats_a_missing_token(app: TestApp) {
        for body in ["", "{", "{\"no\": \"such field\"}"] {
            app.post("/v1/sessions").body("application/json", body).refused(Code::MissingToken).await;
            app.post("/v1/sessions").body("text/plain", body).refused(Code::MissingToken).await;
        }
        app.get("/v1/sessions?no=such").refused(Code::MissingToken).await;
        app.call("DELETE", "/v1/sessions").refused(Code::MethodNotAllowed).await;
    }

    async fn a_token_opens_only_what_it_is_for(app: TestApp) {
        let member = app.member().await;
        let candidate = app.interview(&member, "immediate").await;
        for (method, path, access) in PERMISSIONS {
            let wrong = match access {
                Access::Anyone => continue,
                Access::Member => &candidate.token,
                Access::Candidate => &member.token,
            };
            let answer = app.call(method, &filled(path)).token(wrong).send().await;
            answer.refused(Code::InvalidToken);
            assert_eq!(answer.header("www-authenticate"), "Bearer error=\"invalid_token\"", "{method} {path}");
        }
    }

    async fn tokens_run_out(app: TestApp) {
        let member = app.member().await;
        let candidate = app.invited(&member, "never").await;
        app.advance_minutes(14);
        member.get(&app, "/v1/me").ok().await;
        app.advance_minutes(1);
        member.get(&app, "/v1/me").refused(Code::InvalidToken).await;
        candidate.get(&app, "session").ok().await;
        app.advance_minutes(105);
        candidate.get(&app, "session").refused(Code::InvalidToken).await;
    }

    async fn forged_tokens_are_refused(app: TestApp) {
        let member = app.member().await;
        let own = claims(&member);
        let kid = decode_header(&member.token).unwrap().kid.unwrap();
        let key = private_key(&app.database);
        let signed = |header: &Header, claims: &Value| encode(header, claims, &key).unwrap();
        let header = Header { kid: Some(kid.clone()), ..Header::new(Algorithm::EdDSA) };
        let with = |name: &str, value: Value| {
            let mut claims = own.clone();
            claims[name] = value;
            claims
        };
        let without = |name: &str| {
            let mut claims = own.clone();
            claims.as_object_mut().unwrap().remove(name);
            claims
        };
        // What the others differ from is accepted.
        app.get("/v1/me").token(&signed(&header, &own)).ok().await;

        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let unsigned = format!("{}.{}.", part(&json!({"alg": "none", "kid": kid})), part(&own));
        let [head, body, signature] = member.token.split('.').collect::<Vec<_>>()[..] else { panic!() };
        let other = part(&with("sub", json!(format!("mem_{}", "0".repeat(32)))));
        let public = app.get("/.well-known/jwks.json").ok().await["keys"][0]["x"].as_str().unwrap().to_owned();
        let symmetric = Header { kid: Some(kid.clone()), ..Header::new(Algorithm::HS256) };
        let secret = EncodingKey::from_secret(&URL_SAFE_NO_PAD.decode(public).unwrap());
        let unknown_key = Header { kid: Some("unknown".into()), ..header.clone() };
        let no_key = Header { kid: None, ..header.clone() };
        let now = Utc::now().timestamp();
        for token in [
            "x".to_owned(),
            "a.b.c".to_owned(),
            unsigned,
            format!("{head}.{body}."),
            format!("{head}.{other}.{signature}"),
            format!("{head}.{body}.{}", signature.chars().rev().collect::<String>()),
            encode(&symmetric, &own, &secret).unwrap(),
            signed(&unknown_key, &own),
            signed(&no_key, &own),
            signed(&header, &with("aud", json!("viva:nobody"))),
            signed(&header, &with("aud", json!(["viva:candidate"]))),
            signed(&header, &with("iss", json!("somebody"))),
            signed(&header, &with("exp", json!(now - 1))),
            signed(&header, &with("nbf", json!(now + 600))),
            signed(&header, &with("sub", json!("mem_1"))),
            signed(&header, &with("sub", json!(format!("mem_{}", "0".repeat(32))))),
            signed(&header, &without("exp")),
            signed(&header, &without("iss")),
            signed(&header, &without("aud")),
            signed(&header, &without("sub")),
        ] {
            app.get("/v1/me").token(&token).refused(Code::InvalidToken).await;
        }
        for header in ["Bearer", "Basic YTpi", &member.token] {
            app.get("/v1/me").header("authorization", header).refused(Code::MissingToken).await;
        }
    }

    async fn the_token_of_another_server_is_refused(app: TestApp) {
        let member = app.member().await;
        let folder = tempfile::tempdir().unwrap();
        SigningKeys::generate(folder.path()).unwrap();
        let keys = SigningKeys::load(folder.path()).unwrap();
        let subject = Subject::Member(claims(&member)["sub"].as_str().unwrap().parse().unwrap());
        let forged = issue(&keys, &subject, Utc::now(), TimeDelta::minutes(5)).unwrap();
        app.get("/v1/me").token(&forged).refused(Code::InvalidToken).await;
    }

    async fn the_published_keys_verify_the_tokens(app: TestApp) {
        let member = app.member().await;
        let keys = app.get("/.well-known/jwks.json").ok().await;
        let kid = decode_header(&member.token).unwrap().kid.unwrap();
        let key = keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == kid).unwrap();
        assert_eq!((&key["kty"], &key["crv"], key.get("d")), (&json!("OKP"), &json!("Ed25519"), None));
        let jwk = serde_json::from_value(key.clone()).unwrap();
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&["viva:member"]);
        validation.set_issuer(&["viva"]);
        decode::<Value>(&member.token, &DecodingKey::from_jwk(&jwk).unwrap(), &validation).unwrap();
    }

    async fn a_restart_signs_nobody_out(app: TestApp) {
        let member = app.member().await;
        let candidate = app.interview(&member, "never").await;
        let app = app.restart().await;
        member.get(&app, "/v1/me").ok().await;
        candidate.save(&app, "gil", "Still here.").await.is(201);
    }

    async fn rotation_signs_nobody_out_and_new_tokens_have_the_new_key(app: TestApp) {
        let member = app.member().await;
        let kid = SigningKeys::generate(&app.folder().join("signing-keys")).unwrap();
        let app = app.restart().await;
        member.get(&app, "/v1/me").ok().await;
        let newer = app.member().await;
        assert_eq!(decode_header(&newer.token).unwrap().kid, Some(kid));
        newer.get(&app, "/v1/me").ok().await;
    }

    async fn a_replica_without_the_others_keys_refuses_to_start(app: TestApp) {
        let elsewhere = tempfile::tempdir().unwrap();
        let database = app.stop();
        let started = TestApp::try_start_with(database, |config| {
            config.signing_keys_dir = elsewhere.path().join("keys");
        });
        let Err((error, _database)) = started.await else { panic!("it started") };
        assert!(matches!(error, StartupError::Mismatch(_)), "{error}");
        assert!(error.to_string().contains("VIVA_SIGNING_KEYS_DIR"), "{error}");
    }

    async fn a_server_with_a_retired_key_refuses_to_start(app: TestApp) {
        let database = app.stop();
        database.execute("UPDATE signing_key SET retired_at = first_seen_at").await;
        let Err((error, _)) = TestApp::try_start_with(database, |_| {}).await else {
            panic!("it starts");
        };
        assert!(error.to_string().contains("was retired"), "{error}");
    }

    async fn on_a_public_address_no_key_is_made_unasked(database: TestDatabase) {
        let started = TestApp::try_start_with(database, |config| config.listen.set_ip([0, 0, 0, 0].into()));
        let Err((error, database)) = started.await else { panic!("it started") };
        assert!(matches!(error, StartupError::GeneratedKey(_)), "{error}");
        assert!(!database.folder().join("signing-keys").exists());
    }

    async fn only_the_owner_can_read_the_keys(app: TestApp) {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let folder = app.folder().join("signing-keys");
        assert_eq!(mode(&folder), 0o700);
        for file in std::fs::read_dir(&folder).unwrap() {
            assert_eq!(mode(&file.unwrap().path()), 0o600);
        }
    }
}

#[test]
fn the_document_names_the_token_that_the_table_of_permissions_asks_for() {
    for (method, path, operation) in contract::operations() {
        let access = PERMISSIONS
            .iter()
            .find(|(m, p, _)| *m == method && *p == path)
            .map(|(_, _, access)| access);
        let wanted = match access.unwrap_or_else(|| panic!("{method} {path} is not in the table")) {
            Access::Anyone => json!([]),
            Access::Member => json!([{"member_token": []}]),
            Access::Candidate => json!([{"candidate_token": []}]),
        };
        assert_eq!(
            operation.get("security").cloned().unwrap_or(json!([])),
            wanted,
            "{method} {path}"
        );
    }
}
