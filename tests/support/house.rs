//! An engine with a show to sell, and the few words that tests say to it.

use crate::place::Place;
use seatcore::catalogue::layout::Layout;
use seatcore::catalogue::movie::NewMovie;
use seatcore::catalogue::screen::NewScreen;
use seatcore::catalogue::show::NewShow;
use seatcore::clock::{ManualClock, Timestamp};
use seatcore::error::Code;
use seatcore::house::seat::SeatState;
use seatcore::money::Currency;
use seatcore::store::Store;
use seatcore::{Booking, Builder, Engine, Failure, Hold, HoldDetails, MovieId, ScreenId, ShowId};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// When manual clocks start.
pub const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
/// How long after [`NOW`] shows begin: far behind everything that tests wait for.
pub const LEAD: Duration = Duration::from_secs(30 * 24 * 3_600);
/// What a seat costs.
pub const PRICE: u32 = 1_250;

/// An engine with a show on sale, under a clock that moves when told.
#[derive(Debug)]
pub struct House {
    /// The engine; it does not sweep by itself.
    pub engine: Engine,
    /// The show.
    pub show: ShowId,
    /// Its clock.
    pub clock: Arc<ManualClock>,
}

/// A house with these rows, such as `A-C:5`, on an empty place.
pub fn house(place: &dyn Place, rows: &str) -> House {
    house_over(place.store(), rows)
}

/// The same over one store.
pub fn house_over(store: Box<dyn Store>, rows: &str) -> House {
    let clock = ManualClock::at(NOW);
    let engine = still(&clock).over(store).expect("the store opens");
    let show = add_show(&engine, rows);
    House { engine, show, clock }
}

/// An engine under this clock that does not sweep by itself.
pub fn still(clock: &Arc<ManualClock>) -> Builder {
    Engine::builder().clock(clock.clone()).sweep(false)
}

/// A movie, a screen of its own, and a show on it, on sale at once.
pub fn add_show(engine: &Engine, rows: &str) -> ShowId {
    let screen = add_screen(engine, rows);
    let show = new_show(add_movie(engine), screen, engine.now().plus(LEAD));
    engine.open_show(show).expect("the screen is free").id
}

/// A movie of two hours.
pub fn add_movie(engine: &Engine) -> MovieId {
    let title = "Playtime".to_owned();
    let movie = NewMovie { title, minutes: 120, description: String::new(), poster: None };
    engine.add_movie(movie).expect("a movie").id
}

/// A screen with a name that no other has.
pub fn add_screen(engine: &Engine, rows: &str) -> ScreenId {
    static SCREENS: AtomicU32 = AtomicU32::new(1);
    let name = format!("Screen {}", SCREENS.fetch_add(1, Ordering::Relaxed));
    engine.add_screen(NewScreen::new(name, layout(rows))).expect("a new name").id
}

/// A plan.
pub fn layout(rows: &str) -> Layout {
    Layout::parse(rows).expect("a readable plan")
}

/// A show at this moment, at the usual price.
pub fn new_show(movie: MovieId, screen: ScreenId, starts_at: Timestamp) -> NewShow {
    NewShow::new(movie, screen, starts_at, Currency::EUR.minor(i64::from(PRICE)))
}

impl House {
    /// A second engine on the same data: the same show, under the same clock.
    pub fn beside(&self, place: &dyn Place) -> Self {
        self.beside_over(place.store())
    }

    /// The same over this store.
    pub fn beside_over(&self, store: Box<dyn Store>) -> Self {
        let engine = still(&self.clock).over(store).expect("the data opens again");
        Self { engine, show: self.show, clock: self.clock.clone() }
    }

    /// Closes the engine and opens the data again.
    pub fn reopened(self, place: &dyn Place) -> Self {
        self.engine.close();
        self.beside(place)
    }

    /// The wish to hold seats, such as `A1 A2`.
    pub fn wish(&self, holder: &str, seats: &str) -> Hold {
        Hold::new(self.show, seats.split(' ')).by(holder)
    }

    /// Holds seats for ten minutes.
    pub fn hold(&self, holder: &str, seats: &str) -> Result<HoldDetails, Failure> {
        self.engine.hold(self.wish(holder, seats)).wait()
    }

    /// Holds seats that are free.
    pub fn held(&self, holder: &str, seats: &str) -> HoldDetails {
        self.hold(holder, seats).expect("the seats are free")
    }

    /// Holds and books seats that are free.
    pub fn sold(&self, holder: &str, seats: &str) -> Booking {
        self.engine.book(self.held(holder, seats).id).wait().expect("the hold is live")
    }

    /// What everybody sees of a seat.
    pub fn seat(&self, label: &str) -> SeatState {
        let snapshot = self.engine.seat_map(self.show).expect("the show is there");
        snapshot.seat_labelled(label).expect("the seat is in the plan")
    }

    /// Lets time pass.
    pub fn pass(&self, span: Duration) {
        self.clock.advance(span);
    }

    /// Every kind of event of the show, oldest first.
    pub fn story(&self) -> Vec<&'static str> {
        let mut events = self.engine.history(self.show, None, 10_000).expect("a history");
        events.reverse();
        events.iter().map(|event| event.kind.as_str()).collect()
    }

    /// The log, the tables and everything else kept agree.
    pub fn verify(&self) {
        assert_clean(&self.engine);
    }
}

/// The log, the tables and everything else kept agree.
pub fn assert_clean(engine: &Engine) {
    engine.follow().wait().expect("the tables follow");
    let report = engine.verify().expect("the log can be read");
    assert!(report.clean(), "{:#?}", report.findings);
    let numbers: Vec<_> = records(engine);
    assert!(numbers.iter().copied().eq(1..=numbers.len() as u64), "n has a gap: {numbers:?}");
}

fn records(engine: &Engine) -> Vec<u64> {
    let mut numbers = Vec::new();
    loop {
        let after = numbers.last().copied().unwrap_or(0);
        let records = engine.records(after, 4_096).expect("the log can be read");
        if records.is_empty() {
            return numbers;
        }
        numbers.extend(records.iter().map(|record| record.n));
    }
}

/// The code of what must be a failure.
pub fn code<T: std::fmt::Debug>(result: Result<T, Failure>) -> Code {
    result.expect_err("this must fail").code()
}
