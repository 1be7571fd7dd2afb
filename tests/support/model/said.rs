//! What is answered, in plain words: the engine's answers are read into the model's.

use seatcore::engine::ReplyAnswer;
use seatcore::house::outcome::TicketState;
use seatcore::house::rejection::{Limit, Rejection};
use seatcore::{Booking, Failure, HoldDetails, HoldId, Outcome};
use std::fmt;

/// An answer, and what its key had to do with it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Said {
    /// One result per command, or why not.
    pub result: Result<Vec<Done>, No>,
    /// It is the first answer again.
    pub replayed: bool,
    /// A retry under the key gets it again.
    pub remembered: bool,
}

/// A result.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Done {
    /// A hold, a block or a booking.
    Slip(Slip),
    /// What happened to a show.
    Show {
        /// Which.
        show: u32,
        /// What.
        kind: String,
        /// When.
        at: i64,
        /// The event.
        seq: u64,
    },
}

/// A hold, a block or a booking as of one event.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the names are the contract's")]
pub struct Slip {
    pub id: HoldId,
    pub show: u32,
    pub holder: String,
    pub seats: Vec<String>,
    pub state: String,
    pub expires_at: Option<i64>,
    pub expires_in_ms: Option<u64>,
    pub total: i64,
    pub note: Option<String>,
    pub booked_at: Option<i64>,
    /// Seat of each ticket, and whether it is good.
    pub tickets: Vec<(String, bool)>,
    pub seq: u64,
}

/// A refusal.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct No {
    /// The frozen word.
    pub code: String,
    /// How a hold ended, which cap, what is left: the word's own detail.
    pub detail: String,
    /// The seats at fault in the order asked, each with its own word.
    pub conflicts: Vec<(String, String)>,
    /// The step of a batch that failed.
    pub culprit: Option<usize>,
}

impl fmt::Display for No {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code)?;
        for (seat, _) in &self.conflicts {
            write!(f, " {seat}")?;
        }
        if self.detail.is_empty() { Ok(()) } else { write!(f, " {}", self.detail) }
    }
}

/// The words for seats at fault, in the order in which they name the whole refusal.
const FAULTS: [&str; 4] = ["unknown_seat", "seat_blocked", "seat_booked", "seat_held"];

impl No {
    /// A refusal that its word says in full.
    pub fn plain(code: &str) -> Self {
        Self { code: code.to_owned(), ..Self::default() }
    }

    /// A refusal with a detail.
    pub fn with(code: &str, detail: impl fmt::Display) -> Self {
        Self { detail: detail.to_string(), ..Self::plain(code) }
    }

    /// A refusal over seats: its word is the first of theirs in table order.
    pub fn seats(conflicts: Vec<(String, String)>) -> Self {
        let first = FAULTS.iter().find(|word| conflicts.iter().any(|(_, code)| code == *word));
        Self { conflicts, ..Self::plain(first.unwrap_or(&"invalid")) }
    }

    /// Whether a keyed refusal of this kind is kept: rules said it, about seats and holds.
    pub fn kept(&self) -> bool {
        const KEPT: [&str; 8] = [
            "not_holder",
            "show_closed",
            "show_cancelled",
            "no_block_together",
            "sold_out",
            "hold_expired",
            "hold_ended",
            "over_limit",
        ];
        KEPT.contains(&self.code.as_str()) || FAULTS.contains(&self.code.as_str())
    }
}

impl Said {
    /// A refusal that no key had a part in.
    pub fn no(no: No) -> Self {
        Self { result: Err(no), replayed: false, remembered: false }
    }

    /// The first result.
    pub fn first(&self) -> Option<&Done> {
        self.nth(0)
    }

    /// The result of a step.
    pub fn nth(&self, step: usize) -> Option<&Done> {
        self.result.as_ref().ok()?.get(step)
    }

    /// The slip of the first result.
    pub fn slip(&self) -> Option<&Slip> {
        match self.first()? {
            Done::Slip(slip) => Some(slip),
            Done::Show { .. } => None,
        }
    }

