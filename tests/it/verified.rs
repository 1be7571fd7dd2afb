//! What `verify` remembers: a run that found nothing saves the next one reading what has not
//! changed, and never hides what was forged beside the log.

use rusqlite::Connection;
use seatcore::engine::verify::{Report, Scope};
use seatcore::error::Code;
use seatcore::{Engine, Hold, ShowId};
use std::sync::atomic::AtomicU64;
use support::fault::{Fault, Faulty};
use support::house::{House, add_show, code, house, house_over};
use support::place::{File, Place};

/// Two shows, sold and verified; the file is closed and every house is kept.
struct Season {
    file: File,
    house: House,
    other: ShowId,
}

fn season() -> Season {
    let file = File::temporary();
    let house = house(&file, "A:40");
    let other = add_show(&house.engine, "A:40");
    for number in 1..=20 {
        house.sold("ada", &format!("A{number}"));
        let wish = Hold::new(other, [format!("A{number}")]).by("bob").key(format!("{number}"));
        let hold = house.engine.hold(wish).wait().expect("free");
        house.engine.book(hold.id).wait().expect("live");
    }
    house.engine.follow().wait().expect("the tables follow");
    house.engine.close();
    let season = Season { file, house, other };
    let engine = season.open();
    engine.follow().wait().expect("the tables follow");
    assert!(verify(&engine, Scope::New).clean());
    engine.close();
    season
}

fn verify(engine: &Engine, scope: Scope) -> Report {
    engine.verify_in(scope, &AtomicU64::new(0)).expect("the log can be read")
}

impl Season {
    fn open(&self) -> Engine {
        self.house.beside(&self.file).engine
    }

    #[expect(clippy::disallowed_methods, reason = "the point is to go around the engine")]
    fn forge(&self, sql: &str) {
        let connection = Connection::open(self.file.path()).expect("the file opens");
        let sql = sql.replace("$show", &self.house.show.to_string());
        connection.execute_batch(&sql).expect("the forgery is valid SQL");
        assert!(connection.changes() > 0, "{sql} changed nothing");
    }

    fn found(&self, scope: Scope) -> Vec<String> {
        let engine = self.open();
        let report = verify(&engine, scope);
        engine.close();
        report.findings.into_iter().map(|finding| finding.what).collect()
    }
}

const MIDDLE: &str =
    "(SELECT n FROM journal WHERE show = $show AND kind = 6 ORDER BY n LIMIT 1 OFFSET 9)";

#[test]
fn what_has_not_changed_is_not_read_again() {
    let season = season();
    let engine = season.open();
    let report = verify(&engine, Scope::New);
    assert!(report.clean());
    assert_eq!((report.records, report.skipped), (0, 82));
    assert_eq!((report.shows, report.bookings, report.tickets, report.sold), (2, 40, 40, 40));
    let all = verify(&engine, Scope::All);
    assert_eq!((all.records, all.skipped), (82, 0));
    assert_eq!((all.shows, all.bookings, all.tickets, all.sold), (2, 40, 40, 40));
}

/// A show that sells on is read from its first record; the other is as it was.
#[test]
fn a_show_that_changed_is_read_whole() {
    let season = season();
    let engine = season.open();
    let hold = engine.hold(Hold::new(season.other, ["A30"]).by("eve")).wait().expect("free");
    engine.book(hold.id).wait().expect("live");
    engine.follow().wait().expect("the tables follow");
    let report = verify(&engine, Scope::New);
    assert!(report.clean(), "{:#?}", report.findings);
    assert_eq!((report.records, report.skipped, report.sold), (43, 41, 41));
}

#[test]
fn one_show_is_explained_alone() {
    let season = season();
    let engine = season.open();
    let report = verify(&engine, Scope::Show(season.house.show));
    assert!(report.clean());
    assert_eq!((report.records, report.shows, report.bookings), (41, 1, 20));
}

/// Below what was verified a forged record rests unseen until everything is read, or until its
/// show changes; the run says how much it did not read.
#[test]
fn a_forged_record_of_before_is_found_by_reading_all() {
    for forgery in [
        format!("UPDATE journal SET at = at + 1 WHERE n = {MIDDLE}"),
        format!("DELETE FROM journal WHERE n = {MIDDLE}"),
    ] {
        let season = season();
        season.forge(&forgery);
        let engine = season.open();
        assert_eq!(verify(&engine, Scope::New).skipped, 82);
        engine.close();
        assert!(!season.found(Scope::All).is_empty(), "{forgery}");
        assert!(!season.found(Scope::Show(season.house.show)).is_empty(), "{forgery}");
        let engine = season.open();
        engine.hold(season.house.wish("eve", "A30")).wait().expect("free");
        engine.follow().wait().expect("the tables follow");
        engine.close();
        assert!(!season.found(Scope::New).is_empty(), "{forgery}: its show has changed since");
    }
}

