//! What the presets are made of, and how it gets into a database once.

use crate::args::Preset;
use crate::error::CliError;
use crate::office::file::every_show;
use crate::reading::at_hour;
use chrono::Days;
use chrono_tz::Tz;
use seatcore::accounts::{PasswordPolicy, Role, User};
use seatcore::catalogue::layout::{Layout, PlanSection};
use seatcore::catalogue::movie::{Movie, NewMovie, Poster};
use seatcore::catalogue::screen::{NewScreen, Screen};
use seatcore::catalogue::show::{NewShow, ShowFilter, ShowStatus};
use seatcore::clock::Timestamp;
use seatcore::engine::ShowRow;
use seatcore::error::Code;
use seatcore::house::event::Source;
use seatcore::money::{Currency, Money};
use seatcore::{Engine, Failure};
use std::fmt;
use std::time::Duration;

/// Who can sign in after `seed`.
pub const DEMO_USER: &str = "demo_user_123";
/// With which password: known to everybody, so a server refuses strangers while it stands.
pub const DEMO_PASSWORD: &str = "demo123";

/// A film to be added.
#[derive(Debug)]
pub struct Film {
    pub title: String,
    pub minutes: u32,
    pub description: String,
    pub poster: Option<Vec<u8>>,
}

/// A hall to be added.
#[derive(Debug)]
pub struct Hall {
    pub name: String,
    pub plan: Layout,
    pub cleaning: Option<Duration>,
}

/// A show to be opened: film and hall by their places in the programme.
#[derive(Debug)]
pub struct Slot {
    pub film: usize,
    pub hall: usize,
    /// Days from today.
    pub day: u32,
    /// Hour and minute.
    pub at: (u32, u32),
    pub price: Money,
    /// Names and minor units.
    pub tiers: Vec<(Box<str>, u32)>,
}

/// Somebody who can sign in.
#[derive(Debug)]
pub struct Person {
    pub name: String,
    pub password: String,
    pub role: Role,
    pub policy: PasswordPolicy,
}

/// What a preset is made of.
#[derive(Debug, Default)]
pub struct Programme {
    pub films: Vec<Film>,
    pub halls: Vec<Hall>,
    pub slots: Vec<Slot>,
    pub people: Vec<Person>,
}

impl Film {
    fn new(title: &str, minutes: u32, description: &str, poster: &[u8]) -> Self {
        let (title, description) = (title.to_owned(), description.to_owned());
        Self { title, minutes, description, poster: Some(poster.to_vec()) }
    }

    fn top_gun() -> Self {
        let story = "After thirty years a test pilot trains a class of graduates for a mission \
                     from which not all will come back.";
        let poster = include_bytes!("../../../posters/top-gun.png");
        Self::new("Top Gun: Maverick", 130, story, poster)
    }

    fn avatar() -> Self {
        let story = "Jake Sully and his family leave the forest and learn the ways of the reef.";
        let poster = include_bytes!("../../../posters/avatar.png");
        Self::new("Avatar: The Way of Water", 192, story, poster)
    }

    fn inception() -> Self {
        let story = "A thief who steals secrets from dreams is asked to plant an idea instead.";
        let poster = include_bytes!("../../../posters/inception.png");
        Self::new("Inception", 148, story, poster)
    }

    fn metropolis() -> Self {
        let story = "The son of a city's master falls in love with a prophet of its workers.";
        let poster = include_bytes!("../../../posters/default.png");
        Self::new("Metropolis", 153, story, poster)
    }

    fn the_final() -> Self {
        let story = "Two teams, one cup, a hundred thousand seats.";
        let poster = include_bytes!("../../../posters/default.png");
        Self::new("The Final", 150, story, poster)
    }
}

/// Sections of one ring of the stadium, and the ring's seats in each: 40 × 2,500 in all.
const STADIUM_SECTIONS: u32 = 20;
const STADIUM_ROWS: &str = "A-AX:50";
/// Blocks side by side in one rank of the stadium, and from block to block and rank to rank, in
/// pitches.
const STADIUM_ACROSS: u32 = 10;
const STADIUM_PITCH: (f64, f64) = (56.0, 60.0);
/// How much nearer to the front the outermost blocks stand than the middle ones, in pitches.
const STADIUM_BEND: f64 = 44.0;

impl Programme {
    fn of(preset: &Preset) -> Result<Self, CliError> {
        match preset {
            Preset::Demo => Self::demo(),
            Preset::Small => {
                Self::one(Film::metropolis(), Hall::new("Studio", "A-D:5")?, 1_000, &[])
            }
            Preset::Stadium => {
                Self::one(Film::the_final(), Hall::stadium()?, 6_000, &[("lower", 9_500)])
            }
            Preset::File(path) => super::file::read(path),
        }
    }