    /// The outcome as one word: a state, an event, or the refusal's code.
    pub fn word(&self) -> &str {
        match (&self.result, self.first()) {
            (Err(no), _) => &no.code,
            (Ok(_), Some(Done::Slip(slip))) => &slip.state,
            (Ok(_), Some(Done::Show { kind, .. })) => kind,
            (Ok(_), None) => "nothing",
        }
    }
}

impl Done {
    /// The hold it made; of a show's event, none.
    pub fn id(&self) -> HoldId {
        match self {
            Self::Slip(slip) => slip.id,
            Self::Show { .. } => HoldId::from_bits(0),
        }
    }
}

impl From<ReplyAnswer<Vec<Outcome>>> for Said {
    fn from(answer: ReplyAnswer<Vec<Outcome>>) -> Self {
        let result = match answer.result {
            Ok(outcomes) => Ok(outcomes.iter().map(Done::from).collect()),
            Err(failure) => Err(No::from(&failure)),
        };
        Self { result, replayed: answer.replayed, remembered: answer.remembered }
    }
}

impl From<&Outcome> for Done {
    fn from(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Hold(hold) => Self::Slip(hold.into()),
            Outcome::Booking(booking) => Self::Slip(booking.into()),
            Outcome::Show(event) => Self::Show {
                show: event.show.get(),
                kind: event.kind.to_owned(),
                at: event.at.millis(),
                seq: event.seq,
            },
            other => unreachable!("an outcome the model does not know: {other:?}"),
        }
    }
}

impl From<&HoldDetails> for Slip {
    fn from(hold: &HoldDetails) -> Self {
        Self {
            id: hold.id,
            show: hold.show.get(),
            holder: hold.holder.to_string(),
            seats: hold.seats.clone(),
            state: hold.state.to_string(),
            expires_at: hold.expires_at.map(|at| at.millis()),
            expires_in_ms: hold.expires_in_ms,
            total: hold.total.amount_minor,
            note: hold.reference.clone(),
            booked_at: None,
            tickets: Vec::new(),
            seq: hold.seq,
        }
    }
}

impl From<&Booking> for Slip {
    fn from(booking: &Booking) -> Self {
        let good = |state| matches!(state, TicketState::Valid);
        let tickets = booking.tickets.iter().map(|t| (t.seat.clone(), good(t.state)));
        Self {
            id: booking.id.hold(),
            show: booking.show.get(),
            holder: booking.holder.to_string(),
            seats: booking.seats.clone(),
            state: booking.state.to_string(),
            expires_at: None,
            expires_in_ms: None,
            total: booking.total.amount_minor,
            note: booking.reference.clone(),
            booked_at: Some(booking.booked_at.millis()),
            tickets: tickets.collect(),
            seq: booking.seq,
        }
    }
}

impl From<&Failure> for No {
    fn from(failure: &Failure) -> Self {
        match failure {
            Failure::Rejected(rejection) => rejection.into(),
            // A fault matches no answer of the model, and its own words say what failed.
            fault => Self::with(fault.code().as_str(), fault),
        }
    }
}

impl From<&Rejection> for No {
    fn from(rejection: &Rejection) -> Self {
        let code = rejection.code().as_str();
        match rejection {
            Rejection::Step { culprit, why } => {
                Self { culprit: Some(usize::from(*culprit)), ..Self::from(&**why) }
            }
            Rejection::Seats { conflicts } => Self {
                conflicts: conflicts
                    .iter()
                    .map(|c| (c.seat.clone(), c.fault.code().as_str().to_owned()))
                    .collect(),
                ..Self::plain(code)
            },
            Rejection::HoldEnded { state } => Self::with(code, state),
            Rejection::NoBlockTogether { largest, .. } => Self::with(code, largest),
            Rejection::OverLimit { limit } => Self::with(
                code,
                match limit {
                    Limit::Holds => "holds",
                    Limit::Seats => "seats",
                    Limit::Lifetime => "lifetime",
                    _ => "something else",
                },
            ),
            _ => Self::plain(code),
        }
    }
}
