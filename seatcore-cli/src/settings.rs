//! Settings: every flag may also be an environment variable or a line in a file.
//!
//! A flag wins over `SEATCORE_…`, that over `./seatcore.toml`, that over the user's file, that over
//! the machine's. What is found becomes the flag's default before the command line is read, so a
//! setting is checked exactly as the flag is.

use crate::error::CliError;
use clap::{Arg, ArgAction, Command};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The file in the folder where a command is run.
pub const HERE: &str = "seatcore.toml";
/// The machine's file.
const SYSTEM: &str = "/etc/seatcore/config.toml";
/// Flags that are said each time: they destroy something, or belong to one command only.
const NEVER: [&str; 12] = [
    "yes",
    "wipe",
    "force",
    "past",
    "all",
    "accept-clock",
    "key",
    "config",
    "no-config",
    "password-stdin",
    "help",
    "version",
];

/// Where a setting was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// An environment variable.
    Environment(String),
    /// A line in a file.
    File(PathBuf),
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Environment(name) => f.write_str(name),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

/// What a flag is taken to be where it is not typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// As typed behind the flag; several where it may be repeated.
    pub values: Vec<String>,
    /// Where it was found.
    pub origin: Origin,
}

/// Everything found, by key: `tz`, `hold.ttl`, `seats.map.ascii`.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    found: BTreeMap<String, Setting>,
}

/// Which files are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// Those that are there, the nearest first.
    Found,
    /// This one, which must be there.
    Only(PathBuf),
    /// None.
    No,
}

impl Choice {
    /// What the arguments say, before they are read in full: settings decide how they are read.
    pub fn of(args: &[OsString], env: &BTreeMap<String, String>) -> Self {
        let words = args.iter().map(|word| word.to_string_lossy());
        let mut words = words.take_while(|word| word != "--");
        while let Some(word) = words.next() {
            if word == "--no-config" {
                return Self::No;
            }
            let inline = word.strip_prefix("--config=").map(str::to_owned);
            let next = (word == "--config").then(|| words.next()).flatten();
            if let Some(path) = inline.or_else(|| next.map(Into::into)) {
                return Self::Only(path.into());
            }
        }
        let named = env.get("SEATCORE_CONFIG").filter(|path| !path.is_empty());
        named.map_or(Self::Found, |path| Self::Only(path.into()))
    }
}

impl Settings {
    /// Reads the environment and the files, and checks that every key is one.
    ///
    /// # Errors
    /// A file that cannot be read, a line that is not TOML, a key that no flag has.
    pub fn read(
        choice: &Choice,
        env: &BTreeMap<String, String>,
        command: &Command,
    ) -> Result<Self, CliError> {
        let known = keys(command);
        let mut settings = Self::default();
        for key in &known {
            let name = variable(key);
            if let Some(value) = env.get(&name).filter(|value| !value.is_empty()) {
                let setting =
                    Setting { values: vec![value.clone()], origin: Origin::Environment(name) };
                settings.found.insert(key.clone(), setting);
            }
        }
        for path in files(choice, env) {
            settings.add_file(&path, &known)?;
        }
        Ok(settings)
    }

    fn add_file(&mut self, path: &Path, known: &[String]) -> Result<(), CliError> {
        let text = std::fs::read_to_string(path).map_err(|error| CliError::file(path, error))?;
        for (key, values) in parse(path, &text, known)? {
            let origin = Origin::File(path.to_owned());
            self.found.entry(key).or_insert(Setting { values, origin });
        }
        Ok(())
    }

    /// One setting of a file and nothing else.
    pub fn only(key: &str, values: &[String], path: &Path) -> Self {
        let setting = Setting { values: values.to_vec(), origin: Origin::File(path.to_owned()) };
        Self { found: BTreeMap::from([(key.to_owned(), setting)]) }
    }

    /// What was found for a key.
    pub fn get(&self, key: &str) -> Option<&Setting> {
        self.found.get(key)
    }

