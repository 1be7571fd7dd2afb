//! A hall drawn in the terminal: seat by seat where it fits, block by block where it does not.

use crate::office::SeatMap;
use crate::output::{Paint, Style, paint};
use seatcore::catalogue::layout::{Layout, Row};
use seatcore::house::seat::SeatState;
use seatcore::id::SeatIndex;
use std::collections::HashSet;
use std::ops::Range;

/// Columns that a seat and the space behind it take.
const SEAT_COLUMNS: i32 = 2;
/// Hundredths of a pitch in one column.
const COLUMN: i32 = 100 / SEAT_COLUMNS;
/// Widest bar of a block.
const BAR: usize = 24;

/// A show's seats, and whose of them to mark.
#[derive(Debug, Clone, Copy)]
pub struct Drawing<'a> {
    /// The seats.
    pub map: &'a SeatMap,
    /// Those of whoever asks.
    pub mine: &'a HashSet<u32>,
    /// How to print.
    pub style: Style,
}

/// What is drawn in a seat's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Glyph {
    /// Can be had.
    Available,
    /// A free place for a wheelchair.
    Accessible,
    /// Under somebody's clock.
    Held,
    /// Sold.
    Booked,
    /// Off sale.
    Blocked,
    /// The asker's own.
    Mine,
}

impl Glyph {
    const ALL: [Self; 6] =
        [Self::Available, Self::Accessible, Self::Held, Self::Booked, Self::Blocked, Self::Mine];

    /// What everybody sees.
    pub const fn of(state: SeatState) -> Self {
        match state {
            SeatState::Available => Self::Available,
            SeatState::Held => Self::Held,
            SeatState::Booked => Self::Booked,
            SeatState::Blocked => Self::Blocked,
        }
    }

    /// One column wide.
    pub const fn sign(self, unicode: bool) -> &'static str {
        match (self, unicode) {
            (Self::Accessible, _) => "w",
            (Self::Available, true) => "□",
            (Self::Held, true) => "◐",
            (Self::Booked, true) => "■",
            (Self::Blocked, true) => "✕",
            (Self::Mine, true) => "◇",
            (Self::Available, false) => ".",
            (Self::Held, false) => "h",
            (Self::Booked, false) => "#",
            (Self::Blocked, false) => "x",
            (Self::Mine, false) => "@",
        }
    }

    /// In words.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Accessible => "accessible",
            Self::Held => "held",
            Self::Booked => "booked",
            Self::Blocked => "blocked",
            Self::Mine => "mine",
        }
    }

    /// In colour.
    pub const fn paint(self) -> Paint {
        match self {
            Self::Available | Self::Accessible => Paint::Green,
            Self::Held => Paint::Yellow,
            Self::Booked => Paint::Blue,
            Self::Blocked => Paint::Red,
            Self::Mine => Paint::Magenta,
        }
    }
}

/// A plan with a sign for each seat, where all of it fits the width.
pub struct Picture<'a> {
    /// The plan.
    pub layout: &'a Layout,
    /// How to print.
    pub style: Style,
    /// What stands in a seat's place: one column wide.
    pub sign: &'a dyn Fn(u32) -> String,
}

impl Picture<'_> {
    /// The lines of the picture, however wide.
    pub fn lines(&self) -> Vec<String> {
        let frame = Frame::of(self.layout);
        let mut lines = vec![self.screen_bar(&frame), String::new()];
        let mut section = None;
        for (at, row) in self.layout.rows().iter().enumerate() {
            if section != Some(row.section()) {
                self.section_head(row, section.is_some(), &mut lines);
                section = Some(row.section());
            }
            lines.push(self.seat_row(&frame, at, row));
        }
        lines
    }

    fn section_head(&self, row: &Row, later: bool, lines: &mut Vec<String>) {
        if later {
            lines.push(String::new());
        }
        if let Some(name) = self.layout.section_name(row) {
            lines.push(paint(name, Paint::Bold, self.style.colour));
        }
    }

    /// A bar over the seats, so that front and back are not mistaken.
    fn screen_bar(&self, frame: &Frame) -> String {
        let word = " SCREEN ";
        let room = frame.seats_wide.saturating_sub(word.len());
        let fill = if self.style.unicode { "▔" } else { "=" };
        let (left, right) = (room / 2, room - room / 2);
        let bar = format!("{}{word}{}", fill.repeat(left), fill.repeat(right));
        format!("{}{}", " ".repeat(frame.label + 1), paint(&bar, Paint::Dim, self.style.colour))
    }

    fn seat_row(&self, frame: &Frame, at: usize, row: &Row) -> String {
        let label = row.label().to_string();
        let mut line = format!("{label:>width$} ", width = frame.label);
        let mut column = 0;
        for run in self.layout.runs(at) {
            let start = frame.column(self.layout.position(run.start).0);
            line.push_str(&" ".repeat(start.saturating_sub(column)));
            column = start.max(column);
            let seats: Vec<_> = (run.start.0..run.end.0).map(self.sign).collect();
            column += seats.len() * SEAT_COLUMNS as usize - 1;
            line.push_str(&seats.join(" "));
        }
        line.push_str(&" ".repeat(frame.seats_wide.saturating_sub(column)));
        format!("{line} {label}")
    }
}

