//! Blocks of adjacent seats: finding the one nearest a point.

use std::cmp::Ordering;
use std::ops::Range;

use crate::catalogue::layout::{Layout, Run};
use crate::id::SeatIndex;

/// One seat pitch in the doubled hundredths of a [`Point`].
const PITCH: i64 = 200;

/// A point of the hall in doubled hundredths of a pitch, so that the middle of two seats is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Point {
    x: i64,
    y: i64,
}

impl Point {
    pub(super) fn new((x, y): (i32, i32)) -> Self {
        Self { x: 2 * i64::from(x), y: 2 * i64::from(y) }
    }

    /// The square of the distance. Halls are small enough for it to fit with room to add 64.
    pub(super) fn distance(self, other: Self) -> i64 {
        (self.x - other.x).pow(2) + (self.y - other.y).pow(2)
    }

    fn depth(self, other: Self) -> i64 {
        (self.y - other.y).pow(2)
    }
}

/// Adjacent seats for a whole party or a part of it. The least block is the best one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block {
    /// Whether it leaves a single seat behind.
    pub(super) strands: bool,
    /// The square of the distance from its middle to the point wanted.
    pub(super) distance: i64,
    pub(super) start: u32,
    pub(super) count: u32,
    pub(super) middle: Point,
}

impl Block {
    pub(super) fn seats(&self) -> Range<u32> {
        self.start..self.start + self.count
    }

    /// Orders blocks by distance alone, the earlier seats first.
    pub(super) fn nearness(&self) -> (i64, u32) {
        (self.distance, self.start)
    }

    fn rank(&self) -> (bool, i64, u32) {
        (self.strands, self.distance, self.start)
    }
}

/// Seats next to each other that are all open, with no open neighbour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) start: u32,
    pub(super) end: u32,
    /// Where the first seat stands.
    first: Point,
}

impl Stretch {
    pub(super) fn count(&self) -> u32 {
        self.end - self.start
    }

    /// How far the row is from the point, left and right aside: no block here is nearer.
    pub(super) fn depth(&self, point: Point) -> i64 {
        self.first.depth(point)
    }

    /// The block of `count` seats at `start`; both must be within the stretch.
    fn block(&self, start: u32, count: u32, point: Point) -> Block {
        let before = i64::from(start - self.start);
        let x = self.first.x + PITCH * before + PITCH / 2 * i64::from(count - 1);
        let middle = Point { x, y: self.first.y };
        let strands = before == 1 || self.end - start - count == 1;
        Block { strands, distance: middle.distance(point), start, count, middle }
    }

    /// The best block of `count` seats, 1 to all of the stretch.
    pub(super) fn best(&self, count: u32, point: Point) -> Option<Block> {
        let last = i64::from(self.count().checked_sub(count)?);
        let centred = point.x - self.first.x - PITCH / 2 * i64::from(count.checked_sub(1)?);
        // Distance grows to both sides of the centre, and only the second place from either end
        // strands a seat: within two places of the centre there is a best one.
        let centre = centred.div_euclid(PITCH).clamp(0, last);
        let places = (centre - 2).max(0)..=(centre + 3).min(last);
        places.map(|at| self.block(self.start + at as u32, count, point)).min_by(by_rank)
    }

    fn places(&self, count: u32) -> Range<u32> {
        self.start..(self.end + 1).saturating_sub(count)
    }
}

fn by_rank(left: &Block, right: &Block) -> Ordering {
    left.rank().cmp(&right.rank())
}

/// A layout and the seats of it that may be taken.
pub(super) struct Search<'a> {
    layout: &'a Layout,
    /// One bit per seat, lowest first.
    pub(super) open: Vec<u64>,
}

impl<'a> Search<'a> {
    pub(super) fn new(layout: &'a Layout, open: Vec<u64>) -> Self {
        Self { layout, open }
    }

    /// The same hall without its accessible places.
    pub(super) fn ordinary(&self) -> Self {
        let mut open = self.open.clone();
        clear_set(&mut open, self.layout.accessible_words());
        Self { layout: self.layout, open }
    }

    /// The open accessible places, in plan order.
    pub(super) fn accessible_open(&self) -> impl Iterator<Item = u32> {
        let words = self.open.iter().zip(self.layout.accessible_words());
        words.zip(0_u32..).flat_map(|((open, accessible), at)| {
            let mut left = open & accessible;
            std::iter::from_fn(move || {
                let bit = (left != 0).then(|| left.trailing_zeros())?;
                left &= left - 1;
                Some(at * 64 + bit)
            })
        })
    }

