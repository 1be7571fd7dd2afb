//! The engine: the façade over the lane, the snapshots, the feed and the tables.

use crate::clock::Timestamp;
use crate::engine::creating::Wanted;
use crate::engine::door::Door;
use crate::engine::feed::{Cursor, Feed};
use crate::engine::houses::Scene;
use crate::engine::job::Job;
use crate::engine::lane::Shared;
use crate::engine::queue::Unqueued;
use crate::engine::reply::{Answer, Orphaned, Sender, cell};
use crate::error::{BusyReason, Error, Failure, StorageReason};
use crate::house::command::{
    Batch, Block, Book, Cancel, CancelShow, ChangeShow, Command, Extend, Hold, Release, Request,
    Unblock,
};
use crate::house::event::{N, Record};
use crate::house::outcome::{Booking, HoldDetails, Outcome, ShowEvent};
use crate::house::rejection::{Rejection, What};
use crate::id::{Minter, ShowId};
use crate::store::{Change, Changed, Tables};
use parking_lot::Mutex;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::Duration;

mod accounts;
mod advice;
mod archive;
mod asked;
mod builder;
mod catalogue;
mod catch_up;
pub mod creating;
mod door;
pub mod books;
pub mod feed;
mod follow;
mod houses;
mod job;
mod lane;
mod query;
mod queue;
mod reply;
pub mod reports;
mod snapshot;
mod sweep;
mod turn;
pub mod verify;

#[cfg(feature = "sqlite")]
pub use archive::Archived;
pub use builder::Builder;
pub use query::{SeatRow, ShowRow, Why};
pub use reply::{Answer as ReplyAnswer, Reply};
pub use snapshot::Snapshot;

/// Jobs that may wait: some seconds of work, above which waiting longer helps nobody.
pub const QUEUE_JOBS_MAX: usize = 65_536;
/// Bytes that houses in memory may occupy, unless told otherwise.
pub const HOUSE_BUDGET_DEFAULT: usize = 256 * 1024 * 1024;
/// A wait after which a full queue has surely moved.
const QUEUE_RETRY: Duration = Duration::from_millis(100);

/// What the lane answers, before it is read as what was asked for.
#[derive(Debug)]
#[doc(hidden)]
pub struct Raw {
    result: Result<Granted, Failure>,
    replayed: bool,
    remembered: bool,
    /// The command, for its memory to be freed by the thread that took it.
    _spent: Option<Box<Command>>,
}

#[derive(Debug)]
enum Granted {
    /// Nearly always: no list is made for it.
    Record(Arc<Record>, Arc<Scene>),
    Records(Vec<(Arc<Record>, Arc<Scene>)>),
    Changed(Changed),
}

impl Raw {
    const fn plain(result: Result<Granted, Failure>) -> Self {
        Self { result, replayed: false, remembered: false, _spent: None }
    }
}

impl Orphaned for Raw {
    fn orphaned() -> Self {
        Self::plain(Err(Error::OutcomeUnknown.into()))
    }
}

/// Sells seats. Cheap to clone; every clone is the same engine.
///
/// ```
/// use seatcore::{Engine, Hold};
/// # use seatcore::doctest::show;
/// let engine = Engine::in_memory();
/// let show = show(&engine); // a film, a hall A-E × 10, tomorrow at eight
/// let hold = engine.hold(Hold::new(show, ["C5", "C6"]).by("ada").key("order-17")).wait()?;
/// let refused = engine.hold(Hold::new(show, ["C6", "C7"]).by("bob")).wait();
/// assert_eq!(refused.unwrap_err().code().as_str(), "seat_held");
/// let booking = engine.book(hold.id).wait()?;
/// assert_eq!((booking.seats.len(), booking.total.to_string()), (2, "25.00 EUR".into()));
/// # Ok::<(), seatcore::Failure>(())
/// ```
#[derive(Debug, Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    shared: Arc<Shared>,
    tables: Arc<dyn Tables>,
    minter: Minter,
    door: Door,
    read_only: bool,
    lane: Mutex<Option<JoinHandle<()>>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}

impl Inner {
    fn close(&self) {
        self.shared.queue.close();
        // A waker that runs its task on the spot may drop the last engine on the lane itself, which
        // ends once it comes back from there.
        let elsewhere = |lane: &JoinHandle<()>| lane.thread().id() != std::thread::current().id();
        if let Some(lane) = self.lane.lock().take().filter(elsewhere) {
            // A lane that panicked has said so to everybody who waited.
            drop(lane.join());
        }
    }
}

impl Engine {
    /// Opens a file, or makes it.
    ///
    /// # Errors
    /// As [`Builder::open`].
    #[cfg(feature = "sqlite")]
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Failure> {
        Self::builder().open(path)
    }

