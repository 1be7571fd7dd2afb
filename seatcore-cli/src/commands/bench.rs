//! `bench`: how fast durable commands are on this disk, in a few seconds.

use crate::args::BenchArgs;
use crate::commands::stress::race::{quantiles_json, quantiles_row};
use crate::error::CliError;
use crate::interrupt::Interrupt;
use crate::session::Session;
use seatcore::catalogue::layout::Layout;
use seatcore::catalogue::movie::NewMovie;
use seatcore::catalogue::screen::NewScreen;
use seatcore::catalogue::show::NewShow;
use seatcore::clock::Stopwatch;
use seatcore::house::event::Source;
use seatcore::id::SeatIndex;
use seatcore::money::Currency;
use seatcore::{Engine, Hold, Release, ShowId};
use serde_json::json;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long each figure is measured.
const LONG: Duration = Duration::from_secs(4);
const QUICK: Duration = Duration::from_millis(500);
/// A hall with a seat of its own for every client.
const HALL: &str = "A-Z:50";
/// Snapshots read for one figure.
const MAPS: usize = 2_000;

/// One line of the answer.
struct Figure {
    what: String,
    per_second: f64,
    spans: Vec<u64>,
}

/// Measures and prints.
pub fn run(session: &mut Session<'_, '_>, args: &BenchArgs) -> Result<(), CliError> {
    let span = if args.quick { QUICK } else { LONG };
    let beside = session.global.db.as_deref().and_then(Path::parent);
    let beside = beside.filter(|folder| !folder.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    let folder = match builder.prefix("seatcore-bench-") {
        builder if beside.is_some() => builder.tempdir_in(beside.unwrap_or(Path::new("."))),
        builder => builder.tempdir(),
    };
    let folder = folder.map_err(|error| CliError::file(std::env::temp_dir(), error))?;
    let path = folder.path().join("bench.db");
    let clients = args.clients;
    let measure = move || {
        let engine = Engine::open(&path)?;
        let show = open_show(&engine)?;
        let one = commands(&engine, show, 1, span)?;
        let many = commands(&engine, show, clients, span)?;
        let figures = vec![one, many, maps(&engine, show)?];
        // What was cut short measures nothing.
        Interrupt::watch().check().map(|()| figures)
    };
    let figures = session.wait_for("measuring", || None, measure)?;
    print(session, &figures)
}

fn open_show(engine: &Engine) -> Result<ShowId, CliError> {
    let plan = Layout::parse(HALL).map_err(|error| CliError::usage(error.to_string()))?;
    let screen = engine.add_screen(NewScreen::new("Bench", plan))?;
    let (title, description) = ("Bench".to_owned(), String::new());
    let movie = engine.add_movie(NewMovie { title, minutes: 60, description, poster: None })?;
    let starts = engine.now().plus(Duration::from_secs(86_400));
    let price = Currency::EUR.minor(1_000);
    Ok(engine.open_show(NewShow::new(movie.id, screen.id, starts, price))?.id)
}

/// Every client holds its own seat and gives it back, again and again.
fn commands(
    engine: &Engine,
    show: ShowId,
    clients: u32,
    span: Duration,
) -> Result<Figure, CliError> {
    let layout = engine.seat_map(show)?.layout.clone();
    let watch = Stopwatch::start();
    let spans = Mutex::new(Vec::new());
    let failed = Mutex::new(None);
    std::thread::scope(|scope| {
        for client in 0..clients {
            let (layout, watch, spans, failed) = (&layout, &watch, &spans, &failed);
            scope.spawn(move || {
                let seat = layout.label(SeatIndex(client % layout.len())).to_string();
                match client_loop(engine, show, &(format!("bench-{client}"), seat), watch, span) {
                    Ok(own) => spans.lock().unwrap_or_else(PoisonError::into_inner).extend(own),
                    Err(error) => {
                        *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                    }
                }
            });
        }
    });
    if let Some(error) = failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error);
    }
    let spans = spans.into_inner().unwrap_or_else(PoisonError::into_inner);
    let per_second = spans.len() as f64 / watch.elapsed().as_secs_f64();
    let plural = if clients == 1 { "client" } else { "clients" };
    Ok(Figure { what: format!("commands, {clients} {plural}"), per_second, spans })
}

fn client_loop(
    engine: &Engine,
    show: ShowId,
    (holder, seat): &(String, String),
    watch: &Stopwatch,
    span: Duration,
) -> Result<Vec<u64>, CliError> {
    let interrupt = Interrupt::watch();
    let mut spans = Vec::new();
    while watch.elapsed() < span && !interrupt.came() {
        let timed = Stopwatch::start();
        let hold = engine.hold(Hold::new(show, [seat]).by(holder).source(Source::Cli));
        let hold = hold.wait()?;
        spans.push(timed.elapsed().as_micros() as u64);
        let timed = Stopwatch::start();
        engine.release(Release::new(hold.id).source(Source::Cli)).wait()?;
        spans.push(timed.elapsed().as_micros() as u64);
    }
    Ok(spans)
}

fn maps(engine: &Engine, show: ShowId) -> Result<Figure, CliError> {
    let watch = Stopwatch::start();
    let mut spans = Vec::with_capacity(MAPS);
    for _ in 0..MAPS {
        let timed = Stopwatch::start();
        engine.seat_map(show)?;
        spans.push(timed.elapsed().as_micros() as u64);
    }
    let per_second = MAPS as f64 / watch.elapsed().as_secs_f64();
    Ok(Figure { what: "seat maps read".to_owned(), per_second, spans })
}

fn print(session: &mut Session<'_, '_>, figures: &[Figure]) -> Result<(), CliError> {
    let told = figures.iter().map(|figure| {
        let Figure { what, per_second, spans } = figure;
        json!({"what": what, "per_second": per_second, "latency_us": quantiles_json(spans)})
    });
    let told: Vec<_> = told.collect();
    if session.json(&json!({"data": told, "next": null}))? {
        return Ok(());
    }
    let row = |figure: &Figure| {
        let mut row = quantiles_row(&figure.what, &figure.spans);
        row.insert(1, format!("{:.0}", figure.per_second));
        row
    };
    let rows: Vec<_> = figures.iter().map(row).collect();
    session.rows(&["what", "per second", "count", "median ms", "95 % ms", "longest ms"], &rows)?;
    session.note("each command is on the disk before it is answered")
}
