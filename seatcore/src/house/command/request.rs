//! Requests: builders with named parts. They take what people write and become a [`Command`] when
//! submitted; what is out of range is refused there, all wrong fields at once.

use super::{BATCH_COMMANDS_MAX, BATCH_SEATS_MAX, Command, Target, Verb, Wish};
use crate::house::event::Source;
use crate::house::hold::TTL_DEFAULT_S;
use crate::house::rejection::{Problem, Rejection, Unit, What};
use crate::id::{BookingId, HoldId, ShowId};
use draft::Draft;
use sealed::Sealed;
use std::time::Duration;

macro_rules! envelope_parts {
    () => {
        /// Makes a retry safe: the first outcome under this key is the answer as long as the show
        /// is in the file. At most 255 bytes; its scope is the show and the caller, or, where no
        /// caller is named, the hold that the command is about.
        #[must_use]
        pub fn key(mut self, key: impl Into<String>) -> Self {
            self.envelope.key = Some(key.into());
            self
        }

        /// Through which face this came, for the log.
        #[must_use]
        pub fn source(mut self, source: Source) -> Self {
            self.envelope.source = source;
            self
        }
    };
}

macro_rules! acting_parts {
    () => {
        /// Acts as this holder: what belongs to somebody else is refused as `not_holder`. Without
        /// it the command acts as whoever the hold belongs to.
        #[must_use]
        pub fn by(mut self, holder: impl Into<String>) -> Self {
            self.envelope.by = Some(holder.into());
            self
        }

        /// Acts as staff with this name, who may touch what belongs to others.
        #[must_use]
        pub fn by_staff(mut self, name: impl Into<String>) -> Self {
            self.envelope.by = Some(name.into());
            self.envelope.staff = true;
            self
        }

        envelope_parts!();
    };
}

macro_rules! staff_parts {
    () => {
        /// Which member of staff.
        #[must_use]
        pub fn by(mut self, name: impl Into<String>) -> Self {
            self.envelope.by = Some(name.into());
            self
        }

        envelope_parts!();
    };
}

mod any;
mod draft;
mod staff;

pub use any::AnyRequest;
pub(crate) use draft::creation;
pub use staff::{Block, CancelShow, ChangeShow, Unblock};

mod sealed {
    /// What is decided was read here, and is in range.
    pub trait Sealed {}
}

/// Something that can be submitted: the requests of this module. Where only the run of a program
/// says which, [`AnyRequest`] holds one.
///
/// A request of one's own does not compile, since nothing would check it:
/// ```compile_fail
/// # use seatcore::house::command::{Command, Request};
/// # use seatcore::{HoldId, Rejection, ShowId};
/// struct Mine(Command);
///
/// impl Request for Mine {
///     fn read(self, _: &dyn Fn(ShowId) -> HoldId) -> Result<Command, Rejection> {
///         Ok(self.0)
///     }
/// }
/// ```
pub trait Request: sealed::Sealed {
    /// Reads the request. `mint` makes a hold's id for a show.
    fn read(self, mint: &dyn Fn(ShowId) -> HoldId) -> Result<Command, Rejection>;
}

/// No holder was named yet: such a request cannot be submitted.
#[derive(Debug, Clone, Copy)]
pub struct NoHolder;

/// The holder that was named.
#[derive(Debug, Clone)]
pub struct AsHolder(String);

/// What every request carries besides its own parts.
#[derive(Debug, Clone, Default)]
struct Envelope {
    by: Option<String>,
    staff: bool,
    key: Option<String>,
    source: Source,
}

/// Holds seats for one holder until a deadline.
///
/// All seats are held or none. Life is 10 minutes unless [`ttl`](Self::ttl) says otherwise. Seats
/// that the same holder holds already move into the new hold. An API key (`key:…`) may hold for many
/// buyers: where both holds of a key have a [`reference`](Self::reference) and not the same, the
/// seats are another buyer's, `seat_held`.
///
/// # Errors
/// In this order: `invalid`, `not_found` (show), `key_reused`, `show_cancelled`, `show_closed`,
/// `unknown_seat`, `seat_blocked`, `seat_booked`, `seat_held`, `no_block_together`, `sold_out`,
/// `over_limit`.
///
/// A hold without a holder does not compile:
/// ```compile_fail
/// # use seatcore::{Engine, Hold, ShowId};
/// # fn f(engine: &Engine, show: ShowId) {
/// engine.hold(Hold::new(show, ["C5"]));
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Hold<By = AsHolder> {
    show: ShowId,
    wish: Wish,
    ttl: Option<Duration>,
    reference: Option<String>,
    /// What was said of best available where seats were named.
    misplaced: Option<&'static str>,
    envelope: Envelope,
    by: By,
}

