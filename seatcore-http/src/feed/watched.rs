//! A show that somebody listens to: its seats folded from the feed, and the latest events for
//! those who come back.

use super::frame::{self, Delta, Full};
use seatcore::catalogue::layout::Layout;
use seatcore::catalogue::show::ShowStatus;
use seatcore::clock::Timestamp;
use seatcore::engine::feed::{Activity, RESUME_EVENTS_MAX};
use seatcore::house::event::Kind;
use seatcore::house::seat::SeatState;
use seatcore::id::SeatIndex;
use seatcore::{Engine, Failure, Holder, ShowId, Snapshot, Stats};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// `act` frames of one show at once: in a rush the newest, since nobody reads more. The log itself
/// is at `/api/v1/activity`.
pub const ACTS_MAX: usize = 50;
/// Seats that the events kept for resuming may touch together: some megabytes a show.
const TAIL_SEATS_MAX: usize = 100_000;

/// A show that somebody listens to.
#[derive(Debug)]
pub struct Watched {
    show: ShowId,
    layout: Arc<Layout>,
    symbols: Vec<u8>,
    stats: Stats,
    standing: Standing,
    seq: u64,
    tail: Tail,
    /// The `show` frame of this seq, made by the first who needs it.
    full: Option<Arc<str>>,
}

/// Whether a show can be bought, and until when that stands if nobody changes it: sales open and
/// close by the clock, without an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    status: ShowStatus,
    until: Option<Timestamp>,
}

impl Standing {
    /// As it is now.
    ///
    /// # Errors
    /// `not_found`, or a fault.
    pub fn of(engine: &Engine, show: ShowId) -> Result<Self, Failure> {
        let (show, now) = (engine.show(show)?, engine.now());
        let until = show.opening.terms.turns_at(now).filter(|_| !show.cancelled);
        Ok(Self { status: show.status(now), until })
    }
}

/// The latest events, oldest first, each the next of the one before.
#[derive(Debug, Default)]
struct Tail {
    events: VecDeque<Activity>,
    seats: usize,
    /// The log was read: what is not here is too old.
    whole: bool,
}

/// What some events did to a show, as frames, made once for everybody.
#[derive(Debug, Default)]
pub struct Change {
    /// The seq after it.
    pub to: u64,
    /// `act` frames that name nobody.
    pub acts: String,
    /// `act` frames for those who may see names.
    pub named_acts: String,
    /// The `show` frame, if more than seats changed.
    pub show: Option<Arc<str>>,
    /// The `d` frame; empty, if only the clock moved.
    pub delta: String,
    /// Private frames by holder.
    pub mine: BTreeMap<Holder, String>,
}

/// How somebody who was here before goes on.
#[derive(Debug, PartialEq, Eq)]
pub enum Resumed {
    /// Nothing happened since.
    Current,
    /// `act` frames, then the `d` frame.
    Frames(String, String),
    /// It cannot be told any more.
    Lost(&'static str),
}

impl Watched {
    /// A show as it stands.
    pub fn of(snapshot: &Snapshot, standing: Standing) -> Self {
        Self {
            show: snapshot.show,
            layout: snapshot.layout.clone(),
            symbols: snapshot.symbols.as_bytes().to_vec(),
            stats: snapshot.stats,
            standing,
            seq: snapshot.seq,
            tail: Tail::default(),
            full: None,
        }
    }

    /// The newest event folded in.
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// Every seat, as a frame.
    pub fn full(&mut self) -> Arc<str> {
        if let Some(full) = &self.full {
            return full.clone();
        }
        let mut text = String::with_capacity(self.symbols.len() + 256);
        let data = Full {
            show: self.show,
            seq: self.seq,
            layout: self.layout.hash(),
            status: self.standing.status,
            s: std::str::from_utf8(&self.symbols).unwrap_or_default(),
            n: self.stats,
        };
        frame::frame(&mut text, "show", &data);
        let full: Arc<str> = text.into();
        self.full = Some(full.clone());
        full
    }

    /// Whether it can be bought.
    pub const fn status(&self) -> ShowStatus {
        self.standing.status
    }

    /// When the clock alone changes whether it can be bought.
    pub const fn turns_at(&self) -> Option<Timestamp> {
        self.standing.until
    }

    /// The clock has changed whether it can be bought, or not yet.
    pub fn turn(&mut self, standing: Standing) -> Option<Change> {
        let before = std::mem::replace(&mut self.standing, standing);
        if before.status == standing.status {
            return None;
        }
        self.full = None;
        Some(Change { to: self.seq, show: Some(self.full()), ..Change::default() })
    }

    /// Folds events in, each the next of the show, and says what became of it. `standing` is asked
    /// if they changed more than seats.
    pub fn fold(
        &mut self,
        events: Vec<Activity>,
        standing: impl FnOnce() -> Option<Standing>,
    ) -> Change {
        let from = self.seq + 1;
        let (mut touched, mut restated) = (BTreeMap::new(), false);
        for event in &events {
            self.seq = event.seq;
            restated |= matches!(event.kind, Kind::ShowChanged | Kind::ShowCancelled);
            if event.whole_house {
                let taken = (0_u32..).zip(&self.symbols);
                let taken: Vec<_> = taken.filter(|(_, symbol)| **symbol != FREE).collect();
                touched.extend(taken.into_iter().map(|(seat, _)| (SeatIndex(seat), FREE)));
                self.symbols.fill(FREE);
                self.stats = Stats {
                    available: self.stats.capacity,
                    capacity: self.stats.capacity,
                    ..Stats::default()
                };
            }
            for (seat, state) in &event.changes {
                self.set(*seat, *state);
                touched.insert(*seat, state.symbol());
            }
        }
        self.full = None;
        if restated {
            self.standing = standing().unwrap_or(self.standing);
        }
        let changes: Vec<_> = touched.into_iter().collect();
        let mut delta = String::with_capacity(160 + changes.len() * 10);
        let (show, to, stats) = (self.show, self.seq, self.stats);
        frame::delta(&mut delta, &Delta { show, from, to, changes: &changes, stats });
        let acts = self.acts(events.iter(), false);
        let named_acts = self.acts(events.iter(), true);
        let mine = self.mine(&events);
        let show = restated.then(|| self.full());
        events.into_iter().for_each(|event| self.tail.push(event));
        Change { to, acts, named_acts, show, delta, mine }
    }

