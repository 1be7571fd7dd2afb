//! The sweep: publishing lapsed holds for the feed. Seats are free at their deadline without it.

use crate::clock::Stopwatch;
use crate::engine::lane::{Lane, Trouble};
use crate::engine::turn::Turn;
use crate::error::Error;
use crate::house::decide;
use crate::house::event::{Caller, Entry, Source};
use crate::id::ShowId;
use crate::store::Access;
use std::collections::BTreeSet;
use std::time::Duration;

/// Lapses one turn publishes at most.
pub(super) const SWEEP_HOLDS: usize = 256;
/// A lapse this old is published even though commands wait.
const SWEEP_LATE: Duration = Duration::from_millis(100);
/// How often shows that are not in memory are looked at for deadlines to come.
pub(super) const LOOK_FOR_EVICTED: Duration = Duration::from_secs(30);
/// Of these, so many are loaded at once while commands come, and the rest this much later.
pub(super) const LOADED_BESIDE: usize = 8;
const LOOK_FOR_REST: Duration = Duration::from_millis(50);

impl Lane {
    /// Publishes every lapse that is due, in houses in memory and not; answers how many.
    pub(super) fn sweep_all(&mut self, turn: &mut Turn) -> Result<u64, Trouble> {
        let now = turn.now();
        // What is not in memory is found through the tables, so they must know of it.
        self.follow_inside(turn)?;
        let due = self.store.due(now, usize::MAX >> 1)?;
        let shows: BTreeSet<_> =
            due.into_iter().chain(self.houses.due(now).map(|(_, show)| show)).collect();
        let mut swept = 0;
        for show in shows {
            swept += self.sweep_show(turn, show, usize::MAX)?;
        }
        Ok(swept)
    }

    fn sweep_show(&mut self, turn: &mut Turn, show: ShowId, limit: usize) -> Result<u64, Trouble> {
        let loaded = match self.houses.get(&mut *self.store, show) {
            Ok(Some(loaded)) => loaded,
            Ok(None) | Err(Error::Corrupt { .. }) => return Ok(0),
            Err(error) => return Err(error.into()),
        };
        let entry = |fact| Entry {
            fact,
            caller: Caller::Unnamed,
            source: Source::Engine,
            key: None,
            span: 1,
        };
        let facts = decide::sweep(&loaded.house, turn.now(), limit);
        let swept = facts.len() as u64;
        turn.write(loaded, facts.into_iter().map(entry).collect())?;
        Ok(swept)
    }

    /// Whether lapses should be published now: nobody waits, or the oldest is late.
    pub(super) fn sweep_is_due(&self) -> bool {
        let now = self.shared.time.now();
        let next = self.houses.next_due().filter(|due| self.settings.sweep && *due <= now);
        next.is_some_and(|due| self.shared.queue.is_empty() || now.since(due) >= SWEEP_LATE)
    }

    /// Publishes lapses beside commands: a bounded number a turn.
    pub(super) fn sweep_into(&mut self, turn: &mut Turn) -> Result<(), Trouble> {
        if !self.sweep_is_due() {
            return Ok(());
        }
        let shows: BTreeSet<_> =
            self.houses.due(turn.now()).map(|(_, show)| show).take(SWEEP_HOLDS).collect();
        for show in shows {
            let left = SWEEP_HOLDS.saturating_sub(turn.swept as usize);
            turn.swept += self.sweep_show(turn, show, left)?;
        }
        Ok(())
    }

    /// Now and then loads shows with a deadline before the next look, so that they are swept in
    /// time: at most so many, and the rest soon. Errors return when somebody asks for something.
    pub(super) fn look_for_due(&mut self, at_most: usize) {
        let (looked, enough) = &self.looked;
        if !self.settings.sweep || looked.elapsed() < *enough {
            return;
        }
        let rest = self.load_due(at_most).unwrap_or(false);
        let enough = if rest { LOOK_FOR_REST } else { LOOK_FOR_EVICTED };
        self.looked = (Stopwatch::start(), enough);
    }

    /// Answers whether there are more.
    fn load_due(&mut self, at_most: usize) -> Result<bool, Error> {
        let soon = self.shared.time.now().plus(2 * LOOK_FOR_EVICTED);
        let fence = self.store.begin(Access::Read)?;
        let due = self.catch_up(fence).and_then(|()| self.store.due(soon, SWEEP_HOLDS));
        let mut absent = due.unwrap_or_default();
        absent.retain(|show| self.houses.peek_mut(*show).is_none());
        for show in absent.iter().take(at_most) {
            // A show that cannot be loaded says so to whoever asks for it.
            drop(self.houses.get(&mut *self.store, *show));
        }
        self.store.roll_back();
        Ok(absent.len() > at_most)
    }
}
