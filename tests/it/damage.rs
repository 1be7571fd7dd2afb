//! Files that were tampered with, or that a disk got wrong: `verify` finds it, and nothing is sold
//! on top of it.

use rusqlite::Connection;
use seatcore::clock::ManualClock;
use seatcore::engine::feed::FeedItem;
use seatcore::engine::verify::Report;
use seatcore::error::Code;
use seatcore::house::hold::HoldState;
use seatcore::{Extend, Hold, HoldDetails, ShowId};
use std::path::Path;
use std::time::Duration;
use support::earlier::sql;
use support::house::{House, NOW, add_show, code, house, still};
use support::place::{File, Place};

/// A closed file with two shows, each with enough of everything that it is kept in a checkpoint.
struct Sold {
    file: File,
    house: House,
    other: ShowId,
    /// A live hold of the first show.
    hold: HoldDetails,
}

fn sold() -> Sold {
    let file = File::temporary();
    let house = house(&file, "A:40");
    let other = add_show(&house.engine, "A:40");
    for number in 1..=20 {
        house.sold("ada", &format!("A{number}"));
        let wish = Hold::new(other, [format!("A{number}")]).by("bob").key(format!("{number}"));
        let hold = house.engine.hold(wish).wait().expect("free");
        house.engine.book(hold.id).wait().expect("live");
    }
    let hold = house.held("eve", "A40");
    house.verify();
    house.engine.close();
    Sold { file, house, other, hold }
}

impl Sold {
    fn reopened(&self) -> House {
        self.house.beside(&self.file)
    }

    fn show(&self) -> u32 {
        self.house.show.get()
    }

    /// Changes the closed file behind the engine's back; `$show` is the first show.
    fn forge(&self, sql: &str) {
        execute(self.file.path(), &sql.replace("$show", &self.show().to_string()));
    }
}

const FORGED_BITS: &str = "UPDATE sold SET bits = x'FFFFFFFFFF' WHERE id / 64 = $show";

#[expect(clippy::disallowed_methods, reason = "the point is to go around the engine")]
fn execute(path: &Path, sql: &str) {
    let connection = Connection::open(path).expect("the file opens");
    connection.execute_batch(sql).expect("the forgery is valid SQL");
    assert!(connection.changes() > 0, "{sql} changed nothing");
}

/// Rewrites the bytes of one column of one row.
#[expect(clippy::disallowed_methods, reason = "the point is to go around the engine")]
fn rewrite(path: &Path, read: &str, write: &str, change: impl Fn(&mut Vec<u8>)) {
    let connection = Connection::open(path).expect("the file opens");
    let bytes = connection.query_row(read, [], |row| row.get::<_, Vec<u8>>(0));
    let mut bytes = bytes.expect("the row is there");
    change(&mut bytes);
    assert_eq!(connection.execute(write, [bytes]), Ok(1));
}

fn assert_finds(sold: &Sold, what: &str) -> Report {
    let report = sold.reopened().engine.verify().expect("the log can be read");
    let found = report.findings.iter().any(|finding| finding.what.contains(what));
    assert!(found, "{what:?} is not among {:#?}", report.findings);
    report
}

/// The forgery is found, in words that name it.
fn finds(sql: &str, what: &str) {
    let sold = sold();
    sold.forge(sql);
    assert_finds(&sold, what);
}

/// The n of a record in the middle of the first show, whose neighbours are the other show's.
const MIDDLE: &str =
    "(SELECT n FROM journal WHERE show = $show AND kind = 6 ORDER BY n LIMIT 1 OFFSET 9)";

#[test]
fn a_sound_file_has_no_findings() {
    let sold = sold();
    let report = sold.reopened().engine.verify().expect("a log");
    assert!(report.clean());
    assert_eq!((report.shows, report.bookings, report.tickets, report.sold), (2, 40, 40, 40));
}

#[test]
fn a_forged_record_is_found() {
    let sold = sold();
    let row = MIDDLE.replace("$show", &sold.show().to_string());
    let read = format!("SELECT body FROM journal WHERE n = {row}");
    let write = format!("UPDATE journal SET body = ?1 WHERE n = {row}");
    rewrite(sold.file.path(), &read, &write, |body| {
        let at = body.windows(3).position(|word| word == b"ada").expect("the holder");
        body[at..at + 3].copy_from_slice(b"eve");
    });
    let report = assert_finds(&sold, "hash does not continue the chain");
    assert!(report.findings.iter().all(|f| f.show != Some(sold.other)), "the other show is sound");
}

