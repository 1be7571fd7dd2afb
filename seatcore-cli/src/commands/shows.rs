//! `shows`: the programme.

use crate::args::{AddShowArgs, CancelShowArgs, EditShowArgs, ListShowsArgs, ShowsCommand};
use crate::error::CliError;
use crate::office::Office;
use crate::reading;
use crate::session::Session;
use chrono_tz::Tz;
use seatcore::ShowId;
use seatcore::catalogue::price::Prices;
use seatcore::catalogue::show::{NewShow, ShowFilter, ShowLimits, ShowStatus};
use seatcore::clock::Timestamp;
use seatcore::house::command::ShowPatch;
use seatcore::money::Money;
use seatcore::wire::ShowView;
use std::time::Duration;

/// Runs one of them.
pub fn run(session: &mut Session<'_, '_>, command: ShowsCommand) -> Result<(), CliError> {
    match command {
        ShowsCommand::List(args) => list(session, &args),
        ShowsCommand::Show(args) => {
            let office = session.office()?;
            let show = office.show(args.show)?;
            print(session, &*office, &show)
        }
        ShowsCommand::Add(args) => add(session, &args),
        ShowsCommand::Edit(args) => edit(session, &args),
        ShowsCommand::Cancel(args) => cancel(session, args),
        ShowsCommand::Close(args) => set_closed(session, args.show, true),
        ShowsCommand::Reopen(args) => set_closed(session, args.show, false),
    }
}

fn list(session: &mut Session<'_, '_>, args: &ListShowsArgs) -> Result<(), CliError> {
    let office = session.office()?;
    let mut filter = ShowFilter { movie: args.movie, screen: args.screen, ..ShowFilter::default() };
    if let Some(date) = &args.date {
        let (from, before) = reading::day(date, session.zone(), office.now())?;
        (filter.from, filter.before) = (Some(from), Some(before));
    }
    let mut shows = office.shows(filter)?;
    if args.over {
        let now = office.now();
        shows.retain(|show| show.ends_at <= now || show.status == ShowStatus::Cancelled);
    }
    print_list(session, &*office, &shows)
}

/// Prints shows as a table or a list of the contract.
pub fn print_list(
    session: &mut Session<'_, '_>,
    office: &dyn Office,
    shows: &[ShowView],
) -> Result<(), CliError> {
    if session.json(&crate::output::list_of(shows, None))? {
        return Ok(());
    }
    let names = office.names()?;
    let zone = session.zone();
    let line = |show: &ShowView| {
        vec![
            show.id.to_string(),
            reading::print_minute(show.starts_at, zone),
            names.movie(show),
            names.screen(show),
            show.price.to_string(),
            format!("{}/{}", show.stats.available, show.stats.capacity),
            show.status.to_string(),
        ]
    };
    let lines: Vec<_> = shows.iter().map(line).collect();
    session.rows(&["id", "starts", "movie", "screen", "price", "free", "status"], &lines)?;
    if shows.is_empty() { session.note("no shows") } else { Ok(()) }
}

fn print(
    session: &mut Session<'_, '_>,
    office: &dyn Office,
    show: &ShowView,
) -> Result<(), CliError> {
    if session.json(show)? {
        return Ok(());
    }
    let (names, zone) = (office.names()?, session.zone());
    let tiers = show.tiers.iter().map(|(name, price)| format!("{name} {price}"));
    let prices: Vec<_> = std::iter::once(show.price.to_string()).chain(tiers).collect();
    let moment = |at| reading::print_moment(at, zone);
    let sales = show.sales;
    session.pairs(&[
        ("id", show.id.to_string()),
        ("movie", names.movie(show)),
        ("screen", names.screen(show)),
        ("starts", moment(show.starts_at)),
        ("ends", moment(show.ends_at)),
        ("status", show.status.to_string()),
        ("sales", format!("{} to {}", moment(sales.opens_at), moment(sales.closes_at))),
        ("price", prices.join(", ")),
        ("limits", print_limits(show.limits)),
        ("seats", print_stats(show)),
        ("events", show.seq.to_string()),
    ])
}

fn print_limits(limits: ShowLimits) -> String {
    let ShowLimits { hold_life_s, holds_per_holder, seats_per_holder } = limits;
    let life = reading::print_exact_span(Duration::from_secs(u64::from(hold_life_s)));
    format!("{life} a hold, {holds_per_holder} holds and {seats_per_holder} seats a holder")
}

