//! `viva migrate`.

use std::process::ExitCode;

use super::{Outcome, output};
use crate::{
    config::Config,
    startup::{self, block_on},
    store,
};

pub(super) const EXAMPLES: &str = "The server does the same when it starts.\n\n\
    Examples:\n  \
    viva migrate\n  \
    DATABASE_URL=postgres://viva@localhost/viva viva migrate";

pub(super) fn run(config: Config) -> Outcome {
    let applied = block_on(apply(&config))?;
    output::print(&said(applied))?;
    Ok(ExitCode::SUCCESS)
}

/// How many changes the schema lacked.
async fn apply(config: &Config) -> Result<usize, startup::StartupError> {
    startup::create_data_dir(config)?;
    let db = store::connect(&config.database_url, config.database_connections).await?;
    let lacking = store::connection::pending_migrations(&db).await?;
    store::migrate(&db).await?;
    db.close().await?;
    Ok(lacking)
}

fn said(applied: usize) -> String {
    match applied {
        0 => "The schema was up to date already.\n".to_owned(),
        1 => "Made 1 change: the schema is up to date.\n".to_owned(),
        changes => format!("Made {changes} changes: the schema is up to date.\n"),
    }
}
