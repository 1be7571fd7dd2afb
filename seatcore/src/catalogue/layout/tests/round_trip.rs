use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::*;

fn plan_row() -> impl Strategy<Value = PlanRow> {
    let place = || option::of(-100_000.0..100_000.0_f64);
    let numbers = || vec(1..14_u32, 0..4);
    let tier = || "[a-cA-C]";
    let range = (1..14_u32, 0..3_u32, tier());
    let range = range.prop_map(|(from, more, tier)| PlanTier { from, to: from + more, tier });
    let shape = ("[a-zA-Z]{1,3}", place(), place(), option::of(1..4_u32), 1..12_u32);
    let details = (numbers(), numbers(), option::of(tier()), vec(range, 0..3), numbers());
    (shape, details).prop_map(
        |((label, x, y, first, count), (gaps, skip, tier, tiers, accessible))| PlanRow {
            label,
            x,
            y,
            first,
            count,
            gaps,
            skip,
            tier,
            tiers,
            accessible,
        },
    )
}

/// Drops what would be refused, so that most plans are valid and still have every feature.
fn kept(mut row: PlanRow) -> PlanRow {
    let numbers: Vec<u32> = (row.first.unwrap_or(1)..)
        .filter(|number| !row.skip.contains(number))
        .take(row.count as usize)
        .collect();
    let mut next = 0;
    row.gaps.retain(|number| numbers.contains(number));
    row.accessible.retain(|number| numbers.contains(number));
    row.tiers.sort_by_key(|range| range.from);
    row.tiers.retain(|range| {
        let kept =
            range.from > next && numbers.contains(&range.from) && numbers.contains(&range.to);
        next = if kept { range.to } else { next };
        kept
    });
    row
}

fn plan() -> impl Strategy<Value = Plan> {
    let section = (option::of("[a-zA-Z0-9_-]{1,32}"), vec(plan_row().prop_map(kept), 1..6));
    let section = section.prop_map(|(name, rows)| PlanSection { name, rows });
    let focus = option::of((-1e5..1e5_f64, -1e5..1e5_f64).prop_map(|(x, y)| PlanPoint { x, y }));
    (vec(section, 1..4), focus).prop_map(|(sections, focus)| Plan { sections, focus })
}

/// Every answer of a layout, against the plan read seat by seat.
fn check_seats(layout: &Layout) {
    let plan = layout.plan();
    let rows = plan.sections.iter().flat_map(|s| s.rows.iter().map(move |row| (&s.name, row)));
    let mut seat = 0;
    for (at, (section, row)) in rows.enumerate() {
        let mut place = row.x.expect("described");
        let mut number = row.first.unwrap_or(1);
        for _ in 0..row.count {
            while row.skip.contains(&number) {
                (number, place) = (number + 1, place + 1.0);
            }
            let prefix = section.as_ref().map(|name| format!("{name}/")).unwrap_or_default();
            let label = format!("{prefix}{}{number}", row.label);
            assert_eq!(layout.label(SeatIndex(seat)).to_string(), label);
            assert_eq!(layout.seat(&label.to_lowercase()), Some(SeatIndex(seat)));
            assert_eq!(layout.row_of(SeatIndex(seat)), at);
            assert_eq!(layout.position(SeatIndex(seat)).0, (place * 100.0).round() as i32);
            assert_eq!(layout.accessible(SeatIndex(seat)), row.accessible.contains(&number));
            let range = row.tiers.iter().find(|range| (range.from..=range.to).contains(&number));
            let tier = range.map(|range| &range.tier).or(row.tier.as_ref());
            assert_eq!(layout.tier_of(SeatIndex(seat)), tier.and_then(|name| layout.tier(name)));
            place += if row.gaps.contains(&number) { 2.0 } else { 1.0 };
            (seat, number) = (seat + 1, number + 1);
        }
    }
    assert_eq!(seat, layout.len());
    let runs: Vec<_> = (0..layout.rows().len()).flat_map(|row| layout.runs(row)).collect();
    assert_eq!(runs, layout.all_runs().map(|run| run.seats).collect::<Vec<_>>());
    assert!(runs.iter().flat_map(|run| run.start.0..run.end.0).eq(0..layout.len()));
}

proptest! {
    #[test]
    fn a_layout_survives_its_plan_its_json_and_its_bytes(plan in plan()) {
        if let Ok(layout) = Layout::from_plan(plan) {
            let json = serde_json::to_string(&layout.plan()).expect("plans have no odd keys");
            let read: Plan = serde_json::from_str(&json).expect("own JSON");
            prop_assert_eq!(&read, &layout.plan());
            let again = Layout::from_plan(read).expect("own plan");
            prop_assert_eq!(again.to_bytes(), layout.to_bytes());
            prop_assert_eq!(again.hash(), layout.hash());
            prop_assert_eq!(&Layout::from_bytes(&layout.to_bytes()).expect("own bytes"), &layout);
            check_seats(&layout);
        }
    }

    #[test]
    fn spoilt_bytes_never_panic(plan in plan(), at in any::<prop::sample::Index>(), byte: u8) {
        if let Ok(layout) = Layout::from_plan(plan) {
            let mut bytes = layout.to_bytes();
            *at.get_mut(&mut bytes) = byte;
            if let Ok(read) = Layout::from_bytes(&bytes) {
                prop_assert_eq!(read.to_bytes(), bytes);
            }
        }
    }

    #[test]
    fn any_bytes_and_any_text_never_panic(bytes: Vec<u8>, text in "[ -~é\n]{0,40}", near in "[aB/:0-9|*@+;-]{0,24}") {
        let _ = Layout::from_bytes(&[&[1], &bytes[..]].concat());
        for text in [text, near] {
            if let Ok(layout) = Layout::parse(&text) {
                check_seats(&layout);
                let _ = layout.seat(&text);
            }
        }
    }
}
