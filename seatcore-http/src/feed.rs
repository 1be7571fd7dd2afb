//! The live feed: what happens in the shows somebody looks at, as server-sent events.
//!
//! ```text
//! engine's feed -> one reader -> a show's seats, folded -> frames, made once -> every listener
//! ```
//! A stream begins with where each show stands, or with what the reader missed since its cursor;
//! from then on seats are told as they change. Who takes too long to listen is cut off, comes back
//! with the last `id` it saw, and has missed nothing. See `docs/http-feed.md`.

use crate::answer::Answer;
use crate::ask::Ask;
use crate::query::Query;
use crate::refusal::Refusal;
use crate::route::Written::Text;
use crate::route::{Doc, Handled, Route};
use hyper::Method;
use hyper::header::HeaderName;
use seatcore::ShowId;
use seatcore::accounts::{Deed, Principal};
use seatcore::error::Code;
use std::time::Duration;

mod broadcast;
mod frame;
mod places;
mod stream;
mod watched;

pub use broadcast::{After, Broadcast, Heard, Pass, Wish};
pub use places::{Place, Places};
pub use stream::Stream;

/// Browsers send this when they come back.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Asks nginx to pass on what it gets.
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// The row of the stream.
pub fn routes() -> Vec<Route> {
    vec![Route::new(Method::GET, "/api/v1/events", Deed::Browse, events).doc(Doc {
        tag: "activity",
        summary: "What happens, as it happens: server-sent events, resumable",
        query: &[
            ("shows", "numbers, with commas between", Text),
            ("after", "a cursor: go on behind it; Last-Event-ID wins over it", Text),
        ],
        answer: (200, "events"),
        refusals: &["not_found", "busy"],
        ..Doc::default()
    })]
}

async fn events(ask: Ask) -> Handled {
    let mut query = ask.query()?;
    let shows = read_shows(&mut query, ask.app.options.limits.streams.shows);
    let after = query.parsed("after").map_or(After::Nothing, After::Cursor);
    query.finish()?;
    // Browsers cannot be told that what they remember is wrong: they are given everything.
    let after = match ask.header(LAST_EVENT_ID).filter(|id| !id.is_empty()) {
        Some(id) => id.parse().map_or(After::Unreadable, After::Cursor),
        None => after,
    };
    let principal = ask.identity.principal;
    let pass = match (principal, &ask.identity.token) {
        (Principal::Key { id, .. }, _) => Pass::Key(id),
        (_, Some(token)) => Pass::Session(token.clone()),
        (_, None) => Pass::Guest,
    };
    let (names, holder) = (principal.may(Deed::SeeOthers), principal.holder());
    let wish = Wish { shows, after, names, holder, pass };
    let crowded =
        || Refusal::later(Code::Busy, "too many streams are open", Duration::from_secs(5));
    let place = ask.app.places.take(ask.origin.address).ok_or_else(crowded)?;
    let broadcast = ask.app.broadcast.clone();
    let heard = ask.engine(move |_| broadcast.listen(wish)).await?;
    let patience = ask.app.options.limits.streams.heartbeat;
    let stream = Box::pin(Stream::new(heard, patience, place));
    let answer = Answer::stream("text/event-stream", stream).with(BUFFERING, "no");
    Ok(answer.kept("no-cache, no-transform"))
}

fn read_shows(query: &mut Query, max: usize) -> Vec<ShowId> {
    let Some(text) = query.text("shows") else {
        query.wrong("shows", "is missing");
        return Vec::new();
    };
    let read: Result<Vec<ShowId>, _> = text.split(',').map(str::parse).collect();
    let mut shows = read.unwrap_or_else(|error| {
        query.wrong("shows", format!("is not readable: {error}"));
        Vec::new()
    });
    shows.sort_unstable();
    shows.dedup();
    if shows.len() > max {
        query.too_many("shows", max);
    }
    shows
}
