//! Reports: what was sold, how full shows are, what is popular. The same lines on every face.

use crate::catalogue::show::{ShowFilter, ShowStatus};
use crate::clock::Timestamp;
use crate::engine::books::{Account, Books};
use crate::engine::{Engine, ShowRow};
use crate::error::Failure;
use crate::id::{MovieId, ScreenId, ShowId};
use crate::money::{Currency, Money};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

/// Shows read at once.
const PAGE: u32 = 5_000;

/// What a line stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Grouping {
    /// A day.
    Day,
    /// A show.
    Show,
    /// A movie.
    Movie,
    /// A screen.
    Screen,
}

impl Grouping {
    /// Every grouping.
    pub const ALL: [Self; 4] = [Self::Day, Self::Show, Self::Movie, Self::Screen];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Show => "show",
            Self::Movie => "movie",
            Self::Screen => "screen",
        }
    }
}

parse_by_word!(Grouping, "grouping");

/// The days that count: from one on, until just before another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Period {
    /// From this day on.
    pub from: Option<NaiveDate>,
    /// Until just before this day.
    pub to: Option<NaiveDate>,
}

impl Period {
    fn has(self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| day >= from) && self.to.is_none_or(|to| day < to)
    }
}

/// What a line stands for; days sort as days.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Slot {
    /// A day, as 2027-01-09.
    Day(String),
    /// A show.
    Show(ShowId),
    /// A movie.
    Movie(MovieId),
    /// A screen.
    Screen(ScreenId),
}

impl Slot {
    fn of(by: Grouping, day: NaiveDate, row: &ShowRow) -> Self {
        let opening = &row.show.opening;
        match by {
            Grouping::Day => Self::Day(day.to_string()),
            Grouping::Show => Self::Show(row.show.id),
            Grouping::Movie => Self::Movie(opening.movie),
            Grouping::Screen => Self::Screen(opening.screen),
        }
    }
}

/// Every show by number, and what things are called.
struct Programme {
    shows: HashMap<ShowId, ShowRow>,
    movies: HashMap<MovieId, String>,
    screens: HashMap<ScreenId, String>,
}

impl Programme {
    fn read(engine: &Engine, filter: ShowFilter) -> Result<Self, Failure> {
        let mut shows = HashMap::new();
        let mut filter = ShowFilter { limit: PAGE, ..filter };
        loop {
            let page = engine.shows(&filter)?;
            let Some(last) = page.last() else { break };
            filter.after = Some((last.show.opening.terms.starts_at, last.show.id));
            shows.extend(page.into_iter().map(|row| (row.show.id, row)));
        }
        let (movies, screens) = engine.names()?;
        Ok(Self { shows, movies, screens })
    }

    fn title(&self, movie: MovieId) -> String {
        self.movies.get(&movie).cloned().unwrap_or_else(|| format!("movie {movie}"))
    }

    fn name(&self, slot: &Slot) -> String {
        match slot {
            Slot::Day(day) => day.clone(),
            Slot::Movie(movie) => self.title(*movie),
            Slot::Screen(id) => {
                self.screens.get(id).cloned().unwrap_or_else(|| format!("screen {id}"))
            }
            Slot::Show(show) => self.shows.get(show).map_or_else(String::new, |row| {
                let opening = &row.show.opening;
                format!("{}, {}", self.title(opening.movie), opening.terms.starts_at)
            }),
        }
    }
}

/// What was sold and given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revenue {
    /// A line for each slot and currency.
    pub data: Vec<RevenueLine>,
    /// Always null: there is one page.
    pub next: Option<String>,
    /// A line for each currency.
    pub totals: Vec<RevenueLine>,
}

/// One line of money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevenueLine {
    /// What it stands for; a total stands for everything.
    #[serde(flatten)]
    pub slot: Option<Slot>,
    /// What that is called.
    pub name: String,
    /// Bookings made.
    pub bookings: u64,
    /// Tickets sold.
    pub tickets: u64,
    /// Tickets given back.
    pub returned: u64,
    /// Money taken.
    pub sold: Money,
    /// Money given back.
    pub refunded: Money,
    /// What is left.
    pub net: Money,
}

impl RevenueLine {
    fn of(slot: Option<Slot>, name: String, currency: Currency, account: Account) -> Self {
        let Account { bookings, tickets, returned, sold, refunded } = account;
        let money = |minor| currency.minor(minor);
        let (sold, refunded, net) = (money(sold), money(refunded), money(sold - refunded));
        Self { slot, name, bookings, tickets, returned, sold, refunded, net }
    }
}

impl Revenue {
    /// Adds up the books' lines; a sale counts on the day it was made, and so does its return.
    ///
    /// # Errors
    /// A fault, if the programme cannot be read.
    pub fn of(
        engine: &Engine,
        books: &Books,
        by: Grouping,
        period: Period,
    ) -> Result<Self, Failure> {
        let programme = Programme::read(engine, ShowFilter::default())?;
        let mut lines: BTreeMap<(Slot, &str), (Currency, Account)> = BTreeMap::new();
        let mut totals: BTreeMap<&str, (Currency, Account)> = BTreeMap::new();
        for (show, day, account) in books.lines().filter(|(_, day, _)| period.has(*day)) {
            let Some(row) = programme.shows.get(&show) else { continue };
            let currency = row.show.opening.terms.prices.currency;
            let (line, total) = ((Slot::of(by, day, row), currency.code()), currency.code());
            lines.entry(line).or_insert((currency, Account::default())).1 += account;
            totals.entry(total).or_insert((currency, Account::default())).1 += account;
        }
        let line = |((slot, _), (currency, account))| {
            let name = programme.name(&slot);
            RevenueLine::of(Some(slot), name, currency, account)
        };
        let total =
            |(currency, account)| RevenueLine::of(None, "total".to_owned(), currency, account);
        let data = lines.into_iter().map(line).collect();
        Ok(Self { data, next: None, totals: totals.into_values().map(total).collect() })
    }
}

