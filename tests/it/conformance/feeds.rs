//! The feed: committed events in order, resumable.

use seatcore::engine::feed::{Cursor, Feed, FeedItem, Growth, RESUME_EVENTS_MAX};
use seatcore::house::event::Seq;
use seatcore::id::Epoch;
use seatcore::{Extend, HoldDetails, Reply};
use std::time::Duration;
use support::house::{House, add_movie, add_show, house};
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

/// Whoever processes an event, keeps the cursor and is killed has the rest after resuming.
pub fn a_cursor_is_behind_what_was_handed_out(place: &dyn Place) {
    let house = house(place, "A:5");
    let mut feed = house.engine.feed_from_now(&[house.show]).expect("a feed");
    for seat in 1..=5 {
        house.held("ada", &format!("A{seat}"));
    }
    assert!(matches!(feed.try_next(), Ok(Some(FeedItem::Event(event))) if event.seq == 2));
    let kept = feed.cursor().clone();
    assert_eq!(kept, cursor_at(&house, 2));
    drop(feed);
    let mut feed = house.engine.feed(kept.clone()).expect("a feed");
    assert_eq!(feed.cursor(), &kept, "nothing was read yet");
    assert_eq!(seqs(&mut feed), through(3, 6));
    assert_eq!(feed.cursor(), &cursor_at(&house, 6));
}

pub fn a_cursor_of_another_history_stays_until_positions_are_set(place: &dyn Place) {
    let house = house(place, "A:5");
    let other = add_show(&house.engine, "A:5");
    let mut foreign = cursor_at(&house, 7);
    let epoch = foreign.epoch;
    foreign.epoch = Epoch::from_bits(epoch.bits() ^ 1);
    foreign.shows.insert(other, 9);
    let mut feed = house.engine.feed(foreign.clone()).expect("a feed");
    assert_eq!(feed.cursor(), &foreign, "its resets were not handed out");
    assert_eq!(seqs(&mut feed), [None, None]);
    assert_eq!(feed.cursor(), &foreign, "no snapshot was read");
    feed.set_position(house.show, 1);
    assert_eq!(feed.cursor().epoch, foreign.epoch, "the other show is still to be read");
    feed.set_position(other, 1);
    let shows = [(house.show, 1), (other, 1)].into();
    assert_eq!(feed.cursor(), &Cursor { epoch, shows });
    house.held("ada", "A1");
    assert_eq!(seqs(&mut feed), through(2, 2));
}

pub fn remembered_refusals_hide_no_gap(place: &dyn Place) {
    let house = house(place, "A:2");
    let mut feed = house.engine.feed_from_now(&[house.show]).expect("a feed");
    let kept = feed.cursor().clone();
    let booking = house.sold("lucky", "A1");
    let late = |number| house.wish(&format!("late {number}"), "A1").key("k");
    let replies: Vec<_> =
        (0..RESUME_EVENTS_MAX).map(|number| house.engine.hold(late(number))).collect();
    replies.into_iter().for_each(|reply| assert!(reply.wait().is_err()));
    assert_eq!(seqs(&mut feed), through(2, 3));
    let current = feed.cursor().clone();
    let mut behind = house.engine.feed(kept).expect("a feed");
    assert_eq!(seqs(&mut behind), [None], "two events lie before more notes than are read");
    behind.set_position(house.show, house.engine.seat_map(house.show).expect("a show").seq);
    let mut resumed = house.engine.feed(current).expect("a feed");
    assert_eq!(seqs(&mut resumed), [], "it has missed nothing");
    house.engine.cancel(seatcore::Cancel::new(booking.id.hold())).wait().expect("it is booked");
    assert_eq!(seqs(&mut behind), through(4, 4));
    assert_eq!(seqs(&mut resumed), through(4, 4));
}

pub fn a_show_is_followed_from_its_opening(place: &dyn Place) {
    let house = house(place, "A:5");
    let mut feed = house.engine.feed_from_now(&[]).expect("a feed");
    feed.hear_openings();
    let opened = House { show: add_show(&house.engine, "A:5"), ..house };
    opened.held("ada", "A1");
    let Ok(Some(FeedItem::Event(event))) = feed.try_next() else { panic!("no opening") };
    assert_eq!((event.show, event.seq), (opened.show, 1));
    feed.set_position(event.show, event.seq);
    assert_eq!(seqs(&mut feed), through(2, 2), "it was held before anybody looked");
    opened.held("bob", "A2");
    assert_eq!(seqs(&mut feed), through(3, 3));
}

