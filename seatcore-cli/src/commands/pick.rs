//! `pick`: the hall on the whole screen, live.

use crate::args::PickArgs;
use crate::commands::book::choose_show;
use crate::commands::{bookings, holds, seats};
use crate::error::CliError;
use crate::interrupt::Interrupt;
use crate::office::Feed;
use crate::output::Style;
use crate::reading;
use crate::session::Session;
use crossterm::event::{
    self, DisableMouseCapture, EnableMouseCapture, Event, KeyCode, KeyEvent, KeyEventKind,
    KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use crossterm::execute;
use ratatui::DefaultTerminal;
use std::time::Duration;

mod draw;
mod hall;
mod visit;

use draw::Look;
use hall::Step;
use visit::Visit;

/// How long a key is waited for before the feed and the clock are looked at.
const TICK: Duration = Duration::from_millis(50);
/// The clock on the screen moves with the seconds.
const TICKS_A_SECOND: u32 = 20;
/// Rows that PgUp and PgDn jump.
const JUMP: usize = 10;

/// Opens the picker, and prints what was bought when it is left.
pub fn run(session: &mut Session<'_, '_>, args: &PickArgs) -> Result<(), CliError> {
    if !session.io.terminal.stdout {
        return Err(CliError::usage("the picker needs a terminal")
            .hint("`seatcore seats map` draws, `seatcore book SHOW SEAT… --as HOLDER` sells"));
    }
    session.require_person("which seats?", "them to `seatcore book SHOW SEAT… --as HOLDER`")?;
    let office = session.office_behind_a_screen()?;
    let show = match args.show {
        Some(show) => office.show(show)?.id,
        None => choose_show(session, &*office)?,
    };
    let said = args.holder.as_ref().map(ToString::to_string);
    let holder = holds::buyer(session, &*office, said)?;
    let holder = reading::holder(&holder).map_err(CliError::usage)?;
    let printing = Style { unicode: session.style.unicode && !args.ascii, ..session.style };
    let mut look = Look::new(printing, seats::heading(session, &*office, show)?);
    let mut visit = Visit::begin(&office, show, holder, args.ttl)?;
    let mut feed = office.feed(&[show])?;
    let went = on_the_screen(&mut visit, &mut look, &mut *feed);
    let (booked, left) = visit.leave();
    booked.iter().try_for_each(|booking| bookings::print_new(session, booking))?;
    went.and(left)
}

/// The terminal, to be given back however this ends: also by a panic, which unwinds through here.
struct Screen(DefaultTerminal);

impl Screen {
    fn take() -> Result<Self, CliError> {
        let terminal = ratatui::try_init()?;
        // Without a mouse there are keys.
        drop(execute!(std::io::stdout(), EnableMouseCapture));
        Ok(Self(terminal))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        drop(execute!(std::io::stdout(), DisableMouseCapture));
        ratatui::restore();
    }
}

/// Draws and listens until somebody leaves.
fn on_the_screen(visit: &mut Visit, look: &mut Look, feed: &mut dyn Feed) -> Result<(), CliError> {
    let interrupt = Interrupt::watch();
    let mut screen = Screen::take()?;
    let mut ticks = 0;
    let mut stale = true;
    loop {
        if stale || ticks % TICKS_A_SECOND == 0 {
            screen.0.draw(|frame| draw::draw(frame, visit, look))?;
        }
        ticks += 1;
        interrupt.check()?;
        stale = false;
        if event::poll(TICK)? {
            match handle(visit, look, &event::read()?)? {
                Next::Stay => stale = true,
                Next::Leave => return Ok(()),
            }
        }
        // Once a second also without news: a hold may have lapsed where nobody publishes that.
        let news = feed.news_within(Duration::ZERO)?;
        if news || ticks % TICKS_A_SECOND == 0 {
            stale |= visit.look()?;
        }
    }
}

/// Whether the visit goes on.
enum Next {
    Stay,
    Leave,
}

fn handle(visit: &mut Visit, look: &mut Look, event: &Event) -> Result<Next, CliError> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => press(visit, look, *key),
        Event::Mouse(mouse) => {
            point(visit, look, *mouse);
            Ok(Next::Stay)
        }
        _ => Ok(Next::Stay),
    }
}

fn press(visit: &mut Visit, look: &mut Look, key: KeyEvent) -> Result<Next, CliError> {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    if control && matches!(key.code, KeyCode::Char('c' | 'd')) {
        return Ok(Next::Leave);
    }
    if std::mem::take(&mut look.help) {
        return Ok(Next::Stay);
    }
    match key.code {
        KeyCode::Char('q') => return Ok(Next::Leave),
        KeyCode::Char('?') => look.help = true,
        KeyCode::Left | KeyCode::Char('h') => visit.go(Step::Left),
        KeyCode::Right | KeyCode::Char('l') => visit.go(Step::Right),
        KeyCode::Up | KeyCode::Char('k') => visit.go(Step::Up(1)),
        KeyCode::Down | KeyCode::Char('j') => visit.go(Step::Down(1)),
        KeyCode::PageUp => visit.go(Step::Up(JUMP)),
        KeyCode::PageDown => visit.go(Step::Down(JUMP)),
        KeyCode::Home => visit.go(Step::Home),
        KeyCode::End => visit.go(Step::End),
        KeyCode::Tab => visit.go_to_free(),
        KeyCode::Char(' ') => visit.toggle(),
        KeyCode::Enter => visit.enter()?,
        KeyCode::Char('e') => visit.extend()?,
        KeyCode::Char('r') | KeyCode::Esc => visit.release()?,
        KeyCode::Char(digit @ '1'..='9') => visit.hold_best(digit as u32 - '0' as u32)?,
        _ => {}
    }
    Ok(Next::Stay)
}

/// A click takes or leaves the seat under it; the wheel moves by rows.
fn point(visit: &mut Visit, look: &Look, mouse: MouseEvent) {
    match mouse.kind {
        MouseEventKind::Down(MouseButton::Left) => {
            let inside = look.area.contains((mouse.column, mouse.row).into());
            let indent = visit.hall.label + 1;
            let line = usize::from(mouse.row.saturating_sub(look.area.y)) + look.scroll.0;
            let column = usize::from(mouse.column.saturating_sub(look.area.x));
            let Some(column) = column.checked_sub(indent).filter(|_| inside) else { return };
            if let Some(seat) = visit.hall.at(line, column + look.scroll.1) {
                visit.cursor = seat;
                visit.toggle();
            }
        }
        MouseEventKind::ScrollUp => visit.go(Step::Up(1)),
        MouseEventKind::ScrollDown => visit.go(Step::Down(1)),
        _ => {}
    }
}
