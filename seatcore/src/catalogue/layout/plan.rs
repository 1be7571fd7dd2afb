//! The full description of a layout, and how a layout is built from it.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::{
    LAYOUT_SEATS_MAX, LAYOUT_SECTIONS_MAX, LAYOUT_TIERS_MAX, Layout, LayoutError, NAME_CHARS_MAX,
    PITCH, Row, RowLabel, RunStart, SEAT_NUMBER_MAX, TierIndex, TierStart, bytes, compare_names,
    row_key,
};
use crate::id::LayoutHash;

/// The farthest a row or the focus may be from the origin, in pitches.
const COORDINATE_MAX: f64 = 100_000.0;
/// How much farther back than the one before it a section stands, in hundredths of a pitch.
const SECTION_DEPTH: i32 = 3 * PITCH;
/// How much of a name a caller got wrong is repeated in the error.
const SHOWN_CHARS_MAX: usize = 40;

/// A seating plan in full, as callers write and read it.
///
/// Coordinates are in seat pitches, from left to right and from front to back, within 100,000 of
/// the origin and rounded to hundredths. Lists of seat numbers are sets: order and repetition
/// change nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The sections; at most one has no name.
    pub sections: Vec<PlanSection>,
    /// The point that the best seats are nearest to. Default: x = 0, two thirds of the way from
    /// the front to the back of the first section.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub focus: Option<PlanPoint>,
}

/// A point of a plan, in seat pitches.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanPoint {
    /// From left to right.
    pub x: f64,
    /// From front to back.
    pub y: f64,
}

/// A named part of the hall.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanSection {
    /// 1 to 32 letters, digits, `-` or `_`; unique without regard to case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The rows, at least one.
    pub rows: Vec<PlanRow>,
}

/// One row of seats.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanRow {
    /// 1 to 3 letters, unique in the section without regard to case.
    pub label: String,
    /// Where the first seat stands. Default: the row is centred on x = 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x: Option<f64>,
    /// Default: 0 for the first row, 1 behind the row before, 3 behind all earlier sections.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub y: Option<f64>,
    /// The number of the first seat. Default: 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<u32>,
    /// How many seats there are; numbers in `skip` are passed over and not counted.
    pub count: u32,
    /// Seat numbers with an aisle after them, one pitch wide; none follows the last seat.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<u32>,
    /// Numbers that no seat has. Within the row each leaves an empty place one pitch wide.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skip: Vec<u32>,
    /// The tier of the seats that are in none of `tiers`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// Ranges of seats with a tier of their own; no two meet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<PlanTier>,
    /// The numbers of the accessible places.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accessible: Vec<u32>,
}

/// A range of seats of one tier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanTier {
    /// The number of the first seat.
    pub from: u32,
    /// The number of the last seat, itself included.
    pub to: u32,
    /// The tier's name: 1 to 32 letters, digits, `-` or `_`.
    pub tier: String,
}

/// Builds a layout; [`Layout::from_plan`] lists the errors.
pub(super) fn build(plan: Plan) -> Result<Layout, LayoutError> {
    let mut draft = Draft::default();
    for section in &plan.sections {
        draft.add_section(section)?;
    }
    draft.finish(plan.focus)
}

/// Cuts a caller's text to what an error may repeat.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(SHOWN_CHARS_MAX).collect()
}

/// Refuses what is not the name of a section or tier.
pub(super) fn check_name(name: &str) -> Result<(), LayoutError> {
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if plain && (1..=NAME_CHARS_MAX).contains(&name.len()) {
        return Ok(());
    }
    Err(LayoutError::BadName { name: shown(name) })
}

/// A layout while its plan is read.
#[derive(Default)]
struct Draft {
    len: u32,
    sections: Vec<Box<str>>,
    has_unnamed: bool,
    tiers: Vec<Box<str>>,
    rows: Vec<Row>,
    runs: Vec<RunStart>,
    tier_starts: Vec<TierStart>,
    accessible: Vec<u64>,
    /// The rows of the first section.
    front: usize,
    /// The farthest row so far.
    depth: i32,
}

