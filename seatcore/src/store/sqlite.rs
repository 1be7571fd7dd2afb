//! The SQLite driver: one file, WAL, `synchronous=FULL`, one owned writer and a pool of readers.

use crate::catalogue::layout::Layout;
use crate::clock::Timestamp;
use crate::error::{BusyReason, Error, StorageReason};
use crate::house::event::{KeyTag, N, Record};
use crate::house::rejection::Rejection;
use crate::id::{LayoutHash, ShowId};
use crate::store::accounts::AccountChange;
use crate::store::{
    Access, Change, Changed, Fence, KeptHouse, SecondTicket, Slice, SoldChange, Standing, Store,
    Tables,
};
use rusqlite::Connection;
use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

mod accounts;
pub(crate) mod archive;
mod changes;
mod checkpointer;
mod fault;
mod follow;
mod inode;
mod open;
mod partial;
mod read_only;
mod room;
mod rows;
mod statement;
mod tables;
mod turnstile;
mod vacuum;

use checkpointer::{Checkpointer, checkpoint};
use inode::Inode;
pub use open::{Commits, Diagnosis, Migration, OpenOptions, diagnose};
pub use partial::under_way;
use partial::with_end;
pub use read_only::{ReadOnlyStore, only_reads};
use rows::fence;
use statement::{one, run, statement};
use tables::SqliteTables;
use turnstile::Turnstile;
pub use vacuum::{Vacuumed, vacuum};

/// Pages in the write-ahead log above which a checkpoint is due: four times SQLite's default, and
/// the fastest of those tried.
const WAL_PAGES_DUE: i32 = 4_000;
/// Pages above which writes wait for readers to leave, unless the disk has plenty of room: 512 MB.
const WAL_PAGES_MAX: i32 = 131_072;
const PAGE_BYTES: u64 = 4_096;
/// `PRAGMA synchronous` as a number.
const SYNCHRONOUS_FULL: i64 = 2;

thread_local! {
    /// Pages in the write-ahead log after this thread's last commit: SQLite's hook takes no
    /// context, and a lane's connection commits on the lane's thread only.
    static WAL_PAGES: Cell<i32> = const { Cell::new(0) };
}

/// A file, as its writer sees it.
#[derive(Debug)]
pub struct SqliteStore {
    path: PathBuf,
    inode: Inode,
    /// Where commits go before the file has them, and which file that is.
    log: (PathBuf, Inode),
    connection: Connection,
    tables: Arc<SqliteTables>,
    turnstile: Turnstile,
    checkpointer: Checkpointer,
    in_turn: bool,
    /// Somebody was removed, and the write-ahead log may still have their name.
    names_in_log: bool,
    migrated: Option<Migration>,
}

impl SqliteStore {
    /// Opens a file; makes it if `create` says so.
    ///
    /// # Errors
    /// As [`open_with`](Self::open_with).
    pub fn open(path: impl AsRef<Path>, create: bool) -> Result<Self, Error> {
        Self::open_with(path, OpenOptions { create, ..OpenOptions::default() })
    }

    /// Opens a file. One of an earlier release is brought up to date, after it was copied to a name
    /// beside it that says which schema it had.
    ///
    /// # Errors
    /// `storage` with reason `cannot open` (no such file), `no database of seatcore`, `read-only`,
    /// `newer schema`, `network file system`, `unsuitable SQLite`, `disk full` (no room for the
    /// copy); `busy` if it is locked.
    pub fn open_with(path: impl AsRef<Path>, options: OpenOptions) -> Result<Self, Error> {
        // The program may go to another folder, and connections are opened as they are needed.
        let path = std::path::absolute(path).map_err(fault::from_io)?;
        let (connection, migrated) = open::writer_with(&path, options)?;
        let tables = Arc::new(SqliteTables::open(&path)?);
        let turnstile = Turnstile::beside(&path);
        Ok(Self {
            checkpointer: Checkpointer::beside(&path),
            inode: Inode::of(&path),
            log: log_of(&path),
            path,
            connection,
            tables,
            turnstile,
            in_turn: false,
            names_in_log: false,
            migrated,
        })
    }

