//! The engine as Python sees it: opening, commands and closing.

use crate::command::{Command, Who, batch};
use crate::failure::Trouble;
use crate::handle::{Handle, detached};
use crate::pending::{Pending, wait_all};
use pyo3::prelude::*;
use pyo3::types::PyList;
use std::path::PathBuf;
use std::sync::Arc;

/// Commands of one call that wait at a time: well below what the queue takes.
const TOGETHER_MAX: usize = 16_384;

/// An open engine.
#[pyclass(frozen, weakref, module = "seatcore._seatcore")]
pub struct Engine {
    handle: Arc<Handle>,
}

impl Engine {
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    pub fn share(&self) -> Arc<Handle> {
        self.handle.clone()
    }
}

/// Opens a file; without a path, an engine in memory.
#[pyfunction]
#[pyo3(signature = (path, create, sweep, seed))]
pub fn open(
    py: Python<'_>,
    path: Option<PathBuf>,
    create: bool,
    sweep: bool,
    seed: Option<u64>,
) -> Result<Engine, Trouble> {
    let engine = detached(py, || {
        let mut builder = seatcore::Engine::builder().create(create).sweep(sweep);
        if let Some(seed) = seed {
            builder = builder.seed(seed);
        }
        Ok(match path {
            Some(path) => builder.open(path)?,
            None => builder.over(Box::new(seatcore::store::memory::MemoryStore::new(0)))?,
        })
    })?;
    Ok(Engine { handle: Arc::new(Handle::new(engine)) })
}

#[pymethods]
impl Engine {
    /// Queues a command.
    fn submit(&self, command: &Bound<'_, Command>) -> Result<Pending, Trouble> {
        let step = command.get().alone()?;
        self.handle.queue(|engine| Pending::new(engine.submit(step), true))
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

    /// Queues these, each for itself, and waits for all.
    fn each<'py>(
        &self,
        py: Python<'py>,
        commands: Vec<Bound<'py, Command>>,
    ) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(py);
        for some in commands.chunks(TOGETHER_MAX) {
            let queued = some.iter().map(|command| Bound::new(py, self.submit(command)?));
            let queued = queued.map(|pending| pending.map(|pending| pending.borrow()));
            for answer in wait_all(py, queued.collect::<PyResult<_>>()?)? {
                list.append(answer)?;
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
