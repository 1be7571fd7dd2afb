//! Commits that fail, disks that are full, locks that are not to be had.

use seatcore::error::{Code, Error, StorageReason};
use seatcore::house::seat::SeatState;
use seatcore::{Failure, HoldDetails, Reply};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use support::fault::{Fault, Faulty, Switch};
use support::house::{House, code, house_over};
use support::place::Place;

fn faulty(place: &dyn Place) -> (House, Switch) {
    let (store, switch) = Faulty::over(place.store());
    (house_over(store, "A:9"), switch)
}

pub fn a_lost_commit_is_unknown_and_the_retry_decides_anew(place: &dyn Place) {
    let (house, switch) = faulty(place);
    let wish = || house.wish("ada", "A1").key("k");
    switch.arm(Fault::CommitLost);
    assert_eq!(code(house.engine.hold(wish()).wait()), Code::OutcomeUnknown);
    assert_eq!(house.seat("A1"), SeatState::Available);
    let retry = house.engine.hold(wish()).answer();
    assert!(retry.result.is_ok() && !retry.replayed, "{retry:?}");
    assert_eq!(house.story(), ["show_opened", "held"]);
    house.verify();
}

pub fn a_written_commit_is_unknown_and_the_retry_replays(place: &dyn Place) {
    let (house, switch) = faulty(place);
    let wish = || house.wish("ada", "A1").key("k");
    switch.arm(Fault::CommitWritten);
    assert_eq!(code(house.engine.hold(wish()).wait()), Code::OutcomeUnknown);
    assert_eq!(house.seat("A1"), SeatState::Held);
    assert_eq!(code(house.hold("bob", "A1")), Code::SeatHeld);
    let retry = house.engine.hold(wish()).answer();
    assert!(retry.result.is_ok() && retry.replayed, "{retry:?}");
    assert_eq!(house.story(), ["show_opened", "held"]);
    house.verify();
}

/// Polls once, without waiting.
fn is_answered(mut reply: Reply<HoldDetails>) -> bool {
    let mut context = Context::from_waker(Waker::noop());
    matches!(Pin::new(&mut reply).poll(&mut context), Poll::Ready(_))
}

pub fn nothing_is_told_before_the_commit(place: &dyn Place) {
    let (house, switch) = faulty(place);
    let mut feed = house.engine.feed_from_now(&[house.show]).expect("a feed");
    assert_eq!(house.seat("A1"), SeatState::Available);
    switch.close_gate();
    let reply = house.engine.hold(house.wish("ada", "A1"));
    switch.wait_at_gate();
    let seat = house.seat("A1");
    let (answered, told) = (is_answered(reply), feed.try_next().expect("a feed").is_some());
    switch.open_gate();
    assert!(!answered, "a reply came before its commit");
    assert!(!told, "the feed told of what was not committed");
    assert_eq!(seat, SeatState::Available, "a snapshot showed what was not committed");
    assert_eq!(house.engine.follow().wait().map(drop), Ok(()));
    assert_eq!(house.seat("A1"), SeatState::Held, "a reply that nobody waits for undoes nothing");
}

/// Everything in a commit shares its fate, refusals included: they were decided on it.
pub fn neighbours_of_an_unknown_commit_are_unknown_too(place: &dyn Place) {
    let (house, switch) = faulty(place);
    let seats = ["A1", "A2", "A2", "A3"];
    let wishes = || -> Vec<_> {
        let wish = |(at, seat): (usize, &&str)| house.wish(&format!("client {at}"), seat).key("k");
        seats.iter().enumerate().map(wish).collect()
    };
    switch.arm(Fault::CommitLost);
    switch.arm(Fault::CommitWritten);
    switch.close_gate();
    let mut wished = wishes().into_iter();
    let first = house.engine.hold(wished.next().expect("four of them"));
    switch.wait_at_gate();
    let rest: Vec<_> = wished.map(|wish| house.engine.hold(wish)).collect();
    switch.open_gate();
    let fates: Vec<_> = std::iter::once(first).chain(rest).map(|r| code(r.wait())).collect();
    assert_eq!(fates, [Code::OutcomeUnknown; 4]);
    let retries: Vec<_> = wishes().into_iter().map(|w| house.engine.hold(w).answer()).collect();
    let said: Vec<_> = retries.iter().map(|a| (a.result.is_ok(), a.replayed)).collect();
    assert_eq!(said, [(true, false), (true, true), (false, true), (true, true)]);
    house.verify();
}

