//! The tables, in the order in which `all` prints them.

use crate::place::Place;
use crate::report::{self, Report};
use crate::{Outcome, Terms, http};
use clap::Subcommand;
use std::process::Command;

mod best_available;
pub mod bytes;
mod durable;
mod growth;
mod hot_show;
mod large;
pub mod one_shot;
mod opening;
mod snapshot;
mod verify;

/// Which table.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum Table {
    /// Hold, book, cancel of 4 seats in bursts, beside every rival in process and by socket
    Durable,
    /// The same for a minute, tables following
    Sustained,
    /// From 5,000 to 10,000,000 seats
    Growth,
    /// Everybody wants the same show
    HotShow,
    /// The best seats that are left, in halls of 500 to 100,000
    BestAvailable,
    /// Opening a file of 10,000,000 seats and 1,000,000 events, cold and warm
    Opening,
    /// A process that opens a file, holds one seat and ends
    OneShot,
    /// Reading a seat map of 500 to 200,000 seats
    Snapshot,
    /// Checking the whole log, and folding it anew
    Verify,
    /// Bytes of a command, a seat, a live hold
    Bytes,
    /// GET of a seat map and of a programme beside hyper, by wrk
    HttpReads,
    /// POST of a durable hold beside a hyper POST that parses, by wrk
    HttpHolds,
    /// Hold and book over HTTP beside Django
    HttpDjango,
    /// A change told to 1,000 and to 10,000 listeners
    Feed,
    /// Memory under load for ten minutes (--seconds for less); not part of `all`
    Soak,
}

impl Table {
    const ALL: [(Self, &str); 14] = [
        (Self::Durable, "durable"),
        (Self::Sustained, "sustained"),
        (Self::Growth, "growth"),
        (Self::HotShow, "hot-show"),
        (Self::BestAvailable, "best-available"),
        (Self::Opening, "opening"),
        (Self::OneShot, "one-shot"),
        (Self::Snapshot, "snapshot"),
        (Self::Verify, "verify"),
        (Self::Bytes, "bytes"),
        (Self::HttpReads, "http-reads"),
        (Self::HttpHolds, "http-holds"),
        (Self::HttpDjango, "http-django"),
        (Self::Feed, "feed"),
    ];

    fn name(self) -> &'static str {
        let named = Self::ALL
            .iter()
            .find(|(table, _)| std::mem::discriminant(table) == std::mem::discriminant(&self));
        named.map_or("soak", |(_, name)| name)
    }

    /// Measures, prints, keeps. A rival that failed stands in the table, and is an error at the end.
    pub fn run(self, terms: &Terms, place: &Place) -> Outcome<()> {
        let name =
            if place.real_disk { format!("{}-real-disk", self.name()) } else { self.name().into() };
        eprintln!("{name}");
        let (reports, checked) = match self {
            Self::Durable => durable::burst(terms, place)?,
            Self::Sustained => durable::sustained(terms, place)?,
            Self::Growth => growth::growth(terms, place)?,
            Self::HotShow => hot_show::hot_show(terms, place)?,
            Self::BestAvailable => best_available::best_available(terms, place)?,
            Self::Opening => opening::opening(terms, place)?,
            Self::OneShot => one_shot::one_shot(terms, place)?,
            Self::Snapshot => snapshot::snapshot(terms, place)?,
            Self::Verify => verify::verify(terms, place)?,
            Self::Bytes => bytes::bytes(terms, place)?,
            Self::HttpReads => http::reads::reads(terms, place)?,
            Self::HttpHolds => http::holds::holds(terms, place)?,
            Self::HttpDjango => http::purchase::purchase(terms, place)?,
            Self::Feed => http::listeners::listeners(terms, place)?,
            Self::Soak => http::soak::soak(terms, place)?,
        };
        report::keep(&name, place.flush(), &reports)?;
        checked
    }
}

/// What a table comes to: its reports, and whether every rival came through.
pub type Measured = Outcome<(Vec<Report>, Outcome<()>)>;

/// Every table in order; a table that fails is told at the end, and the others go on.
pub fn all(terms: &Terms) -> Outcome<()> {
    let place = Place::new(terms.real_disk)?;
    let mut failed = Vec::new();
    for (table, name) in Table::ALL {
        if let Err(error) = table.run(terms, &place) {
            eprintln!("{name} FAILED: {error}");
            failed.push(format!("{name}: {error}"));
        }
    }
    drop(place);
    if !terms.real_disk && !on_the_real_disk(terms)? {
        failed.push("durable on the real disk".to_owned());
    }
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n").into()) }
}

/// Once more without the shim, which is loaded into this process for good.
fn on_the_real_disk(terms: &Terms) -> Outcome<bool> {
    let mut again = Command::new(std::env::current_exe()?);
    again.args(["durable", "--real-disk", "--clients=1,64,256"]).env_remove("LD_PRELOAD");
    again.arg(format!("--rounds={}", terms.rounds(3)));
    Ok(again.arg(format!("--seconds={}", terms.seconds(2))).status()?.success())
}
