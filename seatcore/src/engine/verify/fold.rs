//! One show as its log has it: the house, and the bookings that tables following behind must have.

use crate::house::House;
use crate::house::event::{Fact, N, Part, Record, Seq};
use crate::house::hold::{HoldState, total};
use crate::id::{BookingId, ShowId};
use crate::store::BookingRow;
use std::collections::HashMap;

/// A show folded from its first record.
#[derive(Debug)]
pub(super) struct Folded {
    pub(super) house: House,
    pub(super) records: u64,
    /// Bookings as they were made.
    bookings: HashMap<BookingId, BookingRow>,
    /// Cancellations: which record, and which seq it gave the booking.
    cancelled: HashMap<BookingId, (N, Seq)>,
}

impl Folded {
    pub(super) fn new(house: House) -> Self {
        Self { house, records: 0, bookings: HashMap::new(), cancelled: HashMap::new() }
    }

    /// What is left of a show that was archived.
    pub(super) fn hollow(house: House) -> Self {
        Self { records: 1, ..Self::new(house) }
    }

    pub(super) fn fold(&mut self, record: &Record) -> Result<(), crate::house::Contradiction> {
        self.house.fold(record)?;
        self.house.leave_receipts();
        self.records += 1;
        let seq = record.seq.unwrap_or(0);
        match &record.entry.fact {
            Fact::Booked { part, first_ticket, .. } => {
                let row = booked(self.house.show(), record, part, *first_ticket);
                self.bookings.insert(row.id, row);
            }
            Fact::Cancelled { part, .. } => {
                self.cancelled.insert(part.hold.into(), (record.n, seq));
            }
            Fact::ShowCancelled { .. } => {
                for id in self.bookings.keys() {
                    self.cancelled.entry(*id).or_insert((record.n, seq));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The bookings that tables which followed to `n` must have, oldest first.
    pub(super) fn bookings_as_of(&self, n: N) -> Vec<BookingRow> {
        let made = self.bookings.values().filter(|row| row.n <= n).cloned();
        let ended = |mut row: BookingRow| {
            if let Some((_, seq)) = self.cancelled.get(&row.id).filter(|(at, _)| *at <= n) {
                (row.state, row.seq) = (HoldState::Cancelled, *seq);
            }
            row
        };
        let mut rows: Vec<_> = made.map(ended).collect();
        rows.sort_unstable_by_key(|row| row.n);
        rows
    }
}

fn booked(show: ShowId, record: &Record, part: &Part, first_ticket: u32) -> BookingRow {
    BookingRow {
        n: record.n,
        id: part.hold.into(),
        show,
        holder: part.holder.clone(),
        state: HoldState::Booked,
        booked_at: record.at,
        total_minor: total(&part.seats),
        reference: part.reference.as_deref().map(str::to_owned),
        first_ticket,
        seats: part.seats.iter().map(|seat| seat.seat.0).collect(),
        seq: record.seq.unwrap_or(0),
    }
}
