//! The engine: each client holds four adjacent seats of its own, books them, cancels, and begins
//! again, every command under a key. One command in three books; nobody is refused.

use crate::Outcome;
use crate::clients::{Follow, Load, Round, run};
use parking_lot::Mutex;
use seatcore::catalogue::layout::Layout;
use seatcore::catalogue::movie::NewMovie;
use seatcore::catalogue::screen::NewScreen;
use seatcore::catalogue::show::NewShow;
use seatcore::{Book, Cancel, Engine, Hold, HoldId, ShowId};
use std::path::Path;
use std::time::Duration;

/// Shows, each of 500 seats.
const SHOWS: usize = 100;
const ROWS: [&str; 5] = ["A", "B", "C", "D", "E"];
const ROW_SEATS: usize = 100;

/// A round and what is to be said about it.
pub struct EngineRound {
    pub round: Round,
    pub remark: String,
}

/// One round on a fresh file.
pub fn round(load: Load, path: &Path) -> Outcome<EngineRound> {
    let engine = Engine::builder()
        .follow(load.follow != Follow::Off)
        .follow_in_commit(load.follow == Follow::InCommit)
        .open(path)?;
    let shows = shows(&engine)?;
    let held: Vec<Mutex<Option<HoldId>>> = (0..load.clients).map(|_| Mutex::new(None)).collect();
    let round = run(load, |client, step| ask(&engine, &shows, &held, client, step));
    let lag = engine.lag();
    engine.close();
    let engine = Engine::open(path)?;
    let report = engine.verify()?;
    let remark =
        format!("lag {lag}, {} records, {} findings", report.records, report.findings.len());
    engine.close();
    for end in ["", "-wal", "-shm", "-turn"] {
        drop(std::fs::remove_file(format!("{}{end}", path.display())));
    }
    Ok(EngineRound { round, remark })
}

fn shows(engine: &Engine) -> Outcome<Vec<ShowId>> {
    let (title, description) = ("Film".to_owned(), String::new());
    let film = engine.add_movie(NewMovie { title, minutes: 90, description, poster: None })?;
    let plan: Vec<String> = ROWS.iter().map(|row| format!("{row}:{ROW_SEATS}")).collect();
    let mut shows = Vec::with_capacity(SHOWS);
    for number in 0..SHOWS {
        let layout = Layout::parse(&plan.join(","))?;
        let hall = engine.add_screen(NewScreen::new(format!("Hall {number}"), layout))?;
        let starts = engine.now().plus(Duration::from_secs(48 * 3_600));
        let price = "12.50 EUR".parse()?;
        shows.push(engine.open_show(NewShow::new(film.id, hall.id, starts, price))?.id);
    }
    Ok(shows)
}

/// Four seats that no other client asks for: 125 blocks of four in each show.
fn seats(client: usize) -> [String; 4] {
    let block = client / SHOWS;
    let (row, first) = (ROWS[block / 25 % ROWS.len()], block % 25 * 4 + 1);
    [0, 1, 2, 3].map(|seat| format!("{row}{}", first + seat))
}

fn ask(
    engine: &Engine,
    shows: &[ShowId],
    held: &[Mutex<Option<HoldId>>],
    client: usize,
    step: u64,
) -> bool {
    let (show, holder) = (shows[client % SHOWS], format!("client-{client}"));
    let key = format!("{client}-{step}");
    let before = held[client].lock().take();
    let granted = match (step % 3, before) {
        (1, Some(hold)) => {
            engine.book(Book::new(hold).by(holder).key(key)).wait().map(|booking| booking.id.hold())
        }
        (2, Some(hold)) => {
            engine.cancel(Cancel::new(hold).by(holder).key(key)).wait().map(|_| hold)
        }
        _ => engine.hold(Hold::new(show, seats(client)).by(holder).key(key)).wait().map(|h| h.id),
    };
    *held[client].lock() = granted.as_ref().ok().copied();
    granted.is_ok()
}
