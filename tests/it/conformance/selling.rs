//! Hold, book, release, cancel, block.

use seatcore::error::Code;
use seatcore::house::hold::HoldState;
use seatcore::house::outcome::TicketState;
use seatcore::house::seat::SeatState;
use seatcore::house::{Stats, rejection::Rejection};
use seatcore::id::{BookingId, Holder};
use seatcore::store::BookingFilter;
use seatcore::{Block, Book, Cancel, CancelShow, Hold, Release, ShowId, Unblock};
use std::collections::HashSet;
use std::time::Duration;
use support::house::{House, PRICE, code, house};
use support::place::Place;

pub fn a_booking_is_what_was_held(place: &dyn Place) {
    let house = house(place, "A-B:5");
    let hold = house.held("ada", "A1 A2");
    assert_eq!((hold.seats.join(" "), hold.state), ("A1 A2".into(), HoldState::Held));
    let booking = house.engine.book(hold.id).wait().expect("the hold is live");
    assert_eq!(
        (booking.id, &booking.seats, booking.tickets.len()),
        (hold.id.into(), &hold.seats, 2)
    );
    assert_eq!(booking.total.amount_minor, 2 * i64::from(PRICE));
    assert_eq!(house.engine.booking(booking.id), Ok(booking.clone()));
    assert_eq!(house.engine.bookings(&BookingFilter::default()), Ok(vec![booking.clone()]));
    for ticket in &booking.tickets {
        let found = house.engine.ticket(ticket.code).expect("the code decodes");
        assert_eq!(found, (booking.clone(), ticket.clone()));
        assert_eq!(ticket.code.to_string().parse(), Ok(ticket.code));
    }
    let stats = Stats { available: 8, held: 0, booked: 2, blocked: 0, capacity: 10 };
    assert_eq!(house.engine.stats(house.show), Ok(stats));
    house.verify();
}

/// A person who tries again under a new order number gets their own seats again.
pub fn a_customer_s_second_order_moves_the_seats_of_the_first(place: &dyn Place) {
    let house = house(place, "A:5");
    let first = house.engine.hold(house.wish("ada", "A1 A2").reference("order 1")).wait();
    let second = house.engine.hold(house.wish("ada", "A1 A2").reference("order 2")).wait();
    let (first, second) = (first.expect("free"), second.expect("their own seats"));
    assert_eq!(
        (second.seats.join(" "), second.reference.as_deref()),
        ("A1 A2".into(), Some("order 2"))
    );
    assert_eq!(code(house.engine.book(first.id).wait()), Code::HoldEnded);
    house.verify();
}

/// A till holds for many buyers under its key, and says for whom by its reference.
pub fn a_till_s_second_buyer_does_not_get_the_first_one_s_seat(place: &dyn Place) {
    let house = house(place, "A:5");
    let wish = |seats: &str, buyer: &str| house.wish("key:till", seats).reference(buyer);
    let first = house.engine.hold(wish("A1 A2", "buyer 1")).wait().expect("free seats");
    let refused = house.engine.hold(wish("A2 A3", "buyer 2")).wait();
    assert_eq!(code(refused), Code::SeatHeld);
    let moved = house.engine.hold(wish("A2 A3", "buyer 1")).wait().expect("their own seat");
    assert_eq!(moved.seats, ["A2", "A3"]);
    house.held("key:till", "A1");
    assert_eq!(code(house.engine.book(first.id).wait()), Code::HoldEnded);
    house.verify();
}

pub fn a_released_seat_is_free_again(place: &dyn Place) {
    let house = house(place, "A:5");
    let hold = house.held("ada", "A1 A2 A3");
    let left = house.engine.release(Release::new(hold.id).seats(["A2"])).wait().expect("live");
    assert_eq!((left.seats.join(" "), left.state), ("A1 A3".into(), HoldState::Held));
    house.held("bob", "A2");
    let gone = house.engine.release(hold.id).wait().expect("live");
    assert_eq!((gone.seats.join(" "), gone.state), ("A1 A3".into(), HoldState::Released));
    assert_eq!(code(house.engine.book(hold.id).wait()), Code::HoldEnded);
    house.held("bob", "A1 A3");
    house.verify();
}

pub fn a_cancelled_booking_frees_its_seats_and_voids_its_tickets(place: &dyn Place) {
    let house = house(place, "A:5");
    let booking = house.sold("ada", "A1 A2");
    let cancelled = house.engine.cancel(Cancel::new(booking.id).reason("ill")).wait();
    let cancelled = cancelled.expect("it was booked");
    assert_eq!(cancelled.state, HoldState::Cancelled);
    let (found, ticket) = house.engine.ticket(booking.tickets[0].code).expect("still known");
    assert_eq!((&found, ticket.state), (&cancelled, TicketState::Void));
    assert_eq!(house.engine.booking(booking.id), Ok(cancelled));
    assert_eq!(house.seat("A1"), SeatState::Available);
    assert_eq!(code(house.engine.cancel(booking.id).wait()), Code::HoldEnded);
    house.sold("bob", "A1");
    house.verify();
}

pub fn a_blocked_seat_is_off_sale_until_unblocked(place: &dyn Place) {
    let house = house(place, "A:5");
    let (engine, show) = (&house.engine, house.show);
    engine.block(Block::new(show, ["A1"]).by("sam").reason("broken")).wait().expect("it is free");
    assert_eq!(house.seat("A1"), SeatState::Blocked);
    assert_eq!(code(house.hold("ada", "A1")), Code::SeatBlocked);
    engine.unblock(Unblock::new(show, ["A1"]).by("sam")).wait().expect("it is blocked");
    house.held("ada", "A1");
    assert_eq!(code(engine.block(Block::new(show, ["A1"]).by("sam")).wait()), Code::SeatHeld);
    let forced = engine.block(Block::new(show, ["A1"]).by("sam").force()).wait();
    assert_eq!(forced.expect("force takes it out of the hold").state, HoldState::Blocked);
    house.verify();
}

