//! Deciding: what a command makes of a house at a moment. Pure: no clock, no SQL, no lock, no
//! async; the same question to the same house gives the same answer, so deciding again is safe.
//!
//! Rules are checked in the order of [`Rejection`]'s variants. Nothing is changed here: what comes
//! back are facts for [`fold`](super::fold) to apply.

use super::House;
use crate::catalogue::layout::TierIndex;
use crate::catalogue::show::{Opening, ShowStatus, Terms};
use crate::clock::Timestamp;
use crate::house::best_available::{self, Ask, FreeSeats};
use crate::house::command::{Command, ShowPatch, Target, Verb, Wish};
use crate::house::event::archive::{Archive, Ledger};
use crate::house::event::note::{NOTES_PER_CALLER, Note};
use crate::house::event::{Caller, Entry, Fact, Part, Rest, Source, Term};
use crate::house::hold::{HoldEntry, HoldState, HoldVerb, Refused, SeatPrice};
use crate::house::rejection::{Conflict, Limit, Rejection, SeatFault, What};
use crate::house::seat::Standing;
use crate::house::{Receipt, best_available::Refusal};
use crate::id::{HoldId, Holder, SeatIndex};
use std::collections::BTreeSet;
use std::time::Duration;

/// What a command comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// These facts, in this order: lapses it ran into, then its own.
    Accept(Vec<Fact>),
    /// A rule said no. `note` is what the log keeps of it, if it keeps it.
    Refuse {
        /// The answer.
        rejection: Rejection,
        /// What the key's retry will be answered from.
        note: Option<Note>,
    },
    /// The key was seen with this very command: its first outcome stands there.
    Replay(Receipt),
}

type Facts = Result<Vec<Fact>, Rejection>;

/// Decides one command; batches are decided step by step by the turn.
pub fn decide(house: &House, command: &Command, now: Timestamp) -> Decision {
    if let Some(known) = recall(house, command) {
        return known;
    }
    match judge(house, command, now) {
        Ok(facts) => Decision::Accept(facts),
        Err(rejection) => refuse(house, command, rejection),
    }
}

/// The key is looked up before any rule: what was answered once is answered again.
/// An archived show remembers nothing, and refuses everything.
pub fn recall(house: &House, command: &Command) -> Option<Decision> {
    if house.is_archived() {
        return Some(Decision::Refuse { rejection: Rejection::ShowClosed, note: None });
    }
    let key = command.key?;
    let receipt = house.receipt(&key.tag).filter(|_| !crate::sabotage::on("key_not_looked_up"))?;
    Some(if receipt.fingerprint == key.fingerprint {
        Decision::Replay(receipt)
    } else {
        Decision::Refuse { rejection: Rejection::KeyReused, note: None }
    })
}

/// A refusal, and what the log keeps of it.
pub fn refuse(house: &House, command: &Command, rejection: Rejection) -> Decision {
    let caller = command.caller.name().map_or("", Holder::as_str);
    let room = command.key.is_some() && house.notes_of(caller) < NOTES_PER_CALLER;
    let room = room && !house.is_archived() && !crate::sabotage::on("refusal_not_remembered");
    let note = if room { Note::of(&rejection, command) } else { None };
    Decision::Refuse { rejection, note }
}

/// The entry of a note.
pub fn noted(command: &Command, note: Note) -> Entry {
    entries(command, vec![Fact::Noted(note)]).remove(0)
}

/// The entries of a command's facts: the first carries the key and how many there are.
pub fn entries(command: &Command, facts: Vec<Fact>) -> Vec<Entry> {
    let span = facts.len() as u32;
    let entry = |(at, fact)| {
        let (caller, source) = match fact {
            Fact::Expired { .. } => (Caller::Unnamed, Source::Engine),
            _ => (command.caller.clone(), command.source),
        };
        let key = command.key.filter(|_| at == 0);
        Entry { fact, caller, source, key, span: if key.is_some() { span } else { 1 } }
    };
    facts.into_iter().enumerate().map(entry).collect()
}

