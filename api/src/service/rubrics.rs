//! Published versions, read and compiled once. They never change, so they can be kept for as long as there is room.

use std::{
    io,
    num::NonZeroUsize,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use entity::{
    id::{SessionId, VersionId},
    kind::Feedback,
    question_set_version,
};
use grading::{CompiledRubric, Question, QuestionSet};
use lru::LruCache;
use sea_orm::ConnectionTrait;
use tokio::{
    runtime::{Builder, Runtime},
    task::JoinSet,
};

use crate::{error::Problem, store};

/// How many versions are kept compiled.
const KEPT: NonZeroUsize = NonZeroUsize::new(256).unwrap();
/// Of how many sessions it is remembered what they pin.
const PINS_KEPT: NonZeroUsize = NonZeroUsize::new(8_192).unwrap();

/// A published version, ready to grade by.
#[derive(Debug)]
pub struct PublishedSet {
    /// The document as published.
    pub document: QuestionSet,
    rubrics: Vec<CompiledRubric>,
}

impl PublishedSet {
    fn read(version: question_set_version::Model) -> Result<Self, Problem> {
        let document: QuestionSet = serde_json::from_value(version.document).map_err(Problem::internal)?;
        let compile = |question| CompiledRubric::compile(question, &document.synonyms);
        let rubrics = document.questions.iter().map(compile).collect();
        Ok(Self { document, rubrics })
    }

    /// The questions in their order, each with its compiled rubric.
    pub fn questions(&self) -> impl Iterator<Item = (&Question, &CompiledRubric)> {
        self.document.questions.iter().zip(&self.rubrics)
    }

    /// A question by the author's slug.
    pub fn question(&self, id: &str) -> Option<(&Question, &CompiledRubric)> {
        self.questions().find(|(question, _)| question.id == id)
    }
}

/// What of a session never changes.
#[derive(Debug, Clone)]
pub struct Pinned {
    /// The version that it is graded by.
    pub version: VersionId,
    /// When its candidate may see grades.
    pub feedback: Feedback,
}

/// The versions used last, and the threads to compile and grade in.
#[derive(Debug)]
pub struct Rubrics {
    kept: Mutex<LruCache<VersionId, Arc<PublishedSet>>>,
    pins: Mutex<LruCache<SessionId, Pinned>>,
    threads: Threads,
}

/// Threads to compile and grade in, as many as there are processors. One that is free takes up what has waited longest,
/// without anybody having to be woken.
#[derive(Debug)]
struct Threads(Option<Runtime>);

impl Threads {
    fn start() -> io::Result<Self> {
        let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let mut threads = Builder::new_current_thread();
        threads.thread_name("grading").max_blocking_threads(processors);
        threads.build().map(|threads| Self(Some(threads)))
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(threads) = self.0.take() {
            // To wait for them isn't allowed where others work on the same thread.
            threads.shutdown_background();
        }
    }
}

fn gone() -> Problem {
    Problem::internal("the threads that grade are gone")
}

impl Rubrics {
    /// Nothing is kept yet.
    ///
    /// # Errors
    /// An internal problem where no threads can be had.
    pub fn new() -> Result<Self, Problem> {
        Ok(Self {
            kept: Mutex::new(LruCache::new(KEPT)),
            pins: Mutex::new(LruCache::new(PINS_KEPT)),
            threads: Threads::start().map_err(Problem::internal)?,
        })
    }

    /// A version, compiled.
    ///
    /// # Errors
    /// Where the database does not answer, or holds no such version.
    pub async fn get(&self, db: &impl ConnectionTrait, id: &VersionId) -> Result<Arc<PublishedSet>, Problem> {
        if let Some(set) = self.kept().get(id) {
            return Ok(Arc::clone(set));
        }
        let version = store::question_sets::find_pinned_version(db, id).await?;
        let version = version.ok_or_else(|| Problem::internal(format!("no version {id}")))?;
        let set = Arc::new(self.work(move || PublishedSet::read(version)).await??);
        self.kept().put(id.clone(), Arc::clone(&set));
        Ok(set)
    }

    /// Compiles or grades off the async threads, as much at once as there are processors. Work that has begun is finished,
    /// also where its client has left; what has not is dropped.
    ///
    /// # Errors
    /// An internal problem where the work panics.
    pub async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let mut working = self.begin(work)?;
        let done = working.join_next().await.ok_or_else(gone)?;
        done.map_err(Problem::internal)
    }

    /// The same, for who doesn't wait for what the work gives. It is dropped with the set that is given back, unless it has begun.
    ///
    /// # Errors
    /// An internal problem where the threads are gone.
    pub fn begin<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<JoinSet<T>, Problem> {
        let threads = self.threads.0.as_ref().ok_or_else(gone)?;
        // A set ends what it holds when it is dropped.
        let mut working = JoinSet::new();
        working.spawn_blocking_on(work, threads.handle());
        Ok(working)
    }

    /// What a session pins, where that is remembered.
    pub fn pinned_by(&self, session: &SessionId) -> Option<Pinned> {
        self.pins().get(session).cloned()
    }

    /// Remembers what a session pins.
    pub fn pin(&self, session: SessionId, pinned: Pinned) {
        self.pins().put(session, pinned);
    }

    /// Forgets it, so that the session itself is looked at the next time.
    pub fn forget_pin(&self, session: &SessionId) {
        self.pins().pop(session);
    }

    fn kept(&self) -> MutexGuard<'_, LruCache<VersionId, Arc<PublishedSet>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pins(&self) -> MutexGuard<'_, LruCache<SessionId, Pinned>> {
        self.pins.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
