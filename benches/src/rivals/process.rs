//! Servers that are started for a measurement and end with it.

use crate::Outcome;
use rustix::process::{Pid, Signal, geteuid, kill_process};
use seatcore::clock::Stopwatch;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How long a server may take to start, and to stop before it is killed.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(20);

/// A running server; it is stopped when this is dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    stop: Signal,
}

impl Server {
    /// Starts it, what it says going to a file, and waits until it answers.
    pub fn start(
        mut command: Command,
        log: &Path,
        stop: Signal,
        answers: impl Fn() -> bool,
    ) -> Outcome<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let said = std::fs::File::create(log)?;
        command.stdin(Stdio::null()).stdout(said.try_clone()?).stderr(said);
        let child = command.spawn();
        let child =
            child.map_err(|error| format!("{name}: {error}; benches/prepare installs it"))?;
        let mut server = Self { child, stop };
        let watch = Stopwatch::start();
        while !answers() {
            let ended = server.child.try_wait()?.is_some();
            if ended || watch.elapsed() > PATIENCE {
                let said = std::fs::read_to_string(log).unwrap_or_default();
                let tail: Vec<_> = said.lines().rev().take(8).collect();
                let tail: Vec<_> = tail.into_iter().rev().collect();
                return Err(format!("{name} does not answer:\n{}", tail.join("\n")).into());
            }
            std::thread::sleep(PAUSE);
        }
        Ok(server)
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(pid) = Pid::from_raw(self.child.id() as i32) {
            let _ = kill_process(pid, self.stop);
        }
        let watch = Stopwatch::start();
        while watch.elapsed() < PATIENCE {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(PAUSE);
        }
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Runs a program to its end; what it says is answered, and failing is an error.
pub fn said(command: &mut Command) -> Outcome<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let ran = command.stdin(Stdio::null()).output();
    let ran = ran.map_err(|error| format!("{name}: {error}; benches/prepare installs it"))?;
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    if ran.status.success() {
        return Ok(out.into_owned());
    }
    Err(format!("{name} failed ({}):\n{out}{err}", ran.status).into())
}

/// PostgreSQL refuses to run as root, so root becomes `postgres` for it.
pub fn as_postgres(program: &Path) -> Command {
    if !geteuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
    command
}

/// A program from where Debian keeps PostgreSQL's, newest version first.
pub fn postgres_program(name: &str) -> Outcome<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql");
    let versions = versions.map_err(|_| "no PostgreSQL; benches/prepare installs it")?;
    let mut found: Vec<_> = versions
        .flatten()
        .map(|version| version.path().join("bin").join(name))
        .filter(|program| program.exists())
        .collect();
    found.sort();
    found.pop().ok_or_else(|| format!("no {name}; benches/prepare installs it").into())
}
