//! Signing in, sessions, keys, foreign sites.

use crate::client::{House, PASSWORD, PATIENCE, Reply};
use seatcore::accounts::{PasswordPolicy, Role, Scope};
use seatcore::clock::Stopwatch;
use seatcore_http::Options;
use serde_json::{Value, json};
use std::io::Write;
use std::time::Duration;

fn credentials(name: &str, password: &str) -> serde_json::Value {
    json!({"name": name, "password": password})
}

#[test]
fn somebody_registers_signs_in_is_known_and_signs_out() {
    let house = House::open();
    let new = credentials("ann", PASSWORD);
    let user = house.ask("POST", "/api/v1/users").json(&new).send().is(201).json();
    assert_eq!((&user["role"], user.get("password")), (&json!("customer"), None));
    assert_eq!(house.ask("POST", "/api/v1/users").json(&new).send().is(409).code(), "name_taken");
    let common = credentials("bob", "password1");
    house.ask("POST", "/api/v1/users").json(&common).send().is(422);

    let signed = house.ask("POST", "/api/v1/session").json(&new).send().is(200);
    let line = signed.header("set-cookie").expect("a cookie").to_owned();
    assert!(line.starts_with("seatcore_session=") && line.contains("; HttpOnly"));
    assert!(
        line.contains("; SameSite=Lax") && line.contains("; Path=/") && !line.contains("Domain")
    );
    assert_eq!(signed.header("cache-control"), Some("no-store"));
    let cookie = signed.cookie();
    let me = house.ask("GET", "/api/v1/session").cookie(&cookie).send().is(200).json();
    assert_eq!(me["user"]["name"], json!("ann"));

    let again = house.ask("POST", "/api/v1/session").cookie(&cookie).json(&new).send().is(200);
    assert_ne!(again.cookie(), cookie, "a new token at every sign-in");
    house.ask("GET", "/api/v1/session").cookie(&cookie).send().is(401);
    let cookie = again.cookie();
    let out = house.ask("DELETE", "/api/v1/session").cookie(&cookie).send().is(204);
    assert!(out.header("set-cookie").is_some_and(|line| line.contains("Max-Age=0")));
    house.ask("GET", "/api/v1/session").cookie(&cookie).send().is(401);
    house.ask("DELETE", "/api/v1/session").send().is(204);
}

#[test]
fn a_wrong_name_and_a_wrong_password_read_the_same() {
    let house = House::open();
    house.user("ann", Role::Customer);
    let ask = |name, password| {
        let reply = house.ask("POST", "/api/v1/session").json(&credentials(name, password)).send();
        let mut body = reply.is(401).json();
        body.as_object_mut().expect("a problem").remove("request_id");
        body
    };
    assert_eq!(ask("ann", "wrong"), ask("nobody", PASSWORD));
}

#[test]
fn twenty_wrong_passwords_close_the_door_and_right_ones_never_do() {
    let house = House::open();
    house.user("ann", Role::Customer);
    let ask =
        |password| house.ask("POST", "/api/v1/session").json(&credentials("ann", password)).send();
    let left = |reply: &Reply| {
        assert_eq!(reply.header("ratelimit-policy"), Some("\"failed-sign-ins\";q=20;w=60"));
        let rate = reply.header("ratelimit").expect("what is left");
        let left = rate.strip_prefix("\"failed-sign-ins\";r=").and_then(|r| r.split(';').next());
        left.expect("a number").parse::<u32>().expect("a number")
    };
    assert_eq!(left(&ask(PASSWORD).is(200)), 20);
    for wrong in 1..=20 {
        assert_eq!(left(&ask("wrong").is(401)), 20 - wrong);
    }
    let refused = ask(PASSWORD).is(429);
    assert_eq!(left(&refused), 0);
    assert_eq!(refused.code(), "rate_limited");
    let wait: u64 = refused.header("retry-after").expect("a wait").parse().expect("seconds");
    assert!((1..=60).contains(&wait));
}

