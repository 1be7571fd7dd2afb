//! `report`: what was sold, how full shows are, what is popular. Money is folded from the log, so
//! it is as exact as the log is.

use crate::args::{Days, Format, Grouping, OccupancyArgs, PopularArgs, ReportCommand, RevenueArgs};
use crate::commands::shows::{Names, every_show};
use crate::error::CliError;
use crate::reading;
use crate::session::Session;
use seatcore::catalogue::show::{ShowFilter, ShowStatus};
use seatcore::clock::Timestamp;
use seatcore::engine::ShowRow;
use seatcore::engine::books::{Account, Books};
use seatcore::money::{Currency, Money};
use seatcore::{Engine, MovieId, ShowId};
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

mod ledger;

use ledger::{Ledger, Slot};

/// Runs one of them.
pub fn run(session: &mut Session<'_, '_>, command: &ReportCommand) -> Result<(), CliError> {
    let days = match command {
        ReportCommand::Revenue(args) => &args.days,
        ReportCommand::Occupancy(args) => &args.days,
        ReportCommand::Popular(args) => &args.days,
    };
    if days.csv {
        session.style.format = Format::Csv;
        session.style.tables = false;
    }
    match command {
        ReportCommand::Revenue(args) => revenue(session, args),
        ReportCommand::Occupancy(args) => occupancy(session, args),
        ReportCommand::Popular(args) => popular(session, args),
    }
}

/// The moments between which something counts.
fn span(
    session: &Session<'_, '_>,
    days: &Days,
    engine: &Engine,
) -> Result<(Option<Timestamp>, Option<Timestamp>), CliError> {
    let (zone, now) = (session.zone(), engine.now());
    let start = |flag: &str, day: &Option<String>| {
        let read = day.as_deref().map(|day| reading::day_of(flag, day, zone, now)).transpose();
        Ok::<_, CliError>(read?.map(|(start, _)| start))
    };
    Ok((start("--from", &days.from)?, start("--to", &days.to)?))
}

/// Every show by number: what a sale is booked under.
fn programme(engine: &Engine) -> Result<HashMap<ShowId, ShowRow>, CliError> {
    let rows = every_show(engine, ShowFilter::default())?;
    Ok(rows.into_iter().map(|row| (row.show.id, row)).collect())
}

/// Reads the whole log into books; says that it takes a while, if it does.
fn read_books(session: &mut Session<'_, '_>, engine: &Engine) -> Result<Books, CliError> {
    let (engine, zone) = (engine.clone(), session.zone());
    let read = move || {
        let mut books = Books::new(move |at| ledger::day(at, zone));
        books.catch_up(&engine)?;
        Ok(books)
    };
    session.wait_for("reading the log", || None, read)
}

fn revenue(session: &mut Session<'_, '_>, args: &RevenueArgs) -> Result<(), CliError> {
    let engine = session.engine()?;
    let shows = programme(&engine)?;
    let (from, to) = span(session, &args.days, &engine)?;
    let zone = session.zone();
    let by = args.by;
    let keyed: HashMap<ShowId, (Slot, Currency)> = shows
        .iter()
        .map(|(id, row)| (*id, (slot(by, row), row.show.opening.terms.prices.currency)))
        .collect();
    let books = read_books(session, &engine)?;
    let day = |at| ledger::day(at, zone);
    let ledger = Ledger::of(&books, &keyed, from.map(day), to.map(day));
    let names = Names::of(&engine)?;
    let lines = ledger.accounts().map(|(slot, currency, account)| {
        let name = slot.name(&names, &shows, zone);
        Line { slot: slot.clone(), name, currency, account }
    });
    let lines: Vec<_> = lines.collect();
    print_lines(session, word(by), &lines)
}

fn slot(by: Grouping, row: &ShowRow) -> Slot {
    match by {
        Grouping::Day => Slot::Day(None),
        Grouping::Show => Slot::Show(row.show.id),
        Grouping::Movie => Slot::Movie(row.show.opening.movie),
        Grouping::Screen => Slot::Screen(row.show.opening.screen),
    }
}

const fn word(by: Grouping) -> &'static str {
    match by {
        Grouping::Day => "day",
        Grouping::Show => "show",
        Grouping::Movie => "movie",
        Grouping::Screen => "screen",
    }
}

/// One line of money.
struct Line {
    slot: Slot,
    name: String,
    currency: Currency,
    account: Account,
}

