//! Writes `openapi/openapi.json`; with `--check` it says whether the file is current and changes nothing.

use std::{path::Path, process::ExitCode};

use openapi::{FILE, Freshness};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [] => write(Path::new(FILE)),
        ["--check"] => check(Path::new(FILE)),
        _ => {
            eprintln!("usage: cargo run -p openapi [-- --check]");
            ExitCode::from(2)
        }
    }
}

fn write(file: &Path) -> ExitCode {
    match openapi::write(file) {
        Ok(()) => {
            println!("wrote {}", file.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{}: {error}", file.display());
            ExitCode::FAILURE
        }
    }
}

fn check(file: &Path) -> ExitCode {
    match openapi::check(file) {
        Freshness::Current => {
            println!("{} is current", file.display());
            ExitCode::SUCCESS
        }
        stale => {
            eprintln!("{}: {stale}", file.display());
            ExitCode::FAILURE
        }
    }
}
