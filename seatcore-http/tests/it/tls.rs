//! TLS, and HTTP/2 inside it.

use crate::client::{House, PASSWORD, PATIENCE, Reply};
use bytes::Bytes;
use h2::client::{ResponseFuture, SendRequest};
use hyper::{Request, StatusCode};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use seatcore::accounts::Role;
use seatcore::clock::Stopwatch;
use seatcore_http::{Limits, Options, Tls, TlsError};
use serde_json::json;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Puts a new certificate for `localhost` where the server looks for it; answers the certificate.
fn renew(folder: &Path) -> String {
    let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a pair");
    std::fs::write(folder.join("cert.pem"), pair.cert.pem()).expect("written");
    std::fs::write(folder.join("key.pem"), pair.signing_key.serialize_pem()).expect("written");
    pair.cert.pem()
}

fn load(folder: &Path) -> Result<Tls, TlsError> {
    Tls::load(folder.join("cert.pem"), folder.join("key.pem"))
}

/// A server behind a certificate that its clients trust.
struct Secure {
    house: House,
    tls: Tls,
    certificate: String,
    folder: tempfile::TempDir,
}

fn secure(change: impl FnOnce(&mut Limits)) -> Secure {
    let folder = tempfile::tempdir().expect("a folder");
    let certificate = renew(folder.path());
    let tls = load(folder.path()).expect("a pair");
    let mut options = Options { tls: Some(tls.clone()), ..Options::default() };
    change(&mut options.limits);
    Secure { house: House::with(options), tls, certificate, folder }
}

/// A client that trusts this certificate and nobody else.
fn trusting(certificate: &str, protocol: &[u8]) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    let root = CertificateDer::from_pem_slice(certificate.as_bytes()).expect("a certificate");
    roots.add(root).expect("a root");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().expect("versions");
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![protocol.to_vec()];
    Arc::new(config)
}

fn name() -> ServerName<'static> {
    ServerName::try_from("localhost").expect("a name")
}

type Line = StreamOwned<ClientConnection, TcpStream>;

impl Secure {
    /// A connection that speaks HTTP/1.1.
    fn line(&self) -> Line {
        let config = trusting(&self.certificate, b"http/1.1");
        let client = ClientConnection::new(config, name()).expect("a client");
        StreamOwned::new(client, self.house.connect())
    }

    fn say(&self, text: &str) -> (Line, Option<Reply>) {
        let mut line = self.line();
        line.write_all(text.as_bytes()).expect("written");
        let reply = Reply::read(&mut line, false);
        (line, reply)
    }
}

#[test]
fn sessions_inside_it_are_bound_to_the_host_and_browsers_told_to_stay() {
    let secure = secure(|_| {});
    assert!(secure.house.app.origin().starts_with("https://127.0.0.1:"));
    secure.house.engine.add_user("ann", PASSWORD, Role::Customer).expect("a user");
    let body = json!({"name": "ann", "password": PASSWORD}).to_string();
    let head = format!(
        "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let signed = secure.say(&head).1.expect("an answer").is(200);
    let cookie = signed.header("set-cookie").expect("a cookie");
    assert!(cookie.starts_with("__Host-seatcore=") && cookie.ends_with("; Secure"), "{cookie}");
    assert_eq!(signed.header("strict-transport-security"), Some("max-age=31536000"));
    let ask = format!(
        "GET /api/v1/session HTTP/1.1\r\nHost: localhost\r\nCookie: {}\r\n\r\n",
        signed.cookie()
    );
    assert_eq!(secure.say(&ask).1.expect("an answer").is(200).json()["user"]["name"], "ann");
}

#[test]
fn heads_inside_it_are_looked_at_like_all_others() {
    let secure = secure(|limits| limits.headers_within = Duration::from_secs(5));
    for bad in [
        "GET /healthz HTTP/1.1\nHost: localhost\n\n",
        "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\
         Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: +2\r\n\r\n{}",
    ] {
        let (mut line, reply) = secure.say(bad);
        assert_eq!(reply.expect("an answer").status, 400, "{bad:?}");
        assert_eq!(line.read(&mut [0; 64]).unwrap_or(0), 0, "closed after {bad:?}");
    }
    let (mut line, reply) = secure.say("GET /healthz HTTP/1.1\r\nHost: loc");
    assert!(reply.is_none() && line.read(&mut [0; 64]).unwrap_or(0) == 0, "half a head");
    secure.say("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").1.expect("an answer").is(200);
}

#[test]
fn who_does_not_greet_in_time_or_speaks_in_clear_is_let_go() {
    let secure = secure(|limits| limits.headers_within = Duration::from_millis(300));
    // The second is the beginning of a ClientHello.
    let starts: [&[u8]; 3] = [b"", b"\x16\x03\x01\x02\x00\x01\x00", b"GET / HTTP/1.1\r\n\r\n"];
    for start in starts {
        let mut stream = secure.house.connect();
        stream.write_all(start).expect("written");
        let mut said = Vec::new();
        // An alert, if anything, and the end.
        drop(stream.read_to_end(&mut said));
        assert!(said.len() < 32 && !said.starts_with(b"HTTP"), "{said:?}");
    }
}

#[test]
fn a_renewed_certificate_is_for_whoever_comes_next() {
    let mut secure = secure(|_| {});
    let ask = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let (mut before, reply) = secure.say(ask);
    reply.expect("an answer").is(200);
    std::fs::write(secure.folder.path().join("cert.pem"), "nonsense").expect("written");
    assert!(matches!(secure.tls.reload(), Err(TlsError::Read { .. })));
    secure.say(ask).1.expect("the old one is served").is(200);
    let renewed = renew(secure.folder.path());
    secure.tls.reload().expect("a pair");
    let old = trusting(&secure.certificate, b"http/1.1");
    let client = ClientConnection::new(old, name()).expect("a client");
    let mut refused = StreamOwned::new(client, secure.house.connect());
    assert!(refused.write_all(ask.as_bytes()).is_err(), "another certificate");
    secure.certificate = renewed;
    secure.say(ask).1.expect("an answer").is(200);
    before.write_all(ask.as_bytes()).expect("written");
    Reply::read(&mut before, false).expect("connections that were there go on").is(200);
}

#[test]
fn a_certificate_that_cannot_be_served_is_refused_at_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(matches!(load(folder.path()), Err(TlsError::Read { .. })), "no files");
    renew(folder.path());
    let key = std::fs::read(folder.path().join("key.pem")).expect("read");
    renew(folder.path());
    load(folder.path()).expect("a pair");
    std::fs::write(folder.path().join("key.pem"), key).expect("written");
    assert!(matches!(load(folder.path()), Err(TlsError::Pair { .. })), "another's key");
    std::fs::write(folder.path().join("cert.pem"), "").expect("written");
    assert!(matches!(load(folder.path()), Err(TlsError::Read { .. })), "no certificate");
}

