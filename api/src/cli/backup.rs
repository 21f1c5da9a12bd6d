//! `viva backup` and `viva restore`.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;

use super::{Outcome, output};
use crate::{
    clock::Clock,
    config::Config,
    service::backups,
    startup::{self, block_on},
};

pub(super) const BACKUP_EXAMPLES: &str = "The server may work on meanwhile. The signing keys are not in the backup.\n\n\
    Examples:\n  \
    viva backup /var/backups/viva-monday.sqlite\n  \
    viva backup --data-dir /var/lib/viva monday.sqlite";

pub(super) const RESTORE_EXAMPLES: &str = "The server may work on meanwhile: it sees either all of what was or all of what is \
    restored.\nMembers sign in again afterwards. Backups of older versions are brought up to date.\n\n\
    Examples:\n  \
    viva restore --data-dir /var/lib/viva monday.sqlite\n  \
    viva restore --replace monday.sqlite";

/// Where to write it.
#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The file to write: it must not be there yet
    file: PathBuf,
}

/// What to restore.
#[derive(Debug, Args)]
pub(super) struct Restore {
    /// A file that `viva backup` has written
    file: PathBuf,
    /// Give up what the database holds now
    #[arg(long)]
    replace: bool,
}

pub(super) fn back_up(command: &Backup, config: Config) -> Outcome {
    let size = block_on(backups::back_up(&config.database_url, &command.file))?;
    output::print(&format!("Wrote {} ({size} bytes).\n", command.file.display()))?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn restore(command: &Restore, config: Config) -> Outcome {
    startup::create_data_dir(&config)?;
    let clock = Clock::system();
    block_on(backups::restore(
        &config.database_url,
        &command.file,
        command.replace,
        &clock,
    ))?;
    output::print(&format!(
        "Restored {}. Members sign in again.\n",
        command.file.display()
    ))?;
    Ok(ExitCode::SUCCESS)
}
