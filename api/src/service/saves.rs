//! Storing graded answers. Those that wait at once are stored together: one transaction, one way to the disk for all.
//!
//! Nobody waits for company: who finds nobody writing is written at once, and who comes meanwhile goes with the next. What is
//! acknowledged is committed and synced, as if it were alone. What needs a closer look is stored alone: nobody is refused, or
//! waits for a lock, for somebody else's sake.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use entity::{
    answer_revision,
    id::{AnswerId, RevisionId, SessionId},
    kind::{Action, Feedback, SessionStatus},
    session,
};
use sea_orm::{ConnectionTrait, DbErr};
use tokio::{runtime::Handle, sync::oneshot};

use super::{
    deadlines::{self, settle_locked},
    interview::must_be_active,
};
use crate::{
    error::{Code, Problem},
    state::State,
    store::{
        self,
        answers::{GradedAnswer, NewGrade},
        audit::By,
    },
    values::IfMatch,
};

/// Most answers in one transaction.
const MOST: usize = 16;

/// An answer and its grade, to be stored.
#[derive(Debug)]
pub struct Draft {
    /// The session it is given in.
    pub session: SessionId,
    /// The question, which the session asks.
    pub question_id: String,
    /// What the client last saw.
    pub seen: IfMatch,
    /// The answer.
    pub text: String,
    /// The machine's grade of it.
    pub grade: NewGrade,
}

/// What a draft has become, and when its candidate may see the grade.
pub type Stored = (answer_revision::Model, Feedback);

/// The drafts that wait to be stored together.
#[derive(Debug, Clone)]
pub struct Saves {
    line: Arc<Mutex<Line>>,
    /// Where transactions are worked on: a worker's own runtime may end before the others' requests do.
    runtime: Handle,
}

#[derive(Debug, Default)]
struct Line {
    waiting: VecDeque<Waiting>,
    /// Whether somebody writes.
    is_written: bool,
}

#[derive(Debug)]
struct Waiting {
    draft: Draft,
    told: oneshot::Sender<Outcome>,
}

#[derive(Debug)]
enum Outcome {
    Stored(Stored),
    /// It is to be stored by itself.
    Alone(Draft),
    Failed(Problem),
}

/// Why nothing of a transaction was stored, or may not have been.
enum Failure {
    Before(DbErr),
    Committing(DbErr),
}

impl From<DbErr> for Failure {
    fn from(error: DbErr) -> Self {
        Self::Before(error)
    }
}

impl Saves {
    /// Nothing waits. Transactions are worked on in the runtime that this is called in.
    pub fn here() -> Self {
        Self {
            line: Arc::default(),
            runtime: Handle::current(),
        }
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lines a draft up, and has somebody write unless somebody does.
    fn line_up(&self, state: &State, draft: Draft) -> oneshot::Receiver<Outcome> {
        let (told, outcome) = oneshot::channel();
        let mut line = self.line();
        line.waiting.push_back(Waiting { draft, told });
        if !line.is_written {
            line.is_written = true;
            self.runtime.spawn(write_while_any_wait(state.clone()));
        }
        outcome
    }

    /// The next to be stored together. Where nobody waits, who asks is done.
    fn next(&self) -> Option<Vec<Waiting>> {
        let mut line = self.line();
        let number = line.waiting.len().min(MOST);
        line.is_written = number > 0;
        line.is_written.then(|| line.waiting.drain(..number).collect())
    }
}

/// Stores a draft as its answer's next revision. Work that has begun is finished, also where its client has left.
///
/// # Errors
/// [`Code::WrongState`] and [`Code::DeadlinePassed`] unless the session is active; [`Code::PreconditionFailed`];
/// [`Code::InvalidToken`] where there is no such session any more.
pub async fn store(state: &State, draft: Draft) -> Result<Stored, Problem> {
    let outcome = state.saves.line_up(state, draft).await;
    match outcome.map_err(Problem::internal)? {
        Outcome::Stored(stored) => Ok(stored),
        Outcome::Alone(draft) => store_alone(state, draft).await,
        Outcome::Failed(problem) => Err(problem),
    }
}

/// A writer: one transaction after the other.
async fn write_while_any_wait(state: State) {
    while let Some(batch) = state.saves.next() {
        let writing = write(state.clone(), batch);
        // Apart, so that a panic ends one transaction and not the writer.
        if let Err(error) = state.saves.runtime.spawn(writing).await {
            tracing::error!(%error, "answers could not be stored");
        }
    }
}

/// Stores what can be stored together, and tells everybody.
async fn write(state: State, batch: Vec<Waiting>) {
    let (drafts, told): (Vec<Draft>, Vec<_>) = batch.into_iter().map(|one| (one.draft, one.told)).unzip();
    let outcomes: Vec<Outcome> = match store_together(&state, &drafts).await {
        Ok(stored) => {
            let both = stored.into_iter().zip(drafts);
            both.map(|(stored, draft)| stored.map_or(Outcome::Alone(draft), Outcome::Stored))
                .collect()
        }
        // One of them is refused: which, they find out by themselves.
        Err(Failure::Before(error)) if !store::is_passing(&error) => {
            drafts.into_iter().map(Outcome::Alone).collect()
        }
        Err(Failure::Before(error) | Failure::Committing(error)) => {
            let problem = Problem::from(error);
            drafts.iter().map(|_| Outcome::Failed(problem.clone())).collect()
        }
    };
    for (told, outcome) in told.into_iter().zip(outcomes) {
        // Whose client has left isn't told.
        let _left = told.send(outcome);
    }
}

/// Stores, in one transaction, every draft that nothing speaks against; nothing comes of the others.
async fn store_together(state: &State, drafts: &[Draft]) -> Result<Vec<Option<Stored>>, Failure> {
    let tx = store::write(&state.db).await?;
    let ready = ready(state, &tx, drafts).await?;
    let mut stored: Vec<Option<Stored>> = drafts.iter().map(|_| None).collect();
    if ready.is_empty() {
        return Ok(stored);
    }
    let asked: Vec<_> = ready.iter().map(|ready| ready.draft.answer()).collect();
    let counted = store::answers::next_revisions(&tx, &asked).await?;
    let mut graded = Vec::with_capacity(ready.len());
    for Ready { place, draft, row } in ready {
        let Some((answer, number)) = counted.get(&draft.session) else {
            continue;
        };
        let answer = draft.graded(state, &row, answer.clone(), *number);
        if let Some(stored) = stored.get_mut(place) {
            *stored = Some((answer.revision.clone(), row.feedback));
        }
        graded.push(answer);
    }
    let number = graded.len();
    store::answers::insert_graded(&tx, graded).await?;
    tx.commit().await.map_err(Failure::Committing)?;
    state.metrics.stored(number);
    Ok(stored)
}

/// A draft whose session is locked and active.
struct Ready<'d> {
    /// Which of the drafts.
    place: usize,
    draft: &'d Draft,
    row: session::Model,
}

