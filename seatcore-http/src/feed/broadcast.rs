//! One reader for all: it folds the engine's feed into the shows that somebody listens to, and
//! hands every listener the same bytes.

use super::frame::{self, Hello, Reset, Stands};
use super::watched::{Change, Resumed, Standing, Watched};
use crate::options::StreamLimits;
use bytes::Bytes;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use seatcore::accounts::SessionToken;
use seatcore::clock::{Stopwatch, Timestamp};
use seatcore::engine::feed::{Activity, Cursor, Feed, FeedItem, Growth};
use seatcore::error::{BusyReason, Code, Error};
use seatcore::house::event::Kind;
use seatcore::house::rejection::Rejection;
use seatcore::id::KeyId;
use seatcore::{Engine, Failure, Holder, ShowId};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Changes of this long go out together.
const FLUSH_EVERY: Duration = Duration::from_millis(50);
/// Events that one flush takes.
const FLUSH_EVENTS: usize = 16_384;
/// How often listeners who went away are forgotten.
const TIDY_EVERY: Duration = Duration::from_secs(1);
/// How often it is asked whether listeners may still know what they are told.
const CHECK_EVERY: Duration = Duration::from_secs(5);
/// Lapses that no event has told of are published before a show is watched.
const SWEEPS: usize = 3;

/// What listeners share.
#[derive(Debug)]
pub struct Broadcast {
    engine: Engine,
    limits: StreamLimits,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// There is one while somebody listens.
    reading: Option<Reading>,
    /// Listeners by what they hear.
    groups: FxHashMap<Topic, Vec<Member>>,
    /// Counts listeners, so that they do not all come back at once.
    counted: u64,
    stopped: bool,
}

#[derive(Debug)]
struct Reading {
    feed: Feed,
    shows: FxHashMap<ShowId, Watched>,
}

/// What a listener hears: the same for everybody in it, to the byte.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Topic {
    shows: Vec<ShowId>,
    names: bool,
}

#[derive(Debug)]
struct Member {
    frames: mpsc::Sender<Bytes>,
    holder: Option<Holder>,
    pass: Pass,
    number: u64,
}

/// What lets a listener hear private frames. It may end while they listen.
#[derive(Debug, Clone)]
pub enum Pass {
    /// Nothing: they hear what everybody may hear.
    Guest,
    /// A session.
    Session(SessionToken),
    /// An API key.
    Key(KeyId),
}

/// Where a listener goes on.
#[derive(Debug, Clone)]
pub enum After {
    /// They were not here before.
    Nothing,
    /// They were here, and it cannot be read where.
    Unreadable,
    /// Behind this.
    Cursor(Cursor),
}

/// What somebody wants to hear.
#[derive(Debug)]
pub struct Wish {
    /// Of which shows, in order, none twice.
    pub shows: Vec<ShowId>,
    /// From where on.
    pub after: After,
    /// Whether they may know who did it.
    pub names: bool,
    /// Whose private frames they hear.
    pub holder: Option<Holder>,
    /// What allows the last two.
    pub pass: Pass,
}

/// What a listener hears.
#[derive(Debug)]
pub struct Heard {
    /// The beginning.
    pub first: Bytes,
    /// The rest.
    pub rest: mpsc::Receiver<Bytes>,
}

impl Broadcast {
    /// Nobody listens yet.
    pub fn new(engine: Engine, limits: StreamLimits) -> Self {
        Self { engine, limits, state: Mutex::default() }
    }

    /// Begins to listen. May wait for the disk.
    ///
    /// # Errors
    /// `not_found` for an unknown show, `busy` once the server stops, or a fault.
    pub fn listen(self: &Arc<Self>, wish: Wish) -> Result<Heard, Failure> {
        let mut state = self.state.lock();
        if state.stopped {
            let (reason, retry_after) = (BusyReason::Closing, Duration::from_secs(1));
            return Err(Error::Busy { reason, retry_after }.into());
        }
        if state.reading.is_none() {
            state.reading = Some(self.start_reading()?);
        }
        state.counted += 1;
        let number = state.counted;
        let Some(reading) = &mut state.reading else { return Err(Error::OutcomeUnknown.into()) };
        let (shows, first) = reading.greet(&self.engine, &wish, self.limits.heartbeat, number)?;
        let (frames, rest) = mpsc::channel(self.limits.waiting.max(1));
        let Wish { names, holder, pass, .. } = wish;
        let members = state.groups.entry(Topic { shows, names }).or_default();
        members.push(Member { frames, holder, pass, number });
        Ok(Heard { first: first.into(), rest })
    }

