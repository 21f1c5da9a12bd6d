//! Viva: a mock-interview REST API that shows the evidence for every mark.
//!
//! ARCHITECTURE.md has the map. In short: [`v1`] names the routes and what goes over the wire, [`service`] has the rules,
//! [`store`] every query; [`startup`] puts them together.

pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
pub mod error;
pub mod extract;
pub mod limits;
pub mod service;
pub mod startup;
pub mod state;
pub mod store;
pub mod telemetry;
pub mod v1;
pub mod values;
pub mod worker;
