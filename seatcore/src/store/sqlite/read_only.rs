//! A file that is only read: by an auditor, on a mounted backup. Nothing beside it is made either,
//! where nothing can be.

use crate::catalogue::layout::Layout;
use crate::clock::Timestamp;
use crate::error::{Error, StorageReason};
use crate::house::event::{KeyTag, N, Record};
use crate::house::rejection::Rejection;
use crate::id::{LayoutHash, ShowId};
use crate::store::sqlite::partial::with_end;
use crate::store::sqlite::rows::{self, fence};
use crate::store::sqlite::statement::run;
use crate::store::sqlite::tables::SqliteTables;
use crate::store::sqlite::{changes, fault, open};
use crate::store::{
    Access, Change, Changed, Fence, KeptHouse, SecondTicket, Slice, SoldChange, Standing, Store,
    Tables,
};
use rusqlite::{Connection, OpenFlags};
use rustix::fs::{Access as Mode, AtFlags, CWD, accessat};
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Beside whoever writes, under SQLite's locks.
    Beside,
    /// As a file that nobody writes, without locks: SQLite could not make them here.
    Still,
}

/// Which way, by what stands beside the file: bytes of its write-ahead log, and that log's index.
fn way(folder_takes_files: bool, log: Option<u64>, index: bool) -> Result<Way, Error> {
    match (folder_takes_files, log, index) {
        (true, ..) | (false, Some(_), true) => Ok(Way::Beside),
        (false, None | Some(0), _) => Ok(Way::Still),
        (false, Some(bytes), false) => {
            let what = format!(
                "{bytes} bytes of commits wait in the write-ahead log beside the file, and cannot \
                 be read in a folder where nothing can be written: read a copy made by a backup, \
                 or copy the file and its -wal together to where they can be written"
            );
            Err(Error::storage(StorageReason::ReadOnly, what))
        }
    }
}

/// A file, and how to open connections to it.
#[derive(Debug, Clone)]
pub(super) struct ReadOnlyFile {
    path: PathBuf,
    /// What it was when it was opened, if it is read as one that nobody writes.
    still: Option<Identity>,
}

/// A file's device, number, size, and when it was written.
type Identity = (u64, u64, u64, i64, i64);

impl ReadOnlyFile {
    pub(super) fn at(path: &Path) -> Result<Self, Error> {
        let found = std::fs::metadata(path).map_err(fault::from_io)?;
        // Beside the file itself, where links lead to it.
        let path = std::fs::canonicalize(path).map_err(fault::from_io)?;
        let log = std::fs::metadata(with_end(&path, "-wal")).ok().map(|log| log.len());
        let index = with_end(&path, "-shm").exists();
        let way = way(takes_files(&path), log, index)?;
        // Without locks there are none that a network could lose.
        if way == Way::Beside {
            open::require_local(&path)?;
        }
        let still = (way == Way::Still).then(|| identity(&found));
        Ok(Self { path, still })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What SQLite is asked to open.
    pub(super) fn name(&self) -> PathBuf {
        if self.still.is_some() { immutable(&self.path) } else { self.path.clone() }
    }

    pub(super) const fn flags() -> OpenFlags {
        OpenFlags::SQLITE_OPEN_READ_ONLY
            .union(OpenFlags::SQLITE_OPEN_URI)
            .union(OpenFlags::SQLITE_OPEN_NO_MUTEX)
    }

    pub(super) fn connect(&self) -> Result<Connection, Error> {
        let opened = Connection::open_with_flags(self.name(), Self::flags());
        let connection = opened.map_err(fault::from_sqlite)?;
        open::make_reader(&connection).map_err(fault::from_sqlite)?;
        Ok(connection)
    }

    /// Fails if somebody has written after all, or is about to: what is read without locks would be
    /// half of the old and half of the new.
    pub(super) fn require_still(&self) -> Result<(), Error> {
        let Some(was) = &self.still else { return Ok(()) };
        let now = std::fs::metadata(&self.path).map(|found| identity(&found)).ok();
        let log = std::fs::metadata(with_end(&self.path, "-wal")).is_ok_and(|log| log.len() > 0);
        if now.as_ref() == Some(was) && !log {
            return Ok(());
        }
        let what = "somebody writes to the file, which was opened as one that nobody writes: \
                    open it again";
        Err(Error::storage(StorageReason::HistoryChanged, what))
    }
}

fn identity(found: &std::fs::Metadata) -> Identity {
    (found.dev(), found.ino(), found.len(), found.mtime(), found.mtime_nsec())
}

/// Whether a file is there that can be read here and not written: it is not ours to write, or
/// nothing that SQLite needs beside it can be made. Then an engine has to be built with
/// [`read_only`](crate::engine::Builder::read_only).
pub fn only_reads(path: impl AsRef<Path>) -> bool {
    let Ok(path) = std::fs::canonicalize(path) else { return false };
    let index = with_end(&path, "-shm").exists();
    !is_allowed(&path, Mode::WRITE_OK) || (!index && !takes_files(&path))
}

/// Whether files can be made in its folder, as SQLite must to share one with a writer.
fn takes_files(path: &Path) -> bool {
    let folder = path.parent().unwrap_or(Path::new("/"));
    is_allowed(folder, Mode::WRITE_OK | Mode::EXEC_OK)
}

fn is_allowed(path: &Path, what: Mode) -> bool {
    accessat(CWD, path, what, AtFlags::EACCESS).is_ok()
}

/// `file:/a/b%20c.db?immutable=1`: every byte that means something in a URI is written by its
/// number.
fn immutable(path: &Path) -> PathBuf {
    let mut name = b"file:".to_vec();
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' => name.push(*byte),
            byte if byte.is_ascii_alphanumeric() => name.push(*byte),
            byte => name.extend(format!("%{byte:02X}").into_bytes()),
        }
    }
    name.extend(b"?immutable=1");
    OsString::from_vec(name).into()
}

