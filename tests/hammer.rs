//! Several processes on one file, killed at any moment. Each writes down what it was told before
//! it goes on; in the end the file must know all of it, in the same words.
//!
//! `SEATCORE_CYCLES` says how many processes are killed (200).

use parking_lot::Mutex;
use seatcore::clock::Stopwatch;
use seatcore::engine::ReplyAnswer;
use seatcore::error::Code;
use seatcore::house::hold::HoldState;
use seatcore::store::BookingFilter;
use seatcore::{Book, BookingId, Cancel, Engine, Hold, HoldId, Outcome, Release, Reply, ShowId};
use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use support::dice::Dice;
use support::house::{add_show, assert_clean};
use support::place::File;

const ROLE: &str = "SEATCORE_HAMMER_ROLE";
const DATABASE: &str = "SEATCORE_HAMMER_FILE";
const LEDGER: &str = "SEATCORE_HAMMER_LEDGER";
const SEED: &str = "SEATCORE_HAMMER_SEED";
const WORKERS: usize = 4;
const SHOWS: u32 = 3;
const SEATS: u64 = 60;
/// Short, so that what killed processes held comes free again.
const TTL: Duration = Duration::from_secs(2);
/// Between two rounds of a client: the log must stay small enough to be judged as a whole.
const PACE: Duration = Duration::from_millis(2);
/// A client that asks this often and is always answered `busy` is starved.
const PATIENCE: usize = 100;

/// The tests of this file measure the machine: one at a time.
static ALONE: Mutex<()> = Mutex::new(());

fn cycles() -> u64 {
    let cycles = std::env::var("SEATCORE_CYCLES").ok();
    cycles.map_or(200, |text| text.parse().expect("SEATCORE_CYCLES is a number"))
}

/// What a client asked. Prints as one word, from which it can be asked again.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Deed {
    Hold(ShowId, String),
    Book(HoldId),
    Release(HoldId),
    Cancel(BookingId),
}

impl Deed {
    fn word(&self) -> String {
        match self {
            Self::Hold(show, seat) => format!("hold:{show}:{seat}"),
            Self::Book(hold) => format!("book:{hold}"),
            Self::Release(hold) => format!("release:{hold}"),
            Self::Cancel(booking) => format!("cancel:{booking}"),
        }
    }

    fn parse(word: &str) -> Self {
        let (verb, rest) = word.split_once(':').expect("a verb");
        match verb {
            "hold" => {
                let (show, seat) = rest.split_once(':').expect("a seat");
                Self::Hold(show.parse().expect("a show"), seat.to_owned())
            }
            "book" => Self::Book(rest.parse().expect("a hold")),
            "release" => Self::Release(rest.parse().expect("a hold")),
            _ => Self::Cancel(rest.parse().expect("a booking")),
        }
    }

    fn ask(&self, engine: &Engine, who: &str, key: &str) -> Reply<Vec<Outcome>> {
        match self {
            Self::Hold(show, seat) => {
                engine.submit(Hold::new(*show, [seat]).by(who).ttl(TTL).key(key))
            }
            Self::Book(hold) => engine.submit(Book::new(*hold).by(who).key(key)),
            Self::Release(hold) => engine.submit(Release::new(*hold).by(who).key(key)),
            Self::Cancel(booking) => engine.submit(Cancel::new(*booking).by(who).key(key)),
        }
    }
}

type Said = ReplyAnswer<Vec<Outcome>>;

/// One client of a worker: asks, and writes down what it was told.
struct Client<'e> {
    engine: &'e Engine,
    ledger: &'e Mutex<std::fs::File>,
    who: String,
    dice: Dice,
    asked: u64,
}

impl Client<'_> {
    fn write(&self, line: &str) {
        let line = format!("{line}\n");
        self.ledger.lock().write_all(line.as_bytes()).expect("the ledger can be written");
    }

    /// Asks until there is an answer other than `busy`, under one key.
    fn ask(&mut self, deed: &Deed) -> Option<Vec<Outcome>> {
        self.asked += 1;
        let key = format!("{}", self.asked);
        let answer = (0..PATIENCE).find_map(|_| {
            let answer = deed.ask(self.engine, &self.who, &key).answer();
            let busy = answer.result.as_ref().is_err_and(|no| no.code() == Code::Busy);
            (!busy).then_some(answer)
        });
        let Said { result, remembered, .. } = answer.expect("nobody is starved");
        if let Err(seatcore::Failure::Fault(fault)) = &result {
            panic!("{deed:?}: {fault}");
        }
        if remembered {
            self.write(&format!("told\t{}\t{}\t{key}\t{result:?}", deed.word(), self.who));
        }
        result.ok()
    }

    fn round(&mut self) {
        let show = ShowId::new(1 + self.dice.roll(u64::from(SHOWS)) as u32).expect("a number");
        let seat = format!("A{}", 1 + self.dice.roll(SEATS));
        let held = self.ask(&Deed::Hold(show, seat)).and_then(|mut all| all.pop()?.into_hold());
        let Some(hold) = held else { return };
        match self.dice.roll(8) {
            0 => drop(self.ask(&Deed::Release(hold.id))),
            1 => {}
            _ => {
                let booked = self.ask(&Deed::Book(hold.id)).is_some();
                if booked && self.dice.roll(128) > 0 {
                    let cancel = Deed::Cancel(hold.id.into());
                    self.write(&format!("will\t{}", cancel.word()));
                    self.ask(&cancel);
                }
            }
        }
    }
}

