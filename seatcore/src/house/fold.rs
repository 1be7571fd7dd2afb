//! Folding: the only way a house changes. Every record is checked against the house before it
//! changes anything, so that a contradiction in the log is found, never smoothed over. The same
//! check stands between a decision and the log: no record is written that the house could not
//! have folded (the first of the three proofs against selling a seat twice).

use super::{Head, House, Receipt, Slot};
use crate::catalogue::layout::Layout;
use crate::catalogue::show::Terms;
use crate::clock::Timestamp;
use crate::house::event::archive::Archive;
use crate::house::event::{
    Caller, Entry, Fact, KeyTag, N, Part, Record, Rest, Term, chain_hash, codec,
};
use crate::house::hold::{ENDED_KEPT, HoldEntry, HoldState, SeatPrice};
use crate::house::savepoint::Undo;
use crate::id::{HoldId, SeatIndex, ShowId};
use std::sync::Arc;

/// Ended holds remembered in a small hall; a larger one remembers as many as it has seats. Beyond
/// it the oldest is forgotten before its day is over: a program that holds and releases in a loop
/// must not fill memory.
const ENDED_HOLDS_MIN: usize = 1_024;

/// A record that cannot follow what the house knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("show record {n}: {what}")]
pub struct Contradiction {
    /// The record.
    pub n: N,
    /// What does not fit.
    pub what: &'static str,
}

type Check = Result<(), &'static str>;

const fn require(condition: bool, what: &'static str) -> Check {
    if condition { Ok(()) } else { Err(what) }
}

impl House {
    /// Folds a record read from the log: place, chain and content are checked.
    pub fn fold(&mut self, record: &Record) -> Result<(), Contradiction> {
        let contradiction = |what| Contradiction { n: record.n, what };
        self.check_place(record).map_err(contradiction)?;
        self.check(&record.entry.fact, record.at).map_err(contradiction)?;
        self.apply(record);
        Ok(())
    }

    /// What is left of a show whose records moved away: this record says all of it.
    pub fn hollow(
        show: ShowId,
        record: &Record,
        layout: Arc<Layout>,
    ) -> Result<Self, Contradiction> {
        let contradiction = |what| Contradiction { n: record.n, what };
        let Fact::Archived(archive) = &record.entry.fact else {
            return Err(contradiction("its log does not begin with its opening"));
        };
        let (seq, kind) = (record.seq, record.entry.fact.kind());
        let hash = chain_hash(&archive.before, record.show, seq, record.at, kind, &record.body);
        require(record.hash == hash, "its hash does not continue the chain")
            .map_err(contradiction)?;
        let mut house = Self::empty(show, &archive.opening, layout);
        (house.cancelled, house.archived, house.hollow) = (archive.cancelled, true, true);
        (house.counts.booked, house.counts.blocked) = (archive.booked, archive.blocked);
        let (n, at) = (record.n, record.at);
        house.head = Head { n, seq: seq.unwrap_or(0), at, hash };
        Ok(house)
    }

    /// Gives an entry its place behind this house's head, and folds it.
    pub fn append(&mut self, n: N, at: Timestamp, entry: Entry) -> Result<Record, Contradiction> {
        self.check(&entry.fact, at).map_err(|what| Contradiction { n, what })?;
        let body = codec::encode(&entry).into_boxed_slice();
        let seq = entry.fact.public().then_some(self.head.seq + 1);
        let kind = entry.fact.kind();
        let hash = chain_hash(&self.head.hash, self.show.get(), seq, at, kind, &body);
        let prev_n = self.head.n;
        let record = Record { n, show: self.show.get(), seq, at, prev_n, hash, entry, body };
        self.apply(&record);
        Ok(record)
    }

    fn check_place(&self, record: &Record) -> Check {
        require(record.show == self.show.get(), "belongs to another show")?;
        require(record.prev_n == self.head.n, "does not follow the show's previous record")?;
        require(record.n > self.head.n, "its number goes back")?;
        require(record.at >= self.head.at, "its time goes back")?;
        let seq = record.entry.fact.public().then_some(self.head.seq + 1);
        require(record.seq == seq, "its seq is not the next")?;
        let kind = record.entry.fact.kind();
        let hash =
            chain_hash(&self.head.hash, record.show, record.seq, record.at, kind, &record.body);
        require(record.hash == hash, "its hash does not continue the chain")
    }