/// The end of a show's chain: what stays of it when its records move away. A show that may still
/// be bought, or in which somebody still holds seats, is in use.
pub fn archive(
    house: &House,
    now: Timestamp,
    records: u64,
    ledger: Ledger,
) -> Result<Fact, Rejection> {
    if house.is_archived() {
        return Err(Rejection::ShowClosed);
    }
    let terms = house.terms();
    let over = house.is_cancelled() || terms.sales.closed || terms.ends_at <= now;
    if !over {
        return Err(Rejection::InUse { by: What::Show });
    }
    if house.next_expiry().is_some() {
        return Err(Rejection::InUse { by: What::Hold });
    }
    let (movie, screen, layout) = (house.movie(), house.screen(), house.layout().hash());
    let opening = Opening { movie, screen, layout, terms: (**terms).clone() };
    let (cancelled, before, stats) = (house.is_cancelled(), house.head().hash, house.stats(now));
    let (booked, blocked) = (stats.booked, stats.blocked);
    let archive = Archive { opening, cancelled, records, before, booked, blocked, ledger };
    Ok(Fact::Archived(Box::new(archive)))
}

/// Lapses to publish when nobody asks for the seats: at most `limit` holds, earliest first.
pub fn sweep(house: &House, now: Timestamp, limit: usize) -> Vec<Fact> {
    let mut lapsed: Vec<_> = house.lapsed(now).take(limit).collect();
    lapsed.sort_unstable_by_key(|hold| (hold.expires_at, hold.id));
    lapsed.into_iter().map(expired).collect()
}

fn judge(house: &House, command: &Command, now: Timestamp) -> Facts {
    match &command.verb {
        Verb::Hold { id, holder, wish, ttl_s, reference } => {
            let asker = Asker { house, holder, reference: reference.as_deref(), now };
            asker.hold(vacant(house, *id), wish, *ttl_s)
        }
        Verb::Extend { hold, ttl_s } => extend(house, command, *hold, *ttl_s, now),
        Verb::Book { hold, seats, keep_rest, split, reference } => {
            let hold = owned(house, command, *hold, What::Hold)?;
            let parts = divide(house, hold, seats.as_deref())?;
            permit(hold, HoldVerb::Book, What::Hold, now)?;
            book(house, hold, parts, *keep_rest, vacant(house, *split), reference.clone())
        }
        Verb::Release { hold, seats } => {
            let hold = owned(house, command, *hold, What::Hold)?;
            let (part, left) = divide(house, hold, seats.as_deref())?;
            permit(hold, HoldVerb::Release, What::Hold, now)?;
            let rest = if left.is_empty() { Rest::None } else { Rest::Kept(left, term(hold)) };
            Ok(vec![Fact::Released { part: part_of(hold, part), rest }])
        }
        Verb::Cancel { booking, reason } => {
            let hold = owned(house, command, *booking, What::Booking)?;
            permit(hold, HoldVerb::Cancel, What::Booking, now)?;
            let (booked_at, first_ticket) = (hold.touched_at, hold.first_ticket);
            let (part, reason) = (part_of(hold, hold.seats.clone()), reason.clone());
            Ok(vec![Fact::Cancelled { part, booked_at, first_ticket, reason }])
        }
        Verb::Block { id, by, seats, reason, force } => {
            let asker = Asker { house, holder: by, reference: None, now };
            asker.block(vacant(house, *id), seats, reason.clone(), *force)
        }
        Verb::Unblock { id, by, seats } => {
            Asker { house, holder: by, reference: None, now }.unblock(*id, seats)
        }
        Verb::OpenShow { opening } => Ok(vec![Fact::ShowOpened(opening.clone())]),
        Verb::ChangeShow { patch } => change(house, patch),
        Verb::CancelShow { reason, if_seq } => {
            not_cancelled(house)?;
            not_moved(house, *if_seq)?;
            // What had lapsed by then expired; only the rest is cancelled.
            let mut facts = sweep(house, now, usize::MAX);
            facts.push(Fact::ShowCancelled { reason: reason.clone() });
            Ok(facts)
        }
        Verb::Batch { .. } => Ok(Vec::new()),
    }
}