impl Hold<NoHolder> {
    /// These seats, by label: `A1`, `stalls/A1`. At most 64, none twice.
    pub fn new<S: AsRef<str>>(show: ShowId, seats: impl IntoIterator<Item = S>) -> Self {
        Self::of(show, Wish::Seats(labels(seats)))
    }

    /// The best `count` seats that are left: together in one row if possible, leaving no lone
    /// seat, nearest the hall's focus.
    pub fn best(show: ShowId, count: u32) -> Self {
        Self::of(show, Wish::Best { count, tier: None, accessible: 0, together: false })
    }

    fn of(show: ShowId, wish: Wish) -> Self {
        let envelope = Envelope::default();
        let (ttl, reference, misplaced) = (None, None, None);
        Self { show, wish, ttl, reference, misplaced, envelope, by: NoHolder }
    }

    /// Who holds: 1 to 64 printable characters.
    pub fn by(self, holder: impl Into<String>) -> Hold<AsHolder> {
        let Self { show, wish, ttl, reference, misplaced, envelope, .. } = self;
        let by = AsHolder(holder.into());
        Hold { show, wish, ttl, reference, misplaced, envelope, by }
    }
}

impl<By> Hold<By> {
    /// How long: whole seconds, 1 to 1800, counted from the moment it is decided.
    #[must_use]
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = Some(ttl);
        self
    }

    /// The caller's own reference, at most 255 bytes.
    #[must_use]
    pub fn reference(mut self, reference: impl Into<String>) -> Self {
        self.reference = Some(reference.into());
        self
    }

    /// Best available: only from this tier. Beside named seats it is `invalid`, as the next two are.
    #[must_use]
    pub fn tier(mut self, name: impl Into<String>) -> Self {
        match &mut self.wish {
            Wish::Best { tier, .. } => *tier = Some(name.into().into()),
            Wish::Seats(_) => self.misplaced = Some("tier"),
        }
        self
    }

    /// Best available: this many of the seats must be accessible places.
    #[must_use]
    pub fn accessible(mut self, places: u32) -> Self {
        match &mut self.wish {
            Wish::Best { accessible, .. } => *accessible = places,
            Wish::Seats(_) => self.misplaced = Some("accessible"),
        }
        self
    }

    /// Best available: refuse rather than split the party.
    #[must_use]
    pub fn together(mut self) -> Self {
        match &mut self.wish {
            Wish::Best { together, .. } => *together = true,
            Wish::Seats(_) => self.misplaced = Some("together"),
        }
        self
    }

    envelope_parts!();
}

impl Sealed for Hold {}

impl Request for Hold<AsHolder> {
    fn read(self, mint: &dyn Fn(ShowId) -> HoldId) -> Result<Command, Rejection> {
        let mut draft = Draft::new(b'h');
        let holder = draft.holder("holder", &self.by.0);
        draft.wish(&self.wish);
        if let Some(field) = self.misplaced {
            draft.wrong(field, Problem::Foreign);
        }
        let ttl_s = draft.ttl("ttl_s", self.ttl).unwrap_or(TTL_DEFAULT_S);
        let reference = draft.text("reference", self.reference);
        let mut envelope = self.envelope;
        envelope.by = Some(self.by.0);
        draft.finish(self.show, envelope, |_| {
            let holder = holder?;
            Some(Verb::Hold { id: mint(self.show), holder, wish: self.wish, ttl_s, reference })
        })
    }
}

/// The hold of an earlier step of the same batch, with the show it is in.
#[derive(Debug, Clone, Copy)]
pub struct StepOf {
    /// Index of the step.
    pub step: u16,
    /// The show of that step.
    pub show: ShowId,
}

/// A hold, and the show it is in.
#[derive(Debug, Clone, Copy)]
pub struct HeldIn {
    target: Target,
    show: Option<ShowId>,
}

impl From<HoldId> for HeldIn {
    fn from(hold: HoldId) -> Self {
        Self { target: Target::Hold(hold), show: hold.show() }
    }
}

impl From<BookingId> for HeldIn {
    fn from(booking: BookingId) -> Self {
        booking.hold().into()
    }
}