/// True once the parent closes this process's input.
fn stopped_by_parent() -> &'static AtomicBool {
    static STOPPED: AtomicBool = AtomicBool::new(false);
    std::thread::spawn(|| {
        drop(std::io::copy(&mut std::io::stdin(), &mut std::io::sink()));
        STOPPED.store(true, Ordering::Relaxed);
    });
    &STOPPED
}

fn environment(name: &str) -> String {
    std::env::var(name).expect("the parent says so")
}

/// The other processes: this same program, told so by its environment.
#[test]
fn worker() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let stop = stopped_by_parent();
    let engine = Engine::builder().create(false).open(environment(DATABASE)).expect("it opens");
    match role.as_str() {
        "sell" => sell(&engine, stop, 1),
        "crowd" => sell(&engine, stop, 8),
        _ => saturate(&engine, stop),
    }
    engine.close();
}

fn sell(engine: &Engine, stop: &AtomicBool, clients: u64) {
    let path = environment(LEDGER);
    let ledger = std::fs::File::options().create(true).append(true).open(path);
    let ledger = Mutex::new(ledger.expect("the ledger opens"));
    let seed: u64 = environment(SEED).parse().expect("a number");
    std::thread::scope(|scope| {
        for client in 0..clients {
            let (who, dice) = (format!("worker {seed}/{client}"), Dice(seed * 1_000 + client));
            let mut client = Client { engine, ledger: &ledger, who, dice, asked: 0 };
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    client.round();
                    std::thread::sleep(PACE);
                }
            });
        }
    });
}

/// 64 clients, as fast as they are answered.
fn saturate(engine: &Engine, stop: &AtomicBool) {
    let show = ShowId::new(1).expect("a number");
    std::thread::scope(|scope| {
        for client in 0..64 {
            scope.spawn(move || {
                let seat = format!("B{}", client + 1);
                while !stop.load(Ordering::Relaxed) {
                    let wish = Hold::new(show, [&seat]).by(format!("client {client}"));
                    let hold = engine.hold(wish).wait().expect("its own seat");
                    engine.release(hold.id).wait().expect("its own hold");
                }
            });
        }
    });
}

/// A file with shows to sell, and the ledgers of everybody who ever worked on it.
struct Field {
    file: File,
    spawned: AtomicU64,
}

impl Field {
    fn new() -> Self {
        let file = File::temporary();
        let engine = Engine::open(file.path()).expect("it opens");
        for number in 1..=SHOWS {
            assert_eq!(add_show(&engine, "A-B:80").get(), number);
        }
        engine.close();
        Self { file, spawned: AtomicU64::new(0) }
    }

    fn ledger(&self, number: u64) -> PathBuf {
        self.file.beside(&format!("ledger-{number}"))
    }

    fn spawn(&self, role: &str) -> Child {
        let number = self.spawned.fetch_add(1, Ordering::Relaxed);
        Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "worker", "--nocapture"])
            .env(ROLE, role)
            .env(DATABASE, self.file.path())
            .env(LEDGER, self.ledger(number))
            .env(SEED, number.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("this program starts again")
    }

    fn engine(&self) -> Engine {
        Engine::builder().sweep(false).open(self.file.path()).expect("it opens")
    }

    fn told(&self) -> Told {
        let mut told = Told::default();
        for number in 0..self.spawned.load(Ordering::Relaxed) {
            told.read(&self.ledger(number));
        }
        told
    }
}

/// Everything that anybody was told.
#[derive(Default)]
struct Told {
    /// Deed, caller, key, words.
    lines: Vec<(Deed, String, String, String)>,
    /// Bookings that somebody meant to cancel, told or not.
    doomed: HashSet<BookingId>,
}

