//! Whether the server can answer.

use crate::{error::Problem, state::State, store};

/// Asks the database.
///
/// # Errors
/// [`crate::error::Code::Unavailable`] where it does not answer.
pub async fn check(state: &State) -> Result<(), Problem> {
    store::connection::ping(&state.db)
        .await
        .map_err(Problem::unavailable)
}
