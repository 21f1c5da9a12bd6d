//! The `viva` program. See `api::cli`.

/// A request makes and drops some hundreds of small things, on one thread and another, which the system's allocator is slow
/// at; docs/performance.md has what it brought.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    api::cli::run()
}
