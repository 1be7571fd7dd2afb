//! Files of earlier releases open with all they hold.

use seatcore::accounts::{Role, Scope};
use seatcore::error::Code;
use seatcore::house::seat::SeatState;
use std::path::{Path, PathBuf};
use support::earlier::{self, sql, words};
use support::house::{House, assert_clean, code, house, still};
use support::place::File;

const PASSWORD: &str = "open sesame";
fn number(path: &Path, question: &str) -> i64 {
    let words = words(path, &format!("SELECT CAST(({question}) AS TEXT)"));
    words[0].parse().expect("a number")
}

fn version(path: &Path) -> i64 {
    number(path, "SELECT user_version FROM pragma_user_version")
}

/// A file of today as the first release would have left it.
fn as_the_first_release_left(today: &File) -> PathBuf {
    let path = today.beside("first.db");
    earlier::as_the_first_release_left(today.path(), &path);
    path
}

/// A season: sold, held, blocked, cancelled seats, a key that was used, two people.
fn season(file: &File) -> House {
    let house = house(file, "A-C:5");
    house.engine.add_user("Sam", PASSWORD, Role::Manager).expect("a new name");
    let gone = house.engine.add_user("Gone", PASSWORD, Role::Customer).expect("a new name");
    house.engine.remove_user(gone.id).expect("known");
    house.sold("user:1", "A1 A2");
    house.held("bob", "B1");
    let cancelled = house.sold("eve", "C1");
    house.engine.cancel(cancelled.id).wait().expect("booked");
    house.engine.hold(house.wish("eve", "C2").key("order-17")).wait().expect("free");
    house
}

#[test]
fn a_file_of_the_first_release_opens_with_all_its_data() {
    let file = File::temporary();
    let House { engine, show, clock } = season(&file);
    let (records, users) = (engine.records(0, 1_000), engine.users());
    let (bookings, seats) = (engine.bookings(&Default::default()), engine.seat_map(show));
    engine.close();
    let path = as_the_first_release_left(&file);
    assert_eq!((version(&path), number(&path, "SELECT schema FROM meta")), (1, 1));

    let engine = still(&clock).create(false).open(&path).expect("an old file opens");
    assert_eq!((engine.records(0, 1_000), engine.users()), (records, users));
    let seats = seats.expect("a map");
    assert_eq!(engine.bookings(&Default::default()), bookings);
    assert_eq!(engine.seat_map(show).expect("a map").symbols, seats.symbols);
    assert_clean(&engine);

    let house = House { engine, show, clock };
    let again = house.engine.hold(house.wish("eve", "C2").key("order-17")).answer();
    assert!(again.replayed && again.result.is_ok(), "{again:?}");
    assert_eq!(code(house.hold("bob", "A1")), Code::SeatBooked);
    let signed_in = house.engine.sign_in("sam", PASSWORD, None).expect("the password is as it was");
    assert!(house.engine.authenticate(&signed_in.token).expect("an answer").is_some());
    house.engine.add_api_key("till", &[Scope::Read]).expect("keys are there too");
    let late = house.engine.add_user("late", PASSWORD, Role::Customer).expect("a new name");
    assert_eq!(late.id.get(), 3, "the number of who was removed is not given again");
    house.engine.close();

    let fresh = File::temporary();
    support::house::house(&fresh, "A:5").engine.close();
    let schema = "SELECT name || ': ' || sql FROM sqlite_schema
                  WHERE sql IS NOT NULL ORDER BY type, name";
    assert_eq!(words(&path, schema), words(fresh.path(), schema), "as if it were made today");
    assert_eq!(version(&path), version(fresh.path()));
    let engine = still(&house.clock).create(false).open(&path).expect("once is enough");
    assert_eq!(engine.users().expect("a list").len(), 2);
    assert_clean(&engine);
}

#[test]
fn a_migration_that_fails_changes_nothing() {
    let file = File::temporary();
    let House { engine, clock, .. } = season(&file);
    engine.close();
    let path = as_the_first_release_left(&file);
    sql(&path, "CREATE TABLE api_key (mine TEXT)");
    let tables = "SELECT name FROM sqlite_schema ORDER BY name";
    let before = words(&path, tables);
    assert!(still(&clock).create(false).open(&path).is_err());
    assert_eq!((version(&path), words(&path, tables)), (1, before));
    assert_eq!(copies(&path), Vec::<PathBuf>::new(), "nothing happened that needs one");
    sql(&path, "DROP TABLE api_key");
    let engine = still(&clock).create(false).open(&path).expect("nothing is in the way");
    assert_clean(&engine);
}

/// Beside the file, as `first.db.schema-1.bak` and so on.
fn copies(path: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(path.parent().expect("a folder")).expect("a folder");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.to_string_lossy().contains(".schema-"));
    paths.sort();
    paths
}

#[test]
fn the_file_as_it_was_is_kept_beside_it() {
    let file = File::temporary();
    let House { engine, show, clock } = season(&file);
    let records = engine.records(0, 1_000);
    engine.close();
    let path = as_the_first_release_left(&file);
    let (first, migrated) = still(&clock).create(false).open_telling(&path).expect("it opens");
    drop(first);
    let migrated = migrated.expect("an old file");
    let copy = path.with_extension("db.schema-1.bak");
    assert_eq!((migrated.from, migrated.backup.as_deref()), (1, Some(&*copy)));
    assert_eq!((version(&copy), copies(&path)), (1, vec![copy.clone()]));
    assert_eq!(version(&path), migrated.to);
    let (_, again) = still(&clock).create(false).open_telling(&path).expect("it opens");
    assert_eq!((again, copies(&path).len()), (None, 1), "nothing was left to do");

    // Whoever must go back has everything, and coming here again takes no copy's place.
    std::fs::copy(&copy, &path).expect("the old file in its place");
    let (engine, migrated) = still(&clock).create(false).open_telling(&path).expect("it opens");
    assert_eq!(engine.records(0, 1_000), records);
    assert_eq!(engine.seat_map(show).expect("a map").seat_labelled("A1"), Some(SeatState::Booked));
    assert_clean(&engine);
    let second = path.with_extension("db.schema-1-2.bak");
    assert_eq!(migrated.expect("an old file").backup, Some(second));
}

#[test]
fn a_migration_without_a_copy_is_asked_for() {
    let file = File::temporary();
    let House { engine, clock, .. } = season(&file);
    engine.close();
    let path = as_the_first_release_left(&file);
    let builder = still(&clock).create(false).migration_backup(false);
    let (engine, migrated) = builder.open_telling(&path).expect("an old file opens");
    assert_eq!(migrated.expect("an old file").backup, None);
    assert_eq!(copies(&path), Vec::<PathBuf>::new());
    assert_clean(&engine);
}

#[test]
fn two_processes_migrate_a_file_once() {
    let file = File::temporary();
    let House { engine, show, clock } = season(&file);
    engine.close();
    let path = as_the_first_release_left(&file);
    let engines = std::thread::scope(|scope| {
        let open = || still(&clock).create(false).open(&path).expect("an old file opens");
        [scope.spawn(open), scope.spawn(open)].map(|thread| thread.join().expect("opened"))
    });
    assert_eq!(copies(&path).len(), 1);
    for engine in engines {
        let map = engine.seat_map(show).expect("a map");
        assert_eq!(map.seat_labelled("A1"), Some(SeatState::Booked));
        assert_clean(&engine);
    }
}
