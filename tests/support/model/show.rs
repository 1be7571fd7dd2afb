//! One show of the model: its seats, its holds in one list, and its terms.

use super::Receipt;
use super::ask::{Asked, Patch};
use super::said::{No, Said, Slip};
use seatcore::HoldId;
use seatcore::catalogue::layout::Layout;
use seatcore::catalogue::show::Opening;
use seatcore::id::SeatIndex;

/// No show is shorter.
const SHORTEST_MS: i64 = 60_000;
/// Ended holds are forgotten after a day of the show's own time.
const REMEMBERED_MS: i64 = 24 * 3_600_000;

/// A seat of the hall.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// Its label as printed.
    pub label: String,
    /// Its tier.
    pub tier: Option<String>,
    /// Whether it is an accessible place.
    pub accessible: bool,
    /// Seats with the same number stand next to each other, without an aisle between.
    pub run: usize,
}

impl Place {
    /// The seats of a hall in plan order.
    pub fn all(layout: &Layout) -> Vec<Self> {
        let mut places = Vec::new();
        for (run, stretch) in layout.all_runs().enumerate() {
            for seat in (stretch.seats.start.0..stretch.seats.end.0).map(SeatIndex) {
                let tier = layout.tier_of(seat).map(|tier| &layout.tiers()[usize::from(tier.0)]);
                let (label, accessible) = (layout.label(seat).to_string(), layout.accessible(seat));
                places.push(Self {
                    label,
                    tier: tier.map(|name| name.to_string()),
                    accessible,
                    run,
                });
            }
        }
        places
    }
}

/// What a show's rules read. Times are in milliseconds, lives in seconds.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the names are those of the engine's terms")]
pub struct Terms {
    pub starts_at: i64,
    pub ends_at: i64,
    pub opens_at: i64,
    pub closes_at: Option<i64>,
    pub closed: bool,
    pub price: u32,
    pub tiers: Vec<(String, u32)>,
    pub life_s: i64,
    pub holds_max: usize,
    pub seats_max: usize,
}

/// What a hold is, whatever the clock says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the names are the contract's")]
pub enum State {
    Held,
    Booked,
    Blocked,
    Released,
    Expired,
    Cancelled,
}

impl State {
    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Booked => "booked",
            Self::Blocked => "blocked",
            Self::Released => "released",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether its seats are taken.
    pub fn claims(self) -> bool {
        matches!(self, Self::Held | Self::Booked | Self::Blocked)
    }
}

/// A hold, a booking or a block.
#[derive(Clone, Debug)]
pub struct Claim {
    pub(super) id: HoldId,
    pub(super) who: String,
    pub(super) state: State,
    /// Labels and prices in plan order; kept after the end.
    pub(super) seats: Vec<(String, u32)>,
    pub(super) expires_at: Option<i64>,
    /// When the earliest of its seats was first acquired.
    pub(super) acquired_at: i64,
    pub(super) booked_at: i64,
    /// When the log learnt of its end.
    pub(super) ended_at: Option<i64>,
    pub(super) note: Option<String>,
}

impl Claim {
    /// What a reader sees: the deadline itself is already too late.
    pub(super) fn reads(&self, now: i64) -> State {
        match self.expires_at {
            Some(deadline) if self.state == State::Held && deadline <= now => State::Expired,
            _ => self.state,
        }
    }

    pub(super) fn has(&self, label: &str) -> bool {
        self.seats.iter().any(|(own, _)| own == label)
    }

    pub(super) fn end(&mut self, state: State, now: i64) {
        self.state = state;
        self.ended_at = Some(now);
    }
}

/// A show.
#[derive(Clone, Debug)]
pub struct Show {
    /// Its number.
    pub number: u32,
    /// Its screen's number.
    pub screen: u32,
    /// Its seats in plan order.
    pub places: Vec<Place>,
    /// Its terms.
    pub terms: Terms,
    /// Whether it was cancelled.
    pub cancelled: bool,
    /// Its newest event.
    pub seq: u64,
    pub(super) claims: Vec<Claim>,
    /// Callers of remembered refusals, one entry for each.
    pub(super) notes: Vec<String>,
    pub(super) receipts: Vec<Receipt>,
}

impl Show {
    /// A show that was just opened: its opening is its first event.
    pub fn opened(number: u32, opening: &Opening, layout: &Layout) -> Self {
        let (terms, limits) = (&opening.terms, opening.terms.limits);
        let tiers = terms.prices.tiers.iter().map(|(name, price)| (name.to_string(), *price));
        let terms = Terms {
            starts_at: terms.starts_at.millis(),
            ends_at: terms.ends_at.millis(),
            opens_at: terms.sales.opens_at.millis(),
            closes_at: terms.sales.closes_at.map(|at| at.millis()),
            closed: terms.sales.closed,
            price: terms.prices.base,
            tiers: tiers.collect(),
            life_s: i64::from(limits.hold_life_s),
            holds_max: limits.holds_per_holder as usize,
            seats_max: limits.seats_per_holder as usize,
        };
        Self {
            number,
            screen: opening.screen.get(),
            places: Place::all(layout),
            terms,
            cancelled: false,
            seq: 1,
            claims: Vec::new(),
            notes: Vec::new(),
            receipts: Vec::new(),
        }
    }

    /// The first answer under a key, or that the key was another command's.
    pub(super) fn receipt(&self, asked: &Asked, key: &str) -> Option<Said> {
        let scope = asked.scope();
        let known = self.receipts.iter().find(|known| known.scope == scope && known.key == key);
        known.map(|known| {
            if known.ask.same_as(&asked.ask) {
                Said { replayed: true, ..known.said.clone() }
            } else {
                Said::no(No::plain("key_reused"))
            }
        })
    }

