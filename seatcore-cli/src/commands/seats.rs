//! `seats`: a hall, seat by seat.

use crate::args::{
    BlockArgs, Format, ListSeatsArgs, MapArgs, SeatsCommand, Status, UnblockArgs, WhyArgs,
};
use crate::commands::holds;
use crate::error::CliError;
use crate::office::{NewBlock, Office, SeatMap};
use crate::output::Style;
use crate::reading;
use crate::seat_map::Drawing;
use crate::session::Session;
use crate::shell;
use seatcore::error::Code;
use seatcore::house::seat::SeatState;
use seatcore::{Holder, ShowId};
use std::collections::HashSet;

mod heat;
mod watch;

/// Runs one of them.
pub fn run(session: &mut Session<'_, '_>, command: SeatsCommand) -> Result<(), CliError> {
    match command {
        SeatsCommand::Map(args) => map(session, &args),
        SeatsCommand::List(args) => list(session, &args),
        SeatsCommand::Why(args) => why(session, &args),
        SeatsCommand::Block(args) => block(session, args),
        SeatsCommand::Unblock(args) => unblock(session, args),
    }
}

fn map(session: &mut Session<'_, '_>, args: &MapArgs) -> Result<(), CliError> {
    let office = if args.watch { session.office_behind_a_screen() } else { session.office() }?;
    if session.style.format == Format::Csv {
        return Err(CliError::usage("a drawing has no columns").hint("`seatcore seats list` has"));
    }
    let style = Style { unicode: session.style.unicode && !args.ascii, ..session.style };
    if args.watch {
        return watch::run(session, &*office, args, style);
    }
    if args.heat {
        return heat::run(session, &*office, args.show, style);
    }
    if session.style.json {
        return session.json(&office.seat_map(args.show)?.view).map(drop);
    }
    print_map(session, &*office, args.show, args.holder.as_ref(), style)
}

/// Prints a show's heading and its hall.
pub fn print_map(
    session: &mut Session<'_, '_>,
    office: &dyn Office,
    show: ShowId,
    asker: Option<&Holder>,
    style: Style,
) -> Result<(), CliError> {
    let (map, head) = (office.seat_map(show)?, heading(session, office, show)?);
    session.line(&crate::output::paint(&head, crate::output::Paint::Bold, style.colour))?;
    session.line("")?;
    drawn(office, &map, asker, style)?.iter().try_for_each(|line| session.line(line))
}

/// What is shown where and when.
pub fn heading(
    session: &Session<'_, '_>,
    office: &dyn Office,
    show: ShowId,
) -> Result<String, CliError> {
    let view = office.show(show)?;
    let names = office.names()?;
    let starts = reading::print_minute(view.starts_at, session.zone());
    let (movie, screen) = (names.movie(&view), names.screen(&view));
    Ok(crate::output::clean(&format!("show {show}  {movie}, {screen}, {starts}")))
}

fn drawn(
    office: &dyn Office,
    map: &SeatMap,
    asker: Option<&Holder>,
    style: Style,
) -> Result<Vec<String>, CliError> {
    let mine = asker.map(|asker| seats_of(office, map.view.show, asker)).transpose()?;
    Ok(Drawing { map, mine: &mine.unwrap_or_default(), style }.lines())
}

/// Seats of a holder, by their places in the plan.
fn seats_of(office: &dyn Office, show: ShowId, asker: &Holder) -> Result<HashSet<u32>, CliError> {
    let rows = office.seats(show, Some(asker))?.data;
    Ok((0..).zip(rows).filter(|(_, row)| row.mine).map(|(seat, _)| seat).collect())
}

fn list(session: &mut Session<'_, '_>, args: &ListSeatsArgs) -> Result<(), CliError> {
    let mut seats = session.office()?.seats(args.show, args.holder.as_ref())?;
    if let Some(status) = args.status {
        seats.data.retain(|seat| seat.status == asked(status));
    }
    if session.json(&seats)? {
        return Ok(());
    }
    session.list(&seats.data, None, &["seat", "status", "tier", "price", "mine"], |seat| {
        vec![
            seat.seat.clone(),
            seat.status.to_string(),
            seat.tier.clone().unwrap_or_else(|| "-".to_owned()),
            seat.price.to_string(),
            if seat.mine { "yes" } else { "no" }.to_owned(),
        ]
    })
}

const fn asked(status: Status) -> SeatState {
    match status {
        Status::Available => SeatState::Available,
        Status::Held => SeatState::Held,
        Status::Booked => SeatState::Booked,
        Status::Blocked => SeatState::Blocked,
    }
}

fn why(session: &mut Session<'_, '_>, args: &WhyArgs) -> Result<(), CliError> {
    let why = session.office()?.why(args.show, &args.seat)?;
    let mut pairs = vec![
        ("seat", why.row.seat.clone()),
        ("status", why.row.status.to_string()),
        ("tier", why.row.tier.clone().unwrap_or_else(|| "none".to_owned())),
        ("price", why.row.price.to_string()),
    ];
    if let Some(hold) = &why.hold {
        pairs.push(("because of", hold.id.to_string()));
        pairs.push(("holder", hold.holder.to_string()));
        pairs.push(("with seats", hold.seats.join(" ")));
        pairs.extend(holds::deadline(hold, session.zone()));
        pairs.extend(hold.reference.clone().map(|text| ("reference", text)));
    }
    session.one(&why, &pairs)
}

fn block(session: &mut Session<'_, '_>, args: BlockArgs) -> Result<(), CliError> {
    let BlockArgs { show, seats, reason, force, staff } = args;
    let undo = format!("to undo this: seatcore seats unblock {show} {}", shell::words(&seats));
    let block = NewBlock { show, seats, reason, force, staff };
    let blocked = session.office()?.block(block).map_err(in_the_way)?;
    holds::print_changed(session, &blocked)?;
    session.note(&undo)
}

fn in_the_way(error: CliError) -> CliError {
    match error.code() {
        Code::SeatHeld => error.hint("--force takes them out of the hold"),
        Code::SeatBooked => error.hint("cancel the booking first: `seatcore seats why` names it"),
        _ => error,
    }
}

fn unblock(session: &mut Session<'_, '_>, args: UnblockArgs) -> Result<(), CliError> {
    let freed = session.office()?.unblock(args.show, &args.seats, args.staff.as_deref())?;
    holds::print_changed(session, &freed)
}