    /// Says goodbye to everybody: the server stops.
    pub fn stop(&self) {
        let mut state = self.state.lock();
        state.stopped = true;
        state.say_bye("stopping");
    }

    /// The reader of the feed: one thread, as long as somebody listens.
    fn start_reading(self: &Arc<Self>) -> Result<Reading, Failure> {
        let (epoch, _) = self.engine.position()?;
        let nothing = Cursor { epoch, shows: BTreeMap::new() };
        // Woken by whatever happens, while the other feed is read under the lock.
        let bell = self.engine.feed(nothing.clone())?;
        let mut feed = self.engine.feed(nothing)?;
        feed.hear_openings();
        let broadcast = self.clone();
        let run = move || broadcast.read(bell);
        let started = std::thread::Builder::new().name("seatcore-feed".to_owned()).spawn(run);
        let fault = |error| Error::storage(seatcore::error::StorageReason::Io, error);
        started.map_err(fault)?;
        Ok(Reading { feed, shows: FxHashMap::default() })
    }

    /// How long to wait for an event: not beyond what the clock alone changes.
    fn patience(&self) -> Duration {
        let state = self.state.lock();
        let turns_at = state.reading.as_ref().and_then(Reading::turns_at);
        let left = turns_at.map(|turns_at| turns_at.since(self.engine.now()));
        // Up to the millisecond after it: until then it has not come.
        left.map_or(TIDY_EVERY, |left| TIDY_EVERY.min(left + Duration::from_millis(1)))
    }

    fn read(&self, mut bell: Feed) {
        let (mut tidied, mut checked) = (Stopwatch::start(), Stopwatch::start());
        loop {
            let growth = bell.growth_within(self.patience());
            // It rings for everybody and has nothing to say itself: a fault is met below.
            drop(bell.try_next());
            let mut state = self.state.lock();
            if growth == Growth::Closed {
                state.say_bye("stopping");
            } else if state.flush(&self.engine).is_err() {
                // Whoever comes back is told what is wrong, or goes on as if nothing had been.
                state.say_bye("fault");
            }
            if tidied.elapsed() >= TIDY_EVERY {
                tidied = Stopwatch::start();
                let check = checked.elapsed() >= CHECK_EVERY;
                if check {
                    checked = Stopwatch::start();
                }
                state.tidy(&self.engine, check);
            }
            if state.groups.is_empty() {
                state.reading = None;
                return;
            }
            drop(state);
            if growth == Growth::Grown {
                std::thread::sleep(FLUSH_EVERY);
            }
        }
    }
}

impl Reading {
    /// The first moment at which the clock alone opens or closes sales.
    fn turns_at(&self) -> Option<Timestamp> {
        self.shows.values().filter_map(Watched::turns_at).min()
    }

