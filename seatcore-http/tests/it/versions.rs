//! Versions: what is read again only if it changed, and changed only if it is as it was read.

use crate::client::{House, Reply};
use seatcore::accounts::Role;
use serde_json::{Value, json};
use std::time::Duration;

fn tag(reply: &Reply) -> String {
    reply.header("etag").expect("a version").to_owned()
}

#[test]
fn what_has_a_version_is_not_sent_twice() {
    let house = House::open();
    for path in ["/api/v1/shows/1", "/api/v1/screens/1/layout", "/api/v1/shows/1/snapshot"] {
        let got = house.get(path).is(200);
        let again = house.ask("GET", path).header("if-none-match", &tag(&got)).send().is(304);
        assert!(again.body.is_empty() && again.header("content-type").is_none(), "{path}");
        assert_eq!(again.header("etag"), got.header("etag"), "{path}");
        assert_eq!(again.header("vary"), got.header("vary"), "{path}");
        assert_eq!(again.header("cache-control"), got.header("cache-control"), "{path}");
        house.ask("GET", path).header("if-none-match", "\"x\"").send().is(200);
    }
}

#[test]
fn a_show_that_the_clock_changed_is_another_version() {
    let house = House::open();
    let before = house.get("/api/v1/shows/1").is(200);
    house.clock.advance(Duration::from_secs(49 * 3_600));
    let ask = house.ask("GET", "/api/v1/shows/1").header("if-none-match", &tag(&before));
    let after = ask.send().is(200);
    assert_eq!(before.json()["seq"], after.json()["seq"], "nothing happened");
    assert_ne!(before.json()["status"], after.json()["status"]);
    assert_ne!(tag(&before), tag(&after));
}

#[test]
fn a_change_is_meant_for_any_of_the_versions_that_it_names() {
    let house = House::open();
    let boss = house.user("mia", Role::Manager);
    let patch = |lines: &[&str], cents: u32| {
        let mut ask = house.ask("PATCH", "/api/v1/shows/1").cookie(&boss);
        for line in lines {
            ask = ask.header("if-match", line);
        }
        ask.json(&json!({"price": {"amount_minor": cents}})).send()
    };
    let now = || tag(&house.get("/api/v1/shows/1").is(200));
    let first = now();
    patch(&[&format!("\"0-0\", {first}")], 1).is(200);
    patch(&["\"0-0\"", &now()], 2).is(200);
    patch(&[&format!("{first}, {}", now())], 3).is(200);
    patch(&["*"], 4).is(200);
    for stale in [first.clone(), format!("{first}, \"1-9999\""), "\"zz\"".to_owned()] {
        assert_eq!(patch(&[&stale], 5).is(412).code(), "stale", "{stale}");
    }
    let weak = format!("W/{}", now());
    assert_eq!(patch(&[&weak], 5).is(412).code(), "stale", "a weak tag never matches");
    for wrong in [now().trim_matches('"'), "", "\"1-1"] {
        let reply = patch(&[wrong], 5).is(400);
        assert_eq!(reply.json()["errors"][0]["field"], json!("If-Match"), "{wrong}");
    }
    let price = &house.get("/api/v1/shows/1").is(200).json()["price"]["amount_minor"];
    assert_eq!(price, &json!(4));
}

#[test]
fn a_repeat_under_its_key_is_the_same_change_though_the_show_has_moved() {
    let house = House::open();
    let boss = house.user("mia", Role::Manager);
    let now = || tag(&house.get("/api/v1/shows/1").is(200));
    let old = now();
    let set = |cents: u32, meant: &str, key: &str| {
        let ask = house.ask("PATCH", "/api/v1/shows/1").cookie(&boss).header("if-match", meant);
        ask.key(key).json(&json!({"price": {"amount_minor": cents}})).send()
    };
    set(1, &old, "k-1").is(200);
    let either = format!("{old}, {}", now());
    for replayed in [None, Some("true")] {
        let reply = set(2, &either, "k-2").is(200);
        assert_eq!(reply.header("idempotency-replayed"), replayed);
    }
}

#[test]
fn a_show_that_has_moved_is_not_cancelled() {
    let house = House::open();
    let boss = house.user("mia", Role::Manager);
    let now = || tag(&house.get("/api/v1/shows/1").is(200));
    let cancel = |meant: &str| {
        let ask = house.ask("POST", "/api/v1/shows/1/cancel").cookie(&boss);
        ask.header("if-match", meant).json(&json!({"reason": "fire"})).send()
    };
    let old = now();
    let dearer = json!({"price": {"amount_minor": 1}});
    house.ask("PATCH", "/api/v1/shows/1").cookie(&boss).json(&dearer).send().is(200);
    assert_eq!(cancel(&old).is(412).code(), "stale");
    assert_eq!(house.get("/api/v1/shows/1").is(200).json()["status"], json!("on_sale"));
    cancel(&now()).is(200);
}

#[test]
fn a_write_that_looks_at_no_version_refuses_to_be_given_one() {
    let house = House::open();
    let boss = house.user("mia", Role::Manager);
    let some: Value = json!({"reason": "fire"});
    for (method, path) in [
        ("POST", "/api/v1/shows/1/holds"),
        ("PATCH", "/api/v1/movies/1"),
        ("PATCH", "/api/v1/screens/1"),
        ("DELETE", "/api/v1/movies/1"),
    ] {
        let ask = house.ask(method, path).cookie(&boss).header("if-match", "\"1-1\"");
        let reply = if method == "DELETE" { ask.send() } else { ask.json(&some).send() }.is(400);
        assert_eq!(reply.code(), "invalid", "{path}");
        assert_eq!(reply.json()["errors"][0]["field"], json!("If-Match"), "{path}");
    }
    assert_eq!(house.get("/api/v1/shows/1").is(200).json()["status"], json!("on_sale"));
}
