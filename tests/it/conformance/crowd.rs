//! Many at once.

use seatcore::catalogue::layout::Layout;
use seatcore::error::Code;
use seatcore::house::event::note::Note;
use seatcore::house::event::{Fact, Record};
use seatcore::house::outcome::Booking;
use seatcore::{Engine, Failure, Hold, ShowId};
use support::house::{House, add_show, house, still};
use support::place::Place;

/// Clients ask from this many threads, each for several clients at once.
const THREADS: usize = 20;

pub fn a_thousand_clients_get_ten_seats(place: &dyn Place) {
    let house = house(place, "A:10");
    let answers: Vec<Result<Booking, Failure>> = std::thread::scope(|scope| {
        let house = &house;
        let ask = |thread: usize| scope.spawn(move || fifty_clients(house, thread));
        let threads: Vec<_> = (0..THREADS).map(ask).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no client panics")).collect()
    });
    assert_eq!(answers.len(), 1_000);
    let (sold, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    let mut seats: Vec<_> = sold.into_iter().flatten().flat_map(|booking| booking.seats).collect();
    seats.sort_by_key(|seat| seat.len());
    assert_eq!(seats.len(), 10, "{seats:?}");
    let codes: Vec<_> = refused.into_iter().map(support::house::code).collect();
    assert!(codes.iter().all(|code| matches!(code, Code::SeatHeld | Code::SeatBooked)));
    house.verify();
}

fn fifty_clients(house: &House, thread: usize) -> Vec<Result<Booking, Failure>> {
    let client = |at: usize| (format!("client {thread}/{at}"), format!("A{}", at % 10 + 1));
    let holds: Vec<_> =
        (0..50).map(client).map(|(who, seat)| house.engine.hold(house.wish(&who, &seat))).collect();
    let booked = |hold: seatcore::Reply<_>| {
        let hold: seatcore::HoldDetails = hold.wait()?;
        house.engine.book(hold.id).wait()
    };
    holds.into_iter().map(booked).collect()
}

/// 160 buyers take parties of one to four that sit together, until each was refused. The refusals
/// are in the log, so each is judged at its very place: no such block may have been free there.
pub fn parties_are_refused_only_when_nothing_is_left(place: &dyn Place) {
    let house = house(place, "A-CV:80");
    std::thread::scope(|scope| {
        for buyer in 0..160_u32 {
            let house = &house;
            scope.spawn(move || buy_until_refused(house, buyer));
        }
    });
    let layout = house.engine.seat_map(house.show).expect("a show").layout.clone();
    let mut hall = Hall { free: vec![true; layout.len() as usize], refusals: 0 };
    let mut after = 0;
    loop {
        let records = house.engine.records(after, 4_096).expect("a log");
        let Some(last) = records.last() else { break };
        after = last.n;
        records.iter().for_each(|record| hall.follow(record, &layout));
    }
    assert_eq!(hall.refusals, 160);
    assert_eq!(house.engine.stats(house.show).expect("a show").available, 0);
    house.verify();
}

fn buy_until_refused(house: &House, buyer: u32) {
    let who = format!("buyer {buyer}");
    for attempt in 0_u32.. {
        let wish = Hold::best(house.show, buyer % 4 + 1).together().by(&who);
        match house.engine.hold(wish.key(format!("{attempt}"))).wait() {
            Ok(hold) => drop(house.engine.book(hold.id).wait().expect("the hold is live")),
            Err(refused) => {
                assert!(matches!(refused.code(), Code::NoBlockTogether | Code::SoldOut));
                return;
            }
        }
    }
}

struct Hall {
    free: Vec<bool>,
    refusals: u32,
}

impl Hall {
    fn follow(&mut self, record: &Record, layout: &Layout) {
        match &record.entry.fact {
            Fact::Held { part, .. } => {
                part.seats.iter().for_each(|seat| self.free[seat.seat.0 as usize] = false);
            }
            Fact::Noted(Note::SoldOut) => self.refused(1, layout),
            Fact::Noted(Note::NoBlockTogether { asked, .. }) => self.refused(*asked, layout),
            _ => {}
        }
    }

    fn refused(&mut self, asked: u32, layout: &Layout) {
        self.refusals += 1;
        for run in layout.all_runs() {
            let seats = &self.free[run.seats.start.0 as usize..run.seats.end.0 as usize];
            let fits = seats.windows(asked as usize).any(|block| block.iter().all(|free| *free));
            assert!(!fits, "{asked} seats together were free in row {}", run.row);
        }
    }
}

/// Answers may not depend on which houses are in memory.
pub fn sixty_shows_fit_a_tiny_budget(place: &dyn Place) {
    let big = house(place, "A:20");
    let engine = still(&big.clock).house_budget(20_000).over(place.store()).expect("it opens");
    let shows: Vec<_> = (0..60).map(|_| add_show(&engine, "A:20")).collect();
    for round in 1..=3 {
        for (at, show) in shows.iter().enumerate() {
            one_round(&engine, *show, round, at % 2 == 0);
        }
    }
    let (weight, houses) = engine.house_weight().expect("an answer");
    assert!(weight <= 20_000 && houses < 60, "{houses} houses weigh {weight}");
    for (at, show) in shows.iter().enumerate() {
        let stats = engine.stats(*show).expect("a show");
        let expected = if at % 2 == 0 { (0, 3) } else { (3, 0) };
        assert_eq!((stats.held, stats.booked), expected);
    }
    support::house::assert_clean(&engine);
}

fn one_round(engine: &Engine, show: ShowId, round: u32, book: bool) {
    let wish = |who: &str| Hold::new(show, [format!("A{round}")]).by(who);
    let hold = engine.hold(wish("ada").key(format!("{round}"))).wait().expect("free");
    let refused = engine.hold(wish("bob")).wait().expect_err("ada has it");
    assert_eq!(refused.code(), Code::SeatHeld);
    if book {
        engine.book(hold.id).wait().expect("live");
    }
    let again = engine.hold(wish("ada").key(format!("{round}"))).answer();
    assert_eq!((again.result, again.replayed), (Ok(hold), true));
}

/// Two holds that end in one event must end in the same order in every process: a house that was
/// loaded from its checkpoint and one that folded the whole log give the same bytes.
pub fn merged_holds_leave_the_same_checkpoint_everywhere(place: &dyn Place) {
    let house = house(place, "A:40; B:40");
    for number in 1..=40 {
        let who = format!("client {number}");
        house.held(&who, &format!("A{number}"));
        house.held(&who, &format!("B{number}"));
    }
    let house = house.reopened(place);
    for number in 1..=40 {
        house.held(&format!("client {number}"), &format!("A{number} B{number}"));
    }
    house.reopened(place).verify();
}
