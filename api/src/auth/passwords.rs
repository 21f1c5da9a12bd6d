//! Passwords: argon2id off the async threads, a bounded number at once.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::Semaphore;

use crate::error::Problem;

// OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Hashes and checks passwords.
#[derive(Debug, Clone)]
pub struct Passwords {
    at_once: Arc<Semaphore>,
    /// A hash of nobody's password, so that an unknown address takes as long as a wrong password.
    nobody: Arc<str>,
}

impl Passwords {
    /// At most `at_once` hashes are computed side by side.
    ///
    /// # Errors
    /// Where the system has no randomness for a salt.
    pub fn new(at_once: usize) -> Result<Self, Problem> {
        let nobody = hash("nobody's password")?.into();
        Ok(Self {
            at_once: Arc::new(Semaphore::new(at_once.max(1))),
            nobody,
        })
    }

    /// The PHC string to keep of a password.
    ///
    /// # Errors
    /// An internal problem where hashing fails.
    pub async fn hash(&self, password: String) -> Result<String, Problem> {
        self.run(move || hash(&password)).await
    }

    /// Whether a password is the one that was hashed. Takes as long where there is nothing to compare with.
    ///
    /// # Errors
    /// An internal problem where the kept hash can't be read.
    pub async fn verify(&self, password: String, kept: Option<String>) -> Result<bool, Problem> {
        let known = kept.is_some();
        let kept = kept.unwrap_or_else(|| self.nobody.to_string());
        let right = self.run(move || verify(&password, &kept)).await?;
        Ok(right && known)
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let _permit = self.at_once.acquire().await.map_err(Problem::internal)?;
        tokio::task::spawn_blocking(work)
            .await
            .map_err(Problem::internal)?
    }
}

fn argon2() -> Result<Argon2<'static>, Problem> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(Problem::internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &str) -> Result<String, Problem> {
    Ok(argon2()?
        .hash_password(password.as_bytes())
        .map_err(Problem::internal)?
        .to_string())
}

fn verify(password: &str, kept: &str) -> Result<bool, Problem> {
    let kept = PasswordHash::new(kept).map_err(Problem::internal)?;
    // The parameters are those of the kept hash, so that they can be raised without locking anybody out.
    Ok(argon2()?.verify_password(password.as_bytes(), &kept).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_password_that_was_hashed_is_right() {
        let passwords = Passwords::new(1).unwrap();
        let kept = passwords.hash("correct horse".into()).await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert!(
            passwords
                .verify("correct horse".into(), Some(kept.clone()))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify("battery staple".into(), Some(kept))
                .await
                .unwrap()
        );
        assert!(!passwords.verify("nobody's password".into(), None).await.unwrap());
    }
}