    /// Whether it can be bought.
    pub fn status(&self, now: i64) -> &'static str {
        let closes_at = self.terms.closes_at.unwrap_or(self.terms.starts_at);
        let open = !self.terms.closed && self.terms.opens_at <= now && now < closes_at;
        match (self.cancelled, open) {
            (true, _) => "cancelled",
            (false, true) => "on_sale",
            (false, false) => "closed",
        }
    }

    /// What it would be under a patch.
    pub(super) fn changed(&self, patch: &Patch) -> Result<Terms, No> {
        if self.cancelled {
            return Err(No::plain("show_cancelled"));
        }
        let mut terms = self.terms.clone();
        let begins = patch.starts_at.unwrap_or(terms.starts_at);
        terms.ends_at = patch.ends_at.unwrap_or(terms.ends_at + begins - terms.starts_at);
        terms.starts_at = begins;
        terms.closes_at = patch.closes_at.unwrap_or(terms.closes_at);
        terms.closed = patch.closed.unwrap_or(terms.closed);
        if let Some(price) = patch.price {
            (terms.price, terms.tiers) = (price, Vec::new());
        }
        if let Some((life_s, holds, seats)) = patch.limits {
            terms.life_s = i64::from(life_s);
            (terms.holds_max, terms.seats_max) = (holds as usize, seats as usize);
        }
        if terms.ends_at < terms.starts_at + SHORTEST_MS {
            return Err(No::plain("invalid"));
        }
        // Who asks on a condition learns first that it no longer holds, then where the screen is
        // busy: the house knows the one, the whole programme the other.
        if patch.if_seq.is_some_and(|seq| seq != self.seq) {
            return Err(No::plain("stale"));
        }
        Ok(terms)
    }

    /// The next event has a number; with it, holds that ended a day ago are forgotten.
    pub(super) fn event(&mut self, now: i64) -> u64 {
        self.forget(now);
        self.seq += 1;
        self.seq
    }

    pub(super) fn forget(&mut self, now: i64) {
        self.claims.retain(|c| c.ended_at.is_none_or(|ended| now - ended < REMEMBERED_MS));
    }

    pub(super) fn sweep(&mut self, now: i64) -> u64 {
        let lapsed = |c: &&mut Claim| c.state == State::Held && c.reads(now) == State::Expired;
        let mut swept = 0;
        for claim in self.claims.iter_mut().filter(lapsed) {
            claim.end(State::Expired, now);
            swept += 1;
        }
        for _ in 0..swept {
            self.event(now);
        }
        swept
    }

    /// The place with this label, in whatever case it was asked.
    pub(super) fn place(&self, asked: &str) -> Option<usize> {
        self.places.iter().position(|place| place.label.eq_ignore_ascii_case(asked.trim()))
    }

    /// What has a seat, by the log: it may have lapsed.
    pub(super) fn claim_on(&self, label: &str) -> Option<&Claim> {
        self.claims.iter().find(|claim| claim.state.claims() && claim.has(label))
    }

    pub(super) fn claim(&self, id: HoldId) -> Option<&Claim> {
        self.claims.iter().find(|claim| claim.id == id)
    }

    pub(super) fn claim_mut(&mut self, id: HoldId) -> &mut Claim {
        let found = self.claims.iter_mut().find(|claim| claim.id == id);
        found.expect("a claim that was just found")
    }

    /// What everybody sees of a seat.
    pub fn seat(&self, label: &str, now: i64) -> &'static str {
        match self.claim_on(label).map(|claim| claim.reads(now)) {
            Some(state) if state.claims() => state.word(),
            Some(_) | None => "available",
        }
    }

    /// One character per seat, as in a snapshot.
    pub fn symbols(&self, now: i64) -> String {
        let symbol = |place: &Place| match self.seat(&place.label, now) {
            "held" => 'h',
            "booked" => 'b',
            "blocked" => 'x',
            _ => '.',
        };
        self.places.iter().map(symbol).collect()
    }

    /// Every hold, as a reader sees it at `now`.
    pub fn holds(&self, now: i64) -> Vec<(HoldId, String, State, Option<i64>)> {
        let read = |c: &Claim| (c.id, c.who.clone(), c.reads(now), c.expires_at);
        self.claims.iter().map(read).collect()
    }

    /// The seats of a hold, also of an ended one.
    pub fn seats_of(&self, id: HoldId) -> Vec<String> {
        let seats = self.claim(id).map_or(&[][..], |claim| &claim.seats);
        seats.iter().map(|(label, _)| label.clone()).collect()
    }

    /// The live holds of one holder, or of everybody.
    pub fn live(&self, who: Option<&str>, now: i64) -> Vec<Slip> {
        let live = |c: &&Claim| c.reads(now) == State::Held && who.is_none_or(|who| c.who == who);
        self.claims.iter().filter(live).map(|c| self.slip(c, now)).collect()
    }

    fn slip(&self, claim: &Claim, now: i64) -> Slip {
        let left = claim.expires_at.map(|at| (at - now) as u64);
        Slip {
            id: claim.id,
            show: self.number,
            holder: claim.who.clone(),
            seats: claim.seats.iter().map(|(label, _)| label.clone()).collect(),
            state: claim.reads(now).word().to_owned(),
            expires_at: claim.expires_at,
            expires_in_ms: left,
            total: claim.seats.iter().map(|(_, price)| i64::from(*price)).sum(),
            note: claim.note.clone(),
            booked_at: None,
            tickets: Vec::new(),
            seq: self.seq,
        }
    }

    /// Deadlines still to come or just passed: the moments worth visiting.
    pub fn deadlines(&self) -> Vec<i64> {
        let held = self.claims.iter().filter(|claim| claim.state == State::Held);
        held.filter_map(|claim| claim.expires_at).collect()
    }
}
