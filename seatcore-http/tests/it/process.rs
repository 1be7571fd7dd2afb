//! The real program: what survives its end, and what its log does not say.

use crate::client::{PASSWORD, PATIENCE, Reply};
use seatcore::accounts::{Role, Scope};
use seatcore::clock::Stopwatch;
use seatcore::{Engine, ShowId};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The program beside this test: built with the workspace, before its tests run.
fn program() -> PathBuf {
    let test = std::env::current_exe().expect("this test");
    let folder = test.parent().and_then(Path::parent).expect("the build's folder");
    let program = folder.join("seatcore");
    assert!(program.exists(), "build {} first: cargo build -p seatcore-cli", program.display());
    program
}

pub struct Process {
    child: Child,
    pub address: SocketAddr,
    log: Option<BufReader<std::process::ChildStderr>>,
}

impl Process {
    fn start(db: &Path) -> Self {
        Self::logging(db, "debug")
    }

    /// One whose log says so little that nobody needs to read it.
    pub fn quiet(db: &Path) -> Self {
        Self::logging(db, "error")
    }

    fn logging(db: &Path, level: &str) -> Self {
        let mut command = Command::new(program());
        command.args(["serve", "--bind", "127.0.0.1:0", "--log-level", level, "--db"]).arg(db);
        command.env_remove("SEATCORE_BIND").stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let mut log = BufReader::new(child.stderr.take().expect("its log"));
        let mut line = String::new();
        let address = loop {
            line.clear();
            assert!(log.read_line(&mut line).expect("a log") > 0, "it ended instead of listening");
            if let Some((_, rest)) = line.split_once("listening on http://") {
                break rest.trim().parse().expect("an address");
            }
        };
        Self { child, address, log: Some(log) }
    }

    /// Ends it with a signal; answers how long that took and what the log had said.
    fn end(mut self, signal: &str) -> (Duration, String) {
        let watch = Stopwatch::start();
        let pid = self.child.id().to_string();
        let killed = Command::new("kill").args([signal, &pid]).status().expect("kill");
        assert!(killed.success());
        let mut text = String::new();
        let mut log = self.log.take().expect("its log");
        log.read_to_string(&mut text).expect("text");
        self.child.wait().expect("it ends");
        (watch.elapsed(), text)
    }

    /// A line of what the system says about its memory, such as `VmRSS`, in KiB.
    pub fn memory(&self, line: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("it runs");
        let found = status.lines().find_map(|each| each.strip_prefix(line));
        let number = found.and_then(|rest| rest.split_whitespace().nth(1)?.parse().ok());
        number.expect("a number of KiB")
    }

