//! `events`: the log, as people read it.

use crate::args::{EventsCommand, TailArgs};
use crate::error::CliError;
use crate::output::{Style, list_of, seats_text};
use crate::reading;
use crate::session::Session;
use seatcore::catalogue::layout::Layout;
use seatcore::engine::feed::Activity;
use seatcore::wire::ActivityView;
use seatcore::{Engine, ShowId};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::time::Duration;

/// Records read at once.
const PAGE: usize = 1_000;
/// How often a follower looks: other processes write the log too, so it is read and not listened to.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Runs one of them.
pub fn run(session: &mut Session<'_, '_>, command: &EventsCommand) -> Result<(), CliError> {
    match command {
        EventsCommand::Tail(args) => tail(session, args),
    }
}

fn tail(session: &mut Session<'_, '_>, args: &TailArgs) -> Result<(), CliError> {
    let engine = session.engine()?;
    let mut log = Log { engine: &engine, only: args.show, layouts: HashMap::new() };
    if let Some(show) = args.show {
        engine.show(show)?;
    }
    let (_, head) = engine.position()?;
    let limit = args.limit as usize;
    let (events, read_to) = match args.after {
        Some(after) => log.forward(after, limit)?,
        None => (log.newest(head, limit)?, head),
    };
    if !args.follow {
        return print(session, &events);
    }
    print_lines(session, &events)?;
    follow(session, &mut log, read_to)
}

/// Until the reader goes away or the process is stopped.
fn follow(session: &mut Session<'_, '_>, log: &mut Log<'_>, mut from: u64) -> Result<(), CliError> {
    loop {
        session.io.stdout.flush()?;
        std::thread::sleep(LOOK_EVERY);
        let (events, read_to) = log.forward(from, PAGE)?;
        print_lines(session, &events)?;
        from = read_to;
    }
}

/// Reads the log as events of some shows, with seats by label.
struct Log<'e> {
    engine: &'e Engine,
    only: Option<ShowId>,
    layouts: HashMap<ShowId, Layout>,
}

impl Log<'_> {
    /// At most `limit` events behind record `after`, and up to which record was read.
    fn forward(
        &mut self,
        mut after: u64,
        limit: usize,
    ) -> Result<(Vec<ActivityView>, u64), CliError> {
        let mut events = Vec::new();
        while events.len() < limit {
            let records = self.engine.records(after, PAGE)?;
            if records.is_empty() {
                break;
            }
            for record in &records {
                after = record.n;
                events.extend(self.view(Activity::of(record))?);
                if events.len() == limit {
                    break;
                }
            }
        }
        Ok((events, after))
    }

    /// The newest `limit` events up to record `head`, oldest first: reads back from the end.
    fn newest(&mut self, head: u64, limit: usize) -> Result<Vec<ActivityView>, CliError> {
        let mut events: Vec<ActivityView> = Vec::new();
        let mut end = head;
        while events.len() < limit && end > 0 {
            let start = end.saturating_sub(PAGE as u64);
            let records = self.engine.records(start, (end - start) as usize)?;
            for record in records.iter().rev() {
                events.extend(self.view(Activity::of(record))?);
            }
            end = start;
        }
        events.truncate(limit);
        events.reverse();
        Ok(events)
    }

    fn view(&mut self, event: Option<Activity>) -> Result<Option<ActivityView>, CliError> {
        let wanted = event.filter(|event| self.only.is_none_or(|only| only == event.show));
        let Some(event) = wanted else { return Ok(None) };
        let layout = match self.layouts.entry(event.show) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let hash = self.engine.show(event.show)?.opening.layout;
                new.insert(self.engine.layout(hash)?)
            }
        };
        Ok(Some(ActivityView::of(event, layout)))
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
        None => event.kind.to_owned(),
    };
    vec![
        event.n.to_string(),
        reading::print_minute(event.at, zone),
        event.show.to_string(),
        what,
        seats_text(&event.seats, style),
        name.map_or_else(dash, ToString::to_string),
        event.source.to_owned(),
    ]
}
