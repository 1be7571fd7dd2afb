//! Two kinds of no: a [`Rejection`] is an answer (a rule said no), an [`Error`] is a fault (the
//! machinery failed). Both carry a [`Code`] from one registry, which every face repeats.

use crate::house::rejection::Rejection;
use crate::id::ShowId;
use std::time::Duration;

/// What a caller gets in place of a result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// A rule said no.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The machinery failed.
    #[error(transparent)]
    Fault(#[from] Error),
}

impl Failure {
    /// The frozen word for what happened.
    pub fn code(&self) -> Code {
        match self {
            Self::Rejected(rejection) => rejection.code(),
            Self::Fault(error) => error.code(),
        }
    }

    /// Whether asking for the same again can succeed: after a fault under the same idempotency key,
    /// which `outcome_unknown` needs so as not to happen twice; after a rejection under a new one,
    /// since a key remembers its refusal. Not in a loop without an end: an engine that is closing
    /// stays closed, and only a server comes back.
    pub fn retryable(&self) -> bool {
        self.code().retryable()
    }
}

/// The machinery failed. Nothing here is remembered under an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The queue was full or the lock not to be had in time. Nothing happened.
    #[error("busy: {reason}; try again in {} ms", retry_after.as_millis())]
    Busy {
        /// What was in the way.
        reason: BusyReason,
        /// A wait after which trying again is reasonable.
        retry_after: Duration,
    },
    /// The commit failed in a way that leaves its fate open. Ask again with the same key.
    #[error("the outcome of this command is unknown; ask again with the same idempotency key")]
    OutcomeUnknown,
    /// The store refuses work until somebody repairs something. Nothing was acknowledged.
    #[error("storage: {reason}: {detail}")]
    Storage {
        /// What kind of trouble.
        reason: StorageReason,
        /// The store's own words.
        detail: String,
    },
    /// Stored data contradicts itself. That show (or the whole file) has stopped.
    #[error("corrupt: {detail}")]
    Corrupt {
        /// The show that stopped; `None` when it is the file.
        show: Option<ShowId>,
        /// Which contradiction was found.
        detail: String,
    },
}

impl Error {
    /// The frozen word for what happened.
    pub fn code(&self) -> Code {
        match self {
            Self::Busy { .. } => Code::Busy,
            Self::OutcomeUnknown => Code::OutcomeUnknown,
            Self::Storage { .. } => Code::Storage,
            Self::Corrupt { .. } => Code::Corrupt,
        }
    }

    /// A storage fault.
    pub fn storage(reason: StorageReason, detail: impl ToString) -> Self {
        Self::Storage { reason, detail: detail.to_string() }
    }

    /// A contradiction in the whole file.
    pub fn corrupt(detail: impl ToString) -> Self {
        Self::Corrupt { show: None, detail: detail.to_string() }
    }

    /// A contradiction in one show.
    pub fn corrupt_show(show: ShowId, detail: impl ToString) -> Self {
        Self::Corrupt { show: Some(show), detail: detail.to_string() }
    }
}

/// What a busy answer waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BusyReason {
    /// More commands wait than the queue takes.
    #[error("the queue is full")]
    Queue,
    /// Another process kept the write lock.
    #[error("another process holds the write lock")]
    Lock,
    /// The wall clock jumped ahead and is not believed yet.
    #[error("the clock jumped ahead and is being watched")]
    Clock,
    /// Following fell too far behind.
    #[error("the tables are too far behind the log")]
    Following,
    /// The write-ahead log reached its hard bound while somebody reads.
    #[error("the write-ahead log is at its bound")]
    WriteAheadLog,
    /// The engine is closing.
    #[error("the engine is closing")]
    Closing,
}