    /// Folds a show from now on, if nobody listens to it yet.
    fn watch(&mut self, engine: &Engine, show: ShowId) -> Result<&mut Watched, Failure> {
        use std::collections::hash_map::Entry;
        match self.shows.entry(show) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(place) => {
                let mut snapshot = engine.seat_map(show)?;
                for _ in 0..SWEEPS {
                    if snapshot.lapses == 0 {
                        break;
                    }
                    // Else it shows seats free of which the log still says that they are held.
                    engine.sweep().wait()?;
                    snapshot = engine.seat_map(show)?;
                }
                // Nothing of this show was taken from the feed beyond the snapshot: it was read
                // after the feed, under the same lock.
                self.feed.set_position(show, snapshot.seq);
                Ok(place.insert(Watched::of(&snapshot, Standing::of(engine, show)?)))
            }
        }
    }

    /// A show that went on too far to be told event by event: everybody is given it whole.
    fn renew(&mut self, engine: &Engine, show: ShowId) -> Result<(u64, Change), Failure> {
        let before = self.shows.remove(&show).map_or(0, |watched| watched.seq());
        let watched = self.watch(engine, show)?;
        let acts = reset(show, "too_old");
        let (to, whole) = (watched.seq(), Some(watched.full()));
        let named_acts = acts.clone();
        Ok((before, Change { to, acts, named_acts, show: whole, ..Change::default() }))
    }

    /// Adds the shows whose sales the clock has opened or closed.
    fn turn(
        &mut self,
        engine: &Engine,
        changes: &mut BTreeMap<ShowId, (u64, Change)>,
    ) -> Result<(), Failure> {
        let now = engine.now();
        for (show, watched) in &mut self.shows {
            if watched.turns_at().is_none_or(|turns_at| now < turns_at) {
                continue;
            }
            let seq = watched.seq();
            if let Some(turned) = watched.turn(Standing::of(engine, *show)?) {
                // Beside events of the same flush its frame comes before their `d`.
                let (_, change) = changes.entry(*show).or_insert_with(|| (seq, Change::default()));
                (change.to, change.show) = (turned.to, turned.show);
            }
        }
        Ok(())
    }

    /// What a listener hears first, and the shows they hear of from then on.
    fn greet(
        &mut self,
        engine: &Engine,
        wish: &Wish,
        heartbeat: Duration,
        number: u64,
    ) -> Result<(Vec<ShowId>, String), Failure> {
        let (mut shows, mut stands, mut frames) = (Vec::new(), Vec::new(), Vec::new());
        let epoch = self.feed.cursor().epoch;
        for show in wish.shows.iter().copied() {
            let watched = match self.watch(engine, show) {
                // A show that is stopped or over must not take the others' stream with it.
                Err(Failure::Fault(Error::Corrupt { .. })) => {
                    frames.push(reset(show, "corrupt"));
                    continue;
                }
                Err(Failure::Rejected(Rejection::ShowClosed)) => {
                    frames.push(reset(show, "archived"));
                    continue;
                }
                watched => watched?,
            };
            let resumed = match &wish.after {
                After::Nothing => None,
                After::Unreadable => Some(Resumed::Lost("unreadable")),
                After::Cursor(cursor) => match cursor.shows.get(&show) {
                    None => None,
                    Some(_) if cursor.epoch != epoch => Some(Resumed::Lost("history")),
                    Some(seen) => Some(watched.resume(engine, *seen, wish.names)?),
                },
            };
            shows.push(show);
            let goes_on = matches!(resumed, Some(Resumed::Current | Resumed::Frames(..)));
            let (seq, status) = (watched.seq(), watched.status());
            stands.push(Stands { show, seq, status, resumed: goes_on });
            match resumed {
                Some(Resumed::Current) => {}
                Some(Resumed::Frames(acts, delta)) => frames.extend([acts, delta]),
                Some(Resumed::Lost(why)) => {
                    frames.extend([reset(show, why), watched.full().to_string()]);
                }
                None => frames.push(watched.full().to_string()),
            }
        }
        let positions = stands.iter().map(|stands| (stands.show, stands.seq));
        let cursor = Cursor { epoch, shows: positions.collect() };
        let hello = Hello {
            epoch: epoch.to_string(),
            now: engine.now(),
            version: env!("CARGO_PKG_VERSION"),
            heartbeat_ms: heartbeat.as_millis() as u64,
            holder: wish.holder.clone(),
            shows: stands,
        };
        Ok((shows, opening(&hello, &frames, &cursor, number)))
    }
}

/// The frames before the first change; the last of them has the cursor.
fn opening(hello: &Hello, frames: &[String], cursor: &Cursor, number: u64) -> String {
    let mut text = String::with_capacity(512 + frames.iter().map(String::len).sum::<usize>());
    frame::retry(&mut text, jitter(number, 500, 1_500));
    if frames.is_empty() {
        frame::id(&mut text, cursor);
    }
    frame::frame(&mut text, "hello", hello);
    for (place, each) in frames.iter().enumerate() {
        if place + 1 == frames.len() {
            frame::id(&mut text, cursor);
        }
        text.push_str(each);
    }
    text
}

fn reset(show: ShowId, reason: &'static str) -> String {
    let mut text = String::new();
    frame::frame(&mut text, "reset", &Reset { show, reason });
    text
}

