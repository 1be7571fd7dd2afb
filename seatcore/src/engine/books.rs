//! The books: what was sold and what was given back, by show and day, folded from the log as it
//! grows. Exact as the log is, and read on from where they ended.

use crate::clock::Timestamp;
use crate::engine::Engine;
use crate::error::Failure;
use crate::house::event::{Fact, N, Part};
use crate::id::{Epoch, ShowId};
use chrono::NaiveDate;
use std::collections::{BTreeMap, HashMap};
use std::ops::AddAssign;

/// Records read at once.
const PAGE: usize = 10_000;

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

/// The books of one file.
pub struct Books {
    day_of: Box<dyn Fn(Timestamp) -> NaiveDate + Send + Sync>,
    epoch: Option<Epoch>,
    read_to: N,
    lines: BTreeMap<(ShowId, NaiveDate), Account>,
    /// What each show has sold and not given back: all of it ends when the show is cancelled.
    standing: HashMap<ShowId, (u64, i64)>,
}

impl std::fmt::Debug for Books {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Books({} lines as of record {})", self.lines.len(), self.read_to)
    }
}

impl Books {
    /// Empty books, whose days begin where `day_of` says.
    pub fn new(day_of: impl Fn(Timestamp) -> NaiveDate + Send + Sync + 'static) -> Self {
        let (lines, standing) = (BTreeMap::new(), HashMap::new());
        Self { day_of: Box::new(day_of), epoch: None, read_to: 0, lines, standing }
    }

    /// Reads on to the log's end; from its beginning, if the file has another history.
    ///
    /// # Errors
    /// A fault, if the log cannot be read. What was read stays read.
    pub fn catch_up(&mut self, engine: &Engine) -> Result<(), Failure> {
        let (epoch, head) = engine.position()?;
        if self.epoch != Some(epoch) || head < self.read_to {
            (self.epoch, self.read_to) = (Some(epoch), 0);
            self.lines.clear();
            self.standing.clear();
        }
        while self.read_to < head {
            let records = engine.records(self.read_to, PAGE)?;
            let Some(last) = records.last() else { break };
            self.read_to = last.n;
            for record in &records {
                if let Some(show) = record.show_id() {
                    self.enter(show, record.at, &record.entry.fact);
                }
            }
        }
        Ok(())
    }

    /// Every line: a show, a day on which it sold or gave back, and how much.
    pub fn lines(&self) -> impl Iterator<Item = (ShowId, NaiveDate, Account)> {
        self.lines.iter().map(|((show, day), account)| (*show, *day, *account))
    }

    fn enter(&mut self, show: ShowId, at: Timestamp, fact: &Fact) {
        let standing = self.standing.entry(show).or_default();
        let account = match fact {
            Fact::Booked { part, .. } => {
                let (tickets, sold) = sum(part);
                *standing = (standing.0 + tickets, standing.1 + sold);
                Account { bookings: 1, tickets, sold, ..Account::default() }
            }
            Fact::Cancelled { part, .. } => {
                let (returned, refunded) = sum(part);
                *standing = (standing.0.saturating_sub(returned), standing.1 - refunded);
                Account { returned, refunded, ..Account::default() }
            }
            Fact::ShowCancelled { .. } => {
                let (returned, refunded) = std::mem::take(standing);
                Account { returned, refunded, ..Account::default() }
            }
            _ => return,
        };
        *self.lines.entry((show, (self.day_of)(at))).or_default() += account;
    }
}

fn sum(part: &Part) -> (u64, i64) {
    let minor = part.seats.iter().map(|seat| i64::from(seat.price)).sum();
    (part.seats.len() as u64, minor)
}
