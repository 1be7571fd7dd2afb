//! What the presets are made of, and how it gets into a database once.

use crate::args::Preset;
use crate::commands::shows::every_show;
use crate::error::CliError;
use crate::reading::at_hour;
use chrono::Days;
use chrono_tz::Tz;
use seatcore::accounts::{PasswordPolicy, Role, User};
use seatcore::catalogue::layout::Layout;
use seatcore::catalogue::movie::{Movie, NewMovie, Poster};
use seatcore::catalogue::screen::{NewScreen, Screen};
use seatcore::catalogue::show::{NewShow, ShowFilter, ShowStatus};
use seatcore::clock::Timestamp;
use seatcore::engine::ShowRow;
use seatcore::error::Code;
use seatcore::money::Currency;
use seatcore::{Engine, Failure};
use std::fmt;

/// Who can sign in after `seed`.
const DEMO_USER: &str = "demo_user_123";
/// With which password: known to everybody, so a server refuses strangers while it stands.
pub const DEMO_PASSWORD: &str = "demo123";

struct Film {
    title: &'static str,
    minutes: u32,
    description: &'static str,
    poster: &'static [u8],
}

struct Hall {
    name: &'static str,
    rows: String,
}

/// Indices into a preset's films and halls, an hour and minute of the day, and a price in cents.
struct Slot {
    film: usize,
    hall: usize,
    at: (u32, u32),
    price: u32,
    tiers: &'static [(&'static str, u32)],
}

struct Programme {
    films: Vec<Film>,
    halls: Vec<Hall>,
    slots: Vec<Slot>,
    user: bool,
}

const TOP_GUN: Film = Film {
    title: "Top Gun: Maverick",
    minutes: 130,
    description: "After thirty years a test pilot trains a class of graduates for a mission \
                  from which not all will come back.",
    poster: include_bytes!("../../../posters/top-gun.png"),
};
const AVATAR: Film = Film {
    title: "Avatar: The Way of Water",
    minutes: 192,
    description: "Jake Sully and his family leave the forest and learn the ways of the reef.",
    poster: include_bytes!("../../../posters/avatar.png"),
};
const INCEPTION: Film = Film {
    title: "Inception",
    minutes: 148,
    description: "A thief who steals secrets from dreams is asked to plant an idea instead.",
    poster: include_bytes!("../../../posters/inception.png"),
};
const MATINEE: Film = Film {
    title: "Metropolis",
    minutes: 153,
    description: "The son of a city's master falls in love with a prophet of its workers.",
    poster: include_bytes!("../../../posters/default.png"),
};
const FINAL: Film = Film {
    title: "The Final",
    minutes: 150,
    description: "Two teams, one cup, a hundred thousand seats.",
    poster: include_bytes!("../../../posters/default.png"),
};

/// Sections of one ring of the stadium, and the ring's seats in each: 40 × 2,500 in all.
const STADIUM_SECTIONS: u32 = 20;
const STADIUM_ROWS: &str = "A-AX:50";

impl Programme {
    fn of(preset: Preset) -> Self {
        match preset {
            Preset::Demo => Self::demo(),
            Preset::Small => Self::one(MATINEE, Hall::new("Studio", "A-D:5"), 1_000, &[]),
            Preset::Stadium => Self::one(FINAL, Hall::stadium(), 6_000, &[("lower", 9_500)]),
        }
    }

    /// Films need their minutes and the hall a quarter of an hour: these times leave both.
    fn demo() -> Self {
        let slot = |film, hall, at| Slot { film, hall, at, price: 10_000, tiers: &[] };
        Self {
            films: vec![AVATAR, INCEPTION, TOP_GUN],
            halls: vec![Hall::new("Main Hall", "A-E:10"), Hall::new("Indie Hall", "A-C:10")],
            slots: vec![
                slot(2, 0, (14, 0)),
                slot(0, 0, (17, 0)),
                slot(1, 1, (15, 0)),
                slot(0, 1, (18, 30)),
            ],
            user: true,
        }
    }

    fn one(film: Film, hall: Hall, price: u32, tiers: &'static [(&'static str, u32)]) -> Self {
        let slot = Slot { film: 0, hall: 0, at: (20, 0), price, tiers };
        Self { films: vec![film], halls: vec![hall], slots: vec![slot], user: false }
    }
}

impl Hall {
    fn new(name: &'static str, rows: &str) -> Self {
        Self { name, rows: rows.to_owned() }
    }

    fn stadium() -> Self {
        let ring = |first: u32, tier: &'static str| {
            (1..=STADIUM_SECTIONS)
                .map(move |section| format!("{}/{STADIUM_ROWS}*{tier}", first + section))
        };
        let rows: Vec<_> = ring(100, "lower").chain(ring(200, "upper")).collect();
        Self { name: "Stadium", rows: rows.join(";") }
    }
}

/// How much was added; what was there already is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Made {
    pub movies: usize,
    pub screens: usize,
    pub shows: usize,
    pub users: usize,
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { movies, screens, shows, users } = self;
        if *self == Self::default() {
            return f.write_str("nothing: all of it was there");
        }
        let counts = [(screens, "screen"), (movies, "movie"), (shows, "show"), (users, "user")];
        let made = counts.into_iter().filter(|(count, _)| **count > 0);
        let said: Vec<_> = made.map(|(count, what)| counted(*count, what)).collect();
        f.write_str(&said.join(", "))
    }
}

