//! The hub: the newest committed records in memory, for all subscribers.

use super::Growth;
use crate::clock::Stopwatch;
use crate::house::event::Record;
use parking_lot::{Condvar, Mutex};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Committed records kept in memory for subscribers that keep up.
const RING_RECORDS: usize = 16_384;

/// Committed records, for all subscribers.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    ring: Mutex<Ring>,
    grown: Condvar,
    subscribers: AtomicUsize,
}

#[derive(Debug, Default)]
struct Ring {
    /// How many records lay before the first one here.
    dropped: u64,
    records: VecDeque<Arc<Record>>,
    closed: bool,
}

impl Hub {
    /// Adds what a commit made public. Does not wake: replies go first.
    pub(crate) fn publish(&self, records: &[Arc<Record>]) {
        if self.subscribers.load(Ordering::Acquire) == 0 {
            return;
        }
        let mut ring = self.ring.lock();
        ring.records.extend(records.iter().cloned());
        let over = ring.records.len().saturating_sub(RING_RECORDS);
        ring.records.drain(..over);
        ring.dropped += over as u64;
    }

    /// Wakes every subscriber.
    pub(crate) fn wake(&self) {
        self.grown.notify_all();
    }

    /// Nothing more will come.
    pub(crate) fn close(&self) {
        self.ring.lock().closed = true;
        self.grown.notify_all();
    }

    /// Whether anybody listens.
    pub(crate) fn watched(&self) -> bool {
        self.subscribers.load(Ordering::Acquire) > 0
    }

    /// One more listens, from the place that is answered.
    pub(super) fn enter(&self) -> u64 {
        // Counted first: what is committed from now on is kept.
        self.subscribers.fetch_add(1, Ordering::AcqRel);
        self.end()
    }

    /// One listens no longer.
    pub(super) fn exit(&self) {
        self.subscribers.fetch_sub(1, Ordering::AcqRel);
    }

    /// The place behind the newest record.
    pub(super) fn end(&self) -> u64 {
        self.ring.lock().end()
    }

    /// At most so many records from a place on; none, if some of them are here no longer.
    pub(super) fn page(&self, position: u64, limit: usize) -> Option<Vec<Arc<Record>>> {
        let ring = self.ring.lock();
        let skip = position.checked_sub(ring.dropped)? as usize;
        Some(ring.records.iter().skip(skip).take(limit).cloned().collect())
    }

    /// Waits at most `patience` for records behind a place.
    pub(super) fn growth_within(&self, position: u64, patience: Duration) -> Growth {
        let watch = Stopwatch::start();
        let mut ring = self.ring.lock();
        loop {
            if ring.end() > position {
                return Growth::Grown;
            }
            if ring.closed {
                return Growth::Closed;
            }
            // Who is woken for nothing, as by a movie that was added, waits on.
            let left = patience.saturating_sub(watch.elapsed());
            if left.is_zero() {
                return Growth::Quiet;
            }
            self.grown.wait_for(&mut ring, left);
        }
    }
}

impl Ring {
    fn end(&self) -> u64 {
        self.dropped + self.records.len() as u64
    }
}
