//! `health`: whether a server takes commands, for containers and supervisors.

use crate::args::HealthArgs;
use crate::error::CliError;
use crate::session::Session;
use seatcore::clock::Stopwatch;
use seatcore::error::{BusyReason, Error};
use serde_json::json;
use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// What a server answers when it can take commands.
const READY: &str = "/readyz";
/// The head of an answer is shorter.
const HEAD_MAX: u64 = 4_096;

/// Asks, prints the answer, and fails unless it is well.
pub fn run(session: &mut Session<'_, '_>, args: &HealthArgs) -> Result<(), CliError> {
    let place = args.url.strip_prefix("http://").map(|rest| rest.trim_end_matches('/'));
    let Some(place) = place.filter(|place| !place.is_empty() && !place.contains('/')) else {
        return Err(CliError::usage(format!("{:?} is not http://HOST:PORT", args.url)));
    };
    let watch = Stopwatch::start();
    let status = ask(place, args.timeout).unwrap_or_else(|error| error.to_string());
    let well = status == "200";
    let spent = watch.elapsed().as_secs_f64() * 1e3;
    let word = if well { "ready" } else { "not ready" };
    let told = json!({"url": args.url, "ready": well, "answer": status, "elapsed_ms": spent});
    let pairs = [
        ("server", args.url.clone()),
        ("state", word.to_owned()),
        ("answer", status),
        ("time", format!("{spent:.1} ms")),
    ];
    if !session.style.quiet || !well {
        session.one(&told, &pairs)?;
    }
    if well {
        return Ok(());
    }
    Err(Error::Busy { reason: BusyReason::Closing, retry_after: Duration::from_secs(1) }.into())
}

/// A server's status word: enough HTTP for a machine that asks itself.
fn ask(place: &str, timeout: Duration) -> std::io::Result<String> {
    let with_port = if place.contains(':') { place.to_owned() } else { format!("{place}:80") };
    let unknown = || std::io::Error::other("that host has no address");
    let address = with_port.to_socket_addrs()?.next().ok_or_else(unknown)?;
    let mut stream = TcpStream::connect_timeout(&address, timeout)?;
    stream.set_read_timeout(Some(timeout))?;
    stream.set_write_timeout(Some(timeout))?;
    write!(stream, "GET {READY} HTTP/1.1\r\nHost: {place}\r\nConnection: close\r\n\r\n")?;
    let mut head = Vec::new();
    stream.take(HEAD_MAX).read_to_end(&mut head)?;
    let head = String::from_utf8_lossy(&head);
    let status = head.split_whitespace().nth(1).filter(|_| head.starts_with("HTTP/1."));
    status.map(str::to_owned).ok_or_else(|| std::io::Error::other("that is not an HTTP answer"))
}
