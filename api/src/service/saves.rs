//! Grading and storing answers. Those that wait at once are stored together: one transaction, one way to the disk for all.
//!
//! The thread that has graded an answer lines it up to be stored, so that nobody has to be woken in between. Nobody waits for
//! company: who finds nobody writing is written at once, and who comes meanwhile goes with the next. What is
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
    kind::{Action, SessionStatus},
    session,
};
use grading::Report;
use sea_orm::DbErr;
use tokio::{runtime::Handle, sync::oneshot};
use tracing::{Instrument, Span};

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
    telemetry::traces,
    values::IfMatch,
};

/// Most answers in one transaction.
const MOST: usize = 16;
/// Where a transaction finds the database away or locked, who has waited so long is told with those whose turn it was.
const PATIENCE: Duration = Duration::from_secs(5);

/// An answer, to be graded and stored.
#[derive(Debug)]
pub struct Given {
    /// The session it is given in.
    pub session: SessionId,
    /// The question, which the session asks.
    pub question_id: String,
    /// What the client last saw.
    pub seen: IfMatch,
    /// The answer.
    pub text: String,
}

/// What the machine makes of an answer.
#[derive(Debug)]
pub struct Graded {
    /// As it is stored.
    pub grade: NewGrade,
    /// The report, where the candidate sees it at once.
    pub report: Option<Report>,
}

/// An answer that is stored.
#[derive(Debug)]
pub struct Stored {
    /// As what it is stored.
    pub revision: answer_revision::Model,
    /// The report, where the candidate sees it at once.
    pub report: Option<Report>,
}

/// A graded answer, to be stored.
#[derive(Debug)]
struct Draft {
    given: Given,
    graded: Graded,
    /// Ends with the draft.
    storing: Span,
}

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
    fn line_up(&self, state: &State, draft: Draft, told: oneshot::Sender<Outcome>) {
        let mut line = self.line();
        let since = Instant::now();
        line.waiting.push_back(Waiting { since, draft, told });
        if !line.is_written {
            line.is_written = true;
            self.runtime.spawn(write_while_any_wait(state.clone()));
        }
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

/// Grades what is given, in the threads for that, and stores it as its answer's next revision. Once grading has begun it is
/// stored, also where its client has left.
///
/// # Errors
/// What `grade` says; [`Code::WrongState`] and [`Code::DeadlinePassed`] unless the session is active;
/// [`Code::PreconditionFailed`]; [`Code::InvalidToken`] where there is no such session any more.
pub async fn store(
    state: &State,
    given: Given,
    grade: impl FnOnce(&Given) -> Result<Graded, Problem> + Send + 'static,
) -> Result<Stored, Problem> {
    let (told, outcome) = oneshot::channel();
    let (request, grading, own) = (Span::current(), traces::grading(), state.clone());
    let _begun = state.rubrics.begin(move || {
        let graded = grading.in_scope(|| grade(&given));
        drop(grading);
        let storing = request.in_scope(traces::storing);
        let draft = graded.map(|graded| Draft {
            given,
            graded,
            storing,
        });
        match draft {
            Ok(draft) => own.saves.line_up(&own, draft, told),
            Err(problem) => tell(told, Outcome::Failed(problem)),
        }
    })?;
    match outcome.await.map_err(Problem::internal)? {
        Outcome::Stored(stored) => Ok(stored),
        Outcome::Alone(draft) => {
            let storing = draft.storing.clone();
            store_alone(state, draft).instrument(storing).await
        }
        Outcome::Failed(problem) => Err(problem),
    }
}

/// Tells what has become of a draft. Whose client has left isn't told.
fn tell(told: oneshot::Sender<Outcome>, outcome: Outcome) {
    let _left = told.send(outcome);
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
            both.map(|(revision, draft)| draft.outcome(revision)).collect()
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
        tell(told, outcome);
    }
}

/// Stores, in one transaction, every draft that nothing speaks against; nothing comes of the others.
async fn store_together(
    state: &State,
    drafts: &[Draft],
) -> Result<Vec<Option<answer_revision::Model>>, Failure> {
    let tx = store::write(&state.db).await?;
    let asked: Vec<_> = drafts.iter().map(Draft::asked).collect();
    let mut locked = store::answers::lock_free(&tx, &asked).await?;
    let mut graded = Vec::with_capacity(drafts.len());
    let stored = drafts
        .iter()
        .map(|draft| {
            // Once it is taken out, the next of the same session finds nothing.
            let (row, answers) = locked.remove(&draft.given.session)?;
            let answer = answers
                .into_iter()
                .find(|answer| answer.question_id == draft.given.question_id);
            let is_active = row.status == SessionStatus::Active && !deadlines::is_over(state, &row);
            let one = draft.as_next_of(state, &row, answer).ok().filter(|_| is_active)?;
            let revision = one.revision.clone();
            graded.push(one);
            Some(revision)
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
    let row = store::sessions::lock(&tx, &draft.given.session).await?;
    let row = row.ok_or_else(|| Problem::new(Code::InvalidToken))?;
    let row = settle_locked(state, &tx, row).await?;
    if let Err(refused) = must_be_active(&row) {
        // What the clock has ended stays ended.
        tx.commit().await?;
        return Err(refused);
    }
    let answer = store::answers::find(&tx, draft.asked()).await?;
    let next = draft.as_next_of(state, &row, answer)?;
    let revision = next.revision.clone();
    store::answers::insert_graded(&tx, vec![next]).await?;
    tx.commit().await?;
    state.metrics.stored(1);
    let Graded { report, .. } = draft.graded;
    Ok(Stored { revision, report })
}

impl Draft {
    /// What has become of it: without a revision it is to be stored by itself.
    fn outcome(self, revision: Option<answer_revision::Model>) -> Outcome {
        match revision {
            Some(revision) => Outcome::Stored(Stored {
                revision,
                report: self.graded.report,
            }),
            None => Outcome::Alone(self),
        }
    }

    /// Which answer it is.
    fn asked(&self) -> Asked<'_> {
        (&self.given.session, &self.given.question_id)
    }

    /// The next revision of the answer, with its grade and the event.
    ///
    /// # Errors
    /// [`Code::PreconditionFailed`] where the client saw another one than the current.
    fn as_next_of(
        &self,
        state: &State,
        row: &session::Model,
        answer: Option<answer::Model>,
    ) -> Result<GradedAnswer, Problem> {
        self.given
            .seen
            .check(answer.as_ref().map(|answer| answer.revision))?;
        let mut answer = answer.unwrap_or_else(|| answer::Model {
            id: AnswerId::generate(),
            session_id: self.given.session.clone(),
            question_id: self.given.question_id.clone(),
            revision: 0,
        });
        answer.revision += 1;
        let revision = answer_revision::Model {
            id: RevisionId::generate(),
            answer_id: answer.id.clone(),
            number: answer.revision,
            text: self.given.text.clone(),
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
            grade: self.graded.grade.clone(),
            event,
        })
    }
}
