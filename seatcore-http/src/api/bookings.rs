//! Bookings: what a booked hold is called outside.

use super::holds::{acting, check_owner, whose};
use super::reading::owned;
use super::shows::next;
use crate::answer::Answer;
use crate::ask::Ask;
use crate::route::Written::{Number, Text, UpTo};
use crate::route::{Doc, Handled, Route};
use hyper::Method;
use seatcore::accounts::Deed;
use seatcore::house::event::Source;
use seatcore::house::rejection::What;
use seatcore::store::BookingFilter;
use seatcore::{BookingId, Cancel};

/// The rows about bookings.
pub fn routes() -> Vec<Route> {
    let doc = Doc { tag: "bookings", answer: (200, "Booking"), ..Doc::default() };
    vec![
        Route::new(Method::GET, "/api/v1/bookings", Deed::Buy, list).doc(Doc {
            summary: "The asker's bookings, newest first; staff may ask for somebody's, or for all",
            query: &[
                ("show", "in this show", Number),
                ("holder", "staff: of this holder, or `*`", Text),
                ("cursor", "where the last page ended", Text),
                ("limit", "1 to 200, else 50", UpTo(200)),
            ],
            answer: (200, "BookingList"),
            refusals: &["show_closed"],
            ..doc
        }),
        Route::new(Method::GET, "/api/v1/bookings/{id}", Deed::Buy, show).doc(Doc {
            summary: "One booking with its tickets",
            refusals: &["not_found", "not_holder", "show_closed"],
            ..doc
        }),
        Route::new(Method::POST, "/api/v1/bookings/{id}/cancel", Deed::Buy, cancel).doc(Doc {
            summary: "Undo a booking: its seats are free again, its tickets void",
            body: Some("Reason"),
            refusals: &["not_found", "key_reused", "not_holder", "hold_ended", "show_closed"],
            ..doc
        }),
    ]
}

async fn list(ask: Ask) -> Handled {
    let mut query = ask.query()?;
    let limit = query.limit(50, 200);
    let (show, before) = (query.parsed("show"), query.parsed("cursor"));
    let holder = query.text("holder");
    query.finish()?;
    let holder = whose(&ask, holder)?;
    let filter = BookingFilter { show, holder, before, limit: limit + 1 };
    let mut bookings = ask.engine(move |engine| engine.bookings(&filter)).await?;
    let more = bookings.len() > limit as usize;
    bookings.truncate(limit as usize);
    let cursor = bookings.last().filter(|_| more).map(|booking| booking.id.to_string());
    Ok(Answer::list(&bookings, cursor.map(|cursor| next(&ask, cursor))))
}

async fn show(ask: Ask) -> Handled {
    let id: BookingId = ask.param("id", What::Booking)?;
    let booking = ask.engine(move |engine| engine.booking(id)).await?;
    check_owner(&ask, &booking.holder, What::Booking)?;
    Ok(Answer::ok(&booking))
}

async fn cancel(ask: Ask) -> Handled {
    let id: BookingId = ask.param("id", What::Booking)?;
    let mut fields = ask.fields()?;
    let reason = owned(&mut fields, "reason");
    fields.finish()?;
    let mut cancel = Cancel::new(id);
    if let Some(reason) = reason {
        cancel = cancel.reason(reason);
    }
    let reply = ask.app.engine.cancel(acting!(ask, cancel));
    ask.outcome(reply, Answer::ok, What::Booking).await
}
