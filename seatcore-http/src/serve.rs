//! One request from its head to its answer, in the order in which it may be refused: shape, path,
//! who asks, from where, rights, body, and only then the engine.

use crate::answer::{Answer, Payload};
use crate::app::App;
use crate::ask::{Ask, Origin};
use crate::identity::{self, Identity};
use crate::options::Limits;
use crate::refusal::Refusal;
use crate::request_id::RequestId;
use crate::route::{Handled, Route, Takes, Who};
use crate::{headers, origin, pages};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use hyper::header::{CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, EXPECT, HeaderValue, IF_MATCH};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode, Version};
use seatcore::accounts::Principal;
use seatcore::clock::Stopwatch;
use seatcore::error::Code;
use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

/// What the log and the figures say about a request.
#[derive(Debug, Default)]
pub struct Told<'a> {
    /// The row, once it was found.
    pub route: Option<&'a Route>,
    /// Who asked.
    pub who: Option<Principal>,
}

/// Answers a request. Never fails, never panics.
pub async fn respond(
    app: &Arc<App>,
    request: Request<Incoming>,
    peer: SocketAddr,
) -> Response<Payload> {
    let watch = Stopwatch::start();
    let (mut head, mut body) = request.into_parts();
    origin::name_host(&mut head);
    let id = RequestId::of(&head.headers);
    let origin = origin::of(&app.options, peer, &head.headers);
    let brief = headers::Brief::of(&head);
    let asked = head.uri.clone();
    let keeps = Keeping::of(&head);
    let mut told = Told::default();
    let handled = guarded(pin!(handle(app, head, &mut body, origin, &mut told))).await;
    let answer = handled.unwrap_or_else(|refusal| match told.route.and_then(|row| row.words) {
        Some(words) => words(&refusal),
        None => refusal.into_answer(asked.path(), id.as_str()),
    });
    let spent = watch.elapsed();
    let mut answer = headers::finish(app, answer, &brief, &id, spent);
    if !body.is_end_stream() && !Box::pin(keeps.read_off(&mut body, answer.status)).await {
        answer.headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    crate::logging::request(app, &brief, &told, &answer, &id, origin, spent);
    answer.into_response()
}

/// Most bytes of a body that nobody wanted which are read all the same, so that its connection may
/// go on and its sender hears the answer; and for how long.
const UNWANTED_MAX: usize = crate::route::BATCH_BODY_MAX;
const UNWANTED_WITHIN: Duration = Duration::from_secs(1);

/// What becomes of a connection whose request was answered before its body was read.
#[derive(Debug, Clone, Copy)]
enum Keeping {
    /// Frames say by themselves where the next request begins.
    Frames,
    /// The body is on its way.
    Sent,
    /// The sender waits to be told whether to send it.
    Waits,
}

impl Keeping {
    fn of(head: &Parts) -> Self {
        match head.version {
            Version::HTTP_2 => Self::Frames,
            _ if head.headers.contains_key(EXPECT) => Self::Waits,
            _ => Self::Sent,
        }
    }

    /// Whether the next request can follow. Reads what is left of the body, if that is little and
    /// comes soon.
    async fn read_off(self, body: &mut Incoming, answered: StatusCode) -> bool {
        let late = answered == StatusCode::REQUEST_TIMEOUT;
        match self {
            Self::Frames => return true,
            Self::Waits => return false,
            Self::Sent if late || body.size_hint().exact().is_none() => return false,
            Self::Sent if body.size_hint().lower() > UNWANTED_MAX as u64 => return false,
            Self::Sent => {}
        }
        let read = async { while let Some(Ok(_)) = body.frame().await {} };
        tokio::time::timeout(UNWANTED_WITHIN, read).await.is_ok() && body.is_end_stream()
    }
}

/// A panic is one request's misfortune.
async fn guarded(mut work: Pin<&mut (impl Future<Output = Handled> + Send)>) -> Handled {
    poll_fn(|context| {
        let poll = || work.as_mut().poll(context);
        std::panic::catch_unwind(AssertUnwindSafe(poll)).unwrap_or_else(|_| {
            tracing::error!("a handler panicked");
            Poll::Ready(Err(Refusal::internal()))
        })
    })
    .await
}

async fn handle<'a>(
    app: &'a Arc<App>,
    head: Parts,
    body: &mut Incoming,
    origin: Origin,
    told: &mut Told<'a>,
) -> Handled {
    origin::check_shape(app, &head)?;
    if head.method == Method::OPTIONS {
        return options(app, &head);
    }
    let path = head.uri.path();
    let route = match app.router.find(&head.method, path) {
        Ok(route) => route,
        Err(refusal) => {
            let lost = refusal.problem.code == Code::NotFound.as_str();
            let page = lost && pages::wants_page(&head.method, path, &head.headers);
            return if page { app.pages.missing(&head.headers) } else { Err(refusal) };
        }
    };
    told.route = Some(route);
    let identity = identity::of(app, &head.headers).await?;
    told.who = Some(identity.principal);
    if !route.is_safe() && identity.ambient {
        origin::check_site(&app.options, &head.headers)?;
    }
    check_rights(route, &identity, origin)?;
    check_condition(route, &head)?;
    let body = match body_max(route, &head, body)? {
        // Kept apart: a request without a body need not carry the space for reading one.
        Some(max) => Box::pin(read_body(&app.options.limits, body, max)).await?,
        None => Bytes::new(),
    };
    let place = route.place;
    let ask = Ask { app: app.clone(), identity, head, place, body, origin };
    let answered = tokio::time::timeout(app.options.limits.answered_within, route.run(ask)).await;
    answered.unwrap_or_else(|_| Err(too_slow(route)))
}

