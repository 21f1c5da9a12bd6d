//! Repeated requests: what a request with an `Idempotency-Key` was answered is kept in the transaction of its work, and a
//! repeat is answered the same for a day.

use std::{
    collections::HashSet,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use entity::idempotency_record;
use sea_orm::DatabaseTransaction;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{
    error::{Code, Problem},
    state::State,
    store,
};

/// How long a repeat is answered as the first was, in hours.
const KEPT_HOURS: i64 = 24;

/// A request that names itself, so that it can be told from another.
#[derive(Clone)]
pub struct Attempt {
    /// Who calls.
    pub caller: String,
    /// Which operation, as the table of permissions names it.
    pub route: String,
    /// On what.
    pub path: String,
    /// The client's name for the request.
    pub key: String,
    /// What is sent.
    pub body: Vec<u8>,
}

/// An answer as it is kept for a repeat: without secrets that are shown once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The HTTP status.
    pub status: u16,
    /// Headers that say something about what was made.
    pub headers: Vec<(String, String)>,
    /// The body, JSON.
    pub body: String,
}

impl Kept {
    /// An answer to something that was made.
    ///
    /// # Errors
    /// Where the body can't be written as JSON.
    pub fn created<T: Serialize>(headers: Vec<(String, String)>, body: &T) -> Result<Self, Problem> {
        Ok(Self {
            status: 201,
            headers,
            body: serde_json::to_string(body).map_err(Problem::internal)?,
        })
    }
}

/// What is to be done about a request.
pub enum Begun<T> {
    /// Nothing: it was done before, and answered so.
    Before(Kept),
    /// The work.
    Now(Ticket<T>),
}

/// The right to do the work that a request asks for: while one holds it, no other with the same key does.
pub struct Ticket<T> {
    claim: Option<Claim>,
    answer: fn(&T) -> Result<Kept, Problem>,
}

struct Claim {
    id: String,
    attempt: Attempt,
    running: Running,
}

/// The requests with a key that are under way in this process.
#[derive(Debug, Clone, Default)]
pub struct Running(Arc<Mutex<HashSet<String>>>);

impl Running {
    fn enter(&self, id: &str) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id.to_owned())
    }

    fn leave(&self, id: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.running.leave(&self.id);
    }
}

impl fmt::Debug for Attempt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Attempt({} by {})", self.route, self.caller)
    }
}

impl Attempt {
    fn id(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for part in [&self.caller, &self.route, &self.key] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    }

    /// The same words for the same path and body; nothing where the signing key is gone that they were once said with.
    fn fingerprint(&self, state: &State, kid: &str) -> Option<String> {
        let key = state.keys.find(kid)?;
        Some(key.keyed_hash(&[self.path.as_bytes(), &self.body]))
    }
}

/// Begins what a request asks for, or finds what it was answered before.
///
/// # Errors
/// [`Code::RequestInProgress`] while the first is under way; [`Code::IdempotencyKeyReused`] where the key stands for
/// another request.
pub async fn begin<T>(
    state: &State,
    attempt: Option<Attempt>,
    answer: fn(&T) -> Result<Kept, Problem>,
) -> Result<Begun<T>, Problem> {
    let Some(attempt) = attempt else {
        return Ok(Begun::Now(Ticket { claim: None, answer }));
    };
    let id: String = attempt.id().iter().map(|byte| format!("{byte:02x}")).collect();
    if !state.running.enter(&id) {
        return Err(Problem::new(Code::RequestInProgress));
    }
    let claim = Claim {
        id,
        attempt,
        running: state.running.clone(),
    };
    let Some(record) = store::idempotency::find(&state.db, &claim.id, state.clock.now()).await? else {
        let claim = Some(claim);
        return Ok(Begun::Now(Ticket { claim, answer }));
    };
    if claim.attempt.fingerprint(state, &record.kid).as_ref() == Some(&record.fingerprint) {
        kept(record).map(Begun::Before)
    } else {
        Err(Problem::new(Code::IdempotencyKeyReused))
    }
}

impl<T> Ticket<T> {
    /// Begins the transaction of the work. No other process is at the same request, and none has done it.
    ///
    /// # Errors
    /// [`Code::RequestInProgress`] where one is or has.
    pub async fn write(&self, state: &State) -> Result<DatabaseTransaction, Problem> {
        let tx = store::write(&state.db).await?;
        if let Some(claim) = &self.claim {
            let [a, b, c, d, e, f, g, h, ..] = claim.attempt.id();
            let alone = store::idempotency::enter(&tx, i64::from_be_bytes([a, b, c, d, e, f, g, h])).await?;
            let done = store::idempotency::find(&tx, &claim.id, state.clock.now()).await?;
            if !alone || done.is_some() {
                return Err(Problem::new(Code::RequestInProgress));
            }
        }
        Ok(tx)
    }

    /// Keeps, in the transaction of the work, what a repeat is to be answered.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn keep(
        &self,
        state: &State,
        tx: &DatabaseTransaction,
        made: &T,
        now: DateTime<Utc>,
    ) -> Result<(), Problem> {
        let Some(Claim { id, attempt, .. }) = &self.claim else {
            return Ok(());
        };
        let key = state
            .keys
            .newest()
            .ok_or_else(|| Problem::internal("no signing key"))?;
        let kept = (self.answer)(made)?;
        let record = idempotency_record::Model {
            id: id.clone(),
            caller: attempt.caller.clone(),
            route: attempt.route.clone(),
            fingerprint: key.keyed_hash(&[attempt.path.as_bytes(), &attempt.body]),
            kid: key.kid.clone(),
            status: kept.status.into(),
            headers: serde_json::to_value(&kept.headers).map_err(Problem::internal)?,
            body: kept.body,
            created_at: now,
            expires_at: now + TimeDelta::hours(KEPT_HOURS),
        };
        Ok(store::idempotency::insert(tx, record).await?)
    }
}

fn kept(record: idempotency_record::Model) -> Result<Kept, Problem> {
    Ok(Kept {
        status: u16::try_from(record.status).map_err(Problem::internal)?,
        headers: serde_json::from_value(record.headers).map_err(Problem::internal)?,
        body: record.body,
    })
}

/// Forgets the answers that no repeat gets any more.
///
/// # Errors
/// Where the database does not answer.
pub async fn forget(state: &State) -> Result<u64, Problem> {
    let tx = store::write(&state.db).await?;
    let forgotten = store::idempotency::forget(&tx, state.clock.now()).await?;
    tx.commit().await?;
    Ok(forgotten)
}
