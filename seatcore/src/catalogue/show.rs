//! A show: one dated showing of a movie on a screen, and the terms under which it sells.

use crate::catalogue::price::Prices;
use crate::clock::Timestamp;
use crate::house::hold::TTL_MAX_S;
use crate::house::rejection::{FieldError, Rejection, Unit};
use crate::id::{LayoutHash, MovieId, ScreenId, ShowId};
use crate::money::Money;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Live holds of one holder in one show, unless the show says otherwise: a family's worth of
/// separate choices, far below what a hoarder needs.
pub const HOLDS_PER_HOLDER: u32 = 16;
/// Live held seats of one holder in one show, unless the show says otherwise: a school class.
pub const SEATS_PER_HOLDER: u32 = 64;

/// Caps of one show.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ShowLimits {
    /// Seconds a hold may live, counted from the first acquisition of its earliest seat.
    pub hold_life_s: u32,
    /// Live holds of one holder.
    pub holds_per_holder: u32,
    /// Live held seats of one holder.
    pub seats_per_holder: u32,
}

impl Default for ShowLimits {
    fn default() -> Self {
        Self {
            hold_life_s: TTL_MAX_S,
            holds_per_holder: HOLDS_PER_HOLDER,
            seats_per_holder: SEATS_PER_HOLDER,
        }
    }
}

impl ShowLimits {
    /// Checks every field: a life of a second to a day, and at least one hold and seat.
    pub(crate) fn check(&self) -> Result<(), Rejection> {
        let some = |number: u32| Some(i64::from(number));
        FieldError::ranges([
            ("hold_life_s", some(self.hold_life_s), Unit::Seconds.range(1, 86_400)),
            ("holds_per_holder", some(self.holds_per_holder), Unit::Holds.range(1, 100_000)),
            ("seats_per_holder", some(self.seats_per_holder), Unit::Seats.range(1, 200_000)),
        ])
    }
}

/// Other caps, for later commands. What is `None` stays as it is when the change is decided,
/// whatever somebody else has changed meanwhile.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LimitsPatch {
    /// Seconds a hold may live, 1 to 86,400.
    pub hold_life_s: Option<u32>,
    /// Live holds of one holder, 1 to 100,000.
    pub holds_per_holder: Option<u32>,
    /// Live held seats of one holder, 1 to 200,000.
    pub seats_per_holder: Option<u32>,
}

impl From<ShowLimits> for LimitsPatch {
    fn from(limits: ShowLimits) -> Self {
        Self {
            hold_life_s: Some(limits.hold_life_s),
            holds_per_holder: Some(limits.holds_per_holder),
            seats_per_holder: Some(limits.seats_per_holder),
        }
    }
}

impl LimitsPatch {
    /// These caps with what was patched.
    pub fn over(self, limits: ShowLimits) -> ShowLimits {
        ShowLimits {
            hold_life_s: self.hold_life_s.unwrap_or(limits.hold_life_s),
            holds_per_holder: self.holds_per_holder.unwrap_or(limits.holds_per_holder),
            seats_per_holder: self.seats_per_holder.unwrap_or(limits.seats_per_holder),
        }
    }

    /// Checks every cap that is given.
    pub(crate) fn check(self) -> Result<(), Rejection> {
        self.over(ShowLimits::default()).check()
    }
}

/// When a show may be sold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sales {
    /// From this moment on.
    pub opens_at: Timestamp,
    /// Until just before this moment; `None` follows the show's start.
    pub closes_at: Option<Timestamp>,
    /// Closed by hand, whatever the clock says.
    pub closed: bool,
}

impl Sales {
    /// Sales of a new show close after they open; whoever ends them later may say any moment.
    pub(crate) fn check_window(&self) -> Result<(), Rejection> {
        let soonest = self.opens_at.millis().saturating_add(1);
        let closes = self.closes_at.map(Timestamp::millis);
        let later = Unit::Moment.range(soonest, Timestamp::MAX.millis());
        FieldError::ranges([("closes_at", closes, later)])
    }
}

/// Everything about a show that a rule reads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Terms {
    /// When it begins.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// When it may be sold.
    pub sales: Sales,
    /// What seats cost.
    pub prices: Prices,
    /// Its caps.
    pub limits: ShowLimits,
}

/// Whether a show can be bought.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ShowStatus {
    /// Yes.
    OnSale,
    /// Not yet, no longer, or closed by hand.
    Closed,
    /// Never again.
    Cancelled,
}

impl ShowStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::OnSale, Self::Closed, Self::Cancelled];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OnSale => "on_sale",
            Self::Closed => "closed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl serde::Serialize for ShowStatus {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

deserialize_as_text!(ShowStatus);

parse_by_word!(ShowStatus, "status of a show");

impl fmt::Display for ShowStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Terms {
    /// The moment sales end by the clock.
    pub fn closes_at(&self) -> Timestamp {
        self.sales.closes_at.unwrap_or(self.starts_at)
    }

    /// Checks every moment at once.
    pub(crate) fn check_times(&self) -> Result<(), Rejection> {
        check_times(self.starts_at, Some(self.ends_at), self.sales)
    }

