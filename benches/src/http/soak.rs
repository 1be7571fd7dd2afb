//! Memory under load: buyers hold, book and cancel, and nothing may grow for ever.

use super::purchase::{Api, Buyer, round};
use super::serve::BoxOffice;
use crate::Terms;
use crate::clients::Load;
use crate::place::Place;
use crate::report::{Report, thousands};
use crate::tables::{Measured, bytes};
use crate::work::{SEATS, SHOWS};

/// Seconds of one line.
const LINE: u64 = 30;

/// Ten minutes, unless told otherwise.
pub fn soak(terms: &Terms, place: &Place) -> Measured {
    let clients = terms.clients(&[64]).first().copied().unwrap_or(64);
    let office = BoxOffice::start(place, SHOWS, SEATS, 0)?;
    let (server, file) = (office.id(), office.file.clone());
    let api = Api::Seatcore(office);
    let mut buyers = vec![Buyer::default(); clients];
    let head = ["seconds", "commands", "refused", "anonymous MB", "file MB"];
    let mut report = Report::new("Soak: hold, book, cancel over HTTP", &head);
    let (total, mut spent, mut commands) = (terms.seconds(600), 0, 0);
    while spent < total {
        let seconds = LINE.min(total - spent);
        let round = round(&api, &mut buyers, Load { clients, seconds })?;
        (spent, commands) = (spent + seconds, commands + round.done);
        let (memory, file) = (bytes::anonymous_of(server)?, std::fs::metadata(&file)?.len());
        report.row(vec![
            spent.to_string(),
            thousands(commands as f64),
            round.refused.to_string(),
            format!("{:.1}", memory as f64 / 1e6),
            format!("{:.1}", file as f64 / 1e6),
        ]);
    }
    report.note("Receipts live as long as the log and weigh in memory while their show's house is loaded: `bytes` says how much.");
    Ok((vec![report], Ok(())))
}
