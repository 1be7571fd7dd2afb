//! A hall's seating plan: which seats exist, what they are called and where they stand.
//!
//! A layout keeps rows and runs of adjacent seats, never a record per seat, because thousands of
//! shows share halls of up to 200,000 seats. The one thing kept per seat is a bit, and only in
//! halls that have accessible places.
//!
//! Lengths are in seat pitches: neighbours stand 1.0 apart, an aisle adds 1.0. They are stored as
//! whole hundredths, so that the same plan always has the same bytes and so the same hash.
//!
//! A layout is a value: it never changes, and every show that uses it shares one behind an `Arc`.

use std::cmp::Ordering;
use std::fmt;
use std::ops::Range;

use crate::id::{LayoutHash, SeatIndex};

mod bytes;
mod describe;
mod error;
mod plan;
mod text;

pub use error::LayoutError;
pub use plan::{Plan, PlanPoint, PlanRow, PlanSection, PlanTier};

/// The most seats one layout may have: larger than any hall, small enough that a show's state is
/// a few dozen kilobytes.
pub const LAYOUT_SEATS_MAX: u32 = 200_000;
/// The most sections one layout may have.
pub const LAYOUT_SECTIONS_MAX: u32 = 1_000;
/// The most tiers one layout may have: a tier is one byte in the canonical form.
pub const LAYOUT_TIERS_MAX: u32 = 255;
/// The highest seat number, and so the most seats in one row.
pub const SEAT_NUMBER_MAX: u16 = 9_999;
/// The longest name of a section or tier, in characters.
pub const NAME_CHARS_MAX: usize = 32;

/// Hundredths in one seat pitch.
const PITCH: i32 = 100;

/// A tier of a layout, by its position in [`Layout::tiers`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TierIndex(pub u8);

/// The letters of a row, printed in upper case: `A` to `ZZZ`, in the order of spreadsheet columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowLabel(u16);

impl RowLabel {
    /// Reads 1 to 3 letters in either case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::read(text.as_bytes())
    }

    fn read(letters: &[u8]) -> Option<Self> {
        if letters.is_empty() || letters.len() > 3 {
            return None;
        }
        let column = letters.iter().try_fold(0_u16, |column, letter| {
            let letter = letter.to_ascii_uppercase();
            letter.is_ascii_uppercase().then(|| column * 26 + u16::from(letter - b'A') + 1)
        });
        column.map(Self)
    }

    /// Writes the letters at the end of `text`; answers where they begin.
    fn write_back(self, text: &mut [u8]) -> usize {
        let (mut rest, mut from) = (self.0, text.len());
        while rest > 0 && from > 0 {
            (rest, from) = (rest - 1, from - 1);
            text[from] = b'A' + (rest % 26) as u8;
            rest /= 26;
        }
        // No letters at all: the label of a seat that the layout does not have.
        if self.0 == 0 && from > 0 {
            from -= 1;
            text[from] = b'?';
        }
        from
    }
}

impl fmt::Display for RowLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut letters = [0; 3];
        let from = self.write_back(&mut letters);
        f.write_str(std::str::from_utf8(&letters[from..]).unwrap_or("?"))
    }
}

/// The canonical name of one seat: `A1`, `AA12`, `stalls/A1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SeatLabel<'a> {
    section: Option<&'a str>,
    row: RowLabel,
    number: u16,
}

/// Three letters and five digits.
const PLACE_LEN: usize = 8;

impl SeatLabel<'_> {
    /// Row and number at the end of `text`; answers where they begin.
    fn write_place(self, text: &mut [u8; PLACE_LEN]) -> usize {
        let (mut rest, mut from) = (self.number, PLACE_LEN);
        loop {
            from -= 1;
            text[from] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                return self.row.write_back(&mut text[..from]);
            }
        }
    }
}

impl fmt::Display for SeatLabel<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(section) = self.section {
            write!(f, "{section}/")?;
        }
        let mut place = [0; PLACE_LEN];
        let from = self.write_place(&mut place);
        f.write_str(std::str::from_utf8(&place[from..]).unwrap_or("?"))
    }
}

