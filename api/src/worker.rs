//! What happens without anybody calling: the clock ends sessions, rotated keys are taken up, answers for repeats run out.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use crate::{
    service::{deadlines, idempotency, signing_keys},
    state::State,
};

/// How often the clock is looked at.
const TICK: Duration = Duration::from_secs(1);
/// Every how many ticks the signing keys are read again.
const KEYS_EVERY: u64 = 15;
/// Every how many ticks the answers are forgotten that no repeat gets any more.
const FORGET_EVERY: u64 = 60;

/// Works until it is dropped. A failure is logged, and tried again at the next tick.
pub async fn run(state: State) {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for tick in 0_u64.. {
        ticks.tick().await;
        if let Err(problem) = deadlines::settle_due(&state, None).await {
            tracing::warn!(%problem, "sessions that are over could not be ended");
        }
        if tick % KEYS_EVERY == 0 {
            take_up_keys(&state).await;
        }
        if tick % FORGET_EVERY == 0
            && let Err(problem) = idempotency::forget(&state).await
        {
            tracing::warn!(%problem, "answers that have run out could not be forgotten");
        }
    }
}

async fn take_up_keys(state: &State) {
    if let Err(error) = state.keys.reload() {
        tracing::warn!(%error, "the signing keys could not be read again");
    }
    if let Err(error) = signing_keys::agree(&state.db, &state.keys, state.clock.now()).await {
        tracing::warn!(%error, "the signing keys and the database don't go together");
    }
}
