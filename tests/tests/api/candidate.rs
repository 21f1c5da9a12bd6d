//! The candidate's side: opening, answering, submitting, and what may be seen meanwhile.

use std::collections::BTreeSet;

use api::error::Code;
use serde_json::{Value, json};
use tests::{
    Candidate, Member, TestApp, on_both_databases,
    people::{BUILT_IN, small_set},
};

const RIGHT: &str = "The GIL is released while a thread waits for I/O, so other threads can run meanwhile.";

/// Every text of the built-in set's rubric that no prompt or title says too, as it would stand in a JSON body.
struct Rubric {
    concept_ids: Vec<String>,
    statements: Vec<String>,
    secrets: Vec<String>,
}

async fn rubric(app: &TestApp, member: &Member) -> Rubric {
    let set = member
        .get(app, &format!("/v1/question-sets/{BUILT_IN}"))
        .ok()
        .await;
    let in_json = |text: &str| json!(text).to_string().trim_matches('"').to_owned();
    let mut rubric = Rubric {
        concept_ids: vec![],
        statements: vec![],
        secrets: vec![],
    };
    let mut open = String::new();
    for question in set["questions"].as_array().unwrap() {
        open += question["prompt"].as_str().unwrap();
        rubric
            .secrets
            .push(in_json(question["reference"].as_str().unwrap()));
        for concept in question["concepts"].as_array().unwrap() {
            rubric
                .concept_ids
                .push(format!("\"{}\"", concept["id"].as_str().unwrap()));
            rubric
                .statements
                .push(in_json(concept["statement"].as_str().unwrap()));
            open += concept["statement"].as_str().unwrap();
            for list in ["reject", "accept"] {
                let phrases = concept.get(list).and_then(Value::as_array).into_iter().flatten();
                rubric
                    .secrets
                    .extend(phrases.map(|phrase| in_json(phrase.as_str().unwrap())));
            }
        }
    }
    rubric.secrets.retain(|secret| !open.contains(secret.as_str()));
    assert!(rubric.secrets.len() > 100);
    rubric
}

/// Everything that a candidate can read.
async fn all_bodies(app: &TestApp, candidate: &Candidate) -> String {
    let mut bodies = String::new();
    for what in ["session", "answers", "result"] {
        bodies += &candidate.get(app, what).send().await.is(200).text;
    }
    bodies
}

fn assert_hidden(bodies: &str, phrases: &[String]) {
    let shown: Vec<_> = phrases
        .iter()
        .filter(|phrase| bodies.contains(phrase.as_str()))
        .collect();
    assert!(shown.is_empty(), "a candidate sees {shown:?}");
}

fn concepts(report: &Value) -> Vec<&Value> {
    let questions = report["questions"].as_array().unwrap();
    questions
        .iter()
        .flat_map(|question| question["concepts"].as_array().unwrap())
        .collect()
}

async fn available(app: &TestApp, candidate: &Candidate) -> bool {
    let result = candidate.get(app, "result").ok().await;
    let available = result["available"].as_bool().unwrap();
    let whole = ["points", "max_points", "questions"].map(|name| result.get(name).is_some());
    assert_eq!(whole, [available; 3], "{result}");
    available
}

