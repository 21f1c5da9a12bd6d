//! Signing keys: Ed25519, one PEM file each in one folder. The newest signs, all verify.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, RwLock},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use ed25519_dalek::{
    SigningKey,
    pkcs8::{DecodePrivateKey, EncodePrivateKey, KeypairBytes, spki::der::pem::LineEnding},
};
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey,
    jwk::{Jwk, PublicKeyUse, ThumbprintHash},
};
use sha2::Sha256;

/// How often at most an unknown key id makes the folder be read again.
const REREAD_AT_MOST_EVERY: Duration = Duration::from_secs(2);

/// What is wrong with the keys.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The folder or a file in it can't be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is not an Ed25519 private key.
    #[error("{}: not an Ed25519 private key in PKCS#8 PEM: {reason}", path.display())]
    NotAKey {
        /// Which one.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// No key has this id.
    #[error("there is no signing key {0}")]
    Unknown(String),
    /// The only key can't be retired.
    #[error("{0} is the only signing key: rotate first")]
    TheOnlyOne(String),
    /// The folder holds no key.
    #[error("{}: there is no signing key in this folder", .0.display())]
    Empty(PathBuf),
    /// No randomness to make a key from.
    #[error("no randomness to make a key from: {0}")]
    Random(getrandom::Error),
}

/// One key: its private half signs, its public half verifies.
#[derive(Clone)]
pub struct Key {
    /// RFC 7638 thumbprint of the public half.
    pub kid: String,
    /// The public half, for `/.well-known/jwks.json`.
    pub jwk: Jwk,
    pub(super) encoding: EncodingKey,
    pub(super) decoding: DecodingKey,
    /// Derived from the private half, for keyed hashes.
    hashing: Hmac<Sha256>,
    path: PathBuf,
}

/// The keys of one folder as they were last read.
#[derive(Clone, Default)]
struct Ring {
    /// By when they were made, as the file's name begins, then by name: the last is the newest. A file of another name is
    /// older than all that `rotate` makes.
    keys: BTreeMap<(u64, String), Arc<Key>>,
}

/// The signing keys of a server.
pub struct SigningKeys {
    folder: PathBuf,
    ring: RwLock<(Ring, Instant)>,
}

impl SigningKeys {
    /// Reads the folder.
    ///
    /// # Errors
    /// Where the folder or a file in it can't be read, a file is not a key, or there is none.
    pub fn load(folder: &Path) -> Result<Self, KeyError> {
        let ring = Ring::read(folder)?;
        if ring.keys.is_empty() {
            return Err(KeyError::Empty(folder.to_owned()));
        }
        Ok(Self {
            folder: folder.to_owned(),
            ring: RwLock::new((ring, Instant::now())),
        })
    }

    /// No keys yet, whatever the folder holds: for work that neither signs nor verifies.
    pub fn none(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            ring: RwLock::new((Ring::default(), Instant::now())),
        }
    }

    /// Whether a folder holds a key already.
    ///
    /// # Errors
    /// As [`SigningKeys::load`].
    pub fn exist(folder: &Path) -> Result<bool, KeyError> {
        Ok(!Ring::read(folder)?.keys.is_empty())
    }

    /// Makes a key, the newest, in a folder that only its owner may enter, and tells its id.
    ///
    /// # Errors
    /// Where the folder or the file can't be written.
    pub fn generate(folder: &Path) -> Result<String, KeyError> {
        create_private_folder(folder)?;
        let mut seed = [0_u8; 32];
        getrandom::fill(&mut seed).map_err(KeyError::Random)?;
        let not_a_key = |reason: String| KeyError::NotAKey {
            path: folder.to_owned(),
            reason,
        };
        let pem = without_public_half(&SigningKey::from_bytes(&seed))
            .to_pkcs8_pem(LineEnding::LF)
            .map_err(|error| not_a_key(error.to_string()))?;
        let key = Key::from_pem(pem.as_bytes(), folder)?;
        let made = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_millis();
        write_private_file(
            &folder.join(format!("{made:013}-{}.pem", key.kid)),
            pem.as_bytes(),
        )?;
        Ok(key.kid)
    }

    /// Deletes a key, unless it is the only one. Tokens that it signed are refused from then on.
    ///
    /// # Errors
    /// Where no key has this id, it is the only one, or its file can't be deleted.
    pub fn retire(folder: &Path, kid: &str) -> Result<(), KeyError> {
        let ring = Ring::read(folder)?;
        let key = ring.find(kid).ok_or_else(|| KeyError::Unknown(kid.to_owned()))?;
        if ring.keys.len() == 1 {
            return Err(KeyError::TheOnlyOne(kid.to_owned()));
        }
        fs::remove_file(&key.path).map_err(io_at(&key.path))
    }

    /// Reads the folder again; an unreadable one leaves the keys as they were.
    ///
    /// # Errors
    /// As [`SigningKeys::load`].
    pub fn reload(&self) -> Result<(), KeyError> {
        let ring = Ring::read(&self.folder)?;
        if ring.keys.is_empty() {
            return Err(KeyError::Empty(self.folder.clone()));
        }
        *self.ring.write().unwrap_or_else(|poisoned| poisoned.into_inner()) = (ring, Instant::now());
        Ok(())
    }

    /// The key that signs.
    pub fn newest(&self) -> Option<Arc<Key>> {
        self.read(|ring| ring.keys.values().next_back().cloned())
    }

    /// The key with this id. An unknown one makes the folder be read again, since a replica may just have rotated.
    pub fn find(&self, kid: &str) -> Option<Arc<Key>> {
        let known = self.read(|ring| ring.find(kid));
        if known.is_some() || !self.may_reread() {
            return known;
        }
        if let Err(error) = self.reload() {
            tracing::warn!(%error, "the signing keys could not be read again");
        }
        self.read(|ring| ring.find(kid))
    }

    /// Every key, oldest first.
    pub fn all(&self) -> Vec<Arc<Key>> {
        self.read(|ring| ring.keys.values().cloned().collect())
    }

    fn read<T>(&self, look: impl FnOnce(&Ring) -> T) -> T {
        look(
            &self
                .ring
                .read()
                .unwrap_or_else(|poisoned| poisoned.into_inner())
                .0,
        )
    }

    fn may_reread(&self) -> bool {
        let last = self
            .ring
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .1;
        last.elapsed() >= REREAD_AT_MOST_EVERY
    }
}

