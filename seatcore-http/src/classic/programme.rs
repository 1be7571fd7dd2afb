//! What is on, and which seats are free.

use super::malformed;
use crate::answer::Answer;
use crate::api::shows::day;
use crate::ask::Ask;
use crate::route::Handled;
use seatcore::catalogue::layout::Layout;
use seatcore::catalogue::show::{ShowFilter, ShowStatus};
use seatcore::clock::Timestamp;
use seatcore::engine::ShowRow;
use seatcore::id::SeatIndex;
use seatcore::{Engine, Failure, MovieId, Rejection, ShowId, Snapshot};
use serde::Serialize;
use serde_json::json;
use std::collections::HashMap;
use std::time::Duration;

/// No show lasts longer, so what ended began earlier than this.
const SHOW_MAX: Duration = Duration::from_secs(24 * 3_600);
/// Shows that one answer lists.
const SHOWS_MAX: usize = 1_000;
/// A seat's number among all shows: more seats than a layout may have.
const SEATS_OF_A_SHOW: u64 = 262_144;

/// The number of a seat among the seats of all shows.
pub fn seat_id(show: ShowId, seat: SeatIndex) -> u64 {
    u64::from(show.get()) * SEATS_OF_A_SHOW + u64::from(seat.0)
}

/// The show and the seat with this number.
pub fn seat_of(id: u64) -> Option<(ShowId, SeatIndex)> {
    let show = u32::try_from(id / SEATS_OF_A_SHOW).ok().and_then(ShowId::new)?;
    Some((show, SeatIndex((id % SEATS_OF_A_SHOW) as u32)))
}

/// A seat's row, with its section, and its number.
pub fn place(layout: &Layout, seat: SeatIndex) -> (String, u16) {
    let label = layout.label(seat).to_string();
    let row = label.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
    (row, layout.number_of(seat))
}

/// Shows that have not ended, by start.
fn to_come(
    engine: &Engine,
    day: Option<(Timestamp, Timestamp)>,
    max: usize,
) -> Result<Vec<ShowRow>, Failure> {
    let now = engine.now();
    let earliest = now.minus(SHOW_MAX);
    let mut filter = ShowFilter { from: Some(earliest), ..ShowFilter::default() };
    if let Some((from, before)) = day {
        (filter.from, filter.before) = (Some(from.max(earliest)), Some(before));
    }
    let mut found: Vec<ShowRow> = Vec::new();
    loop {
        let page = engine.shows(&filter)?;
        let Some(last) = page.last() else { break };
        filter.after = Some((last.show.opening.terms.starts_at, last.show.id));
        let on = |row: &ShowRow| {
            row.status != ShowStatus::Cancelled && row.show.opening.terms.ends_at > now
        };
        found.extend(page.into_iter().filter(on));
        if found.len() >= max {
            break;
        }
    }
    found.truncate(max);
    Ok(found)
}

#[derive(Serialize)]
struct ShowLine {
    id: ShowId,
    movie: String,
    screen: String,
    start_time: Timestamp,
    end_time: Timestamp,
    price: String,
    poster_url: Option<String>,
}

/// `GET /api/seats/shows/`
pub async fn shows(ask: Ask) -> Handled {
    // A date that is none was always overlooked.
    let date = ask.query()?.text("date");
    let day = date.and_then(|date| day(ask.app.options.zone, &date));
    let lines = ask.engine(move |engine| lines(engine, day)).await?;
    Ok(Answer::ok(&json!({ "shows": lines })).public())
}

