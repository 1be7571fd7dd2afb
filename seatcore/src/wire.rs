//! JSON shapes that the results of the engine do not have themselves: the same words over HTTP, on
//! the command line and in Python. A client reads back what a server printed.

use crate::catalogue::layout::{Layout, LayoutError, Plan};
use crate::catalogue::show::{ShowLimits, ShowStatus};
use crate::clock::Timestamp;
use crate::engine::feed::Activity;
use crate::engine::{SeatRow, ShowRow};
use crate::house::Stats;
use crate::house::outcome::{Booking, HoldDetails, Ticket};
use crate::id::LayoutHash;
use crate::money::Money;
use crate::{HoldId, Holder, MovieId, ScreenId, ShowId, Snapshot};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

mod problem;

pub use problem::{BoundView, ConflictView, FieldView, ProblemView, RangeView, StepView};

/// A show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ShowView {
    /// Its number.
    pub id: ShowId,
    /// What is shown.
    pub movie: MovieId,
    /// Where.
    pub screen: ScreenId,
    /// When it begins.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// When it may be sold.
    pub sales: SalesView,
    /// Whether it can be bought now.
    pub status: ShowStatus,
    /// Of seats without a tier, and of tiers without a price.
    pub price: Money,
    /// Prices by tier.
    pub tiers: BTreeMap<String, Money>,
    /// What one holder may hold, and how long.
    pub limits: ShowLimits,
    /// Its seats, counted.
    pub stats: Stats,
    /// Its newest event.
    pub seq: u64,
    /// Its plan.
    pub layout: LayoutHash,
}

/// When a show may be sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SalesView {
    /// From this moment on.
    pub opens_at: Timestamp,
    /// Until just before this moment.
    pub closes_at: Timestamp,
}

impl ShowView {
    /// A show of a list.
    pub fn of(row: &ShowRow) -> Self {
        let opening = &row.show.opening;
        let terms = &opening.terms;
        let money = |minor: u32| terms.prices.currency.minor(i64::from(minor));
        let tiers = terms.prices.tiers.iter();
        Self {
            id: row.show.id,
            movie: opening.movie,
            screen: opening.screen,
            starts_at: terms.starts_at,
            ends_at: terms.ends_at,
            sales: SalesView { opens_at: terms.sales.opens_at, closes_at: terms.closes_at() },
            status: row.status,
            price: money(terms.prices.base),
            tiers: tiers.map(|(name, minor)| (name.to_string(), money(*minor))).collect(),
            limits: terms.limits,
            stats: row.stats,
            seq: row.seq,
            layout: opening.layout,
        }
    }
}

/// A show's seats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SnapshotView<'a> {
    /// The show.
    pub show: ShowId,
    /// The newest event in it.
    pub seq: u64,
    /// The plan that names the seats.
    pub layout: LayoutHash,
    /// One character a seat, in the plan's order: `.` available, `h` held, `b` booked,
    /// `x` blocked.
    pub s: Cow<'a, str>,
    /// The same, counted.
    pub n: Stats,
}

impl<'a> SnapshotView<'a> {
    /// One character a seat, in the layout's order.
    pub fn of(snapshot: &'a Snapshot) -> Self {
        Self {
            show: snapshot.show,
            seq: snapshot.seq,
            layout: snapshot.layout.hash(),
            s: Cow::Borrowed(&snapshot.symbols),
            n: snapshot.stats,
        }
    }

    /// The same without borrowing.
    pub fn into_owned(self) -> SnapshotView<'static> {
        let Self { show, seq, layout, s, n } = self;
        SnapshotView { show, seq, layout, s: Cow::Owned(s.into_owned()), n }
    }
}

/// Every seat of a show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatsView {
    /// The seats, in the plan's order.
    pub data: Vec<SeatRow>,
    /// Always null: there is one page.
    pub next: Option<String>,
    /// An event of the show that the rows are at least as new as.
    pub seq: u64,
}

/// A seat, and what has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhyView {
    /// The seat.
    #[serde(flatten)]
    pub row: SeatRow,
    /// The hold, booking or block that has it; for staff and its holder.
    pub hold: Option<HoldDetails>,
    /// An event of the show that this is at least as new as.
    pub seq: u64,
}

/// An event, as staff may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityView {
    /// Its number in the file.
    pub n: u64,
    /// Its number in the show.
    pub seq: u64,
    /// The show.
    pub show: ShowId,
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: Cow<'static, str>,
    /// The seats it touched.
    pub seats: Vec<String>,
    /// The hold it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold: Option<HoldId>,
    /// Whose that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder: Option<Holder>,
    /// Who asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<Holder>,
    /// Through which face.
    pub source: Cow<'static, str>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl ActivityView {
    /// An event of a show on this plan.
    pub fn of(event: Activity, layout: &Layout) -> Self {
        Self {
            n: event.n,
            seq: event.seq,
            show: event.show,
            at: event.at,
            kind: event.kind.as_str().into(),
            seats: event.seats(layout),
            hold: event.hold,
            holder: event.holder,
            actor: event.actor,
            source: event.source.as_str().into(),
            reason: event.reason,
        }
    }
}

/// A seating plan: where seats stand, and in which order they are counted.
#[derive(Debug, Serialize, Deserialize)]
pub struct LayoutView {
    layout: LayoutHash,
    seats: u32,
    #[serde(flatten)]
    plan: Plan,
}

impl LayoutView {
    /// A plan in full.
    pub fn of(layout: &Layout) -> Self {
        Self { layout: layout.hash(), seats: layout.len(), plan: layout.plan() }
    }

    /// The plan as it was printed.
    ///
    /// # Errors
    /// What [`Layout::from_plan`] refuses.
    pub fn into_layout(self) -> Result<Layout, LayoutError> {
        Layout::from_plan(self.plan)
    }
}

/// A ticket and the booking it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketView {
    /// The ticket.
    #[serde(flatten)]
    pub ticket: Ticket,
    /// Its booking.
    pub booking: Booking,
    /// The event that made it so.
    pub seq: u64,
}
