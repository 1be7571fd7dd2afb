//! Room on the disk, looked at before something large is written beside a file.

use crate::error::{Error, StorageReason};
use crate::store::sqlite::fault;
use crate::store::sqlite::partial::with_end;
use std::path::Path;

/// Left over for sales that go on meanwhile.
const MARGIN: u64 = 16 * 1024 * 1024;
/// What the index of a write-ahead log begins with.
const INDEX: u64 = 32 * 1024;

/// About how many bytes a copy of a file takes: the file and its write-ahead log.
pub(super) fn needed_by_copy(path: &Path) -> u64 {
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
    size(path) + size(&with_end(path, "-wal"))
}

/// Whether a write-ahead log of this size may grow while somebody reads in it, a backup for example:
/// to a quarter of what would be free without it.
pub(super) fn may_grow(log: u64, free: u64) -> bool {
    log <= free.saturating_add(log) / 4
}

/// Bytes that are free on the disk that holds `path`.
pub(super) fn free(path: &Path) -> Result<u64, Error> {
    let disk = rustix::fs::statvfs(path).map_err(|error| fault::from_io(error.into()))?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Refuses what the disk that holds `path` has no room for.
pub(super) fn require(path: &Path, needed: u64, what: &str) -> Result<(), Error> {
    enough(free(path)?, needed, what)
}

/// What kept a file from being opened. SQLite makes an index beside it, and says no more than "disk
/// I/O error" where there is no room for that.
pub(super) fn in_the_way(path: &Path, error: Error, free: impl FnOnce() -> u64) -> Error {
    match error {
        Error::Storage { reason: StorageReason::Io, .. } if free() < INDEX => {
            let what = format!("there is no room for {}-shm, which opening needs", path.display());
            Error::storage(StorageReason::DiskFull, what)
        }
        error => error,
    }
}

fn enough(free: u64, needed: u64, what: &str) -> Result<(), Error> {
    let needed = needed.saturating_add(MARGIN);
    if free >= needed {
        return Ok(());
    }
    let mb = |bytes: u64| bytes.div_ceil(1_000_000);
    let what = format!("{what} needs {} MB, and the disk has {} MB left", mb(needed), mb(free));
    Err(Error::storage(StorageReason::DiskFull, what))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn a_log_that_somebody_reads_in_grows_to_a_quarter_of_the_disk() {
        const GB: u64 = 1 << 30;
        assert!(may_grow(GB, 3 * GB) && may_grow(GB, u64::MAX));
        assert!(!may_grow(GB, 3 * GB - 4) && !may_grow(GB, 0));
    }

    #[test]
    fn an_index_that_finds_no_room_is_a_full_disk_and_other_faults_are_none() {
        let path = Path::new("box-office.db");
        let fault = || Error::storage(StorageReason::Io, "disk I/O error");
        let told = in_the_way(path, fault(), || INDEX - 1).to_string();
        assert!(told.starts_with("storage: disk full: ") && told.contains("box-office.db-shm"));
        assert_eq!(in_the_way(path, fault(), || INDEX), fault());
        let foreign = || Error::storage(StorageReason::Foreign, "this is somebody else's database");
        assert_eq!(in_the_way(path, foreign(), || 0), foreign());
    }

    #[test]
    fn what_does_not_fit_is_refused_before_it_is_begun() {
        assert_eq!(enough(MARGIN + 500, 500, "a copy"), Ok(()));
        let refused = enough(MARGIN + 499, 500, "a copy").expect_err("one byte is missing");
        assert_eq!(refused.code(), Code::Storage);
        assert!(refused.to_string().contains("a copy needs 17 MB"), "{refused}");
        let path = std::env::temp_dir();
        assert!(require(&path, u64::MAX, "a copy").is_err());
        assert_eq!(require(&path, 0, "a copy"), Ok(()));
    }
}
