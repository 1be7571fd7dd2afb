//! What size costs: the same load on files of more and more seats.

use super::Measured;
use crate::Terms;
use crate::bouts::{self, Entrant};
use crate::clients::Load;
use crate::place::Place;
use crate::report::thousands;
use crate::rivals::engine::{BoxOffice, Follow, Hall};

/// Shows and seats of each.
const SIZES: [(usize, usize); 3] = [(10, 500), (1_000, 500), (10_000, 1_000)];

/// Clients go from show to show, so that all of the file is touched.
pub fn growth(terms: &Terms, place: &Place) -> Measured {
    let crowds = terms.clients(&[256]);
    let most = crowds.iter().copied().max().unwrap_or(1);
    let (mut offices, mut names) = (Vec::new(), Vec::new());
    for (shows, seats) in SIZES {
        let name = format!("{} seats ({shows} × {seats})", thousands((shows * seats) as f64));
        eprintln!("  making {name}");
        let hall = Hall { shows, seats, clients: most };
        offices.push(BoxOffice::new(&place.path(&name), Follow::Behind, hall)?);
        names.push(name);
    }
    let mut entrants = Vec::new();
    for clients in crowds {
        let load = Load { clients, seconds: terms.seconds(2) };
        for (office, name) in offices.iter().zip(&names) {
            entrants.push(Entrant::new(name, clients, move || Ok(office.round(load))));
        }
    }
    let results = bouts::run(entrants, terms.rounds(3));
    let base = names.first().map_or("", |name| name);
    let report = results.report("Growth: the same load on more seats", base);
    offices.into_iter().for_each(BoxOffice::end);
    Ok((vec![report], results.check()))
}
