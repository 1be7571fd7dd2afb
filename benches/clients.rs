//! Closed-loop clients: each waits for its answer before it asks again.

use seatcore::clock::Stopwatch;
use std::fmt;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How hard to ask.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Threads.
    pub clients: usize,
    /// For how long.
    pub seconds: u64,
    /// How the tables follow.
    pub follow: Follow,
}

/// How the tables follow, to see what that costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follow {
    /// As shipped: behind, in slices.
    Behind,
    /// In the same commit.
    InCommit,
    /// Not at all.
    Off,
}

/// What one round came to.
#[derive(Debug, Default)]
pub struct Round {
    done: u64,
    refused: u64,
    took: Duration,
    /// Microseconds, sorted.
    waits: Vec<u32>,
    fewest: u64,
    clients: u64,
}

impl Round {
    /// The head of the columns.
    pub const HEAD: &str = " commands/s   refused  p50 us  p99 us p99.9 us  longest  unluckiest";

    /// Commands a second.
    pub fn per_second(&self) -> f64 {
        self.done as f64 / self.took.as_secs_f64()
    }

    fn percentile(&self, share: f64) -> u32 {
        let place = (self.waits.len() as f64 * share) as usize;
        self.waits.get(place.min(self.waits.len().saturating_sub(1))).copied().unwrap_or(0)
    }
}

impl fmt::Display for Round {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percentile = |share| self.percentile(share);
        write!(
            f,
            "{:>11.0} {:>9} {:>7} {:>7} {:>8} {:>8} {:>10}%",
            self.per_second(),
            self.refused,
            percentile(0.5),
            percentile(0.99),
            percentile(0.999),
            percentile(1.0),
            self.fewest * 100 * self.clients / self.done.max(1),
        )
    }
}

/// Runs `ask(client, step)` in every client until the time is up; it answers whether it was granted.
pub fn run(load: Load, ask: impl Fn(usize, u64) -> bool + Sync) -> Round {
    let (stop, start) = (AtomicBool::new(false), Barrier::new(load.clients + 1));
    std::thread::scope(|scope| {
        let client = |number: usize| {
            let (ask, stop, start) = (&ask, &stop, &start);
            scope.spawn(move || {
                start.wait();
                one_client(number, stop, ask)
            })
        };
        let clients: Vec<_> = (0..load.clients).map(client).collect();
        start.wait();
        let watch = Stopwatch::start();
        std::thread::sleep(Duration::from_secs(load.seconds));
        stop.store(true, Ordering::Relaxed);
        let took = watch.elapsed();
        let mut round = Round { took, clients: load.clients as u64, ..Round::default() };
        round.fewest = u64::MAX;
        for client in clients {
            let (waits, refused) = client.join().unwrap_or_default();
            round.done += waits.len() as u64;
            round.fewest = round.fewest.min(waits.len() as u64);
            round.refused += refused;
            round.waits.extend(waits);
        }
        round.waits.sort_unstable();
        round
    })
}

fn one_client(
    number: usize,
    stop: &AtomicBool,
    ask: &(impl Fn(usize, u64) -> bool + Sync),
) -> (Vec<u32>, u64) {
    let (mut waits, mut refused) = (Vec::with_capacity(1 << 16), 0);
    let mut step = 0;
    while !stop.load(Ordering::Relaxed) {
        let watch = Stopwatch::start();
        refused += u64::from(!ask(number, step));
        waits.push(watch.elapsed().as_micros() as u32);
        step += 1;
    }
    (waits, refused)
}
