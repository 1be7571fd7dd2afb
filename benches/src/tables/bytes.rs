//! What a command, a seat and a live hold weigh, on disk and resident.

use super::Measured;
use super::large::{Large, numbered};
use crate::clients::Load;
use crate::place::{Place, remove_database};
use crate::report::{Report, thousands};
use crate::rivals::engine::{BoxOffice, Follow, HOUSE_BUDGET, Hall};
use crate::rivals::process::said;
use crate::work::Block;
use crate::{Outcome, Terms};
use clap::Args;
use seatcore::{Engine, Failure, Hold, ShowId};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Live holds of each show while they are weighed, of four seats each.
const HOLDS: usize = 20;
/// Commands that wait at once: what waits weighs too.
const AT_ONCE: usize = 1_000;

/// What a process of its own is told.
#[derive(Debug, Args)]
pub struct WeighArgs {
    path: PathBuf,
    #[arg(long)]
    shows: usize,
    #[arg(long)]
    keyed: bool,
    #[arg(long, default_value_t = HOLDS)]
    holds: usize,
}

/// Written by the process, kept in the file, and resident.
pub fn bytes(terms: &Terms, place: &Place) -> Measured {
    let head = ["clients", "written per command", "kept in the file per command", "commands"];
    let mut disk = Report::new("Bytes on disk: hold, book, cancel of 4 seats with keys", &head);
    for clients in terms.clients(&[1, 64, 256]) {
        let load = Load { clients, seconds: terms.seconds(2) };
        disk.row(on_disk(load, &place.path("bytes.db"))?);
    }
    disk.note("Written: what this process gave to write calls, the write-ahead log and its checkpoints included. Kept: growth of the file, tables followed, closed.");
    let large = Large::file(terms, place)?;
    let per_seat = large.bytes_empty as f64 / large.seats() as f64;
    disk.note(format!(
        "{} seats in {} shows before the first hold: {per_seat:.2} bytes of file a seat.",
        thousands(large.seats() as f64),
        large.shows.len()
    ));
    Ok((vec![disk, resident(&large, place)?], Ok(())))
}

fn on_disk(load: Load, path: &Path) -> Outcome<Vec<String>> {
    let office =
        BoxOffice::new(path, Follow::Behind, Hall { clients: load.clients, ..Hall::USUAL })?;
    office.engine.follow().wait()?;
    let (written, size) = (written()?, size(path)?);
    let done = office.round(load).done as f64;
    office.engine.close();
    let per = |bytes: u64| thousands(bytes as f64 / done);
    let cells = [per(self::written()? - written), per(self::size(path)?.saturating_sub(size))];
    remove_database(path);
    let [written, kept] = cells;
    Ok(vec![load.clients.to_string(), written, kept, thousands(done)])
}

/// Houses before the first hold, and what the log and live holds add to them.
fn resident(large: &Large, place: &Place) -> Outcome<Report> {
    let head = ["what", "bytes", "of"];
    let mut report = Report::new(format!("Bytes resident: {}", large.told()), &head);
    let weigh = |path: &Path, more: &[&str]| weighed(large.shows.len(), path, place, more);
    let [_, empty, _] = weigh(&large.path_empty, &["--holds=0"])?;
    let [opened, houses, holds] = weigh(&large.path, &[])?;
    let [_, _, keyed] = weigh(&large.path, &["--keyed"])?;
    let (seats, records) = (large.seats() as f64, large.records as f64);
    let held = (large.shows.len() * HOLDS) as f64;
    let mut row = |what: &str, bytes: f64, of: f64| {
        report.row(vec![what.to_owned(), format!("{bytes:.1}"), thousands(of)]);
    };
    row("the open file, before a house is loaded", opened, 1.0);
    row("a seat, all houses loaded before the first hold", empty / seats, seats);
    row(
        "a record of the log: its receipt, half an ended hold",
        (houses - empty) / records,
        records,
    );
    row("a seat, all houses loaded, the log's receipts and ended holds", houses / seats, seats);
    row("a live hold of 4 seats without a key", holds / held, held);
    row("its receipt: the difference that a key makes", (keyed - holds) / held, held);
    report.note("Anonymous memory of the process (RssAnon): the mapped file is not in it.");
    Ok(report)
}

/// In a process of its own, on a copy: the open file, its houses, live holds.
fn weighed(shows: usize, path: &Path, place: &Place, more: &[&str]) -> Outcome<[f64; 3]> {
    let copy = place.path("weigh.db");
    std::fs::copy(path, &copy)?;
    let mut process = Command::new(std::env::current_exe()?);
    process.arg("weigh").arg(&copy).arg(format!("--shows={shows}")).args(more);
    let told = said(&mut process)?;
    remove_database(&copy);
    let figures: Result<Vec<f64>, _> = told.split_whitespace().map(str::parse).collect();
    <[f64; 3]>::try_from(figures?).map_err(|_| "the process told too little".into())
}

/// What the process does: opens, loads every house, holds seats in each; tells what each cost.
pub fn weigh(args: &WeighArgs) -> Outcome<()> {
    let before = anonymous()?;
    let builder = Engine::builder().house_budget(HOUSE_BUDGET).sweep(false).create(false);
    let engine = builder.open(&args.path)?;
    let shows = numbered(args.shows);
    let opened = anonymous()?;
    for show in &shows {
        engine.why(*show, "A1")?;
    }
    let loaded = anonymous()?;
    let wishes: Vec<_> =
        (0..args.holds).flat_map(|at| shows.iter().map(move |show| (at, *show))).collect();
    for some in wishes.chunks(AT_ONCE) {
        hold(&engine, some, args.keyed)?;
    }
    engine.follow().wait()?;
    let held = anonymous()?;
    println!("{} {} {}", opened - before, loaded - opened, held - loaded);
    engine.close();
    Ok(())
}

fn hold(engine: &Engine, wishes: &[(usize, ShowId)], keyed: bool) -> Result<(), Failure> {
    let ask = |(at, show): &(usize, ShowId)| {
        let labels = Block::numbered(0, 100 + at).labels();
        let wish = Hold::new(*show, labels).by(format!("holder-{at}"));
        engine.hold(if keyed { wish.key(format!("{show}-{at}")) } else { wish })
    };
    let replies: Vec<_> = wishes.iter().map(ask).collect();
    replies.into_iter().try_for_each(|reply| reply.wait().map(drop))
}

fn size(path: &Path) -> Outcome<u64> {
    Ok(std::fs::metadata(path)?.len())
}

/// Bytes given to write calls since this process began.
fn written() -> Outcome<u64> {
    Ok(field("/proc/self/io", "wchar:")? as u64)
}

fn anonymous() -> Outcome<i64> {
    anonymous_of(std::process::id())
}

/// Bytes of a process that no file is behind.
pub fn anonymous_of(process: u32) -> Outcome<i64> {
    Ok(field(&format!("/proc/{process}/status"), "RssAnon:")? * 1_024)
}

fn field(path: &str, name: &str) -> Outcome<i64> {
    let text = std::fs::read_to_string(path)?;
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let value = line.and_then(|line| line.split_whitespace().next());
    Ok(value.ok_or_else(|| format!("{path} has no {name}"))?.parse()?)
}
