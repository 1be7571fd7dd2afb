//! Questions whose answer is awaited: for callers that may not block their thread.

use crate::engine::Engine;
use crate::engine::reply::Reply;
use crate::engine::snapshot::Snapshot;
use crate::id::ShowId;
use std::sync::Arc;

impl Engine {
    /// As [`seat_map`](Self::seat_map): the reply is ready at once while nothing changed.
    pub fn ask_seat_map(&self, show: ShowId) -> Reply<Arc<Snapshot>> {
        let shared = &self.inner.shared;
        match shared.board.read_fresh(show, shared.time.now()) {
            Some(snapshot) => Reply::ready(Ok(snapshot)),
            None => self.ask(move |desk| desk.snapshot(show)),
        }
    }
}
