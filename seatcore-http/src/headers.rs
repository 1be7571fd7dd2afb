//! The headers that every answer has, and what depends on who reads it: `HEAD`, gzip, CORS.

use crate::answer::{Answer, Payload};
use crate::app::App;
use crate::options::Options;
use crate::request_id::{self, RequestId};
use crate::{origin, serve, squeeze};
use hyper::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ALLOW,
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderName,
    HeaderValue, ORIGIN, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, VARY, WWW_AUTHENTICATE,
    X_CONTENT_TYPE_OPTIONS,
};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use seatcore::clock::Timestamp;
use std::cell::RefCell;
use std::sync::LazyLock;
use std::time::Duration;

/// What the dashboard may do: everything from here, nothing from elsewhere, nothing inline.
const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; \
    connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; \
    object-src 'none'; frame-ancestors 'none'";
const SERVER_TIME: HeaderName = HeaderName::from_static("server-time");
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
/// On every 401. No browser opens a dialog for it, and cookies have no scheme of their own.
const WAY_IN: &str = "Bearer realm=\"seatcore\"";
const EXPOSED: &str = "ETag, Idempotency-Remembered, Idempotency-Replayed, Link, Location, \
    RateLimit, RateLimit-Policy, Retry-After, Server-Time, Server-Timing, X-Request-Id";
const TAKEN: &str = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, \
    Last-Event-ID, X-Request-Id";

/// What the headers of an answer depend on.
#[derive(Debug)]
pub struct Brief {
    /// Of the request.
    pub method: Method,
    squeezed: bool,
    origin: Option<HeaderValue>,
}

impl Brief {
    /// Of this request.
    pub fn of(head: &Parts) -> Self {
        Self {
            method: head.method.clone(),
            squeezed: squeeze::accepted(&head.headers),
            origin: head.headers.get(ORIGIN).cloned(),
        }
    }
}

/// As many as an answer usually has in the end, with some to spare: a copy has the same room.
const HEADERS_USUAL: usize = 24;

/// What every answer has from the beginning, made once: an answer's own headers replace these.
static STANDING: LazyLock<HeaderMap> = LazyLock::new(|| {
    let fixed = [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (OPENER_POLICY, "same-origin"),
        (RESOURCE_POLICY, "same-origin"),
        // What says nothing about keeping is somebody's own.
        (CACHE_CONTROL, "no-store"),
        // Their place is kept for `finish`: a map that grows is copied and put in order anew.
        (request_id::HEADER, ""),
        (SERVER_TIME, ""),
        (SERVER_TIMING, ""),
    ];
    let mut headers = HeaderMap::with_capacity(HEADERS_USUAL);
    headers.extend(fixed.map(|(name, value)| (name, HeaderValue::from_static(value))));
    headers
});

/// What an answer begins with.
pub fn standing() -> HeaderMap {
    STANDING.clone()
}

/// Puts on what only the end of a request knows.
pub fn finish(
    app: &App,
    mut answer: Answer,
    brief: &Brief,
    id: &RequestId,
    spent: Duration,
) -> Answer {
    if brief.method == Method::HEAD {
        answer = serve::without_body(answer);
    } else {
        squeeze_body(&mut answer, brief.squeezed);
    }
    let headers = &mut answer.headers;
    headers.insert(request_id::HEADER, id.header().clone());
    headers.insert(SERVER_TIME, printed(app.engine.now()));
    headers.insert(SERVER_TIMING, timing(spent));
    if app.options.is_secure() {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(STRICT_TRANSPORT_SECURITY, year);
    }
    if answer.status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(WAY_IN));
    }
    share(headers, &app.options, brief.origin.as_ref());
    answer
}

/// A moment as text. Printed once for all that a thread answers within its millisecond.
pub fn printed(moment: Timestamp) -> HeaderValue {
    thread_local! {
        static LAST: RefCell<(Timestamp, HeaderValue)> =
            const { RefCell::new((Timestamp::MAX, HeaderValue::from_static(""))) };
    }
    LAST.with_borrow_mut(|(last, text)| {
        if *last != moment {
            *last = moment;
            *text = HeaderValue::from_str(&moment.to_string()).unwrap_or_else(|_| text.clone());
        }
        text.clone()
    })
}

