//! Commands that are queued and not yet answered.

use crate::failure::{Trouble, exception};
use crate::handle::detached;
use crate::shape;
use parking_lot::Mutex;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use seatcore::house::rejection::{Rejection, What};
use seatcore::{Outcome, Reply, ReplyAnswer};

/// What the lane answers a command with.
pub type Answer = ReplyAnswer<Vec<Outcome>>;

/// A queued command. Letting go of it cancels nothing.
#[pyclass(frozen, module = "seatcore._seatcore")]
pub struct Pending {
    reply: Mutex<Option<Reply<Vec<Outcome>>>>,
    single: bool,
}

impl Pending {
    pub fn new(reply: Reply<Vec<Outcome>>, single: bool) -> Self {
        Self { reply: Mutex::new(Some(reply)), single }
    }

    /// The reply, once, and whether it answers one command.
    pub fn take(&self) -> Result<(Reply<Vec<Outcome>>, bool), Trouble> {
        let missing = Rejection::NotFound { what: What::Hold };
        Ok((self.reply.lock().take().ok_or(missing)?, self.single))
    }
}

#[pymethods]
impl Pending {
    /// Waits for the answer; others run meanwhile.
    fn wait<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let (reply, single) = self.take()?;
        let answer = detached(py, || Ok(reply.answer()))?;
        printed(py, answer, single)
    }
}

/// An answer as the value it is, or raised.
pub fn printed<'py>(py: Python<'py>, answer: Answer, single: bool) -> PyResult<Bound<'py, PyAny>> {
    let marks = shape::Marks { replayed: answer.replayed, remembered: answer.remembered };
    let outcomes = match answer.result {
        Ok(outcomes) => outcomes,
        Err(failure) => {
            let raised = exception(py, &Trouble::Failure(failure))?;
            raised.setattr("replayed", marks.replayed)?;
            raised.setattr("remembered", marks.remembered)?;
            return Err(PyErr::from_value(raised));
        }
    };
    let mut values = outcomes.into_iter().map(|outcome| shape::outcome(py, outcome, marks));
    if !single {
        return Ok(PyTuple::new(py, values.collect::<PyResult<Vec<_>>>()?)?.into_any());
    }
    let missing = || Trouble::from(Rejection::NotFound { what: What::Hold });
    values.next().ok_or_else(missing)?
}
