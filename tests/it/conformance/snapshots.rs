//! Snapshots: what everybody may see, without asking anybody.

use seatcore::catalogue::show::ShowStatus;
use seatcore::house::seat::SeatState;
use std::time::Duration;
use support::house::{LEAD, NOW, add_movie, add_screen, house, new_show};
use support::place::Place;

const TTL: Duration = Duration::from_secs(60);

pub fn a_reader_behind_the_deadline_sees_the_seat_free(place: &dyn Place) {
    let house = house(place, "A:5");
    let hold = house.engine.hold(house.wish("ada", "A1").ttl(TTL)).wait().expect("free");
    let before = house.engine.seat_map(house.show).expect("a show");
    assert_eq!((before.valid_until, &*before.symbols), (hold.expires_at, "h...."));
    house.pass(TTL);
    let after = house.engine.seat_map(house.show).expect("a show");
    assert_eq!((after.seq, &*after.symbols), (before.seq, "....."), "no event told of it");
    assert_ne!(after.etag(), before.etag());
    assert_eq!((after.stats.available, after.lapses), (5, 1));
}

pub fn a_reader_sees_sales_open_without_an_event(place: &dyn Place) {
    let house = house(place, "A:5");
    let engine = &house.engine;
    let mut show = new_show(add_movie(engine), add_screen(engine, "A:5"), NOW.plus(LEAD));
    show.opens_at = Some(NOW.plus(TTL));
    let show = engine.open_show(show).expect("the screen is free").id;
    let before = engine.seat_map(show).expect("a show");
    assert_eq!((before.status, before.valid_until), (ShowStatus::Closed, Some(NOW.plus(TTL))));
    house.pass(TTL);
    let after = engine.seat_map(show).expect("a show");
    assert_eq!((after.status, after.valid_until), (ShowStatus::OnSale, Some(NOW.plus(LEAD))));
    assert_ne!(after.etag(), before.etag());
    house.pass(LEAD);
    assert_eq!(engine.seat_map(show).expect("a show").status, ShowStatus::Closed);
}

pub fn a_read_after_an_answer_shows_it(place: &dyn Place) {
    let house = house(place, "A:50");
    for number in 1..=50 {
        let seat = format!("A{number}");
        let hold = house.held("ada", &seat);
        assert_eq!(house.seat(&seat), SeatState::Held);
        let booking = house.engine.book(hold.id).wait().expect("live");
        assert_eq!(house.seat(&seat), SeatState::Booked);
        assert_eq!(house.engine.booking(booking.id), Ok(booking), "tables too");
    }
}

pub fn the_etag_changes_with_what_is_seen_and_only_then(place: &dyn Place) {
    let house = house(place, "A:5");
    let etag = || house.engine.seat_map(house.show).expect("a show").etag();
    let empty = etag();
    assert_eq!(etag(), empty);
    house.hold("ada", "A9").expect_err("no such seat");
    house.engine.hold(house.wish("ada", "A9").key("k")).wait().expect_err("no such seat");
    assert_eq!(etag(), empty, "a refusal is no event, remembered or not");
    house.held("ada", "A1");
    assert_ne!(etag(), empty);
}
