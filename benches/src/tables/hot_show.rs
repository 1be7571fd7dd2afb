//! One show that everybody wants: most are refused, and nothing is sold twice.

use super::Measured;
use crate::bouts::{self, Entrant};
use crate::clients::{Load, Round, run_with};
use crate::place::Place;
use crate::rivals::bare_log;
use crate::rivals::engine::{BoxOffice, Follow, Hall};
use crate::work::{Block, SEATS, TOGETHER};
use crate::{Outcome, Terms};
use seatcore::{Hold, HoldId, Release};

/// A client that holds seats gives them back; one that does not asks for others.
struct Client {
    number: usize,
    command: u64,
    hold: Option<HoldId>,
}

/// Holds of four in a hall of five hundred.
pub fn hot_show(terms: &Terms, place: &Place) -> Measured {
    let mut entrants = Vec::new();
    for clients in terms.clients(&[64, 256]) {
        let load = Load { clients, seconds: terms.seconds(2) };
        let log = move || bare_log::round(load, &place.path("log"));
        entrants.push(Entrant::new("bare log", clients, log));
        entrants.push(Entrant::new("seatcore, one show", clients, move || round(load, place)));
    }
    let results = bouts::run(entrants, terms.rounds(3));
    let title = "A hot show: hold 4 of 500 seats, release; a refusal is an answer";
    let mut report = results.report(title, "bare log");
    report.note("The file is verified after every round.");
    Ok((vec![report], results.check()))
}

fn round(load: Load, place: &Place) -> Outcome<Round> {
    let hall = Hall { shows: 1, ..Hall::USUAL };
    let office = BoxOffice::new(&place.path("hot.db"), Follow::Behind, hall)?;
    let make = |number| Client { number, command: 0, hold: None };
    let round = run_with(load, make, |client| client.ask(&office));
    let report = office.engine.verify()?;
    office.end();
    if !report.clean() {
        return Err("verify found contradictions".into());
    }
    let remark = format!("{} answers, {} records", round.done, report.records);
    Ok(round.remarked(remark))
}

impl Client {
    fn ask(&mut self, office: &BoxOffice) -> bool {
        let (holder, key) =
            (format!("client-{}", self.number), format!("{}-{}", self.number, self.command));
        self.command += 1;
        if let Some(hold) = self.hold.take() {
            return office.engine.release(Release::new(hold).by(holder).key(key)).wait().is_ok();
        }
        let block = self.block();
        let wish = Hold::new(office.shows[0], block.labels()).by(holder).key(key);
        self.hold = office.engine.hold(wish).wait().ok().map(|hold| hold.id);
        self.hold.is_some()
    }

    /// Anywhere in the hall, the same in every run.
    fn block(&self) -> Block {
        let mixed = (self.command << 20 | self.number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        Block::numbered(0, (mixed >> 32) as usize % (SEATS / TOGETHER))
    }
}
