//! The interview as the candidate lives it: open, start, save, submit, read the result.

use std::{net::IpAddr, sync::Arc};

use chrono::TimeDelta;
use entity::{
    answer_revision,
    id::SessionId,
    kind::{Action, Feedback, SessionStatus, SubmittedBy},
    session,
};
use grading::{Question, Report};
use sea_orm::ConnectionTrait;

use super::{
    deadlines::{self, settle, settle_locked},
    reports,
    rubrics::{Pinned, PublishedSet},
    saves::{self, Given, Graded, Stored},
    sessions::wrong_state,
};
use crate::{
    auth::{
        secrets,
        tokens::{self, Subject},
    },
    error::{Code, Problem},
    limits::Proof,
    state::State,
    store::{self, answers::NewGrade, audit::By},
    telemetry::metrics::Purpose,
    values::{IfMatch, Sensitive},
};

pub use crate::store::answers::GradedRevision;

/// The longest answer, in bytes of UTF-8.
pub const ANSWER_MAX_BYTES: usize = 64 * 1024;

/// A token for one session.
#[derive(Debug)]
pub struct Opened {
    /// A JWT.
    pub access_token: String,
    /// How long it lives, in seconds.
    pub expires_in: i64,
}

/// A session as its candidate sees it.
#[derive(Debug)]
pub struct Interview {
    /// The session.
    pub row: session::Model,
    /// What it asks.
    pub set: Arc<PublishedSet>,
}

/// An answer that was saved.
#[derive(Debug)]
pub struct Saved {
    /// The author's slug of the question.
    pub question_id: String,
    /// The revision.
    pub revision: answer_revision::Model,
    /// Its grade, where the candidate may see it, and the question that it is about.
    pub grade: Option<(Question, Report)>,
}

/// What a candidate may see of the result.
#[derive(Debug)]
pub enum CandidateResult {
    /// Nothing, not now.
    Unavailable,
    /// Every grade.
    Available(Vec<reports::GradedAnswer>),
}

/// Trades an invite code for a token, as often as it is asked for.
///
/// # Errors
/// [`Code::InvalidInviteCode`]; [`Code::TooManyFailures`]; [`Code::WrongState`] where the session was declined, expired
/// or cancelled.
pub async fn open(state: &State, invite_code: Sensitive, from: Option<IpAddr>) -> Result<Opened, Problem> {
    let hash = secrets::hash(&invite_code.reveal());
    let trial = state.limits.trial(Proof::InviteCode(&hash), from)?;
    let Some(found) = store::sessions::find_by_invite_code(&state.db, &hash).await? else {
        trial.failed();
        return Err(Problem::new(Code::InvalidInviteCode));
    };
    drop(trial);
    let row = settle(state, found).await?;
    if is_closed(row.status) {
        return Err(wrong_state(row.status, "its invite code opens nothing any more"));
    }
    let lifetime = TimeDelta::minutes(state.config.candidate_token_minutes.into());
    let access_token = tokens::issue(
        &state.keys,
        &Subject::Candidate(row.id),
        state.clock.now(),
        lifetime,
    )?;
    Ok(Opened {
        access_token,
        expires_in: lifetime.num_seconds(),
    })
}

/// The session that the token opens, as the clock has it.
///
/// # Errors
/// [`Code::InvalidToken`] where there is no such session any more.
pub async fn find(state: &State, id: &SessionId) -> Result<Interview, Problem> {
    let row = settle(state, find_row(state, id).await?).await?;
    with_set(state, row).await
}

/// Begins: from now on the time runs and the questions can be read.
///
/// # Errors
/// [`Code::WrongState`] unless it is pending.
pub async fn start(state: &State, id: &SessionId) -> Result<Interview, Problem> {
    let now = state.clock.now();
    change(state, id, Action::SessionStarted, |row| match row.status {
        SessionStatus::Pending => {
            row.status = SessionStatus::Active;
            row.started_at = Some(now);
            row.deadline_at = deadlines::deadline(row, now);
            Ok(())
        }
        _ => Err(wrong_state(row.status, "only a pending session can be started")),
    })
    .await
}

