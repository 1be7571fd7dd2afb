//! The body of a stream: the beginning, then whatever comes, and a sign of life in between.

use super::broadcast::Heard;
use super::frame::HEARTBEAT;
use super::places::Place;
use bytes::Bytes;
use hyper::body::{Body, Frame};
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, Sleep};

/// A stream's body. Dropped with its connection, it gives its place back.
#[derive(Debug)]
pub struct Stream {
    first: Option<Bytes>,
    rest: mpsc::Receiver<Bytes>,
    patience: Duration,
    heartbeat: Pin<Box<Sleep>>,
    _place: Place,
}

impl Stream {
    /// What this listener hears; after so much silence, a sign of life.
    pub fn new(heard: Heard, patience: Duration, place: Place) -> Self {
        let heartbeat = Box::pin(tokio::time::sleep(patience));
        Self { first: Some(heard.first), rest: heard.rest, patience, heartbeat, _place: place }
    }

    fn rest_heartbeat(&mut self) {
        let next = Instant::now() + self.patience;
        self.heartbeat.as_mut().reset(next);
    }
}

impl Body for Stream {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let stream = self.get_mut();
        if let Some(first) = stream.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        if let Poll::Ready(next) = stream.rest.poll_recv(context) {
            stream.rest_heartbeat();
            return Poll::Ready(next.map(|bytes| Ok(Frame::data(bytes))));
        }
        if stream.heartbeat.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        stream.rest_heartbeat();
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(HEARTBEAT)))))
    }
}
