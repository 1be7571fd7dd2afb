//! What `verify` reads: everything that is kept besides records, and how far it came before.

use super::{BOOKINGS_ALL, read_booking, read_show};
use crate::error::Error;
use crate::house::checkpoint::receipts_from_bytes;
use crate::house::event::N;
use crate::id::ShowId;
use crate::store::sqlite::rows::{self, read_standing, show_id, standing_columns};
use crate::store::sqlite::statement::{all_checked, one, run};
use crate::store::{KeptFolds, Mark, Verified, rows_of};
use rusqlite::{Connection, Row};

const CHECKPOINTS: &str = "SELECT show, n FROM checkpoint";
const CHECKPOINT: &str = "SELECT house FROM checkpoint WHERE show = ?1";
const STANDINGS: &str = concat!("SELECT ", standing_columns!(), " FROM standing");
const TICKETS: &str = "SELECT id >> 18, id & 262143, number FROM ticket";
const MARKS: &str = "SELECT show, n, hash, records, house, folds FROM verified";
const SET_MARK: &str = "INSERT INTO verified (show, n, hash, records, house, folds)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6)
     ON CONFLICT (show) DO UPDATE SET n = excluded.n, hash = excluded.hash,
         records = excluded.records, house = excluded.house, folds = excluded.folds";

/// Checkpoints in the order of their records. The table has no index on that, and reading all of it
/// is reading every house: it is read anew only when another connection has written.
#[derive(Debug, Default)]
pub(super) struct Checkpoints {
    /// What SQLite calls the state of the file that this is about.
    version: Option<i64>,
    by_record: Vec<(N, ShowId)>,
}

impl Checkpoints {
    /// Those as of a record behind `after`, up to `to`. Asked inside a transaction, and always of
    /// the same connection: versions of two say nothing about each other.
    pub(super) fn between(
        &mut self,
        reader: &Connection,
        after: N,
        to: N,
    ) -> Result<Vec<(ShowId, N, Vec<u8>)>, Error> {
        self.look(reader)?;
        let first = self.by_record.partition_point(|(n, _)| *n <= after);
        let due = self.by_record.iter().skip(first).take_while(|(n, _)| *n <= to);
        let mut found = Vec::new();
        for (n, show) in due {
            let house = one(reader, CHECKPOINT, [show.get()], |row| row.get(0))?;
            found.extend(house.map(|house| (*show, *n, house)));
        }
        Ok(found)
    }

    fn look(&mut self, reader: &Connection) -> Result<(), Error> {
        let version = one(reader, "PRAGMA data_version", [], |row| row.get(0))?;
        if version != self.version {
            let rows = by_show::<i64>(reader, CHECKPOINTS)?;
            self.by_record = rows.into_iter().map(|(show, n)| (n as N, show)).collect();
            self.by_record.sort_unstable();
            self.version = version;
        }
        Ok(())
    }
}

/// Every row that is folded from records, by show.
pub(super) fn kept_folds(reader: &Connection) -> Result<KeptFolds, Error> {
    let mut folds = KeptFolds::new();
    for show in
        all_checked(reader, "SELECT id, cancelled, opening, archived FROM show", [], read_show)?
    {
        let id = show.id;
        rows_of(&mut folds, id).show = Some(show);
    }
    for standing in all_checked(reader, STANDINGS, [], read_standing)? {
        rows_of(&mut folds, standing.show).standing = Some(standing);
    }
    for booking in all_checked(reader, BOOKINGS_ALL, (i64::MAX, i64::MAX), read_booking)? {
        rows_of(&mut folds, booking.show).bookings.push(booking);
    }
    for (show, seat, number) in all_checked(reader, TICKETS, [], read_ticket)? {
        rows_of(&mut folds, show).tickets.push((seat, number));
    }
    for (show, chunk, bits) in all_checked(reader, "SELECT id, bits FROM sold", [], read_sold)? {
        rows_of(&mut folds, show).sold.push((chunk, bits));
    }
    for (show, reason) in by_show(reader, "SELECT show, reason FROM quarantine")? {
        rows_of(&mut folds, show).stopped = Some(reason);
    }
    for (show, n) in by_show::<i64>(reader, CHECKPOINTS)? {
        rows_of(&mut folds, show).checkpoint = Some(n as N);
    }
    for (show, bytes) in by_show::<Vec<u8>>(reader, "SELECT show, receipts FROM receipt_chunk")? {
        let read = receipts_from_bytes(&bytes);
        let read = read.map_err(|_| Error::corrupt_show(show, "unreadable receipts"))?;
        rows_of(&mut folds, show).receipts.extend(read);
    }
    Ok(folds)
}

fn by_show<T: rusqlite::types::FromSql>(
    reader: &Connection,
    sql: &'static str,
) -> Result<Vec<(ShowId, T)>, Error> {
    all_checked(reader, sql, [], |row| {
        let value = row.get(1)?;
        Ok(show_id(row.get(0)?).map(|show| (show, value)))
    })
}

type Checked<T> = rusqlite::Result<Result<T, Error>>;

fn read_ticket(row: &Row<'_>) -> Checked<(ShowId, u32, u32)> {
    let (seat, number) = (row.get(1)?, row.get(2)?);
    Ok(show_id(row.get(0)?).map(|show| (show, seat, number)))
}

fn read_sold(row: &Row<'_>) -> Checked<(ShowId, u32, Vec<u8>)> {
    let bits = row.get(1)?;
    Ok(rows::sold_key(row.get(0)?).map(|(show, chunk)| (show, chunk, bits)))
}

/// How far the log was verified.
pub(super) fn verified(reader: &Connection) -> Result<Verified, Error> {
    let to = one(reader, "SELECT verified_to FROM meta", [], |row| row.get::<_, i64>(0))?;
    let marks = all_checked(reader, MARKS, [], |row| {
        let (n, records): (i64, i64) = (row.get(1)?, row.get(3)?);
        let (hash, house, rows) = (row.get(2)?, row.get(4)?, row.get(5)?);
        let (n, records) = (n as N, records as u64);
        Ok(Ok(Mark { show: row.get(0)?, n, hash, records, house, rows }))
    })?;
    Ok(Verified { to: to.unwrap_or(0) as N, marks })
}

/// Remembers how far the log was verified. A run that ended later than another keeps its word.
pub(in crate::store::sqlite) fn remember(
    connection: &Connection,
    verified: &Verified,
) -> Result<(), Error> {
    for mark in &verified.marks {
        let Mark { show, n, hash, records, house, rows } = *mark;
        let row = (show, n as i64, &hash[..], records as i64, &house[..], &rows[..]);
        run(connection, SET_MARK, row)?;
    }
    let to = verified.to as i64;
    run(connection, "UPDATE meta SET verified_to = max(verified_to, ?1)", [to]).map(drop)
}
