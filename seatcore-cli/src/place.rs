//! The database as a file among others: whether it is one, who has it open, whose it is, and what
//! lies beside it.

use crate::error::CliError;
use rustix::fs::{Access, AtFlags, CWD, accessat};
use rustix::io::Errno;
use rustix::process::{Flock, FlockType, fcntl_getlk};
use seatcore::Failure;
use seatcore::error::{Code, Error, StorageReason};
use std::fs::{File, Metadata, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

/// What SQLite and the engine keep beside a database, and last the database itself: a file without
/// its log is older, a log without its file is lost.
pub const PARTS: [&str; 4] = ["-wal", "-shm", "-turn", ""];

/// The byte on which every process with the database open has a lock: see SQLite's `wal.c`,
/// WALINDEX_LOCK_OFFSET + WAL_NREADER + 3.
const OPEN_BYTE: u64 = 128;

/// A path with something behind its name.
pub fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// The file that a path leads to: what belongs to a database lies beside the file, not beside a
/// link to it.
pub fn behind_links(path: &Path) -> PathBuf {
    let found = path.is_symlink().then(|| std::fs::canonicalize(path).ok()).flatten();
    found.unwrap_or_else(|| path.to_owned())
}

/// The folder of a file.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A missing file is an answer of its own: whoever mistyped a path must not get an empty database.
/// The same with an empty one: opening it would write a database into it.
///
/// # Errors
/// `not_found` where there is nothing or nothing in it; `storage` where it is no file, or is not
/// for us to read.
pub fn require_database(path: &Path) -> Result<(), CliError> {
    require_file_or_nothing(path)?;
    match std::fs::metadata(path) {
        Ok(found) if found.len() == 0 => Err(CliError::EmptyFile(path.to_owned())),
        Ok(_) => require_readable(path),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Err(denied(path)),
        Err(_) => Err(CliError::NoDatabase(path.to_owned())),
    }
}

/// Asked without opening it: closing any descriptor of it drops the locks that SQLite holds.
fn require_readable(path: &Path) -> Result<(), CliError> {
    match accessat(CWD, path, Access::READ_OK, AtFlags::EACCESS) {
        Err(Errno::ACCESS | Errno::PERM) => Err(denied(path)),
        _ => Ok(()),
    }
}

fn denied(path: &Path) -> CliError {
    CliError::refused(Code::Storage, format!("permission denied: {}", path.display()))
}

/// Why a file cannot be used, with its name: several may be meant, and one is to be replaced.
pub fn unusable(path: &Path, error: CliError) -> CliError {
    let shown = path.display();
    let CliError::Engine { failure: Failure::Fault(fault), .. } = &error else { return error };
    match fault {
        Error::Corrupt { show: None, detail } => {
            CliError::refused(Code::Corrupt, format!("{shown} is damaged ({detail})"))
                .hint("`seatcore db restore FILE` puts a backup in its place")
        }
        // The first page says what a file is, and may be what was damaged.
        Error::Storage { reason: StorageReason::Foreign, .. } => {
            let what = format!("{shown} is no database of seatcore, or its beginning is damaged");
            CliError::refused(Code::Storage, what)
                .hint("--db or SEATCORE_DB names another file; `seatcore db restore` a backup")
        }
        _ => error,
    }
}

/// A database can be made here: SQLite would open a device too, and leave files beside it.
///
/// # Errors
/// `storage` where something else than a file is.
pub fn require_file_or_nothing(path: &Path) -> Result<(), CliError> {
    match std::fs::metadata(path) {
        Ok(found) if found.is_dir() => {
            let what = format!("{} is a folder", path.display());
            Err(CliError::refused(Code::Storage, what).hint("name a file in it"))
        }
        Ok(found) if !found.is_file() => {
            Err(CliError::file(path, std::io::Error::other("this is no file")))
        }
        _ => Ok(()),
    }
}

/// Whoever has the file open would go on writing to one that is gone.
///
/// # Errors
/// `in_use`.
pub fn refuse_if_open(path: &Path) -> Result<(), CliError> {
    if !is_open_elsewhere(path) {
        return Ok(());
    }
    Err(CliError::refused(Code::InUse, format!("{} is open elsewhere", path.display()))
        .hint("stop the server and every other program that uses it first"))
}

/// Whether another process has the file open. Not to be asked while this one has: closing any
/// descriptor of it drops the locks that SQLite holds.
pub fn is_open_elsewhere(path: &Path) -> bool {
    let shm = File::options().read(true).write(true).open(with_end(path, "-shm"));
    let mut wanted = Flock::from(FlockType::WriteLock);
    (wanted.start, wanted.length) = (OPEN_BYTE, 1);
    shm.is_ok_and(|shm| matches!(fcntl_getlk(&shm, &wanted), Ok(Some(_))))
}

/// Makes a new name last: it is the folder's, which is flushed.
///
/// # Errors
/// If the folder cannot be flushed.
pub fn sync_folder(path: &Path) -> Result<(), CliError> {
    let folder = folder_of(path);
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|error| CliError::file(folder, error))
}

/// Whether two paths lead to one file.
pub fn same(one: &Path, other: &Path) -> bool {
    let id = |path| std::fs::metadata(path).map(|file| (file.dev(), file.ino())).ok();
    id(one).is_some_and(|one| Some(one) == id(other))
}

/// Gives a new file the owner, group and mode of the one whose place it takes: what root restores,
/// the service must be able to open. Where there is none, the folder's owner has it.
///
/// # Errors
/// Where the owner would be another and we may not say so.
pub fn hand_over(new: &Path, place: &Path) -> Result<(), CliError> {
    let given = match std::fs::metadata(place) {
        Ok(old) => give(new, &old, old.mode() & 0o777),
        Err(_) => match std::fs::metadata(folder_of(place)) {
            Ok(folder) if rustix::process::geteuid().is_root() => give(new, &folder, 0o600),
            _ => Ok(()),
        },
    };
    given.map_err(|error| {
        let what = format!("{} would not belong to whom it belongs now: {error}", place.display());
        CliError::refused(Code::Storage, what).hint("do this as its owner, or as root")
    })
}

fn give(new: &Path, like: &Metadata, mode: u32) -> std::io::Result<()> {
    let now = std::fs::metadata(new)?;
    if (now.uid(), now.gid()) != (like.uid(), like.gid()) {
        chown(new, Some(like.uid()), Some(like.gid()))?;
    }
    std::fs::set_permissions(new, Permissions::from_mode(mode))
}
