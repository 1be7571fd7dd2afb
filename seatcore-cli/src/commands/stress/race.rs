//! One race in one process: everybody starts at once.

use crate::args::Acting;
use crate::interrupt::Interrupt;
use crate::office::server::ServerOffice;
use crate::office::{Choice, Counter, Part, Wish};
use seatcore::clock::Stopwatch;
use seatcore::error::Code;
use seatcore::house::event::Source;
use seatcore::{Book, Engine, Hold, HoldId, ShowId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Barrier, Mutex, PoisonError};
use std::time::Duration;

/// Threads of one process: more only wait for each other.
const THREADS_MAX: u32 = 128;
/// The exit code that conflicts share: whoever gets it was blocked by somebody faster.
const CONFLICT: u8 = 5;

/// Where a race is run.
#[derive(Debug, Clone)]
pub enum Track {
    /// In the file, by name.
    File(Engine),
    /// At a server: one place for each user, who signed in there.
    Server(Arc<[ServerOffice]>),
}

impl Track {
    fn hold(&self, show: ShowId, seat: &str, user: u32) -> Result<HoldId, Code> {
        let held = match self {
            Self::File(engine) => {
                let request = Hold::new(show, [seat]).by(name(user)).source(Source::Cli);
                engine.hold(request).wait().map_err(|failure| failure.code())
            }
            Self::Server(places) => {
                let wish = Wish::new(show, Choice::Seats(vec![seat.to_owned()]));
                place(places, user)?.hold(&wish, "", None).map_err(|error| error.code())
            }
        };
        held.map(|hold| hold.id)
    }

    fn book(&self, hold: HoldId, user: u32) -> Result<Vec<String>, Code> {
        let booked = match self {
            Self::File(engine) => {
                let request = Book::new(hold).by(name(user)).source(Source::Cli);
                engine.book(request).wait().map_err(|failure| failure.code())
            }
            Self::Server(places) => {
                let booked = place(places, user)?.book(hold, Part::default(), Acting::default());
                booked.map_err(|error| error.code())
            }
        };
        booked.map(|booking| booking.seats)
    }
}

fn name(user: u32) -> String {
    format!("stress_user_{user}")
}

fn place(places: &[ServerOffice], user: u32) -> Result<&ServerOffice, Code> {
    places.get((user - 1) as usize).ok_or(Code::NotSignedIn)
}

/// Who wants what.
#[derive(Debug, Clone)]
pub struct Race {
    /// In which show.
    pub show: ShowId,
    /// The seats; user number i goes for the i-th, around and around.
    pub seats: Vec<String>,
    /// Number of the first user.
    pub first: u32,
    /// How many users.
    pub users: u32,
}

/// How it ended.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Tally {
    /// The seats that were sold.
    pub successes: Vec<String>,
    /// Refusals by code.
    pub refusals: BTreeMap<String, u32>,
    /// How long each hold took, in microseconds.
    pub hold_us: Vec<u64>,
    /// How long each booking took, in microseconds.
    pub book_us: Vec<u64>,
}

impl Race {
    /// How many can win: each seat is sold once, to somebody.
    pub fn winners(&self) -> usize {
        self.seats.len().min(self.users as usize)
    }

