//! What the commands print.

use std::io::{self, Write};

use clap::ValueEnum;

/// In which form a command prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Prints a text to standard output. A reader that has gone away is no error.
///
/// # Errors
/// Where it can't be written.
pub(super) fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    unless_gone(out.write_all(text.as_bytes()).and_then(|()| out.flush())).map(drop)
}

/// Whether what was written has a reader: a broken pipe is a quiet end, anything else an error.
///
/// # Errors
/// That of the writing.
pub(super) fn unless_gone(written: io::Result<()>) -> io::Result<bool> {
    match written {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error),
    }
}

/// Prints a line to standard error. Where that is closed there is nobody to tell.
pub(super) fn complain(line: &str) {
    let _nobody_reads = writeln!(io::stderr(), "{line}");
}
