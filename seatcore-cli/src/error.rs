//! What went wrong, in words and as one problem object, and the exit code that goes with it.

use crate::Io;
use crate::args::{Cli, Colour};
use crate::settings::Settings;
use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue};
use seatcore::error::{Code, Error, Failure};
use seatcore::house::rejection::Rejection;
use seatcore::wire::ProblemView;
use serde_json::Value;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

mod words;

/// Why a command ends with something else than 0.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The engine said no, or failed.
    #[error("{failure}")]
    Engine {
        /// In its own words.
        failure: Failure,
        /// What may help.
        hint: Option<String>,
        /// Other seats, nearest first.
        alternatives: Vec<Vec<String>>,
    },
    /// What was typed cannot be meant.
    #[error("{what}")]
    Usage {
        /// What is wrong with it.
        what: String,
        /// What may help.
        hint: Option<String>,
    },
    /// A server said no, or failed.
    #[error("{}", problem.get("detail").and_then(Value::as_str).unwrap_or("refused"))]
    Server {
        /// As it came.
        problem: Box<Value>,
        /// What may help.
        hint: Option<String>,
    },
    /// No server answered; nothing happened.
    #[error("cannot reach {url}: {why}")]
    Unreachable {
        /// Its address.
        url: String,
        /// What stands in the way.
        why: String,
    },
    /// Somebody answered who is no seatcore server, or a much newer one.
    #[error("{url} answered {what}")]
    Foreign {
        /// Its address.
        url: String,
        /// What it said.
        what: String,
    },
    /// Only `init`, `seed` and `demo` make a database.
    #[error("there is no database at {}", .0.display())]
    NoDatabase(PathBuf),
    /// Nor is it made where an empty file is.
    #[error("there is no database in {}: the file is empty", .0.display())]
    EmptyFile(PathBuf),
    /// The command itself says no, or finds what is not well, with a word of the registry.
    #[error("{what}")]
    Refused {
        /// The word.
        code: Code,
        /// What is in the way.
        what: String,
        /// What may help.
        hint: Option<String>,
    },
    /// Something was done, and nobody could be told.
    #[error("cannot write the output: {error}")]
    Untold {
        /// Why not.
        error: std::io::Error,
        /// What was done.
        done: String,
    },
    /// A file other than the database could not be read or written.
    #[error("{}: {error}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// Nobody reads the output any more, or it cannot be written.
    #[error("cannot write the output: {0}")]
    Output(#[from] std::io::Error),
    /// The answer was no.
    #[error("nothing was done")]
    Declined,
    /// Somebody pressed Ctrl-C.
    #[error("interrupted")]
    Interrupted,
    /// The output has told already; only the exit code is left to say.
    #[error("contradictions were found")]
    Found,
}

impl From<Failure> for CliError {
    fn from(failure: Failure) -> Self {
        Self::Engine { failure, hint: None, alternatives: Vec::new() }
    }
}

impl From<Rejection> for CliError {
    fn from(rejection: Rejection) -> Self {
        Failure::from(rejection).into()
    }
}

impl From<Error> for CliError {
    fn from(error: Error) -> Self {
        Failure::from(error).into()
    }
}

impl CliError {
    /// Something that cannot be meant.
    pub fn usage(what: impl Into<String>) -> Self {
        Self::Usage { what: what.into(), hint: None }
    }

    /// A no of this command's own.
    pub fn refused(code: Code, what: impl Into<String>) -> Self {
        Self::Refused { code, what: what.into(), hint: None }
    }

