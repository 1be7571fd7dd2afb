//! Time: the only reader of the operating system's clocks.
//!
//! A batch reads the time once, after it has the write lock. Engine time is
//! `max(wall clock, last event + monotonic time since)`, so it never goes back and never stands
//! still, and a forward jump of the wall clock is not believed at once.

use bound::Bound;
use chrono::{DateTime, Datelike, SecondsFormat, Timelike, Utc};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

mod bound;

pub(crate) use bound::Glance;

/// A forward step of the wall clock above this is not believed until it has stood for
/// [`STEP_SETTLE`]: a mistyped clock must not end every hold in the house.
pub const STEP_DOUBTED: Duration = Duration::from_secs(60);
/// How long a doubted step answers `busy`.
pub const STEP_SETTLE: Duration = Duration::from_secs(10);
/// A step above this needs a person: `doctor --accept-clock`.
pub const STEP_REFUSED: Duration = Duration::from_secs(24 * 3600);

/// A moment: whole milliseconds since 1970, UTC. Prints as RFC 3339 with milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Timestamp(i64);

/// The text is no RFC 3339 moment, or lies outside the years 1 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 time, such as 2027-01-09T20:00:00Z")]
pub struct ParseTimestampError;

impl Timestamp {
    /// When the year 1 began: the first moment that every calendar has.
    pub const MIN: Self = Self(-62_135_596_800_000);
    /// The last millisecond of the year 9999: what prints as RFC 3339.
    pub const MAX: Self = Self(253_402_300_799_999);

    /// The moment this many milliseconds after 1970 began.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970 began.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// This moment and `span` later, saturating.
    pub const fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(whole_millis(span)))
    }

    /// This moment and `span` earlier, saturating.
    pub const fn minus(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(whole_millis(span)))
    }

    /// Time from `earlier` to this moment; zero if it is not later.
    pub const fn since(self, earlier: Self) -> Duration {
        let millis = self.0.saturating_sub(earlier.0);
        Duration::from_millis(if millis > 0 { millis as u64 } else { 0 })
    }

    /// The same moment for calendar arithmetic.
    pub fn to_chrono(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or(DateTime::<Utc>::MIN_UTC)
    }
}

const fn whole_millis(span: Duration) -> i64 {
    let millis = span.as_millis();
    if millis > i64::MAX as u128 { i64::MAX } else { millis as i64 }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(moment: DateTime<Utc>) -> Self {
        Self(moment.timestamp_millis())
    }
}

/// `2027-01-09T20:00:00.000Z`. Every answer has some: without the formatter.
fn rfc_3339(moment: &DateTime<Utc>) -> [u8; 24] {
    let mut text = *b"0000-00-00T00:00:00.000Z";
    let parts = [
        (0..4, moment.year().unsigned_abs()),
        (5..7, moment.month()),
        (8..10, moment.day()),
        (11..13, moment.hour()),
        (14..16, moment.minute()),
        (17..19, moment.second()),
        (20..23, moment.timestamp_subsec_millis()),
    ];
    for (places, mut number) in parts {
        for place in text.get_mut(places).unwrap_or_default().iter_mut().rev() {
            *place = b'0' + (number % 10) as u8;
            number /= 10;
        }
    }
    text
}

impl Timestamp {
    /// Calls back with the printed form: a year of four digits has always 24 characters.
    fn printed<T>(self, take: impl FnOnce(&str) -> T) -> T {
        if (Self::MIN..=Self::MAX).contains(&self) {
            take(std::str::from_utf8(&rfc_3339(&self.to_chrono())).unwrap_or_default())
        } else {
            take(&self.to_chrono().to_rfc3339_opts(SecondsFormat::Millis, true))
        }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.printed(|text| f.write_str(text))
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.printed(|text| to.serialize_str(text))
    }
}

deserialize_as_text!(Timestamp);

impl FromStr for Timestamp {
    type Err = ParseTimestampError;

