//! One pure path, run a fixed number of times for callgrind to count: `benches/instructions` says
//! which and reads the counts. Prints how many times that was.

use seatcore::catalogue::layout::Layout;
use seatcore::catalogue::price::Prices;
use seatcore::catalogue::show::{Opening, Sales, ShowLimits, Terms};
use seatcore::clock::Timestamp;
use seatcore::engine::Snapshot;
use seatcore::house::command::{Command, Request, Verb};
use seatcore::house::decide::{Decision, decide, entries};
use seatcore::house::event::{Caller, Entry, Record, Source, codec};
use seatcore::house::{Contradiction, House};
use seatcore::id::{Epoch, Minter};
use seatcore::money::Currency;
use seatcore::{Book, Cancel, Hold, HoldId, MovieId, ScreenId, ShowId};
use std::hint::black_box;
use std::sync::Arc;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const HALL: &str = "A-E:100";
const CLIENTS: usize = 64;
/// Of each client: hold, book, cancel, and over again; the last cycle ends differently for each.
const CYCLES: usize = 20;
const SNAPSHOTS: usize = 500;
/// How often each of the clients' next commands is decided.
const DECISIONS: usize = 50;
const OPENED: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn main() -> Outcome<()> {
    let path = std::env::args().nth(1).unwrap_or_default();
    let evening = Evening::new()?;
    let times = match &*path {
        "decide" => measured_decide(&evening),
        "fold" => measured_fold(&mut evening.empty()?, &evening.records)?,
        "encode" => measured_encode(&evening.entries),
        "snapshot" => measured_snapshot(&evening.house),
        _ => return Err("decide, fold, encode or snapshot".into()),
    };
    println!("{times}");
    Ok(())
}

#[inline(never)]
fn measured_decide(evening: &Evening) -> usize {
    for command in evening.asked.iter().cycle().take(evening.asked.len() * DECISIONS) {
        let decision = decide(black_box(&evening.house), black_box(command), evening.now);
        assert!(matches!(black_box(decision), Decision::Accept(_)));
    }
    evening.asked.len() * DECISIONS
}

#[inline(never)]
fn measured_fold(house: &mut House, records: &[Record]) -> Result<usize, Contradiction> {
    for record in records {
        house.fold(black_box(record))?;
    }
    Ok(records.len())
}

#[inline(never)]
fn measured_encode(entries: &[Entry]) -> usize {
    for entry in entries {
        black_box(codec::encode(black_box(entry)));
    }
    entries.len()
}

#[inline(never)]
fn measured_snapshot(house: &House) -> usize {
    for _ in 0..SNAPSHOTS {
        black_box(Snapshot::of(black_box(house), Epoch::from_bits(1), OPENED));
    }
    SNAPSHOTS
}

/// A show that sold for a while: a third of its clients hold, a third have booked, a third have
/// cancelled, and each has one more command to ask.
struct Evening {
    show: ShowId,
    opening: Box<Opening>,
    layout: Arc<Layout>,
    minter: Minter,
    now: Timestamp,
    house: House,
    records: Vec<Record>,
    entries: Vec<Entry>,
    asked: Vec<Command>,
}

impl Evening {
    fn new() -> Outcome<Self> {
        let layout = Arc::new(Layout::parse(HALL)?);
        let (show, opening) = (ShowId::new(1).ok_or("a show")?, Box::new(opening(&layout)?));
        let house = House::empty(show, &opening, layout.clone());
        let (minter, now) = (Minter::seeded(1), OPENED);
        let (records, entries, asked) = (Vec::new(), Vec::new(), Vec::new());
        let mut evening =
            Self { show, opening, layout, minter, now, house, records, entries, asked };
        evening.open()?;
        let mut holds = vec![None; CLIENTS];
        for command in 0..CYCLES * 3 {
            for (client, hold) in holds.iter_mut().enumerate() {
                if command < CYCLES * 3 - client % 3 {
                    *hold = evening.happen(evening.command(client, command, *hold)?)?;
                }
            }
        }
        let next = |client: usize| CYCLES * 3 - client % 3;
        let asked = holds.iter().enumerate();
        let asked = asked.map(|(client, hold)| evening.command(client, next(client), *hold));
        evening.asked = asked.collect::<Outcome<_>>()?;
        Ok(evening)
    }

    /// The house before its first record.
    fn empty(&self) -> Outcome<House> {
        Ok(House::empty(self.show, &self.opening, self.layout.clone()))
    }

    fn open(&mut self) -> Outcome<()> {
        let verb = Verb::OpenShow { opening: self.opening.clone() };
        let (caller, source) = (Caller::Unnamed, Source::Rust);
        let open = Command { show: self.show, verb, caller, source, key: None, asked: 0 };
        self.happen(open).map(drop)
    }

    /// Decides, appends, and answers the hold that came of it.
    fn happen(&mut self, command: Command) -> Outcome<Option<HoldId>> {
        let Decision::Accept(facts) = decide(&self.house, &command, self.now) else {
            return Err("a command was refused".into());
        };
        let mut hold = None;
        for entry in entries(&command, facts) {
            hold = entry.fact.part().map(|part| part.hold);
            self.entries.push(entry.clone());
            let n = self.records.len() as u64 + 1;
            self.records.push(self.house.append(n, self.now, entry)?);
        }
        Ok(hold)
    }

    fn command(&self, client: usize, number: usize, hold: Option<HoldId>) -> Outcome<Command> {
        let mint = |show| self.minter.hold(self.now.millis(), show);
        let (holder, key) = (format!("client-{client}"), format!("{client}-{number}"));
        let read = match (number % 3, hold) {
            (1, Some(hold)) => Book::new(hold).by(holder).key(key).read(&mint),
            (2, Some(hold)) => Cancel::new(hold).by(holder).key(key).read(&mint),
            _ => {
                let (row, first) = (['A', 'B', 'C', 'D', 'E'][client / 25], client % 25 * 4);
                let seats = [1, 2, 3, 4].map(|seat| format!("{row}{}", first + seat));
                Hold::new(self.show, seats).by(holder).key(key).read(&mint)
            }
        };
        Ok(read?)
    }
}

fn opening(layout: &Layout) -> Outcome<Opening> {
    let day = std::time::Duration::from_secs(86_400);
    let (starts_at, ends_at) = (OPENED.plus(day), OPENED.plus(day * 2));
    let sales = Sales { opens_at: OPENED, closes_at: None, closed: false };
    let (prices, limits) = (Prices::flat(Currency::EUR, 1_250), ShowLimits::default());
    let terms = Terms { starts_at, ends_at, sales, prices, limits };
    let movie = MovieId::new(1).ok_or("a movie")?;
    let screen = ScreenId::new(1).ok_or("a screen")?;
    Ok(Opening { movie, screen, layout: layout.hash(), terms })
}
