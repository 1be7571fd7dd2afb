//! Following: bookings, tickets, standings and checkpoints as folds of the log.

use crate::error::Error;
use crate::house::checkpoint::receipts_to_bytes;
use crate::house::event::codec::Writer;
use crate::house::event::{Fact, Part, Record};
use crate::house::hold::total;
use crate::id::{SeatIndex, ShowId};
use crate::store::sqlite::fault;
use crate::store::sqlite::statement::{run, statement};
use crate::store::{Checkpoint, Slice, Standing};
use rusqlite::{CachedStatement, Connection};

const ADD_BOOKING: &str =
    "INSERT INTO booking (n, id, show, holder, state, booked_at, total_minor, reference,
                          first_ticket, seats, seq)
     VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, ?7, ?8, ?9, ?10)";
const ADD_TICKET: &str = "INSERT INTO ticket (id, number, booking) VALUES (?1, ?2, ?3)";
const CANCEL_BOOKING: &str = "UPDATE booking SET state = 4, seq = ?2 WHERE id = ?1";
const VOID_TICKET: &str = "DELETE FROM ticket WHERE id = ?1";
const CANCEL_BOOKINGS_OF: &str = "UPDATE booking SET state = 4, seq = ?2
     WHERE state = 1 AND n IN (SELECT booking FROM ticket WHERE id >= ?1 << 18 AND id < (?1 + 1) << 18)";
const VOID_TICKETS_OF: &str = "DELETE FROM ticket WHERE id >= ?1 << 18 AND id < (?1 + 1) << 18";
const SET_STANDING: &str = "INSERT INTO standing (show, n, seq, held, booked, blocked, next_expiry)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
     ON CONFLICT (show) DO UPDATE SET n = excluded.n, seq = excluded.seq, held = excluded.held,
         booked = excluded.booked, blocked = excluded.blocked, next_expiry = excluded.next_expiry";
const SET_CHECKPOINT: &str = "INSERT INTO checkpoint (show, n, house) VALUES (?1, ?2, ?3)
     ON CONFLICT (show) DO UPDATE SET n = excluded.n, house = excluded.house";
const ADD_RECEIPTS: &str = "INSERT INTO receipt_chunk (show, n, receipts) VALUES (?1, ?2, ?3)
     ON CONFLICT (show, n) DO UPDATE SET receipts =
         CAST(receipt_chunk.receipts || excluded.receipts AS BLOB)";

/// Writes a slice; `followed_to` moves in the same transaction. The inner error is the third
/// proof: a show that would have two valid tickets for one seat.
pub(super) fn follow(connection: &Connection, slice: &Slice) -> Result<Result<(), ShowId>, Error> {
    if let Err(show) = follow_records(connection, slice)? {
        return Ok(Err(show));
    }
    let mut set = statement(connection, SET_STANDING)?;
    for standing in &slice.standings {
        set_standing(&mut set, standing)?;
    }
    for checkpoint in &slice.checkpoints {
        keep(connection, checkpoint)?;
    }
    let beyond = i64::from(crate::sabotage::on("followed_to_outside_the_slice"));
    let followed_to = slice.followed_to as i64 + beyond;
    run(connection, "UPDATE meta SET followed_to = ?1", [followed_to])?;
    Ok(Ok(()))
}

fn follow_records(connection: &Connection, slice: &Slice) -> Result<Result<(), ShowId>, Error> {
    let mut rows = Rows {
        add_booking: statement(connection, ADD_BOOKING)?,
        add_ticket: statement(connection, ADD_TICKET)?,
        cancel_booking: statement(connection, CANCEL_BOOKING)?,
        void_ticket: statement(connection, VOID_TICKET)?,
    };
    for record in &slice.records {
        let Some(show) = record.show_id() else { continue };
        let single = match &record.entry.fact {
            Fact::Booked { part, first_ticket, .. } => {
                rows.book(record, show, part, *first_ticket)?
            }
            Fact::Cancelled { part, .. } => rows.cancel(record, show, part)?,
            Fact::ShowCancelled { .. } => {
                let seq = record.seq.unwrap_or(0) as i64;
                run(connection, CANCEL_BOOKINGS_OF, (show.get(), seq))?;
                run(connection, VOID_TICKETS_OF, [show.get()])?;
                true
            }
            _ => true,
        };
        if !single {
            return Ok(Err(show));
        }
    }
    Ok(Ok(()))
}

/// The statements of a slice, prepared once for all its records.
struct Rows<'c> {
    add_booking: CachedStatement<'c>,
    add_ticket: CachedStatement<'c>,
    cancel_booking: CachedStatement<'c>,
    void_ticket: CachedStatement<'c>,
}

impl Rows<'_> {
    /// Answers whether every ticket could be issued.
    fn book(
        &mut self,
        record: &Record,
        show: ShowId,
        part: &Part,
        first_ticket: u32,
    ) -> Result<bool, Error> {
        self.add_booking(record, show, part, first_ticket)?;
        for (number, seat) in (first_ticket..).zip(&part.seats) {
            let row = (ticket_id(show, seat.seat), number, record.n as i64);
            match self.add_ticket.execute(row) {
                Ok(_) => {}
                Err(error) if fault::is_constraint(&error) => return Ok(false),
                Err(error) => return Err(fault::from_sqlite(error)),
            }
        }
        Ok(true)
    }

    fn add_booking(
        &mut self,
        record: &Record,
        show: ShowId,
        part: &Part,
        first_ticket: u32,
    ) -> Result<(), Error> {
        let id = part.hold.bits().to_be_bytes();
        let mut seats = Writer::new();
        part.seats.iter().for_each(|seat| seats.number(u64::from(seat.seat.0)));
        let row = (
            record.n as i64,
            &id[..],
            show.get(),
            part.holder.as_str(),
            record.at.millis(),
            total(&part.seats),
            part.reference.as_deref(),
            first_ticket,
            seats.finish(),
            record.seq.unwrap_or(0) as i64,
        );
        self.add_booking.execute(row).map(drop).map_err(fault::from_sqlite)
    }

    /// Always answers that no seat has two tickets.
    fn cancel(&mut self, record: &Record, show: ShowId, part: &Part) -> Result<bool, Error> {
        let id = part.hold.bits().to_be_bytes();
        let row = (&id[..], record.seq.unwrap_or(0) as i64);
        self.cancel_booking.execute(row).map_err(fault::from_sqlite)?;
        for seat in &part.seats {
            let id = [ticket_id(show, seat.seat)];
            self.void_ticket.execute(id).map_err(fault::from_sqlite)?;
        }
        Ok(true)
    }
}

/// A ticket's key: also the seat's number in the classic API.
fn ticket_id(show: ShowId, seat: SeatIndex) -> i64 {
    i64::from(show.get()) << 18 | i64::from(seat.0)
}

fn set_standing(set: &mut CachedStatement<'_>, standing: &Standing) -> Result<(), Error> {
    let row = (
        standing.show.get(),
        standing.n as i64,
        standing.seq as i64,
        standing.held,
        standing.booked,
        standing.blocked,
        standing.next_expiry.map(|at| at.millis()),
    );
    set.execute(row).map(drop).map_err(fault::from_sqlite)
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
