//! The house: one show's seats in memory, as of one record of its log.
//!
//! Pure. A house changes only by folding records, so the same log gives the same house in every
//! process, today and in ten years. Nothing in this room reads a clock, a file or a lock.

use crate::catalogue::layout::Layout;
use crate::catalogue::show::{Opening, ShowStatus, Terms};
use crate::clock::Timestamp;
use crate::house::event::{ChainHash, KeyTag, N, Seq};
use crate::house::hold::HoldEntry;
use crate::house::savepoint::Undo;
use crate::house::seat::SeatState;
use crate::id::{HoldId, Holder, MovieId, ScreenId, SeatIndex, ShowId};
use rustc_hash::FxHashMap;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

pub mod best_available;
pub mod checkpoint;
pub mod command;
pub mod decide;
pub mod event;
pub mod fold;
pub mod hold;
pub mod outcome;
pub mod rejection;
mod savepoint;
pub mod seat;

pub use fold::Contradiction;

/// Where a show's log stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Head {
    /// Its newest record.
    pub n: N,
    /// Its newest event.
    pub seq: Seq,
    /// When the newest record was written.
    pub at: Timestamp,
    /// The newest record's hash.
    pub hash: ChainHash,
}

impl Head {
    /// Before the first record.
    pub const NONE: Self = Self { n: 0, seq: 0, at: Timestamp::from_millis(0), hash: [0; 16] };
}

/// The first outcome of a key: where it stands in the log, and which command it was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Receipt {
    /// The first record of the command.
    pub n: N,
    /// The command as asked.
    pub fingerprint: u64,
}

/// How many seats are what. Always adds up to the capacity.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Stats {
    /// Free to take.
    pub available: u32,
    /// Under a live hold.
    pub held: u32,
    /// Sold.
    pub booked: u32,
    /// Off sale.
    pub blocked: u32,
    /// All seats of the layout.
    pub capacity: u32,
}

/// Number of a hold in the house's slab, plus one; zero is a seat without a hold.
type Slot = u32;

/// One show's seats.
#[derive(Clone, Debug)]
pub struct House {
    show: ShowId,
    layout: Arc<Layout>,
    movie: MovieId,
    screen: ScreenId,
    terms: Arc<Terms>,
    cancelled: bool,
    /// Its chain has ended.
    archived: bool,
    /// Its records are elsewhere, and with them its seats.
    hollow: bool,
    head: Head,
    seats: Vec<Slot>,
    holds: Vec<Option<HoldEntry>>,
    vacant: Vec<Slot>,
    /// Fast to hash, as are receipts: callers choose neither ids nor tags.
    by_id: FxHashMap<HoldId, Slot>,
    /// Holds under a clock, by holder: for the caps.
    clocked: HashMap<Holder, Vec<Slot>>,
    /// Holds under a clock, by deadline.
    deadlines: BTreeSet<(Timestamp, Slot)>,
    /// Ended holds in the order they ended.
    ended: VecDeque<(Timestamp, HoldId)>,
    /// One bit per seat: sold.
    sold: Vec<u64>,
    counts: Counts,
    notes: HashMap<Box<str>, u16>,
    receipts: FxHashMap<KeyTag, Receipt>,
    /// Receipts younger than the last chunk written.
    fresh_receipts: Vec<(KeyTag, Receipt)>,
    undo: Option<Vec<Undo>>,
}

/// Seats by what the log says, lapses not looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Counts {
    held: u32,
    booked: u32,
    blocked: u32,
    next_ticket: u32,
}

impl House {
    /// The house of a show that was just opened, before its first record.
    pub fn empty(show: ShowId, opening: &Opening, layout: Arc<Layout>) -> Self {
        let seats = layout.len() as usize;
        Self {
            show,
            movie: opening.movie,
            screen: opening.screen,
            terms: Arc::new(opening.terms.clone()),
            cancelled: false,
            archived: false,
            hollow: false,
            head: Head::NONE,
            seats: vec![0; seats],
            holds: Vec::new(),
            vacant: Vec::new(),
            by_id: FxHashMap::default(),
            clocked: HashMap::new(),
            deadlines: BTreeSet::new(),
            ended: VecDeque::new(),
            sold: vec![0; seats.div_ceil(64)],
            counts: Counts { next_ticket: 1, ..Counts::default() },
            notes: HashMap::new(),
            receipts: FxHashMap::default(),
            fresh_receipts: Vec::new(),
            undo: None,
            layout,
        }
    }

    /// The show.
    pub const fn show(&self) -> ShowId {
        self.show
    }

    /// What is shown.
    pub const fn movie(&self) -> MovieId {
        self.movie
    }

    /// Where it is shown.
    pub const fn screen(&self) -> ScreenId {
        self.screen
    }

    /// Its plan.
    pub const fn layout(&self) -> &Arc<Layout> {
        &self.layout
    }

    /// Its terms.
    pub const fn terms(&self) -> &Arc<Terms> {
        &self.terms
    }

    /// Where its log stands.
    pub const fn head(&self) -> Head {
        self.head
    }

    /// Whether it can be bought at `now`.
    pub fn status(&self, now: Timestamp) -> ShowStatus {
        if self.cancelled {
            ShowStatus::Cancelled
        } else if self.terms.on_sale_at(now) {
            ShowStatus::OnSale
        } else {
            ShowStatus::Closed
        }
    }

