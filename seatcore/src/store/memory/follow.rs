//! Following: bookings and tickets as the records say, and what the lane found out about houses.

use super::data::{KeptCheckpoint, Put};
use super::turn::Writing;
use crate::catalogue::show::Show;
use crate::error::Error;
use crate::house::event::{Fact, Part, Record, Seq};
use crate::house::hold::{HoldState, total};
use crate::id::{BookingId, ShowId};
use crate::store::{BookingRow, Checkpoint, SecondTicket, Slice, Standing};
use std::sync::Arc;

impl Writing {
    /// Writes a slice; the error names what would sell a seat twice.
    pub(super) fn follow(&mut self, slice: &Slice) -> Result<Result<(), SecondTicket>, Error> {
        for record in &slice.records {
            if let Err(show) = self.follow_record(record)? {
                return Ok(Err(SecondTicket { show, n: record.n }));
            }
        }
        for standing in &slice.standings {
            self.put(Put::Standing(standing.show, Some(*standing)));
        }
        for checkpoint in &slice.checkpoints {
            self.keep(checkpoint);
        }
        self.count(|counters| counters.followed_to = slice.followed_to);
        Ok(Ok(()))
    }

    fn follow_record(&mut self, record: &Record) -> Result<Result<(), ShowId>, Error> {
        let Some(show) = record.show_id() else { return Ok(Ok(())) };
        let seq = record.seq.unwrap_or(0);
        match &record.entry.fact {
            Fact::Booked { part, first_ticket, .. } => {
                return self.book(booked(show, record, part, *first_ticket));
            }
            Fact::Cancelled { part, .. } => self.cancel(BookingId::from(part.hold), seq),
            Fact::ShowCancelled { .. } => self.cancel_all(show, seq),
            Fact::ShowOpened(_)
            | Fact::ShowChanged(_)
            | Fact::Held { .. }
            | Fact::Extended { .. }
            | Fact::Released { .. }
            | Fact::Expired { .. }
            | Fact::Blocked { .. }
            | Fact::Unblocked { .. }
            | Fact::Noted(_)
            | Fact::ClockAccepted { .. }
            | Fact::Archived(_) => {}
        }
        Ok(Ok(()))
    }

    /// A ticket number that was given before is the same contradiction as a seat sold twice.
    fn book(&mut self, row: BookingRow) -> Result<Result<(), ShowId>, Error> {
        let (id, show) = (row.id, row.show);
        if self.data().bookings.contains_key(&id) {
            return Err(Error::corrupt_show(show, format!("{id} was booked before")));
        }
        for (seat, number) in numbered(&row) {
            let data = self.data();
            if data.seats.contains_key(&(show, seat)) || data.tickets.contains_key(&(show, number))
            {
                return Ok(Err(show));
            }
            self.put(Put::Ticket((show, number), Some(id)));
            self.put(Put::Seat((show, seat), Some(number)));
        }
        self.put(Put::Booking(id, Some(Arc::new(row))));
        Ok(Ok(()))
    }

    fn cancel(&mut self, id: BookingId, seq: Seq) {
        let Some(row) = self.data().bookings.get(&id).cloned() else { return };
        for (seat, number) in numbered(&row) {
            let key = (row.show, seat);
            // A booking that was cancelled before has no say over who has its seats now.
            if self.data().seats.get(&key) == Some(&number) {
                self.put(Put::Seat(key, None));
            }
        }
        let row = BookingRow { state: HoldState::Cancelled, seq, ..BookingRow::clone(&row) };
        self.put(Put::Booking(id, Some(Arc::new(row))));
    }

    fn cancel_all(&mut self, show: ShowId, seq: Seq) {
        let data = self.data();
        let places = data.order.by_show.get(&show).into_iter().flatten();
        let booked = |id: &BookingId| {
            data.bookings.get(id).is_some_and(|row| row.state == HoldState::Booked)
        };
        let ids: Vec<_> = places.map(|(_, id)| *id).filter(booked).collect();
        for id in ids {
            self.cancel(id, seq);
        }
    }

    /// Removes what is kept of a show besides its newest record.
    pub(super) fn archive(&mut self, standing: &Standing) -> Result<(), Error> {
        let (show, data) = (standing.show, self.data());
        let mut gone = Vec::new();
        let mut n = data.record(standing.n).map_or(0, |end| end.prev_n);
        while let Some(record) = data.record(n) {
            gone.push(Put::Record(n, None));
            n = record.prev_n;
        }
        let of_show = (show, 0)..=(show, u32::MAX);
        gone.extend(data.sold.range(of_show.clone()).map(|(key, _)| Put::Sold(*key, None)));
        gone.extend(data.tickets.range(of_show.clone()).map(|(key, _)| Put::Ticket(*key, None)));
        gone.extend(data.seats.range(of_show).map(|(key, _)| Put::Seat(*key, None)));
        let booked = data.order.by_show.get(&show).into_iter().flatten();
        gone.extend(booked.map(|(_, id)| Put::Booking(*id, None)));
        gone.extend(
            data.receipts.get(&show).into_iter().flatten().map(|_| Put::Receipts(show, None)),
        );
        gone.push(Put::Checkpoint(show, None));
        gone.push(Put::Standing(show, Some(*standing)));
        let row = data.shows.get(&show).map(|row| Show { archived: true, ..Show::clone(row) });
        gone.push(Put::Show(show, row.map(Arc::new)));
        let mut verified = data.verified.clone();
        verified.marks.retain(|mark| mark.show != show.get());
        gone.push(Put::Verified(verified));
        gone.into_iter().for_each(|put| self.put(put));
        self.count(|counters| counters.archives += 1);
        Ok(())
    }

    fn keep(&mut self, checkpoint: &Checkpoint) {
        let kept = KeptCheckpoint { n: checkpoint.n, house: checkpoint.house.clone() };
        self.put(Put::Checkpoint(checkpoint.show, Some(Arc::new(kept))));
        if !checkpoint.receipts.is_empty() {
            let chunk = checkpoint.receipts.as_slice().into();
            self.put(Put::Receipts(checkpoint.show, Some(chunk)));
        }
    }
}

fn booked(show: ShowId, record: &Record, part: &Part, first_ticket: u32) -> BookingRow {
    BookingRow {
        n: record.n,
        id: BookingId::from(part.hold),
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

/// A booking's seats, each with the number of its ticket.
fn numbered(row: &BookingRow) -> impl Iterator<Item = (u32, u32)> {
    let (first, seats) = (row.first_ticket, row.seats.clone());
    seats.into_iter().zip(0..).map(move |(seat, place)| (seat, first.saturating_add(place)))
}
