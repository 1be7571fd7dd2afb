//! Checking a whole log, folding it anew, and loading houses.

use super::Measured;
use super::large::Large;
use crate::place::Place;
use crate::report::{Report, Spread};
use crate::rivals::engine::HOUSE_BUDGET;
use crate::{Outcome, Terms};
use seatcore::catalogue::layout::Layout;
use seatcore::clock::Stopwatch;
use seatcore::house::House;
use seatcore::house::event::{Fact, Record};
use seatcore::id::LayoutHash;
use seatcore::{Engine, ShowId};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

/// Records read at once.
const PAGE: usize = 50_000;

/// On the large file.
pub fn verify(terms: &Terms, place: &Place) -> Measured {
    let large = Large::file(terms, place)?;
    let (mut verified, mut replayed, mut loaded) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..terms.rounds(3) {
        let engine = Engine::builder().house_budget(HOUSE_BUDGET).sweep(false).open(&large.path)?;
        let watch = Stopwatch::start();
        let found = engine.verify()?;
        verified.push(found.records as f64 / watch.elapsed().as_secs_f64());
        if !found.clean() {
            return Err(format!("verify found {} contradictions", found.findings.len()).into());
        }
        let watch = Stopwatch::start();
        let records = replay(&engine)?;
        replayed.push(records as f64 / watch.elapsed().as_secs_f64());
        let watch = Stopwatch::start();
        for show in &large.shows {
            engine.seat_map(*show)?;
        }
        loaded.push(large.shows.len() as f64 / watch.elapsed().as_secs_f64());
        engine.close();
    }
    let title = format!("Verify and replay: {}", large.told());
    let mut report = Report::new(title, &["what", "per second"]);
    for (what, rates) in [
        ("records verified: log, chains, checkpoints, tables, sold bits", verified),
        ("records read, decoded and folded from the first on, chains checked", replayed),
        ("shows loaded from checkpoints and tails, and their maps made", loaded),
    ] {
        let rate = Spread::of(rates).map(Spread::whole).unwrap_or_default();
        report.row(vec![what.to_owned(), rate]);
    }
    Ok((vec![report], Ok(())))
}

/// Folds every record into houses of its own.
fn replay(engine: &Engine) -> Outcome<u64> {
    let mut layouts: HashMap<LayoutHash, Arc<Layout>> = HashMap::new();
    let mut houses: HashMap<ShowId, House> = HashMap::new();
    let (mut last, mut count) = (0, 0);
    loop {
        let page = engine.records(last, PAGE)?;
        let Some(newest) = page.last() else { return Ok(count) };
        last = newest.n;
        count += page.len() as u64;
        for record in &page {
            fold(engine, &mut layouts, &mut houses, record)?;
        }
    }
}

fn fold(
    engine: &Engine,
    layouts: &mut HashMap<LayoutHash, Arc<Layout>>,
    houses: &mut HashMap<ShowId, House>,
    record: &Record,
) -> Outcome<()> {
    let Some(show) = record.show_id() else { return Ok(()) };
    if let Fact::ShowOpened(opening) = &record.entry.fact {
        let layout = match layouts.entry(opening.layout) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(free) => free.insert(Arc::new(engine.layout(opening.layout)?)).clone(),
        };
        houses.insert(show, House::empty(show, opening, layout));
    }
    houses.get_mut(&show).ok_or("a record before its show")?.fold(record)?;
    Ok(())
}