    fn check(&self, fact: &Fact, at: Timestamp) -> Check {
        require(!self.archived, "follows the end of the chain")?;
        match fact {
            Fact::ShowOpened(_) => require(self.head.n == 0, "the show was opened before"),
            Fact::ShowChanged(terms) => self.check_changed(terms),
            Fact::ShowCancelled { .. } => require(!self.cancelled, "the show was cancelled before"),
            Fact::Held { part, term } => self.check_held(part, term, at),
            Fact::Extended { part, term } => {
                let hold = self.check_live(part.hold, part, at)?;
                require(hold.seats == part.seats, "extends other seats than the hold has")?;
                require(hold.expires_at <= Some(term.expires_at), "shortens the hold")
            }
            Fact::Booked { part, from, first_ticket, rest } => {
                self.check_booked(part, *from, *first_ticket, rest, at)
            }
            Fact::Released { part, rest } => {
                let hold = self.check_live(part.hold, part, at)?;
                check_rest(hold, part, rest)
            }
            Fact::Expired { part } => self.check_expired(part, at),
            Fact::Cancelled { part, .. } => {
                let hold = self.hold(part.hold).ok_or("cancels an unknown booking")?;
                require(hold.state == HoldState::Booked, "cancels what is not booked")?;
                require(hold.seats == part.seats, "cancels other seats than were booked")
            }
            Fact::Blocked { part } => self.check_blocked(part),
            Fact::Unblocked { part } => self.check_seats(&part.seats, |hold| {
                hold.is_some_and(|hold| hold.state == HoldState::Blocked)
            }),
            Fact::Noted(_) => Ok(()),
            Fact::ClockAccepted { .. } => Err("a record about the file stands in a show"),
            Fact::Archived(archive) => self.check_archived(archive),
        }
    }

    fn check_archived(&self, archive: &Archive) -> Check {
        let opening = &archive.opening;
        let same = (opening.movie, opening.screen, opening.layout)
            == (self.movie, self.screen, self.layout.hash());
        require(same && opening.terms == *self.terms, "archives other terms")?;
        require(archive.cancelled == self.cancelled, "archives another state")?;
        require(archive.before == self.head.hash, "archives another chain")?;
        require(self.deadlines.is_empty(), "archives a hold under a clock")?;
        let counts = (archive.booked, archive.blocked);
        require(counts == (self.counts.booked, self.counts.blocked), "archives other seats")
    }

    fn check_changed(&self, terms: &Terms) -> Check {
        require(!self.cancelled, "changes a cancelled show")?;
        require(terms.prices.currency == self.terms.prices.currency, "changes the currency")
    }

    fn check_held(&self, part: &Part, term: &Term, at: Timestamp) -> Check {
        require(!self.cancelled, "holds in a cancelled show")?;
        require(!part.seats.is_empty(), "holds no seat")?;
        require(self.hold(part.hold).is_none(), "the hold exists")?;
        require(part.hold.show() == Some(self.show), "the hold names another show")?;
        require(term.expires_at > at, "is born dead")?;
        self.check_seats(&part.seats, |hold| {
            hold.is_none_or(|hold| hold.live_at(at) && hold.holder == part.holder)
        })
    }

    fn check_booked(
        &self,
        part: &Part,
        from: HoldId,
        first_ticket: u32,
        rest: &Rest,
        at: Timestamp,
    ) -> Check {
        let hold = self.check_live(from, part, at)?;
        let split = matches!(rest, Rest::Kept(..));
        require((part.hold != from) == split, "the booking's id does not fit what is kept")?;
        require(!split || self.hold(part.hold).is_none(), "the booking exists")?;
        require(first_ticket == self.counts.next_ticket, "its tickets are not the next")?;
        require(part.seats.iter().all(|seat| !self.is_sold(seat.seat)), "sells a sold seat")?;
        check_rest(hold, part, rest)
    }