#[test]
fn an_unreadable_record_is_told() {
    let sold = sold();
    sold.forge(&format!("UPDATE journal SET body = x'FF' WHERE n = {MIDDLE}"));
    let engine = sold.reopened().engine;
    let told = engine.verify().map_or_else(|no| no.code() == Code::Corrupt, |r| !r.clean());
    assert!(told);
}

#[test]
fn a_record_at_another_time_is_found() {
    finds(&format!("UPDATE journal SET at = at + 1 WHERE n = {MIDDLE}"), "chain");
}

#[test]
fn a_deleted_record_is_found() {
    finds(&format!("DELETE FROM journal WHERE n = {MIDDLE}"), "missing");
}

#[test]
fn reordered_records_are_found() {
    // A booking and the other show's hold behind it change places: each chain by itself holds.
    let middle = format!("SELECT n, n + 1 AS next FROM journal WHERE n = {MIDDLE}");
    finds(
        &format!(
            "CREATE TEMP TABLE pair AS {middle};
             UPDATE journal SET n = 1000000 WHERE n = (SELECT n FROM pair);
             UPDATE journal SET n = (SELECT n FROM pair) WHERE n = (SELECT next FROM pair);
             UPDATE journal SET n = (SELECT next FROM pair) WHERE n = 1000000"
        ),
        "",
    );
}

#[test]
fn a_cut_log_is_found() {
    finds("DELETE FROM journal WHERE n = (SELECT max(n) FROM journal)", "");
}

#[test]
fn a_forged_sold_bit_is_found() {
    finds(FORGED_BITS, "sold bits");
}

#[test]
fn deleted_sold_bits_are_found() {
    finds("DELETE FROM sold WHERE id / 64 = $show", "sold bits");
}

#[test]
fn a_forged_ticket_row_is_found() {
    let moved = "UPDATE ticket SET id = $show * 262144 + 30
                 WHERE id / 262144 = $show AND number = 3";
    finds(moved, "ticket 3");
}

#[test]
fn an_added_ticket_row_is_found() {
    let row = "INSERT INTO ticket (id, number, booking) VALUES ($show * 262144 + 30, 99, 3)";
    finds(row, "ticket 99");
}

#[test]
fn a_deleted_ticket_row_is_found() {
    finds("DELETE FROM ticket WHERE id / 262144 = $show AND number = 3", "is missing");
}

#[test]
fn a_deleted_booking_row_is_found() {
    finds("DELETE FROM booking WHERE show = $show AND first_ticket = 5", "is missing");
}

#[test]
fn a_forged_booking_row_is_found() {
    finds("UPDATE booking SET total_minor = 1 WHERE show = $show AND first_ticket = 5", "differs");
}

#[test]
fn a_forged_standing_is_found() {
    finds("UPDATE standing SET held = held + 1 WHERE show = $show", "standing");
}

#[test]
fn a_forged_show_row_is_found() {
    finds("UPDATE show SET cancelled = 1 WHERE id = $show", "row is not the fold");
}

#[test]
fn a_forged_checkpoint_is_found() {
    let sold = sold();
    let (read, write) = (
        format!("SELECT house FROM checkpoint WHERE show = {}", sold.show()),
        format!("UPDATE checkpoint SET house = ?1 WHERE show = {}", sold.show()),
    );
    rewrite(sold.file.path(), &read, &write, |house| {
        let at = house.windows(3).position(|word| word == b"eve").expect("the holder");
        house[at..at + 3].copy_from_slice(b"bob");
    });
    assert_finds(&sold, "checkpoint");
}

/// Rewrites the first show's checkpoint; `verify` tells, the show sells on, and keeps a new one.
fn sells_on_behind(wrong: impl Fn(&mut Vec<u8>)) {
    let sold = sold();
    let (read, write) = (
        format!("SELECT house FROM checkpoint WHERE show = {}", sold.show()),
        format!("UPDATE checkpoint SET house = ?1 WHERE show = {}", sold.show()),
    );
    rewrite(sold.file.path(), &read, &write, wrong);
    let house = sold.reopened();
    let told = house.engine.verify().expect("the log can be read");
    assert!(told.findings.iter().any(|f| f.what.contains("checkpoint")), "{:?}", told.findings);
    house.sold("tom", "A30");
    let booking = house.engine.book(sold.hold.id).wait().expect("its log is whole");
    house.engine.cancel(booking.id).wait().expect("its log is whole");
    house.engine.close();
    sold.reopened().verify();
}

