//! A client of HTTP/1.1 that does as little as it can: it shares the machine with the server.

use crate::Outcome;
use crate::http::runtime;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// 200 and the like.
    pub status: u16,
    /// Status line and headers, as they came.
    pub head: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.split("\r\n").filter_map(|line| line.split_once(':'));
        lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// The text between a marker and the next quotation mark.
    pub fn after(&self, marker: &str) -> Option<&str> {
        let body = std::str::from_utf8(&self.body).ok()?;
        let (_, rest) = body.split_once(marker)?;
        rest.split(['"', ',', '}']).next()
    }
}

/// A connection that is kept; opened again when the server closes it.
#[derive(Debug)]
pub struct Connection {
    address: SocketAddr,
    stream: Option<TcpStream>,
    read: Vec<u8>,
}

impl Connection {
    /// Nothing is opened yet.
    pub const fn to(address: SocketAddr) -> Self {
        Self { address, stream: None, read: Vec::new() }
    }

    /// Asks and waits for the whole answer.
    pub async fn ask(&mut self, request: &str) -> Outcome<Answer> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => TcpStream::connect(self.address).await?,
        };
        stream.set_nodelay(true)?;
        stream.write_all(request.as_bytes()).await?;
        self.read.clear();
        let end = loop {
            if let Some(end) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                break end;
            }
            more(&mut stream, &mut self.read).await?;
        };
        let head = String::from_utf8_lossy(&self.read[..end]).into_owned();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let mut answer = Answer { status: status.ok_or("no status")?, head, body: Vec::new() };
        let length = answer.header("content-length").and_then(|length| length.parse().ok());
        let length: usize = length.unwrap_or(0);
        while self.read.len() < end + 4 + length {
            more(&mut stream, &mut self.read).await?;
        }
        answer.body = self.read[end + 4..end + 4 + length].to_vec();
        let closed = answer.header("connection").is_some_and(|it| it.eq_ignore_ascii_case("close"));
        self.stream = (!closed).then_some(stream);
        Ok(answer)
    }
}

async fn more(stream: &mut TcpStream, into: &mut Vec<u8>) -> Outcome<()> {
    if stream.read_buf(into).await? == 0 {
        return Err("the server closed the connection".into());
    }
    Ok(())
}

/// One request on a connection of its own.
pub fn ask_once(address: SocketAddr, request: &str) -> Outcome<Answer> {
    runtime()?.block_on(async { Connection::to(address).ask(request).await })
}

/// Whether somebody speaks HTTP there.
pub fn answers_at(address: SocketAddr) -> bool {
    let request = format!("GET /healthz HTTP/1.1\r\nhost: {address}\r\n\r\n");
    ask_once(address, &request).is_ok()
}
