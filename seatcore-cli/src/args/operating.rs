//! Arguments of `seed`, `demo`, `stress` and of what looks after the file.

use crate::reading;
use clap::{Args, Subcommand, ValueEnum};
use seatcore::ShowId;
use std::net::SocketAddr;
use std::path::PathBuf;

pub(super) const INIT_EXAMPLES: &str = "Examples:
  seatcore init
  seatcore init --db /var/lib/seatcore/box-office.db";

pub(super) const SWEEP_EXAMPLES: &str = "\
Seats of a lapsed hold are free at its deadline, swept or not; sweeping writes
the lapse into the log, so that lists and listeners hear of it.

Examples:
  seatcore sweep
  seatcore sweep --json";

/// What to put into the database.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  seatcore seed                                  2 screens, 3 movies, 4 shows, 160 seats
  seatcore seed --preset stadium --db big.db     100,000 seats
  seatcore seed --wipe --yes                     start again, everything is lost")]
pub struct SeedArgs {
    /// How much
    #[arg(long, default_value = "demo")]
    pub preset: Preset,
    /// Delete the database first; asks, unless --yes
    #[arg(long)]
    pub wipe: bool,
}

/// How much to put into the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Preset {
    /// 2 screens, 3 movies, 4 shows, 160 seats, a user
    Demo,
    /// 1 screen of 20 seats, 1 show
    Small,
    /// 1 screen of 100,000 seats, 1 show
    Stadium,
}

impl Preset {
    /// The word that is typed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Demo => "demo",
            Self::Small => "small",
            Self::Stadium => "stadium",
        }
    }
}

/// How busy the demonstration is.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  seatcore demo
  seatcore demo --seed 7 --buyers 1000
  seatcore demo --db demo.db && seatcore bookings list --db demo.db")]
pub struct DemoArgs {
    /// The buyers do the same again under the same seed [default: from the clock]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// How many buyers come
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub buyers: u32,
}

/// How many race for how much.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  seatcore stress                                10 users, 1 seat: 1 success, 9 blocked
  seatcore stress --users 200 --seats 5
  seatcore stress --users 40 --processes 4       over four processes on one file

Runs on a fresh temporary database, which is deleted; --db names one to use.")]
pub struct StressArgs {
    /// How many want a seat
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub users: u32,
    /// How many seats they race for
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub seats: u32,
    /// Over how many processes they are spread
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub processes: u32,
}

/// One process' part of a stress run.
#[derive(Debug, Args)]
pub struct WorkerArgs {
    /// The show
    pub show: ShowId,
    /// The seats raced for
    #[arg(required = true)]
    pub seats: Vec<String>,
    /// Number of the first user here
    #[arg(long)]
    pub first: u32,
    /// How many users are here
    #[arg(long)]
    pub users: u32,
}

/// What can be done with the log.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  seatcore events tail
  seatcore events tail --show 1 --follow")]
pub enum EventsCommand {
    /// The newest events, oldest of them first
    #[command(after_help = "Examples:
  seatcore events tail
  seatcore events tail --show 1 --limit 5
  seatcore events tail --after 120 --json
  seatcore events tail --follow               until Ctrl-C; with --json one event per line")]
    Tail(TailArgs),
}

/// Which events.
#[derive(Debug, Args)]
pub struct TailArgs {
    /// Only events behind this record number, the first column
    #[arg(long, value_name = "N")]
    pub after: Option<u64>,
    /// Only of this show
    #[arg(long, value_name = "ID")]
    pub show: Option<ShowId>,
    /// At most this many
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub limit: u32,
    /// Go on printing what happens
    #[arg(long)]
    pub follow: bool,
}

/// What to verify.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit code 7 if something contradicts the log. Sales go on meanwhile.

Examples:
  seatcore verify
  seatcore verify --show 1 --json")]
pub struct VerifyArgs {
    /// Only findings about this show
    #[arg(long, value_name = "ID")]
    pub show: Option<ShowId>,
}

/// What can be done with the file.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  seatcore db check
  seatcore db backup box-office-copy.db
  seatcore db stats")]
pub enum DbCommand {
    /// SQLite's own check of the file; exit code 7 if it complains
    #[command(after_help = "Examples:\n  seatcore db check\n  seatcore db check --json")]
    Check,
    /// Write a consistent copy while sales go on
    #[command(
        after_help = "Examples:\n  seatcore db backup copy.db\n  seatcore db backup /mnt/copy.db --db box-office.db"
    )]
    Backup(BackupArgs),
    /// How much is in it
    #[command(after_help = "Examples:\n  seatcore db stats\n  seatcore db stats --json")]
    Stats,
}

/// Where the copy goes.
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// A path where nothing is yet
    pub file: PathBuf,
}

/// What the doctor may do.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  seatcore doctor
  seatcore doctor --accept-clock        the machine's clock was wrong, and is right now")]
pub struct DoctorArgs {
    /// Believe the clock again after it jumped by more than a day
    #[arg(long)]
    pub accept_clock: bool,
}

/// What Django's command takes.
#[derive(Debug, Args)]
pub struct RunServerArgs {
    /// Where to listen
    #[arg(value_parser = reading::address)]
    pub address: Option<SocketAddr>,
}
