//! `hold` and `holds`: seats under a clock.

use crate::args::{
    ExtendArgs, HoldArgs, HoldBestArgs, HoldChoice, HoldTerms, HoldsCommand, ListHoldsArgs,
    ReleaseArgs,
};
use crate::error::CliError;
use crate::office::{Best, Choice, Office, Wish};
use crate::output;
use crate::reading;
use crate::session::Session;
use crate::shell;
use chrono_tz::Tz;
use seatcore::error::Code;
use seatcore::{HoldDetails, ShowId};
use std::time::Duration;

/// `hold SHOW SEAT…` and `hold best SHOW`.
pub fn hold(session: &mut Session<'_, '_>, args: HoldArgs) -> Result<(), CliError> {
    match (args.best, args.show) {
        (Some(HoldChoice::Best(args)), _) => hold_best(session, args),
        (None, Some(show)) if args.count.is_some() || !args.seats.is_empty() => {
            let best = args.count.map(|count| Choice::Best(Best { count, ..Best::default() }));
            let choice = best.unwrap_or(Choice::Seats(args.seats));
            hold_seats(session, show, choice, args.terms)
        }
        _ => Err(CliError::usage("which seats? name a show and seats, or say `hold SHOW -n 2`")
            .hint("`seatcore shows list` has the shows, `seatcore seats map SHOW` the seats")),
    }
}

fn hold_seats(
    session: &mut Session<'_, '_>,
    show: ShowId,
    choice: Choice,
    terms: HoldTerms,
) -> Result<(), CliError> {
    let wish = under(Wish::new(show, choice), &terms);
    let office = session.office()?;
    let holder = buyer(session, &*office, terms.holder)?;
    let held = office.hold(&wish, &holder, terms.key);
    print_new(session, &held.map_err(|error| hinted(&wish, error))?)
}

/// Whoever is refused seats is told where others can be seen, or which was named twice.
pub fn hinted(wish: &Wish, error: CliError) -> CliError {
    let joined = |seat: &&String| seat.contains(',');
    if let Choice::Seats(seats) = &wish.seats
        && let Some(seat) = seats.iter().find(joined).filter(|_| error.is_refusal())
    {
        let apart = seat.split(',').filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        return error.hint(format!("separate seats with spaces: {apart}"));
    }
    if error.is_about_seats() {
        return error.hint(format!("`seatcore seats map {}` draws the hall", wish.show));
    }
    match (&wish.seats, error.code()) {
        (Choice::Seats(seats), Code::Invalid) => match named_twice(seats) {
            Some(seat) => error.hint(format!("{seat} is named twice")),
            None => error,
        },
        _ => error,
    }
}

fn named_twice(seats: &[String]) -> Option<&String> {
    let mut rest = seats;
    while let [seat, others @ ..] = rest {
        if others.iter().any(|other| other.eq_ignore_ascii_case(seat)) {
            return Some(seat);
        }
        rest = others;
    }
    None
}

/// Who holds: at a server whoever its key names, else whom `--as` or an answer names.
pub fn buyer(
    session: &mut Session<'_, '_>,
    office: &dyn Office,
    said: Option<String>,
) -> Result<String, CliError> {
    let Some(own) = office.own_holder()? else {
        let holder = session.answer(said, "For whom?", "--as")?;
        return reading::holder_text(&holder)
            .map_err(|wrong| CliError::usage(format!("--as: {wrong}")));
    };
    match said {
        Some(said) if said != own.as_str() => {
            Err(CliError::usage(format!("--as: this server holds seats for {own}, who asks"))
                .hint("leave --as out; --reference takes the buyer's name"))
        }
        _ => Ok(own.to_string()),
    }
}

fn hold_best(session: &mut Session<'_, '_>, args: HoldBestArgs) -> Result<(), CliError> {
    let HoldBestArgs { show, count, tier, accessible, together, terms } = args;
    let best = Best { count, tier, accessible, together };
    let wish = under(Wish::new(show, Choice::Best(best)), &terms);
    let office = session.office()?;
    let holder = buyer(session, &*office, terms.holder)?;
    let held = office.hold(&wish, &holder, terms.key)?;
    print_new(session, &held)
}

fn under(mut wish: Wish, terms: &HoldTerms) -> Wish {
    (wish.ttl, wish.reference) = (terms.ttl, terms.reference.clone());
    wish
}

fn print_new(session: &mut Session<'_, '_>, hold: &HoldDetails) -> Result<(), CliError> {
    print_changed(session, hold)?;
    session.note(&format!("to sell it: seatcore book {}", hold.id))
}

/// Runs one of `holds`.
pub fn run(session: &mut Session<'_, '_>, command: HoldsCommand) -> Result<(), CliError> {
    match command {
        HoldsCommand::List(args) => list(session, &args),
        HoldsCommand::Show(args) => {
            let hold = session.office()?.find_hold(args.hold)?;
            print(session, &hold)
        }
        HoldsCommand::Extend(args) => extend(session, args),
        HoldsCommand::Release(args) => release(session, args),
    }
}

fn list(session: &mut Session<'_, '_>, args: &ListHoldsArgs) -> Result<(), CliError> {
    let holds = session.office()?.holds(args.holder.as_ref(), args.show)?;
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
    let hold = session.office()?.extend(args.hold, args.ttl, args.acting)?;
    print_changed(session, &hold)
}

fn release(session: &mut Session<'_, '_>, args: ReleaseArgs) -> Result<(), CliError> {
    let office = session.office()?;
    let Some(hold) = args.hold else {
        let holder = reading::holder(&args.acting.holder.unwrap_or_default());
        let holder = holder.map_err(CliError::usage)?;
        let released = office.release_all(&holder)?;
        session.did(format!("{} holds of {} were released", released.len(), holder.as_str()));
        return print_holds(session, &released);
    };
    let hold = office.release(hold, &args.seats, args.acting)?;
    print_changed(session, &hold)?;
    let seats = if args.seats.is_empty() { &hold.seats } else { &args.seats };
    session.note(&way_back(&hold, seats))
}

fn way_back(hold: &HoldDetails, seats: &[String]) -> String {
    let (show, seats) = (hold.show, shell::words(seats));
    let holder = shell::word(hold.holder.as_str());
    format!("to undo this: seatcore hold {show} {seats} --as {holder}")
}

/// Prints what a hold or a block has become.
pub fn print_changed(session: &mut Session<'_, '_>, hold: &HoldDetails) -> Result<(), CliError> {
    let HoldDetails { id, show, seats, state, .. } = hold;
    session.did(format!("hold {id} in show {show}, {}, is {state}", seats.join(" ")));
    print(session, hold)
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