    /// Runs it to the end.
    pub fn run(&self, track: &Track) -> Tally {
        let threads = self.users.clamp(1, THREADS_MAX);
        let start = Barrier::new(threads as usize);
        let whole = Mutex::new(Tally::default());
        std::thread::scope(|scope| {
            for thread in 0..threads {
                let (start, whole) = (&start, &whole);
                scope.spawn(move || {
                    start.wait();
                    let own = self.stretch(track, thread, threads);
                    whole.lock().unwrap_or_else(PoisonError::into_inner).add(own);
                });
            }
        });
        whole.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// The users of one thread, one after the other.
    fn stretch(&self, track: &Track, thread: u32, threads: u32) -> Tally {
        let mut tally = Tally::default();
        let interrupt = Interrupt::watch();
        for user in (thread..self.users).step_by(threads as usize) {
            if interrupt.came() {
                break;
            }
            match self.attempt(track, self.first + user, &mut tally) {
                Ok(seats) => tally.successes.extend(seats),
                Err(code) => tally.refused(code),
            }
        }
        tally
    }

    fn attempt(&self, track: &Track, user: u32, tally: &mut Tally) -> Result<Vec<String>, Code> {
        let seat = self.seats.get((user - 1) as usize % self.seats.len().max(1));
        let seat = seat.map_or("", String::as_str);
        let watch = Stopwatch::start();
        let hold = track.hold(self.show, seat, user);
        tally.hold_us.push(micros(watch.elapsed()));
        let hold = hold?;
        let watch = Stopwatch::start();
        let booked = track.book(hold, user);
        tally.book_us.push(micros(watch.elapsed()));
        booked
    }
}

fn micros(span: Duration) -> u64 {
    span.as_micros() as u64
}

impl Tally {
    /// Adds another part of the same race.
    pub fn add(&mut self, other: Self) {
        self.successes.extend(other.successes);
        self.hold_us.extend(other.hold_us);
        self.book_us.extend(other.book_us);
        for (code, count) in other.refusals {
            *self.refusals.entry(code).or_default() += count;
        }
    }

    fn refused(&mut self, code: Code) {
        *self.refusals.entry(code.as_str().to_owned()).or_default() += 1;
    }

    /// Whoever came second.
    pub fn blocked(&self) -> u32 {
        self.count(true)
    }

    /// Whoever met a fault and not a rival.
    pub fn failed(&self) -> u32 {
        self.count(false)
    }

    fn count(&self, conflict: bool) -> u32 {
        let exit = |word: &str| {
            let code = Code::ALL.iter().find(|code| code.as_str() == word);
            code.map_or(0, |code| code.exit_code())
        };
        let these = self.refusals.iter().filter(|(code, _)| (exit(code) == CONFLICT) == conflict);
        these.map(|(_, count)| count).sum()
    }
}

fn quantiles(spans: &[u64]) -> [u64; 3] {
    let mut sorted = spans.to_vec();
    sorted.sort_unstable();
    let at = |percent: usize| {
        let place = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
        sorted.get(place).copied().unwrap_or(0)
    };
    [at(50), at(95), at(100)]
}

/// Median, 95th percentile and longest, in microseconds.
pub fn quantiles_json(spans: &[u64]) -> Value {
    let [median, p95, longest] = quantiles(spans);
    let below: Vec<_> = histogram(spans)
        .iter()
        .map(|(below, count)| json!({"below": below, "count": count}))
        .collect();
    json!({"count": spans.len(), "median": median, "p95": p95, "max": longest, "histogram": below})
}

/// How many took how long: a line for each doubling, from the shortest to the longest.
pub fn histogram(spans: &[u64]) -> Vec<(u64, u64)> {
    let bucket = |micros: u64| u64::BITS - micros.max(1).leading_zeros();
    let mut counts: BTreeMap<u32, u64> = BTreeMap::new();
    for span in spans {
        *counts.entry(bucket(*span)).or_default() += 1;
    }
    let (Some(first), Some(last)) = (counts.keys().next(), counts.keys().last()) else {
        return Vec::new();
    };
    let line = |bucket: u32| (1_u64 << bucket.min(63), counts.get(&bucket).copied().unwrap_or(0));
    (*first..=*last).map(line).collect()
}

/// The same as a table's row, in milliseconds.
pub fn quantiles_row(verb: &str, spans: &[u64]) -> Vec<String> {
    let shown = quantiles(spans).map(|micros| format!("{:.2}", micros as f64 / 1e3));
    [verb.to_owned(), spans.len().to_string()].into_iter().chain(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_measured_values() {
        assert_eq!(quantiles(&[]), [0, 0, 0]);
        assert_eq!(quantiles(&[7]), [7, 7, 7]);
        let hundred: Vec<u64> = (1..=100).rev().collect();
        assert_eq!(quantiles(&hundred), [50, 95, 100]);
    }

    #[test]
    fn a_histogram_has_no_gaps_and_loses_nobody() {
        assert_eq!(histogram(&[]), []);
        assert_eq!(histogram(&[3, 3, 17, 0]), [(2, 1), (4, 2), (8, 0), (16, 0), (32, 1)]);
    }
}