fn print_changed(
    session: &mut Session<'_, '_>,
    office: &dyn Office,
    show: &ShowView,
) -> Result<(), CliError> {
    session.did(format!("show {} is {} now", show.id, show.status));
    print(session, office, show)
}

fn print_stats(show: &ShowView) -> String {
    let s = show.stats;
    let counts = (s.available, s.held, s.booked, s.blocked);
    let (available, held, booked, blocked) = counts;
    let all = s.capacity;
    format!("{available} available, {held} held, {booked} booked, {blocked} blocked, {all} in all")
}

fn add(session: &mut Session<'_, '_>, args: &AddShowArgs) -> Result<(), CliError> {
    let (zone, start) = (session.zone(), format!("--starts {}", args.starts));
    let mut shows = Vec::new();
    for day in 0..args.repeat {
        let starts = reading::moment_days_later(&args.starts, day, zone)?;
        let mut new = NewShow::new(args.movie, args.screen, starts, args.price);
        let ends = args.ends.as_deref();
        new.ends_at = ends.map(|ends| reading::moment_days_later(ends, day, zone)).transpose()?;
        require_end_behind(args.ends.as_deref(), new.ends_at, starts, &start)?;
        let tiers = args.tier.iter().map(|tier| reading::tier_price(tier, args.price));
        new.prices.tiers = tiers.collect::<Result<_, _>>()?;
        new.limits = args.limits.patch().unwrap_or_default().over(new.limits);
        shows.push(new);
    }
    let office = session.office()?;
    require_time_to_come(
        shows.first().map(|show| show.starts_at),
        &*office,
        &args.starts,
        args.past,
    )?;
    let opened = open_all(&*office, shows)?;
    let numbers: Vec<_> = opened.iter().map(|show| show.id.to_string()).collect();
    session.did(format!("show {} was opened", numbers.join(" ")));
    match opened.as_slice() {
        [only] => print(session, &*office, only),
        several => print_list(session, &*office, several),
    }
}

/// Opens them one after the other, until one is refused: then says what stands.
fn open_all(office: &dyn Office, shows: Vec<NewShow>) -> Result<Vec<ShowView>, CliError> {
    let mut opened: Vec<ShowView> = Vec::new();
    for show in shows {
        match office.open_show(show) {
            Ok(show) => opened.push(show),
            Err(error) if opened.is_empty() => return Err(error),
            Err(error) => {
                let numbers: Vec<_> = opened.iter().map(|show| show.id.to_string()).collect();
                let stands = format!("the days before it are on sale: {}", numbers.join(" "));
                return Err(error.hint(stands));
            }
        }
    }
    Ok(opened)
}

fn edit(session: &mut Session<'_, '_>, args: &EditShowArgs) -> Result<(), CliError> {
    let office = session.office()?;
    let before = office.show(args.show)?;
    let patch = patch(args, &before, session.zone())?;
    if patch == ShowPatch::default() {
        let hint = "name --starts, --ends, --opens, --closes, --price, --tier or a limit";
        return Err(CliError::usage("nothing to change").hint(hint));
    }
    let start = args.starts.as_deref();
    require_time_to_come(patch.starts_at, &*office, start.unwrap_or_default(), args.past)?;
    if ends_sales(&patch, &before, office.now()) {
        let held = before.stats.held;
        let question =
            format!("Change show {}? That ends its sales, with {held} held seats.", args.show);
        session.confirm(&question, "yes")?;
    }
    let show = office.change_show(args.show, patch)?;
    print_changed(session, &*office, &show)
}

/// A show that has begun is over before anybody could buy, and stays for ever.
fn require_time_to_come(
    starts: Option<Timestamp>,
    office: &dyn Office,
    said: &str,
    past: bool,
) -> Result<(), CliError> {
    match starts {
        Some(starts) if !past && starts <= office.now() => {
            Err(CliError::usage(format!("--starts {said} is in the past"))
                .hint("add --past if that is meant"))
        }
        _ => Ok(()),
    }
}

