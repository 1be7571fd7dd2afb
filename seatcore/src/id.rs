//! Typed names for everything a caller can point at, and their printed forms.
//!
//! Numbers are given once and never again. A hold's id carries its show's number, so any process
//! finds the show without an index. Printed ids use Crockford's base 32
//! (<https://www.crockford.com/base32.html>): no `I`, `L`, `O` or `U`, read aloud without doubt.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

pub(crate) mod crockford;
mod random_id;
mod ticket_code;

pub use random_id::{KeyId, SessionId};
pub use ticket_code::{TICKETS_MAX, TicketCode, TicketKey};

/// Largest number a show may have: 24 bits, because ticket codes carry it.
pub const SHOW_ID_MAX: u32 = 16_777_215;
/// Longest holder text, in characters: fits a name, a mail address' hash, or `user:4294967295`.
pub const HOLDER_CHARS_MAX: usize = 64;
/// Longest holder text, in bytes of UTF-8.
pub const HOLDER_BYTES_MAX: usize = 256;
/// Longest idempotency key, in bytes: what the HTTP header's users already send.
pub const KEY_BYTES_MAX: usize = 255;
/// Longest caller-supplied reference or reason, in bytes.
pub const REFERENCE_BYTES_MAX: usize = 255;

/// The text could not be read as this kind of id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {kind}")]
pub struct ParseIdError {
    /// What was expected, in words.
    pub kind: &'static str,
}

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $max:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
        pub struct $name(u32);

        impl $name {
            /// The id with this number; `None` for 0 or a number beyond the largest.
            pub const fn new(number: u32) -> Option<Self> {
                if number == 0 || number > $max { None } else { Some(Self(number)) }
            }

            /// The number itself.
            pub const fn get(self) -> u32 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_u32(self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let number = Self::new(<u32 as serde::Deserialize>::deserialize(from)?);
                number.ok_or_else(|| serde::de::Error::custom(ParseIdError { kind: $kind }))
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                let number = text.parse().ok().and_then(Self::new);
                number.ok_or(ParseIdError { kind: $kind })
            }
        }
    };
}

/// In JSON these are their printed form.
macro_rules! serialize_as_text {
    ($($name:ty),*) => {
        $(impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        })*
    };
}

serialize_as_text!(HoldId, BookingId, Holder, Epoch, LayoutHash, TicketCode);
deserialize_as_text!(HoldId, BookingId, Holder, Epoch, LayoutHash, TicketCode, KeyId, SessionId);

number_id!(
    /// A movie.
    MovieId, "movie id", u32::MAX
);
number_id!(
    /// A screen: one hall.
    ScreenId, "screen id", u32::MAX
);
number_id!(
    /// A person who signs in.
    UserId, "user id", u32::MAX
);
number_id!(
    /// One dated showing of a movie on a screen; at most [`SHOW_ID_MAX`].
    ShowId, "show id", SHOW_ID_MAX
);

/// A place in a show: its position in the layout's order, from 0.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct SeatIndex(pub u32);

/// Names an immutable layout by the BLAKE3 hash of its canonical bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LayoutHash(pub [u8; 32]);

impl fmt::Display for LayoutHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&blake3::Hash::from_bytes(self.0).to_hex())
    }
}

impl fmt::Debug for LayoutHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for LayoutHash {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        blake3::Hash::from_hex(text)
            .map(|hash| Self(*hash.as_bytes()))
            .map_err(|_| ParseIdError { kind: "layout hash" })
    }
}

/// Names a hold: a UUIDv7 whose last 32 bits are the show's number. Prints as `hld_` and 26
/// Crockford characters.
///
/// Kept as two halves, the upper first: a 128-bit integer would make every record 16-aligned.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HoldId([u64; 2]);

/// Names a booking: the same 128 bits as the hold it grew from. Prints as `bkg_` and 26 characters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BookingId(HoldId);

impl HoldId {
    /// Composes an id from the millisecond of minting, 42 random bits and the show.
    pub fn mint(millis: i64, random: u64, show: ShowId) -> Self {
        let time = (millis as u128 & 0xFFFF_FFFF_FFFF) << 80;
        let version = 0x7_u128 << 76;
        let variant = 0b10_u128 << 62;
        let random = Self::random_part(random);
        Self::from_bits(time | version | variant | random | u128::from(show.get()))
    }

    /// Another id of the same millisecond and show, for where this one is taken.
    pub fn another(self, attempt: u64) -> Self {
        let mut hash = blake3::Hasher::new();
        hash.update(&self.bits().to_be_bytes()).update(&attempt.to_le_bytes());
        let random = random_bits(&hash.finalize());
        let fixed = !(0xFFF_u128 << 64 | 0x3FFF_FFFF_u128 << 32);
        Self::from_bits(self.bits() & fixed | Self::random_part(random))
    }

    /// Where 42 random bits stand.
    fn random_part(random: u64) -> u128 {
        let (high, low) = (random & 0xFFF, (random >> 12) & 0x3FFF_FFFF);
        u128::from(high) << 64 | u128::from(low) << 32
    }

    /// The show that this hold belongs to; `None` if the bits name none.
    pub fn show(self) -> Option<ShowId> {
        ShowId::new(self.0[1] as u32)
    }

    /// The bits, for storage.
    pub const fn bits(self) -> u128 {
        (self.0[0] as u128) << 64 | self.0[1] as u128
    }

    /// The id with these bits, whatever they are: lookups refuse unknown ones.
    pub const fn from_bits(bits: u128) -> Self {
        Self([(bits >> 64) as u64, bits as u64])
    }
}

