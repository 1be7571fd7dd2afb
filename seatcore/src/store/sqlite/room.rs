//! Room on the disk, looked at before something large is written beside a file.

use crate::error::{Error, StorageReason};
use crate::store::sqlite::fault;
use std::path::Path;

/// Left over for sales that go on meanwhile.
const MARGIN: u64 = 16 * 1024 * 1024;

/// About how many bytes a copy of a file takes: the file and its write-ahead log.
pub(super) fn needed_by_copy(path: &Path) -> u64 {
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    size(path) + size(Path::new(&wal))
}

/// Refuses what the disk that holds `path` has no room for.
pub(super) fn require(path: &Path, needed: u64, what: &str) -> Result<(), Error> {
    let disk = rustix::fs::statvfs(path).map_err(|error| fault::from_io(error.into()))?;
    enough(disk.f_bavail.saturating_mul(disk.f_frsize), needed, what)
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
