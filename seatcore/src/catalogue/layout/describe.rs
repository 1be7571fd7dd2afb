//! A layout as the plan that would build it again.

use std::ops::Range;

use super::{Layout, PITCH, Plan, PlanPoint, PlanRow, PlanSection, PlanTier, Row, TierIndex};
use crate::id::SeatIndex;

fn pitches(hundredths: i32) -> f64 {
    f64::from(hundredths) / f64::from(PITCH)
}

/// Describes a layout; see [`Layout::plan`].
pub(super) fn plan(layout: &Layout) -> Plan {
    let mut sections: Vec<PlanSection> = Vec::new();
    let mut last = None;
    for (at, row) in layout.rows.iter().enumerate() {
        if last != Some(row.section) {
            let name = layout.section_name(row).map(str::to_owned);
            sections.push(PlanSection { name, rows: Vec::new() });
            last = Some(row.section);
        }
        if let Some(section) = sections.last_mut() {
            section.rows.push(describe_row(layout, at, row));
        }
    }
    let (x, y) = layout.focus;
    Plan { sections, focus: Some(PlanPoint { x: pitches(x), y: pitches(y) }) }
}

fn describe_row(layout: &Layout, at: usize, row: &Row) -> PlanRow {
    let mut tiers: Vec<PlanTier> = tier_ranges(layout, row)
        .filter_map(|(from, to, tier)| {
            let tier = layout.tiers.get(usize::from(tier.0))?.to_string();
            Some(PlanTier { from: u32::from(from), to: u32::from(to), tier })
        })
        .collect();
    let last = layout.number_of(SeatIndex(row.first_seat + row.count() - 1));
    let whole = tiers
        .pop_if(|range| (range.from, range.to) == (u32::from(row.first_number), u32::from(last)));
    PlanRow {
        label: row.label.to_string(),
        x: Some(pitches(row.x)),
        y: Some(pitches(row.y)),
        first: Some(u32::from(row.first_number)).filter(|first| *first != 1),
        count: row.count(),
        gaps: layout.aisles(at).map(u32::from).collect(),
        skip: layout.missing(at).map(u32::from).collect(),
        tier: whole.map(|range| range.tier),
        tiers,
        accessible: accessible_numbers(layout, row).map(u32::from).collect(),
    }
}

/// The row's stretches of one tier: first and last number, and the tier.
pub(super) fn tier_ranges(
    layout: &Layout,
    row: &Row,
) -> impl Iterator<Item = (u16, u16, TierIndex)> {
    let Range { start: first, end } = row.seats();
    let from = layout.tier_starts.partition_point(|start| start.seat <= first.0);
    let starts = layout.tier_starts.get(from.saturating_sub(1)..).unwrap_or(&[]);
    let ends = starts.iter().skip(1).map(|start| start.seat).chain([layout.len]);
    let inside = starts.iter().zip(ends).take_while(move |(start, _)| start.seat < end.0);
    inside.filter_map(move |(start, stop)| {
        let number = |seat: u32| layout.number_of(SeatIndex(seat));
        let last = stop.min(end.0) - 1;
        Some((number(start.seat.max(first.0)), number(last), start.tier?))
    })
}

/// The numbers of the row's accessible places, in order.
pub(super) fn accessible_numbers(layout: &Layout, row: &Row) -> impl Iterator<Item = u16> {
    let Range { start, end } = row.seats();
    let any = !layout.accessible.is_empty();
    let seats = (start.0..end.0).filter(move |_| any).map(SeatIndex);
    seats.filter(|seat| layout.accessible(*seat)).map(|seat| layout.number_of(seat))
}
