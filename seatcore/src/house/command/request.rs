//! Requests: builders with named parts. They take what people write and become a [`Command`] when
//! submitted; what is out of range is refused there, all wrong fields at once.

use super::{
    BATCH_COMMANDS_MAX, BATCH_SEATS_MAX, COMMAND_SEATS_MAX, Command, ShowPatch, Target, Verb, Wish,
};
use crate::clock::Timestamp;
use crate::house::event::codec::Writer;
use crate::house::event::{Caller, Key, Source};
use crate::house::hold::{TTL_DEFAULT_S, TTL_MAX_S, TTL_MIN_S};
use crate::house::rejection::{FieldError, Problem, Rejection};
use crate::id::{BookingId, HoldId, Holder, KEY_BYTES_MAX, REFERENCE_BYTES_MAX, ShowId};
use std::time::Duration;

/// Something that can be submitted.
pub trait Request {
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

macro_rules! envelope_parts {
    () => {
        /// Makes a retry safe: the first outcome under this key is the answer for ever. At most
        /// 255 bytes; its scope is the show and the caller.
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

/// Holds seats for one holder until a deadline.
///
/// All seats are held or none. Life is 10 minutes unless [`ttl`](Self::ttl) says otherwise. Seats
/// that the same holder holds already move into the new hold.
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
        Self { show, wish, ttl: None, reference: None, envelope, by: NoHolder }
    }

    /// Who holds: 1 to 64 printable characters.
    pub fn by(self, holder: impl Into<String>) -> Hold<AsHolder> {
        let Self { show, wish, ttl, reference, envelope, .. } = self;
        Hold { show, wish, ttl, reference, envelope, by: AsHolder(holder.into()) }
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

    /// Best available: only from this tier.
    #[must_use]
    pub fn tier(mut self, name: impl Into<String>) -> Self {
        if let Wish::Best { tier, .. } = &mut self.wish {
            *tier = Some(name.into().into());
        }
        self
    }

    /// Best available: this many of the seats must be accessible places.
    #[must_use]
    pub fn accessible(mut self, places: u32) -> Self {
        if let Wish::Best { accessible, .. } = &mut self.wish {
            *accessible = places;
        }
        self
    }

    /// Best available: refuse rather than split the party.
    #[must_use]
    pub fn together(mut self) -> Self {
        if let Wish::Best { together, .. } = &mut self.wish {
            *together = true;
        }
        self
    }

    envelope_parts!();
}

impl Request for Hold<AsHolder> {
    fn read(self, mint: &dyn Fn(ShowId) -> HoldId) -> Result<Command, Rejection> {
        let mut draft = Draft::new(b'h');
        let holder = draft.holder("holder", &self.by.0);
        draft.wish(&self.wish);
        let ttl_s = draft.ttl(self.ttl).unwrap_or(TTL_DEFAULT_S);
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
    fn show(self, what: crate::house::rejection::What) -> Result<ShowId, Rejection> {
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

impl Request for Extend {
    fn read(self, _: &dyn Fn(ShowId) -> HoldId) -> Result<Command, Rejection> {
        let show = self.hold.show(crate::house::rejection::What::Hold)?;
        let mut draft = Draft::new(b'e');
        draft.target(self.hold.target);
        let ttl_s = draft.ttl(Some(self.ttl));
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

impl Request for Book {
    fn read(self, mint: &dyn Fn(ShowId) -> HoldId) -> Result<Command, Rejection> {
        let show = self.hold.show(crate::house::rejection::What::Hold)?;
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

impl Request for Release {
    fn read(self, _: &dyn Fn(ShowId) -> HoldId) -> Result<Command, Rejection> {
        let show = self.hold.show(crate::house::rejection::What::Hold)?;
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

impl Request for Cancel {
    fn read(self, _: &dyn Fn(ShowId) -> HoldId) -> Result<Command, Rejection> {
        let show = self.booking.show(crate::house::rejection::What::Booking)?;
        let mut draft = Draft::new(b'c');
        draft.target(self.booking.target);
        let reason = draft.text("reason", self.reason);
        draft.finish(show, self.envelope, |_| {
            Some(Verb::Cancel { booking: self.booking.target, reason })
        })
    }
}

/// Takes seats off sale.
///
/// # Errors
/// In this order: `invalid`, `not_found`, `key_reused`, `show_cancelled`, `show_closed`,
/// `unknown_seat`, `seat_blocked`, `seat_booked`, `seat_held` (unless forced).
#[derive(Debug, Clone)]
pub struct Block {
    show: ShowId,
    seats: Vec<Box<str>>,
    reason: Option<String>,
    force: bool,
    envelope: Envelope,
}

impl Block {
    /// These seats, at most 64.
    pub fn new<S: AsRef<str>>(show: ShowId, seats: impl IntoIterator<Item = S>) -> Self {
        let envelope = Envelope { staff: true, ..Envelope::default() };
        Self { show, seats: labels(seats), reason: None, force: false, envelope }
    }

    /// Why, for colleagues: at most 255 bytes.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// Also seats that somebody holds: they are released from that hold.
    #[must_use]
    pub fn force(mut self) -> Self {
        self.force = true;
        self
    }

    /// Which member of staff.
    #[must_use]
    pub fn by(mut self, name: impl Into<String>) -> Self {
        self.envelope.by = Some(name.into());
        self
    }

    envelope_parts!();
}

impl Request for Block {
    fn read(self, mint: &dyn Fn(ShowId) -> HoldId) -> Result<Command, Rejection> {
        let mut draft = Draft::new(b'x');
        draft.labels(&self.seats);
        let by = draft.holder("by", self.envelope.by.as_deref().unwrap_or(STAFF));
        let reason = draft.text("reason", self.reason);
        draft.flag(self.force);
        draft.finish(self.show, self.envelope, |_| {
            let (id, by) = (mint(self.show), by?);
            Some(Verb::Block { id, by, seats: self.seats, reason, force: self.force })
        })
    }
}

/// Puts blocked seats on sale again.
///
/// # Errors
/// In this order: `invalid`, `not_found` (show, or a seat that is not blocked), `key_reused`,
/// `show_cancelled`, `unknown_seat`.
#[derive(Debug, Clone)]
pub struct Unblock {
    show: ShowId,
    seats: Vec<Box<str>>,
    envelope: Envelope,
}

impl Unblock {
    /// These seats, at most 64.
    pub fn new<S: AsRef<str>>(show: ShowId, seats: impl IntoIterator<Item = S>) -> Self {
        let envelope = Envelope { staff: true, ..Envelope::default() };
        Self { show, seats: labels(seats), envelope }
    }

    /// Which member of staff.
    #[must_use]
    pub fn by(mut self, name: impl Into<String>) -> Self {
        self.envelope.by = Some(name.into());
        self
    }

    envelope_parts!();
}

impl Request for Unblock {
    fn read(self, mint: &dyn Fn(ShowId) -> HoldId) -> Result<Command, Rejection> {
        let mut draft = Draft::new(b'u');
        draft.labels(&self.seats);
        let by = draft.holder("by", self.envelope.by.as_deref().unwrap_or(STAFF));
        draft.finish(self.show, self.envelope, |_| {
            Some(Verb::Unblock { id: mint(self.show), by: by?, seats: self.seats })
        })
    }
}

/// Changes a show's terms.
///
/// # Errors
/// In this order: `invalid`, `not_found`, `key_reused`, `show_cancelled`, `overlap`, `stale`.
#[derive(Debug, Clone)]
pub struct ChangeShow {
    show: ShowId,
    patch: ShowPatch,
    envelope: Envelope,
}

impl ChangeShow {
    /// What is `None` in the patch stays.
    pub fn new(show: ShowId, patch: ShowPatch) -> Self {
        Self { show, patch, envelope: Envelope { staff: true, ..Envelope::default() } }
    }

    /// Which member of staff.
    #[must_use]
    pub fn by(mut self, name: impl Into<String>) -> Self {
        self.envelope.by = Some(name.into());
        self
    }

    envelope_parts!();
}

impl Request for ChangeShow {
    fn read(self, _: &dyn Fn(ShowId) -> HoldId) -> Result<Command, Rejection> {
        let mut draft = Draft::new(b'p');
        draft.patch(&self.patch);
        draft.finish(self.show, self.envelope, |_| {
            Some(Verb::ChangeShow { patch: Box::new(self.patch) })
        })
    }
}

/// Cancels a show: every hold, block and booking of it ends.
///
/// # Errors
/// In this order: `invalid`, `not_found`, `key_reused`, `show_cancelled`.
#[derive(Debug, Clone)]
pub struct CancelShow {
    show: ShowId,
    reason: Option<String>,
    envelope: Envelope,
}

impl CancelShow {
    /// The whole show.
    pub fn new(show: ShowId) -> Self {
        Self { show, reason: None, envelope: Envelope { staff: true, ..Envelope::default() } }
    }

    /// Why, for the log: at most 255 bytes.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// Which member of staff.
    #[must_use]
    pub fn by(mut self, name: impl Into<String>) -> Self {
        self.envelope.by = Some(name.into());
        self
    }

    envelope_parts!();
}

impl From<ShowId> for CancelShow {
    fn from(show: ShowId) -> Self {
        Self::new(show)
    }
}

impl Request for CancelShow {
    fn read(self, _: &dyn Fn(ShowId) -> HoldId) -> Result<Command, Rejection> {
        let mut draft = Draft::new(b'd');
        let reason = draft.text("reason", self.reason);
        draft.finish(self.show, self.envelope, |_| Some(Verb::CancelShow { reason }))
    }
}

type Reading = Box<dyn FnOnce(&dyn Fn(ShowId) -> HoldId) -> Result<Command, Rejection> + Send>;

/// Several commands over one or many shows: all or none, in this order, later steps see earlier
/// ones. A swap is a release and a hold.
///
/// # Errors
/// `invalid` for the batch itself; else the first failing step's own code, as
/// [`Rejection::Step`], which names its index. Keys of steps are ignored: the batch has one.
#[derive(Default)]
pub struct Batch {
    steps: Vec<Reading>,
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
        self.steps.push(Box::new(move |mint| step.read(mint)));
        self
    }

    acting_parts!();
}

impl std::fmt::Debug for Batch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Batch({} steps)", self.steps.len())
    }
}

impl Request for Batch {
    fn read(self, mint: &dyn Fn(ShowId) -> HoldId) -> Result<Command, Rejection> {
        let mut draft = Draft::new(b'B');
        let count = self.steps.len();
        draft.bounded("commands", count as u64, 1, BATCH_COMMANDS_MAX as u64);
        let mut steps = Vec::with_capacity(count.min(BATCH_COMMANDS_MAX));
        for (index, read) in self.steps.into_iter().enumerate().take(BATCH_COMMANDS_MAX) {
            match read(mint) {
                Ok(step) => draft.step(index, step, &self.envelope, &mut steps),
                Err(rejection) => draft.wrong_step(index, rejection)?,
            }
        }
        let seats: usize = steps.iter().map(|step| step.verb.seats().len()).sum();
        draft.bounded("seats", seats as u64, 0, BATCH_SEATS_MAX as u64);
        let first = steps.first().map(|step| step.show);
        let show = first.or(ShowId::new(1)).ok_or(Rejection::Stale)?;
        draft.finish(show, self.envelope, |_| Some(Verb::Batch { steps }))
    }
}

/// Who places blocks when nobody is named.
const STAFF: &str = "staff";

fn labels<S: AsRef<str>>(seats: impl IntoIterator<Item = S>) -> Vec<Box<str>> {
    seats.into_iter().map(|seat| seat.as_ref().trim().into()).collect()
}

/// A request being read: what is wrong with it so far, and its words for the fingerprint.
struct Draft {
    errors: Vec<FieldError>,
    asked: Writer,
}

impl Draft {
    fn new(verb: u8) -> Self {
        let mut asked = Writer::new();
        asked.byte(verb);
        Self { errors: Vec::new(), asked }
    }

    fn wrong(&mut self, field: &str, problem: Problem) {
        self.errors.push(FieldError { field: field.to_owned(), problem });
    }

    fn bounded(&mut self, field: &str, value: u64, min: u64, max: u64) {
        if !(min..=max).contains(&value) {
            self.wrong(field, Problem::Range { min: min as i64, max: max as i64 });
        }
    }

    fn flag(&mut self, flag: bool) {
        self.asked.byte(u8::from(flag));
    }

    fn target(&mut self, target: Target) {
        match target {
            Target::Hold(id) => self.asked.raw(&id.bits().to_be_bytes()),
            Target::Step(step) => self.asked.number(u64::from(step)),
        }
    }

    fn holder(&mut self, field: &str, text: &str) -> Option<Holder> {
        self.asked.text(text);
        let read = Holder::parse(text);
        if read.is_err() {
            self.wrong(field, Problem::Unreadable);
        }
        read.ok()
    }

    fn text(&mut self, field: &str, text: Option<String>) -> Option<Box<str>> {
        self.asked.maybe_text(text.as_deref());
        let text = text?;
        self.bounded(field, text.len() as u64, 1, REFERENCE_BYTES_MAX as u64);
        Some(text.into())
    }

    fn ttl(&mut self, ttl: Option<Duration>) -> Option<u32> {
        let Some(ttl) = ttl else {
            self.asked.byte(0);
            return None;
        };
        self.asked.number(ttl.as_millis() as u64 + 1);
        self.bounded("ttl_s", ttl.as_secs(), u64::from(TTL_MIN_S), u64::from(TTL_MAX_S));
        if ttl.subsec_nanos() != 0 {
            self.wrong("ttl_s", Problem::Unreadable);
        }
        Some(ttl.as_secs().min(u64::from(TTL_MAX_S)) as u32)
    }

    fn moment(&mut self, at: Option<Timestamp>) {
        self.flag(at.is_some());
        if let Some(at) = at {
            self.asked.moment(at);
        }
    }

    fn patch(&mut self, patch: &ShowPatch) {
        for at in [patch.starts_at, patch.ends_at, patch.opens_at] {
            self.moment(at);
        }
        self.flag(patch.closes_at.is_some());
        self.moment(patch.closes_at.flatten());
        self.asked.byte(patch.closed.map_or(2, u8::from));
        self.flag(patch.prices.is_some());
        if let Some(prices) = &patch.prices {
            crate::house::event::codec::encode_prices(prices, &mut self.asked);
        }
        self.flag(patch.limits.is_some());
        if let Some(limits) = &patch.limits {
            crate::house::event::codec::encode_limits(limits, &mut self.asked);
        }
        self.asked.number(patch.if_seq.map_or(0, |seq| seq + 1));
    }

    fn wish(&mut self, wish: &Wish) {
        match wish {
            Wish::Seats(seats) => {
                self.asked.byte(0);
                self.labels(seats);
            }
            Wish::Best { count, tier, accessible, together } => {
                self.asked.byte(1);
                self.asked.number(u64::from(*count));
                self.asked.maybe_text(tier.as_deref());
                self.asked.number(u64::from(*accessible));
                self.flag(*together);
                self.bounded("count", u64::from(*count), 1, COMMAND_SEATS_MAX as u64);
                self.bounded("accessible", u64::from(*accessible), 0, u64::from(*count));
            }
        }
    }

    fn some_labels(&mut self, seats: Option<&[Box<str>]>) {
        self.flag(seats.is_some());
        if let Some(seats) = seats {
            self.labels(seats);
        }
    }

    fn labels(&mut self, seats: &[Box<str>]) {
        self.asked.number(seats.len() as u64);
        seats.iter().for_each(|seat| self.asked.text(seat));
        self.bounded("seats", seats.len() as u64, 1, COMMAND_SEATS_MAX as u64);
        if seats.iter().any(|seat| seat.len() > LABEL_BYTES_MAX) {
            self.wrong("seats", Problem::Unreadable);
        }
        let twice = |(at, seat): (usize, &Box<str>)| {
            seats.iter().take(at).any(|before| before.eq_ignore_ascii_case(seat))
        };
        if seats.len() <= COMMAND_SEATS_MAX && seats.iter().enumerate().any(twice) {
            self.wrong("seats", Problem::Duplicate);
        }
    }

    /// A step takes the batch's caller unless it names its own.
    fn step(
        &mut self,
        index: usize,
        mut step: Command,
        batch: &Envelope,
        steps: &mut Vec<Command>,
    ) {
        self.asked.number(u64::from(step.show.get()));
        self.asked.raw(&step.asked.to_le_bytes());
        if !self.points_back(index, &step.verb, steps) {
            self.wrong(&format!("commands/{index}/hold"), Problem::Foreign);
        }
        if step.caller == Caller::Unnamed {
            step.caller = caller(batch).unwrap_or_default();
        }
        if step.source == Source::default() {
            step.source = batch.source;
        }
        step.key = None;
        steps.push(step);
    }

    /// A step may point only at an earlier step of the same show that leaves a hold.
    fn points_back(&self, index: usize, verb: &Verb, steps: &[Command]) -> bool {
        match verb {
            Verb::Extend { hold: Target::Step(of), .. }
            | Verb::Book { hold: Target::Step(of), .. }
            | Verb::Release { hold: Target::Step(of), .. }
            | Verb::Cancel { booking: Target::Step(of), .. } => {
                let target = steps.get(usize::from(*of));
                usize::from(*of) < index
                    && target.is_some_and(|step| {
                        matches!(
                            step.verb,
                            Verb::Hold { .. } | Verb::Extend { .. } | Verb::Book { .. }
                        )
                    })
            }
            Verb::Batch { .. }
            | Verb::OpenShow { .. }
            | Verb::ChangeShow { .. }
            | Verb::CancelShow { .. } => false,
            _ => true,
        }
    }

    fn wrong_step(&mut self, index: usize, rejection: Rejection) -> Result<(), Rejection> {
        let Rejection::Invalid { errors } = rejection else {
            return Err(Rejection::Step { culprit: index as u16, why: Box::new(rejection) });
        };
        self.errors.extend(errors.into_iter().map(|error| FieldError {
            field: format!("commands/{index}/{}", error.field),
            problem: error.problem,
        }));
        Ok(())
    }

    fn finish(
        mut self,
        show: ShowId,
        envelope: Envelope,
        verb: impl FnOnce(&mut Self) -> Option<Verb>,
    ) -> Result<Command, Rejection> {
        let caller = caller(&envelope);
        if caller.is_none() {
            self.wrong("by", Problem::Unreadable);
        }
        if let Some(key) = &envelope.key {
            self.bounded("key", key.len() as u64, 1, KEY_BYTES_MAX as u64);
        }
        let verb = verb(&mut self);
        match (self.errors.is_empty(), verb, caller) {
            (true, Some(verb), Some(caller)) => {
                let asked = fingerprint(&self.asked.finish());
                let key = envelope.key.map(|key| scope_key(&caller, &key, asked));
                Ok(Command { show, verb, caller, source: envelope.source, key, asked })
            }
            _ => Err(Rejection::Invalid { errors: self.errors }),
        }
    }
}

/// Longest seat label that is looked at: a section of 32 characters, a row and a number.
const LABEL_BYTES_MAX: usize = 64;

/// The caller of an envelope; `None` if the name is unreadable.
fn caller(envelope: &Envelope) -> Option<Caller> {
    let Some(name) = &envelope.by else { return Some(Caller::Unnamed) };
    let name = Holder::parse(name).ok()?;
    Some(if envelope.staff { Caller::Staff(name) } else { Caller::Holder(name) })
}

fn fingerprint(asked: &[u8]) -> u64 {
    let hash = blake3::hash(asked);
    hash.as_bytes().iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

fn scope_key(caller: &Caller, key: &str, asked: u64) -> Key {
    let mut scope = Writer::new();
    scope.text(caller.name().map_or("", Holder::as_str));
    scope.text(key);
    let mut tag = [0; 16];
    tag.copy_from_slice(&blake3::hash(&scope.finish()).as_bytes()[..16]);
    Key { tag, fingerprint: asked }
}