    /// What opening made of a file of an earlier release.
    pub const fn migrated(&self) -> Option<&Migration> {
        self.migrated.as_ref()
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Read back in every turn: the setting belongs to the connection, and a commit below FULL
    /// is no commit.
    fn require_durable(&self) -> Result<(), Error> {
        let level = one(&self.connection, "PRAGMA synchronous", [], |row| row.get::<_, i64>(0))?;
        if level == Some(SYNCHRONOUS_FULL) || crate::sabotage::on("commits_not_flushed") {
            return Ok(());
        }
        Err(Error::storage(StorageReason::Library, "synchronous is not FULL on this connection"))
    }

    fn require_wal_room(&self) -> Result<(), Error> {
        let pages = WAL_PAGES.get();
        if pages < WAL_PAGES_MAX {
            return Ok(());
        }
        let log = u64::from(pages.unsigned_abs()) * PAGE_BYTES;
        if room::free(&self.path).is_ok_and(|free| room::may_grow(log, free)) {
            return Ok(());
        }
        let retry_after = Duration::from_secs(1);
        Err(Error::Busy { reason: BusyReason::WriteAheadLog, retry_after })
    }

    /// Copies what is left; the log begins anew with the next commit if nobody reads in it.
    fn checkpoint_wal(&self) -> Result<(), Error> {
        WAL_PAGES.set(checkpoint(&self.connection)?);
        Ok(())
    }
}

/// The write-ahead log of an open file: it stays the same as long as anybody has the file open.
fn log_of(path: &Path) -> (PathBuf, Inode) {
    let log = with_end(path, "-wal");
    let inode = Inode::of(&log);
    (log, inode)
}

impl Store for SqliteStore {
    fn begin(&mut self, access: Access) -> Result<Fence, Error> {
        self.inode.require_at(&self.path)?;
        // Without its log another process decides on what the file had before it.
        self.log.1.require_at(&self.log.0)?;
        let connection = &self.connection;
        match access {
            Access::Read => run(connection, "BEGIN", [])?,
            Access::Write => {
                self.require_durable()?;
                self.require_wal_room()?;
                self.turnstile.pass(|| run(connection, "BEGIN IMMEDIATE", []))?
            }
        };
        self.in_turn = true;
        let read = fence(&self.connection);
        if read.is_err() {
            self.roll_back();
        }
        read
    }

    fn records(&mut self, after: N, limit: usize) -> Result<Vec<Record>, Error> {
        rows::records_after(&self.connection, after, limit)
    }

    fn house(&mut self, show: ShowId) -> Result<KeptHouse, Error> {
        rows::kept_house(&self.connection, show)
    }

    fn layout(&mut self, hash: LayoutHash) -> Result<Option<Layout>, Error> {
        rows::layout(&self.connection, hash)
    }

    fn due(&mut self, until: Timestamp, limit: usize) -> Result<Vec<ShowId>, Error> {
        rows::due(&self.connection, until, limit)
    }

    fn append(
        &mut self,
        records: &[Arc<Record>],
        sold: &[SoldChange],
    ) -> Result<Result<(), ShowId>, Error> {
        if let Err(show) = rows::swap_sold(&self.connection, sold)? {
            return Ok(Err(show));
        }
        let mut insert = statement(&self.connection, rows::APPEND)?;
        for record in records {
            rows::append(&mut insert, record)?;
        }
        Ok(Ok(()))
    }

    fn follow(&mut self, slice: &Slice) -> Result<Result<(), SecondTicket>, Error> {
        follow::follow(&self.connection, slice)
    }

    fn archive(&mut self, standing: &Standing) -> Result<(), Error> {
        archive::empty(&self.connection, standing)
    }

    fn creation(&mut self, tag: KeyTag) -> Result<Option<(u64, Changed)>, Error> {
        changes::creation(&self.connection, tag)
    }

    fn change(&mut self, change: &Change) -> Result<Result<Changed, Rejection>, Error> {
        run(&self.connection, "SAVEPOINT change", [])?;
        let made = changes::make(&self.connection, change);
        if !matches!(made, Ok(Ok(_))) {
            run(&self.connection, "ROLLBACK TO change", [])?;
        }
        run(&self.connection, "RELEASE change", [])?;
        self.names_in_log |= matches!(change, Change::Account(AccountChange::RemoveUser { .. }));
        made
    }

    fn commit(&mut self) -> Result<(), Error> {
        self.in_turn = false;
        run(&self.connection, "COMMIT", []).map(drop)
    }

    fn roll_back(&mut self) {
        self.in_turn = false;
        if !self.connection.is_autocommit() {
            // A rollback can fail only where SQLite has rolled back by itself.
            drop(run(&self.connection, "ROLLBACK", []));
        }
    }

    /// A failed COMMIT may or may not be in the file: its frames may be in the log, and the next
    /// process to recover it would find them. Opening anew and committing a mark settles it: the
    /// mark's frames take the place of frames that were not committed.
    fn recover(&mut self) -> Result<(), Error> {
        self.roll_back();
        self.inode.require_at(&self.path)?;
        self.connection = open::writer(&self.path)?;
        self.log = log_of(&self.path);
        self.checkpointer = Checkpointer::beside(&self.path);
        self.require_durable()?;
        self.turnstile.pass(|| run(&self.connection, "BEGIN IMMEDIATE", []))?;
        let marked = run(&self.connection, "UPDATE meta SET recoveries = recoveries + 1", [])
            .and_then(|_| run(&self.connection, "COMMIT", []));
        if marked.is_err() {
            self.roll_back();
        }
        marked.map(drop)
    }

    fn tend(&mut self, idle: bool) -> Result<(), Error> {
        if idle && self.names_in_log {
            self.names_in_log = !accounts::empty_wal(&self.connection)?;
        }
        let pages = WAL_PAGES.get();
        if (idle && pages > 0) || (pages >= WAL_PAGES_DUE && self.checkpointer.advance()) {
            self.checkpoint_wal()?;
        }
        Ok(())
    }

    fn tables(&self) -> Arc<dyn Tables> {
        self.tables.clone()
    }
}