/// The id that was minted, or where two processes minted it, another one: an id is given once.
fn vacant(house: &House, minted: HoldId) -> HoldId {
    let (mut id, mut attempt) = (minted, 0);
    while house.hold(id).is_some() {
        id = minted.another(attempt);
        attempt += 1;
    }
    id
}

fn not_cancelled(house: &House) -> Result<(), Rejection> {
    if house.cancelled { Err(Rejection::ShowCancelled) } else { Ok(()) }
}

fn not_moved(house: &House, if_seq: Option<u64>) -> Result<(), Rejection> {
    if if_seq.is_some_and(|seq| seq != house.head().seq) { Err(Rejection::Stale) } else { Ok(()) }
}

fn on_sale(house: &House, now: Timestamp) -> Result<(), Rejection> {
    match house.status(now) {
        ShowStatus::OnSale => Ok(()),
        ShowStatus::Closed => Err(Rejection::ShowClosed),
        ShowStatus::Cancelled => Err(Rejection::ShowCancelled),
    }
}

/// Finds the hold and checks that the caller may touch it.
fn owned<'h>(
    house: &'h House,
    command: &Command,
    target: Target,
    what: What,
) -> Result<&'h HoldEntry, Rejection> {
    let hold = target.id().and_then(|id| house.hold(id)).ok_or(Rejection::NotFound { what })?;
    let exists = match what {
        What::Booking => hold.is_booking(),
        _ => !hold.is_block(),
    };
    match &command.caller {
        _ if !exists => Err(Rejection::NotFound { what }),
        Caller::Holder(name) if *name != hold.holder => Err(Rejection::NotHolder),
        Caller::Unnamed | Caller::Holder(_) | Caller::Staff(_) => Ok(hold),
    }
}

fn permit(hold: &HoldEntry, verb: HoldVerb, what: What, now: Timestamp) -> Result<(), Rejection> {
    match hold.state_at(now).after(verb) {
        Ok(_) => Ok(()),
        Err(Refused::NotFound) => Err(Rejection::NotFound { what }),
        Err(Refused::Expired) => Err(Rejection::HoldExpired),
        Err(Refused::Ended(state)) => Err(Rejection::HoldEnded { state }),
    }
}

fn extend(house: &House, command: &Command, hold: Target, ttl_s: u32, now: Timestamp) -> Facts {
    let hold = owned(house, command, hold, What::Hold)?;
    on_sale(house, now)?;
    permit(hold, HoldVerb::Extend, What::Hold, now)?;
    let before = term(hold);
    let cap = lifetime_cap(house, hold.acquired_at);
    if before.expires_at >= cap {
        return Err(Rejection::OverLimit { limit: Limit::Lifetime });
    }
    let asked = now.plus(seconds(ttl_s)).min(cap);
    let expires_at = asked.max(before.expires_at);
    let term = Term { acquired_at: hold.acquired_at, expires_at };
    Ok(vec![Fact::Extended { part: part_of(hold, hold.seats.clone()), term }])
}

fn book(
    house: &House,
    hold: &HoldEntry,
    (sold, left): (Vec<SeatPrice>, Vec<SeatPrice>),
    keep_rest: bool,
    split: HoldId,
    reference: Option<Box<str>>,
) -> Facts {
    let first_ticket = house.next_ticket();
    if first_ticket as usize + sold.len() > crate::id::TICKETS_MAX as usize {
        return Err(Rejection::OverLimit { limit: Limit::Tickets });
    }
    let mut part = part_of(hold, sold);
    part.reference = reference.or(part.reference);
    let rest = match (left.is_empty(), keep_rest) {
        (true, _) => Rest::None,
        (false, false) => Rest::Released(left),
        (false, true) => {
            part.hold = split;
            Rest::Kept(left, term(hold))
        }
    };
    Ok(vec![Fact::Booked { part, from: hold.id, first_ticket, rest }])
}

