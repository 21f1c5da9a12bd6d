//! What the fuzz targets share: a limit of time, and the promises that every report keeps.

#[path = "../../tests/promises/mod.rs"]
pub mod promises;

use std::time::{Duration, Instant};

/// What one byte of input may take at most, by far: hundreds of times what it takes as a rule, in an instrumented build on
/// a busy machine.
const A_BYTE: Duration = Duration::from_micros(200);
/// What the smallest input may take at most.
const AT_ALL: Duration = Duration::from_millis(500);

/// Does something whose time must grow no faster than `bytes`, and panics where it took longer three times running.
pub fn in_time<T>(bytes: usize, what: &str, work: impl Fn() -> T) -> T {
    let limit = AT_ALL + A_BYTE * u32::try_from(bytes).unwrap_or(u32::MAX);
    let mut least = Duration::MAX;
    for _ in 0..3 {
        let start = Instant::now();
        let done = work();
        least = least.min(start.elapsed());
        if least <= limit {
            return done;
        }
    }
    panic!("{what}: {least:?} for {bytes} bytes");
}
