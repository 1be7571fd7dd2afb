//! The lane: one thread, one writer, one turn at a time. Here a write transaction begins and ends.

use crate::clock::{ClockDoubt, EngineTime, Stopwatch, Timestamp};
use crate::engine::feed::Hub;
use crate::engine::houses::Houses;
use crate::engine::job::{Asked, Desk, Job, Question};
use crate::engine::queue::{Queue, Woken};
use crate::engine::snapshot::Board;
use crate::engine::sweep::{LOADED_BESIDE, LOOK_FOR_EVICTED};
use crate::engine::turn::Turn;
use crate::error::{BusyReason, Error, StorageReason};
use crate::house::event::{ChainHash, N, Record};
use crate::id::{Epoch, ShowId};
use crate::store::{Access, Change, Fence, SecondTicket, Standing, Store};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::Duration;

/// Jobs taken into one turn: beyond it, neighbours wait for the next commit.
const TURN_JOBS_MAX: usize = 4_096;
/// How often a turn looks for jobs: those that came while the first were decided share their commit,
/// and so on. Who came first waits for that.
const TURN_WAVES: usize = 3;
/// How soon a change by another process is noticed while somebody watches.
pub(super) const NOTICE: Duration = Duration::from_millis(25);
/// How long the lane stays awake for the next job: about what sleeping and waking take.
const LOOK: Duration = Duration::from_micros(30);
/// How soon a sweep that could not be made is tried again.
const SWEEP_AGAIN: Duration = Duration::from_millis(20);
/// How long the queue must be empty before following takes a flush of its own.
pub(super) const FOLLOW_QUIET: Duration = Duration::from_millis(5);
/// How long the queue must be empty before upkeep that nobody waits for.
const UPKEEP_QUIET: Duration = Duration::from_millis(500);

/// What the lane shares with everybody else.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) queue: Queue<Job>,
    pub(crate) time: EngineTime,
    pub(crate) board: Board,
    pub(crate) hub: Arc<Hub>,
    /// Records that the tables have not followed.
    pub(crate) lag: AtomicU64,
    /// Beyond this lag, commands are answered `busy`.
    pub(crate) lag_max: u64,
    /// The lane ended in a panic.
    pub(crate) died: AtomicBool,
}

/// How an engine runs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) sweep: bool,
    pub(crate) house_budget: usize,
    pub(crate) follow_in_commit: bool,
    pub(crate) follow: bool,
}

/// The log as this lane knows it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub(super) epoch: Epoch,
    pub(super) head: N,
    /// Hash of the head; none before the first turn.
    pub(super) hash: Option<ChainHash>,
    pub(super) followed_to: N,
    pub(super) quarantines: u64,
    pub(super) archives: u64,
}

/// The writer.
#[derive(Debug)]
pub(crate) struct Lane {
    pub(super) store: Box<dyn Store>,
    pub(super) shared: Arc<Shared>,
    pub(super) settings: Settings,
    pub(super) houses: Houses,
    pub(super) known: Known,
    /// Records from behind `followed_to` on, as far as they are in memory.
    pub(super) unfollowed: VecDeque<Arc<Record>>,
    /// Where shows stand that have no house because they are stopped.
    pub(super) stopped: HashMap<ShowId, Standing>,
    /// The records of these shows from there on are not followed: it would give a seat a second
    /// ticket.
    pub(super) unfollowable: HashMap<ShowId, N>,
    /// How long the last commit took: following may take a part of that.
    pub(super) commit_took: Duration,
    /// Records that may be followed beside a batch, saved up.
    pub(super) follow_credit: usize,
    /// A failed recovery: nothing goes on until one succeeds.
    broken: Option<Error>,
    /// Whether others run while this thread does: on one core, staying awake keeps them from asking.
    has_company: bool,
    /// Nobody who was queued earlier waits for another turn: whoever is queued now may join this.
    may_join: bool,
    /// Since when this spell of quiet was used to tend what is kept; none, if not yet.
    upkept: Option<Stopwatch>,
    /// When shows with a deadline were last looked for, and how long that will do.
    pub(super) looked: (Stopwatch, Duration),
}

