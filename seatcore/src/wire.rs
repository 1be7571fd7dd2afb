//! JSON shapes that the results of the engine do not have themselves: the same words over HTTP, on
//! the command line and in Python.

use crate::catalogue::layout::{Layout, Plan};
use crate::catalogue::show::ShowStatus;
use crate::clock::Timestamp;
use crate::engine::ShowRow;
use crate::engine::feed::Activity;
use crate::house::Stats;
use crate::house::outcome::{Booking, Ticket};
use crate::id::LayoutHash;
use crate::money::Money;
use crate::{HoldId, Holder, MovieId, ScreenId, ShowId, Snapshot};
use serde::Serialize;
use std::collections::BTreeMap;

mod problem;

pub use problem::{ConflictView, FieldView, ProblemView, StepView};

/// A show.
#[derive(Debug, Serialize)]
pub struct ShowView {
    id: ShowId,
    movie: MovieId,
    screen: ScreenId,
    starts_at: Timestamp,
    ends_at: Timestamp,
    sales: SalesView,
    status: ShowStatus,
    price: Money,
    tiers: BTreeMap<String, Money>,
    stats: Stats,
    seq: u64,
    layout: LayoutHash,
}

#[derive(Debug, Serialize)]
struct SalesView {
    opens_at: Timestamp,
    closes_at: Timestamp,
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
            stats: row.stats,
            seq: row.seq,
            layout: opening.layout,
        }
    }
}

/// A show's seats.
#[derive(Debug, Serialize)]
pub struct SnapshotView<'a> {
    show: ShowId,
    seq: u64,
    layout: LayoutHash,
    s: &'a str,
    n: Stats,
}

impl<'a> SnapshotView<'a> {
    /// One character a seat, in the layout's order.
    pub fn of(snapshot: &'a Snapshot) -> Self {
        Self {
            show: snapshot.show,
            seq: snapshot.seq,
            layout: snapshot.layout.hash(),
            s: &snapshot.symbols,
            n: snapshot.stats,
        }
    }
}

/// An event, as staff may see it.
#[derive(Debug, Serialize)]
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
    pub kind: &'static str,
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
    pub source: &'static str,
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
            kind: event.kind.as_str(),
            seats: event.seats(layout),
            hold: event.hold,
            holder: event.holder,
            actor: event.actor,
            source: event.source.as_str(),
            reason: event.reason,
        }
    }
}

/// A seating plan: where seats stand, and in which order they are counted.
#[derive(Debug, Serialize)]
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
}

/// A ticket and the booking it belongs to.
#[derive(Debug, Serialize)]
pub struct TicketView<'a> {
    /// The ticket.
    #[serde(flatten)]
    pub ticket: &'a Ticket,
    /// Its booking.
    pub booking: &'a Booking,
    /// The event that made it so.
    pub seq: u64,
}
