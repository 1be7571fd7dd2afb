//! Holding, booking and giving back. A caller's seats of a show are one live hold: what is held
//! joins it, what is booked leaves it, and its clock begins anew with each seat that joins.

use super::{fields, malformed, message, refused, whole};
use crate::answer::Answer;
use crate::ask::Ask;
use crate::json::{Fields, Json};
use crate::refusal::Refusal;
use crate::route::Handled;
use hyper::StatusCode;
use seatcore::engine::Why;
use seatcore::error::Code;
use seatcore::house::event::{Kind, Source};
use seatcore::house::rejection::{Conflict, SeatFault};
use seatcore::house::seat::SeatState;
use seatcore::money::Money;
use seatcore::{
    Batch, Book, Failure, Hold, HoldDetails, HoldId, Holder, Rejection, Release, ShowId,
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Somebody asks twice at once: what was read may be old when it is acted upon. Then it is read
/// again, at most so often.
const ROUNDS: usize = 4;
/// Events looked back at for what became of a seat.
const LOOK_BACK: usize = 64;

/// Seats of a show that somebody wants.
#[derive(Debug, Clone)]
struct Wanted {
    show: ShowId,
    seats: Vec<String>,
    holder: Holder,
}

impl Wanted {
    fn one(ask: &Ask) -> Result<Self, Refusal> {
        let mut fields = fields(ask)?;
        let show = whole(fields.take("show_id")).filter(|show| *show > 0);
        let label = label(&mut fields);
        let (Some(show), Some(label)) = (show, label) else {
            return Err(malformed("Missing required fields"));
        };
        let missing = || refused(Code::NotFound, StatusCode::NOT_FOUND, "Seat not found");
        let (show, holder) = (ShowId::new(show).ok_or_else(missing)?, ask.identity.holder()?);
        Ok(Self { show, seats: vec![label], holder })
    }

    fn many(ask: &Ask) -> Result<Self, Refusal> {
        let mut fields = fields(ask)?;
        let show = whole(fields.take("show_id")).filter(|show| *show > 0);
        let show = show.ok_or_else(|| malformed("show_id is required"))?;
        let list = match fields.take("seats") {
            Some(Json::List(list)) if !list.is_empty() => list,
            _ => return Err(malformed("A list of seats is required")),
        };
        let mut seats: Vec<String> = Vec::with_capacity(list.len());
        for item in list {
            let label = fields.item("seats", 0, item).and_then(|mut item| label(&mut item));
            let label = label.ok_or_else(|| malformed("Each seat needs a row and a number"))?;
            if !seats.contains(&label) {
                seats.push(label);
            }
        }
        let first = seats.first().map_or("", String::as_str);
        let show = ShowId::new(show).ok_or_else(|| {
            let text = format!("Seat {first} not found for show {show}");
            refused(Code::NotFound, StatusCode::NOT_FOUND, text)
        })?;
        Ok(Self { show, seats, holder: ask.identity.holder()? })
    }
}

/// A row and a number as a label. A row that ends in a digit would make another label of it.
fn label(fields: &mut Fields<'_>) -> Option<String> {
    let row = fields.text("row")?;
    let number = whole(fields.take("number")).filter(|number| *number > 0)?;
    let row = row.trim();
    let lettered = row.chars().next_back().is_some_and(|last| last.is_ascii_alphabetic());
    lettered.then(|| match row.rsplit_once('/') {
        // Sections keep their case, rows are capital letters.
        Some((section, row)) => format!("{section}/{}{number}", row.to_ascii_uppercase()),
        None => format!("{}{number}", row.to_ascii_uppercase()),
    })
}

/// `POST /api/seats/hold/`
pub async fn hold(ask: Ask) -> Handled {
    let wanted = Wanted::one(&ask)?;
    let held = take(&ask, &wanted).await;
    let held = held.map_err(|failure| match conflict(&failure) {
        Some(conflict) => one_taken(conflict.fault),
        None => missing_seat(failure),
    })?;
    let (show, seat, seq) = (wanted.show, wanted.seats, held.seq);
    let lapsed = ask.engine(move |engine| {
        let snapshot = engine.seat_map(show)?;
        let seat = seat.first().and_then(|label| snapshot.layout.seat(label));
        let events = engine.history(show, None, LOOK_BACK)?;
        let mut before = events
            .iter()
            .filter(|event| event.seq < seq)
            .filter(|event| event.changes.iter().any(|(changed, _)| Some(*changed) == seat));
        Ok(before.next().is_some_and(|event| event.kind == Kind::Expired))
    });
    let suffix = if lapsed.await.unwrap_or_default() { " (previous hold expired)" } else { "" };
    Ok(held_answer(&format!("Seat held successfully{suffix}"), &held))
}

/// `POST /api/seats/hold-batch/`
pub async fn hold_batch(ask: Ask) -> Handled {
    let wanted = Wanted::many(&ask)?;
    let held = take(&ask, &wanted).await;
    let held = held.map_err(|failure| match conflict(&failure) {
        Some(conflict) => many_taken(conflict, wanted.show),
        None => missing_first(failure, &wanted),
    })?;
    let count = wanted.seats.len();
    Ok(held_answer(&format!("Successfully held {count} seats"), &held))
}

fn held_answer(text: &str, held: &HoldDetails) -> Answer {
    Answer::ok(&json!({ "message": text, "expires_at": held.expires_at }))
}

/// Takes seats together with those the caller holds already.
async fn take(ask: &Ask, wanted: &Wanted) -> Result<HoldDetails, Failure> {
    let mut round = 1;
    loop {
        let Wanted { show, holder, .. } = wanted.clone();
        let own = ask.app.engine(move |engine| engine.live_holds(Some(&holder), Some(show)));
        let own = own.await.map_err(unanswered)?;
        let own = own.into_iter().flat_map(|hold| hold.seats);
        let seats: BTreeSet<String> = wanted.seats.iter().cloned().chain(own).collect();
        let hold = Hold::new(wanted.show, seats).source(Source::Http).by(wanted.holder.as_str());
        let held = ask.app.engine.hold(hold).await;
        let others = held.as_ref().is_err_and(|failure| {
            let asked = |conflict: &Conflict| wanted.seats.contains(&conflict.seat);
            conflict(failure).is_some() && !conflicts(failure).iter().any(asked)
        });
        // A seat that was the caller's lapsed in between: it is not what they asked for.
        if !others || round == ROUNDS {
            return held;
        }
        round += 1;
    }
}

/// What the server itself says instead of the engine.
fn unanswered(refusal: Refusal) -> Failure {
    let reason = seatcore::error::BusyReason::Queue;
    let wait = refusal.problem.retry_after_ms.unwrap_or(1_000);
    let retry_after = std::time::Duration::from_millis(wait);
    match refusal.code() {
        "not_found" => Rejection::NotFound { what: seatcore::house::rejection::What::Show }.into(),
        _ => seatcore::Error::Busy { reason, retry_after }.into(),
    }
}

fn conflicts(failure: &Failure) -> &[Conflict] {
    match failure {
        Failure::Rejected(Rejection::Seats { conflicts }) => conflicts,
        _ => &[],
    }
}

fn conflict(failure: &Failure) -> Option<&Conflict> {
    conflicts(failure).iter().min_by_key(|conflict| conflict.fault)
}

fn one_taken(fault: SeatFault) -> Refusal {
    match fault {
        SeatFault::Unknown => refused(Code::UnknownSeat, StatusCode::NOT_FOUND, "Seat not found"),
        SeatFault::Held => {
            refused(fault.code(), StatusCode::CONFLICT, "Seat is currently held by someone else")
        }
        _ => refused(fault.code(), StatusCode::CONFLICT, "Seat is already booked"),
    }
}

fn many_taken(conflict: &Conflict, show: ShowId) -> Refusal {
    let Conflict { seat, fault } = conflict;
    match fault {
        SeatFault::Unknown => {
            let text = format!("Seat {seat} not found for show {show}");
            refused(Code::UnknownSeat, StatusCode::NOT_FOUND, text)
        }
        _ => {
            let text = format!("Seat {seat} is already taken by someone else");
            refused(fault.code(), StatusCode::CONFLICT, text)
        }
    }
}

fn is_missing(failure: &Failure) -> bool {
    matches!(failure, Failure::Rejected(Rejection::NotFound { .. }))
}

fn missing_seat(failure: Failure) -> Refusal {
    if is_missing(&failure) { one_taken(SeatFault::Unknown) } else { failure.into() }
}

fn missing_first(failure: Failure, wanted: &Wanted) -> Refusal {
    match wanted.seats.first() {
        Some(seat) if is_missing(&failure) => {
            let conflict = Conflict { seat: seat.clone(), fault: SeatFault::Unknown };
            many_taken(&conflict, wanted.show)
        }
        _ => failure.into(),
    }
}

/// Why seats that somebody wants to book are not theirs.
enum NotTheirs {
    /// The seat, and what it is instead.
    Seat(String, Instead),
    /// Something else.
    Failure(Failure),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Instead {
    Sold,
    HeldByAnother,
    Lapsed,
    Free,
}

/// `POST /api/seats/book/`
pub async fn book(ask: Ask) -> Handled {
    let wanted = Wanted::one(&ask)?;
    match buy(&ask, &wanted).await {
        Ok(_) => Ok(message(StatusCode::OK, "Seat booked successfully")),
        Err(NotTheirs::Failure(failure)) => Err(match conflict(&failure) {
            Some(conflict) => one_taken(conflict.fault),
            None => missing_seat(failure),
        }),
        Err(NotTheirs::Seat(_, instead)) => Err(match instead {
            Instead::Sold => one_taken(SeatFault::Booked),
            Instead::HeldByAnother => {
                let text = "Seat is held by another user";
                refused(Code::NotHolder, StatusCode::FORBIDDEN, text)
            }
            Instead::Lapsed => {
                let text = "Hold has expired, please hold again";
                refused(Code::HoldExpired, StatusCode::BAD_REQUEST, text)
            }
            Instead::Free => {
                let text = "You must hold the seat before booking";
                refused(Code::HoldEnded, StatusCode::BAD_REQUEST, text)
            }
        }),
    }
}

/// `POST /api/seats/book-batch/`
pub async fn book_batch(ask: Ask) -> Handled {
    let wanted = Wanted::many(&ask)?;
    match buy(&ask, &wanted).await {
        Ok(paid) => {
            let text = format!("Successfully booked {} seats", wanted.seats.len());
            Ok(Answer::ok(&json!({ "message": text, "total_paid": paid.amount() })))
        }
        Err(NotTheirs::Failure(failure)) => Err(match conflict(&failure) {
            Some(conflict) => many_taken(conflict, wanted.show),
            None => missing_first(failure, &wanted),
        }),
        Err(NotTheirs::Seat(seat, instead)) => {
            let (code, text) = match instead {
                Instead::Lapsed => (Code::HoldExpired, format!("Hold for seat {seat} has expired")),
                Instead::Sold => (Code::SeatBooked, format!("Seat {seat} is not held by you")),
                Instead::HeldByAnother => {
                    (Code::SeatHeld, format!("Seat {seat} is not held by you"))
                }
                Instead::Free => (Code::HoldEnded, format!("Seat {seat} is not held by you")),
            };
            Err(refused(code, StatusCode::CONFLICT, text))
        }
    }
}

/// Books what the caller holds of the seats wanted; what is theirs already stays. Answers what
/// all of them cost.
async fn buy(ask: &Ask, wanted: &Wanted) -> Result<Money, NotTheirs> {
    let mut round = 1;
    loop {
        let Wanted { show, seats, holder } = wanted.clone();
        let whys = ask.app.engine.ask_why(show, seats, Some(holder)).await;
        let whys = whys.map_err(NotTheirs::Failure)?;
        let mut holds: BTreeMap<HoldId, Vec<String>> = BTreeMap::new();
        for why in &whys {
            match (&why.hold, why.row.status) {
                (Some(hold), SeatState::Held) if why.row.mine => {
                    holds.entry(hold.id).or_default().push(why.row.seat.clone());
                }
                (_, SeatState::Booked) if why.row.mine => {}
                _ => return Err(not_theirs(ask, wanted, why).await),
            }
        }
        let sum = whys.iter().map(|why| why.row.price.amount_minor).sum();
        let paid = whys.first().map(|why| why.row.price.currency.minor(sum));
        let Some(paid) = paid else {
            return Err(NotTheirs::Failure(unanswered(malformed("A list of seats is required"))));
        };
        match book_all(ask, &wanted.holder, holds).await {
            Ok(()) => return Ok(paid),
            // Another request of theirs moved or booked the seats in between, or they lapsed.
            Err(Failure::Rejected(_)) if round < ROUNDS => round += 1,
            Err(failure) => return Err(NotTheirs::Failure(failure)),
        }
    }
}

async fn book_all(
    ask: &Ask,
    holder: &Holder,
    holds: BTreeMap<HoldId, Vec<String>>,
) -> Result<(), Failure> {
    let book = |(hold, seats): (HoldId, Vec<String>)| {
        Book::new(hold).seats(seats).keep_rest().source(Source::Http).by(holder.as_str())
    };
    let engine = &ask.app.engine;
    let mut steps: Vec<Book> = holds.into_iter().map(book).collect();
    match (steps.len(), steps.pop()) {
        (_, None) => Ok(()),
        (1, Some(only)) => engine.book(only).await.map(drop),
        (_, Some(last)) => {
            let batch = steps.into_iter().fold(Batch::new(), Batch::then).then(last);
            engine.batch(batch.source(Source::Http).by(holder.as_str())).await.map(drop)
        }
    }
}

async fn not_theirs(ask: &Ask, wanted: &Wanted, why: &Why) -> NotTheirs {
    let seat = why.row.seat.clone();
    let instead = match why.row.status {
        SeatState::Booked | SeatState::Blocked => Instead::Sold,
        SeatState::Held => Instead::HeldByAnother,
        SeatState::Available => {
            let Wanted { show, holder, .. } = wanted.clone();
            let label = seat.clone();
            let last = ask.app.engine(move |engine| {
                let layout = engine.seat_map(show)?.layout.clone();
                // Lapses that no event has told of are told of first.
                engine.sweep().wait()?;
                let events = engine.history(show, None, LOOK_BACK)?;
                let seat = layout.seat(&label);
                let last = events
                    .into_iter()
                    .find(|event| event.changes.iter().any(|(changed, _)| Some(*changed) == seat));
                Ok(last.is_some_and(|event| {
                    event.kind == Kind::Expired && event.holder == Some(holder)
                }))
            });
            if last.await.unwrap_or_default() { Instead::Lapsed } else { Instead::Free }
        }
    };
    NotTheirs::Seat(seat, instead)
}

/// `POST /api/seats/release-hold-batch/`: what is not the caller's is passed over in silence.
pub async fn release_batch(ask: Ask) -> Handled {
    let wanted = Wanted::many(&ask)?;
    let mut round = 1;
    loop {
        match give_back(&ask, &wanted).await {
            Err(Failure::Rejected(rejection)) if round < ROUNDS => {
                if matches!(rejection, Rejection::NotFound { .. }) {
                    return Err(missing_first(rejection.into(), &wanted));
                }
                round += 1;
            }
            Err(failure) => return Err(failure.into()),
            Ok(()) => return Ok(message(StatusCode::OK, "Holds released successfully")),
        }
    }
}

async fn give_back(ask: &Ask, wanted: &Wanted) -> Result<(), Failure> {
    let Wanted { show, holder, .. } = wanted.clone();
    let own = ask.app.engine(move |engine| {
        engine.show(show)?;
        engine.live_holds(Some(&holder), Some(show))
    });
    let mut steps = Vec::new();
    for hold in own.await.map_err(unanswered)? {
        let seats: Vec<_> = hold.seats.iter().filter(|seat| wanted.seats.contains(seat)).collect();
        if !seats.is_empty() {
            let release = Release::new(hold.id).seats(seats).source(Source::Http);
            steps.push(release.by(wanted.holder.as_str()));
        }
    }
    match (steps.len(), steps.pop()) {
        (_, None) => Ok(()),
        (1, Some(only)) => ask.app.engine.release(only).await.map(drop),
        (_, Some(last)) => {
            let batch = steps.into_iter().fold(Batch::new(), Batch::then).then(last);
            let batch = batch.source(Source::Http).by(wanted.holder.as_str());
            ask.app.engine.batch(batch).await.map(drop)
        }
    }
}