impl Draft {
    fn add_section(&mut self, section: &PlanSection) -> Result<(), LayoutError> {
        let name = section.name.as_deref();
        let index = self.open_section(name)?;
        if section.rows.is_empty() {
            return Err(LayoutError::EmptySection { name: name.unwrap_or_default().to_owned() });
        }
        let mut next_y = if self.rows.is_empty() { 0 } else { self.depth + SECTION_DEPTH };
        for row in &section.rows {
            next_y = PITCH + self.add_row(index, &RowReader { section: name, row }, next_y)?;
        }
        if self.front == 0 {
            self.front = self.rows.len();
        }
        Ok(())
    }

    fn open_section(&mut self, name: Option<&str>) -> Result<Option<u16>, LayoutError> {
        let limit = LAYOUT_SECTIONS_MAX;
        let index = u16::try_from(self.sections.len()).ok();
        let Some(index) = index.filter(|index| u32::from(*index) < limit) else {
            return Err(LayoutError::TooManySections { limit });
        };
        let Some(name) = name else {
            let again = std::mem::replace(&mut self.has_unnamed, true);
            let twice = LayoutError::DuplicateSection { name: String::new() };
            return if again { Err(twice) } else { Ok(None) };
        };
        check_name(name)?;
        if self.sections.iter().any(|other| other.eq_ignore_ascii_case(name)) {
            return Err(LayoutError::DuplicateSection { name: name.to_owned() });
        }
        self.sections.push(name.into());
        Ok(Some(index))
    }

    /// Adds a row and tells where it stands from front to back.
    fn add_row(
        &mut self,
        section: Option<u16>,
        reader: &RowReader<'_>,
        next_y: i32,
    ) -> Result<i32, LayoutError> {
        let label = reader.label()?;
        reader.check_counts()?;
        let numbers = reader.numbers()?;
        self.check_room(reader.row.count)?;
        let runs = reader.runs(&numbers)?;
        self.add_tiers(reader, &numbers)?;
        self.add_accessible(reader, &numbers)?;
        let centred = runs.last().map_or(0, |(seats, offset)| {
            -(i32::from(*offset) + seats.len() as i32 - 1) * (PITCH / 2)
        });
        let (x, y) = (reader.place(reader.row.x, centred)?, reader.place(reader.row.y, next_y)?);
        self.rows.push(Row {
            section,
            label,
            first_number: numbers.first().copied().unwrap_or_default(),
            count: numbers.len() as u16,
            first_seat: self.len,
            first_run: self.runs.len() as u32,
            run_count: runs.len() as u32,
            x,
            y,
        });
        self.add_runs(&runs, &numbers);
        self.len += reader.row.count;
        self.depth = if self.rows.len() == 1 { y } else { self.depth.max(y) };
        Ok(y)
    }

    fn check_room(&self, count: u32) -> Result<(), LayoutError> {
        let seats = u64::from(self.len) + u64::from(count);
        if seats > u64::from(LAYOUT_SEATS_MAX) {
            return Err(LayoutError::TooManySeats { seats, limit: LAYOUT_SEATS_MAX });
        }
        Ok(())
    }

    fn add_runs(&mut self, runs: &[(Range<usize>, u16)], numbers: &[u16]) {
        let row = (self.rows.len() - 1) as u32;
        self.runs.extend(runs.iter().map(|(seats, offset)| RunStart {
            seat: self.len + seats.start as u32,
            row,
            number: numbers.get(seats.start).copied().unwrap_or_default(),
            offset: *offset,
        }));
    }

    fn add_tiers(&mut self, reader: &RowReader<'_>, numbers: &[u16]) -> Result<(), LayoutError> {
        for (at, name) in reader.tiers(numbers)? {
            let tier = name.map(|name| self.tier(name)).transpose()?;
            if self.tier_starts.last().is_none_or(|last| last.tier != tier) {
                self.tier_starts.push(TierStart { seat: self.len + at as u32, tier });
            }
        }
        Ok(())
    }

    fn tier(&mut self, name: &str) -> Result<TierIndex, LayoutError> {
        let known = self.tiers.iter().position(|tier| tier.eq_ignore_ascii_case(name));
        let at = known.unwrap_or_else(|| {
            self.tiers.push(name.into());
            self.tiers.len() - 1
        });
        let limit = LAYOUT_TIERS_MAX;
        let index = u8::try_from(at).ok().filter(|index| u32::from(*index) < limit);
        index.map(TierIndex).ok_or(LayoutError::TooManyTiers { limit })
    }