impl BookingId {
    /// The hold that this booking was.
    pub const fn hold(self) -> HoldId {
        self.0
    }
}

impl From<HoldId> for BookingId {
    fn from(hold: HoldId) -> Self {
        Self(hold)
    }
}

macro_rules! prefixed_id {
    ($name:ident, $prefix:literal, $kind:literal, $bits:expr, $from:expr) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let bits: u128 = $bits(self);
                f.write_str($prefix)?;
                f.write_str(crockford::encode::<26>(bits).as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                text.strip_prefix($prefix)
                    .and_then(|body| crockford::decode(body, 26))
                    .map($from)
                    .ok_or(ParseIdError { kind: $kind })
            }
        }
    };
}

prefixed_id!(HoldId, "hld_", "hold id", |id: &HoldId| id.bits(), HoldId::from_bits);
prefixed_id!(BookingId, "bkg_", "booking id", |id: &BookingId| id.0.bits(), |bits| BookingId(
    HoldId::from_bits(bits)
));

/// Who holds seats: opaque text of 1 to 64 printable characters, compared byte for byte.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Holder(Arc<str>);

impl Holder {
    /// Reads a holder: no control characters, no space at either end, at most 256 bytes.
    pub fn parse(text: &str) -> Result<Self, ParseIdError> {
        if Self::is_plain(text) || Self::is_printable(text) {
            Ok(Self(text.into()))
        } else {
            Err(ParseIdError { kind: "holder" })
        }
    }

    /// Nearly every holder, told by its bytes alone: each record read from the log has one.
    fn is_plain(text: &str) -> bool {
        (1..=HOLDER_CHARS_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
    }

    fn is_printable(text: &str) -> bool {
        let chars = text.chars().count();
        let sized = (1..=HOLDER_CHARS_MAX).contains(&chars) && text.len() <= HOLDER_BYTES_MAX;
        sized && !text.chars().any(char::is_control) && text.trim() == text
    }

    /// A person who signs in holds as `user:<id>`.
    pub fn of_user(user: UserId) -> Self {
        Self(format!("user:{user}").into())
    }

    /// A machine holds as `key:<id>`.
    pub fn of_key(key: KeyId) -> Self {
        Self(format!("key:{key}").into())
    }

    /// Whether it is a machine, which may ask for many people.
    pub fn is_key(&self) -> bool {
        self.0.starts_with("key:")
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Holder {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        Self::parse(text)
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Random id of a file's history, renewed by a restore; 40 bits, printed as 8 characters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Epoch(u64);

impl Epoch {
    /// Keeps the low 40 bits.
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits & 0xFF_FFFF_FFFF)
    }

    /// The bits, for storage.
    pub const fn bits(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(crockford::encode::<8>(u128::from(self.0)).as_str())
    }
}

impl FromStr for Epoch {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let bits = crockford::decode(text, 8).ok_or(ParseIdError { kind: "epoch" })?;
        Ok(Self::from_bits(bits as u64))
    }
}

/// Mints hold ids in one process: a keyed hash of a counter, so ids of two processes do not meet
/// and tests can replay theirs.
#[derive(Debug)]
pub struct Minter {
    key: [u8; 32],
    next: std::sync::atomic::AtomicU64,
}

impl Minter {
    /// A minter whose random bits follow from `seed`.
    pub fn seeded(seed: u64) -> Self {
        Self::keyed(*blake3::hash(&seed.to_le_bytes()).as_bytes())
    }

    /// A minter with a key of its own.
    pub const fn keyed(key: [u8; 32]) -> Self {
        Self { key, next: std::sync::atomic::AtomicU64::new(0) }
    }

    /// A new hold id for `show`, minted at `millis`.
    pub fn hold(&self, millis: i64, show: ShowId) -> HoldId {
        let count = self.next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let hash = blake3::keyed_hash(&self.key, &count.to_le_bytes());
        HoldId::mint(millis, random_bits(&hash), show)
    }
}

fn random_bits(hash: &blake3::Hash) -> u64 {
    hash.as_bytes().iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hold_id_finds_its_show_and_prints_both_ways() {
        let show = ShowId::new(77).expect("a show");
        let hold = Minter::seeded(1).hold(1_800_000_000_000, show);
        assert_eq!(hold.show(), Some(show));
        assert_eq!(hold.to_string().parse(), Ok(hold));
        let booking = BookingId::from(hold);
        assert_eq!(booking.to_string().parse(), Ok(booking));
        assert_eq!(booking.to_string()[4..], hold.to_string()[4..]);
        assert!("hld_ZZZZZZZZZZZZZZZZZZZZZZZZZZ".parse::<HoldId>().is_err());
    }

    #[test]
    fn numbers_outside_their_range_are_refused() {
        assert_eq!(ShowId::new(0), None);
        assert_eq!(ShowId::new(SHOW_ID_MAX + 1), None);
        assert!("16777216".parse::<ShowId>().is_err());
        assert!("-1".parse::<MovieId>().is_err());
    }

    #[test]
    fn a_holder_is_printable_and_trimmed() {
        assert!(Holder::parse("Zoë 🎟").is_ok());
        for bad in ["", " ada", "ada ", "a\nb", &"x".repeat(65)] {
            assert!(Holder::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_epoch_takes_eight_characters() {
        let epoch = Epoch::from_bits(u64::MAX);
        assert_eq!(epoch.to_string().len(), 8);
        assert_eq!(epoch.to_string().parse(), Ok(epoch));
    }
}
