//! Users, their passwords, and what is left of them.

use seatcore::accounts::{NewUser, PasswordDigest, PasswordPolicy, Role, User};
use seatcore::error::Code;
use seatcore::store::accounts::AccountChange;
use seatcore::store::{Access, Change};
use seatcore::{Engine, UserId};
use std::sync::Barrier;
use support::house::{NOW, code, house};
use support::place::Place;

const PASSWORD: &str = "open sesame";
/// Argon2id of "open" with 64 KiB and one pass.
const WEAK: &str = "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$\
                    fUVjw8KViTvP7QQC+huknYEBcL/E0gYa+wTUJtRZ+0g";

fn add(engine: &Engine, name: &str) -> User {
    engine.add_user(name, PASSWORD, Role::Customer).expect("a new name")
}

/// Writes as an earlier release would have.
fn change(place: &dyn Place, change: AccountChange) -> Result<(), Code> {
    let mut store = place.store();
    store.begin(Access::Write).expect("a turn");
    let made = store.change(&Change::Account(change)).expect("a change or a refusal");
    store.commit().expect("a commit");
    made.map(drop).map_err(|rejection| rejection.code())
}

fn add_with_weak_password(place: &dyn Place, name: &str) {
    let password = PasswordDigest::from_stored(WEAK.to_owned());
    let user = NewUser { name: name.to_owned(), password, role: Role::Customer };
    change(place, AccountChange::AddUser { user, at: NOW }).expect("a new name");
}

fn stored_password(place: &dyn Place, name: &str) -> PasswordDigest {
    let found = place.store().tables().user(name).expect("the tables answer");
    found.expect("a user").1
}

pub fn a_user_signs_in_until_disabled(place: &dyn Place) {
    let house = house(place, "A:5");
    let sam = add(&house.engine, "Sam");
    house.engine.add_user("mia", PASSWORD, Role::Manager).expect("a new name");
    let house = house.reopened(place);
    let engine = &house.engine;
    assert_eq!(engine.verify_password("sam", PASSWORD), Ok(sam.clone()));
    assert_eq!(code(engine.add_user("SAM", PASSWORD, Role::Staff)), Code::NameTaken);
    engine.set_role(sam.id, Role::Manager).expect("known");
    assert_eq!(engine.verify_password("sam", PASSWORD).expect("known").role, Role::Manager);
    engine.set_password(sam.id, "another one").expect("known");
    assert_eq!(code(engine.verify_password("sam", PASSWORD)), Code::NotSignedIn);
    assert!(engine.verify_password("sam", "another one").is_ok());
    engine.set_disabled(sam.id, true).expect("known");
    assert_eq!(code(engine.verify_password("sam", "another one")), Code::NotSignedIn);
    assert_eq!(code(engine.sign_in("sam", "another one", None)), Code::NotSignedIn);
    assert_eq!(code(engine.start_session(sam.id, None)), Code::NotSignedIn);
    engine.set_disabled(sam.id, false).expect("known");
    assert!(engine.sign_in("sam", "another one", None).is_ok());
}

pub fn the_last_manager_stays_one(place: &dyn Place) {
    let house = house(place, "A:5");
    let engine = &house.engine;
    let sam = add(engine, "sam");
    let mia = engine.add_user("mia", PASSWORD, Role::Manager).expect("a new name");
    let refused = || {
        let demoted = engine.set_role(mia.id, Role::Staff);
        let disabled = engine.set_disabled(mia.id, true);
        for refused in [demoted, disabled, engine.remove_user(mia.id)] {
            assert_eq!(code(refused), Code::LastManager);
        }
        assert_eq!(engine.user_numbered(mia.id), Ok(mia.clone()), "nothing has changed");
    };
    let signed = engine.start_session(mia.id, None).expect("she may sign in");
    refused();
    assert!(engine.authenticate(&signed.token).expect("an answer").is_some(), "and stays in");
    engine.edit_user(sam.id, Some(Role::Manager), Some(true)).expect("known");
    refused();
    assert_eq!(code(engine.edit_user(mia.id, Some(Role::Manager), Some(true))), Code::LastManager);
    engine.set_role(mia.id, Role::Manager).expect("nothing is lost by this");
    engine.set_disabled(sam.id, false).expect("known");
    engine.edit_user(mia.id, Some(Role::Customer), Some(true)).expect("sam is left");
    let gone = engine.user_numbered(mia.id).expect("known");
    assert_eq!((gone.role, gone.disabled), (Role::Customer, true));
    assert_eq!(code(engine.remove_user(sam.id)), Code::LastManager);
    engine.remove_user(mia.id).expect("she runs nothing");
}

