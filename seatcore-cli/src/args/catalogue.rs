//! Arguments of `movies`, `screens` and `shows`.

use crate::reading;
use clap::{Args, Subcommand};
use seatcore::catalogue::show::LimitsPatch;
use seatcore::money::Money;
use seatcore::{MovieId, ScreenId, ShowId};
use std::path::PathBuf;
use std::time::Duration;

/// What can be done with movies.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  seatcore movies list
  seatcore movies add Arrival --minutes 116 --poster arrival.png
  seatcore movies edit 2 --minutes 148")]
pub enum MoviesCommand {
    /// Every movie
    #[command(after_help = "Examples:
  seatcore movies list
  seatcore movies list --json
  seatcore movies list --format csv --fields id,title")]
    List,
    /// One movie
    #[command(after_help = "Examples:
  seatcore movies show 2
  seatcore movies show 2 --json
  seatcore movies show 2 --fields title,minutes")]
    Show(MovieArg),
    /// Add a movie
    #[command(after_help = "Examples:
  seatcore movies add Arrival --minutes 116
  seatcore movies add Arrival --minutes 116 --description 'They are here.'
  seatcore movies add Arrival --minutes 116 --poster arrival.png")]
    Add(AddMovieArgs),
    /// Change a movie's title, length or description
    #[command(after_help = "Examples:
  seatcore movies edit 2 --minutes 150
  seatcore movies edit 2 --title 'Inception (OV)'
  seatcore movies edit 2 --description ''")]
    Edit(EditMovieArgs),
    /// Give a movie another poster
    #[command(after_help = "Examples:
  seatcore movies poster 2 arrival.png
  seatcore movies poster 2 arrival.png --json
  seatcore movies poster 2 arrival.png --db box-office.db")]
    Poster(PosterArgs),
    /// Remove a movie that no show uses; asks first
    #[command(after_help = "Examples:
  seatcore movies rm 4
  seatcore movies rm 4 --yes
  seatcore movies rm 4 --yes --json")]
    Rm(MovieArg),
}

/// A movie.
#[derive(Debug, Args)]
pub struct MovieArg {
    /// Its number
    pub movie: MovieId,
}

/// A new movie.
#[derive(Debug, Args)]
pub struct AddMovieArgs {
    /// Its title, 1 to 200 characters
    pub title: String,
    /// How long it runs, 1 to 1,440
    #[arg(long)]
    pub minutes: u32,
    /// A few sentences, at most 4,096 bytes
    #[arg(long, default_value = "")]
    pub description: String,
    /// A JPEG, PNG or WebP file of at most 5 MiB
    #[arg(long, value_name = "FILE")]
    pub poster: Option<PathBuf>,
}

/// What to change of a movie.
#[derive(Debug, Args)]
pub struct EditMovieArgs {
    /// Its number
    pub movie: MovieId,
    /// Its new title, 1 to 200 characters
    #[arg(long)]
    pub title: Option<String>,
    /// How long it runs, 1 to 1,440
    #[arg(long)]
    pub minutes: Option<u32>,
    /// A few sentences, at most 4,096 bytes
    #[arg(long)]
    pub description: Option<String>,
}

/// A movie's new poster.
#[derive(Debug, Args)]
pub struct PosterArgs {
    /// The movie's number
    pub movie: MovieId,
    /// A JPEG, PNG or WebP file of at most 5 MiB
    pub file: PathBuf,
}

/// What can be done with screens.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  seatcore screens list
  seatcore screens add 'Grand Hall' \\
      --rows 'stalls/A-H:4|12|4; balcony/A-C:12*premium'
  seatcore screens export 1 > main-hall.json")]
pub enum ScreensCommand {
    /// Every screen
    #[command(after_help = "Examples:
  seatcore screens list
  seatcore screens list --json
  seatcore screens list --fields id,seats")]
    List,
    /// One screen and its plan
    #[command(after_help = "Examples:
  seatcore screens show 1
  seatcore screens show 1 --json
  seatcore screens show 1 --fields name,seats,tiers")]
    Show(ScreenArg),
    /// Add a screen
    #[command(after_help = "Examples:
  seatcore screens add 'Small Hall' --rows A-E:10
  seatcore screens add 'Grand Hall' \\
      --rows 'stalls/A-H:4|12|4*premium@1+20; balcony/A-C:12'
  seatcore screens add Arena --plan arena.json --cleaning 30m")]
    Add(AddScreenArgs),
    /// Change a screen's name, plan or pause; shows that exist keep their plan
    #[command(after_help = "Examples:
  seatcore screens edit 2 --name 'Studio'
  seatcore screens edit 2 --rows 'A-C:10@1+10'
  seatcore screens edit 2 --cleaning 20m --zone Europe/Berlin")]
    Edit(EditScreenArgs),
    /// Remove a screen that no show uses; asks first
    #[command(after_help = "Examples:
  seatcore screens rm 3
  seatcore screens rm 3 --yes
  seatcore screens rm 3 --yes --json")]
    Rm(ScreenArg),
    /// Add a screen from an exported file; - reads stdin
    #[command(after_help = "Examples:
  seatcore screens import main-hall.json --name 'Main Hall 2'
  seatcore screens export 1 | seatcore screens import - --name Twin
  seatcore screens import main-hall.json --name Copy --json")]
    Import(ImportScreenArgs),
    /// Print a screen with its whole plan, for `import` and `add --plan`
    #[command(after_help = "Examples:
  seatcore screens export 1
  seatcore screens export 1 > main-hall.json
  seatcore screens export 1 | grep sections")]
    Export(ScreenArg),
}

