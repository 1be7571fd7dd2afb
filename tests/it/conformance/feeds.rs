//! The feed: committed events in order, resumable.

use seatcore::engine::feed::{Cursor, Feed, FeedItem, RESUME_EVENTS_MAX};
use seatcore::house::event::Seq;
use seatcore::id::Epoch;
use seatcore::{Extend, HoldDetails, Reply};
use std::time::Duration;
use support::house::{House, add_show, house};
use support::place::Place;

const PATIENCE: Duration = Duration::from_secs(10);

fn cursor_at(house: &House, seq: Seq) -> Cursor {
    let (epoch, _) = house.engine.position().expect("a position");
    Cursor { epoch, shows: [(house.show, seq)].into() }
}

/// The seqs of what is there by now; a reset counts as none.
fn seqs(feed: &mut Feed) -> Vec<Option<Seq>> {
    let mut seen = Vec::new();
    while let Some(item) = feed.try_next().expect("the log can be read") {
        seen.push(match item {
            FeedItem::Event(event) => Some(event.seq),
            FeedItem::Reset(_) => None,
        });
    }
    seen
}

fn through(from: Seq, to: Seq) -> Vec<Option<Seq>> {
    (from..=to).map(Some).collect()
}

fn extend_often(house: &House, hold: &HoldDetails, times: usize) -> Vec<Reply<HoldDetails>> {
    let ttl = Duration::from_secs(600);
    (0..times).map(|_| house.engine.extend_with(Extend::new(hold.id, ttl))).collect()
}

pub fn a_feed_has_every_event_once_and_in_order(place: &dyn Place) {
    let house = house(place, "A:50");
    house.held("ada", "A1");
    let mut feed = house.engine.feed(cursor_at(&house, 0)).expect("a feed");
    assert_eq!(seqs(&mut feed), through(1, 2), "what the log has behind the cursor");
    for number in 2..=50 {
        house.held(&format!("client {number}"), &format!("A{number}"));
    }
    assert_eq!(seqs(&mut feed), through(3, 51));
    assert_eq!(feed.cursor(), &cursor_at(&house, 51));
}

pub fn a_cursor_resumes_where_it_was_taken(place: &dyn Place) {
    let house = house(place, "A:5");
    let mut feed = house.engine.feed_from_now(&[house.show]).expect("a feed");
    house.held("ada", "A1");
    assert_eq!(seqs(&mut feed), through(2, 2));
    let kept = feed.cursor().to_string();
    drop(feed);
    house.sold("bob", "A2");
    let house = house.reopened(place);
    let cursor = kept.parse().expect("a cursor reads back");
    let mut feed = house.engine.feed(cursor).expect("a feed");
    assert_eq!(seqs(&mut feed), through(3, 4));
    house.held("eve", "A3");
    assert_eq!(seqs(&mut feed), through(5, 5));
}

pub fn a_cursor_of_another_history_is_reset(place: &dyn Place) {
    let house = house(place, "A:5");
    let mut foreign = cursor_at(&house, 1);
    foreign.epoch = Epoch::from_bits(foreign.epoch.bits() ^ 1);
    assert_reset_and_goes_on(&house, foreign);
}

pub fn a_cursor_ahead_of_the_log_is_reset(place: &dyn Place) {
    let house = house(place, "A:5");
    let ahead = cursor_at(&house, 99);
    assert_reset_and_goes_on(&house, ahead);
}

fn assert_reset_and_goes_on(house: &House, cursor: Cursor) {
    let mut feed = house.engine.feed(cursor).expect("a feed");
    assert_eq!(feed.try_next(), Ok(Some(FeedItem::Reset(house.show))));
    let snapshot = house.engine.seat_map(house.show).expect("a show");
    feed.set_position(house.show, snapshot.seq);
    house.held("ada", "A1");
    assert_eq!(seqs(&mut feed), through(2, 2));
}

pub fn a_cursor_too_far_behind_is_reset(place: &dyn Place) {
    let house = house(place, "A:5");
    let hold = house.held("ada", "A1");
    let replies = extend_often(&house, &hold, RESUME_EVENTS_MAX);
    replies.into_iter().for_each(|reply| assert!(reply.wait().is_ok()));
    let mut near = house.engine.feed(cursor_at(&house, 2)).expect("a feed");
    assert_eq!(seqs(&mut near), through(3, 2 + RESUME_EVENTS_MAX as Seq));
    let mut far = house.engine.feed(cursor_at(&house, 1)).expect("a feed");
    assert_eq!(seqs(&mut far), [None]);
}

/// More events than are kept in memory pass between two looks of a reader, most of them in
/// another show. It must get its own without a gap, and what comes after them too.
pub fn a_slow_reader_falls_back_on_the_log(place: &dyn Place) {
    let house = house(place, "A:60");
    let mut feed = house.engine.feed_from_now(&[house.show]).expect("a feed");
    let quiet = house.show;
    let busy = House { show: add_show(&house.engine, "A:5"), ..house };
    let hold = busy.held("ada", "A1");
    let mut replies = Vec::new();
    let wish = |number: u32| seatcore::Hold::new(quiet, [format!("A{number}")]);
    for number in 1..=50_u32 {
        replies.push(busy.engine.hold(wish(number).by(format!("client {number}"))));
        replies.extend(extend_often(&busy, &hold, 340));
    }
    replies.into_iter().for_each(|reply| assert!(reply.wait().is_ok()));
    assert_eq!(seqs(&mut feed), through(2, 51));
    busy.engine.hold(wish(51).by("last")).wait().expect("free");
    assert_eq!(seqs(&mut feed), through(52, 52));
}

pub fn two_feeds_see_the_same(place: &dyn Place) {
    let house = house(place, "A:5");
    let other = add_show(&house.engine, "A:5");
    let mut one = house.engine.feed_from_now(&[house.show]).expect("a feed");
    let mut both = house.engine.feed_from_now(&[house.show, other]).expect("a feed");
    house.held("ada", "A1");
    house.engine.hold(seatcore::Hold::new(other, ["A1"]).by("ada")).wait().expect("free");
    house.held("bob", "A2");
    assert_eq!(seqs(&mut one), through(2, 3));
    assert_eq!(seqs(&mut both), [Some(2), Some(2), Some(3)]);
}

pub fn a_waiting_reader_is_woken(place: &dyn Place) {
    let house = house(place, "A:5");
    let mut feed = house.engine.feed_from_now(&[house.show]).expect("a feed");
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| feed.next_within(PATIENCE));
        house.held("ada", "A1");
        let item = reader.join().expect("the reader ends").expect("the log can be read");
        assert!(matches!(item, Some(FeedItem::Event(event)) if event.seq == 2));
    });
}

pub fn a_feed_ends_with_its_engine(place: &dyn Place) {
    let house = house(place, "A:5");
    let mut feed = house.engine.feed_from_now(&[house.show]).expect("a feed");
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| feed.next_within(Duration::from_secs(600)));
        house.engine.close();
        assert_eq!(reader.join().expect("the reader ends"), Ok(None));
    });
}
