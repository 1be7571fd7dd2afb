//! A handle on an engine that survives what Python does to its processes: close in one thread
//! while others call, fork, collection at any moment.

use crate::failure::Trouble;
use crate::feed::Shelf;
use parking_lot::{Mutex, RwLock};
use pyo3::prelude::*;
use seatcore::Engine;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;

/// An engine, until it is closed.
pub struct Handle {
    engine: RwLock<Option<Engine>>,
    feeds: Mutex<Vec<Weak<Shelf>>>,
    /// Threads that watch the feed for event loops; they end when the engine closes.
    watchers: Mutex<Vec<JoinHandle<()>>>,
    /// The process that opened it. Threads do not survive a fork, so in a child there is nobody
    /// to answer, and SQLite's connections must not even be closed there.
    pid: u32,
}

impl Handle {
    pub fn new(engine: Engine) -> Self {
        let pid = std::process::id();
        let (feeds, watchers) = (Mutex::default(), Mutex::default());
        Self { engine: RwLock::new(Some(engine)), feeds, watchers, pid }
    }

    /// Whether this process is a fork of the one that opened the engine.
    pub fn forked(&self) -> bool {
        std::process::id() != self.pid
    }

    /// Runs detached from the interpreter. A panic becomes an error: `PanicException` would pass
    /// every `except Exception`.
    pub fn run<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&Engine) -> Result<T, Trouble> + Send,
    ) -> Result<T, Trouble> {
        // Before any lock: whoever held it when the process forked is not here to let go.
        if self.forked() {
            return Err(Trouble::Forked);
        }
        detached(py, || match &*self.engine.read() {
            Some(engine) => work(engine),
            None => Err(Trouble::Closed),
        })
    }

    /// Queues something that answers later: too short to leave the interpreter for.
    pub fn queue<T>(&self, work: impl FnOnce(&Engine) -> T) -> Result<T, Trouble> {
        if self.forked() {
            return Err(Trouble::Forked);
        }
        // Only a close in flight makes this wait, and that ends by itself.
        let engine = self.engine.try_read().ok_or(Trouble::Closed)?;
        engine.as_ref().map(work).ok_or(Trouble::Closed)
    }

    /// A feed's shelf is emptied when the engine closes: it keeps connections open.
    pub fn keep(&self, shelf: &Arc<Shelf>) {
        let mut feeds = self.feeds.lock();
        feeds.retain(|feed| feed.strong_count() > 0);
        feeds.push(Arc::downgrade(shelf));
    }

    /// A watcher keeps connections open too, so closing waits for it.
    pub fn keep_watcher(&self, watcher: JoinHandle<()>) {
        self.watchers.lock().push(watcher);
    }

    /// Whether it was closed.
    pub fn closed(&self) -> bool {
        self.forked() || self.engine.try_read().is_none_or(|engine| engine.is_none())
    }

    /// Answers what is queued, waits for calls that run, and lets go of the file.
    pub fn close(&self, py: Python<'_>) -> Result<(), Trouble> {
        if self.forked() {
            return Ok(());
        }
        detached(py, || {
            let engine = self.engine.read().clone();
            if let Some(engine) = engine {
                engine.close();
            }
            let closed = self.engine.write().take();
            for feed in self.feeds.lock().drain(..) {
                if let Some(shelf) = feed.upgrade() {
                    shelf.clear();
                }
            }
            for watcher in self.watchers.lock().drain(..) {
                drop(watcher.join());
            }
            drop(closed);
            Ok(())
        })
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if self.forked() {
            // Joining a thread that is not here would never end.
            std::mem::forget(self.engine.get_mut().take());
        }
    }
}

/// Runs detached from the interpreter, with panics as errors.
pub fn detached<T: Send>(
    py: Python<'_>,
    work: impl FnOnce() -> Result<T, Trouble> + Send,
) -> Result<T, Trouble> {
    py.detach(|| {
        catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Err(Trouble::Panicked(text.unwrap_or_default()))
        })
    })
}