    /// An answer that could not be printed hides what was done: whoever reads this must not do it
    /// again. A reader that went away has what it wanted.
    pub fn after(self, done: Option<String>) -> Self {
        match (self, done) {
            (Self::Output(error), Some(done)) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                Self::Untold { error, done }
            }
            (error, _) => error,
        }
    }

    /// What a server answered.
    pub fn server(problem: Value) -> Self {
        Self::Server { problem: Box::new(problem), hint: None }
    }

    /// The same without the step of a batch: whoever sells in one command has asked for no steps.
    pub fn without_step(mut self) -> Self {
        if let Self::Server { problem, .. } = &mut self
            && let Some(members) = problem.as_object_mut()
        {
            members.remove("results");
            let culprit = members.remove("culprit");
            let detail = members.get("detail").and_then(Value::as_str).unwrap_or_default();
            let step = format!("step {}: ", culprit.unwrap_or_default());
            let detail = detail.strip_prefix(&step).unwrap_or(detail).to_owned();
            members.insert("detail".to_owned(), detail.into());
        }
        self
    }

    /// A server must know who asks.
    pub fn signed_out() -> Self {
        let problem = ProblemView::new(Code::NotSignedIn, "the server does not know who asks");
        Self::server(serde_json::to_value(problem).unwrap_or_default())
    }

    /// Whether another try may find the server there.
    pub fn passes(&self) -> bool {
        matches!(self, Self::Unreachable { .. }) || self.code().retryable()
    }

    /// A file that could not be read or written.
    pub fn file(path: impl AsRef<Path>, error: std::io::Error) -> Self {
        Self::File { path: path.as_ref().to_owned(), error }
    }

    /// Adds what may help.
    #[must_use]
    pub fn hint(mut self, text: impl Into<String>) -> Self {
        if let Self::Usage { hint, .. }
        | Self::Refused { hint, .. }
        | Self::Engine { hint, .. }
        | Self::Server { hint, .. } = &mut self
        {
            *hint = Some(text.into());
        }
        self
    }

    /// Adds seats that could be had instead.
    #[must_use]
    pub fn offer(mut self, other: Vec<Vec<String>>) -> Self {
        if let Self::Engine { alternatives, .. } = &mut self {
            *alternatives = other;
        }
        self
    }

    /// Whether a rule said no; whoever asks differently may hear yes.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Engine { failure, .. } => matches!(failure, Failure::Rejected(_)),
            Self::Server { .. } => matches!(self.code().exit_code(), 2 | 3 | 5),
            _ => false,
        }
    }

    /// Whether seats that were asked for are in the way.
    pub fn is_about_seats(&self) -> bool {
        let rejection = match self {
            Self::Engine { failure: Failure::Rejected(rejection), .. } => rejection,
            Self::Server { problem, .. } => return problem.get("conflicts").is_some(),
            _ => return false,
        };
        let culprit = match rejection {
            Rejection::Step { why, .. } => &**why,
            rejection => rejection,
        };
        matches!(culprit, Rejection::Seats { .. })
    }

    /// The frozen word.
    pub fn code(&self) -> Code {
        match self {
            Self::Engine { failure, .. } => failure.code(),
            Self::Server { problem, .. } => told_code(problem),
            Self::Unreachable { .. } => Code::Busy,
            Self::Usage { .. } | Self::Declined | Self::Interrupted => Code::Invalid,
            Self::NoDatabase(_) | Self::EmptyFile(_) => Code::NotFound,
            Self::Refused { code, .. } => *code,
            Self::File { error, .. } if error.kind() == std::io::ErrorKind::NotFound => {
                Code::NotFound
            }
            Self::File { .. } | Self::Output(_) | Self::Untold { .. } | Self::Foreign { .. } => {
                Code::Storage
            }
            Self::Found => Code::Corrupt,
        }
    }

    /// What the process ends with.
    pub fn exit_code(&self) -> u8 {
        match self {
            // `seatcore … | head` is no failure.
            Self::Output(error) if error.kind() == std::io::ErrorKind::BrokenPipe => 0,
            Self::Declined => 1,
            Self::Interrupted => crate::interrupt::EXIT_CODE,
            _ => self.code().exit_code(),
        }
    }

    fn hint_text(&self) -> Option<String> {
        match self {
            Self::Engine { hint, failure, .. } => {
                hint.clone().or_else(|| self.common_hint(failure.code()).map(str::to_owned))
            }
            Self::Server { hint, .. } => hint.clone().or_else(|| self.server_hint()),
            Self::Unreachable { url, why } if speaks_plain(url, why) => {
                let plain = url.replacen("https://", "http://", 1);
                Some(format!("nothing happened; it does not speak TLS: is it {plain}?"))
            }
            Self::Unreachable { .. } => {
                Some("nothing happened; is `seatcore serve` running there?".to_owned())
            }
            Self::Foreign { .. } => Some("is that the address of a seatcore server?".to_owned()),
            Self::Usage { hint, .. } => hint.clone(),
            Self::Refused { hint, .. } => hint.clone(),
            Self::Untold { done, .. } => Some(format!("it has happened all the same: {done}")),
            Self::NoDatabase(_) | Self::EmptyFile(_) => Some(
                "`seatcore seed` makes one with shows in it, `seatcore init` an empty one; \
                 --db or SEATCORE_DB names another"
                    .to_owned(),
            ),
            _ => None,
        }
    }

    /// What helps whatever the command was: where something is not there, the list of its kind.
    fn common_hint(&self, code: Code) -> Option<&'static str> {
        match code {
            Code::NotFound => words::of_missing(&self.to_string()),
            code => common_hint(code),
        }
    }

    /// What helps with a server.
    fn server_hint(&self) -> Option<String> {
        let hint = match self.code() {
            Code::NotSignedIn => {
                "put an API key into SEATCORE_API_KEY, or name a file with one: --api-key-file FILE"
            }
            Code::NotAllowed => {
                "the API key was not made for this: `seatcore keys create NAME --scope manage`, \
                 where the file is, makes one that may do everything"
            }
            Code::Corrupt => "`seatcore verify`, where the file is, lists what contradicts what",
            code => return self.common_hint(code).map(str::to_owned),
        };
        Some(hint.to_owned())
    }

    /// Says it on stderr: for people, or for programs.
    pub fn tell(&self, io: &mut Io<'_>, as_json: bool, colour: Colour) {
        let silent = matches!(self, Self::Found | Self::Interrupted)
            || matches!(self, Self::Output(e) if e.kind() == std::io::ErrorKind::BrokenPipe);
        if silent {
            return;
        }
        // Where even stderr is gone there is nobody left to tell.
        let told = if as_json {
            writeln!(io.stderr, "{}", line(&self.problem()))
        } else {
            self.tell_people(io, colour)
        };
        drop(told);
    }

    fn tell_people(&self, io: &mut Io<'_>, colour: Colour) -> std::io::Result<()> {
        let bold = crate::output::colours(io, colour, io.terminal.stderr);
        let (red, cyan, plain) =
            if bold { ("\x1b[1;31m", "\x1b[36m", "\x1b[0m") } else { ("", "", "") };
        let said = words::of_fields(&self.problem()).unwrap_or_else(|| self.to_string());
        writeln!(io.stderr, "{red}error:{plain} {said}")?;
        for seats in self.alternatives() {
            writeln!(io.stderr, "{cyan}free:{plain} {}", seats.join(" "))?;
        }
        match self.hint_text() {
            Some(hint) => writeln!(io.stderr, "{cyan}hint:{plain} {hint}"),
            None => Ok(()),
        }
    }

    fn alternatives(&self) -> Vec<Vec<String>> {
        match self {
            Self::Engine { alternatives, .. } => alternatives.clone(),
            Self::Server { problem, .. } => {
                let told = problem.get("alternatives").cloned().unwrap_or_default();
                serde_json::from_value(told).unwrap_or_default()
            }
            _ => Vec::new(),
        }
    }

    /// The problem object, as HTTP sends it.
    pub fn problem(&self) -> Value {
        let mut problem = match self {
            Self::Engine { failure, .. } => ProblemView::of(failure),
            Self::Server { problem, .. } => {
                let mut problem = Value::clone(problem);
                if let Some(hint) = self.hint_text() {
                    problem["hint"] = hint.into();
                }
                return problem;
            }
            _ => ProblemView::new(self.code(), self.to_string()),
        };
        problem.alternatives = Some(self.alternatives()).filter(|all| !all.is_empty());
        problem.hint = self.hint_text();
        serde_json::to_value(problem).unwrap_or_default()
    }
}

