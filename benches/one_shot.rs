//! One hold by a process that has just opened a large file: what the command line does.
//!
//! `cargo run --release -p seatcore-benches --bin one-shot -- [SHOWS] [EVENTS]`, by default 1,000
//! shows and 1,000,000 events, on the real disk's folder or in memory, whichever `TMPDIR` names.

use seatcore::catalogue::layout::Layout;
use seatcore::catalogue::movie::NewMovie;
use seatcore::catalogue::screen::NewScreen;
use seatcore::catalogue::show::NewShow;
use seatcore::clock::Stopwatch;
use seatcore::{Engine, Failure, Hold, HoldId, Release, ShowId};
use std::path::Path;
use std::time::Duration;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Commands that wait at once while the file is filled.
const AT_ONCE: usize = 1_000;

fn main() -> Outcome<()> {
    let mut words = std::env::args().skip(1).map(|word| word.parse::<usize>());
    let shows = words.next().transpose()?.unwrap_or(1_000);
    let events = words.next().transpose()?.unwrap_or(1_000_000);
    let path = std::env::temp_dir().join(format!("seatcore-one-shot-{}.db", std::process::id()));
    let measured = fill(&path, shows, events).and_then(|shows| measure(&path, &shows));
    for end in ["", "-wal", "-shm", "-turn"] {
        drop(std::fs::remove_file(format!("{}{end}", path.display())));
    }
    measured
}

/// Holds and releases in turn, spread over all shows.
fn fill(path: &Path, shows: usize, events: usize) -> Outcome<Vec<ShowId>> {
    let engine = Engine::builder().sweep(false).open(path)?;
    let (title, description) = ("Film".to_owned(), String::new());
    let film = engine.add_movie(NewMovie { title, minutes: 90, description, poster: None })?;
    let mut ids = Vec::with_capacity(shows);
    for number in 0..shows {
        let hall = NewScreen::new(format!("Hall {number}"), Layout::parse("A-T:25")?);
        let hall = engine.add_screen(hall)?.id;
        let starts = engine.now().plus(Duration::from_secs(48 * 3_600));
        ids.push(engine.open_show(NewShow::new(film.id, hall, starts, "9 EUR".parse()?))?.id);
    }
    let rounds = events / (2 * AT_ONCE);
    for round in 0..rounds {
        let show = |at: usize| ids[(round * AT_ONCE + at) % ids.len()];
        let ask = |at: usize| {
            let (seat, who) = (format!("A{}", at % 25 + 1), format!("{round}-{at}"));
            engine.hold(Hold::new(show(at), [seat]).by(&who).key(&who))
        };
        let holds: Vec<_> = (0..AT_ONCE).map(ask).collect();
        let held: Result<Vec<_>, Failure> = holds.into_iter().map(|hold| hold.wait()).collect();
        let release = |id: HoldId| engine.release(Release::new(id).key(format!("r-{id}")));
        let replies: Vec<_> = held?.into_iter().map(|hold| release(hold.id)).collect();
        replies.into_iter().try_for_each(|reply| reply.wait().map(drop))?;
    }
    engine.close();
    println!("{shows} shows, {} records", Engine::open(path)?.position()?.1);
    Ok(ids)
}

fn measure(path: &Path, shows: &[ShowId]) -> Outcome<()> {
    let (mut opens, mut holds) = (Vec::new(), Vec::new());
    for (round, show) in shows.iter().step_by(shows.len().div_ceil(100)).enumerate() {
        let watch = Stopwatch::start();
        let engine = Engine::builder().sweep(false).create(false).open(path)?;
        opens.push(watch.elapsed());
        let watch = Stopwatch::start();
        engine.hold(Hold::new(*show, ["T25"]).by("late").key(format!("{round}"))).wait()?;
        holds.push(watch.elapsed());
        engine.close();
    }
    for (what, mut times) in [("open", opens), ("hold", holds)] {
        times.sort_unstable();
        let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
        println!("{what}: p50 {:?}, p99 {:?} of {}", at(50), at(99), times.len());
    }
    Ok(())
}
