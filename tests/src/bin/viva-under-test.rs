//! The `viva` program, where the tests of this crate find it.

fn main() -> std::process::ExitCode {
    api::cli::run()
}
