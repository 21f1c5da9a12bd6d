//! `viva openapi`.

use std::process::ExitCode;

use super::{Outcome, output};
use crate::v1;

pub(super) const EXAMPLES: &str = "Example:\n  viva openapi > openapi.json";

pub(super) fn run() -> Outcome {
    output::print(v1::openapi::json())?;
    Ok(ExitCode::SUCCESS)
}
