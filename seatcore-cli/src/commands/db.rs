//! `db`: the file itself.

use crate::args::{BackupArgs, DbCommand};
use crate::commands::shows::every_show;
use crate::error::CliError;
use crate::session::Session;
use seatcore::Engine;
use seatcore::catalogue::show::ShowFilter;
use serde_json::{Value, json};
use std::path::Path;

/// Runs one of them.
pub fn run(session: &mut Session<'_, '_>, command: &DbCommand) -> Result<(), CliError> {
    match command {
        DbCommand::Check => check(session),
        DbCommand::Backup(args) => backup(session, args),
        DbCommand::Stats => stats(session),
    }
}

fn check(session: &mut Session<'_, '_>) -> Result<(), CliError> {
    let problems = session.engine()?.check()?;
    if !session.json(&json!({"ok": problems.is_empty(), "problems": problems}))? {
        problems.iter().try_for_each(|problem| session.line(&crate::output::clean(problem)))?;
        let what = if problems.is_empty() { "ok" } else { "damaged" };
        session.one(&Value::Null, &[("file", what.to_owned())])?;
    }
    if problems.is_empty() { Ok(()) } else { Err(CliError::Found) }
}

fn backup(session: &mut Session<'_, '_>, args: &BackupArgs) -> Result<(), CliError> {
    let engine = session.engine()?;
    if args.file.exists() {
        let what = format!("{} exists already", args.file.display());
        return Err(CliError::usage(what).hint("a backup never overwrites: name a new file"));
    }
    engine.backup(&args.file)?;
    let (file, bytes) = (args.file.display().to_string(), size(&args.file));
    let pairs = [("backup", file.clone()), ("bytes", bytes.to_string())];
    session.one(&json!({"backup": file, "bytes": bytes}), &pairs)
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}

fn stats(session: &mut Session<'_, '_>) -> Result<(), CliError> {
    let engine = session.engine()?;
    let path = session.path();
    let beside = |end: &str| size(Path::new(&format!("{}{end}", path.display())));
    let mut numbers = vec![("bytes", size(&path)), ("wal bytes", beside("-wal"))];
    numbers.extend(contents(&engine)?);
    let (epoch, _) = engine.position()?;
    let mut told = json!({"db": path.display().to_string(), "epoch": epoch});
    let mut pairs = vec![("file", path.display().to_string()), ("history", epoch.to_string())];
    for (name, number) in numbers {
        told[name.replace(' ', "_")] = number.into();
        pairs.push((name, number.to_string()));
    }
    session.one(&told, &pairs)
}

fn contents(engine: &Engine) -> Result<Vec<(&'static str, u64)>, CliError> {
    let (_, head) = engine.position()?;
    let shows = every_show(engine, ShowFilter::default())?;
    let sum = |of: fn(&seatcore::house::Stats) -> u32| {
        shows.iter().map(|row| u64::from(of(&row.stats))).sum::<u64>()
    };
    Ok(vec![
        ("records", head),
        ("not followed", engine.lag()),
        ("movies", engine.movies()?.len() as u64),
        ("screens", engine.screens()?.len() as u64),
        ("users", engine.users()?.len() as u64),
        ("shows", shows.len() as u64),
        ("seats", sum(|stats| stats.capacity)),
        ("available", sum(|stats| stats.available)),
        ("held", sum(|stats| stats.held)),
        ("booked", sum(|stats| stats.booked)),
        ("blocked", sum(|stats| stats.blocked)),
    ])
}
