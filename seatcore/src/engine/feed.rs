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
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

mod hub;

pub(crate) use hub::Hub;

/// How far back a cursor may lie before a snapshot is cheaper than the events between.
pub const RESUME_EVENTS_MAX: usize = 5_000;
/// Records read ahead of what was handed out.
const PAGE_RECORDS: usize = 1_024;

/// Where a subscriber stands: the file's history, and the last seq handed out of each show. Prints
/// as `<epoch>.4:120,1:77`. A show at 0 is heard from its opening on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The file's history.
    pub epoch: Epoch,
    /// The last seq handed out, or at which a snapshot was read, by show.
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
    /// The next event cannot be told: the cursor is of another history, ahead of the log or too far
    /// behind, or events went by. Read a snapshot and [go on](Feed::set_position) from its seq;
    /// until then nothing of the show is given but the end of its log, when it is archived.
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

/// A subscription to some shows: of each, every event once and in order, or a reset.
///
/// The [cursor](Self::cursor) covers what was handed out and nothing else. Process an item, then
/// keep the cursor: whoever is killed in between is given the item again after resuming.
/// However slow its reader, a feed has at most a page of the log in memory: 1,024 records, or the
/// 5,000 up to which a show is resumed.
///
/// ```
/// use seatcore::engine::feed::FeedItem;
/// use seatcore::{Engine, Hold};
/// # fn main() -> Result<(), seatcore::Failure> {
/// let engine = Engine::in_memory();
/// let show = seatcore::doctest::show(&engine);
/// let mut kept = engine.feed_from_now(&[show])?.cursor().to_string();
/// engine.hold(Hold::new(show, ["C5"]).by("ada")).wait()?;
/// engine.hold(Hold::new(show, ["C6"]).by("bob")).wait()?;
///
/// let mut feed = engine.feed(kept.parse().expect("a cursor of ours"))?;
/// assert_eq!(feed.cursor().to_string(), kept, "nothing was handed out yet");
/// let mut holders = Vec::new();
/// while let Some(item) = feed.try_next()? {
///     match item {
///         FeedItem::Event(event) => holders.extend(event.holder),
///         FeedItem::Reset(show) => feed.set_position(show, engine.seat_map(show)?.seq),
///     }
///     kept = feed.cursor().to_string();
/// }
/// assert_eq!(holders.len(), 2);
/// assert!(kept.ends_with(":3"), "behind the second hold");
///
/// engine.close();
/// assert!(feed.is_closed());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Feed {
    hub: Arc<Hub>,
    tables: Arc<dyn Tables>,
    /// The history that is read. The cursor's is another until every reset was answered.
    epoch: Epoch,
    /// What was handed out.
    cursor: Cursor,
    /// Shows of which nothing is given until their position is set, and their newest event that
    /// went by: after a reset, and where only the opening was heard.
    passed: BTreeMap<ShowId, Seq>,
    /// Resets to hand out.
    resets: VecDeque<ShowId>,
    /// Shows whose events behind the cursor are still to be read.
    behind: VecDeque<ShowId>,
    /// Records read and not looked at.
    page: VecDeque<Arc<Record>>,
    /// Where to go on in the ring.
    position: u64,
    /// Where to go on in the log when the ring went on without us.
    last_n: u64,
    /// It did, and the log has not been read to its end since.
    overtaken: bool,
    /// Hears of every show that is opened.
    openings: bool,
    /// The last opening given: the ring has a record twice where a lane read the log again.
    opened_to: u64,
}

impl Feed {
    /// Subscribes before reading, so nothing falls between.
    pub(crate) fn subscribe(hub: Arc<Hub>, tables: Arc<dyn Tables>, cursor: Cursor) -> Self {
        let position = hub.enter();
        Self {
            hub,
            tables,
            epoch: cursor.epoch,
            cursor,
            passed: BTreeMap::new(),
            resets: VecDeque::new(),
            behind: VecDeque::new(),
            page: VecDeque::new(),
            position,
            last_n: 0,
            overtaken: false,
            openings: false,
            opened_to: 0,
        }
    }

    /// Finds out what to read behind the cursor; the tables have followed all that the ring lacks.
    pub(crate) fn resume(&mut self, epoch: Epoch) -> Result<(), Error> {
        self.epoch = epoch;
        self.last_n = self.tables.state()?.followed_to;
        let heads = self.heads(self.cursor.shows.keys().copied())?;
        if self.cursor.epoch == epoch {
            let behind = |(show, seen): &(&ShowId, &Seq)| heads.get(show) != Some(seen);
            self.behind = self.cursor.shows.iter().filter(behind).map(|(show, _)| *show).collect();
            return Ok(());
        }
        self.resets = heads.keys().copied().collect();
        self.passed = heads;
        self.settle();
        Ok(())
    }