/// How full shows are; cancelled ones do not count.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Occupancy {
    /// A line for each slot.
    pub data: Vec<OccupancyLine>,
    /// Always null: there is one page.
    pub next: Option<String>,
}

/// Shows that are put together on one line, and their seats.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OccupancyLine {
    /// What it stands for.
    #[serde(flatten)]
    pub slot: Slot,
    /// What that is called.
    pub name: String,
    /// How many shows.
    pub shows: u32,
    /// Seats sold.
    pub booked: u64,
    /// Seats held.
    pub held: u64,
    /// Seats off sale.
    pub blocked: u64,
    /// All seats.
    pub capacity: u64,
    /// Sold of those that are for sale, to a tenth.
    pub percent: f64,
}

impl OccupancyLine {
    fn empty(slot: Slot, name: String) -> Self {
        let (shows, booked, held, blocked, capacity) = (0, 0, 0, 0, 0);
        Self { slot, name, shows, booked, held, blocked, capacity, percent: 0.0 }
    }

    fn add(&mut self, row: &ShowRow) {
        self.shows += 1;
        self.booked += u64::from(row.stats.booked);
        self.held += u64::from(row.stats.held);
        self.blocked += u64::from(row.stats.blocked);
        self.capacity += u64::from(row.stats.capacity);
        let sellable = (self.capacity - self.blocked).max(1);
        self.percent = (self.booked as f64 * 1_000.0 / sellable as f64).round() / 10.0;
    }
}

impl Occupancy {
    /// Counts the seats of shows that begin in a span of time; `day_of` says on which day.
    ///
    /// # Errors
    /// A fault, if the programme cannot be read.
    pub fn of(
        engine: &Engine,
        by: Grouping,
        (from, before): (Option<Timestamp>, Option<Timestamp>),
        day_of: impl Fn(Timestamp) -> NaiveDate,
    ) -> Result<Self, Failure> {
        let filter = ShowFilter { from, before, ..ShowFilter::default() };
        let programme = Programme::read(engine, filter)?;
        let mut lines: BTreeMap<Slot, OccupancyLine> = BTreeMap::new();
        for row in programme.shows.values().filter(|row| row.status != ShowStatus::Cancelled) {
            let slot = Slot::of(by, day_of(row.show.opening.terms.starts_at), row);
            let line = lines.entry(slot.clone());
            line.or_insert_with(|| OccupancyLine::empty(slot.clone(), programme.name(&slot)))
                .add(row);
        }
        Ok(Self { data: lines.into_values().collect(), next: None })
    }
}

/// Movies by tickets sold and not given back, the best first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Popularity {
    /// A line for each movie.
    pub data: Vec<PopularLine>,
    /// Always null: there is one page.
    pub next: Option<String>,
}

/// A movie and how it sold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PopularLine {
    /// Its place, from 1.
    pub rank: usize,
    /// The movie.
    pub movie: MovieId,
    /// Its title.
    pub title: String,
    /// Tickets sold and not given back.
    pub tickets: i64,
    /// How many shows it has.
    pub shows: usize,
    /// What it took, in each currency.
    pub net: Vec<Money>,
}

/// A movie's sums, by currency.
type Sums = (i64, BTreeMap<&'static str, (Currency, i64)>);

impl Popularity {
    /// Ranks the movies that sold in a period; at most `limit`.
    ///
    /// # Errors
    /// A fault, if the programme cannot be read.
    pub fn of(
        engine: &Engine,
        books: &Books,
        period: Period,
        limit: usize,
    ) -> Result<Self, Failure> {
        let programme = Programme::read(engine, ShowFilter::default())?;
        let mut movies: BTreeMap<MovieId, Sums> = BTreeMap::new();
        for (show, _, account) in books.lines().filter(|(_, day, _)| period.has(*day)) {
            let Some(row) = programme.shows.get(&show) else { continue };
            let currency = row.show.opening.terms.prices.currency;
            let (tickets, net) = movies.entry(row.show.opening.movie).or_default();
            *tickets += account.tickets as i64 - account.returned as i64;
            net.entry(currency.code()).or_insert((currency, 0)).1 +=
                account.sold - account.refunded;
        }
        let mut ranked: Vec<_> = movies.into_iter().collect();
        ranked.sort_by_key(|(movie, (tickets, _))| (Reverse(*tickets), *movie));
        ranked.truncate(limit);
        let line = |(place, (movie, (tickets, net))): (usize, (MovieId, Sums))| PopularLine {
            rank: place + 1,
            movie,
            title: programme.title(movie),
            tickets,
            shows: programme.shows.values().filter(|row| row.show.opening.movie == movie).count(),
            net: net.into_values().map(|(currency, net)| currency.minor(net)).collect(),
        };
        Ok(Self { data: ranked.into_iter().enumerate().map(line).collect(), next: None })
    }
}
