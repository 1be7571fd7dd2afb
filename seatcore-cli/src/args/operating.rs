//! Arguments of `seed`, `demo`, `stress` and of what looks after the file.

use crate::reading;
use clap::{Args, Subcommand, ValueEnum};
use seatcore::ShowId;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Where the database is made.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  seatcore init
  seatcore init box-office.db
  seatcore init --db box-office.db --json")]
pub struct InitArgs {
    /// The file [default: as --db]
    pub path: Option<PathBuf>,
}

pub(super) const SWEEP_EXAMPLES: &str = "\
Seats of a lapsed hold are free at its deadline, swept or not; sweeping writes
the lapse into the log, so that lists and listeners hear of it.

Examples:
  seatcore sweep
  seatcore sweep --json
  seatcore sweep --db box-office.db --quiet";

/// What to put into the database.
#[derive(Debug, Args)]
#[command(
    after_help = "A file of one's own has [[movies]] title, minutes, description, poster; [[screens]]
name, rows or plan, cleaning; [[shows]] movie, screen, day (from today), at, price,
tiers; [[users]] name, role, password_file. `docs/cli.md` shows one.

Examples:
  seatcore seed                               # 2 screens, 3 movies, 4 shows
  seatcore seed --preset stadium --db big.db  # 100,000 seats
  seatcore seed --preset house.toml           # what a file of one's own says
  seatcore seed --wipe --yes                  # everything in it is lost"
)]
pub struct SeedArgs {
    /// demo, small, stadium, or a TOML file
    #[arg(long, default_value = "demo", value_name = "NAME|FILE", value_parser = Preset::parse)]
    pub preset: Preset,
    /// Delete the database first; asks, unless --yes
    #[arg(long)]
    pub wipe: bool,
}

/// How much to put into the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Preset {
    /// 2 screens, 3 movies, 4 shows, 160 seats, a user
    Demo,
    /// 1 screen of 20 seats, 1 show
    Small,
    /// 1 screen of 100,000 seats, 1 show
    Stadium,
    /// What a file says
    File(PathBuf),
}

impl Preset {
    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "demo" => Ok(Self::Demo),
            "small" => Ok(Self::Small),
            "stadium" => Ok(Self::Stadium),
            _ if text.ends_with(".toml") => Ok(Self::File(text.into())),
            _ => Err("neither demo, small or stadium nor a file that ends in .toml".into()),
        }
    }

    /// The word that is typed.
    pub fn name(&self) -> String {
        match self {
            Self::Demo => "demo".to_owned(),
            Self::Small => "small".to_owned(),
            Self::Stadium => "stadium".to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }
}

/// How busy the demonstration is.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  seatcore demo                      # then open the address it prints
  seatcore demo --buyers 200         # a busier evening
  seatcore demo --no-serve --seed 7  # no server: a rush, the halls, a check

Serves on 127.0.0.1:8000, or the next free port, until Ctrl-C. The database is a temporary one; --db names one to keep.")]
pub struct DemoArgs {
    /// The buyers do the same again under the same seed [default: from the clock]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// How many buyers come
    ///
    /// 30 over three minutes while the server runs, 300 in six seconds without it.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub buyers: Option<u32>,
    /// Start no server: let the buyers in at once, draw the halls and end
    #[arg(long)]
    pub no_serve: bool,
    /// Where it is served; a port that is taken is followed by the next
    #[arg(long, value_name = "PORT", default_value_t = 8000, conflicts_with = "no_serve")]
    pub port: u16,
}

/// How many race for how much.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  seatcore stress                              # 10 users, 1 seat, 1 winner
  seatcore stress --users 200 --seats 5
  seatcore stress --users 40 --processes 4     # four processes on one file
  seatcore stress --users 400 --seats 50 --histogram
  seatcore stress --url http://127.0.0.1:8000  # at a server, over HTTP

Exit code 7 unless every seat found exactly one buyer and verify finds nothing. Runs on a fresh
temporary database, which is deleted; --db names one to use. At a server every user registers and
signs in; a manager's API key removes them afterwards. Seats that are raced for stay sold: it is for
a server to try things on, and asks first at one on another machine.")]
pub struct StressArgs {
    /// How many want a seat, 1 to 10,000
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub users: u32,
    /// How many seats they race for, 1 to 1,000
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub seats: u32,
    /// Over how many processes they are spread, 1 to 64
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub processes: u32,
    /// Race at this server; the same as --db URL
    #[arg(long, value_name = "URL", conflicts_with_all = ["db", "processes"])]
    pub url: Option<seatcore_http::BaseUrl>,
    /// Draw how long commands took
    #[arg(long)]
    pub histogram: bool,
}

