//! `hold` and `holds`: seats under a clock.

use crate::args::{
    Acting, ExtendArgs, HoldArgs, HoldBestArgs, HoldChoice, HoldTerms, HoldsCommand, ListHoldsArgs,
    ReleaseArgs,
};
use crate::error::CliError;
use crate::output;
use crate::reading;
use crate::session::Session;
use chrono_tz::Tz;
use seatcore::house::command::BATCH_COMMANDS_MAX;
use seatcore::house::event::Source;
use seatcore::house::outcome::Outcome;
use seatcore::{Batch, Engine, Extend, Hold, HoldDetails, Release, ShowId};
use std::time::Duration;

/// `hold SHOW SEAT…` and `hold best SHOW`.
pub fn hold(session: &mut Session<'_, '_>, args: HoldArgs) -> Result<(), CliError> {
    match (args.best, args.show) {
        (Some(HoldChoice::Best(args)), _) => hold_best(session, args),
        (None, Some(show)) if !args.seats.is_empty() => {
            hold_seats(session, show, &args.seats, args.terms)
        }
        _ => Err(CliError::usage("which seats? name a show and seats, or say `hold best SHOW`")
            .hint("`seatcore shows list` has the shows, `seatcore seats map SHOW` the seats")),
    }
}

fn hold_seats(
    session: &mut Session<'_, '_>,
    show: ShowId,
    seats: &[String],
    terms: HoldTerms,
) -> Result<(), CliError> {
    let holder = session.answer(terms.holder.clone(), "For whom?", "--as")?;
    let engine = session.engine()?;
    let held = engine.hold(under(Hold::new(show, seats).by(holder), &terms)).wait();
    let held = held.map_err(|failure| offer(&engine, show, seats, failure.into()))?;
    print_new(session, &held)
}

/// A refusal over seats comes with others that could be had.
pub fn offer(engine: &Engine, show: ShowId, seats: &[String], error: CliError) -> CliError {
    if !error.is_about_seats() || seats.is_empty() {
        return error;
    }
    let asked: Vec<_> = seats.iter().map(String::as_str).collect();
    let other = engine.alternatives(show, &asked).unwrap_or_default();
    error.offer(other).hint(format!("`seatcore seats map {show}` draws the hall"))
}

fn hold_best(session: &mut Session<'_, '_>, args: HoldBestArgs) -> Result<(), CliError> {
    let holder = session.answer(args.terms.holder.clone(), "For whom?", "--as")?;
    let engine = session.engine()?;
    let mut best = Hold::best(args.show, args.count).accessible(args.accessible);
    if let Some(tier) = &args.tier {
        best = best.tier(tier);
    }
    if args.together {
        best = best.together();
    }
    let held = engine.hold(under(best.by(holder), &args.terms)).wait()?;
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
    print_holds(session, &holds)
}

fn print_holds(session: &mut Session<'_, '_>, holds: &[HoldDetails]) -> Result<(), CliError> {
    let style = session.style;
    session.list(holds, None, &["hold", "show", "holder", "seats", "left", "total"], |hold| {
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
    let Acting { holder, key } = args.acting;
    let Some(hold) = args.hold else { return release_all(session, &engine, holder) };
    let mut request = Release::new(hold).source(Source::Cli);
    if !args.seats.is_empty() {
        request = request.seats(&args.seats);
    }
    if let Some(holder) = holder {
        request = request.by(holder);
    }
    if let Some(key) = key {
        request = request.key(key);
    }
    let hold = engine.release(request).wait()?;
    print(session, &hold)?;
    let seats = if args.seats.is_empty() { &hold.seats } else { &args.seats };
    session.note(&way_back(&hold, seats))
}

fn way_back(hold: &HoldDetails, seats: &[String]) -> String {
    let (show, seats, holder) = (hold.show, seats.join(" "), hold.holder.as_str());
    format!("to undo this: seatcore hold {show} {seats} --as {holder:?}")
}

/// All in one batch: none is left over when one of them lapses meanwhile.
fn release_all(
    session: &mut Session<'_, '_>,
    engine: &Engine,
    holder: Option<String>,
) -> Result<(), CliError> {
    let holder = reading::holder(&holder.unwrap_or_default()).map_err(CliError::usage)?;
    let live = engine.live_holds(Some(&holder), None)?;
    let mut released = Vec::new();
    for holds in live.chunks(BATCH_COMMANDS_MAX) {
        let steps = holds.iter().map(|hold| Release::new(hold.id));
        let batch = steps.fold(Batch::new(), Batch::then);
        let batch = batch.by(holder.as_str()).source(Source::Cli);
        let outcomes = engine.batch(batch).wait()?;
        released.extend(outcomes.into_iter().filter_map(Outcome::into_hold));
    }
    print_holds(session, &released)
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
