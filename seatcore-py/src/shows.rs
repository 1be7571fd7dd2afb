//! The catalogue: movies, screens and shows, asked for and made.

use crate::command::show_id;
use crate::engine::Engine;
use crate::failure::{Trouble, unreadable};
use crate::shape;
use pyo3::prelude::*;
use seatcore::catalogue::layout::{Layout, Plan};
use seatcore::catalogue::movie::{MoviePatch, NewMovie, Poster};
use seatcore::catalogue::price::{PricePatch, Prices};
use seatcore::catalogue::screen::NewScreen;
use seatcore::catalogue::show::{LimitsPatch, NewShow, ShowFilter, ShowLimits};
use seatcore::clock::Timestamp;
use seatcore::engine::creating::Creating;
use seatcore::house::event::Source;
use seatcore::house::rejection::{Problem, Rejection, What};
use seatcore::money::Currency;
use seatcore::{MovieId, ScreenId};
use std::sync::Arc;
use std::time::Duration;

/// Base price, currency, and price by tier: minor units.
pub type PriceList = (i64, String, Vec<(String, i64)>);
/// Life of a hold in seconds, holds and seats of one holder.
pub type Caps = (Option<u32>, Option<u32>, Option<u32>);

/// Who makes something new, and under which key.
pub type Creator = (Option<String>, Option<String>);

fn creating(engine: &seatcore::Engine, (staff, key): Creator) -> Creating<'_> {
    let mut creating = engine.creating().source(Source::Python);
    if let Some(staff) = staff {
        creating = creating.by(staff);
    }
    match key {
        Some(key) => creating.key(key),
        None => creating,
    }
}

/// What does not fit is cut to the largest number, which the engine refuses by name.
fn minor(amount: i64) -> u32 {
    u32::try_from(amount).unwrap_or(u32::MAX)
}

pub fn prices((base, currency, tiers): PriceList) -> Result<Prices, Trouble> {
    let currency: Currency = currency.parse().map_err(|_| unreadable("price"))?;
    let mut tiers: Vec<(Box<str>, u32)> =
        tiers.into_iter().map(|(name, amount)| (name.into(), minor(amount))).collect();
    tiers.sort();
    Ok(Prices { currency, base: minor(base), tiers })
}

/// Another base price, and other prices by tier.
pub type PriceChange = (Option<(i64, String)>, Option<Vec<(String, i64, String)>>);

pub fn price_patch((base, tiers): PriceChange) -> Result<PricePatch, Trouble> {
    let money = |amount: i64, currency: String, field| {
        let currency: Currency = currency.parse().map_err(|_| unreadable(field))?;
        Ok::<_, Trouble>(currency.minor(amount))
    };
    let base = base.map(|(amount, currency)| money(amount, currency, "price")).transpose()?;
    let tier = |(name, amount, currency): (String, _, _)| {
        Ok::<_, Trouble>((name.into(), money(amount, currency, "tiers")?))
    };
    let tiers = tiers.map(|tiers| tiers.into_iter().map(tier).collect::<Result<_, _>>());
    Ok(PricePatch { base, tiers: tiers.transpose()? })
}

pub fn limits((hold_life_s, holds_per_holder, seats_per_holder): Caps) -> LimitsPatch {
    LimitsPatch { hold_life_s, holds_per_holder, seats_per_holder }
}

fn movie_id(number: i64) -> Result<MovieId, Trouble> {
    let movie = u32::try_from(number).ok().and_then(MovieId::new);
    Ok(movie.ok_or(Rejection::NotFound { what: What::Movie })?)
}

fn screen_id(number: i64) -> Result<ScreenId, Trouble> {
    let screen = u32::try_from(number).ok().and_then(ScreenId::new);
    Ok(screen.ok_or(Rejection::NotFound { what: What::Screen })?)
}

/// A plan as JSON, or as its short text.
fn layout(text: &str) -> Result<Layout, Trouble> {
    let read = if text.trim_start().starts_with('{') {
        let plan: Plan = serde_json::from_str(text).map_err(|error| invalid_plan(&error))?;
        Layout::from_plan(plan)
    } else {
        Layout::parse(text)
    };
    read.map_err(|error| invalid_plan(&error))
}

