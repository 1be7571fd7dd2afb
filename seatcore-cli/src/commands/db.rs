//! `db`: the file itself.

use crate::args::{ArchiveArgs, BackupArgs, DbCommand, MigrateArgs};
use crate::commands::verify;
use crate::error::CliError;
use crate::office::file::every_show;
use crate::place::{self, require_database};
use crate::session::{Session, open_telling};
use crate::waiting::Progress;
use seatcore::catalogue::show::{ShowFilter, ShowStatus};
use seatcore::engine::verify::{Report, Scope};
use seatcore::error::Code;
use seatcore::store::sqlite::{Migration, under_way};
use seatcore::{Engine, ShowId};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

mod restore;

/// Runs one of them.
pub fn run(session: &mut Session<'_, '_>, command: &DbCommand) -> Result<(), CliError> {
    match command {
        DbCommand::Check => check(session),
        DbCommand::Restore(args) => restore::run(session, args),
        DbCommand::Migrate(args) => migrate(session, args),
        DbCommand::Backup(args) => backup(session, args),
        DbCommand::Stats => stats(session),
        DbCommand::Archive(args) => archive(session, args),
        DbCommand::Vacuum => vacuum(session),
    }
}

/// SQLite's check, with a clock for those who wait.
fn problems(session: &mut Session<'_, '_>, engine: &Engine) -> Result<Vec<String>, CliError> {
    let engine = engine.clone();
    session.wait_for("checking", || None, move || Ok(engine.check()?))
}

fn check(session: &mut Session<'_, '_>) -> Result<(), CliError> {
    let path = session.path();
    let unread = |error| place::unusable(&path, error);
    let engine = session.engine().map_err(unread)?;
    let problems = problems(session, &engine).map_err(unread)?;
    if !session.json(&json!({"ok": problems.is_empty(), "problems": problems}))? {
        problems.iter().try_for_each(|problem| session.line(&crate::output::clean(problem)))?;
        let what = if problems.is_empty() { "ok" } else { "damaged" };
        session.one(&Value::Null, &[("file", what.to_owned())])?;
    }
    if problems.is_empty() {
        return Ok(());
    }
    let damaged = format!("{} is damaged", path.display());
    session.note(&format!("{damaged}: `seatcore db restore FILE` puts a backup in its place"))?;
    Err(CliError::Found)
}

fn backup(session: &mut Session<'_, '_>, args: &BackupArgs) -> Result<(), CliError> {
    let engine = session.engine()?;
    let to = new_copy(session, &args.file)?;
    if to.exists() {
        let what = format!("{} exists already", to.display());
        return Err(CliError::usage(what).hint("a backup never overwrites: name a new file"));
    }
    copy(session, &engine, &to)?;
    let (file, bytes) = (to.display().to_string(), size(&to));
    session.did(format!("the copy is {file}"));
    let mut told = json!({"backup": file, "bytes": bytes});
    let mut pairs = vec![("backup", file), ("bytes", bytes.to_string())];
    let mut clean = true;
    if args.verify {
        let report = verify_copy(session, &to)?;
        // A copy of an office with a stopped show is whole, and may be the only one.
        clean = report.findings.is_empty();
        pairs.push(("verify", super::stress::verdict(&report)));
        told["verify"] = json!(report);
    }
    session.one(&told, &pairs)?;
    if clean { Ok(()) } else { Err(CliError::Found) }
}

/// Where a copy goes: in a folder, under the database's name and this moment. A slash behind the
/// name says that a folder is meant, before there is one.
fn new_copy(session: &Session<'_, '_>, named: &Path) -> Result<PathBuf, CliError> {
    if named.as_os_str().as_encoded_bytes().ends_with(b"/") {
        std::fs::create_dir_all(named).map_err(|error| CliError::file(named, error))?;
    }
    if !named.is_dir() {
        return Ok(named.to_owned());
    }
    let path = session.path();
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let at = session.wall().to_chrono().format("%Y%m%dT%H%M%SZ");
    Ok(named.join(format!("{stem}-{at}.db")))
}

/// Copies; at Ctrl-C takes away what was written so far.
fn copy(session: &mut Session<'_, '_>, engine: &Engine, to: &Path) -> Result<(), CliError> {
    let whole = size(&session.path());
    let (engine, target, growing) = (engine.clone(), to.to_owned(), to.to_owned());
    let measure = move || {
        let done = under_way(&growing).iter().map(|partial| size(partial)).sum();
        Some(Progress { done, of: whole, unit: "bytes" })
    };
    let copied = session.wait_for("copying", measure, move || Ok(engine.backup(&target)?));
    if matches!(copied, Err(CliError::Interrupted)) {
        under_way(to).into_iter().for_each(|partial| drop(std::fs::remove_file(partial)));
    }
    copied
}

