//! The demonstration as a stranger starts it: a process, an address, Ctrl-C.

use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

/// A demonstration that does not outlive its test: the next one would find its address taken.
struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// The first line that has this part, without what is around it.
fn line_with(lines: &mut impl BufRead, part: &str) -> String {
    let mut line = String::new();
    while lines.read_line(&mut line).expect("text") > 0 {
        if line.contains(part) {
            return line.trim().to_owned();
        }
        line.clear();
    }
    panic!("it never said {part:?}");
}

fn get(url: &str, path: &str) -> String {
    let address = url.strip_prefix("http://").expect("an address");
    let mut stream = TcpStream::connect(address).expect("somebody listens");
    let head = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

#[test]
fn it_serves_until_it_is_told_to_stop() {
    let folder = tempfile::tempdir().expect("a folder");
    let demo = Command::new(env!("CARGO_BIN_EXE_seatcore"))
        .args(["demo", "--buyers", "5"])
        .env("TMPDIR", folder.path())
        .env_remove("SEATCORE_DB")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut demo = Demo(demo);
    let mut notes = BufReader::new(demo.0.stderr.take().expect("its notes"));
    let url = line_with(&mut notes, "http://127.0.0.1:");
    let buyer = line_with(&mut notes, "sign in to buy");
    assert!(buyer.contains("demo_user_123") && buyer.ends_with("demo123"), "{buyer}");
    line_with(&mut notes, "demo_manager");
    let shows = get(&url, "/api/v1/shows");
    assert!(shows.starts_with("HTTP/1.1 200 OK") && shows.contains("on_sale"), "{shows}");
    let page = get(&url, "/");
    assert!(page.starts_with("HTTP/1.1 200 OK") && page.contains("<main id=\"main\""), "{page}");
    let pid = Pid::from_child(&demo.0);
    kill_process(pid, Signal::INT).expect("it runs");
    let mut told = String::new();
    demo.0.stdout.take().expect("its words").read_to_string(&mut told).expect("text");
    assert!(demo.0.wait().expect("it ends").success(), "{told}");
    assert!(told.contains("no contradictions"), "{told}");
}
