//! Published versions, read and compiled once. They never change, so they can be kept for as long as there is room.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex},
};

use entity::{id::VersionId, question_set_version};
use grading::{CompiledRubric, Question, QuestionSet};
use lru::LruCache;
use sea_orm::ConnectionTrait;
use tokio::sync::Semaphore;

use crate::{error::Problem, store};

/// How many versions are kept compiled.
const KEPT: NonZeroUsize = NonZeroUsize::new(256).unwrap();

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

/// The versions used last, and the room to compile and grade in.
#[derive(Debug)]
pub struct Rubrics {
    kept: Mutex<LruCache<VersionId, Arc<PublishedSet>>>,
    at_once: Arc<Semaphore>,
}

impl Default for Rubrics {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self {
            kept: Mutex::new(LruCache::new(KEPT)),
            at_once: Arc::new(Semaphore::new(processors)),
        }
    }
}

impl Rubrics {
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

    /// Compiles or grades off the async threads, as much at once as there are processors. Work that has begun is finished
    /// and counted, also where its client has left.
    ///
    /// # Errors
    /// An internal problem where the work panics.
    pub async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let permit = Arc::clone(&self.at_once)
            .acquire_owned()
            .await
            .map_err(Problem::internal)?;
        let counted = move || {
            let done = work();
            drop(permit);
            done
        };
        tokio::task::spawn_blocking(counted)
            .await
            .map_err(Problem::internal)
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, LruCache<VersionId, Arc<PublishedSet>>> {
        self.kept.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}