/// Why the store refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StorageReason {
    /// No space left.
    #[error("disk full")]
    DiskFull,
    /// The file or its folder cannot be written.
    #[error("read-only")]
    ReadOnly,
    /// Reading or writing failed.
    #[error("I/O error")]
    Io,
    /// The clock and the log disagree by more than a day.
    #[error("clock")]
    Clock,
    /// The file cannot be opened or does not exist.
    #[error("cannot open")]
    Open,
    /// The file is no database, or another program's.
    #[error("no database of seatcore")]
    Foreign,
    /// The file was written by a newer release.
    #[error("newer schema")]
    NewerSchema,
    /// The file lies on a network file system, whose locks cannot be trusted.
    #[error("network file system")]
    NetworkFileSystem,
    /// The file's history changed under the engine: restored, truncated or replaced.
    #[error("history changed")]
    HistoryChanged,
    /// The SQLite library is too old or built without what is needed.
    #[error("unsuitable SQLite")]
    Library,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $http:literal, $exit:literal, $retry:literal;)*) => {
        /// The frozen words of `docs/errors.md`, in the order in which rules are checked.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// Every code, in table order.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The HTTP status that goes with it.
            pub const fn http_status(self) -> u16 {
                match self { $(Self::$name => $http,)* }
            }

            /// The exit code of the command line.
            pub const fn exit_code(self) -> u8 {
                match self { $(Self::$name => $exit,)* }
            }

            /// Whether asking the same again can succeed.
            pub const fn retryable(self) -> bool {
                match self { $(Self::$name => $retry,)* }
            }
        }
    };
}

codes! {
    /// Nobody is signed in, or the credentials are wrong.
    NotSignedIn = "not_signed_in", 401, 4, false;
    /// The role does not allow it.
    NotAllowed = "not_allowed", 403, 4, false;
    /// A foreign origin sent a cookie.
    CrossSite = "cross_site", 403, 4, false;
    /// Unreadable or out of range.
    Invalid = "invalid", 422, 2, false;
    /// The body is too large.
    TooLarge = "too_large", 413, 2, false;
    /// The content type is not understood.
    UnsupportedType = "unsupported_type", 415, 2, false;
    /// The path exists, the method does not.
    MethodNotAllowed = "method_not_allowed", 405, 2, false;
    /// The request took too long to arrive.
    Timeout = "timeout", 408, 6, true;
    /// No such thing, or somebody else's.
    NotFound = "not_found", 404, 3, false;
    /// The idempotency key was used for another command.
    KeyReused = "key_reused", 422, 2, false;
    /// The hold belongs to somebody else.
    NotHolder = "not_holder", 404, 3, false;
    /// Sales have ended or not begun.
    ShowClosed = "show_closed", 409, 5, false;
    /// The show is cancelled.
    ShowCancelled = "show_cancelled", 409, 5, false;
    /// The label is not in the layout, or not in this hold.
    UnknownSeat = "unknown_seat", 422, 3, false;
    /// Staff took the seat off sale.
    SeatBlocked = "seat_blocked", 409, 5, false;
    /// The seat is sold.
    SeatBooked = "seat_booked", 409, 5, false;
    /// Somebody else holds the seat.
    SeatHeld = "seat_held", 409, 5, true;
    /// No placement for that many together.
    NoBlockTogether = "no_block_together", 409, 5, false;
    /// Nothing is left.
    SoldOut = "sold_out", 409, 5, false;
    /// The hold's deadline was reached.
    HoldExpired = "hold_expired", 410, 5, false;
    /// The hold was booked, released or cancelled before.
    HoldEnded = "hold_ended", 409, 5, false;
    /// A cap that depends on what is already held.
    OverLimit = "over_limit", 409, 5, false;
    /// The screen is busy at that time.
    Overlap = "overlap", 409, 5, false;
    /// The name is taken.
    NameTaken = "name_taken", 409, 5, false;
    /// Something still uses it.
    InUse = "in_use", 409, 5, false;
    /// Nobody would be left to run the users.
    LastManager = "last_manager", 409, 5, false;
    /// The condition of the request no longer holds.
    Stale = "stale", 412, 5, false;
    /// Another step of the batch failed.
    RolledBack = "rolled_back", 409, 5, false;
    /// Too many requests.
    RateLimited = "rate_limited", 429, 6, true;
    /// The queue is full or the lock was not to be had; nothing happened.
    Busy = "busy", 503, 6, true;
    /// The fate of the commit is unknown.
    OutcomeUnknown = "outcome_unknown", 503, 6, true;
    /// The store refuses until repaired.
    Storage = "storage", 503, 1, false;
    /// Stored data contradicts itself.
    Corrupt = "corrupt", 500, 7, false;
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The usual result of the engine.
pub type Result<T, E = Failure> = std::result::Result<T, E>;
