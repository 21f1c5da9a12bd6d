//! What every request shares.

use std::sync::{Arc, atomic::AtomicBool};

use crate::{
    auth::{keys::SigningKeys, passwords::Passwords, tokens::Verifier},
    clock::Clock,
    config::Config,
    limits::Limits,
    service::{idempotency::Running, rubrics::Rubrics, saves::Saves},
    store::Database,
    telemetry::metrics::Metrics,
};

/// What every request shares. Cheap to clone.
#[derive(Clone)]
pub struct State {
    /// The pools of connections.
    pub db: Database,
    /// The server's clock.
    pub clock: Clock,
    /// The configuration.
    pub config: Arc<Config>,
    /// The signing keys.
    pub keys: Arc<SigningKeys>,
    /// What verifies tokens by them.
    pub tokens: Arc<Verifier>,
    /// The password hasher.
    pub passwords: Passwords,
    /// Published versions, compiled.
    pub rubrics: Arc<Rubrics>,
    /// Graded answers that wait to be stored.
    pub saves: Saves,
    /// How often somebody may ask, and fail.
    pub limits: Arc<Limits>,
    /// Whether the server has been told to stop.
    pub draining: Arc<AtomicBool>,
    /// The requests with an `Idempotency-Key` that are under way.
    pub running: Running,
    /// What is counted and timed.
    pub metrics: Arc<Metrics>,
}
