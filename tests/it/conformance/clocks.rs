//! A clock that is set wrong must not end anybody's hold, and must not stop anybody from reading.

use seatcore::clock::Timestamp;
use seatcore::error::{BusyReason, Code, Error, StorageReason};
use seatcore::house::seat::SeatState;
use seatcore::store::BookingFilter;
use seatcore::{Engine, Failure};
use std::time::Duration;
use support::house::{House, NOW, assert_clean, code, house, still};
use support::place::Place;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);
/// How long a doubted step is watched.
const WATCH: Duration = Duration::from_secs(10);

fn doubted(house: &House) -> Duration {
    match house.hold("bob", "A5") {
        Err(Failure::Fault(Error::Busy { reason: BusyReason::Clock, retry_after })) => retry_after,
        other => panic!("{other:?} is not the clock being watched"),
    }
}

fn refused(engine: &Engine, house: &House) {
    let refused = engine.hold(house.wish("bob", "A5")).wait();
    let Err(Failure::Fault(Error::Storage { reason: StorageReason::Clock, .. })) = refused else {
        panic!("{refused:?} is not the clock being refused");
    };
}

/// A hold of ten minutes and a booking, then the wall clock says this.
fn stepped(place: &dyn Place, to: Timestamp) -> House {
    let house = house(place, "A:5");
    house.sold("ada", "A1");
    house.held("ada", "A2");
    house.clock.step_to(to);
    house
}

pub fn a_step_of_two_minutes_is_watched_for_ten_seconds(place: &dyn Place) {
    let house = stepped(place, NOW.plus(2 * MINUTE));
    assert_eq!(doubted(&house), WATCH);
    house.pass(WATCH - Duration::from_millis(1));
    assert_eq!(doubted(&house), Duration::from_millis(1));
    house.pass(Duration::from_millis(1));
    let hold = house.hold("bob", "A5").expect("the step has stood for ten seconds");
    let expected = NOW.plus(2 * MINUTE + WATCH + 10 * MINUTE);
    assert_eq!(hold.expires_at, Some(expected), "and is believed");
    house.verify();
}

pub fn reads_go_on_while_a_step_is_watched(place: &dyn Place) {
    let house = stepped(place, NOW.plus(20 * MINUTE));
    doubted(&house);
    assert_reads(&house);
}

pub fn a_step_of_two_days_waits_for_staff(place: &dyn Place) {
    let house = stepped(place, NOW.plus(2 * DAY));
    refused(&house.engine, &house);
    house.pass(HOUR);
    refused(&house.engine, &house);
    house.engine.accept_clock().wait().expect("staff have looked at it");
    let hold = house.hold("bob", "A2").expect("ada's hold ended long ago, by this clock");
    assert_eq!(hold.expires_at, Some(NOW.plus(2 * DAY + HOUR + 10 * MINUTE)));
    house.verify();
    house.reopened(place).verify();
}

pub fn reads_go_on_while_a_step_is_refused(place: &dyn Place) {
    let house = stepped(place, NOW.plus(2 * DAY));
    refused(&house.engine, &house);
    assert_reads(&house);
}

fn assert_reads(house: &House) {
    assert_eq!(house.seat("A2"), SeatState::Held, "a step that nobody believes ends no hold");
    let (engine, show) = (&house.engine, house.show);
    assert_eq!(engine.live_holds(None, Some(show)).map(|list| list.len()), Ok(1));
    assert_eq!(engine.bookings(&BookingFilter::default()).map(|list| list.len()), Ok(1));
    assert_eq!(engine.shows(&Default::default()).map(|list| list.len()), Ok(1));
    assert_eq!(engine.history(show, None, 10).map(|list| list.len()), Ok(4));
    assert!(engine.feed_from_now(&[show]).is_ok());
    assert_eq!(engine.verify().map(|report| report.findings), Ok(Vec::new()));
}