pub fn nobody_has_a_name_that_looks_like_another_s(place: &dyn Place) {
    let house = house(place, "A:5");
    let add = |name: &str| house.engine.add_user(name, PASSWORD, Role::Customer);
    add("zoe").expect("a new name");
    assert_eq!(code(add("ZOE")), Code::NameTaken);
    for unseen in ["zoe\u{200B}", "z\u{AD}oe", "\u{202E}eoz", "zoe\u{FE0F}", "\u{3164}"] {
        assert_eq!(code(add(unseen)), Code::Invalid, "{unseen:?}");
    }
    for own in ["Zoë", "Ζωή", "조이", "ゾーイ"] {
        add(own).expect("a name of its own");
    }
}

pub fn a_wrong_name_and_a_wrong_password_read_the_same(place: &dyn Place) {
    let engine = house(place, "A:5").engine;
    add(&engine, "sam");
    let sign_in = |name, password| engine.sign_in(name, password, None).map(drop);
    assert_eq!(sign_in("tom", PASSWORD), sign_in("sam", "another one"));
    assert_eq!(code(sign_in("tom", PASSWORD)), Code::NotSignedIn);
}

pub fn passwords_are_accepted_by_their_policy(place: &dyn Place) {
    let engine = house(place, "A:5").engine;
    let role = Role::Customer;
    for refused in ["short", "seven77", "password", "QWERTYUIOP", &"x".repeat(257)] {
        assert_eq!(code(engine.add_user("tom", refused, role)), Code::Invalid, "{refused}");
    }
    let classic = PasswordPolicy::Classic;
    assert_eq!(code(engine.add_user_under(classic, "tom", "six666", role)), Code::Invalid);
    let tom = engine.add_user_under(classic, "tom", "demo123", role).expect("seven will do");
    assert_eq!(code(engine.set_password(tom.id, "demo456")), Code::Invalid);
    assert!(engine.sign_in("tom", "demo123", None).is_ok(), "signing in checks no length");
    assert_eq!(code(engine.add_user(" tom", PASSWORD, role)), Code::Invalid);
}

pub fn users_are_paged_by_number(place: &dyn Place) {
    let engine = house(place, "A:5").engine;
    let all: Vec<_> = ["ada", "Bob", "eve"].iter().map(|name| add(&engine, name)).collect();
    assert_eq!(engine.users(), Ok(all.clone()));
    let first = engine.users_behind(None, 2).expect("a page");
    assert_eq!(first, all[..2]);
    assert_eq!(engine.users_behind(Some(first[1].id), 2).expect("a page"), all[2..]);
    assert_eq!(engine.user_numbered(all[1].id), Ok(all[1].clone()));
    assert_eq!(engine.user("bOB"), Ok(all[1].clone()));
    let nobody = UserId::new(4_711).expect("a number");
    assert_eq!(code(engine.user_numbered(nobody)), Code::NotFound);
    for refused in [
        engine.set_role(nobody, Role::Staff),
        engine.set_disabled(nobody, true),
        engine.set_password(nobody, PASSWORD),
        engine.change_password(nobody, PASSWORD, "another one", PasswordPolicy::Native),
        engine.remove_user(nobody),
    ] {
        assert_eq!(code(refused), Code::NotFound);
    }
}

