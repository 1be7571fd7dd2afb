//! Lists and questions.

use seatcore::catalogue::price::PricePatch;
use seatcore::catalogue::show::ShowFilter;
use seatcore::error::Code;
use seatcore::house::command::ShowPatch;
use seatcore::house::event::{Kind, Source};
use seatcore::house::hold::HoldState;
use seatcore::house::seat::SeatState;
use seatcore::id::Holder;
use seatcore::money::Currency;
use seatcore::store::BookingFilter;
use seatcore::{Block, Cancel, ChangeShow, Hold};
use std::time::Duration;
use support::house::{House, PRICE, add_show, code, house};
use support::place::Place;

fn holder(name: &str) -> Holder {
    Holder::parse(name).expect("a name")
}

pub fn history_is_newest_first(place: &dyn Place) {
    let house = house(place, "A:9");
    for number in 1..=9 {
        house.held(&format!("client {number}"), &format!("A{number}"));
    }
    house.engine.hold(house.wish("ada", "A1").key("k")).wait().expect_err("a note is no event");
    let page = |before, limit| house.engine.history(house.show, before, limit).expect("a page");
    let seqs = |page: &[seatcore::engine::feed::Activity]| -> Vec<_> {
        page.iter().map(|event| event.seq).collect()
    };
    assert_eq!(seqs(&page(None, 100)), (1..=10).rev().collect::<Vec<_>>());
    let first = page(None, 5);
    let rest = page(first.last().map(|event| event.n), 100);
    assert_eq!([seqs(&first), seqs(&rest)].concat(), (1..=10).rev().collect::<Vec<_>>());
    let other = add_show(&house.engine, "A:2");
    for (show, before) in [(house.show, 999), (other, first[0].n)] {
        assert_eq!(code(house.engine.history(show, Some(before), 5)), Code::Invalid);
    }
}

pub fn activity_says_who_and_why(place: &dyn Place) {
    let house = house(place, "A:5");
    let engine = &house.engine;
    let booking = house.sold("ada", "A1 A2");
    let cancel = Cancel::new(booking.id).by_staff("sam").reason("ill").source(Source::Http);
    engine.cancel(cancel).wait().expect("staff may");
    engine.block(Block::new(house.show, ["A3"]).by("sam").reason("broken")).wait().expect("free");
    let events = engine.history(house.show, None, 2).expect("a page");
    let (block, cancelled) = (&events[0], &events[1]);
    assert_eq!((block.kind, block.reason.as_deref()), (Kind::Blocked, Some("broken")));
    assert_eq!(cancelled.reason.as_deref(), Some("ill"));
    assert_eq!(cancelled.actor, Some(holder("sam")));
    assert_eq!((cancelled.holder.as_ref(), cancelled.source), (Some(&holder("ada")), Source::Http));
    let plan = engine.seat_map(house.show).expect("a show").layout.clone();
    assert_eq!(cancelled.seats(&plan), ["A1", "A2"]);
}

fn twenty_bookings(place: &dyn Place) -> House {
    let house = house(place, "A:40");
    for number in 1..=20 {
        house.sold(&format!("client {}", number % 2), &format!("A{number}"));
    }
    house
}

fn first_seats(house: &House, filter: &BookingFilter) -> Vec<String> {
    let list = house.engine.bookings(filter).expect("a page");
    list.into_iter().map(|mut booking| booking.seats.remove(0)).collect()
}

pub fn bookings_are_newest_first_and_paged(place: &dyn Place) {
    let house = twenty_bookings(place);
    let other = add_show(&house.engine, "A:5");
    let hold = house.engine.hold(Hold::new(other, ["A5"]).by("client 0")).wait().expect("free");
    house.engine.book(hold.id).wait().expect("live");
    let of_show = BookingFilter { show: Some(house.show), ..BookingFilter::default() };
    let all: Vec<_> = (1..=20).rev().map(|number| format!("A{number}")).collect();
    assert_eq!(first_seats(&house, &of_show), all);
    let one = BookingFilter { holder: Some(holder("client 1")), limit: 5, ..of_show.clone() };
    assert_eq!(first_seats(&house, &one), ["A19", "A17", "A15", "A13", "A11"]);
    let last = house.engine.bookings(&one).expect("a page").pop().expect("five of them");
    let next = BookingFilter { before: Some(last.id), ..one };
    assert_eq!(first_seats(&house, &next), ["A9", "A7", "A5", "A3", "A1"]);
    let everywhere = BookingFilter { limit: 2, ..BookingFilter::default() };
    assert_eq!(first_seats(&house, &everywhere), ["A5", "A20"]);
}

