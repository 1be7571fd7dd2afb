//! The engine beside a bare log, with knobs: for profiles, and for the Python comparison.

use crate::bouts::{self, Entrant};
use crate::clients::Load;
use crate::place::Place;
use crate::rivals::engine::Follow;
use crate::rivals::{bare_log, engine};
use crate::{Outcome, Terms};
use clap::Args;

/// Knobs.
#[derive(Debug, Args)]
pub struct BookingArgs {
    /// Without the bare log
    #[arg(long)]
    alone: bool,
    /// How the tables follow
    #[arg(long, value_enum, default_value = "behind")]
    follow: Follow,
}

/// Prints one line for each rival and their ratio.
pub fn run(terms: &Terms, args: &BookingArgs, place: &Place) -> Outcome<()> {
    let mut entrants = Vec::new();
    for clients in terms.clients(&[64]) {
        let load = Load { clients, seconds: terms.seconds(2) };
        if !args.alone {
            let log = move || bare_log::round(load, &place.path("log"));
            entrants.push(Entrant::new("bare log", clients, log));
        }
        let engine = move || engine::round(load, args.follow, &place.path("engine.db"));
        entrants.push(Entrant::new("seatcore", clients, engine));
    }
    let results = bouts::run(entrants, terms.rounds(5));
    println!("{}", results.report(format!("Booking; {}", place.flush()), "bare log").markdown());
    results.check()
}
