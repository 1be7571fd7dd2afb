//! Movies, screens, shows and posters, as managers keep them.

use crate::client::House;
use seatcore::accounts::Role;
use serde_json::{Value, json};

const PNG: &[u8] = b"\x89PNG\r\n\x1A\n and some pixels";

#[test]
fn a_manager_puts_a_film_on() {
    let house = House::open();
    let boss = house.user("mia", Role::Manager);
    let post = |path: &str, body| house.ask("POST", path).cookie(&boss).json(&body).send();
    let film = json!({"title": "Heat", "minutes": 170, "description": "Cops"});
    let movie = post("/api/v1/movies", film).is(201);
    assert_eq!(movie.header("location"), Some("/api/v1/movies/2"));
    let screen = json!({"name": "Indie", "rows": "A-C:4|4*premium@1", "tz": "Europe/Berlin"});
    let screen = post("/api/v1/screens", screen).is(201).json();
    assert_eq!(screen["seats"], json!(24));
    let show = json!({
        "movie": 2, "screen": 2, "starts_at": "2027-01-20T20:00:00Z",
        "price": {"amount_minor": 900}, "tiers": {"premium": {"amount_minor": 1500}},
        "limits": {"seats_per_holder": 4},
    });
    let shown = post("/api/v1/shows", show.clone()).is(201);
    let view = shown.json();
    assert_eq!(view["tiers"]["premium"], json!({"amount_minor": 1500, "currency": "EUR"}));
    assert_eq!(view["ends_at"], json!("2027-01-20T22:50:00.000Z"));
    assert_eq!(post("/api/v1/shows", show).is(409).code(), "overlap");

    let tag = shown.header("etag").expect("a version").to_owned();
    let patch = |tag: &str, body| {
        let ask = house.ask("PATCH", "/api/v1/shows/2").cookie(&boss).header("if-match", tag);
        ask.json(&body).send()
    };
    let dearer = patch(&tag, json!({"price": {"amount_minor": 1000}})).is(200);
    assert_eq!(dearer.json()["price"]["amount_minor"], json!(1000));
    assert_eq!(dearer.json()["tiers"]["premium"]["amount_minor"], json!(1500));
    assert_eq!(patch(&tag, json!({"sales": {"closed": true}})).is(412).code(), "stale");
    let tag = dearer.header("etag").expect("a version");
    assert_eq!(
        patch(tag, json!({"sales": {"closed": true}})).is(200).json()["status"],
        json!("closed")
    );
    let gone = house.ask("DELETE", "/api/v1/movies/2").cookie(&boss).send();
    assert_eq!(gone.is(409).code(), "in_use");
    let ended = post("/api/v1/shows/2/cancel", json!({"reason": "flood"})).is(200).json();
    assert_eq!(ended["status"], json!("cancelled"));
}

#[test]
fn a_poster_is_an_image_by_its_bytes() {
    let house = House::open();
    let boss = house.user("mia", Role::Manager);
    let put = |kind: &str, bytes: &[u8]| {
        house.ask("PUT", "/api/v1/movies/1/poster").cookie(&boss).body(kind, bytes).send()
    };
    put("image/png", PNG).is(204);
    let shown = house.get("/api/v1/movies/1/poster").is(200);
    assert_eq!((shown.header("content-type"), &*shown.body), (Some("image/png"), PNG));
    put("image/png", b"<svg onload=alert(1)>").is(422);
    assert_eq!(put("text/html", PNG).is(415).code(), "unsupported_type");
    assert_eq!(put("image/png", &vec![0; 5 * 1024 * 1024 + 1]).is(413).code(), "too_large");
    let url = house.get("/api/v1/movies/1").is(200).json()["poster_url"].clone();
    house.get(url.as_str().expect("a path")).is(200);
}