    /// An engine whose log is gone when it is dropped: for tests and examples.
    ///
    /// # Panics
    /// If the machine cannot start a thread.
    #[expect(clippy::expect_used, reason = "a memory store has nothing to fail with")]
    pub fn in_memory() -> Self {
        let store = crate::store::memory::MemoryStore::new(0);
        Self::builder().over(Box::new(store)).expect("a thread can be started")
    }

    /// Chooses how the engine runs.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Takes no more commands, answers those queued, lets the tables follow, and lets go of the
    /// writer. Blocks until that is done, as dropping the last clone does: in an async program on a
    /// thread for that. Readers' connections go with the last clone.
    pub fn close(&self) {
        self.inner.close();
    }

    /// Holds seats; see [`Hold`].
    pub fn hold(&self, request: impl Into<Hold>) -> Reply<HoldDetails> {
        self.command(request.into(), read_hold)
    }

    /// Gives a hold more time; see [`Extend`].
    pub fn extend(&self, hold: crate::HoldId, ttl: Duration) -> Reply<HoldDetails> {
        self.extend_with(Extend::new(hold, ttl))
    }

    /// The same, with every part named.
    pub fn extend_with(&self, request: impl Into<Extend>) -> Reply<HoldDetails> {
        self.command(request.into(), read_hold)
    }

    /// Books a hold; see [`Book`].
    pub fn book(&self, request: impl Into<Book>) -> Reply<Booking> {
        self.command(request.into(), read_booking)
    }

    /// Gives seats back; see [`Release`].
    pub fn release(&self, request: impl Into<Release>) -> Reply<HoldDetails> {
        self.command(request.into(), read_hold)
    }

    /// Undoes a booking; see [`Cancel`].
    pub fn cancel(&self, request: impl Into<Cancel>) -> Reply<Booking> {
        self.command(request.into(), read_booking)
    }

    /// Takes seats off sale; see [`Block`].
    pub fn block(&self, request: impl Into<Block>) -> Reply<HoldDetails> {
        self.command(request.into(), read_hold)
    }

    /// Puts seats on sale again; see [`Unblock`].
    pub fn unblock(&self, request: impl Into<Unblock>) -> Reply<HoldDetails> {
        self.command(request.into(), read_hold)
    }

    /// All steps or none; see [`Batch`].
    pub fn batch(&self, request: impl Into<Batch>) -> Reply<Vec<Outcome>> {
        self.command(request.into(), |raw| raw.read(Some))
    }

    /// Changes a show's terms; see [`ChangeShow`].
    pub fn change_show(&self, request: impl Into<ChangeShow>) -> Reply<ShowEvent> {
        self.command(request.into(), read_show)
    }

    /// Cancels a show; see [`CancelShow`].
    pub fn cancel_show(&self, request: impl Into<CancelShow>) -> Reply<ShowEvent> {
        self.command(request.into(), read_show)
    }

    /// Queues whatever request it is and reads the answer as outcomes.
    pub fn submit(&self, request: impl Request) -> Reply<Vec<Outcome>> {
        self.command(request, |raw| raw.read(Some))
    }

    fn command<T>(&self, request: impl Request, read: fn(Raw) -> Answer<T>) -> Reply<T> {
        let mint = |show| self.inner.minter.hold(self.inner.shared.time.wall().millis(), show);
        match request.read(&mint) {
            Err(rejection) => Reply::ready(Err(rejection.into())),
            Ok(command) => self.queue_command(command, read),
        }
    }

    fn queue_command<T>(&self, command: Command, read: fn(Raw) -> Answer<T>) -> Reply<T> {
        let shared = &self.inner.shared;
        if shared.lag.load(Ordering::Relaxed) > shared.lag_max {
            let (reason, retry_after) = (BusyReason::Following, QUEUE_RETRY);
            return Reply::ready(Err(Error::Busy { reason, retry_after }.into()));
        }
        let (sender, cell) = cell();
        self.push(Job::Command(Box::new(command), sender));
        Reply::from_lane(cell, read)
    }

    /// Queues a job; a full or closed queue answers it at once.
    fn push(&self, job: Job) {
        let shared = &self.inner.shared;
        let Err((why, job)) = shared.queue.push(job) else { return };
        let (reason, retry_after) = match why {
            Unqueued::Full => (BusyReason::Queue, QUEUE_RETRY),
            Unqueued::Closed if shared.died.load(Ordering::Relaxed) => {
                let what = "the writer of this engine ended in a panic: open the file anew";
                return job.fail(&Error::storage(StorageReason::Library, what));
            }
            Unqueued::Closed => (BusyReason::Closing, Duration::from_secs(1)),
        };
        job.fail(&Error::Busy { reason, retry_after });
    }

    fn ask_lane<T: Send + 'static>(&self, job: impl FnOnce(Sender<Answer<T>>) -> Job) -> Reply<T>
    where
        Answer<T>: Orphaned,
    {
        let (sender, cell) = cell();
        self.push(job(sender));
        Reply::asked(cell)
    }