/// What to measure.
#[derive(Debug, Args)]
#[command(
    after_help = "Durable commands on a temporary file beside --db, or in the temporary folder;
the figures are of this disk. `benches/` has the careful ones.

Examples:
  seatcore bench --quick
  seatcore bench --clients 64
  seatcore bench --quick --json"
)]
pub struct BenchArgs {
    /// A second or two instead of ten
    #[arg(long)]
    pub quick: bool,
    /// How many clients wait for answers at the same time, 1 to 1,024
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=1_024))]
    pub clients: u32,
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
  seatcore events tail --show 1 --limit 5
  seatcore events tail --show 1 --follow")]
pub enum EventsCommand {
    /// The newest events, oldest of them first
    #[command(after_help = "Examples:
  seatcore events tail
  seatcore events tail --show 1 --limit 5
  seatcore events tail --after 120 --json
  seatcore events tail --follow  # until Ctrl-C")]
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
    /// At most this many, 1 to 100,000
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub limit: u32,
    /// Go on printing what happens
    #[arg(long)]
    pub follow: bool,
}

/// What can be reported.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  seatcore report revenue --by movie
  seatcore report occupancy --csv
  seatcore report popular")]
pub enum ReportCommand {
    /// What was sold and given back, from the log
    #[command(after_help = "\
A sale counts on the day it was made, a cancellation on the day it was made.

Examples:
  seatcore report revenue
  seatcore report revenue --by movie --csv > revenue.csv
  seatcore report revenue --from today --to tomorrow --tz Europe/Berlin")]
    Revenue(RevenueArgs),
    /// How full shows are
    #[command(after_help = "Examples:
  seatcore report occupancy
  seatcore report occupancy --by screen
  seatcore report occupancy --from tomorrow --csv")]
    Occupancy(OccupancyArgs),
    /// Which movies sell, the best first
    #[command(after_help = "Examples:
  seatcore report popular
  seatcore report popular --limit 3 --json
  seatcore report popular --from 2026-01-01 --to 2027-01-01 --csv")]
    Popular(PopularArgs),
}

/// From which day to which.
#[derive(Debug, Clone, Args)]
pub struct Days {
    /// From this day in --tz on: 2027-01-09, today or tomorrow
    #[arg(long, value_name = "DAY")]
    pub from: Option<String>,
    /// Until just before this day
    #[arg(long, value_name = "DAY")]
    pub to: Option<String>,
    /// The same as --format csv
    #[arg(long, conflicts_with_all = ["json", "format"])]
    pub csv: bool,
}

/// How revenue is grouped.
#[derive(Debug, Args)]
pub struct RevenueArgs {
    /// day, show, movie or screen
    #[arg(long, default_value = "day", hide_possible_values = true)]
    pub by: Grouping,
    /// When it was sold.
    #[command(flatten)]
    pub days: Days,
}

/// How occupancy is grouped.
#[derive(Debug, Args)]
pub struct OccupancyArgs {
    /// day, show, movie or screen
    #[arg(long, default_value = "show", hide_possible_values = true)]
    pub by: Grouping,
    /// When the shows begin.
    #[command(flatten)]
    pub days: Days,
}

/// How many movies.
#[derive(Debug, Args)]
pub struct PopularArgs {
    /// At most this many
    #[arg(long, default_value_t = 20)]
    pub limit: u32,
    /// When it was sold.
    #[command(flatten)]
    pub days: Days,
}

/// What a line of a report stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[expect(missing_docs, reason = "named as what they stand for")]
pub enum Grouping {
    Day,
    Show,
    Movie,
    Screen,
}

/// What can be done with settings.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Every flag may be a setting, named as it is typed: `tz`, `hold.ttl`, `seats.map.ascii`.
A flag wins over SEATCORE_… (SEATCORE_HOLD_TTL), that over ./seatcore.toml, that over
~/.config/seatcore/config.toml, that over /etc/seatcore/config.toml.

Examples:
  seatcore config show --origin
  seatcore config set tz Europe/Berlin
  seatcore config check")]