    /// The newest event of shows, as the tables know it.
    fn heads(&self, shows: impl Iterator<Item = ShowId>) -> Result<BTreeMap<ShowId, Seq>, Error> {
        let mut heads: BTreeMap<_, _> = shows.map(|show| (show, 0)).collect();
        let shows: Vec<_> = heads.keys().copied().collect();
        let standings = self.tables.standings(&shows)?;
        heads.extend(standings.iter().map(|standing| (standing.show, standing.seq)));
        Ok(heads)
    }

    /// The cursor is of the history that is read once no show in it waits for its position.
    fn settle(&mut self) {
        if !self.cursor.shows.keys().any(|show| self.passed.contains_key(show)) {
            self.cursor.epoch = self.epoch;
        }
    }

    /// From now on also gives the first event of every show that is opened, whether it listens to
    /// that show or not. To follow it, set its position to that event's seq before the next item is
    /// taken; later, to a snapshot's.
    pub const fn hear_openings(&mut self) {
        self.openings = true;
    }

    /// Tells the feed where a snapshot stands, after a reset or for a new show.
    ///
    /// Read the snapshot after the last item was taken. Where events behind it have gone by, a reset
    /// follows: at once in a show that the feed knew, else with the show's next event. Up to a seq
    /// that the log has not reached nothing is given.
    pub fn set_position(&mut self, show: ShowId, seq: Seq) {
        let seen = self.cursor.shows.insert(show, seq);
        let seen = seen.filter(|_| !self.behind.contains(&show));
        let passed = self.passed.remove(&show).or(seen);
        self.resets.retain(|waiting| *waiting != show);
        if let Some(passed) = passed.filter(|passed| *passed > seq) {
            self.lose(show, passed);
        }
        self.settle();
    }

    /// Listens to a show no longer.
    pub fn leave(&mut self, show: ShowId) {
        self.cursor.shows.remove(&show);
        self.passed.remove(&show);
        self.resets.retain(|waiting| *waiting != show);
        self.behind.retain(|waiting| *waiting != show);
        self.settle();
    }

    /// What was handed out: give it to [`Engine::feed`](crate::Engine::feed) to resume behind it.
    ///
    /// It moves with each event handed out and with [`set_position`](Self::set_position), not with a
    /// reset: resumed from there, the reset comes again. The epoch is the one that was resumed from
    /// until no show waits for its position.
    pub const fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    /// The next item, if one is there already.
    ///
    /// # Errors
    /// A fault, if the log must be read and cannot be: what lies behind the cursor, and what this
    /// subscriber was too slow to take from memory. Nothing is lost by it; ask again.
    pub fn try_next(&mut self) -> Result<Option<FeedItem>, Error> {
        loop {
            if let Some(show) = self.resets.pop_front() {
                return Ok(Some(FeedItem::Reset(show)));
            }
            while let Some(record) = self.page.pop_front() {
                if let Some(item) = self.look_at(&record) {
                    return Ok(Some(item));
                }
            }
            if !self.turn_page()? {
                return Ok(None);
            }
        }
    }

    /// The next item, waiting for it at most `patience`; `None` when the time is up, and at once
    /// when the engine has closed: a loop asks [`is_closed`](Self::is_closed) before it waits again.
    ///
    /// # Errors
    /// As [`try_next`](Self::try_next).
    pub fn next_within(&mut self, patience: Duration) -> Result<Option<FeedItem>, Error> {
        let watch = crate::clock::Stopwatch::start();
        loop {
            if let Some(item) = self.try_next()? {
                return Ok(Some(item));
            }
            let left = patience.saturating_sub(watch.elapsed());
            // Also if others' records keep coming: their growth is no item.
            if left.is_zero() || self.growth_within(left) != Growth::Grown {
                return Ok(None);
            }
        }
    }

    /// Waits at most `patience` until there is something this subscriber has not looked at, of
    /// whatever show: for those who serve many feeds from one thread. Takes nothing, so whoever
    /// waits for more takes all there is first.
    pub fn growth_within(&self, patience: Duration) -> Growth {
        let at_hand = !self.resets.is_empty() || !self.behind.is_empty() || !self.page.is_empty();
        if at_hand || self.overtaken {
            return Growth::Grown;
        }
        self.hub.growth_within(self.position, patience)
    }

    /// Whether the engine has closed and everything was handed out: what tells the end from
    /// silence where [`next_within`](Self::next_within) gave nothing.
    pub fn is_closed(&self) -> bool {
        self.growth_within(Duration::ZERO) == Growth::Closed
    }

    /// What a record is to this subscriber. The cursor moves here and nowhere else, as what is
    /// found is handed out at once.
    fn look_at(&mut self, record: &Record) -> Option<FeedItem> {
        let event = Activity::of(record)?;
        let Some(seen) = self.cursor.shows.get_mut(&event.show) else { return self.hear(event) };
        let waits = self.passed.get_mut(&event.show);
        if event.seq <= waits.as_deref().copied().unwrap_or(*seen) {
            return None;
        }
        // Behind the end of a chain nothing comes, and what was before it may be in another file.
        if event.kind == Kind::Archived {
            *seen = event.seq;
            self.passed.remove(&event.show);
            self.settle();
        } else if let Some(passed) = waits {
            *passed = event.seq;
            return None;
        } else if seen.checked_add(1) == Some(event.seq) {
            *seen = event.seq;
        } else {
            self.passed.insert(event.show, event.seq);
            return Some(FeedItem::Reset(event.show));
        }
        Some(FeedItem::Event(event))
    }

