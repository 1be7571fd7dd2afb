//! The log: one line for each request, in text or JSON. No path, no body, no header goes in:
//! the row of the table names the request, and nothing that a client chose can forge a line.

use crate::answer::Answer;
use crate::app::App;
use crate::ask::Origin;
use crate::headers::Brief;
use crate::request_id::RequestId;
use crate::serve::Told;
use std::fs::File;
use std::os::fd::AsFd;
use std::panic::PanicHookInfo;
use std::str::FromStr;
use std::time::Duration;
use tracing::Level;

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

/// Lets this process write its log to stderr, panics included. Answers whether it does: a program
/// that has a subscriber of its own keeps it.
///
/// Writes through a handle of its own: whoever called may hold the lock of the standard one for as
/// long as it serves.
pub fn start(format: LogFormat, level: Level) -> bool {
    let Ok(handle) = std::io::stderr().as_fd().try_clone_to_owned() else { return false };
    let writer = std::sync::Mutex::new(File::from(handle));
    let log = tracing_subscriber::fmt().with_max_level(level).with_writer(writer);
    // A line that cannot be written would be told on stderr: the one handle that may be held.
    let log = log.with_target(false).log_internal_errors(false);
    let started = match format {
        LogFormat::Text => log.with_ansi(false).try_init().is_ok(),
        LogFormat::Json => log.json().flatten_event(true).try_init().is_ok(),
    };
    if started {
        std::panic::set_hook(Box::new(tell_panic));
    }
    started
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
    told: &Told,
    answer: &Answer,
    id: &RequestId,
    origin: Origin,
    spent: Duration,
) {
    let route = told.route.as_deref();
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
        who = told.who.as_deref().unwrap_or("-"),
        from = %origin.address,
        request = id.as_str(),
        "request"
    );
}
