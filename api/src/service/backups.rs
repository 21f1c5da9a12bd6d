//! Backups of a SQLite database, made and restored while a server works on it.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use entity::kind::Action;
use sea_orm::{DatabaseConnection, DbErr};

use super::built_in;
use crate::{
    clock::Clock,
    config::sqlite_url,
    error::Problem,
    store::{self, audit::By},
};

/// Why there is no backup, or it is not restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Other databases have better tools.
    #[error(
        "only SQLite databases are backed up and restored here: on PostgreSQL use pg_dump and pg_restore"
    )]
    NotSqlite,
    /// A file can't be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Nothing is lost by mistake.
    #[error("the database is in use: --replace gives up what it holds")]
    InUse,
    /// The database or the backup refuses.
    #[error("{0}")]
    Database(#[from] DbErr),
    /// The built-in sets can't be stored.
    #[error("{0}")]
    Problem(#[from] Problem),
}

/// Writes everything as it is at one moment to a new file, which only its owner may read, and tells how large it is.
///
/// # Errors
/// Where there is no database, the file is there already, or it can't be written.
pub async fn back_up(url: &str, to: &Path) -> Result<u64, BackupError> {
    let from = store::backup::file(url).ok_or(BackupError::NotSqlite)?;
    File::open(&from).map_err(at(&from))?;
    if to.exists() {
        return Err(at(to)(io::ErrorKind::AlreadyExists.into()));
    }
    // Under another name until it is whole and on the disk.
    let beside = with_suffix(to, ".part");
    private(&beside)?;
    let written = write_whole(url, &beside).await;
    let settled = written.and_then(|size| {
        fs::rename(&beside, to).map_err(at(to))?;
        sync_folder(to)?;
        Ok(size)
    });
    if settled.is_err() {
        remove(&beside);
    }
    settled
}

async fn write_whole(url: &str, to: &Path) -> Result<u64, BackupError> {
    let db = store::connect(url, 1).await?;
    let copied = store::backup::write_copy(&db, &to.to_string_lossy()).await;
    db.close().await?;
    copied?;
    let file = File::open(to).map_err(at(to))?;
    file.sync_all().map_err(at(to))?;
    Ok(file.metadata().map_err(at(to))?.len())
}

/// Puts a backup in the place of all that the database holds, in one transaction. Everybody signs in again: what was
/// signed out since the backup must not come back.
///
/// # Errors
/// Where the backup is damaged, newer than this program or none of ours, or the database is in use and not to be replaced.
pub async fn restore(url: &str, from: &Path, replace: bool, clock: &Clock) -> Result<(), BackupError> {
    let to = store::backup::file(url).ok_or(BackupError::NotSqlite)?;
    File::open(from).map_err(at(from))?;
    // The backup stays as it is: its copy is brought up to date.
    let copy = with_suffix(&to, &format!(".restoring-{}", std::process::id()));
    private(&copy)?;
    let outcome = async {
        fs::copy(from, &copy).map_err(at(&copy))?;
        bring_up_to_date(&copy).await?;
        let db = store::connect(url, 1).await?;
        let taken = take_over(&db, &copy, replace, clock).await;
        db.close().await?;
        taken
    }
    .await;
    remove(&copy);
    outcome
}

async fn bring_up_to_date(copy: &Path) -> Result<(), BackupError> {
    let db = store::connect(&sqlite_url(copy), 1).await?;
    let checked = store::backup::check(&db).await;
    let current = match checked {
        Ok(()) => store::migrate(&db).await,
        Err(error) => Err(error),
    };
    db.close().await?;
    Ok(current?)
}

async fn take_over(
    db: &DatabaseConnection,
    copy: &Path,
    replace: bool,
    clock: &Clock,
) -> Result<(), BackupError> {
    store::migrate(db).await?;
    if !replace && store::backup::is_in_use(db).await? {
        return Err(BackupError::InUse);
    }
    store::backup::attach(db, &copy.to_string_lossy()).await?;
    let tx = store::write(db).await?;
    store::backup::take_over(&tx).await?;
    let now = clock.now();
    store::refresh::end_all(&tx, now).await?;
    store::audit::record(&tx, None, By::System, Action::DatabaseRestored, "database", now).await?;
    tx.commit().await?;
    Ok(built_in::load(db, clock).await?)
}

fn at(path: &Path) -> impl Fn(io::Error) -> BackupError {
    let path = path.to_owned();
    move |source| BackupError::Io {
        path: path.clone(),
        source,
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Makes an empty file for its owner alone.
fn private(path: &Path) -> Result<(), BackupError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(at(path))
}

fn sync_folder(of: &Path) -> Result<(), BackupError> {
    let folder = match of.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let folder_file = File::open(folder).map_err(at(folder))?;
    folder_file.sync_all().map_err(at(folder))
}

/// Removes a file of ours and what SQLite puts beside it.
fn remove(path: &Path) {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let _not_there = fs::remove_file(with_suffix(path, suffix));
    }
}