fn require_end_behind(
    said: Option<&str>,
    ends: Option<Timestamp>,
    starts: Timestamp,
    start: &str,
) -> Result<(), CliError> {
    match (said, ends) {
        (Some(said), Some(ends)) if ends <= starts => {
            Err(CliError::usage(format!("--ends {said} is not after {start}")))
        }
        _ => Ok(()),
    }
}

/// Whether a show on sale is that no more with these terms. What is held can still be booked.
fn ends_sales(patch: &ShowPatch, show: &ShowView, now: Timestamp) -> bool {
    let (sales, starts) = (show.sales, patch.starts_at.unwrap_or(show.starts_at));
    let opens = patch.opens_at.unwrap_or(sales.opens_at);
    let follows = sales.closes_at == show.starts_at;
    let closes = match patch.closes_at {
        Some(moment) => moment.unwrap_or(starts),
        None if follows => starts,
        None => sales.closes_at,
    };
    show.status == ShowStatus::OnSale && (now < opens || closes <= now)
}

fn patch(args: &EditShowArgs, show: &ShowView, zone: Tz) -> Result<ShowPatch, CliError> {
    let read =
        |text: &Option<String>| text.as_deref().map(|text| reading::moment(text, zone)).transpose();
    let (starts_at, opens_at) = (read(&args.starts)?, read(&args.opens)?);
    let moved = starts_at.map(|starts| starts.plus(show.ends_at.since(show.starts_at)));
    let closes_at = match args.closes.as_deref() {
        None => None,
        Some("start") => Some(None),
        Some(text) => Some(Some(reading::moment(text, zone)?)),
    };
    let starts = starts_at.unwrap_or(show.starts_at);
    let ends = read(&args.ends)?;
    let start = args.starts.as_ref().map_or_else(
        || format!("the start, {}", reading::print_minute(starts, zone)),
        |said| format!("--starts {said}"),
    );
    require_end_behind(args.ends.as_deref(), ends, starts, &start)?;
    let prices = (args.price.is_some() || !args.tier.is_empty()).then(|| prices(args, show));
    Ok(ShowPatch {
        starts_at,
        ends_at: ends.or(moved),
        opens_at,
        closes_at,
        prices: prices.transpose()?.map(Into::into),
        limits: args.limits.patch(),
        ..ShowPatch::default()
    })
}

/// The prices as they are, but for what was named.
fn prices(args: &EditShowArgs, show: &ShowView) -> Result<Prices, CliError> {
    let base = args.price.unwrap_or(show.price);
    if base.currency != show.price.currency {
        let code = show.price.currency.code();
        return Err(CliError::usage(format!("--price: this show is sold in {code}")));
    }
    let minor = |price: &Money| u32::try_from(price.amount_minor).unwrap_or(u32::MAX);
    let mut prices = Prices::flat(base.currency, minor(&base));
    let known = show.tiers.iter().map(|(name, price)| (name.as_str().into(), minor(price)));
    prices.tiers = known.collect();
    for tier in &args.tier {
        let (name, minor) = reading::tier_price(tier, base.currency.minor(0))?;
        match prices.tiers.iter_mut().find(|(known, _)| *known == name) {
            Some((_, price)) => *price = minor,
            None => prices.tiers.push((name, minor)),
        }
    }
    prices.tiers.sort();
    Ok(prices)
}

fn cancel(session: &mut Session<'_, '_>, args: CancelShowArgs) -> Result<(), CliError> {
    let office = session.office()?;
    let stats = office.show(args.show)?.stats;
    let (held, booked) = (stats.held, stats.booked);
    let question = format!("Cancel show {} with {booked} booked and {held} held seats?", args.show);
    session.confirm(&question, "yes")?;
    let show = office.cancel_show(args.show, args.reason)?;
    print_changed(session, &*office, &show)?;
    session.note("this cannot be undone: open another show with `seatcore shows add`")
}

fn set_closed(session: &mut Session<'_, '_>, show: ShowId, closed: bool) -> Result<(), CliError> {
    let office = session.office()?;
    let patch = ShowPatch { closed: Some(closed), ..ShowPatch::default() };
    let changed = office.change_show(show, patch)?;
    print_changed(session, &*office, &changed)?;
    let inverse = if closed { "reopen" } else { "close" };
    session.note(&format!("to undo this: seatcore shows {inverse} {show}"))
}