    fn add_accessible(
        &mut self,
        reader: &RowReader<'_>,
        numbers: &[u16],
    ) -> Result<(), LayoutError> {
        for number in &reader.row.accessible {
            let seat = self.len as usize + reader.find(numbers, *number)?;
            if self.accessible.len() <= seat / 64 {
                self.accessible.resize(seat / 64 + 1, 0);
            }
            if let Some(word) = self.accessible.get_mut(seat / 64) {
                *word |= 1 << (seat % 64);
            }
        }
        Ok(())
    }

    fn finish(self, focus: Option<PlanPoint>) -> Result<Layout, LayoutError> {
        if self.len == 0 {
            return Err(LayoutError::Empty);
        }
        let rows_by_key = self.rows_by_key()?;
        let focus = self.focus(focus)?;
        let by_name = |at: &u16| self.sections.get(usize::from(*at)).cloned().unwrap_or_default();
        let mut sections_by_name: Vec<u16> = (0..self.sections.len() as u16).collect();
        sections_by_name.sort_by(|a, b| compare_names(&by_name(a), &by_name(b)));
        let mut layout = Layout {
            len: self.len,
            sections: self.sections.into(),
            sections_by_name: sections_by_name.into(),
            tiers: self.tiers.into(),
            rows: self.rows.into(),
            rows_by_key,
            runs: self.runs.into(),
            tier_starts: self.tier_starts.into(),
            accessible: self.accessible.into(),
            focus,
            hash: LayoutHash([0; 32]),
        };
        layout.hash = LayoutHash(*blake3::hash(&bytes::encode(&layout)).as_bytes());
        Ok(layout)
    }

    fn rows_by_key(&self) -> Result<Box<[(u32, u32)]>, LayoutError> {
        let keys = self.rows.iter().map(|row| row_key(row.section, row.label));
        let mut index: Vec<(u32, u32)> = keys.zip(0..).collect();
        index.sort_unstable();
        // Of several repeated rows the one repeated first in the plan is reported.
        let again = index.windows(2).filter_map(|pair| match pair {
            [(left, _), (right, row)] if left == right => Some(*row),
            _ => None,
        });
        let Some(row) = again.min().and_then(|row| self.rows.get(row as usize)) else {
            return Ok(index.into());
        };
        let section = row.section().and_then(|at| self.sections.get(at)).map(AsRef::as_ref);
        Err(LayoutError::DuplicateRow { label: row_name(section, &row.label.to_string()) })
    }

    fn focus(&self, given: Option<PlanPoint>) -> Result<(i32, i32), LayoutError> {
        if let Some(PlanPoint { x, y }) = given {
            return hundredths(x).zip(hundredths(y)).ok_or(LayoutError::BadFocus);
        }
        let depths = || self.rows.iter().take(self.front).map(|row| row.y);
        let front = depths().min().unwrap_or_default();
        let back = depths().max().unwrap_or_default();
        Ok((0, front + (back - front) * 2 / 3))
    }
}

/// One row of a plan, and the section that its errors name.
struct RowReader<'a> {
    section: Option<&'a str>,
    row: &'a PlanRow,
}

