//! Saves that wait at once are stored in one transaction. Each is answered, and stored, as if it were alone.

use std::time::Duration;

use api::error::Code;
use sea_orm::{ConnectionTrait, DatabaseTransaction, TransactionTrait};
use serde_json::json;
use tests::{Answer, Candidate, Engine, Member, TestApp, client::Call, on_both_databases};
use tokio::task::JoinSet;

/// More than are written at once, on either database.
const FIRST: usize = 3;
/// How long a save takes until it waits to be stored, or a little more.
const UNTIL_IT_WAITS: Duration = Duration::from_millis(700);

async fn interviews(app: &TestApp, member: &Member, number: usize) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for _ in 0..number {
        candidates.push(app.interview(member, "immediate").await);
    }
    candidates
}

/// What keeps everything from being stored, until the transaction ends.
fn lock(app: &TestApp) -> &'static str {
    match app.engine() {
        Engine::Sqlite => "UPDATE member SET name = name",
        Engine::Postgresql => "LOCK TABLE answer IN EXCLUSIVE MODE",
    }
}

/// Sends them one after the other while nothing can be stored, those of `FIRST` others first; changes something once all of
/// them wait, and lets them go. What they are answered, in their order.
async fn at_once(
    app: &TestApp,
    member: &Member,
    calls: Vec<Call>,
    change: impl AsyncFnOnce(&DatabaseTransaction),
) -> Vec<Answer> {
    counted_at_once(app, member, calls, change).await.0
}

/// The same, and how many statements the server sent to the database meanwhile.
async fn counted_at_once(
    app: &TestApp,
    member: &Member,
    calls: Vec<Call>,
    change: impl AsyncFnOnce(&DatabaseTransaction),
) -> (Vec<Answer>, u64) {
    let busy = interviews(app, member, FIRST).await;
    let other = app.connect().await;
    let holding = other.begin().await.unwrap();
    holding.execute_unprepared(lock(app)).await.unwrap();
    let before = app.statements();
    let mut saving = JoinSet::new();
    let first = busy
        .iter()
        .map(|candidate| candidate.saving(app, "gil", "Something."));
    for (number, call) in first.chain(calls).enumerate() {
        if number == FIRST {
            tokio::time::sleep(UNTIL_IT_WAITS).await;
        }
        saving.spawn(async move { (number, call.send().await) });
    }
    tokio::time::sleep(UNTIL_IT_WAITS).await;
    change(&holding).await;
    holding.commit().await.unwrap();
    let mut answers = saving.join_all().await;
    let statements = app.statements() - before;
    other.close().await.unwrap();
    answers.sort_by_key(|(number, _)| *number);
    let mut answers = answers.into_iter().map(|(_, answer)| answer);
    for busy in answers.by_ref().take(FIRST) {
        busy.is(201);
    }
    (answers.collect(), statements)
}

async fn nothing(_: &DatabaseTransaction) {}

/// Revisions, grades, and events of saving, those of the `FIRST` not counted.
async fn stored(app: &TestApp) -> [i64; 3] {
    let all = [
        "SELECT COUNT(*) FROM answer_revision",
        "SELECT COUNT(*) FROM grade",
        "SELECT COUNT(*) FROM audit_event WHERE action = 'answer_saved'",
    ];
    let mut counts = [0; 3];
    for (count, sql) in counts.iter_mut().zip(all) {
        *count = app.count(sql).await - FIRST as i64;
    }
    counts
}

