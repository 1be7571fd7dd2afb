//! One run: where the database is, how to print, and how to ask.

use crate::Io;
use crate::args::Global;
use crate::error::CliError;
use crate::fields::Answer;
use crate::office::Office;
use crate::office::file::FileOffice;
use crate::office::server::ServerOffice;
use crate::office::server::client::{Client, Credential};
use crate::output::{self, Style, print_json, print_pairs, print_rows};
use crate::place;
use crate::settings::{Origin, Settings};
use chrono_tz::Tz;
use seatcore::clock::{Clock, Stopwatch, SystemClock, Timestamp};
use seatcore::store::sqlite::{Migration, only_reads};
use seatcore::{Builder, Engine};
use seatcore_http::BaseUrl;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One run.
pub struct Session<'s, 'io> {
    /// Its streams.
    pub io: &'s mut Io<'io>,
    /// The flags every command takes.
    pub global: Global,
    /// What files and the environment say.
    pub settings: Settings,
    /// How it prints.
    pub style: Style,
    /// What its answer will have, where that is known.
    answer: Option<&'static Answer>,
    /// What it has changed, for whoever cannot be shown the answer.
    pub done: Option<String>,
}

impl<'s, 'io> Session<'s, 'io> {
    /// A run with these flags.
    pub fn new(global: Global, settings: Settings, io: &'s mut Io<'io>) -> Self {
        let style = Style::of(&global, io);
        Self { io, global, settings, style, answer: None, done: None }
    }

    /// Refuses columns that the answer to come will not have.
    pub fn expect(&mut self, answer: Option<&'static Answer>) -> Result<(), CliError> {
        self.answer = answer;
        answer.map_or(Ok(()), |answer| answer.require(&self.global.fields, self.style.json))
    }

    /// Remembers what was changed, until it is printed.
    pub fn did(&mut self, what: impl Into<String>) {
        self.done = Some(what.into());
    }

    /// The zone in which times are read and printed.
    pub const fn zone(&self) -> Tz {
        self.global.tz
    }

    /// The database: `--db`, else `SEATCORE_DB`, else what a settings file says, else a file here.
    pub fn path(&self) -> PathBuf {
        let set = || self.settings.get("db").and_then(|setting| setting.values.first());
        let named = self.global.db.clone().or_else(|| set().map(PathBuf::from));
        named.unwrap_or_else(|| "seatcore.db".into())
    }

    /// The wall clock, for what happens outside the engine.
    pub fn wall(&self) -> Timestamp {
        SystemClock.wall()
    }

    /// The server that is meant, where the database is not a file.
    pub fn server(&self) -> Result<Option<BaseUrl>, CliError> {
        let path = self.path();
        let Some(text) = path.to_str().filter(|text| is_url(text)) else { return Ok(None) };
        let read = text.parse().map(Some);
        read.map_err(|_| {
            CliError::usage(format!("--db {text:?} is no server"))
                .hint("a server is http://HOST:PORT or https://HOST, without a path")
        })
    }

    /// Where commands are carried out: in the file, or at a server.
    pub fn office(&mut self) -> Result<Arc<dyn Office>, CliError> {
        let (silent, terminal) = (self.style.is_silent(), self.io.terminal.stderr);
        self.office_with(|client| if silent { client } else { client.watched(terminal) })
    }

    /// The same for what draws a screen of its own: nothing may be written across it.
    pub fn office_behind_a_screen(&mut self) -> Result<Arc<dyn Office>, CliError> {
        self.office_with(|client| client)
    }

    fn office_with(
        &mut self,
        ready: impl FnOnce(Client) -> Client,
    ) -> Result<Arc<dyn Office>, CliError> {
        Ok(match self.server()? {
            Some(url) => Arc::new(ServerOffice::new(ready(self.client(&url)?))),
            None => Arc::new(FileOffice { engine: self.engine()? }),
        })
    }

    /// A server, asked with the API key of this run.
    pub fn client(&self, url: &BaseUrl) -> Result<Client, CliError> {
        let client = Client::new(&url.to_string(), self.credential()?);
        Ok(client.patient(self.global.timeout))
    }

