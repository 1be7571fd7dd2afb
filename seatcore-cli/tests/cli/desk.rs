//! A database in a folder of its own, and command lines run on it.

#![allow(dead_code, reason = "every test binary uses its own part")]

use seatcore_cli::{Io, Terminal};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

/// The string in a JSON value.
pub fn text(value: &Value) -> String {
    value.as_str().expect("a string").to_owned()
}

/// A folder with a database in it, and a world without terminals.
pub struct Desk {
    pub folder: tempfile::TempDir,
    pub terminal: Terminal,
    pub env: BTreeMap<String, String>,
    pub stdin: &'static str,
}

/// What one command left.
pub struct Ran {
    pub code: ExitCode,
    pub out: String,
    pub err: String,
}

impl Desk {
    /// No database yet.
    pub fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let db = folder.path().join("test.db").display().to_string();
        let env = [("SEATCORE_DB".to_owned(), db), ("LANG".to_owned(), "C.UTF-8".to_owned())];
        Self { folder, terminal: Terminal::NONE, env: env.into(), stdin: "" }
    }

    /// The demonstration preset.
    pub fn seeded() -> Self {
        let desk = Self::empty();
        desk.run("seed").done();
        desk
    }

    /// Runs a command line whose words are parted by spaces; `~` is a space within a word.
    pub fn run(&self, line: &str) -> Ran {
        let words = line.split_whitespace().map(|word| word.replace('~', " "));
        self.run_words(&words.collect::<Vec<_>>())
    }

    pub fn run_words(&self, words: &[String]) -> Ran {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut io = Io {
            stdin: &mut self.stdin.as_bytes(),
            stdout: &mut out,
            stderr: &mut err,
            terminal: self.terminal,
            env: self.env.clone(),
        };
        let line = std::iter::once("seatcore".to_owned()).chain(words.iter().cloned());
        let code = seatcore_cli::run(line, &mut io);
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Ran { code, out: text(out), err: text(err) }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The JSON of a command that succeeds.
    pub fn json(&self, line: &str) -> Value {
        self.run(&format!("{line} --json")).done().value()
    }

    /// A hold's id.
    pub fn hold(&self, line: &str) -> String {
        text(&self.json(line)["id"])
    }
}

impl Ran {
    #[track_caller]
    pub fn exits(self, code: u8) -> Self {
        assert_eq!(self.code, ExitCode::from(code), "out: {}\nerr: {}", self.out, self.err);
        self
    }

    #[track_caller]
    pub fn done(self) -> Self {
        self.exits(0)
    }

    pub fn value(&self) -> Value {
        serde_json::from_str(&self.out).expect("exactly one JSON value")
    }

    /// The one problem object on stderr.
    pub fn problem(&self) -> Value {
        assert_eq!(self.out, "", "an error leaves stdout alone");
        serde_json::from_str(&self.err).expect("exactly one problem object")
    }

    #[track_caller]
    pub fn says(&self, part: &str) {
        assert!(self.out.contains(part), "{part:?} is not in: {}", self.out);
    }
}