    pub fn ask(&self, method: &str, path: &str, lines: &[(&str, &str)], body: &Value) -> Reply {
        let mut stream = TcpStream::connect(self.address).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut text = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n");
        for (name, value) in lines {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() {
            text.push_str("content-type: application/json\r\n");
        }
        text.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
        stream.write_all(text.as_bytes()).expect("written");
        Reply::read(&mut stream, false).expect("an answer")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A file with show 1 and ann, and the secret of a key that sells.
pub fn file(folder: &Path) -> (PathBuf, String) {
    let path = folder.join("box-office.db");
    let engine = Engine::open(&path).expect("a file");
    assert_eq!(crate::client::add_show(&engine, "A-E:10"), ShowId::new(1).expect("a number"));
    engine.add_user("ann", PASSWORD, Role::Customer).expect("a user");
    let key = engine.add_api_key("kiosk", &[Scope::Sell]).expect("a key").secret.reveal();
    engine.close();
    (path, key)
}

#[test]
fn a_session_a_hold_and_its_deadline_outlive_the_process() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, _) = file(folder.path());
    for signal in ["-TERM", "-KILL"] {
        let server = Process::start(&path);
        let credentials = json!({"name": "ann", "password": PASSWORD});
        let signed = server.ask("POST", "/api/v1/session", &[], &credentials).is(200);
        let cookie = signed.cookie();
        let seat = if signal == "-TERM" { "A1" } else { "B1" };
        let lines = [("cookie", &*cookie), ("idempotency-key", signal)];
        let wish = json!({"seats": [seat]});
        let held = server.ask("POST", "/api/v1/shows/1/holds", &lines, &wish).is(201).json();
        let mut open = TcpStream::connect(server.address).expect("it listens");
        let events = b"GET /api/v1/events?shows=1 HTTP/1.1\r\nhost: localhost\r\n\r\n";
        open.write_all(events).expect("written");
        assert_eq!(Reply::read(&mut open, false).expect("an answer").status, 200);
        let (spent, _) = server.end(signal);
        assert!(spent < Duration::from_secs(5), "{signal} took {spent:?} with an open stream");

        let server = Process::start(&path);
        let place = format!("/api/v1/holds/{}", held["id"].as_str().expect("an id"));
        let found = server.ask("GET", &place, &lines, &Value::Null).is(200).json();
        assert_eq!(found["expires_at"], held["expires_at"], "{signal}");
        let again = server.ask("POST", "/api/v1/shows/1/holds", &lines, &wish).is(201);
        assert_eq!(again.header("idempotency-replayed"), Some("true"), "{signal}");
        assert_eq!(again.json(), held);
        server.end("-TERM");
    }
}

/// Asks it this often, then tells it to end, and nobody reads its log meanwhile.
fn answers_and_ends(server: &mut Process, requests: usize) {
    for _ in 0..requests {
        server.ask("GET", "/api/v1/shows/1/snapshot", &[], &Value::Null).is(200);
    }
    let pid = server.child.id().to_string();
    let killed = Command::new("kill").args(["-TERM", &pid]).status().expect("kill");
    assert!(killed.success());
    let watch = Stopwatch::start();
    while server.child.try_wait().expect("it is ours").is_none() {
        assert!(watch.elapsed() < PATIENCE, "it waits for somebody to read its log");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_server_whose_log_has_no_reader_answers_and_ends() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = Process::start(&file(folder.path()).0);
    drop(server.log.take());
    answers_and_ends(&mut server, 3);
}

#[test]
fn a_server_whose_log_nobody_reads_any_more_answers_and_ends() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = Process::start(&file(folder.path()).0);
    // More than a pipe takes.
    answers_and_ends(&mut server, 1_000);
}

#[test]
fn no_secret_reaches_the_log() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, key) = file(folder.path());
    let server = Process::start(&path);
    let credentials = json!({"name": "ann", "password": PASSWORD});
    let signed = server.ask("POST", "/api/v1/session", &[], &credentials).is(200);
    let cookie = signed.cookie();
    let canary = "canary-4711";
    let wrong = json!({"name": canary, "password": canary});
    server.ask("POST", "/api/v1/session", &[], &wrong).is(401);
    server.ask("POST", "/api/v1/session", &[], &json!({"password": canary, (canary): 1})).is(400);
    server.ask("GET", &format!("/{canary}?{canary}={canary}"), &[], &Value::Null).is(404);
    let bearer = format!("Bearer {canary}");
    server.ask("GET", "/api/v1/shows", &[("authorization", &*bearer)], &Value::Null).is(401);
    server
        .ask("GET", "/version", &[("user-agent", canary), ("cookie", canary)], &Value::Null)
        .is(200);
    let bearer = format!("Bearer {key}");
    let wish = json!({"seats": ["A1"], "reference": canary});
    let held = server.ask("POST", "/api/v1/shows/1/holds", &[("authorization", &*bearer)], &wish);
    let place =
        format!("/api/v1/holds/{}/book", held.is(201).json()["id"].as_str().expect("an id"));
    let booked = server.ask("POST", &place, &[("authorization", &*bearer)], &Value::Null).is(201);
    let code = booked.json()["tickets"][0]["code"].as_str().expect("a code").to_owned();
    let ticket = format!("/api/v1/tickets/{code}");
    server.ask("GET", &ticket, &[("cookie", &*cookie)], &Value::Null).is(404);
    let (_, log) = server.end("-TERM");
    assert!(log.contains("/api/v1/tickets/{code}") && log.lines().count() > 8, "{log}");
    let token = cookie.split_once('=').expect("a cookie").1;
    for secret in [canary, PASSWORD, token, &key, &key[13..], &code] {
        assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
    }
}