/// A connection that speaks HTTP/2, and what runs it.
struct Frames {
    send: SendRequest<Bytes>,
    ended: tokio::task::JoinHandle<Result<(), h2::Error>>,
}

impl Frames {
    async fn open(secure: &Secure, window: u32) -> Self {
        Self::over(secure.house.address, &secure.certificate, window).await
    }

    async fn over(at: SocketAddr, certificate: &str, window: u32) -> Self {
        let stream = tokio::net::TcpStream::connect(at).await.expect("a line");
        let connector = tokio_rustls::TlsConnector::from(trusting(certificate, b"h2"));
        let stream = connector.connect(name(), stream).await.expect("a greeting");
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
        let mut builder = h2::client::Builder::new();
        let shaken = builder.initial_window_size(window).handshake(stream).await;
        let (send, connection) = shaken.expect("frames");
        Self { send, ended: tokio::spawn(connection) }
    }

    async fn ask(&mut self, request: Request<()>, body: &str) -> ResponseFuture {
        let mut send = self.send.clone().ready().await.expect("room for a request");
        let (response, mut sending) =
            send.send_request(request, body.is_empty()).expect("a request");
        if !body.is_empty() {
            sending.send_data(Bytes::copy_from_slice(body.as_bytes()), true).expect("a body");
        }
        response
    }

    async fn answer(&mut self, request: Request<()>, body: &str) -> (StatusCode, String, Vec<u8>) {
        let (head, mut body) = self.ask(request, body).await.await.expect("an answer").into_parts();
        let cookie = head.headers.get("set-cookie").and_then(|line| line.to_str().ok());
        let cookie = cookie.and_then(|line| line.split(';').next()).unwrap_or_default().to_owned();
        let mut bytes = Vec::new();
        while let Some(some) = body.data().await {
            let some = some.expect("data");
            bytes.extend_from_slice(&some);
            body.flow_control().release_capacity(some.len()).expect("room");
        }
        (head.status, cookie, bytes)
    }
}

fn request(method: &str, authority: SocketAddr, path: &str) -> hyper::http::request::Builder {
    Request::builder().method(method).uri(format!("https://{authority}{path}"))
}

fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let test = async { tokio::time::timeout(PATIENCE, test).await.expect("in time") };
    runtime.expect("a runtime").block_on(test);
}

const WINDOW: u32 = 65_535;

