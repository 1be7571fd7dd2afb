//! Snapshots: a show's seats as everybody may see them, immutable, behind an atomic swap.
//!
//! A reader takes the current one without asking anybody, as long as no deadline in it has come.
//! The lane makes a new one at most once a batch, and only for shows that somebody reads.

use crate::catalogue::layout::Layout;
use crate::catalogue::show::ShowStatus;
use crate::clock::{EngineTime, Glance, Timestamp};
use crate::house::event::Seq;
use crate::house::seat::SeatState;
use crate::house::{House, Stats};
use crate::id::{Epoch, SeatIndex, ShowId, crockford};
use arc_swap::ArcSwapOption;
use rustc_hash::FxHashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// A show's seats at one event and one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Snapshot {
    /// The show.
    pub show: ShowId,
    /// The newest event in it.
    pub seq: Seq,
    /// The plan that names the seats.
    pub layout: Arc<Layout>,
    /// One character per seat in the layout's order: `.` available, `h` held, `b` booked,
    /// `x` blocked.
    pub symbols: Arc<str>,
    /// The same, counted.
    pub stats: Stats,
    /// Whether it can be bought.
    pub status: ShowStatus,
    /// True until just before this moment, if no event comes first: the earliest deadline in it,
    /// or the moment sales open or close.
    pub valid_until: Option<Timestamp>,
    /// Lapsed holds in it that no event has told of: the second part of its version.
    pub lapses: u32,
    /// The file's history.
    pub epoch: Epoch,
}

impl Snapshot {
    /// A house as it reads at `now`.
    pub fn of(house: &House, epoch: Epoch, now: Timestamp) -> Self {
        Self {
            show: house.show(),
            seq: house.head().seq,
            layout: house.layout().clone(),
            symbols: symbols(house, now),
            stats: house.stats(now),
            status: house.status(now),
            valid_until: house.valid_until(now),
            lapses: house.lapsed(now).count() as u32,
            epoch,
        }
    }

    /// The version of what it shows: equal tags, equal seats.
    pub fn etag(&self) -> String {
        // Asked with every read: written without the formatter.
        let mut tag = String::with_capacity(64);
        tag.push_str(crockford::encode::<8>(u128::from(self.epoch.bits())).as_str());
        for number in [u64::from(self.show.get()), self.seq, u64::from(self.lapses)] {
            tag.push('-');
            tag.push_str(itoa::Buffer::new().format(number));
        }
        tag.push('-');
        tag.push_str(self.status.as_str());
        tag
    }

    /// What a seat is; `None` outside the layout.
    pub fn seat(&self, seat: SeatIndex) -> Option<SeatState> {
        let symbol = *self.symbols.as_bytes().get(seat.0 as usize)?;
        let states = [SeatState::Available, SeatState::Held, SeatState::Booked, SeatState::Blocked];
        states.into_iter().find(|state| state.symbol() == symbol)
    }

    /// What a seat is, by its label.
    pub fn seat_labelled(&self, label: &str) -> Option<SeatState> {
        self.seat(self.layout.seat(label)?)
    }

    /// Whether it still reads true at `now`.
    pub fn valid_at(&self, now: Timestamp) -> bool {
        self.valid_until.is_none_or(|until| now < until)
    }
}

/// Paints all seats free, then each claim over them: what is sold decides the cost, not how
/// states alternate.
fn symbols(house: &House, now: Timestamp) -> Arc<str> {
    let mut painted = vec![SeatState::Available.symbol(); house.layout().len() as usize];
    for hold in house.holds().filter(|hold| hold.state.claims()) {
        let symbol = SeatState::under(hold.state_at(now)).symbol();
        for seat in &hold.seats {
            if let Some(place) = painted.get_mut(seat.seat.0 as usize) {
                *place = symbol;
            }
        }
    }
    String::from_utf8(painted).unwrap_or_default().into()
}

/// What hangs on the board is taken as it is while the lane has looked at the log this lately.
const NOTICE_MS: u64 = crate::engine::lane::NOTICE.as_millis() as u64;

/// One show's place on the board.
#[derive(Debug, Default)]
pub(crate) struct Pane {
    current: ArcSwapOption<Snapshot>,
    /// Somebody has read it since it was last put up.
    wanted: AtomicBool,
}

/// Where snapshots hang.
#[derive(Debug, Default)]
pub(crate) struct Board {
    /// Monotonic milliseconds at which the lane last looked at the log's head.
    looked: AtomicU64,
    panes: parking_lot::RwLock<FxHashMap<ShowId, Arc<Pane>>>,
}

impl Board {
    /// The current snapshot, if it reads true at `now`.
    pub(crate) fn read(&self, show: ShowId, now: Timestamp) -> Option<Arc<Snapshot>> {
        self.read_if(show, |snapshot| snapshot.valid_at(now))
    }

    fn read_if(
        &self,
        show: ShowId,
        is_valid: impl FnOnce(&Snapshot) -> bool,
    ) -> Option<Arc<Snapshot>> {
        let panes = self.panes.read();
        let pane = panes.get(&show)?;
        let snapshot = pane.current.load_full().filter(|snapshot| is_valid(snapshot))?;
        if !pane.wanted.load(Ordering::Relaxed) {
            pane.wanted.store(true, Ordering::Relaxed);
        }
        Some(snapshot)
    }

    /// The lane has just seen the log's head: what hangs here is as of now.
    pub(crate) fn looked(&self) {
        self.looked.store(Glance::now().monotonic_ms(), Ordering::Release);
    }

    /// The same for readers: only while the lane has looked lately, since another process may
    /// have written.
    pub(crate) fn read_fresh(&self, show: ShowId, time: &EngineTime) -> Option<Arc<Snapshot>> {
        let glance = Glance::now();
        let age = glance.monotonic_ms().saturating_sub(self.looked.load(Ordering::Acquire));
        if age > NOTICE_MS {
            return None;
        }
        self.read_if(show, |snapshot| match snapshot.valid_until {
            None => true,
            Some(until) => time.is_before(until, glance) || snapshot.valid_at(time.now()),
        })
    }

    /// Puts a snapshot up.
    pub(crate) fn put(&self, snapshot: Arc<Snapshot>) {
        let show = snapshot.show;
        let pane = self.panes.read().get(&show).cloned();
        let pane = pane.unwrap_or_else(|| self.panes.write().entry(show).or_default().clone());
        pane.current.store(Some(snapshot));
    }

    /// A show changed: makes the new snapshot if somebody reads it, else takes the old one down.
    pub(crate) fn refresh(&self, show: ShowId, make: impl FnOnce() -> Option<Snapshot>) {
        let Some(pane) = self.panes.read().get(&show).cloned() else { return };
        let wanted = pane.wanted.swap(false, Ordering::Relaxed);
        pane.current.store(if wanted { make().map(Arc::new) } else { None });
    }

    /// Takes a show's place away: its house left memory, and what is read again hangs again.
    pub(crate) fn forget(&self, show: ShowId) {
        self.panes.write().remove(&show);
    }

    /// Takes everything down.
    pub(crate) fn clear(&self) {
        self.panes.write().clear();
    }
}
