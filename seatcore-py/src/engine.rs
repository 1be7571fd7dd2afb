//! The engine as Python sees it: opening, commands and closing.

use crate::command::{Command, Step, Who, batch};
use crate::failure::Trouble;
use crate::handle::{Handle, detached};
use crate::pending::{Answer, Pending, printed};
use parking_lot::Mutex;
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::PyList;
use seatcore::engine::books::Books;
use seatcore::house::command::AnyRequest;
use std::path::PathBuf;
use std::sync::Arc;

/// Commands of one call that wait at a time: well below what the queue takes.
const TOGETHER_MAX: usize = 16_384;

/// An open engine.
#[pyclass(frozen, weakref, module = "seatcore._seatcore")]
pub struct Engine {
    handle: Arc<Handle>,
    /// Folded as far as the last report needed; one report at a time.
    books: Mutex<Option<Books>>,
}

impl Engine {
    /// The answers to all of these, each decided for itself.
    fn together(
        &self,
        py: Python<'_>,
        steps: Vec<Result<Step, Trouble>>,
    ) -> Result<Vec<Result<Answer, Trouble>>, Trouble> {
        let submit = |engine: &seatcore::Engine| {
            let replies = steps.into_iter().map(|step| Ok(engine.submit(AnyRequest::from(step?))));
            replies.collect::<Vec<Result<_, Trouble>>>()
        };
        let replies = self.handle.queue(submit)?;
        detached(py, || Ok(replies.into_iter().map(|reply| Ok(reply?.answer())).collect()))
    }

    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    pub const fn books(&self) -> &Mutex<Option<Books>> {
        &self.books
    }

    pub fn share(&self) -> Arc<Handle> {
        self.handle.clone()
    }
}

/// Opens a file; without a path, an engine in memory.
#[pyfunction]
#[pyo3(signature = (path, create, read_only, sweep, seed))]
pub fn open(
    py: Python<'_>,
    path: Option<PathBuf>,
    create: bool,
    read_only: bool,
    sweep: bool,
    seed: Option<u64>,
) -> Result<Engine, Trouble> {
    let engine = detached(py, || {
        let mut builder = seatcore::Engine::builder().create(create);
        builder = builder.read_only(read_only).sweep(sweep);
        if let Some(seed) = seed {
            builder = builder.seed(seed);
        }
        Ok(match path {
            Some(path) => builder.open(path)?,
            None => builder.over(Box::new(seatcore::store::memory::MemoryStore::new(0)))?,
        })
    })?;
    Ok(Engine { handle: Arc::new(Handle::new(engine)), books: Mutex::default() })
}

#[pymethods]
impl Engine {
    /// Queues a command.
    fn submit(&self, command: &Bound<'_, Command>) -> Result<Pending, Trouble> {
        let step = command.get().alone()?;
        self.handle.queue(|engine| Pending::new(engine.submit(AnyRequest::from(step)), true))
    }

    /// Queues a command and waits for its answer; others run meanwhile.
    fn ask<'py>(
        &self,
        py: Python<'py>,
        command: &Bound<'py, Command>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let step = command.get().alone()?;
        let reply = self.handle.queue(|engine| engine.submit(AnyRequest::from(step)))?;
        printed(py, detached(py, || Ok(reply.answer()))?, true)
    }

    /// Queues all or none of these.
    #[pyo3(signature = (commands, holder, staff, key))]
    fn submit_batch(
        &self,
        commands: Vec<Bound<'_, Command>>,
        holder: Option<String>,
        staff: Option<String>,
        key: Option<String>,
    ) -> Result<Pending, Trouble> {
        let commands: Vec<Command> = commands.iter().map(|one| one.get().clone()).collect();
        let batch = batch(&commands, &Who { holder, staff }, key)?;
        self.handle.queue(|engine| Pending::new(engine.batch(batch), false))
    }

    /// Queues these, each for itself, and waits for all. What was refused stands in the list as
    /// the exception it would have been.
    fn each<'py>(
        &self,
        py: Python<'py>,
        commands: Vec<Bound<'py, Command>>,
    ) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(py);
        for some in commands.chunks(TOGETHER_MAX) {
            let steps: Vec<_> = some.iter().map(|command| command.get().alone()).collect();
            for answer in self.together(py, steps)? {
                let said = match answer {
                    Ok(answer) => printed(py, answer, true),
                    Err(trouble) => Err(trouble.into()),
                };
                list.append(said.or_else(|error| error.into_value(py).into_bound_py_any(py))?)?;
            }
        }
        Ok(list)
    }

    /// Closes; calls that run are waited for, later ones are refused.
    fn close(&self, py: Python<'_>) -> Result<(), Trouble> {
        self.handle.close(py)
    }

    /// Whether it was closed, or belongs to another process.
    #[getter]
    fn closed(&self) -> bool {
        self.handle.closed()
    }
}
