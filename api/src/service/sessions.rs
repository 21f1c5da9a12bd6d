//! Sessions as the recruiter sees them.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use entity::{
    candidate,
    id::{CandidateId, MemberId, SessionId, VersionId},
    kind::{Action, Feedback, SessionStatus},
    member, session,
};
use sea_orm::ConnectionTrait;

use super::{
    deadlines::{self, settle, settle_locked},
    idempotency::Ticket,
    members,
    question_sets::Summary,
};
use crate::{
    auth::secrets::Secret,
    error::{Code, Problem},
    state::State,
    store::{self, audit::By},
    values::{Email, Name, Page, PageRequest, SetName},
};

/// The longest time limit: a day, in minutes.
pub const TIME_LIMIT_MAX: i32 = 24 * 60;
/// How far ahead a session may expire, in days.
pub const EXPIRY_MAX_DAYS: i64 = 5 * 366;
/// The longest name that an integrator may give a session, in characters.
pub const EXTERNAL_ID_MAX: usize = 200;

/// A session to be.
#[derive(Debug)]
pub struct NewSession {
    /// Which set it is created from: its latest published version is pinned.
    pub question_set: SetName,
    /// The candidate's name.
    pub candidate_name: Name,
    /// The candidate's address.
    pub candidate_email: Email,
    /// When the candidate may see grades.
    pub feedback: Feedback,
    /// How long the candidate has, in minutes.
    pub time_limit_minutes: Option<i32>,
    /// When it ends whatever happens.
    pub expires_at: Option<DateTime<Utc>>,
    /// The integrator's own name for it.
    pub external_id: Option<String>,
}

/// A session and what it refers to.
#[derive(Debug, Clone)]
pub struct SessionView {
    /// The session.
    pub row: session::Model,
    /// Who answers.
    pub candidate: candidate::Model,
    /// The slug of the set it was created from.
    pub question_set_slug: String,
    /// The number of the version it pins.
    pub question_set_version: i32,
}

/// What a list is narrowed to, as the caller writes it.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Only those that stand there.
    pub status: Option<SessionStatus>,
    /// Only the candidate's with this id or address.
    pub candidate: Option<CandidateName>,
    /// Only those created from this set.
    pub question_set: Option<SetName>,
}

/// How a caller names a candidate.
#[derive(Debug)]
pub enum CandidateName {
    /// By id.
    Id(CandidateId),
    /// By address.
    Email(String),
}

/// Creates a session and the invite code that opens it. The code is shown once.
///
/// # Errors
/// [`Code::InvalidField`] where the set is unknown or the time is over already; [`Code::NotPublished`].
pub async fn create(
    state: &State,
    member: &member::Model,
    new: NewSession,
    ticket: &Ticket<SessionView>,
) -> Result<(SessionView, Secret), Problem> {
    let now = state.clock.now();
    check(&new, now)?;
    let set =
        store::question_sets::find_summary(&state.db, &member.organization_id, &new.question_set).await?;
    let set = set.ok_or_else(|| Problem::field("/question_set", "is not a question set that you can see"))?;
    let version =
        store::question_sets::find_version_summary(&state.db, &set.id, set.published_version).await?;
    let version = version.ok_or_else(|| Problem::new(Code::NotPublished))?;
    let invite_code = Secret::generate().map_err(Problem::internal)?;

    let tx = ticket.write(state).await?;
    let candidate = find_or_insert_candidate(&tx, member, &new.candidate_email, now).await?;
    let row = row(member, &set, version.id, &candidate, new, invite_code.hash(), now);
    store::sessions::insert(&tx, &row).await?;
    record(&tx, member, Action::SessionCreated, &row, now).await?;
    let view = SessionView {
        row,
        candidate,
        question_set_slug: set.slug,
        question_set_version: version.number,
    };
    ticket.keep(state, &tx, &view, now).await?;
    tx.commit().await?;
    Ok((view, invite_code))
}

/// A session of the organization of whoever calls, as the clock has it.
///
/// # Errors
/// [`Code::InvalidToken`] where there is no such member any more; [`Code::NotFound`].
pub async fn find(state: &State, caller: &MemberId, id: &SessionId) -> Result<SessionView, Problem> {
    let Some((row, context)) = store::sessions::find_in_context(&state.db, caller, id).await? else {
        members::authenticated(state, caller).await?;
        return Err(Problem::new(Code::NotFound));
    };
    Ok(SessionView {
        row: settle(state, row).await?,
        candidate: context.candidate,
        question_set_slug: context.question_set_slug,
        question_set_version: context.question_set_version,
    })
}

