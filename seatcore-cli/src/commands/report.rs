//! `report`: what was sold, how full shows are, what is popular. Money is folded from the log, so
//! it is as exact as the log is.

use crate::args::{self, Format, OccupancyArgs, PopularArgs, ReportCommand, RevenueArgs};
use crate::error::CliError;
use crate::office::{Days, Office};
use crate::output::Style;
use crate::reading;
use crate::session::Session;
use seatcore::ShowId;
use seatcore::catalogue::show::ShowFilter;
use seatcore::engine::reports::{Grouping, OccupancyLine, Period, PopularLine, RevenueLine, Slot};
use seatcore::wire::ShowView;
use std::collections::HashMap;

/// Runs one of them.
pub fn run(session: &mut Session<'_, '_>, command: &ReportCommand) -> Result<(), CliError> {
    let days = match command {
        ReportCommand::Revenue(args) => &args.days,
        ReportCommand::Occupancy(args) => &args.days,
        ReportCommand::Popular(args) => &args.days,
    };
    session.style.titles = true;
    if days.csv {
        session.style = Style { format: Format::Csv, json: false, tables: false, ..session.style };
    }
    match command {
        ReportCommand::Revenue(args) => revenue(session, args),
        ReportCommand::Occupancy(args) => occupancy(session, args),
        ReportCommand::Popular(args) => popular(session, args),
    }
}

/// The days that count, as typed.
fn days(
    session: &Session<'_, '_>,
    days: &args::Days,
    office: &dyn Office,
) -> Result<Days, CliError> {
    let (zone, now) = (session.zone(), office.now());
    let read = |flag: &str, day: &Option<String>| {
        day.as_deref().map(|day| reading::date(flag, day, zone, now)).transpose()
    };
    let period = Period { from: read("--from", &days.from)?, to: read("--to", &days.to)? };
    if let (Some(from), Some(to)) = (period.from, period.to)
        && to <= from
    {
        return Err(CliError::usage(format!("--to {to} is not after --from {from}"))
            .hint("--to is the day after the last that counts"));
    }
    Ok(Days { period, zone })
}

/// What lines are called by people: shows by number, start in this zone and film.
struct Labels {
    shows: HashMap<ShowId, String>,
}

impl Labels {
    /// Shows are looked up only where lines stand for shows.
    fn of(session: &Session<'_, '_>, office: &dyn Office, by: Grouping) -> Result<Self, CliError> {
        if by != Grouping::Show {
            return Ok(Self { shows: HashMap::new() });
        }
        let (names, zone) = (office.names()?, session.zone());
        let label = |show: ShowView| {
            let starts = reading::print_minute(show.starts_at, zone);
            (show.id, format!("{}  {starts} {}", show.id, names.movie(&show)))
        };
        let shows = office.shows(ShowFilter::default())?;
        Ok(Self { shows: shows.into_iter().map(label).collect() })
    }

    fn name(&self, slot: Option<&Slot>, name: &str) -> String {
        match slot {
            Some(Slot::Show(show)) => self.shows.get(show).map_or(name, String::as_str).to_owned(),
            _ => name.to_owned(),
        }
    }
}

fn revenue(session: &mut Session<'_, '_>, args: &RevenueArgs) -> Result<(), CliError> {
    let office = session.office()?;
    let (days, by) = (days(session, &args.days, &*office)?, grouping(args.by));
    let asked = office.clone();
    let report = session.wait_for("reading the log", || None, move || asked.revenue(by, &days))?;
    if session.json(&report)? {
        return Ok(());
    }
    let labels = Labels::of(session, &*office, by)?;
    let mut rows: Vec<_> = report.data.iter().map(|line| cells(line, &labels)).collect();
    // A spreadsheet adds up for itself.
    if session.style.tables && report.data.len() > 1 {
        rows.extend(report.totals.iter().map(|line| cells(line, &labels)));
    }
    let header =
        [by.as_str(), "bookings", "tickets", "returned", "sold", "refunded", "net", "currency"];
    session.rows(&header, &rows)?;
    if report.data.is_empty() { session.note("nothing was sold") } else { Ok(()) }
}

fn cells(line: &RevenueLine, labels: &Labels) -> Vec<String> {
    let counts = [line.bookings, line.tickets, line.returned].map(|count| count.to_string());
    let amounts = [line.sold, line.refunded, line.net].map(|money| money.amount());
    let code = line.net.currency.code().to_owned();
    let head = std::iter::once(labels.name(line.slot.as_ref(), &line.name)).chain(counts);
    head.chain(amounts).chain([code]).collect()
}

const fn grouping(by: args::Grouping) -> Grouping {
    match by {
        args::Grouping::Day => Grouping::Day,
        args::Grouping::Show => Grouping::Show,
        args::Grouping::Movie => Grouping::Movie,
        args::Grouping::Screen => Grouping::Screen,
    }
}

fn occupancy(session: &mut Session<'_, '_>, args: &OccupancyArgs) -> Result<(), CliError> {
    let office = session.office()?;
    let (days, by) = (days(session, &args.days, &*office)?, grouping(args.by));
    let report = office.occupancy(by, &days)?;
    if session.json(&report)? {
        return Ok(());
    }
    let labels = Labels::of(session, &*office, by)?;
    let style = session.style;
    let row = |line: &OccupancyLine| {
        let counts = [u64::from(line.shows), line.booked, line.held, line.blocked, line.capacity];
        let mut cells = vec![labels.name(Some(&line.slot), &line.name)];
        cells.extend(counts.map(|count| count.to_string()));
        cells.push(if style.tables {
            format!("{:>5.1} {}", line.percent, bar(line.percent, style.unicode))
        } else {
            line.percent.to_string()
        });
        cells
    };
    let rows: Vec<_> = report.data.iter().map(row).collect();
    let header = [by.as_str(), "shows", "booked", "held", "blocked", "capacity", "percent"];
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
    let office = session.office()?;
    let (days, limit) = (days(session, &args.days, &*office)?, args.limit);
    let asked = move || office.popular(&days, limit);
    let report = session.wait_for("reading the log", || None, asked)?;
    if session.json(&report)? {
        return Ok(());
    }
    let row = |line: &PopularLine| {
        let net: Vec<_> = line.net.iter().map(ToString::to_string).collect();
        let counts = [line.tickets.to_string(), line.shows.to_string()];
        let head = [line.rank.to_string(), line.title.clone()];
        head.into_iter().chain(counts).chain([net.join(", ")]).collect()
    };
    let rows: Vec<Vec<String>> = report.data.iter().map(row).collect();
    session.rows(&["rank", "title", "tickets", "shows", "net"], &rows)?;
    if rows.is_empty() { session.note("nothing was sold") } else { Ok(()) }
}
