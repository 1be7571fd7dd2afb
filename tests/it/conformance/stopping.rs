//! A show whose memory and file disagree stops; all others sell on.

use seatcore::clock::ManualClock;
use seatcore::error::Code;
use seatcore::house::hold::HoldState;
use seatcore::house::seat::SeatState;
use seatcore::store::BookingFilter;
use seatcore::{Booking, Hold, ShowId};
use std::time::Duration;
use support::fault::{Fault, Faulty, Switch};
use support::house::{House, NOW, add_show, code, house_over, still};
use support::place::Place;

/// A show to stop, and another one.
fn two_shows(place: &dyn Place) -> (House, ShowId, Switch) {
    let (store, switch) = Faulty::over(place.store());
    let house = house_over(store, "A:9");
    let other = add_show(&house.engine, "A:9");
    (house, other, switch)
}

/// However often it is looked at.
fn for_good(switch: &Switch, fault: Fault) {
    (0..20).for_each(|_| switch.arm(fault));
}

fn stop(house: &House, switch: &Switch) {
    let hold = house.held("eve", "A9");
    for_good(switch, Fault::SoldDiffer(house.show));
    assert_eq!(code(house.engine.book(hold.id).wait()), Code::Corrupt);
}

fn sells(house: &House, show: ShowId, seat: &str) {
    let hold = house.engine.hold(Hold::new(show, [seat]).by("ada")).wait().expect("it sells on");
    house.engine.book(hold.id).wait().expect("it sells on");
}

/// Memory can be wrong where the file is right: the house is read from disk once more before its
/// show is given up, also when its command was alone.
pub fn sold_bits_that_differ_once_are_read_again(place: &dyn Place) {
    let (house, _, switch) = two_shows(place);
    let hold = house.held("ada", "A1");
    switch.arm(Fault::SoldDiffer(house.show));
    house.engine.book(hold.id).wait().expect("the house was rebuilt, and is right");
    assert!(switch.spent());
    house.verify();
}

pub fn sold_bits_that_differ_twice_stop_the_show(place: &dyn Place) {
    let (house, other, switch) = two_shows(place);
    let hold = house.held("ada", "A1");
    stop(&house, &switch);
    assert_eq!(code(house.engine.book(hold.id).wait()), Code::Corrupt);
    assert_eq!(code(house.hold("bob", "A2")), Code::Corrupt);
    assert_eq!(code(house.engine.seat_map(house.show)), Code::Corrupt);
    assert_eq!(code(house.engine.find_hold(hold.id)), Code::Corrupt, "not a hold that never was");
    sells(&house, other, "A1");
}

pub fn a_stopped_show_stays_stopped_and_the_others_sell(place: &dyn Place) {
    let (house, other, switch) = two_shows(place);
    stop(&house, &switch);
    let house = house.reopened(place);
    assert_eq!(code(house.hold("bob", "A2")), Code::Corrupt);
    sells(&house, other, "A1");
    let late = add_show(&house.engine, "A:9");
    sells(&house, late, "A1");
}

/// Lists name every show; one that is stopped must not take the others with it.
pub fn a_stopped_show_harms_no_list(place: &dyn Place) {
    let (house, other, switch) = two_shows(place);
    let hour = Duration::from_secs(3_600);
    house.held("ada", "A1");
    sells(&house, other, "A1");
    house.engine.follow().wait().expect("the tables follow");
    stop(&house, &switch);
    house.engine.hold(Hold::new(other, ["A2"]).by("ada")).wait().expect("free");
    assert_eq!(house.engine.live_holds(None, None).map(|list| list.len()), Ok(1));
    assert_eq!(house.engine.bookings(&BookingFilter::default()).map(|list| list.len()), Ok(1));
    house.pass(hour);
    let rows = house.engine.shows(&Default::default()).expect("a list of the others at least");
    assert!(rows.iter().any(|row| row.show.id == other && row.stats.booked == 1));
    assert_eq!(house.engine.sweep().wait(), Ok(1));
}

/// Whoever paid has a ticket, whatever happens to the show afterwards: the tables need no house.
pub fn what_was_sold_before_a_stop_is_found(place: &dyn Place) {
    let (store, switch) = Faulty::over(place.store());
    let clock = ManualClock::at(NOW);
    let engine = still(&clock).follow(false).over(store).expect("the store opens");
    let show = add_show(&engine, "A:9");
    let house = House { engine, show, clock };
    let early = house.sold("ada", "A1");
    house.engine.follow().wait().expect("the tables follow");
    let sold = house.sold("bob", "A2 A3");
    let undone = house.sold("cyd", "A4");
    house.engine.cancel(undone.id).wait().expect("booked");
    stop(&house, &switch);
    let found = |house: &House| {
        finds(house, &early);
        finds(house, &sold);
        let cancelled = house.engine.booking(undone.id).map(|booking| booking.state);
        assert_eq!(cancelled, Ok(HoldState::Cancelled));
        let report = house.engine.verify().expect("the log can be read");
        assert_eq!((report.findings, report.stopped.len()), (Vec::new(), 1));
    };
    found(&house);
    found(&house.reopened(place));
}

fn finds(house: &House, sold: &Booking) {
    let found = house.engine.booking(sold.id).map(|booking| booking.state);
    assert_eq!(found, Ok(HoldState::Booked));
    for ticket in &sold.tickets {
        let found = house.engine.ticket(ticket.code).map(|(booking, _)| booking.id);
        assert_eq!(found, Ok(sold.id));
    }
}

/// Also where the tables had never heard of the show.
pub fn a_stopped_show_is_listed_as_it_stood(place: &dyn Place) {
    let (store, switch) = Faulty::over(place.store());
    let clock = ManualClock::at(NOW);
    let engine = still(&clock).follow(false).over(store).expect("the store opens");
    let show = add_show(&engine, "A:9");
    let house = House { engine, show, clock };
    house.sold("ada", "A1 A2");
    stop(&house, &switch);
    let stood = |house: &House| {
        let rows = house.engine.shows(&Default::default()).expect("a list");
        rows.iter().map(|row| (row.stats.booked, row.stats.held)).collect::<Vec<_>>()
    };
    assert_eq!(stood(&house), [(2, 1)]);
    assert_eq!(stood(&house.reopened(place)), [(2, 1)]);
}

/// What stops a show while the tables follow is told to nobody who asked about another.
pub fn a_second_ticket_stops_only_its_show(place: &dyn Place) {
    let (house, other, switch) = two_shows(place);
    let hold = house.held("ada", "A1");
    house.engine.follow().wait().expect("the tables follow");
    for_good(&switch, Fault::TwoTickets(house.show));
    switch.close_gate();
    let booking = house.engine.book(hold.id);
    switch.wait_at_gate();
    let beside = house.engine.hold(Hold::new(other, ["A1"]).by("bob"));
    let followed = house.engine.follow();
    switch.open_gate();
    booking.wait().expect("it was committed before anybody followed it");
    beside.wait().expect("another show's");
    followed.wait().expect("the stopped show is skipped");
    assert_eq!(code(house.hold("bob", "A2")), Code::Corrupt);
    sells(&house, other, "A2");
    let snapshot = house.engine.seat_map(other).expect("a show");
    assert_eq!(snapshot.seat_labelled("A2"), Some(SeatState::Booked));
}
