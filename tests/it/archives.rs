//! A process that is killed while it archives leaves the show whole here, or whole there.

use rusqlite::Connection;
use seatcore::catalogue::show::ShowFilter;
use seatcore::clock::ManualClock;
use seatcore::error::Code;
use seatcore::{CancelShow, Engine, ShowId};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use support::house::{House, NOW, assert_clean, code, house, still};
use support::place::File;

/// Names the file for [`another_process`], which runs as a process of its own.
const PATH: &str = "SEATCORE_TEST_ARCHIVE";
/// Later and later while it archives, until it is done before it is killed.
const STEP: Duration = Duration::from_millis(3);
const ROUNDS: u32 = 8;

/// A show that was cancelled, with a hundred records, in a file that is closed.
fn cancelled(file: &File) -> House {
    let house = house(file, "A-E:10");
    for row in ["A", "B", "C", "D", "E"] {
        for seat in 1..=10 {
            house.sold("ada", &format!("{row}{seat}"));
        }
    }
    let cancel = CancelShow::new(house.show);
    house.engine.cancel_show(cancel).wait().expect("on sale");
    house.engine.close();
    house
}

fn archiving(file: &File) -> Child {
    let here = std::env::current_exe().expect("this program");
    let mut child = Command::new(here);
    child.args(["--exact", "archives::another_process", "--nocapture"]);
    child.env(PATH, file.path()).stdout(Stdio::piped());
    let mut child = child.spawn().expect("the child starts");
    let said = BufReader::new(child.stdout.as_mut().expect("a pipe")).lines();
    assert!(said.map_while(Result::ok).any(|line| line.contains("archiving")));
    child
}

fn show_of(engine: &Engine) -> ShowId {
    engine.shows(&ShowFilter::default()).expect("a list")[0].show.id
}

fn archive_is_whole(house: &House, path: &Path) {
    let archive = still(&house.clock).create(false).open(path).expect("an archive");
    assert_clean(&archive);
    assert_eq!(archive.records(0, 1_000).expect("a log").len(), 103);
}

#[test]
fn whoever_is_killed_while_archiving_leaves_a_whole_show() {
    let (mut here, mut there) = (0, 0);
    for round in 0..ROUNDS {
        let file = File::temporary();
        let house = cancelled(&file);
        let path = file.beside("show.db");
        let mut child = archiving(&file);
        std::thread::sleep(STEP * round * round);
        child.kill().expect("ours to kill");
        child.wait().expect("it ends");
        let engine = house.beside(&file).engine;
        if engine.show(house.show).expect("a show").archived {
            there += 1;
        } else {
            here += 1;
            assert_clean(&engine);
            assert_eq!(engine.records(0, 1_000).expect("a log").len(), 102);
            engine.archive(house.show, &path).expect("what was left over is in nobody's way");
        }
        archive_is_whole(&house, &path);
        let report = engine.verify().expect("a log");
        assert!(report.clean(), "{:#?}", report.findings);
        assert_eq!((report.records, report.shows, report.tickets), (1, 1, 0));
    }
    assert!(here > 0, "somebody was killed before the commit");
    assert_eq!(here + there, ROUNDS);
}

#[test]
fn of_two_who_archive_one_show_to_one_place_one_does_and_the_other_harms_nothing() {
    for _ in 0..ROUNDS {
        let file = File::temporary();
        let house = cancelled(&file);
        let path = file.beside("show.db");
        let both = [(); 2].map(|()| house.beside(&file).engine);
        let done = std::thread::scope(|scope| {
            let (path, show) = (&path, house.show);
            let threads = both
                .each_ref()
                .map(|engine| scope.spawn(move || engine.archive(show, path).is_ok()));
            threads.map(|thread| thread.join().expect("no panic"))
        });
        assert_eq!(done.iter().filter(|done| **done).count(), 1);
        archive_is_whole(&house, &path);
        let folder = path.parent().expect("a folder").read_dir().expect("it can be read");
        let names = folder.map(|entry| entry.expect("a file").file_name());
        let left: Vec<_> = names.filter(|n| n.to_string_lossy().contains("partial")).collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

#[test]
fn an_archive_that_says_more_than_this_file_is_not_replaced() {
    let file = File::temporary();
    let house = house(&file, "A:9");
    house.sold("ada", "A1");
    let (monday, path) = (file.beside("monday.db"), file.beside("show.db"));
    house.engine.backup(&monday).expect("there is room");
    house.sold("eve", "A2");
    let cancel = |engine: &Engine| engine.cancel_show(CancelShow::new(house.show)).wait();
    cancel(&house.engine).expect("on sale");
    house.engine.archive(house.show, &path).expect("it is over");
    let archived = std::fs::read(&path).expect("a file");

    let restored = still(&house.clock).open(&monday).expect("a backup");
    cancel(&restored).expect("on sale, as on Monday");
    assert_eq!(
        code(restored.archive(house.show, &path)),
        Code::Storage,
        "eve's seat is only there"
    );
    assert!(std::fs::read(&path).expect("a file") == archived);
    let elsewhere = file.beside("monday-show.db");
    restored.archive(house.show, elsewhere).expect("it is over here as well");
}

/// Looks into whatever is in the making in this folder, until it was told to leave.
#[expect(clippy::disallowed_methods, reason = "a look from outside")]
fn look_into(folder: &Path, leave: &AtomicBool) -> bool {
    const TABLES: &str = "SELECT count(*) FROM journal";
    while !leave.load(Ordering::Relaxed) {
        let entries = folder.read_dir().expect("it can be read");
        let mut paths = entries.map(|entry| entry.expect("an entry").path());
        let Some(path) = paths.find(|path| path.extension().is_some_and(|end| end == "partial"))
        else {
            continue;
        };
        let Ok(guest) = Connection::open(path) else { continue };
        if guest.query_row(TABLES, [], |row| row.get::<_, i64>(0)).is_ok() {
            while !leave.load(Ordering::Relaxed) {
                std::thread::yield_now();
            }
            return true;
        }
    }
    false
}

#[test]
fn an_archive_that_somebody_looks_into_while_it_is_made_is_whole_by_itself() {
    let mut looked = 0;
    while looked < 2 {
        let file = File::temporary();
        let house = cancelled(&file);
        let (path, alone) = (file.beside("show.db"), file.beside("alone.db"));
        let (leave, folder) = (AtomicBool::new(false), path.parent().expect("a folder"));
        std::thread::scope(|scope| {
            let guest = scope.spawn(|| look_into(folder, &leave));
            house.beside(&file).engine.archive(house.show, &path).expect("it is over");
            std::fs::copy(&path, &alone).expect("there is room");
            leave.store(true, Ordering::Relaxed);
            looked += u32::from(guest.join().expect("no panic"));
        });
        archive_is_whole(&house, &alone);
    }
}

#[test]
fn another_process() {
    let Some(path) = std::env::var_os(PATH) else { return };
    let engine = still(&ManualClock::at(NOW)).open(&path).expect("the file is there");
    let to = Path::new(&path).with_file_name("show.db");
    println!("archiving");
    engine.archive(show_of(&engine), to).expect("it was cancelled");
}
