//! What an HTTP/2 connection is busy with. Its requests share one socket, which never stalls as
//! long as one of them moves, and which may stay silent for ever without breaking any rule: so
//! each answer is watched by itself, and so is a connection without any.

use crate::answer::Payload;
use crate::options::Limits;
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::Instant;

/// An answer is handed over in pieces of a frame, each only when the client has room for it.
const PIECE: usize = 16 * 1024;

/// Why a connection should end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Nothing was asked for a while.
    Idle,
    /// A client takes nothing of an answer.
    Stalled,
}

/// The open requests of one connection.
#[derive(Debug)]
pub struct Flow {
    limits: Limits,
    requests: Mutex<Requests>,
}

#[derive(Debug)]
struct Requests {
    begun: u64,
    /// Until when something of each answer must have been taken; none before it is made.
    open: FxHashMap<u64, Option<Instant>>,
    /// Since when nothing is open.
    quiet: Instant,
}

/// A request that is not answered to the end.
#[derive(Debug)]
pub struct Open {
    flow: Arc<Flow>,
    number: u64,
}

impl Flow {
    /// Nothing was asked yet.
    pub fn new(limits: Limits) -> Arc<Self> {
        let requests = Requests { begun: 0, open: FxHashMap::default(), quiet: Instant::now() };
        Arc::new(Self { limits, requests: Mutex::new(requests) })
    }

    /// A request begins.
    pub fn begin(self: &Arc<Self>) -> Open {
        let mut requests = self.requests.lock();
        requests.begun += 1;
        let number = requests.begun;
        requests.open.insert(number, None);
        Open { flow: self.clone(), number }
    }

    /// Ready when the connection should end.
    pub async fn end(&self) -> End {
        loop {
            let now = Instant::now();
            let due = self.due();
            if let Some((at, end)) = due
                && at <= now
            {
                return end;
            }
            // Requests come and go meanwhile: no deadline is sooner than this after they do.
            let look = now + self.limits.taken_within.min(self.limits.headers_within);
            tokio::time::sleep_until(due.map_or(look, |(at, _)| at.min(look))).await;
        }
    }

    fn due(&self) -> Option<(Instant, End)> {
        let requests = self.requests.lock();
        if requests.open.is_empty() {
            let Limits { headers_within, idle_within, .. } = self.limits;
            let patience = if requests.begun == 0 { headers_within } else { idle_within };
            return Some((requests.quiet + patience, End::Idle));
        }
        let first = requests.open.values().flatten().min();
        first.map(|deadline| (*deadline, End::Stalled))
    }
}

impl Open {
    /// The body of its answer, which is watched from now on.
    pub fn answered(self, body: Payload) -> Watched {
        let Limits { taken_within, streams, .. } = self.flow.limits;
        // A stream that has nothing to say is asked again with each heartbeat.
        let patience = match &body {
            Payload::Whole(_) => taken_within,
            Payload::Stream(_) => taken_within + streams.heartbeat,
        };
        let watched = Watched { body, rest: Bytes::new(), patience, open: self };
        watched.taken();
        watched
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut requests = self.flow.requests.lock();
        requests.open.remove(&self.number);
        if requests.open.is_empty() {
            requests.quiet = Instant::now();
        }
    }
}

/// A body that says when something of it was taken.
#[derive(Debug)]
pub struct Watched {
    body: Payload,
    /// Of a piece that was too large for a frame.
    rest: Bytes,
    patience: Duration,
    open: Open,
}

impl Watched {
    fn taken(&self) {
        let deadline = Instant::now() + self.patience;
        self.open.flow.requests.lock().open.insert(self.open.number, Some(deadline));
    }

    fn piece(&mut self) -> Frame<Bytes> {
        let size = self.rest.len().min(PIECE);
        Frame::data(self.rest.split_to(size))
    }
}

impl Body for Watched {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let body = self.get_mut();
        body.taken();
        if body.rest.is_empty() {
            let next = ready!(Pin::new(&mut body.body).poll_frame(context));
            match next.map(|frame| frame.map(Frame::into_data)) {
                Some(Ok(Ok(bytes))) => body.rest = bytes,
                _ => return Poll::Ready(None),
            }
        }
        Poll::Ready(Some(Ok(body.piece())))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        match self.body.size_hint().exact() {
            Some(left) => SizeHint::with_exact(left + self.rest.len() as u64),
            None => SizeHint::default(),
        }
    }
}