/// A finding is never remembered away.
#[test]
fn what_was_found_once_is_found_again() {
    let season = season();
    season.forge("UPDATE sold SET bits = x'FFFFFFFFFF' WHERE id / 64 = $show");
    for _ in 0..2 {
        assert_eq!(season.found(Scope::New), ["its sold bits are not the fold of its log"]);
    }
}

#[test]
fn whatever_is_forged_beside_the_log_is_found_without_reading_all() {
    for (forgery, found) in [
        ("DELETE FROM sold WHERE id / 64 = $show", "sold bits"),
        (
            "UPDATE ticket SET id = $show * 262144 + 30 WHERE id / 262144 = $show AND number = 3",
            "ticket 3",
        ),
        ("DELETE FROM ticket WHERE id / 262144 = $show AND number = 3", "ticket 3"),
        ("UPDATE booking SET total_minor = 1 WHERE show = $show AND first_ticket = 5", "differs"),
        ("DELETE FROM booking WHERE show = $show AND first_ticket = 5", "is missing"),
        ("UPDATE standing SET held = held + 1 WHERE show = $show", "standing"),
        ("UPDATE show SET cancelled = 1 WHERE id = $show", "row is not the fold"),
        ("UPDATE checkpoint SET house = zeroblob(40) WHERE show = $show", "checkpoint"),
        ("UPDATE receipt_chunk SET receipts = zeroblob(32)", "receipt"),
        ("DELETE FROM receipt_chunk", "the receipt of record"),
        (
            "DELETE FROM journal WHERE n = (SELECT max(n) FROM journal WHERE show = $show)",
            "is missing",
        ),
        ("DELETE FROM journal WHERE n = (SELECT max(n) FROM journal)", "log ends here"),
    ] {
        let season = season();
        season.forge(forgery);
        let all = season.found(Scope::New);
        assert!(all.iter().any(|what| what.contains(found)), "{forgery}: {all:#?}");
    }
}

/// Marks do not make a forgery true: a mark that was forged with the show is another's word.
#[test]
fn a_forged_mark_only_costs_reading() {
    let season = season();
    season.forge("UPDATE verified SET house = zeroblob(16) WHERE show = $show");
    let found = season.found(Scope::New);
    assert_eq!(found, ["its log is not the one that was verified before"]);
    let engine = season.open();
    assert!(verify(&engine, Scope::All).clean(), "the log itself is sound");
    assert!(verify(&engine, Scope::New).clean(), "and the mark is made anew");
}

#[test]
fn a_stopped_show_says_why() {
    let season = season();
    let engine = season.open();
    let hold = engine.hold(season.house.wish("eve", "A30")).wait().expect("free");
    engine.close();
    season.forge("UPDATE sold SET bits = x'FFFFFFFFFF' WHERE id / 64 = $show");
    let engine = season.open();
    engine.book(hold.id).wait().expect_err("its proof fails");
    let report = verify(&engine, Scope::Show(season.house.show));
    assert_eq!(report.stopped.len(), 1);
    assert_eq!(report.stopped[0].show, season.house.show);
    assert!(report.stopped[0].reason.contains("sold seats"), "{:?}", report.stopped);
}

/// Its rows agree with its log, and still the office cannot sell: that is not clean, however often
/// and however narrowly it is looked at.
#[test]
fn a_stopped_show_is_not_clean() {
    let file = File::temporary();
    let (store, switch) = Faulty::over(file.store());
    let house = house_over(store, "A:9");
    let hold = house.held("ada", "A1");
    (0..9).for_each(|_| switch.arm(Fault::SoldDiffer(house.show)));
    house.engine.book(hold.id).wait().expect_err("its proof fails");
    house.engine.follow().wait().expect("the tables follow");
    for scope in [Scope::All, Scope::New, Scope::New, Scope::Show(house.show)] {
        let report = verify(&house.engine, scope);
        assert_eq!((report.findings.len(), report.stopped.len()), (0, 1), "{scope:?}");
        assert!(!report.clean(), "{scope:?}");
    }
}

#[test]
fn a_show_that_never_was_is_not_verified() {
    let season = season();
    let engine = season.open();
    let nobody = ShowId::new(77).expect("a number for a show");
    let told = engine.verify_in(Scope::Show(nobody), &AtomicU64::new(0));
    assert_eq!(code(told), Code::NotFound);
}
