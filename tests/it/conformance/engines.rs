//! Two engines on the same data, as two processes have it; and the end of one.

use seatcore::clock::Stopwatch;
use seatcore::engine::feed::FeedItem;
use seatcore::error::Code;
use seatcore::house::Receipt;
use seatcore::house::seat::SeatState;
use seatcore::store::{Access, Checkpoint, Slice};
use seatcore::{Batch, Block, Book, Engine, Hold, StepOf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake};
use std::time::Duration;
use support::fault::{Fault, Faulty};
use support::house::{House, add_show, code, house, house_over, still};
use support::place::Place;

pub fn the_second_decides_on_what_the_first_wrote(place: &dyn Place) {
    let first = house(place, "A:5");
    let second = first.beside(place);
    let hold = first.held("ada", "A1");
    assert_eq!(code(second.hold("bob", "A1")), Code::SeatHeld);
    second.held("bob", "A2");
    assert_eq!(code(first.hold("ada", "A2")), Code::SeatHeld);
    second.engine.book(hold.id).wait().expect("ada's hold, through the other engine");
    assert_eq!(code(first.engine.book(hold.id).wait()), Code::HoldEnded);
    let other = add_show(&second.engine, "A:5");
    first.engine.hold(Hold::new(other, ["A1"]).by("ada")).wait().expect("a show of the second's");
    first.verify();
    second.verify();
}

/// Bounded by patience, not by time: the second engine looks by itself what the first wrote.
pub fn the_second_reads_what_the_first_wrote(place: &dyn Place) {
    let first = house(place, "A:5");
    let second = first.beside(place);
    for seat in ["A1", "A2", "A3"] {
        assert_eq!(second.seat(seat), SeatState::Available);
        first.held("ada", seat);
        let noticed = (0..1_000).any(|_| {
            std::thread::sleep(Duration::from_millis(1));
            second.seat(seat) == SeatState::Held
        });
        assert!(noticed, "{seat}: a change by another process is noticed within 25 ms, not never");
    }
}

pub fn a_key_of_the_first_replays_at_the_second(place: &dyn Place) {
    let first = house(place, "A:5");
    let second = first.beside(place);
    let wish = first.wish("ada", "A1").key("k");
    let (told, again) =
        (first.engine.hold(wish.clone()).answer(), second.engine.hold(wish).answer());
    assert_eq!((again.result, again.replayed), (told.result, true));
    first.verify();
}

pub fn a_feed_at_the_second_tells_what_the_first_sold(place: &dyn Place) {
    let first = house(place, "A:5");
    let second = first.beside(place);
    let mut feed = second.engine.feed_from_now(&[second.show]).expect("a feed");
    first.sold("ada", "A1");
    for seq in [2, 3] {
        let item = feed.next_within(Duration::from_secs(10)).expect("the log can be read");
        let Some(FeedItem::Event(event)) = item else { panic!("{item:?} is no event") };
        assert_eq!(event.seq, seq);
    }
}

pub fn both_sell_at_once_and_no_seat_twice(place: &dyn Place) {
    let first = house(place, "A:40");
    let second = first.beside(place);
    let sold: usize = std::thread::scope(|scope| {
        let sellers = [(&first, "ann"), (&second, "bob"), (&first, "eve"), (&second, "tom")];
        let sellers = sellers.map(|(house, who)| scope.spawn(move || sell_all(house, who)));
        sellers.into_iter().map(|seller| seller.join().expect("no seller panics")).sum()
    });
    assert_eq!(sold, 40);
    first.verify();
    second.verify();
}

/// Tries every seat; answers how many it got.
fn sell_all(house: &House, who: &str) -> usize {
    let buy = |number: u32| {
        let hold = house.hold(who, &format!("A{number}"))?;
        house.engine.book(hold.id).wait()
    };
    (1..=40).filter(|number| buy(*number).is_ok()).count()
}

