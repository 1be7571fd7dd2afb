//! One server, asked over HTTP: who asks, how long an answer may take, what is asked again.

use crate::error::CliError;
use crate::shell;
use crate::waiting::Awaited;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use seatcore::accounts::ApiKeySecret;
use seatcore::clock::Stopwatch;
use seatcore::error::{Code, Error};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::cell::Cell;
use std::io::Read;
use std::thread::ThreadId;
use std::time::Duration;
use ureq::http::{Request, Response};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, AsSendBody, Body, RequestExt};

/// From the name to the open connection.
const CONNECTED_WITHIN: Duration = Duration::from_secs(5);
/// From a question to the end of its answer: longer than a server lets itself take.
const ANSWERED_WITHIN: Duration = Duration::from_secs(40);
/// A stream that is silent for so long is dead: servers say every 15 s that they are there.
const SILENT_AT_MOST: Duration = Duration::from_secs(45);
/// Connections that are kept: one for each thread of a race.
const IDLE_MAX: usize = 128;
/// Waits before a question is asked again that got no answer.
const PAUSES: [Duration; 3] =
    [Duration::from_millis(100), Duration::from_millis(400), Duration::from_millis(1_600)];
/// Longest answer: the seats of the largest plan, row by row.
const ANSWER_BYTES_MAX: u64 = 128 * 1024 * 1024;
/// What a path and a query may hold as it is.
const PLAIN: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// Who asks.
#[derive(Debug, Clone)]
pub enum Credential {
    /// Nobody in particular.
    Guest,
    /// A machine.
    Key(ApiKeySecret),
    /// A person who signed in: the cookie as it was set.
    Session(String),
}

/// A command as it is sent.
#[derive(Debug)]
pub struct Command<'a> {
    /// `POST`, `PATCH`, `PUT`, `DELETE`.
    pub method: &'static str,
    /// Below the server's address, encoded.
    pub path: &'a str,
    /// What comes along.
    pub body: Payload<'a>,
    /// Makes asking again safe.
    pub key: Option<&'a str>,
}

/// What comes along with a command.
#[derive(Debug, Clone, Copy)]
pub enum Payload<'a> {
    /// Nothing.
    None,
    /// A value.
    Json(&'a Value),
    /// An image.
    Image(&'a str, &'a [u8]),
}

/// One server.
#[derive(Debug, Clone)]
pub struct Client {
    agent: Agent,
    streams: Agent,
    base: String,
    /// Who asks.
    pub credential: Credential,
    /// How long an answer is waited for, however often it is asked for.
    patience: Duration,
    /// Who hears of waiting.
    watched: Option<Watched>,
}

/// The thread whose waiting is told, and whether to a terminal.
#[derive(Debug, Clone, Copy)]
struct Watched {
    thread: ThreadId,
    terminal: bool,
}

