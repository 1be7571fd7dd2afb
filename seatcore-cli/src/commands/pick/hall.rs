//! Where seats lie on the screen, and which is next to which.

use seatcore::catalogue::layout::Layout;
use seatcore::id::SeatIndex;
use std::sync::Arc;

/// Hundredths of a pitch in one column: a seat and the space behind it take two.
const COLUMN: i32 = 50;

/// What stands on one line of the drawing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// Nothing: parts two sections.
    Blank,
    /// The name of the section below.
    Section(String),
    /// A row, by its place in the plan.
    Row(usize),
}

/// A way to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// To the left.
    Left,
    /// To the right.
    Right,
    /// So many rows towards the screen.
    Up(usize),
    /// So many rows away from it.
    Down(usize),
    /// To the left end of the row.
    Home,
    /// To its right end.
    End,
}

/// A plan, laid out in lines and columns.
#[derive(Debug, Clone)]
pub struct Hall {
    /// The plan.
    pub layout: Arc<Layout>,
    /// From the screen to the back.
    pub lines: Vec<Line>,
    line_of_row: Vec<usize>,
    left: i32,
    /// Columns of the longest row label.
    pub label: usize,
    /// Columns of the widest row.
    pub wide: usize,
}

impl Hall {
    /// Lays a plan out.
    pub fn new(layout: Arc<Layout>) -> Self {
        let rows = layout.rows();
        let left = rows.iter().map(|row| row.x()).min().unwrap_or(0);
        let last = |row: &seatcore::catalogue::layout::Row| {
            layout.position(SeatIndex(row.seats().end.0 - 1)).0
        };
        let right = rows.iter().map(last).max().unwrap_or(0);
        let label = rows.iter().map(|row| row.label().to_string().len()).max().unwrap_or(1);
        let wide = usize::try_from((right - left) / COLUMN).unwrap_or(0) + 1;
        let (mut lines, mut line_of_row, mut section) = (Vec::new(), Vec::new(), None);
        for (at, row) in rows.iter().enumerate() {
            if section != Some(row.section()) {
                if section.is_some() {
                    lines.push(Line::Blank);
                }
                let name = layout.section_name(row).map(str::to_owned);
                lines.extend(name.map(Line::Section));
                section = Some(row.section());
            }
            line_of_row.push(lines.len());
            lines.push(Line::Row(at));
        }
        Self { layout, lines, line_of_row, left, label, wide }
    }

    /// The seat one starts on: nearest to the plan's focus.
    pub fn middle(&self) -> SeatIndex {
        let (x, y) = self.layout.focus();
        let rows = self.layout.rows().iter().enumerate();
        let row = rows.min_by_key(|(_, row)| (row.y() - y).abs()).map_or(0, |(at, _)| at);
        self.nearest(row, x)
    }

    /// The line of a seat.
    pub fn line(&self, seat: SeatIndex) -> usize {
        self.line_of_row.get(self.layout.row_of(seat)).copied().unwrap_or(0)
    }

    /// The column of a seat, counted from the leftmost.
    pub fn column(&self, seat: SeatIndex) -> usize {
        usize::try_from((self.layout.position(seat).0 - self.left) / COLUMN).unwrap_or(0)
    }

    /// The seat on a line and column; also in the space behind it, for mice.
    pub fn at(&self, line: usize, column: usize) -> Option<SeatIndex> {
        let Some(Line::Row(row)) = self.lines.get(line) else { return None };
        let x = self.left + i32::try_from(column).ok()? * COLUMN;
        let seat = self.nearest(*row, x);
        let own = self.column(seat);
        (own == column || own + 1 == column).then_some(seat)
    }

    /// Where a step leads; at an edge it leads nowhere.
    pub fn step(&self, from: SeatIndex, step: Step) -> SeatIndex {
        let row = self.layout.row_of(from);
        let Some(seats) = self.layout.rows().get(row).map(|row| row.seats()) else { return from };
        let other = |row: usize| self.nearest(row, self.layout.position(from).0);
        match step {
            Step::Left if from.0 > seats.start.0 => SeatIndex(from.0 - 1),
            Step::Right if from.0 + 1 < seats.end.0 => SeatIndex(from.0 + 1),
            Step::Left | Step::Right => from,
            Step::Home => seats.start,
            Step::End => SeatIndex(seats.end.0 - 1),
            Step::Up(_) if row == 0 => from,
            Step::Up(rows) => other(row.saturating_sub(rows)),
            Step::Down(rows) => {
                let last = self.layout.rows().len() - 1;
                if row == last { from } else { other((row + rows).min(last)) }
            }
        }
    }

    /// The seat of a row nearest to a place from left to right.
    fn nearest(&self, row: usize, x: i32) -> SeatIndex {
        let Some(row) = self.layout.rows().get(row) else { return SeatIndex(0) };
        let seats = row.seats();
        let (mut low, mut high) = (seats.start.0, seats.end.0 - 1);
        // Seats of a row stand in the order of their numbers, from left to right.
        while low < high {
            let middle = low + (high - low) / 2;
            if self.layout.position(SeatIndex(middle)).0 < x {
                low = middle + 1
            } else {
                high = middle
            }
        }
        let distance = |seat: u32| (self.layout.position(SeatIndex(seat)).0 - x).abs();
        let before = low.saturating_sub(1).max(seats.start.0);
        SeatIndex(if distance(before) <= distance(low) { before } else { low })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hall(rows: &str) -> Hall {
        Hall::new(Arc::new(Layout::parse(rows).expect("a plan")))
    }

    fn walk(hall: &Hall, from: &str, steps: &[Step]) -> String {
        let from = hall.layout.seat(from).expect("a seat");
        let seat = steps.iter().fold(from, |seat, step| hall.step(seat, *step));
        hall.layout.label(seat).to_string()
    }

    #[test]
    fn steps_go_by_where_seats_stand_and_not_by_their_numbers() {
        let hall = hall("stalls/A-B:2|4|2;balcony/A:4");
        assert_eq!(walk(&hall, "stalls/A2", &[Step::Right]), "stalls/A3");
        assert_eq!(walk(&hall, "stalls/B8", &[Step::Right]), "stalls/B8");
        assert_eq!(walk(&hall, "stalls/A1", &[Step::Up(1), Step::Left]), "stalls/A1");
        assert_eq!(walk(&hall, "stalls/A8", &[Step::Home]), "stalls/A1");
        let below = walk(&hall, "stalls/B8", &[Step::Down(1)]);
        assert_eq!(below, "balcony/A4");
        assert_eq!(walk(&hall, &below, &[Step::Down(1), Step::Up(1), Step::End]), "stalls/B8");
    }

    #[test]
    fn a_click_finds_the_seat_that_is_drawn_there() {
        let hall = hall("stalls/A-B:2|4|2;balcony/A:4");
        for seat in (0..hall.layout.len()).map(SeatIndex) {
            let (line, column) = (hall.line(seat), hall.column(seat));
            assert_eq!(hall.at(line, column), Some(seat));
        }
        assert_eq!(hall.lines.first(), Some(&Line::Section("stalls".into())));
        assert_eq!((hall.at(0, 0), hall.at(1, 4)), (None, None), "a name, an aisle");
    }
}
