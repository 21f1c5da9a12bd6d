//! The `viva` program. See `api::cli`.

/// A request makes and drops some hundreds of small things, on one thread and another: the system's allocator takes twice
/// as long over them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    api::cli::run()
}
