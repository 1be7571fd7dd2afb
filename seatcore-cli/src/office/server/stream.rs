//! A server's stream of events, read on a thread of its own: whoever waits for it can also look at
//! the clock. A stream that breaks is taken up again behind the last event that arrived.

use super::client::Client;
use crate::error::CliError;
use crate::office::{Answer, Feed};
use seatcore::ShowId;
use seatcore::clock::Stopwatch;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::time::Duration;

/// Frames that wait to be looked at before the reader rests.
const WAITING_MAX: usize = 1_024;
/// Pause before a broken stream is opened again.
const PAUSE: Duration = Duration::from_millis(500);
/// A server that cannot be reached for so long is gone.
const GONE_AFTER: Duration = Duration::from_secs(60);

/// One server-sent event.
#[derive(Debug, Default)]
struct Frame {
    id: Option<String>,
    kind: String,
    data: String,
}

/// What the reader tells.
type Told = Result<Frame, CliError>;

/// A server's stream.
pub struct ServerFeed {
    url: String,
    frames: Receiver<Told>,
}

impl ServerFeed {
    /// Opens the stream of some shows, and waits until it stands: nothing is missed from then on.
    pub fn open(client: &Client, shows: &[ShowId]) -> Answer<Self> {
        let list: Vec<_> = shows.iter().map(ToString::to_string).collect();
        let path = format!("/api/v1/events?shows={}", list.join(","));
        let first = BufReader::new(client.stream(&path, None)?);
        let (sender, frames) = mpsc::sync_channel(WAITING_MAX);
        let (client, url) = (client.clone(), client.base().to_owned());
        std::thread::spawn(move || keep_reading(&client, &path, first, &sender));
        let feed = Self { url, frames };
        // The first frame says hello.
        match feed.frames.recv() {
            Ok(told) => told.map(|_| feed),
            Err(_) => Err(feed.ended()),
        }
    }

    fn ended(&self) -> CliError {
        CliError::Unreachable { url: self.url.clone(), why: "the stream ended".to_owned() }
    }
}

impl Feed for ServerFeed {
    fn next_within(&mut self, patience: Duration) -> Answer<Option<Value>> {
        let watch = Stopwatch::start();
        loop {
            let left = patience.saturating_sub(watch.elapsed());
            match self.frame_within(left)? {
                None => return Ok(None),
                Some(frame) => {
                    if let Some(told) = change(&frame) {
                        return Ok(Some(told));
                    }
                }
            }
        }
    }

    fn news_within(&mut self, patience: Duration) -> Answer<bool> {
        let some = self.frame_within(patience)?.is_some();
        while some && self.frame_within(Duration::ZERO)?.is_some() {}
        Ok(some)
    }
}

impl ServerFeed {
    fn frame_within(&self, patience: Duration) -> Answer<Option<Frame>> {
        match self.frames.recv_timeout(patience) {
            Ok(told) => told.map(Some),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(self.ended()),
        }
    }
}

/// What a frame says about seats: changes, or all of them anew.
fn change(frame: &Frame) -> Option<Value> {
    let data: Value = serde_json::from_str(&frame.data).ok()?;
    match frame.kind.as_str() {
        "d" => Some(data),
        "show" => Some(json!({"show": data["show"], "reset": data["seq"], "n": data["n"]})),
        _ => None,
    }
}

/// Until nobody listens, or the server is gone.
fn keep_reading(
    client: &Client,
    path: &str,
    first: BufReader<impl Read>,
    frames: &SyncSender<Told>,
) {
    let mut last = None;
    let mut begun = true;
    if pass_on(first, &mut last, &mut begun, frames).is_none() {
        return;
    }
    let mut silence = Stopwatch::start();
    loop {
        std::thread::sleep(PAUSE);
        match client.stream(path, last.as_deref()) {
            Ok(stream) => {
                if pass_on(BufReader::new(stream), &mut last, &mut begun, frames).is_none() {
                    return;
                }
                silence = Stopwatch::start();
            }
            Err(error) if silence.elapsed() > GONE_AFTER || !error.passes() => {
                drop(frames.send(Err(error)));
                return;
            }
            Err(_) => {}
        }
    }
}

/// Passes frames on until the stream ends; nothing once nobody listens. The seats with which a
/// stream begins are no change: whoever listens has looked at them.
fn pass_on(
    mut stream: impl BufRead,
    last: &mut Option<String>,
    begun: &mut bool,
    frames: &SyncSender<Told>,
) -> Option<()> {
    while let Some(frame) = next_frame(&mut stream) {
        if frame.id.is_some() {
            last.clone_from(&frame.id);
        }
        let known = *begun && frame.kind == "show";
        *begun &= matches!(frame.kind.as_str(), "hello" | "show");
        if !known {
            frames.send(Ok(frame)).ok()?;
        }
    }
    Some(())
}

/// Reads up to the blank line that ends a frame; none at the end of the stream.
fn next_frame(stream: &mut impl BufRead) -> Option<Frame> {
    let mut frame = Frame::default();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end_matches(['\r', '\n']);
        match line.split_once(':') {
            None if line.is_empty() && !frame.kind.is_empty() => return Some(frame),
            Some((name, value)) => frame.take(name, value.strip_prefix(' ').unwrap_or(value)),
            None => {}
        }
    }
}

impl Frame {
    fn take(&mut self, name: &str, value: &str) {
        match name {
            "id" => self.id = Some(value.to_owned()),
            "event" => self.kind = value.to_owned(),
            "data" => self.data += value,
            // Comments, and the pause a server asks for.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read_between_signs_of_life() {
        let text = ":\n\nid: e.1:7\nevent: d\ndata: {\"show\":1}\n\n:\n\nevent: bye\ndata: {}\n\n";
        let mut stream = text.as_bytes();
        let frame = next_frame(&mut stream).expect("a frame");
        assert_eq!((frame.id.as_deref(), frame.kind.as_str()), (Some("e.1:7"), "d"));
        assert_eq!(change(&frame), Some(json!({"show": 1})));
        let bye = next_frame(&mut stream).expect("a frame");
        assert_eq!((bye.kind.as_str(), change(&bye)), ("bye", None));
        assert!(next_frame(&mut stream).is_none());
    }
}
