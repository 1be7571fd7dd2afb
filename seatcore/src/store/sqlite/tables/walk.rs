//! Walking the whole log: one thread reads a piece while another folds the one before.

use super::folds::{Checkpoints, kept_folds};
use super::{SqliteTables, at_one_moment, file_state};
use crate::error::{Error, StorageReason};
use crate::house::event::{N, Record};
use crate::id::ShowId;
use crate::store::sqlite::rows::records_after;
use crate::store::{FileState, KeptFolds, LogVisitor};
use rusqlite::Connection;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::Builder;

/// Records handed over at once: few enough that they are folded out of the processor's caches, and
/// leave room there for the houses.
const PIECE_RECORDS: usize = 512;
/// Pieces that wait to be folded: reading is never far ahead, and memory is bounded.
const AHEAD: usize = 4;

/// What was read at one moment, or a part of it.
enum Piece {
    /// Records, and the checkpoints whose record is among them.
    Records(Vec<Record>, Vec<(ShowId, N, Vec<u8>)>),
    /// The last records were read with these.
    End(FileState, KeptFolds),
}

impl SqliteTables {
    /// Shows the visitor the log behind `after`, in segments of `size` records.
    pub(super) fn walk_log(
        &self,
        after: N,
        size: usize,
        visitor: &mut dyn LogVisitor,
    ) -> Result<(), Error> {
        std::thread::scope(|scope| {
            let (pieces, read) = sync_channel(AHEAD);
            let reader = Builder::new().name("seatcore-verify".to_owned());
            let reader = reader.spawn_scoped(scope, move || self.read_log(after, size, &pieces));
            let reader = reader.map_err(|error| Error::storage(StorageReason::Io, error))?;
            show(visitor, &read);
            // Where the visitor stopped early, so does the reader.
            drop(read);
            let lost = || Err(Error::storage(StorageReason::Io, "the reader of the log panicked"));
            reader.join().unwrap_or_else(|_| lost())
        })
    }

    fn read_log(&self, after: N, size: usize, pieces: &SyncSender<Piece>) -> Result<(), Error> {
        let reader = self.reader()?;
        let mut checkpoints = Checkpoints::default();
        let mut next = Some(after);
        while let Some(after) = next {
            self.require_still()?;
            next = at_one_moment(&reader, |reader| {
                read_segment(reader, after, size, &mut checkpoints, pieces)
            })?;
        }
        Ok(())
    }
}

/// Sends a segment in pieces, and what comes with the last; answers where the next begins.
fn read_segment(
    reader: &Connection,
    after: N,
    size: usize,
    checkpoints: &mut Checkpoints,
    pieces: &SyncSender<Piece>,
) -> Result<Option<N>, Error> {
    let mut after = after;
    for _ in (0..size).step_by(PIECE_RECORDS) {
        let records = records_after(reader, after, PIECE_RECORDS)?;
        let next = records.last().map(|last| last.n).filter(|_| records.len() == PIECE_RECORDS);
        let due = checkpoints.between(reader, after, next.unwrap_or(N::MAX))?;
        if pieces.send(Piece::Records(records, due)).is_err() {
            return Ok(None);
        }
        let Some(last) = next else {
            let end = Piece::End(file_state(reader)?, kept_folds(reader)?);
            return Ok(pieces.send(end).ok().and(None));
        };
        after = last;
    }
    Ok(Some(after))
}

fn show(visitor: &mut dyn LogVisitor, read: &Receiver<Piece>) {
    for piece in read {
        match piece {
            Piece::Records(records, checkpoints) => visitor.segment(records, checkpoints),
            Piece::End(state, folds) => visitor.end(state, folds),
        }
    }
}
