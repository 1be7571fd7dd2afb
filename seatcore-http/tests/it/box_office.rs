//! A seat from free to ticket, and everything that may come between.

use crate::client::{House, Reply, add_show};
use seatcore::accounts::Role;
use seatcore::{Block, Unblock};
use serde_json::{Value, json};
use std::time::Duration;

fn hold(house: &House, cookie: &str, seats: &[&str]) -> Reply {
    let body = json!({"seats": seats, "ttl_s": 600});
    house.ask("POST", "/api/v1/shows/1/holds").cookie(cookie).json(&body).send()
}

fn id(reply: Reply) -> String {
    reply.json()["id"].as_str().expect("an id").to_owned()
}

fn seats(house: &House) -> String {
    house.get("/api/v1/shows/1/snapshot").is(200).json()["s"].as_str().expect("seats").to_owned()
}

#[test]
fn a_seat_is_held_booked_shown_at_the_door_and_cancelled() {
    let house = House::open();
    let ann = house.user("ann", Role::Customer);
    let held = hold(&house, &ann, &["C5", "c6"]).is(201);
    let place = held.header("location").expect("a place").to_owned();
    let view = held.json();
    assert_eq!(view["seats"], json!(["C5", "C6"]));
    assert_eq!((&view["state"], &view["expires_in_ms"]), (&json!("held"), &json!(600_000)));
    assert_eq!(view["total"], json!({"amount_minor": 2500, "currency": "EUR"}));
    assert_eq!(seats(&house).matches('h').count(), 2);

    let more = json!({"extend_s": 1200});
    let longer = house.ask("PATCH", &place).cookie(&ann).json(&more).send().is(200).json();
    assert_eq!(longer["expires_in_ms"], json!(1_200_000));
    let listed = house.ask("GET", "/api/v1/holds").cookie(&ann).send().is(200).json();
    assert_eq!(listed["data"][0]["id"], view["id"]);

    let booked = house.ask("POST", &format!("{place}/book")).cookie(&ann).send().is(201);
    let booking = booked.json();
    let code = booking["tickets"][0]["code"].as_str().expect("a code").to_owned();
    assert_eq!(seats(&house).matches('b').count(), 2);
    let bare = code.replace('-', "").to_lowercase();
    let ticket = house.ask("GET", &format!("/api/v1/tickets/{bare}")).cookie(&ann).send();
    let ticket = ticket.is(200).json();
    assert_eq!((&ticket["seat"], &ticket["state"]), (&json!("C5"), &json!("valid")));
    assert_eq!(ticket["booking"]["id"], booking["id"]);
    let picture = house.ask("GET", &format!("/api/v1/tickets/{code}.svg")).cookie(&ann).send();
    let picture = picture.is(200);
    assert_eq!(picture.header("content-type"), Some("image/svg+xml"));
    assert!(picture.body.starts_with(b"<svg") && picture.body.len() < 6_000);

    let place = booked.header("location").expect("a place");
    let why = json!({"reason": "ill"});
    let cancelled = house.ask("POST", &format!("{place}/cancel")).cookie(&ann).json(&why).send();
    assert_eq!(cancelled.is(200).json()["state"], json!("cancelled"));
    assert!(!seats(&house).contains('b'));
}

#[test]
fn a_retry_under_the_same_key_gets_the_first_answer_again() {
    let house = House::open();
    let (ann, bob) = (house.user("ann", Role::Customer), house.user("bob", Role::Customer));
    let ask = |who: &str, seats: Value, key: &str| {
        let body = json!({"seats": seats});
        house.ask("POST", "/api/v1/shows/1/holds").cookie(who).key(key).json(&body).send()
    };
    let first = ask(&ann, json!(["A1"]), "order-1").is(201);
    let again = ask(&ann, json!(["A1"]), "\"order-1\"").is(201);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!((first.json(), first.header("idempotency-replayed")), (again.json(), None));
    assert_eq!(ask(&ann, json!(["A2"]), "order-1").is(422).code(), "key_reused");

    let refused = ask(&bob, json!(["A1", "A2"]), "order-1").is(409);
    assert_eq!(refused.code(), "seat_held");
    assert_eq!(refused.json()["conflicts"], json!([{"seat": "A1", "code": "seat_held"}]));
    assert_eq!(refused.json()["alternatives"].as_array().map(Vec::len), Some(3));
    let hold = format!("/api/v1/holds/{}", id(first));
    house.ask("DELETE", &hold).cookie(&ann).send().is(200);
    let again = ask(&bob, json!(["A1", "A2"]), "order-1").is(409);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.json()["alternatives"], Value::Null, "advice is no part of the outcome");
    let unkept = ask(&bob, json!([]), "order-2").is(422);
    assert_eq!(unkept.header("idempotency-remembered"), Some("false"));
}

