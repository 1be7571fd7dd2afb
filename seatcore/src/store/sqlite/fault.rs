//! SQLite's errors as ours.

use crate::error::{BusyReason, Error, StorageReason};
use rusqlite::ErrorCode;
use std::path::Path;
use std::time::Duration;

/// A wait after which the write lock may be free.
const LOCK_RETRY: Duration = Duration::from_millis(100);

/// What an error of SQLite means to a caller.
pub(super) fn from_sqlite(error: rusqlite::Error) -> Error {
    let reason = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            return locked();
        }
        Some(ErrorCode::DatabaseCorrupt) => return Error::corrupt(error),
        Some(ErrorCode::NotADatabase) => StorageReason::Foreign,
        Some(ErrorCode::DiskFull) => StorageReason::DiskFull,
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => StorageReason::ReadOnly,
        Some(ErrorCode::CannotOpen) => StorageReason::Open,
        Some(_) => StorageReason::Io,
        None => return Error::corrupt(error),
    };
    Error::storage(reason, error)
}

/// Somebody else is at the file.
pub(super) const fn locked() -> Error {
    Error::Busy { reason: BusyReason::Lock, retry_after: LOCK_RETRY }
}

/// Whether a constraint refused the row.
pub(super) fn is_constraint(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation)
}

/// What an error of the file system means to a caller.
pub(super) fn from_io(error: std::io::Error) -> Error {
    Error::storage(reason(&error), error)
}

/// The same, naming the file that was meant.
pub(super) fn at(path: &Path, error: std::io::Error) -> Error {
    Error::storage(reason(&error), format!("{}: {error}", path.display()))
}

fn reason(error: &std::io::Error) -> StorageReason {
    match error.kind() {
        std::io::ErrorKind::StorageFull => StorageReason::DiskFull,
        std::io::ErrorKind::ReadOnlyFilesystem | std::io::ErrorKind::PermissionDenied => {
            StorageReason::ReadOnly
        }
        std::io::ErrorKind::NotFound => StorageReason::Open,
        _ => StorageReason::Io,
    }
}