    fn check_expired(&self, part: &Part, at: Timestamp) -> Check {
        let hold = self.hold(part.hold).ok_or("expires an unknown hold")?;
        require(hold.state == HoldState::Held, "expires what is not held")?;
        require(hold.expires_at.is_some_and(|deadline| deadline <= at), "expires too early")?;
        require(hold.seats == part.seats, "expires other seats than the hold has")
    }

    fn check_blocked(&self, part: &Part) -> Check {
        require(!self.cancelled, "blocks in a cancelled show")?;
        require(self.hold(part.hold).is_none(), "the block exists")?;
        self.check_seats(&part.seats, |hold| hold.is_none_or(|hold| hold.state == HoldState::Held))
    }

    fn check_live(
        &self,
        id: HoldId,
        part: &Part,
        at: Timestamp,
    ) -> Result<&HoldEntry, &'static str> {
        let hold = self.hold(id).ok_or("names an unknown hold")?;
        require(hold.live_at(at), "names a hold that is not live")?;
        require(hold.holder == part.holder, "names another holder")?;
        Ok(hold)
    }

    fn check_seats(&self, seats: &[SeatPrice], fits: impl Fn(Option<&HoldEntry>) -> bool) -> Check {
        let sorted = seats.windows(2).all(|pair| pair[0].seat < pair[1].seat);
        require(sorted, "its seats are not in plan order")?;
        let known = |seat: &SeatPrice| seat.seat.0 < self.layout.len();
        require(seats.iter().all(known), "names a seat outside the layout")?;
        require(
            seats.iter().all(|seat| fits(self.hold_on(seat.seat))),
            "a seat is not free to take",
        )
    }

    fn is_sold(&self, seat: SeatIndex) -> bool {
        let word = self.sold.get(seat.0 as usize / 64).copied().unwrap_or(0);
        word >> (seat.0 % 64) & 1 == 1
    }

    fn apply(&mut self, record: &Record) {
        self.remember(|house| Undo::Head(house.head, house.counts));
        self.apply_fact(record);
        self.forget_ended(record.at);
        if let Some(key) = record.entry.key {
            self.keep_receipt(key.tag, Receipt { n: record.n, fingerprint: key.fingerprint });
        }
        let seq = record.seq.unwrap_or(self.head.seq);
        self.head = Head { n: record.n, seq, at: record.at, hash: record.hash };
    }

    fn apply_fact(&mut self, record: &Record) {
        let at = record.at;
        match &record.entry.fact {
            Fact::ShowOpened(opening) => self.set_terms(&opening.terms, false),
            Fact::ShowChanged(terms) => self.set_terms(terms, self.cancelled),
            Fact::ShowCancelled { .. } => self.apply_show_cancelled(at),
            Fact::Held { part, term } => {
                self.leave_holds(part, at);
                self.enter(part, HoldState::Held, Some(*term), at, 0);
            }
            Fact::Extended { part, term } => {
                self.change(part.hold, |hold| {
                    hold.expires_at = Some(term.expires_at);
                    hold.touched_at = at;
                });
            }
            Fact::Booked { part, from, first_ticket, rest } => {
                self.apply_booked(part, *from, *first_ticket, rest, at);
            }
            Fact::Released { part, rest } => self.apply_released(part, rest, at),
            Fact::Expired { part } => self.end(part.hold, HoldState::Expired, at),
            Fact::Cancelled { part, .. } => self.end(part.hold, HoldState::Cancelled, at),
            Fact::Blocked { part } => {
                self.leave_holds(part, at);
                self.enter(part, HoldState::Blocked, None, at, 0);
            }
            Fact::Unblocked { part } => self.leave_holds(part, at),
            Fact::Noted(_) => self.apply_note(&record.entry.caller),
            Fact::ClockAccepted { .. } => {}
            Fact::Archived(_) => self.archived = true,
        }
    }

    fn set_terms(&mut self, terms: &Terms, cancelled: bool) {
        self.remember(|house| Undo::Terms(house.terms.clone(), house.cancelled));
        self.terms = Arc::new(terms.clone());
        self.cancelled = cancelled;
    }

    fn apply_show_cancelled(&mut self, at: Timestamp) {
        self.remember(|house| Undo::Terms(house.terms.clone(), house.cancelled));
        self.cancelled = true;
        let mut claims: Vec<_> =
            self.holds().filter(|hold| hold.state.claims()).map(|hold| hold.id).collect();
        claims.sort_unstable();
        for id in claims {
            self.end(id, HoldState::Cancelled, at);
        }
    }

    fn apply_booked(
        &mut self,
        part: &Part,
        from: HoldId,
        first_ticket: u32,
        rest: &Rest,
        at: Timestamp,
    ) {
        let acquired_at = self.hold(from).map_or(at, |hold| hold.acquired_at);
        match rest {
            Rest::Kept(kept, _) => self.take_out(from, kept, &part.seats, at),
            Rest::None | Rest::Released(_) => self.dissolve(from),
        }
        let term = Term { acquired_at, expires_at: at };
        self.enter(part, HoldState::Booked, Some(term), at, first_ticket);
        self.counts.next_ticket += part.seats.len() as u32;
    }

    fn apply_released(&mut self, part: &Part, rest: &Rest, at: Timestamp) {
        match rest {
            Rest::Kept(kept, _) => self.take_out(part.hold, kept, &part.seats, at),
            Rest::None | Rest::Released(_) => self.end(part.hold, HoldState::Released, at),
        }
    }

    fn apply_note(&mut self, caller: &Caller) {
        let name: Box<str> = caller.name().map_or("", |name| name.as_str()).into();
        self.count_note(&name, 1);
        self.remember(|_| Undo::Note(name));
    }

    /// Takes the seats of `part` out of whatever holds have them; holds left empty end.
    fn leave_holds(&mut self, part: &Part, at: Timestamp) {
        let mut left: Vec<Slot> =
            part.seats.iter().map(|seat| self.seats[seat.seat.0 as usize]).collect();
        left.sort_unstable();
        left.dedup();
        // By id, not by slot: slots are given anew when a house is loaded, ids are for ever.
        left.sort_by_key(|slot| self.in_slot(*slot).map(|hold| hold.id));
        for slot in left.into_iter().filter(|slot| *slot != 0) {
            let Some(hold) = self.in_slot(slot) else { continue };
            let (id, seats) = (hold.id, hold.seats.clone());
            let gone = |seat: &SeatPrice| part.seats.iter().any(|other| other.seat == seat.seat);
            let (taken, kept): (Vec<_>, Vec<_>) = seats.into_iter().partition(gone);
            if kept.is_empty() {
                self.end(id, HoldState::Released, at);
            } else {
                self.take_out(id, &kept, &taken, at);
            }
        }
    }

    /// Makes a new hold of a part's seats, which are free by now.
    fn enter(
        &mut self,
        part: &Part,
        state: HoldState,
        term: Option<Term>,
        at: Timestamp,
        first_ticket: u32,
    ) {
        let slot = self.vacant_slot();
        let clocked = term.filter(|_| state == HoldState::Held);
        self.set_hold(
            slot,
            Some(HoldEntry {
                id: part.hold,
                holder: part.holder.clone(),
                state,
                seats: part.seats.clone(),
                expires_at: clocked.map(|term| term.expires_at),
                acquired_at: term.map_or(at, |term| term.acquired_at),
                touched_at: at,
                reference: part.reference.clone(),
                first_ticket,
            }),
        );
        let forgotten = usize::from(crate::sabotage::on("fold_forgets_a_seat"));
        for seat in part.seats.iter().skip(forgotten) {
            self.set_seat(seat.seat, slot);
        }
        self.count(state, &part.seats, 1);
    }

    /// Frees the seats in `taken`; the hold keeps `kept`.
    fn take_out(&mut self, id: HoldId, kept: &[SeatPrice], taken: &[SeatPrice], at: Timestamp) {
        let Some(state) = self.hold(id).map(|hold| hold.state) else { return };
        self.free(state, taken);
        self.change(id, |hold| {
            hold.seats = kept.to_vec();
            hold.touched_at = at;
        });
    }

    /// Ends a hold: its seats are free, and it is remembered for a day.
    fn end(&mut self, id: HoldId, state: HoldState, at: Timestamp) {
        self.change_freed(id, |hold| {
            hold.state = state;
            hold.touched_at = at;
        });
        self.ended.push_back((at, id));
        self.remember(|_| Undo::Ended);
    }

    /// Removes a hold that goes on as something else under the same id.
    fn dissolve(&mut self, id: HoldId) {
        let Some(slot) = self.by_id.get(&id).copied() else { return };
        if let Some(hold) = self.lift(slot) {
            self.free(hold.state, &hold.seats);
            self.put_back(slot, hold);
        }
        self.set_hold(slot, None);
    }

    fn free(&mut self, state: HoldState, seats: &[SeatPrice]) {
        for seat in seats {
            self.set_seat(seat.seat, 0);
        }
        self.count(state, seats, -1);
    }

    fn change_freed(&mut self, id: HoldId, how: impl FnOnce(&mut HoldEntry)) {
        let Some(slot) = self.by_id.get(&id).copied() else { return };
        let Some(hold) = self.lift(slot) else { return };
        self.free(hold.state, &hold.seats);
        self.put_back(slot, hold);
        self.change(id, how);
    }

    fn change(&mut self, id: HoldId, how: impl FnOnce(&mut HoldEntry)) {
        let Some(slot) = self.by_id.get(&id).copied() else { return };
        self.change_hold(slot, how);
    }

    pub(super) fn count(&mut self, state: HoldState, seats: &[SeatPrice], sign: i32) {
        let by = sign * seats.len() as i32;
        match state {
            HoldState::Held => self.counts.held = self.counts.held.saturating_add_signed(by),
            HoldState::Blocked => {
                self.counts.blocked = self.counts.blocked.saturating_add_signed(by);
            }
            HoldState::Booked => {
                self.counts.booked = self.counts.booked.saturating_add_signed(by);
                seats.iter().for_each(|seat| self.mark_sold(seat.seat, sign > 0));
            }
            HoldState::Released | HoldState::Expired | HoldState::Cancelled => {}
        }
    }

    fn mark_sold(&mut self, seat: SeatIndex, sold: bool) {
        let (word, bit) = (seat.0 as usize / 64, 1_u64 << (seat.0 % 64));
        let bits = self.sold[word];
        self.set_sold_word(word, if sold { bits | bit } else { bits & !bit });
    }

    fn keep_receipt(&mut self, tag: KeyTag, receipt: Receipt) {
        self.receipts.insert(tag, receipt);
        self.fresh_receipts.push((tag, receipt));
        self.remember(|_| Undo::Receipt(tag));
    }

    /// Forgets holds that ended more than a day before `at`: by event time, so that every process
    /// forgets at the same record.
    fn forget_ended(&mut self, at: Timestamp) {
        let horizon = at.minus(ENDED_KEPT);
        let most = ENDED_HOLDS_MIN.max(self.seats.len());
        while let Some((ended_at, id)) = self.ended.front().copied() {
            if ended_at > horizon && self.ended.len() <= most {
                break;
            }
            self.ended.pop_front();
            self.remember(|_| Undo::Forgotten(ended_at, id));
            if let Some(slot) = self.by_id.get(&id).copied() {
                self.set_hold(slot, None);
            }
        }
    }
}

/// What is taken and what is left must be the hold's seats, each once, at their price.
fn check_rest(hold: &HoldEntry, part: &Part, rest: &Rest) -> Check {
    let left = match rest {
        Rest::None => &[][..],
        Rest::Released(seats) | Rest::Kept(seats, _) => seats,
    };
    let mut all: Vec<_> = part.seats.iter().chain(left).copied().collect();
    all.sort_unstable_by_key(|seat| seat.seat);
    require(!part.seats.is_empty(), "names no seat")?;
    require(all == hold.seats, "its seats are not the hold's")
}
