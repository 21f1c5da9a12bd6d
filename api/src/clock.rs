//! The server's clock: the only source of the time, in UTC, to the millisecond.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// The system's time, moved by as much as [`Clock::advance`] was asked to.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    ahead_by_ms: Arc<AtomicI64>,
}

impl Clock {
    /// The system's time as it is.
    pub fn system() -> Self {
        Self::default()
    }

    /// The time now, cut to whole milliseconds, which both databases keep exactly.
    pub fn now(&self) -> DateTime<Utc> {
        let ahead = TimeDelta::milliseconds(self.ahead_by_ms.load(Ordering::Relaxed));
        (Utc::now() + ahead).trunc_subsecs(3)
    }

    /// By how much it was moved.
    pub fn ahead(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.ahead_by_ms.load(Ordering::Relaxed)).unwrap_or(0))
    }

    /// Moves this clock and its clones, so that a test need not wait for a deadline.
    pub fn advance(&self, by: TimeDelta) {
        self.ahead_by_ms
            .fetch_add(by.num_milliseconds(), Ordering::Relaxed);
    }
}
