//! What every answer carries, errors included.

use crate::client::{House, Reply};
use seatcore::accounts::Role;
use serde_json::json;

fn check(reply: &Reply, what: &str) {
    let fixed = [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ];
    for (name, value) in fixed {
        assert_eq!(reply.header(name), Some(value), "{what}: {name}");
    }
    let policy = reply.header("content-security-policy").expect("a policy");
    assert!(policy.contains("script-src 'self';") && !policy.contains("unsafe"), "{what}");
    for name in ["x-request-id", "server-time", "server-timing", "cache-control"] {
        assert!(reply.header(name).is_some(), "{what}: {name}");
    }
    assert_eq!(reply.header("server"), None, "{what}");
    if !reply.body.is_empty()
        && reply.header("content-type").is_some_and(|t| t.starts_with("text/"))
    {
        assert!(reply.header("content-type").is_some_and(|t| t.contains("charset")), "{what}");
    }
}

#[test]
fn every_row_and_every_error_carries_them() {
    let house = House::open();
    let boss = house.user("mia", Role::Manager);
    for route in house.app.router.table() {
        let path: String = route.pattern.replace("{id}", "1").replace(['{', '}', '*'], "x");
        let what = format!("{} {path}", route.method);
        check(&house.ask(route.method.as_str(), &path).send(), &what);
        if !path.ends_with("/session") && !path.ends_with("/sessions") {
            check(&house.ask(route.method.as_str(), &path).cookie(&boss).send(), &what);
        }
    }
    check(&house.get("/nope"), "404");
    check(&house.ask("DELETE", "/healthz").send(), "405");
    check(&house.ask("TRACE", "/").send(), "TRACE");
}

#[test]
fn a_request_keeps_its_name_into_the_problem() {
    let house = House::open();
    let named = house.ask("GET", "/nope").header("x-request-id", "order-17").send().is(404);
    assert_eq!(named.header("x-request-id"), Some("order-17"));
    assert_eq!(named.json()["request_id"], json!("order-17"));
    assert_eq!(named.header("content-type"), Some("application/problem+json"));
    assert_eq!(named.json()["instance"], json!("/nope"));
    let forged = house.ask("GET", "/nope").header("x-request-id", "a b\"c").send();
    assert_eq!(forged.header("x-request-id").map(str::len), Some(20));
}

#[test]
fn head_and_options_come_with_every_path() {
    let house = House::open();
    let got = house.get("/api/v1/shows").is(200);
    let head = house.ask("HEAD", "/api/v1/shows").send().is(200);
    assert_eq!(head.header("content-length"), got.header("content-length"));
    assert!(head.body.is_empty());
    let refused = house.ask("PUT", "/api/v1/shows").send().is(405);
    assert_eq!(refused.header("allow"), Some("GET, HEAD, POST, OPTIONS"));
    let asked = house.ask("OPTIONS", "/api/v1/shows").send().is(204);
    assert_eq!(asked.header("allow"), Some("GET, HEAD, POST, OPTIONS"));
    assert_eq!(asked.header("access-control-allow-methods"), None, "CORS is off");
    house.ask("OPTIONS", "/nope").send().is(404);
    for method in ["TRACE", "BREW"] {
        let refused = house.ask(method, "/healthz").send().is(405);
        assert_eq!(refused.header("allow"), Some("GET, HEAD, OPTIONS"), "{method}");
    }
}

#[test]
fn head_of_what_is_unchanged_tells_no_length() {
    let house = House::open();
    for path in ["/api/v1/shows/1/snapshot", "/"] {
        let got = house.get(path).is(200);
        let tag = got.header("etag").expect("a version");
        for method in ["GET", "HEAD"] {
            let reply = house.ask(method, path).header("if-none-match", tag).send().is(304);
            assert_eq!(reply.header("content-length"), None, "{method} {path}");
            assert_eq!(reply.header("etag"), Some(tag), "{method} {path}");
        }
    }
}

#[test]
fn every_401_names_a_way_in_that_opens_no_dialog() {
    let house = House::open();
    let wrong = json!({"name": "ann", "password": "wrong horse 9"});
    let holds = || house.ask("POST", "/api/v1/shows/1/holds");
    for reply in [
        holds().send(),
        holds().bearer("sck_nothing").send(),
        holds().cookie("seatcore_session=0").send(),
        house.ask("POST", "/api/v1/session").json(&wrong).send(),
        house.get("/api/v1/session"),
        house.get("/api/seats/my-bookings/"),
    ] {
        let way = reply.is(401);
        assert_eq!(way.header("www-authenticate"), Some("Bearer realm=\"seatcore\""));
    }
}

#[test]
fn what_is_public_and_large_is_sent_compressed() {
    let house = House::open();
    crate::client::add_show(&house.engine, "A-Z:40");
    for path in ["/api/v1/shows/2/snapshot", "/openapi.json", "/docs"] {
        let plain = house.get(path).is(200);
        let asked = house.ask("GET", path).header("accept-encoding", "br, gzip").send().is(200);
        assert_eq!(asked.header("content-encoding"), Some("gzip"), "{path}");
        assert!(asked.body.len() < plain.body.len() / 2, "{path}");
        for reply in [&plain, &asked] {
            assert!(reply.header("vary").is_some_and(|v| v.contains("accept-encoding")), "{path}");
        }
    }
    let cookie = house.user("ann", Role::Customer);
    let own = house.ask("GET", "/api/v1/shows/2/seats").cookie(&cookie);
    let own = own.header("accept-encoding", "gzip").send().is(200);
    assert_eq!(own.header("content-encoding"), None, "what is somebody's own is not");
}

#[test]
fn the_dashboard_is_served_with_names_that_may_be_kept() {
    let house = House::open();
    let page = house.get("/").is(200);
    let text = String::from_utf8(page.body.clone()).expect("text");
    assert!(page.header("content-type").is_some_and(|kind| kind.starts_with("text/html")));
    let path = text.split('"').find(|part| part.starts_with("/assets/")).expect("a file");
    let file = house.get(path).is(200);
    assert!(file.header("cache-control").is_some_and(|kept| kept.contains("immutable")));
    let tag = file.header("etag").expect("a version").to_owned();
    house.ask("GET", path).header("if-none-match", &tag).send().is(304);
    let name = path.rsplit('/').next().expect("a name");
    let loose = house.get(&format!("/assets/{name}")).is(200);
    assert!(loose.header("cache-control").is_some_and(|kept| kept.contains("no-cache")));
    assert_eq!(house.get("/show/4").is(200).body, page.body, "the dashboard tells its pages apart");
    for outside in ["/assets/../Cargo.toml", "/assets/%2e%2e/Cargo.toml", "/assets//etc/passwd"] {
        house.get(outside).is(404);
    }
}
