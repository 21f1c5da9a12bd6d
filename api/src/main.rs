//! The `viva` program. See `api::cli`.

fn main() -> std::process::ExitCode {
    api::cli::run()
}