/// Who placed a block does not own its seats, and a block is no hold, also once it is gone.
pub fn a_block_is_nobody_s_hold(place: &dyn Place) {
    let house = house(place, "A:5");
    let (engine, show) = (&house.engine, house.show);
    let block = engine.block(Block::new(show, ["A1"]).by("sam").reason("broken")).wait();
    let block = block.expect("it is free").id;
    let sam = Holder::parse("sam").expect("a name");
    let seats = engine.seats(show, Some(&sam)).expect("a list");
    assert_eq!((seats[0].mine, seats[0].price.amount_minor), (false, i64::from(PRICE)));
    let is_missing = || {
        assert_eq!(code(engine.find_hold(block)), Code::NotFound);
        assert_eq!(code(engine.extend(block, Duration::from_secs(60)).wait()), Code::NotFound);
        assert_eq!(code(engine.release(block).wait()), Code::NotFound);
        assert_eq!(code(engine.book(block).wait()), Code::NotFound);
    };
    is_missing();
    engine.unblock(Unblock::new(show, ["A1"]).by("sam")).wait().expect("it is blocked");
    is_missing();
    let hold = house.held("ada", "A2");
    engine.cancel_show(CancelShow::new(show).by("sam")).wait().expect("it is on");
    assert_eq!(
        code(engine.cancel(BookingId::from(hold.id)).wait()),
        Code::NotFound,
        "never booked"
    );
    house.verify();
}

pub fn all_seats_or_none(place: &dyn Place) {
    let house = house(place, "A:5");
    house.sold("ada", "A3");
    house.held("bob", "A2");
    let refused = house.hold("eve", "A1 A2 A3 A9").expect_err("three of four cannot be had");
    let seatcore::Failure::Rejected(Rejection::Seats { conflicts }) = &refused else {
        panic!("{refused:?} names no seats");
    };
    let said: Vec<_> = conflicts.iter().map(|c| (&*c.seat, c.fault.code())).collect();
    let expected = [("A2", Code::SeatHeld), ("A3", Code::SeatBooked), ("A9", Code::UnknownSeat)];
    assert_eq!((said.as_slice(), refused.code()), (&expected[..], Code::UnknownSeat));
    assert_eq!(house.seat("A1"), SeatState::Available);
    house.verify();
}

pub fn a_part_is_booked_and_the_rest_kept(place: &dyn Place) {
    let house = house(place, "A:5");
    let hold = house.held("ada", "A1 A2 A3");
    let booking = house.engine.book(Book::new(hold.id).seats(["A1"]).keep_rest()).wait();
    let booking = booking.expect("the hold is live");
    assert_ne!(booking.id, hold.id.into(), "the booking has an id of its own");
    let rest = house.engine.find_hold(hold.id).expect("the hold goes on");
    assert_eq!((rest.seats.join(" "), rest.expires_at), ("A2 A3".into(), hold.expires_at));
    house.engine.book(Book::new(hold.id).seats(["A2"])).wait().expect("the hold is live");
    assert_eq!(house.seat("A3"), SeatState::Available, "the rest goes without keep_rest");
    house.verify();
}

pub fn tickets_are_never_numbered_twice(place: &dyn Place) {
    let house = house(place, "A:2");
    let mut codes = HashSet::new();
    for _ in 0..10 {
        let booking = house.sold("ada", "A1 A2");
        assert!(booking.tickets.iter().all(|ticket| codes.insert(ticket.code)));
        house.engine.cancel(booking.id).wait().expect("it was booked");
    }
    house.verify();
}

pub fn a_cancelled_show_ends_everything_in_it(place: &dyn Place) {
    let house = house(place, "A:5");
    let (booking, hold) = (house.sold("ada", "A1"), house.held("bob", "A2"));
    house.engine.cancel_show(CancelShow::new(house.show).by("sam")).wait().expect("not yet");
    assert_eq!(house.engine.stats(house.show).expect("it is known").available, 5);
    assert_eq!(code(house.hold("eve", "A3")), Code::ShowCancelled);
    assert_eq!(house.engine.booking(booking.id).expect("known").state, HoldState::Cancelled);
    assert_eq!(house.engine.find_hold(hold.id).expect("known").state, HoldState::Cancelled);
    let (_, ticket) = house.engine.ticket(booking.tickets[0].code).expect("known");
    assert_eq!(ticket.state, TicketState::Void);
    house.verify();
}

pub fn best_available_takes_what_is_free(place: &dyn Place) {
    let house = house(place, "A:5");
    house.sold("ada", "A3");
    let best = |count, who: &str| house.engine.hold(Hold::best(house.show, count).by(who)).wait();
    let together = Hold::best(house.show, 3).together().by("eve");
    assert_eq!(code(house.engine.hold(together).wait()), Code::NoBlockTogether);
    assert_eq!(best(4, "eve").expect("two and two").seats, ["A1", "A2", "A4", "A5"]);
    assert_eq!(code(best(1, "bob")), Code::SoldOut);
    house.verify();
}

pub fn an_unknown_show_is_not_found(place: &dyn Place) {
    let House { engine, .. } = house(place, "A:5");
    let nowhere = ShowId::new(4_711).expect("a number");
    assert_eq!(code(engine.hold(Hold::new(nowhere, ["A1"]).by("ada")).wait()), Code::NotFound);
    assert_eq!(code(engine.seat_map(nowhere)), Code::NotFound);
    assert_eq!(code(engine.history(nowhere, None, 10)), Code::NotFound);
}
