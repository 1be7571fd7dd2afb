//! A server for one test, and a client that says exactly what it is told.

use seatcore::accounts::Role;
use seatcore::catalogue::layout::Layout;
use seatcore::catalogue::movie::NewMovie;
use seatcore::catalogue::screen::NewScreen;
use seatcore::catalogue::show::NewShow;
use seatcore::clock::{ManualClock, Timestamp};
use seatcore::store::memory::MemoryStore;
use seatcore::{Engine, ShowId};
use seatcore_http::app::App;
use seatcore_http::{Options, Server};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

/// Longer than any answer takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(20);
pub const PASSWORD: &str = "correct horse 9";
const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);

/// A server that lives as long as the test.
pub struct House {
    pub engine: Engine,
    pub clock: Arc<ManualClock>,
    pub address: SocketAddr,
    pub app: Arc<App>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<JoinHandle<usize>>,
}

impl House {
    /// A film, a hall A-E × 10, show 1 in two days at 12.50 EUR.
    pub fn open() -> Self {
        Self::with(Options::default())
    }

    pub fn with(options: Options) -> Self {
        let clock = ManualClock::at(START);
        let store = Box::new(MemoryStore::new(7));
        let engine = Engine::builder().clock(clock.clone()).over(store).expect("an engine");
        add_show(&engine, "A-E:10");
        let (tell, told) = std::sync::mpsc::channel();
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let serving = engine.clone();
        let thread = std::thread::spawn(move || {
            let mut runtime = tokio::runtime::Builder::new_multi_thread();
            let runtime = runtime.worker_threads(2).enable_all().build().expect("a runtime");
            let cut = runtime.block_on(async {
                let address = "127.0.0.1:0".parse().expect("an address");
                let server = Server::bind(serving, options, address).await.expect("a free port");
                let at = server.local_addr().expect("an address");
                tell.send((at, server.app().clone())).expect("the test waits");
                server.serve(async { drop(stopped.await) }).await
            });
            runtime.shutdown_timeout(Duration::from_secs(1));
            cut
        });
        let (address, app) = told.recv_timeout(PATIENCE).expect("the server listens");
        Self { engine, clock, address, app, stop: Some(stop), thread: Some(thread) }
    }

    /// Stops the server; answers how many connections had to be cut.
    pub fn stop(&mut self) -> usize {
        drop(self.stop.take());
        self.thread.take().map_or(0, |thread| thread.join().expect("the server ends"))
    }

    /// A user with a session, as a cookie.
    pub fn user(&self, name: &str, role: Role) -> String {
        let user = self.engine.user(name).or_else(|_| self.engine.add_user(name, PASSWORD, role));
        let session = self.engine.start_session(user.expect("a user").id, None);
        format!("seatcore_session={}", session.expect("a session").token.reveal())
    }

    /// Asks.
    pub fn ask(&self, method: &str, path: &str) -> Ask {
        let lines = vec![("host".to_owned(), self.address.to_string())];
        let (method, path) = (method.to_owned(), path.to_owned());
        Ask { address: self.address, method, path, lines, body: Vec::new() }
    }

    pub fn get(&self, path: &str) -> Reply {
        self.ask("GET", path).send()
    }

    /// A connection and nothing said yet.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("the server listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream.set_write_timeout(Some(PATIENCE)).expect("a timeout");
        stream
    }
}

impl Drop for House {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

pub fn add_show(engine: &Engine, rows: &str) -> ShowId {
    let (title, description) = ("Arrival".to_owned(), String::new());
    let movie = engine.add_movie(NewMovie { title, minutes: 116, description, poster: None });
    let layout = Layout::parse(rows).expect("a plan");
    let name = format!("Hall {rows}");
    let screen = engine.add_screen(NewScreen::new(name, layout)).expect("a screen").id;
    let price = "12.50 EUR".parse().expect("a price");
    let starts = engine.now().plus(Duration::from_secs(48 * 3_600));
    engine
        .open_show(NewShow::new(movie.expect("a movie").id, screen, starts, price))
        .expect("a show")
        .id
}

/// A request being put together.
pub struct Ask {
    address: SocketAddr,
    method: String,
    path: String,
    lines: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Ask {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.lines.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn cookie(self, cookie: &str) -> Self {
        self.header("cookie", cookie)
    }

    pub fn bearer(self, secret: &str) -> Self {
        self.header("authorization", &format!("Bearer {secret}"))
    }

    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    pub fn json(self, value: &Value) -> Self {
        self.body("application/json", value.to_string().as_bytes())
    }

    pub fn body(mut self, media_type: &str, bytes: &[u8]) -> Self {
        self.body = bytes.to_vec();
        self.header("content-type", media_type)
    }

    pub fn send(self) -> Reply {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.path);
        for (name, value) in &self.lines {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !self.body.is_empty() || matches!(&*self.method, "POST" | "PUT" | "PATCH") {
            head.push_str(&format!("content-length: {}\r\n", self.body.len()));
        }
        head.push_str("\r\n");
        let mut stream = TcpStream::connect(self.address).expect("the server listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        // A server that refuses early may close before everything is said.
        drop(stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&self.body)));
        Reply::read(&mut stream, self.method == "HEAD").expect("an answer")
    }
}

/// An answer.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub lines: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    /// Reads one answer; of a stream only its head.
    pub fn read(stream: &mut impl Read, headless: bool) -> Option<Self> {
        let mut bytes = Vec::new();
        let end = loop {
            if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break end;
            }
            let mut some = [0; 4_096];
            match stream.read(&mut some) {
                Ok(0) | Err(_) => return None,
                Ok(count) => bytes.extend_from_slice(&some[..count]),
            }
        };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let pair = |line: &str| {
            let (name, value) = line.split_once(": ").unwrap_or((line, ""));
            (name.to_ascii_lowercase(), value.to_owned())
        };
        let mut reply =
            Self { status, lines: lines.map(pair).collect(), body: bytes.split_off(end + 4) };
        let length = reply.header("content-length").and_then(|text| text.parse().ok());
        let length: usize = length.filter(|_| !headless).unwrap_or(0);
        while reply.body.len() < length {
            let mut some = [0; 16_384];
            match stream.read(&mut some) {
                Ok(0) | Err(_) => break,
                Ok(count) => reply.body.extend_from_slice(&some[..count]),
            }
        }
        Some(reply)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.lines.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The cookie it sets, as one sends it back.
    pub fn cookie(&self) -> String {
        let line = self.header("set-cookie").unwrap_or_default();
        line.split(';').next().unwrap_or_default().to_owned()
    }

    /// The answer, if its status is this one.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        let text = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status, status, "{:?} {text}", self.lines);
        self
    }
}
