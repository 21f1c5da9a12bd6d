//! The README's first interview, with the client that openapi-generator writes.

use std::{
    error::Error,
    time::{SystemTime, UNIX_EPOCH},
};

use viva_client::{
    apis::{auth_api, candidate_api, configuration::Configuration, sessions_api},
    models::{
        AnswerRequest, CandidateRequest, Feedback, InviteCodeRequest, RegisterRequest, SessionRequest, SessionStatus,
        Verdict,
    },
};

const ANSWER: &str = "The GIL is a lock around the interpreter, so only one thread runs Python bytecode at a time. \
    CPU-bound threads run faster on several cores. \
    While one thread waits for the network the lock is let go, so another can run.";

fn client(url: &str, token: Option<String>) -> Configuration {
    Configuration {
        base_path: url.to_owned(),
        bearer_access_token: token,
        ..Configuration::default()
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).ok_or("which server?")?;

    // The recruiter signs up, and creates a session for a candidate.
    let anyone = client(&url, None);
    let email = format!("ada.{}@example.org", SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos());
    let registration = RegisterRequest::new("Example".into(), "Ada".into(), email, "correct horse".into());
    let tokens = auth_api::register(&anyone, registration).await?;
    let recruiter = client(&url, Some(tokens.access_token));
    let candidate = CandidateRequest::new("Grace".into(), "grace@example.org".into());
    let mut wanted = SessionRequest::new("python-core-mechanics".into(), candidate, Feedback::OnSubmit);
    wanted.time_limit_minutes = Some(Some(45));
    let session = sessions_api::create_session(&recruiter, wanted, None).await?;

    // The candidate opens it with the invite code, starts, answers a question and submits.
    let code = session.invite_code.ok_or("a new session has a code")?;
    let opened = candidate_api::open_session(&anyone, InviteCodeRequest::new(code)).await?;
    let candidate = client(&url, Some(opened.access_token));
    let started = candidate_api::start_session(&candidate).await?;
    assert_eq!(started.status, SessionStatus::Active);
    let saved = candidate_api::save_answer(&candidate, "gil", AnswerRequest::new(ANSWER.into()), None).await?;
    assert_eq!((saved.text.as_str(), saved.revision), (ANSWER, 1));
    let submitted = candidate_api::submit_session(&candidate).await?;
    assert_eq!(submitted.status, SessionStatus::Submitted);

    // The recruiter reads the report: a verdict for every concept, and the evidence for it.
    let report = sessions_api::get_report(&recruiter, &session.id).await?;
    let gil = report.questions.iter().find(|question| question.question_id == "gil").ok_or("no such question")?;
    assert!(0 < gil.points && gil.points < gil.max_points);
    for concept in &gil.concepts {
        println!("{:?}: {}", concept.verdict, concept.explanation);
        for evidence in &concept.evidence {
            let (start, end) = (usize::try_from(evidence.start)?, usize::try_from(evidence.end)?);
            let quoted: String = ANSWER.chars().skip(start).take(end - start).collect();
            assert_eq!(quoted, evidence.quote);
        }
    }
    for wanted in [Verdict::Met, Verdict::Contradicted] {
        assert!(gil.concepts.iter().any(|concept| concept.verdict == wanted), "{wanted:?}");
    }
    Ok(())
}
