//! Following: folding the log into tables and checkpoints, in slices that commands hardly notice.
//!
//! A slice rides in the transaction of the batch at hand and takes at most a quarter of what the
//! commit takes; when nobody has waited for a while it runs alone. Beyond a bound on the lag the
//! log's own growth says when: whoever's records cross a milestone follows a slice, so the lag
//! stays bounded whatever the load, and however soon processes die.

use crate::engine::lane::{Lane, Trouble};
use crate::engine::turn::Turn;
use crate::error::Error;
use crate::house::event::{N, Record};
use crate::id::ShowId;
use crate::store::{Access, Checkpoint, Slice, Standing};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// A house is kept again after this many of its records: what a cold start folds at most.
pub(crate) const CHECKPOINT_EVERY: u32 = 256;
/// The lag that is promised unless told otherwise. Beyond it, commands are answered `busy`.
pub(super) const LAG_MAX: u64 = 50_000;
/// Records in one slice that runs alone: some milliseconds, after which commands are looked for.
const SLICE_RECORDS: usize = 512;
/// Records in a slice beside a batch: every show in it costs a row, so few large slices are cheaper
/// than many small ones, and one of this size delays a turn by about a millisecond.
const SLICE_BESIDE: usize = 1_024;
/// From four fifths of the lag's bound on, a slice is followed for every so many records: a quarter
/// more than the log grows by.
const MILESTONE: u64 = SLICE_BESIDE as u64 * 4 / 5;
/// A batch this small pays for its own records at once, whatever its commit took.
const SMALL_BATCH: usize = 16;
/// Houses kept in one turn of upkeep.
const KEEP_HOUSES: usize = 64;
/// About what following one record costs.
const COST_ASSUMED: Duration = Duration::from_micros(4);

/// How far a turn followed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Followed {
    to: N,
}

/// Everything a turn has followed so far; counts only if the turn commits.
#[derive(Debug, Default)]
pub(super) struct Following {
    done: usize,
}

impl Lane {
    /// Follows a little in the transaction of a batch.
    pub(super) fn follow_beside(&mut self, turn: &mut Turn) -> Result<Followed, Trouble> {
        if self.settings.follow_in_commit {
            while self.follow_slice(turn, SLICE_RECORDS)? > 0 {}
        } else if self.settings.follow {
            for _ in 0..self.slices_due(turn.records().len() as u64) {
                self.follow_slice(turn, SLICE_BESIDE)?;
            }
        }
        Ok(Followed { to: self.known.followed_to + turn.following().done as u64 })
    }

    /// Slices to follow beside a batch of this many records.
    fn slices_due(&mut self, appended: u64) -> u64 {
        let budget = self.commit_took / 4;
        let cheap = (budget.as_nanos() / COST_ASSUMED.as_nanos()) as usize;
        let earned = cheap.max((appended as usize).min(SMALL_BATCH) * 5 / 4);
        self.follow_credit = (self.follow_credit + earned).min(2 * SLICE_BESIDE);
        if self.lag() > self.shared.lag_max / 5 * 4 {
            return (self.known.head + appended) / MILESTONE - self.known.head / MILESTONE;
        }
        if self.follow_credit < SLICE_BESIDE {
            return 0;
        }
        self.follow_credit -= SLICE_BESIDE;
        1
    }

    /// What a process may follow at its start: something between nothing and a slice, as if it had
    /// been running for ever. If each began with nothing, many that die young would follow nothing.
    pub(super) const fn first_credit(head: N) -> usize {
        (head % SLICE_BESIDE as u64) as usize
    }

    /// Follows to the end inside a turn, for a question to a table; answers up to where.
    pub(super) fn follow_inside(&mut self, turn: &mut Turn) -> Result<u64, Trouble> {
        // Where nothing was behind there is nothing to commit.
        while self.follow_slice(turn, SLICE_RECORDS)? > 0 {
            turn.mark_written();
        }
        Ok(self.known.followed_to + turn.following().done as u64)
    }

    /// Follows in transactions of its own until done, or until somebody waits.
    pub(super) fn follow_alone(&mut self) {
        while self.lag() > 0 && self.shared.queue.is_empty() {
            let mut turn = Turn::new(Vec::new());
            if let Err(trouble) = self.try_follow_alone(&mut turn) {
                self.store.roll_back();
                self.forget_all();
                match trouble {
                    Trouble::Proof(doubt) if self.quarantine(&doubt) => continue,
                    // If this fails, the next job tries again.
                    Trouble::Unknown => drop(self.recover()),
                    Trouble::Proof(..) | Trouble::Fault(_) => {}
                }
                return;
            }
        }
    }

    fn try_follow_alone(&mut self, turn: &mut Turn) -> Result<(), Trouble> {
        let fence = self.store.begin(Access::Write)?;
        self.catch_up(fence)?;
        self.follow_slice(turn, SLICE_RECORDS)?;
        self.store.commit().map_err(|_| Trouble::Unknown)?;
        self.note_followed(self.known.followed_to + turn.following().done as u64);
        Ok(())
    }

