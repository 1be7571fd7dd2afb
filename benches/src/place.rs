//! Where files lie, and what a flush costs there: for every rival the same.

use crate::Outcome;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The preloaded shim.
const PRELOAD: &str = "LD_PRELOAD";
/// Results and what was installed for the rivals.
const TARGET: &str = "target/bench";

/// A folder for one run, removed at its end.
#[derive(Debug)]
pub struct Place {
    folder: tempfile::TempDir,
    /// Whether flushes reach a disk.
    pub real_disk: bool,
}

impl Place {
    /// Memory for the emulated flush, the project's own disk for the real one.
    pub fn new(real_disk: bool) -> Outcome<Self> {
        let memory = Path::new("/dev/shm");
        if !real_disk && !memory.is_dir() {
            return Err("/dev/shm is needed; --real-disk measures without it".into());
        }
        let base = if real_disk { target()? } else { memory.to_owned() };
        let folder = tempfile::Builder::new().prefix("seatcore-bench-").tempdir_in(base)?;
        open_to_all(folder.path())?;
        Ok(Self { folder, real_disk })
    }

    /// A path in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A folder in it that did not exist.
    pub fn fresh_folder(&self, name: &str) -> Outcome<PathBuf> {
        let path = self.path(name);
        if path.exists() {
            std::fs::remove_dir_all(&path)?;
        }
        std::fs::create_dir_all(&path)?;
        open_to_all(&path)?;
        Ok(path)
    }

    /// What a flush is here, in words.
    pub const fn flush(&self) -> &'static str {
        if self.real_disk {
            "REAL DISK: files on this machine's disk, real flushes"
        } else {
            "files in memory, every fsync and fdatasync of every rival sleeps 100 µs"
        }
    }
}

/// PostgreSQL runs as a user of its own.
fn open_to_all(folder: &Path) -> Outcome<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o777))?;
    Ok(())
}

/// The workspace's folder.
pub fn root() -> PathBuf {
    let benches = Path::new(env!("CARGO_MANIFEST_DIR"));
    benches.parent().unwrap_or(benches).to_owned()
}

/// Where results go; made if it is not there.
pub fn target() -> Outcome<PathBuf> {
    let target = root().join(TARGET);
    std::fs::create_dir_all(&target)?;
    Ok(target)
}

/// Removes a SQLite file and what lies beside it.
pub fn remove_database(path: &Path) {
    for end in ["", "-wal", "-shm", "-turn"] {
        drop(std::fs::remove_file(format!("{}{end}", path.display())));
    }
}

/// Whether this process and its children flush slowly.
pub fn is_slow() -> bool {
    std::env::var_os(PRELOAD).is_some()
}

/// Compiles the shim and runs this program again under it; answers its exit code.
pub fn again_with_slow_flush() -> Outcome<i32> {
    let source = root().join("benches/slow_flush.c");
    let folder = tempfile::tempdir()?;
    open_to_all(folder.path())?;
    let shim = folder.path().join("slow_flush.so");
    let compile =
        Command::new("cc").args(["-O2", "-shared", "-fPIC", "-o"]).args([&shim, &source]).status();
    if !compile.is_ok_and(|done| done.success()) {
        return Err("cc could not compile slow_flush.c; benches/prepare installs it".into());
    }
    let mut again = Command::new(std::env::current_exe()?);
    let status = again.args(std::env::args_os().skip(1)).env(PRELOAD, &shim).status()?;
    Ok(status.code().unwrap_or(1))
}
