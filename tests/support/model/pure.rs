//! A house without an engine, beside its model: one show, decided and folded in place, cheap
//! enough to be copied at every fork of an exhaustive search.

use super::{Asked, By, Done, Model, No, Said, Show};
use seatcore::catalogue::layout::Layout;
use seatcore::catalogue::price::Prices;
use seatcore::catalogue::show::{Opening, Sales, ShowLimits, Terms};
use seatcore::clock::Timestamp;
use seatcore::house::command::Request;
use seatcore::house::decide::{self, Decision};
use seatcore::house::event::{Caller, Entry, Fact, Record, Source};
use seatcore::house::outcome::Printer;
use seatcore::house::{House, Receipt};
use seatcore::id::{SeatIndex, TicketKey};
use seatcore::money::Currency;
use seatcore::{HoldId, MovieId, Outcome, ScreenId, ShowId};
use std::cell::Cell;
use std::sync::Arc;

/// When it begins: 2027-01-09T19:00:00Z.
pub const START: i64 = 1_799_521_200_000;
/// Far behind everything that is tried.
const CURTAIN: i64 = START + 72 * 3_600_000;

/// One show, twice.
#[derive(Clone, Debug)]
pub struct Pure {
    /// The engine's.
    pub house: House,
    /// The model's.
    pub model: Model,
    records: Vec<Arc<Record>>,
    minted: u64,
}

impl Pure {
    /// A show in a hall given as short text, on sale.
    pub fn new(hall: &str) -> Self {
        let layout = Arc::new(Layout::parse(hall).expect("a readable hall"));
        let opening = opening(&layout);
        let number = ShowId::new(1).expect("a show");
        let house = House::empty(number, &opening, layout.clone());
        let shows = vec![Show::opened(1, &opening, &layout)];
        let model = Model { now: START, shows, cleaning_s: 0 };
        let mut pure = Self { house, model, records: Vec::new(), minted: 0 };
        let fact = Fact::ShowOpened(Box::new(opening));
        let (caller, source) = (Caller::Unnamed, Source::Rust);
        pure.append(vec![Entry { fact, caller, source, key: None, span: 1 }]);
        pure
    }

