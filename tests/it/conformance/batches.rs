//! Batches: several commands as one, and many commands in one commit.

use seatcore::clock::ManualClock;
use seatcore::error::{BusyReason, Code, Error};
use seatcore::house::rejection::Rejection;
use seatcore::house::seat::SeatState;
use seatcore::{Batch, Book, Failure, Hold, Release, ShowId, StepOf};
use std::time::Duration;
use support::fault::{Faulty, Gate};
use support::house::{House, NOW, add_show, code, house, house_over, still};
use support::place::Place;

pub fn a_swap_is_a_release_and_a_hold(place: &dyn Place) {
    let house = house(place, "A:5");
    let old = house.held("ada", "A1 A2");
    let swap = Batch::new().then(Release::new(old.id)).then(house.wish("ada", "A2 A3"));
    let outcomes = house.engine.batch(swap).wait().expect("its own seats are free to it");
    assert_eq!(outcomes.len(), 2);
    let snapshot = house.engine.seat_map(house.show).expect("a show");
    assert_eq!(&*snapshot.symbols, ".hh..");
    house.verify();
}

pub fn a_failing_last_step_leaves_no_trace(place: &dyn Place) {
    let house = house(place, "A:5");
    let (old, other) = (house.held("ada", "A1"), house.held("bob", "A5"));
    let before = (house.engine.position(), house.engine.seat_map(house.show));
    let batch = Batch::new()
        .then(Release::new(old.id))
        .then(house.wish("ada", "A2 A3"))
        .then(Book::new(StepOf { step: 1, show: house.show }))
        .then(house.wish("ada", "A4 A5"));
    let refused = house.engine.batch(batch).wait().expect_err("A5 is bob's");
    let Failure::Rejected(Rejection::Step { culprit: 3, why }) = &refused else {
        panic!("{refused:?} does not name the fourth step");
    };
    assert_eq!((why.code(), refused.code()), (Code::SeatHeld, Code::SeatHeld));
    assert_eq!((house.engine.position(), house.engine.seat_map(house.show)), before);
    house.engine.book(old.id).wait().expect("the hold lives as before");
    house.engine.book(other.id).wait().expect("so does the other");
    house.verify();
}

pub fn each_step_has_its_result(place: &dyn Place) {
    let house = house(place, "A:5");
    let first = StepOf { step: 0, show: house.show };
    let batch = Batch::new()
        .then(house.wish("ada", "A1 A2"))
        .then(Release::new(first).seats(["A1"]))
        .then(Book::new(first))
        .then(house.wish("ada", "A3"));
    let outcomes = house.engine.batch(batch).wait().expect("all free");
    let mut outcomes = outcomes.into_iter();
    let mut hold = || outcomes.next().and_then(|o| o.into_hold()).expect("a hold");
    let (taken, left) = (hold(), hold());
    assert_eq!((taken.seats.join(" "), left.seats.join(" ")), ("A1 A2".into(), "A2".into()));
    let booking = outcomes.next().and_then(|o| o.into_booking()).expect("a booking");
    assert_eq!((booking.id, booking.seats.join(" ")), (taken.id.into(), "A2".into()));
    assert_eq!(outcomes.next().and_then(|o| o.into_hold()).expect("a hold").seats, ["A3"]);
    house.verify();
}

pub fn a_batch_spans_shows(place: &dyn Place) {
    let house = house(place, "A:5");
    let other = add_show(&house.engine, "A:5");
    let both = |seat: &'static str| {
        Batch::new().then(house.wish("ada", seat)).then(Hold::new(other, [seat]).by("ada"))
    };
    assert_eq!(house.engine.batch(both("A1")).wait().expect("free").len(), 2);
    house.engine.hold(Hold::new(other, ["A2"]).by("bob")).wait().expect("free");
    assert_eq!(code(house.engine.batch(both("A2")).wait()), Code::SeatHeld);
    assert_eq!(house.seat("A2"), SeatState::Available, "the first show is as before");
    house.verify();
}

fn keyed(house: &House, other: seatcore::ShowId) -> Batch {
    let first = StepOf { step: 0, show: house.show };
    let steps = Batch::new().then(house.wish("ada", "A1")).then(Book::new(first));
    steps.then(Hold::new(other, ["A1", "A2"]).by("ada")).by("ada").key("trip")
}

pub fn a_keyed_batch_replays_every_result(place: &dyn Place) {
    let house = house(place, "A:5");
    let other = add_show(&house.engine, "A:5");
    // Lapsed holds in the way: their records stand inside the batch's and are no result of it.
    house.engine.hold(Hold::new(other, ["A2"]).by("bob")).wait().expect("free");
    house.held("bob", "A1");
    house.pass(std::time::Duration::from_secs(600));
    let first = house.engine.batch(keyed(&house, other)).answer();
    assert_eq!(first.result.as_ref().map(Vec::len), Ok(3));
    let house = house.reopened(place);
    let retry = house.engine.batch(keyed(&house, other)).answer();
    assert_eq!((retry.result, retry.replayed), (first.result, true));
    house.verify();
}

