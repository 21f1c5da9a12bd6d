//! Sessions, for the recruiter: creating, finding, ending them.

use api::error::Code;
use chrono::{Datelike, Utc};
use serde_json::{Value, json};
use tests::{TestApp, on_both_databases, people::BUILT_IN};

on_both_databases! {
    async fn a_session_is_pending_and_its_invite_code_is_shown_once(app: TestApp) {
        let next_year = Utc::now().year() + 1;
        let member = app.member().await;
        let body = json!({
            "question_set": BUILT_IN,
            "candidate": {"name": " Charles Babbage ", "email": "Charles@example.org"},
            "feedback": "on_release",
            "time_limit_minutes": 1440,
            "expires_at": format!("{next_year}-12-31T23:59:59.123456789+02:00"),
            "external_id": "req 1 / é"
        });
        let answer = member.post(&app, "/v1/sessions", &body).await;
        let mut created = answer.is(201).json();
        let invite_code = created.as_object_mut().unwrap().remove("invite_code").unwrap();
        let path = format!("/v1/sessions/{}", created["id"].as_str().unwrap());
        assert_eq!(answer.header("location"), path);
        assert_eq!((&created["status"], &created["feedback"]), (&json!("pending"), &json!("on_release")));
        assert_eq!(created["candidate"]["name"], "Charles Babbage");
        assert_eq!(created["candidate"]["email"], "Charles@example.org");
        assert_eq!((&created["question_set"]["slug"], &created["question_set"]["version"]), (&json!(BUILT_IN), &json!(1)));
        assert_eq!((&created["time_limit_minutes"], &created["external_id"]), (&json!(1440), &json!("req 1 / é")));
        assert_eq!(created["expires_at"], format!("{next_year}-12-31T21:59:59.123Z"));
        assert_eq!(created["created_by"], member.answer["member"]["id"]);
        let read = member.get(&app, &path).send().await;
        assert_eq!(read.is(200).json(), created);
        for text in [read.text, member.get(&app, "/v1/sessions").send().await.text] {
            assert!(!text.contains(invite_code.as_str().unwrap()));
        }
    }

    async fn what_is_wrong_with_a_session_is_pointed_at(app: TestApp) {
        let member = app.member().await;
        let right = json!({
            "question_set": BUILT_IN, "candidate": {"name": "Charles", "email": "c@example.org"}, "feedback": "never"
        });
        for (pointer, value) in [
            ("/question_set", json!("no-such-set")),
            ("/question_set", json!("")),
            ("/question_set", json!(7)),
            ("/question_set", json!("a\u{0}b")),
            ("/candidate", json!("Charles")),
            ("/candidate/name", json!("")),
            ("/candidate/name", json!("a\u{0}b")),
            ("/candidate/name", json!("a\u{1b}b")),
            ("/candidate/name", json!("x".repeat(201))),
            ("/candidate/email", json!("not an address")),
            ("/candidate/email", json!("a\n@example.org")),
            ("/candidate/email", json!(format!("{}@example.org", "x".repeat(250)))),
            ("/candidate/phone", json!("1")),
            ("/feedback", json!("sometimes")),
            ("/feedback", Value::Null),
            ("/time_limit_minutes", json!(0)),
            ("/time_limit_minutes", json!(-1)),
            ("/time_limit_minutes", json!(1441)),
            ("/time_limit_minutes", json!(1.5)),
            ("/time_limit_minutes", json!(99_999_999_999_u64)),
            ("/time_limit_minutes", json!("45")),
            ("/expires_at", json!("2001-01-01T00:00:00Z")),
            ("/expires_at", json!("tomorrow")),
            ("/expires_at", json!("9999-12-31T23:59:59Z")),
            ("/expires_at", json!("2099-01-01T00:00:00")),
            ("/expires_at", json!("2099-13-01T00:00:00Z")),
            ("/external_id", json!("")),
            ("/external_id", json!("a\u{7}b")),
            ("/external_id", json!("x".repeat(201))),
            ("/status", json!("active")),
        ] {
            let mut body = right.clone();
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            body.pointer_mut(parent).unwrap()[name] = value;
            let refused = member.post(&app, "/v1/sessions", &body).await.refused(Code::InvalidField);
            assert_eq!(refused["errors"][0]["pointer"], pointer, "{body}");
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM candidate").await, 0);
        member.post(&app, "/v1/sessions", &right).await.is(201);
    }

    async fn sessions_are_found_by_status_candidate_and_set(app: TestApp) {
        let member = app.member().await;
        app.published(&member, "http").await;
        let invite = async |address: &str, set: &str| {
            let who = json!({"name": "Somebody", "email": address});
            app.invited_with(&member, &json!({"candidate": who, "question_set": set})).await
        };
        let one = invite("one@example.org", BUILT_IN).await;
        let two = invite("Two@example.org", BUILT_IN).await;
        let again = invite("ONE@example.org", "http").await;
        two.post(&app, "start").await.is(200);
        assert_eq!(one.created["candidate"]["id"], again.created["candidate"]["id"]);

        let of = |candidates: &[&tests::Candidate]| -> Vec<String> {
            candidates.iter().map(|candidate| candidate.session.clone()).collect()
        };
        let id = one.created["candidate"]["id"].as_str().unwrap();
        let set = again.created["question_set"]["id"].as_str().unwrap();
        for (query, found) in [
            (String::new(), of(&[&again, &two, &one])),
            ("?status=active".into(), of(&[&two])),
            ("?status=pending".into(), of(&[&again, &one])),
            ("?status=finalized".into(), vec![]),
            (format!("?candidate={id}"), of(&[&again, &one])),
            ("?candidate=one@EXAMPLE.org".into(), of(&[&again, &one])),
            ("?candidate=nobody@example.org".into(), vec![]),
            ("?candidate=x".into(), vec![]),
            (format!("?question_set={set}"), of(&[&again])),
            ("?question_set=http".into(), of(&[&again])),
            ("?question_set=no-such".into(), vec![]),
            (format!("?candidate={id}&question_set={BUILT_IN}&status=pending"), of(&[&one])),
        ] {
            assert_eq!(member.ids(&app, &format!("/v1/sessions{query}")).await, found, "{query}");
        }
    }

    async fn wrong_parameters_are_named(app: TestApp) {
        let member = app.member().await;
        for (query, parameter) in [
            ("limit=0", "limit"),
            ("limit=101", "limit"),
            ("nosuch=1", "nosuch"),
            ("candidate=a%00b", "candidate"),
            ("limit=1&limit=2", "limit"),
        ] {
            let refused = member.get(&app, &format!("/v1/sessions?{query}")).refused(Code::InvalidParameter).await;
            assert_eq!(refused["errors"][0]["parameter"], parameter, "{query}");
        }
        for query in ["limit=x", "limit=-1", "limit=1.5", "limit=99999999999999999999", "status=sleeping", "status=", "status=%ff"] {
            let refused = member.get(&app, &format!("/v1/sessions?{query}")).refused(Code::InvalidParameter).await;
            let name = query.split('=').next().unwrap();
            assert_eq!(refused["errors"][0]["parameter"], name, "{refused}");
        }
    }

    async fn a_cursor_leads_through_the_pages_whatever_comes_in_between(app: TestApp) {
        let member = app.member().await;
        let mut created = Vec::new();
        for _ in 0..5 {
            created.push(app.session(&member, &json!({})).await["id"].as_str().unwrap().to_owned());
        }
        created.reverse();
        let (mut seen, mut sizes, mut path) = (Vec::new(), Vec::new(), "/v1/sessions?limit=2".to_owned());
        for _ in 0..10 {
            let page = member.get(&app, &path).ok().await;
            let rows = page["data"].as_array().unwrap();
            sizes.push(rows.len());
            seen.extend(rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()));
            app.session(&member, &json!({})).await;
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            path = format!("/v1/sessions?limit=2&cursor={cursor}");
        }
        assert_eq!((seen, sizes), (created, vec![2, 2, 1]));
        assert_eq!(member.ids(&app, "/v1/sessions?limit=100").await.len(), 8);
    }

    async fn a_cursor_that_no_list_gave_is_refused(app: TestApp) {
        let member = app.member().await;
        // Nonsense, an empty one, and the base64 of "x", of an id of another kind and of U+0000.
        let of_a_set = "c2V0XzAxOTk3YjZlM2MyYTdmMTBhNWQwYzNiMWUyZjRhNTk4";
        for cursor in ["x", "", "%00", "eA", "AA", of_a_set, "c2VzXw%3D%3D", &"A".repeat(5000)] {
            let path = format!("/v1/sessions?cursor={cursor}");
            let refused = member.get(&app, &path).refused(if cursor == "%00" { Code::InvalidParameter } else { Code::InvalidCursor });
            assert_eq!(refused.await["errors"][0]["parameter"], "cursor");
        }
    }

    async fn each_change_is_allowed_only_where_it_makes_sense(app: TestApp) {
        let member = app.member().await;
        let allowed = [
            ("pending", ["cancel", ""]), ("active", ["cancel", ""]), ("submitted", ["finalize", "release"]),
            ("finalized", ["release", ""]), ("declined", ["", ""]), ("expired", ["", ""]), ("cancelled", ["", ""]),
        ];
        for (status, changes) in allowed {
            for change in ["cancel", "finalize", "release"] {
                let candidate = app.invited(&member, "on_release").await;
                match status {
                    "pending" => {}
                    "declined" => drop(candidate.post(&app, "decline").await),
                    "cancelled" => drop(member.change(&app, &candidate.session, "cancel").await),
                    "expired" => {
                        let sql = format!(
                            "UPDATE session SET status = 'expired', closed_at = created_at WHERE id = '{}'",
                            candidate.session
                        );
                        app.execute(&sql).await;
                    }
                    _ => {
                        candidate.post(&app, "start").await.is(200);
                        if status != "active" {
                            candidate.post(&app, "submit").await.is(200);
                        }
                        if status == "finalized" {
                            member.change(&app, &candidate.session, "finalize").await.is(200);
                        }
                    }
                }
                assert_eq!(member.session(&app, &candidate.session).await["status"], status);
                let answer = member.change(&app, &candidate.session, change).await;
                if changes.contains(&change) {
                    answer.is(200);
                    let again = member.change(&app, &candidate.session, change).await;
                    again.refused(Code::WrongState);
                } else {
                    answer.refused(Code::WrongState);
                    assert_eq!(member.session(&app, &candidate.session).await["status"], status);
                }
            }
        }
    }

    async fn only_what_waits_for_release_can_be_released(app: TestApp) {
        let member = app.member().await;
        for feedback in ["immediate", "on_submit", "never"] {
            let candidate = app.interview(&member, feedback).await;
            candidate.post(&app, "submit").await.is(200);
            member.change(&app, &candidate.session, "release").await.refused(Code::NotReleasable);
        }
    }

    async fn a_cancelled_session_takes_nothing_more(app: TestApp) {
        let member = app.member().await;
        let candidate = app.interview(&member, "never").await;
        candidate.save(&app, "gil", "Kept.").await.is(201);
        let cancelled = member.change(&app, &candidate.session, "cancel").await.is(200).json();
        assert_eq!(cancelled["status"], "cancelled");
        assert!(cancelled["closed_at"].is_string());
        candidate.save(&app, "gil", "Too late.").await.refused(Code::WrongState);
        for change in ["start", "submit", "decline"] {
            candidate.post(&app, change).await.refused(Code::WrongState);
        }
        let code = json!({"invite_code": candidate.invite_code});
        app.post("/v1/candidate/token").json(&code).refused(Code::WrongState).await;
        assert_eq!(candidate.get(&app, "answers").ok().await["data"][0]["text"], "Kept.");
    }

    async fn bodies_of_changes_are_none_or_empty(app: TestApp) {
        let member = app.member().await;
        let session = app.session(&member, &json!({})).await;
        let path = format!("/v1/sessions/{}/cancel", session["id"].as_str().unwrap());
        let refused = member.post(&app, &path, &json!({"reason": "x"})).await.refused(Code::InvalidField);
        assert_eq!(refused["errors"][0]["pointer"], "/reason");
        app.post(&path).token(&member.token).body("text/plain", "x").refused(Code::UnsupportedMediaType).await;
        member.post(&app, &path, &json!({})).await.is(200);
    }

    async fn ids_that_name_nothing_are_not_found(app: TestApp) {
        let member = app.member().await;
        let zeros = "0".repeat(32);
        for id in [
            format!("ses_{zeros}"), format!("set_{zeros}"), "ses_1".into(), "x".into(), "%00".into(), "%ff".into(),
            "..%2F..%2Fetc".into(), "é".into(), "x".repeat(5000),
        ] {
            member.get(&app, &format!("/v1/sessions/{id}")).refused(Code::NotFound).await;
            member.get(&app, &format!("/v1/sessions/{id}/report")).refused(Code::NotFound).await;
            member.change(&app, &id, "cancel").await.refused(Code::NotFound);
        }
    }
}
