//! What can be typed: every command, its arguments and its help.

use crate::reading;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;

mod accounts;
mod catalogue;
mod operating;
mod selling;
mod serving;
mod upkeep;

pub use accounts::*;
pub use catalogue::*;
pub use operating::*;
pub use selling::*;
pub use serving::*;
pub use upkeep::*;

const ABOUT_EXITS: &str = "\
Examples:
  seatcore demo                         # see it work, nothing to set up
  seatcore seed && seatcore shows list  # a file with four shows
  seatcore hold 1 C5 C6 --as ada        # keep two seats for ten minutes
  seatcore seats map 1                  # the hall, in the terminal
  seatcore stress                       # ten buyers, one seat, one winner

Exit codes:
  0 done                      4 not signed in, or not allowed
  1 failure                   5 conflict: seat taken, hold lost
  2 wrong usage or input      6 busy or timed out: trying again helps
  3 not found                 7 verify or check found a contradiction
  130 interrupted

Output: tables on a terminal; tab-separated lines without a header when piped;
with --json exactly one JSON value on stdout, and errors as one problem object
on stderr. Notes and questions go to stderr.";

/// Sells seats: hold, book and look after them from a terminal.
#[derive(Debug, Parser)]
#[command(name = "seatcore", version, after_help = ABOUT_EXITS)]
#[command(disable_help_subcommand = true, max_term_width = 100)]
pub struct Cli {
    /// What is true for every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Flags that every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// The database, or a server: http://HOST:PORT [default: $SEATCORE_DB, else ./seatcore.db]
    #[arg(long, global = true, value_name = "PATH|URL")]
    pub db: Option<PathBuf>,
    /// Read a server's API key from here [default: $SEATCORE_API_KEY]
    #[arg(long, global = true, value_name = "FILE")]
    pub api_key_file: Option<PathBuf>,
    /// How long to wait for an answer of a server
    #[arg(long, global = true, value_name = "TIME", default_value = "60s")]
    #[arg(value_parser = reading::patience)]
    pub timeout: Duration,
    /// Read settings from this file alone
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Read no settings file
    #[arg(long, global = true, conflicts_with = "config")]
    pub no_config: bool,
    /// Print one JSON value, shaped as over HTTP: --format json
    #[arg(long, global = true)]
    pub json: bool,
    /// table, plain (tabs), csv, json or ndjson [default: table on a terminal, else plain]
    #[arg(long, global = true, value_name = "FORMAT", conflicts_with = "json")]
    #[arg(hide_possible_values = true)]
    pub format: Option<Format>,
    /// Only these columns, or members of the JSON: id,seats
    #[arg(long, global = true, value_name = "NAMES", value_delimiter = ',')]
    pub fields: Vec<String>,
    /// Time zone for printing and for dates
    #[arg(long, global = true, value_name = "ZONE", default_value = "UTC")]
    #[arg(value_parser = reading::zone)]
    pub tz: chrono_tz::Tz,
    /// Colours: auto, always or never; NO_COLOR is honoured
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    #[arg(hide_possible_values = true)]
    pub color: Colour,
    /// Say less: no notes on stderr
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Say more on stderr
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
    /// Never ask; a missing answer is an error
    #[arg(long, global = true)]
    pub no_input: bool,
    /// Answer every question with yes
    #[arg(long, global = true)]
    pub yes: bool,
}

/// How answers are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Columns for eyes.
    Table,
    /// Tab-separated lines without a header.
    Plain,
    /// Comma-separated lines with a header.
    Csv,
    /// One JSON value.
    Json,
    /// One JSON value a line.
    Ndjson,
}

/// When colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless NO_COLOR is set or TERM is dumb.
    Auto,
    /// Also into pipes.
    Always,
    /// Nowhere.
    Never,
}

/// The commands, the most used first.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Fill a fresh database with buyers and watch the halls
    Demo(DemoArgs),
    /// Put movies, screens and shows into the database
    #[command(alias = "seed_data")]
    Seed(SeedArgs),
    /// Choose seats on the whole screen, with arrows or the mouse
    Pick(PickArgs),
    /// See a hall, ask about seats, take them off sale
    #[command(subcommand)]
    Seats(SeatsCommand),
    /// Keep seats for somebody until a deadline
    Hold(HoldArgs),
    /// Sell a hold, or seats in one go
    Book(BookArgs),
    /// Look at holds, extend and release them
    #[command(subcommand)]
    Holds(HoldsCommand),
    /// Look at bookings and cancel them
    #[command(subcommand)]
    Bookings(BookingsCommand),
    /// Look at a ticket
    #[command(subcommand)]
    Tickets(TicketsCommand),
    /// The programme: list, add, cancel, close shows
    #[command(subcommand)]
    Shows(ShowsCommand),
    /// Movies and their posters
    #[command(subcommand)]
    Movies(MoviesCommand),
    /// Screens and their seating plans
    #[command(subcommand)]
    Screens(ScreensCommand),
    /// People who sign in
    #[command(subcommand)]
    Users(UsersCommand),
    /// Machines that ask over HTTP
    #[command(subcommand)]
    Keys(KeysCommand),
    /// The log of what happened
    #[command(subcommand)]
    Events(EventsCommand),
    /// Revenue, occupancy and what is popular
    #[command(subcommand)]
    Report(ReportCommand),
    /// Fold the log again and compare everything with it
    Verify(VerifyArgs),
    /// Race buyers for the same seat and count the winners
    Stress(StressArgs),
    /// Measure durable commands on this machine
    Bench(BenchArgs),
    /// Publish holds that have lapsed
    #[command(alias = "cleanup_holds", after_help = SWEEP_EXAMPLES)]
    Sweep,
    /// Make an empty database
    Init(InitArgs),
    /// The same, as Django calls it
    #[command(name = "migrate", hide = true)]
    DjangoMigrate(InitArgs),
    /// Check, copy and measure the file
    #[command(subcommand)]
    Db(DbCommand),
    /// Look at the SQLite library, the file and the clock
    Doctor(DoctorArgs),
    /// Ask a running server whether it is well
    Health(HealthArgs),
    /// Settings: show, set and check them
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Completions, manual pages, the reference
    #[command(subcommand)]
    Util(UtilCommand),
    /// Add a manager
    #[command(name = "createsuperuser", hide = true)]
    CreateSuperuser(SuperuserArgs),
    /// Serve the API and the dashboard over HTTP
    Serve(ServeArgs),
    /// Start the server
    #[command(name = "runserver", hide = true)]
    RunServer(RunServerArgs),
    /// One process of a stress run
    #[command(name = "stress-worker", hide = true)]
    StressWorker(WorkerArgs),
}
