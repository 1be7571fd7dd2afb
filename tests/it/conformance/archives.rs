//! A show that is over moves to a file of its own: whole, or not at all.

use seatcore::engine::books::{Account, Books};
use seatcore::engine::feed::FeedItem;
use seatcore::engine::verify::Scope;
use seatcore::error::Code;
use seatcore::house::event::Kind;
use seatcore::store::BookingFilter;
use seatcore::{Batch, Booking, CancelShow, ChangeShow, Engine, Hold, Release, ShowId, ShowPatch};
use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use support::fault::{Fault, Faulty, Switch};
use support::house::{House, add_show, code, house, house_over};
use support::place::{Place, folder};
use tempfile::TempDir;

/// A show that ended, with something of everything in it, beside one that sells on.
struct Evening {
    house: House,
    other: ShowId,
    booking: Booking,
    folder: TempDir,
}

fn evening(place: &dyn Place) -> Evening {
    after(house(place, "A-C:10"))
}

fn after(house: House) -> Evening {
    let other = add_show(&house.engine, "A:10");
    let booking = house.sold("ada", "A1 A2");
    let wish = house.wish("eve", "B1").key("order-17");
    house.engine.hold(wish).wait().expect("free");
    let cancelled = house.sold("bob", "C1");
    house.engine.cancel(cancelled.id).wait().expect("booked");
    house.engine.hold(house.wish("tom", "A1").key("late")).wait().expect_err("sold");
    let beside = house.engine.hold(Hold::new(other, ["A1"]).by("ada").key("k")).wait();
    house.engine.book(beside.expect("free").id).wait().expect("live");
    let ends = house.engine.show(house.show).expect("a show").opening.terms.ends_at;
    house.clock.advance(ends.since(house.engine.now()));
    house.engine.accept_clock().wait().expect("a month has passed");
    house.engine.sweep().wait().expect("what lapsed is in the log");
    Evening { house, other, booking, folder: folder() }
}

impl Evening {
    fn path(&self) -> PathBuf {
        self.folder.path().join("show.db")
    }

    fn archive(&self) -> Result<seatcore::engine::Archived, seatcore::Failure> {
        self.house.engine.archive(self.house.show, self.path())
    }

    fn archived(&self) -> Engine {
        let archived = self.archive().expect("the show is over");
        assert_eq!(archived.show, self.house.show);
        self.open()
    }

    fn open(&self) -> Engine {
        support::house::still(&self.house.clock).create(false).open(self.path()).expect("a file")
    }
}

fn verified(engine: &Engine, scope: Scope) {
    engine.follow().wait().expect("the tables follow");
    let report = engine.verify_in(scope, &AtomicU64::new(0)).expect("a log");
    assert!(report.clean(), "{scope:?}: {:#?}", report.findings);
}

fn takings(engine: &Engine) -> Vec<(ShowId, Account)> {
    let mut books = Books::new(|at| at.to_chrono().date_naive());
    books.catch_up(engine).expect("a log");
    books.lines().map(|(show, _, account)| (show, account)).collect()
}

pub fn an_archive_has_all_that_the_show_had(place: &dyn Place) {
    let evening = evening(place);
    let engine = &evening.house.engine;
    let (show, filter) = (evening.house.show, BookingFilter::default());
    let map = engine.seat_map(show).expect("a show");
    let of_show = BookingFilter { show: Some(show), ..filter.clone() };
    let mut bookings = engine.bookings(&of_show).expect("a list");
    let history = engine.history(show, None, 1_000).expect("a history");
    let archive = evening.archived();
    assert_eq!(archive.seat_map(show).expect("a show").symbols, map.symbols);
    let mut there = archive.bookings(&filter).expect("a list");
    bookings.sort_by_key(|booking| booking.id);
    there.sort_by_key(|booking| booking.id);
    assert_eq!(there, bookings, "tickets have the codes that were printed");
    let story: Vec<_> = archive.history(show, None, 1_000).expect("a history");
    assert_eq!((story[0].kind, story.len()), (Kind::Archived, history.len() + 1));
    for (there, here) in story[1..].iter().zip(&history) {
        assert_eq!((there.seq, there.at, there.kind), (here.seq, here.at, here.kind));
    }
    let code_of = &evening.booking.tickets[0].code;
    assert_eq!(archive.ticket(*code_of).expect("a ticket").0.id, evening.booking.id);
    [Scope::All, Scope::New, Scope::Show(show)].iter().for_each(|scope| verified(&archive, *scope));
    assert_eq!(takings(&archive).len(), 1);
}

pub fn an_archived_show_refuses_everything_and_is_listed(place: &dyn Place) {
    let evening = evening(place);
    let (house, show) = (&evening.house, evening.house.show);
    let here = takings(&house.engine);
    let archive = evening.archived();
    for engine in [&house.engine, &archive] {
        let wish = || Hold::new(show, ["B1"]).by("eve");
        assert_eq!(code(engine.hold(wish()).wait()), Code::ShowClosed);
        assert_eq!(code(engine.hold(wish().key("order-17")).wait()), Code::ShowClosed);
        assert_eq!(code(engine.cancel(evening.booking.id).wait()), Code::ShowClosed);
        assert_eq!(code(engine.cancel_show(CancelShow::new(show)).wait()), Code::ShowClosed);
        assert_eq!(code(engine.archive(show, evening.path())), Code::ShowClosed);
        let batch = Batch::new().then(wish());
        assert_eq!(code(engine.batch(batch).wait()), Code::ShowClosed);
    }
    let engine = &house.engine;
    assert_eq!(code(engine.seat_map(show)), Code::ShowClosed);
    assert_eq!(code(engine.seats(show, None)), Code::ShowClosed);
    assert_eq!(code(engine.booking(evening.booking.id)), Code::ShowClosed);
    assert_eq!(code(engine.ticket(evening.booking.tickets[0].code)), Code::ShowClosed);
    assert_eq!(code(engine.find_hold(evening.booking.id.hold())), Code::ShowClosed);
    let of_show = BookingFilter { show: Some(show), ..BookingFilter::default() };
    assert_eq!(code(engine.bookings(&of_show)), Code::ShowClosed);
    let row = engine.show_row(show).expect("it is listed");
    assert_eq!((row.show.archived, row.stats.booked, row.stats.held), (true, 2, 0));
    let left = engine.history(show, None, 10).expect("a history");
    assert_eq!(left.iter().map(|event| event.kind).collect::<Vec<_>>(), [Kind::Archived]);
    assert_eq!(engine.bookings(&BookingFilter::default()).expect("a list").len(), 1);
    assert_eq!(takings(engine), here, "the books say what they said");
}

