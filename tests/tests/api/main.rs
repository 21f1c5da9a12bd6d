//! The API from outside, resource by resource.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that can't go on must stop and say where"
)]

mod architecture;
mod attack;
mod auth;
mod backups;
mod bad_input;
mod candidate;
mod codes;
mod defences;
mod harness;
mod idempotency;
mod interview;
mod limits;
mod question_sets;
mod readme;
mod routes;
mod sessions;
mod speed;
mod tenants;
mod time;
mod together;
mod tokens;
mod trouble;
mod upgrade;
mod watching;
