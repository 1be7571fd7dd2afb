use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::catalogue::layout::{Plan, PlanPoint};

fn layout(text: &str) -> Layout {
    Layout::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The hall with its focus in the middle of the row given, 0 being the front.
fn facing(text: &str, row: u32) -> Layout {
    let focus = Some(PlanPoint { x: 0.0, y: f64::from(row) });
    Layout::from_plan(Plan { focus, ..layout(text).plan() }).expect("own plan")
}

fn all_but(layout: &Layout, taken: &str) -> FreeSeats {
    let mut words = vec![u64::MAX; layout.len().div_ceil(64) as usize];
    for label in taken.split_whitespace() {
        let seat = layout.seat(label).unwrap_or_else(|| panic!("no seat {label}")).0;
        block::clear(&mut words, seat..seat + 1);
    }
    FreeSeats::from_words(words, layout.len())
}

fn only(layout: &Layout, free: &str) -> FreeSeats {
    let mut words = vec![0; layout.len().div_ceil(64) as usize];
    for label in free.split_whitespace() {
        let seat = layout.seat(label).unwrap_or_else(|| panic!("no seat {label}")).0;
        words[seat as usize / 64] |= 1 << (seat % 64);
    }
    FreeSeats::from_words(words, layout.len())
}

fn party(count: u32) -> Ask {
    Ask { count, tier: None, accessible: 0, together: false }
}

fn together(count: u32) -> Ask {
    Ask { together: true, ..party(count) }
}

fn offered(layout: &Layout, free: &FreeSeats, ask: Ask) -> String {
    match pick(layout, free, &ask) {
        Ok(seats) => {
            let labels: Vec<_> = seats.iter().map(|seat| layout.label(*seat).to_string()).collect();
            labels.join(" ")
        }
        Err(refusal) => format!("{refusal:?}"),
    }
}

#[test]
fn three_seats_in_an_empty_row_come_from_its_middle() {
    let hall = layout("A:10");
    assert_eq!(offered(&hall, &all_but(&hall, ""), party(3)), "A4 A5 A6");
}

#[test]
fn a_pair_goes_to_the_next_row_rather_than_strand_a_single() {
    let hall = facing("A-B:8", 0);
    let free = all_but(&hall, "A4 A5");
    assert_eq!(offered(&hall, &free, party(2)), "B4 B5");
    // Rung 2: with row B sold a stranded single is better than no sale.
    let free = all_but(&hall, "A4 A5 B1 B2 B3 B4 B5 B6 B7 B8");
    assert_eq!(offered(&hall, &free, together(2)), "A2 A3");
}

#[test]
fn a_single_that_was_there_before_does_not_count() {
    let hall = facing("A-B:5", 0);
    assert_eq!(offered(&hall, &all_but(&hall, "A2"), party(3)), "A3 A4 A5");
}

#[test]
fn a_party_that_does_not_fit_is_split_unless_it_must_sit_together() {
    let hall = layout("A-C:4");
    let free = all_but(&hall, "");
    assert_eq!(offered(&hall, &free, party(6)), "B1 B2 C1 C2 C3 C4");
    assert_eq!(offered(&hall, &free, together(6)), "NoBlockTogether { largest: 4 }");
}

#[test]
fn nobody_sits_alone_if_that_can_be_avoided() {
    let hall = layout("A-B:4");
    assert_eq!(offered(&hall, &all_but(&hall, ""), party(5)), "A1 A2 B1 B2 B3");
}

#[test]
fn three_seats_with_one_accessible_reach_an_accessible_place() {
    let hall = layout("A-B:10@1");
    let ask = Ask { accessible: 1, ..party(3) };
    assert_eq!(offered(&hall, &all_but(&hall, ""), ask), "B1 B2 B3");
    assert_eq!(offered(&hall, &all_but(&hall, "B1"), ask), "A1 A2 A3");
    // No more accessible places than wanted.
    let hall = layout("A:10@1+2");
    assert_eq!(offered(&hall, &all_but(&hall, ""), ask), "A2 A3 A4");
}

#[test]
fn a_party_with_an_accessible_place_is_split_close_to_it() {
    let hall = layout("A-D:6@1");
    let free = all_but(&hall, "A2 B2 C2 D2 D3");
    let ask = Ask { accessible: 1, ..party(3) };
    assert_eq!(offered(&hall, &free, ask), "C1 C3 C4");
    assert_eq!(offered(&hall, &free, Ask { accessible: 3, ..party(3) }), "B1 C1 D1");
    let ask = Ask { together: true, ..ask };
    assert_eq!(offered(&hall, &free, ask), "NoBlockTogether { largest: 1 }");
}

#[test]
fn general_asks_never_take_accessible_places() {
    let hall = layout("A:4@1+2");
    let free = all_but(&hall, "");
    assert_eq!(offered(&hall, &free, party(2)), "A3 A4");
    assert_eq!(offered(&hall, &free, party(3)), "NoBlockTogether { largest: 2 }");
    assert_eq!(offered(&hall, &only(&hall, "A1 A2"), party(1)), "SoldOut");
}

#[test]
fn a_tier_border_ends_a_run_only_for_asks_of_a_tier() {
    let mut plan = layout("A:6*basic").plan();
    plan.sections[0].rows[0].tiers = serde_json::from_str(r#"[{"from":4,"to":6,"tier":"vip"}]"#)
        .expect("the test's JSON is a list of tiers");
    let hall = Layout::from_plan(plan).expect("valid");
    let free = all_but(&hall, "");
    assert_eq!(offered(&hall, &free, party(4)), "A1 A2 A3 A4");
    let vip = Ask { tier: hall.tier("vip"), ..together(3) };
    assert_eq!(offered(&hall, &free, vip), "A4 A5 A6");
    assert_eq!(offered(&hall, &free, Ask { count: 4, ..vip }), "NoBlockTogether { largest: 3 }");
    let unknown = Ask { tier: Some(TierIndex(9)), ..vip };
    assert_eq!(offered(&hall, &free, unknown), "SoldOut");
}

#[test]
fn an_aisle_or_a_missing_number_breaks_adjacency() {
    let hall = layout("A:3|3");
    let free = all_but(&hall, "");
    assert_eq!(offered(&hall, &free, together(4)), "NoBlockTogether { largest: 3 }");
    assert_eq!(offered(&hall, &free, party(4)), "A2 A3 A4 A5");
}

#[test]
fn too_few_seats_left_is_no_block_and_none_left_is_sold_out() {
    let hall = layout("A-B:5@5");
    let free = only(&hall, "A1 A3 A4");
    assert_eq!(offered(&hall, &free, party(4)), "NoBlockTogether { largest: 2 }");
    assert_eq!(offered(&hall, &only(&hall, ""), party(1)), "SoldOut");
    let ask = Ask { accessible: 1, ..party(2) };
    assert_eq!(offered(&hall, &free, ask), "NoBlockTogether { largest: 0 }");
    assert_eq!(offered(&hall, &only(&hall, "A5"), ask), "NoBlockTogether { largest: 1 }");
}

#[test]
fn an_ask_outside_its_limits_gets_nothing() {
    let hall = layout("A:70");
    let free = all_but(&hall, "");
    let accessible = Ask { accessible: 2, ..party(1) };
    for ask in [party(0), party(ASK_SEATS_MAX + 1), accessible] {
        assert_eq!(offered(&hall, &free, ask), "NoBlockTogether { largest: 0 }");
    }
    assert_eq!(pick(&hall, &free, &party(ASK_SEATS_MAX)).map(|seats| seats.len()), Ok(64));
}

#[test]
fn free_seats_forget_bits_beyond_their_length() {
    let free = FreeSeats::from_words(vec![u64::MAX; 3], 70);
    assert_eq!((free.len(), free.count()), (70, 70));
    assert!(free.contains(SeatIndex(69)) && !free.contains(SeatIndex(70)));
    assert_eq!(FreeSeats::from_words(Vec::new(), 70).count(), 0);
    // Free seats of a larger hall name no seat that this one lacks.
    let hall = layout("A:2");
    let refusal = Refusal::NoBlockTogether { largest: 2 };
    assert_eq!(pick(&hall, &free, &party(3)), Err(refusal));
}

/// The hall seat by seat: what the ladder promises, found the slow way.
struct Model<'a> {
    layout: &'a Layout,
    ask: Ask,
    open: Vec<bool>,
    /// The run that each seat is in.
    runs: Vec<u32>,
}

impl<'a> Model<'a> {
    fn new(layout: &'a Layout, free: &FreeSeats, ask: Ask) -> Self {
        let open = |seat: SeatIndex| {
            let tier = ask.tier.is_none() || layout.tier_of(seat) == ask.tier;
            free.contains(seat) && tier && (ask.accessible > 0 || !layout.accessible(seat))
        };
        let runs = (0_u32..).zip(layout.all_runs());
        Self {
            layout,
            ask,
            open: (0..layout.len()).map(SeatIndex).map(open).collect(),
            runs: runs
                .flat_map(|(at, run)| (run.seats.start.0..run.seats.end.0).map(move |_| at))
                .collect(),
        }
    }

    /// Whether a seat may be taken and is in the run of another.
    fn open_beside(&self, seat: i64, of: u32) -> bool {
        let at = usize::try_from(seat).ok().filter(|at| *at < self.open.len());
        at.is_some_and(|at| self.open[at] && self.runs[at] == self.runs[of as usize])
    }

    fn rank(&self, start: u32, count: u32) -> Option<(bool, i64, u32)> {
        let seats = start..start + count;
        let whole = seats.end <= self.layout.len();
        if !whole || !seats.clone().all(|seat| self.open_beside(i64::from(seat), start)) {
            return None;
        }
        let accessible =
            seats.clone().filter(|seat| self.layout.accessible(SeatIndex(*seat))).count();
        let (before, after) = (i64::from(start) - 1, i64::from(seats.end));
        let beside = |seat| self.open_beside(seat, start);
        let strands = beside(before) && !beside(before - 1) || beside(after) && !beside(after + 1);
        let (left, y) = self.layout.position(SeatIndex(start));
        let (right, _) = self.layout.position(SeatIndex(seats.end - 1));
        let (x, focus) = (i64::from(left + right), self.layout.focus());
        let across = (x - 2 * i64::from(focus.0)).pow(2);
        let along = (2 * i64::from(y) - 2 * i64::from(focus.1)).pow(2);
        (accessible as u32 == self.ask.accessible).then_some((strands, across + along, start))
    }

    fn block(&self, count: u32) -> Option<u32> {
        let ranks = (0..self.layout.len()).filter_map(|start| self.rank(start, count));
        ranks.min().map(|(_, _, start)| start)
    }

    /// How many open seats are accessible, and how many are not.
    fn counts(&self) -> (u32, u32) {
        let open = (0..self.layout.len()).filter(|seat| self.open[*seat as usize]);
        let accessible =
            open.clone().filter(|seat| self.layout.accessible(SeatIndex(*seat))).count() as u32;
        (accessible, open.count() as u32 - accessible)
    }

    /// The lengths of the stretches that these seats form.
    fn stretches(&self, mut has: impl FnMut(u32) -> bool) -> Vec<u32> {
        let mut found: Vec<(u32, u32)> = Vec::new();
        let mut last = None;
        for seat in (0..self.layout.len()).filter(|seat| has(*seat)) {
            let run = self.runs[seat as usize];
            match found.last_mut().filter(|_| last == Some((run, seat))) {
                Some((_, count)) => *count += 1,
                None => found.push((run, 1)),
            }
            last = Some((run, seat + 1));
        }
        found.into_iter().map(|(_, count)| count).collect()
    }

    /// The fewest people who must sit alone, in a party that is split.
    fn alone(&self) -> usize {
        let stretches = self.stretches(|seat| self.open[seat as usize]);
        let (count, many) = (self.ask.count, stretches.iter().filter(|count| **count > 1));
        let seats: u32 = many.clone().sum();
        match seats >= count {
            true => usize::from(count % 2 == 1 && many.clone().all(|count| *count == 2)),
            false => (count - seats) as usize,
        }
    }

    fn check(&self, answer: &Result<Vec<SeatIndex>, Refusal>) {
        let Ask { count, accessible, together, .. } = self.ask;
        let (places, others) = self.counts();
        let fits = places >= accessible && others >= count - accessible;
        match (self.block(count), answer) {
            (Some(start), Ok(seats)) => {
                assert!(seats.iter().map(|seat| seat.0).eq(start..start + count));
            }
            (None, Ok(seats)) => {
                assert!(!together);
                self.check_split(seats);
            }
            (None, Err(Refusal::SoldOut)) => {
                assert_eq!(places + others, 0);
            }
            (None, Err(Refusal::NoBlockTogether { largest })) => {
                assert!(together || !fits);
                assert!(places + others > 0);
                let smaller = (accessible.max(1)..count).rev().find(|m| self.block(*m).is_some());
                assert_eq!(*largest, smaller.unwrap_or(0));
            }
            (Some(start), Err(refusal)) => panic!("{refusal}, but {start} is the start of a block"),
        }
    }

    fn check_split(&self, seats: &[SeatIndex]) {
        assert!(seats.is_sorted_by(|a, b| a < b), "in plan order, each once");
        assert!(seats.iter().all(|seat| self.open[seat.0 as usize]));
        assert_eq!(seats.len(), self.ask.count as usize);
        let accessible = seats.iter().filter(|seat| self.layout.accessible(**seat)).count();
        assert_eq!(accessible, self.ask.accessible as usize);
        if accessible == 0 {
            let blocks = self.stretches(|seat| seats.contains(&SeatIndex(seat)));
            assert_eq!(blocks.iter().filter(|count| **count == 1).count(), self.alone());
        }
    }
}

fn hall() -> impl Strategy<Value = Layout> {
    let row = ("[1-6]([|][1-4])?", prop::bool::ANY, prop::sample::select(vec!["", "*a", "*b"]));
    let focus = prop::option::of((-5.0..5.0_f64, -1.0..4.0_f64));
    (vec(row, 1..4), focus).prop_map(|(rows, focus)| {
        let text =
            rows.iter().zip('A'..).fold(String::new(), |text, ((count, accessible, tier), row)| {
                format!("{text};{row}:{count}{tier}{}", if *accessible { "@1" } else { "" })
            });
        let mut plan = layout(&text).plan();
        plan.focus = focus.map(|(x, y)| PlanPoint { x, y });
        Layout::from_plan(plan).expect("own plan")
    })
}

fn ask() -> impl Strategy<Value = Ask> {
    let tier = prop::option::of((0..2_u8).prop_map(TierIndex));
    (1..9_u32, tier, 0..3_u32, any::<bool>()).prop_map(|(count, tier, accessible, together)| Ask {
        count,
        tier,
        accessible: accessible.min(count),
        together,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn the_answer_is_what_a_slow_search_finds(hall in hall(), a: u64, b: u64, full: bool, ask in ask()) {
        let free = FreeSeats::from_words(vec![if full { a | b } else { a & b }], hall.len());
        let answer = pick(&hall, &free, &ask);
        Model::new(&hall, &free, ask).check(&answer);
        prop_assert_eq!(answer, pick(&hall, &free, &ask));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn large_halls_keep_the_same_promises(words in vec(any::<u64>(), 40), count in 1..65_u32, accessible in 0..3_u32, sold: bool) {
        let hall = layout("A-AN:20|22|20@1+62");
        let words = words.windows(2).map(|pair| if sold { pair[0] & pair[1] } else { pair[0] | pair[1] });
        let free = FreeSeats::from_words(words.collect(), hall.len());
        let ask = Ask { accessible: accessible.min(count), ..party(count) };
        Model::new(&hall, &free, ask).check(&pick(&hall, &free, &ask));
    }
}
