//! From a request to something that is right: who calls, what they send, which page. And back, where it is not.

pub mod address;
pub mod body;
pub mod client;
pub mod guard;
pub mod identity;
mod objects;
pub mod once;
pub mod page;
pub mod path;
pub mod precondition;
pub mod problem;
pub mod query;
pub mod rate;
mod unread;

pub use address::ClientAddress;
pub use body::{Json, NoBody};
pub use identity::{CandidateToken, Member, MemberToken};
pub use once::Once;
pub use path::Path;
pub use query::Query;
