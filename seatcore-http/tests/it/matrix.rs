//! Every row of the table × everybody who may ask. A new row without a line here fails.

use crate::client::{Ask, House};
use seatcore::accounts::{Role, Scope};
use std::time::Duration;

/// Who gets in, from the contract: `all`, `buy` (signed in, or a key that sells), `self` (people
/// only), `staff`, `manager`, `measure`.
const RIGHTS: &[(&str, &str, &str)] = &[
    ("POST", "/api/v1/users", "all"),
    ("POST", "/api/v1/session", "all"),
    ("GET", "/api/v1/session", "self"),
    ("DELETE", "/api/v1/session", "all"),
    ("GET", "/api/v1/sessions", "self"),
    ("DELETE", "/api/v1/sessions", "self"),
    ("DELETE", "/api/v1/sessions/{id}", "self"),
    ("POST", "/api/v1/users/me/password", "self"),
    ("GET", "/api/v1/users", "manager"),
    ("GET", "/api/v1/users/{id}", "manager"),
    ("PATCH", "/api/v1/users/{id}", "manager"),
    ("DELETE", "/api/v1/users/{id}", "manager"),
    ("GET", "/api/v1/keys", "manager"),
    ("POST", "/api/v1/keys", "manager"),
    ("GET", "/api/v1/keys/{id}", "manager"),
    ("DELETE", "/api/v1/keys/{id}", "manager"),
    ("GET", "/api/v1/movies", "all"),
    ("POST", "/api/v1/movies", "manager"),
    ("GET", "/api/v1/movies/{id}", "all"),
    ("PATCH", "/api/v1/movies/{id}", "manager"),
    ("DELETE", "/api/v1/movies/{id}", "manager"),
    ("GET", "/api/v1/movies/{id}/poster", "all"),
    ("PUT", "/api/v1/movies/{id}/poster", "manager"),
    ("DELETE", "/api/v1/movies/{id}/poster", "manager"),
    ("GET", "/api/v1/screens", "all"),
    ("POST", "/api/v1/screens", "manager"),
    ("GET", "/api/v1/screens/{id}", "all"),
    ("GET", "/api/v1/screens/{id}/layout", "all"),
    ("PATCH", "/api/v1/screens/{id}", "manager"),
    ("DELETE", "/api/v1/screens/{id}", "manager"),
    ("GET", "/api/v1/shows", "all"),
    ("POST", "/api/v1/shows", "manager"),
    ("GET", "/api/v1/shows/{id}", "all"),
    ("PATCH", "/api/v1/shows/{id}", "manager"),
    ("POST", "/api/v1/shows/{id}/cancel", "manager"),
    ("GET", "/api/v1/shows/{id}/layout/{hash}", "all"),
    ("GET", "/api/v1/shows/{id}/snapshot", "all"),
    ("GET", "/api/v1/shows/{id}/stats", "all"),
    ("GET", "/api/v1/shows/{id}/seats", "all"),
    ("GET", "/api/v1/shows/{id}/seats/{*label}", "all"),
    ("POST", "/api/v1/shows/{id}/blocks", "staff"),
    ("DELETE", "/api/v1/shows/{id}/blocks", "staff"),
    ("POST", "/api/v1/shows/{id}/holds", "buy"),
    ("GET", "/api/v1/holds", "buy"),
    ("GET", "/api/v1/holds/{id}", "buy"),
    ("PATCH", "/api/v1/holds/{id}", "buy"),
    ("DELETE", "/api/v1/holds/{id}", "buy"),
    ("POST", "/api/v1/holds/{id}/book", "buy"),
    ("GET", "/api/v1/bookings", "buy"),
    ("GET", "/api/v1/bookings/{id}", "buy"),
    ("POST", "/api/v1/bookings/{id}/cancel", "buy"),
    ("GET", "/api/v1/tickets/{code}.svg", "buy"),
    ("GET", "/api/v1/tickets/{code}", "buy"),
    ("POST", "/api/v1/batch", "buy"),
    ("GET", "/api/v1/activity", "all"),
    ("GET", "/api/v1/events", "all"),
    ("GET", "/api/v1/reports/revenue", "staff"),
    ("GET", "/api/v1/reports/occupancy", "staff"),
    ("GET", "/api/v1/reports/popular", "staff"),
    ("GET", "/healthz", "all"),
    ("GET", "/readyz", "all"),
    ("GET", "/version", "all"),
    ("GET", "/metrics", "measure"),
    ("GET", "/openapi.json", "all"),
    ("GET", "/docs", "all"),
    ("GET", "/docs/docs.css", "all"),
    ("GET", "/assets/{*path}", "all"),
];

/// Who asks, what they send, and which rights they have.
struct Asker {
    name: &'static str,
    cookie: Option<String>,
    secret: Option<String>,
    rights: &'static [&'static str],
    /// What they are told where they have none.
    refused: u16,
}

impl Asker {
    fn sends(&self, mut ask: Ask) -> Ask {
        if let Some(cookie) = &self.cookie {
            ask = ask.cookie(cookie);
        }
        match &self.secret {
            Some(secret) => ask.bearer(secret),
            None => ask,
        }
    }
}

