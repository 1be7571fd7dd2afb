//! Rejections: what a rule answers when it says no. The order of the variants is the order in
//! which rules are checked; the first that applies is the answer.

use crate::error::Code;
use crate::house::hold::HoldState;
use crate::id::ShowId;
use crate::word::ParseWordError;

mod range;

pub(crate) use range::moment;
pub use range::{Range, Unit};

/// A rule said no. An answer, not a fault: under an idempotency key most are remembered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// Nobody is signed in, or name and password do not match.
    #[error("name and password do not match")]
    NotSignedIn,
    /// The role does not allow it.
    #[error("not allowed")]
    NotAllowed,
    /// Readable but out of range; every wrong field is named.
    #[error("invalid: {}", FieldError::list(errors))]
    Invalid {
        /// Each wrong field and why.
        errors: Vec<FieldError>,
    },
    /// There is no such thing.
    #[error("no such {what}")]
    NotFound {
        /// What was looked for.
        what: What,
    },
    /// The key was used before, for another command.
    #[error("this idempotency key was used for another command")]
    KeyReused,
    /// The hold belongs to somebody else.
    #[error("this hold belongs to somebody else")]
    NotHolder,
    /// Sales have ended or not begun.
    #[error("this show is not on sale")]
    ShowClosed,
    /// The show is cancelled.
    #[error("this show is cancelled")]
    ShowCancelled,
    /// Seats that cannot be had: every one at fault, in the order asked.
    #[error("{}", Conflict::list(conflicts))]
    Seats {
        /// The seats at fault and why. The whole refusal's code is the first of them in table order.
        conflicts: Vec<Conflict>,
    },
    /// Best available found no placement of that size together.
    #[error("{}", together(*asked, *largest))]
    NoBlockTogether {
        /// How many were asked for.
        asked: u32,
        /// The longest run that is left.
        largest: u32,
    },
    /// Nothing is left that this asker may take.
    #[error("sold out")]
    SoldOut,
    /// The hold's deadline was reached.
    #[error("this hold has expired")]
    HoldExpired,
    /// The hold has ended before.
    #[error("this hold has ended: {state}")]
    HoldEnded {
        /// How it ended.
        state: HoldState,
    },
    /// A cap that depends on what is already held or sold.
    #[error("over the limit of {limit}")]
    OverLimit {
        /// Which cap.
        limit: Limit,
    },
    /// The screen is busy at that time.
    #[error("the screen is busy with show {show} at that time")]
    Overlap {
        /// The other show.
        show: ShowId,
    },
    /// The name is taken.
    #[error("this name is taken")]
    NameTaken,
    /// Shows or sales still use it.
    #[error("still in use by {by}")]
    InUse {
        /// What uses it.
        by: What,
    },
    /// Nobody else may run the users.
    #[error("this is the last manager who may sign in: make another one first")]
    LastManager,
    /// The caller's condition no longer holds.
    #[error("changed since it was read")]
    Stale,
    /// A step of a batch failed; nothing of the batch happened.
    #[error("step {culprit}: {why}")]
    Step {
        /// Index of the step that failed.
        culprit: u16,
        /// Why it failed.
        why: Box<Rejection>,
    },
    /// Another step of the batch failed, and this one was undone with it.
    #[error("rolled back, because step {culprit} failed")]
    RolledBack {
        /// Index of the step that failed.
        culprit: u16,
    },
}

/// A hall without accessible places has none left of them, and is not sold out.
fn together(asked: u32, largest: u32) -> String {
    match largest {
        0 => format!("no {asked} seats are left as they were asked for, together or apart"),
        _ => format!("no {asked} seats together; the longest run left is {largest}"),
    }
}

