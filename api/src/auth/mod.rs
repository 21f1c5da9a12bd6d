//! Who may do what: secrets, passwords, signing keys, tokens, and the table of permissions.

pub mod keys;
pub mod passwords;
pub mod permissions;
pub mod secrets;
pub mod tokens;
