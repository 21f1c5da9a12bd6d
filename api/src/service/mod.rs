//! The rules: what may happen, in which order, in which transaction. Knows no HTTP.

pub mod backups;
pub mod built_in;
pub mod deadlines;
pub mod idempotency;
pub mod interview;
pub mod members;
pub mod previews;
pub mod question_sets;
pub mod readiness;
pub mod reports;
pub mod rubrics;
pub mod saves;
pub mod sessions;
pub mod signing_keys;
