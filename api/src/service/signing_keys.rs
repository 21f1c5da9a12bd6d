//! The signing keys of this server and those that the database remembers: they must be the same.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sea_orm::DatabaseConnection;

use crate::{auth::keys::SigningKeys, error::Problem, store};

/// Why the keys and the database don't go together.
#[derive(Debug, thiserror::Error)]
pub enum Mismatch {
    /// The folder lacks keys that other servers on this database sign with.
    #[error(
        "this database is served with signing keys that are not in the folder: {}. Replicas share one folder \
         (VIVA_SIGNING_KEYS_DIR). Tokens signed by a lost key can be given up with `viva keys retire KID`.",
        .0.join(", ")
    )]
    Lacking(Vec<String>),
    /// The database does not answer.
    #[error(transparent)]
    Database(#[from] sea_orm::DbErr),
}

/// Remembers the keys, where the folder has all that the database remembers.
///
/// # Errors
/// [`Mismatch::Lacking`] where it has not.
pub async fn agree(db: &DatabaseConnection, keys: &SigningKeys, now: DateTime<Utc>) -> Result<(), Mismatch> {
    let here: BTreeSet<String> = keys.all().iter().map(|key| key.kid.clone()).collect();
    let there: BTreeSet<String> = store::signing_keys::in_use(db).await?.into_iter().collect();
    let lacking: Vec<String> = there.difference(&here).cloned().collect();
    if !lacking.is_empty() {
        return Err(Mismatch::Lacking(lacking));
    }
    for kid in here.difference(&there) {
        store::signing_keys::remember(db, kid, now).await?;
    }
    Ok(())
}

/// Has the database forget a key that was retired on purpose.
///
/// # Errors
/// Where the database does not answer.
pub async fn retire(db: &DatabaseConnection, kid: &str, now: DateTime<Utc>) -> Result<(), Problem> {
    Ok(store::signing_keys::retire(db, kid, now).await?)
}
