//! What staff ask: blocks, and changes to a show.

use super::draft::Draft;
use super::sealed::Sealed;
use super::{Envelope, Request, labels};
use crate::house::command::{Command, ShowPatch, Verb};
use crate::house::event::Source;
use crate::house::rejection::Rejection;
use crate::id::{HoldId, ShowId};

/// Who places blocks when nobody is named.
const STAFF: &str = "staff";

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

    staff_parts!();
}

impl Sealed for Block {}

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
/// In this order: `invalid`, `not_found` (show), `key_reused`, `show_cancelled`, `unknown_seat`,
/// `not_found` (a seat that is not blocked).
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

    staff_parts!();
}

impl Sealed for Unblock {}

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
/// In this order: `invalid`, `not_found`, `key_reused`, `show_cancelled`, `invalid` (an end that is
/// not a minute to a day behind the start, a moment outside the years 1 to 9999, another currency),
/// `stale`, `overlap`.
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

    staff_parts!();
}

impl Sealed for ChangeShow {}

impl Request for ChangeShow {
    fn read(self, _: &dyn Fn(ShowId) -> HoldId) -> Result<Command, Rejection> {
        let mut draft = Draft::new(b'p');
        draft.patch(&self.patch);
        draft.also(self.patch.limits.map_or(Ok(()), |limits| limits.check()));
        draft.also(self.patch.prices.as_ref().map_or(Ok(()), |prices| prices.check()));
        draft.finish(self.show, self.envelope, |_| {
            Some(Verb::ChangeShow { patch: Box::new(self.patch) })
        })
    }
}

/// Cancels a show: every hold, block and booking of it ends.
///
/// # Errors
/// In this order: `invalid`, `not_found`, `key_reused`, `show_cancelled`, `stale`.
#[derive(Debug, Clone)]
pub struct CancelShow {
    show: ShowId,
    reason: Option<String>,
    if_seq: Option<u64>,
    envelope: Envelope,
}

impl CancelShow {
    /// The whole show.
    pub fn new(show: ShowId) -> Self {
        let envelope = Envelope { staff: true, ..Envelope::default() };
        Self { show, reason: None, if_seq: None, envelope }
    }

    /// Why, for the log: at most 255 bytes.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// Refuse, `stale`, if the show has moved past this seq.
    #[must_use]
    pub const fn if_seq(mut self, seq: u64) -> Self {
        self.if_seq = Some(seq);
        self
    }

    staff_parts!();
}

impl From<ShowId> for CancelShow {
    fn from(show: ShowId) -> Self {
        Self::new(show)
    }
}

impl Sealed for CancelShow {}

impl Request for CancelShow {
    fn read(self, _: &dyn Fn(ShowId) -> HoldId) -> Result<Command, Rejection> {
        let mut draft = Draft::new(b'd');
        let (reason, if_seq) = (draft.text("reason", self.reason), self.if_seq);
        draft.condition(if_seq);
        draft.finish(self.show, self.envelope, |_| Some(Verb::CancelShow { reason, if_seq }))
    }
}
