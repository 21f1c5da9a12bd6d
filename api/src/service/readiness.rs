//! Whether the server can answer.

use std::sync::atomic::Ordering;

use crate::{
    error::{Code, Problem},
    state::State,
    store,
};

/// Whether the server has not been told to stop, and its database answers.
///
/// # Errors
/// [`Code::Unavailable`] where not: the words tell the one from the other.
pub async fn check(state: &State) -> Result<(), Problem> {
    if state.draining.load(Ordering::Relaxed) {
        return Err(Problem::because(Code::Unavailable, "The server is about to stop"));
    }
    store::connection::ping(&state.db).await.map_err(|error| Problem {
        detail: "The database does not answer".to_owned(),
        ..Problem::unavailable(error)
    })
}
