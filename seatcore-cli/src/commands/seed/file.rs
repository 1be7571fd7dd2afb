//! A house of one's own, as a TOML file says it.

use super::presets::{Film, Hall, Person, Programme, Slot};
use crate::commands::screens;
use crate::error::CliError;
use crate::reading;
use chrono::{NaiveTime, Timelike};
use seatcore::accounts::{PasswordPolicy, Role};
use seatcore::money::Money;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct House {
    #[serde(default)]
    movies: Vec<Movie>,
    #[serde(default)]
    screens: Vec<Screen>,
    #[serde(default)]
    shows: Vec<Show>,
    #[serde(default)]
    users: Vec<User>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Movie {
    title: String,
    minutes: u32,
    #[serde(default)]
    description: String,
    poster: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Screen {
    name: String,
    rows: Option<String>,
    plan: Option<PathBuf>,
    cleaning: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Show {
    movie: String,
    screen: String,
    #[serde(default)]
    day: u32,
    at: String,
    price: String,
    #[serde(default)]
    tiers: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct User {
    name: String,
    role: String,
    password_file: PathBuf,
}

/// Reads a file; other files it names lie beside it.
pub fn read(path: &Path) -> Result<Programme, CliError> {
    let text = std::fs::read_to_string(path).map_err(|error| CliError::file(path, error))?;
    let house: House = toml::from_str(&text).map_err(|error| {
        CliError::usage(format!("{}: {}", path.display(), error.to_string().trim()))
    })?;
    let beside = path.parent().unwrap_or(Path::new(""));
    let reader = Reader { path, beside };
    let films: Result<Vec<_>, _> = house.movies.into_iter().map(|m| reader.film(m)).collect();
    let halls: Result<Vec<_>, _> = house.screens.into_iter().map(|s| reader.hall(s)).collect();
    let people: Result<Vec<_>, _> = house.users.into_iter().map(|u| reader.person(u)).collect();
    let (films, halls, people) = (films?, halls?, people?);
    let slots = house.shows.iter().map(|show| reader.slot(show, &films, &halls));
    let slots = slots.collect::<Result<_, _>>()?;
    Ok(Programme { films, halls, slots, people })
}

struct Reader<'a> {
    path: &'a Path,
    beside: &'a Path,
}

impl Reader<'_> {
    fn wrong(&self, what: impl std::fmt::Display) -> CliError {
        CliError::usage(format!("{}: {what}", self.path.display()))
    }

    fn film(&self, movie: Movie) -> Result<Film, CliError> {
        let Movie { title, minutes, description, poster } = movie;
        let read = |name: PathBuf| {
            let path = self.beside.join(name);
            std::fs::read(&path).map_err(|error| CliError::file(path, error))
        };
        Ok(Film { title, minutes, description, poster: poster.map(read).transpose()? })
    }

    fn hall(&self, screen: Screen) -> Result<Hall, CliError> {
        let plan = screen.plan.map(|plan| self.beside.join(plan));
        let plan = screens::read_layout(screen.rows.as_deref(), plan.as_deref())?;
        let name = screen.name;
        let plan =
            plan.ok_or_else(|| self.wrong(format!("{name:?} has neither rows nor a plan")))?;
        let cleaning = screen.cleaning.as_deref().map(reading::duration).transpose();
        let cleaning = cleaning.map_err(|why| self.wrong(format!("cleaning: {why}")))?;
        Ok(Hall { name, plan, cleaning })
    }

    fn person(&self, user: User) -> Result<Person, CliError> {
        let role: Role = user.role.parse().map_err(|_| {
            self.wrong(format!("{:?} is not customer, staff or manager", user.role))
        })?;
        let path = self.beside.join(user.password_file);
        let text = std::fs::read_to_string(&path).map_err(|error| CliError::file(path, error))?;
        let password = text.lines().next().unwrap_or_default().to_owned();
        Ok(Person { name: user.name, password, role, policy: PasswordPolicy::Native })
    }

    fn slot(&self, show: &Show, films: &[Film], halls: &[Hall]) -> Result<Slot, CliError> {
        let film = films.iter().position(|film| film.title == show.movie);
        let film = film.ok_or_else(|| self.wrong(format!("no movie {:?} here", show.movie)))?;
        let hall = halls.iter().position(|hall| hall.name == show.screen);
        let hall = hall.ok_or_else(|| self.wrong(format!("no screen {:?} here", show.screen)))?;
        let at = NaiveTime::parse_from_str(&show.at, "%H:%M");
        let at = at.map_err(|_| self.wrong(format!("{:?} is no hour such as 20:00", show.at)))?;
        let price: Money = show.price.parse().map_err(|error| self.wrong(error))?;
        let tiers = show
            .tiers
            .iter()
            .map(|(name, amount)| reading::tier_price(&format!("{name}={amount}"), price));
        let mut tiers: Vec<_> = tiers.collect::<Result<_, _>>()?;
        tiers.sort();
        let at = (at.hour(), at.minute());
        Ok(Slot { film, hall, day: show.day, at, price, tiers })
    }
}
