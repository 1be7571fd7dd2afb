//! Every example of every help page, run as it is printed.

use clap::{CommandFactory, Parser};
use seatcore_cli::args::Cli;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Mutex;

/// Examples run at the same time.
const HANDS: usize = 4;
/// What needs a person or never ends by itself; `pick`, `--watch` and `--follow` have tests of
/// their own, the server has many.
const ELSEWHERE: [&str; 6] =
    ["seatcore pick", "seatcore serve", "seatcore demo", "api-check", "--watch", "--follow"];
/// What a terminal of 80 shows in one line, with room for its edge.
const COLUMNS: usize = 78;
/// Names in examples that stand for what was just printed.
const HOLD: &str = "hld_…";
const BOOKING: &str = "bkg_…";
const TICKET: &str = "XXXXX-XXXXX-X";
const KEY: &str = "0a1b2c3d";

/// A folder as somebody has it who tries the examples.
struct Folder {
    kept: tempfile::TempDir,
    hold: String,
    booking: String,
    ticket: String,
    key: String,
}

fn shell(folder: &Path, line: &str) -> Output {
    let program = Path::new(env!("CARGO_BIN_EXE_seatcore"));
    let programs = program.parent().expect("a folder");
    let path = std::env::var("PATH").expect("a PATH");
    Command::new("bash")
        .args(["-c", line])
        .current_dir(folder)
        .env("PATH", format!("{}:{path}", programs.display()))
        .env("HOME", folder)
        .env("LANG", "C.UTF-8")
        .env_remove("SEATCORE_DB")
        .env_remove("XDG_CONFIG_HOME")
        .stdin(std::process::Stdio::null())
        .output()
        .expect("bash runs")
}

