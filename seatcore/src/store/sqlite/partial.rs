//! Files in the making: beside their place and under names of their own until they are whole.

use super::{checkpointer, fault, open};
use crate::error::{Error, StorageReason};
use rusqlite::Connection;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// What a database may have beside it.
const ENDS: [&str; 4] = ["", "-wal", "-shm", "-turn"];

/// A file that is going to be `to`, under a name that no other attempt has: several may be under
/// way. It is locked as long as its maker lives, so what the killed left behind is known, and the
/// next attempt takes it away. Dropped before it is settled, it leaves nothing.
#[derive(Debug)]
pub(super) struct Partial {
    path: PathBuf,
    to: PathBuf,
    lock: File,
    settled: bool,
}

impl Partial {
    /// An empty file that only its owner may read.
    pub(super) fn beside(to: &Path) -> Result<Self, Error> {
        clear_abandoned(to);
        let own = u64::from_le_bytes(open::random()?);
        let path = with_end(to, &format!(".{}{own:016x}.partial", this_process()));
        let made = open::make_private(&path);
        let opened = made.and_then(|()| File::options().read(true).write(true).open(&path));
        let lock = opened.map_err(|error| fault::at(to, error))?;
        let partial = Self { path, to: to.to_path_buf(), lock, settled: false };
        partial.lock.lock().map_err(fault::from_io)?;
        // Whoever clears up between the two calls above takes it for abandoned.
        if partial.path.exists() { Ok(partial) } else { Self::beside(to) }
    }

    /// Where the file is until it is settled.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes it durable under its own name. A file that is there already stays, unless it may be
    /// replaced.
    ///
    /// Takes its writer, whose closing alone does not put everything into the one file: while
    /// anybody else looks into it, the last commit stays in a write-ahead log under the name that
    /// the file loses here.
    pub(super) fn settle(&mut self, writer: Connection, replace: bool) -> Result<(), Error> {
        if !checkpointer::empty(&writer)? {
            return Err(fault::locked());
        }
        drop(writer);
        drop(std::fs::remove_file(with_end(&self.path, "-turn")));
        self.lock.sync_all().map_err(fault::from_io)?;
        if replace {
            std::fs::rename(&self.path, &self.to).map_err(fault::from_io)?;
        } else {
            rename_to_new(&self.path, &self.to)?;
        }
        self.settled = true;
        if crate::sabotage::on("new_name_not_flushed") {
            return Ok(());
        }
        File::open(folder_of(&self.to)).and_then(|folder| folder.sync_all()).map_err(fault::from_io)
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.settled {
            remove(&self.path);
        }
    }
}

/// What this process is writing that is to become `to`: to tell how far it is, or to clear away
/// where it is interrupted.
pub fn under_way(to: &Path) -> Vec<PathBuf> {
    let own = this_process();
    partials(to).filter(|(_, attempt)| attempt.starts_with(&own)).map(|(path, _)| path).collect()
}

/// How the names of this process' attempts begin. Numbers of processes are given again, and in a
/// container nearly every one is 1.
fn this_process() -> String {
    static NAME: OnceLock<u32> = OnceLock::new();
    let name = NAME.get_or_init(|| open::random().map_or(std::process::id(), u32::from_le_bytes));
    format!("{name:08x}-")
}

/// The error for a path that is taken.
pub(super) fn taken(path: &Path) -> Error {
    Error::storage(StorageReason::Open, format!("{} exists", path.display()))
}

fn rename_to_new(from: &Path, to: &Path) -> Result<(), Error> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(()),
        Err(Errno::EXIST) => Err(taken(to)),
        // Some file systems cannot: then there is a moment in which somebody else's is overwritten.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) if !to.exists() => {
            std::fs::rename(from, to).map_err(fault::from_io)
        }
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => Err(taken(to)),
        Err(errno) => Err(fault::from_io(errno.into())),
    }
}

/// Removes what nobody is making any more, under its lock: whoever has just made it and waits for
/// that finds it gone. Attempts of this process live, and closing their file here would drop the
/// locks that SQLite has on it.
fn clear_abandoned(to: &Path) {
    let own = this_process();
    for (path, _) in partials(to).filter(|(_, attempt)| !attempt.starts_with(&own)) {
        if let Ok(file) = File::open(&path)
            && file.try_lock().is_ok()
        {
            remove(&path);
        }
    }
}

/// Attempts to make `to`: where they are, and what tells each from the others.
fn partials(to: &Path) -> impl Iterator<Item = (PathBuf, String)> {
    let name = to.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let entries = std::fs::read_dir(folder_of(to)).into_iter().flatten().flatten();
    entries.filter_map(move |entry| {
        let found = entry.file_name();
        let rest = found.to_str()?.strip_prefix(&name)?.strip_prefix('.')?;
        let attempt = rest.strip_suffix(".partial")?;
        let ours = attempt.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
        ours.then(|| (entry.path(), attempt.to_owned()))
    })
}

fn remove(path: &Path) {
    for end in ENDS {
        drop(std::fs::remove_file(with_end(path, end)));
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

pub(super) fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}
