//! A `seatcore serve` of one's own, and desks that sell at it.

use crate::desk::{Desk, text};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// A server in a process of its own, over a seeded file.
pub struct Served {
    /// The desk in the file itself.
    pub office: Desk,
    pub url: String,
    process: Child,
}

impl Served {
    pub fn seeded() -> Self {
        let office = Desk::seeded();
        let db = &office.env["SEATCORE_DB"];
        let mut process = Command::new(env!("CARGO_BIN_EXE_seatcore"))
            .args(["serve", "--no-config", "--bind", "127.0.0.1:0", "--db", db])
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let mut said = BufReader::new(process.stderr.take().expect("its notes"));
        let mut url = None;
        while url.is_none() {
            let mut line = String::new();
            assert_ne!(said.read_line(&mut line).expect("a line"), 0, "the server ended");
            url = line.trim().strip_prefix("listening on ").map(str::to_owned);
        }
        // What it says later must not fill the pipe.
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        Self { office, url: url.expect("an address"), process }
    }

    /// A desk without a key.
    pub fn guest(&self) -> Desk {
        let mut desk = Desk::empty();
        desk.env.insert("SEATCORE_DB".into(), self.url.clone());
        desk
    }

    /// A desk with a key of its own.
    pub fn desk(&self, scope: &str) -> Desk {
        let mut desk = self.guest();
        let key = self.office.json(&format!("keys create till --scope {scope}"));
        desk.env.insert("SEATCORE_API_KEY".into(), text(&key["secret"]));
        desk
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Who a desk with a key holds seats as.
pub fn holder(desk: &Desk) -> String {
    format!("key:{}", &desk.env["SEATCORE_API_KEY"][4..12])
}