impl Rejection {
    /// The frozen word.
    pub fn code(&self) -> Code {
        match self {
            Self::NotSignedIn => Code::NotSignedIn,
            Self::NotAllowed => Code::NotAllowed,
            Self::Invalid { .. } => Code::Invalid,
            Self::NotFound { .. } => Code::NotFound,
            Self::KeyReused => Code::KeyReused,
            Self::NotHolder => Code::NotHolder,
            Self::ShowClosed => Code::ShowClosed,
            Self::ShowCancelled => Code::ShowCancelled,
            Self::Seats { conflicts } => Conflict::first(conflicts),
            Self::NoBlockTogether { .. } => Code::NoBlockTogether,
            Self::SoldOut => Code::SoldOut,
            Self::HoldExpired => Code::HoldExpired,
            Self::HoldEnded { .. } => Code::HoldEnded,
            Self::OverLimit { .. } => Code::OverLimit,
            Self::Overlap { .. } => Code::Overlap,
            Self::NameTaken => Code::NameTaken,
            Self::InUse { .. } => Code::InUse,
            Self::LastManager => Code::LastManager,
            Self::Stale => Code::Stale,
            Self::Step { why, .. } => why.code(),
            Self::RolledBack { .. } => Code::RolledBack,
        }
    }

    /// Whether a keyed refusal of this kind is kept in the log and answered again.
    ///
    /// Kept are refusals that rules give about seats and holds. What only says that the question
    /// was wrong, or who asked it, is decided afresh each time.
    pub fn remembered(&self) -> bool {
        match self {
            Self::NotHolder
            | Self::ShowClosed
            | Self::ShowCancelled
            | Self::Seats { .. }
            | Self::NoBlockTogether { .. }
            | Self::SoldOut
            | Self::HoldExpired
            | Self::HoldEnded { .. }
            | Self::OverLimit { .. } => true,
            Self::Step { why, .. } => why.remembered(),
            Self::NotSignedIn
            | Self::NotAllowed
            | Self::Invalid { .. }
            | Self::NotFound { .. }
            | Self::KeyReused
            | Self::Overlap { .. }
            | Self::NameTaken
            | Self::InUse { .. }
            | Self::LastManager
            | Self::Stale
            | Self::RolledBack { .. } => false,
        }
    }

    /// One wrong field.
    pub fn invalid(field: impl Into<String>, problem: Problem) -> Self {
        Self::Invalid { errors: vec![FieldError { field: field.into(), problem }] }
    }
}

/// A field of a request and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Path of the field, such as `seats` or `commands/2/ttl_s`.
    pub field: String,
    /// What is wrong.
    pub problem: Problem,
}

impl FieldError {
    /// Checks numbers against their ranges: field, value if given, what it may be.
    pub(crate) fn ranges<F: Into<String>>(
        fields: impl IntoIterator<Item = (F, Option<i64>, Range)>,
    ) -> Result<(), Rejection> {
        let outside = fields
            .into_iter()
            .filter(|(_, value, range)| value.is_some_and(|value| !range.has(value)));
        let errors: Vec<_> = outside
            .map(|(field, _, range)| Self { field: field.into(), problem: range.into() })
            .collect();
        if errors.is_empty() { Ok(()) } else { Err(Rejection::Invalid { errors }) }
    }

    /// Checks a text that stands in a list beside others.
    pub(crate) fn line(field: &str, text: &str) -> Result<(), Rejection> {
        let steers = text.trim().chars().any(char::is_control);
        if steers { Err(Rejection::invalid(field, Problem::Line)) } else { Ok(()) }
    }

    fn list(errors: &[Self]) -> String {
        let said: Vec<_> = errors.iter().map(|e| format!("{} {}", e.field, e.problem)).collect();
        said.join(", ")
    }
}

/// What can be wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Cannot be read as what it should be.
    #[error("is not readable")]
    Unreadable,
    /// No name that a [`Holder`](crate::Holder) or a user may have.
    #[error("must be 1 to 64 printable characters, no space at either end")]
    Name,
    /// More than a line, or with characters that steer what shows it.
    #[error("must be one line, without control characters")]
    Line,
    /// Missing or empty.
    #[error("is missing")]
    Missing,
    /// None of the words that it may be.
    #[error("is {0}")]
    Word(ParseWordError),
    /// Outside its range.
    #[error("must be between {0}")]
    Range(Range),
    /// Names something twice.
    #[error("names one thing twice")]
    Duplicate,
    /// Belongs to another show, file or step.
    #[error("does not belong here")]
    Foreign,
    /// Among the passwords everybody tries first.
    #[error("is too common")]
    Common,
}