impl Ring {
    fn read(folder: &Path) -> Result<Self, KeyError> {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(io_at(folder)(error)),
        };
        let mut keys = BTreeMap::new();
        for entry in entries {
            let path = entry.map_err(io_at(folder))?.path();
            if path.extension().is_some_and(|extension| extension == "pem") {
                let pem = fs::read(&path).map_err(io_at(&path))?;
                let name = path
                    .file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned();
                keys.insert((made(&name), name), Arc::new(Key::from_pem(&pem, &path)?));
            }
        }
        Ok(Self { keys })
    }

    fn find(&self, kid: &str) -> Option<Arc<Key>> {
        self.keys.values().find(|key| key.kid == kid).cloned()
    }
}

impl Key {
    /// A keyed hash in hexadecimal: who has read it, but not the private half, can't try out what was hashed.
    pub fn keyed_hash(&self, parts: &[&[u8]]) -> String {
        let mut hash = self.hashing.clone();
        for part in parts {
            // With its length before it, so that no two lists of parts are hashed alike.
            hash.update(&(part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let bytes = hash.finalize().into_bytes();
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn from_pem(pem: &[u8], path: &Path) -> Result<Self, KeyError> {
        let not_a_key = |reason: String| KeyError::NotAKey {
            path: path.to_owned(),
            reason,
        };
        let text = std::str::from_utf8(pem).map_err(|error| not_a_key(error.to_string()))?;
        let signing = SigningKey::from_pkcs8_pem(text).map_err(|error| not_a_key(error.to_string()))?;
        let private = without_public_half(&signing)
            .to_pkcs8_der()
            .map_err(|error| not_a_key(error.to_string()))?;
        let hashing = derived(&signing.to_bytes()).map_err(&not_a_key)?;
        let not_ours = |error: jsonwebtoken::errors::Error| not_a_key(error.to_string());
        let encoding = EncodingKey::from_ed_der(private.as_bytes());
        let mut jwk = Jwk::from_encoding_key(&encoding, Algorithm::EdDSA).map_err(not_ours)?;
        let decoding = DecodingKey::from_jwk(&jwk).map_err(not_ours)?;
        let kid = jwk.thumbprint(ThumbprintHash::SHA256).map_err(not_ours)?;
        jwk.common.key_id = Some(kid.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self {
            kid,
            jwk,
            encoding,
            decoding,
            hashing,
            path: path.to_owned(),
        })
    }
}

/// Another key for another purpose, from which the seed can't be told.
fn derived(seed: &[u8]) -> Result<Hmac<Sha256>, String> {
    let keyed = |key: &[u8]| Hmac::<Sha256>::new_from_slice(key).map_err(|error| error.to_string());
    let mut purpose = keyed(seed)?;
    purpose.update(b"viva: keyed hashes of requests");
    keyed(&purpose.finalize().into_bytes())
}

/// PKCS#8 in its first version, as OpenSSL writes it: jsonwebtoken reads no other.
fn without_public_half(key: &SigningKey) -> KeypairBytes {
    KeypairBytes {
        secret_key: key.to_bytes(),
        public_key: None,
    }
}

/// When a key was made, in milliseconds since 1970, by its file's name; 0 where that does not say.
fn made(name: &str) -> u64 {
    name.split('-')
        .next()
        .and_then(|made| made.parse().ok())
        .unwrap_or(0)
}

fn io_at(path: &Path) -> impl FnOnce(io::Error) -> KeyError {
    let path = path.to_owned();
    move |source| KeyError::Io { path, source }
}

fn create_private_folder(folder: &Path) -> Result<(), KeyError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(io_at(folder))
}

/// Written beside and renamed, so that nobody ever reads half a key.
fn write_private_file(path: &Path, content: &[u8]) -> Result<(), KeyError> {
    let beside = path.with_extension("tmp");
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside).map_err(io_at(&beside))?;
    io::Write::write_all(&mut file, content).map_err(io_at(&beside))?;
    file.sync_all().map_err(io_at(&beside))?;
    fs::rename(&beside, path).map_err(io_at(path))
}
