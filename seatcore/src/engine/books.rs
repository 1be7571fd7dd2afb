//! The books: what was sold and what was given back, by show and day, folded from the log as it
//! grows. Exact as the log is, and read on from where they ended.

use crate::clock::Timestamp;
use crate::engine::Engine;
use crate::error::Failure;
pub use crate::house::event::archive::Account;
use crate::house::event::archive::Outstanding;
use crate::house::event::{Fact, N};
use crate::id::{Epoch, ShowId};
use chrono::NaiveDate;
use std::collections::{BTreeMap, HashMap};

/// Records read at once.
const PAGE: usize = 10_000;

/// The books of one file.
pub struct Books {
    day_of: Box<dyn Fn(Timestamp) -> NaiveDate + Send + Sync>,
    epoch: Option<Epoch>,
    read_to: N,
    lines: BTreeMap<(ShowId, NaiveDate), Account>,
    standing: HashMap<ShowId, Outstanding>,
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

    /// What an archived show leaves is all there was, whether it was read before or not.
    fn enter(&mut self, show: ShowId, at: Timestamp, fact: &Fact) {
        if let Fact::Archived(archive) = fact {
            self.lines.retain(|(of, _), _| *of != show);
            for (at, account) in archive.ledger.lines() {
                *self.lines.entry((show, (self.day_of)(at))).or_default() += account;
            }
        } else if let Some(account) = self.standing.entry(show).or_default().account(fact) {
            *self.lines.entry((show, (self.day_of)(at))).or_default() += account;
        }
    }
}