/// The same text without the formatter, for answers, which name every seat.
impl From<SeatLabel<'_>> for String {
    fn from(label: SeatLabel<'_>) -> Self {
        let mut place = [0; PLACE_LEN];
        let from = label.write_place(&mut place);
        let section = label.section.unwrap_or_default();
        let mut text = Self::with_capacity(section.len() + 1 + PLACE_LEN - from);
        if label.section.is_some() {
            text.push_str(section);
            text.push('/');
        }
        text.push_str(std::str::from_utf8(&place[from..]).unwrap_or("?"));
        text
    }
}

/// One row of a layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    section: Option<u16>,
    label: RowLabel,
    first_number: u16,
    count: u16,
    first_seat: u32,
    first_run: u32,
    run_count: u32,
    x: i32,
    y: i32,
}

impl Row {
    /// The row's section, by its position in [`Layout::sections`]; `None` in the unnamed one.
    pub fn section(&self) -> Option<usize> {
        self.section.map(usize::from)
    }

    /// The row's letters.
    pub fn label(&self) -> RowLabel {
        self.label
    }

    /// The row's first seat; the others follow it without a break.
    pub fn first_seat(&self) -> SeatIndex {
        SeatIndex(self.first_seat)
    }

    /// The seats of the row.
    pub fn seats(&self) -> Range<SeatIndex> {
        self.first_seat()..SeatIndex(self.first_seat + self.count())
    }

    /// How many seats the row has, at least 1.
    pub fn count(&self) -> u32 {
        u32::from(self.count)
    }

    /// The number of the row's first seat.
    pub fn first_number(&self) -> u16 {
        self.first_number
    }

    /// Where the first seat stands from left to right, in hundredths of a pitch.
    pub fn x(&self) -> i32 {
        self.x
    }

    /// Where the row stands from front to back, in hundredths of a pitch.
    pub fn y(&self) -> i32 {
        self.y
    }
}

/// Seats of one row that stand next to each other: an aisle or a missing number ends a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The row, by its position in [`Layout::rows`].
    pub row: usize,
    /// The seats; never empty.
    pub seats: Range<SeatIndex>,
    /// The number of the first seat; the others count on from it.
    pub first_number: u16,
    /// Where the first seat stands, in hundredths of a pitch; the others follow 100 apart.
    pub x: i32,
    /// Where the row stands, in hundredths of a pitch.
    pub y: i32,
}

#[derive(Debug, Clone)]
struct RunStart {
    seat: u32,
    row: u32,
    number: u16,
    /// Whole pitches from the row's first seat.
    offset: u16,
}

#[derive(Debug, Clone)]
struct TierStart {
    seat: u32,
    tier: Option<TierIndex>,
}

/// A hall's seating plan.
///
/// Seats are numbered from 0 in plan order: by section, then row, then seat. Asked about a seat it
/// does not have, a layout never panics: the seat has no tier, is not accessible, has number 0,
/// stands at (0, 0), is printed as `?0` and its row is `rows().len()`.
#[derive(Clone)]
pub struct Layout {
    len: u32,
    sections: Box<[Box<str>]>,
    /// Positions in `sections`, ordered by name without regard to case.
    sections_by_name: Box<[u16]>,
    tiers: Box<[Box<str>]>,
    rows: Box<[Row]>,
    /// Row key and position in `rows`, ordered by key. A key is section and letters in one word,
    /// so that finding a row compares integers and the index is the same in every process.
    rows_by_key: Box<[(u32, u32)]>,
    runs: Box<[RunStart]>,
    tier_starts: Box<[TierStart]>,
    /// One bit per seat, lowest first; empty when no seat is accessible.
    accessible: Box<[u64]>,
    focus: (i32, i32),
    hash: LayoutHash,
}

