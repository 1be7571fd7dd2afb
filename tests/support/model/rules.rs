//! The rules, one verb after the other, in the order in which the contract checks them.

use super::ask::{Ask, By, Patch, Ref, Wish, show_id};
use super::said::{Done, No, Slip};
use super::show::{Claim, Show, State};
use seatcore::HoldId;

type Priced = Vec<(String, u32)>;

/// What an accepted command leaves on its slip.
struct Outcome<'a> {
    id: HoldId,
    who: &'a str,
    seats: &'a Priced,
    state: State,
    expires_at: Option<i64>,
    note: Option<String>,
    booked_at: Option<i64>,
}

impl Show {
    /// Answers one command and does what it answers.
    pub(super) fn decide(&mut self, ask: &Ask, now: i64, told: Option<&Done>) -> Result<Done, No> {
        // What the engine refused has no id; steps before the culprit of a batch still need one.
        let own = HoldId::mint(0, self.seq, show_id(self.number));
        let id = told.map_or(own, Done::id);
        match ask {
            Ask::Hold { who, seats, ttl_s, note, .. } => {
                self.on_sale(now)?;
                let seats =
                    self.named(seats, |show, seat| show.held_for(who, note.as_deref(), seat, now))?;
                self.hold(id, who, seats, *ttl_s, note.clone(), now)
            }
            Ask::Best { who, wish, ttl_s, .. } => {
                let seats = self.best(wish, told, now)?;
                self.hold(id, who, seats, *ttl_s, None, now)
            }
            Ask::Extend { hold, ttl_s, by } => self.extend(*hold, *ttl_s, by, now),
            Ask::Book { hold, seats, keep_rest, note, by } => {
                let (own, part) = self.part(*hold, seats.as_deref(), by, now)?;
                self.book(own, part, *keep_rest, note.clone(), id, now)
            }
            Ask::Release { hold, seats, by } => {
                let (own, part) = self.part(*hold, seats.as_deref(), by, now)?;
                self.release(own, &part, now)
            }
            Ask::Cancel { booking, by } => self.cancel(*booking, by, now),
            Ask::Block { seats, force, note, by, .. } => {
                self.on_sale(now)?;
                let seats = self.named(seats, |show, seat| show.blockable(seat, *force, now))?;
                let by = by.as_deref().unwrap_or("staff");
                self.block(id, by, &seats, note.clone(), now)
            }
            Ask::Unblock { seats, by, .. } => {
                self.unblock(id, by.as_deref().unwrap_or("staff"), seats, now)
            }
            Ask::Change { patch, .. } => self.change(patch, now),
            Ask::CancelShow { .. } => self.cancel_show(now),
            Ask::Batch { .. } => unreachable!("batches are taken apart before"),
        }
    }

    fn on_sale(&self, now: i64) -> Result<(), No> {
        match self.status(now) {
            "on_sale" => Ok(()),
            "closed" => Err(No::plain("show_closed")),
            _ => Err(No::plain("show_cancelled")),
        }
    }

    /// Labels as printed, in plan order; or every seat at fault, in the order asked.
    fn named(
        &self,
        asked: &[String],
        fault: impl Fn(&Self, &str) -> Option<&'static str>,
    ) -> Result<Vec<String>, No> {
        let mut found = Vec::new();
        let mut conflicts = Vec::new();
        for label in asked {
            let Some(at) = self.place(label) else {
                conflicts.push((label.trim().to_owned(), "unknown_seat".to_owned()));
                continue;
            };
            let label = self.places[at].label.clone();
            match fault(self, &label) {
                Some(code) => conflicts.push((label, code.to_owned())),
                None => found.push((at, label)),
            }
        }
        found.sort();
        let labels = found.into_iter().map(|(_, label)| label).collect();
        if conflicts.is_empty() { Ok(labels) } else { Err(No::seats(conflicts)) }
    }

