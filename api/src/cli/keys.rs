//! `viva keys`.

use std::process::ExitCode;

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};

use super::{Outcome, output};
use crate::{
    auth::keys::{KeyError, SigningKeys},
    clock::Clock,
    config::Config,
    service::signing_keys,
    startup::{self, block_on},
    store::{self, Database},
};

#[derive(Debug, Subcommand)]
pub(super) enum Keys {
    /// Make a new key, which signs from now on; the others still verify
    #[command(after_help = "Example:\n  viva keys rotate")]
    Rotate,
    /// Delete a key: what it signed is refused from now on
    #[command(
        after_help = "The database is told too, so that a server without the key starts. A key that is lost already can be \
            given up in the same way.\n\nExample:\n  viva keys retire Zx4mV1pQ…"
    )]
    Retire(Retire),
    /// List the keys, the newest last
    #[command(after_help = "Example:\n  viva keys list")]
    List,
}

#[derive(Debug, Args)]
pub(super) struct Retire {
    /// The key's id, as `viva keys list` shows it
    #[arg(value_name = "KID", allow_hyphen_values = true)]
    kid: String,
}

pub(super) fn run(command: Keys, config: Config) -> Outcome {
    let text = match command {
        Keys::Rotate => rotate(&config)?,
        Keys::Retire(Retire { kid }) => block_on(retire(&config, &kid))?,
        Keys::List => list(&config)?,
    };
    output::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn rotate(config: &Config) -> Result<String, KeyError> {
    let folder = &config.signing_keys_dir;
    let new = SigningKeys::generate(folder)?;
    let older: Vec<String> = ids(&SigningKeys::load(folder)?)
        .into_iter()
        .filter(|kid| *kid != new)
        .collect();
    let made = format!("Made the signing key {new} in {}.\n", folder.display());
    if older.is_empty() {
        return Ok(made);
    }
    let retiring: String = older
        .iter()
        .map(|kid| format!("  viva keys retire {kid}\n"))
        .collect();
    Ok(format!(
        "{made}Running servers sign with it within seconds. The older keys still verify what they signed; tokens run out \
         after {} minutes at most, and then the older keys can go:\n{retiring}",
        config.access_token_minutes.max(config.candidate_token_minutes)
    ))
}

fn list(config: &Config) -> Result<String, String> {
    let keys = SigningKeys::load(&config.signing_keys_dir).map_err(|error| match error {
        KeyError::Empty(_) => {
            format!("{error}. `viva keys rotate` makes one, and so does the first `viva serve`.")
        }
        error => error.to_string(),
    })?;
    let newest = keys.newest().map(|key| key.kid.clone());
    let line = |kid: String| {
        let does = if newest.as_ref() == Some(&kid) {
            "signs"
        } else {
            "verifies"
        };
        format!("{kid}  {does}\n")
    };
    Ok(ids(&keys).into_iter().map(line).collect())
}

fn ids(keys: &SigningKeys) -> Vec<String> {
    keys.all().iter().map(|key| key.kid.clone()).collect()
}

/// Deletes the file first: where the database then fails, the same command does the rest.
async fn retire(config: &Config, kid: &str) -> Result<String, Box<dyn std::error::Error>> {
    let db = startup::open(config).await?;
    let text = retire_in(&db, config, kid, Clock::system().now()).await;
    db.close().await?;
    text
}

async fn retire_in(
    db: &Database,
    config: &Config,
    kid: &str,
    now: DateTime<Utc>,
) -> Result<String, Box<dyn std::error::Error>> {
    let folder = config.signing_keys_dir.display();
    let remembered = store::signing_keys::all(db)
        .await?
        .iter()
        .any(|known| known.kid == kid && known.retired_at.is_none());
    let deleted = match SigningKeys::retire(&config.signing_keys_dir, kid) {
        Ok(()) => true,
        Err(KeyError::Unknown(_)) if remembered => false,
        Err(KeyError::Unknown(_)) => {
            return Err(format!(
                "there is no signing key {kid} in {folder}, and the database knows of none. `viva keys list` shows the keys."
            )
            .into());
        }
        Err(error) => return Err(error.into()),
    };
    signing_keys::retire(db, kid, now).await?;
    Ok(if deleted {
        format!("Retired the signing key {kid}. Running servers refuse what it signed within seconds.\n")
    } else {
        format!("The signing key {kid} was not in {folder}; the database no longer asks for it.\n")
    })
}
