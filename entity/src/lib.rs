//! The tables of Viva's database, as hand-written SeaORM entities.
//!
//! Ids are typed and prefixed ([`id`]); closed vocabularies are string-backed enums ([`kind`]).

pub mod answer;
pub mod answer_revision;
pub mod audit_event;
pub mod candidate;
pub mod grade;
pub mod id;
pub mod idempotency_record;
pub mod kind;
pub mod member;
pub mod organization;
pub mod question_set;
pub mod question_set_version;
pub mod refresh_family;
pub mod refresh_token;
pub mod session;
pub mod signing_key;
