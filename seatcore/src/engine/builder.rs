//! How an engine is made: its terms, and the start of its lane.

use super::{Engine, HOUSE_BUDGET_DEFAULT, Inner, QUEUE_JOBS_MAX, follow};
use crate::clock::{Clock, EngineTime};
use crate::engine::door::Door;
use crate::engine::feed::Hub;
use crate::engine::houses::Houses;
use crate::engine::lane::{Lane, Settings, Shared};
use crate::engine::queue::Queue;
use crate::engine::snapshot::Board;
use crate::error::{Error, Failure};
use crate::id::Minter;
use crate::store::{Access, Store};
use parking_lot::Mutex;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// How an engine is made.
#[derive(Debug)]
#[must_use = "nothing is open before `open` or `over`"]
pub struct Builder {
    /// The system's if it is none.
    clock: Option<Arc<dyn Clock>>,
    seed: Option<u64>,
    create: bool,
    read_only: bool,
    migration_backup: bool,
    queue: usize,
    lag_max: u64,
    settings: Settings,
}

impl Default for Builder {
    fn default() -> Self {
        let settings = Settings {
            sweep: true,
            house_budget: HOUSE_BUDGET_DEFAULT,
            follow_in_commit: false,
            follow: true,
        };
        Self {
            clock: None,
            seed: None,
            create: true,
            read_only: false,
            migration_backup: true,
            queue: QUEUE_JOBS_MAX,
            lag_max: follow::LAG_MAX,
            settings,
        }
    }
}

impl Builder {
    /// Time comes from here.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// Hold ids follow from this seed: for tests that are repeated.
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Whether a file that does not exist is made; yes unless told otherwise.
    pub const fn create(mut self, create: bool) -> Self {
        self.create = create;
        self
    }

    /// Whether the file is only read: for auditors and mounted backups, also where neither it nor
    /// its folder can be written. Every command is refused (`storage`, reason `read-only`), nothing
    /// is made or brought up to date, and no lapse is published. Seats, and the holds of one show, are
    /// read from the log; what is listed (shows, bookings, tickets, history, reports) is as far as the
    /// file's writer brought the tables, which are behind by [`lag_max`](Self::lag_max) at most.
    pub const fn read_only(mut self, read_only: bool) -> Self {
        self.read_only = read_only;
        self
    }

    /// Whether a file of an earlier release is copied before its schema is brought up to date; yes
    /// unless told otherwise. The copy stands beside it as `<file>.schema-<version>.bak`.
    pub const fn migration_backup(mut self, copy: bool) -> Self {
        self.migration_backup = copy;
        self
    }

    /// Whether lapsed holds are published as they lapse; yes unless told otherwise. Seats are
    /// free at their deadline either way.
    pub const fn sweep(mut self, sweep: bool) -> Self {
        self.settings.sweep = sweep;
        self
    }

    /// Bytes that houses in memory may occupy; 256 MB unless told otherwise.
    pub const fn house_budget(mut self, bytes: usize) -> Self {
        self.settings.house_budget = bytes;
        self
    }

    /// Jobs that may wait before commands are answered `busy`.
    pub const fn queue(mut self, jobs: usize) -> Self {
        self.queue = jobs;
        self
    }

    /// Records that the tables may lag behind the log before commands are answered `busy`; 50,000
    /// unless told otherwise. From four fifths of it on, following outpaces the log.
    pub const fn lag_max(mut self, records: u64) -> Self {
        self.lag_max = records;
        self
    }

    /// Whether the tables follow at all: off only to measure what following costs.
    pub const fn follow(mut self, follow: bool) -> Self {
        self.settings.follow = follow;
        self
    }

    /// Whether the tables follow in the same commit: dearer, for measurements.
    pub const fn follow_in_commit(mut self, in_commit: bool) -> Self {
        self.settings.follow_in_commit = in_commit;
        self
    }

    /// Opens a SQLite file.
    ///
    /// # Errors
    /// As [`SqliteStore::open_with`](crate::store::sqlite::SqliteStore::open_with).
    #[cfg(feature = "sqlite")]
    pub fn open(self, path: impl AsRef<Path>) -> Result<Engine, Failure> {
        self.open_telling(path).map(|(engine, _)| engine)
    }

    /// The same, and tells what was made of a file of an earlier release.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    #[cfg(feature = "sqlite")]
    pub fn open_telling(
        self,
        path: impl AsRef<Path>,
    ) -> Result<(Engine, Option<crate::store::sqlite::Migration>), Failure> {
        if self.read_only {
            return Ok((self.open_to_read(path.as_ref())?, None));
        }
        let (create, migration_backup) = (self.create, self.migration_backup);
        let options = crate::store::sqlite::OpenOptions { create, migration_backup };
        let store = crate::store::sqlite::SqliteStore::open_with(path, options)?;
        let migrated = store.migrated().cloned();
        Ok((self.over(Box::new(store))?, migrated))
    }

    #[cfg(feature = "sqlite")]
    fn open_to_read(mut self, path: &Path) -> Result<Engine, Failure> {
        let store = crate::store::sqlite::ReadOnlyStore::open(path)?;
        (self.settings.sweep, self.settings.follow) = (false, false);
        self.over(Box::new(store))
    }

    /// Runs over any store.
    ///
    /// # Errors
    /// What the store answers to its first question.
    pub fn over(self, mut store: Box<dyn Store>) -> Result<Engine, Failure> {
        let tables = store.tables();
        let state = tables.state()?;
        let fence = store.begin(Access::Read)?;
        store.roll_back();
        let hub = Arc::new(Hub::default());
        let shared = Arc::new(Shared {
            queue: Queue::new(self.queue),
            time: match self.clock {
                Some(clock) => EngineTime::new(clock, fence.at),
                None => EngineTime::of_system(fence.at),
            },
            board: Board::default(),
            hub,
            lag: AtomicU64::new(0),
            lag_max: if self.settings.follow { self.lag_max } else { u64::MAX },
            died: AtomicBool::new(false),
        });
        let houses = Houses::new(state.ticket_key, self.settings.house_budget);
        let lane = Lane::new(store, shared.clone(), self.settings, houses, fence);
        let lane = Mutex::new(Some(start(lane, shared.clone())?));
        // The same seed on the file that it wrote would give the same names once more.
        let minter = minter(self.seed.map(|seed| seed.wrapping_add(fence.head)))?;
        let (door, read_only) = (Door::default(), self.read_only);
        Ok(Engine { inner: Arc::new(Inner { shared, tables, minter, door, read_only, lane }) })
    }
}

/// A lane that dies takes no more jobs: whoever waits is answered, whoever comes is refused.
fn start(lane: Lane, shared: Arc<Shared>) -> Result<JoinHandle<()>, Error> {
    let run = move || {
        let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| lane.run()));
        shared.died.store(ran.is_err(), Ordering::Relaxed);
        shared.queue.close();
        shared.hub.close();
        if ran.is_err() {
            let mut left = Vec::new();
            shared.queue.take(&mut left, Some(Duration::ZERO));
        }
    };
    let started = std::thread::Builder::new().name("seatcore-lane".to_owned()).spawn(run);
    started.map_err(|error| Error::storage(crate::error::StorageReason::Io, error))
}

fn minter(seed: Option<u64>) -> Result<Minter, Error> {
    if let Some(seed) = seed {
        return Ok(Minter::seeded(seed));
    }
    let mut key = [0; 32];
    let filled = getrandom::fill(&mut key);
    filled.map_err(|error| Error::storage(crate::error::StorageReason::Library, error))?;
    Ok(Minter::keyed(key))
}
