//! Question sets: drafts, versions, and what may be wrong with one.

use std::collections::BTreeSet;

use api::error::Code;
use serde_json::{Value, json};
use tests::{
    Member, TestApp, on_both_databases,
    people::{BUILT_IN, small_set},
};

async fn edit(app: &TestApp, member: &Member, slug: &str, seen: Option<&str>, body: &Value) -> tests::Answer {
    let call = app
        .patch(&format!("/v1/question-sets/{slug}"))
        .token(&member.token)
        .json(body);
    match seen {
        Some(tag) => call.header("if-match", tag).send().await,
        None => call.send().await,
    }
}

async fn publish(app: &TestApp, member: &Member, slug: &str) -> tests::Answer {
    app.post(&format!("/v1/question-sets/{slug}/publish"))
        .token(&member.token)
        .send()
        .await
}

fn pointers(problem: &Value) -> BTreeSet<&str> {
    let errors = problem["errors"].as_array().unwrap();
    errors
        .iter()
        .map(|error| error["pointer"].as_str().unwrap())
        .collect()
}

on_both_databases! {
    async fn the_built_in_set_is_there_for_everybody(app: TestApp) {
        let member = app.member().await;
        let listed = member.get(&app, "/v1/question-sets").ok().await;
        let [summary] = &listed["data"].as_array().unwrap()[..] else { panic!("{listed}") };
        assert_eq!((&summary["slug"], &summary["built_in"]), (&json!(BUILT_IN), &json!(true)));
        assert_eq!((&summary["number_of_questions"], &summary["published_version"]), (&json!(5), &json!(1)));
        let set = member.get(&app, &format!("/v1/question-sets/{BUILT_IN}")).ok().await;
        let questions = set["questions"].as_array().unwrap();
        let concepts: usize = questions.iter().map(|question| question["concepts"].as_array().unwrap().len()).sum();
        assert_eq!((questions.len(), concepts), (5, 24));
        assert!(questions.iter().all(|question| !question["reference"].as_str().unwrap().is_empty()));
    }

    async fn what_only_names_a_set_reads_none_of_its_questions(app: TestApp) {
        let member = app.member().await;
        app.published(&member, "http").await;
        let mut questions = [0, 1].map(|_| small_set("http")["questions"][0].clone());
        questions[1]["id"] = json!("again");
        let edited = json!({"description": "About HTTP.", "questions": questions});
        edit(&app, &member, "http", None, &edited).await.is(200);
        let set = member.get(&app, "/v1/question-sets/http").ok().await;
        let paths = ["/v1/question-sets", "/v1/question-sets/http/versions", "/v1/sessions?question_set=http"];
        let mut before = Vec::new();
        for path in paths {
            before.push(member.get(&app, path).ok().await);
        }
        let listed = &before[0]["data"][0];
        assert_eq!((&listed["description"], &listed["number_of_questions"]), (&json!("About HTTP."), &json!(2)));
        for field in ["id", "slug", "title", "built_in", "published_version", "draft_revision", "created_at", "updated_at"] {
            assert_eq!(listed[field], set[field], "{field}");
        }
        // Whoever read these would find no question set.
        app.execute("UPDATE question_set SET draft = '{}'").await;
        app.execute("UPDATE question_set_version SET document = '{}'").await;
        for (path, before) in paths.iter().zip(before) {
            assert_eq!(member.get(&app, path).ok().await, before, "{path}");
        }
        app.session(&member, &json!({"question_set": "http"})).await;
    }

    async fn a_restart_loads_the_built_in_set_no_second_time(app: TestApp) {
        let app = app.restart().await;
        let member = app.member().await;
        let versions = member.get(&app, &format!("/v1/question-sets/{BUILT_IN}/versions")).ok().await;
        assert_eq!(versions["data"].as_array().unwrap().len(), 1);
        assert_eq!(versions["data"][0]["published_by"], Value::Null);
    }

    async fn a_built_in_set_cant_be_changed(app: TestApp) {
        let member = app.member().await;
        edit(&app, &member, BUILT_IN, None, &json!({"title": "Mine"})).await.refused(Code::BuiltInSet);
        publish(&app, &member, BUILT_IN).await.refused(Code::BuiltInSet);
    }

    async fn a_set_has_an_id_and_a_slug_and_goes_by_either(app: TestApp) {
        let member = app.member().await;
        let answer = member.post(&app, "/v1/question-sets", &small_set("http")).await;
        let set = answer.is(201).json();
        let id = set["id"].as_str().unwrap();
        assert_eq!(answer.header("location"), format!("/v1/question-sets/{id}"));
        assert_eq!((answer.header("etag"), &set["draft_revision"]), ("\"1\"", &json!(1)));
        assert_eq!((&set["slug"], &set["published_version"]), (&json!("http"), &Value::Null));
        assert_eq!(set["questions"][0]["concepts"], json!([
            {
                "id": "same-effect",
                "statement": "Sending an idempotent request twice has the same effect as sending it once.",
                "weight": 1.0,
                "accept": ["repeating the request changes nothing further"],
                "reject": ["an idempotent request may only be sent once"]
            },
            {"id": "put", "statement": "PUT is idempotent.", "weight": 0.5}
        ]));
        for name in [id, "http"] {
            assert_eq!(member.get(&app, &format!("/v1/question-sets/{name}")).ok().await, set);
        }
        for name in ["no-such-set", &format!("set_{}", "0".repeat(32)), "HTTP", "%00", "%ff", "a%2Fb", &"x".repeat(3000)] {
            member.get(&app, &format!("/v1/question-sets/{name}")).refused(Code::NotFound).await;
        }
    }

    async fn ones_own_slug_goes_before_a_built_in_one(app: TestApp) {
        let (member, other) = (app.member().await, app.member().await);
        member.post(&app, "/v1/question-sets", &small_set(BUILT_IN)).await.is(201);
        let path = format!("/v1/question-sets/{BUILT_IN}");
        assert_eq!(member.get(&app, &path).ok().await["built_in"], false);
        assert_eq!(other.get(&app, &path).ok().await["built_in"], true);
    }

    async fn a_slug_is_taken_within_the_organization_only(app: TestApp) {
        let (member, other) = (app.member().await, app.member().await);
        member.post(&app, "/v1/question-sets", &small_set("http")).await.is(201);
        let refused = member.post(&app, "/v1/question-sets", &small_set("http")).await.refused(Code::SlugTaken);
        assert_eq!(refused["errors"][0]["pointer"], "/id");
        other.post(&app, "/v1/question-sets", &small_set("http")).await.is(201);
    }

    async fn a_draft_is_edited_only_as_it_was_last_seen(app: TestApp) {
        let member = app.member().await;
        member.post(&app, "/v1/question-sets", &small_set("http")).await.is(201);
        let change = json!({"title": "Better"});
        for stale in ["\"2\"", "\"0\"", "W/\"1\"", "\"x\"", "\"\""] {
            edit(&app, &member, "http", Some(stale), &change).await.refused(Code::PreconditionFailed);
        }
        let answer = edit(&app, &member, "http", Some("\"1\""), &change).await;
        let edited = answer.is(200).json();
        assert_eq!((answer.header("etag"), &edited["title"]), ("\"2\"", &json!("Better")));
        assert_eq!(edited["questions"], with_weights(small_set("http")["questions"].clone()));
        edit(&app, &member, "http", Some("\"7\", \"2\""), &change).await.is(200);
        edit(&app, &member, "http", Some("*"), &change).await.is(200);
        edit(&app, &member, "http", None, &change).await.is(200);
        edit(&app, &member, "http", Some("5"), &change).await.refused(Code::BadRequest);
    }

    async fn of_two_editors_at_once_one_has_to_look_again(app: TestApp) {
        let member = app.member().await;
        member.post(&app, "/v1/question-sets", &small_set("http")).await.is(201);
        let (one, other) = (json!({"title": "One"}), json!({"title": "Other"}));
        let (one, other) = tokio::join!(
            edit(&app, &member, "http", Some("\"1\""), &one),
            edit(&app, &member, "http", Some("\"1\""), &other)
        );
        assert_eq!((one.status.min(other.status), one.status.max(other.status)), (200, 412));
    }

    async fn a_published_version_never_changes_and_sessions_keep_theirs(app: TestApp) {
        let member = app.member().await;
        member.post(&app, "/v1/question-sets", &small_set("http")).await.is(201);
        let first = publish(&app, &member, "http").await;
        let (location, first) = (first.header("location").to_owned(), first.is(201).json());
        assert_eq!(first["number"], 1);
        let earlier = app.interview_with(&member, &json!({"question_set": "http"})).await;

        let mut questions = small_set("http")["questions"].clone();
        questions[0]["prompt"] = json!("What does idempotent mean?");
        edit(&app, &member, "http", None, &json!({"questions": questions})).await.is(200);
        assert_eq!(member.get(&app, &location).ok().await, first);
        let in_between = app.interview_with(&member, &json!({"question_set": "http"})).await;
        let second = publish(&app, &member, "http").await.is(201).json();
        let later = app.interview_with(&member, &json!({"question_set": "http"})).await;

        assert_eq!(member.get(&app, &location).ok().await, first);
        for (candidate, version) in [(&earlier, &first), (&in_between, &first), (&later, &second)] {
            assert_eq!(candidate.created["question_set"]["version"], version["number"]);
            let seen = candidate.get(&app, "session").ok().await;
            assert_eq!(seen["questions"][0]["prompt"], version["document"]["questions"][0]["prompt"]);
        }
        let numbers = member.get(&app, "/v1/question-sets/http/versions").ok().await;
        let numbers: Vec<_> = numbers["data"].as_array().unwrap().iter().map(|version| &version["number"]).collect();
        assert_eq!(numbers, [2, 1]);
        for number in ["0", "3", "-1", "x", "99999999999"] {
            let path = format!("/v1/question-sets/http/versions/{number}");
            member.get(&app, &path).refused(Code::NotFound).await;
        }
    }

    async fn a_draft_that_is_published_already_is_not_published_again(app: TestApp) {
        let member = app.member().await;
        app.published(&member, "http").await;
        publish(&app, &member, "http").await.refused(Code::NothingToPublish);
        let (one, other) = {
            edit(&app, &member, "http", None, &json!({"title": "Better"})).await.is(200);
            tokio::join!(publish(&app, &member, "http"), publish(&app, &member, "http"))
        };
        assert_eq!((one.status.min(other.status), one.status.max(other.status)), (201, 409));
    }

    async fn a_session_needs_a_published_version(app: TestApp) {
        let member = app.member().await;
        member.post(&app, "/v1/question-sets", &small_set("http")).await.is(201);
        let session = json!({
            "question_set": "http", "candidate": {"name": "X", "email": "x@example.org"}, "feedback": "never"
        });
        member.post(&app, "/v1/sessions", &session).await.refused(Code::NotPublished);
    }

    async fn everything_that_is_wrong_with_a_set_is_pointed_at(app: TestApp) {
        let member = app.member().await;
        let wrong = json!({
            "id": "Not a slug",
            "title": "",
            "synonyms": [["alone"]],
            "questions": [
                {"id": "one", "prompt": " ", "concepts": []},
                {"id": "one", "prompt": "Why?", "concepts": [
                    {"id": "-", "statement": "It is so.", "weight": 0},
                    {"id": "b", "statement": "x".repeat(1001), "weight": 0.125, "accept": ["a\u{0}b"]},
                    {"id": "c", "statement": "It is so.", "weight": 101, "reject": [""]}
                ]}
            ]
        });
        let refused = member.post(&app, "/v1/question-sets", &wrong).await.refused(Code::InvalidQuestionSet);
        let found = pointers(&refused);
        for pointer in [
            "/id", "/title", "/synonyms/0", "/questions/0/prompt", "/questions/0/concepts",
            "/questions/1/concepts/0/id", "/questions/1/concepts/0/weight",
            "/questions/1/concepts/1/statement", "/questions/1/concepts/1/weight", "/questions/1/concepts/1/accept/0",
            "/questions/1/concepts/2/weight", "/questions/1/concepts/2/reject/0",
        ] {
            assert!(found.contains(pointer), "{pointer} is not among {found:?}");
        }
        assert!(found.iter().any(|pointer| pointer.starts_with("/questions") && pointer.len() <= "/questions/1/id".len()));
        // The same rules hold for an edit, and for a question that is only tried out.
        member.post(&app, "/v1/question-sets", &small_set("http")).await.is(201);
        let refused = edit(&app, &member, "http", None, &json!({"questions": []})).await;
        assert_eq!(pointers(&refused.refused(Code::InvalidQuestionSet)), BTreeSet::from(["/questions"]));
        let preview = json!({"question": {"id": "Q", "prompt": "?", "concepts": []}, "answer": "x"});
        let refused = member.post(&app, "/v1/grade-previews", &preview).await.refused(Code::InvalidQuestionSet);
        assert_eq!(pointers(&refused), BTreeSet::from(["/question/id", "/question/concepts"]));
    }

    async fn a_misspelt_field_is_pointed_at(app: TestApp) {
        let member = app.member().await;
        let mut set = small_set("http");
        set["questions"][0]["concepts"][1]["wieght"] = json!(1);
        let refused = member.post(&app, "/v1/question-sets", &set).await.refused(Code::InvalidField);
        assert_eq!(refused["errors"][0]["pointer"], "/questions/0/concepts/1/wieght");
    }

    async fn sets_and_versions_are_listed_page_by_page(app: TestApp) {
        let member = app.member().await;
        for slug in ["one", "two", "three"] {
            member.post(&app, "/v1/question-sets", &small_set(slug)).await.is(201);
        }
        let (mut seen, mut query) = (Vec::new(), "?limit=2".to_owned());
        for _ in 0..3 {
            let page = member.get(&app, &format!("/v1/question-sets{query}")).ok().await;
            seen.extend(page["data"].as_array().unwrap().iter().map(|set| set["slug"].as_str().unwrap().to_owned()));
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            query = format!("?limit=2&cursor={cursor}");
        }
        assert_eq!(seen, ["three", "two", "one", BUILT_IN]);

        publish(&app, &member, "one").await.is(201);
        edit(&app, &member, "one", None, &json!({"title": "Again"})).await.is(200);
        publish(&app, &member, "one").await.is(201);
        let page = member.get(&app, "/v1/question-sets/one/versions?limit=1").ok().await;
        let rest = format!("/v1/question-sets/one/versions?cursor={}", page["next_cursor"].as_str().unwrap());
        let rest = member.get(&app, &rest).ok().await;
        assert_eq!((&page["data"][0]["number"], &rest["data"][0]["number"]), (&json!(2), &json!(1)));
        assert_eq!(rest["next_cursor"], Value::Null);
    }

    async fn a_preview_grades_and_stores_nothing(app: TestApp) {
        let member = app.member().await;
        let answer = "The GIL is released while a thread waits for I/O.";
        let by_set = json!({"question_set": BUILT_IN, "question_id": "gil", "answer": answer});
        let grade = member.post(&app, "/v1/grade-previews", &by_set).await.is(200).json();
        assert_eq!(grade["question_id"], "gil");
        let question = small_set("http")["questions"][0].clone();
        let given = json!({"question": question, "answer": "PUT is idempotent."});
        let grade = member.post(&app, "/v1/grade-previews", &given).await.is(200).json();
        assert_eq!((&grade["concepts"][1]["verdict"], &grade["points"]), (&json!("met"), &json!(50)));
        assert_eq!(grade, member.post(&app, "/v1/grade-previews", &given).await.json());
        assert_eq!(app.count("SELECT COUNT(*) FROM grade").await, 0);

        for (body, pointer) in [
            (json!({"answer": "x"}), "/question_set"),
            (json!({"question_set": BUILT_IN, "answer": "x"}), "/question_id"),
            (json!({"question_set": BUILT_IN, "question_id": "no-such", "answer": "x"}), "/question_id"),
            (json!({"question_set": "no-such", "question_id": "gil", "answer": "x"}), "/question_set"),
            (json!({"question_set": BUILT_IN, "question": question, "answer": "x"}), "/question"),
            (json!({"question_set": BUILT_IN, "question_id": "gil"}), "/answer"),
            (json!({"question_set": BUILT_IN, "question_id": "gil", "answer": "\u{0}"}), "/answer"),
        ] {
            let refused = member.post(&app, "/v1/grade-previews", &body).await.refused(Code::InvalidField);
            assert_eq!(refused["errors"][0]["pointer"], pointer, "{body}");
        }
    }

    async fn evidence_says_where_it_rests_on_what_is_well_known(app: TestApp) {
        let member = app.member().await;
        let statement = "A finished child stays a zombie until its parent collects its exit status.";
        let question = json!({"id": "zombies", "prompt": "What is a zombie process?", "concepts": [{"id": "zombie", "statement": statement}]});
        let body = json!({"question": question, "answer": "It remains until the parent does a wait.", "trace": true});
        let preview = member.post(&app, "/v1/grade-previews", &body).await.is(200).json();
        let evidence = &preview["concepts"][0]["evidence"][0];
        assert_eq!((&evidence["phrase_kind"], &evidence["well_known"]), (&json!("accept"), &json!(true)), "{preview}");
        let known = &preview["trace"]["concepts"][0]["well_known"];
        assert!(known["claim"].as_str().is_some_and(|claim| claim.contains("zombie")), "{known}");
        assert!(known["likeness"].as_f64().is_some_and(|likeness| likeness > 0.5 && likeness < 1.0), "{known}");
        // What the rubric itself says is not so marked.
        let body = json!({"question": question, "answer": statement});
        let evidence = &member.post(&app, "/v1/grade-previews", &body).await.is(200).json()["concepts"][0]["evidence"][0];
        assert_eq!((&evidence["phrase_kind"], &evidence["well_known"]), (&json!("statement"), &json!(false)));
    }

    async fn a_preview_tells_on_request_what_each_stage_saw(app: TestApp) {
        let member = app.member().await;
        let answer = "Some people say that a POST is idempotant, but that is wrong. PUT is idempotent.";
        let mut body = json!({"question": small_set("http")["questions"][0], "answer": answer});
        let plain = member.post(&app, "/v1/grade-previews", &body).await.is(200).json();
        assert_eq!(plain.get("trace"), None);
        body["trace"] = json!(false);
        assert_eq!(plain, member.post(&app, "/v1/grade-previews", &body).await.is(200).json());

        body["trace"] = json!(true);
        let mut traced = member.post(&app, "/v1/grade-previews", &body).await.is(200).json();
        let trace = traced.as_object_mut().unwrap().remove("trace").unwrap();
        assert_eq!(plain, traced);
        let [first, second] = &trace["sentences"].as_array().unwrap()[..] else { panic!("{trace}") };
        assert_eq!((&first["start"], &second["quote"]), (&json!(0), &json!("PUT is idempotent")));
        let repaired: Vec<&Value> = first["words"].as_array().unwrap().iter().filter(|word| word["repaired"] == true).collect();
        assert_eq!(repaired[0]["text"], "idempotent");
        assert_eq!((&first["clauses"][0]["view"], &second["clauses"][0]["view"]), (&json!("rejected"), &json!("own")));
        let ids = |grade: &Value| -> Vec<Value> { grade["concepts"].as_array().unwrap().iter().map(|concept| concept["id"].clone()).collect() };
        assert_eq!(ids(&trace), ids(&plain));
        assert!(trace["concepts"][1]["windows"][0]["measures"].as_array().is_some_and(|measures| !measures.is_empty()));
        assert_eq!(trace["truncated"], false);

        body["trace"] = json!("yes");
        let refused = member.post(&app, "/v1/grade-previews", &body).await.refused(Code::InvalidField);
        assert_eq!(refused["errors"][0]["pointer"], "/trace");
    }

    async fn the_trace_of_the_longest_answer_stays_small(app: TestApp) {
        let member = app.member().await;
        let sentence = "PUT is idempotent, and POST is not. ";
        let answer = sentence.repeat(64 * 1024 / sentence.len());
        let body = json!({"question": small_set("http")["questions"][0], "answer": answer, "trace": true});
        let traced = member.post(&app, "/v1/grade-previews", &body).await.is(200).json();
        assert_eq!(traced["trace"]["truncated"], true);
        assert!(traced.to_string().len() < 1024 * 1024);
    }

    async fn a_list_of_keywords_earns_nothing(app: TestApp) {
        let member = app.member().await;
        let body = json!({"question_set": BUILT_IN, "question_id": "gil", "answer": "GIL, mutex, lock, bytecode, I/O"});
        let grade = member.post(&app, "/v1/grade-previews", &body).await.is(200).json();
        assert_eq!((&grade["points"], &grade["flags"]), (&json!(0), &json!(["keyword_list"])));
    }
}

/// Questions as they come back: with every weight said.
fn with_weights(mut questions: Value) -> Value {
    for question in questions.as_array_mut().unwrap() {
        for concept in question["concepts"].as_array_mut().unwrap() {
            let weight = concept.get("weight").and_then(Value::as_f64).unwrap_or(1.0);
            concept["weight"] = json!(weight);
        }
    }
    questions
}
