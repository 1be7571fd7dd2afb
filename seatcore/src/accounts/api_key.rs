//! API keys: how machines ask.

use super::{ApiKeySecret, SecretHash};
use crate::clock::Timestamp;
use crate::house::rejection::{Problem, Rejection};
use crate::id::{Holder, KeyId};
use std::fmt;

/// What a key may be made for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Scope {
    /// As a guest.
    Read,
    /// As a customer, over its own holds.
    Sell,
    /// As a manager.
    Manage,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 3] = [Self::Read, Self::Sell, Self::Manage];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Sell => "sell",
            Self::Manage => "manage",
        }
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Read => 1,
            Self::Sell => 2,
            Self::Manage => 4,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

parse_by_word!(Scope, "scope");

/// What a key was made for: at least one scope.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scopes(u8);

impl Scopes {
    /// These scopes; none if there is none.
    pub fn new(scopes: impl IntoIterator<Item = Scope>) -> Option<Self> {
        Self::from_bits(scopes.into_iter().fold(0, |bits, scope| bits | scope.bit()))
    }

    /// Stored scopes.
    pub const fn from_bits(bits: u8) -> Option<Self> {
        if bits >= 1 && bits <= 7 { Some(Self(bits)) } else { None }
    }

    /// For storage: read 1, sell 2, manage 4.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.0 & scope.bit() != 0)
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<_> = self.iter().map(Scope::as_str).collect();
        f.write_str(&words.join(" "))
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scopes({self})")
    }
}

impl serde::Serialize for Scopes {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.iter())
    }
}

impl<'de> serde::Deserialize<'de> for Scopes {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let scopes = Self::new(<Vec<Scope> as serde::Deserialize>::deserialize(from)?);
        scopes.ok_or_else(|| serde::de::Error::custom("a key without a scope"))
    }
}

/// A key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct ApiKey {
    /// Its name in `sck_<id>_…`.
    pub id: KeyId,
    /// What people call it.
    pub name: String,
    /// What it was made for.
    pub scopes: Scopes,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it opens nothing.
    pub revoked_at: Option<Timestamp>,
}

impl ApiKey {
    /// What it holds seats as.
    pub fn holder(&self) -> Holder {
        Holder::of_key(self.id)
    }
}

/// A key to keep.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// Its name in `sck_<id>_…`.
    pub id: KeyId,
    /// What is stored of its secret.
    pub secret: SecretHash,
    /// What people call it: 1 to 64 printable characters.
    pub name: String,
    /// What it is made for.
    pub scopes: Scopes,
    /// When.
    pub at: Timestamp,
}

/// A key that was just made: the only moment at which its secret can be seen.
#[derive(Debug)]
pub struct MintedKey {
    /// What stays known.
    pub key: ApiKey,
    /// What the machine sends.
    pub secret: ApiKeySecret,
}

/// A new key as JSON: the one shape that has the secret in it.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub struct MintedKeyView {
    /// What stays known.
    #[serde(flatten)]
    pub about: ApiKey,
    /// What the machine sends: shown once.
    pub secret: String,
}

impl fmt::Debug for MintedKeyView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MintedKeyView({}, ..)", self.about.id)
    }
}

impl MintedKey {
    /// For the one answer that shows the secret.
    pub fn shown_once(&self) -> MintedKeyView {
        MintedKeyView { about: self.key.clone(), secret: self.secret.reveal() }
    }
}

/// Reads scopes as they come over the wire: at least one, none twice.
pub(crate) fn checked_scopes(scopes: &[Scope]) -> Result<Scopes, Rejection> {
    let set = Scopes::new(scopes.iter().copied());
    let set = set.ok_or_else(|| Rejection::invalid("scopes", Problem::Missing))?;
    if set.iter().count() < scopes.len() {
        return Err(Rejection::invalid("scopes", Problem::Duplicate));
    }
    Ok(set)
}