    fn from_str(text: &str) -> Result<Self, ParseTimestampError> {
        let moment = DateTime::parse_from_rfc3339(text).map_err(|_| ParseTimestampError)?;
        let moment = Self(moment.timestamp_millis());
        if (Self::MIN..=Self::MAX).contains(&moment) {
            Ok(moment)
        } else {
            Err(ParseTimestampError)
        }
    }
}

/// Where time comes from: a wall clock that people set, and a monotonic one that counts suspend.
pub trait Clock: Send + Sync + fmt::Debug {
    /// What the wall clock says.
    fn wall(&self) -> Timestamp;
    /// Time since some fixed moment; never goes back, and runs on while the machine sleeps.
    fn monotonic(&self) -> Duration;
}

/// The operating system's clocks.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
    fn wall(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Timestamp(since.map_or(0, |span| span.as_millis() as i64))
    }

    fn monotonic(&self) -> Duration {
        // CLOCK_BOOTTIME counts suspend: a lid closed for a weekend is no step of the wall clock.
        let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        Duration::new(now.tv_sec.max(0) as u64, now.tv_nsec.clamp(0, 999_999_999) as u32)
    }
}

/// One of the system's clocks in nanoseconds.
fn nanos(clock: rustix::time::ClockId) -> i64 {
    let read = rustix::time::clock_gettime(clock);
    read.tv_sec.saturating_mul(1_000_000_000).saturating_add(read.tv_nsec)
}

/// A stopwatch on the monotonic clock, for budgets and measurements inside the machine.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Duration);

impl Stopwatch {
    /// Starts now.
    pub fn start() -> Self {
        Self(SystemClock.monotonic())
    }

    /// Time since the start.
    pub fn elapsed(&self) -> Duration {
        SystemClock.monotonic().saturating_sub(self.0)
    }
}

/// A clock that moves only when told: for tests and simulations.
///
/// ```
/// use seatcore::clock::{Clock, ManualClock, Timestamp};
/// use std::time::Duration;
/// let clock = ManualClock::at("2027-01-09T20:00:00Z".parse().unwrap());
/// clock.advance(Duration::from_secs(600));
/// assert_eq!(clock.wall().to_string(), "2027-01-09T20:10:00.000Z");
/// ```
#[derive(Debug)]
pub struct ManualClock {
    wall: AtomicI64,
    monotonic: AtomicI64,
}

impl ManualClock {
    /// A clock that stands at `start`.
    pub fn at(start: Timestamp) -> Arc<Self> {
        Arc::new(Self { wall: AtomicI64::new(start.0), monotonic: AtomicI64::new(0) })
    }

    /// Lets time pass on both clocks.
    pub fn advance(&self, span: Duration) {
        let millis = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        for clock in [&self.wall, &self.monotonic] {
            let later = |time: i64| Some(time.saturating_add(millis));
            // It answers that nothing was stored only if the closure says so.
            let _ = clock.fetch_update(Ordering::SeqCst, Ordering::SeqCst, later);
        }
    }

    /// Sets the wall clock alone, as a person or a time server would.
    pub fn step_to(&self, wall: Timestamp) {
        self.wall.store(wall.0, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn wall(&self) -> Timestamp {
        Timestamp(self.wall.load(Ordering::SeqCst))
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.monotonic.load(Ordering::SeqCst).max(0) as u64)
    }
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn wall(&self) -> Timestamp {
        (**self).wall()
    }

    fn monotonic(&self) -> Duration {
        (**self).monotonic()
    }
}

/// Why the writer may not use the wall clock's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClockDoubt {
    /// The clock jumped ahead by more than [`STEP_DOUBTED`]; asking again later may help.
    Settling {
        /// How long until the step has stood for [`STEP_SETTLE`].
        wait: Duration,
    },
    /// The clock and the log disagree by more than [`STEP_REFUSED`]; a person must decide.
    Refused,
}

/// Engine time: the wall clock held to the log's last moment and to monotonic time.
///
/// Shared by the lane, which moves it, and by readers, who only ask.
#[derive(Debug)]
pub struct EngineTime {
    clock: Arc<dyn Clock>,
    /// The last moment trusted, and the monotonic time (ms) at which it was.
    anchor: parking_lot::Mutex<Anchor>,
    /// Only where the clock is the system's.
    bound: Option<Bound>,
}