impl Line {
    fn told(&self, by: Option<&str>) -> Value {
        let Account { bookings, tickets, returned, sold, refunded } = self.account;
        let money = |minor| self.currency.minor(minor);
        let mut told = json!({
            "name": self.name, "bookings": bookings, "tickets": tickets, "returned": returned,
            "sold": money(sold), "refunded": money(refunded), "net": money(sold - refunded),
        });
        if let Some(by) = by {
            told[by] = self.slot.id();
        }
        told
    }

    fn cells(&self) -> Vec<String> {
        let Account { bookings, tickets, returned, sold, refunded } = self.account;
        let amount = |minor| self.currency.minor(minor).amount();
        let counts = [bookings, tickets, returned].map(|count| count.to_string());
        let amounts = [sold, refunded, sold - refunded].map(amount);
        let code = self.currency.code().to_owned();
        let head = std::iter::once(self.name.clone()).chain(counts);
        head.chain(amounts).chain([code]).collect()
    }
}

fn print_lines(session: &mut Session<'_, '_>, by: &str, lines: &[Line]) -> Result<(), CliError> {
    let totals = totals(lines);
    let told: Vec<_> = lines.iter().map(|line| line.told(Some(by))).collect();
    let totals_told: Vec<_> = totals.iter().map(|line| line.told(None)).collect();
    if session.json(&json!({"data": told, "next": null, "totals": totals_told}))? {
        return Ok(());
    }
    let header = [by, "bookings", "tickets", "returned", "sold", "refunded", "net", "currency"];
    let mut rows: Vec<_> = lines.iter().map(Line::cells).collect();
    // A spreadsheet adds up for itself.
    if session.style.tables && lines.len() > 1 {
        rows.extend(totals.iter().map(Line::cells));
    }
    session.rows(&header, &rows)?;
    if lines.is_empty() { session.note("nothing was sold") } else { Ok(()) }
}

/// One line for each currency.
fn totals(lines: &[Line]) -> Vec<Line> {
    let mut sums: BTreeMap<&str, Line> = BTreeMap::new();
    for line in lines {
        let currency = line.currency;
        let sum = sums.entry(currency.code()).or_insert_with(|| {
            let (slot, name) = (Slot::Day(None), "total".to_owned());
            Line { slot, name, currency, account: Account::default() }
        });
        sum.account += line.account;
    }
    sums.into_values().collect()
}

/// Shows that are put together on one line, and their seats.
#[derive(Default)]
struct Fullness {
    shows: u32,
    booked: u64,
    held: u64,
    blocked: u64,
    capacity: u64,
}

fn occupancy(session: &mut Session<'_, '_>, args: &OccupancyArgs) -> Result<(), CliError> {
    let engine = session.engine()?;
    let (from, before) = span(session, &args.days, &engine)?;
    let filter = ShowFilter { from, before, ..ShowFilter::default() };
    let rows = every_show(&engine, filter)?;
    let names = Names::of(&engine)?;
    let zone = session.zone();
    let mut groups: BTreeMap<(Slot, String), Fullness> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.status != ShowStatus::Cancelled) {
        let starts = row.show.opening.terms.starts_at;
        let day = ledger::day(starts, zone);
        let slot = match slot(args.by, row) {
            Slot::Day(_) => Slot::Day(Some(day)),
            other => other,
        };
        let name = match &slot {
            Slot::Day(_) => day.to_string(),
            Slot::Show(id) => {
                format!("{id}  {} {}", reading::print_minute(starts, zone), names.movie(row))
            }
            Slot::Movie(_) => names.movie(row),
            Slot::Screen(_) => names.screen(row),
        };
        groups.entry((slot, name)).or_default().add(row);
    }
    print_fullness(session, word(args.by), &groups)
}

impl Fullness {
    fn add(&mut self, row: &ShowRow) {
        self.shows += 1;
        self.booked += u64::from(row.stats.booked);
        self.held += u64::from(row.stats.held);
        self.blocked += u64::from(row.stats.blocked);
        self.capacity += u64::from(row.stats.capacity);
    }

    /// Of the seats that are for sale.
    fn percent(&self) -> f64 {
        let sellable = (self.capacity - self.blocked).max(1);
        (self.booked as f64 * 1_000.0 / sellable as f64).round() / 10.0
    }
}

