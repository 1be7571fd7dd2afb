//! Ids that are drawn, not counted: 40 random bits, printed as 8 lower-case Crockford characters.
//! They name a thing and are no secret.

use super::{ParseIdError, crockford};
use std::fmt;
use std::str::FromStr;

/// Bits of an id.
const MASK: u64 = 0xFF_FFFF_FFFF;

macro_rules! random_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(u64);

        impl $name {
            /// Keeps the low 40 bits.
            pub const fn from_bits(bits: u64) -> Self {
                Self(bits & MASK)
            }

            /// The bits, for storage.
            pub const fn bits(self) -> u64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let text = crockford::encode::<8>(u128::from(self.0)).in_lower_case();
                f.write_str(text.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                let bits = crockford::decode(text, 8).ok_or(ParseIdError { kind: $kind })?;
                Ok(Self::from_bits(bits as u64))
            }
        }
    };
}

random_id!(
    /// Somebody's stay between signing in and signing out.
    SessionId,
    "session id"
);
random_id!(
    /// An API key: the second part of `sck_<id>_…`, and of its holder text `key:<id>`.
    KeyId,
    "API key id"
);