impl From<ParseWordError> for Problem {
    fn from(error: ParseWordError) -> Self {
        Self::Word(error)
    }
}

impl From<Range> for Problem {
    fn from(range: Range) -> Self {
        Self::Range(range)
    }
}

/// A seat that cannot be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The seat's label: canonical where the layout knows it, else as asked.
    pub seat: String,
    /// Why.
    pub fault: SeatFault,
}

impl Conflict {
    fn list(conflicts: &[Self]) -> String {
        let said: Vec<_> =
            conflicts.iter().map(|c| format!("seat {} {}", c.seat, c.fault)).collect();
        said.join(", ")
    }

    fn first(conflicts: &[Self]) -> Code {
        conflicts.iter().map(|c| c.fault).min().map_or(Code::Invalid, SeatFault::code)
    }
}

/// Why a seat cannot be had, in table order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum SeatFault {
    /// Not in the layout, or not in this hold.
    #[error("is not known here")]
    Unknown,
    /// Off sale.
    #[error("is off sale")]
    Blocked,
    /// Sold.
    #[error("is sold")]
    Booked,
    /// Held by somebody else.
    #[error("is held by someone else")]
    Held,
}

impl SeatFault {
    /// The frozen word.
    pub const fn code(self) -> Code {
        match self {
            Self::Unknown => Code::UnknownSeat,
            Self::Blocked => Code::SeatBlocked,
            Self::Booked => Code::SeatBooked,
            Self::Held => Code::SeatHeld,
        }
    }

    /// The number that stands for it in the log.
    pub(crate) const fn to_byte(self) -> u8 {
        match self {
            Self::Unknown => 0,
            Self::Blocked => 1,
            Self::Booked => 2,
            Self::Held => 3,
        }
    }

    pub(crate) const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::Unknown),
            1 => Some(Self::Blocked),
            2 => Some(Self::Booked),
            3 => Some(Self::Held),
            _ => None,
        }
    }
}

/// What was looked for, or what stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names say it")]
pub enum What {
    #[error("show")]
    Show,
    #[error("hold")]
    Hold,
    #[error("booking")]
    Booking,
    #[error("block")]
    Block,
    #[error("tier")]
    Tier,
    #[error("movie")]
    Movie,
    #[error("screen")]
    Screen,
    #[error("layout")]
    Layout,
    #[error("poster")]
    Poster,
    #[error("ticket")]
    Ticket,
    #[error("user")]
    User,
    #[error("session")]
    Session,
    #[error("API key")]
    ApiKey,
}

/// Caps that depend on state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Limit {
    /// Live holds of one holder in one show.
    #[error("live holds of one holder")]
    Holds,
    /// Live held seats of one holder in one show.
    #[error("held seats of one holder")]
    Seats,
    /// How long a hold may live from its first acquisition.
    #[error("a hold's lifetime")]
    Lifetime,
    /// Tickets a show can number.
    #[error("tickets of one show")]
    Tickets,
    /// Shows a file can number.
    #[error("shows of one file")]
    Shows,
}

impl Limit {
    /// The number that stands for it in the log.
    pub(crate) const fn to_byte(self) -> u8 {
        match self {
            Self::Holds => 0,
            Self::Seats => 1,
            Self::Lifetime => 2,
            Self::Tickets => 3,
            Self::Shows => 4,
        }
    }

    pub(crate) const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::Holds),
            1 => Some(Self::Seats),
            2 => Some(Self::Lifetime),
            3 => Some(Self::Tickets),
            4 => Some(Self::Shows),
            _ => None,
        }
    }
}
