//! Following: bookings, tickets, standings and checkpoints as folds of the log.

use crate::error::Error;
use crate::house::checkpoint::receipts_to_bytes;
use crate::house::event::codec::Writer;
use crate::house::event::{Fact, Part, Record};
use crate::house::hold::{HoldState, total};
use crate::id::ShowId;
use crate::store::sqlite::fault;
use crate::store::sqlite::statement::{run, statement};
use crate::store::{Checkpoint, Slice, Standing};
use rusqlite::Connection;

const ADD_BOOKING: &str =
    "INSERT INTO booking (n, id, show, holder, state, booked_at, total_minor, reference,
                          first_ticket, seats, seq)
     VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, ?7, ?8, ?9, ?10)";
const ADD_TICKET: &str =
    "INSERT INTO ticket (show, number, seat, booking, valid) VALUES (?1, ?2, ?3, ?4, 1)";
const CANCEL_BOOKING: &str = "UPDATE booking SET state = 4, seq = ?2 WHERE id = ?1";
const VOID_TICKETS: &str =
    "UPDATE ticket SET valid = 0 WHERE show = ?1 AND number >= ?2 AND number < ?3";
const CANCEL_BOOKINGS_OF: &str = "UPDATE booking SET state = 4, seq = ?2
     WHERE state = 1 AND n IN (SELECT booking FROM ticket WHERE show = ?1 AND valid = 1)";
const VOID_TICKETS_OF: &str = "UPDATE ticket SET valid = 0 WHERE show = ?1 AND valid = 1";
const SET_STANDING: &str = "INSERT INTO standing (show, n, seq, held, booked, blocked, next_expiry)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
     ON CONFLICT (show) DO UPDATE SET n = excluded.n, seq = excluded.seq, held = excluded.held,
         booked = excluded.booked, blocked = excluded.blocked, next_expiry = excluded.next_expiry";
const SET_CHECKPOINT: &str = "INSERT INTO checkpoint (show, n, house) VALUES (?1, ?2, ?3)
     ON CONFLICT (show) DO UPDATE SET n = excluded.n, house = excluded.house";
const ADD_RECEIPTS: &str = "INSERT INTO receipt_chunk (show, n, receipts) VALUES (?1, ?2, ?3)
     ON CONFLICT (show, n) DO UPDATE SET receipts = receipt_chunk.receipts || excluded.receipts";

/// Writes a slice; `followed_to` moves in the same transaction. The inner error is the third
/// proof: a show that would have two valid tickets for one seat.
pub(super) fn follow(connection: &Connection, slice: &Slice) -> Result<Result<(), ShowId>, Error> {
    for record in &slice.records {
        let Some(show) = record.show_id() else { continue };
        if !follow_record(connection, record, show)? {
            return Ok(Err(show));
        }
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

/// Answers whether every ticket could be issued.
fn follow_record(connection: &Connection, record: &Record, show: ShowId) -> Result<bool, Error> {
    let seq = record.seq.unwrap_or(0) as i64;
    match &record.entry.fact {
        Fact::Booked { part, first_ticket, .. } => {
            add_booking(connection, record, show, part, *first_ticket)?;
            return add_tickets(connection, record, show, part, *first_ticket);
        }
        Fact::Cancelled { part, first_ticket, .. } => {
            let id = part.hold.bits().to_be_bytes();
            run(connection, CANCEL_BOOKING, (&id[..], seq))?;
            let end = *first_ticket as usize + part.seats.len();
            run(connection, VOID_TICKETS, (show.get(), *first_ticket, end as i64))?;
        }
        Fact::ShowCancelled { .. } => {
            run(connection, CANCEL_BOOKINGS_OF, (show.get(), seq))?;
            run(connection, VOID_TICKETS_OF, [show.get()])?;
        }
        _ => {}
    }
    Ok(true)
}

fn add_booking(
    connection: &Connection,
    record: &Record,
    show: ShowId,
    part: &Part,
    first_ticket: u32,
) -> Result<(), Error> {
    debug_assert_eq!(HoldState::Booked as i64, 1, "the number in ADD_BOOKING");
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
    run(connection, ADD_BOOKING, row).map(drop)
}

fn add_tickets(
    connection: &Connection,
    record: &Record,
    show: ShowId,
    part: &Part,
    first_ticket: u32,
) -> Result<bool, Error> {
    let mut insert = statement(connection, ADD_TICKET)?;
    for (number, seat) in (first_ticket..).zip(&part.seats) {
        match insert.execute((show.get(), number, seat.seat.0, record.n as i64)) {
            Ok(_) => {}
            Err(error) if fault::is_constraint(&error) => return Ok(false),
            Err(error) => return Err(fault::from_sqlite(error)),
        }
    }
    Ok(true)
}

fn set_standing(connection: &Connection, standing: &Standing) -> Result<(), Error> {
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
