//! A party that does not fit in one block: several blocks near each other.
//!
//! The best split of a large hall cannot be searched for in microseconds. This one is greedy: it
//! starts from a few long stretches near the focus, and completes each with the nearest stretches
//! that still allow the fewest blocks. Both numbers below bound that work.

use std::cmp::Reverse;

use super::block::{Block, Point, Search, Stretch};

/// How many stretches near the focus take part: even single seats then make the largest party.
const STRETCHES_MAX: usize = 128;
/// How many stretches, or accessible places, are tried as the heart of a split.
const HEARTS_MAX: usize = 4;

/// Seats for a party in several blocks; `None` only when too few seats are open.
///
/// Of them `accessible` are accessible places.
pub(super) fn apart(
    search: &Search<'_>,
    count: u32,
    accessible: u32,
    focus: Point,
) -> Option<Vec<u32>> {
    if accessible == 0 {
        return blocks_apart(search, count, focus).map(|split| split.seats());
    }
    let mut places: Vec<(Point, u32)> =
        search.accessible_open().map(|seat| (search.place(seat), seat)).collect();
    places.sort_by_key(|(point, seat)| (point.distance(focus), *seat));
    let ordinary = search.ordinary();
    let hearts = places.iter().take(HEARTS_MAX);
    let found = hearts.filter_map(|(heart, _)| {
        around(&ordinary, &places, *heart, (accessible, count - accessible))
    });
    found.min_by_key(|(spread, _)| *spread).map(|(_, seats)| seats)
}

/// The accessible places nearest the heart, and the best of the ordinary seats for the others.
fn around(
    ordinary: &Search<'_>,
    places: &[(Point, u32)],
    heart: Point,
    (accessible, others): (u32, u32),
) -> Option<(i64, Vec<u32>)> {
    let mut near: Vec<(i64, u32)> =
        places.iter().map(|(point, seat)| (point.distance(heart), *seat)).collect();
    near.sort_unstable();
    let near = near.get(..accessible as usize)?;
    let mut spread: i64 = near.iter().map(|(distance, _)| distance).sum();
    let mut seats: Vec<u32> = near.iter().map(|(_, seat)| *seat).collect();
    if others > 0 {
        let companions = blocks_apart(ordinary, others, heart)?;
        spread += companions.spread(heart);
        seats.extend(companions.seats());
    }
    Some((spread, seats))
}

/// Rungs 3 and 4: blocks of two and more if that can be, otherwise of any size.
///
/// One block is enough if a stretch near the focus has room, as it may for those who come with
/// someone in an accessible place.
fn blocks_apart(search: &Search<'_>, count: u32, focus: Point) -> Option<Split> {
    (1..=count.min(2)).rev().find_map(|least| {
        let near = Near::new(search, count, least, focus);
        let hearts = near.0.iter().take(HEARTS_MAX);
        let splits = hearts.filter_map(|heart| near.split(heart, count, least, focus));
        splits.min_by_key(|split| split.rank(focus))
    })
}

/// The blocks of one party; the first is the heart that the others are near to.
struct Split {
    blocks: Vec<Block>,
}

impl Split {
    fn seats(&self) -> Vec<u32> {
        self.blocks.iter().flat_map(Block::seats).collect()
    }

    fn spread(&self, heart: Point) -> i64 {
        self.blocks.iter().map(|b| b.middle.distance(heart) * i64::from(b.count)).sum()
    }

    /// The least is the best: few blocks, then near each other, then near the focus.
    fn rank(&self, focus: Point) -> (usize, i64, i64, u32) {
        let heart = self.blocks.first().map_or(focus, |block| block.middle);
        let start = self.blocks.iter().map(|block| block.start).min().unwrap_or(0);
        (self.blocks.len(), self.spread(heart), self.spread(focus), start)
    }
}

/// The stretches that take part in a split: the longest first, then the nearest the focus.
struct Near(Vec<Stretch>);