    /// Whether the show was cancelled.
    pub const fn is_cancelled(&self) -> bool {
        self.cancelled
    }

    /// Whether the show was archived: it refuses everything.
    pub const fn is_archived(&self) -> bool {
        self.archived
    }

    /// Whether the show was archived and its seats are in another file.
    pub const fn is_hollow(&self) -> bool {
        self.hollow
    }

    /// The hold with this id, ended ones included for a day.
    pub fn hold(&self, id: HoldId) -> Option<&HoldEntry> {
        self.in_slot(*self.by_id.get(&id)?)
    }

    /// The hold that a seat points at, if its log says that it has one.
    pub fn hold_on(&self, seat: SeatIndex) -> Option<&HoldEntry> {
        self.in_slot(*self.seats.get(seat.0 as usize)?)
    }

    /// Every hold that is remembered.
    pub fn holds(&self) -> impl Iterator<Item = &HoldEntry> {
        self.holds.iter().flatten()
    }

    /// How many holds are remembered.
    pub fn holds_remembered(&self) -> usize {
        self.by_id.len()
    }

    /// The live holds of one holder.
    pub fn live_holds(&self, holder: &Holder, now: Timestamp) -> impl Iterator<Item = &HoldEntry> {
        let slots = self.clocked.get(holder).map_or(&[][..], Vec::as_slice);
        slots.iter().filter_map(|slot| self.in_slot(*slot)).filter(move |hold| hold.live_at(now))
    }

    /// What a reader sees of a seat at `now`.
    pub fn seat_at(&self, seat: SeatIndex, now: Timestamp) -> SeatState {
        self.hold_on(seat).map_or(SeatState::Available, |hold| SeatState::under(hold.state_at(now)))
    }

    /// How many seats are what at `now`.
    pub fn stats(&self, now: Timestamp) -> Stats {
        let lapsed: u32 = self.lapsed(now).map(|hold| hold.seats.len() as u32).sum();
        let Counts { held, booked, blocked, .. } = self.counts;
        let (capacity, held) = (self.layout.len(), held - lapsed);
        Stats { available: capacity - held - booked - blocked, held, booked, blocked, capacity }
    }

    /// Holds whose deadline has come at `now` without being published, earliest first.
    pub fn lapsed(&self, now: Timestamp) -> impl Iterator<Item = &HoldEntry> {
        let due = self.deadlines.range(..=(now, Slot::MAX));
        due.filter_map(|(_, slot)| self.in_slot(*slot))
    }

    /// The earliest deadline of a hold whose lapse is not published; it may have passed.
    pub fn next_expiry(&self) -> Option<Timestamp> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    /// Until when what a reader sees at `now` stays true without a record: the earliest live
    /// deadline, or the moment sales open or close.
    pub fn valid_until(&self, now: Timestamp) -> Option<Timestamp> {
        if crate::sabotage::on("snapshot_without_valid_until") {
            return None;
        }
        let live = self.deadlines.range((now, Slot::MAX)..).next().map(|(deadline, _)| *deadline);
        [live, self.terms.turns_at(now)].into_iter().flatten().min()
    }

    /// One bit per seat: sold. The store keeps the same bits and compares.
    pub fn sold(&self) -> &[u64] {
        &self.sold
    }

    /// The receipt of a key.
    pub fn receipt(&self, tag: &KeyTag) -> Option<Receipt> {
        self.receipts.get(tag).copied()
    }

    /// Every receipt, in no order.
    pub(crate) fn receipts(&self) -> impl Iterator<Item = (KeyTag, Receipt)> {
        self.receipts.iter().map(|(tag, receipt)| (*tag, *receipt))
    }

    /// Notes kept for a caller so far.
    pub fn notes_of(&self, caller: &str) -> u16 {
        self.notes.get(caller).copied().unwrap_or(0)
    }

    /// The number that the next ticket gets.
    pub const fn next_ticket(&self) -> u32 {
        self.counts.next_ticket
    }

    /// Receipts that no chunk holds yet; taking them promises to write one.
    pub(crate) fn take_fresh_receipts(&mut self) -> Vec<(KeyTag, Receipt)> {
        std::mem::take(&mut self.fresh_receipts)
    }

    /// No chunk will be written of this house.
    pub(crate) fn leave_receipts(&mut self) {
        self.fresh_receipts.clear();
    }

    /// Restores receipts from a chunk.
    pub(crate) fn restore_receipts(&mut self, chunk: impl IntoIterator<Item = (KeyTag, Receipt)>) {
        self.receipts.extend(chunk);
    }

    /// About how many bytes it occupies.
    pub fn weight(&self) -> usize {
        const HOLD: usize = 240;
        const RECEIPT: usize = 56;
        const NOTES: usize = 64;
        let (holds, receipts) = (self.by_id.len() * HOLD, self.receipts.len() * RECEIPT);
        512 + self.seats.len() * 5 + holds + receipts + self.notes.len() * NOTES
    }

    fn in_slot(&self, slot: Slot) -> Option<&HoldEntry> {
        self.holds.get((slot as usize).checked_sub(1)?)?.as_ref()
    }
}
