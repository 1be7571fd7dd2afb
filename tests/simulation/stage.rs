//! Where a run is played: the model, an engine in memory and an engine on a file, under one clock.

use super::ops::{Op, Wait};
use super::read;
use seatcore::clock::{ManualClock, Timestamp};
use seatcore::engine::Reply;
use seatcore::id::Holder;
use seatcore::store::memory::MemoryStore;
use seatcore::{Engine, Outcome};
use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use support::model::programme::{self, Billing};
use support::model::{Ask, Asked, Model, Said, Slip, show_id};
use tempfile::TempDir;

/// When every run begins: 2027-01-09T08:00:00Z.
const START: i64 = 1_799_481_600_000;
const DAY_MS: i64 = 24 * 3_600_000;
const SHOWS: u32 = 200;
/// Far less than all houses weigh, so that they come and go.
const BUDGET: usize = 100_000;
/// Commands on their way together at most.
const BURST: usize = 48;
/// Requests that may be asked again.
const REMEMBERED: usize = 400;

type Step = Result<(), String>;
/// How often each answer was given.
pub type Tally = BTreeMap<String, u64>;

/// A run in progress.
pub struct Stage {
    seed: u64,
    clock: Arc<ManualClock>,
    model: Model,
    memory: Engine,
    file: Engine,
    path: PathBuf,
    burst: Vec<Asked>,
    past: VecDeque<Asked>,
    tally: Tally,
    /// Taken down with everything in it at the end.
    _folder: TempDir,
}

fn bill() -> Vec<Billing> {
    let halls = ["A-B:5", "A-D:4|6|2*premium@1", "stalls/A-C:6*premium@1+2; balcony/A:7; C:3"];
    let billing = |number: u32| {
        let hall = number as usize % halls.len();
        let day = 12 - i64::from(number / 6 % 11);
        let starts_at = START + day * DAY_MS + i64::from(number % 2) * DAY_MS / 8;
        let screen = format!("{} {}", ["small", "side", "main"][hall], number / 6);
        let mut billing = Billing::new(halls[hall], &screen, starts_at);
        billing.opens_at = (number % 17 == 3).then_some(START + DAY_MS);
        billing.tiers = vec![("premium", 2_000)];
        billing.limits.hold_life_s = if number % 11 == 5 { 700 } else { 1_800 };
        billing.limits.holds_per_holder = if number % 7 == 2 { 3 } else { 16 };
        billing
    };
    (0..SHOWS).map(billing).collect()
}

fn engine(clock: &Arc<ManualClock>, seed: u64) -> seatcore::Builder {
    Engine::builder().clock(clock.clone()).seed(seed).sweep(false).house_budget(BUDGET)
}

fn folder() -> TempDir {
    let shared = std::path::Path::new("/dev/shm");
    let made = if shared.is_dir() { TempDir::new_in(shared) } else { TempDir::new() };
    made.expect("a folder for the file")
}

impl Stage {
    pub fn open(seed: u64) -> Self {
        let clock = ManualClock::at(Timestamp::from_millis(START));
        let folder = folder();
        let path = folder.path().join("box-office.db");
        let store = MemoryStore::new(seed);
        let memory = engine(&clock, seed).over(Box::new(store)).expect("an engine in memory");
        let file = engine(&clock, seed).open(&path).expect("an engine on a file");
        let model = programme::open(&memory, &bill());
        programme::open(&file, &bill());
        let (burst, past, tally) = (Vec::new(), VecDeque::new(), Tally::new());
        Self { seed, clock, model, memory, file, path, burst, past, tally, _folder: folder }
    }

    pub fn step(&mut self, op: &Op) -> Step {
        match op {
            Op::One(step) => self.ask(read::asked(&self.model, step)),
            Op::Many(steps) => self.ask(read::batch(&self.model, steps)),
            Op::Again(back) => match self.past.get(usize::from(*back)).cloned() {
                Some(asked) => self.ask(asked),
                None => Ok(()),
            },
            Op::Wait(wait) => self.flush().map(|()| self.wait(*wait)),
            Op::Look(show, who) => self.flush().and_then(|()| self.look(*show, *who)),
            Op::Sweep => self.flush().and_then(|()| self.sweep()),
        }
    }

    fn ask(&mut self, asked: Asked) -> Step {
        self.past.push_front(asked.clone());
        self.past.truncate(REMEMBERED);
        self.burst.push(asked);
        // Mostly a burst ends earlier, with the next step that is no command.
        if self.burst.len() >= BURST { self.flush() } else { Ok(()) }
    }

    /// Sends what has gathered to both engines, then lets the model answer in the same order.
    fn flush(&mut self) -> Step {
        let burst = std::mem::take(&mut self.burst);
        let submit = |engine: &Engine| -> Vec<Reply<Vec<Outcome>>> {
            burst.iter().map(|asked| engine.submit(asked.clone().request())).collect()
        };
        let (memory, file) = (submit(&self.memory), submit(&self.file));
        for ((asked, memory), file) in burst.iter().zip(memory).zip(file) {
            let (memory, file) = (Said::from(memory.answer()), Said::from(file.answer()));
            same("file and memory", asked, &memory, &file)?;
            let expected = self.model.answer(asked, &memory);
            same("engine and model", asked, &expected, &memory)?;
            self.count(asked, &memory);
        }
        Ok(())
    }

