//! `seats map --watch`: the hall, drawn again whenever something happens in it.

use super::{drawn, heading};
use crate::args::MapArgs;
use crate::error::CliError;
use crate::interrupt::Interrupt;
use crate::output::Style;
use crate::session::Session;
use seatcore::Engine;
use seatcore::engine::feed::{Activity, Feed, FeedItem};
use seatcore::house::seat::SeatState;
use serde_json::{Value, json};
use std::time::Duration;

/// How long the feed is waited for before Ctrl-C and lapses are looked at again.
const PATIENCE: Duration = Duration::from_millis(100);

/// Draws until Ctrl-C; for programs, prints what changed, one object a line.
pub fn run(
    session: &mut Session<'_, '_>,
    engine: &Engine,
    args: &MapArgs,
    style: Style,
) -> Result<(), CliError> {
    let interrupt = Interrupt::watch();
    let mut feed = engine.feed_from_now(&[args.show])?;
    if session.style.json {
        return tell(session, engine, &mut feed, args, &interrupt);
    }
    let head = heading(session, engine, args.show)?;
    let mut shown = String::new();
    loop {
        let tag = engine.seat_map(args.show)?.etag();
        if tag != shown {
            let mut lines = vec![head.clone(), String::new()];
            lines.extend(drawn(engine, args.show, args.holder.as_ref(), style)?);
            draw(session, &lines, shown.is_empty())?;
            shown = tag;
        }
        interrupt.check()?;
        if feed.next_within(PATIENCE)?.is_some() {
            // What came with it is in the same picture.
            while feed.try_next()?.is_some() {}
        }
    }
}

/// Over the last picture on a terminal; below it in a pipe.
fn draw(session: &mut Session<'_, '_>, lines: &[String], first: bool) -> Result<(), CliError> {
    let out = &mut session.io.stdout;
    if session.io.terminal.stdout {
        write!(out, "{}", if first { "\x1b[2J\x1b[H" } else { "\x1b[H" })?;
        lines.iter().try_for_each(|line| writeln!(out, "{line}\x1b[K"))?;
        write!(out, "\x1b[J")?;
    } else {
        lines.iter().try_for_each(|line| writeln!(out, "{line}"))?;
    }
    Ok(out.flush()?)
}

/// The feed as over HTTP: what each seat became.
fn tell(
    session: &mut Session<'_, '_>,
    engine: &Engine,
    feed: &mut Feed,
    args: &MapArgs,
    interrupt: &Interrupt,
) -> Result<(), CliError> {
    loop {
        interrupt.check()?;
        let told = match feed.next_within(PATIENCE)? {
            None => continue,
            Some(FeedItem::Event(event)) => changed(engine, &event)?,
            Some(FeedItem::Reset(show)) => {
                let snapshot = engine.seat_map(show)?;
                feed.set_position(show, snapshot.seq);
                json!({"show": show, "reset": snapshot.seq, "n": snapshot.stats})
            }
        };
        debug_assert!(told["show"] == json!(args.show));
        session.line(&told.to_string())?;
        session.io.stdout.flush()?;
    }
}

fn changed(engine: &Engine, event: &Activity) -> Result<Value, CliError> {
    let symbol = |state: SeatState| char::from(state.symbol()).to_string();
    let changes: Vec<_> =
        event.changes.iter().map(|(seat, state)| json!([seat.0, symbol(*state)])).collect();
    let stats = engine.stats(event.show)?;
    Ok(json!({"show": event.show, "from": event.seq - 1, "to": event.seq,
              "c": changes, "n": stats}))
}