/// A screen.
#[derive(Debug, Args)]
pub struct ScreenArg {
    /// Its number
    pub screen: ScreenId,
}

/// A new screen.
#[derive(Debug, Args)]
pub struct AddScreenArgs {
    /// Its name, 1 to 100 characters, unique in the file
    pub name: String,
    /// The plan as text: A-E:10, stalls/A:4|6|4 (aisles), B:10*premium@1+10 (tier, accessible)
    #[arg(long, required_unless_present = "plan", conflicts_with = "plan")]
    pub rows: Option<String>,
    /// The plan as a JSON file
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// Pause between two shows, at most 24h
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = reading::duration)]
    pub cleaning: Duration,
    /// Its own time zone, if it is not the venue's
    #[arg(long, value_name = "ZONE", value_parser = reading::zone)]
    pub zone: Option<chrono_tz::Tz>,
}

/// What to change of a screen.
#[derive(Debug, Args)]
pub struct EditScreenArgs {
    /// Its number
    pub screen: ScreenId,
    /// Its new name
    #[arg(long)]
    pub name: Option<String>,
    /// Its new plan as text, for shows to come
    #[arg(long, conflicts_with = "plan")]
    pub rows: Option<String>,
    /// Its new plan as a JSON file
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// Pause between two shows, at most 24h
    #[arg(long, value_name = "TIME", value_parser = reading::duration)]
    pub cleaning: Option<Duration>,
    /// Its own time zone
    #[arg(long, value_name = "ZONE", value_parser = reading::zone)]
    pub zone: Option<chrono_tz::Tz>,
}

/// A screen in a file.
#[derive(Debug, Args)]
pub struct ImportScreenArgs {
    /// What `screens export` printed; - is stdin
    pub file: PathBuf,
    /// Another name than the one in the file
    #[arg(long)]
    pub name: Option<String>,
}

/// What can be done with shows.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  seatcore shows list --date tomorrow
  seatcore shows add --movie 1 --screen 1 --starts 2099-01-09T20:00 \\
      --price '12.50 EUR'
  seatcore shows cancel 2 --reason 'projector broken'")]
pub enum ShowsCommand {
    /// The programme, by start
    #[command(after_help = "Examples:
  seatcore shows list
  seatcore shows list --date 2099-01-09 --tz Europe/Berlin
  seatcore shows list --movie 2 --screen 1 --json
  seatcore shows list --over --fields id  # what may be archived")]
    List(ListShowsArgs),
    /// One show
    #[command(after_help = "Examples:
  seatcore shows show 1
  seatcore shows show 1 --json
  seatcore shows show 1 --fields movie,starts,seats")]
    Show(ShowArg),
    /// Open a show for sale
    #[command(after_help = "Examples:
  seatcore shows add --movie 1 --screen 1 --starts 2099-01-09T20:00 \\
      --price '12.50 EUR'
  seatcore shows add --movie 1 --screen 2 --starts '2099-01-09 20:00' \\
      --tz Asia/Tokyo --price '1800 JPY'
  seatcore shows add --movie 1 --screen 1 --starts 2099-01-09T20:00 \\
      --price '10 EUR' --repeat 7  # a week, every day at the same hour")]
    Add(AddShowArgs),
    /// Change a show's times, prices or limits; asks before that ends its sales
    #[command(after_help = "Examples:
  seatcore shows edit 1 --starts 2099-01-09T21:00
  seatcore shows edit 1 --price '9.00 EUR'
  seatcore shows edit 1 --starts 2099-01-09T21:00 --closes 2099-01-09T18:00")]
    Edit(EditShowArgs),
    /// Cancel a show with every hold and booking in it; asks first
    #[command(after_help = "Examples:
  seatcore shows cancel 2
  seatcore shows cancel 2 --yes
  seatcore shows cancel 2 --reason 'projector broken' --yes")]
    Cancel(CancelShowArgs),
    /// Stop sales by hand
    #[command(after_help = "Examples:
  seatcore shows close 2
  seatcore shows close 2 --json
  seatcore shows close 2 && seatcore shows show 2 --fields status")]
    Close(ShowArg),
    /// Let sales go on after `close`
    #[command(after_help = "Examples:
  seatcore shows reopen 2
  seatcore shows reopen 2 --json
  seatcore shows close 2 && seatcore shows reopen 2")]
    Reopen(ShowArg),
}