#[test]
fn a_snapshot_is_sent_once_for_each_version() {
    let house = House::open();
    let ann = house.user("ann", Role::Customer);
    let path = "/api/v1/shows/1/snapshot";
    let first = house.get(path).is(200);
    let tag = first.header("etag").expect("a version").to_owned();
    let same = |tag: &str| house.ask("GET", path).header("if-none-match", tag).send();
    let unchanged = same(&tag).is(304);
    assert_eq!(unchanged.header("etag"), Some(&*tag), "the 200's own version");
    assert_eq!(unchanged.header("vary"), first.header("vary"));
    same("*").is(304);
    same(&format!("\"other\", {tag}")).is(304);
    hold(&house, &ann, &["A1"]).is(201);
    let second = same(&tag).is(200);
    assert_ne!(second.header("etag"), Some(&*tag));
    assert_eq!(second.json()["n"]["held"], json!(1));
    house.clock.advance(Duration::from_secs(600));
    let third = same(second.header("etag").expect("a version")).is(200);
    assert_eq!(third.json()["n"]["held"], json!(0), "dead at its deadline, with no job running");
}

#[test]
fn what_belongs_to_somebody_else_does_not_exist() {
    let house = House::open();
    let (ann, bob) = (house.user("ann", Role::Customer), house.user("bob", Role::Customer));
    let staff = house.user("eve", Role::Staff);
    let held = id(hold(&house, &ann, &["A1", "A2"]).is(201));
    let path = format!("/api/v1/holds/{held}");
    let absent = "/api/v1/holds/hld_01M85R143KFW2S0MKSZ0000001";
    let bare = |method: &str, path: &str, who: &str, tail: &str| {
        let asked = house.ask(method, &format!("{path}{tail}")).cookie(who);
        let asked = match method {
            "PATCH" => asked.json(&json!({"extend_s": 60})),
            _ => asked,
        };
        let mut reply = asked.send();
        let mut body = reply.json();
        for own in ["request_id", "instance"] {
            body.as_object_mut().expect("an object").remove(own);
        }
        reply.body = body.to_string().into_bytes();
        (reply.status, body)
    };
    for (method, tail) in [("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/book")] {
        let (status, body) = bare(method, &path, &bob, tail);
        assert_eq!((status, &body["code"]), (404, &json!("not_found")), "{method}{tail}");
        assert_eq!((status, body), bare(method, absent, &bob, tail), "{method}{tail}");
    }
    house.ask("GET", &path).cookie(&staff).send().is(200);
    let booking = house.ask("POST", &format!("{path}/book")).cookie(&staff).send().is(201).json();
    assert_eq!(booking["holder"], view_holder(&house, &ann), "staff sell, the buyer has it");
    let booking = format!("/api/v1/bookings/{}", booking["id"].as_str().expect("an id"));
    house.ask("GET", &booking).cookie(&bob).send().is(404);
    house.ask("GET", &booking).cookie(&ann).send().is(200);
    house.ask("GET", "/api/v1/bookings?holder=*").cookie(&bob).send().is(403);
    let all = house.ask("GET", "/api/v1/bookings?holder=*").cookie(&staff).send().is(200).json();
    assert_eq!(all["data"].as_array().map(Vec::len), Some(1));
}

fn view_holder(house: &House, cookie: &str) -> Value {
    house.ask("GET", "/api/v1/session").cookie(cookie).send().is(200).json()["holder"].clone()
}

#[test]
fn staff_take_seats_off_sale_and_put_them_back() {
    let house = House::open();
    let (ann, staff) = (house.user("ann", Role::Customer), house.user("eve", Role::Staff));
    let block = json!({"seats": ["B1", "B2"], "reason": "broken"});
    let path = "/api/v1/shows/1/blocks";
    house.ask("POST", path).cookie(&ann).json(&block).send().is(403);
    house.ask("POST", path).cookie(&staff).json(&block).send().is(201);
    assert_eq!(hold(&house, &ann, &["B1"]).is(409).code(), "seat_blocked");
    let why = house.ask("GET", "/api/v1/shows/1/seats/b1").cookie(&ann).send().is(200).json();
    assert_eq!((&why["status"], &why["hold"]), (&json!("blocked"), &Value::Null));
    let why = house.ask("GET", "/api/v1/shows/1/seats/B1").cookie(&staff).send().is(200).json();
    assert_eq!(why["hold"]["reference"], json!("broken"));
    house.ask("DELETE", "/api/v1/shows/1/blocks?seats=B1,B2").cookie(&staff).send().is(200);
    hold(&house, &ann, &["B1"]).is(201);
}

