//! What happens without anybody calling: the clock ends sessions, rotated keys are taken up, answers for repeats run out.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use crate::{
    service::{deadlines, idempotency, signing_keys},
    state::State,
    store,
    telemetry::metrics::Task,
};

/// How often the clock is looked at.
const TICK: Duration = Duration::from_secs(1);
/// Every how many ticks the signing keys are read again, and the sessions counted.
const KEYS_EVERY: u64 = 15;
/// Every how many ticks the answers are forgotten that no repeat gets any more.
const FORGET_EVERY: u64 = 60;

/// Works until it is dropped. A failure is logged, and tried again at the next tick.
pub async fn run(state: State) {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for tick in 0_u64.. {
        ticks.tick().await;
        let settled = deadlines::settle_due(&state, None).await;
        if let Err(problem) = &settled {
            tracing::warn!(%problem, "sessions that are over could not be ended");
        }
        state.metrics.ran(Task::Deadlines, settled.is_err());
        if tick % KEYS_EVERY == 0 {
            state.metrics.ran(Task::Keys, !take_up_keys(&state).await);
            count_sessions(&state).await;
        }
        if tick % FORGET_EVERY == 0
            && let Err(problem) = idempotency::forget(&state).await
        {
            tracing::warn!(%problem, "answers that have run out could not be forgotten");
        }
    }
}

/// Whether the keys were read and go with the database.
async fn take_up_keys(state: &State) -> bool {
    let read = state.keys.reload();
    if let Err(error) = &read {
        tracing::warn!(%error, "the signing keys could not be read again");
    }
    let agreed = signing_keys::agree(&state.db, &state.keys, state.clock.now()).await;
    if let Err(error) = &agreed {
        tracing::warn!(%error, "the signing keys and the database don't go together");
    }
    read.is_ok() && agreed.is_ok()
}

/// Only where somebody reads the metrics. A database that is away is told of elsewhere.
async fn count_sessions(state: &State) {
    if state.config.metrics_listen.is_some()
        && let Ok(counts) = store::sessions::count_open(&state.db).await
    {
        state.metrics.set_sessions(&counts);
    }
}
