//! The log as an account book: what came in and what went back, by day, show, movie or screen.

use crate::commands::shows::Names;
use crate::error::CliError;
use crate::reading;
use chrono::NaiveDate;
use chrono_tz::Tz;
use seatcore::clock::Timestamp;
use seatcore::engine::ShowRow;
use seatcore::house::event::{Fact, N, Part};
use seatcore::money::Currency;
use seatcore::{Engine, MovieId, ScreenId, ShowId};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::ops::AddAssign;
use std::sync::atomic::{AtomicU64, Ordering};

/// Records read at once.
const PAGE: usize = 10_000;

/// What a line stands for; days sort as days.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Slot {
    /// A day of sales; none until the sale is seen.
    Day(Option<NaiveDate>),
    /// A show.
    Show(ShowId),
    /// A movie.
    Movie(MovieId),
    /// A screen.
    Screen(ScreenId),
}

impl Slot {
    /// As programs know it.
    pub fn id(&self) -> Value {
        match self {
            Self::Day(day) => day.map_or(Value::Null, |day| day.to_string().into()),
            Self::Show(show) => json!(show),
            Self::Movie(movie) => json!(movie),
            Self::Screen(screen) => json!(screen),
        }
    }

    /// As people know it.
    pub fn name(&self, names: &Names, shows: &HashMap<ShowId, ShowRow>, zone: Tz) -> String {
        match self {
            Self::Day(day) => day.map_or_else(String::new, |day| day.to_string()),
            Self::Show(show) => {
                let row = shows.get(show);
                let movie = row.map_or_else(String::new, |row| names.movie(row));
                let starts = row.map(|row| row.show.opening.terms.starts_at);
                let starts = starts.map(|at| reading::print_minute(at, zone));
                format!("{show}  {movie}, {}", starts.unwrap_or_default())
            }
            Self::Movie(movie) => names.title(*movie),
            Self::Screen(screen) => names.hall(*screen),
        }
    }
}

/// A day in a zone.
pub fn day(at: Timestamp, zone: Tz) -> NaiveDate {
    at.to_chrono().with_timezone(&zone).date_naive()
}

/// Sums of one line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Account {
    /// Bookings made.
    pub bookings: u64,
    /// Tickets sold.
    pub tickets: u64,
    /// Tickets given back.
    pub returned: u64,
    /// Minor units taken.
    pub sold: i64,
    /// Minor units given back.
    pub refunded: i64,
}

impl AddAssign for Account {
    fn add_assign(&mut self, other: Self) {
        self.bookings += other.bookings;
        self.tickets += other.tickets;
        self.returned += other.returned;
        self.sold += other.sold;
        self.refunded += other.refunded;
    }
}

/// The book, and how its lines are kept.
#[derive(Debug)]
pub struct Ledger {
    shows: HashMap<ShowId, (Slot, Currency)>,
    zone: Tz,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    accounts: BTreeMap<(Slot, &'static str), (Currency, Account)>,
    /// What each show has sold and not given back: all of it ends when the show is cancelled.
    standing: HashMap<ShowId, (u64, i64)>,
}

impl Ledger {
    /// An empty book over these shows, for what happens between two moments.
    pub fn new(
        shows: HashMap<ShowId, (Slot, Currency)>,
        zone: Tz,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> Self {
        let (accounts, standing) = (BTreeMap::new(), HashMap::new());
        Self { shows, zone, from, to, accounts, standing }
    }

    /// Reads the log up to record `head`.
    pub fn fold(mut self, engine: &Engine, head: N, seen: &AtomicU64) -> Result<Self, CliError> {
        let mut after = 0;
        while after < head {
            let records = engine.records(after, PAGE)?;
            let Some(last) = records.last() else { break };
            after = last.n;
            for record in records.iter().filter(|record| record.n <= head) {
                if let Some(show) = record.show_id() {
                    self.enter(show, record.at, &record.entry.fact);
                }
            }
            seen.store(after, Ordering::Relaxed);
        }
        Ok(self)
    }

    /// Every line that has something on it.
    pub fn accounts(&self) -> impl Iterator<Item = (&Slot, Currency, Account)> {
        self.accounts.iter().map(|((slot, _), (currency, account))| (slot, *currency, *account))
    }

    fn enter(&mut self, show: ShowId, at: Timestamp, fact: &Fact) {
        let (tickets, sold) = self.standing.get(&show).copied().unwrap_or_default();
        let account = match fact {
            Fact::Booked { part, .. } => {
                let (seats, minor) = sum(part);
                self.standing.insert(show, (tickets + seats, sold + minor));
                Account { bookings: 1, tickets: seats, sold: minor, ..Account::default() }
            }
            Fact::Cancelled { part, .. } => {
                let (seats, minor) = sum(part);
                let left = (tickets.saturating_sub(seats), sold - minor);
                self.standing.insert(show, left);
                Account { returned: seats, refunded: minor, ..Account::default() }
            }
            Fact::ShowCancelled { .. } => {
                self.standing.remove(&show);
                Account { returned: tickets, refunded: sold, ..Account::default() }
            }
            _ => return,
        };
        let counts = self.from.is_none_or(|from| at >= from) && self.to.is_none_or(|to| at < to);
        let Some((slot, currency)) = self.shows.get(&show).filter(|_| counts) else { return };
        let slot = match slot {
            Slot::Day(_) => Slot::Day(Some(day(at, self.zone))),
            other => other.clone(),
        };
        let line = self.accounts.entry((slot, currency.code()));
        line.or_insert((*currency, Account::default())).1 += account;
    }
}

fn sum(part: &Part) -> (u64, i64) {
    let minor = part.seats.iter().map(|seat| i64::from(seat.price)).sum();
    (part.seats.len() as u64, minor)
}