/// The word of a problem; of one that this version does not know, the nearest.
fn told_code(problem: &Value) -> Code {
    let word = problem.get("code").and_then(Value::as_str);
    let known = Code::ALL.iter().copied().find(|code| Some(code.as_str()) == word);
    let fault = problem.get("status").and_then(Value::as_u64).is_some_and(|status| status >= 500);
    known.unwrap_or(if fault { Code::Storage } else { Code::Invalid })
}

/// Whether a server that was asked for TLS answered without.
fn speaks_plain(url: &str, why: &str) -> bool {
    url.starts_with("https://") && why.contains("InvalidContentType")
}

/// A problem as one line of JSON.
fn line(problem: &impl serde::Serialize) -> String {
    serde_json::to_string(problem).unwrap_or_default()
}

/// What helps whatever the command was.
const fn common_hint(code: Code) -> Option<&'static str> {
    let hint = match code {
        Code::HoldExpired => "its seats may still be free: hold them again",
        Code::NotHolder => "name the holder it belongs to with --as, or leave --as out",
        Code::KeyReused => {
            "a key names one command as long as its show is in the file: choose another"
        }
        Code::Busy => "nothing happened; try again",
        Code::OutcomeUnknown => "repeat the command with the same --key to learn its outcome",
        Code::Corrupt => "`seatcore verify` lists what contradicts what",
        _ => return None,
    };
    Some(hint)
}

