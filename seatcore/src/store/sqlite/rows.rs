//! Rows of the log and of what the lane keeps, as values. A row that contradicts itself is
//! `corrupt`; nothing is guessed.

use crate::catalogue::layout::Layout;
use crate::clock::Timestamp;
use crate::error::{Error, StorageReason};
use crate::house::checkpoint::receipts_from_bytes;
use crate::house::event::{Kind, N, Record, codec};
use crate::id::{Epoch, LayoutHash, ShowId};
use crate::store::sqlite::fault;
use crate::store::sqlite::open::SCHEMA;
use crate::store::sqlite::statement::{all, all_checked, one, run, statement};
use crate::store::{Fence, KeptHouse, SoldChange, Standing};
use rusqlite::{CachedStatement, Connection, Row};

/// By primary key, from there on.
pub(super) const RECORDS_AFTER: &str = "SELECT n, show, seq, at, kind, prev_n, hash, body FROM journal WHERE n > ?1 ORDER BY n LIMIT ?2";
/// By primary key.
pub(super) const RECORD: &str =
    "SELECT n, show, seq, at, kind, prev_n, hash, body FROM journal WHERE n = ?1";
/// The primary key on n is the assertion that nobody else wrote this record.
pub(super) const APPEND: &str = "INSERT INTO journal (n, show, seq, at, kind, prev_n, hash, body)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
/// Records for which there is room at once, whatever number is asked for.
const RECORDS_FORESEEN: usize = 1_024;
const FENCE: &str = "SELECT schema, epoch, followed_to, quarantines, archives FROM meta";
const HEAD: &str = "SELECT n, hash, at FROM journal ORDER BY n DESC LIMIT 1";

/// Reads what must not have changed since the last turn.
pub(super) fn fence(connection: &Connection) -> Result<Fence, Error> {
    let meta = one(connection, FENCE, [], |row| {
        let (schema, epoch): (i64, i64) = (row.get(0)?, row.get(1)?);
        Ok((schema, epoch, row.get::<_, i64>(2)?, row.get::<_, i64>(3)?, row.get::<_, i64>(4)?))
    })?;
    let (schema, epoch, followed_to, quarantines, archives) =
        meta.ok_or_else(|| Error::corrupt("the meta row is missing"))?;
    if schema != SCHEMA {
        let what = format!("the file moved to schema {schema}");
        return Err(Error::storage(StorageReason::NewerSchema, what));
    }
    let head = one(connection, HEAD, [], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, [u8; 16]>(1)?, row.get::<_, i64>(2)?))
    })?;
    let (n, hash, at) = head.unwrap_or_default();
    Ok(Fence {
        epoch: Epoch::from_bits(epoch as u64),
        head: n as N,
        hash,
        at: head.map(|_| Timestamp::from_millis(at)),
        followed_to: followed_to as N,
        quarantines: quarantines as u64,
        archives: archives as u64,
    })
}

/// A record of the journal; columns in the order of [`RECORDS_AFTER`].
pub(super) fn read_record(row: &Row<'_>) -> Result<Record, Error> {
    let read = |row: &Row<'_>| -> rusqlite::Result<_> {
        let (n, show, seq): (i64, i64, Option<i64>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok((n, show, seq, row.get(3)?, row.get::<_, i64>(4)?, row.get::<_, i64>(5)?, row.get(6)?))
    };
    let (n, show, seq, at, kind, prev_n, hash) = read(row).map_err(fault::from_sqlite)?;
    let unreadable = || Error::corrupt(format!("record {n} cannot be read by this release"));
    let body = row.get_ref(7).map_err(fault::from_sqlite)?;
    let body = body.as_blob().map_err(|_| unreadable())?;
    let kind = Kind::from_number(kind).ok_or_else(unreadable)?;
    Ok(Record {
        n: n as N,
        show: u32::try_from(show).map_err(|_| unreadable())?,
        seq: seq.map(|seq| seq as u64),
        at: Timestamp::from_millis(at),
        prev_n: prev_n as N,
        hash,
        entry: codec::decode(kind, body).map_err(|_| unreadable())?,
        body: body.into(),
    })
}

/// Records behind `after`, at most `limit`.
pub(super) fn records_after(
    connection: &Connection,
    after: N,
    limit: usize,
) -> Result<Vec<Record>, Error> {
    let mut statement = statement(connection, RECORDS_AFTER)?;
    let mut rows = statement.query(bounds(after, limit)).map_err(fault::from_sqlite)?;
    let mut records = Vec::with_capacity(limit.min(RECORDS_FORESEEN));
    while let Some(row) = rows.next().map_err(fault::from_sqlite)? {
        records.push(read_record(row)?);
    }
    Ok(records)
}

/// Writes one record through a prepared [`APPEND`].
pub(super) fn append(insert: &mut CachedStatement<'_>, record: &Record) -> Result<(), Error> {
    let written = insert.execute((
        record.n as i64,
        record.show,
        record.seq.map(|seq| seq as i64),
        record.at.millis(),
        record.entry.fact.kind() as i64,
        record.prev_n as i64,
        &record.hash[..],
        &record.body[..],
    ));
    written.map(drop).map_err(fault::from_sqlite)
}

