//! What somebody booked.

use super::programme::{place, seat_id, seat_of};
use super::refused;
use crate::answer::Answer;
use crate::ask::Ask;
use crate::route::Handled;
use hyper::StatusCode;
use seatcore::accounts::Deed;
use seatcore::clock::Timestamp;
use seatcore::error::Code;
use seatcore::house::hold::HoldState;
use seatcore::id::UserId;
use seatcore::store::BookingFilter;
use seatcore::{Booking, Engine, Failure, Holder, ShowId};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;

/// Bookings that one answer lists: years of going out.
const BOOKINGS_MAX: usize = 2_000;

#[derive(Serialize)]
struct SeatLine {
    id: u64,
    movie: String,
    start_time: Timestamp,
    row: String,
    number: u16,
    price: String,
}

/// `GET /api/seats/my-bookings/`
pub async fn bookings(ask: Ask) -> Handled {
    let holder = ask.identity.holder()?;
    let lines = ask.engine(move |engine| lines(engine, &holder)).await?;
    Ok(Answer::ok(&json!({ "bookings": lines })))
}

fn lines(engine: &Engine, holder: &Holder) -> Result<Vec<SeatLine>, Failure> {
    let mut filter = BookingFilter { holder: Some(holder.clone()), ..BookingFilter::default() };
    let mut by_show: BTreeMap<ShowId, Vec<String>> = BTreeMap::new();
    let mut count = 0;
    loop {
        let page: Vec<Booking> = engine.bookings(&filter)?;
        let Some(last) = page.last() else { break };
        filter.before = Some(last.id);
        count += page.len();
        for booking in page.into_iter().filter(|each| each.state == HoldState::Booked) {
            by_show.entry(booking.show).or_default().extend(booking.seats);
        }
        if count >= BOOKINGS_MAX {
            break;
        }
    }
    let mut lines = Vec::new();
    for (id, labels) in by_show {
        let show = engine.show(id)?;
        let layout = engine.layout(show.opening.layout)?;
        let movie = engine.movie(show.opening.movie)?.title;
        let start_time = show.opening.terms.starts_at;
        for why in engine.ask_why(id, labels, Some(holder.clone())).wait()? {
            let Some(seat) = layout.seat(&why.row.seat).filter(|_| why.row.mine) else { continue };
            let ((row, number), price) = (place(&layout, seat), why.row.price.amount());
            let (id, movie) = (seat_id(id, seat), movie.clone());
            lines.push(SeatLine { id, movie, start_time, row, number, price });
        }
    }
    lines.sort_by_key(|line| (std::cmp::Reverse(line.start_time), line.id));
    Ok(lines)
}

/// `GET /api/seats/booking/{seat}/ticket/`: for whoever booked it, and for staff.
pub async fn ticket(ask: Ask) -> Handled {
    let missing = || refused(Code::NotFound, StatusCode::NOT_FOUND, "Ticket not found");
    let id: u64 = ask.text_param("id").and_then(|text| text.parse().ok()).ok_or_else(missing)?;
    let (asker, sees) = (ask.identity.holder()?, ask.identity.principal.may(Deed::SeeOthers));
    match ask.engine(move |engine| print(engine, id, &asker, sees)).await {
        Ok(Some(ticket)) => Ok(Answer::ok(&json!({ "ticket": ticket }))),
        Ok(None) => Err(missing()),
        Err(refusal) if refusal.code() == Code::NotFound.as_str() => Err(missing()),
        Err(refusal) => Err(refusal),
    }
}

fn print(
    engine: &Engine,
    id: u64,
    asker: &Holder,
    sees_others: bool,
) -> Result<Option<serde_json::Value>, Failure> {
    let Some((show, seat)) = seat_of(id) else { return Ok(None) };
    let opening = engine.show(show)?.opening;
    let layout = engine.layout(opening.layout)?;
    if seat.0 >= layout.len() {
        return Ok(None);
    }
    let label = layout.label(seat).to_string();
    let look =
        |asker: &Holder| engine.ask_why(show, vec![label.clone()], Some(asker.clone())).wait();
    let booked = |why: &seatcore::engine::Why| {
        why.hold.clone().filter(|hold| hold.state == HoldState::Booked)
    };
    let Some(hold) = look(asker)?.first().and_then(booked) else { return Ok(None) };
    if hold.holder != *asker && !sees_others {
        return Ok(None);
    }
    // What it cost is told from the owner's side.
    let Some(why) = look(&hold.holder)?.pop() else { return Ok(None) };
    Ok(Some(json!({
        "ticket_id": id,
        "movie": engine.movie(opening.movie)?.title,
        "screen": engine.screen(opening.screen)?.name,
        "time": opening.terms.starts_at,
        "seat": why.row.seat,
        "price": why.row.price.amount(),
        "booked_by": name(engine, &hold.holder),
        "message": "Thank you for booking with us! Please show this ticket at the entrance.",
    })))
}

/// The name of whoever signed in; else the holder as it stands.
fn name(engine: &Engine, holder: &Holder) -> String {
    let number = holder.as_str().strip_prefix("user:").and_then(|text| text.parse().ok());
    let user = number.and_then(UserId::new).and_then(|id| engine.user_numbered(id).ok());
    user.map_or_else(|| holder.to_string(), |user| user.name)
}