    /// An API key never stands among the arguments, where every user of the machine reads it.
    fn credential(&self) -> Result<Credential, CliError> {
        let said = self.global.api_key_file.as_ref();
        let set = self.settings.get("api-key-file");
        let by_file = set.is_some_and(|setting| matches!(setting.origin, Origin::File(_)));
        let weak =
            by_file && set.and_then(|s| s.values.first()).map(PathBuf::from).as_ref() == said;
        let named = self.io.env.get("SEATCORE_API_KEY").filter(|text| !text.trim().is_empty());
        let (place, text) = match (said, named) {
            (Some(file), None) => key_of(file)?,
            (Some(file), Some(_)) if !weak => key_of(file)?,
            (_, Some(text)) => ("SEATCORE_API_KEY".to_owned(), text.clone()),
            (None, None) => return Ok(Credential::Guest),
        };
        let read = text.trim().parse().map(Credential::Key);
        read.map_err(|_| CliError::usage(format!("what {place} has is no API key, such as sck_…")))
    }

    /// Opens the database for one command; it must be there.
    pub fn engine(&mut self) -> Result<Engine, CliError> {
        let path = self.path();
        place::require_database(&path)?;
        self.open(&path, false)
    }

    /// Opens the database, and makes it if it is not there.
    pub fn engine_or_new(&mut self) -> Result<Engine, CliError> {
        let path = self.path();
        place::require_file_or_nothing(&path)?;
        self.open(&path, true)
    }

    fn open(&mut self, path: &Path, create: bool) -> Result<Engine, CliError> {
        let watch = Stopwatch::start();
        let only_reads = only_reads(path);
        let builder = Engine::builder().create(create).sweep(false).read_only(only_reads);
        let engine = self.opened(builder, path)?;
        if only_reads && self.style.verbose {
            self.note(&format!("{} cannot be written here: it is only read", path.display()))?;
        }
        if self.style.verbose {
            let spent = watch.elapsed().as_secs_f64() * 1e3;
            self.note(&format!("opened {} in {spent:.1} ms", path.display()))?;
        }
        Ok(engine)
    }

    /// Opens a file, and says so if that brought it up to date.
    pub fn opened(&mut self, builder: Builder, path: &Path) -> Result<Engine, CliError> {
        let (engine, migrated) = open_telling(builder, path)?;
        if let Some(Migration { from, to, backup, .. }) = migrated {
            let (path, kept) = (path.display(), backup.map(|copy| copy.display().to_string()));
            let kept = kept.map_or(String::new(), |copy| format!("; as it was: {copy}"));
            self.note(&format!("{path} was brought from schema {from} to {to}{kept}"))?;
        }
        Ok(engine)
    }

    /// Prints what only JSON readers get; answers whether that was it.
    pub fn json(&mut self, value: &impl Serialize) -> Result<bool, CliError> {
        if self.style.json {
            let value = serde_json::to_value(value).map_err(std::io::Error::from)?;
            let known = self.answer.map_or(&[][..], |answer| answer.members);
            let value = output::narrowed(value, &self.global.fields, known)?;
            print_json(self.io.stdout, &value, self.style.format)?;
        }
        Ok(self.style.json)
    }

    /// Prints a list.
    pub fn list<T: Serialize>(
        &mut self,
        items: &[T],
        next: Option<String>,
        header: &[&str],
        row: impl Fn(&T) -> Vec<String>,
    ) -> Result<(), CliError> {
        if self.json(&output::list_of(items, next.clone()))? {
            return Ok(());
        }
        let rows: Vec<_> = items.iter().map(row).collect();
        self.rows(header, &rows)?;
        if items.is_empty() {
            self.note("nothing to list")?;
        }
        next.map_or(Ok(()), |next| self.note(&format!("there is more: --before {next}")))
    }

