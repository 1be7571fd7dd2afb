//! Closed-loop clients: each waits for its answer before it asks again.

use seatcore::clock::Stopwatch;
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
}

/// What one round came to.
#[derive(Debug, Default, Clone)]
pub struct Round {
    /// Commands answered, refusals among them.
    pub done: u64,
    /// Refusals.
    pub refused: u64,
    /// How long it went on.
    pub took: Duration,
    /// None where a rival tells only how much it did.
    pub waits: Option<Waits>,
    /// Per cent of a client's fair share that the unluckiest one got.
    pub unluckiest: Option<f64>,
    /// What else is to be said about it.
    pub remark: String,
}

/// Microseconds that clients waited for an answer.
#[derive(Debug, Default, Clone, Copy)]
pub struct Waits {
    /// Half of all.
    pub p50: f64,
    /// 99 of a hundred.
    pub p99: f64,
    /// 999 of a thousand.
    pub p999: f64,
    /// All.
    pub longest: f64,
}

impl Waits {
    /// Of these; none of none.
    pub fn of(mut waits: Vec<u32>) -> Option<Self> {
        waits.sort_unstable();
        let last = waits.len().checked_sub(1)?;
        let at = |share: f64| {
            let place = ((waits.len() as f64 * share) as usize).min(last);
            waits.get(place).copied().map_or(0.0, f64::from)
        };
        Some(Self { p50: at(0.5), p99: at(0.99), p999: at(0.999), longest: at(1.0) })
    }
}

impl Round {
    /// What each client waited for each command, and how many of all were refused.
    pub fn of(clients: Vec<Vec<u32>>, refused: u64, took: Duration) -> Self {
        let fewest = clients.iter().map(Vec::len).min().unwrap_or(0);
        let done: usize = clients.iter().map(Vec::len).sum();
        let unluckiest = (fewest * clients.len() * 100) as f64 / done.max(1) as f64;
        let waits = Waits::of(clients.concat());
        let (done, unluckiest) = (done as u64, Some(unluckiest));
        Self { done, refused, took, waits, unluckiest, ..Self::default() }
    }

    /// A rival that tells only how much it did.
    pub fn total(done: u64, refused: u64, took: Duration) -> Self {
        Self { done, refused, took, ..Self::default() }
    }

    /// The same with what else is to be said.
    pub fn remarked(self, remark: String) -> Self {
        Self { remark, ..self }
    }

    /// Commands granted a second.
    pub fn per_second(&self) -> f64 {
        (self.done - self.refused) as f64 / self.took.as_secs_f64()
    }
}

/// Runs `ask(client)` in every client until the time is up; it answers whether it was granted.
pub fn run(load: Load, ask: impl Fn(usize) -> bool + Sync) -> Round {
    run_with(load, |client| client, |client| ask(*client))
}

/// The same where every client first makes something of its own: a connection.
pub fn run_with<C>(
    load: Load,
    make: impl Fn(usize) -> C + Sync,
    ask: impl Fn(&mut C) -> bool + Sync,
) -> Round {
    let (stop, start) = (AtomicBool::new(false), Barrier::new(load.clients + 1));
    std::thread::scope(|scope| {
        let client = |number: usize| {
            let (make, ask, stop, start) = (&make, &ask, &stop, &start);
            scope.spawn(move || {
                let mut client = make(number);
                start.wait();
                one_client(&mut client, stop, ask)
            })
        };
        let clients: Vec<_> = (0..load.clients).map(client).collect();
        start.wait();
        let watch = Stopwatch::start();
        std::thread::sleep(Duration::from_secs(load.seconds));
        stop.store(true, Ordering::Relaxed);
        let took = watch.elapsed();
        let results = clients.into_iter().map(|client| client.join().unwrap_or_default());
        let (waits, refused): (Vec<_>, Vec<u64>) = results.unzip();
        Round::of(waits, refused.iter().sum(), took)
    })
}

fn one_client<C>(
    client: &mut C,
    stop: &AtomicBool,
    ask: &(impl Fn(&mut C) -> bool + Sync),
) -> (Vec<u32>, u64) {
    let (mut waits, mut refused) = (Vec::with_capacity(1 << 16), 0);
    while !stop.load(Ordering::Relaxed) {
        let watch = Stopwatch::start();
        refused += u64::from(!ask(client));
        waits.push(watch.elapsed().as_micros() as u32);
    }
    (waits, refused)
}
