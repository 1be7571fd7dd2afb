//! `stress`: many want the same seat; one gets it.

use crate::args::{Preset, StressArgs, WorkerArgs};
use crate::commands::{seed, verify};
use crate::error::CliError;
use crate::interrupt::Interrupt;
use crate::office::Office;
use crate::office::file::FileOffice;
use crate::office::server::ServerOffice;
use crate::session::Session;
use crate::waiting::Progress;
use seatcore::catalogue::show::{ShowFilter, ShowStatus};
use seatcore::clock::Stopwatch;
use seatcore::engine::verify::{Report, Scope};
use seatcore::house::seat::SeatState;
use seatcore::{Engine, ShowId};
use seatcore_http::BaseUrl;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;

mod guests;
pub mod race;
mod workers;

use guests::Guests;
use race::{Race, Tally, Track};

/// Races, counts, verifies, and fails if a seat was sold twice or not at all.
pub fn run(session: &mut Session<'_, '_>, args: &StressArgs) -> Result<(), CliError> {
    let named = args.url.clone().map_or_else(|| session.server(), |url| Ok(Some(url)))?;
    if let Some(url) = named.filter(|_| args.url.is_some() || session.global.db.is_some()) {
        return race_at(session, args, &url);
    }
    let scratch = scratch(session)?;
    let path =
        scratch.as_ref().map_or_else(|| session.path(), |folder| folder.path().join("stress.db"));
    let engine = open(session, &path)?;
    let office = FileOffice { engine: engine.clone() };
    let (show, seats) = target(&office, args.seats)?;
    let watch = Stopwatch::start();
    let race = Race { show, seats, first: 1, users: args.users };
    let tally = hold_race(session, &engine, &path, &race, args.processes)?;
    let spent = watch.elapsed();
    let report = verify::watch(session, &engine, Scope::All)?;
    let fair = tally.successes.len() == race.winners() && report.clean();
    let verdict = (verdict(&report), json!(report));
    print(session, args, &race, &tally, spent, verdict)?;
    if fair { Ok(()) } else { Err(CliError::Found) }
}

/// The same over HTTP: every user registers and signs in first, and is removed at the end.
fn race_at(
    session: &mut Session<'_, '_>,
    args: &StressArgs,
    url: &BaseUrl,
) -> Result<(), CliError> {
    if args.processes > 1 {
        return Err(CliError::usage("--processes is for a file: at a server every user is alone"));
    }
    // At another machine somebody may be selling.
    if !url.is_this_machine() {
        let question = format!("Race at {url}? It registers {} users and sells seats.", args.users);
        session.confirm(&question, "yes")?;
    }
    let client = session.client(url)?;
    let office = ServerOffice::new(client.clone());
    let (show, seats) = target(&office, args.seats)?;
    let race = Race { show, seats, first: 1, users: args.users };
    let guests = Guests::at(client);
    let raced = run_guests(session, &guests, &race);
    let staying = guests.leave();
    let (tally, spent) = raced?;
    let sold = sold(&office, &race)?;
    let fair = sold == race.winners() && tally.successes.len() == sold;
    let verdict = (format!("{sold} of {} seats sold at the server", race.seats.len()), Value::Null);
    print(session, args, &race, &tally, spent, verdict)?;
    if staying > 0 {
        let why = "only a key made with `keys create --scope manage` may remove them";
        session.note(&format!("{staying} users named stress_… stay: {why}"))?;
    }
    if fair { Ok(()) } else { Err(CliError::Found) }
}

fn run_guests(
    session: &mut Session<'_, '_>,
    guests: &Guests,
    race: &Race,
) -> Result<(Tally, Duration), CliError> {
    let (entering, count, entered) = (guests.clone(), race.users, guests.entered.clone());
    let progress = move || {
        let done = entered.load(Ordering::Relaxed);
        Some(Progress { done, of: u64::from(count), unit: "users" })
    };
    let track = session.wait_for("signing in", progress, move || entering.enter(count))?;
    let race = race.clone();
    let run = move || {
        let watch = Stopwatch::start();
        let tally = race.run(&track);
        let spent = watch.elapsed();
        // Half a race has no winner.
        Interrupt::watch().check().map(|()| (tally, spent))
    };
    session.wait_for("racing", || None, run)
}

/// How many of the seats raced for are sold, as everybody sees them.
fn sold(office: &dyn Office, race: &Race) -> Result<usize, CliError> {
    let map = office.seat_map(race.show)?;
    let booked = |label: &&String| {
        map.layout.seat(label).and_then(|seat| map.seat(seat)) == Some(SeatState::Booked)
    };
    Ok(race.seats.iter().filter(booked).count())
}

/// Runs it while somebody may look at the clock or press Ctrl-C.
fn hold_race(
    session: &mut Session<'_, '_>,
    engine: &Engine,
    path: &Path,
    race: &Race,
    processes: u32,
) -> Result<Tally, CliError> {
    let (track, path, race) = (Track::File(engine.clone()), path.to_owned(), race.clone());
    session.wait_for(
        "racing",
        || None,
        move || {
            let tally = match processes {
                1 => race.run(&track),
                processes => workers::run(&path, &race, processes)?,
            };
            // Half a race has no winner.
            Interrupt::watch().check().map(|()| tally)
        },
    )
}

/// A folder of our own, unless a database was named: what SEATCORE_DB names is not for stress.
fn scratch(session: &Session<'_, '_>) -> Result<Option<tempfile::TempDir>, CliError> {
    if session.global.db.is_some() {
        return Ok(None);
    }
    let folder = tempfile::Builder::new().prefix("seatcore-stress-").tempdir();
    folder.map(Some).map_err(|error| CliError::file(std::env::temp_dir(), error))
}

