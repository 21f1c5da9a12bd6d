//! Who may come: the table of identities. A new kind of credential joins every test of this module with a line here.

use api::{auth::permissions::Access, error::Code};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::Utc;
use serde_json::{Value, json};

use super::scene::Scene;

/// How an identity is received by operations of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Not let in: 401 with this code, in the same words whatever is called.
    Refused(Code),
    /// Let in, to what is the victim's, which is their own.
    Owner,
    /// Let in, but of the victim's organization there is nothing: 404 where the path names it.
    Stranger,
    /// Let in, of the same organization, but not to the victim's session.
    Neighbour,
    /// Nobody is asked for a token.
    Anyone,
}

use Expected::{Neighbour, Owner, Refused, Stranger};

const MISSING: Expected = Refused(Code::MissingToken);
const INVALID: Expected = Refused(Code::InvalidToken);

/// Somebody who calls.
pub struct Identity {
    /// For messages.
    pub name: &'static str,
    /// What stands in `Authorization`, where something does, before an operation of this kind.
    pub authorization: fn(&Scene, Access) -> Option<String>,
    /// How operations of members receive them.
    pub of_members: Expected,
    /// How operations of candidates receive them.
    pub of_candidates: Expected,
}

impl Identity {
    /// Whether something here is theirs to change.
    pub fn owns_something(&self) -> bool {
        self.of_members == Owner || self.of_candidates == Owner
    }
}

const fn identity(
    name: &'static str,
    authorization: fn(&Scene, Access) -> Option<String>,
    of_members: Expected,
    of_candidates: Expected,
) -> Identity {
    Identity {
        name,
        authorization,
        of_members,
        of_candidates,
    }
}

/// Somebody with a forged token: nobody receives them.
const fn forged(name: &'static str, authorization: fn(&Scene, Access) -> Option<String>) -> Identity {
    identity(name, authorization, INVALID, INVALID)
}

fn bearer(token: &str) -> Option<String> {
    Some(format!("Bearer {token}"))
}

/// A token made from the genuine one by changing its header and claims, and signed with the server's own key.
fn resigned(scene: &Scene, access: Access, change: fn(&mut Value, &mut Value)) -> Option<String> {
    bearer(&scene.forger.resigned(scene.genuine(access), change))
}

/// The same, with the genuine token's signature.
fn tampered(scene: &Scene, access: Access, change: fn(&mut Value, &mut Value)) -> Option<String> {
    bearer(&scene.forger.tampered(scene.genuine(access), change))
}

/// The same, without a signature.
fn stripped(scene: &Scene, access: Access, change: fn(&mut Value, &mut Value)) -> Option<String> {
    bearer(&scene.forger.stripped(scene.genuine(access), change))
}

/// The genuine claims under a key that the token itself brings along.
fn foreign(scene: &Scene, access: Access, change: fn(&mut Value, &mut Value)) -> Option<String> {
    bearer(&scene.forger.foreign(scene.genuine(access), change))
}

fn symmetric(scene: &Scene, access: Access, secret: &[u8]) -> Option<String> {
    bearer(&scene.forger.symmetric(scene.genuine(access), secret))
}

fn seconds_from_now(seconds: i64) -> Value {
    json!(Utc::now().timestamp() + seconds)
}

