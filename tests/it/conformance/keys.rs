//! Idempotency keys: a retry gets the first words again, whatever has happened since.

use seatcore::engine::ReplyAnswer;
use seatcore::error::Code;
use seatcore::house::command::Request;
use seatcore::{Block, Book, Cancel, Engine, Extend, Hold, Outcome, Release, ShowId, Unblock};
use std::time::Duration;
use support::house::{House, add_show, code, house, still};
use support::place::Place;

const DAY: Duration = Duration::from_secs(24 * 3_600);
/// Refusals remembered for one caller in one show.
const NOTES: usize = 64;

type Said = ReplyAnswer<Vec<Outcome>>;

fn ask(engine: &Engine, request: impl Request) -> Said {
    engine.submit(request).answer()
}

/// The retry's words are the first answer's, and it says that it is a replay.
fn assert_replays(first: &Said, retry: &Said) {
    assert!(first.remembered && !first.replayed, "{first:?}");
    assert_eq!(retry.result, first.result);
    assert!(retry.remembered && retry.replayed, "{retry:?}");
}

pub fn a_retry_gets_the_first_words_again(place: &dyn Place) {
    let house = house(place, "A:5");
    let wish = house.wish("ada", "A1 A2").key("order-17").reference("r-1");
    let first = house.engine.hold(wish.clone()).answer();
    house.pass(Duration::from_secs(5));
    let retry = house.engine.hold(wish).answer();
    assert!(first.result.is_ok() && first.remembered && !first.replayed);
    assert_eq!(retry.result, first.result, "the whole hold, its deadline and seq included");
    assert!(retry.replayed);
    assert_eq!(house.story(), ["show_opened", "held"]);
    house.verify();
}

pub fn a_refused_retry_gets_the_first_words_again(place: &dyn Place) {
    let house = house(place, "A:5");
    house.sold("bob", "A2");
    house.held("eve", "A1");
    let wish = || house.wish("ada", "a2 A1 A3 A77").key("order-17");
    let first = ask(&house.engine, wish());
    assert_eq!(code(first.result.clone()), Code::UnknownSeat);
    assert_replays(&first, &ask(&house.engine, wish()));
    house.verify();
}

pub fn every_verb_replays(place: &dyn Place) {
    let house = house(place, "A:9");
    let (engine, show) = (&house.engine, house.show);
    let (ada, bob) = (house.held("ada", "A1 A2"), house.held("bob", "A3 A4"));
    let ttl = Duration::from_secs(700);
    replays(engine, Extend::new(ada.id, ttl).key("extend"));
    replays(engine, Book::new(ada.id).seats(["A1"]).keep_rest().key("split"));
    replays(engine, Book::new(ada.id).key("book"));
    replays(engine, Cancel::new(seatcore::BookingId::from(ada.id)).key("cancel"));
    replays(engine, Release::new(bob.id).seats(["A3"]).key("part"));
    replays(engine, Release::new(bob.id).key("release"));
    replays(engine, Block::new(show, ["A7"]).by("sam").reason("broken").key("block"));
    replays(engine, Unblock::new(show, ["A7"]).by("sam").key("unblock"));
    replays(engine, Hold::best(show, 3).by("eve").key("best"));
    replays(engine, seatcore::CancelShow::new(show).by("sam").reason("fire").key("end"));
    house.verify();
}

fn replays(engine: &Engine, request: impl Request + Clone) {
    let first = ask(engine, request.clone());
    assert!(first.result.is_ok(), "{first:?}");
    assert_replays(&first, &ask(engine, request));
}

pub fn another_command_under_the_key_is_refused(place: &dyn Place) {
    let house = house(place, "A:5");
    let hold = house.engine.hold(house.wish("ada", "A1").key("k")).wait().expect("free");
    for other in [house.wish("ada", "A2").key("k"), house.wish("ada", "A1").key("k").reference("r")]
    {
        assert_eq!(code(house.engine.hold(other).wait()), Code::KeyReused);
    }
    let booking = house.engine.book(Book::new(hold.id).by("ada").key("k")).answer();
    assert!(!booking.remembered, "what only says that the key was used is not an outcome");
    assert_eq!(code(booking.result), Code::KeyReused);
    house.verify();
}

pub fn a_replay_outlives_the_engine(place: &dyn Place) {
    let house = house(place, "A:5");
    let wish = house.wish("ada", "A1").key("k");
    let refused = house.wish("bob", "A1").key("k");
    let (first, no) = (ask(&house.engine, wish.clone()), ask(&house.engine, refused.clone()));
    assert_eq!(code(no.result.clone()), Code::SeatHeld);
    let house = house.reopened(place);
    assert_replays(&first, &ask(&house.engine, wish));
    assert_replays(&no, &ask(&house.engine, refused));
    house.verify();
}