/// Text within a path or a query.
pub fn encoded(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

impl Client {
    /// A server by its address, `http://…` or `https://…`, without a path.
    pub fn new(base: &str, credential: Credential) -> Self {
        let config = || {
            let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
            Agent::config_builder()
                .tls_config(tls)
                .http_status_as_error(false)
                .max_redirects(0)
                .max_redirects_will_error(false)
                .timeout_connect(Some(CONNECTED_WITHIN))
                .max_idle_connections(IDLE_MAX)
                .max_idle_connections_per_host(IDLE_MAX)
                .user_agent(concat!("seatcore-cli/", env!("CARGO_PKG_VERSION")))
        };
        let agent = config().build().new_agent();
        let streams = config().timeout_per_read(Some(SILENT_AT_MOST)).build().new_agent();
        let base = base.trim_end_matches('/').to_owned();
        Self { agent, streams, base, credential, patience: ANSWERED_WITHIN, watched: None }
    }

    /// The same, waiting so long for an answer.
    #[must_use]
    pub fn patient(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// The same, telling whenever this thread waits for an answer.
    #[must_use]
    pub fn watched(self, terminal: bool) -> Self {
        let thread = std::thread::current().id();
        Self { watched: Some(Watched { thread, terminal }), ..self }
    }

    fn patiently<T>(&self, key: Option<&str>, ask: impl FnOnce() -> T) -> T {
        let here = std::thread::current().id();
        let watched = self.watched.filter(|watched| watched.thread == here);
        let _told = watched.map(|watched| {
            let key = key.map(shell::word);
            let key = key.map(|key| format!("; --key {key} is what the command goes by"));
            Awaited::told(format!("waiting for {}", self.base), key, watched.terminal)
        });
        ask()
    }

    /// Where it is.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Asks for something; asks again if no answer comes, because asking changes nothing.
    pub fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, CliError> {
        let ask = |within| self.run(self.request("GET", path).body(())?, within);
        let asked = || again(PAUSES.len(), self.patience, ask);
        self.patiently(None, || self.read(self.answered(asked())))
    }

    /// Sends a command, and reads what it came to.
    pub fn send<T: DeserializeOwned>(&self, command: &Command<'_>) -> Result<T, CliError> {
        self.read(self.command(command))
    }

    /// Sends a command that answers nothing.
    pub fn send_only(&self, command: &Command<'_>) -> Result<(), CliError> {
        self.command(command).map(drop)
    }

    /// Sends a command; again, if no answer comes and its key makes that safe.
    pub fn command(&self, command: &Command<'_>) -> Result<Response<Body>, CliError> {
        let times = if command.key.is_some() { PAUSES.len() } else { 0 };
        // Of one attempt at least: a later one may find nobody there any more.
        let arrived = Cell::new(false);
        let attempt = |within| {
            let sent = self.try_command(command, within);
            arrived.set(arrived.get() || sent.as_ref().is_err_and(may_have_arrived));
            sent
        };
        let sent = self.patiently(command.key, || again(times, self.patience, attempt));
        match sent {
            Err(_) if arrived.get() => Err(unknown(command.key)),
            sent => self.answered(sent),
        }
    }

    fn try_command(
        &self,
        command: &Command<'_>,
        within: Duration,
    ) -> Result<Response<Body>, ureq::Error> {
        let mut request = self.request(command.method, command.path);
        if let Some(key) = command.key {
            request = request.header("idempotency-key", key);
        }
        match command.body {
            Payload::None => self.run(request.body(())?, within),
            Payload::Json(value) => {
                let request = request.header("content-type", "application/json");
                self.run(request.body(value.to_string())?, within)
            }
            Payload::Image(media_type, bytes) => {
                self.run(request.header("content-type", media_type).body(bytes)?, within)
            }
        }
    }

    fn run<B: AsSendBody>(
        &self,
        request: Request<B>,
        within: Duration,
    ) -> Result<Response<Body>, ureq::Error> {
        let request = request.with_agent(&self.agent).configure();
        request.timeout_global(Some(within)).run()
    }

    /// Opens a stream of events, behind the last one that was taken.
    pub fn stream(
        &self,
        path: &str,
        last: Option<&str>,
    ) -> Result<impl Read + Send + use<>, CliError> {
        let mut request = self.request("GET", path).header("accept", "text/event-stream");
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let opened = request.body(()).map_err(ureq::Error::from).and_then(|request| {
            let request = request.with_agent(&self.streams).configure();
            request.timeout_recv_response(Some(self.patience)).run()
        });
        Ok(self.answered(opened)?.into_body().into_reader())
    }

    /// The status of a path, asked once; or why there is none.
    ///
    /// # Errors
    /// What stands in the way, in words.
    pub fn status(&self, path: &str, within: Duration) -> Result<u16, String> {
        let asked = self.request("GET", path).body(()).map_err(ureq::Error::from);
        let asked = asked.and_then(|request| self.run(request, within));
        asked.map(|response| response.status().as_u16()).map_err(|error| in_words(&error))
    }

    fn request(&self, method: &str, path: &str) -> ureq::http::request::Builder {
        let request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        match &self.credential {
            Credential::Guest => request,
            Credential::Key(key) => {
                request.header("authorization", format!("Bearer {}", key.reveal()))
            }
            Credential::Session(cookie) => request.header("cookie", cookie),
        }
    }

    /// An answer that is a yes.
    fn answered(
        &self,
        asked: Result<Response<Body>, ureq::Error>,
    ) -> Result<Response<Body>, CliError> {
        let mut response = asked.map_err(|error| self.unreachable(&error))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let body = response.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_vec();
        match serde_json::from_slice::<Value>(&body.unwrap_or_default()) {
            Ok(problem) if problem.get("code").is_some_and(Value::is_string) => {
                let told = CliError::server(problem);
                let guest = matches!(self.credential, Credential::Guest);
                let signed_out = guest && told.code() == Code::NotSignedIn;
                Err(if signed_out { CliError::signed_out() } else { told })
            }
            _ => Err(self.foreign(status.as_u16())),
        }
    }

    fn read<T: DeserializeOwned>(
        &self,
        answered: Result<Response<Body>, CliError>,
    ) -> Result<T, CliError> {
        let mut response = answered?;
        let body = response.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_vec();
        let body = body.map_err(|error| self.unreachable(&error))?;
        serde_json::from_slice(&body).map_err(|error| CliError::Foreign {
            url: self.base.clone(),
            what: format!("something that this version cannot read ({error})"),
        })
    }

    fn unreachable(&self, error: &ureq::Error) -> CliError {
        CliError::Unreachable { url: self.base.clone(), why: in_words(error) }
    }

    /// Something that is not seatcore has answered, a proxy for instance.
    fn foreign(&self, status: u16) -> CliError {
        let url = self.base.clone();
        if matches!(status, 502..=504) {
            let why = format!("something in between answered {status}");
            return CliError::Unreachable { url, why };
        }
        CliError::Foreign { url, what: format!("{status}, and no word of seatcore's") }
    }
}

fn in_words(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Io(error) => error.to_string(),
        ureq::Error::Timeout(_) => "it did not answer in time".to_owned(),
        ureq::Error::HostNotFound => "there is no such host".to_owned(),
        other => other.to_string(),
    }
}

/// Tries so many times more while no answer comes, and patience is left.
fn again<T>(
    times: usize,
    patience: Duration,
    ask: impl Fn(Duration) -> Result<T, ureq::Error>,
) -> Result<T, ureq::Error> {
    let watch = Stopwatch::start();
    let left = || patience.saturating_sub(watch.elapsed());
    let mut result = ask(patience.min(ANSWERED_WITHIN));
    for pause in PAUSES.iter().take(times) {
        match &result {
            Err(error) if passing(error) && left() > *pause => std::thread::sleep(*pause),
            _ => break,
        }
        result = ask(left().min(ANSWERED_WITHIN));
    }
    result
}

/// Another try may find the server there.
fn passing(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::Io(error) => error.kind() != std::io::ErrorKind::ConnectionRefused,
        ureq::Error::Timeout(_) | ureq::Error::ConnectionFailed | ureq::Error::Protocol(_) => true,
        _ => false,
    }
}

/// The server may have done what it was asked, although no answer came.
fn may_have_arrived(error: &ureq::Error) -> bool {
    use ureq::Timeout::{Connect, Resolve};
    match error {
        ureq::Error::Io(error) => error.kind() != std::io::ErrorKind::ConnectionRefused,
        ureq::Error::Timeout(Connect | Resolve) => false,
        ureq::Error::Timeout(_) | ureq::Error::Protocol(_) | ureq::Error::BodyStalled => true,
        _ => false,
    }
}

fn unknown(key: Option<&str>) -> CliError {
    let error = CliError::from(Error::OutcomeUnknown);
    match key {
        Some(key) => error.hint(format!(
            "the same again with --key {} tells what became of it",
            shell::word(key)
        )),
        None => error.hint("look before you repeat it: it may have happened"),
    }
}
