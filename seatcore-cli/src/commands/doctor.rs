//! `doctor`: the library, the file and the clock.

use crate::args::DoctorArgs;
use crate::error::CliError;
use crate::session::{Session, require_file};
use seatcore::Engine;
use seatcore::store::sqlite::{Diagnosis, diagnose};
use serde_json::json;

/// What synchronous = FULL reads as.
const SYNCHRONOUS_FULL: i64 = 2;

/// One thing that was looked at.
struct Look {
    what: &'static str,
    found: String,
    fine: bool,
}

/// Looks, and fails if something is not as it must be.
pub fn run(session: &mut Session<'_, '_>, args: &DoctorArgs) -> Result<(), CliError> {
    let path = session.path();
    require_file(&path)?;
    let diagnosis = diagnose(&path)?;
    let engine = session.engine()?;
    if args.accept_clock {
        let now = engine.accept_clock().wait()?;
        session.note(&format!("the clock is believed again: {now}"))?;
    }
    let mut looks = library(&diagnosis);
    looks.push(Look::new("file", path.display().to_string(), true));
    looks.push(clock(session, &engine));
    let problems = engine.check()?;
    let file = if problems.is_empty() { "ok".to_owned() } else { problems.join("; ") };
    looks.push(Look::new("integrity", file, problems.is_empty()));
    print(session, &diagnosis, &looks)?;
    if looks.iter().all(|look| look.fine) { Ok(()) } else { Err(CliError::Found) }
}

impl Look {
    const fn new(what: &'static str, found: String, fine: bool) -> Self {
        Self { what, found, fine }
    }
}

fn library(found: &Diagnosis) -> Vec<Look> {
    let shared = found.shared_page_cache_mutex;
    let mutex = if shared { "shared: many readers wait for each other" } else { "one each" };
    let full = found.synchronous == SYNCHRONOUS_FULL;
    vec![
        Look::new("seatcore", env!("CARGO_PKG_VERSION").to_owned(), true),
        Look::new("sqlite", found.sqlite.clone(), true),
        Look::new("page cache", mutex.to_owned(), true),
        Look::new("journal mode", found.journal_mode.clone(), found.journal_mode == "wal"),
        Look::new("synchronous", if full { "full" } else { "not full" }.to_owned(), full),
    ]
}

/// The engine's time runs ahead of the wall clock after the clock was set back.
fn clock(session: &Session<'_, '_>, engine: &Engine) -> Look {
    let (wall, now) = (session.wall(), engine.now());
    let apart = now.since(wall).max(wall.since(now)).as_secs();
    let found = format!("{wall}, {apart} s from engine time");
    Look::new("clock", found, apart < 60)
}

fn print(
    session: &mut Session<'_, '_>,
    diagnosis: &Diagnosis,
    looks: &[Look],
) -> Result<(), CliError> {
    let fine = looks.iter().all(|look| look.fine);
    let told = |look: &Look| json!({"what": look.what, "found": look.found, "ok": look.fine});
    let looked: Vec<_> = looks.iter().map(told).collect();
    if session.json(&json!({"ok": fine, "looks": looked, "sqlite": diagnosis}))? {
        return Ok(());
    }
    let word = |look: &Look| if look.fine { "ok" } else { "WRONG" }.to_owned();
    let row = |look: &Look| vec![look.what.to_owned(), word(look), look.found.clone()];
    let rows: Vec<_> = looks.iter().map(row).collect();
    session.rows(&["what", "", "found"], &rows)
}
