//! Access tokens: JWTs signed with EdDSA, for a member or for one session's candidate.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use entity::id::{MemberId, SessionId};
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header, encode};
use lru::LruCache;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::keys::SigningKeys;
use crate::error::{Code, Problem};

/// Who issues the tokens, in `iss`.
pub const ISSUER: &str = "viva";
const MEMBERS: &str = "viva:member";
const CANDIDATES: &str = "viva:candidate";
/// Replicas' clocks differ a little: a token counts this many seconds before it was issued.
const SKEW_SECONDS: i64 = 5;
/// How many tokens are known whose signature was right: some 200 bytes each.
const SIGNED_KEPT: NonZeroUsize = NonZeroUsize::MIN.saturating_add((1 << 14) - 1);

/// Whose token it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A member of an organization.
    Member(MemberId),
    /// The candidate of a session.
    Candidate(SessionId),
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    iat: i64,
    nbf: i64,
    exp: i64,
}

impl Subject {
    fn claims(&self) -> (&'static str, &str) {
        match self {
            Self::Member(id) => (MEMBERS, id.as_str()),
            Self::Candidate(id) => (CANDIDATES, id.as_str()),
        }
    }

    fn from_claims(claims: &Claims) -> Option<Self> {
        match claims.aud.as_str() {
            MEMBERS => claims.sub.parse().ok().map(Self::Member),
            CANDIDATES => claims.sub.parse().ok().map(Self::Candidate),
            _ => None,
        }
    }
}

/// Signs a token with the newest key.
///
/// # Errors
/// An internal problem where there is no key or it can't sign.
pub fn issue(
    keys: &SigningKeys,
    subject: &Subject,
    now: DateTime<Utc>,
    lifetime: TimeDelta,
) -> Result<String, Problem> {
    let key = keys.newest().ok_or_else(|| Problem::internal("no signing key"))?;
    let header = Header {
        kid: Some(key.kid.clone()),
        ..Header::new(Algorithm::EdDSA)
    };
    let (audience, sub) = subject.claims();
    let claims = Claims {
        iss: ISSUER.to_owned(),
        aud: audience.to_owned(),
        sub: sub.to_owned(),
        iat: now.timestamp(),
        nbf: now.timestamp(),
        exp: (now + lifetime).timestamp(),
    };
    encode(&header, &claims, &key.encoding).map_err(Problem::internal)
}

/// Verifies tokens. A signature that was right stays right, so it is looked at once; whether its key is still one of ours and
/// the token in force is asked each time, and what its owner may do is none of this.
pub struct Verifier {
    /// By the SHA-256 of the token.
    signed: Mutex<LruCache<[u8; 32], Arc<Signed>>>,
}

/// What a token says that was signed by one of our keys.
struct Signed {
    kid: String,
    subject: Subject,
    nbf: i64,
    exp: i64,
}

impl Default for Verifier {
    fn default() -> Self {
        Self {
            signed: Mutex::new(LruCache::new(SIGNED_KEPT)),
        }
    }
}

impl Verifier {
    /// Whose token it is, where it is one of ours, meant for us, and in force.
    ///
    /// # Errors
    /// [`Code::InvalidToken`], in the same words whatever is wrong with it.
    pub fn verify(&self, keys: &SigningKeys, token: &str, now: DateTime<Utc>) -> Result<Subject, Problem> {
        let signed = self.signed(keys, token);
        let in_force = |signed: &Arc<Signed>| {
            signed.nbf - SKEW_SECONDS <= now.timestamp() && now.timestamp() < signed.exp
        };
        match signed.filter(in_force) {
            Some(signed) => Ok(signed.subject.clone()),
            None => Err(Problem::new(Code::InvalidToken)),
        }
    }

    fn signed(&self, keys: &SigningKeys, token: &str) -> Option<Arc<Signed>> {
        let hash: [u8; 32] = Sha256::digest(token).into();
        if let Some(known) = self.kept().get(&hash).cloned() {
            return keys.find(&known.kid).map(|_| known);
        }
        let read = Arc::new(read(keys, token)?);
        self.kept().put(hash, Arc::clone(&read));
        Some(read)
    }

    fn kept(&self) -> MutexGuard<'_, LruCache<[u8; 32], Arc<Signed>>> {
        self.signed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(keys: &SigningKeys, token: &str) -> Option<Signed> {
    let kid = decode_header(token).ok()?.kid?;
    let key = keys.find(&kid)?;
    // The algorithm is ours to say, never the token's.
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[MEMBERS, CANDIDATES]);
    validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
    // The times are held against our clock, each time.
    validation.validate_exp = false;
    validation.validate_nbf = false;
    let claims = decode::<Claims>(token, &key.decoding, &validation).ok()?.claims;
    Some(Signed {
        subject: Subject::from_claims(&claims)?,
        kid,
        nbf: claims.nbf,
        exp: claims.exp,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> (tempfile::TempDir, SigningKeys) {
        let folder = tempfile::tempdir().unwrap();
        SigningKeys::generate(folder.path()).unwrap();
        let keys = SigningKeys::load(folder.path()).unwrap();
        (folder, keys)
    }

    #[test]
    fn a_token_tells_whose_it_is_while_it_is_in_force() {
        let ((_folder, keys), verifier) = (keys(), Verifier::default());
        let (now, lifetime) = (Utc::now(), TimeDelta::minutes(15));
        let subject = Subject::Member(MemberId::generate());
        let token = issue(&keys, &subject, now, lifetime).unwrap();
        assert_eq!(verifier.verify(&keys, &token, now), Ok(subject));
        assert!(verifier.verify(&keys, &token, now + lifetime).is_err());
        assert!(
            verifier
                .verify(&keys, &token, now - TimeDelta::seconds(10))
                .is_err()
        );
    }

    #[test]
    fn rotation_signs_nobody_out_and_retirement_does() {
        let ((folder, keys), verifier) = (keys(), Verifier::default());
        let subject = Subject::Candidate(SessionId::generate());
        let now = Utc::now();
        let token = issue(&keys, &subject, now, TimeDelta::minutes(1)).unwrap();
        let old = keys.newest().unwrap().kid.clone();
        let new = SigningKeys::generate(folder.path()).unwrap();
        keys.reload().unwrap();
        assert_eq!(keys.newest().unwrap().kid, new);
        assert_eq!(verifier.verify(&keys, &token, now), Ok(subject));
        SigningKeys::retire(folder.path(), &old).unwrap();
        keys.reload().unwrap();
        assert!(verifier.verify(&keys, &token, now).is_err());
        assert!(SigningKeys::retire(folder.path(), &new).is_err());
    }

    #[test]
    fn a_key_of_any_other_name_is_older_than_a_rotated_one() {
        let (folder, keys) = keys();
        let file = std::fs::read_dir(folder.path())
            .unwrap()
            .next()
            .unwrap()
            .unwrap()
            .path();
        std::fs::rename(file, folder.path().join("signing.pem")).unwrap();
        let new = SigningKeys::generate(folder.path()).unwrap();
        keys.reload().unwrap();
        assert_eq!(keys.newest().unwrap().kid, new);
    }

    #[test]
    fn a_forged_token_is_refused() {
        let ((_folder, keys), verifier) = (keys(), Verifier::default());
        let (_other_folder, other) = self::keys();
        let subject = Subject::Member(MemberId::generate());
        let now = Utc::now();
        let forged = issue(&other, &subject, now, TimeDelta::minutes(1)).unwrap();
        assert!(verifier.verify(&keys, &forged, now).is_err());
        for token in ["", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."] {
            assert!(verifier.verify(&keys, token, now).is_err());
        }
    }
}
