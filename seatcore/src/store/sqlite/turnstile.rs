//! The turnstile: fairness between processes on one file, never safety.
//!
//! Whoever waits for the write lock stands in the turnstile, so a process that just committed
//! must queue behind it. SQLite's own waiting is polling with back-off, under which a busy
//! process can keep a second one out for seconds.

use super::open::make_private;
use crate::clock::Stopwatch;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long to stand in line before going on without: a process stopped inside must not stop all.
const PATIENCE: Duration = Duration::from_secs(1);
const STEP: Duration = Duration::from_micros(50);

/// A lock file beside the database.
#[derive(Debug)]
pub(super) struct Turnstile(Option<File>);

impl Turnstile {
    /// Opens `<file>-turn`; where that is impossible there is no fairness, and all goes on.
    pub(super) fn beside(database: &Path) -> Self {
        let mut name = database.as_os_str().to_owned();
        name.push("-turn");
        let path = PathBuf::from(name);
        // Whoever may not write the database must not be able to stand in its way.
        let made = make_private(&path);
        Self(made.and_then(|()| File::options().read(true).write(true).open(path)).ok())
    }

    /// Stands in line, runs `work` (which takes the write lock), and lets the next one in.
    pub(super) fn pass<T>(&self, work: impl FnOnce() -> T) -> T {
        let Some(file) = &self.0 else { return work() };
        let entered = Self::enter(file);
        let done = work();
        if entered {
            drop(file.unlock());
        }
        done
    }

    fn enter(file: &File) -> bool {
        let mut waited: Option<Stopwatch> = None;
        loop {
            if file.try_lock().is_ok() {
                return true;
            }
            if waited.get_or_insert_with(Stopwatch::start).elapsed() > PATIENCE {
                return false;
            }
            std::thread::sleep(STEP);
        }
    }
}
