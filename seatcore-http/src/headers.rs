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
    HeaderValue, ORIGIN, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use std::time::Duration;

/// What the dashboard may do: everything from here, nothing from elsewhere, nothing inline.
const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; \
    connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; \
    object-src 'none'; frame-ancestors 'none'";
const SERVER_TIME: HeaderName = HeaderName::from_static("server-time");
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
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

/// Puts on what every answer has.
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
    secure(headers, &app.options);
    let text = |text: &str| HeaderValue::from_str(text).ok();
    if let Some(value) = text(id.as_str()) {
        headers.insert(request_id::HEADER, value);
    }
    if let Some(value) = text(&app.engine.now().to_string()) {
        headers.insert(SERVER_TIME, value);
    }
    if let Some(value) =
        text(&format!("total;dur={}.{:03}", spent.as_millis(), spent.subsec_micros() % 1_000))
    {
        headers.insert(SERVER_TIMING, value);
    }
    share(headers, &app.options, brief.origin.as_ref());
    answer
}

fn secure(headers: &mut HeaderMap, options: &Options) {
    let fixed = [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (OPENER_POLICY, "same-origin"),
        (RESOURCE_POLICY, "same-origin"),
    ];
    for (name, value) in fixed {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    // What says nothing about keeping is somebody's own.
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if options.is_secure() {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(STRICT_TRANSPORT_SECURITY, year);
    }
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
    let lines = headers.get_all(name).iter().filter_map(|line| line.to_str().ok());
    let mut tags = lines.flat_map(|line| line.split(',')).map(str::trim);
    tags.any(|known| {
        let bare = known.strip_prefix("W/").unwrap_or(known);
        known == "*" || bare.strip_prefix('"').and_then(|b| b.strip_suffix('"')) == Some(tag)
    })
}