    pub(super) fn place(&self, seat: u32) -> Point {
        Point::new(self.layout.position(SeatIndex(seat)))
    }

    /// The best block of `count` seats of which `accessible` are accessible places.
    pub(super) fn block(&self, count: u32, accessible: u32, point: Point) -> Option<Block> {
        let mut best: Option<Block> = None;
        for run in self.layout.all_runs() {
            // Most rows end here: they stand farther away than a block already found.
            let depth = first_place(&run).depth(point);
            if best.is_some_and(|best| !best.strands && best.distance <= depth) {
                continue;
            }
            self.stretches_of(&run, count, |stretch| {
                let found = match accessible {
                    0 => stretch.best(count, point),
                    _ => self.accessible_block(&stretch, count, accessible, point),
                };
                best = best.into_iter().chain(found).min_by(by_rank);
            });
        }
        best
    }

    fn accessible_block(
        &self,
        stretch: &Stretch,
        count: u32,
        accessible: u32,
        point: Point,
    ) -> Option<Block> {
        let places = self.layout.accessible_words();
        if next(places, stretch.start, stretch.end, true) == stretch.end {
            return None;
        }
        let starts = stretch.places(count);
        let enough = starts.filter(|start| ones(places, *start, count) == accessible);
        enough.map(|start| stretch.block(start, count, point)).min_by(by_rank)
    }

    /// Calls `each` for every stretch of at least `least` seats, in plan order.
    pub(super) fn stretches(&self, least: u32, mut each: impl FnMut(Stretch)) {
        for run in self.layout.all_runs() {
            self.stretches_of(&run, least, &mut each);
        }
    }

    /// The length of the longest stretch, 0 when no seat is open.
    pub(super) fn longest(&self) -> u32 {
        let mut longest = 0;
        self.stretches(1, |stretch| longest = longest.max(stretch.count()));
        longest
    }

    fn stretches_of(&self, run: &Run, least: u32, mut each: impl FnMut(Stretch)) {
        let (from, end) = (run.seats.start.0, run.seats.end.0);
        let mut at = from;
        while end - at >= least {
            let start = next(&self.open, at, end, true);
            let stop = next(&self.open, start, end, false);
            if stop - start >= least && start < stop {
                let mut first = first_place(run);
                first.x += PITCH * i64::from(start - from);
                each(Stretch { start, end: stop, first });
            }
            if stop == end {
                break;
            }
            at = stop;
        }
    }
}

fn first_place(run: &Run) -> Point {
    Point::new((run.x, run.y))
}

/// The first seat from `from` whose bit is `wanted`, or `end`.
fn next(words: &[u64], from: u32, end: u32, wanted: bool) -> u32 {
    let mut at = from;
    while at < end {
        let word = words.get(at as usize / 64).copied().unwrap_or(0);
        let bits = (if wanted { word } else { !word }) >> (at % 64);
        if bits != 0 {
            return end.min(at + bits.trailing_zeros());
        }
        at = (at / 64 + 1) * 64;
    }
    end
}

/// How many of the bits from `start` are set; `count` is at most 64.
fn ones(words: &[u64], start: u32, count: u32) -> u32 {
    let word = |at: u32| u128::from(words.get(at as usize).copied().unwrap_or(0));
    let both = word(start / 64 + 1) << 64 | word(start / 64);
    let mask = (1_u128 << count) - 1;
    (both >> (start % 64) & mask).count_ones()
}

/// Whether the bit of a seat is set.
pub(super) fn bit(words: &[u64], seat: u32) -> bool {
    words.get(seat as usize / 64).is_some_and(|word| word >> (seat % 64) & 1 == 1)
}

/// Clears every bit that is set in `others`.
pub(super) fn clear_set(words: &mut [u64], others: &[u64]) {
    for (word, other) in words.iter_mut().zip(others) {
        *word &= !other;
    }
}

/// Clears the bits of a range of seats.
pub(super) fn clear(words: &mut [u64], seats: Range<u32>) {
    let mut at = seats.start;
    while at < seats.end {
        let (from, end) = (at % 64, (at / 64 + 1) * 64);
        let kept = if seats.end < end { u64::MAX << (seats.end % 64) } else { 0 };
        if let Some(word) = words.get_mut(at as usize / 64) {
            *word &= kept | !(u64::MAX << from);
        }
        at = end;
    }
}
