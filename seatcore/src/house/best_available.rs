//! Which seats to offer a party that leaves the choice to the house.
//!
//! The ladder, each rung tried only when the one above finds nothing:
//! 1. seats next to each other that leave no single seat behind, nearest the focus of the hall;
//! 2. seats next to each other, whatever they leave behind;
//! 3. blocks in several rows near each other, nobody alone;
//! 4. the same, with as few people alone as the free seats allow.
//!
//! The answer depends on the layout, the free seats and the ask alone, so that a journal replayed
//! offers the same seats again. Every seat an ask may not take counts as taken: it ends a block,
//! and what lies between it and a block can be a single seat left behind.

use crate::catalogue::layout::{Layout, TierIndex};
use crate::id::SeatIndex;

mod block;
mod split;

use block::{Point, Search};

/// The largest party: one batch of the engine.
pub const ASK_SEATS_MAX: u32 = 64;

/// What a party wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// How many seats, 1 to [`ASK_SEATS_MAX`].
    pub count: u32,
    /// Only seats of this tier; the border of a tier then ends a block.
    pub tier: Option<TierIndex>,
    /// How many of the seats are accessible places, 0 to `count`: no fewer and no more, because a
    /// place taken without need is missing for someone who has it.
    pub accessible: u32,
    /// Refuse rather than split the party.
    pub together: bool,
}

/// Why a party is offered nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The party does not fit; a smaller one would, if `largest` is not 0.
    #[error("no block of seats is large enough; the largest has {largest}")]
    NoBlockTogether {
        /// The largest smaller party with the same wishes, its accessible places included, that
        /// would sit together.
        largest: u32,
    },
    /// No seat that the ask may take is free.
    #[error("no such seat is free")]
    SoldOut,
}

/// The free seats of a show: one bit per seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreeSeats {
    words: Vec<u64>,
    len: u32,
}

impl FreeSeats {
    /// Takes one bit per seat, lowest first, set for free; `len` is the number of seats.
    ///
    /// Bits that are missing count as taken, bits beyond `len` are dropped.
    pub fn from_words(mut words: Vec<u64>, len: u32) -> Self {
        words.resize(len.div_ceil(64) as usize, 0);
        if let Some(last) = words.last_mut().filter(|_| !len.is_multiple_of(64)) {
            *last &= (1 << (len % 64)) - 1;
        }
        Self { words, len }
    }

    /// How many seats there are, free or not.
    #[expect(clippy::len_without_is_empty, reason = "the count of seats, not of free ones")]
    pub fn len(&self) -> u32 {
        self.len
    }

    /// How many seats are free.
    pub fn count(&self) -> u32 {
        self.words.iter().map(|word| word.count_ones()).sum()
    }

    /// Whether a seat is free; a seat that does not exist is not.
    pub fn contains(&self, seat: SeatIndex) -> bool {
        block::bit(&self.words, seat.0)
    }
}

/// Chooses seats for a party, in plan order.
///
/// Accessible places go only to asks that want some, even when nothing else is free. A party that
/// wants some and has to be split gets places near each other, and seats near those.
///
/// # Errors
/// `NoBlockTogether` with 0 for an ask outside its limits; then `SoldOut`; then `NoBlockTogether`
/// when the party does not fit: in one block if it is `together`, otherwise at all.
pub fn pick(layout: &Layout, free: &FreeSeats, ask: &Ask) -> Result<Vec<SeatIndex>, Refusal> {
    if !(1..=ASK_SEATS_MAX).contains(&ask.count) || ask.accessible > ask.count {
        return Err(Refusal::NoBlockTogether { largest: 0 });
    }
    let search = Search::new(layout, open_seats(layout, free, ask));
    if search.open.iter().all(|word| *word == 0) {
        return Err(Refusal::SoldOut);
    }
    let focus = Point::new(layout.focus());
    let found = match search.block(ask.count, ask.accessible, focus) {
        Some(block) => Some(block.seats().collect()),
        None if ask.together => None,
        None => split::apart(&search, ask.count, ask.accessible, focus),
    };
    let mut seats: Vec<u32> = found.ok_or_else(|| refusal(&search, ask, focus))?;
    seats.sort_unstable();
    Ok(seats.into_iter().map(SeatIndex).collect())
}

/// The free seats that the ask may take.
fn open_seats(layout: &Layout, free: &FreeSeats, ask: &Ask) -> Vec<u64> {
    // A bitset of another hall must not lead outside this one.
    let mut open = FreeSeats::from_words(free.words.clone(), layout.len()).words;
    if ask.accessible == 0 {
        block::clear_set(&mut open, layout.accessible_words());
    }
    if ask.tier.is_some() {
        for (seats, _) in layout.tier_spans().filter(|(_, tier)| *tier != ask.tier) {
            block::clear(&mut open, seats.start.0..seats.end.0);
        }
    }
    open
}

fn refusal(search: &Search<'_>, ask: &Ask, focus: Point) -> Refusal {
    let fits = |count: &u32| search.block(*count, ask.accessible, focus).is_some();
    let largest = match ask.accessible {
        0 => search.longest(),
        // A longer block may hold too many accessible places and a shorter one just enough.
        wanted => (wanted..ask.count).rev().find(fits).unwrap_or(0),
    };
    Refusal::NoBlockTogether { largest }
}

#[cfg(test)]
mod tests;
