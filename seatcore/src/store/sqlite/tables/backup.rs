//! Backups: a consistent copy while everybody goes on working.

use crate::error::{Error, StorageReason};
use crate::store::sqlite::fault;
use crate::store::sqlite::partial::{Partial, taken};
use crate::store::sqlite::read_only::ReadOnlyFile;
use crate::store::sqlite::statement::{one, run, script};
use rusqlite::Connection;
use std::path::Path;

/// Copies into a file of its own beside the target, marks the copy, syncs and renames it: a target
/// that exists is whole. The mark makes the copy's first writer begin a history of its own.
pub(in crate::store::sqlite) fn copy(
    from: &Path,
    to: &Path,
    require_same: impl Fn() -> Result<(), Error>,
) -> Result<(), Error> {
    if to.exists() {
        return Err(taken(to));
    }
    let mut partial = Partial::beside(to)?;
    let copy = copy_to(from, partial.path(), require_same)?;
    partial.settle(copy, false)
}

/// VACUUM INTO needs a connection that may write elsewhere: opened read-only, not `query_only`.
/// Answers the copy's own.
fn copy_to(
    from: &Path,
    partial: &Path,
    require_same: impl Fn() -> Result<(), Error>,
) -> Result<Connection, Error> {
    let source =
        Connection::open_with_flags(from, ReadOnlyFile::flags()).map_err(fault::from_sqlite)?;
    // By name: it is asked for once it is open whether the name is still this file's.
    require_same()?;
    let name = partial
        .to_str()
        .ok_or_else(|| Error::storage(StorageReason::Open, "the backup's path is not UTF-8"))?;
    run(&source, "VACUUM INTO ?1", [name])?;
    let copy = Connection::open(partial).map_err(fault::from_sqlite)?;
    script(&copy, "PRAGMA synchronous = FULL")?;
    run(&copy, "UPDATE meta SET copied = 1", [])?;
    let sound = one(&copy, "PRAGMA quick_check", [], |row| row.get::<_, String>(0))?;
    if sound.as_deref() != Some("ok") {
        return Err(Error::corrupt("the copy fails its check"));
    }
    Ok(copy)
}