on_both_databases! {
    async fn those_that_wait_share_a_transaction(app: TestApp) {
        let member = app.member().await;
        let candidates = interviews(&app, &member, 10).await;
        let text = |number: usize| format!("Only one thread runs bytecode at a time, said number {number}.");
        let calls = candidates.iter().enumerate();
        let calls = calls.map(|(number, candidate)| candidate.saving(&app, "gil", &text(number)));
        let (answers, statements) = counted_at_once(&app, &member, calls.collect(), nothing).await;
        // One each to grade by, two for each of the first, two for all the others; and what the server does by itself.
        let alone = 3 * (FIRST + answers.len()) as u64;
        assert!(statements <= alone - 12, "{statements} instead of {alone}");
        for (number, (candidate, answer)) in candidates.iter().zip(&answers).enumerate() {
            let saved = answer.is(201).json();
            assert_eq!((&saved["text"], &saved["revision"]), (&json!(text(number)), &json!(1)));
            assert_eq!(saved["grade"]["concepts"][1]["verdict"], "met");
            assert_eq!(answer.header("etag"), "\"1\"");
            let kept = candidate.get(&app, "answers").ok().await;
            assert_eq!(kept["data"][0]["text"], text(number));
            let report = member.report(&app, &candidate.session).await;
            assert_eq!(report["questions"][1]["answer"]["text"], text(number));
        }
        assert_eq!(stored(&app).await, [10; 3]);
    }

    async fn one_session_saves_twice_and_none_is_lost(app: TestApp) {
        let member = app.member().await;
        let candidates = interviews(&app, &member, 2).await;
        candidates[0].save(&app, "generators-vs-lists", "before").await.is(201);
        for _ in 0..2 {
            candidates[0].save(&app, "gil", "before").await;
        }
        let calls = vec![
            candidates[0].saving(&app, "generators-vs-lists", "one"),
            candidates[0].saving(&app, "gil", "two"),
            candidates[0].saving(&app, "gil", "three"),
            candidates[0].saving(&app, "decorators", "four"),
            candidates[1].saving(&app, "gil", "five"),
        ];
        let answers = at_once(&app, &member, calls, nothing).await;
        let mut revisions: Vec<i64> = answers
            .iter()
            .map(|answer| answer.json()["revision"].as_i64().unwrap())
            .collect();
        revisions[1..3].sort_unstable();
        assert_eq!(revisions, [2, 3, 4, 1, 1]);
        assert_eq!(stored(&app).await, [8; 3]);
        let kept = candidates[0].get(&app, "answers").ok().await;
        let texts: Vec<_> = kept["data"].as_array().unwrap().iter().map(|answer| &answer["text"]).collect();
        assert_eq!((texts[0], texts[2]), (&json!("one"), &json!("four")));
    }

    async fn a_session_that_has_ended_meanwhile_is_told_and_the_others_are_stored(app: TestApp) {
        let member = app.member().await;
        let candidates = interviews(&app, &member, 4).await;
        let calls = candidates.iter().map(|candidate| candidate.saving(&app, "gil", "An answer."));
        let cancelled = format!("UPDATE session SET status = 'cancelled' WHERE id = '{}'", candidates[1].session);
        let answers = at_once(&app, &member, calls.collect(), async |holding| {
            holding.execute_unprepared(&cancelled).await.unwrap();
        })
        .await;
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses, [201, 409, 201, 201]);
        answers[1].refused(Code::WrongState);
        assert_eq!(stored(&app).await, [3; 3]);
    }

    async fn the_deadline_passes_while_it_waits(app: TestApp) {
        let member = app.member().await;
        let limited = app.interview_with(&member, &json!({"time_limit_minutes": 5})).await;
        let free = app.interview(&member, "never").await;
        let calls = vec![limited.saving(&app, "gil", "late"), free.saving(&app, "gil", "in time")];
        let answers = at_once(&app, &member, calls, async |_| app.advance_minutes(6)).await;
        answers[0].refused(Code::DeadlinePassed);
        answers[1].is(201);
        assert_eq!(stored(&app).await, [1; 3]);
        assert_eq!(member.session(&app, &limited.session).await["status"], "submitted");
    }

    async fn who_has_seen_another_revision_is_refused_and_the_others_are_stored(app: TestApp) {
        let member = app.member().await;
        let candidates = interviews(&app, &member, 4).await;
        candidates[0].save(&app, "gil", "before").await.is(201);
        candidates[1].save(&app, "gil", "before").await.is(201);
        let seen = [Some("\"1\""), Some("\"7\""), Some("*"), None];
        let calls = candidates.iter().zip(seen).map(|(candidate, seen)| {
            let call = candidate.saving(&app, "gil", "after");
            match seen {
                Some(seen) => call.header("If-Match", seen),
                None => call,
            }
        });
        let answers = at_once(&app, &member, calls.collect(), nothing).await;
        answers[0].is(200);
        answers[1].refused(Code::PreconditionFailed);
        answers[2].refused(Code::PreconditionFailed);
        answers[3].is(201);
        assert_eq!(stored(&app).await, [4; 3]);
    }

    async fn one_that_the_database_refuses_spoils_it_for_nobody(app: TestApp) {
        let member = app.member().await;
        let refusing: &[&str] = match app.engine() {
            Engine::Sqlite => &["CREATE TRIGGER refusing BEFORE INSERT ON answer_revision WHEN NEW.text = 'poison' \
                                 BEGIN SELECT RAISE(ABORT, 'refused'); END"],
            Engine::Postgresql => &[
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$",
                "CREATE TRIGGER refusing BEFORE INSERT ON answer_revision FOR EACH ROW WHEN (NEW.text = 'poison') \
                 EXECUTE FUNCTION refuse()",
            ],
        };
        let db = app.connect().await;
        for sql in refusing {
            db.execute_unprepared(sql).await.unwrap();
        }
        db.close().await.unwrap();
        let candidates = interviews(&app, &member, 4).await;
        let texts = ["good", "poison", "good", "good"];
        let calls = candidates.iter().zip(texts).map(|(candidate, text)| candidate.saving(&app, "gil", text));
        let answers = at_once(&app, &member, calls.collect(), nothing).await;
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses, [201, 500, 201, 201]);
        assert_eq!(stored(&app).await, [3; 3]);
    }

    async fn while_nothing_can_be_stored_nobody_waits_behind_all_the_others(app: TestApp) {
        let member = app.member().await;
        // Three transactions, one after the other, each of which gives up after five seconds.
        let candidates = interviews(&app, &member, 20).await;
        let other = app.connect().await;
        let holding = other.begin().await.unwrap();
        holding.execute_unprepared(lock(&app)).await.unwrap();
        let mut saving = JoinSet::new();
        for candidate in &candidates {
            let call = candidate.saving(&app, "gil", "An answer.");
            saving.spawn(async move { call.send().await.status });
        }
        let answered = tokio::time::timeout(Duration::from_secs(13), saving.join_all()).await;
        holding.rollback().await.unwrap();
        other.close().await.unwrap();
        assert_eq!(answered.unwrap(), [503; 20]);
        candidates[0].save(&app, "gil", "An answer.").await.is(201);
        assert_eq!(app.count("SELECT COUNT(*) FROM answer_revision").await, 1);
    }

    async fn a_client_that_leaves_takes_nobody_along(app: TestApp) {
        let member = app.member().await;
        let candidates = interviews(&app, &member, 3).await;
        let leaving = candidates[0].saving(&app, "gil", "gone");
        let calls = candidates[1..].iter().map(|candidate| candidate.saving(&app, "gil", "here"));
        let answers = at_once(&app, &member, calls.collect(), async |_| {
            let left = tokio::time::timeout(UNTIL_IT_WAITS, leaving.send()).await;
            assert!(left.is_err(), "it was answered while nothing could be stored");
        })
        .await;
        for answer in &answers {
            answer.is(201);
        }
    }
}

#[test]
fn a_session_that_is_held_holds_up_no_other() {
    tests::run(Engine::Postgresql, async |app: TestApp| {
        let member = app.member().await;
        let candidates = interviews(&app, &member, 6).await;
        let other = app.connect().await;
        let holding = other.begin().await.unwrap();
        let hold = format!(
            "SELECT id FROM session WHERE id = '{}' FOR UPDATE",
            candidates[0].session
        );
        holding.execute_unprepared(&hold).await.unwrap();
        let held = candidates[0].saving(&app, "gil", "held").send();
        let others = async {
            for candidate in &candidates[1..] {
                candidate.save(&app, "gil", "free").await.is(201);
            }
            holding.rollback().await.unwrap();
        };
        let (held, ()) = tokio::join!(held, others);
        held.is(201);
        other.close().await.unwrap();
    });
}
