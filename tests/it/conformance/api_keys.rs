//! API keys: how machines ask.

use seatcore::Engine;
use seatcore::accounts::{ApiKeySecret, Deed, Principal, Scope};
use seatcore::error::Code;
use seatcore::id::KeyId;
use std::time::Duration;
use support::house::{NOW, code, house};
use support::place::Place;

fn opens(engine: &Engine, secret: &ApiKeySecret) -> bool {
    engine.authenticate_api_key(secret).expect("the tables answer").is_some()
}

pub fn a_key_opens_what_it_was_made_for(place: &dyn Place) {
    let house = house(place, "A:5");
    let engine = &house.engine;
    let minted = engine.add_api_key("till 3", &[Scope::Sell, Scope::Read]).expect("a key");
    let text = minted.secret.reveal();
    assert_eq!(text.len(), 65);
    assert!(text.starts_with(&format!("sck_{}_", minted.key.id)));
    assert_eq!((&*minted.key.name, minted.key.created_at), ("till 3", NOW));
    let house = house.reopened(place);
    let engine = &house.engine;
    let secret: ApiKeySecret = text.parse().expect("what was shown");
    let key = engine.authenticate_api_key(&secret).expect("the tables answer").expect("known");
    assert_eq!(*key, minted.key);
    assert_eq!(engine.recognise_api_key(&secret), Some(key.clone()));
    let till = Principal::from(&*key);
    assert!(till.may(Deed::Buy) && !till.may(Deed::Sell) && !till.may(Deed::EditCatalogue));
    let holder = till.holder().expect("a machine holds seats");
    assert_eq!(holder.as_str(), format!("key:{}", key.id));
    assert_eq!(house.sold(holder.as_str(), "A1").holder, holder);
}

pub fn a_revoked_key_opens_nothing_and_stays_listed(place: &dyn Place) {
    let first = house(place, "A:5");
    let second = first.beside(place);
    let engine = &first.engine;
    let one = engine.add_api_key("one", &[Scope::Manage]).expect("a key");
    first.pass(Duration::from_millis(1));
    let other = engine.add_api_key("other", &[Scope::Read]).expect("a key");
    for engine in [engine, &second.engine] {
        assert!(opens(engine, &one.secret) && opens(engine, &other.secret));
    }
    let revoked = engine.revoke_api_key(one.key.id).expect("known");
    assert_eq!(revoked.revoked_at, Some(engine.now()));
    assert!(!opens(engine, &one.secret) && opens(engine, &other.secret));
    first.pass(Duration::from_secs(1));
    // What the second remembers of others is confirmed first, and must not confirm this one.
    assert!(opens(&second.engine, &other.secret) && !opens(&second.engine, &one.secret));
    assert_eq!(engine.revoke_api_key(one.key.id), Ok(revoked.clone()), "the first moment stays");
    assert_eq!(engine.api_keys(), Ok(vec![revoked.clone(), other.key]));
    assert_eq!(engine.api_key(one.key.id), Ok(revoked));
    let unknown = KeyId::from_bits(4_711);
    assert_eq!(code(engine.revoke_api_key(unknown)), Code::NotFound);
    assert_eq!(code(engine.api_key(unknown)), Code::NotFound);
}

pub fn a_secret_under_another_id_opens_nothing(place: &dyn Place) {
    let engine = house(place, "A:5").engine;
    let one = engine.add_api_key("one", &[Scope::Read]).expect("a key");
    let other = engine.add_api_key("other", &[Scope::Read]).expect("a key");
    let mixed = format!("sck_{}_{}", other.key.id, &one.secret.reveal()[13..]);
    let mixed: ApiKeySecret = mixed.parse().expect("well formed");
    assert!(!opens(&engine, &mixed));
    assert!(opens(&engine, &one.secret) && !opens(&engine, &mixed), "nor from memory");
}

pub fn a_key_has_a_name_and_scopes(place: &dyn Place) {
    let engine = house(place, "A:5").engine;
    for (name, scopes) in [
        ("", &[Scope::Read][..]),
        ("two\nlines", &[Scope::Read]),
        ("none", &[]),
        ("twice", &[Scope::Sell, Scope::Sell]),
    ] {
        assert_eq!(code(engine.add_api_key(name, scopes)), Code::Invalid, "{name:?}");
    }
    assert_eq!(engine.api_keys(), Ok(vec![]));
}