/// The drafts that can be stored now: one of each session that is active and that nobody else holds, where the client has
/// seen what it must have.
async fn ready<'d>(
    state: &State,
    tx: &impl ConnectionTrait,
    drafts: &'d [Draft],
) -> Result<Vec<Ready<'d>>, DbErr> {
    let ids = drafts.iter().map(|draft| draft.session.clone());
    let mut rows: HashMap<SessionId, session::Model> = store::sessions::lock_free(tx, ids)
        .await?
        .into_iter()
        .filter(|row| row.status == SessionStatus::Active && !deadlines::is_over(state, row))
        .map(|row| (row.id.clone(), row))
        .collect();
    let mut ready: Vec<Ready<'d>> = drafts
        .iter()
        .enumerate()
        .filter_map(|(place, draft)| {
            let row = rows.remove(&draft.session)?;
            Some(Ready { place, draft, row })
        })
        .collect();
    if ready
        .iter()
        .any(|ready| ready.draft.seen != IfMatch::Unconditional)
    {
        let asked: Vec<_> = ready.iter().map(|ready| ready.draft.answer()).collect();
        let current = store::answers::current_revisions(tx, &asked).await?;
        ready.retain(|Ready { draft, .. }| draft.seen.check(current.get(&draft.session).copied()).is_ok());
    }
    Ok(ready)
}

/// Stores a draft in a transaction of its own, which waits for the session where somebody else holds it.
async fn store_alone(state: &State, draft: Draft) -> Result<Stored, Problem> {
    let tx = store::write(&state.db).await?;
    let row = store::sessions::lock(&tx, &draft.session).await?;
    let row = row.ok_or_else(|| Problem::new(Code::InvalidToken))?;
    let row = settle_locked(state, &tx, row).await?;
    if let Err(refused) = must_be_active(&row) {
        // What the clock has ended stays ended.
        tx.commit().await?;
        return Err(refused);
    }
    let mut counted = store::answers::next_revisions(&tx, &[draft.answer()]).await?;
    let (answer, number) = counted
        .remove(&draft.session)
        .ok_or_else(|| Problem::internal("an answer was not counted"))?;
    // Where the client saw another one, nothing of this is committed.
    draft.seen.check(Some(number - 1).filter(|before| *before > 0))?;
    let graded = draft.graded(state, &row, answer, number);
    let revision = graded.revision.clone();
    store::answers::insert_graded(&tx, vec![graded]).await?;
    tx.commit().await?;
    state.metrics.stored(1);
    Ok((revision, row.feedback))
}

impl Draft {
    /// Which answer it is.
    fn answer(&self) -> (&SessionId, &str) {
        (&self.session, &self.question_id)
    }

    /// The revision that it becomes, with its grade and the event.
    fn graded(&self, state: &State, row: &session::Model, answer_id: AnswerId, number: i32) -> GradedAnswer {
        let revision = answer_revision::Model {
            id: RevisionId::generate(),
            answer_id,
            number,
            text: self.text.clone(),
            saved_at: state.clock.now(),
        };
        let event = store::audit::event(
            Some(&row.organization_id),
            By::Candidate(row.candidate_id.clone()),
            Action::AnswerSaved,
            revision.id.as_str(),
            revision.saved_at,
        );
        GradedAnswer {
            revision,
            grade: self.grade.clone(),
            event,
        }
    }
}