pub fn a_full_disk_changes_nothing_and_passes(place: &dyn Place) {
    let (house, switch) = faulty(place);
    let hold = house.held("ada", "A1");
    let before = (house.engine.position(), house.engine.seat_map(house.show));
    switch.arm(Fault::AppendDiskFull);
    let refused = house.engine.book(hold.id).wait().expect_err("the disk is full");
    let Failure::Fault(Error::Storage { reason: StorageReason::DiskFull, .. }) = refused else {
        panic!("{refused:?} is not a full disk");
    };
    assert_eq!((house.engine.position(), house.engine.seat_map(house.show)), before);
    house.engine.book(hold.id).wait().expect("there is space again");
    house.verify();
}

/// Nobody waits for ever, and nobody is told to come back to a writer that is gone.
pub fn a_writer_that_panics_says_so(place: &dyn Place) {
    let (house, switch) = faulty(place);
    switch.arm(Fault::AppendPanics);
    assert_eq!(code(house.hold("ada", "A1")), Code::OutcomeUnknown);
    // Who was queued before the writer's end was noticed is in doubt, as she is.
    let later = || house.hold("bob", "A2").expect_err("nobody writes any more");
    let doubted = |refused: &Failure| refused.code() == Code::OutcomeUnknown;
    let refused = std::iter::repeat_with(later).find(|no| !doubted(no)).expect("it ends");
    assert!(!refused.retryable(), "{refused:?}");
    assert_eq!(refused.code(), Code::Storage);
}

pub fn a_busy_lock_changes_nothing_and_passes(place: &dyn Place) {
    let (house, switch) = faulty(place);
    house.engine.follow().wait().expect("nothing is left to follow");
    switch.arm(Fault::BeginBusy);
    let refused = house.hold("ada", "A1");
    assert!(refused.as_ref().is_err_and(Failure::retryable), "{refused:?}");
    assert_eq!((code(refused), switch.spent()), (Code::Busy, true));
    house.held("bob", "A1");
    house.verify();
}

pub fn a_failed_recovery_is_tried_again(place: &dyn Place) {
    let (house, switch) = faulty(place);
    switch.arm(Fault::CommitWritten);
    switch.arm(Fault::RecoverFails);
    switch.arm(Fault::RecoverFails);
    let wish = || house.wish("ada", "A1").key("k");
    assert_eq!(code(house.engine.hold(wish()).wait()), Code::OutcomeUnknown);
    assert_eq!(code(house.engine.hold(wish()).wait()), Code::Storage, "still broken");
    let retry = house.engine.hold(wish()).answer();
    assert!(retry.result.is_ok() && retry.replayed, "{retry:?}");
    house.verify();
}

pub fn a_lost_seat_is_sold_once(place: &dyn Place) {
    let (house, switch) = faulty(place);
    let hold = house.held("ada", "A1");
    switch.arm(Fault::CommitLost);
    let book = || seatcore::Book::new(hold.id).key("k");
    assert_eq!(code(house.engine.book(book()).wait()), Code::OutcomeUnknown);
    house.pass(std::time::Duration::from_secs(600));
    house.sold("bob", "A1");
    assert_eq!(code(house.engine.book(book()).wait()), Code::HoldExpired);
    assert_eq!(house.engine.verify().expect("a log").sold, 1);
    house.verify();
}

pub fn a_feed_never_tells_what_was_lost(place: &dyn Place) {
    let (house, switch) = faulty(place);
    let mut feed = house.engine.feed_from_now(&[house.show]).expect("a feed");
    house.held("ada", "A1");
    switch.arm(Fault::CommitLost);
    house.hold("bob", "A2").expect_err("lost");
    switch.arm(Fault::CommitWritten);
    house.hold("eve", "A3").expect_err("unknown, but written");
    house.held("tom", "A4");
    let mut told = Vec::new();
    while let Some(seatcore::engine::feed::FeedItem::Event(event)) =
        feed.try_next().expect("a feed")
    {
        told.push((event.seq, event.holder.map(|holder| holder.to_string())));
    }
    let expected = [(2, "ada"), (3, "eve"), (4, "tom")];
    assert_eq!(told, expected.map(|(seq, who)| (seq, Some(who.to_owned()))));
}