#[derive(Debug, Clone, Copy)]
struct Anchor {
    at: i64,
    monotonic: Duration,
    /// Monotonic time at which a doubted step was first seen, and how large it was.
    doubted: Option<(Duration, Duration)>,
    refused: bool,
}

impl EngineTime {
    /// Time that starts from the log's last moment. A file from more than 24 h in the future is
    /// refused until the clock is set right, or [`EngineTime::accept`].
    pub fn new(clock: Arc<dyn Clock>, last_event: Option<Timestamp>) -> Self {
        let anchor = Self::start(&*clock, last_event);
        Self { clock, anchor: parking_lot::Mutex::new(anchor), bound: None }
    }

    /// The same on the system's clocks.
    pub(crate) fn of_system(last_event: Option<Timestamp>) -> Self {
        let (bound, glance) = (Some(Bound::unknown()), Glance::now());
        let time = Self { bound, ..Self::new(Arc::new(SystemClock), last_event) };
        time.publish(glance, &time.anchor.lock());
        time
    }

    /// Whether a reader's now is certainly before a moment. If not, [`now`](Self::now) knows.
    pub(crate) fn is_before(&self, moment: Timestamp, glance: Glance) -> bool {
        self.bound.as_ref().is_some_and(|bound| bound.is_before(moment, glance))
    }

    /// The anchor was set after the glance.
    fn publish(&self, glance: Glance, anchor: &Anchor) {
        if let Some(bound) = &self.bound {
            bound.publish(glance, Timestamp(anchor.at).max(self.clock.wall()));
        }
    }

    /// What a reader takes for now: never before the last event or what a reader took earlier, and
    /// blind to doubted steps.
    pub fn now(&self) -> Timestamp {
        let mut anchor = self.anchor.lock();
        let glance = Glance::now();
        let monotonic = self.clock.monotonic();
        let steady = self.steady(&anchor);
        let ahead = self.clock.wall().0.saturating_sub(steady);
        if ahead <= 0 || ahead > STEP_DOUBTED.as_millis() as i64 {
            return Timestamp(steady);
        }
        // What was shown as lapsed is not live again because somebody sets the clock back.
        (anchor.at, anchor.monotonic) = (steady.saturating_add(ahead), monotonic);
        self.publish(glance, &anchor);
        Timestamp(anchor.at)
    }

    /// The wall clock as it stands, for stamps that no rule reads.
    pub fn wall(&self) -> Timestamp {
        self.clock.wall()
    }

    /// Reads the time for a batch that holds the write lock; `last_event` is the log's head.
    pub fn for_turn(&self, last_event: Option<Timestamp>) -> Result<Timestamp, ClockDoubt> {
        let mut anchor = self.anchor.lock();
        let glance = Glance::now();
        if anchor.refused {
            self.look_again(&mut anchor, last_event)?;
        }
        let monotonic = self.clock.monotonic();
        let steady = self.steady(&anchor).max(last_event.map_or(i64::MIN, |at| at.0));
        let wall = self.clock.wall().0;
        let step = Duration::from_millis(wall.saturating_sub(steady).max(0) as u64);
        if step > STEP_DOUBTED {
            Self::doubt(&mut anchor, step, monotonic)?;
        } else {
            anchor.doubted = None;
        }
        anchor.at = steady.max(wall);
        anchor.monotonic = monotonic;
        self.publish(glance, &anchor);
        Ok(Timestamp(anchor.at))
    }

    /// Where time could not start because the clock was behind the log, it starts once it is not.
    fn look_again(
        &self,
        anchor: &mut Anchor,
        last_event: Option<Timestamp>,
    ) -> Result<(), ClockDoubt> {
        let glance = Glance::now();
        let started = Self::start(&*self.clock, last_event);
        if started.refused {
            return Err(ClockDoubt::Refused);
        }
        *anchor = started;
        self.publish(glance, anchor);
        Ok(())
    }

