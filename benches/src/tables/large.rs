//! A large file, made once a run: ten million seats, a million events.

use crate::place::Place;
use crate::rivals::engine::{HOUSE_BUDGET, fill, programme};
use crate::work::plan;
use crate::{Outcome, Terms};
use seatcore::{Engine, ShowId};
use std::path::PathBuf;

/// Seats of each show.
const SEATS: usize = 1_000;

/// The file and what is in it.
#[derive(Debug)]
pub struct Large {
    /// Where it lies; nobody has it open.
    pub path: PathBuf,
    /// Its shows.
    pub shows: Vec<ShowId>,
    /// Records in its log.
    pub records: u64,
    /// Its bytes.
    pub bytes: u64,
    /// A copy of it from before the first hold.
    pub path_empty: PathBuf,
    /// Bytes it had before the first hold.
    pub bytes_empty: u64,
}

impl Large {
    /// The file of this run.
    pub fn file(terms: &Terms, place: &Place) -> Outcome<Self> {
        let (shows, events) = if terms.small { (100, 20_000) } else { (10_000, 1_000_000) };
        let path = place.path("large.db");
        let path_empty = place.path("large-empty.db");
        if !path.exists() {
            eprintln!("  making a file of {shows} shows of {SEATS} seats, {events} events");
            let engine = Engine::builder().house_budget(HOUSE_BUDGET).sweep(false).open(&path)?;
            let shows = programme(&engine, shows, &plan(SEATS))?;
            engine.close();
            std::fs::copy(&path, &path_empty)?;
            let engine = Engine::builder().house_budget(HOUSE_BUDGET).sweep(false).open(&path)?;
            fill(&engine, &shows, events)?;
            engine.close();
        }
        let engine = Engine::builder().sweep(false).create(false).open(&path)?;
        let records = engine.position()?.1;
        engine.close();
        let shows = numbered(shows);
        let bytes = std::fs::metadata(&path)?.len();
        let bytes_empty = std::fs::metadata(&path_empty)?.len();
        Ok(Self { path, shows, records, bytes, path_empty, bytes_empty })
    }

    /// In words.
    pub fn told(&self) -> String {
        let seats = crate::report::thousands((self.shows.len() * SEATS) as f64);
        let records = crate::report::thousands(self.records as f64);
        format!(
            "{seats} seats in {} shows, {records} records, {} MB",
            self.shows.len(),
            self.bytes >> 20
        )
    }

    /// How many seats it has.
    pub fn seats(&self) -> usize {
        self.shows.len() * SEATS
    }
}

/// The shows of a file that has had no others: numbers are given from 1.
pub fn numbered(shows: usize) -> Vec<ShowId> {
    (1..=shows as u32).filter_map(ShowId::new).collect()
}