pub fn a_removed_user_is_gone_and_their_booking_stays(place: &dyn Place) {
    let house = house(place, "A:5");
    let engine = &house.engine;
    let (ada, bob) = (add(engine, "ada"), add(engine, "bob"));
    let booking = house.sold(ada.holder().as_str(), "A1");
    engine.remove_user(bob.id).expect("known");
    engine.remove_user(ada.id).expect("known");
    assert_eq!(code(engine.user("ada")), Code::NotFound);
    assert_eq!(code(engine.verify_password("ada", PASSWORD)), Code::NotSignedIn);
    assert_eq!(code(engine.remove_user(ada.id)), Code::NotFound);
    let kept = engine.booking(booking.id).expect("what was sold is sold");
    assert_eq!(kept.holder.as_str(), format!("user:{}", ada.id));
    let house = house.reopened(place);
    let again = add(&house.engine, "ada");
    assert!(again.id > bob.id, "whoever comes later does not own what ada booked");
    house.verify();
}

pub fn a_password_is_changed_by_who_knows_the_old_one(place: &dyn Place) {
    let engine = house(place, "A:5").engine;
    let ada = add(&engine, "ada");
    let change = |old, new| engine.change_password(ada.id, old, new, PasswordPolicy::Native);
    assert_eq!(code(change("wrong", "another one")), Code::NotSignedIn);
    assert_eq!(code(change(PASSWORD, "seven77")), Code::Invalid);
    assert!(engine.verify_password("ada", PASSWORD).is_ok(), "nothing has changed");
    change(PASSWORD, "another one").expect("the old one fits");
    assert!(engine.verify_password("ada", "another one").is_ok());
    assert_eq!(code(change(PASSWORD, "a third one")), Code::NotSignedIn);
}

/// Between comparing the password and beginning the session somebody else may change it.
pub fn a_password_that_was_changed_meanwhile_lets_nobody_in(place: &dyn Place) {
    let engine = house(place, "A:5").engine;
    let ada = add(&engine, "ada");
    let old = stored_password(place, "ada");
    engine.set_password(ada.id, "another one").expect("known");
    let password = PasswordDigest::from_stored(WEAK.to_owned());
    let checked = Some(old);
    let late = AccountChange::SetPassword { user: ada.id, password, checked };
    assert_eq!(change(place, late), Err(Code::NotSignedIn));
    assert!(engine.verify_password("ada", "another one").is_ok());
}

pub fn a_weak_hash_is_replaced_when_its_owner_signs_in(place: &dyn Place) {
    let engine = house(place, "A:5").engine;
    add_with_weak_password(place, "old");
    assert_eq!(code(engine.sign_in("old", "wrong", None)), Code::NotSignedIn);
    assert!(engine.verify_password("old", "open").is_ok());
    assert_eq!(stored_password(place, "old").as_stored(), WEAK, "nobody has signed in");
    engine.sign_in("old", "open", None).expect("the password fits, short as it is");
    let stored = stored_password(place, "old");
    assert!(stored.as_stored().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    engine.sign_in("old", "open", None).expect("it is the same password");
    assert_eq!(stored_password(place, "old"), stored, "once is enough");
}

pub fn many_sign_in_at_once_while_the_hash_is_replaced(place: &dyn Place) {
    const BROWSERS: usize = 4;
    let engine = house(place, "A:5").engine;
    add_with_weak_password(place, "old");
    let gate = Barrier::new(BROWSERS);
    std::thread::scope(|scope| {
        for _ in 0..BROWSERS {
            scope.spawn(|| {
                gate.wait();
                engine.sign_in("old", "open", None).expect("the password fits");
            });
        }
    });
    assert!(!stored_password(place, "old").is_weak());
}
