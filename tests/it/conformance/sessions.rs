//! Sessions: how they begin, what ends them, and to the millisecond when.

use seatcore::Engine;
use seatcore::accounts::{
    Role, SESSION_IDLE, SESSION_LIFE, SESSION_TOUCH, SESSIONS_PER_USER, SESSIONS_PRUNED, Session,
    SessionToken, SignedIn, User,
};
use seatcore::error::Code;
use seatcore::store::accounts::AccountChange;
use seatcore::store::{Access, Change};
use std::time::Duration;
use support::house::{House, NOW, code, house};
use support::place::Place;

const PASSWORD: &str = "open sesame";
const MILLISECOND: Duration = Duration::from_millis(1);
const MINUTE: Duration = Duration::from_secs(60);

fn add(engine: &Engine, name: &str) -> User {
    engine.add_user(name, PASSWORD, Role::Customer).expect("a new name")
}

fn start(engine: &Engine, user: &User) -> SignedIn {
    engine.start_session(user.id, None).expect("they may sign in")
}

fn admits(engine: &Engine, token: &SessionToken) -> bool {
    engine.authenticate(token).expect("the tables answer").is_some()
}

/// What requests asked the lane to note is written before this is answered.
fn settle(engine: &Engine) {
    engine.sweep().wait().expect("a turn");
}

/// Every row, dead ones too.
fn rows(place: &dyn Place, user: &User) -> Vec<Session> {
    place.store().tables().sessions(user.id).expect("the tables answer")
}

pub fn a_session_is_what_signing_in_began(place: &dyn Place) {
    let house = house(place, "A:5");
    let sam = add(&house.engine, "Sam");
    let begun = house.engine.sign_in("sam", PASSWORD, Some("Firefox\n152")).expect("it fits");
    let session = &begun.admission.session;
    assert_eq!((begun.admission.user.clone(), session.user), (sam.clone(), sam.id));
    assert_eq!((session.created_at, session.last_seen_at), (NOW, NOW));
    assert_eq!(session.expires_at, NOW.plus(SESSION_LIFE));
    assert_eq!(session.agent.as_deref(), Some("Firefox152"));
    let text = begun.token.reveal();
    let token: SessionToken = text.to_uppercase().parse().expect("what was printed");
    let admitted = house.engine.authenticate(&token).expect("the tables answer");
    assert_eq!(admitted.as_deref(), Some(&begun.admission));
    assert_eq!(house.engine.sessions(sam.id), Ok(vec![session.clone()]));
    let house = house.reopened(place);
    assert!(admits(&house.engine, &token), "a session outlives the engine");
    let other = house.engine.sign_in("sam", PASSWORD, None).expect("it fits");
    assert_ne!(other.token.reveal(), text, "a token of its own each time");
    let stranger: SessionToken = "0".repeat(52).parse().expect("a token that nobody was given");
    assert!(!admits(&house.engine, &stranger));
    assert!(house.engine.recognise(&stranger).is_none());
}

pub fn twelve_hours_end_a_session_that_was_never_silent(place: &dyn Place) {
    let house = house(place, "A:5");
    let (engine, sam) = (&house.engine, add(&house.engine, "sam"));
    let begun = start(engine, &sam);
    let expires_at = begun.admission.session.expires_at;
    while engine.now().plus(SESSION_IDLE) < expires_at {
        house.pass(SESSION_IDLE - MINUTE);
        assert!(admits(engine, &begun.token), "at {}", engine.now());
        settle(engine);
    }
    let left = expires_at.since(engine.now());
    house.pass(left - MILLISECOND);
    assert!(admits(engine, &begun.token) && admits(&house.beside(place).engine, &begun.token));
    assert_eq!(engine.sessions(sam.id).map(|all| all.len()), Ok(1));
    for _ in 0..2 {
        house.pass(MILLISECOND);
        assert!(!admits(engine, &begun.token), "at {} it is over", engine.now());
        assert!(!admits(&house.beside(place).engine, &begun.token));
        assert_eq!(engine.sessions(sam.id), Ok(vec![]));
    }
}

pub fn half_an_hour_of_silence_ends_a_session(place: &dyn Place) {
    let house = house(place, "A:5");
    let (engine, sam) = (&house.engine, add(&house.engine, "sam"));
    let begun = start(engine, &sam);
    let before = house.beside(place);
    house.pass(SESSION_IDLE - MILLISECOND);
    // Asked without a request of its own: a request would be heard of.
    assert_eq!(before.engine.sessions(sam.id).map(|all| all.len()), Ok(1));
    house.pass(MILLISECOND);
    assert!(!admits(engine, &begun.token), "silent for exactly half an hour");
    house.pass(MILLISECOND);
    assert!(!admits(engine, &begun.token));
    assert_eq!(engine.sessions(sam.id), Ok(vec![]));
}