    fn start(clock: &dyn Clock, last_event: Option<Timestamp>) -> Anchor {
        let wall = clock.wall().0;
        let last = last_event.map_or(wall, |at| at.0);
        let refused = is_beyond(last, wall);
        Anchor { at: last.max(wall), monotonic: clock.monotonic(), doubted: None, refused }
    }

    /// Whether commands are refused until the clock is set right or accepted.
    pub fn is_refused(&self) -> bool {
        let anchor = *self.anchor.lock();
        let wall = self.clock.wall().0;
        anchor.refused && is_beyond(anchor.at, wall) || is_beyond(wall, self.steady(&anchor))
    }

    fn doubt(anchor: &mut Anchor, step: Duration, monotonic: Duration) -> Result<(), ClockDoubt> {
        if step > STEP_REFUSED {
            return Err(ClockDoubt::Refused);
        }
        // Of another step it says nothing how long this one has stood.
        let same = anchor.doubted.filter(|(_, seen)| step.abs_diff(*seen) <= STEP_DOUBTED);
        let (since, _) = *anchor.doubted.insert(same.unwrap_or((monotonic, step)));
        let stood = monotonic.saturating_sub(since);
        if stood < STEP_SETTLE {
            return Err(ClockDoubt::Settling { wait: STEP_SETTLE - stood });
        }
        anchor.doubted = None;
        Ok(())
    }

    /// The log has come this far, by whoever wrote it: nobody's now lies before it.
    pub fn see(&self, last_event: Option<Timestamp>) {
        let mut anchor = self.anchor.lock();
        if let Some(at) = last_event.filter(|at| at.0 > self.steady(&anchor)) {
            let glance = Glance::now();
            (anchor.at, anchor.monotonic) = (at.0, self.clock.monotonic());
            self.publish(glance, &anchor);
        }
    }

    /// Takes the wall clock's word after a step that was refused: staff have looked at it.
    pub fn accept(&self, last_event: Option<Timestamp>) -> Timestamp {
        let mut anchor = self.anchor.lock();
        let glance = Glance::now();
        let wall = self.clock.wall().0;
        *anchor = Anchor {
            at: wall.max(last_event.map_or(wall, |at| at.0)),
            monotonic: self.clock.monotonic(),
            doubted: None,
            refused: false,
        };
        self.publish(glance, &anchor);
        Timestamp(anchor.at)
    }

    /// Monotonic time of the clock behind.
    pub fn monotonic(&self) -> Duration {
        self.clock.monotonic()
    }

    fn steady(&self, anchor: &Anchor) -> i64 {
        let since = self.clock.monotonic().saturating_sub(anchor.monotonic);
        anchor.at.saturating_add(since.as_millis() as i64)
    }
}

