//! What no honest client sends: each case is written to a socket of its own, and the server must
//! refuse it, or answer exactly once, and be well afterwards.

use crate::client::{House, PATIENCE};
use std::io::{Read, Write};
use std::net::Shutdown;
use std::time::Duration;

/// What must come back.
enum Wants {
    /// One answer with a status from here to there.
    One(u16, u16),
    /// One answer with such a status, and the connection closed behind it.
    Last(u16, u16),
    /// Nothing, and the connection closed.
    Silence,
    /// This many answers, all of them 200.
    Answers(usize),
}
use Wants::{Answers, Last, One, Silence};

const H: &str = "Host: localhost\r\n";

/// Everything that comes back, to the end or until nothing more comes for a while.
fn exchange(house: &House, bytes: &[u8]) -> (Vec<u8>, bool) {
    let mut stream = house.connect();
    drop(stream.write_all(bytes));
    let quiet = Duration::from_millis(150);
    let mut back = Vec::new();
    let mut some = [0; 8_192];
    // The first answer may take its time on a busy machine; what follows comes at once.
    loop {
        let patience = if back.is_empty() { PATIENCE } else { quiet };
        stream.set_read_timeout(Some(patience)).expect("a timeout");
        match stream.read(&mut some) {
            Ok(0) => return (back, true),
            Ok(count) => back.extend_from_slice(&some[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {
                return (back, true);
            }
            Err(_) => return (back, false),
        }
    }
}

fn statuses(back: &[u8]) -> Vec<u16> {
    let text = String::from_utf8_lossy(back);
    let lines = text.split("HTTP/1.").skip(1).filter_map(|rest| rest.get(2..5)?.parse().ok());
    lines.collect()
}

fn check(house: &House, name: &str, bytes: &[u8], wants: &Wants) -> Result<(), String> {
    let (back, closed) = exchange(house, bytes);
    let statuses = statuses(&back);
    let refused = |from: u16, to: u16| {
        statuses.len() == 1 && statuses.iter().all(|status| (from..=to).contains(status))
    };
    let fits = match wants {
        One(from, to) => refused(*from, *to),
        Last(from, to) => refused(*from, *to) && closed,
        Silence => closed && statuses.is_empty(),
        Answers(count) => statuses.len() == *count && statuses.iter().all(|s| *s == 200),
    };
    if fits { Ok(()) } else { Err(format!("{name}: {statuses:?}, closed {closed}")) }
}

fn run(house: &House, cases: Vec<(&str, Vec<u8>, Wants)>) {
    let failed: Vec<_> = cases
        .iter()
        .filter_map(|(name, bytes, wants)| check(house, name, bytes, wants).err())
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    house.get("/healthz").is(200);
}

fn text(parts: &[&str]) -> Vec<u8> {
    parts.concat().into_bytes()
}

#[test]
fn heads_that_are_no_http_are_refused() {
    let house = House::open();
    let get = |line: &str| text(&[line, "\r\n", H, "\r\n"]);
    run(
        &house,
        vec![
            ("nothing but noise", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc".to_vec(), Last(400, 400)),
            ("only a line end and noise", b"\r\n\x00\x00".to_vec(), Last(400, 400)),
            ("no version", get("GET /healthz"), Last(400, 400)),
            ("version 0.9", get("GET /healthz HTTP/0.9"), Last(400, 505)),
            ("version 2 in clear", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), Silence),
            ("version 3", get("GET /healthz HTTP/3.0"), Last(400, 505)),
            ("two spaces", get("GET  /healthz HTTP/1.1"), Last(400, 400)),
            ("a tab for a space", get("GET\t/healthz HTTP/1.1"), Last(400, 400)),
            ("a space in the path", get("GET /a b HTTP/1.1"), Last(400, 400)),
            ("NUL in the path", get("GET /a\0b HTTP/1.1"), Last(400, 400)),
            ("bytes beyond ASCII in the path", get("GET /é HTTP/1.1"), One(400, 404)),
            ("a method in lower case", get("get /healthz HTTP/1.1"), One(405, 405)),
            ("TRACE", get("TRACE /healthz HTTP/1.1"), One(405, 405)),
            ("CONNECT", get("CONNECT localhost:80 HTTP/1.1"), One(400, 405)),
            ("an unknown method", get("BREW /healthz HTTP/1.1"), One(405, 405)),
            ("an unknown method somewhere", get("BREW /pot HTTP/1.1"), One(404, 404)),
            ("a method with odd letters", get("GE\"T / HTTP/1.1"), Last(400, 400)),
            ("asterisk form", get("OPTIONS * HTTP/1.1"), One(404, 404)),
            ("no slash", get("GET healthz HTTP/1.1"), One(400, 404)),
            (
                "a very long method",
                get(&format!("{} / HTTP/1.1", "A".repeat(5_000))),
                One(400, 431),
            ),
            (
                "a very long path",
                get(&format!("GET /{} HTTP/1.1", "a".repeat(9_000))),
                One(404, 414),
            ),
            ("dots in the path", get("GET /../../etc/passwd HTTP/1.1"), One(404, 404)),
            ("encoded dots", get("GET /assets/%2e%2e%2fCargo.toml HTTP/1.1"), One(404, 404)),
            ("broken encoding", get("GET /api/v1/shows/%zz HTTP/1.1"), One(404, 404)),
            ("a fragment", get("GET /healthz#x HTTP/1.1"), One(200, 400)),
        ],
    );
}

#[test]
fn header_lines_that_are_no_header_lines_are_refused() {
    let house = House::open();
    let with = |lines: &str| text(&["GET /healthz HTTP/1.1\r\n", lines, "\r\n"]);
    let many: String = (0..300).map(|n| format!("X-{n}: 1\r\n")).collect();
    run(
        &house,
        vec![
            (
                "a bare line feed",
                b"GET /healthz HTTP/1.1\nHost: localhost\n\n".to_vec(),
                Last(400, 400),
            ),
            (
                "one bare line feed",
                text(&["GET /healthz HTTP/1.1\r\n", H, "X: a\nY: b\r\n\r\n"]),
                Last(400, 400),
            ),
            ("a bare carriage return", with(&format!("{H}X: a\rY: b\r\n")), Last(400, 400)),
            ("NUL in a value", with(&format!("{H}X: a\0b\r\n")), Last(400, 400)),
            ("a folded line", with(&format!("{H}X: a\r\n b\r\n")), Last(400, 400)),
            ("a space before the colon", with("Host : localhost\r\n"), Last(400, 400)),
            ("no colon", with(&format!("{H}nonsense\r\n")), Last(400, 400)),
            ("no name", with(&format!("{H}: x\r\n")), Last(400, 400)),
            ("a name with a space", with(&format!("{H}X Y: a\r\n")), Last(400, 400)),
            ("a first line that is folded", with(" Host: localhost\r\n"), Last(400, 400)),
            ("no Host", with(""), One(400, 400)),
            ("two Hosts", with("Host: localhost\r\nHost: localhost\r\n"), One(400, 400)),
            ("an empty Host", with("Host:\r\n"), One(400, 400)),
            ("a foreign Host, for a probe", with("Host: evil.example\r\n"), Answers(1)),
            (
                "a foreign Host elsewhere",
                b"GET /version HTTP/1.1\r\nHost: evil.example\r\n\r\n".to_vec(),
                One(421, 421),
            ),
            (
                "a Host with a user",
                b"GET /version HTTP/1.1\r\nHost: a@localhost\r\n\r\n".to_vec(),
                One(421, 421),
            ),
            (
                "a foreign absolute path",
                text(&["GET http://evil.example/version HTTP/1.1\r\n", H, "\r\n"]),
                One(400, 400),
            ),
            (
                "an absolute path",
                text(&["GET http://localhost/version HTTP/1.1\r\n", H, "\r\n"]),
                Answers(1),
            ),
            ("HTTP/1.0 without Host", b"GET /version HTTP/1.0\r\n\r\n".to_vec(), Last(200, 200)),
            ("too many lines", with(&format!("{H}{many}")), Last(400, 431)),
            ("too many bytes", with(&format!("{H}X: {}\r\n", "a".repeat(40_000))), Last(400, 431)),
            ("a name of 20 kB", with(&format!("{H}{}: 1\r\n", "A".repeat(20_000))), Last(400, 431)),
            (
                "two keys",
                with(&format!("{H}Idempotency-Key: a\r\nIdempotency-Key: b\r\n")),
                One(200, 200),
            ),
            (
                "an upgrade",
                with(&format!("{H}Connection: upgrade\r\nUpgrade: h2c\r\n")),
                One(200, 200),
            ),
        ],
    );
}

/// A sign-in with these lines in its head, and what follows it.
fn post(lines: &str, body: &str) -> Vec<u8> {
    let head = "POST /api/v1/session HTTP/1.1\r\nContent-Type: application/json\r\n";
    text(&[head, H, lines, "\r\n", body])
}

const HIDDEN: &str = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

#[test]
fn lengths_that_are_no_lengths_are_refused() {
    let house = House::open();
    let long = |length: &str| post(&format!("Content-Length:{length}\r\n"), "{}");
    let two = post("Content-Length: 2\r\nContent-Length: 44\r\n", &format!("{{}}{HIDDEN}"));
    let get = ["GET /healthz HTTP/1.1\r\n", H, "Content-Length: 2\r\n\r\n{}"];
    let inside = post(&format!("Content-Length: {}\r\n", HIDDEN.len()), HIDDEN);
    run(
        &house,
        vec![
            ("two lengths", two, Last(400, 400)),
            ("a list of lengths", long(" 2, 2"), Last(400, 400)),
            ("a signed length", long(" +2"), Last(400, 400)),
            ("a negative length", long(" -2"), Last(400, 400)),
            ("a length in hex", long(" 0x2"), Last(400, 400)),
            ("a length with a space", long(" 2 2"), Last(400, 400)),
            ("an empty length", long(""), Last(400, 400)),
            ("a length beyond counting", long(" 99999999999999999999"), Last(400, 413)),
            ("no length", post("", ""), One(400, 400)),
            ("too large by its word", post("Content-Length: 70000\r\n", ""), One(413, 413)),
            ("a body on GET", text(&get), One(400, 400)),
            ("two requests in one go", text(&[HIDDEN, HIDDEN]), Answers(2)),
            ("a body that looks like a request", inside, One(400, 400)),
        ],
    );
}

#[test]
fn coded_bodies_are_refused_and_nothing_hides_behind_them() {
    let house = House::open();
    let coded = |lines: &str| post(lines, &format!("0\r\n\r\n{HIDDEN}"));
    let old = b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".to_vec();
    let (length, coding) = ("Content-Length: 4\r\n", "Transfer-Encoding: chunked\r\n");
    run(
        &house,
        vec![
            ("length and coding", coded(&format!("{length}{coding}")), Last(400, 411)),
            ("coding and length", coded(&format!("{coding}{length}")), Last(400, 411)),
            ("chunks", post(coding, "2\r\n{}\r\n0\r\n\r\n"), Last(411, 411)),
            ("chunks, and another request", coded(coding), Last(411, 411)),
            ("xchunked", coded("Transfer-Encoding: xchunked\r\n"), Last(400, 411)),
            ("identity last", coded("Transfer-Encoding: chunked, identity\r\n"), Last(400, 411)),
            ("a tab before the coding", coded("Transfer-Encoding:\tchunked\r\n"), Last(411, 411)),
            ("a space before the colon", coded("Transfer-Encoding : chunked\r\n"), Last(400, 400)),
            ("another case", coded("tRANSFER-eNCODING: CHUNKED\r\n"), Last(411, 411)),
            (
                "two codings",
                coded(&format!("{coding}Transfer-Encoding: identity\r\n")),
                Last(400, 411),
            ),
            ("coding in HTTP/1.0", old, Last(400, 411)),
        ],
    );
}

#[test]
fn bodies_of_another_kind_are_refused() {
    let house = House::open();
    let kind = |lines: &str| {
        let head = "POST /api/v1/session HTTP/1.1\r\nContent-Length: 2\r\n";
        text(&[head, H, lines, "\r\n{}"])
    };
    let json = "Content-Type: application/json\r\n";
    let plain = "Content-Type: text/plain\r\n";
    run(
        &house,
        vec![
            ("none", kind(""), One(415, 415)),
            ("text", kind(plain), One(415, 415)),
            ("a form", kind("Content-Type: application/x-www-form-urlencoded\r\n"), One(415, 415)),
            ("two kinds", kind(&format!("{json}{plain}")), One(415, 415)),
            ("gzip", kind(&format!("{json}Content-Encoding: gzip\r\n")), One(415, 415)),
            (
                "with a charset",
                kind("Content-Type: Application/JSON; charset=utf-8\r\n"),
                One(400, 400),
            ),
        ],
    );
}

#[test]
fn json_that_means_two_things_is_refused() {
    let house = House::open();
    let cookie = house.user("ann", seatcore::accounts::Role::Customer);
    let deep = "[".repeat(30_000);
    let many: String = (0..2_000).map(|n| format!("\"f{n}\":1,")).collect();
    for body in [
        "{\"seats\":[\"A1\"],\"seats\":[\"A2\"]}",
        "{\"seats\":[\"A1\"]",
        "[]",
        "null",
        "\"x\"",
        "{'a':1}",
        "{\"seats\":[\"A1\"]} {}",
        "{\"seats\":[\"A1\",]}",
        "{\"seats\":NaN}",
        "\u{feff}{}",
        &deep,
        &format!("{{{many}\"z\":1}}"),
        "{\"seats\":[\"A1\"],\"ttl_s\":1e400}",
        "{\"seats\":[\"\\ud800\"]}",
        "{\"seats\":[\"A1\"],\"holder\":\"bob\"}",
        "{\"seats\":[\"A1\"],\"expires_at\":\"2099-01-01T00:00:00Z\"}",
    ] {
        let ask = house.ask("POST", "/api/v1/shows/1/holds").cookie(&cookie);
        let reply = ask.body("application/json", body.as_bytes()).send();
        assert_eq!((reply.status, &*reply.code()), (400, "invalid"), "{:.60}", body);
    }
    for (body, status) in [
        ("{\"seats\":[]}", 422),
        ("{\"seats\":[\"A1\",\"a1\"]}", 422),
        ("{\"seats\":[\"Z9\"]}", 422),
        ("{\"seats\":[\"A1\"],\"ttl_s\":0}", 422),
        ("{\"seats\":[\"A1\"],\"ttl_s\":1801}", 422),
        ("{\"best\":{\"count\":0}}", 422),
        ("{\"best\":{\"count\":51}}", 409),
    ] {
        let ask = house.ask("POST", "/api/v1/shows/1/holds").cookie(&cookie);
        let reply = ask.body("application/json", body.as_bytes()).send();
        assert_eq!(reply.status, status, "{body} {}", String::from_utf8_lossy(&reply.body));
    }
    assert_eq!(
        house.engine.stats(seatcore::ShowId::new(1).expect("a show")).expect("counts").held,
        0
    );
}

#[test]
fn a_client_that_goes_away_in_the_middle_harms_nobody() {
    let house = House::open();
    for part in [
        "G",
        "GET /healthz HT",
        "GET /healthz HTTP/1.1\r\nHo",
        "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{\"na",
    ] {
        for how in [Shutdown::Write, Shutdown::Both] {
            let mut stream = house.connect();
            stream.write_all(part.as_bytes()).expect("written");
            stream.shutdown(how).expect("closed");
        }
    }
    house.get("/healthz").is(200);
}
