//! Checkpoints: a house as bytes, so that a show opens without folding its whole log.
//!
//! The bytes are canonical: two houses that folded the same records give the same bytes, which is
//! what `verify` compares. Receipts are kept apart, in chunks, since they only ever grow.

use super::{Counts, Head, House, Receipt};
use crate::catalogue::layout::Layout;
use crate::catalogue::show::Opening;
use crate::clock::Timestamp;
use crate::house::event::KeyTag;
use crate::house::event::codec::{Reader, Undecodable, Writer, decode_opening, encode_opening};
use crate::house::hold::{HoldEntry, HoldState};
use crate::id::{LayoutHash, ShowId};
use std::sync::Arc;

const VERSION: u8 = 1;
/// Bytes of one receipt in a chunk.
const RECEIPT_BYTES: usize = 32;
/// Bytes of a hold at the least: of a count that lies, so much is believed.
const HOLD_BYTES_MIN: usize = 26;

impl House {
    /// The house as bytes, receipts not included.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.byte(VERSION);
        let (movie, screen, layout) = (self.movie, self.screen, self.layout.hash());
        let terms = (*self.terms).clone();
        encode_opening(&Opening { movie, screen, layout, terms }, &mut out);
        out.byte(u8::from(self.cancelled) | u8::from(self.archived) << 1);
        out.number(self.head.n);
        out.number(self.head.seq);
        out.moment(self.head.at);
        out.raw(&self.head.hash);
        out.number(u64::from(self.counts.next_ticket));
        self.encode_notes(&mut out);
        self.encode_holds(&mut out);
        out.finish()
    }

    fn encode_notes(&self, out: &mut Writer) {
        let mut notes: Vec<_> = self.notes.iter().filter(|(_, count)| **count > 0).collect();
        notes.sort_unstable();
        out.number(notes.len() as u64);
        for (caller, count) in notes {
            out.text(caller);
            out.number(u64::from(*count));
        }
    }

    /// Ended holds come in the order they ended, so that they are forgotten in that order.
    fn encode_holds(&self, out: &mut Writer) {
        let mut claims: Vec<_> = self.holds().filter(|hold| hold.state.claims()).collect();
        claims.sort_unstable_by_key(|hold| hold.id);
        let ended: Vec<_> = self.ended.iter().filter_map(|(_, id)| self.hold(*id)).collect();
        out.number((claims.len() + ended.len()) as u64);
        claims.into_iter().chain(ended).for_each(|hold| encode_hold(hold, out));
    }

    /// The layout that bytes of [`to_bytes`](Self::to_bytes) need.
    pub fn layout_in(bytes: &[u8]) -> Result<LayoutHash, Undecodable> {
        let mut from = Reader::new(bytes);
        if from.byte()? != VERSION {
            return Err(Undecodable);
        }
        Ok(decode_opening(&mut from)?.layout)
    }

    /// The house again.
    pub fn from_bytes(
        show: ShowId,
        bytes: &[u8],
        layout: Arc<Layout>,
    ) -> Result<Self, Undecodable> {
        let mut from = Reader::new(bytes);
        if from.byte()? != VERSION {
            return Err(Undecodable);
        }
        let opening = decode_opening(&mut from)?;
        let mut house = Self::empty(show, &opening, layout);
        let ended = from.byte()?;
        (house.cancelled, house.archived) = (ended & 1 != 0, ended & 2 != 0);
        house.head = Head {
            n: from.number()?,
            seq: from.number()?,
            at: from.moment()?,
            hash: from.array()?,
        };
        let next_ticket = from.small()?;
        house.decode_notes(&mut from)?;
        let holds = from.count()?;
        // As much as is needed: what grows by doubling would keep half as much again.
        let foreseen = holds.min(bytes.len() / HOLD_BYTES_MIN);
        house.holds.reserve_exact(foreseen);
        house.by_id.reserve(foreseen);
        for _ in 0..holds {
            house.adopt(decode_hold(&mut from)?)?;
        }
        house.ended.shrink_to_fit();
        house.counts = Counts { next_ticket, ..house.counts };
        if from.is_empty() { Ok(house) } else { Err(Undecodable) }
    }

    fn decode_notes(&mut self, from: &mut Reader<'_>) -> Result<(), Undecodable> {
        for _ in 0..from.count()? {
            let caller = from.text()?.into();
            self.notes.insert(caller, from.small()?);
        }
        Ok(())
    }

    /// Puts a remembered hold back; its seats must be free.
    fn adopt(&mut self, hold: HoldEntry) -> Result<(), Undecodable> {
        let slot = self.vacant_slot();
        let (state, ended_at, id) = (hold.state, hold.touched_at, hold.id);
        let seats = hold.seats.clone();
        if self.hold(id).is_some() || seats.iter().any(|seat| seat.seat.0 >= self.layout.len()) {
            return Err(Undecodable);
        }
        self.set_hold(slot, Some(hold));
        if !state.claims() {
            self.ended.push_back((ended_at, id));
            return Ok(());
        }
        for seat in &seats {
            if self.hold_on(seat.seat).is_some() {
                return Err(Undecodable);
            }
            self.set_seat(seat.seat, slot);
        }
        self.count(state, &seats, 1);
        Ok(())
    }
}

/// Receipts as bytes, 32 each.
pub fn receipts_to_bytes(receipts: &[(KeyTag, Receipt)]) -> Vec<u8> {
    let mut out = Writer::new();
    for (tag, receipt) in receipts {
        out.raw(tag);
        out.raw(&receipt.n.to_le_bytes());
        out.raw(&receipt.fingerprint.to_le_bytes());
    }
    out.finish()
}

/// Receipts again.
pub fn receipts_from_bytes(bytes: &[u8]) -> Result<Vec<(KeyTag, Receipt)>, Undecodable> {
    let read = |chunk: &[u8]| {
        let mut from = Reader::new(chunk);
        let tag = from.array()?;
        let n = u64::from_le_bytes(from.array()?);
        Ok((tag, Receipt { n, fingerprint: u64::from_le_bytes(from.array()?) }))
    };
    if bytes.len().is_multiple_of(RECEIPT_BYTES) {
        bytes.chunks(RECEIPT_BYTES).map(read).collect()
    } else {
        Err(Undecodable)
    }
}

fn encode_hold(hold: &HoldEntry, out: &mut Writer) {
    out.raw(&hold.id.bits().to_be_bytes());
    out.byte(hold.state.to_byte());
    out.text(hold.holder.as_str());
    out.seats(&hold.seats);
    out.signed(hold.expires_at.map_or(i64::MIN, Timestamp::millis));
    out.moment(hold.acquired_at);
    out.moment(hold.touched_at);
    out.maybe_text(hold.reference.as_deref());
    out.number(u64::from(hold.first_ticket));
}

fn decode_hold(from: &mut Reader<'_>) -> Result<HoldEntry, Undecodable> {
    let id = from.hold()?;
    let state = HoldState::from_byte(from.byte()?).ok_or(Undecodable)?;
    let holder = from.holder()?;
    let seats = from.seats()?;
    let expires = from.signed()?;
    Ok(HoldEntry {
        id,
        holder,
        state,
        seats,
        expires_at: (expires != i64::MIN).then_some(Timestamp::from_millis(expires)),
        acquired_at: from.moment()?,
        touched_at: from.moment()?,
        reference: from.maybe_text()?,
        first_ticket: from.small()?,
    })
}