/// Whether one moment lies so far behind another that a person must decide.
const fn is_beyond(later: i64, earlier: i64) -> bool {
    later.saturating_sub(earlier) > STEP_REFUSED.as_millis() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn engine_time() -> (Arc<ManualClock>, EngineTime) {
        let clock = ManualClock::at(START);
        (clock.clone(), EngineTime::new(clock, None))
    }

    #[test]
    fn a_moment_prints_as_the_calendar_s_own_printer_has_it() {
        let (first, last) = (Timestamp::MIN.millis() - 3, Timestamp::MAX.millis() + 3);
        // A step that meets every month, hour and millisecond.
        let steps = (first..=last).step_by(86_399_123_457).chain([first, last, -1, 0, 1]);
        for moment in steps.map(Timestamp::from_millis) {
            let known = moment.to_chrono().to_rfc3339_opts(SecondsFormat::Millis, true);
            assert_eq!(moment.to_string(), known);
            assert_eq!(serde_json::json!(moment), known);
        }
    }

    #[test]
    fn a_moment_is_read_as_it_prints_or_not_at_all() {
        for text in ["0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"] {
            let moment: Timestamp = text.parse().expect("a moment");
            assert_eq!(moment.to_string(), text);
        }
        for text in
            ["0000-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+01:00"]
        {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
        assert_eq!(START.plus(Duration::MAX), Timestamp::from_millis(i64::MAX));
        assert_eq!(START.minus(Duration::MAX).millis(), START.millis() - i64::MAX);
    }

    #[test]
    fn a_clock_set_back_neither_turns_time_back_nor_stops_it() {
        let (clock, time) = engine_time();
        clock.step_to(START.minus(Duration::from_secs(3_600)));
        assert_eq!(time.for_turn(None), Ok(START));
        clock.advance(Duration::from_secs(5));
        assert_eq!(time.for_turn(None), Ok(START.plus(Duration::from_secs(5))));
    }

    #[test]
    fn a_reader_s_time_goes_back_for_no_clock() {
        let (clock, time) = engine_time();
        let mut last = time.now();
        for seconds in [59, 0, 62, 61, 120, -3_600, 121] {
            clock.step_to(Timestamp::from_millis(START.millis() + seconds * 1_000));
            let now = time.now();
            assert!(now >= last, "{seconds}: {now} after {last}");
            last = now;
        }
    }

    #[test]
    fn a_step_of_two_minutes_is_believed_after_ten_seconds() {
        let (clock, time) = engine_time();
        clock.step_to(START.plus(Duration::from_secs(120)));
        assert_eq!(time.for_turn(None), Err(ClockDoubt::Settling { wait: STEP_SETTLE }));
        assert_eq!(time.now(), START, "readers do not believe it either");
        clock.advance(Duration::from_secs(10));
        assert_eq!(time.for_turn(None), Ok(START.plus(Duration::from_secs(130))));
    }

    #[test]
    fn each_step_stands_for_itself() {
        let (clock, time) = engine_time();
        let hour = Duration::from_secs(3_600);
        clock.step_to(START.plus(Duration::from_secs(120)));
        assert_eq!(time.for_turn(None), Err(ClockDoubt::Settling { wait: STEP_SETTLE }));
        clock.advance(Duration::from_secs(9));
        clock.step_to(START.plus(23 * hour));
        assert_eq!(time.for_turn(None), Err(ClockDoubt::Settling { wait: STEP_SETTLE }));
        clock.advance(Duration::from_secs(1));
        assert!(time.for_turn(None).is_err(), "the second step stands for a second");
        clock.advance(Duration::from_secs(9));
        assert_eq!(time.for_turn(None), Ok(START.plus(23 * hour + Duration::from_secs(10))));
    }

    #[test]
    fn readers_are_never_before_what_another_process_wrote() {
        let (clock, time) = engine_time();
        let written = START.plus(Duration::from_secs(300));
        time.see(Some(written));
        assert_eq!(time.now(), written);
        clock.advance(Duration::from_secs(1));
        time.see(Some(START));
        assert_eq!(time.now(), written.plus(Duration::from_secs(1)), "nor does it go back");
    }

    #[test]
    fn a_suspended_weekend_is_no_step() {
        let (clock, time) = engine_time();
        clock.advance(Duration::from_secs(2 * 24 * 3_600));
        assert_eq!(time.for_turn(None), Ok(START.plus(Duration::from_secs(2 * 24 * 3_600))));
    }

    #[test]
    fn a_step_of_two_days_waits_for_a_person() {
        let (clock, time) = engine_time();
        clock.step_to(START.plus(Duration::from_secs(2 * 24 * 3_600)));
        assert_eq!(time.for_turn(None), Err(ClockDoubt::Refused));
        clock.advance(Duration::from_secs(3_600));
        assert_eq!(time.for_turn(None), Err(ClockDoubt::Refused));
        let accepted = time.accept(None);
        assert_eq!(time.for_turn(None), Ok(accepted));
    }

    #[test]
    fn a_file_from_the_future_is_refused_at_open() {
        let clock = ManualClock::at(START);
        let last = Some(START.plus(Duration::from_secs(25 * 3_600)));
        let time = EngineTime::new(clock.clone(), last);
        assert_eq!(time.for_turn(last), Err(ClockDoubt::Refused));
        assert!(time.is_refused());
        clock.step_to(START.plus(Duration::from_secs(26 * 3_600)));
        assert!(!time.is_refused(), "it was set right");
        assert_eq!(time.for_turn(last), Ok(START.plus(Duration::from_secs(26 * 3_600))));
    }
}
