use super::*;

mod round_trip;

fn layout(text: &str) -> Layout {
    Layout::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn planned(json: &str) -> Result<Layout, LayoutError> {
    Layout::from_plan(serde_json::from_str(json).expect("the test's JSON is a plan"))
}

fn labels(layout: &Layout) -> Vec<String> {
    (0..layout.len()).map(|seat| layout.label(SeatIndex(seat)).to_string()).collect()
}

fn run_labels(layout: &Layout, row: usize) -> Vec<String> {
    let label = |seat: u32| layout.label(SeatIndex(seat));
    let runs = layout.runs(row);
    runs.map(|run| format!("{}-{}", label(run.start.0), label(run.end.0 - 1))).collect()
}

#[test]
fn short_text_numbers_seats_in_plan_order() {
    let hall = layout(" Stalls / B - C : 2 ; a:1\n balcony/A:1, stalls/A:1,");
    assert_eq!(
        labels(&hall),
        ["Stalls/B1", "Stalls/B2", "Stalls/C1", "Stalls/C2", "Stalls/A1", "A1", "balcony/A1"]
    );
    assert_eq!(hall.sections(), [Box::from("Stalls"), Box::from("balcony")]);
}

#[test]
fn rows_go_on_after_z_as_spreadsheet_columns_do() {
    let hall = layout("Y-AB:1; ZZ-AAB:1");
    assert_eq!(labels(&hall), ["Y1", "Z1", "AA1", "AB1", "ZZ1", "AAA1", "AAB1"]);
    assert_eq!(RowLabel::parse("zzz").map(|label| label.to_string()).as_deref(), Some("ZZZ"));
    assert_eq!(RowLabel::parse("AAAA"), None);
}

#[test]
fn an_aisle_ends_a_run_and_takes_a_pitch() {
    let hall = layout("A:4|6|4");
    assert_eq!(run_labels(&hall, 0), ["A1-A4", "A5-A10", "A11-A14"]);
    assert_eq!(hall.aisles(0).collect::<Vec<_>>(), [4, 10]);
    // 14 seats and 2 aisles: 15 pitches from the first seat to the last.
    assert_eq!(hall.position(SeatIndex(0)), (-750, 0));
    assert_eq!(hall.position(SeatIndex(4)), (-250, 0));
    assert_eq!(hall.position(SeatIndex(13)), (750, 0));
}

#[test]
fn a_missing_number_leaves_an_empty_place() {
    let hall = planned(
        r#"{"sections":[{"rows":[{"label":"a","first":11,"count":4,"skip":[13,40,11],"gaps":[14]}]}]}"#,
    )
    .expect("valid");
    assert_eq!(labels(&hall), ["A12", "A14", "A15", "A16"]);
    assert_eq!(run_labels(&hall, 0), ["A12-A12", "A14-A14", "A15-A16"]);
    assert_eq!((hall.seat("A13"), hall.seat("A11"), hall.seat("A17")), (None, None, None));
    let places: Vec<i32> = (0..4).map(|seat| hall.position(SeatIndex(seat)).0).collect();
    assert_eq!(places, [-250, -50, 150, 250]);
    let row = &hall.plan().sections[0].rows[0];
    assert_eq!(
        (row.first, row.skip.as_slice(), row.gaps.as_slice()),
        (Some(12), &[13][..], &[14][..])
    );
}

#[test]
fn seats_are_found_in_either_case_and_never_by_another_spelling() {
    let hall = layout("stalls/A-AC:12; A:9999");
    assert_eq!(hall.seat("STALLS/aa12"), hall.seat("stalls/AA12"));
    assert_eq!(hall.seat("stalls/A1"), Some(SeatIndex(0)));
    assert_eq!(
        hall.seat("a9999").map(|seat| hall.label(seat).to_string()).as_deref(),
        Some("A9999")
    );
    for stranger in [
        "",
        "A",
        "1",
        "A0",
        "A01",
        "A-1",
        "A+1",
        "A10000",
        "A99999999999",
        "AD1",
        "B1",
        "AAAA1",
        "stalls/A13",
        "stalls/",
        "/A1",
        "stall/A1",
        "stalls/A1/",
        "stalls/stalls/A1",
        "A 1",
        "Ä1",
        "A1é",
        " A1",
        "A1 ",
    ] {
        assert_eq!(hall.seat(stranger), None, "{stranger:?}");
    }
}

#[test]
fn tiers_are_named_in_seat_order_and_ranges_override_the_row() {
    let hall = planned(
        r#"{"sections":[{"rows":[
            {"label":"A","count":6,"tier":"Basic","tiers":[{"from":3,"to":4,"tier":"vip"}]},
            {"label":"B","count":2,"tier":"VIP"},
            {"label":"C","count":2}]}]}"#,
    )
    .expect("valid");
    assert_eq!(hall.tiers(), [Box::from("Basic"), Box::from("vip")]);
    let tiers: Vec<_> = (0..10).map(|seat| hall.tier_of(SeatIndex(seat)).map(|t| t.0)).collect();
    let (b, v) = (Some(0), Some(1));
    assert_eq!(tiers, [b, b, v, v, b, b, v, v, None, None]);
    assert_eq!((hall.tier("Vip"), hall.tier("none")), (Some(TierIndex(1)), None));
    let spans: Vec<_> = hall.tier_spans().map(|(seats, _)| (seats.start.0, seats.end.0)).collect();
    assert_eq!(spans, [(0, 2), (2, 4), (4, 6), (6, 8), (8, 10)]);
    assert_eq!(hall.plan().sections[0].rows[1].tier.as_deref(), Some("vip"));
}

