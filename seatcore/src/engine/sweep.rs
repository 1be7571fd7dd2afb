//! The sweep: publishing lapsed holds for the feed. Seats are free at their deadline without it.

use crate::engine::lane::{Lane, Trouble};
use crate::engine::turn::Turn;
use crate::error::Error;
use crate::house::decide;
use crate::house::event::{Caller, Entry, Source};
use crate::id::ShowId;
use crate::store::Access;
use std::collections::BTreeSet;

/// Lapses one turn publishes at most.
const SWEEP_HOLDS: usize = 256;
/// A lapse this old is published even though commands wait.
const SWEEP_LATE: std::time::Duration = std::time::Duration::from_millis(100);
/// How often shows that are not in memory are looked at for deadlines to come.
pub(super) const LOOK_FOR_EVICTED: std::time::Duration = std::time::Duration::from_secs(30);

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

    /// Loads shows with a deadline before the next look, so that they are swept in time.
    pub(super) fn load_due(&mut self) -> Result<(), Error> {
        let now = self.shared.time.now().plus(2 * LOOK_FOR_EVICTED);
        let fence = self.store.begin(Access::Read)?;
        let due = self.catch_up(fence).and_then(|()| self.store.due(now, SWEEP_HOLDS));
        for show in due.iter().flatten() {
            // A show that cannot be loaded says so to whoever asks for it.
            drop(self.houses.get(&mut *self.store, *show));
        }
        self.store.roll_back();
        due.map(drop)
    }
}
