//! `config`: what settings say, where they stand, and how to change them.

use crate::args::{Cli, ConfigCommand, PlaceArgs, SetConfigArgs, SettingArg, ShowConfigArgs};
use crate::error::CliError;
use crate::place;
use crate::session::Session;
use crate::settings::{self, Origin, Settings};
use clap::{CommandFactory, FromArgMatches};
use serde_json::json;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

mod lines;

/// Runs one of them.
pub fn run(session: &mut Session<'_, '_>, command: &ConfigCommand) -> Result<(), CliError> {
    match command {
        ConfigCommand::Show(args) => show(session, args),
        ConfigCommand::Get(args) => get(session, args),
        ConfigCommand::Set(args) => set(session, args),
        ConfigCommand::Path => path(session),
        ConfigCommand::Edit(args) => edit(session, args),
        ConfigCommand::Check => check(session),
    }
}

fn known() -> Vec<String> {
    settings::keys(&Cli::command())
}

fn word(origin: Option<&Origin>) -> String {
    origin.map_or_else(|| "default".to_owned(), ToString::to_string)
}

fn show(session: &mut Session<'_, '_>, args: &ShowConfigArgs) -> Result<(), CliError> {
    let set: Vec<_> = known()
        .into_iter()
        .map(|key| (session.settings.get(&key).cloned(), key))
        .filter(|(setting, _)| args.all || setting.is_some())
        .collect();
    let told = set.iter().map(|(setting, key)| {
        let value = setting.as_ref().map(|setting| setting.values.join(","));
        let origin = word(setting.as_ref().map(|setting| &setting.origin));
        json!({"key": key, "value": value, "origin": origin, "env": settings::variable(key)})
    });
    let told: Vec<_> = told.collect();
    if session.json(&crate::output::list_of(&told, None))? {
        return Ok(());
    }
    let row = |(setting, key): &(Option<settings::Setting>, String)| {
        let value = setting.as_ref().map(|setting| setting.values.join(","));
        let mut row = vec![key.clone(), value.unwrap_or_else(|| "-".to_owned())];
        if args.origin {
            row.push(word(setting.as_ref().map(|setting| &setting.origin)));
        }
        row
    };
    let rows: Vec<_> = set.iter().map(row).collect();
    let header = ["key", "value", "origin"];
    let header = if args.origin { &header[..] } else { &header[..2] };
    session.rows(header, &rows)?;
    if rows.is_empty() { session.note("nothing is set; --all lists what could be") } else { Ok(()) }
}

fn get(session: &mut Session<'_, '_>, args: &SettingArg) -> Result<(), CliError> {
    let known = known();
    if !known.contains(&args.key) {
        return Err(settings::unknown("", &args.key, &known));
    }
    let setting = session.settings.get(&args.key).cloned();
    let value = setting.as_ref().map(|setting| setting.values.join(","));
    let origin = word(setting.as_ref().map(|setting| &setting.origin));
    if session.json(&json!({"key": args.key, "value": value, "origin": origin}))? {
        return Ok(());
    }
    match value {
        Some(value) => session.line(&value),
        None => session.note(&format!("{} is not set", args.key)),
    }
}

/// The one file that was named, if one was.
fn chosen(session: &Session<'_, '_>) -> Option<PathBuf> {
    let env = || session.io.env.get("SEATCORE_CONFIG").filter(|path| !path.is_empty());
    session.global.config.clone().or_else(|| env().map(PathBuf::from))
}

/// The file that `set` and `edit` write.
fn target(session: &Session<'_, '_>, place: &PlaceArgs) -> Result<PathBuf, CliError> {
    if let Some(path) = chosen(session) {
        return Ok(path);
    }
    let places = settings::places(&session.io.env);
    let place =
        if place.user { places.get(1).filter(|_| places.len() > 2) } else { places.first() };
    place.cloned().ok_or_else(|| CliError::usage("there is no home folder for --user"))
}

fn set(session: &mut Session<'_, '_>, args: &SetConfigArgs) -> Result<(), CliError> {
    let known = known();
    let path = target(session, &args.place)?;
    let before = read(&path)?;
    let after = lines::with(&before, &args.key, &args.value);
    settings::parse(&path, &after, &known)?;
    accept(&path, &after, &known)?;
    write(&path, &after)?;
    let told = json!({"key": args.key, "value": args.value, "file": path.display().to_string()});
    let file = path.display().to_string();
    session.one(&told, &[("key", args.key.clone()), ("value", args.value.clone()), ("file", file)])
}