/// A wait for this listener, spread evenly over `from..to` by the golden ratio.
const fn jitter(number: u64, from: u64, to: u64) -> u64 {
    let spread = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    from + ((spread * (to - from)) >> 32)
}

impl State {
    /// Takes what the feed has and tells everybody.
    fn flush(&mut self, engine: &Engine) -> Result<(), Failure> {
        let Some(reading) = &mut self.reading else { return Ok(()) };
        let mut events: BTreeMap<ShowId, Vec<Activity>> = BTreeMap::new();
        let (mut opened, mut lost) = (Vec::new(), Vec::new());
        for _ in 0..FLUSH_EVENTS {
            match reading.feed.try_next()? {
                Some(FeedItem::Event(event)) if event.kind == Kind::ShowOpened => {
                    opened.push(event);
                }
                Some(FeedItem::Event(event)) => {
                    events.entry(event.show).or_default().push(event);
                }
                Some(FeedItem::Reset(show)) => {
                    events.remove(&show);
                    lost.push(show);
                }
                None => break,
            }
        }
        let mut changes = BTreeMap::new();
        for (show, events) in events {
            let Some(watched) = reading.shows.get_mut(&show) else { continue };
            let standing = || Standing::of(engine, show).ok();
            changes.insert(show, (watched.seq(), watched.fold(events, standing)));
        }
        for show in lost {
            changes.insert(show, reading.renew(engine, show)?);
        }
        reading.turn(engine, &mut changes)?;
        self.tell(&changes, &Opened::of(engine, &opened));
        Ok(())
    }

    fn tell(&mut self, changes: &BTreeMap<ShowId, (u64, Change)>, opened: &Opened) {
        let Some(reading) = &self.reading else { return };
        let epoch = reading.feed.cursor().epoch;
        for (topic, members) in &mut self.groups {
            // Before this flush each show stood where the group had seen it.
            let before = |show: &ShowId| {
                let now = reading.shows.get(show).map_or(0, Watched::seq);
                (*show, changes.get(show).map_or(now, |(before, _)| *before))
            };
            let news = if topic.names { &opened.named_acts } else { &opened.acts };
            let concerned = topic.shows.iter().any(|show| changes.contains_key(show));
            if !concerned && news.is_empty() {
                continue;
            }
            let mut cursor = Cursor { epoch, shows: topic.shows.iter().map(before).collect() };
            let bytes: Bytes = (news.clone() + &piece(topic, changes, &mut cursor)).into();
            members.retain(|member| {
                let sent = member.frames.try_send(bytes.clone()).is_ok();
                sent && member.told_own(topic, changes)
            });
        }
        self.groups.retain(|_, members| !members.is_empty());
    }

    /// Forgets who went away, who may not listen any longer, and shows that nobody listens to.
    fn tidy(&mut self, engine: &Engine, check: bool) {
        self.groups.retain(|_, members| {
            members.retain(|member| {
                if member.frames.is_closed() {
                    return false;
                }
                let good = !check || member.pass.is_good(engine);
                if !good {
                    member.say_bye(Code::NotSignedIn.as_str());
                }
                good
            });
            !members.is_empty()
        });
        let Some(reading) = &mut self.reading else { return };
        let heard: std::collections::BTreeSet<_> =
            self.groups.keys().flat_map(|topic| topic.shows.iter().copied()).collect();
        let unheard: Vec<_> =
            reading.shows.keys().filter(|show| !heard.contains(show)).copied().collect();
        for show in unheard {
            reading.shows.remove(&show);
            reading.feed.leave(show);
        }
    }

    fn say_bye(&mut self, reason: &str) {
        for member in self.groups.drain().flat_map(|(_, members)| members) {
            member.say_bye(reason);
        }
    }
}

/// Shows that were opened, as `act` frames for every listener: a programme has grown.
#[derive(Debug, Default)]
struct Opened {
    acts: String,
    named_acts: String,
}

impl Opened {
    fn of(engine: &Engine, events: &[Activity]) -> Self {
        let mut opened = Self::default();
        for event in events {
            // A show that cannot be read is no news.
            let layout = engine.show(event.show).map(|show| show.opening.layout);
            let Ok(layout) = layout.and_then(|hash| engine.layout(hash)) else { continue };
            frame::act(&mut opened.acts, event, &layout, false);
            frame::act(&mut opened.named_acts, event, &layout, true);
        }
        opened
    }
}