/// Why a turn did not end with a commit.
#[derive(Debug)]
pub(super) enum Trouble {
    /// Nothing was committed, and nothing will be.
    Fault(Error),
    /// A proof against double booking failed: this show's memory and file disagree.
    Proof(Doubt),
    /// The commit failed and its fate is open.
    Unknown,
}

/// A show of which a proof failed.
#[derive(Debug)]
pub(super) struct Doubt {
    show: ShowId,
    what: String,
    /// Its first record that cannot be followed, if that is the proof.
    unfollowable: Option<N>,
}

impl Trouble {
    /// A show's log, or what its house makes of it, contradicts what is kept.
    pub(super) fn proof(show: ShowId, what: impl ToString) -> Self {
        Self::Proof(Doubt { show, what: what.to_string(), unfollowable: None })
    }
}

impl From<SecondTicket> for Trouble {
    fn from(SecondTicket { show, n }: SecondTicket) -> Self {
        let what = "following it would issue two tickets for a seat".to_owned();
        Self::Proof(Doubt { show, what, unfollowable: Some(n) })
    }
}

impl From<Doubt> for Error {
    fn from(doubt: Doubt) -> Self {
        Self::corrupt_show(doubt.show, doubt.what)
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Fault(error)
    }
}

impl Lane {
    pub(crate) fn new(
        store: Box<dyn Store>,
        shared: Arc<Shared>,
        settings: Settings,
        houses: Houses,
        fence: Fence,
    ) -> Self {
        let known = Known {
            epoch: fence.epoch,
            head: fence.followed_to,
            hash: None,
            followed_to: fence.followed_to,
            quarantines: fence.quarantines,
            archives: fence.archives,
        };
        Self {
            store,
            shared,
            settings,
            houses,
            known,
            unfollowed: VecDeque::new(),
            stopped: HashMap::new(),
            unfollowable: HashMap::new(),
            commit_took: Duration::from_micros(100),
            follow_credit: Self::first_credit(fence.head),
            broken: None,
            has_company: std::thread::available_parallelism().is_ok_and(|cores| cores.get() > 1),
            may_join: true,
            upkept: None,
            looked: (Stopwatch::start(), UPKEEP_QUIET),
        }
    }

    /// Serves the queue until it is closed and empty.
    pub(crate) fn run(mut self) {
        let mut jobs = Vec::new();
        let mut quiet = Duration::ZERO;
        loop {
            let patience = self.patience(quiet);
            match self.shared.queue.take(&mut jobs, patience) {
                Woken::Jobs => {
                    (quiet, self.upkept) = (Duration::ZERO, None);
                    while !jobs.is_empty() {
                        let rest = jobs.split_off(jobs.len().min(TURN_JOBS_MAX));
                        self.may_join = rest.is_empty();
                        self.serve(std::mem::replace(&mut jobs, rest));
                    }
                    self.look_for_due(LOADED_BESIDE);
                    if self.has_company {
                        self.shared.queue.look(LOOK);
                    }
                }
                Woken::Idle => {
                    quiet += patience.unwrap_or_default();
                    let before = self.known.head;
                    self.idle(quiet);
                    if self.known.head != before {
                        (quiet, self.upkept) = (Duration::ZERO, None);
                    }
                }
                Woken::Closed => break,
            }
        }
        self.wind_up();
    }

    /// How long nothing may happen before there is something to do.
    fn patience(&self, quiet: Duration) -> Option<Duration> {
        let follow = (self.settings.follow && self.lag() > 0).then_some(FOLLOW_QUIET);
        let notice = self.shared.hub.watched().then_some(NOTICE);
        let upkeep = (quiet < UPKEEP_QUIET).then_some(UPKEEP_QUIET);
        let sweep = self.until_sweep();
        let evicted = self.settings.sweep.then_some(LOOK_FOR_EVICTED);
        [follow, notice, upkeep, sweep, evicted].into_iter().flatten().min()
    }

