//! A server in this process, a client that speaks HTTP/1.1 to it, and a reader of its streams.

#![allow(dead_code, reason = "every test binary uses its own part")]

use seatcore::accounts::{PasswordPolicy, Role};
use seatcore::clock::Stopwatch;
use seatcore::engine::feed::Cursor;
use seatcore::{Engine, ShowId};
use seatcore_http::{Options, Server};
use serde_json::Value;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

/// How long anything may take before a test gives up: far more than it takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A server that runs until it is told to stop.
pub struct Running {
    pub engine: Engine,
    pub address: SocketAddr,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    served: Option<JoinHandle<usize>>,
}

impl Running {
    pub fn over(engine: Engine) -> Self {
        Self::with(engine, Options::default())
    }

    pub fn with(engine: Engine, options: Options) -> Self {
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let (told, bound) = mpsc::channel();
        let served = {
            let engine = engine.clone();
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
                runtime.expect("a runtime").block_on(async {
                    let address = "127.0.0.1:0".parse().expect("an address");
                    let server = Server::bind(engine, options, address).await.expect("a server");
                    told.send(server.local_addr().expect("an address")).expect("a test");
                    server.serve(async { drop(stopped.await) }).await
                })
            })
        };
        let address = bound.recv_timeout(PATIENCE).expect("the server listens");
        Self { engine, address, stop: Some(stop), served: Some(served) }
    }

    /// Stops it; answers how many connections had to be cut.
    pub fn stop(&mut self) -> usize {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        self.served.take().map_or(0, |served| served.join().expect("the server ends well"))
    }

    pub fn client(&self) -> Client {
        Client { address: self.address, cookie: None }
    }

    /// Somebody who has signed in.
    pub fn user(&self, name: &str, role: Role) -> Client {
        let policy = PasswordPolicy::Native;
        let user = self.engine.add_user_under(policy, name, "correct horse 7", role);
        let signed = self.engine.start_session(user.expect("a new user").id, None);
        let token = signed.expect("a session").token.reveal();
        Client { address: self.address, cookie: Some(format!("seatcore_session={token}")) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Somebody who asks.
#[derive(Clone)]
pub struct Client {
    pub address: SocketAddr,
    pub cookie: Option<String>,
}

/// What they are told.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub headers: HashMap<String, String>,
    pub body: Vec<u8>,
}

impl Response {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("not JSON: {}", String::from_utf8_lossy(&self.body)))
    }
}

impl Client {
    pub fn get(&self, path: &str) -> Response {
        self.ask("GET", path, &[], "")
    }

    pub fn post(&self, path: &str, body: &Value) -> Response {
        self.ask("POST", path, &[("content-type", "application/json")], &body.to_string())
    }

    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Response {
        let mut reader = self.send(method, path, headers, body);
        let (status, headers) = read_head(&mut reader);
        let mut body = Vec::new();
        match headers.get("content-length").and_then(|length| length.parse::<usize>().ok()) {
            Some(length) if method != "HEAD" => {
                body.resize(length, 0);
                reader.read_exact(&mut body).expect("a whole body");
            }
            _ => {}
        }
        Response { status, headers, body }
    }

    /// Keeps the cookie that an answer sets.
    pub fn keep_cookie(&mut self, response: &Response) {
        if let Some(line) = response.headers.get("set-cookie") {
            self.cookie = line.split(';').next().map(str::to_owned);
        }
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> BufReader<TcpStream> {
        let mut stream = TcpStream::connect(self.address).expect("the server listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a deadline");
        let mut text = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\n", self.address);
        for (name, value) in headers {
            text += &format!("{name}: {value}\r\n");
        }
        if let Some(cookie) = &self.cookie {
            text += &format!("cookie: {cookie}\r\n");
        }
        if !body.is_empty() || method == "POST" {
            text += &format!("content-length: {}\r\n", body.len());
        }
        let closing = if path.contains("/events") { "" } else { "connection: close\r\n" };
        text += &format!("{closing}\r\n{body}");
        stream.write_all(text.as_bytes()).expect("the server reads");
        BufReader::new(stream)
    }

    /// Listens to a stream.
    pub fn listen(&self, query: &str, last: Option<&str>) -> Stream {
        let (status, stream) = self.try_listen(query, last);
        assert_eq!(status, 200);
        stream
    }

    pub fn try_listen(&self, query: &str, last: Option<&str>) -> (u16, Stream) {
        let header = last.map(|last| ("last-event-id", last));
        let headers: Vec<_> = header.into_iter().collect();
        let mut reader = self.send("GET", &format!("/api/v1/events?{query}"), &headers, "");
        let (status, headers) = read_head(&mut reader);
        let (rest, last, begun) = (String::new(), String::new(), Stopwatch::start());
        (status, Stream { reader, headers, rest, begun, last, retry: None })
    }
}

fn read_head(reader: &mut impl BufRead) -> (u16, HashMap<String, String>) {
    let mut line = String::new();
    reader.read_line(&mut line).expect("a status line");
    let status = line.split(' ').nth(1).and_then(|text| text.parse().ok()).expect("a status");
    let mut headers = HashMap::new();
    loop {
        line.clear();
        reader.read_line(&mut line).expect("a header");
        match line.trim_end().split_once(": ") {
            Some((name, value)) => headers.insert(name.to_ascii_lowercase(), value.to_owned()),
            None => return (status, headers),
        };
    }
}

/// A frame.
#[derive(Debug, Clone)]
pub struct Frame {
    pub kind: String,
    pub data: Value,
    pub id: String,
}

/// A stream that is being read.
pub struct Stream {
    reader: BufReader<TcpStream>,
    pub headers: HashMap<String, String>,
    rest: String,
    begun: Stopwatch,
    pub last: String,
    pub retry: Option<u64>,
}

impl Stream {
    /// The next frame; none at the end. Waits at most [`PATIENCE`].
    pub fn next(&mut self) -> Option<Frame> {
        loop {
            while let Some((event, rest)) = self.rest.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.rest = rest;
                if let Some(frame) = self.parse(&event) {
                    return Some(frame);
                }
            }
            self.chunk()?;
        }
    }