    /// Prints one thing.
    pub fn one(&mut self, item: &impl Serialize, pairs: &[(&str, String)]) -> Result<(), CliError> {
        if self.json(item)? { Ok(()) } else { self.pairs(pairs) }
    }

    /// Prints named values for people and pipes.
    pub fn pairs(&mut self, pairs: &[(&str, String)]) -> Result<(), CliError> {
        let names: Vec<_> = pairs.iter().map(|(name, _)| *name).collect();
        let chosen = self.chosen(&names)?;
        let pairs: Vec<_> = chosen.iter().filter_map(|at| pairs.get(*at)).cloned().collect();
        if pairs.is_empty() {
            return Ok(());
        }
        Ok(print_pairs(self.io.stdout, self.style, &pairs)?)
    }

    /// Prints rows for people and pipes.
    pub fn rows(&mut self, header: &[&str], rows: &[Vec<String>]) -> Result<(), CliError> {
        let columns = self.chosen(header)?;
        if columns.is_empty() {
            return Ok(());
        }
        let cut = |row: &Vec<String>| -> Vec<String> {
            columns.iter().filter_map(|at| row.get(*at).cloned()).collect()
        };
        let rows: Vec<_> = rows.iter().map(cut).collect();
        let header: Vec<_> = columns.iter().filter_map(|at| header.get(*at).copied()).collect();
        Ok(print_rows(self.io.stdout, self.style, &header, &rows)?)
    }

    /// The places of the names wanted. What the answer has elsewhere, or not this time, has none.
    fn chosen(&self, names: &[&str]) -> Result<Vec<usize>, CliError> {
        let wanted = &self.global.fields;
        let Some(answer) = self.answer else { return output::chosen(wanted, names) };
        answer.require(wanted, false)?;
        let here = |name: &&String| names.iter().any(|known| known.eq_ignore_ascii_case(name));
        let here: Vec<_> = wanted.iter().filter(here).cloned().collect();
        if here.is_empty() && !wanted.is_empty() {
            return Ok(Vec::new());
        }
        output::chosen(&here, names)
    }

    /// Prints a line of data.
    pub fn line(&mut self, text: &str) -> Result<(), CliError> {
        Ok(writeln!(self.io.stdout, "{text}")?)
    }

    /// Says something beside the data: on stderr, and not to programs.
    pub fn note(&mut self, text: &str) -> Result<(), CliError> {
        if self.style.quiet || self.style.json {
            return Ok(());
        }
        // Data said before is read before.
        self.io.stdout.flush()?;
        // In one piece: while a server runs, its log goes the same way.
        Ok(self.io.stderr.write_all(format!("{text}\n").as_bytes())?)
    }

    /// Asks before something that cannot be undone. `wanted` is the answer that means yes.
    pub fn confirm(&mut self, question: &str, wanted: &str) -> Result<(), CliError> {
        if self.global.yes {
            return Ok(());
        }
        self.require_person(question, "--yes")?;
        write!(self.io.stderr, "{question} Type {wanted:?} to go on: ")?;
        self.io.stderr.flush()?;
        if self.read_line()? == wanted { Ok(()) } else { Err(CliError::Declined) }
    }

    /// What a flag said, or a person answers; off-terminal the flag must say it.
    pub fn answer(
        &mut self,
        said: Option<String>,
        question: &str,
        flag: &str,
    ) -> Result<String, CliError> {
        if let Some(said) = said {
            return Ok(said);
        }
        self.require_person(question, flag)?;
        write!(self.io.stderr, "{question} ")?;
        self.io.stderr.flush()?;
        self.read_line()
    }

    /// Questions are put to people only; everybody else names the answer.
    pub fn require_person(&self, what: &str, flag: &str) -> Result<(), CliError> {
        let person = self.io.terminal.stdin && self.io.terminal.stderr && !self.global.no_input;
        if person {
            return Ok(());
        }
        Err(CliError::usage(format!("{what} (nobody is here to answer)"))
            .hint(format!("add {flag}")))
    }