    /// Follows at most `count` records; answers how many.
    fn follow_slice(&mut self, turn: &mut Turn, count: usize) -> Result<usize, Trouble> {
        let skip = turn.following().done;
        let own = if self.settings.follow_in_commit { turn.records() } else { &[] };
        let records: Vec<_> =
            self.unfollowed.iter().chain(own).skip(skip).take(count).cloned().collect();
        let Some(last) = records.last() else { return Ok(0) };
        let followed_to = last.n;
        let shows: BTreeSet<ShowId> = records.iter().filter_map(|r| r.show_id()).collect();
        let mut slice = Slice { records, followed_to, ..Slice::default() };
        for show in shows {
            self.add_show(turn, &mut slice, show)?;
        }
        let followed = slice.records.len();
        slice.records.retain(|record| !self.is_unfollowable(record));
        self.store.follow(&slice)??;
        turn.following().done += followed;
        Ok(followed)
    }

    fn is_unfollowable(&self, record: &Record) -> bool {
        let from = record.show_id().and_then(|show| self.unfollowable.get(&show));
        from.is_some_and(|from| record.n >= *from)
    }

    /// Where a show stands, and its house if it was not kept for long. One that is stopped has no
    /// house; its records are followed like all others, since what was answered is in the tables.
    fn add_show(
        &mut self,
        turn: &mut Turn,
        slice: &mut Slice,
        show: ShowId,
    ) -> Result<(), Trouble> {
        let loaded = match self.houses.get(&mut *self.store, show) {
            Ok(Some(loaded)) => loaded,
            Ok(None) | Err(Error::Corrupt { .. }) => {
                slice.standings.push(self.stopped_at(show, &slice.records)?);
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        slice.standings.push(loaded.standing());
        if loaded.is_due() {
            slice.checkpoints.push(checkpoint(loaded));
            turn.touch(show);
        }
        Ok(())
    }

    /// Where a stopped show stands behind these records. It writes no more, so that is looked up
    /// once.
    fn stopped_at(&mut self, show: ShowId, records: &[Arc<Record>]) -> Result<Standing, Error> {
        let own = || records.iter().filter(|record| record.show_id() == Some(show));
        let n = own().map(|record| record.n).max().unwrap_or(0);
        if let Some(known) = self.stopped.get(&show).filter(|known| known.n >= n) {
            return Ok(*known);
        }
        let standing = match self.houses.standing_in_log(&mut *self.store, show) {
            // Its log cannot be folded: what is known of it is where it stood last.
            Err(Error::Corrupt { .. }) => {
                let last = self.store.tables().standings(&[show])?.pop();
                let last = last.unwrap_or_else(|| Standing::before_all(show));
                let seq = own().filter_map(|record| record.seq).max().unwrap_or(last.seq);
                Standing { n, seq, ..last }
            }
            found => found?,
        };
        self.stopped.insert(show, standing);
        Ok(standing)
    }

    /// The commit is durable: what was followed in it is followed.
    pub(super) fn followed(&mut self, followed: Followed) {
        self.note_followed(followed.to);
    }

    /// This process, or another, followed up to here.
    pub(super) fn note_followed(&mut self, to: N) {
        self.known.followed_to = self.known.followed_to.max(to);
        while self.unfollowed.front().is_some_and(|record| record.n <= self.known.followed_to) {
            self.unfollowed.pop_front();
        }
        if self.lag() == 0 {
            self.houses.all_followed();
        }
        self.tell_lag();
    }

    /// What submitters see of the lag: beyond the bound they are told to come back.
    pub(super) fn tell_lag(&self) {
        self.shared.lag.store(self.lag(), Ordering::Relaxed);
    }

    /// Keeps houses that changed, when nobody waits: the next start folds less.
    pub(super) fn keep_houses(&mut self, at_least: u32) -> Result<(), Error> {
        for shows in self.houses.unkept(at_least.max(1)).chunks(KEEP_HOUSES) {
            if !self.shared.queue.is_empty() {
                break;
            }
            let Err(trouble) = self.keep(shows) else { continue };
            self.store.roll_back();
            self.forget_all();
            match trouble {
                // If this fails, the next job tries again.
                Trouble::Unknown => drop(self.recover()),
                Trouble::Fault(error) => return Err(error),
                Trouble::Proof(doubt) => return Err(doubt.into()),
            }
            return Ok(());
        }
        Ok(())
    }

    fn keep(&mut self, shows: &[ShowId]) -> Result<(), Trouble> {
        let fence = self.store.begin(Access::Write)?;
        self.catch_up(fence)?;
        let mut slice = Slice { followed_to: self.known.followed_to, ..Slice::default() };
        for show in shows {
            if let Some(loaded) = self.houses.peek_mut(*show) {
                slice.checkpoints.push(checkpoint(loaded));
            }
        }
        self.store.follow(&slice)??;
        self.store.commit().map_err(|_| Trouble::Unknown)
    }
}

fn checkpoint(loaded: &mut crate::engine::houses::Loaded) -> Checkpoint {
    loaded.unkept = 0;
    Checkpoint {
        show: loaded.house.show(),
        n: loaded.house.head().n,
        house: loaded.house.to_bytes(),
        receipts: loaded.house.take_fresh_receipts(),
    }
}
