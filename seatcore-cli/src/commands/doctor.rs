//! `doctor`: the library, the file and the clock.

use crate::args::DoctorArgs;
use crate::error::CliError;
use crate::place::{self, require_database};
use crate::session::Session;
use seatcore::Engine;
use seatcore::store::sqlite::{Commits, Diagnosis, diagnose};
use serde_json::json;
use std::path::Path;

/// What synchronous = FULL reads as.
const SYNCHRONOUS_FULL: i64 = 2;
/// Records that the tables may be behind before commands are refused.
const LAG_MAX: u64 = 50_000;
/// Above this writes wait for readers to leave.
const WAL_BYTES_MAX: u64 = 512 * 1024 * 1024;
/// A day's sales and a checkpoint need this much.
const FREE_MIN: u64 = 1_000_000_000;

/// One thing that was looked at.
struct Look {
    what: &'static str,
    found: String,
    fine: bool,
}

/// Looks, and fails if something is not as it must be.
pub fn run(session: &mut Session<'_, '_>, args: &DoctorArgs) -> Result<(), CliError> {
    let path = place::behind_links(&session.path());
    require_database(&path)?;
    let shared = place::is_open_elsewhere(&path);
    let engine = match session.engine() {
        Ok(engine) => engine,
        Err(error) => return Err(unopened(session, &path, error)),
    };
    let diagnosis = diagnose(&path)?;
    if args.accept_clock {
        accept_clock(session, &engine, shared)?;
    }
    let mut looks = library(&diagnosis);
    let how = if diagnosis.writer.is_none() { ", only read here" } else { "" };
    looks.push(Look::new("file", format!("{}{how}", path.display()), true));
    looks.push(clock(session, &engine));
    looks.push(following(&engine)?);
    looks.extend(disk(&path));
    looks.push(copies(&path));
    let problems = engine.check()?;
    let file = if problems.is_empty() { "ok".to_owned() } else { problems.join("; ") };
    looks.push(Look::new("integrity", file, problems.is_empty()));
    print(session, Some(&diagnosis), &looks)?;
    if looks.iter().all(|look| look.fine) { Ok(()) } else { Err(CliError::Found) }
}

/// A file that cannot be opened is when somebody asks: what can be seen from outside is said.
fn unopened(session: &mut Session<'_, '_>, path: &Path, error: CliError) -> CliError {
    let mut looks = vec![
        Look::new("seatcore", env!("CARGO_PKG_VERSION").to_owned(), true),
        Look::new("file", format!("{}, which cannot be opened", path.display()), false),
    ];
    looks.extend(disk(path));
    looks.push(copies(path));
    print(session, None, &looks).err().unwrap_or(error)
}

/// A word to the log only where somebody may wait for it: a server that runs may refuse a clock in
/// which this process, which has just begun, sees nothing wrong.
fn accept_clock(
    session: &mut Session<'_, '_>,
    engine: &Engine,
    shared: bool,
) -> Result<(), CliError> {
    if !shared && !engine.refuses_clock() {
        return session.note("clock and log agree: there is nothing to accept");
    }
    let now = engine.accept_clock().wait()?;
    session.note(&format!("the clock is believed again: {now}"))
}

impl Look {
    const fn new(what: &'static str, found: String, fine: bool) -> Self {
        Self { what, found, fine }
    }
}

fn library(found: &Diagnosis) -> Vec<Look> {
    let shared = found.shared_page_cache_mutex;
    let mutex = if shared { "shared: many readers wait for each other" } else { "one each" };
    let mut looks = vec![
        Look::new("seatcore", env!("CARGO_PKG_VERSION").to_owned(), true),
        Look::new("sqlite", found.sqlite.clone(), true),
        Look::new("page cache", mutex.to_owned(), true),
    ];
    looks.extend(found.writer.iter().flat_map(commits));
    looks
}

fn commits(writer: &Commits) -> [Look; 2] {
    let full = writer.synchronous == SYNCHRONOUS_FULL;
    let (mode, level) = (&writer.journal_mode, if full { "full" } else { "not full" });
    [
        Look::new("journal mode", mode.clone(), mode == "wal"),
        Look::new("synchronous", level.to_owned(), full),
    ]
}

/// Records that the tables have not followed: some are normal, many mean that nobody keeps up.
fn following(engine: &Engine) -> Result<Look, CliError> {
    let lag = engine.lag();
    let (_, head) = engine.position()?;
    let found = format!("{lag} of {head} records behind");
    Ok(Look::new("tables", found, lag < LAG_MAX))
}

/// What is left on the disk, and how much of it the write-ahead log has.
fn disk(path: &Path) -> Vec<Look> {
    let size = |end: &str| {
        std::fs::metadata(format!("{}{end}", path.display())).map_or(0, |file| file.len())
    };
    let (file, wal) = (size(""), size("-wal"));
    let mut looks = vec![
        Look::new("size", bytes(file), true),
        Look::new("write-ahead log", bytes(wal), wal < WAL_BYTES_MAX),
    ];
    if let Ok(disk) = rustix::fs::statvfs(path) {
        let free = disk.f_bavail * disk.f_frsize;
        looks.push(Look::new(
            "disk",
            format!("{} free", bytes(free)),
            free > FREE_MIN.max(file / 10),
        ));
    }
    looks
}

/// Files of before their schema was brought up to date: whoever is content deletes them.
fn copies(path: &Path) -> Look {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let name = path.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
    let of_ours = |entry: &std::fs::DirEntry| {
        let copy = entry.file_name().to_string_lossy().into_owned();
        let rest = copy.strip_prefix(&name).map(str::to_owned);
        rest.is_some_and(|rest| rest.starts_with(".schema-") && rest.ends_with(".bak"))
    };
    let entries = std::fs::read_dir(folder.unwrap_or(Path::new("."))).into_iter().flatten();
    let sizes: Vec<u64> = entries
        .flatten()
        .filter(of_ours)
        .map(|entry| entry.metadata().map_or(0, |file| file.len()))
        .collect();
    let found = match sizes.len() {
        0 => "none".to_owned(),
        count => format!("{count} beside it, {}", bytes(sizes.iter().sum())),
    };
    Look::new("older copies", found, true)
}

fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["B", "kB", "MB", "GB"];
    let power = (count.max(1).ilog10() / 3).min(3);
    let unit = UNITS.get(power as usize).copied().unwrap_or_default();
    let amount = count as f64 / 1_000_f64.powi(power as i32);
    if power == 0 { format!("{count} {unit}") } else { format!("{amount:.1} {unit}") }
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
    diagnosis: Option<&Diagnosis>,
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
    session.rows(&["what", "state", "found"], &rows)
}
