//! Cases that were found broken once, each by itself.

use super::script::{check, check_in};
use seatcore::clock::{ManualClock, Timestamp};
use seatcore::store::memory::MemoryStore;
use seatcore::{Engine, Hold, ShowId};
use std::sync::Arc;
use std::time::Duration;
use support::model::programme::{self, Billing};
use support::model::{Ask, Asked, By, Model, Ref, Said};

/// When these begin: 2027-01-09T12:00:00Z.
const NOON: i64 = 1_799_496_000_000;

fn office(halls: &[&str], budget: usize) -> (Arc<ManualClock>, Engine, Model) {
    let clock = ManualClock::at(Timestamp::from_millis(NOON));
    let builder = Engine::builder().clock(clock.clone()).seed(2).sweep(false).house_budget(budget);
    let engine = builder.over(Box::new(MemoryStore::new(2))).expect("an engine in memory");
    let billing = |hall: &&str| Billing::new(hall, hall, NOON + 86_400_000);
    let model = programme::open(&engine, &halls.iter().map(billing).collect::<Vec<_>>());
    (clock, engine, model)
}

/// Asks both, which must agree.
fn ask(engine: &Engine, model: &mut Model, asked: &Asked) -> Said {
    let said = Said::from(engine.submit(asked.clone().request()).answer());
    assert_eq!(model.answer(asked, &said), said, "model and engine hear {asked:?}");
    said
}

fn hold(show: u32, who: &str, seats: &[&str]) -> Ask {
    let seats = seats.iter().map(|seat| (*seat).to_owned()).collect();
    Ask::Hold { show, who: who.to_owned(), seats, ttl_s: None, note: None }
}

#[test]
fn a_life_made_shorter_than_a_hold_has_lived_refuses_its_renewal() {
    check(
        "19:00 ann hold A1 for 30m    -> held until 19:30:00
         19:10 chief change life 300  -> show_changed
         19:11 ann hold A1 A2         -> over_limit lifetime   # its five minutes are over
         19:11 ann extend by 5m       -> over_limit lifetime
         19:12 bob hold A3 for 30m    -> held until 19:17:00   # and the show sells on
         19:13 ann book               -> booked A1",
    );
}

#[test]
fn a_changed_show_has_the_caps_a_new_one_could_have() {
    check(
        "19:00 chief change life 0     -> invalid
         19:00 chief change life 86401 -> invalid
         19:01 ann hold A1             -> held",
    );
}

#[test]
fn a_hold_that_lapsed_before_its_show_was_cancelled_has_expired() {
    check_in(
        "A:2",
        "19:00 ann hold A1 for 10m as first -> held
         19:11 ann book first               -> hold_expired
         19:12 chief cancel_show            -> show_cancelled
         19:13 ann book first               -> hold_expired",
    );
}

#[test]
fn a_batch_is_refused_again_in_the_words_of_the_show_that_refused() {
    let (_, engine, mut model) = office(&["A:2", "stalls/A:2"], 1 << 20);
    ask(&engine, &mut model, &hold(2, "bob", &["stalls/A1"]).into());
    let steps = vec![hold(1, "ann", &["A1"]), hold(2, "ann", &["STALLS/a1"])];
    let batch = Asked::from(Ask::Batch { steps, by: By::Holder("ann".to_owned()) }).key("k");
    let first = ask(&engine, &mut model, &batch).result.expect_err("bob has it");
    assert_eq!(first.conflicts, [("stalls/A1".to_owned(), "seat_held".to_owned())]);
    let again = ask(&engine, &mut model, &batch);
    assert_eq!((again.replayed, again.result), (true, Err(first)));
}

#[test]
fn steps_of_other_callers_are_another_batch() {
    let (_, engine, mut model) = office(&["A:2"], 1 << 20);
    let held = ask(&engine, &mut model, &hold(1, "ann", &["A1"]).into());
    let id = held.slip().expect("a hold").id;
    let release = |who: &str| {
        let by = By::Holder(who.to_owned());
        let steps = vec![Ask::Release { hold: Ref::Id(id), seats: None, by }];
        Asked::from(Ask::Batch { steps, by: By::Unnamed }).key("k")
    };
    assert_eq!(ask(&engine, &mut model, &release("bob")).word(), "not_holder");
    assert_eq!(ask(&engine, &mut model, &release("ann")).word(), "key_reused");
}

#[test]
fn the_sweep_finds_lapses_in_houses_that_just_left_memory() {
    let (clock, engine, _) = office(&["A:2", "B:2"], 1);
    let show = |number| ShowId::new(number).expect("a show");
    let hold = engine.hold(Hold::new(show(1), ["A1"]).by("ann"));
    let other = engine.hold(Hold::new(show(2), ["B1"]).by("ann"));
    hold.wait().and_then(|_| other.wait()).expect("free seats");
    clock.advance(Duration::from_secs(600));
    assert_eq!(engine.sweep().wait(), Ok(2), "both holds lapsed, whatever the tables know");
}
