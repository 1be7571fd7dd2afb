//! Files that can only be read: an auditor's copy, a mounted backup. What runs as somebody without
//! rights runs in a process of its own, since root may write everywhere.

use seatcore::catalogue::show::ShowFilter;
use seatcore::clock::ManualClock;
use seatcore::engine::verify::Scope;
use seatcore::error::{Error, StorageReason};
use seatcore::store::BookingFilter;
use seatcore::{Engine, Failure, Hold, ShowId};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::house::{House, NOW, house, still};
use support::place::{File, folder};

const NOBODY: u32 = 65_534;
/// Names the path for [`somebody_without_rights`].
const PATH: &str = "SEATCORE_TEST_READ_ONLY";

/// What somebody says who may read a file and not write it, nor its folder.
fn read_as_nobody(path: &Path) -> String {
    let mut child = Command::new(std::env::current_exe().expect("this program"));
    child.args(["--exact", "read_only::somebody_without_rights", "--nocapture"]).env(PATH, path);
    if std::fs::metadata("/proc/self").expect("Linux").uid() == 0 {
        child.uid(NOBODY).gid(NOBODY);
    }
    let output = child.output().expect("the child starts; is its folder readable for everybody?");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let wrong = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("SAID "), "{said}{wrong}");
    said.lines().find_map(|line| line.strip_prefix("SAID ")).unwrap_or_default().to_owned()
}

fn reason(failure: Failure) -> (StorageReason, String) {
    match failure {
        Failure::Fault(Error::Storage { reason, detail }) => (reason, detail),
        other => panic!("{other:?} is no refusal of the store"),
    }
}

fn tell(path: PathBuf) -> String {
    let probe = path.with_file_name("probe");
    assert!(std::fs::write(probe, "").is_err(), "who may write here proves nothing");
    let clock = ManualClock::at(NOW);
    let engine = match Engine::builder().clock(clock).read_only(true).open(path) {
        Ok(engine) => engine,
        Err(failure) => {
            let (reason, detail) = reason(failure);
            return format!("refused {reason}: {detail}");
        }
    };
    let show = ShowId::new(1).expect("a number");
    let booked = engine.stats(show).expect("a house").booked;
    let bookings = engine.bookings(&BookingFilter::default()).expect("a table").len();
    let records = engine.records(0, 100).expect("the log").len();
    let report = engine.verify_in(Scope::New, &Default::default()).expect("it can be read");
    assert!(report.clean() && engine.check().expect("it can be read").is_empty());
    let hold = engine.hold(Hold::new(show, ["A5"]).by("eve")).wait();
    let (reason, _) = reason(hold.expect_err("nothing can be written"));
    format!("read {booked} booked, {bookings} bookings, {records} records; a hold: {reason}")
}

#[test]
fn somebody_without_rights() {
    let Some(path) = std::env::var_os(PATH).map(PathBuf::from) else { return };
    // A line of its own, behind what the test harness has begun.
    println!("\nSAID {}", tell(path));
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).expect("it is ours");
}

/// Everybody may read what is in the folder, and nobody may write it.
fn lock_up(folder: &Path) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        set_mode(&entry.expect("an entry").path(), 0o444);
    }
    set_mode(folder, 0o555);
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut names: Vec<_> = entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

const ALL_OF_IT: &str = "read 2 booked, 1 bookings, 3 records; a hold: read-only";

#[test]
fn a_file_where_nothing_can_be_written_answers_every_question() {
    let file = File::temporary();
    let house = house(&file, "A:5");
    house.sold("ada", "A1 A2");
    house.engine.close();
    drop(house);
    let folder = file.path().parent().expect("a folder");
    let (before, beside) = (std::fs::read(file.path()).expect("bytes"), names(folder));
    lock_up(folder);
    assert_eq!(read_as_nobody(file.path()), ALL_OF_IT);
    assert!(std::fs::read(file.path()).expect("bytes") == before);
    assert_eq!(names(folder), beside, "nothing is made beside it");
}

#[test]
fn a_file_that_others_write_is_read_beside_them() {
    let file = File::temporary();
    let house = house(&file, "A:5");
    house.sold("ada", "A1 A2");
    house.engine.follow().wait().expect("followed");
    lock_up(file.path().parent().expect("a folder"));
    assert_eq!(read_as_nobody(file.path()), ALL_OF_IT);
}

#[test]
fn commits_that_wait_beside_the_file_are_not_left_out_in_silence() {
    let file = File::temporary();
    let house = house(&file, "A:5");
    house.sold("ada", "A1 A2");
    let copies = folder();
    let copy = copies.path().join("box-office.db");
    std::fs::copy(file.path(), &copy).expect("a copy");
    let log = std::fs::read(file.beside("box-office.db-wal")).expect("a log");
    assert!(!log.is_empty());
    std::fs::write(copies.path().join("box-office.db-wal"), log).expect("a copy");
    lock_up(copies.path());
    let said = read_as_nobody(&copy);
    assert!(said.starts_with("refused read-only: "), "{said}");
    assert!(said.contains("bytes of commits wait in the write-ahead log"), "{said}");
}

#[test]
fn whoever_comes_to_read_makes_nothing() {
    let file = File::temporary();
    let missing = Engine::builder().read_only(true).open(file.path());
    assert_eq!(reason(missing.expect_err("there is none")).0, StorageReason::Open);
    assert!(!file.path().exists());
    std::fs::write(file.path(), "").expect("an empty file");
    let empty = Engine::builder().read_only(true).open(file.path());
    assert_eq!(reason(empty.expect_err("it is empty")).0, StorageReason::Open);
    assert_eq!(std::fs::metadata(file.path()).expect("it is there").len(), 0);
}

/// An engine that has sold A2 and whose tables do not know it.
fn busy(file: &File, house: &House) -> Engine {
    let behind = still(&house.clock).follow(false).open(file.path()).expect("nobody else has it");
    let hold = behind.hold(Hold::new(house.show, ["A2"]).by("bob")).wait().expect("a free seat");
    behind.book(hold.id).wait().expect("his hold");
    behind
}

fn reader(path: &Path, house: &House) -> Engine {
    still(&house.clock).read_only(true).open(path).expect("it can be read")
}

/// Who only reads cannot bring the tables to the log; what they have is listed all the same.
#[test]
fn a_file_whose_tables_are_behind_is_listed_as_they_stand() {
    let file = File::temporary();
    let house = house(&file, "A:5");
    house.engine.book(house.held("ada", "A1").id).wait().expect("her hold");
    house.engine.close();
    let busy = busy(&file, &house);
    let reader = reader(file.path(), &house);
    let listed = reader.bookings(&BookingFilter::default()).expect("a table");
    assert_eq!(listed.len(), 1, "the second is in the log alone");
    assert_eq!(reader.shows(&ShowFilter::default()).expect("a table").len(), 1);
    assert_eq!(reader.stats(house.show).expect("the log").booked, 2);
    drop(busy);
}

/// A copy for those who will only read it: nothing in it is in the log alone.
#[test]
fn the_tables_in_a_backup_have_followed_the_log() {
    let file = File::temporary();
    let house = house(&file, "A:5");
    house.engine.close();
    let copy = file.beside("copy.db");
    busy(&file, &house).backup(&copy).expect("room for it");
    let reader = reader(&copy, &house);
    assert_eq!(reader.bookings(&BookingFilter::default()).expect("a table").len(), 1);
}
