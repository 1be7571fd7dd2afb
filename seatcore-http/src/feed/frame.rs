//! Frames: what a stream says, as server-sent events.
//!
//! The `id` of a frame is where its reader stands once it has taken it. Only the frame that
//! completes something has one, so whoever is cut off in between is given the whole again.

use seatcore::catalogue::layout::Layout;
use seatcore::catalogue::show::ShowStatus;
use seatcore::clock::Timestamp;
use seatcore::engine::feed::{Activity, Cursor};
use seatcore::id::{LayoutHash, SeatIndex};
use seatcore::wire::ActivityView;
use seatcore::{HoldId, ShowId, Stats};
use serde::Serialize;
use std::fmt::Write;

/// What a silent stream says: a comment, which readers skip.
pub const HEARTBEAT: &[u8] = b":\n\n";

/// The first frame of a stream.
#[derive(Debug, Serialize)]
pub struct Hello {
    /// The file's history.
    pub epoch: String,
    /// The server's clock.
    pub now: Timestamp,
    /// The program's version.
    pub version: &'static str,
    /// Silence beyond twice this is a dead line.
    pub heartbeat_ms: u64,
    /// Whose private frames this stream has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder: Option<seatcore::Holder>,
    /// Where each show stands.
    pub shows: Vec<Stands>,
}

/// Where a show stands as a stream begins.
#[derive(Debug, Serialize)]
pub struct Stands {
    /// The show.
    pub show: ShowId,
    /// Its newest event.
    pub seq: u64,
    /// Whether it can be bought: the clock may have changed that without an event.
    pub status: ShowStatus,
    /// The stream goes on where the reader left off; else a `show` frame follows.
    pub resumed: bool,
}

/// A show's seats in full.
#[derive(Debug, Serialize)]
pub struct Full<'a> {
    /// The show.
    pub show: ShowId,
    /// The newest event in it.
    pub seq: u64,
    /// The plan that names the seats.
    pub layout: LayoutHash,
    /// Whether it can be bought.
    pub status: ShowStatus,
    /// One character a seat.
    pub s: &'a str,
    /// The same, counted.
    pub n: Stats,
}

/// What a reader knew of a show is void.
#[derive(Debug, Serialize)]
pub struct Reset {
    /// The show.
    pub show: ShowId,
    /// Why.
    pub reason: &'static str,
}

/// What happened to the reader's own holds.
#[derive(Debug, Serialize)]
pub struct Mine {
    show: ShowId,
    seq: u64,
    at: Timestamp,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hold: Option<HoldId>,
    seats: Vec<String>,
}

impl Mine {
    /// An event about a hold of theirs.
    pub fn of(event: &Activity, layout: &Layout) -> Self {
        let kind = event.kind.as_str();
        let (seats, hold) = (event.seats(layout), event.hold);
        Self { show: event.show, seq: event.seq, at: event.at, kind, hold, seats }
    }
}

/// An event; who did it, if the reader may know.
pub fn act(to: &mut String, event: &Activity, layout: &Layout, names: bool) {
    let mut view = ActivityView::of(event.clone(), layout);
    if !names {
        (view.hold, view.holder, view.actor, view.reason) = (None, None, None, None);
    }
    frame(to, "act", &view);
}

/// Seats that changed from event `from` to event `to_seq`, and the counts after it.
#[derive(Debug, Clone, Copy)]
pub struct Delta<'a> {
    /// The show.
    pub show: ShowId,
    /// The first event in it.
    pub from: u64,
    /// The last one.
    pub to: u64,
    /// Each seat it touched, and what that is now.
    pub changes: &'a [(SeatIndex, u8)],
    /// All seats, counted.
    pub stats: Stats,
}

/// A delta as a frame. Written by hand: it is made for every change.
pub fn delta(out: &mut String, delta: &Delta<'_>) {
    let Delta { show, from, to, changes, stats } = delta;
    // Writing into a string cannot fail.
    let _ = write!(out, "event: d\ndata: {{\"show\":{show},\"from\":{from},\"to\":{to},\"c\":[");
    for (place, (seat, symbol)) in changes.iter().enumerate() {
        let comma = if place == 0 { "" } else { "," };
        let _ = write!(out, "{comma}[{},\"{}\"]", seat.0, char::from(*symbol));
    }
    let Stats { available, held, booked, blocked, capacity } = stats;
    let _ = write!(
        out,
        "],\"n\":{{\"available\":{available},\"held\":{held},\"booked\":{booked},\
         \"blocked\":{blocked},\"capacity\":{capacity}}}}}\n\n"
    );
}

/// Any other frame.
pub fn frame(to: &mut String, kind: &str, data: &impl Serialize) {
    // Our own shapes have text keys and no line breaks: they always print, on one line.
    let data = serde_json::to_string(data).unwrap_or_default();
    let _ = write!(to, "event: {kind}\ndata: {data}\n\n");
}

/// Says where the reader stands once it has taken the frame that follows.
pub fn id(to: &mut String, cursor: &Cursor) {
    let _ = writeln!(to, "id: {cursor}");
}

/// The server asks to come back after this long.
pub fn retry(to: &mut String, wait_ms: u64) {
    let _ = writeln!(to, "retry: {wait_ms}");
}

/// The last frame: the server ends the stream, and the reader comes back after a while.
pub fn bye(wait_ms: u64, reason: &str) -> String {
    format!(
        "retry: {wait_ms}\nevent: bye\ndata: {{\"reason\":\"{reason}\",\"retry_ms\":{wait_ms}}}\n\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delta_is_json_on_one_line() {
        let show = ShowId::new(4).expect("a show");
        let stats = Stats { available: 47, held: 2, booked: 1, blocked: 0, capacity: 50 };
        let changes = [(SeatIndex(24), b'h'), (SeatIndex(25), b'b')];
        let mut text = String::new();
        delta(&mut text, &Delta { show, from: 7, to: 9, changes: &changes, stats });
        let data = text.strip_prefix("event: d\ndata: ").and_then(|t| t.strip_suffix("\n\n"));
        let read: serde_json::Value = serde_json::from_str(data.expect("a frame")).expect("JSON");
        let n = serde_json::to_value(stats).expect("counts");
        let wanted = serde_json::json!({
            "show": 4, "from": 7, "to": 9, "c": [[24, "h"], [25, "b"]], "n": n
        });
        assert_eq!(read, wanted);
    }
}
