//! A store that fails when told to.

use parking_lot::{Condvar, Mutex};
use seatcore::catalogue::layout::Layout;
use seatcore::clock::Timestamp;
use seatcore::error::{BusyReason, Error, StorageReason};
use seatcore::house::event::{Fact, KeyTag, N, Record};
use seatcore::house::rejection::Rejection;
use seatcore::id::LayoutHash;
use seatcore::store::{
    Access, Change, Changed, Fence, KeptHouse, SecondTicket, Slice, SoldChange, Standing, Store,
    Tables,
};
use seatcore::{ShowId, store};
use std::sync::Arc;
use std::time::Duration;

/// How a store fails, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The commit of a turn with records fails, and they are not in the log.
    CommitLost,
    /// The commit of a turn with records fails, and they are in the log.
    CommitWritten,
    /// The disk is full when records are appended.
    AppendDiskFull,
    /// The store panics when records are appended.
    AppendPanics,
    /// The sold bits of this show are not what its house says.
    SoldDiffer(ShowId),
    /// Following would issue two tickets for a seat of this show.
    TwoTickets(ShowId),
    /// Another process has the write lock.
    BeginBusy,
    /// Recovering fails.
    RecoverFails,
}

/// Where a turn with records can be stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// Before its first records are appended.
    Append,
    /// Before its commit.
    Commit,
}

/// Arms a [`Faulty`] store from the test's side, and stops it inside a turn.
#[derive(Debug, Clone, Default)]
pub struct Switch(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    armed: Vec<Fault>,
    always_busy: bool,
    killed: bool,
    closed: Option<Gate>,
    at_gate: bool,
    /// Turns with records that were committed.
    commits: usize,
}

impl Switch {
    /// Lets this happen at the next occasion, once; several in the order armed.
    pub fn arm(&self, fault: Fault) {
        self.0.state.lock().armed.push(fault);
    }

    /// Whether everything that was armed has happened.
    pub fn spent(&self) -> bool {
        self.0.state.lock().armed.is_empty()
    }

    /// Stops the next turn with records before its commit, until [`open_gate`](Self::open_gate).
    pub fn close_gate(&self) {
        self.close(Gate::Commit);
    }

    /// Stops the next turn with records there.
    pub fn close(&self, gate: Gate) {
        self.0.state.lock().closed = Some(gate);
    }

    /// Waits until a turn stands at the gate.
    pub fn wait_at_gate(&self) {
        let mut state = self.0.state.lock();
        self.0.changed.wait_while(&mut state, |state| !state.at_gate);
    }

    /// Lets the turn go on.
    pub fn open_gate(&self) {
        self.0.state.lock().closed = None;
        self.0.changed.notify_all();
    }

    /// From now on only turns with records commit: this process never finds time for anything else.
    pub fn keep_busy(&self) {
        self.0.state.lock().always_busy = true;
    }

    /// From now on nothing is read or written: the process was killed.
    pub fn kill(&self) {
        self.0.state.lock().killed = true;
    }

    /// Turns with records that were committed.
    pub fn commits(&self) -> usize {
        self.0.state.lock().commits
    }

    fn fires(&self, fault: impl Fn(&Fault) -> bool) -> Option<Fault> {
        let mut state = self.0.state.lock();
        let at = state.armed.iter().position(fault)?;
        Some(state.armed.remove(at))
    }

    fn happens(&self, fault: Fault) -> bool {
        self.fires(|armed| *armed == fault).is_some()
    }

    fn pass(&self, gate: Gate) {
        let mut state = self.0.state.lock();
        state.at_gate = state.closed == Some(gate);
        self.0.changed.notify_all();
        self.0.changed.wait_while(&mut state, |state| state.closed == Some(gate));
        state.at_gate = false;
        state.commits += usize::from(gate == Gate::Commit);
    }
}

/// A store around another one.
#[derive(Debug)]
pub struct Faulty {
    inner: Box<dyn Store>,
    switch: Switch,
    /// This turn appended records: only its commit is worth failing.
    appended: bool,
}

impl Faulty {
    /// Wraps a store; the switch arms it.
    pub fn over(inner: Box<dyn Store>) -> (Box<dyn Store>, Switch) {
        let switch = Switch::default();
        (Box::new(Self { inner, switch: switch.clone(), appended: false }), switch)
    }
}