    fn count(&mut self, asked: &Asked, said: &Said) {
        let batch = if matches!(asked.ask, Ask::Batch { .. }) { "batch " } else { "" };
        let again = if said.replayed { "again " } else { "" };
        *self.tally.entry(format!("{batch}{again}{}", said.word())).or_default() += 1;
    }

    fn wait(&mut self, wait: Wait) {
        let now = self.model.now;
        let span = match wait {
            Wait::Millis(span) => i64::from(span),
            Wait::Seconds(span) => i64::from(span) * 1_000,
            Wait::Hours(span) => i64::from(span) * 3_600_000,
            Wait::Day => DAY_MS,
            Wait::Deadline(which, off) => {
                let mut ends: Vec<i64> =
                    self.model.shows.iter().flat_map(|s| s.deadlines()).collect();
                ends.retain(|end| *end > now + 1);
                ends.sort_unstable();
                let end = ends.get(usize::from(which) % ends.len().clamp(1, 2));
                end.map_or(1, |end| end + i64::from(off) - now)
            }
        };
        self.clock.advance(Duration::from_millis(span as u64));
        self.model.now += span;
    }

    fn sweep(&mut self) -> Step {
        let expected = self.model.sweep();
        for engine in [&self.memory, &self.file] {
            let swept = engine.sweep().wait();
            same("sweep", &"sweep", &Ok(expected), &swept)?;
        }
        Ok(())
    }

    /// What readers see must be what the model holds.
    fn look(&self, show: u16, who: u8) -> Step {
        let number = read::show(&self.model, show);
        let Some(show) = self.model.show(number) else { return Ok(()) };
        let who = ["ann", "bob", "user:3"][usize::from(who) % 3];
        for engine in [&self.memory, &self.file] {
            self.look_at(engine, show)?;
            self.look_at_holds(engine, who)?;
        }
        Ok(())
    }

    fn look_at(&self, engine: &Engine, show: &support::model::Show) -> Step {
        let now = self.model.now;
        let map = engine.seat_map(show_id(show.number)).map_err(|fault| fault.to_string())?;
        let symbols = show.symbols(now);
        same("seat map", &show.number, &*symbols, &*map.symbols)?;
        same("seq", &show.number, &show.seq, &map.seq)?;
        same("status", &show.number, show.status(now), map.status.as_str())?;
        let count = |wanted| symbols.chars().filter(|symbol| *symbol == wanted).count() as u32;
        let expected = [count('.'), count('h'), count('b'), count('x'), symbols.len() as u32];
        let stats = map.stats;
        let found = [stats.available, stats.held, stats.booked, stats.blocked, stats.capacity];
        same("stats", &show.number, &expected, &found)
    }

    fn look_at_holds(&self, engine: &Engine, who: &str) -> Step {
        let now = self.model.now;
        let holder = Holder::parse(who).expect("a holder");
        let live = engine.live_holds(Some(&holder), None).map_err(|fault| fault.to_string())?;
        let live: Vec<Slip> = live.iter().map(Slip::from).collect();
        let shows = self.model.shows.iter();
        let mut expected: Vec<Slip> = shows.flat_map(|show| show.live(Some(who), now)).collect();
        expected.sort_by_key(|slip| (slip.expires_at, slip.id));
        same("live holds", &who, &expected, &live)
    }

    /// The last comparisons: every show, both logs, the files' own checks, and keys after a
    /// restart.
    pub fn close(mut self) -> Result<Tally, String> {
        self.flush()?;
        for show in &self.model.shows {
            self.look_at(&self.memory, show)?;
            self.look_at(&self.file, show)?;
        }
        let (_, houses) = self.file.house_weight().map_err(|fault| fault.to_string())?;
        assert!(houses < SHOWS as usize, "no house ever left memory");
        for engine in [&self.memory, &self.file] {
            let report = engine.verify().map_err(|fault| fault.to_string())?;
            same("verify", &"findings", &Vec::new(), &report.findings)?;
        }
        self.compare_logs()?;
        self.reopen()?;
        // Only what was answered before: the ids of new holds begin again with the file's engine.
        let known = self.past.iter().filter(|asked| self.model.remembers(asked));
        self.burst = known.cloned().collect();
        self.flush()?;
        Ok(self.tally)
    }

    fn reopen(&mut self) -> Step {
        self.file.close();
        self.file = engine(&self.clock, self.seed).open(&self.path).map_err(|e| e.to_string())?;
        Ok(())
    }

    /// The same commands at the same moments leave the same records, hash for hash.
    fn compare_logs(&self) -> Step {
        let mut after = 0;
        loop {
            let memory = self.memory.records(after, 1_000).map_err(|fault| fault.to_string())?;
            let file = self.file.records(after, 1_000).map_err(|fault| fault.to_string())?;
            same("records", &after, &memory, &file)?;
            let Some(last) = memory.last() else { return Ok(()) };
            after = last.n;
        }
    }
}

/// Fails with both sides if they differ.
fn same<T, A>(what: &str, about: &A, expected: &T, found: &T) -> Step
where
    T: PartialEq + std::fmt::Debug + ?Sized,
    A: std::fmt::Debug,
{
    if expected == found {
        return Ok(());
    }
    Err(format!("{what} differ about {about:?}\nexpected {expected:#?}\n   found {found:#?}"))
}
