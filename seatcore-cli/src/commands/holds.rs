//! `hold` and `holds`: seats under a clock.

use crate::args::{
    Acting, ExtendArgs, HoldArgs, HoldBestArgs, HoldChoice, HoldSeatsArgs, HoldTerms, HoldsCommand,
    ListHoldsArgs, ReleaseArgs,
};
use crate::error::CliError;
use crate::output;
use crate::reading;
use crate::session::Session;
use chrono_tz::Tz;
use seatcore::house::event::Source;
use seatcore::{Engine, Extend, Failure, Hold, HoldDetails, Release, ShowId};
use std::time::Duration;

/// `hold SHOW SEAT…` and `hold best SHOW`.
pub fn hold(session: &mut Session<'_, '_>, args: HoldArgs) -> Result<(), CliError> {
    match (args.best, args.seats) {
        (Some(HoldChoice::Best(args)), _) => hold_best(session, args),
        (None, Some(args)) => hold_seats(session, args),
        (None, None) => Err(CliError::usage("which seats? name them, or say `hold best SHOW`")),
    }
}

fn hold_seats(session: &mut Session<'_, '_>, args: HoldSeatsArgs) -> Result<(), CliError> {
    let engine = session.engine()?;
    let HoldSeatsArgs { show, seats, holder, ttl, key, reference } = args;
    let terms = HoldTerms { holder, ttl, key, reference };
    let request = under(Hold::new(show, &seats).by(&terms.holder), &terms);
    let held = engine.hold(request).wait();
    let held = held.map_err(|failure| refused(&engine, show, &seats, failure))?;
    print_new(session, &held)
}

/// A refusal over seats comes with others that could be had.
fn refused(engine: &Engine, show: ShowId, seats: &[String], failure: Failure) -> CliError {
    let asked: Vec<_> = seats.iter().map(String::as_str).collect();
    let other = match &failure {
        Failure::Rejected(seatcore::Rejection::Seats { .. }) => engine.alternatives(show, &asked),
        _ => return failure.into(),
    };
    CliError::from(failure)
        .offer(other.unwrap_or_default())
        .hint(format!("`seatcore seats map {show}` draws the hall"))
}

fn hold_best(session: &mut Session<'_, '_>, args: HoldBestArgs) -> Result<(), CliError> {
    let engine = session.engine()?;
    let mut best = Hold::best(args.show, args.count).accessible(args.accessible);
    if let Some(tier) = &args.tier {
        best = best.tier(tier);
    }
    if args.together {
        best = best.together();
    }
    let request = under(best.by(&args.terms.holder), &args.terms);
    let held = engine.hold(request).wait()?;
    print_new(session, &held)
}

fn under(mut request: Hold, terms: &HoldTerms) -> Hold {
    request = request.source(Source::Cli);
    if let Some(ttl) = terms.ttl {
        request = request.ttl(ttl);
    }
    if let Some(key) = &terms.key {
        request = request.key(key);
    }
    match &terms.reference {
        Some(reference) => request.reference(reference),
        None => request,
    }
}

fn print_new(session: &mut Session<'_, '_>, hold: &HoldDetails) -> Result<(), CliError> {
    print(session, hold)?;
    session.note(&format!("to sell it: seatcore book {}", hold.id))
}

/// Runs one of `holds`.
pub fn run(session: &mut Session<'_, '_>, command: HoldsCommand) -> Result<(), CliError> {
    match command {
        HoldsCommand::List(args) => list(session, &args),
        HoldsCommand::Show(args) => {
            let hold = session.engine()?.find_hold(args.hold)?;
            print(session, &hold)
        }
        HoldsCommand::Extend(args) => extend(session, args),
        HoldsCommand::Release(args) => release(session, args),
    }
}

fn list(session: &mut Session<'_, '_>, args: &ListHoldsArgs) -> Result<(), CliError> {
    let holds = session.engine()?.live_holds(args.holder.as_ref(), args.show)?;
    let style = session.style;
    session.list(&holds, None, &["hold", "show", "holder", "seats", "left", "total"], |hold| {
        vec![
            hold.id.to_string(),
            hold.show.to_string(),
            hold.holder.to_string(),
            output::seats_text(&hold.seats, style),
            left(hold),
            hold.total.to_string(),
        ]
    })
}

fn left(hold: &HoldDetails) -> String {
    let left = hold.expires_in_ms.map(Duration::from_millis);
    left.map_or_else(|| "-".to_owned(), reading::print_span)
}

fn extend(session: &mut Session<'_, '_>, args: ExtendArgs) -> Result<(), CliError> {
    let engine = session.engine()?;
    let mut request = Extend::new(args.hold, args.ttl).source(Source::Cli);
    let Acting { holder, key } = args.acting;
    if let Some(holder) = holder {
        request = request.by(holder);
    }
    if let Some(key) = key {
        request = request.key(key);
    }
    let hold = engine.submit_extend(request).wait()?;
    print(session, &hold)
}

fn release(session: &mut Session<'_, '_>, args: ReleaseArgs) -> Result<(), CliError> {
    let engine = session.engine()?;
    let mut request = Release::new(args.hold).source(Source::Cli);
    if !args.seats.is_empty() {
        request = request.seats(&args.seats);
    }
    let Acting { holder, key } = args.acting;
    if let Some(holder) = holder {
        request = request.by(holder);
    }
    if let Some(key) = key {
        request = request.key(key);
    }
    let hold = engine.release(request).wait()?;
    print(session, &hold)?;
    let seats = if args.seats.is_empty() { &hold.seats } else { &args.seats };
    let (show, holder) = (hold.show, &hold.holder);
    let seats = seats.join(" ");
    session.note(&format!(
        "to undo this: seatcore hold {show} {seats} --as {holder:?}",
        holder = holder.as_str()
    ))
}

/// Prints a hold or a block.
pub fn print(session: &mut Session<'_, '_>, hold: &HoldDetails) -> Result<(), CliError> {
    let mut pairs = vec![
        ("hold", hold.id.to_string()),
        ("show", hold.show.to_string()),
        ("holder", hold.holder.to_string()),
        ("seats", hold.seats.join(" ")),
        ("state", hold.state.to_string()),
    ];
    pairs.extend(deadline(hold, session.zone()));
    pairs.push(("total", hold.total.to_string()));
    pairs.extend(hold.reference.clone().map(|text| ("reference", text)));
    session.one(hold, &pairs)
}

/// Until when a hold lives.
pub fn deadline(hold: &HoldDetails, zone: Tz) -> Option<(&'static str, String)> {
    let until = hold.expires_at?;
    Some(("until", format!("{} ({} left)", reading::print_moment(until, zone), left(hold))))
}
