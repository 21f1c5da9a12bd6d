//! The `viva` program: `serve` and the commands around it.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{Config, Overrides};

mod serve;

/// Mock interviews over HTTP, graded with the evidence for every mark.
#[derive(Debug, Parser)]
#[command(name = "viva", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    overrides: Overrides,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API (the default)
    Serve,
}

/// What a command ends with where it fails: a message for standard error.
type Outcome = Result<ExitCode, Box<dyn std::error::Error>>;

/// Runs the program.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => config(&cli.overrides).and_then(serve::run),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("viva: {error}");
        ExitCode::FAILURE
    })
}

fn config(overrides: &Overrides) -> Result<Config, Box<dyn std::error::Error>> {
    Ok(Config::load(overrides)?)
}
