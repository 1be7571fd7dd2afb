//! The short text of a plan; [`super::Layout::parse`] describes it.

use super::plan::{check_name, shown};
use super::{
    LAYOUT_SEATS_MAX, LAYOUT_SECTIONS_MAX, LayoutError, Plan, PlanRow, PlanSection, RowLabel,
};

/// Reads the short text into a plan; [`super::Layout::parse`] lists the errors.
pub(super) fn parse(text: &str) -> Result<Plan, LayoutError> {
    let mut plan = Plan::default();
    let mut seats = 0_u64;
    for item in text.split([',', ';', '\n', '\r']) {
        let item: String = item.chars().filter(|c| !c.is_whitespace()).collect();
        if item.is_empty() {
            continue;
        }
        let item = Item::parse(&item)?;
        // Checked before the rows are spelt out: a few characters can ask for millions of seats.
        seats += item.seats();
        if seats > u64::from(LAYOUT_SEATS_MAX) {
            return Err(LayoutError::TooManySeats { seats, limit: LAYOUT_SEATS_MAX });
        }
        section(&mut plan, item.section)?.rows.extend(item.rows());
    }
    Ok(plan)
}

/// Finds or opens the section that an item belongs to.
fn section<'a>(plan: &'a mut Plan, name: Option<&str>) -> Result<&'a mut PlanSection, LayoutError> {
    let same = |other: Option<&str>| match (other, name) {
        (Some(other), Some(name)) => other.eq_ignore_ascii_case(name),
        (other, name) => other == name,
    };
    let known = plan.sections.iter().position(|section| same(section.name.as_deref()));
    let at = known.unwrap_or_else(|| {
        let name = name.map(str::to_owned);
        plan.sections.push(PlanSection { name, rows: Vec::new() });
        plan.sections.len() - 1
    });
    let limit = LAYOUT_SECTIONS_MAX;
    let room = at <= limit as usize;
    plan.sections.get_mut(at).filter(|_| room).ok_or(LayoutError::TooManySections { limit })
}

/// One item of the text: rows that differ in nothing but their letters.
struct Item<'a> {
    section: Option<&'a str>,
    first: RowLabel,
    last: RowLabel,
    row: PlanRow,
}

impl<'a> Item<'a> {
    fn parse(item: &'a str) -> Result<Self, LayoutError> {
        let bad = || LayoutError::BadItem { item: shown(item) };
        let (section, rest) = match item.split_once('/') {
            Some((section, rest)) => (Some(section), rest),
            None => (None, item),
        };
        section.map(check_name).transpose()?;
        let (rows, seats) = rest.split_once(':').ok_or_else(bad)?;
        let (first, last) = rows.split_once('-').unwrap_or((rows, rows));
        let (first, last) = (row_label(first)?, row_label(last)?);
        if last < first {
            return Err(bad());
        }
        let (count, marks) = seats.split_at(seats.find(['*', '@']).unwrap_or(seats.len()));
        let mut row = parse_count(count).ok_or_else(bad)?;
        row.label = first.to_string();
        parse_marks(marks, &mut row).ok_or_else(bad)?;
        row.tier.as_deref().map(check_name).transpose()?;
        check_accessible(section, &mut row)?;
        Ok(Self { section, first, last, row })
    }

    fn seats(&self) -> u64 {
        u64::from(self.last.0 - self.first.0 + 1) * u64::from(self.row.count)
    }

    fn rows(&self) -> impl Iterator<Item = PlanRow> {
        let labels = (self.first.0..=self.last.0).map(RowLabel);
        labels.map(|label| PlanRow { label: label.to_string(), ..self.row.clone() })
    }
}

fn row_label(letters: &str) -> Result<RowLabel, LayoutError> {
    let bad = || LayoutError::BadLabel { label: shown(letters) };
    RowLabel::parse(letters).ok_or_else(bad)
}

/// Reads `10` or `4|6|4`: a row of 14 seats with aisles after 4 and 10.
fn parse_count(text: &str) -> Option<PlanRow> {
    let mut row = PlanRow::default();
    for (at, block) in text.split('|').enumerate() {
        if at > 0 {
            row.gaps.push(row.count);
        }
        let seats = number(block)?;
        // A block of no seats would put two aisles in one place.
        if seats == 0 && text.contains('|') {
            return None;
        }
        row.count = row.count.checked_add(seats)?;
    }
    Some(row)
}

/// Reads `*premium` and `@1+10`, each at most once and in either order.
fn parse_marks(mut marks: &str, row: &mut PlanRow) -> Option<()> {
    while let Some(mark) = marks.chars().next() {
        let rest = marks.get(1..)?;
        let (value, next) = rest.split_at(rest.find(['*', '@']).unwrap_or(rest.len()));
        match mark {
            '*' if row.tier.is_none() => row.tier = Some(value.to_owned()),
            '@' if row.accessible.is_empty() => {
                row.accessible = value.split('+').map(number).collect::<Option<_>>()?;
            }
            _ => return None,
        }
        marks = next;
    }
    Some(())
}

/// Sorts the accessible seats, and refuses missing ones before the list is copied to every row.
fn check_accessible(section: Option<&str>, row: &mut PlanRow) -> Result<(), LayoutError> {
    row.accessible.sort_unstable();
    row.accessible.dedup();
    let missing = row.accessible.iter().find(|number| !(1..=row.count).contains(*number));
    missing.map_or(Ok(()), |number| {
        let section = section.map(|name| format!("{name}/")).unwrap_or_default();
        Err(LayoutError::NoSuchSeat { row: format!("{section}{}", row.label), number: *number })
    })
}

/// Reads a number without sign or leading zero; its range is the plan's business.
fn number(digits: &str) -> Option<u32> {
    let plain = digits.bytes().all(|b| b.is_ascii_digit());
    let leading = digits.len() > 1 && digits.starts_with('0');
    digits.parse().ok().filter(|_| plain && !leading)
}