#[test]
fn marks_come_in_either_order() {
    let hall = layout("A-B:10*premium@1+10; C:3@2*basic");
    let accessible: Vec<_> = labels(&hall)
        .into_iter()
        .filter(|l| hall.accessible(hall.seat(l).expect("own label")))
        .collect();
    assert_eq!(accessible, ["A1", "A10", "B1", "B10", "C2"]);
    assert_eq!(hall.tiers(), [Box::from("premium"), Box::from("basic")]);
}

#[test]
fn rows_and_sections_stand_behind_each_other() {
    let hall = layout("a/A-D:5; b/A-B:2");
    let places: Vec<_> = hall.rows().iter().map(|row| (row.x(), row.y())).collect();
    assert_eq!(places, [(-200, 0), (-200, 100), (-200, 200), (-200, 300), (-50, 600), (-50, 700)]);
    assert_eq!(hall.focus(), (0, 200));
}

#[test]
fn the_short_text_is_refused_with_the_part_at_fault() {
    let (row, section) = (String::from("A"), || String::from("s"));
    let item = |item: &str| LayoutError::BadItem { item: item.into() };
    let long = "x".repeat(33);
    for (text, error) in [
        ("", LayoutError::Empty),
        (" ;\n,", LayoutError::Empty),
        ("A", item("A")),
        ("A:", item("A:")),
        ("A:4||4", item("A:4||4")),
        ("A:0|4", item("A:0|4")),
        ("A:+4", item("A:+4")),
        ("A:04", item("A:04")),
        ("C-A:4", item("C-A:4")),
        ("A:4*a*b", item("A:4*a*b")),
        ("A:4@1@2", item("A:4@1@2")),
        ("A:4@", item("A:4@")),
        ("A:4x", item("A:4x")),
        ("A:99999999999", item("A:99999999999")),
        ("A:0", LayoutError::BadNumber { row: row.clone(), number: 0 }),
        ("A:10000", LayoutError::BadNumber { row: row.clone(), number: 10_000 }),
        ("A:4@5", LayoutError::NoSuchSeat { row: row.clone(), number: 5 }),
        ("1-5:4", LayoutError::BadLabel { label: "1".into() }),
        ("A--C:4", LayoutError::BadLabel { label: "-C".into() }),
        ("s/t/A:4", LayoutError::BadLabel { label: "t/A".into() }),
        ("/A:4", LayoutError::BadName { name: String::new() }),
        ("s!/A:4", LayoutError::BadName { name: "s!".into() }),
        ("A:4*", LayoutError::BadName { name: String::new() }),
        ("A:4*é", LayoutError::BadName { name: "é".into() }),
        (&format!("{long}/A:1"), LayoutError::BadName { name: long.clone() }),
        ("s/A:4; S/a:4", LayoutError::DuplicateRow { label: section() + "/A" }),
        ("B:1;A:1;B:1;A:1", LayoutError::DuplicateRow { label: "B".into() }),
        ("A-ZZZ:9999", LayoutError::TooManySeats { seats: 18_278 * 9_999, limit: 200_000 }),
    ] {
        assert_eq!(Layout::parse(text), Err(error), "{text:?}");
    }
}

