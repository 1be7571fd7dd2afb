//! How many records a second `verify` folds: of everything, of nothing new, of one show that sold.
//! `verify FILE [RECORDS]`; makes the file if it is not there.

use seatcore::catalogue::layout::Layout;
use seatcore::catalogue::movie::NewMovie;
use seatcore::catalogue::screen::NewScreen;
use seatcore::catalogue::show::NewShow;
use seatcore::clock::Stopwatch;
use seatcore::engine::verify::Scope;
use seatcore::{Cancel, Engine, Hold, Reply, ShowId};
use std::error::Error;
use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Shows, each of 500 seats.
const SHOWS: usize = 100;
const ROWS: [&str; 5] = ["A", "B", "C", "D", "E"];
const ROW_SEATS: usize = 100;
/// Parties of four that are on their way at the same time.
const PARTIES: usize = 1_000;

fn main() -> Outcome<()> {
    let mut args = std::env::args().skip(1);
    let path = args.next().ok_or("name a file")?;
    let records = args.next().map_or(Ok(1_000_000), |count| count.parse())?;
    let engine = Engine::builder().sweep(false).open(&path)?;
    if engine.position()?.1 == 0 {
        fill(&engine, records)?;
    }
    engine.close();
    drop(engine);
    let engine = Engine::builder().sweep(false).open(Path::new(&path))?;
    engine.follow().wait()?;
    measure(&engine, "everything", Scope::All)?;
    measure(&engine, "nothing new", Scope::New)?;
    let show = ShowId::new(1).ok_or("a show")?;
    engine.hold(Hold::best(show, 1).by("late")).wait()?;
    engine.follow().wait()?;
    measure(&engine, "one show that sold", Scope::New)
}

fn measure(engine: &Engine, what: &str, scope: Scope) -> Outcome<()> {
    let watch = Stopwatch::start();
    let report = engine.verify_in(scope, &AtomicU64::new(0))?;
    let spent = watch.elapsed().as_secs_f64();
    let (read, skipped) = (report.records, report.skipped);
    let rate = read as f64 / spent / 1e3;
    let found = report.findings.len();
    println!(
        "{what}: {spent:.2} s, {read} records read, {skipped} not read again, \
         {rate:.0} k records/s, {found} findings"
    );
    Ok(())
}

/// Each party holds, books and cancels four seats that are its own at that moment.
fn fill(engine: &Engine, records: u64) -> Outcome<()> {
    let shows = shows(engine)?;
    let mut turn = 0_usize;
    while engine.position()?.1 < records {
        let holds: Vec<_> = (0..PARTIES).map(|party| hold(engine, &shows, turn, party)).collect();
        let holds: Vec<_> = holds.into_iter().map(Reply::wait).collect::<Result<_, _>>()?;
        let bookings: Vec<_> = holds.iter().map(|hold| engine.book(hold.id)).collect();
        let bookings: Vec<_> = bookings.into_iter().map(Reply::wait).collect::<Result<_, _>>()?;
        let ended: Vec<_> =
            bookings.iter().map(|booking| engine.cancel(Cancel::new(booking.id))).collect();
        ended.into_iter().try_for_each(|reply| reply.wait().map(drop))?;
        engine.follow().wait()?;
        turn += 1;
    }
    Ok(())
}

fn hold(
    engine: &Engine,
    shows: &[ShowId],
    turn: usize,
    party: usize,
) -> Reply<seatcore::HoldDetails> {
    let (show, place) = (party % SHOWS, party / SHOWS);
    let (row, first) = (ROWS[place % ROWS.len()], place / ROWS.len() * 4 + 1);
    let seats = (first..first + 4).map(|number| format!("{row}{number}"));
    let wish = Hold::new(shows[show], seats).by(format!("party {party}"));
    engine.hold(wish.key(format!("{turn}")))
}

fn shows(engine: &Engine) -> Outcome<Vec<ShowId>> {
    let film = NewMovie { title: "Film".to_owned(), minutes: 90, ..NewMovie::default() };
    let film = engine.add_movie(film)?;
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
