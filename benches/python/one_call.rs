//! What one call costs without a disk: holds, books and cancels in memory, one client. The twin of
//! `booking.py --one calls`; prints the median wait of a call in seconds.

use seatcore::catalogue::layout::Layout;
use seatcore::catalogue::movie::NewMovie;
use seatcore::catalogue::screen::NewScreen;
use seatcore::catalogue::show::NewShow;
use seatcore::clock::Stopwatch;
use seatcore::{Book, Cancel, Engine, Failure, Hold, ShowId};
use std::time::Duration;

/// The allocator of the Python module.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let seconds = std::env::args().nth(1).unwrap_or_default().parse().unwrap_or(1.0);
    let engine = Engine::in_memory();
    let show = show(&engine)?;
    let mut waits = Vec::with_capacity(1 << 20);
    let all = Stopwatch::start();
    while all.elapsed() < Duration::from_secs_f64(seconds) {
        cycle(&engine, show, &mut waits)?;
    }
    waits.sort_unstable();
    println!("{}", waits.get(waits.len() / 2).copied().unwrap_or_default().as_secs_f64());
    Ok(())
}

fn show(engine: &Engine) -> Result<ShowId, Box<dyn std::error::Error>> {
    let film = NewMovie { title: "Film".into(), minutes: 90, ..NewMovie::default() };
    let film = engine.add_movie(film)?.id;
    let hall = engine.add_screen(NewScreen::new("Hall", Layout::parse("A-E:100")?))?.id;
    let starts = engine.now().plus(Duration::from_secs(48 * 3_600));
    Ok(engine.open_show(NewShow::new(film, hall, starts, "12.50 EUR".parse()?))?.id)
}

fn cycle(engine: &Engine, show: ShowId, waits: &mut Vec<Duration>) -> Result<(), Failure> {
    let (step, seats) = (waits.len(), ["A1", "A2", "A3", "A4"]);
    let key = |step: usize| format!("0-{step}");
    let mut watch = Stopwatch::start();
    let held = engine.hold(Hold::new(show, seats).by("client-0").key(key(step))).wait()?;
    waits.push(std::mem::replace(&mut watch, Stopwatch::start()).elapsed());
    let sold = engine.book(Book::new(held.id).by("client-0").key(key(step + 1))).wait()?;
    waits.push(std::mem::replace(&mut watch, Stopwatch::start()).elapsed());
    engine.cancel(Cancel::new(sold.id).by("client-0").key(key(step + 2))).wait()?;
    waits.push(watch.elapsed());
    Ok(())
}
