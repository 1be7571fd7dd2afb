//! The best seats that are left, beside seats by name.

use super::Measured;
use crate::bouts::{self, Entrant};
use crate::clients::{Load, Round, run_with};
use crate::place::Place;
use crate::report::thousands;
use crate::rivals::engine::{BoxOffice, Follow, Hall};
use crate::work::{Block, ROW, TOGETHER};
use crate::{Outcome, Terms};
use seatcore::{Block as TakeOffSale, Hold, HoldId, Release};

/// Seats of each of ten halls.
const HALLS: [usize; 3] = [500, 10_000, 100_000];
const SHOWS: usize = 10;
const BY_NAME: &str = "4 by name in 500 seats";

struct Client<'o> {
    office: &'o BoxOffice,
    number: usize,
    hold: Option<HoldId>,
}

/// A client takes four, gives them back, and begins again; every other row is off sale.
pub fn best_available(terms: &Terms, place: &Place) -> Measured {
    let make = |seats| office(place, seats);
    let offices = HALLS.iter().map(|seats| make(*seats)).collect::<Outcome<Vec<_>>>()?;
    let mut entrants = Vec::new();
    for clients in terms.clients(&[1, 64]) {
        let load = Load { clients, seconds: terms.seconds(1) };
        let named = &offices[0];
        entrants.push(Entrant::new(BY_NAME, clients, move || Ok(round(named, load, false))));
        for (office, seats) in offices.iter().zip(HALLS) {
            let name = format!("4 best of {} seats", thousands(seats as f64));
            entrants.push(Entrant::new(name, clients, move || Ok(round(office, load, true))));
        }
    }
    let results = bouts::run(entrants, terms.rounds(3));
    let report = results.report("Best available: hold 4, release", BY_NAME);
    offices.into_iter().for_each(BoxOffice::end);
    Ok((vec![report], results.check()))
}

/// Half of the hall is taken, a row in two.
fn office(place: &Place, seats: usize) -> Outcome<BoxOffice> {
    let path = place.path(&format!("best-{seats}.db"));
    let hall = Hall { shows: SHOWS, seats, clients: 1 };
    let office = BoxOffice::new(&path, Follow::Behind, hall)?;
    let mut replies = Vec::new();
    for show in &office.shows {
        for row in (1..seats / ROW).step_by(2) {
            for part in [0, 50] {
                let blocks = (0..50 / TOGETHER).map(|block| row * ROW + part + block * TOGETHER);
                let labels: Vec<_> =
                    blocks.flat_map(|first| Block { show: 0, first }.labels()).collect();
                let taken = TakeOffSale::new(*show, labels).by("house");
                replies.push(office.engine.block(taken));
            }
        }
    }
    replies.into_iter().try_for_each(|reply| reply.wait().map(drop))?;
    Ok(office)
}

fn round(office: &BoxOffice, load: Load, best: bool) -> Round {
    let make = |number| Client { office, number, hold: None };
    run_with(load, make, |client| client.ask(best))
}

impl Client<'_> {
    fn ask(&mut self, best: bool) -> bool {
        let holder = format!("client-{}", self.number);
        let engine = &self.office.engine;
        if let Some(hold) = self.hold.take() {
            return engine.release(Release::new(hold).by(holder)).wait().is_ok();
        }
        let show = self.office.shows[self.number % SHOWS];
        let wish = if best {
            Hold::best(show, TOGETHER as u32).by(holder)
        } else {
            let first = self.number / SHOWS * TOGETHER;
            Hold::new(show, Block { show: 0, first }.labels()).by(holder)
        };
        self.hold = engine.hold(wish).wait().ok().map(|hold| hold.id);
        self.hold.is_some()
    }
}

/// What a client still has at the end of a round is free in the next.
impl Drop for Client<'_> {
    fn drop(&mut self) {
        if let Some(hold) = self.hold {
            drop(self.office.engine.release(hold).wait());
        }
    }
}