    fn read_line(&mut self) -> Result<String, CliError> {
        let mut line = String::new();
        self.io.stdin.read_line(&mut line)?;
        Ok(line.trim_end_matches(['\n', '\r']).to_owned())
    }

    /// Up to the end of the line, or to Ctrl-C, which reaches us as a character.
    fn read_unseen(&mut self) -> Result<String, CliError> {
        let mut line = Vec::new();
        loop {
            let ready = self.io.stdin.fill_buf()?;
            let end = ready.iter().position(|byte| matches!(*byte, b'\n' | CTRL_C));
            let taken = end.unwrap_or(ready.len());
            let stop = end.and_then(|end| ready.get(end).copied());
            let nothing = ready.is_empty();
            line.extend_from_slice(ready.get(..taken).unwrap_or_default());
            let used = taken + usize::from(stop.is_some());
            self.io.stdin.consume(used);
            match stop {
                Some(CTRL_C) => return Err(CliError::Interrupted),
                None if !nothing => {}
                _ => break,
            }
        }
        let text = String::from_utf8(line).map_err(|_| CliError::usage("that is not UTF-8"))?;
        Ok(text.trim_end_matches('\r').to_owned())
    }

    /// A password: from stdin if told so, else from a person, unseen.
    pub fn password(&mut self, from_stdin: bool) -> Result<String, CliError> {
        if from_stdin {
            return self.read_line();
        }
        self.require_person("a password is needed", "--password-stdin")?;
        let first = self.ask_unseen("Password: ")?;
        let second = self.ask_unseen("Again: ")?;
        if first == second { Ok(first) } else { Err(CliError::usage("the passwords differ")) }
    }

    fn ask_unseen(&mut self, prompt: &str) -> Result<String, CliError> {
        // Before the prompt: whoever reads it may type at once.
        let unseen = Unseen::begin();
        write!(self.io.stderr, "{prompt}")?;
        self.io.stderr.flush()?;
        let line = self.read_unseen();
        drop(unseen);
        writeln!(self.io.stderr)?;
        line
    }
}

/// Opens a file. What is kept of it as it was belongs to whom it belongs to.
pub fn open_telling(
    builder: Builder,
    path: &Path,
) -> Result<(Engine, Option<Migration>), CliError> {
    let opened = builder.open_telling(path);
    let (engine, migrated) = opened.map_err(|error| place::unusable(path, error.into()))?;
    if let Some(copy) = migrated.as_ref().and_then(|migrated| migrated.backup.as_ref()) {
        // Where that is not for us to say, it stays whose it is: the file is open all the same.
        drop(place::hand_over(copy, path));
    }
    Ok((engine, migrated))
}

/// Whether a database is named as a server.
pub fn is_url(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

fn key_of(file: &Path) -> Result<(String, String), CliError> {
    let text = std::fs::read_to_string(file).map_err(|error| CliError::file(file, error))?;
    Ok((file.display().to_string(), text))
}

/// Ctrl-C, where it is a character.
const CTRL_C: u8 = 3;

/// While this lives the terminal does not repeat what is typed, and Ctrl-C ends the line rather
/// than the program: a program that dies here would leave the terminal mute.
struct Unseen(Option<rustix::termios::Termios>);

impl Unseen {
    fn begin() -> Self {
        let before = rustix::termios::tcgetattr(std::io::stdin()).ok();
        if let Some(before) = &before {
            let mut silent = before.clone();
            let modes = rustix::termios::LocalModes::ECHO | rustix::termios::LocalModes::ISIG;
            silent.local_modes.remove(modes);
            silent.special_codes[rustix::termios::SpecialCodeIndex::VEOL] = CTRL_C;
            Self::set(&silent);
        }
        Self(before)
    }

    /// Where the terminal cannot be changed the password is seen, which is no reason to refuse.
    fn set(modes: &rustix::termios::Termios) {
        let when = rustix::termios::OptionalActions::Now;
        let _seen = rustix::termios::tcsetattr(std::io::stdin(), when, modes);
    }
}

impl Drop for Unseen {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            Self::set(before);
        }
    }
}
