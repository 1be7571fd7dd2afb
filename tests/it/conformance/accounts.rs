//! Users, sessions and API keys.

use seatcore::accounts::{PasswordPolicy, Role};
use seatcore::error::Code;
use support::house::{code, house};
use support::place::Place;

const PASSWORD: &str = "open sesame";

pub fn a_user_signs_in_until_disabled(place: &dyn Place) {
    let house = house(place, "A:5");
    let sam = house.engine.add_user("Sam", PASSWORD, Role::Customer).expect("a new name");
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
    assert_eq!(code(engine.start_session(sam.id, None)), Code::NotSignedIn);
    assert_eq!(engine.users().expect("a list").len(), 1);
}

pub fn a_wrong_name_and_a_wrong_password_read_the_same(place: &dyn Place) {
    let engine = house(place, "A:5").engine;
    engine.add_user("sam", PASSWORD, Role::Staff).expect("a new name");
    let sign_in = |name, password| engine.sign_in(name, password, None).map(|_| ());
    assert_eq!(sign_in("tom", PASSWORD), sign_in("sam", "another one"));
    assert_eq!(code(sign_in("tom", PASSWORD)), Code::NotSignedIn);
    assert_eq!(code(engine.add_user("tom", "short", Role::Staff)), Code::Invalid);
    assert_eq!(code(engine.add_user("tom", "seven77", Role::Staff)), Code::Invalid);
    let classic = PasswordPolicy::Classic;
    engine.add_user_under(classic, "tom", "seven77", Role::Customer).expect("seven will do");
}
