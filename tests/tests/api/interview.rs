//! The whole of it: from signing up to reading the report.

use serde_json::json;
use tests::{
    TestApp, TestDatabase, on_both_databases,
    people::{BUILT_IN, registration},
};

on_both_databases! {
    async fn a_recruiter_and_a_candidate_go_through_an_interview(app: TestApp) {
        go_through_an_interview(&app).await;
    }

    async fn a_single_connection_to_the_database_is_enough_for_an_interview(database: TestDatabase) {
        let app = TestApp::start_with(database, |config| config.database_connections = 1).await;
        go_through_an_interview(&app).await;
    }
}

async fn go_through_an_interview(app: &TestApp) {
    let registered = app
        .post("/v1/auth/register")
        .json(&registration("ada@example.org"))
        .send()
        .await;
    let token = registered.is(201).json()["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let sets = app.get("/v1/question-sets").token(&token).ok().await;
    assert_eq!(sets["data"][0]["slug"], BUILT_IN);

    let session = app
        .post("/v1/sessions")
        .token(&token)
        .json(&json!({
            "question_set": BUILT_IN,
            "candidate": {"name": "Charles Babbage", "email": "charles@example.org"},
            "feedback": "on_submit",
            "time_limit_minutes": 45,
            "external_id": "req-1"
        }))
        .send()
        .await;
    let session = session.is(201).json();
    assert_eq!(session["status"], "pending");
    let id = session["id"].as_str().unwrap();

    let opened = app
        .post("/v1/candidate/token")
        .json(&json!({"invite_code": session["invite_code"]}))
        .ok()
        .await;
    let candidate = opened["access_token"].as_str().unwrap();
    let seen = app.get("/v1/candidate/session").token(candidate).ok().await;
    assert_eq!(
        (&seen["status"], &seen["number_of_questions"]),
        (&json!("pending"), &json!(5))
    );
    let started = app
        .post("/v1/candidate/session/start")
        .token(candidate)
        .json(&json!({}))
        .ok()
        .await;
    let questions = started["questions"].as_array().unwrap();
    assert_eq!(questions.len(), 5);

    let answer = "The GIL is released while a thread waits for I/O, so other threads can run meanwhile.";
    for question in questions {
        let path = format!("/v1/candidate/answers/{}", question["id"].as_str().unwrap());
        let saved = app
            .put(&path)
            .token(candidate)
            .json(&json!({"text": answer}))
            .send()
            .await;
        let saved = saved.is(201).json();
        assert_eq!((&saved["text"], &saved["revision"]), (&json!(answer), &json!(1)));
        assert!(saved.get("grade").is_none());
    }
    app.post("/v1/candidate/session/submit")
        .token(candidate)
        .ok()
        .await;
    let result = app.get("/v1/candidate/result").token(candidate).ok().await;
    assert_eq!(result["available"], true);

    let report = app
        .get(&format!("/v1/sessions/{id}/report"))
        .token(&token)
        .ok()
        .await;
    assert_eq!(report["session"]["status"], "submitted");
    assert_eq!(report["session"]["submitted_by"], "candidate");
    assert_eq!(report["practice"], false);
    assert_eq!(
        (&report["points"], &report["max_points"]),
        (&result["points"], &result["max_points"])
    );
    let gil = report["questions"].as_array().unwrap().iter().find(|grade| {
        grade["concepts"]
            .as_array()
            .unwrap()
            .iter()
            .any(|concept| concept["verdict"] == "met")
    });
    let met = gil.unwrap()["concepts"]
        .as_array()
        .unwrap()
        .iter()
        .find(|concept| concept["verdict"] == "met");
    let evidence = &met.unwrap()["evidence"][0];
    let (start, end) = (
        evidence["start"].as_u64().unwrap(),
        evidence["end"].as_u64().unwrap(),
    );
    let quoted: String = answer
        .chars()
        .skip(start as usize)
        .take((end - start) as usize)
        .collect();
    assert_eq!(evidence["quote"], quoted);
    app.post(&format!("/v1/sessions/{id}/finalize"))
        .token(&token)
        .ok()
        .await;
}