    fn set(&mut self, seat: SeatIndex, state: SeatState) {
        let Some(symbol) = self.symbols.get_mut(seat.0 as usize) else { return };
        let before = std::mem::replace(symbol, state.symbol());
        let [less, more] = [before, state.symbol()].map(|symbol| {
            let count: fn(&mut Stats) -> &mut u32 = match symbol {
                b'h' => |stats| &mut stats.held,
                b'b' => |stats| &mut stats.booked,
                b'x' => |stats| &mut stats.blocked,
                _ => |stats| &mut stats.available,
            };
            count
        });
        *less(&mut self.stats) -= 1;
        *more(&mut self.stats) += 1;
    }

    fn acts<'e>(&self, events: impl ExactSizeIterator<Item = &'e Activity>, names: bool) -> String {
        let older = events.len().saturating_sub(ACTS_MAX);
        let mut text = String::new();
        for event in events.skip(older) {
            frame::act(&mut text, event, &self.layout, names);
        }
        text
    }

    fn mine(&self, events: &[Activity]) -> BTreeMap<Holder, String> {
        let mut by_holder: BTreeMap<Holder, String> = BTreeMap::new();
        for event in events {
            if let Some(holder) = &event.holder {
                let text = by_holder.entry(holder.clone()).or_default();
                frame::frame(text, "me", &frame::Mine::of(event, &self.layout));
            }
        }
        by_holder
    }

    /// What somebody who saw everything up to `seen` has missed: each seat that was touched, as it
    /// is now.
    ///
    /// # Errors
    /// A fault, if the log must be read and cannot be.
    pub fn resume(&mut self, engine: &Engine, seen: u64, names: bool) -> Result<Resumed, Failure> {
        if seen == self.seq {
            return Ok(Resumed::Current);
        }
        if seen > self.seq {
            return Ok(Resumed::Lost("ahead"));
        }
        if self.seq - seen > RESUME_EVENTS_MAX as u64 {
            return Ok(Resumed::Lost("too_old"));
        }
        if !self.tail.whole && !self.tail.reaches(seen, self.seq) {
            self.read_back(engine)?;
        }
        let missed = self.tail.behind(seen, self.seq);
        if missed.len() as u64 != self.seq - seen {
            return Ok(Resumed::Lost("too_old"));
        }
        if missed.iter().any(|event| event.whole_house) {
            return Ok(Resumed::Lost("show_cancelled"));
        }
        let touched = missed.iter().flat_map(|event| event.changes.iter());
        let mut seats: Vec<_> = touched.map(|(seat, _)| *seat).collect();
        seats.sort_unstable();
        seats.dedup();
        let now = |seat: SeatIndex| self.symbols.get(seat.0 as usize).map(|now| (seat, *now));
        let changes: Vec<_> = seats.into_iter().filter_map(now).collect();
        let mut delta = String::new();
        let (show, to, stats) = (self.show, self.seq, self.stats);
        frame::delta(&mut delta, &Delta { show, from: seen + 1, to, changes: &changes, stats });
        let mut acts = self.acts(missed.iter().copied(), names);
        if missed.iter().any(|event| event.kind == Kind::ShowChanged) {
            acts.push_str(&self.full());
        }
        Ok(Resumed::Frames(acts, delta))
    }

    /// Takes as many events from the log as anybody may resume from: the next who comes back
    /// finds them here.
    fn read_back(&mut self, engine: &Engine) -> Result<(), Failure> {
        let mut events = engine.history(self.show, None, RESUME_EVENTS_MAX + SLACK)?;
        events.retain(|event| event.seq <= self.seq);
        self.tail = Tail { whole: true, ..Tail::default() };
        events.into_iter().rev().for_each(|event| self.tail.push(event));
        Ok(())
    }
}

/// Records read beyond the events wanted: notes and what came since stand among them.
const SLACK: usize = 1_000;
const FREE: u8 = SeatState::Available.symbol();

impl Tail {
    fn push(&mut self, event: Activity) {
        self.seats += event.changes.len();
        self.events.push_back(event);
        while self.events.len() > RESUME_EVENTS_MAX || self.seats > TAIL_SEATS_MAX {
            let Some(oldest) = self.events.pop_front() else { break };
            self.seats -= oldest.changes.len();
        }
    }

    /// Whether every event behind `seen` is here.
    fn reaches(&self, seen: u64, head: u64) -> bool {
        self.events.front().map_or(head, |oldest| oldest.seq - 1) <= seen
    }

    fn behind(&self, seen: u64, head: u64) -> Vec<&Activity> {
        let count = (head - seen) as usize;
        let first = self.events.len().saturating_sub(count);
        self.events.range(first..).filter(|event| event.seq > seen).collect()
    }
}
