//! Durable commands per second beside a bare log file: the same clients, the same flush.
//!
//! `cargo run --release -p seatcore-benches --bin booking -- [--clients N] [--seconds S]
//! [--rounds R] [--real-disk] [--alone] [--follow-off | --follow-in-commit]`. See `README.md` beside for the method.

mod bare_log;
mod clients;
mod engine_rival;

use clients::{Follow, Load, Round};
use std::path::{Path, PathBuf};
use std::process::Command;

/// For every rival alike: glibc's allocator is slow where one thread frees what another made.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

struct Options {
    load: Load,
    rounds: usize,
    real_disk: bool,
    /// Without the rival, for profiles.
    alone: bool,
}

fn main() -> Outcome<()> {
    let options = options()?;
    if !options.real_disk && std::env::var_os("LD_PRELOAD").is_none() {
        return again_with_slow_flush();
    }
    let folder = folder(options.real_disk)?;
    let measured = measure(&options, &folder);
    drop(std::fs::remove_dir_all(&folder));
    measured
}

fn options() -> Outcome<Options> {
    let mut options = Options {
        load: Load { clients: 64, seconds: 2, follow: Follow::Behind },
        rounds: 5,
        real_disk: false,
        alone: false,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut number = || -> Outcome<usize> {
            Ok(words.next().ok_or(format!("{word} needs a number"))?.parse()?)
        };
        match word.as_str() {
            "--clients" => options.load.clients = number()?,
            "--seconds" => options.load.seconds = number()? as u64,
            "--rounds" => options.rounds = number()?,
            "--real-disk" => options.real_disk = true,
            "--alone" => options.alone = true,
            "--follow-off" => options.load.follow = Follow::Off,
            "--follow-in-commit" => options.load.follow = Follow::InCommit,
            other => return Err(format!("unknown option {other}").into()),
        }
    }
    Ok(options)
}

/// Compiles the shim and runs this program again under it.
fn again_with_slow_flush() -> Outcome<()> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("slow_flush.c");
    let shim = std::env::temp_dir().join(format!("slow_flush-{}.so", std::process::id()));
    let compiled = Command::new("cc")
        .args(["-O2", "-shared", "-fPIC", "-o"])
        .args([&shim, &source])
        .status()?;
    if !compiled.success() {
        return Err("cc could not compile slow_flush.c".into());
    }
    let mut again = Command::new(std::env::current_exe()?);
    let status = again.args(std::env::args().skip(1)).env("LD_PRELOAD", &shim).status();
    drop(std::fs::remove_file(&shim));
    std::process::exit(status?.code().unwrap_or(1));
}

/// Memory for the emulated flush, the working folder for the real one.
fn folder(real_disk: bool) -> Outcome<PathBuf> {
    let memory = Path::new("/dev/shm");
    let base = if !real_disk && memory.is_dir() { memory } else { Path::new(".") };
    let folder = base.join(format!("seatcore-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Rivals take turns, so that a busy neighbour meets all of them.
fn measure(options: &Options, folder: &Path) -> Outcome<()> {
    let Load { clients, seconds, .. } = options.load;
    println!(
        "{clients} clients, {seconds} s a round, {} rounds, 4 seats a command",
        options.rounds
    );
    println!("{:>10} {}", "", Round::HEAD);
    let (mut logs, mut engines) = (Vec::new(), Vec::new());
    for round in 0..options.rounds {
        if !options.alone {
            let log = bare_log::round(options.load, &folder.join(format!("log-{round}")))?;
            println!("{:>10} {log}", "bare log");
            logs.push(log.per_second());
        }
        let engine = engine_rival::round(options.load, &folder.join(format!("engine-{round}.db")))?;
        println!("{:>10} {}  {}", "seatcore", engine.round, engine.remark);
        engines.push(engine.round.per_second());
    }
    let ratios: Vec<f64> = engines.iter().zip(&logs).map(|(engine, log)| engine / log).collect();
    println!(
        "median: bare log {:.0}/s, seatcore {:.0}/s, ratio {:.2} ({:.2} to {:.2})",
        median(&logs),
        median(&engines),
        median(&ratios),
        ratios.iter().copied().fold(f64::INFINITY, f64::min),
        ratios.iter().copied().fold(0.0, f64::max),
    );
    Ok(())
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}