fn askers(house: &House) -> Vec<Asker> {
    let person = |name, role, rights| Asker {
        name,
        cookie: Some(house.user(name, role)),
        secret: None,
        rights,
        refused: 403,
    };
    let key = |name, scopes: &[Scope], rights| {
        let secret = house.engine.add_api_key(name, scopes).expect("a key").secret.reveal();
        Asker { name, cookie: None, secret: Some(secret), rights, refused: 403 }
    };
    let expired = house.user("old", Role::Manager);
    house.clock.advance(Duration::from_secs(31 * 60));
    vec![
        Asker { name: "nobody", cookie: None, secret: None, rights: &["all"], refused: 401 },
        Asker {
            name: "expired",
            cookie: Some(expired),
            secret: None,
            rights: &["all"],
            refused: 401,
        },
        person("customer", Role::Customer, &["all", "buy", "self"]),
        person("staff", Role::Staff, &["all", "buy", "self", "staff"]),
        person("manager", Role::Manager, &["all", "buy", "self", "staff", "manager", "measure"]),
        key("reader", &[Scope::Read], &["all", "measure"]),
        key("seller", &[Scope::Sell], &["all", "buy", "measure"]),
        key("runner", &[Scope::Manage], &["all", "buy", "staff", "manager", "measure"]),
    ]
}

#[test]
fn everybody_gets_where_they_may_and_nowhere_else() {
    let house = House::open();
    let askers = askers(&house);
    let mut wrong = Vec::new();
    for route in house.app.router.table() {
        let (method, pattern) = (route.method.as_str(), route.pattern);
        // The classic API has its own words and tests; pages are the same file for everybody.
        let page = !pattern.starts_with("/api/") && !RIGHTS.iter().any(|row| row.1 == pattern);
        if page || pattern.starts_with("/api/seats") {
            continue;
        }
        let Some((_, _, right)) = RIGHTS.iter().find(|row| (row.0, row.1) == (method, pattern))
        else {
            wrong.push(format!("{method} {pattern} has no line here"));
            continue;
        };
        for asker in &askers {
            if pattern.ends_with("/session") && method == "DELETE" || pattern.ends_with("/sessions")
            {
                // Would sign the asker out of the rows that follow.
                continue;
            }
            let path = filled(pattern);
            let mut ask = asker.sends(house.ask(method, &path));
            if *right == "measure" {
                ask = ask.header("x-forwarded-for", "192.0.2.1");
            }
            let status = ask.send().status;
            let may = asker.rights.contains(right);
            let fits = if may { ![401, 403].contains(&status) } else { status == asker.refused };
            if !fits {
                wrong.push(format!("{} {method} {path}: {status}", asker.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let known = house.app.router.table();
    for (method, pattern, _) in RIGHTS {
        let found = known.iter().any(|r| r.method.as_str() == *method && r.pattern == *pattern);
        assert!(found, "{method} {pattern} is gone");
    }
}

/// A path of this pattern that names nothing there is.
fn filled(pattern: &str) -> String {
    let mut path = String::new();
    let mut rest = pattern;
    while let Some((before, behind)) = rest.split_once('{') {
        path.push_str(before);
        let (_, after) = behind.split_once('}').expect("a name ends");
        path.push_str("999999");
        rest = after;
    }
    path + rest
}

#[test]
fn figures_are_for_this_machine_keys_and_managers() {
    let house = House::open();
    house.get("/metrics").is(200);
    let proxied = house.ask("GET", "/metrics").header("x-forwarded-for", "192.0.2.1").send();
    proxied.is(401);
}

#[test]
fn figures_tell_which_code_refused() {
    let house = House::open();
    house.get("/api/v1/shows/999999").is(404);
    house.get("/api/v1/shows/999999").is(404);
    let nobody = house.ask("POST", "/api/v1/shows/1/holds").json(&serde_json::json!({})).send();
    assert_eq!(nobody.is(401).json()["detail"], "sign in first");
    let figures = String::from_utf8(house.get("/metrics").is(200).body).expect("text");
    for line in ["{code=\"not_found\"} 2", "{code=\"not_signed_in\"} 1"] {
        assert!(figures.contains(&format!("seatcore_refusals_total{line}\n")), "{figures}");
    }
}

#[test]
fn faults_are_counted_from_nought_so_that_the_first_is_an_increase() {
    let house = House::open();
    let figures = String::from_utf8(house.get("/metrics").is(200).body).expect("text");
    for code in ["busy", "corrupt", "outcome_unknown", "storage"] {
        let line = format!("seatcore_refusals_total{{code=\"{code}\"}} 0\n");
        assert!(figures.contains(&line), "{line} is not in: {figures}");
    }
}

#[test]
fn a_server_that_refuses_the_clock_is_not_ready() {
    let house = House::open();
    house.get("/readyz").is(200);
    house.clock.step_to(house.engine.now().plus(std::time::Duration::from_secs(2 * 86_400)));
    assert_eq!(house.get("/readyz").is(503).code(), "storage");
    house.engine.accept_clock().wait().expect("staff have looked at it");
    house.get("/readyz").is(200);
}