/// Prints help on stdout and usage errors on stderr.
pub fn tell_usage(
    error: &clap::Error,
    settings: &Settings,
    args: &[OsString],
    io: &mut Io<'_>,
) -> u8 {
    let as_json = wants_json(args);
    let colour = Colour::Auto;
    if !error.use_stderr() {
        let styled = crate::output::colours(io, colour, io.terminal.stdout);
        drop(write!(io.stdout, "{}", render(error, styled)));
        return 0;
    }
    let origin = refused_setting(error, settings, args);
    let told = if as_json {
        let text = render(error, false) + &origin;
        let detail = text.trim().trim_start_matches("error: ");
        writeln!(io.stderr, "{}", line(&ProblemView::new(Code::Invalid, detail)))
    } else {
        let styled = crate::output::colours(io, colour, io.terminal.stderr);
        write!(io.stderr, "{}{origin}", render(error, styled))
    };
    drop(told);
    Code::Invalid.exit_code()
}

/// Without the names that no help page has: nobody should learn those from a slip of the fingers.
pub fn without_hidden(mut error: clap::Error) -> clap::Error {
    let command = Cli::command();
    let hidden = |name: &str| {
        command.get_subcommands().any(|sub| sub.is_hide_set() && sub.get_name() == name)
    };
    let mut names = match error.remove(ContextKind::SuggestedSubcommand) {
        Some(ContextValue::String(name)) => vec![name],
        Some(ContextValue::Strings(names)) => names,
        _ => return error,
    };
    names.retain(|name| !hidden(name));
    if names.is_empty() {
        // Nothing is suggested; an empty list would be an empty line.
        error.remove(ContextKind::Suggested);
    } else {
        error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(names));
    }
    error
}

/// Where a value comes from that nobody typed.
fn refused_setting(error: &clap::Error, settings: &Settings, args: &[OsString]) -> String {
    let said = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.as_str(),
        _ => "",
    };
    let flag = said(ContextKind::InvalidArg).split(' ').next().unwrap_or_default();
    let value = said(ContextKind::InvalidValue);
    let found = settings.behind(flag, value, args);
    found.map_or_else(String::new, |origin| format!("\n{flag} is set to {value:?} by {origin}\n"))
}

/// Whether errors are for programs, as far as arguments tell that nobody could read yet.
pub fn wants_json(args: &[OsString]) -> bool {
    let formats = ["json", "ndjson", "--format=json", "--format=ndjson"];
    args.iter().any(|arg| arg == "--json" || formats[2..].iter().any(|format| arg == format))
        || args.windows(2).any(|pair| {
            pair[0] == "--format" && formats[..2].iter().any(|format| pair[1] == *format)
        })
}

fn render(error: &clap::Error, styled: bool) -> String {
    let text = error.render();
    if styled { text.ansi().to_string() } else { text.to_string() }
}