impl Layout {
    /// Reads the short text of a plan, such as `stalls/A-H:4|12|4*premium@1+20; balcony/A-C:12`.
    ///
    /// Items are separated by `,`, `;` or new lines; spaces are ignored. An item is
    /// `[section/]ROWS:COUNT`: rows are `A` or `A-E` (1 to 3 letters, `Z` is followed by `AA`), a
    /// count is `10`, or `4|6|4` for 14 seats with an aisle after seats 4 and 10. A section counts
    /// for its own item only; items of the same section are put together where it first appears.
    /// `*premium` behind the count names the tier, `@1+10` the accessible seats of each row.
    ///
    /// # Errors
    /// Item by item, from left to right: `BadItem`, `BadName`, `BadLabel`, `NoSuchSeat` for an
    /// accessible seat, `TooManySeats`, `TooManySections`; then as [`Layout::from_plan`].
    pub fn parse(text: &str) -> Result<Self, LayoutError> {
        text::parse(text).and_then(Self::from_plan)
    }

    /// Builds the layout that a full plan describes.
    ///
    /// # Errors
    /// In plan order. A section: `TooManySections`, `BadName`, `DuplicateSection`, `EmptySection`.
    /// A row: `BadLabel`, `BadNumber`, `TooManySeats`, `NoSuchSeat` for an aisle, `BadName`,
    /// `BadTierRange`, `NoSuchSeat` for a tier, `TooManyTiers`, `NoSuchSeat` for an accessible
    /// seat, `BadCoordinate`. After the last row: `Empty`, `DuplicateRow`, `BadFocus`.
    pub fn from_plan(plan: Plan) -> Result<Self, LayoutError> {
        plan::build(plan)
    }

    /// Describes the layout in full; [`Layout::from_plan`] gives an equal layout back.
    ///
    /// Every default is spelt out as the place it stands for, except a first number of 1.
    pub fn plan(&self) -> Plan {
        describe::plan(self)
    }

    /// Writes the canonical form: the first byte is its version, integers are little-endian.
    pub fn to_bytes(&self) -> Vec<u8> {
        bytes::encode(self)
    }

