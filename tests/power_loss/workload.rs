//! What is recorded: parts, each played by a process of its own.

use crate::disk::{Disk, assert_complete};
use crate::ledger::{Deed, Ledger};
use crate::recording::{DATABASE, Op, Recorder, ops};
use seatcore::clock::ManualClock;
use seatcore::{Engine, HoldId, ShowId};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use support::dice::Dice;
use support::earlier::as_the_first_release_left;
use support::house::{NOW, add_show, house, still};
use support::place::{File, folder};

const CLIENTS: u64 = 4;
/// Number of the next client of this process.
static CLIENT: AtomicU64 = AtomicU64::new(1);
/// Seats in the row that clients fight for.
const SEATS: u64 = 80;

/// A workload, recorded into this log.
pub fn record(name: &str, log: &Path) {
    let folder = folder();
    match name {
        "migration" => lay_down_earlier_file(folder.path()),
        "after_loss" => lay_down_found_folder(folder.path(), log),
        _ => {}
    }
    let recorder = Recorder::of(folder.path(), log);
    match name {
        "openings" => {
            recorder.play(&["found"]);
            recorder.play(&["sell", "sell"]);
            recorder.play(&["sell"]);
        }
        "migration" | "after_loss" => recorder.play(&["sell"]),
        _ => {
            recorder.play(&["found"]);
            recorder.play(&[name]);
        }
    }
    assert_complete(folder.path(), log);
}

/// Plays a part in this folder.
pub fn play(role: &str, folder: &Path) {
    let ledger = Ledger::in_folder(folder);
    let engine = open(folder);
    let stage = Stage { engine: &engine, ledger: &ledger };
    let (first, second) = (show(1), show(2));
    match role {
        "found" => {
            for _ in 1..=2 {
                add_show(&engine, &format!("A-B:{SEATS}"));
            }
            ledger.write("ready\t1 2");
        }
        "sell" => stage.sell(&[first, second], 5),
        "selling" => stage.sell(&[first, second], 24),
        "checkpoints" => stage.visit_beside_sales(folder, &[first, second]),
        "films" => stage.beside_sales(&[first, second], 5, || stage.show_films(10, 1_000)),
        "backup" => stage.beside_sales(&[first, second], 10, || {
            stage.ask(&Deed::Backup("monday.db".into()), "1");
            stage.ask(&Deed::Backup("tuesday.db".into()), "2");
        }),
        "archive" => {
            stage.sell(&[second], 4);
            stage.ask(&Deed::CancelShow(second), "1");
            let archive = Deed::Archive(second, "show.db".into());
            stage.beside_sales(&[first], 4, || stage.ask(&archive, "2"));
            // Long enough that most moments are behind it.
            stage.sell(&[first], 6);
        }
        "vacuum" => {
            stage.show_films(4, 60);
            stage.beside_sales(&[first, second], 8, || stage.ask(&Deed::Vacuum, "vacuum"));
        }
        _ => panic!("{role} is no part"),
    }
    engine.close();
}

fn open(folder: &Path) -> Engine {
    still(&ManualClock::at(NOW)).open(folder.join(DATABASE)).expect("the database opens")
}

fn show(number: u32) -> ShowId {
    ShowId::new(number).expect("a number")
}

/// A file as the first release left it, and what its clients were told.
fn lay_down_earlier_file(folder: &Path) {
    let today = File::temporary();
    let rows = format!("A-B:{SEATS}");
    let house = house(&today, &rows);
    add_show(&house.engine, &rows);
    let ledger = Ledger::in_folder(folder);
    ledger.write("earlier");
    ledger.write("ready\t1 2");
    Stage { engine: &house.engine, ledger: &ledger }.sell(&[show(1), show(2)], 2);
    house.engine.close();
    as_the_first_release_left(today.path(), &folder.join(DATABASE));
}

