//! Archives: a show's records in a file of their own, and what that leaves here.
//!
//! An archive is a database like any other, with one show in it: every command that reads one reads
//! the other. Records are numbered anew from 1; hashes do not cover numbers, so the chain is the
//! same one.

use crate::catalogue::layout::Layout;
use crate::catalogue::movie::{Movie, Poster};
use crate::catalogue::screen::Screen;
use crate::catalogue::show::Show;
use crate::error::Error;
use crate::house::event::codec::{Writer, encode_opening};
use crate::house::event::{ChainHash, Kind, N, Record};
use crate::id::{ShowId, TicketKey};
use crate::store::sqlite::follow::{VOID_TICKETS_OF, set_standing};
use crate::store::sqlite::partial::{Partial, taken};
use crate::store::sqlite::statement::{one, run, statement};
use crate::store::sqlite::{OpenOptions, SqliteStore, fault, open, rows};
use crate::store::{Shelf, Standing};
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Everything about a show that is not in its records.
#[derive(Debug)]
pub(crate) struct Contents {
    pub(crate) ticket_key: TicketKey,
    pub(crate) movie: Movie,
    pub(crate) poster: Option<Poster>,
    pub(crate) screen: Screen,
    /// The show's, and the screen's of today.
    pub(crate) layouts: Vec<Layout>,
    pub(crate) show: Show,
    /// Sold bits by chunk.
    pub(crate) sold: Vec<(u32, Vec<u8>)>,
}

/// An archive in the making: under another name until its last record is in it.
#[derive(Debug)]
pub(crate) struct ArchiveFile {
    partial: Partial,
    /// A file is in its place that says less than this one is going to.
    replaces: bool,
    last: N,
    /// It has its last record and its name.
    sealed: Arc<AtomicBool>,
}

impl ArchiveFile {
    /// A file with everything but records. What an attempt left that was cut short is replaced:
    /// its show is still here. `has` answers whether a record with this hash is among the show's.
    pub(crate) fn create(
        to: &Path,
        contents: &Contents,
        has: impl FnOnce(ChainHash) -> Result<bool, Error>,
    ) -> Result<Self, Error> {
        let replaces = to.exists();
        if replaces && !left_over(to, contents)?.map_or(Ok(false), has)? {
            return Err(taken(to));
        }
        let partial = Partial::beside(to)?;
        let file = Self { partial, replaces, last: 0, sealed: Arc::default() };
        let store = SqliteStore::open_with(file.path(), OpenOptions::default())?;
        write_contents(&store.connection, contents)?;
        Ok(file)
    }

    /// Where the file is until it is sealed.
    pub(crate) fn path(&self) -> &Path {
        self.partial.path()
    }

    /// How many records it has.
    pub(crate) const fn records(&self) -> N {
        self.last
    }

    /// Adds records, oldest first.
    pub(crate) fn add(
        &mut self,
        records: impl Iterator<Item = Result<Record, Error>>,
    ) -> Result<(), Error> {
        self.write(records).map(drop)
    }

    fn write(
        &mut self,
        records: impl Iterator<Item = Result<Record, Error>>,
    ) -> Result<Connection, Error> {
        let connection = open::writer(self.path())?;
        run(&connection, "BEGIN IMMEDIATE", [])?;
        {
            let mut insert = statement(&connection, rows::APPEND)?;
            for record in records {
                rows::append(&mut insert, &renumbered(record?, self.last + 1))?;
                self.last += 1;
            }
        }
        run(&connection, "COMMIT", [])?;
        Ok(connection)
    }

    /// Becomes true once the file is under its own name: then it is this attempt's.
    pub(crate) fn sealed(&self) -> Arc<AtomicBool> {
        self.sealed.clone()
    }
}

impl Shelf for ArchiveFile {
    fn seal(&mut self, record: &Record) -> Result<(), Error> {
        let writer = self.write(std::iter::once(Ok(record.clone())))?;
        self.partial.settle(writer, self.replaces)?;
        self.sealed.store(true, Ordering::Release);
        Ok(())
    }
}

/// Links are the show's own: with one show in the file, each record follows the one before.
fn renumbered(record: Record, n: N) -> Record {
    Record { n, prev_n: n - 1, ..record }
}