fn print_fullness(
    session: &mut Session<'_, '_>,
    by: &str,
    groups: &BTreeMap<(Slot, String), Fullness>,
) -> Result<(), CliError> {
    let told = |((slot, name), full): (&(Slot, String), &Fullness)| {
        let mut told = json!({
            "name": name, "shows": full.shows, "booked": full.booked, "held": full.held,
            "blocked": full.blocked, "capacity": full.capacity, "percent": full.percent(),
        });
        told[by] = slot.id();
        told
    };
    let told: Vec<_> = groups.iter().map(told).collect();
    if session.json(&json!({"data": told, "next": null}))? {
        return Ok(());
    }
    let (tables, unicode) = (session.style.tables, session.style.unicode);
    let row = |((_, name), full): (&(Slot, String), &Fullness)| {
        let counts = [u64::from(full.shows), full.booked, full.held, full.blocked, full.capacity];
        let mut cells = vec![name.clone()];
        cells.extend(counts.map(|count| count.to_string()));
        let percent = full.percent();
        cells.push(if tables {
            format!("{percent:>5.1} {}", bar(percent, unicode))
        } else {
            percent.to_string()
        });
        cells
    };
    let rows: Vec<_> = groups.iter().map(row).collect();
    let header = [by, "shows", "booked", "held", "blocked", "capacity", "percent"];
    session.rows(&header, &rows)?;
    if rows.is_empty() { session.note("no shows") } else { Ok(()) }
}

fn bar(percent: f64, unicode: bool) -> String {
    const WIDTH: usize = 10;
    let full = (percent / 100.0 * WIDTH as f64).round() as usize;
    let (sign, space) = if unicode { ("█", "░") } else { ("#", ".") };
    format!("{}{}", sign.repeat(full.min(WIDTH)), space.repeat(WIDTH - full.min(WIDTH)))
}

fn popular(session: &mut Session<'_, '_>, args: &PopularArgs) -> Result<(), CliError> {
    let engine = session.engine()?;
    let shows = programme(&engine)?;
    let (from, to) = span(session, &args.days, &engine)?;
    let zone = session.zone();
    let keyed = shows.iter().map(|(id, row)| {
        let currency = row.show.opening.terms.prices.currency;
        (*id, (Slot::Movie(row.show.opening.movie), currency))
    });
    let books = read_books(session, &engine)?;
    let day = |at| ledger::day(at, zone);
    let ledger = Ledger::of(&books, &keyed.collect(), from.map(day), to.map(day));
    let mut movies: BTreeMap<MovieId, (i64, Vec<Money>)> = BTreeMap::new();
    for (slot, currency, account) in ledger.accounts() {
        let Slot::Movie(movie) = slot else { continue };
        let (tickets, money) = movies.entry(*movie).or_default();
        *tickets += account.tickets as i64 - account.returned as i64;
        money.push(currency.minor(account.sold - account.refunded));
    }
    let mut ranked: Vec<_> = movies.into_iter().collect();
    ranked.sort_by_key(|(movie, (tickets, _))| (Reverse(*tickets), *movie));
    ranked.truncate(args.limit as usize);
    let names = Names::of(&engine)?;
    let played =
        |movie: MovieId| shows.values().filter(|row| row.show.opening.movie == movie).count();
    let told = |(place, (movie, (tickets, money))): (usize, &(MovieId, (i64, Vec<Money>)))| {
        json!({"rank": place + 1, "movie": movie, "title": names.title(*movie),
               "tickets": tickets, "shows": played(*movie), "net": money})
    };
    let told: Vec<_> = ranked.iter().enumerate().map(told).collect();
    if session.json(&json!({"data": told, "next": null}))? {
        return Ok(());
    }
    let row = |(place, (movie, (tickets, money))): (usize, &(MovieId, (i64, Vec<Money>)))| {
        let net: Vec<_> = money.iter().map(ToString::to_string).collect();
        let (rank, shows) = ((place + 1).to_string(), played(*movie).to_string());
        vec![rank, names.title(*movie), tickets.to_string(), shows, net.join(", ")]
    };
    let rows: Vec<_> = ranked.iter().enumerate().map(row).collect();
    session.rows(&["rank", "title", "tickets", "shows", "net"], &rows)?;
    if rows.is_empty() { session.note("nothing was sold") } else { Ok(()) }
}
