//! The power goes, at any moment of a recorded workload, and takes with it what no flush had
//! covered. `kill -9` cannot show that: the kernel keeps what was written.
//!
//! Every file operation of a workload is recorded below SQLite, acknowledgements among them. For
//! each state a moment is chosen and, for everything that was not flushed by then, whether it is
//! there, lost or torn; the folder that comes of it is opened as a user would open it, and has to
//! keep every promise that was made before that moment.
//!
//! ```text
//! SEATCORE_STATES=20000 cargo test -p seatcore-tests --test power_loss       # per workload
//! ```
//! A state that fails prints how it can be judged again; the recording is kept for that.

#[path = "power_loss/disk.rs"]
mod disk;
#[path = "power_loss/judge.rs"]
mod judge;
#[path = "power_loss/ledger.rs"]
mod ledger;
#[path = "power_loss/recording.rs"]
mod recording;
#[path = "power_loss/workload.rs"]
mod workload;

use disk::{Disk, Found};
use judge::{Tally, judge};
use ledger::Story;
use recording::Op;
use seatcore::clock::Stopwatch;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use support::dice::Dice;

/// States of each workload unless `SEATCORE_STATES` says otherwise.
const STATES: u64 = 150;
/// The seed unless `SEATCORE_SEED` names another.
const SEED: u64 = 0x5EA7;

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    let parsed = match text.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16),
        None => text.parse(),
    };
    Some(parsed.unwrap_or_else(|_| panic!("{name} is a number")))
}

/// The other processes: this same program, told so by its environment.
#[test]
fn part() {
    if let Some((role, folder)) = recording::part() {
        workload::play(&role, &folder);
    }
}

#[test]
fn selling() {
    lose_power_during("selling");
}

#[test]
fn checkpoints() {
    lose_power_during("checkpoints");
}

#[test]
fn films() {
    lose_power_during("films");
}

#[test]
fn after_loss() {
    lose_power_during("after_loss");
}

#[test]
fn openings() {
    lose_power_during("openings");
}

#[test]
fn migration() {
    lose_power_during("migration");
}

#[test]
fn backup() {
    lose_power_during("backup");
}

#[test]
fn archive() {
    lose_power_during("archive");
}

#[test]
fn vacuum() {
    lose_power_during("vacuum");
}

/// A moment, and the seed of what becomes of everything that was not flushed by then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Choice {
    /// Operations that were done.
    at: usize,
    seed: u64,
}

/// Moments evenly, and as many where something ends: a flush, an answer, a name.
fn choices(ops: &[Op], seed: u64, count: u64) -> Vec<Choice> {
    let begun = ops.iter().rposition(|op| matches!(op, Op::Folder { .. })).expect("a folder") + 1;
    let ends = |(at, op): (usize, &Op)| {
        let ends = !matches!(op, Op::Write { .. } | Op::Truncate { .. } | Op::Folder { .. });
        let ends = ends && at >= begun;
        ends.then_some(at + 1)
    };
    let ends: Vec<_> = ops.iter().enumerate().filter_map(ends).collect();
    let mut dice = Dice(seed);
    let mut choices: Vec<_> = (0..count)
        .map(|_| {
            let at = match dice.coin() {
                true => begun + dice.roll((ops.len() + 1 - begun) as u64) as usize,
                // One operation early or late is another state.
                false => ends[dice.roll(ends.len() as u64) as usize] - dice.roll(2) as usize,
            };
            Choice { at, seed: dice.roll(1 << 32) }
        })
        .collect();
    choices.sort_unstable();
    choices
}

/// What was looked at in one workload.
#[derive(Debug, Default)]
struct Summary {
    states: usize,
    alike: usize,
    again: usize,
    there: usize,
    absent: usize,
}

impl Summary {
    fn count(&mut self, tally: Tally) {
        self.states += 1;
        self.again += tally.again;
        self.there += tally.there;
        self.absent += tally.absent;
    }
}