    /// Where a value was found that was refused: nobody typed it behind this flag.
    pub fn behind(&self, flag: &str, value: &str, args: &[OsString]) -> Option<&Origin> {
        let typed = |arg: &OsString| arg.to_string_lossy().split('=').next() == Some(flag);
        let name = flag.strip_prefix("--").filter(|_| !args.iter().any(typed))?;
        let set = |(key, setting): &(&String, &Setting)| {
            key.rsplit('.').next() == Some(name) && setting.values.iter().any(|own| own == value)
        };
        self.found.iter().find(set).map(|(_, setting)| &setting.origin)
    }

    /// A command line on which what was found is the default.
    pub fn apply(&self, command: Command) -> Command {
        self.apply_below(command, "")
    }

    fn apply_below(&self, mut command: Command, prefix: &str) -> Command {
        let flags: Vec<_> = flags(&command, prefix).map(|(key, id)| (key, id.to_owned())).collect();
        for (key, id) in flags {
            // The database is found by its own rule: `stress` must not take it from a setting.
            let Some(setting) = self.found.get(&key).filter(|_| key != "db") else { continue };
            command = command.mut_arg(id, |arg| {
                let values = as_read(&arg, &setting.values);
                arg.default_values(values).required(false)
            });
        }
        let names: Vec<_> = subcommands(&command).map(|sub| sub.get_name().to_owned()).collect();
        for name in names {
            let below = join(prefix, &name);
            command = command.mut_subcommand(name, |sub| self.apply_below(sub, &below));
        }
        command
    }
}

/// A switch is on or off in more words than the command line has for it.
fn as_read(arg: &Arg, values: &[String]) -> Vec<String> {
    let word = |value: &String| match value.as_str() {
        "1" | "yes" | "on" => "true".to_owned(),
        "0" | "no" | "off" => "false".to_owned(),
        _ => value.clone(),
    };
    match arg.get_action() {
        ArgAction::SetTrue | ArgAction::SetFalse => values.iter().map(word).collect(),
        _ => values.to_vec(),
    }
}

/// Reads a file's lines as keys and values.
///
/// # Errors
/// As [`Settings::read`].
pub fn parse(
    path: &Path,
    text: &str,
    known: &[String],
) -> Result<Vec<(String, Vec<String>)>, CliError> {
    let named = |what: String| CliError::usage(format!("{}: {what}", path.display()));
    let table: toml::Table = text
        .parse()
        .map_err(|error: toml::de::Error| named(error.to_string().trim().to_owned()))?;
    let mut lines = Vec::new();
    flatten(&table, "", &mut lines).map_err(named)?;
    for (key, _) in &lines {
        if !known.contains(key) {
            return Err(unknown(&format!("{}: ", path.display()), key, known));
        }
    }
    Ok(lines)
}

/// No flag has this key.
pub fn unknown(place: &str, key: &str, known: &[String]) -> CliError {
    let error = CliError::usage(format!("{place}there is no setting {key:?}"));
    match nearest(key, known) {
        Some(near) => error.hint(format!("did you mean {near:?}?")),
        None => error.hint("`seatcore config show --all` lists every setting"),
    }
}

fn flatten(
    table: &toml::Table,
    prefix: &str,
    lines: &mut Vec<(String, Vec<String>)>,
) -> Result<(), String> {
    for (name, value) in table {
        let key = join(prefix, &name.replace('_', "-"));
        match value {
            toml::Value::Table(table) => flatten(table, &key, lines)?,
            toml::Value::Array(items) => {
                let values: Option<Vec<_>> = items.iter().map(plain).collect();
                lines.push((key.clone(), values.ok_or(format!("{key:?} is a list of lists"))?));
            }
            value => lines.extend(plain(value).map(|value| (key, vec![value]))),
        }
    }
    Ok(())
}

fn plain(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Table(_) | toml::Value::Array(_) => None,
        other => Some(other.to_string()),
    }
}

/// The keys of every flag that may be set.
pub fn keys(command: &Command) -> Vec<String> {
    let mut all = Vec::new();
    collect(command, "", &mut all);
    all
}

fn collect(command: &Command, prefix: &str, all: &mut Vec<String>) {
    all.extend(flags(command, prefix).map(|(key, _)| key));
    for sub in subcommands(command) {
        collect(sub, &join(prefix, sub.get_name()), all);
    }
}

fn subcommands(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|sub| !sub.is_hide_set())
}