    /// The text itself, until it has what is looked for.
    pub fn text_to(&mut self, enough: impl Fn(&str) -> bool) -> String {
        while !enough(&self.rest) {
            self.chunk().expect("the stream goes on");
        }
        std::mem::take(&mut self.rest)
    }

    /// Reads on until a frame is what is looked for.
    pub fn until(&mut self, mut wanted: impl FnMut(&Frame) -> bool) -> Frame {
        while let Some(frame) = self.next() {
            if wanted(&frame) {
                return frame;
            }
        }
        panic!("the stream ended");
    }

    fn parse(&mut self, event: &str) -> Option<Frame> {
        let (mut kind, mut data) = (String::new(), None);
        for line in event.lines() {
            let (name, value) = line.split_once(": ").unwrap_or((line, ""));
            match name {
                "event" => kind = value.to_owned(),
                "data" => data = serde_json::from_str(value).ok(),
                "id" => self.last = value.to_owned(),
                "retry" => self.retry = value.parse().ok(),
                _ => {}
            }
        }
        Some(Frame { kind, data: data?, id: self.last.clone() })
    }

    fn chunk(&mut self) -> Option<()> {
        // Signs of life alone must not keep a test alive.
        assert!(self.begun.elapsed() < 2 * PATIENCE, "what is waited for does not come");
        let mut line = String::new();
        self.reader.read_line(&mut line).expect("something within the deadline");
        let size = usize::from_str_radix(line.trim(), 16).ok().filter(|size| *size > 0)?;
        let mut chunk = vec![0; size + 2];
        self.reader.read_exact(&mut chunk).expect("a whole chunk");
        self.rest += std::str::from_utf8(chunk.get(..size)?).expect("text");
        Some(())
    }
}

/// A show as a page folds it: from the `show` frame on, delta by delta.
#[derive(Debug, Default, Clone)]
pub struct Page {
    pub seq: u64,
    pub symbols: Vec<u8>,
}

impl Page {
    /// Folds a frame about this show in. Nothing may be missing between, and the counts must be
    /// those of the grid.
    pub fn fold(&mut self, show: ShowId, frame: &Frame) {
        let data = &frame.data;
        if data["show"] != show.get() {
            return;
        }
        let number = |name: &str| data[name].as_u64().expect("a number");
        match frame.kind.as_str() {
            "show" if number("seq") >= self.seq => {
                self.symbols = data["s"].as_str().expect("seats").as_bytes().to_vec();
                self.seq = number("seq");
            }
            "reset" => *self = Self::default(),
            "d" if number("to") > self.seq => {
                assert!(number("from") <= self.seq + 1, "{data} after {}", self.seq);
                for change in data["c"].as_array().expect("changes") {
                    let seat = change[0].as_u64().expect("a seat") as usize;
                    self.symbols[seat] = change[1].as_str().expect("a symbol").as_bytes()[0];
                }
                self.seq = number("to");
            }
            _ => return,
        }
        if frame.kind != "reset" {
            self.check_counts(&data["n"]);
        }
    }

    fn check_counts(&self, n: &Value) {
        let count = |symbol| self.symbols.iter().filter(|each| **each == symbol).count();
        let counted = [count(b'.'), count(b'h'), count(b'b'), count(b'x')];
        let told = ["available", "held", "booked", "blocked"].map(|name| n[name].as_u64());
        assert_eq!(told, counted.map(|count| Some(count as u64)), "counts and grid agree");
    }

    /// Reads a stream until this event is folded in.
    pub fn read_to(&mut self, stream: &mut Stream, show: ShowId, seq: u64) {
        while self.seq < seq {
            let frame = stream.next().expect("the stream goes on");
            self.fold(show, &frame);
        }
    }

    /// The same seats as a fresh snapshot, byte for byte.
    pub fn assert_fresh(&self, client: &Client, show: ShowId) {
        let fresh = client.get(&format!("/api/v1/shows/{show}/snapshot")).json();
        assert_eq!(fresh["seq"], self.seq);
        assert_eq!(fresh["s"], String::from_utf8_lossy(&self.symbols).as_ref());
    }
}

/// Where somebody stands who saw a show up to this event.
pub fn cursor(engine: &Engine, show: ShowId, seq: u64) -> String {
    let (epoch, _) = engine.position().expect("a position");
    Cursor { epoch, shows: [(show, seq)].into_iter().collect() }.to_string()
}
