//! The picker's screen.

use super::hall::Line as HallLine;
use super::visit::{Tone, Visit};
use crate::output::{Paint, Style as Printing};
use crate::reading::print_span;
use crate::seat_map::Glyph;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph, Wrap};
use seatcore::id::SeatIndex;
use std::time::Duration;

/// Columns and lines without which nothing can be told apart.
pub const SMALLEST: (u16, u16) = (40, 12);
/// Below this the clock is worth a colour.
const SOON: Duration = Duration::from_secs(60);

const HELP: &str = "\
arrows  h j k l   move
PgUp PgDn         ten rows
Home End          the row's ends
Tab               the next free seat
space  click      take or leave a seat
1 to 9            hold the best so many
Enter             hold what is taken,
                  then book what is held
e                 more time
r  Esc            release what is held
q  Ctrl-C         leave

any key closes this";

/// How the picture is drawn.
#[derive(Debug, Clone)]
pub struct Look {
    /// Colours, characters.
    pub printing: Printing,
    /// What is shown, where and when.
    pub heading: String,
    /// Whether the keys are explained.
    pub help: bool,
    /// First line and column of the hall that are seen.
    pub scroll: (usize, usize),
    /// Where the hall was drawn, for mice.
    pub area: Rect,
}

impl Look {
    /// Nothing is scrolled.
    pub fn new(printing: Printing, heading: String) -> Self {
        Self { printing, heading, help: false, scroll: (0, 0), area: Rect::ZERO }
    }

    fn style(&self, paint: Paint) -> Style {
        if !self.printing.colour {
            return match paint {
                Paint::Dim => Style::new().add_modifier(Modifier::DIM),
                Paint::Bold => Style::new().add_modifier(Modifier::BOLD),
                _ => Style::new(),
            };
        }
        match paint {
            Paint::Dim => Style::new().add_modifier(Modifier::DIM),
            Paint::Bold => Style::new().add_modifier(Modifier::BOLD),
            Paint::Green => Style::new().fg(Color::Green),
            Paint::Yellow => Style::new().fg(Color::Yellow),
            Paint::Blue => Style::new().fg(Color::Blue),
            Paint::Red => Style::new().fg(Color::Red),
            Paint::Magenta => Style::new().fg(Color::Magenta),
        }
    }

    const fn chosen_sign(&self) -> &'static str {
        if self.printing.unicode { "◆" } else { "+" }
    }
}

/// Draws everything.
pub fn draw(frame: &mut Frame<'_>, visit: &Visit, look: &mut Look) {
    let all = frame.area();
    if all.width < SMALLEST.0 || all.height < SMALLEST.1 {
        let (wide, high) = SMALLEST;
        let text = format!(
            "The terminal is too small: {wide} columns and {high} lines are needed, here are {} \
             and {}. q leaves.",
            all.width, all.height
        );
        frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), all);
        return;
    }
    let parts = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Min(3),
        Constraint::Length(1),
        Constraint::Length(4),
    ]);
    let [head, bar, hall, rule, foot] = parts.areas(all);
    frame.render_widget(Line::styled(look.heading.clone(), look.style(Paint::Bold)), head);
    follow_cursor(visit, look, hall);
    frame.render_widget(screen_bar(visit, look), bar);
    frame.render_widget(Paragraph::new(hall_lines(visit, look, hall)), hall);
    look.area = hall;
    let line = if look.printing.unicode { "─" } else { "-" }.repeat(usize::from(all.width));
    frame.render_widget(Line::styled(line, look.style(Paint::Dim)), rule);
    frame.render_widget(Paragraph::new(foot_lines(visit, look, foot.width)), foot);
    if look.help {
        explain(frame, all);
    }
}

/// Scrolls as little as brings the cursor into view.
fn follow_cursor(visit: &Visit, look: &mut Look, area: Rect) {
    let (line, column) = (visit.hall.line(visit.cursor), visit.hall.column(visit.cursor));
    let high = usize::from(area.height);
    let wide = usize::from(area.width).saturating_sub(2 * (visit.hall.label + 1)).max(1);
    let scrolled = |first: usize, at: usize, room: usize, all: usize| {
        let first = first.min(at).max((at + 1).saturating_sub(room));
        first.min(all.saturating_sub(room))
    };
    look.scroll = (
        scrolled(look.scroll.0, line, high, visit.hall.lines.len()),
        scrolled(look.scroll.1, column, wide, visit.hall.wide),
    );
}