    fn until_sweep(&self) -> Option<Duration> {
        let due = self.houses.next_due().filter(|_| self.settings.sweep)?;
        let left = due.since(self.shared.time.now());
        Some(left.max(SWEEP_AGAIN))
    }

    /// Nobody waits: publish lapses, look at what others wrote, follow, tend the file.
    fn idle(&mut self, quiet: Duration) {
        let now = self.shared.time.now();
        if self.settings.sweep && self.houses.due(now).next().is_some() {
            self.serve(Vec::new());
        } else if self.shared.hub.watched() {
            self.read(Vec::new());
        }
        if self.settings.follow && self.lag() > 0 && self.shared.queue.is_empty() {
            self.follow_alone();
        }
        if quiet >= UPKEEP_QUIET {
            self.upkeep();
        }
        self.evict();
    }

    /// Once for each spell of quiet, and now and then in a long one. Errors return when somebody
    /// asks for something.
    fn upkeep(&mut self) {
        if self.upkept.as_ref().is_some_and(|upkept| upkept.elapsed() < LOOK_FOR_EVICTED) {
            return;
        }
        self.look_for_due(usize::MAX);
        if self.settings.follow {
            drop(self.keep_houses(1));
        }
        drop(self.store.tend(true));
        // After the look, so that it is due again whenever this is.
        self.upkept = Some(Stopwatch::start());
    }

    /// The last turn: the tables follow to the end, if nobody else is at it.
    fn wind_up(&mut self) {
        if self.settings.follow && self.broken.is_none() {
            self.follow_alone();
            drop(self.keep_houses(super::follow::CHECKPOINT_EVERY / 8));
        }
        drop(self.store.tend(true));
        self.shared.hub.close();
    }

    pub(super) fn lag(&self) -> u64 {
        self.known.head.saturating_sub(self.known.followed_to)
    }

    /// Does what was asked, commands first: a question sees every command queued before it.
    fn serve(&mut self, jobs: Vec<Job>) {
        if let Err(error) = self.mend() {
            return jobs.into_iter().for_each(|job| job.fail(&error));
        }
        let (questions, commands): (Vec<_>, Vec<_>) =
            jobs.into_iter().partition(|job| matches!(job, Job::Ask(_)));
        let sweep_due = self.sweep_is_due();
        let (alone, commands): (Vec<_>, Vec<_>) =
            commands.into_iter().partition(|job| matches!(job, Job::Archive(..)));
        if !commands.is_empty() || sweep_due {
            self.write(commands);
        }
        // Slow, and in need of tables that have followed everything.
        self.may_join &= alone.len() <= 1;
        alone.into_iter().for_each(|job| self.write(vec![job]));
        if !questions.is_empty() {
            self.read(questions);
        }
        self.evict();
        drop(self.store.tend(false));
    }

    /// Keeps houses within their budget, but for those whose holds lapse before the next look.
    fn evict(&mut self) {
        if !self.houses.is_over_budget() {
            return;
        }
        let soon = self.shared.time.now().plus(2 * LOOK_FOR_EVICTED);
        let soon = if self.settings.sweep { soon } else { Timestamp::MIN };
        let evicted = self.houses.evict(soon);
        evicted.into_iter().for_each(|show| self.shared.board.forget(show));
    }

    /// Recovers if the last attempt to failed.
    fn mend(&mut self) -> Result<(), Error> {
        if self.broken.is_none() {
            return Ok(());
        }
        self.recover()
    }

    /// Everything in memory is doubted and read again from the settled file.
    pub(super) fn recover(&mut self) -> Result<(), Error> {
        self.forget_all();
        let recovered = self.store.recover();
        self.broken = recovered.as_ref().err().cloned();
        recovered
    }

    pub(super) fn forget_all(&mut self) {
        self.houses.clear();
        self.unfollowed.clear();
        self.shared.board.clear();
        self.known.head = self.known.followed_to;
        self.known.hash = None;
        self.tell_lag();
    }

    /// One write turn for all these jobs. What spoils it falls on nobody else: where a proof
    /// fails, each job is decided again alone.
    fn write(&mut self, jobs: Vec<Job>) {
        self.write_after(jobs, false);
    }