fn open(session: &mut Session<'_, '_>, path: &Path) -> Result<Engine, CliError> {
    if session.global.db.is_some() {
        return session.engine();
    }
    let engine = Engine::builder().sweep(false).open(path)?;
    seed::plant(&engine, &Preset::Demo, session.zone())?;
    Ok(engine)
}

/// The first seats that are free in the first show on sale.
fn target(office: &dyn Office, wanted: u32) -> Result<(ShowId, Vec<String>), CliError> {
    let mut shows = office.shows(ShowFilter::default())?;
    shows.retain(|show| show.status == ShowStatus::OnSale);
    let show = shows.iter().map(|show| show.id).min();
    let show = show
        .ok_or_else(|| CliError::usage("no show is on sale").hint("`seatcore seed` adds some"))?;
    let mut seats = office.seats(show, None)?.data;
    seats.retain(|seat| seat.status == SeatState::Available);
    let free = seats.len();
    if free < wanted as usize {
        return Err(CliError::usage(format!("show {show} has only {free} seats left to race for")));
    }
    seats.truncate(wanted as usize);
    Ok((show, seats.into_iter().map(|seat| seat.seat).collect()))
}

/// One process of a race: says when it is ready, waits for the start, prints its tally.
pub fn work(session: &mut Session<'_, '_>, args: &WorkerArgs) -> Result<(), CliError> {
    let engine = session.engine()?;
    session.line(workers::READY)?;
    session.io.stdout.flush()?;
    let mut start = String::new();
    if session.io.stdin.read_line(&mut start)? == 0 {
        return Err(CliError::usage("nobody gave the start"));
    }
    let WorkerArgs { show, seats, first, users } = args;
    let race = Race { show: *show, seats: seats.clone(), first: *first, users: *users };
    let tally = race.run(&Track::File(engine));
    session.line(&serde_json::to_string(&tally).map_err(std::io::Error::from)?)
}

fn print(
    session: &mut Session<'_, '_>,
    args: &StressArgs,
    race: &Race,
    tally: &Tally,
    spent: Duration,
    (verdict, report): (String, Value),
) -> Result<(), CliError> {
    let latencies = [("hold", &tally.hold_us), ("book", &tally.book_us)];
    let (successes, blocked, failed) = (tally.successes.len(), tally.blocked(), tally.failed());
    if session.style.json {
        let table: serde_json::Map<_, _> = latencies
            .iter()
            .map(|(verb, spans)| ((*verb).to_owned(), race::quantiles_json(spans)))
            .collect();
        session.json(&json!({
            "users": args.users, "seats": args.seats, "processes": args.processes,
            "show": race.show, "successes": successes, "blocked": blocked, "failed": failed,
            "refusals": tally.refusals, "elapsed_ms": spent.as_millis() as u64,
            "latency_us": table, "verify": report,
        }))?;
        return Ok(());
    }
    let plural = if race.seats.len() == 1 { "seat" } else { "seats" };
    let refusals: Vec<_> =
        tally.refusals.iter().map(|(code, count)| format!("{code} {count}")).collect();
    let pairs = [
        ("Race", format!("{} users for {} {plural} of show {}", args.users, args.seats, race.show)),
        ("Users", args.users.to_string()),
        ("Successes", successes.to_string()),
        ("Blocked", blocked.to_string()),
        ("Failed", failed.to_string()),
        ("Refusals", if refusals.is_empty() { "none".to_owned() } else { refusals.join(", ") }),
        ("Time", format!("{:.1} ms", spent.as_secs_f64() * 1e3)),
        ("Verify", verdict),
    ];
    session.pairs(&pairs)?;
    let rows: Vec<_> =
        latencies.iter().map(|(verb, spans)| race::quantiles_row(verb, spans)).collect();
    session.rows(&["command", "count", "median ms", "95 % ms", "longest ms"], &rows)?;
    if args.histogram {
        latencies.iter().try_for_each(|(verb, spans)| draw(session, verb, spans))?;
    }
    Ok(())
}

/// How long commands took, a line for each doubling.
fn draw(session: &mut Session<'_, '_>, verb: &str, spans: &[u64]) -> Result<(), CliError> {
    const WIDTH: u64 = 50;
    let lines = race::histogram(spans);
    let most = lines.iter().map(|(_, count)| *count).max().unwrap_or(1).max(1);
    let sign = if session.style.unicode { "█" } else { "#" };
    session.line("")?;
    for (below, count) in lines {
        let bar = sign.repeat((count * WIDTH).div_ceil(most) as usize);
        let below = below as f64 / 1e3;
        session.line(&format!("{verb} < {below:>8.3} ms {count:>7} {bar}"))?;
    }
    Ok(())
}

/// A report in one line.
pub fn verdict(report: &Report) -> String {
    let Report { records, sold, findings, stopped, .. } = report;
    match (findings.len(), stopped.len()) {
        (0, 0) => format!("{records} records, {sold} sold seats, no contradictions"),
        (0, count) => {
            format!(
                "{records} records, {sold} sold seats, {count} SHOWS STOPPED, no contradictions"
            )
        }
        (count, _) => format!("{count} CONTRADICTIONS in {records} records: see `seatcore verify`"),
    }
}

/// The program that is running, to be started again.
fn this_program() -> Result<PathBuf, CliError> {
    std::env::current_exe().map_err(|error| CliError::file("seatcore", error))
}
