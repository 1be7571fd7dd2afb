//! Small-scope exhaustion: every sequence of a few commands over two seats, two holders and the
//! moment of expiry. After each step the house must keep its promises and agree with the model.

use super::book;
use seatcore::HoldId;
use support::model::pure::Pure;
use support::model::{Ask, Asked, By, Patch, Ref, State};

/// Longest sequence unless `SEATCORE_LENGTH` says otherwise: some 300 thousand of this length.
const LENGTH: usize = 5;

/// What may come next.
const STEPS: [Step; 14] = [
    Step::Hold("ann", &["A1"], None),
    Step::Hold("ann", &["A2", "A1"], Some("k")),
    Step::Hold("bob", &["A2"], Some("k")),
    Step::Hold("bob", &["A1", "A2"], None),
    Step::Book,
    Step::BookOne,
    Step::ReleaseOne,
    Step::Extend,
    Step::Cancel,
    Step::Block,
    Step::Unblock,
    Step::Deadline(-1),
    Step::Deadline(0),
    Step::CloseOrOpen,
];

#[derive(Clone, Copy, Debug)]
enum Step {
    Hold(&'static str, &'static [&'static str], Option<&'static str>),
    Book,
    BookOne,
    ReleaseOne,
    Extend,
    Cancel,
    Block,
    Unblock,
    /// Time passes to the first deadline, or a millisecond before it.
    Deadline(i64),
    CloseOrOpen,
}

/// The newest hold in one of these states; one that was never there if there is none.
fn newest(pure: &Pure, wanted: &[State]) -> Ref {
    let holds = pure.model.shows[0].holds(pure.model.now);
    let newest = holds.iter().rfind(|(_, _, state, _)| wanted.contains(state));
    Ref::Id(newest.map_or(HoldId::mint(0, 0, pure.house.show()), |(id, ..)| *id))
}

fn asked(pure: &Pure, step: Step) -> Option<Asked> {
    let live = || newest(pure, &[State::Held, State::Expired]);
    let seats = |seats: &[&str]| seats.iter().map(|seat| (*seat).to_owned()).collect::<Vec<_>>();
    let ann = By::Holder("ann".to_owned());
    Some(Asked::from(match step {
        Step::Hold(who, labels, key) => {
            let (who, seats, ttl_s) = (who.to_owned(), seats(labels), Some(1_000));
            let hold = Asked::from(Ask::Hold { show: 1, who, seats, ttl_s, note: None });
            return Some(key.map_or(hold.clone(), |key| hold.key(key)));
        }
        Step::Book => match live() {
            Ref::Id(id) => book(id),
            Ref::Step { .. } => return None,
        },
        Step::BookOne => {
            let (seats, note, by) = (Some(seats(&["A1"])), None, By::Unnamed);
            Ask::Book { hold: live(), seats, keep_rest: true, note, by }
        }
        Step::ReleaseOne => Ask::Release { hold: live(), seats: Some(seats(&["A2"])), by: ann },
        Step::Extend => Ask::Extend { hold: live(), ttl_s: 1_500, by: ann },
        Step::Cancel => Ask::Cancel { booking: newest(pure, &[State::Booked]), by: By::Unnamed },
        Step::Block => {
            Ask::Block { show: 1, seats: seats(&["A1"]), force: true, note: None, by: None }
        }
        Step::Unblock => Ask::Unblock { show: 1, seats: seats(&["A1"]), by: None },
        Step::CloseOrOpen => {
            let closed = Some(!pure.model.shows[0].terms.closed);
            let patch = Patch { closed, ..Patch::default() };
            Ask::Change { show: 1, patch, by: None }
        }
        Step::Deadline(_) => return None,
    }))
}

/// Takes a step; `None` if it would change nothing.
fn take(mut pure: Pure, step: Step) -> Result<Option<Pure>, String> {
    if let Step::Deadline(offset) = step {
        let deadlines = pure.model.shows[0].deadlines();
        let next = deadlines.into_iter().map(|deadline| deadline + offset);
        let Some(next) = next.filter(|moment| *moment > pure.model.now).min() else {
            return Ok(None);
        };
        pure.model.now = next;
    } else if let Some(asked) = asked(&pure, step) {
        pure.ask(&asked)?;
    }
    pure.check()?;
    Ok(Some(pure))
}

fn explore(pure: &Pure, length: usize, path: &mut Vec<Step>, count: &mut u64) {
    if path.len() == length {
        *count += 1;
        pure.refold().unwrap_or_else(|broken| panic!("{path:?}: {broken}"));
        return;
    }
    for step in STEPS {
        path.push(step);
        match take(pure.clone(), step) {
            Ok(Some(next)) => explore(&next, length, path, count),
            Ok(None) => {}
            Err(broken) => panic!("after {path:?}: {broken}"),
        }
        path.pop();
    }
}

#[test]
fn every_short_sequence_keeps_every_promise() {
    let named = std::env::var("SEATCORE_LENGTH").ok();
    let length = named.map_or(LENGTH, |text| text.parse().expect("SEATCORE_LENGTH is a number"));
    let mut count = 0;
    explore(&Pure::new("A:2"), length, &mut Vec::new(), &mut count);
    println!("{count} sequences of {length} commands");
    assert!(count > 12_u64.pow(length as u32), "{count} sequences are too few to be all");
}