fn screen_bar(visit: &Visit, look: &Look) -> Line<'static> {
    let word = " SCREEN ";
    let wide = visit.hall.wide.min(usize::from(u16::MAX));
    let room = wide.saturating_sub(word.len());
    let fill = if look.printing.unicode { "▔" } else { "=" };
    let text = format!("{}{word}{}", fill.repeat(room / 2), fill.repeat(room - room / 2));
    let seen: String = text.chars().skip(look.scroll.1).collect();
    let indent = " ".repeat(visit.hall.label + 1);
    Line::styled(format!("{indent}{seen}"), look.style(Paint::Dim))
}

fn hall_lines(visit: &Visit, look: &Look, area: Rect) -> Vec<Line<'static>> {
    let seen = visit.hall.lines.iter().skip(look.scroll.0).take(usize::from(area.height));
    seen.map(|line| match line {
        HallLine::Blank => Line::default(),
        HallLine::Section(name) => Line::styled(name.clone(), look.style(Paint::Bold)),
        HallLine::Row(row) => row_line(visit, look, *row, area.width),
    })
    .collect()
}

fn row_line(visit: &Visit, look: &Look, row: usize, width: u16) -> Line<'static> {
    let Some(row) = visit.hall.layout.rows().get(row) else { return Line::default() };
    let label = row.label().to_string();
    let indent = visit.hall.label + 1;
    let wide = usize::from(width).saturating_sub(2 * indent).max(1);
    let mut spans = vec![Span::raw(format!("{label:>width$} ", width = visit.hall.label))];
    let mut column = look.scroll.1;
    for seat in (row.seats().start.0..row.seats().end.0).map(SeatIndex) {
        let at = visit.hall.column(seat);
        if at < look.scroll.1 {
            continue;
        }
        if at >= look.scroll.1 + wide {
            break;
        }
        spans.push(Span::raw(" ".repeat(at.saturating_sub(column))));
        spans.push(seat_span(visit, look, seat));
        column = at + 1;
    }
    let end = visit.hall.wide.min(look.scroll.1 + wide);
    spans.push(Span::raw(" ".repeat(end.saturating_sub(column))));
    spans.push(Span::raw(format!(" {label}")));
    Line::from(spans)
}

fn seat_span(visit: &Visit, look: &Look, seat: SeatIndex) -> Span<'static> {
    let glyph = visit.glyph(seat);
    let chosen = visit.chosen.contains(&seat.0);
    let mut style = look.style(if chosen { Paint::Magenta } else { glyph.paint() });
    if chosen {
        style = style.add_modifier(Modifier::BOLD);
    }
    if seat == visit.cursor {
        style = style.add_modifier(Modifier::REVERSED);
    }
    let sign = if chosen { look.chosen_sign() } else { glyph.sign(look.printing.unicode) };
    Span::styled(sign, style)
}

fn foot_lines(visit: &Visit, look: &Look, width: u16) -> Vec<Line<'static>> {
    let (tone, text) = &visit.message;
    let style = match tone {
        Tone::Plain => Style::new(),
        Tone::Good => look.style(Paint::Green),
        Tone::Bad => look.style(Paint::Red),
    };
    let sign = if *tone == Tone::Bad { "! " } else { "" };
    let mut lines = vec![
        under_cursor(visit),
        wallet(visit, look),
        Line::styled(format!("{sign}{text}"), style),
        legend(visit, look),
    ];
    for line in &mut lines {
        cut(line, usize::from(width));
    }
    lines
}

fn under_cursor(visit: &Visit) -> Line<'static> {
    let seat = visit.cursor;
    let tier = visit.tier(seat).map_or_else(String::new, |tier| format!(", {tier}"));
    let place = if visit.hall.layout.accessible(seat) { ", accessible" } else { "" };
    let word = match visit.glyph(seat) {
        Glyph::Accessible => Glyph::Available.word(),
        glyph => glyph.word(),
    };
    let price = visit.money(visit.price(seat));
    Line::raw(format!("{}  {word}{tier}{place}  {price}", visit.label(seat)))
}

