//! Files that cannot be opened say why, and stay as they are.

use rusqlite::Connection;
use seatcore::error::{BusyReason, Code, Error, StorageReason};
use seatcore::house::seat::SeatState;
use seatcore::store::BookingFilter;
use seatcore::{Engine, Failure};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::house::{House, add_show, code, house, still};
use support::place::{File, folder};

const NOBODY: u32 = 65_534;
/// Names the path for [`somebody_without_rights`], which runs as another user.
const PATH: &str = "SEATCORE_TEST_PATH";

#[expect(clippy::disallowed_methods, reason = "files of others, and of later releases")]
fn sql(path: &Path, script: &str) {
    let connection = Connection::open(path).expect("the file opens");
    connection.execute_batch(script).expect("valid SQL");
}

/// Why a file did not open, and in which words.
fn refusal(opened: Result<Engine, Failure>) -> (StorageReason, String) {
    match opened {
        Err(Failure::Fault(Error::Storage { reason, detail })) => (reason, detail),
        other => panic!("{other:?} is no refusal of the store"),
    }
}

fn bytes(path: &Path) -> Vec<u8> {
    std::fs::read(path).expect("the file is there")
}

#[test]
fn a_newer_schema_is_refused_and_untouched() {
    let file = File::temporary();
    house(&file, "A:5").engine.close();
    sql(file.path(), "PRAGMA user_version = 7; UPDATE meta SET schema = 7");
    let before = bytes(file.path());
    let (reason, words) = refusal(Engine::open(file.path()));
    assert_eq!(reason, StorageReason::NewerSchema);
    assert!(words.contains("schema 7"), "{words:?} does not name the schema");
    assert!(bytes(file.path()) == before);
}

#[test]
fn a_file_that_moved_to_a_newer_schema_is_written_no_more() {
    let file = File::temporary();
    let house = house(&file, "A:5");
    sql(file.path(), "UPDATE meta SET schema = 7");
    let refused = house.hold("ada", "A1");
    let Err(Failure::Fault(Error::Storage { reason: StorageReason::NewerSchema, .. })) = refused
    else {
        panic!("{refused:?} is not a newer schema");
    };
}

#[test]
fn a_foreign_database_is_refused_and_untouched() {
    let file = File::temporary();
    sql(file.path(), "CREATE TABLE recipe (name TEXT); INSERT INTO recipe VALUES ('soup')");
    let before = bytes(file.path());
    let (reason, words) = refusal(Engine::open(file.path()));
    assert_eq!(reason, StorageReason::Foreign);
    assert!(words.contains("somebody else"), "{words:?}");
    assert!(bytes(file.path()) == before, "it is somebody else's, its journal mode included");
}

#[test]
fn what_is_no_database_is_refused_and_untouched() {
    let file = File::temporary();
    let text = "Dear diary, ".repeat(500);
    std::fs::write(file.path(), &text).expect("the folder is ours");
    assert_eq!(refusal(Engine::open(file.path())).0, StorageReason::Foreign);
    assert_eq!(bytes(file.path()), text.as_bytes());
}

#[test]
fn a_missing_file_is_made_only_if_that_was_said() {
    let file = File::temporary();
    let (reason, _) = refusal(Engine::builder().create(false).open(file.path()));
    assert_eq!(reason, StorageReason::Open);
    assert!(!file.path().exists());
    let nowhere = file.beside("no/such/folder.db");
    assert!(matches!(refusal(Engine::open(nowhere)).0, StorageReason::Open | StorageReason::Io));
    Engine::open(file.path()).expect("it is made");
    Engine::builder().create(false).open(file.path()).expect("it is there");
}

/// Runs [`somebody_without_rights`] in a process of its own: root may write everywhere.
fn open_as_nobody(path: &Path) {
    let here = std::env::current_exe().expect("this program");
    let mut child = Command::new(here);
    child.args(["--exact", "opening::somebody_without_rights", "--nocapture"]).env(PATH, path);
    if std::fs::metadata("/proc/self").expect("Linux").uid() == 0 {
        child.uid(NOBODY).gid(NOBODY);
    }
    let output = child.output().expect("the child starts; is its folder readable for everybody?");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("refused:"), "{said}");
}

#[test]
fn somebody_without_rights() {
    let Some(path) = std::env::var_os(PATH).map(PathBuf::from) else { return };
    let (reason, words) = refusal(Engine::open(path));
    assert!(matches!(reason, StorageReason::ReadOnly | StorageReason::Open), "{reason}: {words}");
    println!("refused: {reason}: {words}");
}

