//! The feed: committed events in order, resumable. A subscriber reads behind its cursor and is
//! woken after a commit; a slow one falls back on the log and never holds up the writer.

use crate::catalogue::layout::Layout;
use crate::clock::Timestamp;
use crate::error::Error;
use crate::house::event::{Fact, Kind, Record, Rest, Seq, Source};
use crate::house::hold::SeatPrice;
use crate::house::seat::SeatState;
use crate::id::{Epoch, HoldId, Holder, SeatIndex, ShowId};
use crate::store::Tables;
use parking_lot::{Condvar, Mutex};
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Committed records kept in memory for subscribers that keep up.
const RING_RECORDS: usize = 16_384;
/// How far back a cursor may lie before a snapshot is cheaper than the events between.
pub const RESUME_EVENTS_MAX: usize = 5_000;

/// Where a subscriber stands: the file's history, and the last seq seen of each show. Prints as
/// `<epoch>.4:120,1:77`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The file's history.
    pub epoch: Epoch,
    /// The last seq seen, by show.
    pub shows: BTreeMap<ShowId, Seq>,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.", self.epoch)?;
        for (place, (show, seq)) in self.shows.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            write!(f, "{comma}{show}:{seq}")?;
        }
        Ok(())
    }
}

impl FromStr for Cursor {
    type Err = crate::id::ParseIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = crate::id::ParseIdError { kind: "cursor" };
        let (epoch, shows) = text.split_once('.').ok_or(wrong)?;
        let position = |part: &str| {
            let (show, seq) = part.split_once(':').ok_or(wrong)?;
            Ok((show.parse()?, seq.parse().map_err(|_| wrong)?))
        };
        let shows = shows.split(',').filter(|part| !part.is_empty()).map(position);
        Ok(Self { epoch: epoch.parse()?, shows: shows.collect::<Result<_, Self::Err>>()? })
    }
}

/// One event, as the activity log and the stream show it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Activity {
    /// The show.
    pub show: ShowId,
    /// Its place in the show.
    pub seq: Seq,
    /// Its place in the file.
    pub n: u64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: Kind,
    /// The hold or booking it is about.
    pub hold: Option<HoldId>,
    /// Whose that is. For staff only: faces leave it out for others.
    pub holder: Option<Holder>,
    /// Who asked, if that was said.
    pub actor: Option<Holder>,
    /// Through which face.
    pub source: Source,
    /// Why, if that was said.
    pub reason: Option<String>,
    /// What each seat it touched became.
    pub changes: Vec<(SeatIndex, SeatState)>,
    /// Every seat of the show may have changed: read a snapshot.
    pub whole_house: bool,
}

impl Activity {
    /// The event of a record; none for notes and records about the file.
    pub fn of(record: &Record) -> Option<Self> {
        let part = record.entry.fact.part();
        Some(Self {
            show: record.show_id()?,
            seq: record.seq?,
            n: record.n,
            at: record.at,
            kind: record.entry.fact.kind(),
            hold: part.map(|part| part.hold),
            holder: part.map(|part| part.holder.clone()),
            actor: record.entry.caller.name().cloned(),
            source: record.entry.source,
            reason: reason(&record.entry.fact),
            changes: changes(&record.entry.fact),
            whole_house: matches!(record.entry.fact, Fact::ShowCancelled { .. }),
        })
    }

    /// The seats it touched, by label.
    pub fn seats(&self, layout: &Layout) -> Vec<String> {
        self.changes.iter().map(|(seat, _)| layout.label(*seat).to_string()).collect()
    }
}

fn reason(fact: &Fact) -> Option<String> {
    let reason = match fact {
        Fact::ShowCancelled { reason } | Fact::Cancelled { reason, .. } => reason,
        Fact::Blocked { part } => &part.reference,
        _ => &None,
    };
    reason.as_deref().map(str::to_owned)
}

fn changes(fact: &Fact) -> Vec<(SeatIndex, SeatState)> {
    let became = |seats: &[SeatPrice], state: SeatState| -> Vec<_> {
        seats.iter().map(|seat| (seat.seat, state)).collect()
    };
    match fact {
        Fact::Held { part, .. } => became(&part.seats, SeatState::Held),
        Fact::Booked { part, rest, .. } => {
            let mut all = became(&part.seats, SeatState::Booked);
            if let Rest::Released(seats) = rest {
                all.extend(became(seats, SeatState::Available));
            }
            all
        }
        Fact::Released { part, .. }
        | Fact::Expired { part }
        | Fact::Cancelled { part, .. }
        | Fact::Unblocked { part } => became(&part.seats, SeatState::Available),
        Fact::Blocked { part } => became(&part.seats, SeatState::Blocked),
        Fact::Extended { .. }
        | Fact::ShowOpened(_)
        | Fact::ShowChanged(_)
        | Fact::ShowCancelled { .. }
        | Fact::Noted(_)
        | Fact::ClockAccepted { .. }
        | Fact::Archived(_) => Vec::new(),
    }
}