/// What a line prints, with nothing around it.
fn said(folder: &Path, line: &str) -> String {
    let ran = shell(folder, line);
    assert!(ran.status.success(), "{line}: {}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).expect("UTF-8").trim().to_owned()
}

fn value(folder: &Path, line: &str, pointer: &str) -> String {
    let told: serde_json::Value = serde_json::from_str(&said(folder, line)).expect("JSON");
    told.pointer(pointer).and_then(|v| v.as_str()).expect("a string").to_owned()
}

impl Folder {
    fn new() -> Self {
        let kept = tempfile::tempdir().expect("a folder");
        let at = kept.path();
        let poster = concat!(env!("CARGO_MANIFEST_DIR"), "/posters/avatar.png");
        std::fs::copy(poster, at.join("arrival.png")).expect("a poster");
        std::fs::write(at.join("password.txt"), "a long enough one 77\n").expect("a password");
        std::fs::write(at.join("other.toml"), "tz = \"UTC\"\n").expect("settings");
        std::fs::write(at.join("house.toml"), HOUSE).expect("a house");
        said(at, "seatcore seed");
        said(at, "seatcore users add ada --password-stdin < password.txt");
        said(at, "seatcore movies add Spare --minutes 90");
        said(at, "seatcore screens add Spare --rows A:5");
        said(at, "seatcore seats block 1 B1 B2 --reason broken");
        said(at, "seatcore screens export 1 > main-hall.json");
        said(at, "seatcore screens export 2 > arena.json");
        let key = value(at, "seatcore keys create till --scope sell --json", "/id");
        let hold = value(at, "seatcore hold 1 C5 C6 --as ada --json", "/id");
        let booking = value(at, "seatcore book 1 E1 E2 --as ada --json", "/id");
        let ticket =
            value(at, &format!("seatcore bookings show {booking} --json"), "/tickets/0/code");
        said(at, "seatcore db backup copy.db && cp copy.db box-office.db");
        Self { kept, hold, booking, ticket, key }
    }

    /// Runs a line in a copy of this folder: examples do not see what others did.
    fn run(&self, line: &str) -> Output {
        let copy = tempfile::tempdir().expect("a folder");
        for entry in std::fs::read_dir(self.kept.path()).expect("the folder") {
            let from = entry.expect("a file").path();
            let to = copy.path().join(from.file_name().expect("a name"));
            std::fs::copy(from, to).expect("a copy");
        }
        shell(copy.path(), &self.named(line))
    }

    /// A line with what is here in the place of the names that stand for it.
    fn named(&self, line: &str) -> String {
        line.replace(HOLD, &self.hold)
            .replace(BOOKING, &self.booking)
            .replace(TICKET, &self.ticket)
            .replace(KEY, &self.key)
    }
}

const HOUSE: &str = r#"
[[movies]]
title = "Arrival"
minutes = 116
poster = "arrival.png"

[[screens]]
name = "Blue Room"
rows = "A-D:6"

[[shows]]
movie = "Arrival"
screen = "Blue Room"
day = 1
at = "20:00"
price = "12.50 EUR"
"#;

/// The lines below "Examples:", continued lines joined, remarks cut off.
fn examples(help: &str) -> Vec<String> {
    let Some((_, below)) = help.split_once("Examples:\n") else { return Vec::new() };
    let mut found: Vec<String> = Vec::new();
    let mut open = false;
    for line in below.lines() {
        let text = line.trim_start();
        let begins = line.starts_with("  ") && !line.starts_with("   ");
        if !begins && !open {
            break;
        }
        let whole = without_remark(text);
        let (words, goes_on) = match whole.strip_suffix('\\') {
            Some(words) => (words.trim_end(), true),
            None => (whole, false),
        };
        match found.last_mut().filter(|_| open) {
            Some(last) => *last = format!("{last} {words}"),
            None => found.push(words.to_owned()),
        }
        open = goes_on;
    }
    found
}

/// A remark stands behind two spaces, outside quotes.
fn without_remark(line: &str) -> &str {
    let mut quoted = false;
    for (at, c) in line.char_indices() {
        quoted ^= c == '\'';
        if !quoted && line[at..].starts_with("  ") {
            return &line[..at];
        }
    }
    line
}

fn collect(command: &clap::Command, path: &str, all: &mut Vec<(String, Vec<String>)>) {
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        let path = format!("{path} {}", sub.get_name());
        let help = sub.get_after_help().map(ToString::to_string).unwrap_or_default();
        all.push((path.clone(), examples(&help)));
        collect(sub, &path, all);
    }
}

fn all_examples() -> Vec<(String, Vec<String>)> {
    let mut all = Vec::new();
    let root = Cli::command();
    let help = root.get_after_help().map(ToString::to_string).unwrap_or_default();
    all.push(("seatcore".to_owned(), examples(&help)));
    collect(&root, "seatcore", &mut all);
    all
}

/// The commands of a line, each as its words: quotes, pipes, `&&` and files as a shell reads them.
fn commands(line: &str) -> Vec<Vec<String>> {
    let (mut all, mut words, mut word) = (Vec::new(), Vec::new(), None::<String>);
    let (mut quoted, mut file) = (false, false);
    for c in line.chars().chain([' ']) {
        match c {
            '\'' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' | '|' | '&' | '<' | '>' if !quoted => {
                // What stands behind < or > is no argument.
                if let Some(whole) = word.take() {
                    words.extend(Some(whole).filter(|_| !std::mem::take(&mut file)));
                }
                file |= matches!(c, '<' | '>');
                if matches!(c, '|' | '&') {
                    all.push(std::mem::take(&mut words));
                }
            }
            c => word.get_or_insert_default().push(c),
        }
    }
    all.push(words);
    all
}

#[test]
fn every_help_page_has_three_examples_of_its_own_command() {
    let short: Vec<_> = all_examples()
        .into_iter()
        .filter(|(path, lines)| {
            lines.iter().filter(|line| line.contains(path.as_str())).count() < 3
                && !path.starts_with("seatcore demo")
                // The page of a group has examples of what is in it.
                && lines.iter().filter(|line| line.contains("seatcore ")).count() < 3
        })
        .map(|(path, lines)| format!("{path}: {lines:?}"))
        .collect();
    assert!(short.is_empty(), "{}", short.join("\n"));
}