impl Drawing<'_> {
    /// The lines of the picture.
    pub fn lines(&self) -> Vec<String> {
        let frame = Frame::of(self.layout());
        let mut lines = if frame.columns() <= self.style.width {
            let sign = |seat: u32| self.sign(seat);
            Picture { layout: self.layout(), style: self.style, sign: &sign }.lines()
        } else if self.layout().sections().len() > 1 {
            self.section_by_section()
        } else {
            self.row_by_row(&frame)
        };
        lines.push(String::new());
        lines.extend(self.legend());
        lines
    }

    fn layout(&self) -> &Layout {
        &self.map.layout
    }

    fn glyph(&self, seat: u32) -> Option<Glyph> {
        if self.mine.contains(&seat) {
            return Some(Glyph::Mine);
        }
        self.map.seat(SeatIndex(seat)).map(Glyph::of)
    }

    /// As it is drawn: a free place tells whether a wheelchair has room.
    fn shown(&self, seat: u32) -> Option<Glyph> {
        let open = self.glyph(seat) == Some(Glyph::Available);
        let accessible = open && self.layout().accessible(SeatIndex(seat));
        if accessible { Some(Glyph::Accessible) } else { self.glyph(seat) }
    }

    fn sign(&self, seat: u32) -> String {
        self.shown(seat).map_or_else(String::new, |glyph| self.sign_of(glyph))
    }

    fn sign_of(&self, glyph: Glyph) -> String {
        paint(glyph.sign(self.style.unicode), glyph.paint(), self.style.colour)
    }

    fn section_by_section(&self) -> Vec<String> {
        let layout = self.layout();
        let widest = layout.sections().iter().map(|name| name.len()).max().unwrap_or(0);
        let mut blocks: Vec<(String, Range<u32>)> = Vec::new();
        for row in layout.rows() {
            let name = layout.section_name(row).unwrap_or_default();
            let seats = row.seats().start.0..row.seats().end.0;
            match blocks.last_mut() {
                Some((last, range)) if last == name => range.end = seats.end,
                _ => blocks.push((name.to_owned(), seats)),
            }
        }
        let line = |(name, seats): (String, Range<u32>)| self.block(&name, widest, seats);
        blocks.into_iter().map(line).collect()
    }

    fn block(&self, name: &str, widest: usize, seats: Range<u32>) -> String {
        let total = seats.len();
        let free = self.free_in(seats);
        let taken = total - free;
        let filled = (taken * BAR).div_ceil(total.max(1));
        let (full, empty) = if self.style.unicode { ("█", "░") } else { ("#", ".") };
        let bar = paint(&full.repeat(filled), Paint::Blue, self.style.colour);
        format!("{name:>widest$} {bar}{} {free:>6} of {total} free", empty.repeat(BAR - filled))
    }

    fn row_by_row(&self, frame: &Frame) -> Vec<String> {
        let room = self.style.width.saturating_sub(2 * frame.label + 2).max(1);
        let pitches = frame.seats_wide.div_ceil(SEAT_COLUMNS as usize);
        let per_cell = pitches.div_ceil(room).max(1);
        let cells = pitches.div_ceil(per_cell);
        let rows = self.layout().rows().iter().enumerate();
        let mut lines: Vec<_> =
            rows.map(|(at, row)| self.density_row(frame, at, row, per_cell, cells)).collect();
        lines.push(format!("one character: up to {per_cell} seats of a row; darker: fewer free"));
        lines
    }

    fn density_row(
        &self,
        frame: &Frame,
        at: usize,
        row: &Row,
        per_cell: usize,
        cells: usize,
    ) -> String {
        let mut counts = vec![(0_usize, 0_usize); cells];
        for seat in self.layout().runs(at).flat_map(|run| run.start.0..run.end.0) {
            let column = frame.column(self.layout().position(SeatIndex(seat)).0);
            let cell = counts.get_mut(column / SEAT_COLUMNS as usize / per_cell);
            if let Some((free, all)) = cell {
                *all += 1;
                *free += usize::from(self.glyph(seat) == Some(Glyph::Available));
            }
        }
        let signs: String = counts.iter().map(|(free, all)| self.shade(*free, *all)).collect();
        let label = row.label().to_string();
        format!("{label:>width$} {signs} {label}", width = frame.label)
    }

    const fn shade(&self, free: usize, all: usize) -> char {
        let steps = if self.style.unicode {
            ['·', '░', '▒', '▓', '█']
        } else {
            ['.', '-', '+', '*', '#']
        };
        if all == 0 {
            return ' ';
        }
        steps[((all - free) * 4).div_ceil(all)]
    }

    fn free_in(&self, seats: Range<u32>) -> usize {
        seats.filter(|seat| self.glyph(*seat) == Some(Glyph::Available)).count()
    }

    fn accessible_left(&self) -> usize {
        if self.layout().accessible_words().is_empty() {
            return 0;
        }
        let seats = 0..self.layout().len();
        seats.filter(|seat| self.shown(*seat) == Some(Glyph::Accessible)).count()
    }

    fn legend(&self) -> Vec<String> {
        let stats = self.map.view.n;
        let entry = |glyph: Glyph| {
            let count = match glyph {
                Glyph::Available => stats.available as usize,
                Glyph::Accessible => self.accessible_left(),
                Glyph::Held => stats.held as usize,
                Glyph::Booked => stats.booked as usize,
                Glyph::Blocked => stats.blocked as usize,
                Glyph::Mine => self.mine.len(),
            };
            let wanted = !matches!(glyph, Glyph::Mine | Glyph::Accessible) || count > 0;
            wanted.then(|| {
                let wide = format!("{} {} {count}", glyph.sign(true), glyph.word()).chars().count();
                (wide, format!("{} {} {count}", self.sign_of(glyph), glyph.word()))
            })
        };
        let all = format!("of {} seats", stats.capacity);
        let entries = Glyph::ALL.into_iter().filter_map(entry).chain([(all.len(), all)]);
        wrapped(entries, self.style.width)
    }
}