/// Verifies a copy of the copy: whoever opens a backup gives it a history of its own, and that is
/// for whoever restores it to do.
fn verify_copy(session: &mut Session<'_, '_>, path: &Path) -> Result<Report, CliError> {
    let folder = tempfile::tempdir_in(place::folder_of(path));
    let folder = folder.map_err(|error| CliError::file(path, error))?;
    let scratch = folder.path().join("copy.db");
    std::fs::copy(path, &scratch).map_err(|error| CliError::file(path, error))?;
    verify::watch(session, &open_copy(&scratch)?, Scope::All)
}

fn open_copy(path: &Path) -> Result<Engine, CliError> {
    let builder = Engine::builder().create(false).migration_backup(false);
    Ok(builder.sweep(false).open(path)?)
}

fn migrate(session: &mut Session<'_, '_>, args: &MigrateArgs) -> Result<(), CliError> {
    let path = session.path();
    require_database(&path)?;
    let builder = Engine::builder().create(false).sweep(false);
    let (engine, migrated) = open_telling(builder.migration_backup(!args.no_backup), &path)?;
    let (epoch, records) = engine.position()?;
    let shown = path.display().to_string();
    let mut told = json!({"db": shown, "records": records, "epoch": epoch});
    let mut pairs = vec![("database", shown)];
    if let Some(Migration { from, to, backup, .. }) = migrated {
        let backup = backup.map(|copy| copy.display().to_string());
        (told["from"], told["to"], told["backup"]) = (from.into(), to.into(), json!(backup));
        pairs.push(("was brought", format!("from schema {from} to {to}")));
        pairs.extend(backup.map(|copy| ("as it was", copy)));
    }
    pairs.push(("state", "up to date with this release".to_owned()));
    session.one(&told, &pairs)
}

fn archive(session: &mut Session<'_, '_>, args: &ArchiveArgs) -> Result<(), CliError> {
    let engine = session.engine()?;
    let question = format!("Move show {} to {}?", args.show, args.file.display());
    session.confirm(&question, &args.show.to_string())?;
    let folder = place::folder_of(&args.file);
    std::fs::create_dir_all(folder).map_err(|error| CliError::file(folder, error))?;
    let (show, to) = (args.show, args.file.clone());
    let asked = engine.clone();
    let work = move || Ok(asked.archive(show, to)?);
    let done = session.wait_for("archiving", || None, work);
    let done = done.map_err(|error| not_over(&engine, show, error))?;
    let (file, records) = (args.file.display().to_string(), done.records);
    session.did(format!("show {show} is in {file}"));
    let told = json!({"show": show, "records": records, "archive": file});
    let pairs = [("show", show.to_string()), ("records", records.to_string()), ("archive", file)];
    session.one(&told, &pairs)?;
    session.note("`seatcore db vacuum` gives the room back to the disk")
}

/// Why a show is still in use, and what ends that.
fn not_over(engine: &Engine, show: ShowId, error: CliError) -> CliError {
    let row = engine.show_row(show).ok().filter(|_| error.code() == Code::InUse);
    let Some(row) = row else { return error };
    let status = row.status;
    let (what, hint) = if status == ShowStatus::OnSale {
        let hint =
            format!("`seatcore shows close {show}` ends its sales, `shows cancel` all of it");
        (format!("show {show} is not over: it is {status}"), hint)
    } else {
        let held = row.stats.held;
        let seats = if held == 1 { "seat" } else { "seats" };
        let hint = format!("`seatcore holds list --show {show}` has them: release or book them");
        (format!("show {show} is not over: it has {held} held {seats}"), hint)
    };
    CliError::refused(Code::InUse, what).hint(hint)
}

fn vacuum(session: &mut Session<'_, '_>) -> Result<(), CliError> {
    let path = session.path();
    require_database(&path)?;
    let work = move || Ok(seatcore::store::sqlite::vacuum(&path)?);
    let done = session.wait_for("writing the file anew", || None, work)?;
    let pairs = [("bytes before", done.before.to_string()), ("bytes", done.after.to_string())];
    session.one(&done, &pairs)
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