/// Whoever only listens follows what others sell, and keeps to its budget all the same.
pub fn one_that_only_watches_keeps_to_its_budget(place: &dyn Place) {
    let house = house(place, "A:5");
    house.engine.follow().wait().expect("the tables follow");
    let seller = still(&house.clock).follow(false).over(place.store()).expect("it opens");
    let watcher = still(&house.clock).house_budget(1).over(place.store()).expect("it opens");
    let mut feed = watcher.feed_from_now(&[house.show]).expect("a feed");
    seller.hold(house.wish("ada", "A1")).wait().expect("free");
    let told = feed.next_within(Duration::from_secs(10)).expect("the log can be read");
    assert!(told.is_some(), "the hold is told");
    let (watch, mut store) = (Stopwatch::start(), place.store());
    let mut is_behind = || {
        let fence = store.begin(Access::Read).expect("it can be read");
        store.roll_back();
        fence.followed_to < fence.head
    };
    while is_behind() {
        assert!(watch.elapsed() < Duration::from_secs(10), "it follows");
        std::thread::yield_now();
    }
    assert_eq!(watcher.house_weight().expect("an answer").1, 0);
}

/// Another process stops a show while this one has records in memory that no table knows yet:
/// they must not be forgotten with the stopped show.
pub fn a_stop_at_the_first_keeps_what_the_second_knows(place: &dyn Place) {
    let (store, switch) = Faulty::over(place.store());
    let bad = house_over(store, "A:5");
    let (good, clock) = (add_show(&bad.engine, "A:5"), &bad.clock);
    bad.engine.follow().wait().expect("the tables follow");
    let second = still(clock).follow(false).over(place.store()).expect("it opens");
    let wish = |who: &str| Hold::new(good, ["A1"]).by(who);
    // A turn of the first that fails, so that nothing of the second's is followed by it either.
    let doomed = bad.held("eve", "A1");
    bad.engine.follow().wait().expect("the tables follow");
    second.hold(wish("ada")).wait().expect("free");
    switch.arm(Fault::SoldDiffer(bad.show));
    switch.arm(Fault::SoldDiffer(bad.show));
    assert_eq!(code(bad.engine.book(doomed.id).wait()), Code::Corrupt);
    assert_eq!(code(second.hold(wish("bob")).wait()), Code::SeatHeld, "ada has it");
}

/// A show that one process stopped is sold by none, and no other shows it as if it were.
pub fn a_stop_at_the_first_reaches_the_second(place: &dyn Place) {
    let (store, switch) = Faulty::over(place.store());
    let first = house_over(store, "A:5");
    let second = first.beside(place);
    assert_eq!(second.seat("A1"), SeatState::Available);
    let hold = first.held("ada", "A1");
    (0..9).for_each(|_| switch.arm(Fault::SoldDiffer(first.show)));
    assert_eq!(code(first.engine.book(hold.id).wait()), Code::Corrupt);
    assert_eq!(code(second.hold("bob", "A2")), Code::Corrupt);
    assert_eq!(code(second.engine.seat_map(second.show)), Code::Corrupt);
}

/// Ids that two engines mint alike, as from one seed at one head, are no reason to stop: whoever
/// comes second gets another.
pub fn an_id_that_is_taken_is_given_to_nobody_else(place: &dyn Place) {
    let House { engine, show, clock } = house(place, "A:9");
    engine.close();
    let open = || still(&clock).seed(1).over(place.store()).expect("it opens");
    let (first, second) = (open(), open());
    let wish = |who: &str, seat: &str| Hold::new(show, [seat]).by(who);
    let ada = first.hold(wish("ada", "A1")).wait().expect("free");
    let bob = second.hold(wish("bob", "A2")).wait().expect("free");
    assert_ne!(ada.id, bob.id);
    let blocked = first.block(Block::new(show, ["A3"]).by("staff")).wait();
    blocked.expect("free");
    second.block(Block::new(show, ["A4"]).by("staff")).wait().expect("free");
    let trip = |who: &str, seats: [&str; 2]| {
        let book = Book::new(StepOf { step: 0, show }).seats([seats[0]]).keep_rest();
        Batch::new().then(Hold::new(show, seats).by(who)).then(book)
    };
    first.batch(trip("cyd", ["A5", "A6"])).wait().expect("free");
    second.batch(trip("dan", ["A7", "A8"])).wait().expect("free");
    let second = House { engine: second, show, clock: clock.clone() };
    second.verify();
}