#[test]
fn a_batch_happens_whole_or_not_at_all() {
    let house = House::open();
    let (ann, bob) = (house.user("ann", Role::Customer), house.user("bob", Role::Customer));
    let batch = |who: &str, commands: Value| {
        let body = json!({"commands": commands});
        house.ask("POST", "/api/v1/batch").cookie(who).json(&body).send()
    };
    let sold = batch(
        &ann,
        json!([
            {"hold": {"show": 1, "seats": ["A1", "A2"]}},
            {"book": {"hold": "@0"}},
            {"hold": {"show": 1, "best": {"count": 2}}},
        ]),
    );
    let results = sold.is(200).json()["results"].clone();
    assert_eq!(results[1]["state"], json!("booked"));
    let failed = batch(
        &bob,
        json!([
            {"hold": {"show": 1, "seats": ["B1"]}},
            {"hold": {"show": 1, "seats": ["A1"]}},
            {"book": {"hold": "@0"}},
        ]),
    );
    let failed = failed.is(409).json();
    assert_eq!((&failed["code"], &failed["culprit"]), (&json!("seat_booked"), &json!(1)));
    let words = json!([{"code": "rolled_back"}, {"code": "seat_booked"}, {"code": "rolled_back"}]);
    assert_eq!(failed["results"], words);
    assert_eq!(&seats(&house)[10..11], ".", "B1 was given back with the batch");
    let foreign = batch(&bob, json!([{"release": {"hold": results[2]["id"]}}])).is(404).json();
    assert_eq!((&foreign["code"], &foreign["culprit"]), (&json!("not_found"), &json!(0)));
    let wrong =
        batch(&ann, json!([{"hold": {"show": 1}}, {"dance": {}}, {"book": {"hold": "@7"}}]));
    let fields: Vec<_> = wrong.is(400).json()["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|error| error["field"].as_str().expect("a field").to_owned())
        .collect();
    assert_eq!(fields, ["commands/0/hold/seats", "commands/1/dance", "commands/2/book/hold"]);
    let nothing = batch(&ann, json!([{"hold": null}, {"hold": {"show": 1, "seats": ["E1"]}}]));
    assert_eq!(
        nothing.is(400).json()["errors"][0]["field"],
        json!("commands/0"),
        "no step is skipped"
    );
    batch(&ann, json!([{"block": {"show": 1, "seats": ["E1"]}}])).is(403);
}

#[test]
fn the_log_names_nobody_to_the_public() {
    let house = House::open();
    let (ann, staff) = (house.user("ann", Role::Customer), house.user("eve", Role::Staff));
    for seat in ["A1", "A2", "A3"] {
        hold(&house, &ann, &[seat]).is(201);
    }
    let public = house.get("/api/v1/activity?limit=2").is(200);
    let page = public.json();
    assert_eq!(page["data"][0]["seats"], json!(["A3"]), "newest first");
    assert!(page["data"][0].get("holder").is_none() && page["data"][0].get("hold").is_none());
    let next = page["next"].as_str().expect("more");
    assert!(public.header("link").is_some_and(|link| link.contains(&format!("cursor={next}"))));
    let rest = house.get(&format!("/api/v1/activity?limit=2&cursor={next}")).is(200).json();
    assert_eq!(rest["data"][0]["seats"], json!(["A1"]));
    let full = house.ask("GET", "/api/v1/activity?show=1").cookie(&staff).send().is(200).json();
    assert_eq!(full["data"][0]["holder"], view_holder(&house, &ann));
    let behind = house.get("/api/v1/activity?after=0&show=1").is(200).json();
    assert_eq!(behind["data"][0]["kind"], json!("show_opened"), "oldest first behind a record");
}

#[test]
fn what_lies_far_behind_is_found_page_by_page() {
    let house = House::open();
    let busy = add_show(&house.engine, "A-B:2");
    for _ in 0..4_200 {
        house.engine.block(Block::new(busy, ["A1"])).wait().expect("blocked");
        house.engine.unblock(Unblock::new(busy, ["A1"])).wait().expect("unblocked");
    }
    let ann = house.user("ann", Role::Customer);
    hold(&house, &ann, &["A1"]).is(201);
    let walk = |from: &str| {
        let (mut path, mut kinds) = (from.to_owned(), Vec::new());
        for _ in 0..100 {
            let reply = house.get(&path).is(200);
            let page = reply.json();
            let events = page["data"].as_array().expect("a page").clone();
            kinds.extend(events.iter().map(|event| event["kind"].as_str().map(str::to_owned)));
            let Some(next) = page["next"].as_str() else { return kinds };
            let link = reply.header("link").expect("a link");
            path = link[1..link.find('>').expect("an address")].to_owned();
            assert!(path.ends_with(&format!("cursor={next}")), "{path}");
        }
        panic!("it never ends");
    };
    let named =
        |kinds: &[&str]| kinds.iter().map(|kind| Some((*kind).to_owned())).collect::<Vec<_>>();
    assert_eq!(walk("/api/v1/activity?after=0&show=1&limit=1"), named(&["show_opened", "held"]));
    let (forward, mut backward) =
        (walk("/api/v1/activity?after=0&limit=500"), walk("/api/v1/activity?limit=500"));
    backward.reverse();
    assert_eq!(forward.len(), 8_403);
    assert!(forward == backward, "the same from both ends");
    house.get("/api/v1/activity?after=0&show=99").is(404);
}

#[test]
fn refusals_that_are_remembered_do_not_hide_what_happened() {
    let house = House::open();
    let (ann, bob) = (house.user("ann", Role::Customer), house.user("bob", Role::Customer));
    hold(&house, &ann, &["A1"]).is(201);
    for number in 0..60 {
        let body = json!({"seats": ["A1"], "ttl_s": 600});
        let asked = house.ask("POST", "/api/v1/shows/1/holds").cookie(&bob).json(&body);
        asked.key(&format!("try-{number}")).send().is(409);
    }
    let log = house.get("/api/v1/activity?show=1&limit=50").is(200).json();
    let events = log["data"].as_array().expect("a page");
    assert_eq!(events.len(), 2, "{log}");
    assert_eq!((&events[0]["kind"], &log["next"]), (&json!("held"), &Value::Null));
}

#[test]
fn a_cursor_into_another_show_is_a_wrong_parameter() {
    let house = House::open();
    for cursor in ["0", "99999999"] {
        let answer = house.get(&format!("/api/v1/activity?show=1&cursor={cursor}")).is(400).json();
        assert_eq!(answer["errors"][0]["field"], json!("cursor"), "{answer}");
    }
}

#[test]
fn reports_say_what_was_sold_and_given_back() {
    let house = House::open();
    let (ann, staff) = (house.user("ann", Role::Customer), house.user("eve", Role::Staff));
    let report = |path: &str| {
        house.ask("GET", &format!("/api/v1/reports/{path}")).cookie(&staff).send().is(200).json()
    };
    assert_eq!(report("revenue")["data"], json!([]));
    let sell = |seats: &[&str]| {
        let place = format!("/api/v1/holds/{}/book", id(hold(&house, &ann, seats).is(201)));
        id(house.ask("POST", &place).cookie(&ann).send().is(201))
    };
    let first = sell(&["A1", "A2"]);
    sell(&["B1"]);
    let place = format!("/api/v1/bookings/{first}/cancel");
    house.ask("POST", &place).cookie(&ann).send().is(200);
    let line = report("revenue")["data"][0].clone();
    assert_eq!((&line["day"], &line["bookings"]), (&json!("2027-01-15"), &json!(2)));
    assert_eq!((&line["tickets"], &line["returned"]), (&json!(3), &json!(2)));
    assert_eq!(line["net"], json!({"amount_minor": 1250, "currency": "EUR"}));
    assert_eq!(report("revenue?by=movie")["data"][0]["name"], json!("Arrival"));
    assert_eq!(report("revenue?from=2027-01-16")["data"], json!([]));
    let full = report("occupancy?by=day")["data"][0].clone();
    assert_eq!((&full["booked"], &full["percent"]), (&json!(1), &json!(2.0)));
    let best = report("popular")["data"][0].clone();
    assert_eq!((&best["rank"], &best["tickets"]), (&json!(1), &json!(1)));
    house.ask("GET", "/api/v1/reports/revenue?by=mood").cookie(&staff).send().is(400);
}
