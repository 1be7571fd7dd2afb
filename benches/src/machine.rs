//! On what and with what it was measured.

use crate::place::root;
use seatcore::clock::{Clock, SystemClock};
use std::process::Command;

/// Two lines above a table: when, on what, with which versions, under which terms.
pub fn heading(terms: &str) -> String {
    let now = SystemClock.wall().to_string();
    let versions = versions().join(", ");
    format!("{now}, {}. {versions}. {terms}.", machine())
}

fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find(|line| line.starts_with("model name"));
    let model = model.and_then(|line| line.split_once(": ")).map_or("unknown processor", |it| it.1);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let memory = memory.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok());
    let memory = memory.unwrap_or(0).div_ceil(1 << 20);
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("{cores} cores of {model}, {memory} GiB, Linux {}", kernel.trim())
}

fn versions() -> Vec<String> {
    let python = root().join("target/bench/venv/bin/python").display().to_string();
    let django = "import django; print('Django', django.__version__)";
    let programs: [(&str, &[&str]); 5] = [
        ("rustc", &["--version"]),
        ("pgbench", &["--version"]),
        ("redis-server", &["--version"]),
        ("wrk", &["-v"]),
        (&python, &["-c", django]),
    ];
    let mut versions: Vec<String> =
        programs.iter().filter_map(|(program, words)| version(program, words)).collect();
    versions.insert(1, format!("SQLite {}", rusqlite::version()));
    versions.insert(0, commit());
    versions
}

/// The first line that a program says about itself, cut before its details.
fn version(program: &str, words: &[&str]) -> Option<String> {
    let said = Command::new(program).args(words).output().ok()?;
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    let line = text.lines().next()?.replace("(PostgreSQL) ", "");
    let line = line.split(['(', '[']).next()?.trim();
    let line = line.split(" sha=").next()?.trim();
    Some(line.chars().take(40).collect())
}

fn commit() -> String {
    let words = ["describe", "--always", "--dirty"];
    let said = Command::new("git").args(words).current_dir(root()).output();
    let commit = said.map(|said| String::from_utf8_lossy(&said.stdout).trim().to_owned());
    format!("seatcore {}", commit.unwrap_or_default())
}
