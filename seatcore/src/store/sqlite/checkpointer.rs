//! Checkpoints of the write-ahead log beside the lane: a thread with a connection of its own copies
//! pages into the file while turns go on, and the lane copies the few that came meanwhile, after
//! which the log begins anew. In the lane alone, every 4,000 pages would stop everybody for as long
//! as they take to copy and two flushes.

use crate::error::Error;
use crate::store::sqlite::open;
use crate::store::sqlite::statement::one;
use parking_lot::{Condvar, Mutex};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

/// Copies what can be copied without anybody waiting; answers how many pages are left.
pub(super) fn checkpoint(connection: &Connection) -> Result<i32, Error> {
    let left = one(connection, "PRAGMA wal_checkpoint(PASSIVE)", [], |row| {
        Ok(row.get::<_, i32>(1)? - row.get::<_, i32>(2)?)
    })?;
    Ok(left.unwrap_or(0).max(0))
}

/// Moves all of the log into the file, waiting for others as the connection does; answers whether
/// nothing of it is left.
pub(super) fn empty(connection: &Connection) -> Result<bool, Error> {
    let busy = one(connection, "PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0))?;
    Ok(busy == Some(0))
}

/// The thread, once it was needed, and how far it is.
#[derive(Debug)]
pub(super) struct Checkpointer {
    path: PathBuf,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    stage: Mutex<Stage>,
    changed: Condvar,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Stage {
    #[default]
    Idle,
    Asked,
    Done,
    Closing,
}

impl Checkpointer {
    /// One for this file; no thread yet.
    pub(super) fn beside(path: &Path) -> Self {
        Self { path: path.to_path_buf(), shared: Arc::default(), thread: None }
    }

    /// Asks for a checkpoint unless one is under way. Whether one has ended since the last time.
    pub(super) fn advance(&mut self) -> bool {
        let mut stage = self.shared.stage.lock();
        match *stage {
            Stage::Done => *stage = Stage::Idle,
            Stage::Idle => *stage = Stage::Asked,
            Stage::Asked | Stage::Closing => return false,
        }
        let ended = *stage == Stage::Idle;
        drop(stage);
        if !ended {
            self.shared.changed.notify_one();
            self.ensure_thread();
        }
        ended
    }

    /// Where no thread is to be had, the lane goes on alone.
    fn ensure_thread(&mut self) {
        if self.thread.is_some() {
            return;
        }
        let (path, shared) = (self.path.clone(), self.shared.clone());
        let builder = std::thread::Builder::new().name("seatcore-wal".into());
        match builder.spawn(move || serve(&path, &shared)) {
            Ok(thread) => self.thread = Some(thread),
            Err(_) => *self.shared.stage.lock() = Stage::Done,
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        *self.shared.stage.lock() = Stage::Closing;
        self.shared.changed.notify_one();
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// What fails here the lane finds out by itself: it has pages left to copy.
fn serve(path: &Path, shared: &Shared) {
    let mut connection = None;
    while shared.wait_until_asked() {
        if connection.is_none() {
            connection = open::checkpointer(path).ok();
        }
        drop(connection.as_ref().map(checkpoint));
        shared.end();
    }
}

impl Shared {
    /// Whether there is something to do; otherwise it is the end.
    fn wait_until_asked(&self) -> bool {
        let mut stage = self.stage.lock();
        self.changed.wait_while(&mut stage, |stage| matches!(stage, Stage::Idle | Stage::Done));
        *stage == Stage::Asked
    }

    fn end(&self) {
        let mut stage = self.stage.lock();
        if *stage == Stage::Asked {
            *stage = Stage::Done;
        }
    }
}
