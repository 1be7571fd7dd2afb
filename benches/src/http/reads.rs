//! GET of a seat map and of a programme, beside hyper's hello with the same headers and body.

use super::hello::Hello;
use super::serve::BoxOffice;
use super::wrk;
use crate::bouts::{self, Entrant};
use crate::clients::Load;
use crate::place::Place;
use crate::tables::Measured;
use crate::{Outcome, Terms};
use std::net::SocketAddr;

const MAP: &str = "/api/v1/shows/1/snapshot";
const PROGRAMME: &str = "/api/v1/shows?limit=50";
const HELLO: &str = "hyper hello";
/// Commands a second that land on other shows meanwhile.
const BUSY: usize = 20_000;
const SHOWS: usize = 100;
const SEATS: usize = 500;
/// Shows of a large programme.
const MANY: usize = 13_000;

/// Interleaved, 64 connections.
pub fn reads(terms: &Terms, place: &Place) -> Measured {
    let office = BoxOffice::start(place, SHOWS, SEATS, 0)?;
    let many = if terms.small { MANY / 100 } else { MANY };
    let large = BoxOffice::start(place, many, 100, 0)?;
    let map = office.get(MAP)?;
    let tag = map.header("etag").ok_or("a seat map without an ETag")?.to_owned();
    let hello = Hello::start(place, &map)?;
    let page = large.get(PROGRAMME)?;
    let (page_bytes, page_hello) = (page.body.len(), Hello::start(place, &page)?);
    let mut entrants = Vec::new();
    for clients in terms.clients(&[64]) {
        let load = Load { clients, seconds: terms.seconds(3) };
        let at = |name: &str, address: SocketAddr, script: String| {
            let run = move || wrk::run(place, address, load, &script);
            Entrant::new(name, clients, run)
        };
        entrants.push(at(HELLO, hello.address, wrk::get(MAP, None)));
        entrants.push(at("seat map, 200", office.address, wrk::get(MAP, None)));
        entrants.push(at("seat map, 304", office.address, wrk::get(MAP, Some(&tag))));
        for (name, again) in [("200", false), ("304", true)] {
            let run = move || {
                let office = BoxOffice::start(place, SHOWS, SEATS, BUSY)?;
                let tag = office.get(MAP)?.header("etag").map(str::to_owned);
                let script = wrk::get(MAP, tag.as_deref().filter(|_| again));
                let before = landed(&office)?;
                let round = wrk::run(place, office.address, load, &script)?;
                let rate = (landed(&office)? - before) / load.seconds as f64;
                Ok(round.remarked(format!("{rate:.0} commands/s landed meanwhile")))
            };
            entrants.push(Entrant::new(format!("seat map, {name}, others sell"), clients, run));
        }
        let script = wrk::get(PROGRAMME, None);
        entrants.push(at(
            "hyper hello, a page of the programme",
            page_hello.address,
            script.clone(),
        ));
        entrants.push(at("a page of the programme", large.address, script));
    }
    let results = bouts::run(entrants, terms.rounds(5));
    let mut report = results.report("GET over HTTP, wrk with one thread", HELLO);
    for clients in terms.clients(&[64]) {
        let hello = ("hyper hello, a page of the programme", clients);
        results.compare(&mut report, ("a page of the programme", clients), hello);
    }
    let bytes = map.body.len();
    report.note(format!("The map has {SEATS} seats, {bytes} bytes; the page 50 of {many} shows, {page_bytes} bytes. hello answers with the same headers and body, on the same kind of runtime."));
    Ok((vec![report], results.check()))
}

/// Records in the server's log so far: what landed.
fn landed(office: &BoxOffice) -> Outcome<f64> {
    let mut last = 0.0;
    for show in 2..=SHOWS {
        let answer = office.get(&format!("/api/v1/shows/{show}/snapshot"))?;
        let seq = answer.after("\"seq\":").ok_or("a seat map without seq")?;
        last += seq.parse::<f64>()?;
    }
    Ok(last)
}
