//! `seats map --watch`: the hall, drawn again whenever something happens in it.

use super::{drawn, heading};
use crate::args::MapArgs;
use crate::error::CliError;
use crate::interrupt::Interrupt;
use crate::office::{Feed, Office};
use crate::output::Style;
use crate::session::Session;
use std::time::Duration;

/// How long the feed is waited for before Ctrl-C is looked at again.
const PATIENCE: Duration = Duration::from_millis(100);
/// Looks without news after which the hall is drawn all the same: a hold may have lapsed where
/// nobody publishes that.
const QUIET_MAX: u32 = 10;

/// Draws until Ctrl-C; for programs, prints what changed, one object a line.
pub fn run(
    session: &mut Session<'_, '_>,
    office: &dyn Office,
    args: &MapArgs,
    style: Style,
) -> Result<(), CliError> {
    let interrupt = Interrupt::watch();
    let mut feed = office.feed(&[args.show])?;
    if session.style.json {
        return tell(session, &mut *feed, &interrupt);
    }
    let head = heading(session, office, args.show)?;
    let mut shown = String::new();
    loop {
        let map = office.seat_map(args.show)?;
        if map.tag != shown {
            let mut lines = vec![head.clone(), String::new()];
            lines.extend(drawn(office, &map, args.holder.as_ref(), style)?);
            draw(session, &lines, shown.is_empty())?;
            shown = map.tag;
        }
        for _ in 0..QUIET_MAX {
            interrupt.check()?;
            if feed.news_within(PATIENCE)? {
                break;
            }
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
    feed: &mut dyn Feed,
    interrupt: &Interrupt,
) -> Result<(), CliError> {
    loop {
        interrupt.check()?;
        if let Some(told) = feed.next_within(PATIENCE)? {
            session.line(&told.to_string())?;
            session.io.stdout.flush()?;
        }
    }
}