    /// Whether it begins and ends when the other does.
    pub fn same_times(&self, other: &Self) -> bool {
        (self.starts_at, self.ends_at) == (other.starts_at, other.ends_at)
    }

    /// Whether the window is open at `now`: from `opens_at`, until just before `closes_at`.
    pub fn on_sale_at(&self, now: Timestamp) -> bool {
        !self.sales.closed && self.sales.opens_at <= now && now < self.closes_at()
    }

    /// The next moment after `now` at which the clock alone opens or closes sales.
    pub fn turns_at(&self, now: Timestamp) -> Option<Timestamp> {
        let edges = [self.sales.opens_at, self.closes_at()];
        edges.into_iter().filter(|edge| *edge > now && !self.sales.closed).min()
    }
}

/// What a new show is made of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Opening {
    /// What is shown.
    pub movie: MovieId,
    /// Where.
    pub screen: ScreenId,
    /// On which plan; never changes.
    pub layout: LayoutHash,
    /// How it sells.
    pub terms: Terms,
}

/// A show as it stands in the programme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Show {
    /// Its number.
    pub id: ShowId,
    /// What, where, on which plan, under which terms.
    pub opening: Opening,
    /// Whether it was cancelled.
    pub cancelled: bool,
    /// Whether its records moved to a file of their own: it is listed, and refuses all else.
    pub archived: bool,
}

impl Show {
    /// Whether it can be bought at `now`.
    pub fn status(&self, now: Timestamp) -> ShowStatus {
        if self.cancelled {
            ShowStatus::Cancelled
        } else if self.opening.terms.on_sale_at(now) {
            ShowStatus::OnSale
        } else {
            ShowStatus::Closed
        }
    }
}

/// Which shows are asked for; what is `None` does not narrow.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ShowFilter {
    /// Of this movie.
    pub movie: Option<MovieId>,
    /// On this screen.
    pub screen: Option<ScreenId>,
    /// Starting at this moment or later.
    pub from: Option<Timestamp>,
    /// Starting before this moment.
    pub before: Option<Timestamp>,
    /// Behind this show in the order (start, number): where the last page ended.
    pub after: Option<(Timestamp, ShowId)>,
    /// At most this many; 0 means 200.
    pub limit: u32,
}

/// What a new show is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewShow {
    /// What is shown.
    pub movie: MovieId,
    /// Where; the screen's layout of this moment becomes the show's for good.
    pub screen: ScreenId,
    /// When it begins.
    pub starts_at: Timestamp,
    /// When it ends; `None`: after the movie's minutes.
    pub ends_at: Option<Timestamp>,
    /// What seats cost.
    pub prices: Prices,
    /// Sales open at this moment; `None`: at once.
    pub opens_at: Option<Timestamp>,
    /// Sales close at this moment; `None`: when it begins.
    pub closes_at: Option<Timestamp>,
    /// Caps.
    pub limits: ShowLimits,
}

impl NewShow {
    /// A show with one price, on sale at once and until it begins.
    pub fn new(movie: MovieId, screen: ScreenId, starts_at: Timestamp, price: Money) -> Self {
        let base = u32::try_from(price.amount_minor).unwrap_or(u32::MAX);
        let prices = Prices::flat(price.currency, base);
        let (ends_at, opens_at, closes_at) = (None, None, None);
        let limits = ShowLimits::default();
        Self { movie, screen, starts_at, ends_at, prices, opens_at, closes_at, limits }
    }

    /// Checks every field at once.
    pub fn check(&self) -> Result<(), Rejection> {
        let opens_at = self.opens_at.unwrap_or(Timestamp::MIN);
        let sales = Sales { opens_at, closes_at: self.closes_at, closed: false };
        check_times(self.starts_at, self.ends_at, sales)?;
        sales.check_window()?;
        self.prices.check()?;
        self.limits.check()
    }
}

/// Longest show: a day. What looks for overlaps looks no further back.
pub const SHOW_MS_MAX: i64 = 86_400_000;
/// Shortest show.
const SHOW_MS_MIN: i64 = 60_000;

/// Every moment is one that every calendar has and RFC 3339 prints; a show lasts from a minute to a
/// day.
fn check_times(
    starts_at: Timestamp,
    ends_at: Option<Timestamp>,
    sales: Sales,
) -> Result<(), Rejection> {
    let (first, last) = (Timestamp::MIN.millis(), Timestamp::MAX.millis());
    let start = starts_at.millis();
    let (soonest, latest) = (start.saturating_add(SHOW_MS_MIN), start.saturating_add(SHOW_MS_MAX));
    let (opens, closes) = (sales.opens_at.millis(), sales.closes_at.map(Timestamp::millis));
    let moments = |first, last| Unit::Moment.range(first, last);
    FieldError::ranges([
        ("starts_at", Some(start), moments(0, last)),
        ("ends_at", ends_at.map(Timestamp::millis), moments(soonest, latest.min(last))),
        ("opens_at", Some(opens), moments(first, last)),
        ("closes_at", closes, moments(first, last)),
    ])
}