on_both_databases! {
    async fn questions_are_hidden_until_the_session_is_active(app: TestApp) {
        let member = app.member().await;
        let candidate = app.invited(&member, "on_submit").await;
        let set = member.get(&app, &format!("/v1/question-sets/{BUILT_IN}")).ok().await;
        let prompts: Vec<String> = set["questions"].as_array().unwrap().iter()
            .map(|question| json!(question["prompt"]).to_string().trim_matches('"').to_owned()).collect();
        assert_hidden(&all_bodies(&app, &candidate).await, &prompts);
        assert!(candidate.get(&app, "session").ok().await.get("questions").is_none());
        let started = candidate.post(&app, "start").await.is(200).json();
        assert_eq!(started["status"], "active");
        let shown: Vec<_> = started["questions"].as_array().unwrap().iter().map(|question| {
            assert_eq!(question.as_object().unwrap().len(), 2, "{question}");
            json!(question["prompt"]).to_string().trim_matches('"').to_owned()
        }).collect();
        assert_eq!(shown, prompts);
    }

    async fn nothing_of_the_rubric_is_shown_before_a_grade_is(app: TestApp) {
        let member = app.member().await;
        let rubric = rubric(&app, &member).await;
        for feedback in ["on_submit", "on_release", "never"] {
            let candidate = app.interview(&member, feedback).await;
            let mut bodies = candidate.save(&app, "gil", RIGHT).await.is(201).text.clone();
            bodies += &all_bodies(&app, &candidate).await;
            if feedback != "on_submit" {
                bodies += &candidate.post(&app, "submit").await.is(200).text;
                bodies += &all_bodies(&app, &candidate).await;
                member.change(&app, &candidate.session, "finalize").await.is(200);
                bodies += &all_bodies(&app, &candidate).await;
            }
            for phrases in [&rubric.concept_ids, &rubric.statements, &rubric.secrets] {
                assert_hidden(&bodies, phrases);
            }
        }
    }

    async fn with_a_grade_come_the_statements_and_nothing_else_of_the_rubric(app: TestApp) {
        let member = app.member().await;
        let rubric = rubric(&app, &member).await;
        let candidate = app.interview(&member, "immediate").await;
        let set = member.get(&app, &format!("/v1/question-sets/{BUILT_IN}")).ok().await;
        let mut bodies = String::new();
        // Answers that say what hidden phrases say, in capitals so that they can be told from the phrases themselves.
        for question in set["questions"].as_array().unwrap() {
            let concepts = question["concepts"].as_array().unwrap();
            let phrases = |list: &str| -> Vec<String> {
                let first = concepts.iter().filter_map(|concept| concept.get(list)?[0].as_str());
                first.map(|phrase| format!("As I see it, {}", phrase.to_uppercase())).collect()
            };
            let id = question["id"].as_str().unwrap();
            for list in ["reject", "accept"] {
                bodies += &candidate.save(&app, id, &phrases(list).join(".\n")).await.text;
            }
        }
        candidate.post(&app, "submit").await.is(200);
        bodies += &all_bodies(&app, &candidate).await;
        assert_hidden(&bodies, &rubric.secrets);
        assert!(rubric.statements.iter().all(|statement| bodies.contains(statement.as_str())));
        assert!(!bodies.contains("phrase_kind") && !bodies.contains("well_known"));
        // The recruiter sees what it was held against; the explanations of the candidate don't quote it either.
        let report = member.report(&app, &candidate.session).await;
        assert!(rubric.secrets.iter().any(|secret| report.to_string().contains(secret.as_str())));
        let result = candidate.get(&app, "result").ok().await;
        let mut held_against_hidden_phrases = 0;
        for (seen, whole) in concepts(&result).into_iter().zip(concepts(&report)) {
            assert_eq!((&seen["id"], &seen["verdict"]), (&whole["id"], &whole["verdict"]));
            for evidence in whole["evidence"].as_array().unwrap().iter().filter(|e| e["phrase_kind"] != "statement") {
                held_against_hidden_phrases += 1;
                for link in evidence["links"].as_array().unwrap() {
                    let told = format!("“{}”", link["rubric"].as_str().unwrap());
                    assert!(!seen["explanation"].as_str().unwrap().contains(&told), "{seen}");
                }
            }
        }
        assert!(held_against_hidden_phrases > 0);
    }

    async fn grades_are_seen_when_the_feedback_setting_says(app: TestApp) {
        let member = app.member().await;
        for (feedback, active, submitted, released) in [
            ("immediate", true, true, true),
            ("on_submit", false, true, true),
            ("on_release", false, false, true),
            ("never", false, false, false),
        ] {
            let candidate = app.invited(&member, feedback).await;
            assert!(!available(&app, &candidate).await);
            candidate.post(&app, "start").await.is(200);
            let saved = candidate.save(&app, "gil", RIGHT).await.is(201).json();
            assert_eq!(saved.get("grade").is_some(), feedback == "immediate");
            assert_eq!(available(&app, &candidate).await, active, "{feedback}");
            candidate.post(&app, "submit").await.is(200);
            assert_eq!(available(&app, &candidate).await, submitted, "{feedback}");
            member.change(&app, &candidate.session, "release").await;
            assert_eq!(available(&app, &candidate).await, released, "{feedback}");
            member.change(&app, &candidate.session, "finalize").await.is(200);
            assert_eq!(available(&app, &candidate).await, released, "{feedback}");
            let report = member.report(&app, &candidate.session).await;
            assert_eq!(report["practice"], feedback == "immediate");
        }
    }

    async fn practice_shows_the_first_and_the_last_revision(app: TestApp) {
        let member = app.member().await;
        let candidate = app.interview(&member, "immediate").await;
        let mut grades = Vec::new();
        for text in ["I don't know.", "Something with threads.", RIGHT] {
            let saved = candidate.save(&app, "gil", text).await.json();
            grades.push(saved["grade"].clone());
        }
        assert!(grades[2]["points"].as_u64() > grades[0]["points"].as_u64(), "{grades:?}");
        let report = member.report(&app, &candidate.session).await;
        assert_eq!(report["practice"], true);
        let question = |id: &str| {
            let questions = report["questions"].as_array().unwrap();
            questions.iter().find(|question| question["question_id"] == id).unwrap().clone()
        };
        let gil = question("gil");
        assert_eq!((&gil["first"]["answer"]["revision"], &gil["answer"]["revision"]), (&json!(1), &json!(3)));
        assert_eq!((&gil["first"]["answer"]["text"], &gil["answer"]["text"]), (&json!("I don't know."), &json!(RIGHT)));
        assert_eq!(gil["first"]["grade"]["points"], grades[0]["points"]);
        assert_eq!(gil["points"], grades[2]["points"]);
        let unanswered = question("generators-vs-lists");
        assert_eq!((&unanswered["answer"], unanswered.get("first"), &unanswered["points"]), (&Value::Null, None, &json!(0)));
    }

    async fn a_report_adds_up(app: TestApp) {
        let member = app.member().await;
        let candidate = app.interview(&member, "never").await;
        candidate.save(&app, "gil", RIGHT).await.is(201);
        candidate.post(&app, "submit").await.is(200);
        let report = member.report(&app, &candidate.session).await;
        let sum = |rows: &Value, name: &str| -> u64 {
            rows.as_array().unwrap().iter().map(|row| row[name].as_u64().unwrap()).sum()
        };
        for name in ["points", "max_points"] {
            assert_eq!(report[name], sum(&report["questions"], name));
            for question in report["questions"].as_array().unwrap() {
                assert_eq!(question[name], sum(&question["concepts"], name));
                assert!(question.get("first").is_none());
            }
        }
        for concept in report["questions"].as_array().unwrap().iter().flat_map(|q| q["concepts"].as_array().unwrap()) {
            let (credit, met) = (concept["credit"].as_f64().unwrap(), concept["verdict"] == "met");
            let points = concept["points"].as_f64().unwrap();
            assert_eq!(points, (concept["max_points"].as_f64().unwrap() * credit).round(), "{concept}");
            assert!((0.0..=1.0).contains(&credit) && (met || credit == 0.0), "{concept}");
            assert!((0.0..=1.0).contains(&concept["confidence"].as_f64().unwrap()), "{concept}");
            let bare = concept["evidence"].as_array().unwrap().is_empty();
            assert!(!bare || concept["verdict"] == "absent", "{concept}");
            assert!(!concept["explanation"].as_str().unwrap().is_empty());
        }
    }

    async fn the_first_save_is_201_and_the_next_ones_are_200(app: TestApp) {
        let member = app.member().await;
        let candidate = app.interview(&member, "never").await;
        for (number, (status, text)) in [(201, "One."), (200, "Two."), (200, "Two."), (200, "")].into_iter().enumerate() {
            let answer = candidate.save(&app, "gil", text).await;
            let saved = answer.is(status).json();
            assert_eq!((&saved["revision"], &saved["text"]), (&json!(number + 1), &json!(text)));
            assert_eq!(answer.header("etag"), format!("\"{}\"", number + 1));
            assert!(saved["saved_at"].as_str().unwrap().ends_with('Z'));
        }
        let answers = candidate.get(&app, "answers").ok().await;
        assert_eq!((&answers["data"][0]["revision"], &answers["data"][0]["text"]), (&json!(4), &json!("")));
        // The old ones stay.
        let kept = app.query("SELECT text FROM answer_revision ORDER BY number").await;
        let kept: Vec<String> = kept.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
        assert_eq!(kept, ["One.", "Two.", "Two.", ""]);
        assert_eq!(app.count("SELECT COUNT(*) FROM grade").await, 4);
    }

    async fn answers_are_listed_in_the_order_of_the_questions(app: TestApp) {
        let member = app.member().await;
        let candidate = app.interview(&member, "never").await;
        let questions = candidate.get(&app, "session").ok().await["questions"].clone();
        let ids: Vec<_> = questions.as_array().unwrap().iter().map(|q| q["id"].as_str().unwrap()).collect();
        for id in ids.iter().rev() {
            candidate.save(&app, id, &format!("About {id}.")).await.is(201);
        }
        let answers = candidate.get(&app, "answers").ok().await;
        let listed: Vec<_> = answers["data"].as_array().unwrap().iter().map(|a| a["question_id"].as_str().unwrap()).collect();
        assert_eq!(listed, ids);
        assert!(answers["data"].as_array().unwrap().iter().all(|answer| answer.get("grade").is_none()));
    }

    async fn a_save_over_what_somebody_else_saved_is_refused_where_asked(app: TestApp) {
        let member = app.member().await;
        let candidate = app.interview(&member, "never").await;
        let save = async |seen: &str| candidate.saving(&app, "gil", "Mine.").header("if-match", seen).send().await;
        for unseen in ["\"1\"", "*", "W/\"1\""] {
            save(unseen).await.refused(Code::PreconditionFailed);
        }
        candidate.save(&app, "gil", "First.").await.is(201);
        save("\"1\"").await.is(200);
        for stale in ["\"1\"", "\"3\"", "W/\"2\"", "\"two\""] {
            save(stale).await.refused(Code::PreconditionFailed);
        }
        save("*").await.is(200);
        save("2").await.refused(Code::BadRequest);
        assert_eq!(app.count("SELECT COUNT(*) FROM answer_revision").await, 3);
    }

    async fn of_two_clients_that_save_at_once_one_has_to_look_again(app: TestApp) {
        let member = app.member().await;
        let candidate = app.interview(&member, "never").await;
        candidate.save(&app, "gil", "First.").await.is(201);
        let save = |text: &str| candidate.saving(&app, "gil", text).header("if-match", "\"1\"").send();
        let (one, other) = tokio::join!(save("One."), save("Other."));
        let (won, lost) = if one.status == 200 { (one, other) } else { (other, one) };
        lost.refused(Code::PreconditionFailed);
        let kept = candidate.get(&app, "answers").ok().await["data"][0]["text"].clone();
        assert_eq!(kept, won.is(200).json()["text"]);
    }

    async fn twenty_saves_at_once_are_twenty_revisions(app: TestApp) {
        let member = app.member().await;
        let candidate = app.interview(&member, "never").await;
        let mut saves = tokio::task::JoinSet::new();
        for number in 0..20 {
            let call = candidate.saving(&app, "gil", &format!("Answer {number}."));
            saves.spawn(call.send());
        }
        let saved = saves.join_all().await;
        let revisions: BTreeSet<_> = saved.iter().map(|answer| answer.json()["revision"].as_i64().unwrap()).collect();
        assert_eq!(revisions, (1..=20).collect());
        assert_eq!(saved.iter().filter(|answer| answer.status == 201).count(), 1);
        let last = saved.iter().map(tests::Answer::json).find(|answer| answer["revision"] == 20).unwrap();
        assert_eq!(candidate.get(&app, "answers").ok().await["data"][0]["text"], last["text"]);
        assert_eq!(app.count("SELECT COUNT(*) FROM answer").await, 1);
        assert_eq!(app.count("SELECT COUNT(*) FROM grade").await, 20);
    }

    async fn only_questions_that_are_asked_can_be_answered(app: TestApp) {
        let member = app.member().await;
        let candidate = app.interview(&member, "never").await;
        for question in ["no-such-question", "GIL", "%00", "gil%20", "%ff", &"x".repeat(3000)] {
            candidate.save(&app, question, "x").await.refused(Code::NotFound);
        }
    }

    async fn answers_are_taken_only_while_the_session_is_active(app: TestApp) {
        let member = app.member().await;
        let candidate = app.invited(&member, "never").await;
        candidate.save(&app, "gil", "Too early.").await.refused(Code::WrongState);
        candidate.post(&app, "submit").await.refused(Code::WrongState);
        candidate.post(&app, "start").await.is(200);
        candidate.post(&app, "start").await.refused(Code::WrongState);
        candidate.save(&app, "gil", "In time.").await.is(201);
        let submitted = candidate.post(&app, "submit").await.is(200).json();
        assert_eq!((&submitted["status"], &submitted["submitted_by"]), (&json!("submitted"), &json!("candidate")));
        candidate.save(&app, "gil", "Too late.").await.refused(Code::WrongState);
        for change in ["start", "submit", "decline"] {
            candidate.post(&app, change).await.refused(Code::WrongState);
        }
        member.change(&app, &candidate.session, "finalize").await.is(200);
        candidate.save(&app, "gil", "Too late.").await.refused(Code::WrongState);
        assert_eq!(candidate.get(&app, "answers").ok().await["data"][0]["text"], "In time.");
    }

    async fn a_candidate_may_decline_before_or_after_the_start(app: TestApp) {
        let member = app.member().await;
        for candidate in [app.invited(&member, "never").await, app.interview(&member, "never").await] {
            assert_eq!(candidate.post(&app, "decline").await.is(200).json()["status"], "declined");
            candidate.post(&app, "start").await.refused(Code::WrongState);
            let code = json!({"invite_code": candidate.invite_code});
            app.post("/v1/candidate/token").json(&code).refused(Code::WrongState).await;
            assert_eq!(member.session(&app, &candidate.session).await["status"], "declined");
        }
    }

    async fn an_invite_code_opens_its_session_as_often_as_needed(app: TestApp) {
        let member = app.member().await;
        let candidate = app.interview(&member, "on_submit").await;
        let code = json!({"invite_code": candidate.invite_code});
        let again = app.post("/v1/candidate/token").json(&code).ok().await;
        assert_eq!((&again["token_type"], &again["expires_in"]), (&json!("Bearer"), &json!(7200)));
        let reader = app.get("/v1/candidate/session").token(again["access_token"].as_str().unwrap()).ok().await;
        assert_eq!(reader["id"], candidate.session);
        candidate.post(&app, "submit").await.is(200);
        // Still, so that the result can be read.
        app.post("/v1/candidate/token").json(&code).ok().await;
        for code in ["", "x", &candidate.invite_code.to_lowercase(), &format!("{} ", candidate.invite_code), "\u{0}"] {
            let body = json!({"invite_code": code});
            app.post("/v1/candidate/token").json(&body).refused(Code::InvalidInviteCode).await;
        }
    }

    async fn starting_and_submitting_take_an_empty_body_or_none(app: TestApp) {
        let member = app.member().await;
        let candidate = app.invited(&member, "never").await;
        let start = |body: &Value| app.post("/v1/candidate/session/start").token(&candidate.token).json(body);
        let refused = start(&json!({"now": true})).refused(Code::InvalidField).await;
        assert_eq!(refused["errors"][0]["pointer"], "/now");
        start(&json!([])).refused(Code::InvalidField).await;
        start(&json!({})).ok().await;
        candidate.post(&app, "submit").await.is(200);
    }

    async fn what_is_acknowledged_survives_a_restart(app: TestApp) {
        let member = app.member().await;
        app.published(&member, "http").await;
        let candidate = app.interview_with(&member, &json!({"question_set": "http", "feedback": "immediate"})).await;
        let prompt = &small_set("http")["questions"][0]["prompt"];
        let saved = candidate.save(&app, "idempotence", "PUT is idempotent.").await.is(201).json();
        let before = member.report(&app, &candidate.session).await;
        let app = app.restart().await;
        assert_eq!(member.report(&app, &candidate.session).await, before);
        assert_eq!(&candidate.get(&app, "session").ok().await["questions"][0]["prompt"], prompt);
        assert_eq!(candidate.get(&app, "answers").ok().await["data"][0]["saved_at"], saved["saved_at"]);
    }
}
