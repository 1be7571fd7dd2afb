//! A connection with a watch on both directions: heads of HTTP/1.1 are looked at before they are
//! parsed, and whoever takes nothing of an answer for too long is let go.

use crate::options::Limits;
use crate::strict::Heads;
use hyper::rt::{Read, ReadBufCursor, Write};
use std::io::{Error, ErrorKind};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// Bytes read at once.
const READ_SIZE: usize = 8 * 1024;
/// No parser takes this in any place of a head.
const SPOILT: &[u8] = b"\0\r\n\r\n";

/// A guarded connection.
#[derive(Debug)]
pub struct Guarded<S> {
    stream: S,
    /// None where the heads are not text: HTTP/2 has frames with lengths.
    heads: Option<Heads>,
    spoilt: bool,
    /// A request has begun and its head is not whole.
    begun: Option<Pin<Box<Sleep>>>,
    greeted: bool,
    stalled: Option<Pin<Box<Sleep>>>,
    limits: Limits,
}

impl<S> Guarded<S> {
    /// Guards a connection that speaks HTTP/1.1.
    pub fn text(stream: S, limits: Limits) -> Self {
        Self::new(stream, Some(Heads::default()), limits)
    }

    /// Guards a connection that speaks HTTP/2: what it says is the parser's to judge.
    pub fn frames(stream: S, limits: Limits) -> Self {
        Self::new(stream, None, limits)
    }

    fn new(stream: S, heads: Option<Heads>, limits: Limits) -> Self {
        let (begun, stalled) = (None, None);
        Self { stream, heads, spoilt: false, begun, greeted: false, stalled, limits }
    }

    /// Nothing came: whoever has begun a request may not take for ever to say it.
    fn wait_for_head(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let inside = self.heads.as_ref().map(Heads::is_inside);
        if inside.is_none() || self.greeted && inside == Some(false) {
            self.begun = None;
            return Poll::Pending;
        }
        let patience = self.limits.headers_within;
        let begun = self.begun.get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        ready!(begun.as_mut().poll(context));
        Poll::Ready(Err(Error::new(ErrorKind::TimedOut, "the head takes too long")))
    }

    /// What a write came to; one that does not move runs out of time.
    fn moved<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<Result<T, Error>>,
    ) -> Poll<Result<T, Error>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let patience = self.limits.taken_within;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        ready!(stalled.as_mut().poll(context));
        Poll::Ready(Err(Error::new(ErrorKind::TimedOut, "the client takes nothing")))
    }
}

impl<S: AsyncRead + Unpin> Read for Guarded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut cursor: ReadBufCursor<'_>,
    ) -> Poll<Result<(), Error>> {
        if self.spoilt {
            return Poll::Ready(Ok(()));
        }
        let mut space = [const { MaybeUninit::<u8>::uninit() }; READ_SIZE];
        let size = cursor.remaining().min(READ_SIZE);
        let mut read = ReadBuf::uninit(space.get_mut(..size).unwrap_or_default());
        if Pin::new(&mut self.stream).poll_read(context, &mut read)?.is_pending() {
            return self.wait_for_head(context);
        }
        let bytes = read.filled();
        self.greeted = true;
        let looked = self.heads.as_mut().map_or(Ok(()), |heads| heads.look(bytes));
        if looked.is_err() {
            self.spoilt = true;
            cursor.put_slice(SPOILT.get(..size.min(SPOILT.len())).unwrap_or_default());
            return Poll::Ready(Ok(()));
        }
        cursor.put_slice(bytes);
        if self.heads.as_ref().is_some_and(|heads| !heads.is_inside()) {
            self.begun = None;
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> Write for Guarded<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Result<usize, Error>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.moved(context, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.moved(context, flushed)
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), Error>> {
        let closed = Pin::new(&mut self.stream).poll_shutdown(context);
        self.moved(context, closed)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[std::io::IoSlice<'_>],
    ) -> Poll<Result<usize, Error>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.moved(context, written)
    }
}
