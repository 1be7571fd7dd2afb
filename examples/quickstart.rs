//! Open a file, put a show on, sell two seats, look at the house.

use seatcore::catalogue::layout::Layout;
use seatcore::catalogue::movie::NewMovie;
use seatcore::catalogue::screen::NewScreen;
use seatcore::catalogue::show::NewShow;
use seatcore::{Engine, Hold};
use std::time::Duration;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::temp_dir().join(format!("quickstart-{}.db", std::process::id()));
    let engine = Engine::open(&path)?;

    let film = engine.add_movie(NewMovie {
        title: "Arrival".into(),
        minutes: 116,
        description: String::new(),
        poster: None,
    })?;
    let hall = engine.add_screen(NewScreen::new("Main Hall", Layout::parse("A-E:10")?))?;
    let starts = engine.now().plus(Duration::from_secs(48 * 3_600));
    let show = engine.open_show(NewShow::new(film.id, hall.id, starts, "12.50 EUR".parse()?))?;

    let hold = engine.hold(Hold::new(show.id, ["C5", "C6"]).by("ada").key("order-17")).wait()?;
    println!("{} holds {:?} until {:?}", hold.holder, hold.seats, hold.expires_at);

    let refused = engine.hold(Hold::new(show.id, ["C6", "C7"]).by("bob")).wait();
    println!("bob: {}", refused.err().map_or_else(String::new, |failure| failure.to_string()));

    let booking = engine.book(hold.id).wait()?;
    println!("{} costs {}, tickets {:?}", booking.id, booking.total, booking.tickets);

    let map = engine.seat_map(show.id)?;
    println!("{}", map.symbols);
    let report = engine.verify()?;
    println!("verify: {} records, {} findings", report.records, report.findings.len());
    engine.close();
    for end in ["", "-wal", "-shm", "-turn"] {
        drop(std::fs::remove_file(format!("{}{end}", path.display())));
    }
    Ok(())
}