#[test]
fn the_plan_is_refused_with_the_part_at_fault() {
    let row = || String::from("A");
    let range = |from, to| LayoutError::BadTierRange { row: row(), from, to };
    let seat = |number| LayoutError::NoSuchSeat { row: row(), number };
    for (fields, error) in [
        (r#""first":0"#, LayoutError::BadNumber { row: row(), number: 0 }),
        (r#""skip":[0]"#, LayoutError::BadNumber { row: row(), number: 0 }),
        (r#""first":9996"#, LayoutError::BadNumber { row: row(), number: 10_000 }),
        (r#""gaps":[7]"#, seat(7)),
        (r#""skip":[2],"gaps":[2]"#, seat(2)),
        (r#""accessible":[70000]"#, seat(70_000)),
        (r#""tiers":[{"from":0,"to":2,"tier":"a"}]"#, seat(0)),
        (r#""tiers":[{"from":2,"to":1,"tier":"a"}]"#, range(2, 1)),
        (r#""tiers":[{"from":3,"to":4,"tier":"a"},{"from":1,"to":3,"tier":"b"}]"#, range(3, 4)),
        (r#""tier":"a b""#, LayoutError::BadName { name: "a b".into() }),
        (r#""x":100000.01"#, LayoutError::BadCoordinate { row: row() }),
        (r#""y":-1e300"#, LayoutError::BadCoordinate { row: row() }),
    ] {
        let json = format!(r#"{{"sections":[{{"rows":[{{"label":"a","count":5,{fields}}}]}}]}}"#);
        assert_eq!(planned(&json), Err(error), "{fields}");
    }
    let mut plan = layout("A:1").plan();
    plan.focus = Some(PlanPoint { x: f64::NAN, y: 0.0 });
    assert_eq!(Layout::from_plan(plan.clone()), Err(LayoutError::BadFocus));
    plan.sections.push(plan.sections[0].clone());
    assert_eq!(Layout::from_plan(plan), Err(LayoutError::DuplicateSection { name: String::new() }));
    let empty = planned(r#"{"sections":[{"name":"s","rows":[]}]}"#);
    assert_eq!(empty, Err(LayoutError::EmptySection { name: "s".into() }));
}

#[test]
fn an_unknown_field_is_refused() {
    let json = r#"{"sections":[{"rows":[{"label":"A","count":1,"seats":3}]}]}"#;
    assert!(serde_json::from_str::<Plan>(json).is_err());
}

#[test]
fn limits_are_inclusive() {
    let full = layout("A-CV:2000");
    assert_eq!(full.len(), LAYOUT_SEATS_MAX);
    let more = LayoutError::TooManySeats { seats: 200_001, limit: LAYOUT_SEATS_MAX };
    assert_eq!(Layout::parse("A-CV:2000; s/A:1"), Err(more));
    let tiers = |n: u32| (0..n).fold(String::new(), |text, at| format!("{text};s{at}/A:1*t{at}"));
    assert_eq!(layout(&tiers(255)).tiers().len(), 255);
    assert_eq!(Layout::parse(&tiers(256)), Err(LayoutError::TooManyTiers { limit: 255 }));
    let sections = |n: u32| (0..n).fold(String::new(), |text, at| format!("{text};s{at}/A:1"));
    assert_eq!(layout(&sections(1_000)).sections().len(), 1_000);
    assert_eq!(layout(&sections(1_000)).seat("S999/a1"), Some(SeatIndex(999)));
    let many = LayoutError::TooManySections { limit: 1_000 };
    assert_eq!(Layout::parse(&sections(1_001)), Err(many));
    // Rows that would stand beyond the last coordinate are refused, not wrapped.
    let deep = Layout::parse("A-ZZZ:1").expect("18,278 pitches are allowed").plan();
    let mut deep = deep;
    deep.sections[0].rows.iter_mut().for_each(|row| row.y = None);
    deep.sections[0].rows[0].y = Some(99_999.0);
    assert_eq!(Layout::from_plan(deep), Err(LayoutError::BadCoordinate { row: "C".into() }));
}

#[test]
fn a_seat_beyond_the_plan_is_nobody() {
    let hall = layout("A:4*vip@4");
    let stranger = SeatIndex(4);
    assert_eq!((hall.number_of(stranger), hall.row_of(stranger)), (0, hall.rows().len()));
    assert_eq!((hall.tier_of(stranger), hall.accessible(stranger)), (None, false));
    assert_eq!((hall.position(stranger), hall.label(stranger).to_string()), ((0, 0), "?0".into()));
    assert_eq!((hall.runs(7).count(), hall.aisles(7).count()), (0, 0));
    assert_eq!(hall.label(SeatIndex(u32::MAX)).to_string(), "?0");
}

#[test]
fn the_canonical_form_is_pinned() {
    let hall = layout("s/B:1|1*t@2");
    let bytes = [
        &[1_u8][..],
        &[0; 8],
        &[1, 1, b't'],
        &[1, 0, 1, b's'],
        &[1, 0, 0, 0],
        &[2, 0, 156, 255, 255, 255, 0, 0, 0, 0, 1, 0, 2, 0],
        &[1, 0, 1, 0],
        &[0, 0],
        &[1, 0, 1, 0, 2, 0, 0],
        &[1, 0, 2, 0],
    ]
    .concat();
    assert_eq!(hall.to_bytes(), bytes);
    assert_eq!(hall.hash().0, *blake3::hash(&bytes).as_bytes());
}

#[test]
fn bytes_of_another_form_are_refused() {
    let bytes = layout("s/B:2*t@2").to_bytes();
    for end in 0..bytes.len() {
        assert_eq!(Layout::from_bytes(&bytes[..end]), Err(LayoutError::Truncated));
    }
    let longer = [&bytes[..], &[0]].concat();
    assert_eq!(Layout::from_bytes(&longer), Err(LayoutError::Trailing { count: 1 }));
    let newer = [&[2], &bytes[1..]].concat();
    assert_eq!(Layout::from_bytes(&newer), Err(LayoutError::Version { found: 2 }));
    // A tier that no seat has, and an accessible list out of order.
    let unused = [&bytes[..9], &[2, 1, b't', 1, b'u'], &bytes[12..]].concat();
    assert_eq!(Layout::from_bytes(&unused), Err(LayoutError::NotCanonical));
    let repeated = [&bytes[..bytes.len() - 4], &[2, 0, 2, 0, 2, 0]].concat();
    assert_eq!(Layout::from_bytes(&repeated), Err(LayoutError::NotCanonical));
}

#[test]
fn a_large_hall_keeps_few_bytes_per_seat() {
    let hall = layout("A-CV:1000|1000@1");
    let kept = size_of_val(&*hall.rows) + size_of_val(&*hall.rows_by_key);
    let kept = kept + size_of_val(&*hall.runs) + size_of_val(&*hall.accessible);
    assert!(kept < hall.len() as usize, "{kept} bytes");
}