/// What is taken or held, what it costs, how long it lasts.
fn wallet(visit: &Visit, look: &Look) -> Line<'static> {
    let mut spans = Vec::new();
    if let Some(hold) = visit.hold.as_ref().map(|held| &held.details) {
        let left = visit.left().unwrap_or_default();
        let soon = left < SOON;
        let clock = format!("{} left", print_span(left));
        spans.push(Span::raw(format!("held {}  {}  ", hold.seats.join(" "), hold.total)));
        spans.push(Span::styled(
            clock,
            look.style(if soon { Paint::Red } else { Paint::Yellow }).add_modifier(Modifier::BOLD),
        ));
    }
    if !visit.chosen.is_empty() {
        let seats = visit.chosen.iter().map(|seat| SeatIndex(*seat));
        let labels: Vec<_> = seats.clone().map(|seat| visit.label(seat)).collect();
        let total = visit.money(seats.map(|seat| visit.price(seat)).sum());
        let gap = if spans.is_empty() { "" } else { "   " };
        spans.push(Span::raw(format!("{gap}taken {}  {total}", labels.join(" "))));
    }
    if spans.is_empty() {
        let booked: usize = visit.bookings.iter().map(|booking| booking.seats.len()).sum();
        let text =
            if booked == 0 { "nothing taken".to_owned() } else { format!("{booked} booked") };
        spans.push(Span::styled(text, look.style(Paint::Dim)));
    }
    Line::from(spans)
}

fn legend(visit: &Visit, look: &Look) -> Line<'static> {
    let stats = visit.map.view.n;
    let counts = [
        (Glyph::Available, stats.available),
        (Glyph::Held, stats.held),
        (Glyph::Booked, stats.booked),
        (Glyph::Blocked, stats.blocked),
    ];
    let mut spans = Vec::new();
    for (glyph, count) in counts {
        let sign = glyph.sign(look.printing.unicode);
        spans.push(Span::styled(sign, look.style(glyph.paint())));
        spans.push(Span::raw(format!(" {} {count}  ", glyph.word())));
    }
    let mine = Glyph::Mine.sign(look.printing.unicode);
    spans.push(Span::styled(mine, look.style(Glyph::Mine.paint())));
    spans.push(Span::raw(" mine"));
    Line::from(spans)
}

/// Cuts what does not fit, and says that something is missing.
fn cut(line: &mut Line<'static>, width: usize) {
    let mut left = width;
    let whole = line.width() <= width;
    for span in &mut line.spans {
        let room = if whole { left } else { left.saturating_sub(1) };
        if span.width() > room {
            span.content = span.content.chars().take(room).collect::<String>().into();
        }
        left = left.saturating_sub(span.width());
    }
    if !whole {
        line.spans.push(Span::raw(">"));
    }
}

