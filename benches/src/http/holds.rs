//! POST of a durable hold with a session and a key, beside a hyper POST that only parses.

use super::hello::Hello;
use super::serve::{BoxOffice, hold_body};
use super::{client, wrk};
use crate::Terms;
use crate::bouts::{self, Entrant};
use crate::clients::{Load, Round};
use crate::place::Place;
use crate::tables::Measured;
use std::cell::Cell;
use std::fmt::Write as _;

const SHOWS: usize = 100;
const SEATS: usize = 500;
const PARSE: &str = "hyper POST, parsed only";
const HOLD: &str = "POST hold, durable";

/// Interleaved; the same script for both.
pub fn holds(terms: &Terms, place: &Place) -> Measured {
    let office = BoxOffice::start(place, SHOWS, SEATS, 0)?;
    let held = client::ask_once(office.address, &office.hold_request(0, 1, "first"))?;
    if held.status != 201 {
        return Err(format!("a hold was refused: {}", String::from_utf8_lossy(&held.body)).into());
    }
    let parse = Hello::start(place, &held)?;
    let (number, mut entrants) = (Cell::new(0), Vec::new());
    for clients in terms.clients(&[1, 64, 256]) {
        let load = Load { clients, seconds: terms.seconds(3) };
        for (name, address) in [(PARSE, parse.address), (HOLD, office.address)] {
            let (number, office) = (&number, &office);
            let run = move || {
                number.set(number.get() + 1);
                wrk::run(place, address, load, &script(office, number.get()))
            };
            entrants.push(Entrant::new(name, clients, run));
        }
    }
    let results = bouts::run(entrants, terms.rounds(5));
    let mut report = results.report("POST over HTTP, wrk with one thread", PARSE);
    let p99 = |round: &Round| round.waits.map(|waits| waits.p99);
    for clients in terms.clients(&[1, 64, 256]) {
        if let Some(ratio) = results.ratio((HOLD, clients), (PARSE, clients), p99) {
            report.note(format!(
                "p99 with {clients} connections: **{}** of the other's",
                ratio.share()
            ));
        }
    }
    report.note("Each hold takes four seats that its buyer held before, for another ten minutes: 64 buyers with sessions of their own, 100 shows, a fresh key each time.");
    Ok((vec![report], results.check()))
}

/// wrk reads its script more than once and asks before it begins: the key counts in the script, and
/// every run has a prefix of its own.
fn script(office: &BoxOffice, run: usize) -> String {
    let mut text = String::from("local cookies, bodies = {}, {}\n");
    for (buyer, cookie) in office.cookies.iter().enumerate() {
        let (at, body) = (buyer + 1, hold_body(buyer));
        let _ = writeln!(text, "cookies[{at}], bodies[{at}] = '{cookie}', '{body}'");
    }
    let _ = write!(
        text,
        "local asked = 0\n\
         request = function()\n\
         \x20 asked = asked + 1\n\
         \x20 local buyer = asked % #cookies + 1\n\
         \x20 local show = math.floor(asked / #cookies) % {SHOWS} + 1\n\
         \x20 local headers = {{ ['Content-Type'] = 'application/json', ['Cookie'] = cookies[buyer],\n\
         \x20   ['Idempotency-Key'] = 'run-{run}-' .. asked }}\n\
         \x20 return wrk.format('POST', '/api/v1/shows/' .. show .. '/holds', headers, bodies[buyer])\n\
         end\n"
    );
    text
}
