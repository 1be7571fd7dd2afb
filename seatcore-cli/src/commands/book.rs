//! `book`: sells a hold, seats in one go, or what the answers to some questions say.

use crate::args::{Acting, BookArgs, Sold};
use crate::commands::{bookings, holds};
use crate::error::CliError;
use crate::session::Session;
use seatcore::house::command::NoHolder;
use seatcore::house::event::Source;
use seatcore::house::outcome::Outcome;
use seatcore::{Batch, Book, Booking, Engine, Hold, HoldId, ShowId, StepOf};

mod guided;

pub use guided::choose_show;

/// Sells.
pub fn run(session: &mut Session<'_, '_>, args: BookArgs) -> Result<(), CliError> {
    match args.what {
        Some(Sold::Hold(hold)) => sell_hold(session, hold, args),
        Some(Sold::Seats(show)) => sell_seats(session, show, args),
        None => guided::run(session, args.acting.holder),
    }
}

fn sell_hold(session: &mut Session<'_, '_>, hold: HoldId, args: BookArgs) -> Result<(), CliError> {
    if args.count.is_some() {
        return Err(CliError::usage("-n chooses seats of a show; this is a hold")
            .hint("name seats of the hold, or none for all of them"));
    }
    let engine = session.engine()?;
    let mut request = Book::new(hold).source(Source::Cli);
    if !args.seats.is_empty() {
        request = request.seats(&args.seats);
    }
    if args.keep_rest {
        request = request.keep_rest();
    }
    if let Some(reference) = args.reference {
        request = request.reference(reference);
    }
    let Acting { holder, key } = args.acting;
    if let Some(holder) = holder {
        request = request.by(holder);
    }
    if let Some(key) = key {
        request = request.key(key);
    }
    let booking = engine.book(request).wait()?;
    bookings::print_new(session, &booking)
}

/// Holding and booking as one batch: both happen or neither, and there is no moment between them.
fn sell_seats(session: &mut Session<'_, '_>, show: ShowId, args: BookArgs) -> Result<(), CliError> {
    let BookArgs { seats, count, keep_rest, reference, acting, .. } = args;
    if keep_rest {
        return Err(CliError::usage("--keep-rest is for a hold: here all seats named are sold"));
    }
    let mut hold = match (count, seats.is_empty()) {
        (Some(count), _) => Hold::best(show, count),
        (None, false) => Hold::new(show, &seats),
        (None, true) => return Err(CliError::usage("which seats? name them, or say -n 2")),
    };
    if let Some(reference) = reference {
        hold = hold.reference(reference);
    }
    let holder = session.answer(acting.holder, "For whom?", "--as")?;
    let engine = session.engine()?;
    let booking = sell(&engine, hold, &holder, show, acting.key);
    let booking = booking.map_err(|error| holds::offer(&engine, show, &seats, error))?;
    bookings::print_new(session, &booking)
}

fn sell(
    engine: &Engine,
    hold: Hold<NoHolder>,
    holder: &str,
    show: ShowId,
    key: Option<String>,
) -> Result<Booking, CliError> {
    let sale = Book::new(StepOf { step: 0, show });
    let mut batch = Batch::new().then(hold.by(holder)).then(sale).by(holder).source(Source::Cli);
    if let Some(key) = key {
        batch = batch.key(key);
    }
    let outcomes = engine.batch(batch).wait()?;
    let booking = outcomes.into_iter().find_map(Outcome::into_booking);
    booking.ok_or_else(|| seatcore::error::Error::OutcomeUnknown.into())
}
