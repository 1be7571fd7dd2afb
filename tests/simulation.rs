//! The engine beside a slow, obvious model: the same commands, one at a time for the model, in
//! bursts for an engine in memory and one on a file. Every answer must be the same three times.
//!
//! ```text
//! SEATCORE_SEED=0x5EA7 SEATCORE_COMMANDS=102400 cargo test -p seatcore-tests --test simulation
//! ```

#[path = "simulation/ops.rs"]
mod ops;
#[path = "simulation/read.rs"]
mod read;
#[path = "simulation/stage.rs"]
mod stage;

use ops::{Op, ops};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use stage::{Stage, Tally};
use std::cell::RefCell;

/// The seed unless `SEATCORE_SEED` names another.
const SEED: u64 = 0x5EA7;
/// Commands in all, on each store, unless `SEATCORE_COMMANDS` says otherwise.
const COMMANDS: usize = 102_400;
/// Commands of one run: enough for checkpoints, forgotten holds and full note books, few enough
/// to be made shorter when one fails.
const RUN: usize = 2_560;

/// Shorter runs tried when one fails: about half a minute.
const TRIES: usize = 300;

fn seed() -> u64 {
    let named = std::env::var("SEATCORE_SEED").ok();
    named.map_or(SEED, |text| match text.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16).expect("SEATCORE_SEED is a number"),
        None => text.parse().expect("SEATCORE_SEED is a number"),
    })
}

fn commands() -> usize {
    let named = std::env::var("SEATCORE_COMMANDS").ok();
    named.map_or(COMMANDS, |text| text.parse().expect("SEATCORE_COMMANDS is a number"))
}

fn runner(seed: u64, cases: usize) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config {
        cases: cases as u32,
        failure_persistence: None,
        // A run is cut shorter by what is known about runs: see `shorter`.
        max_shrink_iters: 0,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

/// Plays one run from an empty programme to the last comparison.
fn play(seed: u64, run: &[Op]) -> Result<Tally, String> {
    let mut stage = Stage::open(seed);
    run.iter().try_for_each(|op| stage.step(op))?;
    stage.close()
}

/// Leaves out halves, quarters and so on down to single steps, as long as what is left fails.
fn shorter(seed: u64, mut run: Vec<Op>) -> Vec<Op> {
    let mut tries = 0;
    let mut chunk = run.len() / 2;
    while chunk > 0 {
        let mut at = 0;
        while at < run.len() && tries < TRIES {
            let mut left = run.clone();
            left.drain(at..run.len().min(at + chunk));
            tries += 1;
            if play(seed, &left).is_err() { run = left } else { at += chunk }
        }
        chunk /= 2;
    }
    run
}

/// A simulation that never meets a rule says nothing about it.
fn reached(tally: &Tally) {
    const WORDS: [&str; 26] = [
        "held",
        "booked",
        "released",
        "cancelled",
        "blocked",
        "show_changed",
        "show_cancelled",
        "invalid",
        "not_found",
        "key_reused",
        "not_holder",
        "show_closed",
        "unknown_seat",
        "seat_blocked",
        "seat_booked",
        "seat_held",
        "no_block_together",
        "sold_out",
        "hold_expired",
        "hold_ended",
        "over_limit",
        "stale",
        "again held",
        "again seat_held",
        "batch held",
        "batch again held",
    ];
    println!("{} answers: {tally:#?}", tally.values().sum::<u64>());
    let enough = tally.values().sum::<u64>() > 20_000;
    let missed: Vec<_> = WORDS.iter().filter(|word| !tally.contains_key(**word)).collect();
    assert!(missed.is_empty() || !enough, "never answered: {missed:?}");
}

#[test]
fn the_engine_answers_as_the_model_does() {
    let seed = seed();
    let runs = commands().div_ceil(RUN);
    let tally = RefCell::new(Tally::new());
    let tested = runner(seed, runs).run(&ops(RUN), |run| {
        let played = play(seed, &run).map_err(TestCaseError::fail)?;
        played
            .into_iter()
            .for_each(|(word, count)| *tally.borrow_mut().entry(word).or_default() += count);
        Ok(())
    });
    let (why, run) = match tested {
        Ok(()) => return reached(&tally.take()),
        Err(TestError::Fail(_, run)) => {
            let run = shorter(seed, run);
            (play(seed, &run).expect_err("what is left fails"), run)
        }
        Err(TestError::Abort(why)) => panic!("{why}"),
    };
    let replay = format!("replay: SEATCORE_SEED={seed:#x} cargo test --test simulation");
    let steps: Vec<_> = run.iter().map(|op| format!("{op:?}")).collect();
    panic!("simulation failed: {why}\nafter {} steps:\n{}\n{replay}", run.len(), steps.join("\n"));
}
