//! Reading a seat map: unchanged, and the first time after a change.

use super::Measured;
use crate::place::Place;
use crate::report::{Report, Spread, thousands};
use crate::rivals::engine::{BoxOffice, Follow, Hall};
use crate::work::{Block, ROW};
use crate::{Outcome, Terms};
use seatcore::clock::Stopwatch;
use seatcore::{Block as TakeOffSale, Hold};
use std::hint::black_box;

const HALLS: [usize; 5] = [500, 1_000, 10_000, 100_000, 200_000];
/// Reads of one figure: some milliseconds, most of them between two looks at the log.
const READS: u32 = 200_000;
/// Changes of one figure.
const CHANGES: u32 = 100;

/// Half of every hall is taken.
pub fn snapshot(terms: &Terms, place: &Place) -> Measured {
    let head = ["seats", "unchanged ns", "with its ETag ns", "after a change µs"];
    let mut report = Report::new("Reading a seat map in process, half of it taken", &head);
    for seats in HALLS {
        let office = half_full(place, seats)?;
        let mut rounds = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..terms.rounds(5) {
            rounds.0.push(unchanged(&office, false)?);
            rounds.1.push(unchanged(&office, true)?);
            rounds.2.push(changed(&office, round)?);
        }
        office.end();
        let cell = |values: Vec<f64>| Spread::of(values).map(Spread::share).unwrap_or_default();
        let cells = [rounds.0, rounds.1, rounds.2].map(cell);
        report.row([thousands(seats as f64)].into_iter().chain(cells).collect());
    }
    report.note(
        "Unchanged: every 25 ms one reader asks the lane whether another process wrote; that is \
         in the mean. After a change: the read that follows a hold, which makes a new map.",
    );
    Ok((vec![report], Ok(())))
}

/// Every other row, a command of at most 64 seats at a time.
fn half_full(place: &Place, seats: usize) -> Outcome<BoxOffice> {
    let hall = Hall { shows: 1, seats, clients: 1 };
    let office = BoxOffice::new(&place.path("map.db"), Follow::Behind, hall)?;
    let mut replies = Vec::new();
    for first in (0..seats).step_by(ROW * 2).flat_map(|row| [row, row + ROW / 2]) {
        let blocks = (first..first + 48).step_by(4);
        let labels: Vec<_> = blocks.flat_map(|first| Block { show: 0, first }.labels()).collect();
        replies.push(office.engine.block(TakeOffSale::new(office.shows[0], labels).by("house")));
    }
    replies.into_iter().try_for_each(|reply| reply.wait().map(drop))?;
    Ok(office)
}

fn unchanged(office: &BoxOffice, tag: bool) -> Outcome<f64> {
    let show = office.shows[0];
    office.engine.seat_map(show)?;
    let watch = Stopwatch::start();
    for _ in 0..READS {
        let snapshot = office.engine.seat_map(show)?;
        if tag {
            black_box(snapshot.etag());
        }
        black_box(snapshot);
    }
    Ok(watch.elapsed().as_secs_f64() * 1e9 / f64::from(READS))
}

fn changed(office: &BoxOffice, round: usize) -> Outcome<f64> {
    let (show, mut spent) = (office.shows[0], 0.0);
    for number in 0..CHANGES {
        let who = format!("{round}-{number}");
        let hold = office.engine.hold(Hold::new(show, ["B1"]).by(who)).wait()?;
        let watch = Stopwatch::start();
        black_box(office.engine.seat_map(show)?);
        spent += watch.elapsed().as_secs_f64() * 1e6;
        office.engine.release(hold.id).wait()?;
    }
    Ok(spent / f64::from(CHANGES))
}
