//! One hold by a process that has just opened a large file: what the command line does.

use super::Measured;
use super::large::Large;
use crate::place::Place;
use crate::report::{Report, thousands};
use crate::{Outcome, Terms};
use clap::Args;
use seatcore::clock::Stopwatch;
use seatcore::{Engine, Hold, ShowId};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Processes of one round.
const PROCESSES: usize = 50;

/// What a process of its own is told.
#[derive(Debug, Args)]
pub struct HoldOnceArgs {
    path: PathBuf,
    show: u32,
    key: String,
}

/// Opens, holds a seat, closes; in a process of its own and in this one.
pub fn one_shot(terms: &Terms, place: &Place) -> Measured {
    let large = Large::file(terms, place)?;
    let (mut opened, mut held, mut whole) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..terms.rounds(3) {
        for number in 0..PROCESSES {
            let show = large.shows[number * large.shows.len() / PROCESSES];
            let (open, hold) = here(&large.path, show, &format!("here-{round}-{number}"))?;
            opened.push(open);
            held.push(hold);
            whole.push(elsewhere(&large.path, show, &format!("there-{round}-{number}"))?);
        }
    }
    let mut report =
        Report::new(format!("One shot: {}", large.told()), &["what", "p50 µs", "p99 µs", "of"]);
    for (what, mut times) in [
        ("opening the file", opened),
        ("the first hold, in a show that was not loaded", held),
        ("a whole process: start, open, hold, close, end", whole),
    ] {
        times.sort_by(f64::total_cmp);
        let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
        let cells = [what.to_owned(), thousands(at(50)), thousands(at(99))];
        report.row(cells.into_iter().chain([times.len().to_string()]).collect());
    }
    Ok((vec![report], Ok(())))
}

fn micros(watch: Stopwatch) -> f64 {
    watch.elapsed().as_secs_f64() * 1e6
}

fn here(path: &Path, show: ShowId, key: &str) -> Outcome<(f64, f64)> {
    let watch = Stopwatch::start();
    let engine = Engine::builder().sweep(false).create(false).open(path)?;
    let opened = micros(watch);
    let watch = Stopwatch::start();
    engine.hold(Hold::new(show, ["J99"]).by("late").key(key)).wait()?;
    let held = micros(watch);
    engine.close();
    Ok((opened, held))
}

fn elsewhere(path: &Path, show: ShowId, key: &str) -> Outcome<f64> {
    let mut process = Command::new(std::env::current_exe()?);
    process.arg("hold-once").arg(path).arg(show.to_string()).arg(key);
    let watch = Stopwatch::start();
    let ended = process.status()?;
    if ended.success() { Ok(micros(watch)) } else { Err("the process failed".into()) }
}

/// What the process does.
pub fn hold_once(args: &HoldOnceArgs) -> Outcome<()> {
    let engine = Engine::builder().sweep(false).create(false).open(&args.path)?;
    let show = ShowId::new(args.show).ok_or("no such show")?;
    engine.hold(Hold::new(show, ["J98"]).by("late").key(&args.key)).wait()?;
    engine.close();
    Ok(())
}