    fn change(&self, wanted: impl Into<Wanted>) -> Reply<Changed> {
        let (sender, cell) = cell();
        self.push(Job::Change(Box::new(wanted.into()), sender));
        Reply::from_lane(cell, Raw::changed)
    }

    fn changed(&self, change: Change) -> Result<Changed, Failure> {
        self.change(change).wait()
    }

    /// Brings the tables up to the log's head; answers up to where.
    pub fn follow(&self) -> Reply<N> {
        self.ask_lane(Job::Follow)
    }

    /// Publishes every lapse that is due; answers how many. Correctness never needs it.
    pub fn sweep(&self) -> Reply<u64> {
        self.ask_lane(Job::Sweep)
    }

    /// Takes the wall clock's word after it jumped by more than a day; the log remembers it.
    pub fn accept_clock(&self) -> Reply<Timestamp> {
        self.ask_lane(Job::AcceptClock)
    }

    /// Whether commands are refused because clock and log disagree by more than a day: until the
    /// clock is set right, or [accepted](Self::accept_clock).
    pub fn refuses_clock(&self) -> bool {
        self.inner.shared.time.is_refused()
    }

    /// What the engine takes for now.
    pub fn now(&self) -> Timestamp {
        self.inner.shared.time.now()
    }

    /// Subscribes behind a cursor: see [`Feed`]. What lies behind it is read as it is taken.
    ///
    /// # Errors
    /// A fault, if the tables cannot follow the log or be read.
    pub fn feed(&self, cursor: Cursor) -> Result<Feed, Failure> {
        let (hub, tables) = (self.inner.shared.hub.clone(), self.inner.tables.clone());
        let mut feed = Feed::subscribe(hub, tables, cursor);
        self.follow().wait()?;
        feed.resume(self.inner.tables.state()?.epoch)?;
        Ok(feed)
    }

    /// A feed of these shows from now on.
    ///
    /// # Errors
    /// As [`seat_map`](Self::seat_map) of each show, and as [`feed`](Self::feed).
    pub fn feed_from_now(&self, shows: &[ShowId]) -> Result<Feed, Failure> {
        let snapshots: Result<Vec<_>, _> = shows.iter().map(|show| self.seat_map(*show)).collect();
        let shows = snapshots?.iter().map(|snapshot| (snapshot.show, snapshot.seq)).collect();
        let epoch = self.inner.tables.state()?.epoch;
        self.feed(Cursor { epoch, shows })
    }

    /// Writes a consistent copy while everybody goes on; the path must not exist. The tables in it
    /// are brought to the log first, for those who will only read it; every commit is in its log.
    ///
    /// # Errors
    /// `storage`, if the copy cannot be written.
    pub fn backup(&self, to: impl AsRef<Path>) -> Result<(), Failure> {
        // A file that cannot be written now is copied as it is.
        drop(self.follow_log());
        Ok(self.inner.tables.backup(to.as_ref())?)
    }

    /// The store's own check of its file; an empty list is good news.
    ///
    /// # Errors
    /// `storage`, if the file cannot be read.
    pub fn check(&self) -> Result<Vec<String>, Failure> {
        Ok(self.inner.tables.check()?)
    }
}

impl Raw {
    /// Reads every outcome, on the caller's thread: labels and ticket codes are made here.
    fn read<T>(self, pick: fn(Outcome) -> Option<T>) -> Answer<Vec<T>> {
        let print =
            |record: &Record, scene: &Scene| Outcome::of(record, scene.printer()).and_then(pick);
        let result = self.result.and_then(|granted| match granted {
            Granted::Record(record, scene) => Ok(print(&record, &scene).into_iter().collect()),
            Granted::Records(records) => {
                Ok(records.iter().filter_map(|(record, scene)| print(record, scene)).collect())
            }
            Granted::Changed(_) => Err(Error::OutcomeUnknown.into()),
        });
        Answer { result, replayed: self.replayed, remembered: self.remembered }
    }

    fn one<T>(self, pick: fn(Outcome) -> Option<T>, what: What) -> Answer<T> {
        let Answer { result, replayed, remembered } = self.read(pick);
        let missing = || Failure::from(Rejection::NotFound { what });
        let result = result.and_then(|mut all| all.pop().ok_or_else(missing));
        Answer { result, replayed, remembered }
    }

    fn changed(self) -> Answer<Changed> {
        let result = self.result.and_then(|granted| match granted {
            Granted::Changed(changed) => Ok(changed),
            Granted::Record(..) | Granted::Records(_) => Err(Error::OutcomeUnknown.into()),
        });
        Answer { result, replayed: self.replayed, remembered: self.remembered }
    }
}

fn read_hold(raw: Raw) -> Answer<HoldDetails> {
    raw.one(Outcome::into_hold, What::Hold)
}

fn read_booking(raw: Raw) -> Answer<Booking> {
    raw.one(Outcome::into_booking, What::Booking)
}

fn read_show(raw: Raw) -> Answer<ShowEvent> {
    raw.one(Outcome::into_show, What::Show)
}