    /// `doubted`: a proof failed before, and every house is rebuilt from the log alone.
    fn write_after(&mut self, jobs: Vec<Job>, doubted: bool) {
        // What is decided again alone must not be overtaken by who came later.
        self.may_join &= !doubted;
        self.houses.doubt_checkpoints(doubted);
        let mut turn = Turn::new(jobs);
        let Err(trouble) = self.attempt(&mut turn) else { return };
        self.store.roll_back();
        match trouble {
            Trouble::Fault(error) => {
                self.forget(&turn);
                turn.fail(&error);
            }
            Trouble::Unknown => {
                turn.fail(&Error::OutcomeUnknown);
                // If this fails, the next job tries again.
                drop(self.recover());
            }
            Trouble::Proof(doubt) => {
                self.forget_all();
                if doubted {
                    let (show, stopped) = (doubt.show, self.quarantine(&doubt));
                    let error = Error::from(doubt);
                    for job in turn.into_jobs() {
                        // What is about another show is decided again: one more show is stopped
                        // each time, so this ends.
                        if stopped && !job.is_about(show) {
                            self.write_after(vec![job], true);
                        } else {
                            job.fail(&error);
                        }
                    }
                } else {
                    let jobs = turn.into_jobs();
                    if jobs.is_empty() {
                        self.write_after(Vec::new(), true);
                    }
                    jobs.into_iter().for_each(|job| self.write_after(vec![job], true));
                }
            }
        }
    }

    /// The write transaction: begin, decide, append, follow a little, commit, publish.
    fn attempt(&mut self, turn: &mut Turn) -> Result<(), Trouble> {
        let fence = self.store.begin(Access::Write)?;
        self.catch_up(fence)?;
        match self.moment(fence, turn) {
            Ok(now) => {
                turn.start(now, self.known.head);
                self.decide_and_append(turn)?;
                let mut waves = 1;
                while waves < TURN_WAVES && self.take_in(fence, turn) {
                    self.decide_and_append(turn)?;
                    waves += 1;
                }
                self.sweep_into(turn)?;
            }
            // Following needs no moment: reads go on whatever the clock says.
            Err(doubt) => {
                turn.fail_all_but_following(&doubt);
                turn.start(self.shared.time.now(), self.known.head);
                self.decide_all(turn)?;
            }
        }
        if turn.is_empty() {
            self.store.roll_back();
            turn.answer(&mut self.houses);
            return Ok(());
        }
        self.append(turn)?;
        if let Some(standing) = turn.archived {
            self.store.archive(&standing)?;
        }
        let followed = self.follow_beside(turn)?;
        let watch = Stopwatch::start();
        if crate::sabotage::on("ack_before_commit") {
            turn.answer(&mut self.houses);
        }
        self.store.commit().map_err(commit_trouble)?;
        self.commit_took = watch.elapsed();
        self.committed(turn);
        if let Some(standing) = turn.archived {
            self.known.archives += 1;
            self.houses.forget(standing.show);
        }
        self.followed(followed);
        self.publish(turn);
        turn.answer(&mut self.houses);
        self.shared.hub.wake();
        Ok(())
    }

    /// Commands that came while others were decided share their commit. They have a moment of their
    /// own, read once they are here: no command is decided at a time before it was given.
    fn take_in(&mut self, fence: Fence, turn: &mut Turn) -> bool {
        if !self.may_join {
            return false;
        }
        let room = TURN_JOBS_MAX.saturating_sub(turn.len());
        let more = self.shared.queue.take_more(room, |job| matches!(job, Job::Command(..)));
        if more.is_empty() {
            return false;
        }
        match self.read_time(fence) {
            Ok(now) => turn.join(more, now),
            Err(doubt) => more.into_iter().for_each(|job| job.fail(&doubt)),
        }
        true
    }

    /// The moment of those who waited. Whoever accepts the clock's step does so before it is read.
    fn moment(&mut self, fence: Fence, turn: &mut Turn) -> Result<Timestamp, Error> {
        if turn.accepts_clock() {
            self.shared.time.accept(fence.at);
        }
        self.read_time(fence)
    }