fn read(path: &Path) -> Result<String, CliError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(CliError::file(path, error)),
    }
}

/// Whether flags would take every value in the file, each tried where it belongs.
fn accept(path: &Path, text: &str, known: &[String]) -> Result<(), CliError> {
    for (key, values) in settings::parse(path, text, known)? {
        let mut words: Vec<&str> = vec!["seatcore"];
        words.extend(key.split('.'));
        let flag = words.pop().unwrap_or_default();
        let alone = Settings::only(&key, &values, path);
        // Nothing else is typed, so a complaint about this flag is all we look for.
        let read = alone.apply(Cli::command()).try_get_matches_from(words);
        let read = read.and_then(|matches| Cli::from_arg_matches(&matches).map(drop));
        if let Err(error) = read {
            let text = error.render().to_string();
            let first = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
            if first.contains(&format!("--{flag}")) && first.contains("invalid value") {
                return Err(CliError::usage(format!("{}: {key}: {first}", path.display())));
            }
        }
    }
    Ok(())
}

/// Whole or not at all; as open as the file was, or as any that is made here.
fn write(path: &Path, text: &str) -> Result<(), CliError> {
    let path = &place::behind_links(path);
    let file = |error| CliError::file(path, error);
    let folder = place::folder_of(path);
    std::fs::create_dir_all(folder).map_err(file)?;
    let usual = std::fs::Permissions::from_mode(0o666);
    let new = tempfile::Builder::new().permissions(usual).tempfile_in(folder);
    let mut new = new.map_err(file)?;
    new.write_all(text.as_bytes()).and_then(|()| new.as_file().sync_all()).map_err(file)?;
    if path.exists() {
        place::hand_over(new.path(), path)?;
    }
    new.persist(path).map_err(|error| file(error.error))?;
    place::sync_folder(path)
}

fn path(session: &mut Session<'_, '_>) -> Result<(), CliError> {
    let places = match chosen(session) {
        Some(only) => vec![only],
        None => settings::places(&session.io.env),
    };
    let told: Vec<_> = places
        .iter()
        .map(|path| json!({"file": path.display().to_string(), "there": path.is_file()}))
        .collect();
    if session.json(&crate::output::list_of(&told, None))? {
        return Ok(());
    }
    let there = |path: &PathBuf| if path.is_file() { "yes" } else { "no" };
    let row = |path: &PathBuf| vec![path.display().to_string(), there(path).to_owned()];
    let rows: Vec<_> = places.iter().map(row).collect();
    session.rows(&["file", "there"], &rows)
}

fn edit(session: &mut Session<'_, '_>, args: &PlaceArgs) -> Result<(), CliError> {
    let path = target(session, args)?;
    if !path.exists() {
        write(&path, "# Settings of seatcore: `seatcore config show --all` lists them.\n")?;
    }
    let named = ["VISUAL", "EDITOR"].iter().filter_map(|name| session.io.env.get(*name));
    let editor = named.into_iter().find(|editor| !editor.is_empty()).cloned();
    let editor = match editor {
        Some(editor) => editor,
        None => {
            session
                .require_person("an editor needs somebody to edit", "EDITOR or use `config set`")?;
            "vi".to_owned()
        }
    };
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or("vi");
    let status = Command::new(program).args(words).arg(&path).status();
    let status = status.map_err(|error| CliError::file(program, error))?;
    if !status.success() {
        return Err(CliError::usage(format!("{program} ended with {status}")));
    }
    check_file(&path)?;
    session.note(&format!("{} can be used", path.display()))
}

fn check_file(path: &Path) -> Result<(), CliError> {
    let text = std::fs::read_to_string(path).map_err(|error| CliError::file(path, error))?;
    accept(path, &text, &known())
}

fn check(session: &mut Session<'_, '_>) -> Result<(), CliError> {
    let files = match chosen(session) {
        Some(only) => vec![only],
        None => settings::places(&session.io.env).into_iter().filter(|p| p.is_file()).collect(),
    };
    for path in &files {
        check_file(path)?;
    }
    let names: Vec<_> = files.iter().map(|path| path.display().to_string()).collect();
    let told = json!({"ok": true, "files": names});
    let none = || "none".to_owned();
    let text = if names.is_empty() { none() } else { names.join(" ") };
    session.one(&told, &[("files", text), ("state", "ok".to_owned())])
}