impl From<StepOf> for HeldIn {
    fn from(of: StepOf) -> Self {
        Self { target: Target::Step(of.step), show: Some(of.show) }
    }
}

impl HeldIn {
    /// Ids that no show could have minted name nothing.
    fn show(self, what: What) -> Result<ShowId, Rejection> {
        self.show.ok_or(Rejection::NotFound { what })
    }
}

/// Gives a live hold more time.
///
/// The new deadline counts from now, is cut to the lifetime cap, and never lies before the old.
///
/// # Errors
/// In this order: `invalid`, `not_found`, `key_reused`, `not_holder`, `show_cancelled`,
/// `show_closed`, `hold_expired`, `hold_ended`, `over_limit` (the cap was already reached).
#[derive(Debug, Clone)]
pub struct Extend {
    hold: HeldIn,
    ttl: Duration,
    envelope: Envelope,
}

impl Extend {
    /// `ttl` from now: whole seconds, 1 to 1800.
    pub fn new(hold: impl Into<HeldIn>, ttl: Duration) -> Self {
        Self { hold: hold.into(), ttl, envelope: Envelope::default() }
    }

    acting_parts!();
}

impl Sealed for Extend {}

impl Request for Extend {
    fn read(self, _: &dyn Fn(ShowId) -> HoldId) -> Result<Command, Rejection> {
        let show = self.hold.show(What::Hold)?;
        let mut draft = Draft::new(b'e');
        draft.target(self.hold.target);
        let ttl_s = draft.ttl("extend_s", Some(self.ttl));
        draft.finish(show, self.envelope, |_| {
            Some(Verb::Extend { hold: self.hold.target, ttl_s: ttl_s? })
        })
    }
}

/// Books a live hold: its seats are sold and each gets a ticket.
///
/// # Errors
/// In this order: `invalid`, `not_found`, `key_reused`, `not_holder`, `unknown_seat`,
/// `hold_expired`, `hold_ended`, `over_limit`.
#[derive(Debug, Clone)]
pub struct Book {
    hold: HeldIn,
    seats: Option<Vec<Box<str>>>,
    keep_rest: bool,
    reference: Option<String>,
    envelope: Envelope,
}

impl Book {
    /// All seats of the hold.
    pub fn new(hold: impl Into<HeldIn>) -> Self {
        let envelope = Envelope::default();
        Self { hold: hold.into(), seats: None, keep_rest: false, reference: None, envelope }
    }

    /// Only these seats; the rest is released with it, unless [`keep_rest`](Self::keep_rest).
    #[must_use]
    pub fn seats<S: AsRef<str>>(mut self, seats: impl IntoIterator<Item = S>) -> Self {
        self.seats = Some(labels(seats));
        self
    }

    /// The hold goes on with the rest, under its id and clock; the booking gets an id of its own.
    #[must_use]
    pub fn keep_rest(mut self) -> Self {
        self.keep_rest = true;
        self
    }

    /// The caller's own reference, at most 255 bytes; replaces the hold's.
    #[must_use]
    pub fn reference(mut self, reference: impl Into<String>) -> Self {
        self.reference = Some(reference.into());
        self
    }

    acting_parts!();
}

impl From<HoldId> for Book {
    fn from(hold: HoldId) -> Self {
        Self::new(hold)
    }
}

impl Sealed for Book {}

impl Request for Book {
    fn read(self, mint: &dyn Fn(ShowId) -> HoldId) -> Result<Command, Rejection> {
        let show = self.hold.show(What::Hold)?;
        let mut draft = Draft::new(b'b');
        draft.target(self.hold.target);
        draft.some_labels(self.seats.as_deref());
        draft.flag(self.keep_rest);
        let reference = draft.text("reference", self.reference);
        draft.finish(show, self.envelope, |_| {
            let (seats, keep_rest) = (self.seats, self.keep_rest);
            Some(Verb::Book {
                hold: self.hold.target,
                seats,
                keep_rest,
                split: mint(show),
                reference,
            })
        })
    }
}

/// Gives held seats back, all or part.
///
/// # Errors
/// In this order: `invalid`, `not_found`, `key_reused`, `not_holder`, `unknown_seat`,
/// `hold_expired`, `hold_ended`.
#[derive(Debug, Clone)]
pub struct Release {
    hold: HeldIn,
    seats: Option<Vec<Box<str>>>,
    envelope: Envelope,
}