    fn read_time(&self, fence: Fence) -> Result<Timestamp, Error> {
        self.shared.time.for_turn(fence.at).map_err(|doubt| match doubt {
            ClockDoubt::Settling { wait } => {
                Error::Busy { reason: BusyReason::Clock, retry_after: wait }
            }
            ClockDoubt::Refused => {
                Error::storage(StorageReason::Clock, "the clock and the log disagree by a day")
            }
        })
    }

    fn decide_and_append(&mut self, turn: &mut Turn) -> Result<(), Trouble> {
        self.decide_all(turn)?;
        self.append(turn)
    }

    /// Appends what was decided since the last time.
    fn append(&mut self, turn: &mut Turn) -> Result<(), Trouble> {
        let sold = turn.take_sold_changes(&self.houses);
        self.store
            .append(turn.take_unappended(), &sold)?
            .map_err(|show| Trouble::proof(show, "its sold seats in memory and in the file differ"))
    }

    /// The records are durable: they are the log now.
    fn committed(&mut self, turn: &Turn) {
        for record in turn.records() {
            if let Some(show) = record.show_id() {
                self.houses.note_head(show, record.n);
            }
        }
        if let Some(last) = turn.records().last() {
            self.known.head = last.n;
            self.known.hash = Some(last.hash);
        }
        self.unfollowed.extend(turn.records().iter().cloned());
        self.tell_lag();
    }

    fn publish(&mut self, turn: &Turn) {
        let (epoch, now) = (self.known.epoch, turn.now());
        for show in turn.shows() {
            self.houses.settle(show);
            let house = self.houses.peek(show).map(|loaded| &loaded.house);
            self.shared.board.refresh(show, || {
                house.map(|house| crate::engine::snapshot::Snapshot::of(house, epoch, now))
            });
        }
        self.shared.hub.publish(turn.records());
    }

    /// Drops what a failed turn may have changed.
    fn forget(&mut self, turn: &Turn) {
        for show in turn.shows() {
            self.houses.forget(show);
        }
    }

    /// Stops a show for good: durable, and without the help of its house.
    pub(super) fn quarantine(&mut self, doubt: &Doubt) -> bool {
        let change = Change::Quarantine { show: doubt.show, reason: doubt.what.clone() };
        let done = self.store.begin(Access::Write).and_then(|_| {
            self.store.change(&change)?.map_err(Error::corrupt)?;
            self.store.commit()
        });
        match (&done, doubt.unfollowable) {
            (Ok(()), Some(n)) => drop(self.unfollowable.insert(doubt.show, n)),
            (Ok(()), None) => {}
            (Err(_), _) => self.store.roll_back(),
        }
        self.houses.forget(doubt.show);
        done.is_ok()
    }

    /// Answers questions from the newest commit; no lock is needed to read.
    fn read(&mut self, questions: Vec<Job>) {
        let begun = self.store.begin(Access::Read);
        let ready = begun.and_then(|fence| self.catch_up(fence));
        let now = self.shared.time.now();
        for job in questions {
            let Job::Ask(Question(ask)) = job else { continue };
            match &ready {
                Err(error) => ask(Err(error.clone())),
                Ok(()) => self.answer_question(ask, now),
            }
        }
        self.store.roll_back();
    }

    /// A question that panics loses its answer, and harms nobody else.
    fn answer_question(&mut self, ask: Asked, now: Timestamp) {
        let mut desk = Desk {
            store: &mut *self.store,
            houses: &mut self.houses,
            board: &self.shared.board,
            epoch: self.known.epoch,
            now,
        };
        let asked = std::panic::AssertUnwindSafe(|| ask(Ok(&mut desk)));
        drop(std::panic::catch_unwind(asked));
    }
}

/// Where the disk is full nothing was written and nothing is in doubt; all else is.
fn commit_trouble(error: Error) -> Trouble {
    match error {
        Error::Storage { reason: StorageReason::DiskFull, .. } => Trouble::Fault(error),
        _ => Trouble::Unknown,
    }
}