/// Milliseconds with three decimals, without the formatter: every answer has them.
fn timing(spent: Duration) -> HeaderValue {
    let mut text = Vec::with_capacity(32);
    text.extend_from_slice(b"total;dur=");
    let mut digits = itoa::Buffer::new();
    text.extend_from_slice(digits.format(spent.as_millis()).as_bytes());
    // A thousand more has three digits behind its first, and that one becomes the point.
    let thousandths = digits.format(1_000 + spent.subsec_micros() % 1_000);
    text.push(b'.');
    text.extend_from_slice(thousandths.as_bytes().get(1..).unwrap_or_default());
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static("total"))
}

/// Compresses what is public, whole and large.
fn squeeze_body(answer: &mut Answer, accepted: bool) {
    if !answer.squeezable || !is_text(&answer.headers) {
        return;
    }
    answer.headers.append(VARY, HeaderValue::from_static("accept-encoding"));
    let Payload::Whole(plain) = &answer.body else { return };
    if !accepted || answer.headers.contains_key(CONTENT_ENCODING) {
        return;
    }
    if let Some(squeezed) = squeeze::gzip(plain) {
        answer.body = Payload::Whole(squeezed);
        mark_squeezed(&mut answer.headers);
    }
}

/// Says that the body is compressed: another representation, so its tag is another too.
pub fn mark_squeezed(headers: &mut HeaderMap) {
    headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
}

fn is_text(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.starts_with("text/")
        || kind.contains("json")
        || kind.contains("javascript")
        || kind.contains("svg")
}

/// CORS: for listed origins only, and never for everybody.
fn share(headers: &mut HeaderMap, options: &Options, origin: Option<&HeaderValue>) {
    if options.cors_origins.is_empty() {
        return;
    }
    headers.append(VARY, HeaderValue::from_static("origin"));
    let Some(origin) = origin.filter(|origin| origin::is_listed(options, origin.as_bytes())) else {
        return;
    };
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
}

/// What a path takes; and to a listed origin, that its scripts may ask.
pub fn preflight(options: &Options, head: &Parts, methods: &[Method]) -> Answer {
    let names: Vec<_> = methods.iter().map(Method::as_str).collect();
    let mut answer = Answer::nothing().with(ALLOW, &names.join(", "));
    let listed = head.headers.get(ORIGIN).is_some_and(|o| origin::is_listed(options, o.as_bytes()));
    if listed {
        answer = answer
            .with(ACCESS_CONTROL_ALLOW_METHODS, &names.join(", "))
            .with(ACCESS_CONTROL_ALLOW_HEADERS, TAKEN)
            .with(ACCESS_CONTROL_MAX_AGE, "600");
    }
    answer.status = StatusCode::NO_CONTENT;
    answer
}

/// Whether the asker has this version already. Compares weakly: `*` and lists included.
pub fn has_version(headers: &HeaderMap, tag: &str) -> bool {
    matches(headers, hyper::header::IF_NONE_MATCH, tag)
}

fn matches(headers: &HeaderMap, name: HeaderName, tag: &str) -> bool {
    if !headers.contains_key(&name) {
        return false;
    }
    let lines = headers.get_all(name).iter().filter_map(|line| line.to_str().ok());
    let mut tags = lines.flat_map(|line| line.split(',')).map(str::trim);
    tags.any(|known| {
        let bare = known.strip_prefix("W/").unwrap_or(known);
        known == "*" || bare.strip_prefix('"').and_then(|b| b.strip_suffix('"')) == Some(tag)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_request_took_has_three_decimals() {
        let printed = |micros| timing(Duration::from_micros(micros));
        assert_eq!(printed(0), "total;dur=0.000");
        assert_eq!(printed(7), "total;dur=0.007");
        assert_eq!(printed(1_050), "total;dur=1.050");
        assert_eq!(printed(61_234_567), "total;dur=61234.567");
    }

    #[test]
    fn a_moment_is_printed_anew_when_it_is_another() {
        for millis in [0, 0, 1, 1_000, 1, Timestamp::MIN.millis()] {
            let moment = Timestamp::from_millis(millis);
            assert_eq!(printed(moment), moment.to_string().as_str());
        }
    }
}
