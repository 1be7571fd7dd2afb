//! Copies of a file in use.

use seatcore::Failure;
use seatcore::engine::feed::FeedItem;
use seatcore::error::Code;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use support::house::{assert_clean, code, house, still};
use support::place::{File, Memory};

/// Sells and gives back until told to stop; answers how often.
fn sell(house: &support::house::House, client: usize, stop: &AtomicBool) -> Result<usize, Failure> {
    let seat = format!("A{}", client + 1);
    let mut rounds = 0;
    while !stop.load(Ordering::Relaxed) {
        let hold = house.hold("ada", &seat)?;
        let booking = house.engine.book(hold.id).wait()?;
        house.engine.cancel(booking.id).wait()?;
        rounds += 1;
    }
    Ok(rounds)
}

#[test]
fn a_backup_under_load_is_one_moment_of_the_log() {
    let file = File::temporary();
    let house = house(&file, "A:9");
    house.sold("bob", "A9");
    let stop = AtomicBool::new(false);
    let copies = ["first.db", "second.db", "third.db"].map(|name| file.beside(name));
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..8).map(|c| (c, &house, &stop)).collect();
        let sell = |(client, house, stop)| scope.spawn(move || sell(house, client, stop));
        let clients: Vec<_> = clients.into_iter().map(sell).collect();
        let copied: Vec<_> = copies.iter().map(|copy| house.engine.backup(copy)).collect();
        stop.store(true, Ordering::Relaxed);
        assert_eq!(copied, [Ok(()), Ok(()), Ok(())]);
        let rounds = clients.into_iter().map(|client| client.join().expect("no client panics"));
        assert!(rounds.map(|r| r.expect("nobody is kept out")).all(|rounds| rounds > 0));
    });
    for copy in &copies {
        let copy = still(&house.clock).open(copy).expect("a copy opens");
        assert_clean(&copy);
        assert_eq!(copy.seat_map(house.show).expect("a show").symbols.chars().last(), Some('b'));
    }
    house.verify();
}

#[test]
fn a_copy_begins_a_history_of_its_own() {
    let file = File::temporary();
    let house = house(&file, "A:5");
    house.sold("ada", "A1");
    let cursor = house.engine.feed_from_now(&[house.show]).expect("a feed").cursor().clone();
    let path = file.beside("copy.db");
    house.engine.backup(&path).expect("there is room");
    let copy = still(&house.clock).open(&path).expect("it opens");
    let (epoch, n) = copy.position().expect("a position");
    assert_eq!(n, house.engine.position().expect("a position").1);
    assert_ne!(epoch, cursor.epoch);
    let mut feed = copy.feed(cursor).expect("a feed");
    assert_eq!(feed.try_next(), Ok(Some(FeedItem::Reset(house.show))));
    copy.close();
    let again = still(&house.clock).open(&path).expect("it opens");
    assert_eq!(again.position().expect("a position").0, epoch, "renewed once, not at each open");
}

#[test]
fn a_backup_overwrites_nothing() {
    let file = File::temporary();
    let house = house(&file, "A:5");
    let taken = file.beside("taken.db");
    std::fs::write(&taken, "precious").expect("the folder is ours");
    assert_eq!(code(house.engine.backup(&taken)), Code::Storage);
    assert_eq!(std::fs::read(&taken).expect("it is there"), b"precious");
    assert_eq!(code(house.engine.backup(file.beside("no/such/folder.db"))), Code::Storage);
}

#[test]
fn a_log_in_memory_has_no_backup() {
    let house = house(&Memory::empty(), "A:5");
    let file = File::temporary();
    assert_eq!(code(house.engine.backup(file.path())), Code::Storage);
}

#[test]
fn of_many_copies_to_one_place_one_is_made_and_it_is_whole() {
    for _ in 0..8 {
        let file = File::temporary();
        let house = house(&file, "A-E:20");
        house.sold("ada", "A1");
        let path = file.beside("copy.db");
        let done = std::thread::scope(|scope| {
            let copy = || scope.spawn(|| house.engine.backup(&path));
            let copies: Vec<_> = (0..8).map(|_| copy()).collect();
            copies.into_iter().map(|copy| copy.join().expect("no panic")).collect::<Vec<_>>()
        });
        let (made, refused): (Vec<_>, Vec<_>) = done.into_iter().partition(Result::is_ok);
        assert_eq!(made.len(), 1);
        assert!(refused.into_iter().all(|refused| code(refused) == Code::Storage));
        let copy = still(&house.clock).open(&path).expect("it opens");
        assert_ne!(
            copy.position().expect("its own history").0,
            house.engine.position().expect("ours").0
        );
        assert_clean(&copy);
        assert_eq!(partials(&path), 0);
    }
}

#[test]
fn what_a_killed_backup_left_is_taken_away_by_the_next_and_what_is_under_way_is_not() {
    let file = File::temporary();
    let house = house(&file, "A:9");
    let path = file.beside("copy.db");
    let partial = |name: &str| std::fs::File::create(file.beside(name)).expect("a file");
    drop(partial("copy.db.4711-00000000000000aa.partial"));
    let under_way = partial("copy.db.4712-00000000000000bb.partial");
    under_way.lock().expect("nobody has it");
    drop(partial("copy.db.of-mine.partial"));
    house.engine.backup(&path).expect("there is room");
    assert_eq!(partials(&path), 2);
    assert!(!file.beside("copy.db.4711-00000000000000aa.partial").exists());
}

/// Files beside this one that are on the way to it, or say so.
fn partials(path: &Path) -> usize {
    let folder = path.parent().expect("a folder").read_dir().expect("it can be read");
    let names = folder.map(|entry| entry.expect("a file").file_name());
    names.filter(|name| name.to_string_lossy().ends_with(".partial")).count()
}
