//! Undoing a batch: every primitive change of a house can be taken back, newest first.

use super::{Counts, Head, House, Slot};
use crate::catalogue::show::Terms;
use crate::clock::Timestamp;
use crate::house::event::KeyTag;
use crate::house::hold::{HoldEntry, HoldState};
use crate::id::{HoldId, Holder, SeatIndex};
use std::sync::Arc;

/// How one primitive change is taken back.
#[derive(Clone, Debug)]
pub(super) enum Undo {
    Seat(SeatIndex, Slot),
    Sold(usize, u64),
    Hold(Slot, Option<HoldEntry>),
    Ended,
    Forgotten(Timestamp, HoldId),
    Note(Box<str>),
    Receipt(KeyTag),
    Terms(Arc<Terms>, bool),
    Head(Head, Counts),
}

impl House {
    /// From here on, changes can be taken back.
    pub(crate) fn savepoint(&mut self) {
        self.undo = Some(Vec::new());
    }

    /// Takes back every change since the savepoint.
    pub(crate) fn roll_back(&mut self) {
        for change in self.undo.take().unwrap_or_default().into_iter().rev() {
            self.take_back(change);
        }
    }

    fn take_back(&mut self, change: Undo) {
        match change {
            Undo::Seat(seat, slot) => self.set_seat(seat, slot),
            Undo::Sold(word, bits) => self.set_sold_word(word, bits),
            Undo::Hold(slot, hold) => self.set_hold(slot, hold),
            Undo::Ended => drop(self.ended.pop_back()),
            Undo::Forgotten(at, id) => self.ended.push_front((at, id)),
            Undo::Note(caller) => self.count_note(&caller, -1),
            Undo::Receipt(tag) => {
                self.receipts.remove(&tag);
                self.fresh_receipts.retain(|(fresh, _)| *fresh != tag);
            }
            Undo::Terms(terms, cancelled) => (self.terms, self.cancelled) = (terms, cancelled),
            Undo::Head(head, counts) => (self.head, self.counts) = (head, counts),
        }
    }

    pub(super) fn remember(&mut self, change: impl FnOnce(&Self) -> Undo) {
        if self.undo.is_some() {
            let change = change(self);
            self.undo.get_or_insert_default().push(change);
        }
    }

    pub(super) fn set_seat(&mut self, seat: SeatIndex, slot: Slot) {
        let at = seat.0 as usize;
        let before = self.seats[at];
        self.remember(|_| Undo::Seat(seat, before));
        self.seats[at] = slot;
    }

    pub(super) fn set_sold_word(&mut self, word: usize, bits: u64) {
        let before = self.sold[word];
        self.remember(|_| Undo::Sold(word, before));
        self.sold[word] = bits;
    }

    /// Puts a hold into a slot, or empties it, and keeps the indexes true.
    pub(super) fn set_hold(&mut self, slot: Slot, hold: Option<HoldEntry>) {
        let before = self.holds[slot as usize - 1].take();
        if let Some(before) = &before {
            self.unlink(slot, before);
        }
        match &hold {
            Some(hold) => self.link(slot, hold),
            None => self.vacant.push(slot),
        }
        if before.is_none() && hold.is_some() {
            self.occupy(slot);
        }
        self.holds[slot as usize - 1] = hold;
        self.remember(|_| Undo::Hold(slot, before));
    }

    /// Takes a hold out of its slot for a moment, indexes untouched, to look at it while the rest
    /// of the house changes.
    pub(super) fn lift(&mut self, slot: Slot) -> Option<HoldEntry> {
        self.holds.get_mut((slot as usize).checked_sub(1)?)?.take()
    }

    /// Puts a lifted hold back as it was.
    pub(super) fn put_back(&mut self, slot: Slot, hold: HoldEntry) {
        if let Some(place) = self.holds.get_mut(slot as usize - 1) {
            *place = Some(hold);
        }
    }

    /// Changes a hold where it is. Its id and holder must stay.
    pub(super) fn change_hold(&mut self, slot: Slot, how: impl FnOnce(&mut HoldEntry)) {
        let Some(mut hold) = self.lift(slot) else { return };
        let before = self.undo.is_some().then(|| hold.clone());
        let clock = clock_of(&hold);
        how(&mut hold);
        if clock_of(&hold) != clock {
            self.unclock(slot, &hold.holder, clock);
            self.clock(slot, &hold);
        }
        self.put_back(slot, hold);
        if let Some(before) = before {
            self.remember(|_| Undo::Hold(slot, Some(before)));
        }
    }

    /// Takes a slot off the vacant list, where it is nearly always the last.
    fn occupy(&mut self, slot: Slot) {
        if self.vacant.last() == Some(&slot) {
            self.vacant.pop();
        } else {
            self.vacant.retain(|free| *free != slot);
        }
    }

    /// A slot nobody uses.
    pub(super) fn vacant_slot(&mut self) -> Slot {
        if let Some(slot) = self.vacant.last() {
            return *slot;
        }
        self.holds.push(None);
        let slot = self.holds.len() as Slot;
        self.vacant.push(slot);
        slot
    }

    fn link(&mut self, slot: Slot, hold: &HoldEntry) {
        self.by_id.insert(hold.id, slot);
        self.clock(slot, hold);
    }

    fn unlink(&mut self, slot: Slot, hold: &HoldEntry) {
        self.by_id.remove(&hold.id);
        self.unclock(slot, &hold.holder, clock_of(hold));
    }

    fn clock(&mut self, slot: Slot, hold: &HoldEntry) {
        if let Some(deadline) = clock_of(hold) {
            self.deadlines.insert((deadline, slot));
            self.clocked.entry(hold.holder.clone()).or_default().push(slot);
        }
    }

    fn unclock(&mut self, slot: Slot, holder: &Holder, clock: Option<Timestamp>) {
        let Some(deadline) = clock else { return };
        self.deadlines.remove(&(deadline, slot));
        if let Some(slots) = self.clocked.get_mut(holder) {
            slots.retain(|other| *other != slot);
            if slots.is_empty() {
                self.clocked.remove(holder);
            }
        }
    }

    pub(super) fn count_note(&mut self, caller: &str, by: i32) {
        let count = self.notes.entry(caller.into()).or_default();
        *count = count.saturating_add_signed(by as i16);
    }
}

/// The deadline of a hold that is under a clock.
fn clock_of(hold: &HoldEntry) -> Option<Timestamp> {
    hold.expires_at.filter(|_| hold.state == HoldState::Held)
}