impl Told {
    fn read(&mut self, ledger: &Path) {
        let text = std::fs::read_to_string(ledger).unwrap_or_default();
        // The last line may have been cut short by a kill: nothing was told by half a line.
        for line in text.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
            let parts: Vec<_> = line.trim_end_matches('\n').splitn(5, '\t').collect();
            match parts[..] {
                ["told", deed, who, key, words] => {
                    self.lines.push((Deed::parse(deed), who.into(), key.into(), words.into()));
                }
                ["will", deed] => self.doomed.extend(match Deed::parse(deed) {
                    Deed::Cancel(booking) => Some(booking),
                    _ => None,
                }),
                _ => panic!("{line:?} is no line of a ledger"),
            }
        }
    }

    /// The same words under every key, and every booking with its tickets.
    fn judge(&self, engine: &Engine) {
        let again: Vec<_> =
            self.lines.iter().map(|(deed, who, key, _)| deed.ask(engine, who, key)).collect();
        for ((deed, who, key, words), reply) in self.lines.iter().zip(again) {
            let answer = reply.answer();
            assert!(answer.replayed, "{who} was told {words} of {deed:?} under {key}: {answer:?}");
            assert_eq!(format!("{:?}", answer.result), *words, "{who}, {deed:?}, {key}");
        }
        self.judge_bookings(engine);
    }

    fn judge_bookings(&self, engine: &Engine) {
        let mut kept = HashMap::new();
        let mut filter = BookingFilter { limit: 10_000, ..BookingFilter::default() };
        loop {
            let page = engine.bookings(&filter).expect("a page");
            let Some(last) = page.last() else { break };
            filter.before = Some(last.id);
            kept.extend(page.into_iter().map(|booking| (booking.id, booking)));
        }
        let booked = self.lines.iter().filter_map(|(deed, _, _, words)| match deed {
            Deed::Book(hold) if words.starts_with("Ok") => Some(BookingId::from(*hold)),
            _ => None,
        });
        for id in booked {
            let booking = kept.get(&id).unwrap_or_else(|| panic!("booking {id} is lost"));
            assert_eq!(booking.tickets.len(), booking.seats.len());
            assert!(booking.state == HoldState::Booked || self.doomed.contains(&id), "{booking:?}");
        }
    }
}

/// Kills it, whatever it does just now; it must not have ended by itself.
fn kill(mut worker: Child) {
    let ended = worker.try_wait().expect("a child of ours");
    assert_eq!(ended, None, "a worker failed by itself");
    worker.kill().expect("a child of ours");
    worker.wait().expect("a child of ours");
}

/// Ends it in good order.
fn finish(mut worker: Child) {
    drop(worker.stdin.take());
    assert!(worker.wait().expect("a child of ours").success(), "a worker failed");
}

fn report_findings(engine: &Engine) {
    let report = engine.verify().expect("the log can be read");
    assert!(report.clean(), "{:#?}", report.findings);
}

#[test]
fn four_processes_sell_while_one_after_another_is_killed() {
    let _alone = ALONE.lock();
    let (field, mut dice) = (Field::new(), Dice(4_711));
    let mut workers: Vec<_> = (0..WORKERS).map(|_| field.spawn("sell")).collect();
    for cycle in 1..=cycles() {
        std::thread::sleep(Duration::from_millis(100 + dice.roll(400)));
        let victim = workers.swap_remove(dice.roll(WORKERS as u64) as usize);
        kill(victim);
        workers.push(field.spawn("sell"));
        if cycle % 25 == 0 {
            report_findings(&field.engine());
        }
    }
    workers.into_iter().for_each(finish);
    let (engine, told) = (field.engine(), field.told());
    assert_clean(&engine);
    told.judge(&engine);
    assert_clean(&engine);
    let (_, n) = engine.position().expect("a position");
    println!("{} kills, {n} records, {} answers judged", cycles(), told.lines.len());
    assert!(told.lines.len() as u64 > cycles(), "the workers hardly worked");
}

#[test]
fn one_process_is_killed_in_every_phase() {
    let _alone = ALONE.lock();
    let (field, mut dice) = (Field::new(), Dice(815));
    for _ in 0..cycles().div_ceil(4) {
        let worker = field.spawn("crowd");
        std::thread::sleep(Duration::from_millis(5 + dice.roll(200)));
        kill(worker);
        report_findings(&field.engine());
    }
    let (engine, told) = (field.engine(), field.told());
    assert_clean(&engine);
    told.judge(&engine);
    println!("{} kills, {} answers judged", cycles().div_ceil(4), told.lines.len());
}

/// Someone at the counter opens the file, holds a seat and leaves, while a server is flat out.
#[test]
fn a_short_visit_beside_a_saturated_process_is_never_busy() {
    let _alone = ALONE.lock();
    let field = Field::new();
    let server = field.spawn("saturate");
    let mut took = Vec::new();
    for visit in 1..=100 {
        let engine = field.engine();
        let wish = Hold::new(ShowId::new(2).expect("a number"), [format!("A{}", visit % 80 + 1)]);
        let watch = Stopwatch::start();
        let hold = engine.hold(wish.by(format!("visitor {visit}")).ttl(TTL)).wait();
        took.push(watch.elapsed());
        engine.release(hold.expect("its own seat").id).wait().expect("its own hold");
        engine.close();
    }
    finish(server);
    took.sort_unstable();
    let (median, worst) = (took[50], took[98]);
    println!("a hold beside 64 busy clients: p50 {median:?}, p99 {worst:?}");
    assert!(worst < Duration::from_secs(1), "p99 {worst:?}");
    assert_clean(&field.engine());
}
