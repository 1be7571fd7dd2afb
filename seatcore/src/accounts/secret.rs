//! Secrets of 256 random bits: shown once, stored as SHA-256, never printed by accident.

use crate::error::{Error, StorageReason};
use crate::id::{KeyId, ParseIdError, crockford};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// What is stored of a secret. Finding a secret for it is finding a preimage of SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SecretHash(pub [u8; 32]);

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(..)")
    }
}

fn hash(secret: &[u8; 32]) -> SecretHash {
    SecretHash(Sha256::digest(secret).into())
}

/// Bytes from the operating system's generator.
pub(crate) fn random<const LEN: usize>() -> Result<[u8; LEN], Error> {
    let mut bytes = [0; LEN];
    let filled = getrandom::fill(&mut bytes);
    filled.map_err(|error| Error::storage(StorageReason::Library, error))?;
    Ok(bytes)
}

/// Bits for an id that is drawn.
pub(crate) fn random_bits() -> Result<u64, Error> {
    random().map(u64::from_le_bytes)
}

/// What a browser keeps while somebody is signed in: 52 lower-case Crockford characters.
#[derive(Clone)]
pub struct SessionToken([u8; 32]);

impl SessionToken {
    /// A token that nobody has.
    pub(crate) fn draw() -> Result<Self, Error> {
        random().map(Self)
    }

    /// What is stored of it.
    pub fn hash(&self) -> SecretHash {
        hash(&self.0)
    }

    /// The text, for the cookie and nowhere else.
    pub fn reveal(&self) -> String {
        crockford::encode_secret(&self.0)
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken(..)")
    }
}

impl FromStr for SessionToken {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let secret = crockford::decode_secret(text);
        secret.map(Self).ok_or(ParseIdError { kind: "session token" })
    }
}

/// What a machine sends: `sck_<8-character id>_<52 characters>`.
#[derive(Clone)]
pub struct ApiKeySecret {
    id: KeyId,
    secret: [u8; 32],
}

impl ApiKeySecret {
    /// A key that nobody has.
    pub(crate) fn draw() -> Result<Self, Error> {
        Ok(Self { id: KeyId::from_bits(random_bits()?), secret: random()? })
    }

    /// Which key it says it is.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// What is stored of it.
    pub fn hash(&self) -> SecretHash {
        hash(&self.secret)
    }

    /// The text, shown once.
    pub fn reveal(&self) -> String {
        format!("sck_{}_{}", self.id, crockford::encode_secret(&self.secret))
    }
}

impl fmt::Debug for ApiKeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKeySecret({}, ..)", self.id)
    }
}

impl FromStr for ApiKeySecret {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let read = || {
            let (id, secret) = text.strip_prefix("sck_")?.split_once('_')?;
            Some(Self { id: id.parse().ok()?, secret: crockford::decode_secret(secret)? })
        };
        read().ok_or(ParseIdError { kind: "API key" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_and_prints_nothing_of_its_secret() {
        let key = ApiKeySecret::draw().expect("randomness");
        let text = key.reveal();
        assert_eq!((text.len(), &text[..4], &text[12..13]), (65, "sck_", "_"));
        assert_eq!(text, text.to_lowercase());
        let again: ApiKeySecret = text.parse().expect("what was printed");
        assert_eq!((again.id(), again.hash()), (key.id(), key.hash()));
        assert!(!format!("{key:?}").contains(&text[13..20]));
        let cut = &text[..64];
        for wrong in ["", "sck_", cut, &text[4..], &text.replace("sck_", "sk_")] {
            assert!(wrong.parse::<ApiKeySecret>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn what_is_stored_is_sha_256_of_the_secret_s_bytes() {
        let token = SessionToken([0; 32]);
        let expected = "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925";
        let hex: String = token.hash().0.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, expected);
        assert_eq!(token.reveal(), "0".repeat(52));
        assert_eq!(format!("{token:?} {:?}", token.hash()), "SessionToken(..) SecretHash(..)");
    }
}
