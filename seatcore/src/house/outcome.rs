//! What a caller gets back: rebuilt from the record alone, the first time and on every retry.

use crate::catalogue::layout::Layout;
use crate::clock::Timestamp;
use crate::house::event::{Fact, Kind, Part, Record, Rest, Seq, Term};
use crate::house::hold::{HoldEntry, HoldState, SeatPrice, total};
use crate::id::{BookingId, HoldId, Holder, ShowId, TicketCode, TicketKey};
use crate::money::{Currency, Money};

/// What is needed to print a show's records: its plan, its currency, and the file's ticket key.
#[derive(Clone, Copy, Debug)]
pub struct Printer<'a> {
    /// Names seats.
    pub layout: &'a Layout,
    /// Of every amount.
    pub currency: Currency,
    /// Makes ticket codes.
    pub tickets: &'a TicketKey,
}

/// The result of one command.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Outcome {
    /// Of hold, extend, release, block and unblock.
    Hold(HoldDetails),
    /// Of book and cancel.
    Booking(Booking),
    /// Of what staff do to a show.
    Show(ShowEvent),
}

/// A hold as of one event.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct HoldDetails {
    /// Its name.
    pub id: HoldId,
    /// Its show.
    pub show: ShowId,
    /// Whose it is.
    pub holder: Holder,
    /// Its seats in plan order.
    pub seats: Vec<String>,
    /// What it is.
    pub state: HoldState,
    /// Dead from this moment on; none for a block.
    pub expires_at: Option<Timestamp>,
    /// The same, in milliseconds from when this was true.
    pub expires_in_ms: Option<u64>,
    /// What its seats cost.
    pub total: Money,
    /// The caller's own reference; of a block, its reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The event that made it so; for a question, the show's newest.
    pub seq: Seq,
}

/// A booking as of one event.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Booking {
    /// Its name.
    pub id: BookingId,
    /// Its show.
    pub show: ShowId,
    /// Whose it is.
    pub holder: Holder,
    /// Its seats in plan order.
    pub seats: Vec<String>,
    /// `booked` or `cancelled`.
    pub state: HoldState,
    /// What it cost.
    pub total: Money,
    /// When it was booked.
    pub booked_at: Timestamp,
    /// The caller's own reference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// One for each seat.
    pub tickets: Vec<Ticket>,
    /// The event that made it so.
    pub seq: Seq,
}

/// One seat of a booking.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Ticket {
    /// What the door scans.
    pub code: TicketCode,
    /// The seat.
    pub seat: String,
    /// Whether the door lets it in.
    pub state: TicketState,
}

/// Whether a ticket is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum TicketState {
    /// It is.
    Valid,
    /// Its booking was cancelled.
    Void,
}

impl TicketState {
    /// Every state.
    pub const ALL: [Self; 2] = [Self::Valid, Self::Void];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Void => "void",
        }
    }
}

parse_by_word!(TicketState, "state of a ticket");

/// What happened to a show.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct ShowEvent {
    /// The show.
    pub show: ShowId,
    /// `show_opened`, `show_changed` or `show_cancelled`.
    pub kind: &'static str,
    /// When.
    pub at: Timestamp,
    /// The event.
    pub seq: Seq,
}

impl Outcome {
    /// The outcome that a record stands for; none for lapses, notes and records about the file.
    pub fn of(record: &Record, printer: Printer<'_>) -> Option<Self> {
        let show = record.show_id()?;
        let view = View { record, show, printer };
        match &record.entry.fact {
            Fact::Held { part, term } | Fact::Extended { part, term } => {
                Some(view.hold(part, &part.seats, HoldState::Held, Some(*term)))
            }
            Fact::Released { part, rest } => Some(match rest {
                Rest::Kept(kept, term) => view.hold(part, kept, HoldState::Held, Some(*term)),
                Rest::None | Rest::Released(_) => {
                    view.hold(part, &part.seats, HoldState::Released, None)
                }
            }),
            Fact::Blocked { part } => Some(view.hold(part, &part.seats, HoldState::Blocked, None)),
            Fact::Unblocked { part } => {
                Some(view.hold(part, &part.seats, HoldState::Released, None))
            }
            Fact::Booked { part, first_ticket, .. } => {
                Some(view.booking(part, HoldState::Booked, record.at, *first_ticket))
            }
            Fact::Cancelled { part, booked_at, first_ticket, .. } => {
                Some(view.booking(part, HoldState::Cancelled, *booked_at, *first_ticket))
            }
            Fact::ShowOpened(_)
            | Fact::ShowChanged(_)
            | Fact::ShowCancelled { .. }
            | Fact::Archived(_) => Some(view.show(record.entry.fact.kind())),
            Fact::Expired { .. } | Fact::Noted(_) | Fact::ClockAccepted { .. } => None,
        }
    }
}

