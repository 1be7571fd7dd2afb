//! What went wrong, in words and as one problem object, and the exit code that goes with it.

use crate::Io;
use crate::args::Colour;
use seatcore::error::{Code, Error, Failure};
use seatcore::house::rejection::Rejection;
use seatcore::wire::ProblemView;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

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
    /// Only `init`, `seed` and `demo` make a database.
    #[error("there is no database at {}", .0.display())]
    NoDatabase(PathBuf),
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

    /// A file that could not be read or written.
    pub fn file(path: impl AsRef<Path>, error: std::io::Error) -> Self {
        Self::File { path: path.as_ref().to_owned(), error }
    }

    /// Adds what may help.
    #[must_use]
    pub fn hint(mut self, text: impl Into<String>) -> Self {
        if let Self::Usage { hint, .. } | Self::Engine { hint, .. } = &mut self {
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

    /// Whether seats that were asked for are in the way.
    pub fn is_about_seats(&self) -> bool {
        let Self::Engine { failure: Failure::Rejected(rejection), .. } = self else { return false };
        let culprit = match rejection {
            Rejection::Step { why, .. } => &**why,
            rejection => rejection,
        };
        matches!(culprit, Rejection::Seats { .. })
    }

    fn code(&self) -> Code {
        match self {
            Self::Engine { failure, .. } => failure.code(),
            Self::Usage { .. } | Self::Declined | Self::Interrupted => Code::Invalid,
            Self::NoDatabase(_) => Code::NotFound,
            Self::File { error, .. } if error.kind() == std::io::ErrorKind::NotFound => {
                Code::NotFound
            }
            Self::File { .. } | Self::Output(_) => Code::Storage,
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
            Self::Engine { hint, failure, .. } => hint.clone().or_else(|| common_hint(failure)),
            Self::Usage { hint, .. } => hint.clone(),
            Self::NoDatabase(_) => Some(
                "`seatcore seed` makes one with shows in it, `seatcore init` an empty one; \
                 --db or SEATCORE_DB names another"
                    .to_owned(),
            ),
            _ => None,
        }
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
        writeln!(io.stderr, "{red}error:{plain} {self}")?;
        for seats in self.alternatives() {
            writeln!(io.stderr, "{cyan}free:{plain} {}", seats.join(" "))?;
        }
        match self.hint_text() {
            Some(hint) => writeln!(io.stderr, "{cyan}hint:{plain} {hint}"),
            None => Ok(()),
        }
    }

    fn alternatives(&self) -> &[Vec<String>] {
        match self {
            Self::Engine { alternatives, .. } => alternatives,
            _ => &[],
        }
    }

    /// The problem object, as HTTP sends it.
    pub fn problem(&self) -> ProblemView {
        let mut problem = match self {
            Self::Engine { failure, .. } => ProblemView::of(failure),
            _ => ProblemView::new(self.code(), self.to_string()),
        };
        problem.alternatives = Some(self.alternatives().to_vec()).filter(|all| !all.is_empty());
        problem.hint = self.hint_text();
        problem
    }
}

/// A problem as one line of JSON.
fn line(problem: &ProblemView) -> String {
    serde_json::to_string(problem).unwrap_or_default()
}

/// What helps whatever the command was.
fn common_hint(failure: &Failure) -> Option<String> {
    let hint = match failure.code() {
        Code::HoldExpired => "its seats may still be free: hold them again",
        Code::NotHolder => "name the holder it belongs to with --as, or leave --as out",
        Code::KeyReused => "a key names one command for ever: choose another --key",
        Code::Busy => "nothing happened; try again",
        Code::OutcomeUnknown => "repeat the command with the same --key to learn its outcome",
        Code::Corrupt => "`seatcore verify` lists what contradicts what",
        Code::NotFound => "the lists know what there is: `seatcore shows list`, `holds list`",
        _ => return None,
    };
    Some(hint.to_owned())
}

/// Prints help on stdout and usage errors on stderr.
pub fn tell_usage(error: &clap::Error, args: &[OsString], io: &mut Io<'_>) -> u8 {
    let as_json = wants_json(args);
    let colour = Colour::Auto;
    if !error.use_stderr() {
        let styled = crate::output::colours(io, colour, io.terminal.stdout);
        drop(write!(io.stdout, "{}", render(error, styled)));
        return 0;
    }
    let told = if as_json {
        let text = render(error, false);
        let detail = text.trim().trim_start_matches("error: ");
        writeln!(io.stderr, "{}", line(&ProblemView::new(Code::Invalid, detail)))
    } else {
        let styled = crate::output::colours(io, colour, io.terminal.stderr);
        write!(io.stderr, "{}", render(error, styled))
    };
    drop(told);
    Code::Invalid.exit_code()
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