#[test]
fn every_example_can_be_pasted_with_its_remark() {
    let root = Cli::command();
    let mut helps = vec![root.get_after_help().map(ToString::to_string).unwrap_or_default()];
    let mut below: Vec<_> = root.get_subcommands().collect();
    while let Some(command) = below.pop() {
        helps.extend(command.get_after_help().map(ToString::to_string));
        below.extend(command.get_subcommands());
    }
    let examples = |help: &String| {
        let below = help.split_once("Examples:\n").map(|(_, below)| below.to_owned());
        let lines = below.unwrap_or_default();
        lines.lines().take_while(|line| line.starts_with("  ")).map(str::to_owned).collect()
    };
    let lines: Vec<String> = helps.iter().flat_map(|help| -> Vec<_> { examples(help) }).collect();
    assert!(lines.len() > 150, "{}", lines.len());
    for line in lines {
        assert!(line.chars().count() <= COLUMNS, "a terminal breaks it: {line}");
        let remark = line.trim_start().strip_prefix(without_remark(line.trim_start()));
        let remark = remark.unwrap_or_default().trim_start();
        assert!(remark.is_empty() || remark.starts_with("# "), "a shell reads on: {line}");
    }
}

#[test]
fn every_example_is_what_the_command_line_reads() {
    let folder = Folder::new();
    let lines = all_examples().into_iter().flat_map(|(_, lines)| lines);
    let mut read = 0;
    for line in lines {
        for words in commands(&folder.named(&line)) {
            let begins = words.iter().position(|word| word == "seatcore");
            let Some(at) = begins.filter(|at| words[..*at].iter().all(|w| w.contains('='))) else {
                continue;
            };
            let parsed = Cli::try_parse_from(&words[at..]);
            assert!(parsed.is_ok(), "{line}\n{words:?}\n{}", parsed.expect_err("refused"));
            read += 1;
        }
    }
    assert!(read > 150, "{read}");
}

#[test]
fn every_example_does_what_it_says() {
    let folder = Folder::new();
    let runs = |line: &String| !ELSEWHERE.iter().any(|word| line.contains(word));
    let lines = all_examples().into_iter().flat_map(|(_, lines)| lines).filter(runs);
    let mut lines: Vec<_> = lines.collect();
    lines.sort();
    lines.dedup();
    assert!(lines.len() > 150, "{}", lines.len());
    let (queue, failed) = (Mutex::new(lines), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..HANDS {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().expect("the queue").pop();
                    let Some(line) = next else { break };
                    let ran = folder.run(&line);
                    let err = String::from_utf8_lossy(&ran.stderr).into_owned();
                    if !fine(&line, &ran, &err) {
                        failed.lock().expect("the list").push(format!("{line}\n{err}"));
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().expect("the list");
    assert!(failed.is_empty(), "{} examples:\n{}", failed.len(), failed.join("\n"));
}

/// Done; or a question that nobody is here to answer; or no server to be asked.
fn fine(line: &str, ran: &Output, err: &str) -> bool {
    let unanswered = ran.status.code() == Some(2) && err.contains("nobody is here to answer");
    let asks = line.contains("seatcore health") || line.contains("--url");
    let no_server = ran.status.code() == Some(6) && asks;
    ran.status.success() || unanswered || no_server
}

#[test]
fn examples_are_found_as_they_are_printed() {
    let help = "Words.\n\nExamples:\n  seatcore a --b 'c  d'      # a remark\n  seatcore e \\\n      --f\n\nMore.";
    assert_eq!(examples(help), ["seatcore a --b 'c  d'", "seatcore e --f"]);
}
