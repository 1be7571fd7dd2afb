//! One request on its way through the server.

use crate::answer::Answer;
use crate::app::App;
use crate::identity::Identity;
use crate::json::Fields;
use crate::query::{Query, decoded};
use crate::refusal::Refusal;
use bytes::Bytes;
use hyper::header::HeaderName;
use hyper::http::request::Parts;
use seatcore::engine::creating::{Created, Creating};
use seatcore::house::event::Source;
use seatcore::house::rejection::{Rejection, What};
use seatcore::{Failure, Reply};
use serde::Serialize;
use std::borrow::Cow;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

/// Makes a retry safe.
const KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Where a request came from.
#[derive(Debug, Clone, Copy)]
pub struct Origin {
    /// The client's address: the connection's, or what a trusted proxy says.
    pub address: IpAddr,
    /// The connection comes from this machine, and nothing says that it is for somebody else.
    pub loopback: bool,
    /// The client's side is encrypted.
    pub secure: bool,
}

/// A request whose asker is known and whose body has arrived.
#[derive(Debug)]
pub struct Ask {
    /// The server.
    pub app: Arc<App>,
    /// Who asks.
    pub identity: Identity,
    /// The request line and headers.
    pub head: Parts,
    /// The row's place in the route table.
    pub(crate) place: usize,
    /// The body; empty if there is none.
    pub body: Bytes,
    /// Where it came from.
    pub origin: Origin,
}

impl Ask {
    /// A part of the path, read as what it names; what cannot be read names nothing.
    ///
    /// # Errors
    /// `not_found`.
    pub fn param<T: FromStr>(&self, name: &str, what: What) -> Result<T, Refusal> {
        let text = self.part(name).ok_or_else(|| Refusal::not_found(what))?;
        text.parse().map_err(|_| Refusal::not_found(what))
    }

    /// A part of the path.
    pub fn text_param(&self, name: &str) -> Option<String> {
        self.part(name).map(Cow::into_owned)
    }

    fn part(&self, name: &str) -> Option<Cow<'_, str>> {
        let route = self.app.router.table().get(self.place)?;
        decoded(route.part(self.head.uri.path(), name)?)
    }

    /// The query.
    ///
    /// # Errors
    /// `invalid`.
    pub fn query(&self) -> Result<Query, Refusal> {
        Query::read(self.head.uri.query().unwrap_or_default())
    }

    /// The body's fields.
    ///
    /// # Errors
    /// `invalid`.
    pub fn fields(&self) -> Result<Fields<'_>, Refusal> {
        Fields::read(&self.body)
    }

    /// A header, if it is text.
    pub fn header(&self, name: impl hyper::header::AsHeaderName) -> Option<&str> {
        self.head.headers.get(name)?.to_str().ok()
    }

    /// The idempotency key; the quotes of a structured field are no part of it.
    ///
    /// # Errors
    /// `invalid`, if there are two or it is not printable text.
    pub fn key(&self) -> Result<Option<String>, Refusal> {
        let mut keys = self.head.headers.get_all(KEY).iter();
        let Some(key) = keys.next() else { return Ok(None) };
        let text = key.to_str().ok().filter(|_| keys.next().is_none());
        let Some(text) = text else {
            return Err(Refusal::field("Idempotency-Key", "is not one printable text"));
        };
        let bare = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        Ok(Some(bare.unwrap_or(text).to_owned()))
    }

    /// Refuses an idempotency key where none is kept and a repeat would make another.
    ///
    /// # Errors
    /// `invalid`, if there is one.
    pub fn unkeyed(&self) -> Result<(), Refusal> {
        if self.head.headers.contains_key(KEY) {
            return Err(Refusal::field("Idempotency-Key", "is not kept here: leave it out"));
        }
        Ok(())
    }

    /// Asks the engine something that may wait for the disk, away from the threads that serve.
    ///
    /// # Errors
    /// What the engine answers; `busy`, if too many such questions wait.
    pub async fn engine<T: Send + 'static>(
        &self,
        question: impl FnOnce(&seatcore::Engine) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Refusal> {
        self.app.engine(question).await
    }

    /// Makes something new in the catalogue as whoever asks, under their key if they sent one.
    ///
    /// # Errors
    /// What the engine answers.
    pub async fn create<T: Send + 'static>(
        &self,
        make: impl FnOnce(&Creating<'_>) -> Result<Created<T>, Failure> + Send + 'static,
    ) -> Result<Created<T>, Refusal> {
        let (by, key) = (self.identity.holder()?.to_string(), self.key()?);
        let keyed = key.is_some();
        let made = self.engine(move |engine| {
            let desk = engine.creating().by(by).source(Source::Http);
            make(&match key {
                Some(key) => desk.key(key),
                None => desk,
            })
        });
        made.await.map_err(|refusal| {
            if keyed { refusal.header(crate::answer::REMEMBERED, "false") } else { refusal }
        })
    }

    /// Awaits what became of a command.
    ///
    /// # Errors
    /// What the engine answers. To a customer somebody else's hold is no hold at all.
    pub async fn outcome<T: Serialize + Unpin>(
        &self,
        reply: Reply<T>,
        print: impl FnOnce(&T) -> Answer,
        what: What,
    ) -> Result<Answer, Refusal> {
        let answered = reply.answered().await;
        match answered.result {
            Ok(value) if answered.replayed => {
                Ok(print(&value).with(crate::answer::REPLAYED, "true"))
            }
            Ok(value) => Ok(print(&value)),
            Err(failure) => {
                let mut refusal = Refusal::from(self.masked(failure, what));
                if answered.replayed {
                    refusal = refusal.header(crate::answer::REPLAYED, "true");
                } else if !answered.remembered && self.head.headers.contains_key(KEY) {
                    refusal = refusal.header(crate::answer::REMEMBERED, "false");
                }
                Err(refusal)
            }
        }
    }

    /// What belongs to somebody else does not exist for customers.
    pub fn masked(&self, failure: Failure, what: What) -> Failure {
        match failure {
            Failure::Rejected(Rejection::NotHolder) if self.identity.sees_only_own() => {
                Rejection::NotFound { what }.into()
            }
            other => other,
        }
    }
}