    /// Why `who` cannot hold a seat.
    fn held_for(
        &self,
        who: &str,
        note: Option<&str>,
        label: &str,
        now: i64,
    ) -> Option<&'static str> {
        let claim = self.claim_on(label)?;
        match claim.reads(now) {
            State::Blocked => Some("seat_blocked"),
            State::Booked => Some("seat_booked"),
            State::Held if claim.who != who => Some("seat_held"),
            // One till, two buyers.
            State::Held
                if who.starts_with("key:")
                    && note.is_some()
                    && claim.note.is_some()
                    && claim.note.as_deref() != note =>
            {
                Some("seat_held")
            }
            State::Held | State::Released | State::Expired | State::Cancelled => None,
        }
    }

    fn blockable(&self, label: &str, force: bool, now: i64) -> Option<&'static str> {
        match self.claim_on(label)?.reads(now) {
            State::Blocked => Some("seat_blocked"),
            State::Booked => Some("seat_booked"),
            State::Held if !force => Some("seat_held"),
            State::Held | State::Released | State::Expired | State::Cancelled => None,
        }
    }

    fn best(&self, wish: &Wish, told: Option<&Done>, now: i64) -> Result<Vec<String>, No> {
        if wish.tier.as_ref().is_some_and(|tier| self.tier(tier).is_none()) {
            return Err(No::plain("not_found"));
        }
        self.on_sale(now)?;
        let picked = match told {
            Some(Done::Slip(slip)) => Some(&slip.seats),
            Some(Done::Show { .. }) | None => None,
        };
        self.legal_pick(wish, picked, now)
    }

    fn hold(
        &mut self,
        id: HoldId,
        who: &str,
        labels: Vec<String>,
        ttl_s: Option<u64>,
        note: Option<String>,
        now: i64,
    ) -> Result<Done, No> {
        let (seats, acquired_at) = self.priced(who, labels, now);
        self.within_caps(who, &seats, now)?;
        let cap = acquired_at + self.terms.life_s * 1_000;
        if cap <= now {
            // The terms changed: what was first acquired long ago cannot be held on.
            return Err(No::with("over_limit", "lifetime"));
        }
        let asked = now + ttl_s.unwrap_or(600) as i64 * 1_000;
        let expires_at = Some(asked.min(cap));
        self.take(&seats, now);
        self.claims.push(Claim {
            id,
            who: who.to_owned(),
            state: State::Held,
            seats: seats.clone(),
            expires_at,
            acquired_at,
            booked_at: 0,
            ended_at: None,
            note: note.clone(),
        });
        let state = State::Held;
        let outcome = Outcome { id, who, seats: &seats, state, expires_at, note, booked_at: None };
        Ok(self.done(now, outcome))
    }

    /// What is mine keeps its price and its first acquisition.
    fn priced(&self, who: &str, labels: Vec<String>, now: i64) -> (Priced, i64) {
        let mut acquired_at = now;
        let mut priced = Vec::new();
        for label in labels {
            let mine = self.claim_on(&label).filter(|c| c.who == who);
            let mine = mine.filter(|claim| claim.reads(now) == State::Held);
            let price = match mine {
                Some(claim) => {
                    acquired_at = acquired_at.min(claim.acquired_at);
                    claim.seats.iter().find(|(own, _)| *own == label).expect("its own seat").1
                }
                None => self.price(&label),
            };
            priced.push((label, price));
        }
        (priced, acquired_at)
    }

    fn price(&self, label: &str) -> u32 {
        let place = self.places.iter().find(|place| place.label == label).expect("a known seat");
        let tier = place.tier.as_ref();
        let listed = tier.and_then(|tier| self.terms.tiers.iter().find(|(name, _)| name == tier));
        listed.map_or(self.terms.price, |(_, price)| *price)
    }

    /// Live holds and live seats of one holder, as they would be.
    fn within_caps(&self, who: &str, new: &Priced, now: i64) -> Result<(), No> {
        let (mut holds, mut seats) = (1, new.len());
        for claim in self.claims.iter().filter(|c| c.who == who && c.reads(now) == State::Held) {
            let moved = |(label, _): &&(String, u32)| new.iter().any(|(other, _)| other == label);
            let stay = claim.seats.len() - claim.seats.iter().filter(moved).count();
            holds += usize::from(stay > 0);
            seats += stay;
        }
        if holds > self.terms.holds_max {
            return Err(No::with("over_limit", "holds"));
        }
        if seats > self.terms.seats_max {
            return Err(No::with("over_limit", "seats"));
        }
        Ok(())
    }

    /// Takes seats out of whatever has them: lapses it runs into are events of their own, and
    /// live holds left empty end.
    fn take(&mut self, seats: &Priced, now: i64) {
        let wanted = |label: &String| seats.iter().any(|(other, _)| other == label);
        let mut lapses = 0;
        for claim in self.claims.iter_mut().filter(|claim| claim.state.claims()) {
            if !claim.seats.iter().any(|(label, _)| wanted(label)) {
                continue;
            }
            if claim.reads(now) == State::Expired {
                claim.end(State::Expired, now);
                lapses += 1;
                continue;
            }
            let kept: Priced =
                claim.seats.iter().filter(|(label, _)| !wanted(label)).cloned().collect();
            if kept.is_empty() {
                claim.end(State::Released, now);
            } else {
                claim.seats = kept;
            }
        }
        for _ in 0..lapses {
            self.event(now);
        }
    }

    /// The hold that a command of `by` is about.
    fn owned(&self, hold: Ref, by: &By, what: &str) -> Result<&Claim, No> {
        let Ref::Id(id) = hold else { return Err(No::plain("not_found")) };
        let claim = self.claim(id).ok_or(No::plain("not_found"))?;
        // What was never held under a clock: a block. What has none any more: a booking.
        let clockless = |state| claim.state == state && claim.expires_at.is_none();
        let exists = match what {
            "booking" => claim.state == State::Booked || clockless(State::Cancelled),
            _ => claim.state != State::Blocked && !clockless(State::Released),
        };
        match by {
            _ if !exists => Err(No::plain("not_found")),
            By::Holder(name) if *name != claim.who => Err(No::plain("not_holder")),
            By::Unnamed | By::Holder(_) | By::Staff(_) => Ok(claim),
        }
    }

    fn live_claim(claim: &Claim, now: i64) -> Result<(), No> {
        match claim.reads(now) {
            State::Held => Ok(()),
            State::Expired => Err(No::plain("hold_expired")),
            ended => Err(No::with("hold_ended", ended.word())),
        }
    }

    fn extend(&mut self, hold: Ref, ttl_s: u64, by: &By, now: i64) -> Result<Done, No> {
        let mut claim = self.owned(hold, by, "hold")?.clone();
        self.on_sale(now)?;
        Self::live_claim(&claim, now)?;
        let cap = claim.acquired_at + self.terms.life_s * 1_000;
        let before = claim.expires_at.expect("a live hold has a deadline");
        if before >= cap {
            return Err(No::with("over_limit", "lifetime"));
        }
        claim.expires_at = Some(before.max(cap.min(now + ttl_s as i64 * 1_000)));
        self.claim_mut(claim.id).expires_at = claim.expires_at;
        Ok(self.done(now, Outcome::of(&claim, &claim.seats, State::Held)))
    }

    /// The live hold of a command, and the seats of it that are meant.
    fn part(
        &self,
        hold: Ref,
        asked: Option<&[String]>,
        by: &By,
        now: i64,
    ) -> Result<(Claim, Priced), No> {
        let claim = self.owned(hold, by, "hold")?.clone();
        let Some(asked) = asked else {
            Self::live_claim(&claim, now)?;
            let all = claim.seats.clone();
            return Ok((claim, all));
        };
        let foreign = |_: &Self, label: &str| (!claim.has(label)).then_some("unknown_seat");
        let labels = self.named(asked, foreign)?;
        Self::live_claim(&claim, now)?;
        let part = claim.seats.iter().filter(|(label, _)| labels.contains(label)).cloned();
        let part = part.collect();
        Ok((claim, part))
    }

    fn book(
        &mut self,
        mut claim: Claim,
        part: Priced,
        keep_rest: bool,
        note: Option<String>,
        told: HoldId,
        now: i64,
    ) -> Result<Done, No> {
        let rest: Priced =
            claim.seats.iter().filter(|seat| !part.contains(seat)).cloned().collect();
        let hold = claim.id;
        claim.note = note.or(claim.note);
        (claim.state, claim.seats, claim.booked_at) = (State::Booked, part, now);
        claim.expires_at = None;
        if keep_rest && !rest.is_empty() {
            // The booking leaves with an id of its own; the hold goes on with the rest.
            claim.id = told;
            self.claim_mut(hold).seats = rest;
            self.claims.push(claim.clone());
        } else {
            *self.claim_mut(hold) = claim.clone();
        }
        Ok(self.done(now, Outcome::of(&claim, &claim.seats, State::Booked)))
    }

    fn release(&mut self, mut claim: Claim, part: &Priced, now: i64) -> Result<Done, No> {
        let rest: Priced =
            claim.seats.iter().filter(|seat| !part.contains(seat)).cloned().collect();
        if rest.is_empty() {
            claim.expires_at = None;
            self.claim_mut(claim.id).end(State::Released, now);
            return Ok(self.done(now, Outcome::of(&claim, part, State::Released)));
        }
        self.claim_mut(claim.id).seats.clone_from(&rest);
        Ok(self.done(now, Outcome::of(&claim, &rest, State::Held)))
    }

    fn cancel(&mut self, booking: Ref, by: &By, now: i64) -> Result<Done, No> {
        let claim = self.owned(booking, by, "booking")?.clone();
        if claim.state == State::Cancelled {
            return Err(No::with("hold_ended", "cancelled"));
        }
        self.claim_mut(claim.id).end(State::Cancelled, now);
        Ok(self.done(now, Outcome::of(&claim, &claim.seats, State::Cancelled)))
    }

    fn block(
        &mut self,
        id: HoldId,
        by: &str,
        labels: &[String],
        note: Option<String>,
        now: i64,
    ) -> Result<Done, No> {
        let seats: Priced = labels.iter().map(|label| (label.clone(), 0)).collect();
        self.take(&seats, now);
        let claim = Claim {
            id,
            who: by.to_owned(),
            state: State::Blocked,
            seats,
            expires_at: None,
            acquired_at: now,
            booked_at: 0,
            ended_at: None,
            note,
        };
        self.claims.push(claim.clone());
        Ok(self.done(now, Outcome::of(&claim, &claim.seats, State::Blocked)))
    }

    fn unblock(&mut self, id: HoldId, by: &str, asked: &[String], now: i64) -> Result<Done, No> {
        if self.cancelled {
            return Err(No::plain("show_cancelled"));
        }
        let labels = self.named(asked, |_, _| None)?;
        if labels.iter().any(|label| self.seat(label, now) != "blocked") {
            return Err(No::plain("not_found"));
        }
        let seats: Priced = labels.into_iter().map(|label| (label, 0)).collect();
        self.take(&seats, now);
        let (state, expires_at, note, booked_at) = (State::Released, None, None, None);
        let outcome = Outcome { id, who: by, seats: &seats, state, expires_at, note, booked_at };
        Ok(self.done(now, outcome))
    }

    fn change(&mut self, patch: &Patch, now: i64) -> Result<Done, No> {
        self.terms = self.changed(patch)?;
        Ok(self.happened("show_changed", now))
    }

    fn cancel_show(&mut self, now: i64) -> Result<Done, No> {
        if self.cancelled {
            return Err(No::plain("show_cancelled"));
        }
        // A hold that lapsed before has ended: its lapse is told first, as everywhere.
        self.sweep(now);
        self.cancelled = true;
        for claim in self.claims.iter_mut().filter(|claim| claim.state.claims()) {
            claim.end(State::Cancelled, now);
        }
        Ok(self.happened("show_cancelled", now))
    }

    fn happened(&mut self, kind: &str, now: i64) -> Done {
        let seq = self.event(now);
        Done::Show { show: self.number, kind: kind.to_owned(), at: now, seq }
    }

    fn done(&mut self, now: i64, outcome: Outcome<'_>) -> Done {
        let seq = self.event(now);
        let seats: Vec<String> = outcome.seats.iter().map(|(label, _)| label.clone()).collect();
        let good = outcome.state == State::Booked;
        let booked = outcome.booked_at.is_some();
        let tickets = seats.iter().filter(|_| booked).map(|seat| (seat.clone(), good));
        Done::Slip(Slip {
            id: outcome.id,
            show: self.number,
            holder: outcome.who.to_owned(),
            tickets: tickets.collect(),
            seats,
            state: outcome.state.word().to_owned(),
            expires_at: outcome.expires_at,
            expires_in_ms: outcome.expires_at.map(|at| (at - now) as u64),
            total: outcome.seats.iter().map(|(_, price)| i64::from(*price)).sum(),
            note: outcome.note,
            booked_at: outcome.booked_at,
            seq,
        })
    }
}

impl<'a> Outcome<'a> {
    fn of(claim: &'a Claim, seats: &'a Priced, state: State) -> Self {
        let booked = matches!(state, State::Booked | State::Cancelled);
        Self {
            id: claim.id,
            who: &claim.who,
            seats,
            state,
            expires_at: claim.expires_at,
            note: claim.note.clone(),
            booked_at: booked.then_some(claim.booked_at),
        }
    }
}
