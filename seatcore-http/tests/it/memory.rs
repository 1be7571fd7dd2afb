//! Memory: what clients send does not pile up in the server, and what they do leaves it as it was.

use crate::client::{PASSWORD, PATIENCE};
use crate::process::{Process, file};
use seatcore::clock::Stopwatch;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Clients at once.
const CROWD: usize = 64;
/// What a crowd may cost at its worst, in KiB: each of them a connection, the largest head, the
/// largest body of somebody unknown, and all of that once more while it is read.
const CROWD_MAX: u64 = 48 * 1024;
/// What a third of a minute of business may add, in KiB: holds that are remembered, pages of the
/// file.
const BUSINESS_MAX: u64 = 24 * 1024;
const BUSINESS: Duration = Duration::from_secs(30);

fn signed_in(server: &Process) -> String {
    let credentials = json!({"name": "ann", "password": PASSWORD});
    server.ask("POST", "/api/v1/session", &[], &credentials).is(200).cookie()
}

/// A head, and as much of a body as the server takes.
fn pour(server: &Process, head: &str, body: &[u8]) {
    let Ok(mut stream) = TcpStream::connect(server.address) else { return };
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stream.set_write_timeout(Some(PATIENCE)).expect("a timeout");
    // It closes when it has seen enough.
    drop(stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)));
    drop(stream.read(&mut [0; 512]));
}

fn post(path: &str, lines: &str, length: usize) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n{lines}\r\n"
    )
}

#[test]
fn what_clients_send_is_not_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::quiet(&file(folder.path()).0);
    let cookie = format!("Cookie: {}\r\n", signed_in(&server));
    let large = vec![b'['; 1024 * 1024];
    let lines: String = (0..5_000).map(|n| format!("X-{n}: 1\r\n")).collect();
    let long = format!("X: {}\r\n", "a".repeat(1024 * 1024));
    let cases: Vec<(&str, String, &[u8])> = vec![
        ("a gigabyte is announced", post("/api/v1/session", "", 1 << 30), &large),
        ("a body that may be", post("/api/v1/session", "", 64 * 1024), &large[..64 * 1024]),
        ("a batch of one's own", post("/api/v1/batch", &cookie, 256 * 1024), &large[..256 * 1024]),
        ("a plan of somebody unknown", post("/api/v1/screens", "", 16 << 20), &large),
        ("encoded", post("/api/v1/session", "Content-Encoding: gzip\r\n", 1 << 20), &large),
        ("many lines", format!("GET / HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n"), b""),
        ("a long line", format!("GET / HTTP/1.1\r\nHost: localhost\r\n{long}\r\n"), b""),
    ];
    let before = server.memory("VmHWM");
    for (name, head, body) in &cases {
        for _ in 0..3 {
            std::thread::scope(|scope| {
                (0..CROWD).for_each(|_| drop(scope.spawn(|| pour(&server, head, body))));
            });
        }
        let grown = server.memory("VmHWM") - before;
        assert!(grown < CROWD_MAX, "{name}: {grown} KiB more than before");
    }
    server.ask("GET", "/healthz", &[], &Value::Null).is(200);
}

/// Holds, gives back, looks and listens until told to stop.
fn trade(server: &Process, cookie: &str, seat: usize, stop: &AtomicBool) {
    let lines = [("cookie", cookie)];
    let wish = json!({"seats": [format!("{}{}", ["A", "B", "C", "D"][seat / 10], seat % 10 + 1)]});
    while !stop.load(Ordering::Relaxed) {
        let held = server.ask("POST", "/api/v1/shows/1/holds", &lines, &wish).is(201).json();
        let place = format!("/api/v1/holds/{}", held["id"].as_str().expect("an id"));
        let mut events = TcpStream::connect(server.address).expect("it listens");
        let ask = b"GET /api/v1/events?shows=1 HTTP/1.1\r\nHost: localhost\r\n\r\n";
        events.write_all(ask).expect("written");
        server.ask("GET", "/api/v1/shows/1/snapshot", &[], &Value::Null).is(200);
        server.ask("GET", "/nope", &[], &Value::Null).is(404);
        server.ask("DELETE", &place, &lines, &Value::Null).is(200);
    }
}

#[test]
fn half_a_minute_of_business_leaves_memory_as_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::quiet(&file(folder.path()).0);
    let cookie = signed_in(&server);
    let stop = AtomicBool::new(false);
    let [early, late] = std::thread::scope(|scope| {
        for seat in 0..4 {
            let (server, cookie, stop) = (&server, &cookie, &stop);
            scope.spawn(move || trade(server, cookie, seat * 10, stop));
        }
        let watch = Stopwatch::start();
        let measured = [BUSINESS / 3, BUSINESS].map(|at| {
            std::thread::sleep(at.saturating_sub(watch.elapsed()));
            server.memory("VmRSS")
        });
        stop.store(true, Ordering::Relaxed);
        measured
    });
    assert!(late < early + BUSINESS_MAX, "{early} KiB after ten seconds, {late} at the end");
}
