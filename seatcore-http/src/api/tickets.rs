//! Tickets: what the door scans.

use super::holds::check_owner;
use crate::answer::Answer;
use crate::ask::Ask;
use crate::refusal::Refusal;
use crate::route::{Doc, Handled, Route};
use hyper::{Method, StatusCode};
use qrcode::{Color, EcLevel, QrCode};
use seatcore::accounts::Deed;
use seatcore::house::outcome::{Booking, Ticket};
use seatcore::house::rejection::What;
use seatcore::id::TicketCode;
use seatcore::wire::TicketView;
use std::fmt::Write;

/// White modules around the code, as the standard asks.
const QUIET: usize = 4;

/// The rows about tickets.
pub fn routes() -> Vec<Route> {
    let doc = Doc {
        tag: "tickets",
        refusals: &["not_found", "not_holder", "show_closed"],
        ..Doc::default()
    };
    vec![
        Route::new(Method::GET, "/api/v1/tickets/{code}.svg", Deed::Buy, picture).doc(Doc {
            summary: "The ticket's page as a QR code",
            answer: (200, "svg"),
            ..doc
        }),
        Route::new(Method::GET, "/api/v1/tickets/{code}", Deed::Buy, show).doc(Doc {
            summary: "A ticket and its booking; the code with or without dashes",
            answer: (200, "Ticket"),
            ..doc
        }),
    ]
}

async fn find(ask: &Ask) -> Result<(Booking, Ticket), Refusal> {
    let code: TicketCode = ask.param("code", What::Ticket)?;
    let (booking, ticket) = ask.engine(move |engine| engine.ticket(code)).await?;
    check_owner(ask, &booking.holder, What::Ticket)?;
    Ok((booking, ticket))
}

async fn show(ask: Ask) -> Handled {
    let (booking, ticket) = find(&ask).await?;
    let seq = booking.seq;
    Ok(Answer::ok(&TicketView { ticket, booking, seq }))
}

async fn picture(ask: Ask) -> Handled {
    let (_, ticket) = find(&ask).await?;
    let url = format!("{}/tickets/{}", ask.app.origin(), ticket.code);
    let svg = drawn(&url).ok_or_else(Refusal::internal)?;
    Ok(Answer::bytes(StatusCode::OK, "image/svg+xml", svg))
}

/// A QR code, dark modules in runs: a fifth of the size of a path with a step for each.
fn drawn(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let (width, modules) = (code.width(), code.to_colors());
    let mut path = String::with_capacity(2_048);
    for (row, line) in modules.chunks(width).enumerate() {
        let mut at = 0;
        while at < width {
            let dark = |place: &usize| line.get(*place) == Some(&Color::Dark);
            let run = (at..width).take_while(dark).count();
            if run > 0 {
                write!(path, "M{} {}h{run}v1h-{run}z", at + QUIET, row + QUIET).ok()?;
            }
            at += run.max(1);
        }
    }
    let side = width + 2 * QUIET;
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" \
         shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/>\
         <path d=\"{path}\"/></svg>"
    ))
}