/// A page of the organization's sessions, newest first, as the clock has them.
///
/// # Errors
/// Where the database does not answer.
pub async fn list(
    state: &State,
    member: &member::Model,
    wanted: Wanted,
    page: &PageRequest<SessionId>,
) -> Result<Page<SessionView>, Problem> {
    deadlines::settle_due(state, Some(&member.organization_id)).await?;
    let Some(filter) = filter(state, member, wanted).await? else {
        return Ok(Page {
            rows: Vec::new(),
            more: false,
        });
    };
    let found = store::sessions::list(&state.db, &member.organization_id, &filter, page).await?;
    Ok(Page {
        more: found.more,
        rows: views(state, found.rows).await?,
    })
}

/// Calls a session off.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::WrongState`] unless it is pending or active.
pub async fn cancel(state: &State, member: &member::Model, id: &SessionId) -> Result<SessionView, Problem> {
    change(
        state,
        member,
        id,
        Action::SessionCancelled,
        |row, now| match row.status {
            SessionStatus::Pending | SessionStatus::Active => {
                row.status = SessionStatus::Cancelled;
                row.closed_at = Some(now);
                Ok(())
            }
            _ => Err(wrong_state(
                row.status,
                "only a pending or active session can be cancelled",
            )),
        },
    )
    .await
}

/// Closes the grading of a session.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::WrongState`] unless it is submitted.
pub async fn finalize(state: &State, member: &member::Model, id: &SessionId) -> Result<SessionView, Problem> {
    change(
        state,
        member,
        id,
        Action::SessionFinalized,
        |row, now| match row.status {
            SessionStatus::Submitted => {
                row.status = SessionStatus::Finalized;
                row.finalized_at = Some(now);
                Ok(())
            }
            _ => Err(wrong_state(
                row.status,
                "only a submitted session can be finalized",
            )),
        },
    )
    .await
}

/// Lets the candidate see the result.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::NotReleasable`] unless the feedback is `on_release`; [`Code::WrongState`] before it is
/// submitted and after it was released.
pub async fn release(state: &State, member: &member::Model, id: &SessionId) -> Result<SessionView, Problem> {
    change(state, member, id, Action::ResultReleased, |row, now| {
        if row.feedback != Feedback::OnRelease {
            return Err(Problem::new(Code::NotReleasable));
        }
        match row.status {
            SessionStatus::Submitted | SessionStatus::Finalized if row.released_at.is_none() => {
                row.released_at = Some(now);
                Ok(())
            }
            _ if row.released_at.is_some() => Err(wrong_state(row.status, "the result was released before")),
            _ => Err(wrong_state(
                row.status,
                "only the result of a submitted session can be released",
            )),
        }
    })
    .await
}

/// The problem of a session that stands elsewhere.
pub(super) fn wrong_state(status: SessionStatus, rule: &str) -> Problem {
    use sea_orm::ActiveEnum;
    Problem::because(
        Code::WrongState,
        format!("The session is {}: {rule}", status.to_value()),
    )
}

pub(super) async fn find_row(
    state: &State,
    member: &member::Model,
    id: &SessionId,
) -> Result<session::Model, Problem> {
    let found = store::sessions::find(&state.db, &member.organization_id, id).await?;
    found.ok_or_else(|| Problem::new(Code::NotFound))
}

/// A session with what it refers to.
pub(super) async fn view(state: &State, row: session::Model) -> Result<SessionView, Problem> {
    views(state, vec![row])
        .await?
        .pop()
        .ok_or_else(|| Problem::internal("a session without its candidate"))
}

async fn views(state: &State, rows: Vec<session::Model>) -> Result<Vec<SessionView>, Problem> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let candidate_ids = rows.iter().map(|row| row.candidate_id.clone()).collect();
    let candidates = store::sessions::candidates(&state.db, candidate_ids).await?;
    let set_ids = rows.iter().map(|row| row.question_set_id.clone()).collect();
    let slugs = store::question_sets::slugs(&state.db, set_ids).await?;
    let version_ids: Vec<VersionId> = rows.iter().map(|row| row.version_id.clone()).collect();
    let numbers = store::question_sets::version_numbers(&state.db, version_ids).await?;
    let put_together = |row: session::Model| {
        let candidate = candidates
            .iter()
            .find(|candidate| candidate.id == row.candidate_id)?
            .clone();
        let (_, slug) = slugs.iter().find(|(id, _)| *id == row.question_set_id)?;
        let (_, number) = numbers.iter().find(|(id, _)| *id == row.version_id)?;
        Some(SessionView {
            candidate,
            question_set_slug: slug.clone(),
            question_set_version: *number,
            row,
        })
    };
    rows.into_iter()
        .map(|row| put_together(row).ok_or_else(|| Problem::internal("a session that refers to nothing")))
        .collect()
}

