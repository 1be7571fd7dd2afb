//! What every request shares: the engine, the options, the table, the limits and the figures.

use crate::boards::Boards;
use crate::feed::{Broadcast, Places};
use crate::hashing::Hashing;
use crate::limiter::Limiter;
use crate::metrics::Metrics;
use crate::options::Options;
use crate::pages::Pages;
use crate::refusal::Refusal;
use crate::router::Router;
use parking_lot::Mutex;
use seatcore::accounts::PasswordDigest;
use seatcore::engine::books::Books;
use seatcore::error::Code;
use seatcore::{Engine, Failure};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{Semaphore, watch};

/// Questions to the file at once: more than this and they only wait for each other.
const QUESTIONS_AT_ONCE: usize = 16;
/// Questions that may wait for their turn.
const QUESTIONS_WAITING: usize = 1_024;

/// What every request shares.
#[derive(Debug)]
pub struct App {
    /// Sells seats.
    pub engine: Engine,
    /// How the server was started.
    pub options: Options,
    /// Where it listens; none, where it is mounted in another server.
    pub bound: Option<SocketAddr>,
    /// The route table.
    pub router: Router,
    /// Seat maps as bytes.
    pub boards: Boards,
    /// Passwords, two at a time.
    pub hashing: Hashing,
    /// What is kept of the demonstration's password, and whether that is the one everybody knows.
    pub(crate) demo: Mutex<Option<(PasswordDigest, bool)>>,
    /// Failed sign-ins by address.
    pub failures: Limiter,
    /// Registrations by address.
    pub registrations: Limiter,
    /// What `/metrics` prints.
    pub metrics: Metrics,
    /// The dashboard's files.
    pub pages: Pages,
    /// What happens, for everybody who listens.
    pub broadcast: Arc<Broadcast>,
    /// How many may listen.
    pub places: Arc<Places>,
    /// Becomes true when the server stops: streams say goodbye.
    pub stopping: watch::Sender<bool>,
    asking: Arc<Semaphore>,
    waiting: AtomicUsize,
    /// Folded as far as the last report needed; one report at a time.
    books: Arc<tokio::sync::Mutex<Books>>,
}

impl App {
    /// A server's shared part.
    ///
    /// # Errors
    /// A contradiction in the route table.
    pub fn new(engine: Engine, options: Options) -> Result<Self, String> {
        let books = crate::api::reports::books(options.zone);
        let router = Router::new(crate::routes::table(&options))?;
        let metrics = Metrics::new(router.table());
        let pages = Pages::new(options.dashboard.clone());
        let broadcast = Arc::new(Broadcast::new(engine.clone(), options.limits.streams));
        let places = Arc::new(Places::new(options.limits.streams, metrics.streams.clone()));
        Ok(Self {
            broadcast,
            places,
            engine,
            router,
            boards: Boards::default(),
            hashing: Hashing::default(),
            demo: Mutex::default(),
            failures: Limiter::of_failures(),
            registrations: Limiter::of_registrations(),
            metrics,
            pages,
            stopping: watch::Sender::new(false),
            asking: Arc::new(Semaphore::new(QUESTIONS_AT_ONCE)),
            books: Arc::new(tokio::sync::Mutex::new(books)),
            waiting: AtomicUsize::new(0),
            options,
            bound: None,
        })
    }

    /// Where browsers find it.
    pub fn origin(&self) -> String {
        let bound = self.bound.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 80)));
        self.options.origin(bound)
    }

    /// Whether the server is on its way out.
    pub fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Asks the engine something that may wait for the disk, away from the threads that serve.
    ///
    /// # Errors
    /// What the engine answers; `busy`, if too many such questions wait.
    pub async fn engine<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Engine) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Refusal> {
        let turn = self.turn().await?;
        let engine = self.engine.clone();
        // The turn ends with the question, also if whoever asked went away.
        let asked = tokio::task::spawn_blocking(move || {
            let answer = question(&engine);
            drop(turn);
            answer
        });
        let asked = asked.await;
        match asked {
            Ok(answer) => Ok(answer?),
            Err(panic) => {
                tracing::error!(%panic, "a question to the engine failed");
                Err(Refusal::internal())
            }
        }
    }

    /// Makes a report over the books, read on to the log's end. Reports wait for each other and
    /// for nobody else, so that a sale never waits for one.
    ///
    /// # Errors
    /// What the engine answers; `busy`, if another report takes too long.
    pub async fn report<T: Send + 'static>(
        &self,
        make: impl FnOnce(&Engine, &Books) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Refusal> {
        let wait = Duration::from_secs(5);
        let busy = |_| Refusal::later(Code::Busy, "another report is being made", wait);
        let locked = tokio::time::timeout(wait, self.books.clone().lock_owned()).await;
        let mut books = locked.map_err(busy)?;
        let engine = self.engine.clone();
        let made = tokio::task::spawn_blocking(move || {
            books.catch_up(&engine)?;
            make(&engine, &books)
        });
        match made.await {
            Ok(report) => Ok(report?),
            Err(_) => Err(Refusal::internal()),
        }
    }

    /// The same for what may be left out: asked only if nobody waits.
    pub async fn spare<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Engine) -> Result<T, Failure> + Send + 'static,
    ) -> Option<T> {
        let turn = self.asking.clone().try_acquire_owned().ok()?;
        let engine = self.engine.clone();
        let asked = tokio::task::spawn_blocking(move || {
            let answer = question(&engine);
            drop(turn);
            answer
        });
        asked.await.ok()?.ok()
    }

    async fn turn(&self) -> Result<tokio::sync::OwnedSemaphorePermit, Refusal> {
        let busy = || Refusal::later(Code::Busy, "too many questions wait", Duration::from_secs(1));
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= QUESTIONS_WAITING {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(busy());
        }
        let _waiting = Waiting(&self.waiting);
        self.asking.clone().acquire_owned().await.map_err(|_| busy())
    }
}

/// Counts down also when the asker went away.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