/// A file that is only read, as a lane sees it: commands are refused.
#[derive(Debug)]
pub struct ReadOnlyStore {
    file: ReadOnlyFile,
    connection: Connection,
    tables: Arc<SqliteTables>,
}

impl ReadOnlyStore {
    /// Opens a file to read. Where its folder cannot be written, it is read as a file that nobody
    /// writes, and questions fail as soon as somebody does.
    ///
    /// # Errors
    /// `storage` with reason `cannot open` (no such file, or no database of ours), `newer schema`,
    /// `network file system`, `unsuitable SQLite`; `read-only`, if it is of an earlier release, or
    /// commits wait in a write-ahead log that cannot be read here.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = std::path::absolute(path).map_err(fault::from_io)?;
        open::require_readable(&path)?;
        let file = ReadOnlyFile::at(&path)?;
        let connection = file.connect()?;
        open::require_current(&connection)?;
        let tables = Arc::new(SqliteTables::read_only(&file)?);
        Ok(Self { file, connection, tables })
    }
}

fn refused() -> Error {
    Error::storage(StorageReason::ReadOnly, "the file was opened to be read only")
}

impl Store for ReadOnlyStore {
    /// Who comes to write may find that there is nothing to do.
    fn begin(&mut self, _: Access) -> Result<Fence, Error> {
        self.file.require_still()?;
        run(&self.connection, "BEGIN", [])?;
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
        if records.is_empty() && sold.is_empty() { Ok(Ok(())) } else { Err(refused()) }
    }

    fn follow(&mut self, slice: &Slice) -> Result<Result<(), SecondTicket>, Error> {
        let what = format!(
            "the tables are behind the log and can follow it, to record {} at least, only where \
             the file can be written",
            slice.followed_to
        );
        Err(Error::storage(StorageReason::ReadOnly, what))
    }

    fn archive(&mut self, _: &Standing) -> Result<(), Error> {
        Err(refused())
    }

    fn creation(&mut self, tag: KeyTag) -> Result<Option<(u64, Changed)>, Error> {
        changes::creation(&self.connection, tag)
    }

    fn change(&mut self, _: &Change) -> Result<Result<Changed, Rejection>, Error> {
        Err(refused())
    }

    fn commit(&mut self) -> Result<(), Error> {
        run(&self.connection, "COMMIT", []).map(drop)
    }

    fn roll_back(&mut self) {
        if !self.connection.is_autocommit() {
            // A rollback can fail only where SQLite has rolled back by itself.
            drop(run(&self.connection, "ROLLBACK", []));
        }
    }

    fn recover(&mut self) -> Result<(), Error> {
        self.roll_back();
        self.file.require_still()
    }

    fn tend(&mut self, _: bool) -> Result<(), Error> {
        Ok(())
    }

    fn tables(&self) -> Arc<dyn Tables> {
        self.tables.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_are_done_without_only_where_none_can_be_made_and_nothing_waits() {
        for log in [None, Some(0), Some(4_152)] {
            for index in [false, true] {
                assert_eq!(way(true, log, index), Ok(Way::Beside));
            }
        }
        assert_eq!(way(false, None, false), Ok(Way::Still));
        assert_eq!(way(false, Some(0), false), Ok(Way::Still));
        assert_eq!(way(false, None, true), Ok(Way::Still));
        assert_eq!(way(false, Some(0), true), Ok(Way::Beside), "somebody may have it open");
        assert_eq!(way(false, Some(4_152), true), Ok(Way::Beside));
        let waiting = way(false, Some(4_152), false).expect_err("commits would be left out");
        assert!(waiting.to_string().contains("4152 bytes of commits"), "{waiting}");
    }

    #[test]
    fn a_file_that_nobody_should_write_is_read_no_more_once_somebody_does() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("box office.db");
        drop(crate::store::sqlite::SqliteStore::open(&path, true).expect("a new file"));
        let still = Some(identity(&std::fs::metadata(&path).expect("it is there")));
        let file = ReadOnlyFile { path: path.clone(), still };
        file.connect().expect("it is read without locks");
        let tables = SqliteTables::read_only(&file).expect("a pool");
        assert!(tables.state().is_ok());
        let stopped = |what: &str| match tables.state() {
            Err(Error::Storage { reason: StorageReason::HistoryChanged, .. }) => {}
            other => panic!("{what}: {other:?}"),
        };
        std::fs::write(with_end(&path, "-wal"), "commits").expect("a log");
        stopped("a log beside it");
        std::fs::remove_file(with_end(&path, "-wal")).expect("a log");
        assert!(tables.state().is_ok());
        let mut bytes = std::fs::read(&path).expect("bytes");
        bytes.extend([0; 4_096]);
        std::fs::write(&path, bytes).expect("it is ours");
        stopped("other bytes in it");
    }

    #[test]
    fn a_name_is_a_uri_whatever_it_has_in_it() {
        let name = |path: &str| immutable(Path::new(path)).display().to_string();
        assert_eq!(name("/a/b c?d#e%.db"), "file:/a/b%20c%3Fd%23e%25.db?immutable=1");
        assert_eq!(name("/säle.db"), "file:/s%C3%A4le.db?immutable=1");
    }
}