pub fn a_step_back_neither_revives_nor_shortens(place: &dyn Place) {
    let house = stepped(place, NOW.minus(HOUR));
    house.pass(10 * MINUTE - Duration::from_millis(1));
    assert_eq!(house.seat("A2"), SeatState::Held);
    house.pass(Duration::from_millis(1));
    assert_eq!(house.seat("A2"), SeatState::Available);
    house.held("bob", "A2");
    house.clock.step_to(NOW.minus(DAY));
    assert_eq!(house.seat("A2"), SeatState::Held, "and bob's is as it was");
    house.sold("eve", "A4");
    house.verify();
}

/// Nobody commits meanwhile: a reader alone saw the seat free.
pub fn what_a_reader_saw_lapse_is_not_live_again(place: &dyn Place) {
    let house = house(place, "A:5");
    let hold = house.engine.hold(house.wish("ada", "A1").ttl(MINUTE / 2)).wait().expect("free");
    house.clock.step_to(NOW.plus(MINUTE - Duration::from_secs(5)));
    let seen = house.engine.now();
    assert_eq!(house.seat("A1"), SeatState::Available);
    house.clock.step_to(NOW);
    assert!(house.engine.now() >= seen);
    assert_eq!(house.seat("A1"), SeatState::Available);
    assert_eq!(house.engine.live_holds(None, Some(house.show)), Ok(Vec::new()));
    assert_eq!(code(house.engine.book(hold.id).wait()), Code::HoldExpired);
    house.held("bob", "A1");
    house.verify();
}

pub fn a_log_from_the_future_is_refused_until_accepted(place: &dyn Place) {
    let house = stepped(place, NOW.minus(25 * HOUR));
    house.engine.close();
    let engine = still(&house.clock).over(place.store()).expect("it opens");
    refused(&engine, &house);
    assert_eq!(engine.seat_map(house.show).expect("reads go on").stats.booked, 1);
    engine.accept_clock().wait().expect("staff have looked at it");
    engine.hold(house.wish("bob", "A5")).wait().expect("time goes on from the log's last moment");
    assert_clean(&engine);
}

pub fn a_clock_that_is_set_right_needs_no_new_start(place: &dyn Place) {
    let house = stepped(place, NOW.minus(25 * HOUR));
    house.engine.close();
    let engine = still(&house.clock).over(place.store()).expect("it opens");
    refused(&engine, &house);
    assert!(engine.refuses_clock());
    house.clock.step_to(NOW.plus(MINUTE));
    let hold = engine.hold(house.wish("bob", "A5")).wait().expect("the clock is right again");
    assert_eq!(hold.expires_at, Some(NOW.plus(11 * MINUTE)));
    assert!(!engine.refuses_clock());
    assert_clean(&engine);
}

pub fn what_staff_accept_beside_it_is_accepted(place: &dyn Place) {
    let house = stepped(place, NOW.minus(25 * HOUR));
    house.engine.close();
    let engine = still(&house.clock).over(place.store()).expect("it opens");
    refused(&engine, &house);
    let beside = still(&house.clock).over(place.store()).expect("so does another");
    beside.accept_clock().wait().expect("staff have looked at it");
    engine.hold(house.wish("bob", "A5")).wait().expect("time goes on from the log's last moment");
    beside.close();
    assert_clean(&engine);
}

pub fn a_seed_gives_no_name_twice_on_one_file(place: &dyn Place) {
    let house = house(place, "A:5");
    house.engine.close();
    let seats = ["A1", "A2"].map(|seat| {
        let engine = still(&house.clock).seed(7).over(place.store()).expect("it opens");
        let hold = engine.hold(house.wish("bob", seat)).wait().expect("a free seat").id;
        engine.close();
        hold
    });
    assert_ne!(seats[0], seats[1], "at the same moment, in two processes after each other");
}

pub fn a_suspended_night_is_no_step(place: &dyn Place) {
    let house = stepped(place, NOW);
    house.pass(12 * HOUR);
    house.held("bob", "A2");
    house.verify();
}
