//! Advice for whoever was refused: other placements of the same size. Made from a snapshot on the
//! asker's thread; it decides nothing.

use crate::catalogue::layout::Layout;
use crate::engine::snapshot::Snapshot;
use crate::house::best_available::{self, Ask, FreeSeats};
use crate::house::seat::SeatState;
use crate::id::SeatIndex;

/// How many placements are offered.
const ALTERNATIVES: usize = 3;

/// Picks, takes what was picked away, and picks again; then the nearest first.
pub(super) fn alternatives(snapshot: &Snapshot, asked: &[&str]) -> Vec<Vec<String>> {
    let layout = &snapshot.layout;
    let wanted: Vec<_> = asked.iter().filter_map(|label| layout.seat(label)).collect();
    if wanted.is_empty() || wanted.len() != asked.len() {
        return Vec::new();
    }
    let mut free = vec![0_u64; snapshot.symbols.len().div_ceil(64)];
    for (at, symbol) in snapshot.symbols.bytes().enumerate() {
        free[at / 64] |= u64::from(symbol == SeatState::Available.symbol()) << (at % 64);
    }
    let ask = Ask { count: asked.len() as u32, tier: None, accessible: 0, together: true };
    let mut found = Vec::new();
    while found.len() < ALTERNATIVES * 4 {
        let seats = FreeSeats::from_words(free.clone(), layout.len());
        let Ok(picked) = best_available::pick(layout, &seats, &ask) else { break };
        for seat in &picked {
            free[seat.0 as usize / 64] &= !(1 << (seat.0 % 64));
        }
        found.push(picked);
    }
    found.sort_by_key(|seats| (distance(layout, &wanted, seats), seats.first().copied()));
    let printed =
        |seats: Vec<SeatIndex>| seats.iter().map(|seat| layout.label(*seat).to_string()).collect();
    found.into_iter().take(ALTERNATIVES).map(printed).collect()
}

fn distance(layout: &Layout, from: &[SeatIndex], to: &[SeatIndex]) -> i64 {
    let centre = |seats: &[SeatIndex]| {
        let places = seats.iter().map(|seat| layout.position(*seat));
        let (x, y) =
            places.fold((0_i64, 0_i64), |(x, y), (px, py)| (x + i64::from(px), y + i64::from(py)));
        let count = seats.len().max(1) as i64;
        (x / count, y / count)
    };
    let ((ax, ay), (bx, by)) = (centre(from), centre(to));
    (ax - bx).pow(2) + (ay - by).pow(2)
}
