//! The signing keys of this server and those that the database remembers: they must be the same.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::signing_key;

use crate::{
    auth::keys::SigningKeys,
    error::Problem,
    store::{self, Database},
};

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
    /// The folder holds a key that was retired.
    #[error(
        "the signing key {0} was retired, but its file is in the folder: delete it, or rotate to a new key first"
    )]
    Retired(String),
    /// The database does not answer.
    #[error(transparent)]
    Database(#[from] sea_orm::DbErr),
}

/// Remembers the keys, where the folder has all that the database remembers and none that was retired.
///
/// # Errors
/// [`Mismatch::Lacking`] and [`Mismatch::Retired`] where it has not.
pub async fn agree(db: &Database, keys: &SigningKeys, now: DateTime<Utc>) -> Result<(), Mismatch> {
    let here: BTreeSet<String> = keys.all().iter().map(|key| key.kid.clone()).collect();
    if compare(&here, &store::signing_keys::all(db).await?)?.is_empty() {
        return Ok(());
    }
    // Two servers with different folders must not both find an empty table.
    let tx = store::write(db).await?;
    store::connection::take_turn(&tx).await?;
    for kid in compare(&here, &store::signing_keys::all(&tx).await?)? {
        store::signing_keys::remember(&tx, &kid, now).await?;
    }
    Ok(tx.commit().await?)
}

/// The keys here that the database does not know yet.
fn compare(here: &BTreeSet<String>, there: &[signing_key::Model]) -> Result<Vec<String>, Mismatch> {
    let (retired, in_use): (Vec<_>, Vec<_>) = there.iter().partition(|row| row.retired_at.is_some());
    let lacking: Vec<String> = in_use
        .iter()
        .map(|row| row.kid.clone())
        .filter(|kid| !here.contains(kid))
        .collect();
    if !lacking.is_empty() {
        return Err(Mismatch::Lacking(lacking));
    }
    if let Some(row) = retired.iter().find(|row| here.contains(&row.kid)) {
        return Err(Mismatch::Retired(row.kid.clone()));
    }
    Ok(here
        .iter()
        .filter(|kid| !in_use.iter().any(|row| row.kid == **kid))
        .cloned()
        .collect())
}

/// Has the database forget a key that was retired on purpose.
///
/// # Errors
/// Where the database does not answer.
pub async fn retire(db: &Database, kid: &str, now: DateTime<Utc>) -> Result<(), Problem> {
    Ok(store::signing_keys::retire(db, kid, now).await?)
}
