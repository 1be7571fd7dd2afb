//! Refusals: every answer that is not yes, as `application/problem+json`.

use crate::answer::Answer;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use hyper::{Method, StatusCode};
use seatcore::error::{Code, Error, Failure};
use seatcore::house::rejection::{Rejection, What};
use seatcore::wire::{FieldView, ProblemView};
use std::time::Duration;

/// Why a request gets no yes.
#[derive(Debug)]
pub struct Refusal {
    /// What is said.
    pub problem: Box<ProblemView>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// As [`Refusal::after_the_fact`], where the engine itself is asked twice.
pub fn after_the_fact(failure: Failure) -> Failure {
    match failure {
        Failure::Fault(Error::Busy { .. }) => Error::OutcomeUnknown.into(),
        failure => failure,
    }
}

impl Refusal {
    /// A refusal of HTTP's own.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { problem: Box::new(ProblemView::new(code, detail)), headers: Vec::new() }
    }

    /// There is no such path, or nothing behind it.
    pub fn not_found(what: What) -> Self {
        Rejection::NotFound { what }.into()
    }

    /// The path itself is unknown.
    pub fn no_route() -> Self {
        Self::new(Code::NotFound, "there is nothing at this path")
    }

    /// What came cannot be read: 400, where `invalid` is else 422.
    pub fn unreadable(detail: impl Into<String>) -> Self {
        Self::new(Code::Invalid, detail).status(StatusCode::BAD_REQUEST)
    }

    /// Wrong fields, in the words of the request: 422.
    pub fn fields(errors: Vec<FieldView>) -> Self {
        let mut refusal = Self::new(Code::Invalid, "");
        refusal.problem.errors = errors;
        refusal.tell_fields();
        refusal
    }

    /// One field of the wrong kind: 400.
    pub fn field(field: &str, detail: impl Into<String>) -> Self {
        let errors = vec![FieldView::new(field, detail)];
        Self::fields(errors).status(StatusCode::BAD_REQUEST)
    }

    /// Wrong fields under the names that the request has for them.
    #[must_use]
    pub fn renamed(mut self, rename: impl Fn(&FieldView) -> Option<String>) -> Self {
        let problem = &mut self.problem;
        if problem.culprit.is_some() || problem.errors.is_empty() {
            return self;
        }
        for error in &mut problem.errors {
            if let Some(name) = rename(error) {
                error.field = name;
            }
        }
        self.tell_fields();
        self
    }

    fn tell_fields(&mut self) {
        let errors = &self.problem.errors;
        let said: Vec<_> = errors.iter().map(|e| format!("{} {}", e.field, e.detail)).collect();
        self.problem.detail = format!("invalid: {}", said.join(", "));
    }

    /// What was asked has taken effect, and what it came to could not be read: nobody may be told
    /// that nothing happened.
    #[must_use]
    pub fn after_the_fact(self) -> Self {
        if self.code() == Code::Busy.as_str() { Error::OutcomeUnknown.into() } else { self }
    }

    /// The path has other methods.
    pub fn method(allowed: &[Method]) -> Self {
        let names: Vec<_> = allowed.iter().map(Method::as_str).collect();
        let list = names.join(", ");
        let refusal = Self::new(Code::MethodNotAllowed, format!("this path takes {list}"));
        refusal.header(ALLOW, &list)
    }

    /// Too much of something; asking later helps.
    pub fn later(code: Code, detail: impl Into<String>, wait: Duration) -> Self {
        let mut refusal = Self::new(code, detail);
        refusal.problem.retry_after_ms = Some(wait.as_millis() as u64);
        refusal.wait(wait)
    }

    /// A bug of ours: nothing of it is shown.
    pub fn internal() -> Self {
        let mut refusal = Self::new(Code::Storage, "the server failed; the log says why");
        refusal.problem.reason = Some("internal".to_owned());
        refusal.status(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Under another status than the code's own.
    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.problem.status = status.as_u16();
        self
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }

    /// Whether it repeats what a key got before.
    pub fn is_replayed(&self) -> bool {
        self.headers.iter().any(|(name, _)| *name == crate::answer::REPLAYED)
    }

    /// Headers of its own.
    pub fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.headers
    }

    /// Its code.
    pub fn code(&self) -> &'static str {
        self.problem.code
    }

    fn wait(self, wait: Duration) -> Self {
        let seconds = wait.as_millis().div_ceil(1_000).max(1);
        self.header(RETRY_AFTER, &seconds.to_string())
    }

    /// As a response. `path` and `id` say which request this was.
    pub fn into_answer(mut self, path: &str, id: &str) -> Answer {
        self.problem.instance = Some(path.to_owned());
        self.problem.request_id = Some(id.to_owned());
        let status = StatusCode::from_u16(self.problem.status);
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut answer = Answer::json(status, &self.problem);
        answer.code = Some(self.problem.code);
        answer.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        answer.headers.extend(self.headers);
        answer
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        let problem = Box::new(ProblemView::of(&failure));
        let refusal = Self { problem, headers: Vec::new() }.renamed(written);
        match failure {
            Failure::Fault(Error::Busy { retry_after, .. }) => refusal.wait(retry_after),
            Failure::Fault(Error::OutcomeUnknown) => refusal.wait(Duration::from_secs(1)),
            // What the disk or the file says is for the log and for staff at the machine.
            Failure::Fault(Error::Storage { .. }) => refusal.quiet("storage: see the server's log"),
            Failure::Fault(Error::Corrupt { .. }) => {
                refusal.quiet("stored data contradicts itself: see `seatcore verify`")
            }
            _ => refusal,
        }
    }
}

impl Refusal {
    fn quiet(mut self, detail: &str) -> Self {
        tracing::error!(code = self.problem.code, detail = self.problem.detail);
        self.problem.detail = detail.to_owned();
        self
    }
}

/// Where a request has a field of the engine's, which names them by themselves.
fn written(error: &FieldView) -> Option<String> {
    let path = error.field.as_str();
    if error.range.is_some_and(|range| range.unit == "amount_minor") {
        return Some(format!("{path}/amount_minor"));
    }
    let (before, field) = path.split_at(path.rfind('/').map_or(0, |at| at + 1));
    let inside = match field {
        "key" => return Some("Idempotency-Key".to_owned()),
        "count" | "accessible" => "best",
        "opens_at" | "closes_at" => "sales",
        "hold_life_s" | "holds_per_holder" | "seats_per_holder" => "limits",
        _ => return None,
    };
    // A tier may have any of these names.
    (before != "tiers/").then(|| format!("{before}{inside}/{field}"))
}

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        Failure::from(rejection).into()
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Failure::from(error).into()
    }
}