    /// Reads what [`Layout::to_bytes`] wrote, and checks it as if it came from a stranger.
    ///
    /// # Errors
    /// `Truncated`, `Version`, `Trailing`; then as [`Layout::from_plan`]; then `NotCanonical`.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LayoutError> {
        let layout = Self::from_plan(bytes::decode(bytes)?)?;
        (layout.to_bytes() == bytes).then_some(layout).ok_or(LayoutError::NotCanonical)
    }

    /// The BLAKE3 hash of the canonical form, computed once when the layout was built.
    pub fn hash(&self) -> LayoutHash {
        self.hash
    }

    /// How many seats the layout has, 1 to [`LAYOUT_SEATS_MAX`].
    #[expect(clippy::len_without_is_empty, reason = "a layout always has a seat")]
    pub fn len(&self) -> u32 {
        self.len
    }

    /// The names of the sections, in plan order and as first given; the unnamed one is not there.
    pub fn sections(&self) -> &[Box<str>] {
        &self.sections
    }

    /// The names of the tiers, in the order of their first seat and as first given there.
    pub fn tiers(&self) -> &[Box<str>] {
        &self.tiers
    }

    /// The rows, in plan order.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The point that the best seats are nearest to: (x, y) in hundredths of a pitch.
    pub fn focus(&self) -> (i32, i32) {
        self.focus
    }

    /// Finds a seat by its label, in either case; `None` for a leading zero.
    ///
    /// A seat of a named section is found under that section only. Nothing is allocated.
    pub fn seat(&self, label: &str) -> Option<SeatIndex> {
        let (section, place) = match label.split_once('/') {
            Some((name, place)) => (Some(self.section(name)?), place),
            None => (None, label),
        };
        let digits = place.find(|c: char| !c.is_ascii_alphabetic())?;
        let (letters, number) = place.split_at(digits);
        let key = row_key(section, RowLabel::parse(letters)?);
        let at = self.rows_by_key.binary_search_by_key(&key, |(key, _)| *key).ok()?;
        let (_, row) = self.rows_by_key.get(at)?;
        self.seat_in_row(*row as usize, seat_number(number)?)
    }

    /// The label as this layout prints it; as it was asked, if no seat here has it.
    pub fn canonical(&self, label: &str) -> String {
        self.seat(label).map_or_else(|| label.to_owned(), |seat| self.label(seat).to_string())
    }

    /// The seat with this number in a row, given by its position in [`Layout::rows`].
    pub fn seat_in_row(&self, row: usize, number: u16) -> Option<SeatIndex> {
        let after = self.run_starts(row).partition_point(|run| run.number <= number);
        let at = self.rows.get(row)?.first_run as usize + after.checked_sub(1)?;
        let run = self.runs.get(at)?;
        let seat = run.seat + u32::from(number - run.number);
        (seat < self.run_end(at)).then_some(SeatIndex(seat))
    }

    /// The canonical label of a seat.
    pub fn label(&self, seat: SeatIndex) -> SeatLabel<'_> {
        let row = self.rows.get(self.row_of(seat));
        SeatLabel {
            section: row.and_then(|row| self.section_name(row)),
            row: row.map_or(RowLabel(0), Row::label),
            number: self.number_of(seat),
        }
    }

    /// The row of a seat, by its position in [`Layout::rows`].
    pub fn row_of(&self, seat: SeatIndex) -> usize {
        self.run_of(seat).map_or(self.rows.len(), |run| run.row as usize)
    }

    /// The number of a seat within its row, 1 to [`SEAT_NUMBER_MAX`].
    pub fn number_of(&self, seat: SeatIndex) -> u16 {
        // A run is within one row, whose numbers fit.
        self.run_of(seat).map_or(0, |run| run.number + (seat.0 - run.seat) as u16)
    }

    /// Where a seat stands: (x, y) in hundredths of a pitch.
    pub fn position(&self, seat: SeatIndex) -> (i32, i32) {
        let Some(run) = self.run_of(seat) else {
            return (0, 0);
        };
        let Some(row) = self.rows.get(run.row as usize) else {
            return (0, 0);
        };
        (row.x + PITCH * (i32::from(run.offset) + (seat.0 - run.seat) as i32), row.y)
    }

    /// The tier of a seat, if it has one.
    pub fn tier_of(&self, seat: SeatIndex) -> Option<TierIndex> {
        let after = self.tier_starts.partition_point(|start| start.seat <= seat.0);
        let start = self.tier_starts.get(after.checked_sub(1)?)?;
        start.tier.filter(|_| seat.0 < self.len)
    }

    /// Finds a tier by its name, in either case.
    pub fn tier(&self, name: &str) -> Option<TierIndex> {
        let at = self.tiers.iter().position(|tier| tier.eq_ignore_ascii_case(name))?;
        u8::try_from(at).ok().map(TierIndex)
    }

    /// The stretches of seats of one tier or of none, in plan order; together they are all seats.
    pub fn tier_spans(&self) -> impl Iterator<Item = (Range<SeatIndex>, Option<TierIndex>)> {
        let ends = self.tier_starts.iter().skip(1).map(|start| start.seat).chain([self.len]);
        let spans = self.tier_starts.iter().zip(ends);
        spans.map(|(start, end)| (SeatIndex(start.seat)..SeatIndex(end), start.tier))
    }

    /// Whether a seat is an accessible place.
    pub fn accessible(&self, seat: SeatIndex) -> bool {
        let word = self.accessible.get(seat.0 as usize / 64);
        word.is_some_and(|word| word >> (seat.0 % 64) & 1 == 1)
    }

    /// The accessible places, one bit per seat and lowest first; empty when there are none.
    pub fn accessible_words(&self) -> &[u64] {
        &self.accessible
    }

    /// The runs of adjacent seats in one row, given by its position in [`Layout::rows`].
    pub fn runs(&self, row: usize) -> impl Iterator<Item = Range<SeatIndex>> {
        self.runs_of(row).map(|run| run.seats)
    }

    /// All runs of adjacent seats, in plan order.
    pub fn all_runs(&self) -> impl Iterator<Item = Run> {
        let ends = self.runs.iter().skip(1).map(|run| run.seat).chain([self.len]);
        self.runs.iter().zip(ends).filter_map(|(start, end)| self.run(start, end))
    }

    /// The numbers of the row's seats that an aisle follows, in order.
    pub fn aisles(&self, row: usize) -> impl Iterator<Item = u16> {
        self.breaks(row).filter(|gap| gap.aisle).map(|gap| gap.after)
    }

    /// The numbers missing within the row, in order.
    pub fn missing(&self, row: usize) -> impl Iterator<Item = u16> {
        self.breaks(row).flat_map(|gap| gap.after + 1..gap.before)
    }

    fn section(&self, name: &str) -> Option<u16> {
        let compare = |at: &u16| match self.sections.get(usize::from(*at)) {
            Some(section) => compare_names(section, name),
            None => Ordering::Greater,
        };
        let found = self.sections_by_name.binary_search_by(compare).ok()?;
        self.sections_by_name.get(found).copied()
    }

    /// The name of a row's section; `None` in the unnamed one.
    pub fn section_name(&self, row: &Row) -> Option<&str> {
        self.sections.get(row.section()?).map(AsRef::as_ref)
    }

    fn run_of(&self, seat: SeatIndex) -> Option<&RunStart> {
        let after = self.runs.partition_point(|run| run.seat <= seat.0);
        self.runs.get(after.checked_sub(1)?).filter(|_| seat.0 < self.len)
    }

    fn run_starts(&self, row: usize) -> &[RunStart] {
        let Some(row) = self.rows.get(row) else {
            return &[];
        };
        let first = row.first_run as usize;
        self.runs.get(first..first + row.run_count as usize).unwrap_or(&[])
    }

    /// The seat after the last one of the run at this position.
    fn run_end(&self, at: usize) -> u32 {
        self.runs.get(at + 1).map_or(self.len, |next| next.seat)
    }

    fn run(&self, start: &RunStart, end: u32) -> Option<Run> {
        let row = self.rows.get(start.row as usize)?;
        Some(Run {
            row: start.row as usize,
            seats: SeatIndex(start.seat)..SeatIndex(end),
            first_number: start.number,
            x: row.x + PITCH * i32::from(start.offset),
            y: row.y,
        })
    }

    fn runs_of(&self, row: usize) -> impl Iterator<Item = Run> {
        let first = self.rows.get(row).map_or(0, |row| row.first_run as usize);
        let starts = self.run_starts(row).iter().zip(first..);
        starts.filter_map(|(start, at)| self.run(start, self.run_end(at)))
    }

    fn breaks(&self, row: usize) -> impl Iterator<Item = Break> {
        self.run_starts(row).windows(2).filter_map(|pair| match pair {
            [left, right] => Some(Break::between(left, right)),
            _ => None,
        })
    }
}