/// Which shows.
#[derive(Debug, Args)]
pub struct ListShowsArgs {
    /// Only this day in --tz: 2027-01-09, today or tomorrow
    #[arg(long, value_name = "DAY")]
    pub date: Option<String>,
    /// Only this movie
    #[arg(long, value_name = "ID")]
    pub movie: Option<MovieId>,
    /// Only this screen
    #[arg(long, value_name = "ID")]
    pub screen: Option<ScreenId>,
    /// Only what is over: ended or cancelled
    #[arg(long)]
    pub over: bool,
}

/// A show.
#[derive(Debug, Args)]
pub struct ShowArg {
    /// Its number
    pub show: ShowId,
}

/// A new show.
#[derive(Debug, Args)]
pub struct AddShowArgs {
    /// What is shown
    #[arg(long, value_name = "ID")]
    pub movie: MovieId,
    /// Where
    #[arg(long, value_name = "ID")]
    pub screen: ScreenId,
    /// When it begins: 2027-01-09T20:00 in --tz, or with an offset of its own
    #[arg(long, value_name = "TIME")]
    pub starts: String,
    /// When it ends [default: after the movie's minutes]
    #[arg(long, value_name = "TIME")]
    pub ends: Option<String>,
    /// Price of a seat without a tier: '12.50 EUR'
    #[arg(long, value_name = "MONEY")]
    pub price: Money,
    /// Price of a tier: premium=15.00; can be given again
    #[arg(long, value_name = "NAME=AMOUNT")]
    pub tier: Vec<String>,
    /// What one holder may keep
    #[command(flatten)]
    pub limits: LimitsArgs,
    /// On this many days one after the other, at the same hour: 1 to 366
    #[arg(long, value_name = "DAYS", default_value_t = 1)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=366))]
    pub repeat: u32,
    /// Let --starts be in the past: nobody can buy seats in such a show
    #[arg(long)]
    pub past: bool,
}

/// What to change of a show: a limit that is not named stays as it is.
#[derive(Debug, Args)]
#[command(mut_arg("hold_life", |arg| arg.help(HOLD_LIFE)))]
#[command(mut_arg("holds_per_holder", |arg| arg.help(HOLDS_PER_HOLDER)))]
#[command(mut_arg("seats_per_holder", |arg| arg.help(SEATS_PER_HOLDER)))]
pub struct EditShowArgs {
    /// Its number
    pub show: ShowId,
    /// When it begins; without --ends its end moves along
    #[arg(long, value_name = "TIME")]
    pub starts: Option<String>,
    /// When it ends
    #[arg(long, value_name = "TIME")]
    pub ends: Option<String>,
    /// Sales open at this moment
    #[arg(long, value_name = "TIME")]
    pub opens: Option<String>,
    /// Sales close at this moment; `start` follows the start again
    #[arg(long, value_name = "TIME")]
    pub closes: Option<String>,
    /// Price of a seat without a tier; seats held already keep theirs
    #[arg(long, value_name = "MONEY")]
    pub price: Option<Money>,
    /// Price of a tier: premium=15.00; can be given again
    #[arg(long, value_name = "NAME=AMOUNT")]
    pub tier: Vec<String>,
    /// What one holder may keep
    #[command(flatten)]
    pub limits: LimitsArgs,
    /// Let --starts be in the past: nobody can buy seats in such a show
    #[arg(long)]
    pub past: bool,
}

const HOLD_LIFE: &str =
    "Longest that seats can be held, however often the hold is extended: 1s to 24h";
const HOLDS_PER_HOLDER: &str = "Live holds of one holder, 1 to 100,000";
const SEATS_PER_HOLDER: &str = "Held seats of one holder, 1 to 200,000";

/// What one holder may keep from others, and for how long.
#[derive(Debug, Clone, Copy, Args)]
pub struct LimitsArgs {
    /// Longest that seats can be held, however often the hold is extended: 1s to 24h [default:
    /// 30m]
    #[arg(long, value_name = "TIME", value_parser = reading::duration)]
    pub hold_life: Option<Duration>,
    /// Live holds of one holder, 1 to 100,000 [default: 16]
    #[arg(long, value_name = "COUNT")]
    pub holds_per_holder: Option<u32>,
    /// Held seats of one holder, 1 to 200,000 [default: 64]
    #[arg(long, value_name = "COUNT")]
    pub seats_per_holder: Option<u32>,
}

impl LimitsArgs {
    /// As the engine takes them; what is too long for its seconds is the longest it refuses.
    pub fn patch(self) -> Option<LimitsPatch> {
        let seconds = |life: Duration| u32::try_from(life.as_secs()).unwrap_or(u32::MAX);
        let patch = LimitsPatch {
            hold_life_s: self.hold_life.map(seconds),
            holds_per_holder: self.holds_per_holder,
            seats_per_holder: self.seats_per_holder,
        };
        Some(patch).filter(|patch| *patch != LimitsPatch::default())
    }
}

/// A show to cancel.
#[derive(Debug, Args)]
pub struct CancelShowArgs {
    /// Its number
    pub show: ShowId,
    /// Why, for the log
    #[arg(long)]
    pub reason: Option<String>,
}