impl Release {
    /// All seats of the hold.
    pub fn new(hold: impl Into<HeldIn>) -> Self {
        Self { hold: hold.into(), seats: None, envelope: Envelope::default() }
    }

    /// Only these seats; the hold keeps the rest.
    #[must_use]
    pub fn seats<S: AsRef<str>>(mut self, seats: impl IntoIterator<Item = S>) -> Self {
        self.seats = Some(labels(seats));
        self
    }

    acting_parts!();
}

impl From<HoldId> for Release {
    fn from(hold: HoldId) -> Self {
        Self::new(hold)
    }
}

impl Sealed for Release {}

impl Request for Release {
    fn read(self, _: &dyn Fn(ShowId) -> HoldId) -> Result<Command, Rejection> {
        let show = self.hold.show(What::Hold)?;
        let mut draft = Draft::new(b'r');
        draft.target(self.hold.target);
        draft.some_labels(self.seats.as_deref());
        draft.finish(show, self.envelope, |_| {
            Some(Verb::Release { hold: self.hold.target, seats: self.seats })
        })
    }
}

/// Undoes a booking: its seats are free again, its tickets void.
///
/// # Errors
/// In this order: `invalid`, `not_found`, `key_reused`, `not_holder`, `hold_ended`.
#[derive(Debug, Clone)]
pub struct Cancel {
    booking: HeldIn,
    reason: Option<String>,
    envelope: Envelope,
}

impl Cancel {
    /// The whole booking.
    pub fn new(booking: impl Into<HeldIn>) -> Self {
        Self { booking: booking.into(), reason: None, envelope: Envelope::default() }
    }

    /// Why, for the log: at most 255 bytes.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    acting_parts!();
}

impl From<BookingId> for Cancel {
    fn from(booking: BookingId) -> Self {
        Self::new(booking)
    }
}

impl Sealed for Cancel {}

impl Request for Cancel {
    fn read(self, _: &dyn Fn(ShowId) -> HoldId) -> Result<Command, Rejection> {
        let show = self.booking.show(What::Booking)?;
        let mut draft = Draft::new(b'c');
        draft.target(self.booking.target);
        let reason = draft.text("reason", self.reason);
        draft.finish(show, self.envelope, |_| {
            Some(Verb::Cancel { booking: self.booking.target, reason })
        })
    }
}

/// Several commands over one or many shows: all or none, in this order, later steps see earlier
/// ones. A swap is a release and a hold.
///
/// # Errors
/// `invalid` for the batch itself; else the first failing step's own code, as
/// [`Rejection::Step`], which names its index. Keys of steps are ignored: the batch has one.
#[derive(Default)]
pub struct Batch {
    steps: Vec<AnyRequest>,
    envelope: Envelope,
}

impl Batch {
    /// An empty batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a step.
    #[must_use]
    pub fn then(mut self, step: impl Request + Send + 'static) -> Self {
        self.steps.push(AnyRequest::new(step));
        self
    }

    acting_parts!();
}

impl std::fmt::Debug for Batch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Batch({} steps)", self.steps.len())
    }
}

impl Sealed for Batch {}

impl Request for Batch {
    fn read(self, mint: &dyn Fn(ShowId) -> HoldId) -> Result<Command, Rejection> {
        let mut draft = Draft::new(b'B');
        let count = self.steps.len();
        let commands = Unit::Commands.range(1, BATCH_COMMANDS_MAX as i64);
        draft.bounded("commands", count as u64, commands);
        let mut steps = Vec::with_capacity(count.min(BATCH_COMMANDS_MAX));
        for (index, step) in self.steps.into_iter().enumerate().take(BATCH_COMMANDS_MAX) {
            match step.read(mint) {
                Ok(step) => draft.step(index, step, &self.envelope, &mut steps),
                Err(rejection) => draft.wrong_step(index, rejection)?,
            }
        }
        let seats: usize = steps.iter().map(|step| step.verb.seats().len()).sum();
        draft.bounded("seats", seats as u64, Unit::Seats.range(0, BATCH_SEATS_MAX as i64));
        let first = steps.first().map(|step| step.show);
        let show = first.or(ShowId::new(1)).ok_or(Rejection::Stale)?;
        draft.finish(show, self.envelope, |_| Some(Verb::Batch { steps }))
    }
}

fn labels<S: AsRef<str>>(seats: impl IntoIterator<Item = S>) -> Vec<Box<str>> {
    seats.into_iter().map(|seat| seat.as_ref().trim().into()).collect()
}
