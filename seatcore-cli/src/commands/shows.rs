//! `shows`: the programme.

use crate::args::{AddShowArgs, CancelShowArgs, EditShowArgs, ListShowsArgs, ShowsCommand};
use crate::error::CliError;
use crate::reading;
use crate::session::Session;
use chrono_tz::Tz;
use seatcore::catalogue::price::Prices;
use seatcore::catalogue::show::{NewShow, Show, ShowFilter, Terms};
use seatcore::engine::ShowRow;
use seatcore::house::command::ShowPatch;
use seatcore::house::event::Source;
use seatcore::wire::ShowView;
use seatcore::{CancelShow, ChangeShow, Engine, MovieId, ScreenId, ShowId};
use std::collections::HashMap;

/// Runs one of them.
pub fn run(session: &mut Session<'_, '_>, command: ShowsCommand) -> Result<(), CliError> {
    match command {
        ShowsCommand::List(args) => list(session, &args),
        ShowsCommand::Show(args) => {
            let engine = session.engine()?;
            print(session, &engine, args.show)
        }
        ShowsCommand::Add(args) => add(session, &args),
        ShowsCommand::Edit(args) => edit(session, &args),
        ShowsCommand::Cancel(args) => cancel(session, args),
        ShowsCommand::Close(args) => set_closed(session, args.show, true),
        ShowsCommand::Reopen(args) => set_closed(session, args.show, false),
    }
}

/// Titles and screens by number, for printing shows.
pub struct Names(HashMap<MovieId, String>, HashMap<ScreenId, String>);

impl Names {
    /// All of them.
    pub fn of(engine: &Engine) -> Result<Self, CliError> {
        let (movies, screens) = engine.names()?;
        Ok(Self(movies, screens))
    }

    /// A show's film.
    pub fn movie(&self, row: &ShowRow) -> String {
        self.title(row.show.opening.movie)
    }

    /// A show's screen.
    pub fn screen(&self, row: &ShowRow) -> String {
        self.hall(row.show.opening.screen)
    }

    /// A film.
    pub fn title(&self, id: MovieId) -> String {
        self.0.get(&id).cloned().unwrap_or_else(|| format!("movie {id}"))
    }

    /// A screen.
    pub fn hall(&self, id: ScreenId) -> String {
        self.1.get(&id).cloned().unwrap_or_else(|| format!("screen {id}"))
    }
}

fn list(session: &mut Session<'_, '_>, args: &ListShowsArgs) -> Result<(), CliError> {
    let engine = session.engine()?;
    let mut filter = ShowFilter { movie: args.movie, screen: args.screen, ..ShowFilter::default() };
    if let Some(date) = &args.date {
        let (from, before) = reading::day(date, session.zone(), engine.now())?;
        (filter.from, filter.before) = (Some(from), Some(before));
    }
    let rows = every_show(&engine, filter)?;
    print_list(session, &engine, &rows)
}

/// Reads page after page: a list that ends early reads as a programme that ends early.
pub fn every_show(engine: &Engine, mut filter: ShowFilter) -> Result<Vec<ShowRow>, CliError> {
    let mut all: Vec<ShowRow> = Vec::new();
    loop {
        let page = engine.shows(&filter)?;
        let Some(last) = page.last() else { return Ok(all) };
        filter.after = Some((last.show.opening.terms.starts_at, last.show.id));
        all.extend(page);
    }
}

/// Prints shows as a table or a list of the contract.
pub fn print_list(
    session: &mut Session<'_, '_>,
    engine: &Engine,
    rows: &[ShowRow],
) -> Result<(), CliError> {
    let views: Vec<_> = rows.iter().map(ShowView::of).collect();
    if session.json(&crate::output::list_of(&views, None))? {
        return Ok(());
    }
    let names = Names::of(engine)?;
    let zone = session.zone();
    let line = |row: &ShowRow| {
        let terms = &row.show.opening.terms;
        let price = terms.prices.currency.minor(i64::from(terms.prices.base));
        let free = format!("{}/{}", row.stats.available, row.stats.capacity);
        vec![
            row.show.id.to_string(),
            reading::print_minute(terms.starts_at, zone),
            names.movie(row),
            names.screen(row),
            price.to_string(),
            free,
            row.status.to_string(),
        ]
    };
    let lines: Vec<_> = rows.iter().map(line).collect();
    session.rows(&["id", "starts", "movie", "screen", "price", "free", "status"], &lines)?;
    if rows.is_empty() { session.note("no shows") } else { Ok(()) }
}

fn print(session: &mut Session<'_, '_>, engine: &Engine, show: ShowId) -> Result<(), CliError> {
    let row = engine.show_row(show)?;
    let names = Names::of(engine)?;
    let (terms, zone) = (&row.show.opening.terms, session.zone());
    let money = |minor: u32| terms.prices.currency.minor(i64::from(minor)).to_string();
    let tiers = terms.prices.tiers.iter().map(|(name, minor)| format!("{name} {}", money(*minor)));
    let moment = |at| reading::print_moment(at, zone);
    let pairs = [
        ("id", show.to_string()),
        ("movie", names.movie(&row)),
        ("screen", names.screen(&row)),
        ("starts", moment(terms.starts_at)),
        ("ends", moment(terms.ends_at)),
        ("status", row.status.to_string()),
        ("sales", format!("{} to {}", moment(terms.sales.opens_at), moment(terms.closes_at()))),
        (
            "price",
            std::iter::once(money(terms.prices.base)).chain(tiers).collect::<Vec<_>>().join(", "),
        ),
        ("seats", print_stats(&row)),
        ("events", row.seq.to_string()),
    ];
    session.one(&ShowView::of(&row), &pairs)
}