/// Whoever looked has the tables follow; the very next record must be followed as well.
pub fn what_happens_after_a_list_is_in_the_next_one(place: &dyn Place) {
    let house = house(place, "A:5");
    let booking = house.sold("ada", "A1");
    let states = || {
        let listed = house.engine.bookings(&BookingFilter::default()).expect("a page");
        listed.iter().map(|booking| booking.state).collect::<Vec<_>>()
    };
    assert_eq!(states(), [HoldState::Booked]);
    house.engine.cancel(booking.id).wait().expect("it was booked");
    assert_eq!(states(), [HoldState::Cancelled]);
}

/// More readers at once than there are connections, each in the middle of a list.
pub fn pages_are_read_by_many_at_once(place: &dyn Place) {
    let house = twenty_bookings(place);
    let newest = house.engine.bookings(&BookingFilter::default()).expect("a page").remove(0);
    let page = BookingFilter { before: Some(newest.id), ..BookingFilter::default() };
    std::thread::scope(|scope| {
        let read = || (0..20).all(|_| house.engine.bookings(&page).is_ok_and(|p| p.len() == 19));
        let readers: Vec<_> = (0..32).map(|_| scope.spawn(read)).collect();
        assert!(readers.into_iter().all(|reader| reader.join().expect("no reader panics")));
    });
}

pub fn shows_are_listed_and_counted(place: &dyn Place) {
    let house = house(place, "A:5");
    let other = add_show(&house.engine, "A:7");
    house.sold("ada", "A1");
    house.engine.hold(Hold::new(other, ["A1", "A2"]).by("bob")).wait().expect("free");
    let counts = |house: &House| -> Vec<_> {
        let rows = house.engine.shows(&ShowFilter::default()).expect("a list");
        rows.iter().map(|r| (r.show.id, r.stats.held, r.stats.booked, r.stats.available)).collect()
    };
    assert_eq!(counts(&house), [(house.show, 0, 1, 4), (other, 2, 0, 5)]);
    house.pass(Duration::from_secs(600));
    assert_eq!(counts(&house)[1], (other, 0, 0, 7), "a lapse counts without an event");
    let start = house.engine.show(house.show).expect("a show").opening.terms.starts_at;
    let behind = ShowFilter { after: Some((start, house.show)), ..ShowFilter::default() };
    let rows = house.engine.shows(&behind).expect("a list");
    assert_eq!(rows.iter().map(|row| row.show.id).collect::<Vec<_>>(), [other]);
}

pub fn seats_are_listed_for_their_asker(place: &dyn Place) {
    let house = house(place, "A:3*stalls; B:2");
    house.held("ada", "A2");
    let rows = house.engine.seats(house.show, Some(&holder("ada"))).expect("a list");
    let said: Vec<_> = rows.iter().map(|row| (&*row.seat, row.status, row.mine)).collect();
    assert_eq!(said[1], ("A2", SeatState::Held, true));
    assert_eq!((said.len(), said[0], said[4].0), (5, ("A1", SeatState::Available, false), "B2"));
    assert_eq!((rows[0].tier.as_deref(), rows[4].tier.as_deref()), (Some("stalls"), None));
    let others = house.engine.seats(house.show, Some(&holder("bob"))).expect("a list");
    assert!(others.iter().all(|row| !row.mine));
    let price = Some(Currency::EUR.minor(2 * i64::from(PRICE)));
    let dearer = PricePatch { base: price, ..PricePatch::default() };
    let patch = ShowPatch { prices: Some(dearer), ..ShowPatch::default() };
    house.engine.change_show(ChangeShow::new(house.show, patch).by("sam")).wait().expect("a price");
    let why = house.engine.why(house.show, "a2").expect("a seat");
    assert_eq!((why.row.price.amount_minor, why.row.mine), (i64::from(PRICE), false));
    assert_eq!(why.hold.expect("somebody has it").holder, holder("ada"));
    assert_eq!(code(house.engine.why(house.show, "Z9")), Code::UnknownSeat);
}

pub fn holds_are_found_until_they_are_forgotten(place: &dyn Place) {
    let house = house(place, "A:5");
    let hold = house.held("ada", "A1");
    assert_eq!(house.engine.find_hold(hold.id), Ok(hold.clone()));
    assert_eq!(house.engine.live_holds(Some(&holder("ada")), None), Ok(vec![hold.clone()]));
    assert_eq!(house.engine.live_holds(Some(&holder("bob")), None), Ok(Vec::new()));
    house.pass(Duration::from_secs(600));
    assert_eq!(house.engine.find_hold(hold.id).expect("known").state, HoldState::Expired);
    assert_eq!(house.engine.live_holds(None, None), Ok(Vec::new()));
}

pub fn alternatives_are_free_and_near(place: &dyn Place) {
    let house = house(place, "A-C:6");
    house.sold("ada", "B3 B4");
    let offers = house.engine.alternatives(house.show, &["B3", "B4"]).expect("a show");
    assert_eq!(offers.len(), 3);
    for offer in offers {
        assert_eq!(offer.len(), 2);
        let free = |seat: &String| house.seat(seat) == SeatState::Available;
        assert!(offer.iter().all(free), "{offer:?}");
    }
}