/// Everybody.
pub const IDENTITIES: &[Identity] = &[
    // Without a token.
    identity("nobody", |_, _| None, MISSING, MISSING),
    identity("an empty header", |_, _| Some(String::new()), MISSING, MISSING),
    identity("the word Bearer", |_, _| Some("Bearer".into()), MISSING, MISSING),
    identity(
        "a password",
        |scene, _| {
            Some(format!(
                "Basic {}",
                STANDARD.encode(format!("{}:{}", scene.owner.email, tests::people::PASSWORD))
            ))
        },
        MISSING,
        MISSING,
    ),
    identity(
        "a token without its scheme",
        |scene, access| Some(scene.genuine(access).to_owned()),
        MISSING,
        MISSING,
    ),
    identity(
        "a token of another scheme",
        |scene, access| Some(format!("DPoP {}", scene.genuine(access))),
        MISSING,
        MISSING,
    ),
    // With a genuine one.
    identity("the owner", |scene, _| bearer(&scene.owner.token), Owner, INVALID),
    identity(
        "a colleague",
        |scene, _| bearer(&scene.colleague.token),
        Owner,
        INVALID,
    ),
    identity(
        "a member of another organization",
        |scene, _| bearer(&scene.stranger.token),
        Stranger,
        INVALID,
    ),
    identity(
        "the candidate",
        |scene, _| bearer(&scene.candidate.token),
        INVALID,
        Owner,
    ),
    identity(
        "another candidate of the organization",
        |scene, _| bearer(&scene.other_candidate.token),
        INVALID,
        Neighbour,
    ),
    identity(
        "a candidate of another organization",
        |scene, _| bearer(&scene.strange_candidate.token),
        INVALID,
        Neighbour,
    ),
    // With one that was genuine.
    forged("somebody whose token has run out", |scene, access| {
        resigned(scene, access, |_, claims| claims["exp"] = seconds_from_now(-1))
    }),
    forged("somebody whose token ran out in 1970", |scene, access| {
        resigned(scene, access, |_, claims| claims["exp"] = json!(0))
    }),
    forged("somebody whose token is not yet valid", |scene, access| {
        resigned(scene, access, |_, claims| claims["nbf"] = seconds_from_now(600))
    }),
    forged("somebody whose key was retired", |scene, access| {
        bearer(scene.retired(access))
    }),
    identity(
        "a member who was removed",
        |scene, _| bearer(&scene.removed.token),
        INVALID,
        INVALID,
    ),
    forged("a refresh token", |scene, _| bearer(&scene.owner.refresh_token)),
    forged("an invite code", |scene, _| bearer(&scene.candidate.invite_code)),
    // With one for somebody or something else.
    forged("another audience", |scene, access| {
        resigned(scene, access, |_, claims| claims["aud"] = json!("viva:nobody"))
    }),
    forged("two audiences", |scene, access| {
        resigned(scene, access, |_, claims| {
            claims["aud"] = json!(["viva:member", "viva:candidate"])
        })
    }),
    forged("no audience", |scene, access| {
        resigned(scene, access, |_, claims| {
            drop(claims.as_object_mut().map(|claims| claims.remove("aud")))
        })
    }),
    forged("the audience of the others", |scene, access| {
        resigned(scene, access, |_, claims| {
            let other = if claims["aud"] == "viva:member" {
                "viva:candidate"
            } else {
                "viva:member"
            };
            claims["aud"] = json!(other);
        })
    }),
    forged("another issuer", |scene, access| {
        resigned(scene, access, |_, claims| {
            claims["iss"] = json!("viva.example.org")
        })
    }),
    forged("no issuer", |scene, access| {
        resigned(scene, access, |_, claims| {
            drop(claims.as_object_mut().map(|claims| claims.remove("iss")))
        })
    }),
    forged("no end", |scene, access| {
        resigned(scene, access, |_, claims| {
            drop(claims.as_object_mut().map(|claims| claims.remove("exp")))
        })
    }),
    forged("an end beyond all numbers", |scene, access| {
        resigned(scene, access, |_, claims| claims["exp"] = json!(1e300))
    }),
    forged("a beginning beyond all numbers", |scene, access| {
        resigned(scene, access, |_, claims| claims["nbf"] = json!(i64::MIN))
    }),
    forged("an end in words", |scene, access| {
        resigned(scene, access, |_, claims| claims["exp"] = json!("never"))
    }),
    forged("the id of nobody", |scene, access| {
        resigned(scene, access, |_, claims| claims["sub"] = json!("mem_1"))
    }),
    forged("an id with SQL in it", |scene, access| {
        resigned(scene, access, |_, claims| {
            claims["sub"] = json!("mem_' OR '1'='1")
        })
    }),
    // Without the server's key.
    forged("noise", |_, _| bearer("a.b.c")),
    forged("two dots", |_, _| bearer("..")),
    forged("a megabyte of dots", |_, _| bearer(&".".repeat(20_000))),
    forged("alg none", |scene, access| {
        stripped(scene, access, |header, _| header["alg"] = json!("none"))
    }),
    forged("alg None", |scene, access| {
        stripped(scene, access, |header, _| header["alg"] = json!("None"))
    }),
    forged("alg none with a signature", |scene, access| {
        tampered(scene, access, |header, _| header["alg"] = json!("none"))
    }),
    forged("no signature", |scene, access| stripped(scene, access, |_, _| {})),
    forged("no alg", |scene, access| {
        tampered(scene, access, |header, _| {
            drop(header.as_object_mut().map(|header| header.remove("alg")))
        })
    }),
    forged("alg RS256", |scene, access| {
        tampered(scene, access, |header, _| header["alg"] = json!("RS256"))
    }),
    forged("alg ES256", |scene, access| {
        tampered(scene, access, |header, _| header["alg"] = json!("ES256"))
    }),
    forged("HS256 with the public key", |scene, access| {
        symmetric(scene, access, &scene.forger.public_key())
    }),
    forged("HS256 with the public key in base64", |scene, access| {
        symmetric(
            scene,
            access,
            scene.forger.jwk["x"].as_str().unwrap_or_default().as_bytes(),
        )
    }),
    forged("HS256 with the public key in PEM", |scene, access| {
        symmetric(scene, access, scene.forger.public_pem().as_bytes())
    }),
    forged("HS256 with the public key as a JWK", |scene, access| {
        symmetric(scene, access, scene.forger.jwk.to_string().as_bytes())
    }),
    forged("HS256 without a secret", |scene, access| {
        symmetric(scene, access, b"")
    }),
    forged("an unknown kid", |scene, access| {
        resigned(scene, access, |header, _| header["kid"] = json!("unknown"))
    }),
    forged("no kid", |scene, access| {
        resigned(scene, access, |header, _| {
            drop(header.as_object_mut().map(|header| header.remove("kid")))
        })
    }),
    forged("a kid that leaves the folder", |scene, access| {
        resigned(scene, access, |header, _| {
            header["kid"] = json!("../../../../../../dev/null")
        })
    }),
    forged("a kid that is a file", |scene, access| {
        resigned(scene, access, |header, _| header["kid"] = json!("/etc/passwd"))
    }),
    forged("a kid with SQL in it", |scene, access| {
        resigned(scene, access, |header, _| {
            header["kid"] = json!("x' UNION SELECT 'x'; --")
        })
    }),
    forged("a kid with a null in it", |scene, access| {
        resigned(scene, access, |header, _| {
            header["kid"] = json!(format!("{}\0", header["kid"].as_str().unwrap_or_default()))
        })
    }),
    forged("a kid that is a list", |scene, access| {
        resigned(scene, access, |header, _| header["kid"] = json!([header["kid"]]))
    }),
    forged("another server's key under our kid", |scene, access| {
        foreign(scene, access, |_, _| {})
    }),
    forged("a key brought along", |scene, access| {
        foreign(scene, access, |header, _| {
            header["jwk"] = json!({"kty": "OKP", "crv": "Ed25519", "x": "AAAA"})
        })
    }),
    forged("a key to be fetched", |scene, access| {
        foreign(scene, access, |header, _| {
            header["jku"] = json!("http://127.0.0.1:9/jwks.json")
        })
    }),
    forged("somebody else's id under the old signature", |scene, access| {
        tampered(scene, access, |_, claims| {
            claims["sub"] = json!(format!("mem_{}", "0".repeat(32)))
        })
    }),
    forged("a longer life under the old signature", |scene, access| {
        tampered(scene, access, |_, claims| {
            claims["exp"] = seconds_from_now(86_400)
        })
    }),
    forged("a claim more under the old signature", |scene, access| {
        tampered(scene, access, |_, claims| claims["role"] = json!("owner"))
    }),
];
