//! Arguments of `movies`, `screens` and `shows`.

use crate::reading;
use clap::{Args, Subcommand};
use seatcore::money::Money;
use seatcore::{MovieId, ScreenId, ShowId};
use std::path::PathBuf;
use std::time::Duration;

/// What can be done with movies.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  seatcore movies list
  seatcore movies add Arrival --minutes 116 --poster arrival.jpg
  seatcore movies rm 4 --yes")]
pub enum MoviesCommand {
    /// Every movie
    #[command(after_help = "Examples:\n  seatcore movies list\n  seatcore movies list --json")]
    List,
    /// One movie
    #[command(after_help = "Examples:\n  seatcore movies show 2")]
    Show(MovieArg),
    /// Add a movie
    #[command(after_help = "Examples:
  seatcore movies add Arrival --minutes 116
  seatcore movies add Arrival --minutes 116 --description 'They are here.' --poster arrival.jpg")]
    Add(AddMovieArgs),
    /// Give a movie another poster
    #[command(after_help = "Examples:\n  seatcore movies poster 4 arrival.jpg")]
    Poster(PosterArgs),
    /// Remove a movie that no show uses; asks first
    #[command(after_help = "Examples:\n  seatcore movies rm 4\n  seatcore movies rm 4 --yes")]
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
    /// How long it runs
    #[arg(long)]
    pub minutes: u32,
    /// A few sentences
    #[arg(long, default_value = "")]
    pub description: String,
    /// A JPEG, PNG or WebP file of at most 5 MiB
    #[arg(long, value_name = "FILE")]
    pub poster: Option<PathBuf>,
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
  seatcore screens add 'Grand Hall' --rows 'stalls/A-H:4|12|4; balcony/A-C:12*premium'")]
pub enum ScreensCommand {
    /// Every screen
    #[command(after_help = "Examples:\n  seatcore screens list\n  seatcore screens list --json")]
    List,
    /// One screen and its plan
    #[command(
        after_help = "Examples:\n  seatcore screens show 1\n  seatcore screens show 1 --json"
    )]
    Show(ScreenArg),
    /// Add a screen
    #[command(after_help = "Examples:
  seatcore screens add 'Small Hall' --rows A-E:10
  seatcore screens add 'Grand Hall' --rows 'stalls/A-H:4|12|4*premium@1+20; balcony/A-C:12'
  seatcore screens add Arena --plan arena.json --cleaning 30m")]
    Add(AddScreenArgs),
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
    /// Its name, unique in the file
    pub name: String,
    /// The plan as text: A-E:10, stalls/A:4|6|4 (aisles), B:10*premium@1+10 (tier, accessible)
    #[arg(long, required_unless_present = "plan", conflicts_with = "plan")]
    pub rows: Option<String>,
    /// The plan as a JSON file
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// Pause between two shows
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = reading::duration)]
    pub cleaning: Duration,
    /// Its own time zone, if it is not the venue's
    #[arg(long, value_name = "ZONE")]
    pub zone: Option<chrono_tz::Tz>,
}

/// What can be done with shows.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  seatcore shows list --date tomorrow
  seatcore shows add --movie 1 --screen 1 --starts 2027-01-09T20:00 --price '12.50 EUR'
  seatcore shows cancel 7 --reason 'projector broken'")]
pub enum ShowsCommand {
    /// The programme, by start
    #[command(after_help = "Examples:
  seatcore shows list
  seatcore shows list --date 2027-01-09 --tz Europe/Berlin
  seatcore shows list --movie 2 --screen 1 --json")]
    List(ListShowsArgs),
    /// One show
    #[command(after_help = "Examples:\n  seatcore shows show 1\n  seatcore shows show 1 --json")]
    Show(ShowArg),
    /// Open a show for sale
    #[command(after_help = "Examples:
  seatcore shows add --movie 1 --screen 1 --starts 2027-01-09T20:00 --price '12.50 EUR'
  seatcore shows add --movie 1 --screen 2 --starts '2027-01-09 20:00' --tz Asia/Tokyo \\
      --price '1800 JPY' --tier premium=2400")]
    Add(AddShowArgs),
    /// Cancel a show with every hold and booking in it; asks first
    #[command(after_help = "Examples:
  seatcore shows cancel 7
  seatcore shows cancel 7 --reason 'projector broken' --yes")]
    Cancel(CancelShowArgs),
    /// Stop sales by hand
    #[command(after_help = "Examples:\n  seatcore shows close 7")]
    Close(ShowArg),
    /// Let sales go on after `close`
    #[command(after_help = "Examples:\n  seatcore shows reopen 7")]
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