/// What a subscriber is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedItem {
    /// An event, the very next of its show.
    Event(Activity),
    /// The cursor is of another history, ahead of the log, or too far behind: read a snapshot and
    /// go on from its seq.
    Reset(ShowId),
}

/// What [`Feed::growth_within`] waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Growth {
    /// There is something to look at.
    Grown,
    /// The time was up.
    Quiet,
    /// Nothing more will come.
    Closed,
}

/// Committed records, for all subscribers.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    ring: Mutex<Ring>,
    grown: Condvar,
    subscribers: AtomicUsize,
}

#[derive(Debug, Default)]
struct Ring {
    /// How many records lay before the first one here.
    dropped: u64,
    records: VecDeque<Arc<Record>>,
    closed: bool,
}

impl Hub {
    /// Adds what a commit made public. Does not wake: replies go first.
    pub(crate) fn publish(&self, records: &[Arc<Record>]) {
        if self.subscribers.load(Ordering::Acquire) == 0 {
            return;
        }
        let mut ring = self.ring.lock();
        ring.records.extend(records.iter().cloned());
        let over = ring.records.len().saturating_sub(RING_RECORDS);
        ring.records.drain(..over);
        ring.dropped += over as u64;
    }

    /// Wakes every subscriber.
    pub(crate) fn wake(&self) {
        self.grown.notify_all();
    }

    /// Nothing more will come.
    pub(crate) fn close(&self) {
        self.ring.lock().closed = true;
        self.grown.notify_all();
    }

    /// Whether anybody listens.
    pub(crate) fn watched(&self) -> bool {
        self.subscribers.load(Ordering::Acquire) > 0
    }

    fn end(&self) -> u64 {
        let ring = self.ring.lock();
        ring.dropped + ring.records.len() as u64
    }
}

/// A subscription to some shows.
#[derive(Debug)]
pub struct Feed {
    hub: Arc<Hub>,
    tables: Arc<dyn Tables>,
    cursor: Cursor,
    position: u64,
    /// The last record looked at: where to go on in the log when the ring went on without us.
    last_n: u64,
    /// Hears of every show that is opened.
    openings: bool,
    /// The last opening given: the ring has a record twice where a lane read the log again.
    opened_to: u64,
    ready: VecDeque<FeedItem>,
}

impl Feed {
    /// Subscribes before reading, so nothing falls between.
    pub(crate) fn subscribe(hub: Arc<Hub>, tables: Arc<dyn Tables>, cursor: Cursor) -> Self {
        hub.subscribers.fetch_add(1, Ordering::AcqRel);
        let position = hub.end();
        let (last_n, openings, opened_to, ready) = (0, false, 0, VecDeque::new());
        Self { hub, tables, cursor, position, last_n, openings, opened_to, ready }
    }

    /// Reads what the log has behind the cursor.
    pub(crate) fn resume(&mut self, epoch: Epoch) -> Result<(), Error> {
        let foreign = self.cursor.epoch != epoch;
        self.cursor.epoch = epoch;
        self.last_n = self.tables.state()?.followed_to;
        let shows: Vec<_> = self.cursor.shows.iter().map(|(show, seq)| (*show, *seq)).collect();
        for (show, seq) in shows {
            if foreign {
                self.ready.push_back(FeedItem::Reset(show));
            } else {
                self.read_back(show, seq)?;
            }
        }
        Ok(())
    }

    fn read_back(&mut self, show: ShowId, seq: Seq) -> Result<(), Error> {
        let behind = self.tables.history(show, None, seq, RESUME_EVENTS_MAX)?;
        let oldest = behind.iter().rev().find_map(|record| record.seq);
        let head = self.tables.standings(&[show])?.first().map_or(0, |standing| standing.seq);
        let gone = oldest.is_some_and(|oldest| oldest != seq + 1);
        let ended = behind.iter().any(|record| matches!(record.entry.fact, Fact::Archived(_)));
        if seq > head || gone && !ended {
            self.ready.push_back(FeedItem::Reset(show));
            return Ok(());
        }
        behind.iter().rev().for_each(|record| self.offer(record));
        Ok(())
    }