pub fn a_request_in_the_last_millisecond_keeps_a_session(place: &dyn Place) {
    let house = house(place, "A:5");
    let engine = &house.engine;
    let begun = start(engine, &add(engine, "sam"));
    house.pass(SESSION_IDLE - MILLISECOND);
    assert!(admits(engine, &begun.token));
    settle(engine);
    house.pass(SESSION_IDLE - MILLISECOND);
    assert!(admits(engine, &begun.token), "it was heard of in time");
}

pub fn being_heard_of_is_written_once_a_minute(place: &dyn Place) {
    let house = house(place, "A:5");
    let (engine, sam) = (&house.engine, add(&house.engine, "sam"));
    let begun = start(engine, &sam);
    let seen = || rows(place, &sam)[0].last_seen_at;
    for (pass, written) in [
        (SESSION_TOUCH - MILLISECOND, NOW),
        (MILLISECOND, NOW.plus(SESSION_TOUCH)),
        (SESSION_TOUCH - MILLISECOND, NOW.plus(SESSION_TOUCH)),
        (MILLISECOND, NOW.plus(2 * SESSION_TOUCH)),
    ] {
        house.pass(pass);
        (0..3).for_each(|_| assert!(admits(engine, &begun.token)));
        settle(engine);
        assert_eq!(seen(), written, "at {}", engine.now());
    }
    let head = engine.position();
    house.pass(SESSION_TOUCH);
    assert!(admits(engine, &begun.token));
    settle(engine);
    assert_eq!(engine.position(), head, "the log has nothing of it");
}

/// What goes on by itself after a request, such as a stream, is no sign of life.
pub fn asking_about_a_session_keeps_it_no_longer(place: &dyn Place) {
    let house = house(place, "A:5");
    let engine = &house.engine;
    let begun = start(engine, &add(engine, "sam"));
    let live = || engine.is_session_live(&begun.token).expect("the tables answer");
    for _ in 0..29 {
        house.pass(MINUTE);
        assert!(live());
        settle(engine);
    }
    house.pass(MINUTE);
    assert!(!live() && !admits(engine, &begun.token));
    let other = start(engine, &begun.admission.user);
    assert!(engine.is_session_live(&other.token).expect("the tables answer"));
    engine.sign_out(&other.token).expect("signed in");
    assert!(!engine.is_session_live(&other.token).expect("the tables answer"));
}

/// A session that another process hears of is alive here too, whatever is remembered here.
pub fn being_heard_of_at_the_second_keeps_it_at_the_first(place: &dyn Place) {
    let first = house(place, "A:5");
    let second = first.beside(place);
    let begun = start(&first.engine, &add(&first.engine, "sam"));
    assert!(admits(&first.engine, &begun.token));
    first.pass(SESSION_IDLE - MINUTE);
    assert!(admits(&second.engine, &begun.token));
    settle(&second.engine);
    first.pass(2 * MINUTE);
    assert!(admits(&first.engine, &begun.token));
}

pub fn a_late_word_revives_no_session(place: &dyn Place) {
    let house = house(place, "A:5");
    let begun = start(&house.engine, &add(&house.engine, "sam"));
    let session = begun.admission.session.id;
    let touch = |after| {
        let mut store = place.store();
        store.begin(Access::Write).expect("a turn");
        let touch = AccountChange::Touch { session, at: NOW.plus(after) };
        let made = store.change(&Change::Account(touch)).expect("a change or a refusal");
        store.roll_back();
        made.is_ok()
    };
    assert!(touch(SESSION_IDLE - MILLISECOND));
    assert!(!touch(SESSION_IDLE) && !touch(SESSION_LIFE));
}

pub fn signing_out_ends_this_session_and_no_other(place: &dyn Place) {
    let house = house(place, "A:5");
    let (engine, sam) = (&house.engine, add(&house.engine, "sam"));
    let [here, there] = [start(engine, &sam), start(engine, &sam)];
    assert!(admits(engine, &here.token) && admits(engine, &there.token));
    engine.sign_out(&here.token).expect("signed in");
    assert!(!admits(engine, &here.token) && admits(engine, &there.token));
    assert!(engine.recognise(&here.token).is_none());
    engine.sign_out(&here.token).expect("signed out already");
}

pub fn sessions_are_listed_and_ended_by_their_owner(place: &dyn Place) {
    let house = house(place, "A:5");
    let engine = &house.engine;
    let (sam, eve) = (add(engine, "sam"), add(engine, "eve"));
    let mut begun = Vec::new();
    for _ in 0..3 {
        begun.push(start(engine, &sam));
        house.pass(MILLISECOND);
    }
    let eves = start(engine, &eve);
    let ids = |user: &User| -> Vec<_> {
        engine.sessions(user.id).expect("a list").iter().map(|session| session.id).collect()
    };
    let id = |place: usize| begun[place].admission.session.id;
    assert_eq!(ids(&sam), [id(2), id(1), id(0)], "newest first, nobody else's");
    assert_eq!(code(engine.end_session(eve.id, id(0))), Code::NotFound);
    engine.end_session(sam.id, id(0)).expect("their own");
    assert_eq!(code(engine.end_session(sam.id, id(0))), Code::NotFound);
    assert!(!admits(engine, &begun[0].token));
    engine.end_sessions(sam.id, Some(id(2))).expect("their own");
    assert_eq!(ids(&sam), [id(2)]);
    assert!(!admits(engine, &begun[1].token) && admits(engine, &begun[2].token));
    engine.end_sessions(sam.id, None).expect("their own");
    assert!(!admits(engine, &begun[2].token) && admits(engine, &eves.token));
}

