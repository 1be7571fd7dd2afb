//! Catching up: what other processes wrote since this lane's last turn, before anything is decided.

use crate::engine::lane::Lane;
use crate::error::{Error, StorageReason};
use crate::house::event::{Fact, Record};
use crate::store::Fence;
use std::collections::HashSet;
use std::sync::Arc;

/// Records that a catch-up reads at a time.
const CATCH_UP_RECORDS: usize = 4_096;

impl Lane {
    /// Reads what other processes wrote since this lane's last turn. After this, memory is the
    /// log's head, and nothing decided on it can be stale.
    pub(super) fn catch_up(&mut self, fence: Fence) -> Result<(), Error> {
        if fence.epoch != self.known.epoch {
            self.begin_anew(fence);
        }
        if fence.quarantines != self.known.quarantines {
            self.houses.forget_loaded();
            self.stopped.clear();
            self.known.quarantines = fence.quarantines;
        }
        if fence.archives != self.known.archives {
            // What this lane remembers may be gone from the log.
            self.forget_all();
            self.known.archives = fence.archives;
        }
        if crate::sabotage::on("head_not_read") && self.known.hash.is_some() {
            return Ok(());
        }
        self.require_same_history(fence)?;
        self.shared.time.see(fence.at);
        if fence.followed_to > fence.head {
            return Err(Error::corrupt("the tables claim to follow beyond the log's end"));
        }
        while self.known.head < fence.head {
            let records = self.store.records(self.known.head, CATCH_UP_RECORDS)?;
            let Some(last) = records.last() else {
                return Err(Error::corrupt(format!("record {} is missing", self.known.head + 1)));
            };
            if self.known.hash.is_some() {
                self.accept_with_others(&records);
            }
            (self.known.head, self.known.hash) = (last.n, Some(last.hash));
            self.take_foreign(records);
        }
        if self.known.head > 0 {
            self.known.hash = Some(fence.hash);
        }
        self.note_followed(fence.followed_to);
        self.shared.board.looked();
        Ok(())
    }

    /// Staff accepted the clock through another process: it is the same clock.
    fn accept_with_others(&self, news: &[Record]) {
        for record in news {
            if let Fact::ClockAccepted { .. } = record.entry.fact {
                self.shared.time.accept(Some(record.at));
            }
        }
    }

    /// The file was restored: another history, of which nothing is known.
    fn begin_anew(&mut self, fence: Fence) {
        self.known.epoch = fence.epoch;
        self.known.followed_to = fence.followed_to;
        self.known.archives = fence.archives;
        self.stopped.clear();
        self.unfollowable.clear();
        self.forget_all();
    }

    fn require_same_history(&mut self, fence: Fence) -> Result<(), Error> {
        let same = match self.known.hash {
            None => fence.head >= self.known.head,
            Some(hash) if fence.head == self.known.head => fence.hash == hash,
            Some(_) if fence.head < self.known.head => false,
            Some(hash) => {
                let known = self.store.records(self.known.head - 1, 1)?;
                known.first().is_some_and(|record| record.hash == hash)
            }
        };
        if same {
            return Ok(());
        }
        let what = "the log is not the one this engine wrote to; was the file replaced?";
        Err(Error::storage(StorageReason::HistoryChanged, what))
    }

    fn take_foreign(&mut self, records: Vec<Record>) {
        let records: Vec<_> = records.into_iter().map(Arc::new).collect();
        let mut shows = HashSet::new();
        for record in &records {
            self.houses.fold(record);
            shows.extend(record.show_id());
        }
        let (now, epoch) = (self.shared.time.now(), self.known.epoch);
        for show in shows {
            let house = self.houses.peek(show).map(|loaded| &loaded.house);
            self.shared.board.refresh(show, || {
                house.map(|house| crate::engine::snapshot::Snapshot::of(house, epoch, now))
            });
        }
        self.shared.hub.publish(&records);
        self.shared.hub.wake();
        self.unfollowed.extend(records);
    }
}
