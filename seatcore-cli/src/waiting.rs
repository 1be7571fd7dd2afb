//! Work that may take long: it runs on a thread of its own while this one says how far it is, or
//! it stays and another says who is waited for.

use crate::error::CliError;
use crate::interrupt::Interrupt;
use crate::reading::print_span;
use crate::session::Session;
use seatcore::clock::Stopwatch;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

/// Work shorter than this is done before anybody wonders.
const PATIENCE: Duration = Duration::from_millis(300);
/// After this somebody may give up waiting, and has to know how to learn what came of it.
const NOTED_AFTER: Duration = Duration::from_secs(2);
/// How often a terminal is told.
const TICK: Duration = Duration::from_millis(100);
/// How often a log is told, which keeps every line.
const LOG_TICK: Duration = Duration::from_secs(5);
/// Wider than any line of ours: what wipes the last one.
const LINE: usize = 78;

/// How far work has come: done, and of how much.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// So many.
    pub done: u64,
    /// Of so many.
    pub of: u64,
    /// Of what.
    pub unit: &'static str,
}

impl Session<'_, '_> {
    /// Does `work`, says after a moment how far it is, and stops waiting at Ctrl-C.
    ///
    /// # Errors
    /// The work's own; `Interrupted`.
    pub fn wait_for<T: Send + 'static>(
        &mut self,
        what: &str,
        measure: impl Fn() -> Option<Progress>,
        work: impl FnOnce() -> Result<T, CliError> + Send + 'static,
    ) -> Result<T, CliError> {
        let interrupt = Interrupt::watch();
        let (sender, done) = mpsc::channel();
        let worker = std::thread::spawn(move || drop(sender.send(work())));
        let mut line = StatusLine::new(self);
        loop {
            match done.recv_timeout(TICK) {
                Ok(result) => {
                    line.wipe(self);
                    return result;
                }
                Err(RecvTimeoutError::Timeout) if interrupt.came() => {
                    line.wipe(self);
                    return Err(CliError::Interrupted);
                }
                Err(RecvTimeoutError::Timeout) => line.tick(self, what, measure()),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        line.wipe(self);
        match worker.join() {
            Err(panic) => std::panic::resume_unwind(panic),
            Ok(()) => Err(CliError::Output(std::io::Error::other("the work ended early"))),
        }
    }
}

/// One line on stderr that is written again and again; in a log, a line now and then.
#[derive(Debug)]
pub struct StatusLine {
    watch: Stopwatch,
    told: Option<Duration>,
    /// Somebody looks.
    terminal: bool,
    silent: bool,
}

impl StatusLine {
    /// Nothing is said yet.
    pub fn new(session: &Session<'_, '_>) -> Self {
        let silent = session.style.is_silent();
        let terminal = session.io.terminal.stderr;
        Self { watch: Stopwatch::start(), told: None, terminal, silent }
    }

    /// Says how far it is, if it is time for that.
    pub fn tick(&mut self, session: &mut Session<'_, '_>, what: &str, progress: Option<Progress>) {
        let spent = self.watch.elapsed();
        let first = if self.terminal { PATIENCE } else { LOG_TICK };
        let every = if self.terminal { TICK } else { LOG_TICK };
        let due = self.told.map_or(first, |told| told + every);
        if self.silent || spent < due {
            return;
        }
        self.told = Some(spent);
        let text = describe(what, progress, spent);
        // Progress that cannot be told harms nobody.
        drop(if self.terminal {
            write!(session.io.stderr, "{}", over(&text)).and_then(|()| session.io.stderr.flush())
        } else {
            writeln!(session.io.stderr, "{text}")
        });
    }

    /// Takes the line away.
    pub fn wipe(&mut self, session: &mut Session<'_, '_>) {
        if self.terminal && self.told.take().is_some() {
            drop(write!(session.io.stderr, "{}\r", over("")));
            drop(session.io.stderr.flush());
        }
    }
}

/// While this lives, who waits is told for whom. For work that stays on its thread;
/// what can leave it has [`Session::wait_for`].
#[derive(Debug)]
pub struct Awaited {
    end: Option<Sender<()>>,
    teller: Option<JoinHandle<()>>,
}

impl Awaited {
    /// Says nothing yet: most answers are here before anybody wonders.
    /// `note` is for whoever gives up waiting.
    pub fn told(what: String, note: Option<String>, terminal: bool) -> Self {
        let (end, ended) = mpsc::channel();
        let teller = std::thread::Builder::new().spawn(move || {
            let note = format!("still {what}{}\n", note.as_deref().unwrap_or_default());
            if terminal { tell_until(&ended, &what, &note) } else { note_once(&ended, &note) }
        });
        Self { end: Some(end), teller: teller.ok() }
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(teller) = self.teller.take() {
            drop(teller.join());
        }
    }
}

/// A log keeps every line: one is enough.
fn note_once(ended: &Receiver<()>, note: &str) {
    if ended.recv_timeout(NOTED_AFTER) == Err(RecvTimeoutError::Timeout) {
        past_the_lock(note);
    }
}

fn tell_until(ended: &Receiver<()>, what: &str, note: &str) {
    let watch = Stopwatch::start();
    let (mut wait, mut noted) = (PATIENCE, false);
    while ended.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
        wait = TICK;
        if !noted && watch.elapsed() >= NOTED_AFTER {
            noted = true;
            past_the_lock(&over(note));
        }
        past_the_lock(&over(&describe(what, None, watch.elapsed())));
    }
    if wait == TICK {
        past_the_lock(&(over("") + "\r"));
    }
}

/// A status line, written over the last one.
fn over(text: &str) -> String {
    format!("\r{text:<LINE$}")
}

/// A run holds its stderr from start to end, and whoever waits writes nothing to it.
fn past_the_lock(text: &str) {
    let _written = rustix::io::write(std::io::stderr(), text.as_bytes());
}

fn describe(what: &str, progress: Option<Progress>, spent: Duration) -> String {
    let Some(Progress { done, of, unit }) = progress.filter(|progress| progress.of > 0) else {
        return format!("{what} … {}", print_span(spent));
    };
    let (done, percent) = (done.min(of), done.min(of) * 100 / of);
    let rate = done as f64 / spent.as_secs_f64().max(0.001);
    let left = Duration::from_secs_f64(((of - done) as f64 / rate.max(1e-9)).min(86_400.0));
    let left = if done == 0 { String::new() } else { format!(", {} left", print_span(left)) };
    format!("{what} {percent:>3} %  {done} of {of} {unit}, {rate:.0}/s{left}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_tells_share_rate_and_time_left() {
        let progress = Progress { done: 500, of: 2_000, unit: "records" };
        let text = describe("verifying", Some(progress), Duration::from_secs(5));
        assert_eq!(text, "verifying  25 %  500 of 2000 records, 100/s, 15s left");
        assert_eq!(describe("checking", None, Duration::from_secs(65)), "checking … 1m 05s");
    }
}