/// Ends the answering.
///
/// # Errors
/// [`Code::DeadlinePassed`] where the clock was faster; [`Code::WrongState`] unless it is active.
pub async fn submit(state: &State, id: &SessionId) -> Result<Interview, Problem> {
    let now = state.clock.now();
    change(state, id, Action::SessionSubmitted, |row| {
        must_be_active(row)?;
        row.status = SessionStatus::Submitted;
        row.submitted_at = Some(now);
        row.submitted_by = Some(SubmittedBy::Candidate);
        Ok(())
    })
    .await
}

/// Declines to take part.
///
/// # Errors
/// [`Code::WrongState`] unless it is pending or active.
pub async fn decline(state: &State, id: &SessionId) -> Result<Interview, Problem> {
    let now = state.clock.now();
    change(state, id, Action::SessionDeclined, |row| match row.status {
        SessionStatus::Pending | SessionStatus::Active => {
            row.status = SessionStatus::Declined;
            row.closed_at = Some(now);
            Ok(())
        }
        _ => Err(wrong_state(
            row.status,
            "only a pending or active session can be declined",
        )),
    })
    .await
}

/// Saves an answer as its next revision, graded. Acknowledged means committed.
///
/// # Errors
/// [`Code::NotFound`] for a question that is not asked; [`Code::WrongState`] and [`Code::DeadlinePassed`] unless the
/// session is active; [`Code::PreconditionFailed`]; [`Code::AnswerTooLarge`]; [`Code::InvalidField`] for U+0000.
pub async fn save(
    state: &State,
    id: &SessionId,
    question_id: &str,
    seen: IfMatch,
    text: String,
) -> Result<Saved, Problem> {
    let (set, feedback) = set_that_asks(state, id, question_id).await?;
    check(&text, "/text")?;
    let given = Given {
        session: id.clone(),
        question_id: question_id.to_owned(),
        seen,
        text,
    };
    // Graded outside any transaction; whether the session takes answers is checked inside.
    let grade = grading(state, &set, feedback);
    let stored = saves::store(state, given, grade).await;
    let Stored { revision, report } = stored.inspect_err(|_| state.rubrics.forget_pin(id))?;
    let question = set.question(question_id).map(|(question, _)| question);
    Ok(Saved {
        question_id: question_id.to_owned(),
        revision,
        grade: report.and_then(|report| Some((question?.clone(), report))),
    })
}

/// The set that the session asks a question from, and when its candidate may see grades. Neither ever changes, so that they are
/// looked up once; a session that takes no answers is refused here the first time, and else when the answer is stored.
async fn set_that_asks(
    state: &State,
    id: &SessionId,
    question_id: &str,
) -> Result<(Arc<PublishedSet>, Feedback), Problem> {
    if let Some(Pinned { version, feedback }) = state.rubrics.pinned_by(id) {
        let set = state.rubrics.get(&state.db, &version).await?;
        if set.question(question_id).is_some() {
            return Ok((set, feedback));
        }
    }
    let Interview { row, set } = find(state, id).await?;
    must_be_active(&row)?;
    if set.question(question_id).is_none() {
        return Err(Problem::new(Code::NotFound));
    }
    let (version, feedback) = (row.version_id, row.feedback);
    state.rubrics.pin(row.id, Pinned { version, feedback });
    Ok((set, feedback))
}

/// The latest revision of every answer, in the order of the questions.
///
/// # Errors
/// [`Code::InvalidToken`] where there is no such session any more.
pub async fn answers(state: &State, id: &SessionId) -> Result<Vec<GradedRevision>, Problem> {
    let interview = find(state, id).await?;
    let mut answers = store::answers::latest(&state.db, id).await?;
    let order = |id: &str| {
        interview
            .set
            .questions()
            .position(|(question, _)| question.id == id)
    };
    answers.sort_by_key(|answer| order(&answer.question_id));
    Ok(answers)
}

/// What the candidate may see of the result now.
///
/// # Errors
/// [`Code::InvalidToken`] where there is no such session any more.
pub async fn result(state: &State, id: &SessionId) -> Result<CandidateResult, Problem> {
    let interview = find(state, id).await?;
    if !may_see_grades(&interview.row) {
        return Ok(CandidateResult::Unavailable);
    }
    Ok(CandidateResult::Available(
        reports::graded_answers(state, &interview.row, &interview.set).await?,
    ))
}