/// A cart that is put together anew after a timeout, in another order, is not sold a second time.
pub fn a_key_that_a_later_step_s_show_knows_is_refused(place: &dyn Place) {
    let house = house(place, "A:5");
    let other = add_show(&house.engine, "A:5");
    let hold = |show, seat: &'static str| Hold::new(show, [seat]).by("ada");
    let cart = |shows: [ShowId; 2], seat| {
        let steps = shows.into_iter().fold(Batch::new(), |cart, show| cart.then(hold(show, seat)));
        steps.by("ada").key("order-17")
    };
    house.engine.batch(cart([house.show, other], "A1")).wait().expect("free");
    let again = house.engine.batch(cart([other, house.show], "A2")).wait();
    assert_eq!(code(again), Code::KeyReused);
    assert_eq!(house.seat("A2"), SeatState::Available);
    assert_eq!(code(house.engine.batch(cart([house.show, other], "A2")).wait()), Code::KeyReused);
    house.engine.hold(hold(other, "A3").key("order-17")).wait().expect("another show, another key");
    house.verify();
}

pub fn a_keyed_refusal_of_a_batch_replays(place: &dyn Place) {
    let house = house(place, "A:5");
    let other = add_show(&house.engine, "A:5");
    let hold = house.engine.hold(Hold::new(other, ["A2"]).by("bob")).wait().expect("free");
    let first = house.engine.batch(keyed(&house, other)).answer();
    assert_eq!((code(first.result.clone()), first.remembered), (Code::SeatHeld, true));
    house.engine.release(hold.id).wait().expect("live");
    let retry = house.engine.batch(keyed(&house, other)).answer();
    assert_eq!((retry.result, retry.replayed), (first.result, true));
    house.verify();
}

/// Everything that waits while a commit is in flight shares the next one.
pub fn a_refusal_leaves_its_neighbours_alone(place: &dyn Place) {
    let (store, switch) = Faulty::over(place.store());
    let house = house_over(store, "A:9");
    switch.close_gate();
    let in_flight = house.engine.hold(house.wish("ada", "A1"));
    switch.wait_at_gate();
    let replies: Vec<_> = ["A2", "A1", "A3", "A77", "A2", "A4"]
        .into_iter()
        .enumerate()
        .map(|(at, seat)| house.engine.hold(house.wish(&format!("client {at}"), seat)))
        .collect();
    switch.open_gate();
    in_flight.wait().expect("free");
    let codes: Vec<_> =
        replies.into_iter().map(|reply| reply.wait().map_err(|no| no.code())).collect();
    let said: Vec<_> =
        codes.iter().map(|result| result.as_ref().map(|_| ()).err().copied()).collect();
    let (held, unknown) = (Some(Code::SeatHeld), Some(Code::UnknownSeat));
    assert_eq!(said, [None, held, None, unknown, held, None]);
    house.verify();
}

pub fn one_commit_carries_all_that_waited(place: &dyn Place) {
    let (store, switch) = Faulty::over(place.store());
    let house = house_over(store, "A:50");
    let before = switch.commits();
    switch.close_gate();
    let wish = |at: u32| house.engine.hold(house.wish(&format!("client {at}"), &format!("A{at}")));
    let first = wish(1);
    switch.wait_at_gate();
    let rest: Vec<_> = (2..=50).map(wish).collect();
    switch.open_gate();
    let seqs: Vec<_> =
        std::iter::once(first).chain(rest).map(|r| r.wait().expect("free").seq).collect();
    assert_eq!(seqs, (2..=51).collect::<Vec<_>>(), "answered in the order of the log");
    assert_eq!(switch.commits() - before, 2);
}

/// They share its commit and not its moment: ada's hold lapses between the two.
pub fn who_comes_while_others_are_decided_shares_their_commit(place: &dyn Place) {
    let (store, switch) = Faulty::over(place.store());
    let house = house_over(store, "A:9");
    let ttl = Duration::from_secs(1);
    let ada = house.engine.hold(house.wish("ada", "A1").ttl(ttl)).wait().expect("free");
    let before = switch.commits();
    switch.close(Gate::Append);
    let first = house.engine.hold(house.wish("bob", "A2"));
    switch.wait_at_gate();
    house.clock.advance(ttl);
    let late = house.engine.book(ada.id);
    let second = house.engine.hold(house.wish("eve", "A1 A3"));
    switch.open_gate();
    assert!(first.wait().is_ok());
    assert_eq!(code(late.wait()), Code::HoldExpired);
    assert!(second.wait().is_ok(), "ada's seat is free");
    assert_eq!(switch.commits() - before, 1);
    house.verify();
}

pub fn a_full_queue_is_busy_and_changes_nothing(place: &dyn Place) {
    let (store, switch) = Faulty::over(place.store());
    let clock = ManualClock::at(NOW);
    let engine = still(&clock).queue(2).over(store).expect("it opens");
    let show = add_show(&engine, "A:9");
    let house = House { engine, show, clock };
    switch.close_gate();
    let in_flight = house.engine.hold(house.wish("ada", "A1"));
    switch.wait_at_gate();
    let queued = ["A2", "A3"].map(|seat| house.engine.hold(house.wish("bob", seat)));
    let over = house.hold("eve", "A4");
    switch.open_gate();
    let Err(Failure::Fault(Error::Busy { reason: BusyReason::Queue, .. })) = over else {
        panic!("{over:?} is not a full queue");
    };
    assert!(in_flight.wait().is_ok() && queued.into_iter().all(|reply| reply.wait().is_ok()));
    assert_eq!(house.seat("A4"), SeatState::Available);
    house.held("eve", "A4");
}
