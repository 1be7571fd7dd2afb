//! `tickets`: what the door scans.

use crate::args::{TicketArg, TicketsCommand};
use crate::error::CliError;
use crate::reading;
use crate::session::Session;
use seatcore::BookingId;
use seatcore::house::outcome::TicketState;

mod calendar;

/// Width of a ticket.
const CUT: usize = 48;

/// Runs one of them.
pub fn run(session: &mut Session<'_, '_>, command: &TicketsCommand) -> Result<(), CliError> {
    match command {
        TicketsCommand::Show(args) => show(session, args),
        TicketsCommand::Print(args) => print(session, args.booking),
    }
}

fn show(session: &mut Session<'_, '_>, args: &TicketArg) -> Result<(), CliError> {
    let office = session.office()?;
    let found = office.ticket(args.code)?;
    let (booking, ticket) = (&found.booking, &found.ticket);
    if args.ics.is_none() && session.json(&found)? {
        return Ok(());
    }
    let (row, names) = (office.show(booking.show)?, office.names()?);
    if let Some(file) = &args.ics {
        let entry = calendar::entry(booking, &row, &names, office.now());
        if file.as_os_str() == "-" {
            return Ok(session.io.stdout.write_all(entry.as_bytes())?);
        }
        std::fs::write(file, entry).map_err(|error| CliError::file(file, error))?;
    }
    let state = match ticket.state {
        TicketState::Void => "void: its booking was cancelled",
        state => state.as_str(),
    };
    let pairs = [
        ("ticket", ticket.code.to_string()),
        ("state", state.to_owned()),
        ("seat", ticket.seat.clone()),
        ("movie", names.movie(&row)),
        ("screen", names.screen(&row)),
        ("starts", reading::print_moment(row.starts_at, session.zone())),
        ("booking", booking.id.to_string()),
        ("holder", booking.holder.to_string()),
    ];
    session.one(&found, &pairs)
}

/// One strip of paper for each seat.
fn print(session: &mut Session<'_, '_>, booking: BookingId) -> Result<(), CliError> {
    let office = session.office()?;
    let booking = office.booking(booking)?;
    if session.json(&booking)? {
        return Ok(());
    }
    let (row, names) = (office.show(booking.show)?, office.names()?);
    let starts = reading::print_moment(row.starts_at, session.zone());
    let cut = if session.style.unicode { "┄" } else { "-" }.repeat(CUT);
    for ticket in &booking.tickets {
        let void = if ticket.state == TicketState::Void { "   VOID" } else { "" };
        let head = format!("{}{void}", names.movie(&row));
        session.line(&cut)?;
        session.line(&crate::output::clean(&head))?;
        session.line(&crate::output::clean(&format!("{}   {starts}", names.screen(&row))))?;
        session.line(&format!("Seat {:<12} {}", ticket.seat, ticket.code))?;
    }
    session.line(&cut)
}
