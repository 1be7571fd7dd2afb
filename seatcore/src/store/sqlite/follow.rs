//! Following: bookings, tickets, standings and checkpoints as folds of the log.

use crate::error::Error;
use crate::house::checkpoint::receipts_to_bytes;
use crate::house::event::codec::Writer;
use crate::house::event::{Fact, Part, Record};
use crate::house::hold::total;
use crate::id::{HoldId, SeatIndex, ShowId};
use crate::store::sqlite::fault;
use crate::store::sqlite::rows::show_id;
use crate::store::sqlite::statement::{run, statement};
use crate::store::{Checkpoint, SecondTicket, Slice, Standing};
use rusqlite::{CachedStatement, Connection};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

/// States of a booking's row.
const BOOKED: i64 = 1;
const CANCELLED: i64 = 4;

const ADD_BOOKING: &str =
    "INSERT INTO booking (n, id, show, holder, state, booked_at, total_minor, reference,
                          first_ticket, seats, seq)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
const ADD_TICKET: &str = "INSERT INTO ticket (id, number, booking) VALUES (?1, ?2, ?3)";
const CANCEL_BOOKING: &str = "UPDATE booking SET state = 4, seq = ?2 WHERE id = ?1";
const VOID_TICKET: &str = "DELETE FROM ticket WHERE id = ?1";
const CANCEL_BOOKINGS_OF: &str = "UPDATE booking SET state = 4, seq = ?2
     WHERE state = 1 AND n IN (SELECT booking FROM ticket WHERE id >= ?1 << 18 AND id < (?1 + 1) << 18)";
pub(super) const VOID_TICKETS_OF: &str =
    "DELETE FROM ticket WHERE id >= ?1 << 18 AND id < (?1 + 1) << 18";
const SET_STANDING: &str = "INSERT INTO standing (show, n, seq, held, booked, blocked, next_expiry)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
     ON CONFLICT (show) DO UPDATE SET n = excluded.n, seq = excluded.seq, held = excluded.held,
         booked = excluded.booked, blocked = excluded.blocked, next_expiry = excluded.next_expiry";
const SET_CHECKPOINT: &str = "INSERT INTO checkpoint (show, n, house) VALUES (?1, ?2, ?3)
     ON CONFLICT (show) DO UPDATE SET n = excluded.n, house = excluded.house";
const ADD_RECEIPTS: &str = "INSERT INTO receipt_chunk (show, n, receipts) VALUES (?1, ?2, ?3)
     ON CONFLICT (show, n) DO UPDATE SET receipts =
         CAST(receipt_chunk.receipts || excluded.receipts AS BLOB)";

type Followed = Result<Result<(), SecondTicket>, Error>;

/// Writes a slice; `followed_to` moves in the same transaction. The inner error is the third
/// proof: a record after which one seat would have two valid tickets.
pub(super) fn follow(connection: &Connection, slice: &Slice) -> Followed {
    if let Err(second) = follow_records(connection, slice)? {
        return Ok(Err(second));
    }
    for standing in &slice.standings {
        set_standing(connection, standing)?;
    }
    for checkpoint in &slice.checkpoints {
        keep(connection, checkpoint)?;
    }
    let beyond = i64::from(crate::sabotage::on("followed_to_outside_the_slice"));
    let followed_to = slice.followed_to as i64 + beyond;
    run(connection, "UPDATE meta SET followed_to = ?1", [followed_to])?;
    Ok(Ok(()))
}

fn follow_records(connection: &Connection, slice: &Slice) -> Followed {
    let mut sales = Sales::default();
    for record in &slice.records {
        let Some(show) = record.show_id() else { continue };
        let single = match &record.entry.fact {
            Fact::Booked { part, first_ticket, .. } => {
                sales.book(record, show, part, *first_ticket)
            }
            Fact::Cancelled { part, .. } => sales.cancel(record, show, part),
            Fact::ShowCancelled { .. } => {
                // Its tickets are found in the table, so they must be there.
                if let Err(second) = std::mem::take(&mut sales).write(connection)? {
                    return Ok(Err(second));
                }
                let seq = record.seq.unwrap_or(0) as i64;
                run(connection, CANCEL_BOOKINGS_OF, (show.get(), seq))?;
                run(connection, VOID_TICKETS_OF, [show.get()])?;
                true
            }
            _ => true,
        };
        if !single {
            return Ok(Err(SecondTicket { show, n: record.n }));
        }
    }
    sales.write(connection)
}

/// What a slice's records come to: a ticket that is issued and voided inside it becomes no row, and
/// a booking that is made and cancelled inside it one. Rows are written in the order of their keys.
#[derive(Default)]
struct Sales<'r> {
    bookings: Vec<Booked<'r>>,
    /// Places in `bookings`.
    places: FxHashMap<HoldId, usize>,
    /// Bookings of earlier slices that are cancelled in this one, and the events that did it.
    cancelled: Vec<(HoldId, i64)>,
    /// Valid at the slice's end and not before it.
    issued: BTreeMap<i64, Ticket>,
    /// Valid before the slice, and void at its end.
    voided: BTreeSet<i64>,
}

