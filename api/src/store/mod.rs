//! Every query, one file a table or two. Functions take a connection or a transaction, whichever the service has open.

pub mod answers;
pub mod audit;
pub mod backup;
pub mod connection;
pub mod idempotency;
pub mod members;
mod page;
pub mod question_sets;
pub mod refresh;
pub mod sessions;
pub mod signing_keys;
mod together;

pub use connection::{
    Database, Writable, can_be_stored, connect, is_passing, is_unique_violation, migrate, write,
};
