//! The engine's books, put together by day, show, movie or screen.

use crate::commands::shows::Names;
use crate::reading;
use chrono::NaiveDate;
use chrono_tz::Tz;
use seatcore::clock::Timestamp;
use seatcore::engine::ShowRow;
use seatcore::engine::books::{Account, Books};
use seatcore::money::Currency;
use seatcore::{MovieId, ScreenId, ShowId};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

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

/// Lines of the books put together, by slot and currency.
#[derive(Debug)]
pub struct Ledger(BTreeMap<(Slot, &'static str), (Currency, Account)>);

impl Ledger {
    /// What happened from one day until just before another, by what each show stands for.
    pub fn of(
        books: &Books,
        shows: &HashMap<ShowId, (Slot, Currency)>,
        from: Option<NaiveDate>,
        to: Option<NaiveDate>,
    ) -> Self {
        let mut accounts = BTreeMap::new();
        let counts =
            |day: NaiveDate| from.is_none_or(|from| day >= from) && to.is_none_or(|to| day < to);
        for (show, day, account) in books.lines().filter(|(_, day, _)| counts(*day)) {
            let Some((slot, currency)) = shows.get(&show) else { continue };
            let slot = match slot {
                Slot::Day(_) => Slot::Day(Some(day)),
                other => other.clone(),
            };
            let line = accounts.entry((slot, currency.code()));
            line.or_insert((*currency, Account::default())).1 += account;
        }
        Self(accounts)
    }

    /// Every line that has something on it.
    pub fn accounts(&self) -> impl Iterator<Item = (&Slot, Currency, Account)> {
        self.0.iter().map(|((slot, _), (currency, account))| (slot, *currency, *account))
    }
}