/// What a command came to is not known any more; a question may be asked again.
fn too_slow(route: &Route) -> Refusal {
    let wait = Duration::from_secs(1);
    if route.is_safe() {
        Refusal::later(Code::Busy, "no answer in time", wait)
    } else {
        let detail = "no answer in time: ask again with the same idempotency key";
        Refusal::later(Code::OutcomeUnknown, detail, wait)
    }
}

fn options(app: &App, head: &Parts) -> Handled {
    let methods = app.router.methods(head.uri.path()).ok_or_else(Refusal::no_route)?;
    Ok(headers::preflight(&app.options, head, &methods))
}

fn check_rights(route: &Route, identity: &Identity, origin: Origin) -> Result<(), Refusal> {
    let local = matches!(route.who, Who::MayOrLocal(_)) && origin.loopback;
    if local { Ok(()) } else { identity.require(route.deed()) }
}

/// Whoever says `If-Match` wants a write to be refused rather than done to something else: where
/// nobody looks at it, nothing is done.
fn check_condition(route: &Route, head: &Parts) -> Result<(), Refusal> {
    if route.is_safe() || route.is_conditional() || !head.headers.contains_key(IF_MATCH) {
        return Ok(());
    }
    Err(Refusal::field("If-Match", "is not looked at here: leave it out"))
}

/// The most bytes that this body may have; none, if there is none.
fn body_max(route: &Route, head: &Parts, body: &Incoming) -> Result<Option<usize>, Refusal> {
    if body.is_end_stream() {
        return Ok(None);
    }
    let max = match route.takes {
        Takes::Nothing => return Err(Refusal::unreadable("this request takes no body")),
        Takes::Json(max) | Takes::Image(max) | Takes::LooseJson(max) => max,
    };
    if !matches!(route.takes, Takes::LooseJson(_)) {
        check_type(route.takes, head)?;
    }
    Ok(Some(max))
}

async fn read_body(limits: &Limits, body: &mut Incoming, max: usize) -> Result<Bytes, Refusal> {
    let small = max <= crate::route::BATCH_BODY_MAX;
    let within = if small { limits.body_within } else { limits.large_body_within };
    let too_large = || Refusal::new(Code::TooLarge, format!("at most {max} bytes are taken"));
    if body.size_hint().lower() > max as u64 {
        return Err(too_large());
    }
    match tokio::time::timeout(within, Limited::new(body, max).collect()).await {
        Err(_) => Err(Refusal::new(Code::Timeout, "the body took too long to arrive")),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) => Err(Refusal::unreadable("the body did not arrive whole")),
        Ok(Ok(body)) => Ok(body.to_bytes()),
    }
}

fn check_type(takes: Takes, head: &Parts) -> Result<(), Refusal> {
    if head.headers.contains_key(CONTENT_ENCODING) {
        return Err(Refusal::new(Code::UnsupportedType, "send the body as it is, not encoded"));
    }
    let mut types = head.headers.get_all(CONTENT_TYPE).iter();
    let given = types.next().and_then(|line| line.to_str().ok()).unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let (fits, wanted) = match takes {
        Takes::Image(_) => (essence.starts_with("image/"), "an image"),
        _ => (essence == "application/json", "application/json"),
    };
    if fits && types.next().is_none() {
        return Ok(());
    }
    Err(Refusal::new(Code::UnsupportedType, format!("the body must be {wanted}")))
}

/// A page's worth of nothing, for what answers with headers only. What never has a body tells no
/// length: that of a 304 would be the 200's.
pub(crate) fn without_body(mut answer: Answer) -> Answer {
    if !matches!(answer.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
        let length = answer.body.size_hint().exact();
        if let Some(length) = length {
            answer = answer.with(hyper::header::CONTENT_LENGTH, &length.to_string());
        }
    }
    answer.body = Payload::Whole(Bytes::new());
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handled(work: impl Future<Output = Handled> + Send) -> Handled {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.expect("a runtime").block_on(guarded(pin!(work)))
    }

    #[test]
    fn a_panic_is_one_request_s_misfortune_and_tells_nothing() {
        let fell = handled(async { panic!("canary") });
        let refusal = fell.expect_err("a refusal");
        let answer = refusal.into_answer("/x", "id-1");
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
        let Payload::Whole(body) = answer.body else { panic!("a whole body") };
        let text = String::from_utf8_lossy(&body);
        assert!(text.contains("id-1") && !text.contains("canary"), "{text}");
        assert!(handled(async { Ok(Answer::nothing()) }).is_ok());
    }
}
