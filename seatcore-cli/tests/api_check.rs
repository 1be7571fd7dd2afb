//! `util api-check` against a server that runs.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

const STEPS: [&str; 6] = ["shows", "register", "login", "seats", "hold-batch", "book-batch"];

fn seatcore(folder: &Path, line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seatcore"));
    command.args(line.split(' ')).current_dir(folder).env("HOME", folder);
    command.env("SEATCORE_DB", folder.join("test.db")).env_remove("XDG_CONFIG_HOME");
    command
}

/// A server on a free port; ended with the test.
struct Served {
    process: Child,
    url: String,
}

impl Served {
    fn start(folder: &Path, flags: &str) -> Self {
        let line = format!("serve --bind 127.0.0.1:0 --log-level error{flags}");
        let process = seatcore(folder, &line).stderr(Stdio::piped()).spawn();
        let mut process = process.expect("the binary runs");
        let said = BufReader::new(process.stderr.take().expect("a pipe"));
        let url = said
            .lines()
            .map_while(Result::ok)
            .find_map(|line| line.split_once("listening on ").map(|(_, url)| url.to_owned()));
        Self { process, url: url.expect("it says where it listens") }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn check(folder: &Path, url: &str, flags: &str) -> (Output, String) {
    let ran = seatcore(folder, &format!("util api-check {url}{flags}")).output();
    let ran = ran.expect("the binary runs");
    let out = String::from_utf8(ran.stdout.clone()).expect("text");
    (ran, out)
}

#[test]
fn a_server_passes_as_long_as_there_is_a_seat_and_the_api_is_on() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(seatcore(folder.path(), "seed --quiet").output().expect("a file").status.success());
    let served = Served::start(folder.path(), "");
    let (ran, out) = check(folder.path(), &served.url, "");
    assert_eq!(ran.status.code(), Some(0), "{out}");
    let passed: Vec<_> = out.lines().filter_map(|line| line.strip_prefix("PASS\t")).collect();
    let names: Vec<_> = passed.iter().filter_map(|line| line.split('\t').next()).collect();
    assert_eq!(names, STEPS);
    let (ran, out) = check(folder.path(), &served.url, " --json");
    assert_eq!(ran.status.code(), Some(0), "twice on one server: {out}");
    let told: serde_json::Value = serde_json::from_str(&out).expect("one JSON value");
    assert_eq!(told["passed"], true);
    assert_eq!(told["steps"].as_array().map(Vec::len), Some(STEPS.len()));
    let (url, nobody) = (served.url.clone(), served);
    drop(nobody);

    let (ran, out) = check(folder.path(), &url, "");
    assert_eq!(ran.status.code(), Some(7), "{out}");
    assert!(out.starts_with("FAIL\tshows\t"), "{out}");
    let without = Served::start(folder.path(), " --no-classic");
    let (ran, out) = check(folder.path(), &without.url, "");
    assert_eq!(ran.status.code(), Some(7), "{out}");
    assert!(out.contains("404 instead of 200"), "{out}");
    let (ran, _) = check(folder.path(), "https://localhost", "");
    assert_eq!(ran.status.code(), Some(2), "plain http only");
}