/// Dead at the next request, and a second engine's memory is a second old at most.
fn ends_sessions(house: &House, place: &dyn Place, name: &str, end: impl FnOnce(&Engine, &User)) {
    let second = house.beside(place);
    let bystander = start(&house.engine, &add(&house.engine, &format!("beside {name}")));
    let user = add(&house.engine, name);
    let begun = start(&house.engine, &user);
    for engine in [&house.engine, &second.engine] {
        assert!(admits(engine, &begun.token) && engine.recognise(&begun.token).is_some());
    }
    end(&house.engine, &user);
    assert!(house.engine.recognise(&begun.token).is_none(), "{name}");
    assert!(!admits(&house.engine, &begun.token), "{name}");
    house.pass(Duration::from_secs(1));
    // What the second remembers of others is confirmed first, and must not confirm this one.
    assert!(admits(&second.engine, &bystander.token), "{name}");
    assert!(!admits(&second.engine, &begun.token), "{name}: the other process");
    assert!(admits(&house.engine, &bystander.token), "{name}");
    assert_eq!(rows(place, &user), [], "{name}");
}

pub fn what_changes_a_user_s_rights_ends_their_sessions(place: &dyn Place) {
    let house = house(place, "A:5");
    ends_sessions(&house, place, "role", |engine, user| {
        engine.set_role(user.id, Role::Manager).expect("known");
    });
    ends_sessions(&house, place, "password", |engine, user| {
        engine.set_password(user.id, "another one").expect("known");
    });
    ends_sessions(&house, place, "own password", |engine, user| {
        let policy = seatcore::accounts::PasswordPolicy::Native;
        engine.change_password(user.id, PASSWORD, "another one", policy).expect("it fits");
    });
    ends_sessions(&house, place, "disabled", |engine, user| {
        engine.set_disabled(user.id, true).expect("known");
        engine.set_disabled(user.id, false).expect("known");
    });
    ends_sessions(&house, place, "removed", |engine, user| {
        engine.remove_user(user.id).expect("known");
    });
}

pub fn one_session_too_many_ends_the_most_silent(place: &dyn Place) {
    let house = house(place, "A:5");
    let (engine, sam) = (&house.engine, add(&house.engine, "sam"));
    let mut begun = Vec::new();
    for _ in 0..SESSIONS_PER_USER {
        begun.push(start(engine, &sam));
        house.pass(MILLISECOND);
    }
    house.pass(SESSION_TOUCH);
    assert!(admits(engine, &begun[0].token), "the oldest is still in use");
    settle(engine);
    assert!(begun.iter().all(|one| admits(engine, &one.token)));
    settle(engine);
    house.pass(SESSION_TOUCH);
    begun.iter().skip(1).step_by(2).for_each(|one| assert!(admits(engine, &one.token)));
    settle(engine);
    let silent = rows(place, &sam).into_iter().min_by_key(|s| (s.last_seen_at, s.created_at));
    let silent = silent.expect("a session").last_seen_at;
    begun.push(start(engine, &sam));
    let dead: Vec<_> = begun.iter().filter(|one| !admits(engine, &one.token)).collect();
    assert_eq!((dead.len(), rows(place, &sam).len()), (1, SESSIONS_PER_USER as usize));
    assert!(rows(place, &sam).iter().all(|session| session.last_seen_at >= silent));
    assert!(admits(engine, &begun[SESSIONS_PER_USER as usize].token), "never the new one");
    assert!(dead[0].admission.session.id != begun[1].admission.session.id, "not one just seen");
}

pub fn a_sign_in_clears_away_what_has_ended(place: &dyn Place) {
    let house = house(place, "A:5");
    let engine = &house.engine;
    let users = ["ada", "bob", "eve"].map(|name| add(engine, name));
    for user in &users {
        (0..SESSIONS_PER_USER).for_each(|_| drop(start(engine, user)));
    }
    let count = || users.iter().map(|user| rows(place, user).len()).sum::<usize>();
    let all = 3 * SESSIONS_PER_USER as usize;
    house.pass(SESSION_LIFE - MILLISECOND);
    start(engine, &add(engine, "tom"));
    assert_eq!(count(), all, "a millisecond too early");
    house.pass(MILLISECOND);
    let tim = add(engine, "tim");
    start(engine, &tim);
    assert_eq!(count(), all - SESSIONS_PRUNED as usize, "a bounded number at a time");
    start(engine, &tim);
    assert_eq!(count(), 0);
}
