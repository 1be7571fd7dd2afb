//! What happened: the facts in the log, and the records that carry them.
//!
//! A fact carries everything its answer needs, so a retry is answered from the log alone, and the
//! tables follow without looking at a house.

use crate::catalogue::show::{Opening, Terms};
use crate::clock::Timestamp;
use crate::house::hold::SeatPrice;
use crate::id::{HoldId, Holder, ShowId};
use std::fmt;

pub mod archive;
pub mod codec;
pub mod note;

/// Number of a record in its file, from 1, without a gap: the fence.
pub type N = u64;
/// Public number of an event within its show, from 1, without a gap. Notes have none.
pub type Seq = u64;
/// The first 16 bytes of a record's BLAKE3 hash.
pub type ChainHash = [u8; 16];

/// The show of records about the file itself.
pub const FILE_SHOW: u32 = 0;

/// Through which face a command came.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Source {
    /// The Rust crate.
    #[default]
    Rust,
    /// The HTTP server.
    Http,
    /// The Python module.
    Python,
    /// The command line.
    Cli,
    /// The engine itself: lapses it published.
    Engine,
}

impl Source {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Http => "http",
            Self::Python => "python",
            Self::Cli => "cli",
            Self::Engine => "engine",
        }
    }

    const ALL: [Self; 5] = [Self::Rust, Self::Http, Self::Python, Self::Cli, Self::Engine];

    pub(crate) const fn to_byte(self) -> u8 {
        match self {
            Self::Rust => 0,
            Self::Http => 1,
            Self::Python => 2,
            Self::Cli => 3,
            Self::Engine => 4,
        }
    }

    pub(crate) fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.get(usize::from(byte)).copied()
    }
}

/// A hash of (caller, key): finds the receipt. The show is the third part of its scope.
pub type KeyTag = [u8; 16];

/// An idempotency key as the log keeps it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Key {
    /// Finds the receipt.
    pub tag: KeyTag,
    /// A hash of the command as asked: another command under the same key is refused.
    pub fingerprint: u64,
}

/// Who asks.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum Caller {
    /// The embedding program, as whoever the hold belongs to.
    #[default]
    Unnamed,
    /// A holder, who may touch only what is theirs.
    Holder(Holder),
    /// Staff, who may touch what belongs to others.
    Staff(Holder),
}

impl Caller {
    /// The caller's text; none for the embedding program.
    pub fn name(&self) -> Option<&Holder> {
        match self {
            Self::Unnamed => None,
            Self::Holder(name) | Self::Staff(name) => Some(name),
        }
    }
}

/// A hold's seats in one fact.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// The hold.
    pub hold: HoldId,
    /// Whose it is.
    pub holder: Holder,
    /// The seats that the fact is about, in plan order.
    pub seats: Vec<SeatPrice>,
    /// The caller's reference.
    pub reference: Option<Box<str>>,
}

/// A deadline, and the first acquisition from which the lifetime cap counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Term {
    /// First acquisition of the earliest seat.
    pub acquired_at: Timestamp,
    /// Dead from this moment on.
    pub expires_at: Timestamp,
}

/// Seats of a hold that a fact leaves behind.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Rest {
    /// None were left.
    None,
    /// They were given back by the same fact.
    Released(Vec<SeatPrice>),
    /// The hold keeps them, under its id and clock.
    Kept(Vec<SeatPrice>, Term),
}

/// What happened.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
#[expect(missing_docs, reason = "fields are the parts defined above")]
pub enum Fact {
    /// A show exists and may sell from its window on.
    ShowOpened(Box<Opening>),
    /// Its terms changed to these.
    ShowChanged(Box<Terms>),
    /// It will not take place; every hold and booking of it ended with it.
    ShowCancelled { reason: Option<Box<str>> },
    /// Seats were taken under a clock. Seats that the same holder held before moved here.
    Held { part: Part, term: Term },
    /// The clock was set again.
    Extended { part: Part, term: Term },
    /// Seats were sold: `part.hold` is the booking, which grew from `from`.
    Booked { part: Part, from: HoldId, first_ticket: u32, rest: Rest },
    /// Seats were given back.
    Released { part: Part, rest: Rest },
    /// The deadline was reached; published by the next command that met it, or by the sweep.
    Expired { part: Part },
    /// A booking was undone; `part.reference` is the booking's.
    Cancelled { part: Part, booked_at: Timestamp, first_ticket: u32, reason: Option<Box<str>> },
    /// Staff took seats off sale; `part.holder` is who, `part.reference` why.
    Blocked { part: Part },
    /// Seats are on sale again.
    Unblocked { part: Part },
    /// A refusal remembered under a key: in the log, but no fact.
    Noted(note::Note),
    /// Staff accepted the wall clock after a jump.
    ClockAccepted { wall: Timestamp },
    /// The records before this one moved to a file of their own; this is what stays.
    Archived(Box<archive::Archive>),
}