/// Whether the feedback setting lets the candidate see grades, as the session stands.
pub fn may_see_grades(row: &session::Model) -> bool {
    let submitted = matches!(row.status, SessionStatus::Submitted | SessionStatus::Finalized);
    match row.feedback {
        Feedback::Immediate => submitted || row.status == SessionStatus::Active,
        Feedback::OnSubmit => submitted,
        Feedback::OnRelease => submitted && row.released_at.is_some(),
        Feedback::Never => false,
    }
}

/// Whether it ended without being answered to the end.
fn is_closed(status: SessionStatus) -> bool {
    matches!(
        status,
        SessionStatus::Declined | SessionStatus::Expired | SessionStatus::Cancelled
    )
}

pub(super) fn must_be_active(row: &session::Model) -> Result<(), Problem> {
    match row.status {
        SessionStatus::Active => Ok(()),
        SessionStatus::Submitted if row.submitted_by == Some(SubmittedBy::Deadline) => Err(Problem::because(
            Code::DeadlinePassed,
            "The time was over; what was saved has been submitted",
        )),
        status => Err(wrong_state(status, "answers are taken while it is active")),
    }
}

/// Whether a text can be an answer; `pointer` says where in the body it stands.
pub(super) fn check(text: &str, pointer: &str) -> Result<(), Problem> {
    if text.len() > ANSWER_MAX_BYTES {
        return Err(Problem::new(Code::AnswerTooLarge));
    }
    if text.contains('\0') {
        return Err(Problem::field(pointer, "must not hold U+0000"));
    }
    Ok(())
}

/// How an answer to a question of the set is graded.
fn grading(
    state: &State,
    set: &Arc<PublishedSet>,
    feedback: Feedback,
) -> impl FnOnce(&Given) -> Result<Graded, Problem> + Send + use<> {
    let (set, metrics) = (Arc::clone(set), Arc::clone(&state.metrics));
    move |given| {
        let rubric = set.question(&given.question_id).map(|(_, rubric)| rubric);
        let rubric = rubric.ok_or_else(|| Problem::new(Code::NotFound))?;
        let report = metrics.graded(Purpose::Answer, || grading::grade(rubric, &given.text));
        Ok(Graded {
            grade: stored(&report)?,
            // What nobody will look at ends here, in the thread that has its memory.
            report: (feedback == Feedback::Immediate).then_some(report),
        })
    }
}

fn stored(report: &Report) -> Result<NewGrade, Problem> {
    Ok(NewGrade {
        engine_version: grading::VERSION,
        points: i32::try_from(report.points()).map_err(Problem::internal)?,
        max_points: i32::try_from(report.max_points()).map_err(Problem::internal)?,
        report: serde_json::to_string(report).map_err(Problem::internal)?,
    })
}

async fn find_row(state: &State, id: &SessionId) -> Result<session::Model, Problem> {
    let found = store::sessions::find_for_candidate(&state.db, id).await?;
    found.ok_or_else(|| Problem::new(Code::InvalidToken))
}

async fn with_set(state: &State, row: session::Model) -> Result<Interview, Problem> {
    let set = state.rubrics.get(&state.db, &row.version_id).await?;
    Ok(Interview { row, set })
}

async fn change(
    state: &State,
    id: &SessionId,
    action: Action,
    apply: impl FnOnce(&mut session::Model) -> Result<(), Problem>,
) -> Result<Interview, Problem> {
    // What the clock has ended stays ended, also where the change is refused.
    let found = settle(state, find_row(state, id).await?).await?;
    let tx = store::write(&state.db).await?;
    let mut row = settle_locked(state, &tx, deadlines::lock(&tx, &found).await?).await?;
    apply(&mut row)?;
    store::sessions::update(&tx, &row).await?;
    record(state, &tx, action, &row, row.id.as_str()).await?;
    tx.commit().await?;
    with_set(state, row).await
}

async fn record(
    state: &State,
    tx: &impl ConnectionTrait,
    action: Action,
    row: &session::Model,
    subject: &str,
) -> Result<(), Problem> {
    let by = By::Candidate(row.candidate_id.clone());
    let now = state.clock.now();
    Ok(store::audit::record(tx, Some(&row.organization_id), by, action, subject, now).await?)
}
