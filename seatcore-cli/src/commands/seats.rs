//! `seats`: a hall, seat by seat.

use crate::args::{
    BlockArgs, Format, ListSeatsArgs, MapArgs, SeatsCommand, Status, UnblockArgs, WhyArgs,
};
use crate::commands::{holds, shows::Names};
use crate::error::CliError;
use crate::output::Style;
use crate::reading;
use crate::seat_map::Drawing;
use crate::session::Session;
use seatcore::error::{Code, Failure};
use seatcore::house::event::Source;
use seatcore::house::seat::SeatState;
use seatcore::wire::SnapshotView;
use seatcore::{Block, Engine, Holder, ShowId, Unblock};
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
    let engine = session.engine()?;
    if session.style.format == Format::Csv {
        return Err(CliError::usage("a drawing has no columns").hint("`seatcore seats list` has"));
    }
    let style = Style { unicode: session.style.unicode && !args.ascii, ..session.style };
    if args.watch {
        return watch::run(session, &engine, args, style);
    }
    if args.heat {
        return heat::run(session, &engine, args.show, style);
    }
    let snapshot = engine.seat_map(args.show)?;
    if session.json(&SnapshotView::of(&snapshot))? {
        return Ok(());
    }
    print_map(session, &engine, args.show, args.holder.as_ref(), style)
}

/// Prints a show's heading and its hall.
pub fn print_map(
    session: &mut Session<'_, '_>,
    engine: &Engine,
    show: ShowId,
    asker: Option<&Holder>,
    style: Style,
) -> Result<(), CliError> {
    let head = heading(session, engine, show)?;
    session.line(&crate::output::paint(&head, crate::output::Paint::Bold, style.colour))?;
    session.line("")?;
    drawn(engine, show, asker, style)?.iter().try_for_each(|line| session.line(line))
}

/// What is shown where and when.
pub fn heading(
    session: &Session<'_, '_>,
    engine: &Engine,
    show: ShowId,
) -> Result<String, CliError> {
    let row = engine.show_row(show)?;
    let names = Names::of(engine)?;
    let starts = reading::print_minute(row.show.opening.terms.starts_at, session.zone());
    let (movie, screen) = (names.movie(&row), names.screen(&row));
    Ok(crate::output::clean(&format!("show {show}  {movie}, {screen}, {starts}")))
}

fn drawn(
    engine: &Engine,
    show: ShowId,
    asker: Option<&Holder>,
    style: Style,
) -> Result<Vec<String>, CliError> {
    let mine = asker.map(|asker| seats_of(engine, show, asker)).transpose()?.unwrap_or_default();
    let snapshot = engine.seat_map(show)?;
    Ok(Drawing { snapshot: &snapshot, mine: &mine, style }.lines())
}

/// Seats of a holder, by their places in the plan.
pub fn seats_of(engine: &Engine, show: ShowId, asker: &Holder) -> Result<HashSet<u32>, CliError> {
    let rows = engine.seats(show, Some(asker))?;
    Ok((0..).zip(rows).filter(|(_, row)| row.mine).map(|(seat, _)| seat).collect())
}

fn list(session: &mut Session<'_, '_>, args: &ListSeatsArgs) -> Result<(), CliError> {
    let mut seats = session.engine()?.seats(args.show, args.holder.as_ref())?;
    if let Some(status) = args.status {
        seats.retain(|seat| seat.status == asked(status));
    }
    session.list(&seats, None, &["seat", "status", "tier", "price", "mine"], |seat| {
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
    let why = session.engine()?.why(args.show, &args.seat)?;
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
    let engine = session.engine()?;
    let mut request = Block::new(args.show, &args.seats).reason(args.reason).source(Source::Cli);
    if args.force {
        request = request.force();
    }
    if let Some(staff) = args.staff {
        request = request.by(staff);
    }
    let blocked = engine.block(request).wait().map_err(in_the_way)?;
    holds::print(session, &blocked)?;
    let seats = args.seats.join(" ");
    session.note(&format!("to undo this: seatcore seats unblock {} {seats}", args.show))
}

fn in_the_way(failure: Failure) -> CliError {
    let code = failure.code();
    let error = CliError::from(failure);
    match code {
        Code::SeatHeld => error.hint("--force takes them out of the hold"),
        Code::SeatBooked => error.hint("cancel the booking first: `seatcore seats why` names it"),
        _ => error,
    }
}

fn unblock(session: &mut Session<'_, '_>, args: UnblockArgs) -> Result<(), CliError> {
    let engine = session.engine()?;
    let mut request = Unblock::new(args.show, &args.seats).source(Source::Cli);
    if let Some(staff) = args.staff {
        request = request.by(staff);
    }
    let freed = engine.unblock(request).wait()?;
    holds::print(session, &freed)
}
