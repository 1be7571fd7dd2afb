//! What stays of a show when its records move to a file of their own.

use crate::catalogue::show::Opening;
use crate::clock::Timestamp;
use crate::house::event::codec::{Reader, Undecodable, Writer, decode_opening, encode_opening};
use crate::house::event::{ChainHash, Fact, Part};
use std::collections::BTreeMap;
use std::ops::AddAssign;

/// The books are kept by the quarter of an hour: days begin at one in every time zone.
const QUARTER_MS: i64 = 15 * 60 * 1_000;

/// Sums of one line of the books.
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

/// What a show has sold and not given back: all of it ends when the show is cancelled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Outstanding {
    tickets: u64,
    minor: i64,
}

impl Outstanding {
    /// What a fact means for the books; `None` if it means nothing.
    pub(crate) fn account(&mut self, fact: &Fact) -> Option<Account> {
        match fact {
            Fact::Booked { part, .. } => {
                let (tickets, sold) = sum(part);
                (self.tickets, self.minor) = (self.tickets + tickets, self.minor + sold);
                Some(Account { bookings: 1, tickets, sold, ..Account::default() })
            }
            Fact::Cancelled { part, .. } => {
                let (returned, refunded) = sum(part);
                self.tickets = self.tickets.saturating_sub(returned);
                self.minor -= refunded;
                Some(Account { returned, refunded, ..Account::default() })
            }
            Fact::ShowCancelled { .. } => {
                let Self { tickets: returned, minor: refunded } = std::mem::take(self);
                Some(Account { returned, refunded, ..Account::default() })
            }
            _ => None,
        }
    }
}

fn sum(part: &Part) -> (u64, i64) {
    let minor = part.seats.iter().map(|seat| i64::from(seat.price)).sum();
    (part.seats.len() as u64, minor)
}

/// A show's books, by the quarter of an hour.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    lines: BTreeMap<i64, Account>,
    outstanding: Outstanding,
}

impl Ledger {
    /// Enters a fact.
    pub(crate) fn enter(&mut self, at: Timestamp, fact: &Fact) {
        if let Some(account) = self.outstanding.account(fact) {
            *self.lines.entry(at.millis().div_euclid(QUARTER_MS)).or_default() += account;
        }
    }

    /// Every line: when its quarter of an hour begins, and its sums.
    pub fn lines(&self) -> impl Iterator<Item = (Timestamp, Account)> {
        let begins = |quarter: i64| Timestamp::from_millis(quarter.saturating_mul(QUARTER_MS));
        self.lines.iter().map(move |(quarter, account)| (begins(*quarter), *account))
    }

    fn encode(&self, out: &mut Writer) {
        out.number(self.lines.len() as u64);
        let mut before = 0;
        for (quarter, account) in &self.lines {
            out.signed(quarter - before);
            before = *quarter;
            [account.bookings, account.tickets, account.returned]
                .iter()
                .for_each(|count| out.number(*count));
            out.signed(account.sold);
            out.signed(account.refunded);
        }
    }

    fn decode(from: &mut Reader<'_>) -> Result<Self, Undecodable> {
        let (mut lines, mut quarter) = (BTreeMap::new(), 0_i64);
        for _ in 0..from.count()? {
            quarter = quarter.checked_add(from.signed()?).ok_or(Undecodable)?;
            let account = Account {
                bookings: from.number()?,
                tickets: from.number()?,
                returned: from.number()?,
                sold: from.signed()?,
                refunded: from.signed()?,
            };
            lines.insert(quarter, account);
        }
        Ok(Self { lines, outstanding: Outstanding::default() })
    }
}

/// What stays of an archived show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archive {
    /// What it was opened with and changed to since.
    pub opening: Opening,
    /// Whether it was cancelled.
    pub cancelled: bool,
    /// How many records moved.
    pub records: u64,
    /// The hash of the last of them: where the chain went on.
    pub before: ChainHash,
    /// Seats sold.
    pub booked: u32,
    /// Seats off sale.
    pub blocked: u32,
    /// What was taken and given back.
    pub ledger: Ledger,
}

impl Archive {
    pub(super) fn encode(&self, out: &mut Writer) {
        encode_opening(&self.opening, out);
        out.byte(u8::from(self.cancelled));
        out.number(self.records);
        out.raw(&self.before);
        out.number(u64::from(self.booked));
        out.number(u64::from(self.blocked));
        self.ledger.encode(out);
    }

    pub(super) fn decode(from: &mut Reader<'_>) -> Result<Self, Undecodable> {
        Ok(Self {
            opening: decode_opening(from)?,
            cancelled: from.byte()? != 0,
            records: from.number()?,
            before: from.array()?,
            booked: from.small()?,
            blocked: from.small()?,
            ledger: Ledger::decode(from)?,
        })
    }
}