fn counted(count: usize, what: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {what}{ending}")
}

/// A preset, as it stands in the database.
#[derive(Debug)]
pub struct Planted {
    /// Its movies.
    pub movies: Vec<Movie>,
    /// Its screens.
    pub screens: Vec<Screen>,
    /// The shows to come on them.
    pub shows: Vec<ShowRow>,
    /// Who can sign in.
    pub user: Option<User>,
    /// How much of it is new.
    pub made: Made,
}

impl Planted {
    /// Seats of all shows to come.
    pub fn seats(&self) -> u32 {
        self.shows.iter().map(|row| row.stats.capacity).sum()
    }

    /// The line that people look for.
    pub fn summary(&self) -> String {
        format!("{} seats in {}", self.seats(), counted(self.shows.len(), "show"))
    }
}

/// Adds what a database lacks of a preset; nothing is changed or removed.
pub fn plant(engine: &Engine, preset: Preset, zone: Tz) -> Result<Planted, CliError> {
    let programme = Programme::of(preset);
    let mut made = Made::default();
    let screens = plant_screens(engine, &programme, &mut made)?;
    let movies = plant_movies(engine, &programme, &mut made)?;
    if to_come(engine, &screens)?.is_empty() {
        for slot in &programme.slots {
            open(engine, slot, &movies, &screens, zone)?;
            made.shows += 1;
        }
    }
    let shows = to_come(engine, &screens)?;
    let user = programme.user.then(|| plant_user(engine, &mut made)).transpose()?;
    Ok(Planted { movies, screens, shows, user, made })
}

fn plant_screens(
    engine: &Engine,
    programme: &Programme,
    made: &mut Made,
) -> Result<Vec<Screen>, CliError> {
    let known = engine.screens()?;
    let mut screens = Vec::new();
    for hall in &programme.halls {
        let found = known.iter().find(|screen| screen.name == hall.name).cloned();
        screens.push(match found {
            Some(screen) => screen,
            None => {
                made.screens += 1;
                let plan = Layout::parse(&hall.rows);
                let plan = plan.map_err(|error| CliError::usage(error.to_string()))?;
                engine.add_screen(NewScreen::new(hall.name, plan))?
            }
        });
    }
    Ok(screens)
}

fn plant_movies(
    engine: &Engine,
    programme: &Programme,
    made: &mut Made,
) -> Result<Vec<Movie>, CliError> {
    let known = engine.movies()?;
    let mut movies = Vec::new();
    for film in &programme.films {
        let found = known.iter().find(|movie| movie.title == film.title).cloned();
        movies.push(match found {
            Some(movie) => movie,
            None => {
                made.movies += 1;
                add_film(engine, film)?
            }
        });
    }
    Ok(movies)
}

fn add_film(engine: &Engine, film: &Film) -> Result<Movie, CliError> {
    Ok(engine.add_movie(NewMovie {
        title: film.title.to_owned(),
        minutes: film.minutes,
        description: film.description.to_owned(),
        poster: Some(Poster::new(film.poster.to_vec())?),
    })?)
}

/// Shows that have not begun on these screens, in the order of their numbers.
fn to_come(engine: &Engine, screens: &[Screen]) -> Result<Vec<ShowRow>, CliError> {
    let filter = ShowFilter { from: Some(engine.now()), ..ShowFilter::default() };
    let mut shows = every_show(engine, filter)?;
    shows.retain(|row| {
        let here = screens.iter().any(|screen| screen.id == row.show.opening.screen);
        here && row.status != ShowStatus::Cancelled
    });
    shows.sort_by_key(|row| row.show.id);
    Ok(shows)
}

fn open(
    engine: &Engine,
    slot: &Slot,
    movies: &[Movie],
    screens: &[Screen],
    zone: Tz,
) -> Result<(), CliError> {
    let unknown = || CliError::usage("a preset names a film or a hall that it lacks");
    let movie = movies.get(slot.film).ok_or_else(unknown)?.id;
    let screen = screens.get(slot.hall).ok_or_else(unknown)?.id;
    let starts = tomorrow(engine.now(), slot.at, zone)?;
    let price = Currency::EUR.minor(i64::from(slot.price));
    let mut show = NewShow::new(movie, screen, starts, price);
    let tiers = slot.tiers.iter().map(|(name, cents)| ((*name).into(), *cents));
    show.prices.tiers = tiers.collect();
    engine.open_show(show)?;
    Ok(())
}

/// Tomorrow, not in an hour: a show closes when it begins, and who seeds in the morning wants to
/// sell in the afternoon.
fn tomorrow(now: Timestamp, at: (u32, u32), zone: Tz) -> Result<Timestamp, CliError> {
    let today = now.to_chrono().with_timezone(&zone).date_naive();
    let date = today.checked_add_days(Days::new(1));
    let starts = date.and_then(|date| at_hour(date, at.0, at.1, zone));
    starts.ok_or_else(|| CliError::usage(format!("tomorrow has no {}:{:02} in {zone}", at.0, at.1)))
}

fn plant_user(engine: &Engine, made: &mut Made) -> Result<User, CliError> {
    match engine.user(DEMO_USER) {
        Err(Failure::Rejected(rejection)) if rejection.code() == Code::NotFound => {
            made.users += 1;
            let policy = PasswordPolicy::Classic;
            Ok(engine.add_user_under(policy, DEMO_USER, DEMO_PASSWORD, Role::Customer)?)
        }
        found => Ok(found?),
    }
}