/// A booking of this slice.
struct Booked<'r> {
    record: &'r Record,
    part: &'r Part,
    first_ticket: u32,
    state: i64,
    seq: i64,
}

#[derive(Clone, Copy)]
struct Ticket {
    number: u32,
    booking: HoldId,
    n: i64,
}

impl<'r> Sales<'r> {
    /// Answers whether no seat would have two tickets, as far as this slice knows; the table knows
    /// the rest.
    fn book(
        &mut self,
        record: &'r Record,
        show: ShowId,
        part: &'r Part,
        first_ticket: u32,
    ) -> bool {
        let (booking, seq, n) = (part.hold, record.seq.unwrap_or(0) as i64, record.n as i64);
        self.places.insert(booking, self.bookings.len());
        self.bookings.push(Booked { record, part, first_ticket, state: BOOKED, seq });
        (first_ticket..).zip(&part.seats).all(|(number, seat)| {
            let ticket = Ticket { number, booking, n };
            self.issued.insert(ticket_id(show, seat.seat), ticket).is_none()
        })
    }

    /// A seat whose ticket is another booking's by now had two.
    fn cancel(&mut self, record: &Record, show: ShowId, part: &Part) -> bool {
        let seq = record.seq.unwrap_or(0) as i64;
        let place = self.places.get(&part.hold);
        match place.and_then(|place| self.bookings.get_mut(*place)) {
            Some(booked) => (booked.state, booked.seq) = (CANCELLED, seq),
            None => self.cancelled.push((part.hold, seq)),
        }
        part.seats.iter().all(|seat| {
            let id = ticket_id(show, seat.seat);
            match self.issued.get(&id).map(|ticket| ticket.booking == part.hold) {
                Some(own) => own && self.issued.remove(&id).is_some(),
                None => self.voided.insert(id),
            }
        })
    }

    /// The inner error is the earliest booking of a seat that has a valid ticket already.
    fn write(self, connection: &Connection) -> Followed {
        let mut add_booking = statement(connection, ADD_BOOKING)?;
        for booked in &self.bookings {
            booked.add(&mut add_booking)?;
        }
        for (booking, seq) in self.cancelled {
            let id = booking.bits().to_be_bytes();
            run(connection, CANCEL_BOOKING, (&id[..], seq))?;
        }
        let mut void = statement(connection, VOID_TICKET)?;
        for id in self.voided {
            void.execute([id]).map_err(fault::from_sqlite)?;
        }
        let mut issue = statement(connection, ADD_TICKET)?;
        let mut second: Option<(i64, i64)> = None;
        for (id, ticket) in self.issued {
            match issue.execute((id, ticket.number, ticket.n)) {
                Ok(_) => {}
                Err(error) if fault::is_constraint(&error) => {
                    let earliest = second.unwrap_or((i64::MAX, id));
                    second = Some(earliest.min((ticket.n, id)));
                }
                Err(error) => return Err(fault::from_sqlite(error)),
            }
        }
        let Some((n, id)) = second else { return Ok(Ok(())) };
        Ok(Err(SecondTicket { show: show_of(id)?, n: n as u64 }))
    }
}

impl Booked<'_> {
    fn add(&self, add: &mut CachedStatement<'_>) -> Result<(), Error> {
        let (record, part) = (self.record, self.part);
        let id = part.hold.bits().to_be_bytes();
        let mut seats = Writer::new();
        part.seats.iter().for_each(|seat| seats.number(u64::from(seat.seat.0)));
        let row = (
            record.n as i64,
            &id[..],
            record.show,
            part.holder.as_str(),
            self.state,
            record.at.millis(),
            total(&part.seats),
            part.reference.as_deref(),
            self.first_ticket,
            seats.finish(),
            self.seq,
        );
        add.execute(row).map(drop).map_err(fault::from_sqlite)
    }
}

/// A ticket's key: also the seat's number in the classic API.
fn ticket_id(show: ShowId, seat: SeatIndex) -> i64 {
    i64::from(show.get()) << 18 | i64::from(seat.0)
}

/// The show of a ticket's key.
fn show_of(ticket: i64) -> Result<ShowId, Error> {
    show_id(ticket >> 18)
}

pub(super) fn set_standing(connection: &Connection, standing: &Standing) -> Result<(), Error> {
    let row = (
        standing.show.get(),
        standing.n as i64,
        standing.seq as i64,
        standing.held,
        standing.booked,
        standing.blocked,
        standing.next_expiry.map(|at| at.millis()),
    );
    run(connection, SET_STANDING, row).map(drop)
}

fn keep(connection: &Connection, checkpoint: &Checkpoint) -> Result<(), Error> {
    let (show, n) = (checkpoint.show.get(), checkpoint.n as i64);
    run(connection, SET_CHECKPOINT, (show, n, &checkpoint.house))?;
    if !checkpoint.receipts.is_empty() {
        let receipts = receipts_to_bytes(&checkpoint.receipts);
        run(connection, ADD_RECEIPTS, (show, n, receipts))?;
    }
    Ok(())
}