#[test]
fn an_address_registers_thirty_a_minute_and_this_machine_as_many_as_it_likes() {
    let trusted_proxies = vec![[127, 0, 0, 1].into()];
    let house = House::with(Options { trusted_proxies, ..Options::default() });
    let register = |name: String, from: Option<&str>| {
        let new = credentials(&name, "short");
        let ask = house.ask("POST", "/api/v1/users").json(&new);
        match from {
            Some(from) => ask.header("x-forwarded-for", from).send(),
            None => ask.send(),
        }
    };
    for number in 0..40 {
        register(format!("here{number}"), None).is(422);
    }
    for number in 0..30 {
        register(format!("there{number}"), Some("192.0.2.1")).is(422);
    }
    let refused = register("flood".to_owned(), Some("192.0.2.1")).is(429);
    assert_eq!(refused.code(), "rate_limited");
    assert_eq!(refused.header("ratelimit-policy"), Some("\"registrations\";q=30;w=60"));
    register("elsewhere".to_owned(), Some("192.0.2.9")).is(422);
}

#[test]
fn a_guess_counts_also_when_whoever_guessed_has_hung_up() {
    let house = House::open();
    house.user("ann", Role::Customer);
    let body = credentials("ann", "wrong").to_string();
    let head = format!(
        "POST /api/v1/session HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    let here = [127, 0, 0, 1].into();
    let watch = Stopwatch::start();
    while house.app.failures.left(here).times > 0 {
        let mut guess = house.connect();
        guess.write_all(head.as_bytes()).expect("said");
        // The comparison has begun, and nobody stays for its answer.
        house.get("/healthz").is(200);
        drop(guess);
        assert!(watch.elapsed() < PATIENCE, "nothing was counted");
    }
    let right = house.ask("POST", "/api/v1/session").json(&credentials("ann", PASSWORD)).send();
    assert_eq!(right.is(429).code(), "rate_limited");
}

#[test]
fn the_last_manager_stays_one() {
    let house = House::open();
    let boss = house.user("mia", Role::Manager);
    let path = format!("/api/v1/users/{}", house.engine.user("mia").expect("known").id);
    for patch in [json!({"role": "staff"}), json!({"disabled": true})] {
        let refused = house.ask("PATCH", &path).cookie(&boss).json(&patch).send().is(409);
        assert_eq!(refused.code(), "last_manager");
    }
    assert_eq!(house.ask("DELETE", &path).cookie(&boss).send().is(409).code(), "last_manager");
    house.ask("GET", &path).cookie(&boss).send().is(200);
    house.user("max", Role::Manager);
    house.ask("DELETE", &path).cookie(&boss).send().is(204);
}

#[test]
fn the_demonstration_s_password_is_told_while_it_is_one() {
    let house = House::open();
    let told = || house.get("/version").is(200).json()["demo"].clone();
    assert_eq!(told(), Value::Null, "there is no such user");
    let policy = PasswordPolicy::Classic;
    let demo = house.engine.add_user_under(policy, "demo_user_123", "demo123", Role::Customer);
    let demo = demo.expect("a new name").id;
    for _ in 0..2 {
        assert_eq!(told(), json!({"name": "demo_user_123", "password": "demo123"}));
    }
    house.engine.set_disabled(demo, true).expect("known");
    assert_eq!(told(), Value::Null, "nobody may sign in with it");
    house.engine.set_disabled(demo, false).expect("known");
    assert_ne!(told(), Value::Null);
    house.engine.set_password(demo, "a longer one").expect("known");
    assert_eq!(told(), Value::Null, "it is another one now");
}

#[test]
fn sessions_are_listed_and_ended_one_by_one_or_all() {
    let house = House::open();
    let (here, there) = (house.user("ann", Role::Customer), house.user("ann", Role::Customer));
    let bob = house.user("bob", Role::Customer);
    let list = house.ask("GET", "/api/v1/sessions").cookie(&here).send().is(200).json();
    let rows = list["data"].as_array().expect("rows");
    let other = rows.iter().find(|row| row["current"] == json!(false)).expect("the other");
    let path = format!("/api/v1/sessions/{}", other["id"].as_str().expect("an id"));
    house.ask("DELETE", &path).cookie(&bob).send().is(404);
    house.ask("DELETE", &path).cookie(&here).send().is(204);
    house.ask("GET", "/api/v1/session").cookie(&there).send().is(401);
    let third = house.user("ann", Role::Customer);
    let change = json!({"old": "wrong", "new": "another horse 7"});
    let path = "/api/v1/users/me/password";
    house.ask("POST", path).cookie(&third).json(&change).send().is(401);
    let change = json!({"old": PASSWORD, "new": "another horse 7"});
    let changed = house.ask("POST", path).cookie(&third).json(&change).send().is(200);
    house.ask("GET", "/api/v1/session").cookie(&here).send().is(401);
    house.ask("GET", "/api/v1/session").cookie(&changed.cookie()).send().is(200);
}

#[test]
fn a_session_ends_after_half_an_hour_of_silence() {
    let house = House::open();
    let ann = house.user("ann", Role::Customer);
    house.clock.advance(Duration::from_secs(29 * 60));
    house.ask("GET", "/api/v1/session").cookie(&ann).send().is(200);
    let bob = house.user("bob", Role::Customer);
    house.clock.advance(Duration::from_secs(30 * 60));
    house.ask("GET", "/api/v1/session").cookie(&bob).send().is(401);
}

#[test]
fn managers_run_users_and_keys_and_keys_do_what_they_were_made_for() {
    let house = House::open();
    let (boss, ann) = (house.user("mia", Role::Manager), house.user("ann", Role::Customer));
    let made = json!({"name": "kiosk", "scopes": ["sell"]});
    let minted = house.ask("POST", "/api/v1/keys").cookie(&boss).json(&made).send().is(201);
    let key = minted.json();
    let secret = key["secret"].as_str().expect("a secret").to_owned();
    let list = house.ask("GET", "/api/v1/keys").cookie(&boss).send().is(200);
    assert!(!String::from_utf8_lossy(&list.body).contains(&secret[13..]));
    let hold = json!({"seats": ["A1"]});
    let held = house.ask("POST", "/api/v1/shows/1/holds").bearer(&secret).json(&hold).send();
    let held = held.is(201).json();
    assert_eq!(held["holder"], json!(format!("key:{}", key["id"].as_str().expect("an id"))));
    let foreign = house
        .ask("POST", "/api/v1/shows/1/holds")
        .cookie(&ann)
        .json(&json!({"seats": ["A2"]}))
        .send()
        .is(201)
        .json();
    let path = format!("/api/v1/holds/{}", foreign["id"].as_str().expect("an id"));
    assert_eq!(house.ask("DELETE", &path).bearer(&secret).send().is(404).code(), "not_holder");
    house.ask("GET", "/api/v1/session").bearer(&secret).send().is(403);
    house.ask("GET", "/api/v1/holds").bearer(&secret).cookie(&ann).send().is(400);
    let path = format!("/api/v1/keys/{}", key["id"].as_str().expect("an id"));
    assert_eq!(minted.header("location"), Some(&*path));
    let read = || house.ask("GET", &path).cookie(&boss).send().is(200);
    assert_eq!(read().json(), list.json()["data"][0]);
    assert!(!String::from_utf8_lossy(&read().body).contains(&secret[13..]));
    house.ask("DELETE", &path).cookie(&boss).send().is(204);
    assert!(read().json()["revoked_at"].is_string());
    house.ask("GET", "/api/v1/keys/00000000").cookie(&boss).send().is(404);
    let revoked = house.ask("GET", "/api/v1/shows").bearer(&secret).send().is(401);
    assert!(revoked.header("www-authenticate").is_some());

    let people = house.ask("GET", "/api/v1/users").cookie(&boss).send().is(200).json();
    let id = people["data"]
        .as_array()
        .expect("rows")
        .iter()
        .find(|user| user["name"] == json!("ann"))
        .expect("ann")["id"]
        .clone();
    let path = format!("/api/v1/users/{id}");
    house.ask("PATCH", &path).cookie(&boss).json(&json!({"role": "staff"})).send().is(200);
    house.ask("GET", "/api/v1/session").cookie(&ann).send().is(401);
    house.ask("PATCH", &path).cookie(&boss).json(&json!({"disabled": true})).send().is(200);
    house.ask("POST", "/api/v1/session").json(&credentials("ann", PASSWORD)).send().is(401);
    house.ask("DELETE", &path).cookie(&boss).send().is(204);
    house.ask("GET", &path).cookie(&boss).send().is(404);
}

#[test]
fn another_site_s_page_cannot_use_a_visitor_s_session() {
    let origins = vec!["https://shop.example".parse().expect("an origin")];
    let house = House::with(Options { cors_origins: origins, ..Options::default() });
    let ann = house.user("ann", Role::Customer);
    let hold = |lines: &[(&str, &str)], seat: &str| {
        let asked = house.ask("POST", "/api/v1/shows/1/holds").cookie(&ann);
        let asked = lines.iter().fold(asked, |asked, (name, value)| asked.header(name, value));
        asked.json(&json!({"seats": [seat]})).send()
    };
    assert_eq!(hold(&[("sec-fetch-site", "cross-site")], "A1").is(403).code(), "cross_site");
    hold(&[("origin", "https://evil.example")], "A1").is(403);
    hold(&[("origin", "null")], "A1").is(403);
    hold(&[("origin", &format!("http://{}", house.address))], "A1").is(201);
    hold(&[("sec-fetch-site", "same-origin")], "A2").is(201);
    let shared = hold(&[("origin", "https://shop.example")], "A3").is(201);
    assert_eq!(shared.header("access-control-allow-origin"), Some("https://shop.example"));
    let sign_in = house.ask("POST", "/api/v1/session").header("origin", "https://evil.example");
    assert_eq!(sign_in.json(&credentials("ann", PASSWORD)).send().is(403).code(), "cross_site");
    let secret = house.engine.add_api_key("kiosk", &[Scope::Sell]).expect("a key").secret.reveal();
    let machine = house.ask("POST", "/api/v1/shows/1/holds").bearer(&secret);
    machine.header("origin", "https://evil.example").json(&json!({"seats": ["A4"]})).send().is(201);
    let read = house.ask("GET", "/api/v1/shows").header("origin", "https://evil.example").send();
    assert_eq!(read.is(200).header("access-control-allow-origin"), None);
    let asked = house.ask("OPTIONS", "/api/v1/shows").header("origin", "https://shop.example");
    let asked = asked.header("access-control-request-method", "POST").send().is(204);
    assert!(
        asked.header("access-control-allow-headers").is_some_and(|l| l.contains("Idempotency-Key"))
    );
}

#[test]
fn an_idempotency_key_is_refused_where_a_repeat_would_make_another() {
    let house = House::open();
    let boss = house.user("mia", Role::Manager);
    let key = json!({"name": "kiosk", "scopes": ["sell"]});
    let ask = || house.ask("POST", "/api/v1/keys").cookie(&boss).json(&key);
    let refused = ask().key("k-1").send().is(400);
    assert_eq!(refused.code(), "invalid");
    assert_eq!(refused.json()["errors"][0]["field"], json!("Idempotency-Key"));
    ask().send().is(201);
    assert_eq!(house.engine.api_keys().expect("keys").len(), 1);

    // A name is taken once: the dashboard registers under a key, and a repeat makes nobody else.
    let user = json!({"name": "eve", "password": "correct horse 9"});
    let register = || house.ask("POST", "/api/v1/users").key("k-2").json(&user).send();
    register().is(201);
    assert_eq!(register().is(409).code(), "name_taken");
}
