//! What a caller may ask, once read: every field is in range, every id is well-formed. Whether
//! the answer is yes is for [`decide`](crate::house::decide) to say.

use crate::catalogue::price::PricePatch;
use crate::catalogue::show::{LimitsPatch, Opening};
use crate::clock::Timestamp;
use crate::house::event::{Caller, Key, Source};
use crate::id::{HoldId, Holder, ShowId};

mod request;

pub(crate) use request::creation;
pub use request::{
    AnyRequest, AsHolder, Batch, Block, Book, Cancel, CancelShow, ChangeShow, Extend, HeldIn, Hold,
    NoHolder, Release, Request, StepOf, Unblock,
};

/// Seats one command may name: one HTTP body, and one lock hold of some microseconds.
pub const COMMAND_SEATS_MAX: usize = 64;
/// Commands one batch may have.
pub const BATCH_COMMANDS_MAX: usize = 256;
/// Seats that all commands of one batch may name together.
pub const BATCH_SEATS_MAX: usize = 1_024;

/// One command, ready to be decided.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Command {
    /// The show it is about; for a batch, its first step's.
    pub show: ShowId,
    /// What is asked.
    pub verb: Verb,
    /// Who asks.
    pub caller: Caller,
    /// Through which face.
    pub source: Source,
    /// Under which idempotency key.
    pub key: Option<Key>,
    /// A hash of the command as asked, before defaults and without ids minted for it.
    pub asked: u64,
}

/// What is asked.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
#[expect(missing_docs, reason = "fields are documented on the requests they are read from")]
pub enum Verb {
    /// Take seats under a clock.
    Hold { id: HoldId, holder: Holder, wish: Wish, ttl_s: u32, reference: Option<Box<str>> },
    /// More time.
    Extend { hold: Target, ttl_s: u32 },
    /// Buy what is held, all or part; `split` names the booking if the hold goes on.
    Book {
        hold: Target,
        seats: Option<Vec<Box<str>>>,
        keep_rest: bool,
        split: HoldId,
        reference: Option<Box<str>>,
    },
    /// Give back what is held, all or part.
    Release { hold: Target, seats: Option<Vec<Box<str>>> },
    /// Undo a booking.
    Cancel { booking: Target, reason: Option<Box<str>> },
    /// Take seats off sale.
    Block { id: HoldId, by: Holder, seats: Vec<Box<str>>, reason: Option<Box<str>>, force: bool },
    /// Put seats on sale again.
    Unblock { id: HoldId, by: Holder, seats: Vec<Box<str>> },
    /// Begin a show; its number was just given.
    OpenShow { opening: Box<Opening> },
    /// Change a show's terms.
    ChangeShow { patch: Box<ShowPatch> },
    /// End a show and everything in it.
    CancelShow { reason: Option<Box<str>>, if_seq: Option<u64> },
    /// Several commands, all or none, in this order.
    Batch { steps: Vec<Command> },
}

impl Verb {
    /// The seats asked for by label, in the order asked.
    pub fn seats(&self) -> &[Box<str>] {
        match self {
            Self::Hold { wish: Wish::Seats(seats), .. }
            | Self::Book { seats: Some(seats), .. }
            | Self::Release { seats: Some(seats), .. }
            | Self::Block { seats, .. }
            | Self::Unblock { seats, .. } => seats,
            _ => &[],
        }
    }

    /// The steps of a batch; empty for a single command.
    pub fn steps(&self) -> &[Command] {
        match self {
            Self::Batch { steps } => steps,
            _ => &[],
        }
    }
}

/// Which seats a hold wants.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Wish {
    /// These, all or none.
    Seats(Vec<Box<str>>),
    /// The best that are left.
    Best {
        /// How many.
        count: u32,
        /// Only from this tier.
        tier: Option<Box<str>>,
        /// How many of them must be accessible places.
        accessible: u32,
        /// Refuse rather than split the party.
        together: bool,
    },
}

/// A hold that a command is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    /// This one.
    Hold(HoldId),
    /// The hold, or booking, that an earlier step of the same batch makes.
    Step(u16),
}

impl Target {
    /// The id, once steps are resolved.
    pub fn id(self) -> Option<HoldId> {
        match self {
            Self::Hold(id) => Some(id),
            Self::Step(_) => None,
        }
    }
}

/// Changes to a show's terms; what is `None` stays.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ShowPatch {
    /// A new start; the end moves with it.
    pub starts_at: Option<Timestamp>,
    /// A new end, in place of one that moves.
    pub ends_at: Option<Timestamp>,
    /// Sales open at this moment.
    pub opens_at: Option<Timestamp>,
    /// Sales close at this moment; `Some(None)` follows the start again.
    pub closes_at: Option<Option<Timestamp>>,
    /// Closes or reopens sales by hand.
    pub closed: Option<bool>,
    /// New prices, for later holds; the currency must stay.
    pub prices: Option<PricePatch>,
    /// New caps, for later commands.
    pub limits: Option<LimitsPatch>,
    /// Refuse if the show has moved past this seq.
    pub if_seq: Option<u64>,
}
