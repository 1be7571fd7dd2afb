//! Failures as Python exceptions: the classes are Python's own, in `seatcore/errors.py`.

use crate::shape;
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple};
use seatcore::error::BusyReason;
use seatcore::house::rejection::{FieldError, Problem, Rejection};
use seatcore::wire::{BoundView, FieldView, RangeView};
use seatcore::{Error, Failure};

/// Why a call has no result.
#[derive(Debug)]
pub enum Trouble {
    /// The engine said no, or failed.
    Failure(Failure),
    /// The engine was closed.
    Closed,
    /// This process is a fork of the one that opened the engine.
    Forked,
    /// Our own code panicked.
    Panicked(String),
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<Rejection> for Trouble {
    fn from(rejection: Rejection) -> Self {
        Self::Failure(rejection.into())
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Failure(error.into())
    }
}

impl From<Trouble> for PyErr {
    fn from(trouble: Trouble) -> Self {
        Python::attach(|py| match exception(py, &trouble) {
            Ok(exception) => Self::from_value(exception),
            Err(error) => error,
        })
    }
}

/// One field of a request that cannot be read.
pub fn unreadable(field: &str) -> Trouble {
    Rejection::invalid(field, Problem::Unreadable).into()
}

/// One field of a request that nobody may be called.
pub fn no_name(field: &str) -> Trouble {
    Rejection::invalid(field, Problem::Name).into()
}

/// The exception that a trouble is raised as.
pub fn exception<'py>(py: Python<'py>, trouble: &Trouble) -> PyResult<Bound<'py, PyAny>> {
    let details = PyDict::new(py);
    match trouble {
        Trouble::Failure(Failure::Rejected(rejection)) => describe(rejection, &details)?,
        Trouble::Failure(Failure::Fault(error)) => describe_fault(error, &details)?,
        Trouble::Closed | Trouble::Forked | Trouble::Panicked(_) => {}
    }
    let (word, message) = match trouble {
        Trouble::Failure(Failure::Fault(Error::Busy { reason: BusyReason::Closing, .. })) => {
            ("closed", String::new())
        }
        Trouble::Failure(failure) => (failure.code().as_str(), said(failure)),
        Trouble::Closed => ("closed", String::new()),
        Trouble::Forked => ("forked", String::new()),
        Trouble::Panicked(message) => ("panicked", message.clone()),
    };
    static MAKE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let make = MAKE.import(py, "seatcore.errors", "_from_native")?;
    make.call1((word, message, details))
}

/// What happened, with fields as arguments.
fn said(failure: &Failure) -> String {
    let Failure::Rejected(Rejection::Invalid { errors }) = failure else {
        return failure.to_string();
    };
    Rejection::Invalid { errors: by_argument(errors) }.to_string()
}

/// What is wrong, by argument: two fields of the engine's may be one of ours.
fn by_argument(errors: &[FieldError]) -> Vec<FieldError> {
    let mut told: Vec<FieldError> = Vec::with_capacity(errors.len());
    for error in errors {
        let error = FieldError { field: argument(&error.field), ..error.clone() };
        if !told.contains(&error) {
            told.push(error);
        }
    }
    told
}

/// The argument that a field of the engine's is: `extend` takes a `ttl`.
fn argument(path: &str) -> String {
    let (before, field) = path.split_at(path.rfind('/').map_or(0, |at| at + 1));
    let before = match before.strip_prefix("commands/") {
        Some(step) => format!("steps/{step}"),
        // A tier may have any name.
        None if !before.is_empty() => return path.to_owned(),
        None => String::new(),
    };
    let name = match field {
        "ttl_s" | "extend_s" => "ttl",
        "key" => "idempotency_key",
        "by" => "holder",
        "grouping" => "by",
        "starts_at" => "starts",
        "ends_at" => "ends",
        "opens_at" => "sales_open",
        "closes_at" => "sales_close",
        "cleaning_s" => "cleaning",
        "hold_life_s" => "hold_life",
        "commands" => "steps",
        field => field,
    };
    before + name
}

/// Smallest, largest, and of what.
fn tell_range<'py>(py: Python<'py>, range: RangeView) -> PyResult<Bound<'py, PyTuple>> {
    let end = |bound| match bound {
        BoundView::Moment(at) => shape::moment(py, at)?.into_bound_py_any(py),
        BoundView::Number(number) => number.into_bound_py_any(py),
        _ => py.None().into_bound_py_any(py),
    };
    PyTuple::new(py, [end(range.min)?, end(range.max)?, range.unit.into_bound_py_any(py)?])
}

/// The details of a batch's failing step, and its index.
fn describe(rejection: &Rejection, details: &Bound<'_, PyDict>) -> PyResult<()> {
    let py = details.py();
    match rejection {
        Rejection::Invalid { errors } => {
            let errors = by_argument(errors);
            let said = errors.iter().map(|error| (&error.field, error.problem.to_string()));
            details.set_item("errors", PyTuple::new(py, said.collect::<Vec<_>>())?)?;
            let ranges = PyDict::new(py);
            for error in &errors {
                if let Some(range) = FieldView::of(error).range {
                    ranges.set_item(&error.field, tell_range(py, range)?)?;
                }
            }
            details.set_item("ranges", ranges)
        }
        Rejection::NotFound { what } => details.set_item("what", what.to_string()),
        Rejection::Seats { conflicts } => {
            let said = conflicts.iter().map(|one| (one.seat.clone(), one.fault.code().as_str()));
            details.set_item("conflicts", PyTuple::new(py, said)?)
        }
        Rejection::NoBlockTogether { largest, .. } => details.set_item("largest", largest),
        Rejection::HoldEnded { state } => details.set_item("state", state.as_str()),
        Rejection::OverLimit { limit } => details.set_item("limit", limit.to_string()),
        Rejection::Overlap { show } => details.set_item("show", show.get()),
        Rejection::InUse { by } => details.set_item("what", by.to_string()),
        Rejection::Step { culprit, why } => {
            describe(why, details)?;
            details.set_item("culprit", culprit)
        }
        Rejection::RolledBack { culprit } => details.set_item("culprit", culprit),
        _ => Ok(()),
    }
}

fn describe_fault(error: &Error, details: &Bound<'_, PyDict>) -> PyResult<()> {
    match error {
        Error::Busy { reason, retry_after } => {
            details.set_item("reason", reason.to_string())?;
            details.set_item("retry_after", retry_after.as_secs_f64())
        }
        Error::Storage { reason, .. } => details.set_item("reason", reason.to_string()),
        Error::Corrupt { show: Some(show), .. } => details.set_item("show", show.get()),
        _ => Ok(()),
    }
}