impl RowReader<'_> {
    fn name(&self) -> String {
        row_name(self.section, &self.row.label)
    }

    fn label(&self) -> Result<RowLabel, LayoutError> {
        let bad = || LayoutError::BadLabel { label: shown(&self.row.label) };
        RowLabel::parse(&self.row.label).ok_or_else(bad)
    }

    fn check_counts(&self) -> Result<(), LayoutError> {
        let counts = [self.row.count, self.row.first.unwrap_or(1)];
        let outside = |number: &&u32| !(1..=u32::from(SEAT_NUMBER_MAX)).contains(*number);
        match counts.iter().chain(&self.row.skip).find(outside) {
            Some(number) => Err(LayoutError::BadNumber { row: self.name(), number: *number }),
            None => Ok(()),
        }
    }

    /// The numbers of the row's seats, in order.
    fn numbers(&self) -> Result<Vec<u16>, LayoutError> {
        let missing = sorted(&self.row.skip);
        let first = self.row.first.unwrap_or(1);
        let exists = |number: &u32| missing.binary_search(number).is_err();
        let numbers = (first..=u32::from(SEAT_NUMBER_MAX)).filter(exists).map(|n| n as u16);
        let numbers: Vec<u16> = numbers.take(self.row.count as usize).collect();
        if numbers.len() < self.row.count as usize {
            let number = u32::from(SEAT_NUMBER_MAX) + 1;
            return Err(LayoutError::BadNumber { row: self.name(), number });
        }
        Ok(numbers)
    }

    /// Finds the position of a seat in its row.
    fn find(&self, numbers: &[u16], number: u32) -> Result<usize, LayoutError> {
        let at = u16::try_from(number).ok().and_then(|n| numbers.binary_search(&n).ok());
        at.ok_or_else(|| LayoutError::NoSuchSeat { row: self.name(), number })
    }

    /// The runs of adjacent seats: positions in the row, and whole pitches from its first seat.
    fn runs(&self, numbers: &[u16]) -> Result<Vec<(Range<usize>, u16)>, LayoutError> {
        let aisles = sorted(&self.row.gaps);
        let after: Result<Vec<usize>, _> =
            aisles.iter().map(|number| self.find(numbers, *number)).collect();
        let after = after?;
        let first = numbers.first().copied().unwrap_or_default();
        let mut runs: Vec<(Range<usize>, u16)> = Vec::new();
        let (mut passed, mut expected) = (0_u16, 0_u16);
        for (at, number) in numbers.iter().enumerate() {
            let aisle = at > 0 && after.binary_search(&(at - 1)).is_ok();
            passed += u16::from(aisle);
            match runs.last_mut().filter(|_| !aisle && *number == expected) {
                Some((seats, _)) => seats.end = at + 1,
                None => runs.push((at..at + 1, number - first + passed)),
            }
            expected = number + 1;
        }
        Ok(runs)
    }

    /// The positions at which a tier begins or ends, with the tier's name from there on.
    fn tiers(&self, numbers: &[u16]) -> Result<Vec<(usize, Option<&str>)>, LayoutError> {
        let base = self.row.tier.as_deref();
        base.map(check_name).transpose()?;
        let mut ranges = Vec::with_capacity(self.row.tiers.len());
        for tier in &self.row.tiers {
            check_name(&tier.tier)?;
            let from = self.find(numbers, tier.from)?;
            ranges.push((from, self.find(numbers, tier.to)?, tier));
        }
        ranges.sort_by_key(|(from, to, _)| (*from, *to));
        let mut starts = Vec::with_capacity(2 * ranges.len() + 1);
        let mut next = 0;
        for (from, to, tier) in ranges {
            if from < next || to < from {
                let (row, from, to) = (self.name(), tier.from, tier.to);
                return Err(LayoutError::BadTierRange { row, from, to });
            }
            if next < from {
                starts.push((next, base));
            }
            starts.push((from, Some(tier.tier.as_str())));
            next = to + 1;
        }
        if next < numbers.len() {
            starts.push((next, base));
        }
        Ok(starts)
    }

    fn place(&self, given: Option<f64>, otherwise: i32) -> Result<i32, LayoutError> {
        let given = given.unwrap_or_else(|| f64::from(otherwise) / f64::from(PITCH));
        hundredths(given).ok_or_else(|| LayoutError::BadCoordinate { row: self.name() })
    }
}

fn row_name(section: Option<&str>, label: &str) -> String {
    let section = section.map(|name| format!("{name}/")).unwrap_or_default();
    format!("{section}{}", label.to_ascii_uppercase())
}

fn sorted(numbers: &[u32]) -> Vec<u32> {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    sorted
}

/// Rounds pitches to hundredths; `None` outside the limits and for what is not a number.
fn hundredths(pitches: f64) -> Option<i32> {
    let inside = (-COORDINATE_MAX..=COORDINATE_MAX).contains(&pitches);
    inside.then(|| (pitches * f64::from(PITCH)).round() as i32)
}
