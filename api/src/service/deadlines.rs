//! Time: the clock ends sessions, whether or not anybody calls. Nothing is lost by it: what was saved stays and counts.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    id::{OrganizationId, SessionId},
    kind::{Action, SessionStatus, SubmittedBy},
    session,
};
use sea_orm::ConnectionTrait;

use crate::{
    error::{Code, Problem},
    state::State,
    store::{self, audit::By},
};

/// How many overdue sessions are closed between two looks.
const BATCH: u64 = 200;

/// What the clock makes of a session: the same row, ended, where its time is over.
pub fn ended(row: &session::Model, now: DateTime<Utc>, grace: TimeDelta) -> Option<session::Model> {
    match row.status {
        SessionStatus::Pending => {
            let at = row.expires_at.filter(|at| *at <= now)?;
            Some(session::Model {
                status: SessionStatus::Expired,
                closed_at: Some(at),
                ..row.clone()
            })
        }
        SessionStatus::Active => {
            let at = row.deadline_at.filter(|at| *at + grace <= now)?;
            Some(session::Model {
                status: SessionStatus::Submitted,
                submitted_at: Some(at),
                submitted_by: Some(SubmittedBy::Deadline),
                ..row.clone()
            })
        }
        _ => None,
    }
}

/// Whether the clock ends the session.
pub fn is_over(state: &State, row: &session::Model) -> bool {
    ended(row, state.clock.now(), grace(state)).is_some()
}

/// When a session that starts now must end.
pub fn deadline(row: &session::Model, started_at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let by_limit = row
        .time_limit_minutes
        .map(|minutes| started_at + TimeDelta::minutes(minutes.into()));
    by_limit.into_iter().chain(row.expires_at).min()
}

/// The session as the clock has it, stored so where that is news.
///
/// # Errors
/// Where the database does not answer.
pub async fn settle(state: &State, row: session::Model) -> Result<session::Model, Problem> {
    if !is_over(state, &row) {
        return Ok(row);
    }
    let tx = store::write(&state.db).await?;
    let row = settle_locked(state, &tx, lock(&tx, &row).await?).await?;
    tx.commit().await?;
    Ok(row)
}

/// The same within the caller's transaction, which holds the session's lock.
///
/// # Errors
/// Where the database does not answer.
pub async fn settle_locked(
    state: &State,
    tx: &impl ConnectionTrait,
    row: session::Model,
) -> Result<session::Model, Problem> {
    let now = state.clock.now();
    let Some(ended) = ended(&row, now, grace(state)) else {
        return Ok(row);
    };
    let action = match ended.status {
        SessionStatus::Expired => Action::SessionExpired,
        _ => Action::SessionSubmitted,
    };
    store::sessions::update(tx, &ended).await?;
    store::audit::record(
        tx,
        Some(&ended.organization_id),
        By::System,
        action,
        ended.id.as_str(),
        now,
    )
    .await?;
    Ok(ended)
}

/// Ends every session whose time is over, of one organization or of all, and tells how many they were.
///
/// # Errors
/// Where the database does not answer.
pub async fn settle_due(state: &State, organization: Option<&OrganizationId>) -> Result<usize, Problem> {
    let mut settled = 0;
    loop {
        let now = state.clock.now();
        let due = store::sessions::overdue(&state.db, organization, now, now - grace(state), BATCH).await?;
        let before = settled;
        for id in &due {
            match settle_one(state, id).await {
                Ok(news) => settled += usize::from(news),
                // One that can't be ended must not keep the others.
                Err(problem) => {
                    tracing::warn!(%problem, session = %id, "a session that is over could not be ended")
                }
            }
        }
        // A batch of which none is left to end would come back for ever.
        if due.len() < BATCH as usize || settled == before {
            return Ok(settled);
        }
    }
}

async fn settle_one(state: &State, id: &SessionId) -> Result<bool, Problem> {
    let tx = store::write(&state.db).await?;
    let Some(row) = store::sessions::lock(&tx, id).await? else {
        return Ok(false);
    };
    let status = row.status;
    let settled = settle_locked(state, &tx, row).await?;
    tx.commit().await?;
    Ok(settled.status != status)
}

/// A session that was found before, locked.
///
/// # Errors
/// [`Code::NotFound`] where it has gone.
pub async fn lock(tx: &impl ConnectionTrait, row: &session::Model) -> Result<session::Model, Problem> {
    store::sessions::lock(tx, &row.id)
        .await?
        .ok_or_else(|| Problem::new(Code::NotFound))
}

fn grace(state: &State) -> TimeDelta {
    TimeDelta::seconds(state.config.deadline_grace_seconds.into())
}

#[cfg(test)]
mod tests {
    use entity::{
        id::{CandidateId, MemberId, QuestionSetId, VersionId},
        kind::Feedback,
    };

    use super::*;

    fn session(status: SessionStatus) -> session::Model {
        session::Model {
            id: SessionId::generate(),
            organization_id: OrganizationId::generate(),
            question_set_id: QuestionSetId::generate(),
            version_id: VersionId::generate(),
            candidate_id: CandidateId::generate(),
            candidate_name: "Ada".into(),
            status,
            feedback: Feedback::OnSubmit,
            time_limit_minutes: None,
            expires_at: None,
            external_id: None,
            invite_code_hash: String::new(),
            created_by: MemberId::generate(),
            created_at: Utc::now(),
            started_at: None,
            deadline_at: None,
            submitted_at: None,
            submitted_by: None,
            finalized_at: None,
            released_at: None,
            closed_at: None,
        }
    }

    #[test]
    fn the_deadline_is_the_earlier_of_limit_and_expiry() {
        let now = Utc::now();
        let (hour, half) = (now + TimeDelta::hours(1), now + TimeDelta::minutes(30));
        let with = |limit, expires_at| session::Model {
            time_limit_minutes: limit,
            expires_at,
            ..session(SessionStatus::Pending)
        };
        assert_eq!(deadline(&with(None, None), now), None);
        assert_eq!(deadline(&with(Some(30), None), now), Some(half));
        assert_eq!(deadline(&with(None, Some(hour)), now), Some(hour));
        assert_eq!(deadline(&with(Some(30), Some(hour)), now), Some(half));
        assert_eq!(deadline(&with(Some(90), Some(hour)), now), Some(hour));
    }

    #[test]
    fn the_clock_ends_what_is_over_and_nothing_else() {
        let now = Utc::now();
        let grace = TimeDelta::seconds(2);
        let pending = session::Model {
            expires_at: Some(now),
            ..session(SessionStatus::Pending)
        };
        assert_eq!(
            ended(&pending, now, grace).unwrap().status,
            SessionStatus::Expired
        );
        let active = session::Model {
            deadline_at: Some(now),
            ..session(SessionStatus::Active)
        };
        assert_eq!(ended(&active, now, grace), None);
        let ended_active = ended(&active, now + grace, grace).unwrap();
        assert_eq!(ended_active.status, SessionStatus::Submitted);
        assert_eq!(ended_active.submitted_by, Some(SubmittedBy::Deadline));
        assert_eq!(ended_active.submitted_at, Some(now));
        for status in [
            SessionStatus::Submitted,
            SessionStatus::Finalized,
            SessionStatus::Cancelled,
        ] {
            let over = session::Model {
                expires_at: Some(now),
                deadline_at: Some(now),
                ..session(status)
            };
            assert_eq!(ended(&over, now + TimeDelta::days(1), grace), None);
        }
    }
}
