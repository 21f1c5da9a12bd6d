//! `viva config`.

use std::process::ExitCode;

use super::{Outcome, output};
use crate::config::DEFAULTS;

pub(super) const EXAMPLES: &str = "Examples:\n  \
    viva config > viva.toml\n  \
    viva --config viva.toml";

pub(super) fn run() -> Outcome {
    output::print(DEFAULTS)?;
    Ok(ExitCode::SUCCESS)
}
