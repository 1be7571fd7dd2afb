//! A hold: seats taken under one clock by one holder, and what may become of it.

use crate::clock::Timestamp;
use crate::id::{HoldId, Holder, SeatIndex};
use std::fmt;
use std::time::Duration;

/// A hold's life unless the caller says otherwise.
pub const TTL_DEFAULT_S: u32 = 600;
/// Shortest life a caller may ask for.
pub const TTL_MIN_S: u32 = 1;
/// Longest life a caller may ask for.
pub const TTL_MAX_S: u32 = 1_800;
/// Ended holds are forgotten this long after they ended, by event time: long enough to say how
/// they ended to whoever still has the page open.
pub const ENDED_KEPT: Duration = Duration::from_secs(24 * 3_600);

/// What a hold is.
///
/// ```text
///            hold                book               cancel
/// (nothing) ------> held -----------------> booked --------> cancelled
///                    |  release             (a show's cancellation ends every state but the ended)
///                    |--------> released
///                    |  deadline
///                    '--------> expired
///            block              unblock
/// (nothing) ------> blocked ------------> released
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub enum HoldState {
    /// Seats are kept until the deadline.
    Held,
    /// Seats are sold.
    Booked,
    /// Given back.
    Released,
    /// The deadline was reached.
    Expired,
    /// The booking, or the whole show, was cancelled.
    Cancelled,
    /// Off sale, placed by staff; has no clock.
    Blocked,
}

impl HoldState {
    /// Every state, in the order of their storage numbers.
    pub const ALL: [Self; 6] =
        [Self::Held, Self::Booked, Self::Released, Self::Expired, Self::Cancelled, Self::Blocked];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Booked => "booked",
            Self::Released => "released",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Blocked => "blocked",
        }
    }

    /// Whether its seats are taken.
    pub const fn claims(self) -> bool {
        match self {
            Self::Held | Self::Booked | Self::Blocked => true,
            Self::Released | Self::Expired | Self::Cancelled => false,
        }
    }

    /// What a holder's command makes of a hold that reads as this state, or why not.
    ///
    /// Total by construction: a new state or verb does not compile until every cell is filled.
    pub const fn after(self, verb: HoldVerb) -> Result<Self, Refused> {
        match (self, verb) {
            (Self::Held, HoldVerb::Extend) => Ok(Self::Held),
            (Self::Held, HoldVerb::Book) => Ok(Self::Booked),
            (Self::Held, HoldVerb::Release) => Ok(Self::Released),
            (Self::Booked, HoldVerb::Cancel) => Ok(Self::Cancelled),
            (Self::Expired, HoldVerb::Extend | HoldVerb::Book | HoldVerb::Release) => {
                Err(Refused::Expired)
            }
            (
                Self::Booked | Self::Released | Self::Cancelled,
                HoldVerb::Extend | HoldVerb::Book | HoldVerb::Release,
            ) => Err(Refused::Ended(self)),
            (Self::Cancelled, HoldVerb::Cancel) => Err(Refused::Ended(self)),
            (Self::Held | Self::Released | Self::Expired, HoldVerb::Cancel)
            | (
                Self::Blocked,
                HoldVerb::Extend | HoldVerb::Book | HoldVerb::Release | HoldVerb::Cancel,
            ) => Err(Refused::NotFound),
        }
    }

    pub(crate) const fn to_byte(self) -> u8 {
        match self {
            Self::Held => 0,
            Self::Booked => 1,
            Self::Released => 2,
            Self::Expired => 3,
            Self::Cancelled => 4,
            Self::Blocked => 5,
        }
    }

    pub(crate) fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.get(usize::from(byte)).copied()
    }
}

impl serde::Serialize for HoldState {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

deserialize_as_text!(HoldState);

parse_by_word!(HoldState, "state of a hold");

impl fmt::Display for HoldState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a holder can ask of a hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HoldVerb {
    /// More time.
    Extend,
    /// Buy.
    Book,
    /// Give back.
    Release,
    /// Undo a booking.
    Cancel,
}

impl HoldVerb {
    /// Every verb.
    pub const ALL: [Self; 4] = [Self::Extend, Self::Book, Self::Release, Self::Cancel];
}

/// Why a hold's state refuses a verb.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    /// To this verb such a hold does not exist.
    NotFound,
    /// The deadline was reached.
    Expired,
    /// It ended before, this way.
    Ended(HoldState),
}

/// A seat and what it costs in this hold, fixed when it was held. Minor units.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SeatPrice {
    /// The seat.
    pub seat: SeatIndex,
    /// Its price.
    pub price: u32,
}

/// The sum of prices, in minor units.
pub fn total(seats: &[SeatPrice]) -> i64 {
    seats.iter().map(|seat| i64::from(seat.price)).sum()
}

/// A hold as the house keeps it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HoldEntry {
    /// Its name.
    pub id: HoldId,
    /// Whose it is; for a block, who placed it.
    pub holder: Holder,
    /// What the log says it is; see [`HoldEntry::state_at`] for what a reader sees.
    pub state: HoldState,
    /// Its seats in plan order. Kept after the end, to say what it was.
    pub seats: Vec<SeatPrice>,
    /// Dead from this moment on. `None` for a block.
    pub expires_at: Option<Timestamp>,
    /// When the earliest of its seats was first acquired: the lifetime cap counts from here.
    pub acquired_at: Timestamp,
    /// When the last fact about it happened.
    pub touched_at: Timestamp,
    /// The caller's own reference, or the reason of a block.
    pub reference: Option<Box<str>>,
    /// Number of the first ticket, once booked.
    pub first_ticket: u32,
}

impl HoldEntry {
    /// What a reader sees at `now`: a hold whose deadline has come has expired, swept or not.
    pub fn state_at(&self, now: Timestamp) -> HoldState {
        match (self.state, self.expires_at) {
            (HoldState::Held, Some(deadline))
                if deadline <= now
                    && !(deadline == now && crate::sabotage::on("live_at_its_deadline")) =>
            {
                HoldState::Expired
            }
            (state, _) => state,
        }
    }

    /// Whether it is a block, or was one until its seats were put on sale again: neither ever had a
    /// clock. One that ended with its whole show cannot be told from a booking any more.
    pub fn is_block(&self) -> bool {
        match self.state {
            HoldState::Blocked => true,
            HoldState::Released => self.expires_at.is_none(),
            HoldState::Held | HoldState::Booked | HoldState::Expired | HoldState::Cancelled => {
                false
            }
        }
    }

    /// Whether it is a booking, or was one until it was cancelled: a hold that ended with its show
    /// still has its clock.
    pub fn is_booking(&self) -> bool {
        match self.state {
            HoldState::Booked => true,
            HoldState::Cancelled => self.expires_at.is_none(),
            HoldState::Held | HoldState::Released | HoldState::Expired | HoldState::Blocked => {
                false
            }
        }
    }

    /// Whether it is held and its deadline is still to come.
    pub fn live_at(&self, now: Timestamp) -> bool {
        self.state_at(now) == HoldState::Held
    }
}