/// Texts side by side, on as many lines as they need.
fn wrapped(entries: impl Iterator<Item = (usize, String)>, width: usize) -> Vec<String> {
    const GAP: usize = 3;
    let (mut lines, mut used) = (vec![String::new()], 0);
    for (wide, text) in entries {
        if used > 0 && used + GAP + wide > width {
            lines.push(String::new());
            used = 0;
        }
        let gap = if used == 0 { 0 } else { GAP };
        if let Some(line) = lines.last_mut() {
            line.push_str(&" ".repeat(gap));
            line.push_str(&text);
        }
        used += gap + wide;
    }
    lines
}

/// Where the seats lie, in columns.
struct Frame {
    left: i32,
    seats_wide: usize,
    label: usize,
}

impl Frame {
    fn of(layout: &Layout) -> Self {
        let left = layout.rows().iter().map(Row::x).min().unwrap_or(0);
        let right = layout.rows().iter().map(|row| {
            let last = SeatIndex(row.seats().end.0 - 1);
            layout.position(last).0
        });
        let spread = right.max().unwrap_or(0) - left;
        let label = layout.rows().iter().map(|row| row.label().to_string().len()).max();
        let seats_wide = usize::try_from(spread / COLUMN).unwrap_or(0) + 1;
        Self { left, seats_wide, label: label.unwrap_or(1) }
    }

    fn column(&self, x: i32) -> usize {
        usize::try_from((x - self.left) / COLUMN).unwrap_or(0)
    }

    const fn columns(&self) -> usize {
        self.seats_wide + 2 * (self.label + 1)
    }
}