/// Who takes all there is and only then sets the position has let events go by.
pub fn a_position_that_events_have_passed_is_reset(place: &dyn Place) {
    let house = house(place, "A:5");
    let mut feed = house.engine.feed_from_now(&[]).expect("a feed");
    feed.hear_openings();
    let opened = House { show: add_show(&house.engine, "A:5"), ..house };
    opened.held("ada", "A1");
    assert_eq!(seqs(&mut feed), through(1, 1));
    feed.set_position(opened.show, 1);
    assert_eq!(seqs(&mut feed), [None], "the second event went by");
    opened.held("bob", "A2");
    assert_eq!(seqs(&mut feed), [], "nothing until a snapshot was read");
    feed.set_position(opened.show, 3);
    opened.held("eve", "A3");
    assert_eq!(seqs(&mut feed), through(4, 4));
    feed.set_position(opened.show, 2);
    assert_eq!(seqs(&mut feed), [None], "what was given is not given again");
}

pub fn a_gap_is_told(place: &dyn Place) {
    let house = house(place, "A:5");
    let mut feed = house.engine.feed_from_now(&[]).expect("a feed");
    house.held("ada", "A1");
    house.held("bob", "A2");
    assert_eq!(seqs(&mut feed), [], "it listens to nothing");
    feed.set_position(house.show, 1);
    house.held("eve", "A3");
    assert_eq!(seqs(&mut feed), [None]);
    assert_eq!(feed.cursor(), &cursor_at(&house, 1), "resuming, it would have them all");
    feed.set_position(house.show, 4);
    house.held("tom", "A4");
    assert_eq!(seqs(&mut feed), through(5, 5));
}

pub fn a_position_behind_which_nothing_can_come_is_silent(place: &dyn Place) {
    let house = house(place, "A:5");
    let mut feed = house.engine.feed_from_now(&[house.show]).expect("a feed");
    feed.set_position(house.show, Seq::MAX);
    house.held("ada", "A1");
    assert_eq!(seqs(&mut feed), []);
    let last = cursor_at(&house, Seq::MAX);
    assert_eq!(seqs(&mut house.engine.feed(last).expect("a feed")), [None]);
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

/// The same where the show itself has gone on further than a cursor may lie behind.
pub fn a_reader_left_far_behind_is_reset(place: &dyn Place) {
    let house = house(place, "A:5");
    let mut feed = house.engine.feed_from_now(&[house.show]).expect("a feed");
    let hold = house.held("ada", "A1");
    let replies = extend_often(&house, &hold, 17_000);
    replies.into_iter().for_each(|reply| assert!(reply.wait().is_ok()));
    house.engine.follow().wait().expect("the tables follow");
    assert_eq!(feed.try_next(), Ok(Some(FeedItem::Reset(house.show))));
    assert_eq!(feed.cursor(), &cursor_at(&house, 1));
    let snapshot = house.engine.seat_map(house.show).expect("a show");
    feed.set_position(house.show, snapshot.seq);
    house.held("bob", "A2");
    assert_eq!(seqs(&mut feed), through(snapshot.seq + 1, snapshot.seq + 1));
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

pub fn growth_is_what_was_not_looked_at(place: &dyn Place) {
    let house = house(place, "A:5");
    let mut feed = house.engine.feed_from_now(&[house.show]).expect("a feed");
    assert_eq!(feed.try_next(), Ok(None));
    assert_eq!(feed.growth_within(Duration::ZERO), Growth::Quiet);
    house.held("ada", "A1");
    house.held("bob", "A2");
    assert!(feed.try_next().expect("a log").is_some());
    assert_eq!(feed.growth_within(PATIENCE), Growth::Grown, "the second is still there");
    assert_eq!(seqs(&mut feed), through(3, 3));
    assert_eq!(feed.growth_within(Duration::ZERO), Growth::Quiet);
}

/// What is added to the catalogue wakes whoever waits and is in no feed.
pub fn whoever_is_woken_for_nothing_waits_on(place: &dyn Place) {
    let house = house(place, "A:5");
    let mut feed = house.engine.feed_from_now(&[house.show]).expect("a feed");
    assert_eq!(feed.try_next(), Ok(None));
    std::thread::scope(|scope| {
        let waiter = scope.spawn(|| feed.growth_within(PATIENCE));
        for _ in 0..50 {
            add_movie(&house.engine);
        }
        house.held("ada", "A1");
        assert_eq!(waiter.join().expect("the waiter ends"), Growth::Grown);
    });
}

pub fn the_end_is_told_from_silence(place: &dyn Place) {
    let house = house(place, "A:5");
    let mut feed = house.engine.feed_from_now(&[house.show]).expect("a feed");
    assert_eq!(feed.next_within(Duration::ZERO), Ok(None));
    assert!(!feed.is_closed(), "nothing came, but something may");
    house.held("ada", "A1");
    house.engine.close();
    assert!(!feed.is_closed(), "something is still to be taken");
    assert_eq!(seqs(&mut feed), through(2, 2));
    assert!(feed.is_closed());
    assert_eq!(feed.next_within(PATIENCE), Ok(None));
}