fn change(house: &House, patch: &ShowPatch) -> Facts {
    not_cancelled(house)?;
    let mut terms: Terms = (**house.terms()).clone();
    let length = terms.ends_at.since(terms.starts_at);
    terms.starts_at = patch.starts_at.unwrap_or(terms.starts_at);
    // A show that begins later is no shorter for that.
    let moved = patch.starts_at.map_or(terms.ends_at, |start| start.plus(length));
    terms.ends_at = patch.ends_at.unwrap_or(moved);
    terms.sales.opens_at = patch.opens_at.unwrap_or(terms.sales.opens_at);
    terms.sales.closes_at = patch.closes_at.unwrap_or(terms.sales.closes_at);
    terms.sales.closed = patch.closed.unwrap_or(terms.sales.closed);
    terms.limits = patch.limits.unwrap_or_default().over(terms.limits);
    if let Some(prices) = &patch.prices {
        terms.prices = prices.over(&terms.prices)?.on(house.layout())?;
    }
    terms.check_times()?;
    if patch.opens_at.is_some() {
        terms.sales.check_window()?;
    }
    not_moved(house, patch.if_seq)?;
    Ok(vec![Fact::ShowChanged(Box::new(terms))])
}

/// Splits a hold's seats into those asked for and the rest; all of them if none are named.
fn divide(
    house: &House,
    hold: &HoldEntry,
    asked: Option<&[Box<str>]>,
) -> Result<(Vec<SeatPrice>, Vec<SeatPrice>), Rejection> {
    let Some(asked) = asked else { return Ok((hold.seats.clone(), Vec::new())) };
    let found: Vec<Option<SeatIndex>> = asked
        .iter()
        .map(|label| house.layout().seat(label))
        .map(|seat| seat.filter(|seat| hold.seats.iter().any(|own| own.seat == *seat)))
        .collect();
    let strange = asked.iter().zip(&found).filter(|(_, seat)| seat.is_none());
    let conflicts: Vec<_> =
        strange.map(|(label, _)| conflict(house, label, SeatFault::Unknown)).collect();
    if !conflicts.is_empty() {
        return Err(Rejection::Seats { conflicts });
    }
    let wanted: BTreeSet<SeatIndex> = found.into_iter().flatten().collect();
    Ok(hold.seats.iter().partition(|seat| wanted.contains(&seat.seat)))
}

fn conflict(house: &House, label: &str, fault: SeatFault) -> Conflict {
    Conflict { seat: house.layout().canonical(label), fault }
}

fn part_of(hold: &HoldEntry, seats: Vec<SeatPrice>) -> Part {
    let (holder, reference) = (hold.holder.clone(), hold.reference.clone());
    Part { hold: hold.id, holder, seats, reference }
}

fn term(hold: &HoldEntry) -> Term {
    let expires_at = hold.expires_at.unwrap_or(hold.touched_at);
    Term { acquired_at: hold.acquired_at, expires_at }
}

fn expired(hold: &HoldEntry) -> Fact {
    Fact::Expired { part: part_of(hold, hold.seats.clone()) }
}

fn lifetime_cap(house: &House, acquired_at: Timestamp) -> Timestamp {
    acquired_at.plus(seconds(house.terms().limits.hold_life_s))
}

const fn seconds(count: u32) -> Duration {
    Duration::from_secs(count as u64)
}

/// Somebody who asks for seats, at a moment.
struct Asker<'h> {
    house: &'h House,
    holder: &'h Holder,
    /// Whom they ask for, if they say so: a till holds for many buyers.
    reference: Option<&'h str>,
    now: Timestamp,
}

