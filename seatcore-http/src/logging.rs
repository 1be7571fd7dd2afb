//! The log: one line for each request, in text or JSON. No path, no body, no header goes in:
//! the row of the table names the request, and nothing that a client chose can forge a line.

mod lines;

use crate::answer::Answer;
use crate::app::App;
use crate::ask::Origin;
use crate::headers::{Brief, printed};
use crate::identity;
use crate::request_id::RequestId;
use crate::serve::Told;
use lines::Lines;
pub use lines::lost;
use seatcore::clock::{Clock, SystemClock};
use std::fs::File;
use std::os::fd::AsFd;
use std::panic::PanicHookInfo;
use std::str::FromStr;
use std::time::Duration;
use tracing::Level;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

impl FromStr for LogFormat {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("text or json"),
        }
    }
}

/// A log that is being written. What still waits is written when this is dropped, within a second.
#[derive(Debug)]
pub struct Log(Lines);

impl Drop for Log {
    fn drop(&mut self) {
        self.0.settle();
    }
}

/// Lets this process write its log to stderr, panics included. None, if it does not: a program that
/// has a subscriber of its own keeps it.
///
/// Lines reach stderr some milliseconds later. If nobody reads them, the newest are left out and
/// counted: `seatcore_log_lines_lost_total`.
///
/// Writes through a handle of its own: whoever called may hold the lock of the standard one for as
/// long as it serves.
#[must_use = "what waits is written when this is dropped"]
pub fn start(format: LogFormat, level: Level) -> Option<Log> {
    let handle = std::io::stderr().as_fd().try_clone_to_owned().ok()?;
    let lines = Lines::to(File::from(handle)).ok()?;
    let log = tracing_subscriber::fmt().with_max_level(level).with_writer(lines.clone());
    // A line that cannot be written would be told on stderr: the one handle that may be held.
    let log = log.with_target(false).log_internal_errors(false).with_timer(Timer);
    match format {
        LogFormat::Text => log.with_ansi(false).try_init().ok()?,
        LogFormat::Json => log.json().flatten_event(true).try_init().ok()?,
    }
    std::panic::set_hook(Box::new(tell_panic));
    Some(Log(lines))
}

/// The wall clock, as all moments are printed here.
struct Timer;

impl FormatTime for Timer {
    fn format_time(&self, to: &mut Writer<'_>) -> std::fmt::Result {
        to.write_str(printed(SystemClock.wall()).to_str().unwrap_or_default())
    }
}

/// Where it happened, not what was said: that may repeat what a client sent.
fn tell_panic(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(place, "panic");
}

/// The line of a request, and its figures.
pub fn request(
    app: &App,
    brief: &Brief,
    told: &Told<'_>,
    answer: &Answer,
    id: &RequestId,
    origin: Origin,
    spent: Duration,
) {
    let route = told.route;
    app.metrics.count(route, answer.status, spent);
    if let Some(code) = answer.code {
        app.metrics.refused(code);
    }
    tracing::info!(
        method = brief.method.as_str(),
        route = route.map_or("-", |route| route.pattern),
        status = answer.status.as_u16(),
        code = answer.code,
        ms = (spent.as_micros() as f64) / 1e3,
        who = told.who.map_or_else(|| "-".to_owned(), identity::label),
        from = %origin.address,
        request = id.as_str(),
        "request"
    );
}
