//! Limits: slow clients, too many clients, stopping, panics, secrets in the log.

use crate::client::{House, PASSWORD, PATIENCE, Reply};
use seatcore::accounts::Role;
use seatcore::clock::Stopwatch;
use seatcore_http::{Limits, Options, Server, StartError};
use serde_json::json;
use std::io::{Read, Write};
use std::time::Duration;

fn limited(change: impl FnOnce(&mut Limits)) -> House {
    let mut options = Options::default();
    change(&mut options.limits);
    House::with(options)
}

/// Whether the server ends this connection, and what it said before.
fn ends(stream: &mut std::net::TcpStream) -> (bool, Vec<u8>) {
    let mut back = Vec::new();
    let mut some = [0; 4_096];
    loop {
        match stream.read(&mut some) {
            Ok(0) => return (true, back),
            Ok(count) => back.extend_from_slice(&some[..count]),
            Err(error) => return (error.kind() == std::io::ErrorKind::ConnectionReset, back),
        }
    }
}

#[test]
fn silence_and_half_a_head_are_not_waited_for() {
    let house = limited(|limits| limits.headers_within = Duration::from_millis(300));
    let second = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /heal";
    for start in ["", "GET /healthz HTTP/1.1\r\nHost: loc", second] {
        let mut stream = house.connect();
        stream.write_all(start.as_bytes()).expect("written");
        assert!(ends(&mut stream).0, "{start:?}");
    }
    let house = limited(|limits| limits.idle_within = Duration::from_millis(300));
    let mut kept = house.connect();
    kept.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("written");
    assert_eq!(Reply::read(&mut kept, false).expect("an answer").status, 200);
    assert!(ends(&mut kept).0, "an idle connection is not kept for ever");
}

#[test]
fn half_a_body_is_not_waited_for() {
    let house = limited(|limits| limits.body_within = Duration::from_millis(300));
    let mut stream = house.connect();
    let head = "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\n\
        Content-Type: application/json\r\nContent-Length: 50\r\n\r\n{\"name\":";
    stream.write_all(head.as_bytes()).expect("written");
    let reply = Reply::read(&mut stream, false).expect("an answer");
    assert_eq!((reply.status, &*reply.code()), (408, "timeout"));
    assert!(ends(&mut stream).0);
}

#[test]
fn who_takes_nothing_of_an_answer_is_let_go() {
    let house = limited(|limits| limits.taken_within = Duration::from_millis(400));
    crate::client::add_show(&house.engine, "A-ZZ:200");
    let mut stream = house.connect();
    let ask = b"GET /api/v1/shows/2/seats HTTP/1.1\r\nHost: localhost\r\n\r\n";
    stream.write_all(ask).expect("written");
    // The answer is larger than what two sockets buffer; nobody reads it.
    let watch = Stopwatch::start();
    while house.app.metrics.connections.get() > 0 && watch.elapsed() < PATIENCE {
        std::thread::yield_now();
    }
    assert_eq!(house.app.metrics.connections.get(), 0, "the connection was given up");
}

#[test]
fn too_many_connections_are_told_so() {
    let house = limited(|limits| limits.connections = 2);
    let mut inside: Vec<_> = (0..2).map(|_| house.connect()).collect();
    for stream in &mut inside {
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("written");
        assert_eq!(Reply::read(stream, false).expect("an answer").status, 200);
    }
    let refused = house.get("/healthz");
    assert_eq!((refused.status, &*refused.code()), (503, "busy"));
    assert_eq!(refused.header("retry-after"), Some("1"));
    drop(inside);
    let watch = Stopwatch::start();
    while house.get("/healthz").status != 200 {
        assert!(watch.elapsed() < PATIENCE, "a place that was left is free again");
    }
}

#[test]
fn a_server_that_stops_finishes_what_it_began_in_time() {
    let mut house = House::open();
    let mut idle = house.connect();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("written");
    assert_eq!(Reply::read(&mut idle, false).expect("an answer").status, 200);
    let mut half = house.connect();
    half.write_all(b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{").expect("written");
    let mut events = house.connect();
    events
        .write_all(b"GET /api/v1/events?shows=1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .expect("written");
    assert_eq!(Reply::read(&mut events, false).expect("an answer").status, 200);
    let watch = Stopwatch::start();
    house.stop();
    assert!(watch.elapsed() < Duration::from_secs(5), "{:?}", watch.elapsed());
    assert!(ends(&mut idle).0 && ends(&mut events).0 && ends(&mut half).0);
    assert!(std::net::TcpStream::connect(house.address).is_err());
}

#[test]
fn only_what_is_safe_is_served_to_other_machines() {
    let house = House::open();
    let bind = |options: Options| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let address = "0.0.0.0:0".parse().expect("an address");
        let bound = Server::bind(house.engine.clone(), options, address);
        runtime.expect("a runtime").block_on(bound).map(drop)
    };
    let https = || Options {
        base_url: Some("https://tickets.example".parse().expect("a URL")),
        ..Options::default()
    };
    assert!(matches!(bind(Options::default()), Err(StartError::PlainHttp(_))));
    assert!(bind(https()).is_ok());
    let policy = seatcore::accounts::PasswordPolicy::Classic;
    let demo = house.engine.add_user_under(policy, "demo_user_123", "demo123", Role::Customer);
    assert!(matches!(bind(https()), Err(StartError::DemoUser(_))));
    let address = "127.0.0.1:0".parse().expect("an address");
    let proxied = Server::bind(house.engine.clone(), https(), address);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let proxied = runtime.expect("a runtime").block_on(proxied).map(drop);
    assert!(matches!(proxied, Err(StartError::DemoUser(_))), "the world is behind the proxy");
    house.engine.set_password(demo.expect("a user").id, PASSWORD).expect("another password");
    assert!(bind(https()).is_ok());
}

#[test]
fn encrypted_sites_have_their_cookie_bound_to_the_host() {
    let base_url = Some("https://tickets.example".parse().expect("a URL"));
    let house = House::with(Options { base_url, ..Options::default() });
    house.user("ann", Role::Customer);
    let credentials = json!({"name": "ann", "password": PASSWORD});
    let signed = house.ask("POST", "/api/v1/session").json(&credentials).send().is(200);
    let line = signed.header("set-cookie").expect("a cookie");
    assert!(line.starts_with("__Host-seatcore=") && line.ends_with("; Secure"), "{line}");
    assert!(signed.header("strict-transport-security").is_some());
    let cookie = signed.cookie();
    house.ask("GET", "/api/v1/session").cookie(&cookie).send().is(200);
    let local = cookie.replace("__Host-seatcore", "seatcore_session");
    house.ask("GET", "/api/v1/session").cookie(&local).send().is(401);
}

#[test]
fn passwords_are_hashed_two_at_a_time_and_ten_at_once_all_get_in() {
    let house = House::open();
    let all: Vec<_> = std::thread::scope(|scope| {
        let one = |number: usize| {
            let body = json!({"name": format!("user{number}"), "password": PASSWORD});
            house.ask("POST", "/api/v1/users").json(&body).send().status
        };
        let threads: Vec<_> = (0..10).map(|number| scope.spawn(move || one(number))).collect();
        threads.into_iter().map(|thread| thread.join().expect("an answer")).collect()
    });
    assert_eq!(all, [201; 10]);
}