/// Two processes may keep the same house at the same record, each with the receipts it has seen.
pub fn receipts_of_two_processes_are_kept_together(place: &dyn Place) {
    let House { engine, show, .. } = house(place, "A:5");
    engine.close();
    let receipt = |byte: u8| ([byte; 16], Receipt { n: 1, fingerprint: u64::from(byte) });
    for receipts in [vec![receipt(0), receipt(1)], vec![receipt(255)]] {
        let mut store = place.store();
        let checkpoint = Checkpoint { show, n: 1, house: vec![0], receipts };
        let followed_to = store.begin(Access::Write).expect("nobody writes").followed_to;
        let slice = Slice { followed_to, checkpoints: vec![checkpoint], ..Slice::default() };
        assert_eq!(store.follow(&slice), Ok(Ok(())));
        store.commit().expect("a commit");
    }
    let kept = place.store().house(show).expect("it is readable").receipts;
    assert!([0, 1, 255].iter().all(|byte| kept.contains(&receipt(*byte))), "{kept:?}");
}

struct Unpark(std::thread::Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// No runtime is needed: any executor will do, the smallest included.
pub fn a_reply_can_be_awaited(place: &dyn Place) {
    let house = house(place, "A:5");
    let mut reply = house.engine.hold(house.wish("ada", "A1"));
    let waker = Arc::new(Unpark(std::thread::current())).into();
    let held = loop {
        match Pin::new(&mut reply).poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(held) => break held,
            Poll::Pending => std::thread::park(),
        }
    };
    assert_eq!(held.expect("free").seats, ["A1"]);
}

pub fn a_closed_engine_answers_busy(place: &dyn Place) {
    let house = house(place, "A:5");
    let hold = house.held("ada", "A1");
    house.engine.close();
    assert_eq!(code(house.engine.book(hold.id).wait()), Code::Busy);
    assert_eq!(code(house.hold("bob", "A2")), Code::Busy);
    assert_eq!(code(house.engine.shows(&Default::default())), Code::Busy);
    house.engine.close();
    house.beside(place).engine.book(hold.id).wait().expect("the next engine goes on");
}

pub fn what_was_queued_before_closing_is_answered(place: &dyn Place) {
    let (store, switch) = Faulty::over(place.store());
    let house = house_over(store, "A:9");
    switch.close_gate();
    let in_flight = house.engine.hold(house.wish("ada", "A1"));
    switch.wait_at_gate();
    let queued = house.engine.hold(house.wish("bob", "A2"));
    std::thread::scope(|scope| {
        let engine: Engine = house.engine.clone();
        let closing = scope.spawn(move || engine.close());
        switch.open_gate();
        closing.join().expect("it closes");
    });
    assert!(in_flight.wait().is_ok() && queued.wait().is_ok());
    assert_eq!(house.beside(place).seat("A2"), SeatState::Held);
}

/// Processes that are killed soon after they began, and sell without a break until then.
pub fn many_that_die_young_leave_the_tables_no_further_behind(place: &dyn Place) {
    let house = house(place, "A-E:50");
    for life in 1..=20 {
        let (store, switch) = Faulty::over(place.store());
        let engine = still(&house.clock).lag_max(4_000).over(store).expect("it opens");
        switch.keep_busy();
        let row = ["A", "B", "C", "D", "E"][life % 5];
        for _ in 0..5 {
            let wish = |number| house.wish(&format!("client {number}"), &format!("{row}{number}"));
            let holds: Vec<_> = (1..=50).map(|number| engine.hold(wish(number))).collect();
            let holds = holds.into_iter().map(|reply| reply.wait().expect("nobody is busy"));
            let releases: Vec<_> = holds.map(|hold| engine.release(hold.id)).collect();
            releases.into_iter().for_each(|reply| drop(reply.wait().expect("its own hold")));
        }
        switch.kill();
    }
    house.verify();
}
