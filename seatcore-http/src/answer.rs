//! Answers: what a handler gives back, before the server puts its headers on.

use crate::headers::{has_version, standing};
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use hyper::header::{
    CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, LINK, VARY,
};
use hyper::{Response, StatusCode};
use serde::Serialize;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The answer repeats what a key got before.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Whether a refusal is kept under its key.
pub const REMEMBERED: HeaderName = HeaderName::from_static("idempotency-remembered");

/// Bytes of most bodies: a hold, a booking of some seats.
const USUAL: usize = 512;

/// A body that goes on: events, for instance.
pub type Stream = Pin<Box<dyn Body<Data = Bytes, Error = Infallible> + Send>>;

/// What follows the headers.
pub enum Payload {
    /// Known in full.
    Whole(Bytes),
    /// Made as it goes.
    Stream(Stream),
}

impl std::fmt::Debug for Payload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Whole(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::Stream(_) => f.write_str("a stream"),
        }
    }
}

impl Body for Payload {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.get_mut() {
            Self::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Self::Stream(stream) => stream.as_mut().poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_empty(),
            Self::Stream(stream) => stream.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Stream(stream) => stream.size_hint(),
        }
    }
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers, without those that every answer has.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Payload,
    /// The code of a problem, for the log.
    pub code: Option<&'static str>,
    /// May be sent compressed to whoever takes that: nothing in it is secret.
    pub squeezable: bool,
}

impl Answer {
    /// These bytes.
    pub fn bytes(status: StatusCode, media_type: &'static str, body: impl Into<Bytes>) -> Self {
        let mut headers = standing();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        Self::prepared(status, headers, body.into())
    }

    /// A value as JSON.
    pub fn json(status: StatusCode, value: &impl Serialize) -> Self {
        let mut body = Vec::with_capacity(USUAL);
        // Our own shapes have text keys and finite numbers: they always print.
        let printed = serde_json::to_writer(&mut body, value);
        Self::bytes(status, "application/json", if printed.is_ok() { body } else { Vec::new() })
    }

    /// 200 with JSON.
    pub fn ok(value: &impl Serialize) -> Self {
        Self::json(StatusCode::OK, value)
    }

    /// 201 with JSON, and where the new thing is.
    pub fn created(value: &impl Serialize, place: &str) -> Self {
        Self::json(StatusCode::CREATED, value).with(hyper::header::LOCATION, place)
    }

    /// A page of a list. `next` is the cursor behind its last item.
    pub fn list<T: Serialize>(data: &[T], next: Option<Next<'_>>) -> Self {
        #[derive(Serialize)]
        struct List<'a, T> {
            data: &'a [T],
            next: Option<&'a str>,
        }
        let cursor = next.as_ref().map(|next| next.cursor.as_str());
        let answer = Self::ok(&List { data, next: cursor });
        match next {
            Some(next) => answer.with(LINK, &next.link()),
            None => answer,
        }
    }

    /// 204.
    pub fn nothing() -> Self {
        Self::prepared(StatusCode::NO_CONTENT, standing(), Bytes::new())
    }

    /// These bytes under headers that were made before, the standing ones among them.
    pub fn prepared(status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        Self { status, headers, body: Payload::Whole(body), code: None, squeezable: false }
    }

    /// 304 under the same tag.
    pub fn unchanged(tag: &str) -> Self {
        let mut answer = Self::nothing();
        answer.status = StatusCode::NOT_MODIFIED;
        answer.tag(tag)
    }

    /// 304 under the same weak tag.
    pub fn unchanged_weak(tag: &str) -> Self {
        let mut answer = Self::nothing();
        answer.status = StatusCode::NOT_MODIFIED;
        answer.with(ETAG, &format!("W/\"{tag}\""))
    }

    /// The same for what is sent plain or compressed: 304 has the `Vary` of the 200.
    pub fn unchanged_text(tag: &str) -> Self {
        Self::unchanged_weak(tag).with(VARY, "accept-encoding")
    }

    /// A body that goes on.
    pub fn stream(media_type: &'static str, stream: Stream) -> Self {
        let mut answer = Self::bytes(StatusCode::OK, media_type, Bytes::new());
        answer.body = Payload::Stream(stream);
        answer
    }

    /// With a header.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.append(name, value);
        }
        self
    }

    /// Of something that may have been made by an earlier attempt.
    #[must_use]
    pub fn replayed(self, replayed: bool) -> Self {
        if replayed { self.with(REPLAYED, "true") } else { self }
    }

    /// With a version, without its quotes.
    #[must_use]
    pub fn tag(self, tag: &str) -> Self {
        self.with(ETAG, &format!("\"{tag}\""))
    }

    /// 304 in its place, if the asker has this version already.
    #[must_use]
    pub fn unless_known(mut self, asked: &HeaderMap) -> Self {
        let tag = self.headers.get(ETAG).and_then(|tag| tag.to_str().ok()).unwrap_or_default();
        let bare = tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"');
        if !bare.is_empty() && has_version(asked, bare) {
            self.status = StatusCode::NOT_MODIFIED;
            self.body = Payload::Whole(Bytes::new());
            self.headers.remove(CONTENT_TYPE);
            // 304 has the `Vary` of the 200.
            if std::mem::take(&mut self.squeezable) {
                self.headers.append(VARY, HeaderValue::from_static("accept-encoding"));
            }
        }
        self
    }

    /// How long it may be kept, and by whom.
    #[must_use]
    pub fn kept(mut self, control: &'static str) -> Self {
        self.headers.insert(CACHE_CONTROL, HeaderValue::from_static(control));
        self
    }

    /// May be compressed.
    #[must_use]
    pub fn public(mut self) -> Self {
        self.squeezable = true;
        self
    }

    /// As hyper sends it.
    pub fn into_response(self) -> Response<Payload> {
        let mut response = Response::new(self.body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

/// Where the next page of a list begins.
#[derive(Debug)]
pub struct Next<'a> {
    /// The path of the list.
    pub path: &'a str,
    /// Its query without a cursor.
    pub query: String,
    /// Behind this item.
    pub cursor: String,
}

impl Next<'_> {
    fn link(&self) -> String {
        let Self { path, query, cursor } = self;
        let and = if query.is_empty() { "" } else { "&" };
        format!("<{path}?{query}{and}cursor={cursor}>; rel=\"next\"")
    }
}