impl Asker<'_> {
    fn hold(&self, id: HoldId, wish: &Wish, ttl_s: u32) -> Facts {
        let tier = self.tier(wish)?;
        on_sale(self.house, self.now)?;
        let seats = match wish {
            Wish::Seats(labels) => self.named(labels, Standing::hold)?,
            Wish::Best { count, accessible, together, .. } => {
                let (count, accessible, together) = (*count, *accessible, *together);
                self.best(&Ask { count, tier, accessible, together })?
            }
        };
        let (seats, acquired_at) = self.priced(&seats);
        self.within_limits(&seats)?;
        let cap = lifetime_cap(self.house, acquired_at);
        // The show's limit may have become shorter than these seats were held already.
        if cap <= self.now {
            return Err(Rejection::OverLimit { limit: Limit::Lifetime });
        }
        let expires_at = self.now.plus(seconds(ttl_s)).min(cap);
        let mut facts = self.lapses(&seats);
        let (holder, reference) = (self.holder.clone(), self.reference.map(Into::into));
        let part = Part { hold: id, holder, seats, reference };
        facts.push(Fact::Held { part, term: Term { acquired_at, expires_at } });
        Ok(facts)
    }

    fn block(&self, id: HoldId, labels: &[Box<str>], why: Option<Box<str>>, force: bool) -> Facts {
        on_sale(self.house, self.now)?;
        let seats = self.named(labels, |standing| standing.block(force))?;
        let seats: Vec<_> = seats.iter().map(|&seat| SeatPrice { seat, price: 0 }).collect();
        let mut facts = self.lapses(&seats);
        let part = Part { hold: id, holder: self.holder.clone(), seats, reference: why };
        facts.push(Fact::Blocked { part });
        Ok(facts)
    }

    fn unblock(&self, id: HoldId, labels: &[Box<str>]) -> Facts {
        not_cancelled(self.house)?;
        let seats = self.named(labels, |_| Ok(()))?;
        let blocked = |seat: &SeatIndex| self.standing(*seat) == Standing::Blocked;
        if !seats.iter().all(blocked) {
            return Err(Rejection::NotFound { what: What::Block });
        }
        let seats = seats.into_iter().map(|seat| SeatPrice { seat, price: 0 }).collect();
        let part = Part { hold: id, holder: self.holder.clone(), seats, reference: None };
        Ok(vec![Fact::Unblocked { part }])
    }

    fn standing(&self, seat: SeatIndex) -> Standing {
        let hold = self.house.hold_on(seat);
        match Standing::of(hold, self.holder, self.now) {
            Standing::Mine if hold.is_some_and(|hold| self.is_for_another(hold)) => {
                Standing::Others
            }
            standing => standing,
        }
    }

    /// Whether this holder holds it for somebody else. A key sells to everybody at its till: two
    /// references are two buyers. Other holders are one buyer each.
    fn is_for_another(&self, hold: &HoldEntry) -> bool {
        let theirs = hold.reference.as_deref();
        let differ = self.reference.zip(theirs).is_some_and(|(own, theirs)| own != theirs);
        differ && self.holder.is_key()
    }

    /// Resolves labels to seats in plan order, or names every seat at fault in the order asked.
    fn named(
        &self,
        labels: &[Box<str>],
        allowed: impl Fn(Standing) -> Result<(), SeatFault>,
    ) -> Result<Vec<SeatIndex>, Rejection> {
        let mut seats = Vec::with_capacity(labels.len());
        let mut conflicts = Vec::new();
        for label in labels {
            let seat = self.house.layout().seat(label).ok_or(SeatFault::Unknown);
            match seat.and_then(|seat| allowed(self.standing(seat)).map(|()| seat)) {
                Ok(seat) => seats.push(seat),
                Err(fault) => conflicts.push(conflict(self.house, label, fault)),
            }
        }
        seats.sort_unstable();
        seats.dedup();
        if conflicts.is_empty() { Ok(seats) } else { Err(Rejection::Seats { conflicts }) }
    }

    fn best(&self, ask: &Ask) -> Result<Vec<SeatIndex>, Rejection> {
        let picked = best_available::pick(self.house.layout(), &self.free_seats(), ask);
        picked.map_err(|refusal| match refusal {
            Refusal::NoBlockTogether { largest } => {
                Rejection::NoBlockTogether { asked: ask.count, largest }
            }
            Refusal::SoldOut => Rejection::SoldOut,
        })
    }

    /// The tier that best available is to look in, if the wish names one.
    fn tier(&self, wish: &Wish) -> Result<Option<TierIndex>, Rejection> {
        let Wish::Best { tier: Some(name), .. } = wish else { return Ok(None) };
        let found = self.house.layout().tier(name);
        found.map(Some).ok_or(Rejection::NotFound { what: What::Tier })
    }

    /// Free at this moment: without a hold, or under one that has lapsed.
    fn free_seats(&self) -> FreeSeats {
        let mut words = vec![0_u64; self.house.seats.len().div_ceil(64)];
        for (at, slot) in self.house.seats.iter().enumerate() {
            words[at / 64] |= u64::from(*slot == 0) << (at % 64);
        }
        for seat in self.house.lapsed(self.now).flat_map(|hold| &hold.seats) {
            words[seat.seat.0 as usize / 64] |= 1 << (seat.seat.0 % 64);
        }
        FreeSeats::from_words(words, self.house.layout().len())
    }

    /// Prices the seats, keeping the price of those that are the holder's already, and finds the
    /// earliest first acquisition among them.
    fn priced(&self, seats: &[SeatIndex]) -> (Vec<SeatPrice>, Timestamp) {
        let mut acquired_at = self.now;
        let price = |seat: &SeatIndex| {
            let mine = self.house.hold_on(*seat).filter(|hold| hold.live_at(self.now));
            let kept = mine.and_then(|hold| {
                acquired_at = acquired_at.min(hold.acquired_at);
                hold.seats.iter().find(|own| own.seat == *seat)
            });
            kept.copied().unwrap_or_else(|| SeatPrice { seat: *seat, price: self.price(*seat) })
        };
        (seats.iter().map(price).collect(), acquired_at)
    }

    fn price(&self, seat: SeatIndex) -> u32 {
        let layout = self.house.layout();
        let tier = layout.tier_of(seat).and_then(|tier| layout.tiers().get(usize::from(tier.0)));
        self.house.terms().prices.of(tier.map(|name| &**name))
    }

    /// Counts the holder's live holds and seats as they would be, moved seats not twice.
    fn within_limits(&self, seats: &[SeatPrice]) -> Result<(), Rejection> {
        let moved = |seat: &&SeatPrice| seats.iter().any(|new| new.seat == seat.seat);
        let (mut holds, mut held) = (1, seats.len());
        for hold in self.house.live_holds(self.holder, self.now) {
            let stay = hold.seats.len() - hold.seats.iter().filter(moved).count();
            holds += u32::from(stay > 0);
            held += stay;
        }
        let limits = self.house.terms().limits;
        if holds > limits.holds_per_holder {
            return Err(Rejection::OverLimit { limit: Limit::Holds });
        }
        if held > limits.seats_per_holder as usize {
            return Err(Rejection::OverLimit { limit: Limit::Seats });
        }
        Ok(())
    }

    /// The lapses that taking these seats runs into, each hold once.
    fn lapses(&self, seats: &[SeatPrice]) -> Vec<Fact> {
        let lapsed = seats
            .iter()
            .filter_map(|seat| self.house.hold_on(seat.seat))
            .filter(|hold| hold.state_at(self.now) == HoldState::Expired);
        let mut holds: Vec<&HoldEntry> = lapsed.collect();
        holds.sort_unstable_by_key(|hold| (hold.expires_at, hold.id));
        holds.dedup_by_key(|hold| hold.id);
        if crate::sabotage::on("lapse_not_published") {
            holds.clear();
        }
        holds.into_iter().map(expired).collect()
    }
}
