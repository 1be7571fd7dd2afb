//! Problems: every answer that is not yes, as RFC 9457 with the members of `docs/errors.md`.

use crate::clock::Timestamp;
use crate::error::{Code, Error, Failure};
use crate::house::rejection::{Conflict, FieldError, Problem, Range, Rejection, Unit, moment};
use crate::id::ShowId;
use serde::Serialize;

/// A problem object: HTTP's body, and what the command line says with `--json`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ProblemView {
    /// A name for the kind of problem that is the same everywhere.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind, for people.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened this time.
    pub detail: String,
    /// The path that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The frozen word.
    pub code: &'static str,
    /// Names the request in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Whether asking the same again can succeed.
    pub retryable: bool,
    /// Each seat at fault, in the order asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<ConflictView>,
    /// Each wrong field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldView>,
    /// The longest run of seats that is left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub largest: Option<u32>,
    /// How the hold ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<&'static str>,
    /// Which cap was reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    /// The show that stands in the way, or has stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub show: Option<ShowId>,
    /// The step of the batch that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub culprit: Option<u16>,
    /// One word for each step of the batch.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub results: Vec<StepView>,
    /// A wait after which trying again is reasonable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// What kind of trouble the store has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Seats that could be had instead, nearest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alternatives: Option<Vec<Vec<String>>>,
    /// What may help.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// A seat at fault.
#[derive(Debug, Clone, Serialize)]
pub struct ConflictView {
    /// Its label.
    pub seat: String,
    /// Why it cannot be had.
    pub code: &'static str,
}

/// A wrong field.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct FieldView {
    /// Its path, such as `seats` or `commands/2/ttl_s`.
    pub field: String,
    /// What is wrong with it.
    pub detail: String,
    /// What it may be, where it is out of range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<RangeView>,
}

/// What a field may be, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RangeView {
    /// The smallest value.
    pub min: BoundView,
    /// The largest value.
    pub max: BoundView,
    /// What the numbers count: `seats`, `holds`, `commands`, `items`, `characters`, `bytes`,
    /// `seconds`, `minutes` or `amount_minor`; `moment`, where they are moments.
    pub unit: &'static str,
}

/// An end of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum BoundView {
    /// A number, in the unit.
    Number(i64),
    /// A moment.
    Moment(Timestamp),
}

impl From<Range> for RangeView {
    fn from(range: Range) -> Self {
        let bound = |value| match range.unit {
            Unit::Moment => BoundView::Moment(moment(value)),
            _ => BoundView::Number(value),
        };
        Self { min: bound(range.min), max: bound(range.max), unit: range.unit.as_str() }
    }
}

/// What became of a step of a batch that failed.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct StepView {
    /// The culprit's own code; `rolled_back` for every other step.
    pub code: &'static str,
}

impl ProblemView {
    /// A problem with this code.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        let mut title = code.as_str().replace('_', " ");
        if let Some(first) = title.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        Self {
            kind: format!("urn:seatcore:problem:{code}"),
            title,
            status: code.http_status(),
            detail: detail.into(),
            code: code.as_str(),
            retryable: code.retryable(),
            ..Self::default()
        }
    }

    /// What the engine answered.
    pub fn of(failure: &Failure) -> Self {
        let mut problem = Self::new(failure.code(), failure.to_string());
        match failure {
            Failure::Rejected(rejection) => problem.add(rejection),
            Failure::Fault(error) => problem.add_fault(error),
        }
        problem
    }

    /// Names the steps of the batch that this is about.
    pub fn tell_steps(&mut self, steps: usize) {
        let Some(culprit) = self.culprit else { return };
        let word = |step| if step == usize::from(culprit) { self.code } else { ROLLED_BACK };
        self.results = (0..steps).map(|step| StepView { code: word(step) }).collect();
    }

    fn add(&mut self, rejection: &Rejection) {
        match rejection {
            Rejection::Invalid { errors } => {
                self.errors = errors.iter().map(FieldView::of).collect();
            }
            Rejection::Seats { conflicts } => {
                self.conflicts = conflicts.iter().map(ConflictView::of).collect();
            }
            Rejection::NoBlockTogether { largest, .. } => self.largest = Some(*largest),
            Rejection::HoldEnded { state } => self.state = Some(state.as_str()),
            Rejection::OverLimit { limit } => self.limit = Some(limit.to_string()),
            Rejection::Overlap { show } => self.show = Some(*show),
            Rejection::Step { culprit, why } => {
                self.add(why);
                self.culprit = Some(*culprit);
            }
            _ => {}
        }
    }

    fn add_fault(&mut self, error: &Error) {
        match error {
            Error::Busy { retry_after, .. } => {
                self.retry_after_ms = Some(retry_after.as_millis() as u64);
            }
            Error::Storage { reason, .. } => self.reason = Some(reason.to_string()),
            Error::Corrupt { show, .. } => self.show = *show,
            Error::OutcomeUnknown => {}
        }
    }
}

const ROLLED_BACK: &str = Code::RolledBack.as_str();

impl ConflictView {
    fn of(conflict: &Conflict) -> Self {
        Self { seat: conflict.seat.clone(), code: conflict.fault.code().as_str() }
    }
}

impl FieldView {
    /// A wrong field, and why.
    pub fn new(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { field: field.into(), detail: detail.into(), range: None }
    }

    /// A field, and what is wrong with it.
    pub fn of(error: &FieldError) -> Self {
        let range = match error.problem {
            Problem::Range(range) => Some(range.into()),
            _ => None,
        };
        Self { range, ..Self::new(error.field.clone(), error.problem.to_string()) }
    }
}
