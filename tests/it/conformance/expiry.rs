//! Deadlines: true at read time, with no job running.

use seatcore::clock::Stopwatch;
use seatcore::engine::feed::FeedItem;
use seatcore::error::Code;
use seatcore::house::event::Kind;
use seatcore::house::seat::SeatState;
use seatcore::{Engine, Hold, HoldDetails};
use std::time::Duration;
use support::house::{House, add_show, code, house, still};
use support::place::Place;

const TTL: Duration = Duration::from_secs(60);
const MILLISECOND: Duration = Duration::from_millis(1);

fn held_for_a_minute(place: &dyn Place) -> (House, HoldDetails) {
    let house = house(place, "A:5");
    let hold = house.engine.hold(house.wish("ada", "A1 A2").ttl(TTL)).wait().expect("free");
    assert_eq!(
        (hold.expires_in_ms, hold.expires_at),
        (Some(60_000), Some(house.engine.now().plus(TTL)))
    );
    (house, hold)
}

pub fn a_millisecond_before_the_deadline_the_hold_is_live(place: &dyn Place) {
    let (house, hold) = held_for_a_minute(place);
    house.pass(TTL - MILLISECOND);
    assert_eq!(house.seat("A1"), SeatState::Held);
    assert_eq!(house.engine.stats(house.show).expect("a show").held, 2);
    assert_eq!(code(house.hold("bob", "A1")), Code::SeatHeld);
    assert_eq!(house.engine.find_hold(hold.id).expect("known").expires_in_ms, Some(1));
    house.engine.book(hold.id).wait().expect("it is live");
    house.verify();
}

pub fn at_the_deadline_the_hold_is_dead(place: &dyn Place) {
    let (house, hold) = held_for_a_minute(place);
    house.pass(TTL);
    assert_dead(&house, &hold);
}

pub fn a_millisecond_after_the_deadline_the_hold_is_dead(place: &dyn Place) {
    let (house, hold) = held_for_a_minute(place);
    house.pass(TTL + MILLISECOND);
    assert_dead(&house, &hold);
}

fn assert_dead(house: &House, hold: &HoldDetails) {
    assert_eq!(house.seat("A1"), SeatState::Available);
    assert_eq!(house.engine.stats(house.show).expect("a show").available, 5);
    assert_eq!(house.engine.live_holds(None, Some(house.show)), Ok(Vec::new()));
    assert_eq!(code(house.engine.book(hold.id).wait()), Code::HoldExpired, "nobody took it yet");
    assert_eq!(code(house.engine.release(hold.id).wait()), Code::HoldExpired);
    assert_eq!(code(house.engine.extend(hold.id, TTL).wait()), Code::HoldExpired);
    house.held("bob", "A1");
    assert_eq!(code(house.engine.book(hold.id).wait()), Code::HoldExpired, "somebody took it");
    house.verify();
}

pub fn the_sweep_publishes_each_lapse_once(place: &dyn Place) {
    let house = house(place, "A:9");
    for seat in ["A1", "A2 A3", "A4"] {
        house.engine.hold(house.wish("ada", seat).ttl(TTL)).wait().expect("free");
    }
    house.pass(TTL);
    assert_eq!(house.engine.sweep().wait(), Ok(3));
    assert_eq!(house.engine.sweep().wait(), Ok(0));
    assert_eq!(
        house.story(),
        ["show_opened", "held", "held", "held", "expired", "expired", "expired"]
    );
    house.verify();
}

pub fn a_lapse_that_a_command_meets_is_published_before_it(place: &dyn Place) {
    let (house, _) = held_for_a_minute(place);
    house.pass(TTL);
    house.held("bob", "A2");
    assert_eq!(house.story(), ["show_opened", "held", "expired", "held"]);
    assert_eq!(house.engine.sweep().wait(), Ok(0), "it is published already");
    house.verify();
}

pub fn the_sweep_reaches_shows_that_were_evicted(place: &dyn Place) {
    let house = house(place, "A:9");
    let small = still(&house.clock).house_budget(1).over(place.store()).expect("it opens");
    let shows: Vec<_> = (0..5).map(|_| add_show(&small, "A:9")).collect();
    for show in &shows {
        small.hold(Hold::new(*show, ["A1"]).by("ada").ttl(TTL)).wait().expect("free");
    }
    small.follow().wait().expect("the tables follow");
    assert_eq!(small.house_weight().expect("an answer").1, 0, "every house was evicted");
    house.pass(TTL);
    assert_eq!(small.sweep().wait(), Ok(5));
    house.verify();
}

/// Whoever held seats before a restart is not looked for by anybody, and other shows sell on.
pub fn lapses_of_a_show_nobody_asks_for_are_published_beside_sales(place: &dyn Place) {
    let before = Engine::builder().over(place.store()).expect("it opens");
    let (held, sold) = (add_show(&before, "A:5"), add_show(&before, "A:5"));
    let hold = Hold::new(held, ["A1"]).by("ada").ttl(Duration::from_secs(1));
    before.hold(hold).wait().expect("free");
    let cursor = before.feed_from_now(&[held]).expect("a feed").cursor().clone();
    before.close();
    let after = Engine::builder().over(place.store()).expect("it opens");
    let mut feed = after.feed(cursor).expect("a feed");
    let watch = Stopwatch::start();
    let heard = loop {
        let wish = Hold::new(sold, ["A1"]).by("bob");
        after.hold(wish).wait().expect("free, or bob's");
        match feed.try_next().expect("the log can be read") {
            Some(FeedItem::Event(event)) => break event.kind,
            other => assert_eq!(other, None),
        }
        assert!(watch.elapsed() < Duration::from_secs(10), "nobody was told");
    };
    assert_eq!(heard, Kind::Expired);
}

pub fn lapses_are_published_while_nobody_asks(place: &dyn Place) {
    let engine = Engine::builder().over(place.store()).expect("it opens");
    let show = add_show(&engine, "A:5");
    let mut feed = engine.feed_from_now(&[show]).expect("a feed");
    engine
        .hold(Hold::new(show, ["A1"]).by("ada").ttl(Duration::from_secs(1)))
        .wait()
        .expect("free");
    for expected in [Kind::Held, Kind::Expired] {
        let item = feed.next_within(Duration::from_secs(10)).expect("the log can be read");
        let Some(FeedItem::Event(event)) = item else { panic!("no {expected}: {item:?}") };
        assert_eq!(event.kind, expected);
    }
}
