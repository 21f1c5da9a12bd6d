//! Tokens that the server did not issue like this: made from one that it did, with its own key or without.

use std::path::Path;

use api::auth::keys::SigningKeys;
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Value, json};

use crate::TestApp;

/// What a forger could have: the published key, a genuine token, and, for what only the server could get wrong, its key.
pub struct Forger {
    key: EncodingKey,
    foreign: EncodingKey,
    /// The public half as `/.well-known/jwks.json` gives it.
    pub jwk: Value,
}

impl Forger {
    /// Looks at the server's keys.
    pub async fn new(app: &TestApp) -> Self {
        let elsewhere = tempfile::tempdir().expect("a folder");
        SigningKeys::generate(elsewhere.path()).expect("a key");
        let keys = app.get("/.well-known/jwks.json").ok().await;
        Self {
            key: private_key(&app.database.folder().join("signing-keys")),
            foreign: private_key(elsewhere.path()),
            jwk: keys["keys"]
                .as_array()
                .and_then(|keys| keys.last())
                .expect("a key")
                .clone(),
        }
    }

    /// The token with its header and claims changed, signed with the server's own key.
    pub fn resigned(&self, token: &str, change: impl FnOnce(&mut Value, &mut Value)) -> String {
        let unsigned = self.unsigned(token, change);
        signed(&unsigned, &self.key, Algorithm::EdDSA)
    }

    /// The same, signed with a key that is not the server's.
    pub fn foreign(&self, token: &str, change: impl FnOnce(&mut Value, &mut Value)) -> String {
        let unsigned = self.unsigned(token, change);
        signed(&unsigned, &self.foreign, Algorithm::EdDSA)
    }

    /// The same, with the signature of the genuine token.
    pub fn tampered(&self, token: &str, change: impl FnOnce(&mut Value, &mut Value)) -> String {
        let [.., signature] = parts(token);
        format!("{}.{signature}", self.unsigned(token, change))
    }

    /// The same, without any.
    pub fn stripped(&self, token: &str, change: impl FnOnce(&mut Value, &mut Value)) -> String {
        format!("{}.", self.unsigned(token, change))
    }

    /// The token under `HS256`, with this as the secret that both sides would know.
    pub fn symmetric(&self, token: &str, secret: &[u8]) -> String {
        let unsigned = self.unsigned(token, |header, _| header["alg"] = json!("HS256"));
        signed(&unsigned, &EncodingKey::from_secret(secret), Algorithm::HS256)
    }

    /// The 32 bytes of the public key.
    pub fn public_key(&self) -> Vec<u8> {
        let text = self.jwk["x"].as_str().expect("a public key");
        URL_SAFE_NO_PAD.decode(text).expect("base64url")
    }

    /// The public key as PEM.
    pub fn public_pem(&self) -> String {
        // RFC 8410: the SubjectPublicKeyInfo of every Ed25519 key begins so.
        let mut der = vec![
            0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
        ];
        der.extend(self.public_key());
        format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            STANDARD.encode(der)
        )
    }

    fn unsigned(&self, token: &str, change: impl FnOnce(&mut Value, &mut Value)) -> String {
        let [header, claims, _] = parts(token);
        let (mut header, mut claims) = (read(header), read(claims));
        change(&mut header, &mut claims);
        format!("{}.{}", written(&header), written(&claims))
    }
}

/// The private key in a folder that holds one; of several the newest.
pub fn private_key(folder: &Path) -> EncodingKey {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the keys' folder")
        .map(|entry| entry.expect("a file").path())
        .collect();
    files.sort();
    let pem = std::fs::read_to_string(files.last().expect("a key")).expect("a key");
    let base64: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    EncodingKey::from_ed_der(&STANDARD.decode(base64).expect("base64"))
}

fn parts(token: &str) -> [&str; 3] {
    let parts: Vec<&str> = token.split('.').collect();
    parts.try_into().expect("three parts")
}

fn read(part: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
}

fn written(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}

fn signed(unsigned: &str, key: &EncodingKey, algorithm: Algorithm) -> String {
    let signature = crypto::sign(unsigned.as_bytes(), key, algorithm).expect("a signature");
    format!("{unsigned}.{signature}")
}