    /// Takes a record if it is its show's next event, or opens a show.
    fn offer(&mut self, record: &Record) {
        let Some(event) = Activity::of(record) else { return };
        let opening = self.openings && event.kind == Kind::ShowOpened;
        let opened = opening && event.n > self.opened_to;
        if opened {
            self.opened_to = event.n;
        }
        let seen = self.cursor.shows.get_mut(&event.show);
        // Behind the end of a chain nothing comes, and what was before it may be in another file.
        let ends = |seen: Seq| event.kind == Kind::Archived && event.seq > seen;
        match seen.filter(|seen| event.seq == **seen + 1 || ends(**seen)) {
            Some(seen) => *seen = event.seq,
            None if opened => {}
            None => return,
        }
        self.ready.push_back(FeedItem::Event(event));
    }

    /// From now on also gives the first event of every show that is opened, whether it listens to
    /// that show or not.
    pub const fn hear_openings(&mut self) {
        self.openings = true;
    }

    /// Tells the feed where a snapshot stands, after a reset or for a new show.
    pub fn set_position(&mut self, show: ShowId, seq: Seq) {
        self.cursor.shows.insert(show, seq);
    }

    /// Listens to a show no longer.
    pub fn leave(&mut self, show: ShowId) {
        self.cursor.shows.remove(&show);
    }

    /// Where this subscriber stands: give it to [`Engine::feed`](crate::Engine::feed) to resume.
    pub const fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    /// The next item, if one is there already.
    ///
    /// # Errors
    /// A storage fault, if the subscriber fell so far behind that the log must be read.
    pub fn try_next(&mut self) -> Result<Option<FeedItem>, Error> {
        if self.ready.is_empty() {
            self.drain()?;
        }
        Ok(self.ready.pop_front())
    }

    /// The next item, waiting for it at most `patience`; `None` when the time is up or the engine
    /// closed.
    ///
    /// # Errors
    /// As [`try_next`](Self::try_next).
    pub fn next_within(&mut self, patience: Duration) -> Result<Option<FeedItem>, Error> {
        if let Some(item) = self.try_next()? {
            return Ok(Some(item));
        }
        let watch = crate::clock::Stopwatch::start();
        while let Some(left) = patience.checked_sub(watch.elapsed()) {
            let closed = self.wait_for_growth(left);
            if let Some(item) = self.try_next()? {
                return Ok(Some(item));
            }
            if closed {
                break;
            }
        }
        Ok(None)
    }

    /// Waits at most `patience` until there is something this subscriber has not looked at, of
    /// whatever show: for those who serve many feeds from one thread. Takes nothing.
    pub fn growth_within(&self, patience: Duration) -> Growth {
        let closed = self.wait_for_growth(patience);
        if self.hub.end() > self.position {
            Growth::Grown
        } else if closed {
            Growth::Closed
        } else {
            Growth::Quiet
        }
    }

    fn wait_for_growth(&self, patience: Duration) -> bool {
        let mut ring = self.hub.ring.lock();
        if !ring.closed && ring.dropped + ring.records.len() as u64 <= self.position {
            self.hub.grown.wait_for(&mut ring, patience);
        }
        ring.closed
    }

    fn drain(&mut self) -> Result<(), Error> {
        let (fell_behind, records) = {
            let ring = self.hub.ring.lock();
            let behind = self.position < ring.dropped;
            let skip = self.position.saturating_sub(ring.dropped) as usize;
            let records: Vec<_> = ring.records.iter().skip(skip).cloned().collect();
            self.position = ring.dropped + ring.records.len() as u64;
            (behind, records)
        };
        if fell_behind {
            return self.read_on();
        }
        self.last_n = records.last().map_or(self.last_n, |record| record.n.max(self.last_n));
        records.iter().for_each(|record| self.offer(record));
        Ok(())
    }

    /// The log itself, from the last record looked at: the tables may be far behind the ring.
    fn read_on(&mut self) -> Result<(), Error> {
        loop {
            let records = self.tables.records(self.last_n, 4_096)?;
            let Some(last) = records.last() else { return Ok(()) };
            self.last_n = last.n;
            records.iter().for_each(|record| self.offer(record));
        }
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.hub.subscribers.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_prints_and_reads_back() {
        let epoch = Epoch::from_bits(77);
        let shows = [(4, 120), (1, 77)]
            .map(|(show, seq)| (ShowId::new(show).expect("a show"), seq))
            .into_iter()
            .collect();
        let cursor = Cursor { epoch, shows };
        assert_eq!(cursor.to_string(), format!("{epoch}.1:77,4:120"));
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        assert!("nonsense".parse::<Cursor>().is_err());
    }
}