/// The hash of the record before the one that ends the chain, if this is an archive of this show.
/// Where the show has that record, it has every record before it, and the file is no loss.
fn left_over(path: &Path, contents: &Contents) -> Result<Option<ChainHash>, Error> {
    const IS_OF: &str = "SELECT before.hash FROM meta, journal AS before
         WHERE ticket_key = ?1
         AND (SELECT group_concat(id) FROM show) = CAST(?2 AS TEXT)
         AND (SELECT kind FROM journal ORDER BY n DESC LIMIT 1) = ?3
         AND before.n = (SELECT max(n) - 1 FROM journal)";
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(fault::from_sqlite)?;
    let (key, show) = (contents.ticket_key.bytes(), contents.show.id.get());
    let asked = (&key[..], show, Kind::Archived as i64);
    // Whatever cannot be asked this is something else.
    Ok(one(&connection, IS_OF, asked, |row| row.get(0)).unwrap_or_default())
}

fn write_contents(connection: &Connection, contents: &Contents) -> Result<(), Error> {
    run(connection, "BEGIN IMMEDIATE", [])?;
    let key = contents.ticket_key.bytes();
    run(connection, "UPDATE meta SET ticket_key = ?1", [&key[..]])?;
    for layout in &contents.layouts {
        let row = (&layout.hash().0[..], layout.len(), layout.to_bytes());
        let sql = "INSERT INTO layout (hash, seats, bytes) VALUES (?1, ?2, ?3)
                   ON CONFLICT (hash) DO NOTHING";
        run(connection, sql, row)?;
    }
    let Movie { id, title, minutes, description, .. } = &contents.movie;
    let sql = "INSERT INTO movie (id, title, minutes, description) VALUES (?1, ?2, ?3, ?4)";
    run(connection, sql, (id.get(), title, minutes, description))?;
    if let Some(poster) = &contents.poster {
        let sql = "INSERT INTO poster (movie, bytes) VALUES (?1, ?2)";
        run(connection, sql, (id.get(), poster.bytes()))?;
    }
    let Screen { id, name, layout, tz, cleaning_s, .. } = &contents.screen;
    let sql = "INSERT INTO screen (id, name, layout, tz, cleaning_s) VALUES (?1, ?2, ?3, ?4, ?5)";
    run(connection, sql, (id.get(), name, &layout.0[..], tz, cleaning_s))?;
    write_show(connection, &contents.show)?;
    for (chunk, bits) in &contents.sold {
        let id = rows::sold_id(contents.show.id, *chunk);
        run(connection, "INSERT INTO sold (id, bits) VALUES (?1, ?2)", (id, bits))?;
    }
    run(connection, "COMMIT", []).map(drop)
}

fn write_show(connection: &Connection, show: &Show) -> Result<(), Error> {
    let (opening, terms) = (&show.opening, &show.opening.terms);
    let mut bytes = Writer::new();
    encode_opening(opening, &mut bytes);
    let row = (
        show.id.get(),
        opening.movie.get(),
        opening.screen.get(),
        &opening.layout.0[..],
        terms.starts_at.millis(),
        terms.ends_at.millis(),
        show.cancelled,
        bytes.finish(),
    );
    let sql = "INSERT INTO show (id, movie, screen, layout, starts_at, ends_at, cancelled, opening)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    run(connection, sql, row).map(drop)
}

/// Removes what is kept of a show besides its newest record, which ends its chain.
pub(super) fn empty(connection: &Connection, standing: &Standing) -> Result<(), Error> {
    let show = standing.show.get();
    remove_records(connection, standing.show, standing.n)?;
    run(connection, "DELETE FROM booking WHERE show = ?1", [show])?;
    run(connection, VOID_TICKETS_OF, [show])?;
    run(connection, "DELETE FROM sold WHERE id >= ?1 << 6 AND id < (?1 + 1) << 6", [show])?;
    run(connection, "DELETE FROM checkpoint WHERE show = ?1", [show])?;
    run(connection, "DELETE FROM receipt_chunk WHERE show = ?1", [show])?;
    run(connection, "DELETE FROM verified WHERE show = ?1", [show])?;
    set_standing(connection, standing)?;
    run(connection, "UPDATE show SET archived = 1 WHERE id = ?1", [show])?;
    run(connection, "UPDATE meta SET archives = archives + 1", []).map(drop)
}

/// Newest first along the links.
fn remove_records(connection: &Connection, show: ShowId, end: N) -> Result<(), Error> {
    const PREVIOUS: &str = "SELECT prev_n FROM journal WHERE n = ?1 AND show = ?2";
    let previous = |n: N| -> Result<N, Error> {
        let found = one(connection, PREVIOUS, (n as i64, show.get()), |row| row.get::<_, i64>(0))?;
        let missing = || Error::corrupt_show(show, format!("record {n} is missing"));
        found.map(|n| n as N).ok_or_else(missing)
    };
    let mut n = previous(end)?;
    while n != 0 {
        let before = previous(n)?;
        run(connection, "DELETE FROM journal WHERE n = ?1", [n as i64])?;
        n = before;
    }
    Ok(())
}
