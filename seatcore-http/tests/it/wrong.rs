//! What is wrong with a request: named as the request names it, in the unit of that field.

use crate::client::{House, Reply};
use seatcore::accounts::Role;
use serde_json::{Value, json};

/// The first wrong field, what is said of it, and its range.
fn first(reply: Reply) -> (String, String, Value) {
    let problem = reply.json();
    let error = &problem["errors"][0];
    let text = |name: &str| error[name].as_str().expect("text").to_owned();
    let (field, detail) = (text("field"), text("detail"));
    let whole = problem["detail"].as_str().expect("text");
    assert!(whole.contains(&format!("{field} {detail}")), "{whole}");
    (field, detail, error["range"].clone())
}

#[test]
fn a_range_has_a_unit_and_the_field_is_the_request_s() {
    let house = House::open();
    let (ann, boss) = (house.user("ann", Role::Customer), house.user("mia", Role::Manager));
    let post =
        |who: &str, path: &str, body: Value| house.ask("POST", path).cookie(who).json(&body).send();
    let hold = |body| post(&ann, "/api/v1/shows/1/holds", body);
    let held = hold(json!({"seats": ["A1"]})).is(201).json();
    let held = format!("/api/v1/holds/{}", held["id"].as_str().expect("an id"));
    let seconds = json!({"min": 1, "max": 1800, "unit": "seconds"});
    let (field, detail, range) = first(hold(json!({"seats": ["A2"], "ttl_s": 1801})).is(422));
    assert_eq!((&*field, &range), ("ttl_s", &seconds));
    assert_eq!(detail, "must be between 1 and 1800 seconds");
    let extend = house.ask("PATCH", &held).cookie(&ann).json(&json!({"extend_s": 9999})).send();
    let (field, _, range) = first(extend.is(422));
    assert_eq!((&*field, range), ("extend_s", seconds));
    let none = house.ask("PATCH", &held).cookie(&ann).json(&json!({"release": []})).send();
    assert_eq!(first(none.is(422)).0, "release");
    let (field, _, range) = first(hold(json!({"best": {"count": 65}})).is(422));
    assert_eq!((&*field, range), ("best/count", json!({"min": 1, "max": 64, "unit": "seats"})));
    let film = json!({"title": "Heat", "minutes": 0});
    let (field, _, range) = first(post(&boss, "/api/v1/movies", film).is(422));
    assert_eq!((&*field, &range["unit"]), ("minutes", &json!("minutes")));
    let starts = "2027-03-01T20:00:00.000Z";
    let mut show = json!({
        "movie": 1, "screen": 1, "starts_at": starts, "price": {"amount_minor": -1},
    });
    let (field, detail, range) = first(post(&boss, "/api/v1/shows", show.clone()).is(422));
    assert_eq!((&*field, &range["unit"]), ("price/amount_minor", &json!("amount_minor")));
    assert!(
        detail.starts_with("must be between 0.00 and ") && detail.ends_with(" EUR"),
        "{detail}"
    );
    (show["price"], show["ends_at"]) = (json!({"amount_minor": 900}), json!(starts));
    let (field, detail, range) = first(post(&boss, "/api/v1/shows", show).is(422));
    assert_eq!((&*field, &range["min"]), ("ends_at", &json!("2027-03-01T20:01:00.000Z")));
    assert!(detail.contains("2027-03-01T20:01:00.000Z and 2027-03-02"), "{detail}");
}

#[test]
fn a_batch_names_fields_by_the_command_they_are_in() {
    let house = House::open();
    let ann = house.user("ann", Role::Customer);
    let body = json!({"commands": [
        {"hold": {"show": 1, "best": {"count": 65}}}, {"extend": {"hold": "@0", "extend_s": 0}},
    ]});
    let reply = house.ask("POST", "/api/v1/batch").cookie(&ann).json(&body).send().is(422);
    let problem = reply.json();
    let errors = problem["errors"].as_array().expect("errors");
    let fields: Vec<_> =
        errors.iter().map(|error| error["field"].as_str().expect("a field")).collect();
    assert!(fields.contains(&"commands/0/hold/best/count"), "{fields:?}");
    assert!(fields.contains(&"commands/1/extend/extend_s"), "{fields:?}");
}

