//! Signing up, in and out.

use api::{config::Registration, error::Code};
use chrono::TimeDelta;
use serde_json::json;
use tests::{
    Member, TestApp, TestDatabase, on_both_databases,
    people::{PASSWORD, registration},
};

async fn log_in(app: &TestApp, email: &str) -> Member {
    let body = json!({"email": email, "password": PASSWORD});
    Member::from_tokens(&app.post("/v1/auth/login").json(&body).ok().await)
}

async fn refresh(app: &TestApp, token: &str) -> tests::Answer {
    app.post("/v1/auth/refresh")
        .json(&json!({"refresh_token": token}))
        .send()
        .await
}

on_both_databases! {
    async fn who_registers_is_signed_in(app: TestApp) {
        let answer = app.post("/v1/auth/register").json(&registration("Ada@Example.org")).send().await;
        assert_eq!(answer.header("cache-control"), "no-store");
        let tokens = answer.is(201).json();
        assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(900)));
        let member = Member::from_tokens(&tokens);
        let me = member.get(&app, "/v1/me").ok().await;
        assert_eq!(me["member"], tokens["member"]);
        assert_eq!(me["member"]["email"], "Ada@Example.org");
        assert_eq!(me["organization"]["name"], "Analytical Engines");
        assert_eq!(me["organization"]["id"], me["member"]["organization_id"]);
    }

    async fn a_taken_address_is_refused_in_any_case_and_leaves_nothing_behind(app: TestApp) {
        app.post("/v1/auth/register").json(&registration("ada@example.org")).send().await.is(201);
        for email in ["ada@example.org", "ADA@example.ORG"] {
            app.post("/v1/auth/register").json(&registration(email)).refused(Code::EmailTaken).await;
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM organization").await, 1);
    }

    async fn of_two_registrations_at_once_one_has_the_address(app: TestApp) {
        let body = registration("ada@example.org");
        let register = async || app.post("/v1/auth/register").json(&body).send().await.status;
        let (one, other) = tokio::join!(register(), register());
        assert_eq!((one.min(other), one.max(other)), (201, 409));
    }

    async fn nobody_registers_where_registration_is_closed(database: TestDatabase) {
        let app = TestApp::start_with(database, |config| config.registration = Registration::Closed).await;
        let refused = app.post("/v1/auth/register").json(&registration("ada@example.org"));
        refused.refused(Code::RegistrationClosed).await;
        assert_eq!(app.count("SELECT COUNT(*) FROM member").await, 0);
    }

    async fn a_member_signs_in_with_the_address_in_any_case(app: TestApp) {
        let member = app.member().await;
        let again = log_in(&app, &member.email.to_uppercase()).await;
        assert_eq!(again.answer["member"], member.answer["member"]);
        again.get(&app, "/v1/me").ok().await;
    }

    async fn an_unknown_address_and_a_wrong_password_are_refused_alike(app: TestApp) {
        let member = app.member().await;
        let refused = async |email: &str| {
            let body = json!({"email": email, "password": "not it"});
            let answer = app.post("/v1/auth/login").json(&body).send().await;
            answer.refused(Code::InvalidCredentials);
            answer.text
        };
        assert_eq!(refused(&member.email).await, refused("nobody@example.org").await);
        refused("not an address \u{0}").await;
    }

    async fn a_refresh_token_works_once_and_its_reuse_ends_the_family(app: TestApp) {
        let member = app.member().await;
        let elsewhere = log_in(&app, &member.email).await;
        let second = Member::from_tokens(&refresh(&app, &member.refresh_token).await.is(200).json());
        assert_ne!(second.refresh_token, member.refresh_token);
        second.get(&app, "/v1/me").ok().await;
        let third = Member::from_tokens(&refresh(&app, &second.refresh_token).await.is(200).json());

        refresh(&app, &member.refresh_token).await.refused(Code::InvalidRefreshToken);
        refresh(&app, &third.refresh_token).await.refused(Code::InvalidRefreshToken);
        // Another sign-in of the same member is another family.
        refresh(&app, &elsewhere.refresh_token).await.is(200);
    }

    async fn of_two_uses_at_once_of_a_refresh_token_one_works_and_the_family_ends(app: TestApp) {
        let member = app.member().await;
        let token = member.refresh_token.as_str();
        let (one, other) = tokio::join!(refresh(&app, token), refresh(&app, token));
        let (won, lost) = if one.status == 200 { (one, other) } else { (other, one) };
        lost.refused(Code::InvalidRefreshToken);
        let next = Member::from_tokens(&won.is(200).json());
        refresh(&app, &next.refresh_token).await.refused(Code::InvalidRefreshToken);
    }

    async fn a_refresh_token_lives_for_thirty_days(app: TestApp) {
        let member = app.member().await;
        app.advance(TimeDelta::days(29));
        let next = Member::from_tokens(&refresh(&app, &member.refresh_token).await.is(200).json());
        app.advance(TimeDelta::days(30));
        refresh(&app, &next.refresh_token).await.refused(Code::InvalidRefreshToken);
    }

    async fn a_used_token_ends_its_family_also_after_it_has_run_out(app: TestApp) {
        let member = app.member().await;
        app.advance_minutes(29 * 24 * 60);
        let next = Member::from_tokens(&refresh(&app, &member.refresh_token).await.is(200).json());
        app.advance_minutes(2 * 24 * 60);
        refresh(&app, &member.refresh_token).await.refused(Code::InvalidRefreshToken);
        refresh(&app, &next.refresh_token).await.refused(Code::InvalidRefreshToken);
    }

    async fn of_two_new_passwords_at_once_one_is_refused(app: TestApp) {
        let member = app.member().await;
        let body = json!({"current_password": PASSWORD, "new_password": "battery staple"});
        let (one, other) = tokio::join!(
            member.post(&app, "/v1/me/password", &body),
            member.post(&app, "/v1/me/password", &body)
        );
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 422]);
    }

    async fn a_refresh_token_that_nobody_gave_is_refused(app: TestApp) {
        for token in ["", "x", &"A".repeat(43), "\u{0}"] {
            refresh(&app, token).await.refused(Code::InvalidRefreshToken);
        }
    }

    async fn signing_out_ends_the_family(app: TestApp) {
        let member = app.member().await;
        let log_out = async |token: &str| {
            let answer = app.post("/v1/auth/logout").json(&json!({"refresh_token": token})).send().await;
            assert_eq!(answer.is(204).text, "");
        };
        log_out(&member.refresh_token).await;
        refresh(&app, &member.refresh_token).await.refused(Code::InvalidRefreshToken);
        log_out(&member.refresh_token).await;
        log_out("nobody's").await;
    }

    async fn a_new_password_ends_every_family(app: TestApp) {
        let member = app.member().await;
        let elsewhere = log_in(&app, &member.email).await;
        let change = async |current: &str, new: &str| {
            let body = json!({"current_password": current, "new_password": new});
            member.post(&app, "/v1/me/password", &body).await
        };
        let refused = change("not it", "a new password").await.refused(Code::InvalidField);
        assert_eq!(refused["errors"][0]["pointer"], "/current_password");
        let refused = change(PASSWORD, "short").await.refused(Code::InvalidField);
        assert_eq!(refused["errors"][0]["pointer"], "/new_password");

        change(PASSWORD, "a new password").await.is(204);
        for token in [&member.refresh_token, &elsewhere.refresh_token] {
            refresh(&app, token).await.refused(Code::InvalidRefreshToken);
        }
        let log_in = |password: &str| {
            let body = json!({"email": member.email, "password": password});
            app.post("/v1/auth/login").json(&body)
        };
        log_in(PASSWORD).refused(Code::InvalidCredentials).await;
        log_in("a new password").ok().await;
    }

    async fn secrets_are_kept_only_as_hashes(app: TestApp) {
        let member = app.member().await;
        let candidate = app.invited(&member, "never").await;
        let kept = async |sql: &str| -> String { app.query(sql).await[0].try_get_by_index(0).unwrap() };
        assert!(kept("SELECT password_hash FROM member").await.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        let hexadecimal = |hash: &str| hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        let refresh_token = kept("SELECT token_hash FROM refresh_token").await;
        let invite_code = kept("SELECT invite_code_hash FROM session").await;
        assert!(hexadecimal(&refresh_token) && hexadecimal(&invite_code));
        // 128 bits at least, six to a character.
        assert!(candidate.invite_code.len() >= 22 && member.refresh_token.len() >= 22);
    }
}