fn explain(frame: &mut Frame<'_>, all: Rect) {
    let high = u16::try_from(HELP.lines().count()).unwrap_or(u16::MAX).saturating_add(2);
    let wide = 42.min(all.width);
    let area = Rect {
        x: (all.width - wide) / 2,
        y: all.height.saturating_sub(high) / 2,
        width: wide,
        height: high.min(all.height),
    };
    frame.render_widget(Clear, area);
    let text = Paragraph::new(HELP).block(Block::bordered().title(" Keys "));
    frame.render_widget(text, area);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Format;
    use crate::office::Office;
    use crate::office::file::FileOffice;
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;
    use seatcore::catalogue::layout::Layout as Plan;
    use seatcore::catalogue::movie::NewMovie;
    use seatcore::catalogue::screen::NewScreen;
    use seatcore::catalogue::show::NewShow;
    use seatcore::clock::Timestamp;
    use seatcore::{Engine, Hold, ShowId};
    use std::sync::Arc;

    fn open(rows: &str) -> (Engine, ShowId) {
        let engine = Engine::in_memory();
        let plan = Plan::parse(rows).expect("a plan");
        let screen = engine.add_screen(NewScreen::new("Hall", plan)).expect("a screen");
        let film = NewMovie { title: "Film".into(), minutes: 90, ..NewMovie::default() };
        let movie = engine.add_movie(film).expect("a movie");
        let starts: Timestamp = "2099-01-09T20:00:00Z".parse().expect("a moment");
        let price = "12.50 EUR".parse().expect("money");
        let show = NewShow::new(movie.id, screen.id, starts, price);
        let show = engine.open_show(show).expect("a show");
        (engine, show.id)
    }

    fn visit(engine: &Engine, show: ShowId) -> Visit {
        let ada = seatcore::Holder::parse("ada").expect("a holder");
        let office: Arc<dyn Office> = Arc::new(FileOffice { engine: engine.clone() });
        Visit::begin(&office, show, ada, None).expect("a visit")
    }

    fn picture(visit: &Visit, look: &mut Look, wide: u16, high: u16) -> String {
        let mut terminal = Terminal::new(TestBackend::new(wide, high)).expect("a terminal");
        terminal.draw(|frame| draw(frame, visit, look)).expect("a frame");
        let text = terminal.backend().to_string();
        text.lines().map(|line| line.trim_matches('"').trim_end()).collect::<Vec<_>>().join("\n")
    }

    fn look() -> Look {
        let printing = Printing {
            format: Format::Table,
            json: false,
            quiet: false,
            verbose: false,
            tables: true,
            colour: false,
            unicode: true,
            width: 80,
            titles: false,
        };
        Look::new(printing, "show 1  Film, Hall".to_owned())
    }

    #[test]
    fn the_hall_shows_what_is_taken_held_and_gone() {
        let (engine, show) = open("A-C:3|3@1");
        engine.hold(Hold::new(show, ["A2"]).by("bob")).wait().expect("a hold");
        let mut visit = visit(&engine, show);
        visit.cursor = visit.hall.layout.seat("B3").expect("a seat");
        visit.toggle();
        visit.look().expect("a look");
        let seen = picture(&visit, &mut look(), 60, 14);
        for part in [
            "show 1  Film, Hall",
            "A w ◐ □   □ □ □ A",
            "B w □ ◆   □ □ □ B",
            "B3  available  12.50 EUR",
            "taken B3  12.50 EUR",
            "◐ held 1",
        ] {
            assert!(seen.contains(part), "{part:?} is not in\n{seen}");
        }
    }

    #[test]
    fn somebody_faster_takes_a_seat_out_of_the_choice() {
        let (engine, show) = open("A-C:6");
        let mut visit = visit(&engine, show);
        visit.cursor = visit.hall.layout.seat("B3").expect("a seat");
        visit.toggle();
        engine.hold(Hold::new(show, ["B3"]).by("bob")).wait().expect("a hold");
        assert!(visit.look().expect("a look"));
        assert!(visit.chosen.is_empty());
        assert_eq!(visit.message, (Tone::Bad, "B3 went to somebody else".into()));
        visit.hold_best(2).expect("an answer");
        visit.enter().expect("an answer");
        assert_eq!(visit.bookings.len(), 1);
        visit.hold_best(1).expect("an answer");
        let (booked, left) = visit.leave();
        assert_eq!((booked.len(), left.is_ok()), (1, true));
        assert_eq!(engine.stats(show).expect("counts").held, 1, "bob's; ours was given back");
    }

    #[test]
    fn a_small_window_scrolls_and_a_tiny_one_says_so() {
        let (engine, show) = open("A-AZ:60");
        let mut visit = visit(&engine, show);
        visit.cursor = visit.hall.layout.seat("AZ60").expect("a seat");
        let mut look = look();
        let seen = picture(&visit, &mut look, 40, 12);
        assert!(seen.contains("AZ  □ □") && seen.contains("□ AZ"), "{seen}");
        assert!(look.scroll.0 > 40 && look.scroll.1 > 80, "{:?}", look.scroll);
        assert!(picture(&visit, &mut look, 39, 12).contains("too small"));
    }
}
