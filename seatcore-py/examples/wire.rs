//! Prints a file's values as every face writes them, for the tests that compare Python's
//! `to_dict` with them. `cargo run -p seatcore-py --example wire -- FILE SHOW HOLD BOOKING SEAT`

use seatcore::wire::{ActivityView, ShowView, SnapshotView};
use seatcore::{BookingId, Engine, HoldId, ShowId};
use serde_json::json;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, show, hold, booking, seat] = arguments.as_slice() else {
        return Err("usage: wire FILE SHOW HOLD BOOKING SEAT".into());
    };
    let engine = Engine::builder().create(false).sweep(false).open(file)?;
    let show: ShowId = show.parse()?;
    let row = engine.show_row(show)?;
    let layout = engine.layout(row.show.opening.layout)?;
    let events = engine.history(show, None, 1_000)?;
    let events: Vec<_> = events.into_iter().map(|one| ActivityView::of(one, &layout)).collect();
    let shapes = json!({
        "show": ShowView::of(&row),
        "hold": engine.find_hold(hold.parse::<HoldId>()?)?,
        "booking": engine.booking(booking.parse::<BookingId>()?)?,
        "stats": engine.stats(show)?,
        "snapshot": SnapshotView::of(&*engine.seat_map(show)?),
        "seats": engine.seats(show, None)?,
        "why": engine.why(show, seat)?,
        "history": events,
        "movies": engine.movies()?,
        "screens": engine.screens()?,
        "verify": engine.verify()?,
        "plan": layout.plan(),
        "users": engine.users()?,
        "sessions": engine.users()?.first().map(|user| engine.sessions(user.id)).transpose()?,
    });
    println!("{shapes}");
    Ok(())
}