    /// An event of a show that it does not listen to.
    fn hear(&mut self, event: Activity) -> Option<FeedItem> {
        if self.openings && event.kind == Kind::ShowOpened && event.n > self.opened_to {
            self.opened_to = event.n;
            self.passed.insert(event.show, event.seq);
            return Some(FeedItem::Event(event));
        }
        if let Some(passed) = self.passed.get_mut(&event.show) {
            *passed = event.seq.max(*passed);
        }
        None
    }

    /// From here on events of a show cannot be shown to follow on those that were given.
    fn lose(&mut self, show: ShowId, passed: Seq) {
        self.passed.insert(show, passed);
        self.resets.push_back(show);
    }

    /// Reads on, a page at most; answers whether there may be something. Nothing moves unless the
    /// read succeeded.
    fn turn_page(&mut self) -> Result<bool, Error> {
        if let Some(show) = self.behind.front().copied() {
            self.read_back(show)?;
            self.behind.pop_front();
            return Ok(true);
        }
        if self.overtaken {
            self.read_log()?;
            return Ok(true);
        }
        let Some(records) = self.hub.page(self.position, PAGE_RECORDS) else {
            self.fall_back()?;
            return Ok(true);
        };
        self.position += records.len() as u64;
        self.take(records);
        Ok(!self.page.is_empty())
    }

    fn take(&mut self, records: Vec<Arc<Record>>) {
        let newest = records.iter().map(|record| record.n).max();
        self.last_n = self.last_n.max(newest.unwrap_or(0));
        self.page = records.into();
    }

    /// What a show's log has behind the cursor, if that can be told without a gap.
    fn read_back(&mut self, show: ShowId) -> Result<(), Error> {
        let Some(seen) = self.cursor.shows.get(&show).copied() else { return Ok(()) };
        // Asked first: what is committed between the two is among the records.
        let head = self.heads([show].into_iter())?.remove(&show).unwrap_or(0);
        let mut records = self.tables.history(show, None, seen, RESUME_EVENTS_MAX)?;
        let oldest = records.iter().rev().find_map(|record| record.seq);
        // Without an event among them there was none, or more notes than are read.
        let whole = oldest.map_or(head == seen, |oldest| seen.checked_add(1) == Some(oldest));
        if !whole {
            records.retain(|record| matches!(record.entry.fact, Fact::Archived(_)));
            if records.is_empty() {
                self.lose(show, head);
            }
        }
        self.page = records.into_iter().rev().map(Arc::new).collect();
        Ok(())
    }

    /// The ring went on without us. Shows that are too far behind for a cursor are so here too.
    fn fall_back(&mut self) -> Result<(), Error> {
        let heard = self.cursor.shows.keys().filter(|show| !self.passed.contains_key(show));
        for (show, head) in self.heads(heard.copied())? {
            let seen = self.cursor.shows.get(&show).copied().unwrap_or(head);
            if head.saturating_sub(seen) > RESUME_EVENTS_MAX as Seq {
                // What it was not given is still to go by.
                self.lose(show, seen);
            }
        }
        self.overtaken = true;
        Ok(())
    }

    /// The log itself, from the last record read: the tables may be far behind the ring.
    fn read_log(&mut self) -> Result<(), Error> {
        let end = self.hub.end();
        let records = self.tables.records(self.last_n, PAGE_RECORDS)?;
        if records.len() < PAGE_RECORDS {
            // Read to its end, and with it all that the ring had before.
            (self.position, self.overtaken) = (end, false);
        }
        self.take(records.into_iter().map(Arc::new).collect());
        Ok(())
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.hub.exit();
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

    #[test]
    fn a_page_is_read_ahead_and_no_more() {
        let engine = crate::Engine::in_memory();
        let show = crate::doctest::show(&engine);
        let mut feed = engine.feed_from_now(&[show]).expect("a feed");
        let hold = engine.hold(crate::Hold::new(show, ["A1"]).by("ada")).wait().expect("free");
        let longer = || crate::Extend::new(hold.id, Duration::from_secs(600));
        let replies: Vec<_> = (0..3_000).map(|_| engine.extend_with(longer())).collect();
        replies.into_iter().for_each(|reply| assert!(reply.wait().is_ok()));
        for seq in 2..=3_002 {
            let item = feed.try_next().expect("nothing is read from the log");
            assert!(matches!(item, Some(FeedItem::Event(event)) if event.seq == seq));
            assert!(feed.page.len() < PAGE_RECORDS);
        }
        assert_eq!(feed.try_next(), Ok(None));
    }
}
