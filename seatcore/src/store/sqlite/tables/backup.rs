//! Backups: a consistent copy while everybody goes on working.

use super::io;
use crate::error::{Error, StorageReason};
use crate::store::sqlite::fault;
use crate::store::sqlite::open::make_private;
use crate::store::sqlite::statement::{one, run, script};
use rusqlite::{Connection, OpenFlags};
use std::fs::File;
use std::path::{Path, PathBuf};

/// Copies into a temporary file beside the target, marks the copy, syncs and renames it: a target
/// that exists is whole. The mark makes the copy's first writer begin a history of its own.
pub(in crate::store::sqlite) fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    if to.exists() {
        let what = format!("{} exists", to.display());
        return Err(Error::storage(StorageReason::Open, what));
    }
    let partial = partial_beside(to);
    let copied = copy_to(from, &partial).and_then(|()| settle(&partial, to));
    if copied.is_err() {
        drop(std::fs::remove_file(&partial));
    }
    copied
}

fn partial_beside(to: &Path) -> PathBuf {
    let mut name = to.as_os_str().to_owned();
    name.push(".partial");
    name.into()
}

/// VACUUM INTO needs a connection that may write elsewhere: opened read-only, not `query_only`.
fn copy_to(from: &Path, partial: &Path) -> Result<(), Error> {
    drop(std::fs::remove_file(partial));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let source = Connection::open_with_flags(from, flags).map_err(fault::from_sqlite)?;
    let name = partial
        .to_str()
        .ok_or_else(|| Error::storage(StorageReason::Open, "the backup's path is not UTF-8"))?;
    make_private(partial);
    run(&source, "VACUUM INTO ?1", [name])?;
    let copy = Connection::open(partial).map_err(fault::from_sqlite)?;
    script(&copy, "PRAGMA synchronous = FULL")?;
    run(&copy, "UPDATE meta SET copied = 1", [])?;
    let sound = one(&copy, "PRAGMA quick_check", [], |row| row.get::<_, String>(0))?;
    if sound.as_deref() != Some("ok") {
        return Err(Error::corrupt("the copy fails its check"));
    }
    Ok(())
}

pub(in crate::store::sqlite) fn settle(partial: &Path, to: &Path) -> Result<(), Error> {
    io(File::open(partial).and_then(|file| file.sync_all()))?;
    io(std::fs::rename(partial, to))?;
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
    io(File::open(folder.unwrap_or(Path::new("."))).and_then(|folder| folder.sync_all()))
}