fn io_error() -> Error {
    Error::storage(StorageReason::Io, "a fault of the test")
}

impl Store for Faulty {
    fn begin(&mut self, access: Access) -> Result<Fence, Error> {
        self.appended = false;
        if self.switch.0.state.lock().killed {
            return Err(io_error());
        }
        if access == Access::Write && self.switch.happens(Fault::BeginBusy) {
            let retry_after = Duration::from_millis(100);
            return Err(Error::Busy { reason: BusyReason::Lock, retry_after });
        }
        self.inner.begin(access)
    }

    fn append(
        &mut self,
        records: &[Arc<Record>],
        sold: &[SoldChange],
    ) -> Result<Result<(), ShowId>, Error> {
        if records.is_empty() {
            return self.inner.append(records, sold);
        }
        assert!(!self.switch.happens(Fault::AppendPanics), "a fault of the test");
        if self.switch.happens(Fault::AppendDiskFull) {
            return Err(Error::storage(StorageReason::DiskFull, "a fault of the test"));
        }
        let about = |show: ShowId| sold.iter().any(|change| change.show == show);
        let differ = |fault: &Fault| matches!(fault, Fault::SoldDiffer(show) if about(*show));
        if let Some(Fault::SoldDiffer(show)) = self.switch.fires(differ) {
            return Ok(Err(show));
        }
        if !std::mem::replace(&mut self.appended, true) {
            self.switch.pass(Gate::Append);
        }
        self.inner.append(records, sold)
    }

    fn follow(&mut self, slice: &Slice) -> Result<Result<(), SecondTicket>, Error> {
        let booked = |show: ShowId| {
            let booked = |r: &&Arc<Record>| matches!(r.entry.fact, Fact::Booked { .. });
            slice.records.iter().filter(booked).find(|r| r.show_id() == Some(show))
        };
        let twice = |fault: &Fault| matches!(fault, Fault::TwoTickets(s) if booked(*s).is_some());
        if let Some(Fault::TwoTickets(show)) = self.switch.fires(twice) {
            let n = booked(show).map_or(0, |record| record.n);
            return Ok(Err(SecondTicket { show, n }));
        }
        self.inner.follow(slice)
    }

    fn commit(&mut self) -> Result<(), Error> {
        if !std::mem::take(&mut self.appended) {
            if !self.switch.0.state.lock().always_busy {
                return self.inner.commit();
            }
            self.inner.roll_back();
            return Err(io_error());
        }
        self.switch.pass(Gate::Commit);
        if self.switch.happens(Fault::CommitLost) {
            self.inner.roll_back();
            return Err(io_error());
        }
        self.inner.commit()?;
        if self.switch.happens(Fault::CommitWritten) { Err(io_error()) } else { Ok(()) }
    }

    fn recover(&mut self) -> Result<(), Error> {
        if self.switch.happens(Fault::RecoverFails) {
            return Err(io_error());
        }
        self.inner.recover()
    }

    fn records(&mut self, after: N, limit: usize) -> Result<Vec<Record>, Error> {
        self.inner.records(after, limit)
    }

    fn house(&mut self, show: ShowId) -> Result<KeptHouse, Error> {
        self.inner.house(show)
    }

    fn layout(&mut self, hash: LayoutHash) -> Result<Option<Layout>, Error> {
        self.inner.layout(hash)
    }

    fn due(&mut self, until: Timestamp, limit: usize) -> Result<Vec<ShowId>, Error> {
        self.inner.due(until, limit)
    }

    fn archive(&mut self, standing: &Standing) -> Result<(), Error> {
        self.inner.archive(standing)
    }

    fn creation(&mut self, tag: KeyTag) -> Result<Option<(u64, Changed)>, Error> {
        self.inner.creation(tag)
    }

    fn change(&mut self, change: &Change) -> Result<Result<Changed, Rejection>, Error> {
        self.inner.change(change)
    }

    fn roll_back(&mut self) {
        self.inner.roll_back();
    }

    fn tend(&mut self, idle: bool) -> Result<(), Error> {
        self.inner.tend(idle)
    }

    fn tables(&self) -> Arc<dyn store::Tables> {
        let tables: Arc<dyn Tables> = self.inner.tables();
        tables
    }
}
