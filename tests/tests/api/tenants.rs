//! What belongs to one organization does not exist for another.

use api::{
    auth::permissions::{Access, PERMISSIONS},
    error::Code,
};
use serde_json::json;
use tests::{Member, TestApp, on_both_databases};

/// Calls every operation of members that names something, on what is `owner`'s, as `caller`.
async fn statuses(app: &TestApp, caller: &Member, set: &str, session: &str) -> Vec<(String, u16)> {
    let mut statuses = Vec::new();
    for (method, path, _) in PERMISSIONS
        .iter()
        .filter(|(_, _, access)| *access == Access::Member)
    {
        if !path.contains("{id}") {
            continue;
        }
        let id = if path.starts_with("/v1/sessions") {
            session
        } else {
            set
        };
        let call = app
            .call(method, &path.replace("{id}", id).replace("{number}", "1"))
            .token(&caller.token);
        let call = if *method == "PATCH" {
            call.json(&json!({"title": "Mine now"}))
        } else {
            call
        };
        statuses.push((format!("{method} {path}"), call.send().await.status));
    }
    statuses
}

on_both_databases! {
    async fn somebody_elses_is_not_found_whatever_is_asked(app: TestApp) {
        let (owner, stranger) = (app.member().await, app.member().await);
        let set = app.published(&owner, "ours").await;
        let candidate = app.interview_with(&owner, &json!({"question_set": "ours"})).await;
        let before = owner.session(&app, &candidate.session).await;
        for name in [set["id"].as_str().unwrap(), "ours"] {
            let statuses = statuses(&app, &stranger, name, &candidate.session).await;
            assert!(statuses.len() >= 10, "{statuses:?}");
            for (operation, status) in statuses {
                assert_eq!(status, 404, "{operation}");
            }
        }
        assert_eq!(owner.session(&app, &candidate.session).await, before);
        let draft = owner.get(&app, "/v1/question-sets/ours").ok().await;
        assert_eq!(draft["title"], set["title"]);
        // The table asks about what exists: its owner finds all of it.
        for (operation, status) in statuses(&app, &owner, "ours", &candidate.session).await {
            assert_ne!(status, 404, "{operation}");
        }
    }

    async fn lists_and_filters_show_only_ones_own(app: TestApp) {
        let (owner, stranger) = (app.member().await, app.member().await);
        app.published(&owner, "ours").await;
        let session = app.session(&owner, &json!({"question_set": "ours"})).await;
        let (candidate, set) = (&session["candidate"]["id"], &session["question_set"]["id"]);
        for query in [
            String::new(),
            "?candidate=charles@example.org".into(),
            format!("?candidate={}", candidate.as_str().unwrap()),
            format!("?question_set={}", set.as_str().unwrap()),
            "?question_set=ours".into(),
        ] {
            let path = format!("/v1/sessions{query}");
            assert_eq!(stranger.ids(&app, &path).await, Vec::<String>::new(), "{path}");
            assert_eq!(owner.ids(&app, &path).await, [session["id"].as_str().unwrap()], "{path}");
        }
        let sets = stranger.get(&app, "/v1/question-sets").ok().await;
        assert!(sets["data"].as_array().unwrap().iter().all(|set| set["built_in"] == true));
    }

    async fn somebody_elses_set_can_be_named_nowhere(app: TestApp) {
        let (owner, stranger) = (app.member().await, app.member().await);
        let set = app.published(&owner, "ours").await;
        for name in [&set["id"], &set["slug"]] {
            let session = json!({
                "question_set": name, "candidate": {"name": "X", "email": "x@example.org"}, "feedback": "never"
            });
            let refused = stranger.post(&app, "/v1/sessions", &session).await.refused(Code::InvalidField);
            assert_eq!(refused["errors"][0]["pointer"], "/question_set");
            let preview = json!({"question_set": name, "question_id": "idempotence", "answer": "x"});
            let refused = stranger.post(&app, "/v1/grade-previews", &preview).await.refused(Code::InvalidField);
            assert_eq!(refused["errors"][0]["pointer"], "/question_set");
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM candidate").await, 0);
    }

    async fn the_same_address_is_another_candidate_in_another_organization(app: TestApp) {
        let (one, other) = (app.member().await, app.member().await);
        let (first, second) = (app.session(&one, &json!({})).await, app.session(&other, &json!({})).await);
        assert_eq!(first["candidate"]["email"], second["candidate"]["email"]);
        assert_ne!(first["candidate"]["id"], second["candidate"]["id"]);
    }

    async fn a_candidates_token_opens_one_session_and_no_other(app: TestApp) {
        let member = app.member().await;
        let (one, other) = (app.interview(&member, "never").await, app.interview(&member, "never").await);
        one.save(&app, "gil", "Mine.").await.is(201);
        assert_eq!(one.get(&app, "session").ok().await["id"], one.session);
        assert_eq!(other.get(&app, "session").ok().await["id"], other.session);
        assert_eq!(other.get(&app, "answers").ok().await["data"], json!([]));
    }
}
