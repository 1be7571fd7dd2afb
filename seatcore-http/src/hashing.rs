//! Passwords: each comparison takes some 30 ms and 19 MiB, so two run at a time and few may wait.

use crate::refusal::Refusal;
use seatcore::Failure;
use seatcore::error::Code;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Two of them own a small machine.
const AT_ONCE: usize = 2;
/// Ten people who sign in at once all get in; a flood does not take the machine with it.
const WAITING_MAX: usize = 64;

/// The line before the hashing.
#[derive(Debug)]
pub struct Hashing {
    line: Arc<Semaphore>,
    running: Arc<Semaphore>,
}

impl Default for Hashing {
    fn default() -> Self {
        let line = Arc::new(Semaphore::new(AT_ONCE + WAITING_MAX));
        Self { line, running: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl Hashing {
    /// Runs something that hashes, when its turn comes.
    ///
    /// # Errors
    /// What it answers; `busy` if the line is full.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Refusal> {
        let full = || {
            let wait = Duration::from_secs(2);
            Refusal::later(Code::Busy, "too many people are signing in; nothing happened", wait)
        };
        let place = self.line.clone().try_acquire_owned().map_err(|_| full())?;
        let turn = self.running.clone().acquire_owned().await.map_err(|_| full())?;
        // The turn ends with the hashing, also if whoever asked went away.
        let hashed = tokio::task::spawn_blocking(move || {
            let result = work();
            drop((turn, place));
            result
        });
        match hashed.await {
            Ok(result) => Ok(result?),
            Err(_) => Err(Refusal::internal()),
        }
    }
}