#[test]
fn a_checkpoint_of_an_unknown_version_stops_no_show() {
    sells_on_behind(|house| house[0] = 2);
}

#[test]
fn a_checkpoint_that_was_cut_stops_no_show() {
    sells_on_behind(|house| house.truncate(house.len() / 2));
}

/// The newest record's hash stands before the notes: no record has this one.
#[test]
fn a_checkpoint_of_another_log_stops_no_show() {
    sells_on_behind(|house| {
        let at = house.windows(3).position(|word| word == b"ada" || word == b"eve");
        let holds = at.expect("the first holder") - 18;
        house[holds - 5] ^= 1;
    });
}

/// It can be read and is wrong: the proof that fails is of the checkpoint, not of the log.
#[test]
fn a_checkpoint_with_another_seat_sold_stops_no_show() {
    sells_on_behind(|house| {
        let at = house.windows(3).position(|word| word == b"eve").expect("the holder");
        house[at - 2] = 1; // held before, booked now
    });
}

#[test]
fn a_checkpoint_of_a_record_beyond_the_log_is_found() {
    finds("UPDATE checkpoint SET n = 1000000 WHERE show = $show", "record that is not there");
}

#[test]
fn a_checkpoint_beside_another_of_its_record_is_found() {
    finds("UPDATE checkpoint SET n = (SELECT min(n) FROM checkpoint)", "is not the fold");
}

#[test]
fn nothing_is_sold_on_forged_bits_and_the_show_stays_stopped() {
    let sold = sold();
    sold.forge(FORGED_BITS);
    for _ in 0..2 {
        let house = sold.reopened();
        assert_eq!(code(house.engine.book(sold.hold.id).wait()), Code::Corrupt);
        assert_eq!(code(house.hold("tom", "A30")), Code::Corrupt);
        let wish = Hold::best(sold.other, 1).by("tom");
        let hold = house.engine.hold(wish).wait().expect("the other show sells on");
        house.engine.book(hold.id).wait().expect("the other show sells on");
        house.engine.close();
    }
}

/// Acknowledged records that are gone must not be written over.
#[test]
fn nothing_is_sold_on_a_cut_log() {
    let sold = sold();
    sold.forge("DELETE FROM journal WHERE n = (SELECT max(n) FROM journal)");
    let house = sold.reopened();
    for show in [sold.house.show, sold.other] {
        let refused = house.engine.hold(Hold::new(show, ["A30"]).by("tom")).wait();
        assert!(matches!(code(refused), Code::Corrupt | Code::Storage));
    }
}

/// Two tickets for a seat: the third proof, met while following.
#[test]
fn nothing_is_sold_behind_a_forged_ticket() {
    let sold = sold();
    sold.forge("INSERT INTO ticket (id, number, booking) VALUES ($show * 262144 + 39, 99, 3)");
    let house = sold.reopened();
    house.engine.book(sold.hold.id).wait().expect("the log and the sold bits know nothing of it");
    house.engine.follow().wait().expect("the show is stopped, the tables follow the others");
    assert_eq!(code(house.hold("tom", "A30")), Code::Corrupt);
    let wish = Hold::best(sold.other, 1).by("tom");
    house.engine.hold(wish).wait().expect("the other show sells on");
}

/// The tables follow as far as the third proof goes.
#[test]
fn what_was_sold_before_a_forged_ticket_is_found() {
    let sold = sold();
    sold.forge("INSERT INTO ticket (id, number, booking) VALUES ($show * 262144 + 39, 99, 3)");
    let engine = still(&sold.house.clock).follow(false).over(sold.file.store()).expect("it opens");
    let house = House { engine, show: sold.house.show, clock: sold.house.clock.clone() };
    let before = house.sold("tom", "A30");
    let twice = house.engine.book(sold.hold.id).wait().expect("the log knows nothing of it");
    let behind = house.sold("tom", "A31");
    house.engine.follow().wait().expect("the show is stopped, the tables follow");
    let found = |id| house.engine.booking(id).map(|booking| booking.state);
    assert_eq!(found(before.id), Ok(HoldState::Booked));
    assert_eq!(code(found(twice.id)), Code::NotFound);
    assert_eq!(code(found(behind.id)), Code::NotFound, "nothing is built on a contradiction");
    let report = house.engine.verify().expect("the log can be read");
    assert!(report.findings.iter().any(|finding| finding.what.contains("is missing")));
    let rows = house.engine.shows(&Default::default()).expect("a list");
    let stood = rows.iter().find(|row| row.show.id == house.show).map(|row| row.stats.booked);
    assert_eq!(stood, Some(23), "by its log");
}

