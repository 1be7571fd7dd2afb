//! `db restore`: a backup in the database's place, the old file kept beside it.

use super::{copy, open_copy, problems, size};
use crate::args::RestoreArgs;
use crate::commands::{stress, verify};
use crate::error::CliError;
use crate::interrupt::Interrupt;
use crate::place::{self, PARTS, refuse_if_open, with_end};
use crate::session::Session;
use seatcore::engine::verify::{Report, Scope};
use seatcore::error::Code;
use serde_json::json;
use std::path::{Path, PathBuf};

/// What is left to do where a backup is no good.
const OLDER: &str =
    "take an older copy: `seatcore db restore` looks at each before it moves anything";

/// Checks the backup, sets the old file aside, and moves the copy into its place.
pub fn run(session: &mut Session<'_, '_>, args: &RestoreArgs) -> Result<(), CliError> {
    let (from, to) = (&args.file, place::behind_links(&session.path()));
    place::require_database(from).map_err(|error| no_backup(from, error))?;
    place::require_file_or_nothing(&to)?;
    if place::same(from, &to) {
        let what = format!("{} is the database itself", from.display());
        return Err(CliError::usage(what).hint("name a backup of it"));
    }
    let new = with_end(&to, ".restoring");
    refuse_if_open(&to)?;
    if to.exists() {
        let name = to.file_name().map(|name| name.to_string_lossy().into_owned());
        let question = format!("Replace {} by {}?", to.display(), from.display());
        session.confirm(&question, &name.unwrap_or_default())?;
    }
    let report = prepare(session, from, &new).inspect_err(|_| remove(&new))?;
    // From here on it is a matter of a few renames, which Ctrl-C must not part.
    Interrupt::watch();
    refuse_if_open(&to)?;
    place::hand_over(&new, &to).inspect_err(|_| remove(&new))?;
    let aside = set_aside(session, &to)?;
    // Were the power lost now, the new file must not be found beside the old one's log.
    place::sync_folder(&to)?;
    std::fs::rename(&new, &to).map_err(|error| CliError::file(&to, error))?;
    place::sync_folder(&to)?;
    let shown = |path: &Path| path.display().to_string();
    let kept = aside.as_deref().map(shown);
    session.did(format!("{} has taken the place of {}", from.display(), to.display()));
    let told = json!({"db": shown(&to), "from": shown(from), "kept": kept, "verify": report});
    let mut pairs = vec![("database", shown(&to)), ("from", shown(from))];
    pairs.extend(kept.map(|kept| ("old file kept", kept)));
    pairs.push(("verify", stress::verdict(&report)));
    session.one(&told, &pairs)
}

/// A copy beside the database, checked, verified, and marked so that its first writer begins a new
/// history: whoever still has the old one must not mistake the two.
fn prepare(session: &mut Session<'_, '_>, from: &Path, new: &Path) -> Result<Report, CliError> {
    remove(new);
    if size(&with_end(from, "-wal")) > 0 {
        let what = format!("{} has a write-ahead log: it is no backup", from.display());
        return Err(CliError::usage(what).hint("`seatcore db backup` makes one of a live database"));
    }
    let examined = with_end(new, "-examined");
    remove(&examined);
    let report = examine(session, from, &examined, new);
    remove(&examined);
    report
}

fn examine(
    session: &mut Session<'_, '_>,
    from: &Path,
    examined: &Path,
    new: &Path,
) -> Result<Report, CliError> {
    std::fs::copy(from, examined).map_err(|error| CliError::file(from, error))?;
    let unread = |error| damaged(from, error);
    let engine = open_copy(examined).map_err(unread)?;
    let wrong = |what: &str| {
        let what = format!("{} is damaged ({what}): nothing was replaced", from.display());
        CliError::usage(what).hint(OLDER)
    };
    if let Some(problem) = problems(session, &engine).map_err(unread)?.first() {
        return Err(wrong(problem));
    }
    let report = verify::watch(session, &engine, Scope::All).map_err(unread)?;
    // A show that was stopped stays so, and keeps nobody from restoring all the others.
    if !report.findings.is_empty() {
        return Err(wrong(&stress::verdict(&report)));
    }
    copy(session, &engine, new)?;
    Ok(report)
}

/// A backup that is not there is no database to be made.
fn no_backup(from: &Path, error: CliError) -> CliError {
    let shown = from.display();
    match error {
        CliError::NoDatabase(_) => {
            CliError::refused(Code::NotFound, format!("there is no backup at {shown}"))
                .hint("name a file that `seatcore db backup` wrote; nothing was replaced")
        }
        CliError::EmptyFile(_) => {
            let what = format!("{shown} is empty: nothing was replaced");
            CliError::refused(Code::NotFound, what).hint(OLDER)
        }
        error => error,
    }
}

/// A backup that cannot be used leaves everything as it was.
fn damaged(from: &Path, error: CliError) -> CliError {
    match place::unusable(from, error) {
        CliError::Refused { code: code @ (Code::Corrupt | Code::Storage), what, .. } => {
            CliError::refused(code, format!("{what}: nothing was replaced")).hint(OLDER)
        }
        error => error,
    }
}

fn remove(path: &Path) {
    for end in PARTS {
        drop(std::fs::remove_file(with_end(path, end)));
    }
}

/// The old file under a name of its own, with what belongs to it; a log that lost its file would
/// be played into the new one.
fn set_aside(session: &Session<'_, '_>, path: &Path) -> Result<Option<PathBuf>, CliError> {
    let is_there = path.exists();
    let at = session.wall().to_chrono().format("%Y%m%dT%H%M%S%3fZ");
    let aside = with_end(path, &format!(".before-{at}"));
    for end in PARTS {
        let old = with_end(path, end);
        if old.exists() {
            let moved = std::fs::rename(&old, with_end(&aside, end));
            moved.map_err(|error| CliError::file(old, error))?;
        }
    }
    Ok(is_there.then_some(aside))
}