impl Outcome {
    /// The hold, if it is one.
    pub fn into_hold(self) -> Option<HoldDetails> {
        match self {
            Self::Hold(hold) => Some(hold),
            Self::Booking(_) | Self::Show(_) => None,
        }
    }

    /// The booking, if it is one.
    pub fn into_booking(self) -> Option<Booking> {
        match self {
            Self::Booking(booking) => Some(booking),
            Self::Hold(_) | Self::Show(_) => None,
        }
    }

    /// What happened to a show, if that is what it is.
    pub fn into_show(self) -> Option<ShowEvent> {
        match self {
            Self::Show(event) => Some(event),
            Self::Hold(_) | Self::Booking(_) => None,
        }
    }
}

struct View<'a> {
    record: &'a Record,
    show: ShowId,
    printer: Printer<'a>,
}

impl View<'_> {
    fn hold(
        &self,
        part: &Part,
        seats: &[SeatPrice],
        state: HoldState,
        term: Option<Term>,
    ) -> Outcome {
        let expires_at = term.map(|term| term.expires_at);
        Outcome::Hold(HoldDetails {
            id: part.hold,
            show: self.show,
            holder: part.holder.clone(),
            seats: labels(seats, self.printer.layout),
            state,
            expires_at,
            expires_in_ms: expires_at.map(|at| at.since(self.record.at).as_millis() as u64),
            total: self.printer.currency.minor(total(seats)),
            reference: part.reference.as_deref().map(str::to_owned),
            seq: self.record.seq.unwrap_or_default(),
        })
    }

    fn booking(
        &self,
        part: &Part,
        state: HoldState,
        booked_at: Timestamp,
        first_ticket: u32,
    ) -> Outcome {
        Outcome::Booking(Booking {
            id: part.hold.into(),
            show: self.show,
            holder: part.holder.clone(),
            seats: labels(&part.seats, self.printer.layout),
            state,
            total: self.printer.currency.minor(total(&part.seats)),
            booked_at,
            reference: part.reference.as_deref().map(str::to_owned),
            tickets: tickets(self.show, &part.seats, state, first_ticket, self.printer),
            seq: self.record.seq.unwrap_or_default(),
        })
    }

    fn show(&self, kind: Kind) -> Outcome {
        let (show, at) = (self.show, self.record.at);
        let seq = self.record.seq.unwrap_or_default();
        Outcome::Show(ShowEvent { show, kind: kind.as_str(), at, seq })
    }
}

impl HoldDetails {
    /// A hold as it reads at `now`.
    pub fn at(hold: &HoldEntry, now: Timestamp, seq: Seq, printer: Printer<'_>) -> Option<Self> {
        let state = hold.state_at(now);
        let expires_at = hold.expires_at.filter(|_| state == HoldState::Held);
        Some(Self {
            id: hold.id,
            show: hold.id.show()?,
            holder: hold.holder.clone(),
            seats: labels(&hold.seats, printer.layout),
            state,
            expires_at,
            expires_in_ms: expires_at.map(|at| at.since(now).as_millis() as u64),
            total: printer.currency.minor(total(&hold.seats)),
            reference: hold.reference.as_deref().map(str::to_owned),
            seq,
        })
    }
}

fn labels(seats: &[SeatPrice], layout: &Layout) -> Vec<String> {
    seats.iter().map(|seat| layout.label(seat.seat).into()).collect()
}

fn tickets(
    show: ShowId,
    seats: &[SeatPrice],
    state: HoldState,
    first: u32,
    printer: Printer<'_>,
) -> Vec<Ticket> {
    let valid = state == HoldState::Booked;
    let ticket = |(number, seat): (u32, &SeatPrice)| Ticket {
        code: printer.tickets.encode(show, number),
        seat: printer.layout.label(seat.seat).into(),
        state: if valid { TicketState::Valid } else { TicketState::Void },
    };
    (first..).zip(seats).map(ticket).collect()
}
