//! Storing graded answers. Those that wait at once are stored together: one transaction, one way to the disk for all.
//!
//! Nobody waits for company: who finds nobody writing is written at once, and who comes meanwhile goes with the next. What is
//! acknowledged is committed and synced, as if it were alone. What needs a closer look is stored alone: nobody is refused, or
//! waits for a session's lock, for somebody else's sake. Only a database that is away or locked as a whole is everybody's.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use entity::{
    answer, answer_revision,
    id::{AnswerId, RevisionId, SessionId},
    kind::{Action, Feedback, SessionStatus},
    session,
};
use sea_orm::DbErr;
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
        answers::{Asked, GradedAnswer, NewGrade},
        audit::By,
    },
    values::IfMatch,
};

/// Most answers in one transaction.
const MOST: usize = 16;
/// Where a transaction finds the database away or locked, who has waited so long is told with those whose turn it was.
const PATIENCE: Duration = Duration::from_secs(5);

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
    since: Instant,
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
        let since = Instant::now();
        line.waiting.push_back(Waiting { since, draft, told });
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

    /// Those who have lost patience.
    fn impatient(&self) -> Vec<Waiting> {
        let mut line = self.line();
        let number = line
            .waiting
            .partition_point(|one| one.since.elapsed() >= PATIENCE);
        line.waiting.drain(..number).collect()
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
    let (drafts, mut told): (Vec<Draft>, Vec<_>) = batch.into_iter().map(|one| (one.draft, one.told)).unzip();
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
            told.extend(state.saves.impatient().into_iter().map(|one| one.told));
            told.iter().map(|_| Outcome::Failed(problem.clone())).collect()
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
    let asked: Vec<_> = drafts.iter().map(Draft::asked).collect();
    let mut locked = store::answers::lock_free(&tx, &asked).await?;
    let mut graded = Vec::with_capacity(drafts.len());
    let stored = drafts
        .iter()
        .map(|draft| {
            // Once it is taken out, the next of the same session finds nothing.
            let (row, answers) = locked.remove(&draft.session)?;
            let answer = answers
                .into_iter()
                .find(|answer| answer.question_id == draft.question_id);
            let is_active = row.status == SessionStatus::Active && !deadlines::is_over(state, &row);
            let one = draft.graded(state, &row, answer).ok().filter(|_| is_active)?;
            let stored = (one.revision.clone(), row.feedback);
            graded.push(one);
            Some(stored)
        })
        .collect();
    let number = graded.len();
    if number > 0 {
        store::answers::insert_graded(&tx, graded).await?;
        tx.commit().await.map_err(Failure::Committing)?;
        state.metrics.stored(number);
    }
    Ok(stored)
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
    let answer = store::answers::find(&tx, draft.asked()).await?;
    let graded = draft.graded(state, &row, answer)?;
    let revision = graded.revision.clone();
    store::answers::insert_graded(&tx, vec![graded]).await?;
    tx.commit().await?;
    state.metrics.stored(1);
    Ok((revision, row.feedback))
}

impl Draft {
    /// Which answer it is.
    fn asked(&self) -> Asked<'_> {
        (&self.session, &self.question_id)
    }

    /// The next revision of the answer, with its grade and the event.
    ///
    /// # Errors
    /// [`Code::PreconditionFailed`] where the client saw another one than the current.
    fn graded(
        &self,
        state: &State,
        row: &session::Model,
        answer: Option<answer::Model>,
    ) -> Result<GradedAnswer, Problem> {
        self.seen.check(answer.as_ref().map(|answer| answer.revision))?;
        let mut answer = answer.unwrap_or_else(|| answer::Model {
            id: AnswerId::generate(),
            session_id: self.session.clone(),
            question_id: self.question_id.clone(),
            revision: 0,
        });
        answer.revision += 1;
        let revision = answer_revision::Model {
            id: RevisionId::generate(),
            answer_id: answer.id.clone(),
            number: answer.revision,
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
        Ok(GradedAnswer {
            answer,
            revision,
            grade: self.grade.clone(),
            event,
        })
    }
}
