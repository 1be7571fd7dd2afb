//! The work that every rival does: a client holds four adjacent seats that nobody else asks for,
//! books them, cancels, and begins again. One command in three books; nobody is refused.

/// Shows, unless a table is about their number.
pub const SHOWS: usize = 100;
/// Seats of each of those shows.
pub const SEATS: usize = 500;
/// Seats of one command.
pub const TOGETHER: usize = 4;
/// Seats of a row.
pub const ROW: usize = 100;

/// The three commands of a client's cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Of free seats.
    Hold,
    /// Of the hold.
    Book,
    /// Of the booking; the seats are free again.
    Cancel,
}

impl Step {
    /// Of the command with this number.
    pub const fn of(command: u64) -> Self {
        match command % 3 {
            0 => Self::Hold,
            1 => Self::Book,
            _ => Self::Cancel,
        }
    }

    /// What the seats must be before, and are afterwards: 0 free, 1 held, 2 booked.
    pub const fn states(self) -> (i64, i64) {
        match self {
            Self::Hold => (0, 1),
            Self::Book => (1, 2),
            Self::Cancel => (2, 0),
        }
    }
}

/// Four seats.
#[derive(Debug, Clone, Copy)]
pub struct Block {
    /// Which show, from 0.
    pub show: usize,
    /// The first seat in it, from 0.
    pub first: usize,
}

impl Block {
    /// A client's own, in a hall of 500.
    pub const fn of(client: usize) -> Self {
        Self { show: client % SHOWS, first: client / SHOWS * TOGETHER }
    }

    /// The block with this number in a show.
    pub const fn numbered(show: usize, block: usize) -> Self {
        Self { show, first: block * TOGETHER }
    }

    /// As a plan of rows of a hundred names them.
    pub fn labels(self) -> [String; TOGETHER] {
        let (row, first) = (row(self.first / ROW), self.first % ROW + 1);
        [0, 1, 2, 3].map(|seat| format!("{row}{}", first + seat))
    }
}

/// A to Z, then AA.
fn row(mut number: usize) -> String {
    let mut name = Vec::new();
    loop {
        name.insert(0, b'A' + (number % 26) as u8);
        if number < 26 {
            return String::from_utf8_lossy(&name).into_owned();
        }
        number = number / 26 - 1;
    }
}

/// The plan of a hall: rows of a hundred.
pub fn plan(seats: usize) -> String {
    let rows: Vec<_> = (0..seats / ROW).map(|number| format!("{}:{ROW}", row(number))).collect();
    rows.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_go_on_behind_z_and_no_two_clients_want_the_same_seat() {
        assert_eq!([0, 25, 26, 701, 702].map(row), ["A", "Z", "AA", "ZZ", "AAA"]);
        assert_eq!(Block::numbered(0, 26).labels(), ["B5", "B6", "B7", "B8"]);
        let mut places: Vec<_> = (0..1_024).map(Block::of).map(|it| (it.show, it.first)).collect();
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), 1_024);
        assert!(places.iter().all(|(_, first)| first + TOGETHER <= SEATS));
    }
}
