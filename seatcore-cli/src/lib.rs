//! The command line: it reads arguments, asks the engine and prints the answer. It has no rules
//! of its own, and it touches the terminal only through [`Io`], so tests run it in process.

use args::Cli;
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches};
use error::CliError;
use settings::{Choice, Settings};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{BufRead, IsTerminal, Write};
use std::process::ExitCode;

pub mod args;
mod commands;
mod error;
mod fields;
mod interrupt;
mod office;
mod output;
mod place;
mod reading;
mod seat_map;
mod session;
mod settings;
mod shell;
mod waiting;

/// The world of one run: streams, what is a terminal, and the environment.
pub struct Io<'a> {
    /// Answers and passwords come from here.
    pub stdin: &'a mut dyn BufRead,
    /// Data goes here.
    pub stdout: &'a mut dyn Write,
    /// Notes, questions, progress and errors go here.
    pub stderr: &'a mut dyn Write,
    /// Which of them is a terminal.
    pub terminal: Terminal,
    /// Environment variables.
    pub env: BTreeMap<String, String>,
}

impl std::fmt::Debug for Io<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Io").field("terminal", &self.terminal).finish_non_exhaustive()
    }
}

/// Which streams are a terminal, and how wide it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terminal {
    /// A person may answer.
    pub stdin: bool,
    /// Tables and colours are welcome.
    pub stdout: bool,
    /// Questions and progress are welcome.
    pub stderr: bool,
    /// Columns; 80 where nobody knows.
    pub width: u16,
}

impl Terminal {
    /// Columns assumed in a pipe.
    pub const WIDTH_DEFAULT: u16 = 80;

    /// No terminal anywhere: a pipe, a test.
    pub const NONE: Self =
        Self { stdin: false, stdout: false, stderr: false, width: Self::WIDTH_DEFAULT };

    fn here() -> Self {
        let width = comfy_table::Table::new().width().filter(|width| *width > 0);
        Self {
            stdin: std::io::stdin().is_terminal(),
            stdout: std::io::stdout().is_terminal(),
            stderr: std::io::stderr().is_terminal(),
            width: width.unwrap_or(Self::WIDTH_DEFAULT),
        }
    }
}

/// Runs with this process' arguments, streams and environment.
pub fn run_on_this_terminal() -> ExitCode {
    let terminal = Terminal::here();
    let (env, unreadable) = environment();
    let mut io = Io {
        stdin: &mut std::io::stdin().lock(),
        stdout: &mut std::io::BufWriter::new(std::io::stdout().lock()),
        stderr: &mut std::io::stderr().lock(),
        terminal,
        env,
    };
    let args: Vec<OsString> = std::env::args_os().collect();
    match unreadable {
        None => run(args, &mut io),
        Some(name) => {
            let error = CliError::usage(format!("{name} is set to something that is not UTF-8"));
            error.tell(&mut io, error::wants_json(&args), args::Colour::Auto);
            ExitCode::from(error.exit_code())
        }
    }
}

/// The environment, as far as it is UTF-8, and the name of a variable of ours that is not: passed
/// over, it would leave us with another database than was meant.
fn environment() -> (BTreeMap<String, String>, Option<String>) {
    let (mut env, mut unreadable) = (BTreeMap::new(), None);
    for (name, value) in std::env::vars_os() {
        let Ok(name) = name.into_string() else { continue };
        match value.into_string() {
            Ok(value) => drop(env.insert(name, value)),
            Err(_) if name.starts_with("SEATCORE_") => unreadable = Some(name),
            Err(_) => {}
        }
    }
    (env, unreadable)
}

/// Runs one command line, program name first, and answers with its exit code.
pub fn run<A: Into<OsString> + Clone>(
    args: impl IntoIterator<Item = A>,
    io: &mut Io<'_>,
) -> ExitCode {
    let args = asking_for_help(args.into_iter().map(Into::into).collect());
    let code = match read_settings(&args, io) {
        Ok(settings) => run_with(&args, settings, io),
        Err(error) => {
            error.tell(io, error::wants_json(&args), args::Colour::Auto);
            error.exit_code()
        }
    };
    // A reader that went away has what it wanted.
    drop(io.stdout.flush());
    ExitCode::from(code)
}

/// `seatcore help seats map` is `seatcore seats map --help`.
fn asking_for_help(mut args: Vec<OsString>) -> Vec<OsString> {
    if args.get(1).is_some_and(|word| word == "help") {
        args.remove(1);
        args.push("--help".into());
    }
    args
}

/// A file with a mistake in it must not keep anybody from the commands that find and mend it.
fn read_settings(args: &[OsString], io: &Io<'_>) -> Result<Settings, CliError> {
    let read = Settings::read(&Choice::of(args, &io.env), &io.env, &Cli::command());
    let mends = ["config", "util", "-h", "--help", "--version"];
    let mended = args.iter().skip(1).any(|arg| mends.iter().any(|word| arg == word));
    if mended { Ok(read.unwrap_or_default()) } else { read }
}

fn run_with(args: &[OsString], settings: Settings, io: &mut Io<'_>) -> u8 {
    let matches = settings.apply(Cli::command()).try_get_matches_from(args);
    let parsed = matches.and_then(|matches| {
        let mut cli = Cli::from_arg_matches(&matches)?;
        // What is typed wins over what is set, also where they are two flags.
        cli.global.json &= is_typed(&matches, "json") || !is_typed(&matches, "format");
        Ok(cli)
    });
    match parsed {
        Ok(cli) => commands::run(cli, settings, io),
        Err(error) => error::tell_usage(&error::without_hidden(error), &settings, args, io),
    }
}

fn is_typed(matches: &ArgMatches, flag: &str) -> bool {
    matches.value_source(flag) == Some(ValueSource::CommandLine)
}
