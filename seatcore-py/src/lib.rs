//! The native half of the Python package `seatcore`: what the façade in `python/seatcore/` calls.
//!
//! It translates and decides nothing. Three rules keep an interpreter alive around it:
//! - No lock is held while Python runs, and no Python runs while a lock is held.
//! - Whatever may wait runs detached from the interpreter, inside [`handle::Handle::run`], which
//!   also turns a panic into an ordinary error.
//! - No thread of ours ever attaches to the interpreter: answers reach an event loop through a
//!   socket (`mailbox`), so there is nothing to go wrong while the interpreter shuts down.

/// glibc's allocator is slow where one thread frees what another made, as the lane and its callers
/// do.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

mod api_keys;
mod command;
mod engine;
mod failure;
mod feed;
mod handle;
mod mailbox;
mod pending;
mod questions;
mod reports;
mod shape;
mod shows;
mod users;
mod value;

#[pyo3::pymodule(gil_used = false)]
mod _seatcore {
    #[pymodule_export]
    use crate::api_keys::key_may;
    #[pymodule_export]
    use crate::command::{
        Command, block, book, cancel, cancel_show, change_show, extend, hold, hold_best, release,
        unblock,
    };
    #[pymodule_export]
    use crate::engine::{Engine, open};
    #[pymodule_export]
    use crate::feed::Feed;
    #[pymodule_export]
    use crate::mailbox::Mailbox;
    #[pymodule_export]
    use crate::pending::Pending;
    #[pymodule_export]
    use crate::shape::{currency_decimals, parse_money};
    #[pymodule_export]
    use crate::users::{deeds, may};
    #[pymodule_export]
    use crate::value::{Booking, Hold};

    /// The version of the engine inside.
    #[pyo3::pyfunction]
    fn version() -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    /// Whether the interpreter named by this number is the one that loaded the module first. Older
    /// Pythons would hand another interpreter the first one's objects.
    #[pyo3::pyfunction]
    fn claim(interpreter: usize) -> bool {
        static OWNER: std::sync::OnceLock<usize> = std::sync::OnceLock::new();
        *OWNER.get_or_init(|| interpreter) == interpreter
    }

    /// Seconds that a hold lives: at the least, unless it says otherwise, and at the most.
    #[pyo3::pyfunction]
    fn ttl() -> (u32, u32, u32) {
        use seatcore::house::hold::{TTL_DEFAULT_S, TTL_MAX_S, TTL_MIN_S};
        (TTL_MIN_S, TTL_DEFAULT_S, TTL_MAX_S)
    }

    /// The registry: each code, and whether asking the same again can succeed.
    #[pyo3::pyfunction]
    fn codes() -> Vec<(&'static str, bool)> {
        seatcore::error::Code::ALL.iter().map(|code| (code.as_str(), code.retryable())).collect()
    }
}
