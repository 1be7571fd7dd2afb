//! `events`: the log, as people read it.

use crate::args::{EventsCommand, TailArgs};
use crate::error::CliError;
use crate::office::{Feed, Office};
use crate::output::{Style, list_of, seats_text};
use crate::reading;
use crate::session::Session;
use seatcore::ShowId;
use seatcore::wire::ActivityView;
use std::time::Duration;

/// Records read at once.
const PAGE: usize = 1_000;
/// How often a follower looks without being told to: a show that was opened meanwhile is in no feed.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Runs one of them.
pub fn run(session: &mut Session<'_, '_>, command: &EventsCommand) -> Result<(), CliError> {
    match command {
        EventsCommand::Tail(args) => tail(session, args),
    }
}

fn tail(session: &mut Session<'_, '_>, args: &TailArgs) -> Result<(), CliError> {
    let office = session.office()?;
    // Before anything is read, so that nothing falls between.
    let shows: Vec<_> = args.show.into_iter().collect();
    let feed = if args.follow { Some(office.feed(&shows)?) } else { None };
    let limit = args.limit as usize;
    let read = match args.after {
        Some(after) => office.behind(args.show, after, limit)?,
        None => office.newest(args.show, limit)?,
    };
    let Some(feed) = feed else { return print(session, &read.events) };
    print_lines(session, &read.events)?;
    follow(session, &*office, feed, args.show, read.to)
}

/// Until the reader goes away or the process is stopped. The feed says when to look; what is
/// printed is the log, which misses nothing.
fn follow(
    session: &mut Session<'_, '_>,
    office: &dyn Office,
    mut feed: Box<dyn Feed>,
    show: Option<ShowId>,
    mut from: u64,
) -> Result<(), CliError> {
    loop {
        session.io.stdout.flush()?;
        feed.news_within(LOOK_EVERY)?;
        let read = office.behind(show, from, PAGE)?;
        print_lines(session, &read.events)?;
        from = read.to;
    }
}

fn print(session: &mut Session<'_, '_>, events: &[ActivityView]) -> Result<(), CliError> {
    if session.json(&list_of(events, None))? {
        return Ok(());
    }
    let (zone, style) = (session.zone(), session.style);
    let rows: Vec<_> = events.iter().map(|event| row(event, zone, style)).collect();
    session.rows(&["n", "at", "show", "what", "seats", "holder", "via"], &rows)
}

/// One line an event, for output without an end.
fn print_lines(session: &mut Session<'_, '_>, events: &[ActivityView]) -> Result<(), CliError> {
    let (zone, style) = (session.zone(), session.style);
    for event in events {
        let line = if session.style.json {
            serde_json::to_string(event).map_err(std::io::Error::from)?
        } else {
            let cells: Vec<_> =
                row(event, zone, style).iter().map(|c| crate::output::clean(c)).collect();
            cells.join(if session.style.tables { "  " } else { "\t" })
        };
        session.line(&line)?;
    }
    Ok(())
}

fn row(event: &ActivityView, zone: chrono_tz::Tz, style: Style) -> Vec<String> {
    let dash = || "-".to_owned();
    let name = event.holder.as_ref().or(event.actor.as_ref());
    let what = match &event.reason {
        Some(reason) => format!("{} ({reason})", event.kind),
        None => event.kind.to_string(),
    };
    vec![
        event.n.to_string(),
        reading::print_minute(event.at, zone),
        event.show.to_string(),
        what,
        seats_text(&event.seats, style),
        name.map_or_else(dash, ToString::to_string),
        event.source.to_string(),
    ]
}