    /// Films need their minutes and the hall a quarter of an hour: these times leave both.
    fn demo() -> Result<Self, CliError> {
        let price = Currency::EUR.minor(10_000);
        let slot = |film, hall, at| Slot { film, hall, day: 1, at, price, tiers: Vec::new() };
        let person = Person {
            name: DEMO_USER.to_owned(),
            password: DEMO_PASSWORD.to_owned(),
            role: Role::Customer,
            policy: PasswordPolicy::Classic,
        };
        Ok(Self {
            films: vec![Film::avatar(), Film::inception(), Film::top_gun()],
            halls: vec![Hall::new("Main Hall", "A-E:10")?, Hall::new("Indie Hall", "A-C:10")?],
            slots: vec![
                slot(2, 0, (14, 0)),
                slot(0, 0, (17, 0)),
                slot(1, 1, (15, 0)),
                slot(0, 1, (18, 30)),
            ],
            people: vec![person],
        })
    }

    fn one(film: Film, hall: Hall, cents: i64, tiers: &[(&str, u32)]) -> Result<Self, CliError> {
        let tiers = tiers.iter().map(|(name, cents)| ((*name).into(), *cents)).collect();
        let price = Currency::EUR.minor(cents);
        let slot = Slot { film: 0, hall: 0, day: 1, at: (20, 0), price, tiers };
        let (films, halls, slots) = (vec![film], vec![hall], vec![slot]);
        Ok(Self { films, halls, slots, people: Vec::new() })
    }
}

impl Hall {
    fn new(name: &str, rows: &str) -> Result<Self, CliError> {
        let plan = crate::commands::screens::parse_rows(rows)?;
        Ok(Self { name: name.to_owned(), plan, cleaning: None })
    }

    fn stadium() -> Result<Self, CliError> {
        let ring = |first: u32, tier: &'static str| {
            (1..=STADIUM_SECTIONS)
                .map(move |section| format!("{}/{STADIUM_ROWS}*{tier}", first + section))
        };
        let rows: Vec<_> = ring(100, "lower").chain(ring(200, "upper")).collect();
        let mut hall = Self::new("Stadium", &rows.join(";"))?;
        let mut plan = hall.plan.plan();
        for (section, at) in plan.sections.iter_mut().zip(0..) {
            place(section, at);
        }
        plan.focus = None;
        let plan = Layout::from_plan(plan);
        hall.plan = plan.map_err(|error| CliError::usage(error.to_string()))?;
        Ok(hall)
    }
}

/// Puts a block of the stadium in its place: ranks behind each other, bent round the front.
fn place(section: &mut PlanSection, at: u32) {
    let middle = f64::from(STADIUM_ACROSS - 1) / 2.0;
    let aside = f64::from(at % STADIUM_ACROSS) - middle;
    let bend = STADIUM_BEND * (1.0 - (aside / middle).powi(2));
    let front = f64::from(at / STADIUM_ACROSS) * STADIUM_PITCH.1 + bend;
    for (row, depth) in section.rows.iter_mut().zip(0_u32..) {
        row.x = Some(aside * STADIUM_PITCH.0 - f64::from(row.count - 1) / 2.0);
        row.y = Some(front + f64::from(depth));
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
    pub users: Vec<User>,
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
pub fn plant(engine: &Engine, preset: &Preset, zone: Tz) -> Result<Planted, CliError> {
    let programme = Programme::of(preset)?;
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
    let users = plant_users(engine, &programme, &mut made)?;
    Ok(Planted { movies, screens, shows, users, made })
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
                let mut new = NewScreen::new(&hall.name, hall.plan.clone());
                new.cleaning = hall.cleaning.unwrap_or(new.cleaning);
                engine.add_screen(new)?
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
        title: film.title.clone(),
        minutes: film.minutes,
        description: film.description.clone(),
        poster: film.poster.clone().map(Poster::new).transpose()?,
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
    let starts = start(engine.now(), slot, zone)?;
    let mut show = NewShow::new(movie, screen, starts, slot.price);
    show.prices.tiers = slot.tiers.clone();
    engine.creating().source(Source::Cli).open_show(show)?;
    Ok(())
}

/// Presets open tomorrow, not in an hour: a show closes when it begins, and who seeds in the
/// morning wants to sell in the afternoon.
fn start(now: Timestamp, slot: &Slot, zone: Tz) -> Result<Timestamp, CliError> {
    let today = now.to_chrono().with_timezone(&zone).date_naive();
    let date = today.checked_add_days(Days::new(u64::from(slot.day)));
    let (hour, minute) = slot.at;
    let starts = date.and_then(|date| at_hour(date, hour, minute, zone));
    starts.ok_or_else(|| CliError::usage(format!("that day has no {hour}:{minute:02} in {zone}")))
}

fn plant_users(
    engine: &Engine,
    programme: &Programme,
    made: &mut Made,
) -> Result<Vec<User>, CliError> {
    let mut users = Vec::new();
    for person in &programme.people {
        let Person { name, password, role, policy } = person;
        users.push(match engine.user(name) {
            Err(Failure::Rejected(rejection)) if rejection.code() == Code::NotFound => {
                made.users += 1;
                engine.add_user_under(*policy, name, password, *role)?
            }
            found => found?,
        });
    }
    Ok(users)
}