#[test]
fn what_can_be_read_and_is_out_of_range_is_422() {
    let house = House::open();
    let items = json!({"min": 1, "max": 200, "unit": "items"});
    for limit in ["0", "201", "99999", "99999999999"] {
        let reply = house.get(&format!("/api/v1/shows?limit={limit}")).is(422);
        let (field, detail, range) = first(reply);
        assert_eq!((&*field, &*detail), ("limit", "must be between 1 and 200 items"));
        assert_eq!(range, items);
    }
    for query in ["limit=many", "limit=-1", "limit=99999&colour=1"] {
        house.get(&format!("/api/v1/shows?{query}")).is(400);
    }
    let ann = house.user("ann", Role::Customer);
    let hold = |ttl| {
        let body = json!({"seats": ["A1"], "ttl_s": ttl});
        house.ask("POST", "/api/v1/shows/1/holds").cookie(&ann).json(&body).send()
    };
    hold(json!(-5)).is(422);
    hold(json!(4_294_967_296_u64)).is(422);
    hold(json!(1.5)).is(400);
    hold(json!("5")).is(400);
}

#[test]
fn a_word_that_is_none_is_met_with_the_words_that_are() {
    let house = House::open();
    let boss = house.user("mia", Role::Manager);
    let ask = |method: &str, path: &str, body: Value| {
        first(house.ask(method, path).cookie(&boss).json(&body).send().is(400))
    };
    let (field, detail, _) = ask("PATCH", "/api/v1/users/1", json!({"role": "boss"}));
    assert_eq!((&*field, &*detail), ("role", "is not a role: one of customer, staff, manager"));
    let key = json!({"name": "till", "scopes": ["sell", "root"]});
    let (field, detail, _) = ask("POST", "/api/v1/keys", key);
    assert_eq!((&*field, &*detail), ("scopes/1", "is not a scope: one of read, sell, manage"));
    let by = house.ask("GET", "/api/v1/reports/revenue?by=week").cookie(&boss).send().is(400);
    assert!(first(by).1.ends_with("one of day, show, movie, screen"));
}

#[test]
fn one_limit_of_a_show_is_changed_alone() {
    let house = House::open();
    let boss = house.user("mia", Role::Manager);
    let patch = |limits: Value| {
        let ask = house.ask("PATCH", "/api/v1/shows/1").cookie(&boss);
        ask.json(&json!({"limits": limits})).send()
    };
    patch(json!({"seats_per_holder": 2})).is(200);
    let told = patch(json!({"hold_life_s": 60})).is(200).json();
    let whole = json!({"hold_life_s": 60, "holds_per_holder": 16, "seats_per_holder": 2});
    assert_eq!(told["limits"], whole);
    let show = house.engine.show(seatcore::ShowId::new(1).expect("a number")).expect("a show");
    let limits = show.opening.terms.limits;
    assert_eq!((limits.hold_life_s, limits.holds_per_holder, limits.seats_per_holder), (60, 16, 2));
    let (field, _, range) = first(patch(json!({"hold_life_s": 86_401})).is(422));
    assert_eq!((&*field, &range["max"]), ("limits/hold_life_s", &json!(86_400)));
}

#[test]
fn an_amount_and_its_currency_are_told_apart() {
    let house = House::open();
    let boss = house.user("mia", Role::Manager);
    let patch = |body: Value| {
        first(house.ask("PATCH", "/api/v1/shows/1").cookie(&boss).json(&body).send().is(422))
    };
    let usd = json!({"amount_minor": 100, "currency": "USD"});
    let (field, detail, _) = patch(json!({"price": usd}));
    assert_eq!((&*field, &*detail), ("price/currency", "must be EUR: this show sells in it"));
    let (field, ..) = patch(json!({"price": {"amount_minor": 1}, "tiers": {"vip": usd}}));
    assert_eq!(field, "tiers/vip/currency");
    let (field, _, range) = patch(json!({"price": {"amount_minor": 1_000_000_000_000_i64}}));
    assert_eq!((&*field, &range["min"]), ("price/amount_minor", &json!(0)));
    let (field, ..) = patch(json!({"tiers": {"price": {"amount_minor": -1}}}));
    assert_eq!(field, "tiers/price/amount_minor");
    let show = json!({
        "movie": 1, "screen": 1, "starts_at": "2027-03-01T20:00:00.000Z",
        "price": {"amount_minor": 900}, "tiers": {"vip": usd},
    });
    let (field, detail, _) =
        first(house.ask("POST", "/api/v1/shows").cookie(&boss).json(&show).send().is(422));
    assert_eq!((&*field, &*detail), ("tiers/vip/currency", "must be EUR, as the price is"));
}

#[test]
fn a_step_that_is_no_command_is_named_as_a_whole() {
    let house = House::open();
    let ann = house.user("ann", Role::Customer);
    let hold = json!({"show": 1, "seats": ["A1"]});
    for step in [json!({"hold": hold, "extend": {}}), json!({}), json!({"hold": null})] {
        let body = json!({"commands": [step]});
        let reply = house.ask("POST", "/api/v1/batch").cookie(&ann).json(&body).send().is(400);
        let wanted = json!([{
            "field": "commands/0", "detail": "must have one member, named by what is to be done",
        }]);
        assert_eq!(reply.json()["errors"], wanted);
    }
}
