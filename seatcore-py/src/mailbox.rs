//! Answers for an event loop, by a socket that the loop watches.
//!
//! Whoever completes a reply (the lane, after its commit) notes a number and writes at most one
//! byte; the loop then collects everything that is done. No thread of ours touches the
//! interpreter, and thousands of commands may be pending without a thread each.

use crate::failure::Trouble;
use crate::handle::Handle;
use crate::pending::{Answer, Pending, printed};
use parking_lot::Mutex;
use pyo3::prelude::*;
use pyo3::types::PyList;
use seatcore::engine::feed::{Cursor, Feed, Growth};
use std::collections::{BTreeMap, HashMap};
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

/// The number that stands for "the feed has grown".
const FEED_TOKEN: u64 = 0;
/// How long the feed's thread sleeps before it looks whether anybody still listens.
const PATIENCE: Duration = Duration::from_secs(1);

/// Where numbers of completed replies are left.
struct Post {
    bell: UnixStream,
    rung: AtomicBool,
    ready: Mutex<Vec<u64>>,
}

impl Post {
    fn deliver(&self, token: u64) {
        self.ready.lock().push(token);
        if !self.rung.swap(true, Ordering::SeqCst) {
            // A full socket has rung already; one whose reader is gone has nobody to tell.
            drop((&self.bell).write(&[1]));
        }
    }
}

/// Wakes by leaving its number.
struct Letter {
    post: Arc<Post>,
    token: u64,
}

impl Wake for Letter {
    fn wake(self: Arc<Self>) {
        self.post.deliver(self.token);
    }
}

enum Waiting {
    Reply(Pin<Box<dyn Future<Output = Answer> + Send>>, bool),
    Answer(Answer, bool),
}

/// One event loop's answers.
#[pyclass(frozen, module = "seatcore._seatcore")]
pub struct Mailbox {
    post: Arc<Post>,
    door: UnixStream,
    waiting: Mutex<HashMap<u64, Waiting>>,
    watching: AtomicBool,
}

#[pymethods]
impl Mailbox {
    #[new]
    fn new() -> PyResult<Self> {
        let (bell, door) = UnixStream::pair()?;
        bell.set_nonblocking(true)?;
        door.set_nonblocking(true)?;
        let post = Post { bell, rung: AtomicBool::new(false), ready: Mutex::default() };
        let (waiting, watching) = (Mutex::default(), AtomicBool::new(false));
        Ok(Self { post: Arc::new(post), door, waiting, watching })
    }

    /// What the loop watches for reading.
    fn fileno(&self) -> i32 {
        self.door.as_raw_fd()
    }

    /// Has this command's answer delivered under this number.
    fn expect(&self, token: u64, pending: &Bound<'_, Pending>) -> PyResult<()> {
        let (reply, single) = pending.get().take()?;
        let mut reply: Pin<Box<dyn Future<Output = Answer> + Send>> = Box::pin(reply.answered());
        let waker = Waker::from(Arc::new(Letter { post: self.post.clone(), token }));
        // Kept through the first look, so that an answer cannot be collected before it is here.
        let mut waiting = self.waiting.lock();
        let kept = match reply.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Pending => Waiting::Reply(reply, single),
            Poll::Ready(answer) => {
                self.post.deliver(token);
                Waiting::Answer(answer, single)
            }
        };
        waiting.insert(token, kept);
        Ok(())
    }

    /// Everything that is done: number, whether it is a result, the result or the exception.
    fn collect<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let mut bytes = [0; 64];
        while matches!((&self.door).read(&mut bytes), Ok(read) if read == bytes.len()) {}
        self.post.rung.store(false, Ordering::SeqCst);
        let tokens = std::mem::take(&mut *self.post.ready.lock());
        let list = PyList::empty(py);
        for token in tokens {
            if token == FEED_TOKEN {
                list.append((token, true, py.None()))?;
            } else if let Some((answer, single)) = self.done(token) {
                match printed(py, answer, single) {
                    Ok(value) => list.append((token, true, value))?,
                    Err(error) => list.append((token, false, error.into_value(py)))?,
                }
            }
        }
        Ok(list)
    }

    /// Has the loop told, from now on, whenever the engine's feed grows.
    fn watch(&self, py: Python<'_>, engine: &Bound<'_, crate::engine::Engine>) -> PyResult<()> {
        if self.watching.swap(true, Ordering::SeqCst) {
            return Ok(());
        }
        let handle: &Handle = engine.get().handle();
        let feed = handle.run(py, |engine| {
            let (epoch, _) = engine.position()?;
            Ok(engine.feed(Cursor { epoch, shows: BTreeMap::new() })?)
        })?;
        let post = Arc::downgrade(&self.post);
        let bell = std::thread::Builder::new().name("seatcore-feed".to_owned());
        handle.keep_watcher(bell.spawn(move || ring(feed, &post))?);
        Ok(())
    }
}

impl Mailbox {
    fn done(&self, token: u64) -> Option<(Answer, bool)> {
        let kept = self.waiting.lock().remove(&token)?;
        let (mut reply, single) = match kept {
            Waiting::Answer(answer, single) => return Some((answer, single)),
            Waiting::Reply(reply, single) => (reply, single),
        };
        match reply.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => Some((answer, single)),
            Poll::Pending => None,
        }
    }
}

/// Rings whenever the feed grows; ends with the engine, or when nobody listens.
fn ring(mut feed: Feed, post: &Weak<Post>) {
    loop {
        let growth = feed.growth_within(PATIENCE);
        let Some(post) = post.upgrade() else { return };
        match growth {
            Growth::Quiet => continue,
            Growth::Grown => {
                // No show is followed here: this only moves past what there is.
                if feed.try_next().is_err() {
                    return post.deliver(FEED_TOKEN);
                }
                post.deliver(FEED_TOKEN);
            }
            Growth::Closed => return post.deliver(FEED_TOKEN),
        }
    }
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        seatcore::Error::storage(seatcore::error::StorageReason::Io, error).into()
    }
}
