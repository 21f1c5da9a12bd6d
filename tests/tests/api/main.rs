//! The API from outside, resource by resource.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that can't go on must stop and say where"
)]

mod harness;
mod interview;
