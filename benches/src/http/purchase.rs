//! Hold, book, cancel over HTTP, beside Django behind gunicorn; the same client program for all.

use super::client::{Answer, Connection};
use super::runtime;
use super::serve::{BoxOffice, USERS};
use crate::bouts::{self, Entrant};
use crate::clients::{Load, Round};
use crate::place::Place;
use crate::rivals::django::{Running, Site};
use crate::rivals::postgres::Postgres;
use crate::tables::Measured;
use crate::work::{Block, SEATS, SHOWS, Step};
use crate::{Outcome, Terms};
use seatcore::clock::Stopwatch;
use std::cell::RefCell;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::task::LocalSet;

const ENGINE: &str = "seatcore";

/// Who is asked, and in which words.
#[derive(Debug)]
pub enum Api {
    /// The native one.
    Seatcore(BoxOffice),
    /// Three POSTs.
    Django(Running),
}

/// Where one buyer is in the cycle; it goes on in the next round.
#[derive(Debug, Clone, Default)]
pub struct Buyer {
    command: u64,
    /// What a hold's answer named.
    hold: String,
}

/// Interleaved, at 1, 16 and 64 clients.
pub fn purchase(terms: &Terms, place: &Place) -> Measured {
    let crowds = terms.clients(&[1, 16, 64]);
    let postgres = Postgres::start(place).map_err(|error| error.to_string());
    let socket = postgres.as_ref().map_err(Clone::clone).and_then(|it| {
        it.with_databases(&["tuned", "original"]).map_err(|error| error.to_string())
    });
    let mut rivals: Vec<(String, Outcome<Api>)> = Vec::new();
    let office = BoxOffice::start(place, SHOWS, SEATS, 0).map(Api::Seatcore);
    rivals.push((ENGINE.to_owned(), office));
    for tuned in [true, false] {
        let how = if tuned { "tuned" } else { "as the original" };
        let sqlite = Ok(format!("sqlite:{}", place.path(&format!("django-{tuned}.db")).display()));
        let folder = socket.clone().map(|it| format!("postgres:{}", it.display()));
        for (kind, database) in [("PostgreSQL", folder), ("SQLite", sqlite)] {
            let name = format!("Django on {kind}, {how}");
            let site = database.map(|database| Site { database, tuned });
            let api = site.map_err(Into::into).and_then(|site| site.serve(place)).map(Api::Django);
            rivals.push((name, api));
        }
    }
    let most = crowds.iter().copied().max().unwrap_or(1);
    let buyers: Vec<_> =
        rivals.iter().map(|_| RefCell::new(vec![Buyer::default(); most])).collect();
    let mut entrants = Vec::new();
    for clients in crowds {
        let load = Load { clients, seconds: terms.seconds(2) };
        for ((name, api), buyers) in rivals.iter().zip(&buyers) {
            entrants.push(match api {
                Ok(api) => {
                    let run = move || round(api, &mut buyers.borrow_mut(), load);
                    Entrant::new(name, clients, run)
                }
                Err(error) => Entrant::absent(name, clients, error.to_string()),
            });
        }
    }
    let results = bouts::run(entrants, terms.rounds(3));
    let mut report = results.report("Hold, book, cancel of 4 seats over HTTP", ENGINE);
    for clients in terms.clients(&[1, 16, 64]) {
        for (name, _) in rivals.iter().skip(1) {
            results.compare(&mut report, (ENGINE, clients), (name, clients));
        }
    }
    report.note("Django 5.2 behind gunicorn with 2 workers of 8 threads, no idempotency keys, no sign-in. A buyer who was refused (409, or Django's 500) asks again.");
    Ok((vec![report], results.check()))
}

/// Buyers on one thread, each with a connection.
pub fn round(api: &Api, buyers: &mut [Buyer], load: Load) -> Outcome<Round> {
    runtime()?.block_on(LocalSet::new().run_until(async {
        let api = std::rc::Rc::new(Words::of(api));
        let watch = Stopwatch::start();
        let until = Duration::from_secs(load.seconds);
        let start = |number: usize, buyer: Buyer| {
            tokio::task::spawn_local(one(api.clone(), number, buyer, watch, until))
        };
        let tasks: Vec<_> =
            (0..load.clients).map(|number| start(number, buyers[number].clone())).collect();
        let (mut waits, mut refused) = (Vec::new(), 0);
        for (number, task) in tasks.into_iter().enumerate() {
            let (buyer, waited, no) = task.await?;
            buyers[number] = buyer;
            waits.push(waited);
            refused += no;
        }
        Ok(Round::of(waits, refused, watch.elapsed()))
    }))
}

async fn one(
    words: std::rc::Rc<Words>,
    number: usize,
    mut buyer: Buyer,
    watch: Stopwatch,
    until: Duration,
) -> (Buyer, Vec<u32>, u64) {
    let mut connection = Connection::to(words.address);
    let (mut waits, mut refused) = (Vec::new(), 0);
    while watch.elapsed() < until {
        let asked = Stopwatch::start();
        let answer = connection.ask(&words.request(number, &buyer)).await;
        waits.push(asked.elapsed().as_micros() as u32);
        match answer {
            Ok(answer) if (200..300).contains(&answer.status) => buyer.go_on(&answer),
            _ => refused += 1,
        }
    }
    (buyer, waits, refused)
}

impl Buyer {
    fn go_on(&mut self, answer: &Answer) {
        if Step::of(self.command) == Step::Hold {
            self.hold = answer.after("\"id\":\"hld_").unwrap_or_default().to_owned();
        }
        self.command += 1;
    }
}

/// How requests are worded.
#[derive(Debug)]
struct Words {
    address: SocketAddr,
    /// None: Django's.
    cookies: Option<Vec<String>>,
}

impl Words {
    fn of(api: &Api) -> Self {
        match api {
            Api::Seatcore(office) => {
                Self { address: office.address, cookies: Some(office.cookies.clone()) }
            }
            Api::Django(running) => Self { address: running.address, cookies: None },
        }
    }

    fn request(&self, number: usize, buyer: &Buyer) -> String {
        let Block { show, first } = Block::of(number);
        let step = Step::of(buyer.command);
        let (path, who, body) = match &self.cookies {
            None => {
                let (step, last) = (format!("{step:?}").to_lowercase(), first + 3);
                let seats = format!("[{first},{},{},{last}]", first + 1, first + 2);
                let body = format!("{{\"show\":{show},\"seats\":{seats}}}");
                (format!("/{step}"), format!("x-user: buyer{number}"), body)
            }
            Some(cookies) => {
                let (command, cookie) = (buyer.command, &cookies[number % USERS]);
                let who = format!("cookie: {cookie}\r\nidempotency-key: {number}-{command}");
                let (path, body) = self.native(step, show, first, &buyer.hold);
                (path, who, body)
            }
        };
        let (address, length) = (self.address, body.len());
        format!(
            "POST {path} HTTP/1.1\r\nhost: {address}\r\n{who}\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\n\r\n{body}"
        )
    }

    fn native(&self, step: Step, show: usize, first: usize, hold: &str) -> (String, String) {
        let nothing = "{}".to_owned();
        match step {
            Step::Hold => {
                let labels = Block { show, first }.labels().map(|label| format!("\"{label}\""));
                let body = format!("{{\"seats\":[{}]}}", labels.join(","));
                (format!("/api/v1/shows/{}/holds", show + 1), body)
            }
            Step::Book => (format!("/api/v1/holds/hld_{hold}/book"), nothing),
            Step::Cancel => (format!("/api/v1/bookings/bkg_{hold}/cancel"), nothing),
        }
    }
}