fn lines(engine: &Engine, day: Option<(Timestamp, Timestamp)>) -> Result<Vec<ShowLine>, Failure> {
    let rows = to_come(engine, day, SHOWS_MAX)?;
    let movies: HashMap<MovieId, _> =
        engine.movies()?.into_iter().map(|movie| (movie.id, movie)).collect();
    let (_, screens) = engine.names()?;
    let line = |row: ShowRow| {
        let opening = row.show.opening;
        let movie = movies.get(&opening.movie);
        let prices = &opening.terms.prices;
        ShowLine {
            id: row.show.id,
            movie: movie.map(|movie| movie.title.clone()).unwrap_or_default(),
            screen: screens.get(&opening.screen).cloned().unwrap_or_default(),
            start_time: opening.terms.starts_at,
            end_time: opening.terms.ends_at,
            price: prices.currency.minor(i64::from(prices.base)).amount(),
            poster_url: movie.and_then(|movie| movie.poster_url.clone()),
        }
    };
    Ok(rows.into_iter().map(line).collect())
}

#[derive(Serialize)]
struct SeatLine {
    id: u64,
    row: String,
    number: u16,
    status: &'static str,
    is_held_expired: bool,
}

/// `GET /api/seats/?show_id=`
pub async fn seats(ask: Ask) -> Handled {
    let wanted = match ask.query()?.text("show_id") {
        Some(text) => {
            let number: u32 = text.parse().map_err(|_| malformed("show_id must be a number"))?;
            Some(number)
        }
        None => None,
    };
    let (snapshot, screen) = match ask.engine(move |engine| seen(engine, wanted)).await? {
        Seen::Show(snapshot, screen) => (snapshot, screen),
        Seen::Unknown(show_id) => {
            let stats = json!({"available": 0, "held": 0, "booked": 0});
            let none = json!({
                "show_id": show_id, "screen": "Main", "stats": stats, "seats": []
            });
            return Ok(Answer::ok(&none));
        }
        Seen::Nothing => {
            return Ok(Answer::ok(&json!({"seats": [], "message": "No upcoming shows"})));
        }
    };
    let layout = &snapshot.layout;
    let line = |(seat, symbol): (u32, u8)| {
        let (row, number) = place(layout, SeatIndex(seat));
        let status = match symbol {
            b'.' => "AVAILABLE",
            b'h' => "HELD",
            _ => "BOOKED",
        };
        let id = seat_id(snapshot.show, SeatIndex(seat));
        // A hold that has lapsed is no hold: nobody sees one.
        SeatLine { id, row, number, status, is_held_expired: false }
    };
    let lines: Vec<_> = (0_u32..).zip(snapshot.symbols.bytes()).map(line).collect();
    let n = snapshot.stats;
    let stats = json!({"available": n.available, "held": n.held, "booked": n.booked + n.blocked});
    let show_id = snapshot.show;
    let body = json!({"show_id": show_id, "screen": screen, "stats": stats, "seats": lines});
    Ok(Answer::ok(&body).public())
}

enum Seen {
    Show(std::sync::Arc<Snapshot>, String),
    Unknown(u32),
    Nothing,
}

fn seen(engine: &Engine, wanted: Option<u32>) -> Result<Seen, Failure> {
    let id = match wanted {
        Some(number) => ShowId::new(number),
        None => match to_come(engine, None, 1)?.first() {
            Some(row) => Some(row.show.id),
            None => return Ok(Seen::Nothing),
        },
    };
    let unknown = Seen::Unknown(wanted.unwrap_or_default());
    let Some(id) = id else { return Ok(unknown) };
    match engine.seat_map(id) {
        Ok(snapshot) => {
            let screen = engine.screen(engine.show(id)?.opening.screen)?;
            Ok(Seen::Show(snapshot, screen.name))
        }
        Err(Failure::Rejected(Rejection::NotFound { .. })) => Ok(unknown),
        Err(failure) => Err(failure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seat_s_number_leads_back_to_its_show() {
        for (show, seat) in [(1, 0), (4, 49), (16_777_215, 199_999)] {
            let (show, seat) = (ShowId::new(show).expect("a show"), SeatIndex(seat));
            let id = seat_id(show, seat);
            assert!(id < 1 << 53, "{id} is a whole number in every language");
            assert_eq!(seat_of(id), Some((show, seat)));
        }
        assert_eq!(seat_of(17), None);
        assert_eq!(seat_of(u64::MAX), None);
    }
}
