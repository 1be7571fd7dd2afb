//! Which file it is that is open: what is committed to one that was removed is gone.

use crate::error::{Error, StorageReason};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// A file's device and number on it; none where that cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Inode(Option<(u64, u64)>);

impl Inode {
    /// Of the file that has this name now.
    pub(super) fn of(path: &Path) -> Self {
        Self(std::fs::metadata(path).ok().map(|file| (file.dev(), file.ino())))
    }

    /// Fails if this name is another file's by now, or nobody's: about a microsecond.
    pub(super) fn require_at(self, path: &Path) -> Result<(), Error> {
        let Some(own) = self.0 else { return Ok(()) };
        let what = match std::fs::metadata(path) {
            Ok(file) if (file.dev(), file.ino()) != own => "replaced",
            Err(error) if error.kind() == ErrorKind::NotFound => "removed",
            _ => return Ok(()),
        };
        let what = format!("{} was {what} while it was open", path.display());
        Err(Error::storage(StorageReason::HistoryChanged, what))
    }
}
