//! THE state machine of a seat, as an asker meets it.
//!
//! A seat has no state of its own: it points at a hold, or at none. What it *is* follows from
//! that hold, the moment and the asker.

use crate::clock::Timestamp;
use crate::house::hold::{HoldEntry, HoldState};
use crate::house::rejection::SeatFault;
use crate::id::Holder;
use std::fmt;

/// What everybody sees of a seat.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub enum SeatState {
    /// Free to take.
    Available,
    /// Kept for somebody until a deadline.
    Held,
    /// Sold.
    Booked,
    /// Off sale.
    Blocked,
}

impl SeatState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Available, Self::Held, Self::Booked, Self::Blocked];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Held => "held",
            Self::Booked => "booked",
            Self::Blocked => "blocked",
        }
    }

    /// The character in a snapshot.
    pub const fn symbol(self) -> u8 {
        match self {
            Self::Available => b'.',
            Self::Held => b'h',
            Self::Booked => b'b',
            Self::Blocked => b'x',
        }
    }

    /// What a seat under a hold that reads as `state` is.
    pub const fn under(state: HoldState) -> Self {
        match state {
            HoldState::Held => Self::Held,
            HoldState::Booked => Self::Booked,
            HoldState::Blocked => Self::Blocked,
            HoldState::Released | HoldState::Expired | HoldState::Cancelled => Self::Available,
        }
    }
}

impl serde::Serialize for SeatState {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

deserialize_as_text!(SeatState);

parse_by_word!(SeatState, "state of a seat");

impl fmt::Display for SeatState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a seat stands to one asker at one moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// Nobody has it.
    Available,
    /// A hold on it lapsed but was not published yet: free, and the lapse must be written first.
    Lapsed,
    /// The asker holds it.
    Mine,
    /// Somebody else holds it.
    Others,
    /// Sold, to whomever.
    Booked,
    /// Off sale.
    Blocked,
}

impl Standing {
    /// Every standing.
    pub const ALL: [Self; 6] =
        [Self::Available, Self::Lapsed, Self::Mine, Self::Others, Self::Booked, Self::Blocked];

    /// How the seat under `hold` stands to `asker` at `now`.
    pub fn of(hold: Option<&HoldEntry>, asker: &Holder, now: Timestamp) -> Self {
        let Some(hold) = hold else { return Self::Available };
        match hold.state_at(now) {
            HoldState::Held if hold.holder == *asker => Self::Mine,
            HoldState::Held => Self::Others,
            HoldState::Booked => Self::Booked,
            HoldState::Blocked => Self::Blocked,
            HoldState::Expired => Self::Lapsed,
            HoldState::Released | HoldState::Cancelled => Self::Available,
        }
    }

    /// Whether a hold may take the seat.
    pub const fn hold(self) -> Result<(), SeatFault> {
        match self {
            Self::Available | Self::Lapsed | Self::Mine => Ok(()),
            Self::Others => Err(SeatFault::Held),
            Self::Booked => Err(SeatFault::Booked),
            Self::Blocked => Err(SeatFault::Blocked),
        }
    }

    /// Whether staff may take the seat off sale; `force` takes it out of a live hold.
    pub const fn block(self, force: bool) -> Result<(), SeatFault> {
        match self {
            Self::Available | Self::Lapsed => Ok(()),
            Self::Mine | Self::Others if force => Ok(()),
            Self::Mine | Self::Others => Err(SeatFault::Held),
            Self::Booked => Err(SeatFault::Booked),
            Self::Blocked => Err(SeatFault::Blocked),
        }
    }
}