#[test]
fn lists_are_read_page_by_page_and_by_day() {
    let house = House::open();
    for rows in ["A:5", "A-B:5", "A-C:5", "A-D:5"] {
        crate::client::add_show(&house.engine, rows);
    }
    let mut seen = Vec::new();
    let mut path = "/api/v1/shows?limit=2".to_owned();
    loop {
        let page = house.get(&path).is(200).json();
        seen.extend(page["data"].as_array().expect("rows").iter().map(|show| show["id"].clone()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/shows?limit=2&cursor={next}");
    }
    assert_eq!(seen, [1, 2, 3, 4, 5].map(|id| json!(id)));
    let on = |date: &str| {
        house.get(&format!("/api/v1/shows?date={date}")).is(200).json()["data"].clone()
    };
    assert_eq!(on("2027-01-17").as_array().map(Vec::len), Some(5));
    assert_eq!(on("2027-01-18"), json!([]));
    for bad in ["date=soon", "cursor=x", "colour=red", "movie=-1", "a=%ff"] {
        assert_eq!(house.get(&format!("/api/v1/shows?{bad}")).is(400).code(), "invalid", "{bad}");
    }
}

#[test]
fn a_plan_is_immutable_under_its_hash() {
    let house = House::open();
    let hash = house.get("/api/v1/shows/1").is(200).json()["layout"].clone();
    let hash = hash.as_str().expect("a hash");
    let path = format!("/api/v1/shows/1/layout/{hash}");
    let plan = house.get(&path).is(200);
    assert!(plan.header("cache-control").is_some_and(|kept| kept.contains("immutable")));
    assert_eq!(plan.json()["sections"][0]["rows"].as_array().map(Vec::len), Some(5));
    let tag = plan.header("etag").expect("a version");
    house.ask("GET", &path).header("if-none-match", tag).send().is(304);
    house.get(&format!("/api/v1/shows/1/layout/{}", "0".repeat(64))).is(404);
    let full = json!({"name": "Copy", "layout": {
        "sections": plan.json()["sections"], "focus": plan.json()["focus"]}});
    let boss = house.user("mia", Role::Manager);
    let copy = house.ask("POST", "/api/v1/screens").cookie(&boss).json(&full).send().is(201);
    assert_eq!(copy.json()["layout"], json!(hash));
}

#[test]
fn every_wrong_field_is_named() {
    let house = House::open();
    let boss = house.user("mia", Role::Manager);
    let body =
        json!({"movie": "one", "starts_at": "tomorrow", "price": {"amount": 5}, "colour": 1});
    let refused =
        house.ask("POST", "/api/v1/shows").cookie(&boss).json(&body).send().is(400).json();
    let mut fields: Vec<_> = refused["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|error| error["field"].as_str().expect("a field").to_owned())
        .collect();
    fields.sort();
    let wrong = ["colour", "movie", "price/amount", "price/amount_minor", "screen", "starts_at"];
    assert_eq!(fields, wrong);
}

#[test]
fn what_is_made_under_a_key_is_made_once() {
    let house = House::open();
    let boss = house.user("boss", Role::Manager);
    let film = json!({"title": "Arrival", "minutes": 116});
    let make = |body: &Value, path: &str, key: &str| {
        house.ask("POST", path).cookie(&boss).key(key).json(body).send()
    };
    let first = make(&film, "/api/v1/movies", "import-17").is(201);
    let again = make(&film, "/api/v1/movies", "import-17").is(201);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!((first.json(), first.header("location")), (again.json(), again.header("location")));
    let hall = json!({"name": "Studio", "rows": "A:4"});
    assert_eq!(make(&hall, "/api/v1/screens", "import-17").is(422).code(), "key_reused");
    let screen = make(&hall, "/api/v1/screens", "import-18").is(201).json()["id"].clone();
    let show = json!({
        "movie": first.json()["id"], "screen": screen, "starts_at": "2099-01-09T20:00:00Z",
        "price": {"amount_minor": 1250, "currency": "EUR"},
    });
    let opened = make(&show, "/api/v1/shows", "import-19").is(201);
    let again = make(&show, "/api/v1/shows", "import-19").is(201);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(opened.json()["id"], again.json()["id"]);
    let taken = make(&hall, "/api/v1/screens", "import-20").is(409);
    assert_eq!(
        (&*taken.code(), taken.header("idempotency-remembered")),
        ("name_taken", Some("false"))
    );
}