/// What the store is asked for; nothing where what is named is unknown, so that the list is empty.
async fn filter(
    state: &State,
    member: &member::Model,
    wanted: Wanted,
) -> Result<Option<store::sessions::Filter>, Problem> {
    let organization = &member.organization_id;
    let mut filter = store::sessions::Filter {
        status: wanted.status,
        ..Default::default()
    };
    match wanted.candidate {
        Some(CandidateName::Id(id)) => filter.candidate = Some(id),
        Some(CandidateName::Email(email)) => {
            let key = email.to_lowercase();
            match store::sessions::find_candidate_by_email(&state.db, organization, &key).await? {
                Some(candidate) => filter.candidate = Some(candidate.id),
                None => return Ok(None),
            }
        }
        None => {}
    }
    if let Some(name) = wanted.question_set {
        match store::question_sets::find_summary(&state.db, organization, &name).await? {
            Some(set) => filter.question_set = Some(set.id),
            None => return Ok(None),
        }
    }
    Ok(Some(filter))
}

async fn change(
    state: &State,
    member: &member::Model,
    id: &SessionId,
    action: Action,
    apply: impl FnOnce(&mut session::Model, DateTime<Utc>) -> Result<(), Problem>,
) -> Result<SessionView, Problem> {
    // What the clock has ended stays ended, also where the change is refused.
    let found = settle(state, find_row(state, member, id).await?).await?;
    let now = state.clock.now();
    let tx = store::write(&state.db).await?;
    let mut row = settle_locked(state, &tx, deadlines::lock(&tx, &found).await?).await?;
    apply(&mut row, now)?;
    store::sessions::update(&tx, &row).await?;
    record(&tx, member, action, &row, now).await?;
    tx.commit().await?;
    view(state, row).await
}

fn check(new: &NewSession, now: DateTime<Utc>) -> Result<(), Problem> {
    if new
        .time_limit_minutes
        .is_some_and(|minutes| !(1..=TIME_LIMIT_MAX).contains(&minutes))
    {
        return Err(Problem::field(
            "/time_limit_minutes",
            format!("must be 1 to {TIME_LIMIT_MAX}"),
        ));
    }
    if new
        .expires_at
        .is_some_and(|at| at <= now || at > now + TimeDelta::days(EXPIRY_MAX_DAYS))
    {
        return Err(Problem::field(
            "/expires_at",
            "must lie in the future, at most five years from now",
        ));
    }
    let external_id = new.external_id.as_deref().unwrap_or("-");
    let right = (1..=EXTERNAL_ID_MAX).contains(&external_id.chars().count());
    if !right || external_id.chars().any(char::is_control) {
        let detail = format!("must have 1 to {EXTERNAL_ID_MAX} characters and no control characters");
        return Err(Problem::field("/external_id", detail));
    }
    Ok(())
}

async fn find_or_insert_candidate(
    db: &impl ConnectionTrait,
    member: &member::Model,
    email: &Email,
    now: DateTime<Utc>,
) -> Result<candidate::Model, Problem> {
    let organization = &member.organization_id;
    let fresh = candidate::Model {
        id: CandidateId::generate(),
        organization_id: organization.clone(),
        email: email.as_str().to_owned(),
        email_key: email.key(),
        created_at: now,
    };
    // Inserted first: of two requests at once, the later finds what the earlier has put there.
    store::sessions::insert_candidate(db, &fresh).await?;
    let known = store::sessions::find_candidate_by_email(db, organization, &fresh.email_key).await?;
    known.ok_or_else(|| Problem::internal("a candidate who has just been stored is gone"))
}

fn row(
    member: &member::Model,
    set: &Summary,
    version_id: VersionId,
    candidate: &candidate::Model,
    new: NewSession,
    invite_code_hash: String,
    now: DateTime<Utc>,
) -> session::Model {
    session::Model {
        id: SessionId::generate(),
        organization_id: member.organization_id.clone(),
        question_set_id: set.id.clone(),
        version_id,
        candidate_id: candidate.id.clone(),
        candidate_name: new.candidate_name.as_str().to_owned(),
        status: SessionStatus::Pending,
        feedback: new.feedback,
        time_limit_minutes: new.time_limit_minutes,
        // As exact as everything that our clock says.
        expires_at: new.expires_at.map(|at| at.trunc_subsecs(3)),
        external_id: new.external_id,
        invite_code_hash,
        created_by: member.id.clone(),
        created_at: now,
        started_at: None,
        deadline_at: None,
        submitted_at: None,
        submitted_by: None,
        finalized_at: None,
        released_at: None,
        closed_at: None,
    }
}

async fn record(
    db: &impl ConnectionTrait,
    member: &member::Model,
    action: Action,
    row: &session::Model,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let by = By::Member(member.id.clone());
    Ok(store::audit::record(
        db,
        Some(&member.organization_id),
        by,
        action,
        row.id.as_str(),
        now,
    )
    .await?)
}
