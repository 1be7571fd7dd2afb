//! Durable commands a second, beside every rival.

use super::Measured;
use crate::bouts::{self, Entrant, Results};
use crate::clients::{Load, Round};
use crate::place::Place;
use crate::report::Report;
use crate::rivals::engine::Follow;
use crate::rivals::postgres::Postgres;
use crate::rivals::redis::Redis;
use crate::rivals::{bare_log, django, engine, rows};
use crate::{Outcome, Terms};

const ENGINE: &str = "seatcore";
const UNFOLLOWED: &str = "seatcore, tables not following";
const LOG: &str = "bare log";
const ONE_ROW: &str = "one SQLite row";
const POOL: &str = "pool with row updates";
const POSTGRES: &str = "PostgreSQL function";
const REDIS: &str = "Redis Lua";
const DJANGO: &str = "Django on SQLite, in process";

/// Two seconds a round.
pub fn burst(terms: &Terms, place: &Place) -> Measured {
    let load = |clients| Load { clients, seconds: terms.seconds(2) };
    let (postgres, redis) = (Postgres::start(place), Redis::start(place));
    let mut entrants = Vec::new();
    for clients in terms.clients(&[1, 8, 64, 256, 1_024]) {
        let load = load(clients);
        entrants.push(log(load, place));
        entrants.push(seatcore(ENGINE, load, Follow::Behind, place));
        if clients == 64 {
            entrants.push(seatcore(UNFOLLOWED, load, Follow::Off, place));
        }
    }
    entrants.push(Entrant::new(ONE_ROW, 1, || rows::one_row(load(1), &place.path("row.db"))));
    for clients in [1, 8, 64] {
        let pool = move || rows::pool(load(clients), &place.path("pool.db"));
        entrants.push(Entrant::new(POOL, clients, pool));
    }
    let crowds = [1, 8, 32, 64];
    entrants.extend(crowds.map(|clients| by(POSTGRES, &postgres, load(clients), Postgres::round)));
    let crowds = [1, 64, 256];
    entrants.extend(crowds.map(|clients| by(REDIS, &redis, load(clients), Redis::round)));
    entrants.push(Entrant::new(DJANGO, 64, || django::in_process(load(64), place)));
    let results = bouts::run(entrants, terms.rounds(5));
    let title = format!("Burst: hold, book, cancel of 4 seats; {} s a round", terms.seconds(2));
    Ok((vec![compared(&results, title)], results.check()))
}

fn compared(results: &Results, title: String) -> Report {
    let mut report = results.report(title, LOG);
    results.compare(&mut report, (ENGINE, 1), (ONE_ROW, 1));
    for clients in [64, 256] {
        for rival in [POOL, POSTGRES, REDIS, DJANGO] {
            if let Some(best) = results.best(rival) {
                results.compare(&mut report, (ENGINE, clients), (rival, best));
            }
        }
    }
    if results.best(POOL) != Some(64) {
        results.compare(&mut report, (ENGINE, 64), (POOL, 64));
    }
    let p99 = |round: &Round| round.waits.map(|waits| waits.p99);
    if let Some(ratio) = results.ratio((ENGINE, 64), (UNFOLLOWED, 64), p99) {
        let ratio = ratio.share();
        report.note(format!("p99 at 64 clients, following on : off = **{ratio}**"));
    }
    report.note("Only seatcore looks at idempotency keys. A pool's client that was refused asks again; PostgreSQL and Redis are driven over a socket, with other load programs (pgbench; threads of this one).");
    report
}

/// A minute once; the log before and after it, a third as long.
pub fn sustained(terms: &Terms, place: &Place) -> Measured {
    let seconds = terms.seconds(60);
    let mut entrants = Vec::new();
    for clients in terms.clients(&[64]) {
        let (long, short) =
            (Load { clients, seconds }, Load { clients, seconds: seconds.div_ceil(6) });
        entrants.push(log(short, place));
        entrants.push(seatcore(ENGINE, long, Follow::Behind, place));
        entrants.push(seatcore(UNFOLLOWED, short, Follow::Off, place));
    }
    let results = bouts::run(entrants, terms.rounds.unwrap_or(1));
    let title = format!("Sustained for {seconds} s (the others a sixth of it), tables following");
    Ok((vec![results.report(title, LOG)], results.check()))
}

fn log(load: Load, place: &Place) -> Entrant<'_> {
    Entrant::new(LOG, load.clients, move || bare_log::round(load, &place.path("log")))
}

fn seatcore<'p>(name: &str, load: Load, follow: Follow, place: &'p Place) -> Entrant<'p> {
    let run = move || engine::round(load, follow, &place.path("engine.db"));
    Entrant::new(name, load.clients, run)
}

/// A server that did not start fails in its turn.
fn by<'s, S>(
    name: &str,
    server: &'s Outcome<S>,
    load: Load,
    round: fn(&S, Load) -> Outcome<Round>,
) -> Entrant<'s> {
    match server {
        Ok(server) => Entrant::new(name, load.clients, move || round(server, load)),
        Err(error) => Entrant::absent(name, load.clients, error.to_string()),
    }
}
