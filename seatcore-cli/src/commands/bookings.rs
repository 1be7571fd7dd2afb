//! `bookings`: what was sold.

use crate::args::{BookingsCommand, CancelArgs, ListBookingsArgs};
use crate::error::CliError;
use crate::output;
use crate::reading;
use crate::session::Session;
use crate::shell;
use seatcore::Booking;
use seatcore::store::BookingFilter;

/// Runs one of `bookings`.
pub fn run(session: &mut Session<'_, '_>, command: BookingsCommand) -> Result<(), CliError> {
    match command {
        BookingsCommand::List(args) => list(session, args),
        BookingsCommand::Show(args) => {
            let booking = session.office()?.booking(args.booking)?;
            print(session, &booking)
        }
        BookingsCommand::Cancel(args) => cancel(session, args),
    }
}

fn list(session: &mut Session<'_, '_>, args: ListBookingsArgs) -> Result<(), CliError> {
    let office = session.office()?;
    // One more than asked for tells whether there is another page.
    let filter = BookingFilter {
        show: args.show,
        holder: args.holder,
        before: args.before,
        limit: args.limit + 1,
    };
    let mut bookings = office.bookings(filter)?;
    let wanted = args.limit as usize;
    let more = bookings.len() > wanted;
    bookings.truncate(wanted);
    let next = bookings.last().filter(|_| more).map(|booking| booking.id.to_string());
    let style = session.style;
    let header = ["booking", "show", "holder", "seats", "total", "state"];
    session.list(&bookings, next, &header, |booking| {
        vec![
            booking.id.to_string(),
            booking.show.to_string(),
            booking.holder.to_string(),
            output::seats_text(&booking.seats, style),
            booking.total.to_string(),
            booking.state.to_string(),
        ]
    })
}

/// Prints a new booking, and how to undo it.
pub fn print_new(session: &mut Session<'_, '_>, booking: &Booking) -> Result<(), CliError> {
    print_changed(session, booking)?;
    session.note(&format!("to undo this: seatcore bookings cancel {}", booking.id))
}

fn cancel(session: &mut Session<'_, '_>, args: CancelArgs) -> Result<(), CliError> {
    let booking = session.office()?.cancel(args.booking, args.reason, args.acting)?;
    print_changed(session, &booking)?;
    let (show, seats) = (booking.show, shell::words(&booking.seats));
    let holder = shell::word(booking.holder.as_str());
    session.note(&format!("to undo this: seatcore book {show} {seats} --as {holder}"))
}

fn print_changed(session: &mut Session<'_, '_>, booking: &Booking) -> Result<(), CliError> {
    let Booking { id, show, seats, state, .. } = booking;
    session.did(format!("booking {id} in show {show}, {}, is {state}", seats.join(" ")));
    print(session, booking)
}

/// Prints a booking and its tickets.
pub fn print(session: &mut Session<'_, '_>, booking: &Booking) -> Result<(), CliError> {
    let mut pairs = vec![
        ("booking", booking.id.to_string()),
        ("show", booking.show.to_string()),
        ("holder", booking.holder.to_string()),
        ("seats", booking.seats.join(" ")),
        ("state", booking.state.to_string()),
        ("total", booking.total.to_string()),
        ("booked", reading::print_moment(booking.booked_at, session.zone())),
    ];
    pairs.extend(booking.reference.clone().map(|text| ("reference", text)));
    let ticket = |ticket: &seatcore::house::outcome::Ticket| {
        ("ticket", format!("{}  seat {}", ticket.code, ticket.seat))
    };
    pairs.extend(booking.tickets.iter().map(ticket));
    session.one(booking, &pairs)
}
