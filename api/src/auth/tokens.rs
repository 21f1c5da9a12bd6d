//! Access tokens: JWTs signed with EdDSA, for a member or for one session's candidate.

use chrono::{DateTime, TimeDelta, Utc};
use entity::id::{MemberId, SessionId};
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};

use super::keys::SigningKeys;
use crate::error::{Code, Problem};

/// Who issues the tokens, in `iss`.
pub const ISSUER: &str = "viva";
const MEMBERS: &str = "viva:member";
const CANDIDATES: &str = "viva:candidate";
/// Replicas' clocks differ a little: a token counts this many seconds before it was issued.
const SKEW_SECONDS: i64 = 5;

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

/// Whose token it is, where it is one of ours, meant for us, and in force.
///
/// # Errors
/// [`Code::InvalidToken`], in the same words whatever is wrong with it.
pub fn verify(keys: &SigningKeys, token: &str, now: DateTime<Utc>) -> Result<Subject, Problem> {
    read(keys, token, now).ok_or_else(|| Problem::new(Code::InvalidToken))
}

fn read(keys: &SigningKeys, token: &str, now: DateTime<Utc>) -> Option<Subject> {
    let kid = decode_header(token).ok()?.kid?;
    let key = keys.find(&kid)?;
    // The algorithm is ours to say, never the token's.
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[MEMBERS, CANDIDATES]);
    validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
    // The times are held against our clock below.
    validation.validate_exp = false;
    validation.validate_nbf = false;
    let claims = decode::<Claims>(token, &key.decoding, &validation).ok()?.claims;
    let in_force = claims.nbf - SKEW_SECONDS <= now.timestamp() && now.timestamp() < claims.exp;
    if in_force {
        Subject::from_claims(&claims)
    } else {
        None
    }
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
        let (_folder, keys) = keys();
        let (now, lifetime) = (Utc::now(), TimeDelta::minutes(15));
        let subject = Subject::Member(MemberId::generate());
        let token = issue(&keys, &subject, now, lifetime).unwrap();
        assert_eq!(verify(&keys, &token, now), Ok(subject));
        assert!(verify(&keys, &token, now + lifetime).is_err());
        assert!(verify(&keys, &token, now - TimeDelta::seconds(10)).is_err());
    }

    #[test]
    fn rotation_signs_nobody_out_and_retirement_does() {
        let (folder, keys) = keys();
        let subject = Subject::Candidate(SessionId::generate());
        let now = Utc::now();
        let token = issue(&keys, &subject, now, TimeDelta::minutes(1)).unwrap();
        let old = keys.newest().unwrap().kid.clone();
        let new = SigningKeys::generate(folder.path()).unwrap();
        keys.reload().unwrap();
        assert_eq!(keys.newest().unwrap().kid, new);
        assert_eq!(verify(&keys, &token, now), Ok(subject));
        SigningKeys::retire(folder.path(), &old).unwrap();
        keys.reload().unwrap();
        assert!(verify(&keys, &token, now).is_err());
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
        let (_folder, keys) = keys();
        let (_other_folder, other) = self::keys();
        let subject = Subject::Member(MemberId::generate());
        let now = Utc::now();
        let forged = issue(&other, &subject, now, TimeDelta::minutes(1)).unwrap();
        assert!(verify(&keys, &forged, now).is_err());
        for token in ["", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."] {
            assert!(verify(&keys, token, now).is_err());
        }
    }
}