fn print_stats(row: &ShowRow) -> String {
    let s = row.stats;
    let counts = (s.available, s.held, s.booked, s.blocked);
    let (available, held, booked, blocked) = counts;
    let all = s.capacity;
    format!("{available} available, {held} held, {booked} booked, {blocked} blocked, {all} in all")
}

fn add(session: &mut Session<'_, '_>, args: &AddShowArgs) -> Result<(), CliError> {
    let zone = session.zone();
    let mut shows = Vec::new();
    for day in 0..args.repeat {
        let starts = reading::moment_days_later(&args.starts, day, zone)?;
        let mut new = NewShow::new(args.movie, args.screen, starts, args.price);
        let ends = args.ends.as_deref();
        new.ends_at = ends.map(|ends| reading::moment_days_later(ends, day, zone)).transpose()?;
        let tiers = args.tier.iter().map(|tier| reading::tier_price(tier, args.price));
        new.prices.tiers = tiers.collect::<Result<_, _>>()?;
        shows.push(new);
    }
    let engine = session.engine()?;
    let opened = open_all(&engine, shows)?;
    if let [only] = opened.as_slice() {
        return print(session, &engine, only.id);
    }
    let rows: Result<Vec<_>, _> = opened.iter().map(|show| engine.show_row(show.id)).collect();
    print_list(session, &engine, &rows?)
}

/// Opens them one after the other, until one is refused: then says what stands.
fn open_all(engine: &Engine, shows: Vec<NewShow>) -> Result<Vec<Show>, CliError> {
    let mut opened: Vec<Show> = Vec::new();
    for show in shows {
        match engine.open_show(show) {
            Ok(show) => opened.push(show),
            Err(failure) if opened.is_empty() => return Err(failure.into()),
            Err(failure) => {
                let numbers: Vec<_> = opened.iter().map(|show| show.id.to_string()).collect();
                let stands = format!("the days before it are on sale: {}", numbers.join(" "));
                return Err(CliError::from(failure).hint(stands));
            }
        }
    }
    Ok(opened)
}

fn edit(session: &mut Session<'_, '_>, args: &EditShowArgs) -> Result<(), CliError> {
    let engine = session.engine()?;
    let terms = engine.show(args.show)?.opening.terms;
    let patch = patch(args, &terms, session.zone())?;
    if patch == ShowPatch::default() {
        let hint = "name --starts, --ends, --opens, --closes, --price or --tier";
        return Err(CliError::usage("nothing to change").hint(hint));
    }
    engine.change_show(ChangeShow::new(args.show, patch).source(Source::Cli)).wait()?;
    print(session, &engine, args.show)
}

fn patch(args: &EditShowArgs, terms: &Terms, zone: Tz) -> Result<ShowPatch, CliError> {
    let read =
        |text: &Option<String>| text.as_deref().map(|text| reading::moment(text, zone)).transpose();
    let (starts_at, opens_at) = (read(&args.starts)?, read(&args.opens)?);
    let moved = starts_at.map(|starts| starts.plus(terms.ends_at.since(terms.starts_at)));
    let closes_at = match args.closes.as_deref() {
        None => None,
        Some("start") => Some(None),
        Some(text) => Some(Some(reading::moment(text, zone)?)),
    };
    let prices = (args.price.is_some() || !args.tier.is_empty()).then(|| prices(args, terms));
    Ok(ShowPatch {
        starts_at,
        ends_at: read(&args.ends)?.or(moved),
        opens_at,
        closes_at,
        prices: prices.transpose()?,
        ..ShowPatch::default()
    })
}

/// The prices as they are, but for what was named.
fn prices(args: &EditShowArgs, terms: &Terms) -> Result<Prices, CliError> {
    let mut prices = terms.prices.clone();
    if let Some(price) = args.price {
        if price.currency != prices.currency {
            let code = prices.currency.code();
            return Err(CliError::usage(format!("--price: this show is sold in {code}")));
        }
        prices.base = u32::try_from(price.amount_minor).unwrap_or(u32::MAX);
    }
    for tier in &args.tier {
        let (name, minor) = reading::tier_price(tier, prices.currency.minor(0))?;
        match prices.tiers.iter_mut().find(|(known, _)| *known == name) {
            Some((_, price)) => *price = minor,
            None => prices.tiers.push((name, minor)),
        }
    }
    prices.tiers.sort();
    Ok(prices)
}

fn cancel(session: &mut Session<'_, '_>, args: CancelShowArgs) -> Result<(), CliError> {
    let engine = session.engine()?;
    let row = engine.show_row(args.show)?;
    let (held, booked) = (row.stats.held, row.stats.booked);
    let question = format!("Cancel show {} with {booked} booked and {held} held seats?", args.show);
    session.confirm(&question, "yes")?;
    let mut request = CancelShow::new(args.show).source(Source::Cli);
    if let Some(reason) = args.reason {
        request = request.reason(reason);
    }
    engine.cancel_show(request).wait()?;
    print(session, &engine, args.show)?;
    session.note("this cannot be undone: open another show with `seatcore shows add`")
}

fn set_closed(session: &mut Session<'_, '_>, show: ShowId, closed: bool) -> Result<(), CliError> {
    let engine = session.engine()?;
    let patch = ShowPatch { closed: Some(closed), ..ShowPatch::default() };
    engine.change_show(ChangeShow::new(show, patch).source(Source::Cli)).wait()?;
    print(session, &engine, show)?;
    let inverse = if closed { "reopen" } else { "close" };
    session.note(&format!("to undo this: seatcore shows {inverse} {show}"))
}
