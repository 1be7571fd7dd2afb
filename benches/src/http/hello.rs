//! The limit over HTTP: hyper on the same kind of runtime, one fixed answer with the headers and
//! body of the real one; for a POST the JSON is parsed first.

use crate::Outcome;
use crate::http::client::{Answer, answers_at};
use crate::place::Place;
use crate::rivals::django::free_address;
use crate::rivals::process::Server;
use bytes::Bytes;
use clap::Args;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONNECTION, CONTENT_LENGTH, DATE, HeaderMap, HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use rustix::process::Signal;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

/// What the process is told.
#[derive(Debug, Args)]
pub struct HelloArgs {
    /// Where to listen
    #[arg(long)]
    bind: SocketAddr,
    /// The answer: status line, headers, an empty line, body
    #[arg(long)]
    answer: PathBuf,
}

/// A server in a process of its own, stopped when dropped.
#[derive(Debug)]
pub struct Hello {
    _server: Server,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Hello {
    /// Answers everything as this was answered.
    pub fn start(place: &Place, like: &Answer) -> Outcome<Self> {
        let (address, file) = (free_address()?, place.path("answer"));
        std::fs::write(&file, [like.head.as_bytes(), b"\r\n\r\n", &like.body].concat())?;
        let mut serve = Command::new(std::env::current_exe()?);
        serve.arg("hello").arg(format!("--bind={address}")).arg("--answer").arg(&file);
        let answers = || answers_at(address);
        let server = Server::start(serve, &place.path("hello.log"), Signal::TERM, answers)?;
        Ok(Self { _server: server, address })
    }
}

/// As a hold is asked for.
#[derive(Debug, serde::Deserialize)]
struct Asked {
    seats: Vec<String>,
    #[serde(default)]
    ttl_s: Option<u32>,
}

#[derive(Debug)]
struct Fixed {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Fixed {
    fn parse(bytes: &[u8]) -> Outcome<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").ok_or("no empty line")?;
        let head = std::str::from_utf8(&bytes[..end])?;
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).ok_or("no status")?;
        let mut headers = HeaderMap::new();
        for line in lines {
            let (name, value) = line.split_once(':').ok_or("no header")?;
            let name: HeaderName = name.parse()?;
            if ![CONNECTION, CONTENT_LENGTH, DATE].contains(&name) {
                headers.append(name, HeaderValue::from_str(value.trim())?);
            }
        }
        let body = Bytes::copy_from_slice(&bytes[end + 4..]);
        Ok(Self { status: status.parse()?, headers, body })
    }

    fn answer(&self, status: StatusCode) -> Response<Full<Bytes>> {
        let mut answer = Response::new(Full::new(self.body.clone()));
        *answer.status_mut() = status;
        *answer.headers_mut() = self.headers.clone();
        answer
    }
}

/// What the process does.
pub fn serve(args: &HelloArgs) -> Outcome<()> {
    let fixed = Arc::new(Fixed::parse(&std::fs::read(&args.answer)?)?);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(args.bind).await?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let fixed = fixed.clone();
            let service = service_fn(move |request| respond(fixed.clone(), request));
            tokio::spawn(async move {
                let mut http = hyper::server::conn::http1::Builder::new();
                http.timer(TokioTimer::new());
                drop(http.serve_connection(TokioIo::new(stream), service).await);
            });
        }
    })
}

async fn respond(
    fixed: Arc<Fixed>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    if request.method() != hyper::Method::POST {
        return Ok(fixed.answer(fixed.status));
    }
    let body = request.into_body().collect().await.map(|body| body.to_bytes());
    let asked = body.ok().and_then(|body| serde_json::from_slice::<Asked>(&body).ok());
    let good = asked.is_some_and(|it| !it.seats.is_empty() && it.ttl_s.is_none_or(|ttl| ttl > 0));
    Ok(fixed.answer(if good { fixed.status } else { StatusCode::BAD_REQUEST }))
}