#[test]
fn http_2_answers_like_http_1_1() {
    let secure = secure(|_| {});
    let at = secure.house.address;
    secure.house.engine.add_user("ann", PASSWORD, Role::Customer).expect("a user");
    crate::client::add_show(&secure.house.engine, "A-Z:200");
    run(async {
        let mut frames = Frames::open(&secure, WINDOW).await;
        let json =
            |method, path| request(method, at, path).header("content-type", "application/json");
        let body = json!({"name": "ann", "password": PASSWORD}).to_string();
        let sign_in = json("POST", "/api/v1/session").body(()).expect("a request");
        let (status, cookie, _) = frames.answer(sign_in, &body).await;
        assert!(status == 200 && cookie.starts_with("__Host-seatcore="), "{status} {cookie}");
        let wish = json("POST", "/api/v1/shows/1/holds").header("cookie", &cookie);
        let origin = format!("https://{at}");
        let wish = wish.header("origin", origin).body(()).expect("a request");
        let (status, _, held) = frames.answer(wish, r#"{"seats":["A1"]}"#).await;
        assert_eq!(status, 201, "{}", String::from_utf8_lossy(&held));
        let large = request("GET", at, "/api/v1/shows/2/seats").body(()).expect("a request");
        let (status, _, rows) = frames.answer(large, "").await;
        let rows: serde_json::Value = serde_json::from_slice(&rows).expect("JSON, whole");
        assert_eq!((status.as_u16(), rows["data"].as_array().map(Vec::len)), (200, Some(5_200)));
        let elsewhere = Request::builder().uri("https://evil.example/version").body(());
        let (status, ..) = frames.answer(elsewhere.expect("a request"), "").await;
        assert_eq!(status, 421);
        let long = json("POST", "/api/v1/session").body(()).expect("a request");
        let (status, ..) = frames.answer(long, &"x".repeat(70_000)).await;
        assert_eq!(status, 413);
    });
}

/// The server took its leave; the client's own goodbye may meet a socket that is closed by then.
fn in_peace(ended: Result<(), h2::Error>) {
    use std::io::ErrorKind::{BrokenPipe, ConnectionReset, NotConnected};
    let late = |error: &h2::Error| {
        let kind = error.get_io().map(std::io::Error::kind);
        matches!(kind, Some(BrokenPipe | ConnectionReset | NotConnected))
    };
    assert!(ended.as_ref().err().is_none_or(late), "{ended:?}");
}

#[test]
fn an_http_2_connection_that_asks_nothing_is_let_go() {
    // The greeting is held to it too, on a busy machine.
    let quick = Duration::from_secs(2);
    let limits = |limits: &mut Limits| (limits.headers_within, limits.idle_within) = (quick, quick);
    let secure = secure(limits);
    run(async {
        let silent = Frames::open(&secure, WINDOW).await;
        in_peace(silent.ended.await.expect("it ends"));
        let mut idle = Frames::open(&secure, WINDOW).await;
        let ask = request("GET", secure.house.address, "/healthz").body(()).expect("a request");
        assert_eq!(idle.answer(ask, "").await.0, 200);
        in_peace(idle.ended.await.expect("it ends"));
        // Whoever listens is not idle.
        let mut frames = Frames::open(&secure, WINDOW).await;
        let ask = request("GET", secure.house.address, "/api/v1/events?shows=1").body(());
        let events = frames.ask(ask.expect("a request"), "").await.await.expect("a stream");
        let mut events = events.into_body();
        events.data().await.expect("a greeting").expect("data");
        tokio::time::sleep(2 * quick).await;
        assert!(!frames.ended.is_finished());
    });
}

#[test]
fn who_takes_nothing_of_an_answer_over_http_2_is_let_go() {
    let secure = secure(|limits| limits.taken_within = Duration::from_millis(400));
    crate::client::add_show(&secure.house.engine, "A-Z:200");
    run(async {
        let mut frames = Frames::open(&secure, 16).await;
        let at = secure.house.address;
        let large = request("GET", at, "/api/v1/shows/2/seats").body(()).expect("a request");
        let answer = frames.ask(large, "").await.await.expect("an answer");
        assert_eq!(answer.status(), 200);
        let watch = Stopwatch::start();
        assert!(frames.ended.await.expect("it ends").is_err(), "and not in peace");
        assert!(watch.elapsed() < PATIENCE);
    });
    let watch = Stopwatch::start();
    while secure.house.app.metrics.connections.get() > 0 && watch.elapsed() < PATIENCE {
        std::thread::yield_now();
    }
    assert_eq!(secure.house.app.metrics.connections.get(), 0, "the connection was given up");
}

#[test]
fn streams_of_http_2_are_told_goodbye() {
    let mut secure = secure(|_| {});
    let (tell, told) = std::sync::mpsc::channel();
    let at = secure.house.address;
    let listening = run_beside(&secure, move |mut frames| async move {
        let ask = request("GET", at, "/api/v1/events?shows=1").body(()).expect("a request");
        let mut events = frames.ask(ask, "").await.await.expect("a stream").into_body();
        let mut text = String::new();
        while let Some(Ok(bytes)) = events.data().await {
            text.push_str(&String::from_utf8_lossy(&bytes));
            events.flow_control().release_capacity(bytes.len()).expect("room");
            let _ = tell.send(());
        }
        text
    });
    told.recv_timeout(PATIENCE).expect("a greeting");
    assert_eq!(secure.house.stop(), 0, "nothing had to be cut");
    let text = listening.join().expect("it ends");
    assert!(text.contains("event: hello") && text.contains("event: bye"), "{text}");
}

/// Runs a client on a thread of its own.
fn run_beside<F: Future<Output = String>>(
    secure: &Secure,
    client: impl FnOnce(Frames) -> F + Send + 'static,
) -> std::thread::JoinHandle<String> {
    let certificate = secure.certificate.clone();
    let at = secure.house.address;
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let frames = Frames::over(at, &certificate, WINDOW).await;
            client(frames).await
        })
    })
}