/// What parts two runs of a row.
struct Break {
    after: u16,
    before: u16,
    aisle: bool,
}

impl Break {
    fn between(left: &RunStart, right: &RunStart) -> Self {
        // A missing number moves number and offset alike; an aisle moves the offset alone.
        Self {
            after: left.number + (right.seat - left.seat) as u16 - 1,
            before: right.number,
            aisle: right.offset - left.offset > right.number - left.number,
        }
    }
}

/// Layouts are equal when their canonical bytes are.
impl PartialEq for Layout {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash
    }
}

impl Eq for Layout {}

impl fmt::Debug for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Layout");
        shown.field("seats", &self.len).field("rows", &self.rows.len());
        shown.field("hash", &self.hash).finish()
    }
}

fn row_key(section: Option<u16>, label: RowLabel) -> u32 {
    section.map_or(0, |section| u32::from(section) + 1) << 16 | u32::from(label.0)
}

/// Reads a number from 1 to 9999 without sign or leading zero.
fn seat_number(digits: &str) -> Option<u16> {
    let plain = digits.len() <= 4 && digits.bytes().all(|b| b.is_ascii_digit());
    if !plain || digits.starts_with('0') {
        return None;
    }
    digits.parse().ok()
}

fn compare_names(left: &str, right: &str) -> Ordering {
    let left = left.bytes().map(|b| b.to_ascii_lowercase());
    left.cmp(right.bytes().map(|b| b.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests;
