//! A turn for writing: what it changed, how that is taken back, and appending.

use super::data::{Counters, Data, Put};
use crate::error::Error;
use crate::house::event::Record;
use crate::id::ShowId;
use crate::store::SoldChange;
use std::sync::Arc;

/// The data that is worked on, and what has happened to it since the turn began.
#[derive(Debug)]
pub(super) struct Writing {
    data: Box<Data>,
    /// Each change as it was made.
    made: Vec<Put>,
    /// The same changes as they are taken back.
    undo: Vec<Put>,
}

impl Writing {
    /// A turn that has changed nothing yet.
    pub(super) fn new(data: Box<Data>) -> Self {
        Self { data, made: Vec::new(), undo: Vec::new() }
    }

    /// The data with the turn's changes in it.
    pub(super) fn data(&self) -> &Data {
        &self.data
    }

    /// The data alone: the turn is over.
    pub(super) fn into_data(self) -> Box<Data> {
        self.data
    }

    /// The changes in the order they were made.
    pub(super) fn take_made(&mut self) -> Vec<Put> {
        std::mem::take(&mut self.made)
    }

    /// Makes a change.
    pub(super) fn put(&mut self, put: Put) {
        self.made.push(put.clone());
        self.undo.push(self.data.put(put));
    }

    /// Makes a change of the counters.
    pub(super) fn count(&mut self, count: impl FnOnce(&mut Counters)) {
        let mut counters = self.data.counters;
        count(&mut counters);
        self.put(Put::Counters(counters));
    }

    /// Takes back every change but the first `kept`, newest first.
    pub(super) fn take_back(&mut self, kept: usize) {
        self.made.truncate(kept);
        for put in self.undo.drain(kept..).rev() {
            self.data.put(put);
        }
    }

    /// Does something that leaves no trace if it is refused or fails.
    pub(super) fn attempt<T, E>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<Result<T, E>, Error>,
    ) -> Result<Result<T, E>, Error> {
        let kept = self.undo.len();
        let done = work(self);
        if !matches!(done, Ok(Ok(_))) {
            self.take_back(kept);
        }
        done
    }

    /// Compares and swaps sold bits, then appends.
    pub(super) fn append(
        &mut self,
        records: &[Arc<Record>],
        sold: &[SoldChange],
    ) -> Result<Result<(), ShowId>, Error> {
        for change in sold {
            let key = (change.show, change.chunk);
            let stored = self.data.sold.get(&key).map_or(&[][..], |bits| bits);
            if significant(stored) != significant(&change.before) {
                return Ok(Err(change.show));
            }
            self.put(Put::Sold(key, Some(significant(&change.after).into())));
        }
        for record in records {
            let next = self.data.head() + 1;
            if record.n != next {
                let n = record.n;
                return Err(Error::corrupt(format!("record {n} where {next} comes next")));
            }
            self.put(Put::Record(record.n, Some(Arc::clone(record))));
        }
        Ok(Ok(()))
    }
}

/// Bits up to the last byte that is set: a missing byte says the same as a zero.
fn significant(bits: &[u8]) -> &[u8] {
    let len = bits.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    &bits[..len]
}