/// Compares each chunk's sold bits with what its house says, and writes the new ones: one
/// statement where a row is there, which is nearly always. Answers the first show that differs.
pub(super) fn swap_sold(
    connection: &Connection,
    changes: &[SoldChange],
) -> Result<Result<(), ShowId>, Error> {
    let mut swap = statement(connection, SWAP_SOLD)?;
    for change in changes {
        let id = sold_id(change.show, change.chunk);
        let (before, after) = (significant(&change.before), significant(&change.after));
        let swapped = swap.execute((id, after, before)).map_err(fault::from_sqlite)?;
        if swapped == 1 || crate::sabotage::on("sold_bits_not_compared") {
            continue;
        }
        if !before.is_empty() || run(connection, FIRST_SOLD, (id, after))? == 0 {
            return Ok(Err(change.show));
        }
    }
    Ok(Ok(()))
}

const SWAP_SOLD: &str = "UPDATE sold SET bits = ?2 WHERE id = ?1 AND bits = ?3";
const FIRST_SOLD: &str = "INSERT INTO sold (id, bits) VALUES (?1, ?2) ON CONFLICT DO NOTHING";

/// The key of a chunk's sold bits.
pub(super) fn sold_id(show: ShowId, chunk: u32) -> i64 {
    i64::from(show.get()) << 6 | i64::from(chunk)
}

/// A chunk's key again.
pub(super) fn sold_key(id: i64) -> Result<(ShowId, u32), Error> {
    Ok((show_id(id >> 6)?, (id & 63) as u32))
}

/// Bits without the zero bytes at their end.
fn significant(bits: &[u8]) -> &[u8] {
    let len = bits.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    bits.get(..len).unwrap_or(bits)
}

/// Bounds of [`RECORDS_AFTER`]: no record has a number beyond SQLite's largest.
pub(super) fn bounds(after: N, limit: usize) -> (i64, i64) {
    (i64::try_from(after).unwrap_or(i64::MAX), i64::try_from(limit).unwrap_or(i64::MAX))
}

/// A show's newest record, as of `followed_to`; 0 if none was followed.
pub(super) fn head_of(connection: &Connection, show: ShowId) -> Result<N, Error> {
    const HEAD_OF: &str = "SELECT n FROM standing WHERE show = ?1";
    let head = one(connection, HEAD_OF, [show.get()], |row| row.get::<_, i64>(0))?;
    Ok(head.unwrap_or(0) as N)
}

/// What is kept of a show besides its records.
pub(super) fn kept_house(connection: &Connection, show: ShowId) -> Result<KeptHouse, Error> {
    let id = [show.get()];
    let head = head_of(connection, show)?;
    let checkpoint =
        one(connection, "SELECT house FROM checkpoint WHERE show = ?1", id, |row| row.get(0))?;
    let chunks: Vec<Vec<u8>> = all(
        connection,
        "SELECT receipts FROM receipt_chunk WHERE show = ?1 ORDER BY n",
        id,
        |row| row.get(0),
    )?;
    let receipts: Result<Vec<_>, _> =
        chunks.iter().map(|bytes| receipts_from_bytes(bytes)).collect();
    let receipts = receipts.map_err(|_| Error::corrupt_show(show, "unreadable receipts"))?;
    let quarantine =
        one(connection, "SELECT reason FROM quarantine WHERE show = ?1", id, |row| row.get(0))?;
    let receipts = receipts.into_iter().flatten().collect();
    Ok(KeptHouse { head, checkpoint, receipts, quarantine })
}

/// A layout by its hash, which its bytes must have.
pub(super) fn layout(connection: &Connection, hash: LayoutHash) -> Result<Option<Layout>, Error> {
    let sql = "SELECT bytes FROM layout WHERE hash = ?1";
    let bytes = one(connection, sql, [&hash.0[..]], |row| row.get::<_, Vec<u8>>(0))?;
    let Some(bytes) = bytes else { return Ok(None) };
    let layout = Layout::from_bytes(&bytes).ok().filter(|layout| layout.hash() == hash);
    let wrong = || Error::corrupt(format!("layout {hash} does not have this hash"));
    layout.ok_or_else(wrong).map(Some)
}

/// Shows with a deadline that has come, through the partial index on it.
pub(super) fn due(
    connection: &Connection,
    until: Timestamp,
    limit: usize,
) -> Result<Vec<ShowId>, Error> {
    let sql = "SELECT show FROM standing WHERE next_expiry IS NOT NULL AND next_expiry <= ?1
               ORDER BY next_expiry, show LIMIT ?2";
    all_checked(connection, sql, (until.millis(), limit as i64), |row| Ok(show_id(row.get(0)?)))
}

/// A show's number.
pub(super) fn show_id(number: i64) -> Result<ShowId, Error> {
    let id = u32::try_from(number).ok().and_then(ShowId::new);
    id.ok_or_else(|| Error::corrupt(format!("{number} is no show's number")))
}

/// Columns of [`read_standing`].
macro_rules! standing_columns {
    () => {
        "show, n, seq, held, booked, blocked, next_expiry"
    };
}
pub(super) use standing_columns;

/// Where a show stands.
pub(super) fn read_standing(row: &Row<'_>) -> rusqlite::Result<Result<Standing, Error>> {
    let (n, seq): (i64, i64) = (row.get(1)?, row.get(2)?);
    let (held, booked, blocked) = (row.get(3)?, row.get(4)?, row.get(5)?);
    let next_expiry = row.get::<_, Option<i64>>(6)?.map(Timestamp::from_millis);
    let (n, seq) = (n as N, seq as u64);
    Ok(show_id(row.get(0)?).map(|show| Standing {
        show,
        n,
        seq,
        held,
        booked,
        blocked,
        next_expiry,
    }))
}