fn set_mode(path: &Path, mode: u32) {
    let mode = std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(path, mode).expect("it is ours");
}

#[test]
fn a_folder_that_cannot_be_written_is_refused() {
    let folder = folder();
    set_mode(folder.path(), 0o555);
    open_as_nobody(&folder.path().join("box-office.db"));
}

#[test]
fn a_file_that_cannot_be_written_is_refused_and_untouched() {
    let file = File::temporary();
    house(&file, "A:5").engine.close();
    let before = bytes(file.path());
    set_mode(file.path(), 0o444);
    set_mode(file.path().parent().expect("a folder"), 0o555);
    open_as_nobody(file.path());
    assert!(bytes(file.path()) == before);
}

/// Longer than the engine's patience; the engine must answer by itself.
#[test]
fn a_lock_that_is_not_to_be_had_is_busy_and_changes_nothing() {
    let file = File::temporary();
    let house = house(&file, "A:5");
    house.held("ada", "A1");
    house.engine.follow().wait().expect("the tables follow");
    let (before, blocker) = (house.engine.position(), lock(file.path()));
    let refused = house.hold("ada", "A2");
    let Err(Failure::Fault(Error::Busy { reason: BusyReason::Lock, .. })) = refused else {
        panic!("{refused:?} is not a lock that was not to be had");
    };
    assert_eq!(house.engine.position(), before);
    assert_eq!(house.seat("A2"), SeatState::Available);
    drop(blocker);
    house.held("ada", "A2");
    house.verify();
}

#[expect(clippy::disallowed_methods, reason = "another program takes the lock")]
fn lock(path: &Path) -> Connection {
    let blocker = Connection::open(path).expect("the file opens");
    blocker.execute_batch("BEGIN IMMEDIATE").expect("nobody writes");
    blocker
}

/// A file that was put back from a copy is another history, whatever it is called.
#[test]
fn a_replaced_log_is_not_written_on() {
    let file = File::temporary();
    let house = house(&file, "A:5");
    house.held("ada", "A1");
    house.engine.follow().wait().expect("the tables follow");
    sql(file.path(), "DELETE FROM journal WHERE n = (SELECT max(n) FROM journal)");
    let refused = house.hold("bob", "A2");
    let Err(Failure::Fault(Error::Storage { reason: StorageReason::HistoryChanged, .. })) = refused
    else {
        panic!("{refused:?} is not another history");
    };
}

/// What is sold into a file that has lost its name would be gone with the process.
#[test]
fn a_file_that_is_removed_or_replaced_while_it_is_open_sells_nothing() {
    for replaced in [false, true] {
        let file = File::temporary();
        let house = house(&file, "A:5");
        house.held("ada", "A1");
        let elsewhere = file.beside("elsewhere.db");
        if replaced {
            house.engine.backup(&elsewhere).expect("there is room");
            std::fs::rename(&elsewhere, file.path()).expect("one folder");
        } else {
            std::fs::rename(file.path(), &elsewhere).expect("one folder");
        }
        let changed = |refused: Failure| {
            let reason = match refused {
                Failure::Fault(Error::Storage { reason, .. }) => Some(reason),
                _ => None,
            };
            assert_eq!(reason, Some(StorageReason::HistoryChanged));
        };
        changed(house.hold("bob", "A2").expect_err("nobody would find it again"));
        changed(house.engine.follow().wait().expect_err("nor is it ready"));
    }
}

/// Whoever tidies a folder up takes with the log what was answered and is in no other file yet.
#[test]
fn a_log_that_is_removed_while_it_is_open_sells_nothing() {
    let file = File::temporary();
    let house = house(&file, "A:5");
    let hold = house.held("ada", "A1");
    std::fs::remove_file(file.beside("box-office.db-wal")).expect("it is there");
    let Err(Failure::Fault(Error::Storage { reason, .. })) = house.engine.book(hold.id).wait()
    else {
        panic!("somebody who opens the file now would sell the seat again");
    };
    assert_eq!(reason, StorageReason::HistoryChanged);
    house.engine.close();
    let again = Engine::open(file.path()).expect("what was in the log is in the file");
    assert_eq!(again.find_hold(hold.id).map(|found| found.seats), Ok(hold.seats));
}