pub fn a_replay_outlives_the_hold(place: &dyn Place) {
    let house = house(place, "A:5");
    let wish = house.wish("ada", "A1").key("k");
    let first = ask(&house.engine, wish.clone());
    let hold = house.engine.live_holds(None, None).expect("a list").remove(0);
    let release = Release::new(hold.id).key("r");
    let released = ask(&house.engine, release.clone());
    house.pass(DAY + DAY);
    house.held("bob", "A1");
    assert_eq!(code(house.engine.find_hold(hold.id)), Code::NotFound, "forgotten after a day");
    assert_replays(&first, &ask(&house.engine, wish.clone()));
    assert_replays(&released, &ask(&house.engine, release));
    let house = house.reopened(place);
    assert_replays(&first, &ask(&house.engine, wish));
    house.verify();
}

pub fn a_refusal_sticks_after_the_seat_became_free(place: &dyn Place) {
    let house = house(place, "A:5");
    let hold = house.held("ada", "A1");
    let wish = || house.wish("bob", "A1").key("k");
    let first = ask(&house.engine, wish());
    house.engine.release(hold.id).wait().expect("live");
    assert_replays(&first, &ask(&house.engine, wish()));
    house.engine.hold(house.wish("bob", "A1").key("another")).wait().expect("the seat is free");
}

pub fn the_65th_refusal_is_answered_and_not_remembered(place: &dyn Place) {
    let house = house(place, "A:5");
    let hold = house.held("ada", "A1");
    let wish = |number: usize| house.wish("bob", "A1").key(format!("k{number}"));
    let answers: Vec<_> = (0..=NOTES).map(|at| ask(&house.engine, wish(at))).collect();
    assert!(answers.iter().all(|answer| code(answer.result.clone()) == Code::SeatHeld));
    let remembered: Vec<_> = answers.iter().map(|answer| answer.remembered).collect();
    assert_eq!(remembered, [vec![true; NOTES], vec![false]].concat());
    house.engine.release(hold.id).wait().expect("live");
    assert!(ask(&house.engine, wish(NOTES)).result.is_ok(), "so its retry is decided anew");
    assert_replays(&answers[0], &ask(&house.engine, wish(0)));
    house.verify();
}

pub fn a_key_is_scoped_by_caller_and_show(place: &dyn Place) {
    let house = house(place, "A:5");
    let other: ShowId = add_show(&house.engine, "A:5");
    for wish in [
        house.wish("ada", "A1").key("k"),
        house.wish("bob", "A2").key("k"),
        Hold::new(other, ["A1"]).by("ada").key("k"),
    ] {
        let answer = house.engine.hold(wish).answer();
        assert!(answer.result.is_ok() && !answer.replayed, "{answer:?}");
    }
    house.verify();
}

/// Who is not named acts as the hold's holder, so two people's releases share no key.
pub fn a_key_without_a_caller_is_scoped_by_its_hold(place: &dyn Place) {
    let house = house(place, "A:2");
    let hold = |who: &str, seat: &str| {
        let hold = house.engine.hold(Hold::new(house.show, [seat]).by(who)).wait();
        hold.expect("a free seat").id
    };
    let (ann, bob) = (hold("ann", "A1"), hold("bob", "A2"));
    let release = |id| house.engine.release(Release::new(id).key("done")).wait();
    let first = release(ann).expect("ann's hold is live");
    assert_eq!(release(bob).map(|hold| hold.seats), Ok(vec!["A2".to_owned()]));
    assert_eq!(release(ann), Ok(first), "the retry finds its own hold's answer");
}

pub fn what_only_says_the_question_was_wrong_is_not_remembered(place: &dyn Place) {
    let house = house(place, "A:5");
    let (engine, show) = (&house.engine, house.show);
    let nobody = seatcore::HoldId::mint(0, 1, show);
    let not_found = ask(engine, Book::new(nobody).key("k"));
    assert_eq!(code(not_found.result), Code::NotFound);
    let invalid = ask(engine, house.wish("ada", "A1 a1").key("k"));
    assert_eq!(code(invalid.result), Code::Invalid);
    assert!(!not_found.remembered && !invalid.remembered);
    assert!(ask(engine, house.wish("ada", "A1").key("k")).result.is_ok());
    assert_eq!(house.story(), ["show_opened", "held"]);
}

pub fn a_refusal_without_a_key_writes_nothing(place: &dyn Place) {
    let house = house(place, "A:5");
    house.held("ada", "A1");
    let before = house.engine.position();
    house.hold("bob", "A1").expect_err("held");
    assert_eq!(house.engine.position(), before);
}

/// Receipts are kept in chunks beside the houses' checkpoints: none may fall between two.
pub fn keys_survive_checkpoints_and_evictions(place: &dyn Place) {
    let house = house(place, "A-Z:40");
    let wish = |at: usize| {
        let seat = format!("{}{}", char::from(b'A' + (at / 40) as u8), at % 40 + 1);
        Hold::new(house.show, [seat]).by(format!("client {at}")).key("k")
    };
    let replies: Vec<_> = (0..700).map(|at| house.engine.submit(wish(at))).collect();
    let first: Vec<_> = replies.into_iter().map(seatcore::Reply::answer).collect();
    let small = still(&house.clock).house_budget(1).over(place.store()).expect("it opens");
    house.engine.close();
    for (at, first) in first.iter().enumerate().step_by(7) {
        assert_replays(first, &ask(&small, wish(at)));
    }
    let House { clock, show, .. } = house;
    House { engine: small, show, clock }.verify();
}