/// One flush for one topic. A show's `d` comes last of its frames and has the cursor: whoever is
/// cut off before it is given all of them again.
fn piece(topic: &Topic, changes: &BTreeMap<ShowId, (u64, Change)>, cursor: &mut Cursor) -> String {
    let mut text = String::new();
    for show in &topic.shows {
        let Some((_, change)) = changes.get(show) else { continue };
        text.push_str(if topic.names { &change.named_acts } else { &change.acts });
        cursor.shows.insert(*show, change.to);
        let whole = change.show.as_deref().unwrap_or_default();
        let frames = if change.delta.is_empty() { ["", whole] } else { [whole, &change.delta] };
        text.push_str(frames[0]);
        frame::id(&mut text, cursor);
        text.push_str(frames[1]);
    }
    text
}

impl Member {
    /// Who has no room for it ends without it.
    fn say_bye(&self, reason: &str) {
        let wait = jitter(self.number, 300, 1_500);
        drop(self.frames.try_send(frame::bye(wait, reason).into()));
    }

    /// Tells what happened to their own holds; answers whether there was room for it.
    fn told_own(&self, topic: &Topic, changes: &BTreeMap<ShowId, (u64, Change)>) -> bool {
        let Some(holder) = &self.holder else { return true };
        let own = topic.shows.iter().filter_map(|show| changes.get(show)?.1.mine.get(holder));
        let text: String = own.map(String::as_str).collect();
        text.is_empty() || self.frames.try_send(text.into()).is_ok()
    }
}

impl Pass {
    /// Whether it still stands. When the file cannot be asked nobody is cut off for it.
    fn is_good(&self, engine: &Engine) -> bool {
        match self {
            Self::Guest => true,
            Self::Session(token) => engine.is_session_live(token).unwrap_or(true),
            Self::Key(id) => engine.api_key(*id).map_or(true, |key| key.revoked_at.is_none()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use seatcore::Extend;

    fn told(frames: &mut mpsc::Receiver<Bytes>) -> String {
        let piece = frames.try_recv().expect("something is told");
        String::from_utf8(piece.to_vec()).expect("text")
    }

    #[test]
    fn a_show_that_ran_away_is_told_whole_and_then_goes_on() {
        let engine = Engine::in_memory();
        let show = seatcore::doctest::show(&engine);
        let mut feed = engine.feed_from_now(&[]).expect("a feed");
        feed.hear_openings();
        let mut reading = Reading { feed, shows: FxHashMap::default() };
        reading.watch(&engine, show).expect("a show");
        let mut state = State { reading: Some(reading), ..State::default() };
        let (frames, mut heard) = mpsc::channel(2);
        let topic = Topic { shows: vec![show], names: false };
        let member = Member { frames, holder: None, pass: Pass::Guest, number: 1 };
        state.groups.insert(topic, vec![member]);

        let hold = engine.hold(seatcore::Hold::new(show, ["C5"]).by("ada")).wait().expect("free");
        let longer = || engine.extend_with(Extend::new(hold.id, Duration::from_secs(600)));
        let replies: Vec<_> = (0..17_000).map(|_| longer()).collect();
        replies.into_iter().for_each(|reply| assert!(reply.wait().is_ok()));
        engine.follow().wait().expect("the tables follow");
        state.flush(&engine).expect("the log can be read");
        let piece = told(&mut heard);
        let seq = engine.seat_map(show).expect("a show").seq;
        let (epoch, _) = engine.position().expect("a position");
        assert!(piece.starts_with("event: reset\n") && piece.contains("too_old"), "{piece}");
        let whole = format!("id: {epoch}.{show}:{seq}\nevent: show\n");
        assert!(piece.contains(&whole), "{piece}");
        assert!(!piece.contains("event: d"), "{piece}");

        engine.release(hold.id).wait().expect("it is held");
        state.flush(&engine).expect("the log can be read");
        let piece = told(&mut heard);
        let next = format!("\"from\":{},\"to\":{}", seq + 1, seq + 1);
        assert!(piece.contains(&next), "{piece}");
    }
}