pub enum ConfigCommand {
    /// Settings that are in force
    #[command(after_help = "Examples:
  seatcore config show
  seatcore config show --origin
  seatcore config show --all --json")]
    Show(ShowConfigArgs),
    /// One setting
    #[command(after_help = "Examples:
  seatcore config get tz
  SEATCORE_HOLD_TTL=5m seatcore config get hold.ttl
  seatcore config get tz --json")]
    Get(SettingArg),
    /// Write a setting into ./seatcore.toml
    #[command(after_help = "Examples:
  seatcore config set tz Europe/Berlin
  seatcore config set hold.ttl 5m
  seatcore config set color never --user")]
    Set(SetConfigArgs),
    /// Where settings files are looked for
    #[command(after_help = "Examples:
  seatcore config path
  seatcore config path --json
  seatcore config path --fields file")]
    Path,
    /// Open ./seatcore.toml in $VISUAL or $EDITOR, and check what was written
    #[command(after_help = "Examples:
  seatcore config edit
  seatcore config edit --user
  EDITOR=true seatcore config edit")]
    Edit(PlaceArgs),
    /// Whether every settings file can be used
    #[command(after_help = "Examples:
  seatcore config check
  seatcore config check --json
  seatcore config check --config other.toml")]
    Check,
}

/// How much to show.
#[derive(Debug, Args)]
pub struct ShowConfigArgs {
    /// Say where each comes from
    #[arg(long)]
    pub origin: bool,
    /// Also those that nobody set
    #[arg(long)]
    pub all: bool,
}

/// A setting.
#[derive(Debug, Args)]
pub struct SettingArg {
    /// Its name: tz, hold.ttl
    pub key: String,
}

/// A setting and its value.
#[derive(Debug, Args)]
pub struct SetConfigArgs {
    /// Its name: tz, hold.ttl
    pub key: String,
    /// As typed behind the flag
    pub value: String,
    /// In which file.
    #[command(flatten)]
    pub place: PlaceArgs,
}

/// In which file.
#[derive(Debug, Args)]
pub struct PlaceArgs {
    /// The user's file instead of ./seatcore.toml
    #[arg(long)]
    pub user: bool,
}

/// What helps to install the program.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  seatcore util completions bash
  seatcore util man man1
  seatcore util markdown")]
pub enum UtilCommand {
    /// A shell's completion script
    #[command(after_help = "Examples:
  seatcore util completions bash > seatcore.bash
  seatcore util completions zsh > _seatcore
  seatcore util completions fish > seatcore.fish")]
    Completions(CompletionsArgs),
    /// Manual pages, one for each command, into a folder
    #[command(after_help = "Examples:
  seatcore util man man1
  seatcore util man man1 --quiet
  seatcore util man man1 && ls man1/seatcore-seats-map.1")]
    Man(ManArgs),
    /// Every help page as one Markdown document
    #[command(after_help = "Examples:
  seatcore util markdown
  seatcore util markdown > commands.md
  seatcore util markdown | grep '^## '")]
    Markdown,
    /// The HTTP API as an OpenAPI 3.1 document
    #[command(after_help = "Examples:
  seatcore util openapi
  seatcore util openapi > openapi.json
  seatcore util openapi | grep operationId")]
    Openapi,
    /// Walk a server's classic API and say PASS or FAIL for each step
    ApiCheck(ApiCheckArgs),
}

/// Which server's API.
#[derive(Debug, Args)]
#[command(
    after_help = "Registers a new user and books one free seat of the next show: for a server to
try things on. Exit code 0 if every step passes, 7 if one fails.

Examples:
  seatcore util api-check
  seatcore util api-check http://127.0.0.1:8000
  seatcore util api-check --json http://localhost:8000"
)]
pub struct ApiCheckArgs {
    /// Where it listens; plain http only
    #[arg(default_value = "http://127.0.0.1:8000")]
    pub url: String,
    /// How long to wait for each answer
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = reading::duration)]
    pub timeout: Duration,
}

/// Which shell.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// bash, zsh, fish, elvish or powershell
    #[arg(hide_possible_values = true)]
    pub shell: clap_complete::Shell,
}

/// Which folder.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// Is made if it is not there
    pub folder: PathBuf,
}

/// Which server.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit code 0 if the server can take commands, 6 if it cannot or does not answer.

Examples:
  seatcore health
  seatcore health --url http://127.0.0.1:8000
  seatcore health --timeout 2s --quiet"
)]
pub struct HealthArgs {
    /// Where it listens: http://HOST:PORT or https://HOST
    #[arg(long, default_value = "http://127.0.0.1:8000")]
    pub url: seatcore_http::BaseUrl,
    /// How long to wait
    #[arg(long, value_name = "TIME", default_value = "3s", value_parser = reading::duration)]
    pub timeout: Duration,
}

/// What the doctor may do.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  seatcore doctor
  seatcore doctor --json
  seatcore doctor --accept-clock  # the clock was wrong, and is right now")]
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
