//! Answers that come before the request's body was read: the connection goes on, or says that it
//! does not.

use crate::client::{House, Reply};
use std::io::{Read, Write};
use std::net::TcpStream;

const NEXT: &str = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

fn head(path: &str, length: usize, more: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n{more}\r\n"
    )
}

/// Whether nothing more comes.
fn ended(stream: &mut TcpStream) -> bool {
    let mut some = [0; 64];
    match stream.read(&mut some) {
        Ok(count) => count == 0,
        Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
    }
}

#[test]
fn a_body_that_nobody_wanted_is_read_off_and_the_next_request_is_answered() {
    let house = House::open();
    for (path, length, status) in [
        ("/api/v1/shows/1/holds", 2, 401),
        ("/api/v1/shows/1/holds", 30_000, 401),
        ("/nope", 60_000, 404),
        ("/healthz", 70_000, 405),
        ("/api/v1/session", 70_000, 413),
        ("/api/v1/session", 250_000, 413),
    ] {
        for at_once in [true, false] {
            let mut stream = house.connect();
            let mut request = head(path, length, "") + &" ".repeat(length);
            if at_once {
                request.push_str(NEXT);
            }
            stream.write_all(request.as_bytes()).expect("the server reads it");
            let mut reply = Reply::read(&mut stream, false).expect("an answer").is(status);
            assert_eq!(reply.header("connection"), None, "{path} {length}");
            let said = reply.header("content-length").and_then(|text| text.parse().ok());
            let behind = std::io::Cursor::new(reply.body.split_off(said.expect("a length")));
            if !at_once {
                stream.write_all(NEXT.as_bytes()).expect("the connection goes on");
            }
            let next = Reply::read(&mut behind.chain(stream), false);
            next.unwrap_or_else(|| panic!("{path} {length} {at_once}")).is(200);
        }
    }
}

#[test]
fn a_connection_that_cannot_go_on_says_so() {
    let house = House::open();
    let holds = "/api/v1/shows/1/holds";
    for (what, request, status) in [
        ("too much to read off", head("/api/v1/session", 1_000_000, ""), 413),
        ("too much for a guest", head(holds, 300_000, "") + "{", 401),
        ("nothing comes", head(holds, 300, "") + "{", 401),
        ("it waits to be told", head(holds, 300, "Expect: 100-continue\r\n"), 401),
    ] {
        let mut stream = house.connect();
        stream.write_all(request.as_bytes()).expect("written");
        let reply = Reply::read(&mut stream, false).expect(what).is(status);
        assert_eq!(reply.header("connection"), Some("close"), "{what}");
        assert!(ended(&mut stream), "{what}");
    }
}