fn flags<'c>(command: &'c Command, prefix: &str) -> impl Iterator<Item = (String, &'c str)> {
    let own = |arg: &&Arg| !arg.is_global_set() || prefix.is_empty();
    let flags = command.get_arguments().filter(own).filter_map(move |arg| {
        let name = arg.get_long().filter(|name| !NEVER.contains(name))?;
        Some((join(prefix, name), arg.get_id().as_str()))
    });
    flags.collect::<Vec<_>>().into_iter()
}

fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
}

/// The environment variable of a key.
pub fn variable(key: &str) -> String {
    format!("SEATCORE_{}", key.replace(['.', '-'], "_").to_ascii_uppercase())
}

/// Variables of ours that are no flag's.
const OWN: [&str; 2] = ["SEATCORE_API_KEY", "SEATCORE_CONFIG"];
/// What Kubernetes sets beside a service of our name.
const OTHERS: [&str; 2] = ["SEATCORE_SERVICE_", "SEATCORE_PORT"];

/// Variables that begin like ours and are none: each as a sentence.
pub fn strangers(env: &BTreeMap<String, String>, command: &Command) -> Vec<String> {
    let mut known: Vec<_> = keys(command).iter().map(|key| variable(key)).collect();
    known.extend(OWN.map(str::to_owned));
    let names = env.keys().filter(|name| name.starts_with("SEATCORE_"));
    let strange = names
        .filter(|name| !known.contains(name) && !OTHERS.iter().any(|own| name.starts_with(own)));
    let sentence = |name: &String| {
        let end = name.strip_prefix("SEATCORE").unwrap_or_default();
        let longer = || known.iter().find(|known| known.ends_with(end)).map(String::as_str);
        match longer().or_else(|| nearest(name, &known)) {
            Some(near) => format!("{name} is not a setting: did you mean {near}?"),
            None => format!("{name} is not a setting: `seatcore config show --all` lists them"),
        }
    };
    strange.map(sentence).collect()
}

/// Files to read, the nearest first; a chosen one even if it is not there.
fn files(choice: &Choice, env: &BTreeMap<String, String>) -> Vec<PathBuf> {
    match choice {
        Choice::No => Vec::new(),
        Choice::Only(path) => vec![path.clone()],
        Choice::Found => places(env).into_iter().filter(|path| path.is_file()).collect(),
    }
}

/// Where files are looked for, the nearest first.
pub fn places(env: &BTreeMap<String, String>) -> Vec<PathBuf> {
    let set = |name: &str| env.get(name).filter(|path| !path.is_empty()).map(PathBuf::from);
    let user = set("XDG_CONFIG_HOME").or_else(|| set("HOME").map(|home| home.join(".config")));
    let user = user.map(|folder| folder.join("seatcore").join("config.toml"));
    [Some(HERE.into()), user, Some(SYSTEM.into())].into_iter().flatten().collect()
}

fn nearest<'k>(key: &str, known: &'k [String]) -> Option<&'k str> {
    let close = |known: &&String| distance(key, known) <= 2 + key.len() / 6;
    known.iter().filter(close).min_by_key(|known| distance(key, known)).map(String::as_str)
}

/// Letters to change, add or drop.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (at, letter) in left.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], at + 1);
        for (column, other) in right.iter().enumerate() {
            let change = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = change.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_key_is_met_with_the_one_that_was_meant() {
        let known = ["tz", "hold.ttl", "seats.map.ascii"].map(str::to_owned);
        assert_eq!(nearest("hold.tll", &known), Some("hold.ttl"));
        assert_eq!(nearest("seats.map.asci", &known), Some("seats.map.ascii"));
        assert_eq!(nearest("colour-of-the-carpet", &known), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn the_arguments_say_which_file_before_they_are_read() {
        let choice = |line: &str| {
            let words: Vec<OsString> = line.split(' ').map(Into::into).collect();
            Choice::of(&words, &BTreeMap::new())
        };
        assert_eq!(choice("seatcore shows list"), Choice::Found);
        assert_eq!(choice("seatcore --config a.toml shows"), Choice::Only("a.toml".into()));
        assert_eq!(choice("seatcore shows --config=b.toml"), Choice::Only("b.toml".into()));
        assert_eq!(choice("seatcore --no-config shows"), Choice::No);
        assert_eq!(choice("seatcore shows -- --no-config"), Choice::Found);
    }
}