impl Near {
    fn new(search: &Search<'_>, count: u32, least: u32, focus: Point) -> Self {
        let mut found: Vec<(Nearness, Stretch)> = Vec::new();
        search.stretches(least, |stretch| {
            let whole = stretch.best(stretch.count().min(count), focus);
            // Single seats come last: otherwise someone would sit alone who need not.
            let rank = whole.map(|block| (stretch.count() == 1, block.nearness()));
            found.extend(rank.map(|rank| (rank, stretch)));
        });
        let beyond = keep_nearest(&mut found);
        // Pairs seat no odd party: then a longer stretch takes part wherever it is.
        let long = |(_, stretch): &&(Nearness, Stretch)| stretch.count() > 2;
        if count % 2 == 1 && !found.iter().any(|near| long(&near)) {
            found.extend(beyond.iter().filter(long).min_by_key(|(rank, _)| *rank));
        }
        // No stretch is worth more than the whole party.
        found.sort_unstable_by_key(|(rank, s)| (Reverse(s.count().min(count)), *rank));
        Self(found.into_iter().map(|(_, stretch)| stretch).collect())
    }

    /// Fills the heart, then the stretches nearest to it, until the party has seats.
    fn split(&self, heart: &Stretch, count: u32, least: u32, focus: Point) -> Option<Split> {
        let first = heart.best(heart.count().min(count), focus)?;
        let mut left = count - first.count;
        let mut parts = vec![(*heart, first)];
        let mut unused: Vec<Stretch> =
            self.0.iter().copied().filter(|stretch| stretch != heart).collect();
        while left > 0 {
            if left < least {
                left += spare_one(&mut parts, least, first.middle)?;
            }
            let (at, block) = nearest(&unused, left, first.middle)?;
            left -= block.count;
            parts.push((unused.remove(at), block));
        }
        Some(Split { blocks: parts.into_iter().map(|(_, block)| block).collect() })
    }
}

/// Whether a stretch is a single seat, then the distance and the first seat of its block.
type Nearness = (bool, (i64, u32));

/// Keeps the [`STRETCHES_MAX`] nearest stretches and returns the others, in no order.
fn keep_nearest(found: &mut Vec<(Nearness, Stretch)>) -> Vec<(Nearness, Stretch)> {
    if found.len() <= STRETCHES_MAX {
        return Vec::new();
    }
    found.select_nth_unstable_by_key(STRETCHES_MAX, |(rank, _)| *rank);
    found.split_off(STRETCHES_MAX)
}

/// Takes a seat from the last part that can spare one, for a person who would sit alone.
fn spare_one(parts: &mut [(Stretch, Block)], least: u32, heart: Point) -> Option<u32> {
    let (stretch, block) = parts.iter_mut().rfind(|(_, block)| block.count > least)?;
    *block = stretch.best(block.count - 1, heart)?;
    Some(1)
}

/// The nearest block that leaves as few blocks as possible to be found for the rest of the party.
fn nearest(unused: &[Stretch], left: u32, heart: Point) -> Option<(usize, Block)> {
    let needed = needed(unused, left)?;
    let mut best: Option<(usize, Block)> = None;
    for (at, stretch) in unused.iter().enumerate().take_while(|(_, s)| s.count() >= needed) {
        if best.is_some_and(|(_, best)| best.distance < stretch.depth(heart)) {
            continue;
        }
        let block = stretch.best(left.min(stretch.count()), heart).map(|block| (at, block));
        best = best.into_iter().chain(block).min_by_key(|(_, block)| block.nearness());
    }
    best
}

/// The shortest stretch to take next so that the longest others can seat the rest in as few
/// blocks as possible; `unused` has the longest first.
fn needed(unused: &[Stretch], left: u32) -> Option<u32> {
    let mut rest = left;
    for stretch in unused {
        if stretch.count() >= rest {
            return Some(rest);
        }
        rest -= stretch.count();
    }
    None
}
