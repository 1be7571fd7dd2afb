//! `book`: sells a hold, seats in one go, or what the answers to some questions say.

use crate::args::{BookArgs, Sold};
use crate::commands::{bookings, holds};
use crate::error::CliError;
use crate::office::{Best, Choice, Part, Wish};
use crate::session::Session;
use seatcore::{HoldId, ShowId};

mod guided;

pub use guided::choose_show;

/// Sells.
pub fn run(session: &mut Session<'_, '_>, args: BookArgs) -> Result<(), CliError> {
    match args.what {
        Some(Sold::Hold(hold)) => sell_hold(session, hold, args),
        Some(Sold::Seats(show)) => sell_seats(session, show, args),
        None if args.count.is_some() || args.keep_rest || args.acting.key.is_some() => {
            Err(CliError::usage("-n, --keep-rest and --key need a hold, or a show and seats"))
        }
        None => guided::run(session, args.acting.holder, args.reference),
    }
}

fn sell_hold(session: &mut Session<'_, '_>, hold: HoldId, args: BookArgs) -> Result<(), CliError> {
    if args.count.is_some() {
        return Err(CliError::usage("-n chooses seats of a show; this is a hold")
            .hint("name seats of the hold, or none for all of them"));
    }
    let BookArgs { seats, keep_rest, reference, acting, .. } = args;
    let booking = session.office()?.book(hold, Part { seats, keep_rest, reference }, acting)?;
    bookings::print_new(session, &booking)
}

/// Holding and booking as one batch: both happen or neither, and there is no moment between them.
fn sell_seats(session: &mut Session<'_, '_>, show: ShowId, args: BookArgs) -> Result<(), CliError> {
    let BookArgs { seats, count, keep_rest, reference, acting, .. } = args;
    if keep_rest {
        return Err(CliError::usage("--keep-rest is for a hold: here all seats named are sold"));
    }
    let choice = match (count, seats.is_empty()) {
        (Some(count), _) => Choice::Best(Best { count, ..Best::default() }),
        (None, false) => Choice::Seats(seats),
        (None, true) => return Err(CliError::usage("which seats? name them, or say -n 2")),
    };
    let wish = Wish { reference, ..Wish::new(show, choice) };
    let office = session.office()?;
    let holder = holds::buyer(session, &*office, acting.holder)?;
    let booking = office.sell(&wish, &holder, acting.key);
    let booking = booking.map_err(|error| holds::hinted(&wish, error))?;
    bookings::print_new(session, &booking)
}