    /// The moment.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.model.now)
    }

    /// Asks house and model; fails if they differ.
    pub fn ask(&mut self, asked: &Asked) -> Result<Said, String> {
        let told = self.tell(asked);
        let expected = self.model.answer(asked, &told);
        if expected == told {
            return Ok(told);
        }
        Err(format!("{asked:?}\nmodel {expected:#?}\nhouse {told:#?}"))
    }

    /// Publishes every lapse that is due.
    pub fn sweep(&mut self) {
        let facts = decide::sweep(&self.house, self.now(), usize::MAX);
        let (caller, source) = (Caller::Unnamed, Source::Engine);
        let entry = |fact| Entry { fact, caller: caller.clone(), source, key: None, span: 1 };
        let count = self.append(facts.into_iter().map(entry).collect()).len();
        assert_eq!(self.model.sweep(), count as u64, "lapses that are due");
    }

    fn tell(&mut self, asked: &Asked) -> Said {
        let count = Cell::new(self.minted);
        let now = self.model.now;
        let mint = |show| {
            count.set(count.get() + 1);
            HoldId::mint(now, count.get(), show)
        };
        let read = asked.clone().request().read(&mint);
        self.minted = count.get();
        let command = match read {
            Ok(command) => command,
            Err(rejection) => return Said::no(No::from(&rejection)),
        };
        match decide::decide(&self.house, &command, self.now()) {
            Decision::Accept(facts) => {
                let records = self.append(decide::entries(&command, facts));
                self.said(&records, false, command.key.is_some())
            }
            Decision::Replay(receipt) => self.replay(receipt, &command),
            Decision::Refuse { rejection, note } => {
                let remembered = note.is_some();
                if let Some(note) = note {
                    self.append(vec![decide::noted(&command, note)]);
                }
                Said { remembered, ..Said::no(No::from(&rejection)) }
            }
        }
    }

    fn replay(&self, receipt: Receipt, command: &seatcore::house::command::Command) -> Said {
        let first = &self.records[receipt.n as usize - 1];
        if let Fact::Noted(note) = &first.entry.fact {
            let rejection = note.rejection(command, self.house.layout());
            return Said { replayed: true, remembered: true, ..Said::no(No::from(&rejection)) };
        }
        let from = receipt.n as usize - 1;
        self.said(&self.records[from..from + first.entry.span as usize], true, true)
    }

    fn said(&self, records: &[Arc<Record>], replayed: bool, remembered: bool) -> Said {
        let (tickets, currency) = (TicketKey::new([7; 32]), Currency::EUR);
        let printer = Printer { layout: self.house.layout(), currency, tickets: &tickets };
        let outcomes = records.iter().filter_map(|record| Outcome::of(record, printer));
        let result = Ok(outcomes.map(|outcome| Done::from(&outcome)).collect());
        Said { result, replayed, remembered }
    }

    fn append(&mut self, entries: Vec<Entry>) -> Vec<Arc<Record>> {
        let from = self.records.len();
        for entry in entries {
            let (n, now) = (self.records.len() as u64 + 1, self.now());
            let record = self.house.append(n, now, entry).expect("what was decided can be folded");
            self.records.push(Arc::new(record));
        }
        self.records[from..].to_vec()
    }

    /// What must be true of any house at any time.
    pub fn check(&self) -> Result<(), String> {
        let (house, now) = (&self.house, self.now());
        let show = &self.model.shows[0];
        let mut symbols = String::new();
        for seat in (0..house.layout().len()).map(SeatIndex) {
            let claims = house.holds().filter(|hold| {
                hold.state.claims() && hold.seats.iter().any(|own| own.seat == seat)
            });
            let claims: Vec<_> = claims.map(|hold| hold.id).collect();
            let pointed: Vec<_> = house.hold_on(seat).map(|hold| hold.id).into_iter().collect();
            require(claims == pointed, "a seat is not in the one claim that it points at")?;
            symbols.push(house.seat_at(seat, now).symbol() as char);
            let booked = house.seat_at(seat, now).as_str() == "booked";
            let sold = house.sold()[seat.0 as usize / 64] >> (seat.0 % 64) & 1 == 1;
            require(booked == sold, "the sold bits are not the booked seats")?;
        }
        require(symbols == show.symbols(self.model.now), "the seat map is not the model's")?;
        let stats = house.stats(now);
        let sum = stats.available + stats.held + stats.booked + stats.blocked;
        require(sum == stats.capacity, "the counts do not add up")?;
        let count = |wanted| symbols.chars().filter(|symbol| *symbol == wanted).count() as u32;
        let counted = (count('.'), count('h'), count('b'), count('x'));
        let told = (stats.available, stats.held, stats.booked, stats.blocked);
        require(counted == told, "the counts are not the seats")?;
        require(house.head().seq == show.seq, "the events are not counted alike")
    }

    /// The house folded again from its records must be the same.
    pub fn refold(&self) -> Result<(), String> {
        let Fact::ShowOpened(opening) = &self.records[0].entry.fact else {
            return Err("the first record opens the show".to_owned());
        };
        let mut again = House::empty(self.house.show(), opening, self.house.layout().clone());
        for record in &self.records {
            again.fold(record).map_err(|contradiction| contradiction.to_string())?;
        }
        require(again.to_bytes() == self.house.to_bytes(), "the log folds to another house")
    }
}

fn require(condition: bool, what: &str) -> Result<(), String> {
    if condition { Ok(()) } else { Err(what.to_owned()) }
}

fn opening(layout: &Layout) -> Opening {
    let moment = Timestamp::from_millis;
    Opening {
        movie: MovieId::new(1).expect("a movie"),
        screen: ScreenId::new(1).expect("a screen"),
        layout: layout.hash(),
        terms: Terms {
            starts_at: moment(CURTAIN),
            ends_at: moment(CURTAIN + 7_200_000),
            sales: Sales { opens_at: moment(START), closes_at: None, closed: false },
            prices: Prices::flat(Currency::EUR, super::programme::PRICE),
            limits: ShowLimits::default(),
        },
    }
}

/// The relations that a caller can have to a hold of `ann`, with their names in tables.
pub fn relations() -> [(&'static str, By); 4] {
    [
        ("owner", By::Holder("ann".to_owned())),
        ("other", By::Holder("bob".to_owned())),
        ("staff", By::Staff("chief".to_owned())),
        ("unnamed", By::Unnamed),
    ]
}