fn lose_power_during(name: &str) {
    let watch = Stopwatch::start();
    if let Ok(state) = std::env::var("SEATCORE_STATE") {
        return judge_again(name, &state);
    }
    let seed = number("SEATCORE_SEED").unwrap_or(SEED);
    let log = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("power-loss-{name}-{}", std::process::id()));
    workload::record(name, &log);
    let ops = recording::ops(&log);
    let states = number("SEATCORE_STATES").unwrap_or(STATES);
    // Each state of these is a long write-ahead log.
    let states = if name == "films" { states / 4 } else { states };
    let choices = choices(&ops, seed, states);
    let Summary { states, alike, again, there, absent } = judge_all(name, &ops, &choices, &log);
    // The recording of a test that fails is kept.
    std::fs::remove_file(&log).expect("it is ours");
    let count = |is: fn(&Op) -> bool| ops.iter().filter(|op| is(op)).count();
    let flushes = count(|op| matches!(op, Op::Flushed { .. }));
    let answers = count(|op| matches!(op, Op::Said(line) if line.starts_with("told")));
    let logs = count(|op| matches!(op, Op::Write { offset: 0, bytes, .. } if bytes.len() == 32));
    println!(
        "{name}: {states} states ({alike} more were alike) of {} operations, {flushes} flushes, \
         {logs} beginnings of a write-ahead log and {answers} answers; {again} answers given again, \
         {there} commands without an answer were there and {absent} not; seed {seed:#x}, {:?}",
        ops.len(),
        watch.elapsed()
    );
}

/// `SEATCORE_STATE` names a workload, its recording, a moment in it and a seed.
fn judge_again(name: &str, state: &str) {
    let parts: Vec<_> = state.split(',').collect();
    let [workload, log, at, seed] = parts[..] else { panic!("SEATCORE_STATE has four parts") };
    if workload == name {
        let (at, seed) = (at.parse().expect("a number"), seed.parse().expect("a number"));
        judge_all(name, &recording::ops(Path::new(log)), &[Choice { at, seed }], Path::new(log));
    }
}

fn judge_all(name: &str, ops: &[Op], choices: &[Choice], log: &Path) -> Summary {
    let mut summary = Summary::default();
    let (mut disk, mut story, mut seen) = (Disk::default(), Story::default(), HashSet::new());
    let mut done = 0;
    for choice in choices {
        for op in &ops[done..choice.at] {
            disk.apply(op);
            story.hear(op);
        }
        done = choice.at;
        let found = disk.lose_power(&mut Dice(choice.seed));
        if !seen.insert(mark(&found, &story)) {
            summary.alike += 1;
            continue;
        }
        match catch_unwind(AssertUnwindSafe(|| judge(&found, &story))) {
            Ok(tally) => summary.count(tally),
            Err(why) => panic!("{}", complaint(name, log, *choice, ops, &found, &*why)),
        }
    }
    summary
}

/// States are alike if the same files are found and the same was said; noise makes no difference.
fn mark(found: &Found, story: &Story) -> u64 {
    let mut hasher = DefaultHasher::new();
    let files = found.files.iter().filter(|(name, _)| !name.ends_with("-shm"));
    files.for_each(|file| file.hash(&mut hasher));
    (story.asked.len(), story.answers, &story.ready).hash(&mut hasher);
    hasher.finish()
}

fn complaint(
    name: &str,
    log: &Path,
    choice: Choice,
    ops: &[Op],
    found: &Found,
    why: &(dyn std::any::Any + Send),
) -> String {
    let text = why.downcast_ref::<String>().map(String::as_str);
    let why = text.or_else(|| why.downcast_ref::<&str>().copied());
    let Choice { at, seed } = choice;
    format!(
        "{name}: power lost after {at} of {} operations: {}\n{}\njudge it again: \
         SEATCORE_STATE={name},{},{at},{seed} cargo test -p seatcore-tests --test power_loss {name}",
        ops.len(),
        why.unwrap_or("see above"),
        found.recipe,
        log.display(),
    )
}
