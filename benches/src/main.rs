//! Measures the engine and its rivals side by side, and prints tables: `README.md` beside has the
//! method, `cargo run --release -p seatcore-benches -- --help` the commands.

mod bouts; // rivals take turns
mod clients; // closed loops, and what they waited
mod work; // what every rival does
mod rivals; // who is measured side by side
mod tables; // what is measured, in process
mod http; // what is measured over HTTP
mod place; // where files lie, and what a flush costs
mod report; // tables, as text and markdown
mod machine; // on what it was measured
mod booking; // one comparison with its own knobs, for profiles

use clap::{Args, Parser, Subcommand};
use place::Place;

/// For every rival in this process alike: glibc's allocator is slow where one thread frees what
/// another made.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

#[derive(Debug, Parser)]
#[command(about = "Measures seatcore and its rivals side by side; method in benches/README.md")]
struct Cli {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    terms: Terms,
}

/// Under which terms; what is not said is each table's own default.
#[derive(Debug, Clone, Args)]
pub struct Terms {
    /// Rounds in which the rivals take turns
    #[arg(long, global = true, value_name = "N")]
    rounds: Option<usize>,
    /// Seconds of each round
    #[arg(long, global = true, value_name = "S")]
    seconds: Option<u64>,
    /// Numbers of clients, in place of the table's own
    #[arg(long, global = true, value_name = "N,N", value_delimiter = ',')]
    clients: Vec<usize>,
    /// Real flushes on this machine's disk
    #[arg(long, global = true)]
    real_disk: bool,
    /// A hundredth of the large file, to see that everything runs
    #[arg(long, global = true)]
    small: bool,
}

impl Terms {
    fn rounds(&self, usual: usize) -> usize {
        self.rounds.unwrap_or(usual).max(1)
    }

    fn seconds(&self, usual: u64) -> u64 {
        self.seconds.unwrap_or(usual).max(1)
    }

    fn clients(&self, usual: &[usize]) -> Vec<usize> {
        if self.clients.is_empty() { usual.to_vec() } else { self.clients.clone() }
    }
}

#[derive(Debug, Subcommand)]
enum What {
    /// Every table in order, about 25 minutes
    All,
    #[command(flatten)]
    Table(tables::Table),
    /// The engine beside a bare log, with knobs: for profiles
    Booking(booking::BookingArgs),
    /// Puts the kept tables into benches/README.md
    Paste,
    #[command(flatten)]
    Part(http::Part),
    /// One hold by a process of its own
    #[command(hide = true)]
    HoldOnce(tables::one_shot::HoldOnceArgs),
    /// What open files and houses weigh
    #[command(hide = true)]
    Weigh(tables::bytes::WeighArgs),
}

fn main() -> std::process::ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => code.into(),
        Err(error) => {
            eprintln!("error: {error}");
            1.into()
        }
    }
}

fn run(cli: Cli) -> Outcome<u8> {
    match cli.what {
        What::Paste => report::paste()?,
        What::Part(part) => http::run_part(part)?,
        What::HoldOnce(args) => tables::one_shot::hold_once(&args)?,
        What::Weigh(args) => tables::bytes::weigh(&args)?,
        _ if !cli.terms.real_disk && !place::is_slow() => {
            return Ok(place::again_with_slow_flush()?.clamp(0, 255) as u8);
        }
        What::All => tables::all(&cli.terms)?,
        What::Table(table) => table.run(&cli.terms, &Place::new(cli.terms.real_disk)?)?,
        What::Booking(args) => booking::run(&cli.terms, &args, &Place::new(cli.terms.real_disk)?)?,
    }
    Ok(0)
}
