//! `tickets`: what the door scans.

use crate::args::TicketsCommand;
use crate::commands::shows::Names;
use crate::error::CliError;
use crate::reading;
use crate::session::Session;
use seatcore::house::outcome::{Booking, Ticket, TicketState};
use seatcore::id::TicketCode;
use serde::Serialize;

/// A ticket and the booking it belongs to.
#[derive(Serialize)]
struct TicketView<'a> {
    #[serde(flatten)]
    ticket: &'a Ticket,
    booking: &'a Booking,
}

/// Runs one of them.
pub fn run(session: &mut Session<'_, '_>, command: &TicketsCommand) -> Result<(), CliError> {
    match command {
        TicketsCommand::Show(args) => show(session, args.code),
    }
}

fn show(session: &mut Session<'_, '_>, code: TicketCode) -> Result<(), CliError> {
    let engine = session.engine()?;
    let (booking, ticket) = engine.ticket(code)?;
    let row = engine.show_row(booking.show)?;
    let names = Names::of(&engine)?;
    let state = match ticket.state {
        TicketState::Valid => "valid",
        TicketState::Void => "void: its booking was cancelled",
    };
    let pairs = [
        ("ticket", ticket.code.to_string()),
        ("state", state.to_owned()),
        ("seat", ticket.seat.clone()),
        ("movie", names.movie(&row)),
        ("screen", names.screen(&row)),
        ("starts", reading::print_moment(row.show.opening.terms.starts_at, session.zone())),
        ("booking", booking.id.to_string()),
        ("holder", booking.holder.to_string()),
    ];
    session.one(&TicketView { ticket: &ticket, booking: &booking }, &pairs)
}
