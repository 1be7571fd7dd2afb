//! Walking the whole log: one thread reads a segment while another folds the one before.

use super::folds::{checkpoints_in, kept_folds};
use super::{SqliteTables, file_state, records_after};
use crate::error::{Error, StorageReason};
use crate::house::event::{N, Record};
use crate::id::ShowId;
use crate::store::{FileState, KeptFolds, LogVisitor};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::Builder;

/// Segments that wait to be folded: reading is never far ahead, and memory is bounded.
const AHEAD: usize = 2;

/// What was read at one moment.
enum Piece {
    /// Records, and the checkpoints whose record is among them.
    Segment(Vec<Record>, Vec<(ShowId, N, Vec<u8>)>),
    /// The last segment was read with these.
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
        let mut next = Some(after);
        while let Some(after) = next {
            let (segment, end);
            (segment, end, next) = self.read_segment(after, size)?;
            let sent = std::iter::once(segment).chain(end).all(|piece| pieces.send(piece).is_ok());
            if !sent {
                break;
            }
        }
        Ok(())
    }

    /// A segment, what comes with the last, and where the next begins; all of one moment.
    fn read_segment(
        &self,
        after: N,
        size: usize,
    ) -> Result<(Piece, Option<Piece>, Option<N>), Error> {
        self.at_one_moment(|reader| {
            let records = records_after(reader, after, size)?;
            let last = records.last().map(|record| record.n);
            let next = last.filter(|_| records.len() == size);
            let checkpoints = checkpoints_in(reader, after, last.unwrap_or(after))?;
            let end = match next {
                Some(_) => None,
                None => Some(Piece::End(file_state(reader)?, kept_folds(reader)?)),
            };
            Ok((Piece::Segment(records, checkpoints), end, next))
        })
    }
}

fn show(visitor: &mut dyn LogVisitor, read: &Receiver<Piece>) {
    for piece in read {
        match piece {
            Piece::Segment(records, checkpoints) => visitor.segment(records, checkpoints),
            Piece::End(state, folds) => visitor.end(state, folds),
        }
    }
}