fn invalid_plan(error: &dyn std::fmt::Display) -> Trouble {
    Rejection::invalid(format!("layout: {error}"), Problem::Unreadable).into()
}

fn moment(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

#[pymethods]
impl Engine {
    fn movies<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let movies = self.handle().run(py, |engine| Ok(engine.movies()?))?;
        movies.iter().map(|movie| shape::movie(py, movie)).collect()
    }

    fn movie<'py>(&self, py: Python<'py>, movie: i64) -> PyResult<Bound<'py, PyAny>> {
        let movie = movie_id(movie)?;
        shape::movie(py, &self.handle().run(py, |engine| Ok(engine.movie(movie)?))?)
    }

    fn add_movie<'py>(
        &self,
        py: Python<'py>,
        title: String,
        minutes: u32,
        description: String,
        poster: Option<Vec<u8>>,
        creator: Creator,
    ) -> PyResult<Bound<'py, PyAny>> {
        let added = self.handle().run(py, |engine| {
            let poster = poster.map(Poster::new).transpose()?;
            let movie = NewMovie { title, minutes, description, poster };
            Ok(creating(engine, creator).add_movie(movie)?.value)
        })?;
        shape::movie(py, &added)
    }

    fn edit_movie<'py>(
        &self,
        py: Python<'py>,
        movie: i64,
        title: Option<String>,
        minutes: Option<u32>,
        description: Option<String>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let movie = movie_id(movie)?;
        let patch = MoviePatch { title, minutes, description };
        shape::movie(py, &self.handle().run(py, |engine| Ok(engine.edit_movie(movie, patch)?))?)
    }

    fn remove_movie(&self, py: Python<'_>, movie: i64) -> Result<(), Trouble> {
        let movie = movie_id(movie)?;
        self.handle().run(py, |engine| Ok(engine.remove_movie(movie)?))
    }

    fn poster<'py>(&self, py: Python<'py>, movie: i64) -> PyResult<Bound<'py, PyAny>> {
        let movie = movie_id(movie)?;
        shape::poster(py, &self.handle().run(py, |engine| Ok(engine.poster(movie)?))?)
    }

    fn set_poster(
        &self,
        py: Python<'_>,
        movie: i64,
        poster: Option<Vec<u8>>,
    ) -> Result<(), Trouble> {
        let movie = movie_id(movie)?;
        self.handle().run(py, |engine| {
            let poster = poster.map(Poster::new).transpose()?;
            Ok(engine.set_poster(movie, poster)?)
        })
    }

    fn screens<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let screens = self.handle().run(py, |engine| Ok(engine.screens()?))?;
        screens.iter().map(|screen| shape::screen(py, screen)).collect()
    }

    fn screen<'py>(&self, py: Python<'py>, screen: i64) -> PyResult<Bound<'py, PyAny>> {
        let screen = screen_id(screen)?;
        shape::screen(py, &self.handle().run(py, |engine| Ok(engine.screen(screen)?))?)
    }

    fn add_screen<'py>(
        &self,
        py: Python<'py>,
        name: String,
        plan: &str,
        tz: Option<String>,
        cleaning_s: Option<u64>,
        creator: Creator,
    ) -> PyResult<Bound<'py, PyAny>> {
        let mut new = NewScreen::new(name, layout(plan)?);
        new.tz = tz;
        new.cleaning = cleaning_s.map_or(new.cleaning, Duration::from_secs);
        let add = |engine: &seatcore::Engine| Ok(creating(engine, creator).add_screen(new)?.value);
        shape::screen(py, &self.handle().run(py, add)?)
    }

    fn edit_screen<'py>(
        &self,
        py: Python<'py>,
        screen: i64,
        name: Option<String>,
        plan: Option<&str>,
        tz: Option<String>,
        cleaning_s: Option<u64>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let screen = screen_id(screen)?;
        let plan = plan.map(layout).transpose()?;
        let edited = self.handle().run(py, |engine| {
            let known = engine.screen(screen)?;
            let plan = plan.map_or_else(|| engine.layout(known.layout), Ok)?;
            let cleaning = cleaning_s.unwrap_or_else(|| u64::from(known.cleaning_s));
            let (name, tz) = (name.unwrap_or(known.name), tz.or(known.tz));
            let (layout, cleaning) = (Arc::new(plan), Duration::from_secs(cleaning));
            Ok(engine.edit_screen(screen, NewScreen { name, layout, tz, cleaning })?)
        })?;
        shape::screen(py, &edited)
    }

    fn remove_screen(&self, py: Python<'_>, screen: i64) -> Result<(), Trouble> {
        let screen = screen_id(screen)?;
        self.handle().run(py, |engine| Ok(engine.remove_screen(screen)?))
    }

    /// A layout's plan as JSON.
    fn plan(&self, py: Python<'_>, hash: &str) -> PyResult<String> {
        let hash =
            hash.parse().map_err(|_| Trouble::from(Rejection::NotFound { what: What::Layout }));
        let hash = hash?;
        let layout = self.handle().run(py, |engine| Ok(engine.layout(hash)?))?;
        serde_json::to_string(&layout.plan()).map_err(|_| unreadable("layout").into())
    }

    /// A layout's rows: section, letters, first seat, numbers, numbers before an aisle, x, y.
    fn layout_rows<'py>(&self, py: Python<'py>, hash: &str) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let hash =
            hash.parse().map_err(|_| Trouble::from(Rejection::NotFound { what: What::Layout }));
        let hash = hash?;
        let layout = self.handle().run(py, |engine| Ok(engine.layout(hash)?))?;
        shape::rows(py, &layout)
    }

    /// `moments` are the start, the end, and when sales open and close.
    #[expect(clippy::too_many_arguments, reason = "a flat list keeps the crossing cheap")]
    fn open_show<'py>(
        &self,
        py: Python<'py>,
        movie: i64,
        screen: i64,
        moments: (i64, Option<i64>, Option<i64>, Option<i64>),
        price_list: PriceList,
        caps: Caps,
        creator: Creator,
    ) -> PyResult<Bound<'py, PyAny>> {
        let new = NewShow {
            movie: movie_id(movie)?,
            screen: screen_id(screen)?,
            starts_at: moment(moments.0),
            ends_at: moments.1.map(moment),
            prices: prices(price_list)?,
            opens_at: moments.2.map(moment),
            closes_at: moments.3.map(moment),
            limits: limits(caps).over(ShowLimits::default()),
        };
        let open = |engine: &seatcore::Engine| {
            let show = creating(engine, creator).open_show(new)?.value;
            Ok(engine.show_row(show.id)?)
        };
        shape::show(py, &self.handle().run(py, open)?)
    }

    fn show<'py>(&self, py: Python<'py>, show: i64) -> PyResult<Bound<'py, PyAny>> {
        let show = show_id(show)?;
        shape::show(py, &self.handle().run(py, |engine| Ok(engine.show_row(show)?))?)
    }

    #[expect(clippy::too_many_arguments, reason = "a flat list keeps the crossing cheap")]
    fn shows<'py>(
        &self,
        py: Python<'py>,
        movie: Option<i64>,
        screen: Option<i64>,
        from_ms: Option<i64>,
        before_ms: Option<i64>,
        after: Option<(i64, i64)>,
        limit: u32,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let after = after.map(|(at, show)| Ok((moment(at), show_id(show)?)));
        let filter = ShowFilter {
            movie: movie.map(movie_id).transpose()?,
            screen: screen.map(screen_id).transpose()?,
            from: from_ms.map(moment),
            before: before_ms.map(moment),
            after: after.transpose().map_err(|error: Trouble| error)?,
            limit,
        };
        let rows = self.handle().run(py, |engine| Ok(engine.shows(&filter)?))?;
        rows.iter().map(|row| shape::show(py, row)).collect()
    }
}