#[test]
fn what_is_no_database_is_not_made_one_by_reading_it() {
    let file = File::temporary();
    let empty = file.beside("empty.db");
    std::fs::write(&empty, "").expect("a file");
    let (reason, said) = refusal(Engine::builder().create(false).open(&empty));
    assert!(reason == StorageReason::Open && said.contains("is empty"), "{said}");
    assert_eq!(std::fs::metadata(&empty).expect("a file").len(), 0);
    for path in [Path::new("/dev/null"), empty.parent().expect("a folder")] {
        let (reason, said) = refusal(Engine::open(path));
        assert!(reason == StorageReason::Open && said.contains("is no file"), "{said}");
    }
    assert!(!Path::new("/dev/null-journal").exists() && !Path::new("/dev/null-turn").exists());
}

#[test]
fn a_program_that_goes_to_another_folder_keeps_its_file() {
    let Some(folder) = std::env::var_os("SEATCORE_TEST_FOLDER") else {
        return in_a_process_of_its_own("a_program_that_goes_to_another_folder_keeps_its_file");
    };
    std::env::set_current_dir(&folder).expect("a folder");
    let engine = Engine::open("box-office.db").expect("a new file");
    std::env::set_current_dir("/").expect("a folder");
    let show = add_show(&engine, "A:5");
    assert_eq!(engine.shows(&Default::default()).expect("a reader opens").len(), 1);
    engine.hold(seatcore::Hold::new(show, ["A1"]).by("ada")).wait().expect("a free seat");
    engine.backup(Path::new(&folder).join("copy.db")).expect("its file is found again");
}

/// The folder that a process is in is everybody's in it.
fn in_a_process_of_its_own(test: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = std::process::Command::new(std::env::current_exe().expect("this program"));
    child.args(["--exact", &format!("opening::{test}")]);
    let done = child.env("SEATCORE_TEST_FOLDER", folder.path()).output().expect("it starts");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
}

#[test]
fn one_file_opens_twice_in_one_process() {
    let file = File::temporary();
    let House { engine, clock, .. } = house(&file, "A:5");
    let second = still(&clock).open(file.path()).expect("it opens again");
    let show = add_show(&second, "A:5");
    assert_eq!(engine.show(show), second.show(show));
    let opening = engine.show(show).expect("a show").opening;
    assert_eq!(code(engine.remove_screen(opening.screen)), Code::InUse);
}

#[test]
fn a_new_file_and_its_copies_are_their_owner_s_alone() {
    let file = File::temporary();
    let house = house(&file, "A:5");
    house.held("ada", "A1");
    let copy = file.beside("copy.db");
    house.engine.backup(&copy).expect("a backup");
    let log = file.beside("box-office.db-wal");
    for path in [file.path(), &log, &copy] {
        let mode = std::fs::metadata(path).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", path.display());
    }
    let shared = file.beside("shared.db");
    std::fs::write(&shared, "").expect("an empty file");
    std::fs::set_permissions(&shared, PermissionsExt::from_mode(0o640)).expect("ours");
    Engine::open(&shared).expect("an empty file is nobody's").close();
    let mode = std::fs::metadata(&shared).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o640, "who made it keeps their mode");
}

/// A reader's connection is opened when it is needed, by name: it must not be a stranger's file.
#[test]
fn questions_and_backups_of_a_file_that_was_replaced_fail_too() {
    let (file, other) = (File::temporary(), File::temporary());
    let (mine, theirs) = (house(&file, "A:5"), house(&other, "A:7"));
    mine.engine.close();
    theirs.engine.close();
    let engine = Engine::open(file.path()).expect("it is ours");
    std::fs::rename(other.path(), file.path()).expect("one folder");
    let told = |failure: Failure| refusal(Err(failure)).0;
    let movies = engine.movies().map(drop).expect_err("the movies of another file");
    assert_eq!(told(movies), StorageReason::HistoryChanged);
    let copy = file.path().with_extension("copy");
    let backup = engine.backup(&copy).expect_err("a backup of another file");
    assert_eq!(told(backup), StorageReason::HistoryChanged);
    assert!(!copy.exists());
}

/// A door scans on while somebody, anybody, keeps the write lock for long.
#[test]
fn bookings_and_tickets_are_read_beside_whoever_keeps_the_write_lock() {
    let file = File::temporary();
    let house = house(&file, "A:5");
    let hold = house.held("ada", "A1");
    let booking = house.engine.book(hold.id).wait().expect("her hold");
    house.engine.follow().wait().expect("nobody else writes");
    let _blocker = lock(file.path());
    let code = booking.tickets[0].code;
    let (found, ticket) = house.engine.ticket(code).expect("a ticket that was sold");
    assert_eq!((found.id, ticket.code), (booking.id, code));
    let listed = house.engine.bookings(&BookingFilter::default()).expect("a table");
    assert_eq!(listed.len(), 1);
}