/// The kinds of record, numbered for ever.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
#[expect(missing_docs, reason = "named as their facts")]
pub enum Kind {
    ShowOpened = 1,
    ShowChanged = 2,
    ShowCancelled = 3,
    Held = 4,
    Extended = 5,
    Booked = 6,
    Released = 7,
    Expired = 8,
    Cancelled = 9,
    Blocked = 10,
    Unblocked = 11,
    Noted = 12,
    ClockAccepted = 13,
    Archived = 14,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 14] = [
        Self::ShowOpened,
        Self::ShowChanged,
        Self::ShowCancelled,
        Self::Held,
        Self::Extended,
        Self::Booked,
        Self::Released,
        Self::Expired,
        Self::Cancelled,
        Self::Blocked,
        Self::Unblocked,
        Self::Noted,
        Self::ClockAccepted,
        Self::Archived,
    ];

    /// The kind with this number.
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as i64 == number)
    }

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ShowOpened => "show_opened",
            Self::ShowChanged => "show_changed",
            Self::ShowCancelled => "show_cancelled",
            Self::Held => "held",
            Self::Extended => "extended",
            Self::Booked => "booked",
            Self::Released => "released",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Blocked => "blocked",
            Self::Unblocked => "unblocked",
            Self::Noted => "noted",
            Self::ClockAccepted => "clock_accepted",
            Self::Archived => "archived",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Fact {
    /// Its kind.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::ShowOpened(_) => Kind::ShowOpened,
            Self::ShowChanged(_) => Kind::ShowChanged,
            Self::ShowCancelled { .. } => Kind::ShowCancelled,
            Self::Held { .. } => Kind::Held,
            Self::Extended { .. } => Kind::Extended,
            Self::Booked { .. } => Kind::Booked,
            Self::Released { .. } => Kind::Released,
            Self::Expired { .. } => Kind::Expired,
            Self::Cancelled { .. } => Kind::Cancelled,
            Self::Blocked { .. } => Kind::Blocked,
            Self::Unblocked { .. } => Kind::Unblocked,
            Self::Noted(_) => Kind::Noted,
            Self::ClockAccepted { .. } => Kind::ClockAccepted,
            Self::Archived(_) => Kind::Archived,
        }
    }

    /// Whether it is a fact that the feed shows, and so has a seq.
    pub const fn public(&self) -> bool {
        !matches!(self, Self::Noted(_))
    }

    /// The hold and seats it is about, if it is about any.
    pub const fn part(&self) -> Option<&Part> {
        match self {
            Self::Held { part, .. }
            | Self::Extended { part, .. }
            | Self::Booked { part, .. }
            | Self::Released { part, .. }
            | Self::Expired { part }
            | Self::Cancelled { part, .. }
            | Self::Blocked { part }
            | Self::Unblocked { part } => Some(part),
            Self::ShowOpened(_)
            | Self::ShowChanged(_)
            | Self::ShowCancelled { .. }
            | Self::Noted(_)
            | Self::ClockAccepted { .. }
            | Self::Archived(_) => None,
        }
    }
}

/// A fact with who asked for it, through which face and under which key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// What happened.
    pub fact: Fact,
    /// Who asked.
    pub caller: Caller,
    /// Through which face.
    pub source: Source,
    /// The key, on the first record of its command or batch.
    pub key: Option<Key>,
    /// How many records the command wrote, side by side from this one; 1 without a key.
    pub span: u32,
}

/// An entry in its place in the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    /// Its number in the file.
    pub n: N,
    /// Its show's number; [`FILE_SHOW`] for records about the file.
    pub show: u32,
    /// Its number in the show; none for a note.
    pub seq: Option<Seq>,
    /// Engine time.
    pub at: Timestamp,
    /// The show's record before it; 0 if it is the first.
    pub prev_n: N,
    /// Covers the previous record's hash, show, seq, at, kind and body.
    pub hash: ChainHash,
    /// What it says.
    pub entry: Entry,
    /// The same, encoded.
    pub body: Box<[u8]>,
}

impl Record {
    /// The show it belongs to; none for records about the file.
    pub fn show_id(&self) -> Option<ShowId> {
        ShowId::new(self.show)
    }

    /// Whether its show was archived with it: what was before may be in another file.
    pub fn ends_chain(&self) -> bool {
        matches!(self.entry.fact, Fact::Archived(_))
    }
}

/// What is hashed of a record besides its body.
const HEAD_BYTES: usize = 37;
/// Nearly every record is shorter: its bytes laid side by side cost less than a hasher that is fed.
const HASHED_AT_ONCE: usize = 256;

/// The hash of a record: never covers n or the links, so that a show can be copied or archived.
pub fn chain_hash(
    before: &ChainHash,
    show: u32,
    seq: Option<Seq>,
    at: Timestamp,
    kind: Kind,
    body: &[u8],
) -> ChainHash {
    let mut bytes = [0_u8; HASHED_AT_ONCE];
    let (head, rest) = bytes.split_at_mut(HEAD_BYTES);
    head[..16].copy_from_slice(before);
    head[16..20].copy_from_slice(&show.to_le_bytes());
    head[20..28].copy_from_slice(&seq.unwrap_or(0).to_le_bytes());
    head[28..36].copy_from_slice(&at.millis().to_le_bytes());
    head[36] = kind as u8;
    let whole = match rest.get_mut(..body.len()) {
        Some(place) => {
            place.copy_from_slice(body);
            blake3::hash(&bytes[..HEAD_BYTES + body.len()])
        }
        None => blake3::Hasher::new().update(head).update(body).finalize(),
    };
    let mut hash = [0; 16];
    hash.copy_from_slice(&whole.as_bytes()[..16]);
    hash
}