/// A folder as it was found when the power was back, in the midst of sales, and what was said.
fn lay_down_found_folder(folder: &Path, log: &Path) {
    record("selling", log);
    let ops = ops(log);
    let (mut disk, ledger) = (Disk::default(), Ledger::in_folder(folder));
    for op in &ops[..ops.len() * 2 / 3] {
        disk.apply(op);
        if let Op::Said(line) = op {
            ledger.write(line.trim_end_matches('\n'));
        }
    }
    for (name, bytes) in disk.tear().files {
        std::fs::write(folder.join(name), bytes).expect("a folder of ours");
    }
}

/// An engine whose clients write down what they say.
#[derive(Clone, Copy)]
struct Stage<'s> {
    engine: &'s Engine,
    ledger: &'s Ledger,
}

impl Stage<'_> {
    fn ask(&self, deed: &Deed, key: &str) {
        self.ledger.ask(self.engine, deed, "staff", key);
    }

    /// Clients that contend for seats, until each has had so many rounds.
    fn sell(&self, shows: &[ShowId], rounds: usize) {
        self.beside_sales(shows, rounds, || {});
    }

    fn beside_sales(&self, shows: &[ShowId], rounds: usize, work: impl FnOnce()) {
        std::thread::scope(|scope| {
            for _ in 0..CLIENTS {
                // Nobody sells under another's name.
                let number = CLIENT.fetch_add(1, Ordering::Relaxed);
                let who = format!("{}-{number}", std::process::id());
                let dice = Dice(u64::from(std::process::id()) * 1_000 + number);
                let mut client = Client { stage: *self, who, dice, asked: 0 };
                scope.spawn(move || (0..rounds).for_each(|_| client.round(shows)));
            }
            work();
        });
    }

    /// Others open the file, sell and leave, beside sales and between them. Who leaves copies the
    /// write-ahead log into the file, and with the next commit it begins anew.
    fn visit_beside_sales(&self, folder: &Path, shows: &[ShowId]) {
        let visit = || {
            let engine = open(folder);
            Stage { engine: &engine, ..*self }.sell(&shows[1..], 1);
            engine.close();
        };
        for _ in 0..4 {
            self.beside_sales(shows, 3, visit);
            visit();
        }
    }

    /// Posters, each larger than the one before: the write-ahead log fills with their pages.
    fn show_films(&self, changes: usize, kilobytes: usize) {
        for change in 0..changes {
            for title in ["Playtime-1", "Playtime-2"] {
                let deed = Deed::Film(title.into(), kilobytes + change);
                self.ask(&deed, &format!("{title}-{change}"));
            }
        }
    }
}

struct Client<'s> {
    stage: Stage<'s>,
    who: String,
    dice: Dice,
    asked: usize,
}

impl Client<'_> {
    /// Whether it was done; what was held, if something was.
    fn ask(&mut self, deed: &Deed) -> Option<HoldId> {
        self.asked += 1;
        let told =
            self.stage.ledger.ask(self.stage.engine, deed, &self.who, &self.asked.to_string());
        told.held
    }

    fn seats(&mut self) -> Vec<String> {
        let first = 1 + self.dice.roll(SEATS);
        let last = SEATS.min(first + self.dice.roll(3));
        (first..=last).map(|seat| format!("A{seat}")).collect()
    }

    fn round(&mut self, shows: &[ShowId]) {
        let show = shows[self.dice.roll(shows.len() as u64) as usize];
        let seats = self.seats();
        let Some(hold) = self.ask(&Deed::Hold(show, seats)) else { return };
        match self.dice.roll(8) {
            0 => drop(self.ask(&Deed::Release(hold))),
            1 => {}
            2 => {
                let seats = self.seats();
                self.ask(&Deed::Swap(hold, show, seats));
            }
            _ => {
                self.ask(&Deed::Book(hold));
                if self.dice.roll(3) == 0 {
                    self.ask(&Deed::Cancel(hold.into()));
                }
            }
        }
    }
}
