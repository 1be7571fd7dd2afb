//! From a closed file to the first answer, with nothing in the page cache and with everything.

use super::Measured;
use super::large::Large;
use crate::place::Place;
use crate::report::{Report, Spread};
use crate::rivals::engine::HOUSE_BUDGET;
use crate::{Outcome, Terms};
use rustix::fs::{Advice, fadvise};
use seatcore::clock::Stopwatch;
use seatcore::{Engine, Hold, ShowId};
use std::path::Path;

/// Milliseconds from the start of opening.
#[derive(Debug, Clone, Copy)]
struct Times {
    opened: f64,
    held: f64,
    every_map: f64,
}

/// Always on the machine's disk: memory has no cold file.
pub fn opening(terms: &Terms, place: &Place) -> Measured {
    let large = Large::file(terms, place)?;
    let disk = Place::new(true)?;
    let path = disk.path("large.db");
    std::fs::copy(&large.path, &path)?;
    let mut rounds = (Vec::new(), Vec::new());
    let mut how = "";
    for number in 0..terms.rounds(3) {
        how = forget(&path)?;
        rounds.0.push(one(&path, &large.shows, number * 2)?);
        rounds.1.push(one(&path, &large.shows, number * 2 + 1)?);
    }
    let title = format!("Opening {}, on this machine's disk", large.told());
    let head = ["page cache", "opened ms", "first hold answered ms", "every seat map read ms"];
    let mut report = Report::new(title, &head);
    for (name, rounds) in [("cold", rounds.0), ("warm", rounds.1)] {
        let cell = |figure: fn(&Times) -> f64| {
            Spread::of(rounds.iter().map(figure)).map(Spread::share).unwrap_or_default()
        };
        let cells = [cell(|it| it.opened), cell(|it| it.held), cell(|it| it.every_map)];
        report.row([name.to_owned()].into_iter().chain(cells).collect());
    }
    report.note(format!("Cold: {how}. Times count from the start of opening; houses load when they are first asked for."));
    Ok((vec![report], Ok(())))
}

fn one(path: &Path, shows: &[ShowId], number: usize) -> Outcome<Times> {
    let watch = Stopwatch::start();
    let told = || watch.elapsed().as_secs_f64() * 1e3;
    let engine =
        Engine::builder().house_budget(HOUSE_BUDGET).sweep(false).create(false).open(path)?;
    let opened = told();
    let show = shows[number * 7 % shows.len()];
    engine.hold(Hold::new(show, ["J100"]).by("first").key(format!("{number}"))).wait()?;
    let held = told();
    for show in shows {
        engine.seat_map(*show)?;
    }
    let every_map = told();
    engine.close();
    Ok(Times { opened, held, every_map })
}

/// Empties the page cache: all of it where that is allowed, else of this file.
fn forget(path: &Path) -> Outcome<&'static str> {
    rustix::fs::sync();
    if std::fs::write("/proc/sys/vm/drop_caches", "3").is_ok() {
        return Ok("after emptying the whole page cache (drop_caches)");
    }
    for end in ["", "-wal"] {
        if let Ok(file) = std::fs::File::open(format!("{}{end}", path.display())) {
            fadvise(&file, 0, None, Advice::DontNeed)?;
        }
    }
    Ok("after the kernel was told that it need not keep the file (POSIX_FADV_DONTNEED)")
}
