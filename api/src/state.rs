//! What every request shares.

use std::sync::Arc;

use sea_orm::DatabaseConnection;

use crate::{
    auth::{keys::SigningKeys, passwords::Passwords},
    clock::Clock,
    config::Config,
    service::rubrics::Rubrics,
};

/// What every request shares. Cheap to clone.
#[derive(Clone)]
pub struct State {
    /// The pool of connections.
    pub db: DatabaseConnection,
    /// The server's clock.
    pub clock: Clock,
    /// The configuration.
    pub config: Arc<Config>,
    /// The signing keys.
    pub keys: Arc<SigningKeys>,
    /// The password hasher.
    pub passwords: Passwords,
    /// Published versions, compiled.
    pub rubrics: Arc<Rubrics>,
}
