//! Where engines keep their log.

use seatcore::store::Store;
use seatcore::store::memory::MemoryStore;
use seatcore::store::sqlite::SqliteStore;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A place for a log: each call of [`store`](Self::store) gives another store over the same data,
/// as another process would have it.
pub trait Place {
    /// Another store over the same data.
    fn store(&self) -> Box<dyn Store>;
}

/// A log in memory.
#[derive(Debug)]
pub struct Memory(MemoryStore);

impl Memory {
    /// An empty log.
    pub fn empty() -> Self {
        Self(MemoryStore::new(7))
    }
}

impl Place for Memory {
    fn store(&self) -> Box<dyn Store> {
        Box::new(self.0.share())
    }
}

/// A log in a SQLite file, gone with its folder when this is dropped.
#[derive(Debug)]
pub struct File {
    folder: TempDir,
    path: PathBuf,
}

impl File {
    /// A file that does not exist yet.
    pub fn temporary() -> Self {
        let folder = folder();
        let path = folder.path().join("box-office.db");
        Self { folder, path }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A path beside it.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Place for File {
    fn store(&self) -> Box<dyn Store> {
        Box::new(SqliteStore::open(&self.path, true).expect("a file of ours opens"))
    }
}

/// A folder that is gone when it is dropped: in memory where the machine has such a place, so
/// that tests of rules do not wait for a disk.
pub fn folder() -> TempDir {
    let shared_memory = Path::new("/dev/shm");
    let made = if shared_memory.is_dir() {
        tempfile::tempdir_in(shared_memory)
    } else {
        tempfile::tempdir()
    };
    made.expect("a temporary folder can be made")
}