/// A show whose log is damaged has no house; what the tables can follow without one, they do.
#[test]
fn a_show_with_a_damaged_log_is_listed_and_its_bookings_are_found() {
    let file = File::temporary();
    let clock = ManualClock::at(NOW);
    let open = || still(&clock).follow(false).over(file.store()).expect("it opens");
    let engine = open();
    let (show, other) = (add_show(&engine, "A:9"), add_show(&engine, "A:9"));
    let house = House { engine, show, clock: clock.clone() };
    let booking = house.sold("ada", "A1");
    house.engine.hold(Hold::new(other, ["A1"]).by("bob")).wait().expect("free");
    house.engine.close();
    let forged = "UPDATE journal SET hash = zeroblob(16) WHERE n = 4";
    execute(file.path(), forged);
    let engine = open();
    assert_eq!(engine.shows(&Default::default()).map(|rows| rows.len()), Ok(2));
    assert_eq!(engine.booking(booking.id).map(|booking| booking.state), Ok(HoldState::Booked));
    assert_eq!(code(engine.hold(Hold::new(show, ["A2"]).by("cyd")).wait()), Code::Corrupt);
    engine.hold(Hold::new(other, ["A2"]).by("cyd")).wait().expect("the other show sells on");
}

/// A page that is overwritten is SQLite's to find: the log's own chain does not cover indexes.
#[test]
fn what_sqlite_itself_finds_is_told() {
    let sold = sold();
    assert_eq!(sold.reopened().engine.check(), Ok(Vec::new()));
    sold.house.engine.close();
    let index = "SELECT rootpage FROM sqlite_schema WHERE name = 'booking_holder'";
    let page = number(sold.file.path(), index) as usize;
    let mut bytes = std::fs::read(sold.file.path()).expect("a closed file");
    bytes[(page - 1) * 4_096 + 100..page * 4_096].fill(0x5A);
    std::fs::write(sold.file.path(), bytes).expect("a closed file");
    let told = sold.reopened().engine.check();
    assert!(told.as_ref().map_or_else(|no| no.code() == Code::Corrupt, |found| !found.is_empty()));
}

#[expect(clippy::disallowed_methods, reason = "the point is to go around the engine")]
fn number(path: &Path, sql: &str) -> i64 {
    let connection = Connection::open(path).expect("the file opens");
    connection.query_row(sql, [], |row| row.get(0)).expect("a number")
}

/// A reader who needs the log while it cannot be read is told so, and has missed nothing when it
/// can be read again.
#[test]
fn a_log_that_is_away_for_a_while_leaves_no_hole_in_a_feed() {
    let file = File::temporary();
    let house = house(&file, "A:5");
    let busy = add_show(&house.engine, "A:5");
    let mut feed = house.engine.feed_from_now(&[house.show]).expect("a feed");
    assert_eq!(feed.try_next(), Ok(None));
    house.held("ada", "A1");
    let hold = house.engine.hold(Hold::new(busy, ["A1"]).by("bob")).wait().expect("free");
    let longer = || Extend::new(hold.id, Duration::from_secs(600));
    let replies: Vec<_> = (0..17_000).map(|_| house.engine.extend_with(longer())).collect();
    replies.into_iter().for_each(|reply| assert!(reply.wait().is_ok()));
    sql(file.path(), "ALTER TABLE journal RENAME TO away");
    feed.try_next().expect_err("what memory has lost stands in the log");
    sql(file.path(), "ALTER TABLE away RENAME TO journal");
    house.held("eve", "A2");
    let mut seen = Vec::new();
    while let Some(FeedItem::Event(event)) = feed.try_next().expect("the log is back") {
        seen.push(event.seq);
    }
    assert_eq!(seen, [2, 3]);
}