pub fn the_others_sell_on_beside_an_archive(place: &dyn Place) {
    let evening = evening(place);
    let beside = evening.house.beside(place);
    beside.engine.seat_map(evening.other).expect("it has seen the log");
    beside.engine.seat_map(evening.house.show).expect("not archived yet");
    let mut feed = beside.engine.feed_from_now(&[evening.house.show]).expect("a feed");
    evening.archived();
    for engine in [&evening.house.engine, &beside.engine] {
        let replayed = engine.hold(Hold::new(evening.other, ["A1"]).by("ada").key("k")).answer();
        assert!(replayed.replayed && replayed.result.is_ok());
        assert_eq!(code(engine.seat_map(evening.house.show)), Code::ShowClosed);
    }
    let late = add_show(&beside.engine, "A:5");
    for engine in [&evening.house.engine, &beside.engine] {
        let hold = engine.hold(Hold::best(late, 1).by("eve")).wait().expect("free");
        engine.book(hold.id).wait().expect("live");
    }
    let last = std::iter::from_fn(|| feed.try_next().expect("a log")).last();
    assert!(matches!(last, Some(FeedItem::Event(event)) if event.kind == Kind::Archived));
    verified(&beside.engine, Scope::New);
    verified(&evening.house.engine, Scope::All);
    let reopened = evening.house.beside(place);
    verified(&reopened.engine, Scope::All);
    assert_eq!(code(reopened.engine.seat_map(evening.house.show)), Code::ShowClosed);
}

pub fn only_what_is_over_is_archived(place: &dyn Place) {
    let house = house(place, "A:5");
    let folder = folder();
    let path = folder.path().join("show.db");
    assert_eq!(code(house.engine.archive(house.show, &path)), Code::InUse, "on sale");
    let hold = house.held("ada", "A1");
    let close = ShowPatch { closed: Some(true), ..ShowPatch::default() };
    let close = ChangeShow::new(house.show, close);
    house.engine.change_show(close).wait().expect("a show");
    assert_eq!(code(house.engine.archive(house.show, &path)), Code::InUse, "somebody holds");
    assert!(!path.exists());
    house.engine.release(Release::new(hold.id)).wait().expect("live");
    std::fs::write(&path, "somebody's file").expect("a folder");
    assert_eq!(code(house.engine.archive(house.show, &path)), Code::Storage, "a path in use");
    assert_eq!(std::fs::read_to_string(&path).expect("a file"), "somebody's file");
    std::fs::remove_file(&path).expect("a file");
    house.engine.archive(house.show, &path).expect("closed by hand, and nobody holds");
    verified(&house.engine, Scope::All);
}

fn unlucky(place: &dyn Place) -> (Evening, Switch) {
    let (store, switch) = Faulty::over(place.store());
    (after(house_over(store, "A-C:10")), switch)
}

/// The fate of the commit is open, and the show is whole here: the archive is made again over what
/// the attempt left.
pub fn an_archive_whose_commit_was_lost_is_made_again(place: &dyn Place) {
    let (evening, switch) = unlucky(place);
    let show = evening.house.show;
    switch.arm(Fault::CommitLost);
    assert_eq!(code(evening.archive()), Code::OutcomeUnknown);
    assert!(evening.path().exists(), "it may be the only copy");
    assert_eq!(evening.house.engine.stats(show).expect("all is here").booked, 2);
    verified(&evening.house.engine, Scope::All);
    let archive = evening.archived();
    verified(&archive, Scope::All);
    verified(&evening.house.engine, Scope::All);
}

pub fn an_archive_whose_commit_was_written_is_one(place: &dyn Place) {
    let (evening, switch) = unlucky(place);
    switch.arm(Fault::CommitWritten);
    assert_eq!(code(evening.archive()), Code::OutcomeUnknown);
    assert_eq!(code(evening.archive()), Code::ShowClosed, "it was archived");
    verified(&evening.open(), Scope::All);
    verified(&evening.house.engine, Scope::All);
}

pub fn an_archive_that_cannot_be_written_changes_nothing(place: &dyn Place) {
    let (evening, switch) = unlucky(place);
    switch.arm(Fault::AppendDiskFull);
    assert_eq!(code(evening.archive()), Code::Storage);
    assert!(!evening.path().exists(), "a definite no leaves nothing behind");
    let nowhere = evening.folder.path().join("no such folder/show.db");
    assert_eq!(code(evening.house.engine.archive(evening.house.show, nowhere)), Code::Storage);
    assert_eq!(evening.house.engine.stats(evening.house.show).expect("a show").booked, 2);
    verified(&evening.house.engine, Scope::All);
}
