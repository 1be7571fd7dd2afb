//! Reports, folded from the log by the engine's books, which read on where they ended.

use crate::engine::Engine;
use crate::failure::{Trouble, unreadable};
use crate::shape::{self, Value};
use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta, TimeZone};
use chrono_tz::Tz;
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyDate, PyTuple};
use seatcore::clock::Timestamp;
use seatcore::engine::books::Books;
use seatcore::engine::reports::{
    Grouping, Occupancy, OccupancyLine, Period, PopularLine, Popularity, Revenue, RevenueLine, Slot,
};
use seatcore::house::rejection::{Problem, Rejection};
use seatcore::word::ParseWordError;

/// From this day on, and until just before that one: year, month, day.
type Span = (Option<(i32, u32, u32)>, Option<(i32, u32, u32)>);

fn zone_of(name: &str) -> Result<Tz, Trouble> {
    name.parse().map_err(|_| unreadable("tz"))
}

fn grouping_of(word: &str) -> Result<Grouping, Trouble> {
    let unknown = |error: ParseWordError| Rejection::invalid("grouping", error.into());
    word.parse().map_err(|error| unknown(error).into())
}

fn period_of((from, to): Span) -> Result<Period, Trouble> {
    let read = |field: &str, day: Option<(i32, u32, u32)>| {
        let read = day.map(|(year, month, day)| NaiveDate::from_ymd_opt(year, month, day));
        read.map(|day| day.ok_or_else(|| unreadable(field))).transpose()
    };
    let period = Period { from: read("start", from)?, to: read("before", to)? };
    if period.from.zip(period.to).is_some_and(|(from, to)| to <= from) {
        return Err(Rejection::invalid("before", Problem::Foreign).into());
    }
    Ok(period)
}

fn day_in(zone: Tz, at: Timestamp) -> NaiveDate {
    at.to_chrono().with_timezone(&zone).date_naive()
}

/// The first moment of a day; where midnight is skipped, the day begins with what follows.
fn begins(zone: Tz, day: NaiveDate) -> Option<Timestamp> {
    let midnight = day.and_time(NaiveTime::MIN);
    let found = (0..=3).find_map(|hour| {
        let at = midnight.checked_add_signed(TimeDelta::hours(hour))?;
        zone.from_local_datetime(&at).earliest()
    });
    Some(Timestamp::from(found?.to_utc()))
}

impl Engine {
    /// Makes a report over the books, read on to the log's end; one at a time.
    fn over_books<T: Send>(
        &self,
        py: Python<'_>,
        zone: Tz,
        make: impl FnOnce(&seatcore::Engine, &Books) -> Result<T, seatcore::Failure> + Send,
    ) -> Result<T, Trouble> {
        self.handle().run(py, |engine| {
            let mut books = self.books().lock();
            let books = books.get_or_insert_with(|| Books::new(move |at| day_in(zone, at)));
            books.catch_up(engine)?;
            Ok(make(engine, books)?)
        })
    }
}

#[pymethods]
impl Engine {
    /// What was sold and given back: its lines, and its totals.
    fn revenue<'py>(&self, py: Python<'py>, tz: &str, by: &str, span: Span) -> Value<'py> {
        let (zone, by, period) = (zone_of(tz)?, grouping_of(by)?, period_of(span)?);
        let add_up = |engine: &_, books: &_| Revenue::of(engine, books, by, period);
        let report = self.over_books(py, zone, add_up)?;
        let print = |lines: &[RevenueLine]| {
            let lines: PyResult<Vec<_>> = lines.iter().map(|line| revenue(py, line)).collect();
            PyTuple::new(py, lines?)
        };
        class(py, "Revenue")?.call1((print(&report.data)?, print(&report.totals)?))
    }

    /// How full shows are.
    fn occupancy<'py>(
        &self,
        py: Python<'py>,
        tz: &str,
        by: &str,
        span: Span,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let (zone, by, period) = (zone_of(tz)?, grouping_of(by)?, period_of(span)?);
        let first = |day: Option<NaiveDate>| day.and_then(|day| begins(zone, day));
        let span = (first(period.from), first(period.to));
        let report = self
            .handle()
            .run(py, |engine| Ok(Occupancy::of(engine, by, span, |at| day_in(zone, at))?))?;
        report.data.iter().map(|line| occupancy(py, line)).collect()
    }

    /// Movies by tickets, the best first.
    fn popular<'py>(
        &self,
        py: Python<'py>,
        tz: &str,
        span: Span,
        limit: usize,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let (zone, period) = (zone_of(tz)?, period_of(span)?);
        let rank = |engine: &_, books: &_| Popularity::of(engine, books, period, limit);
        let report = self.over_books(py, zone, rank)?;
        report.data.iter().map(|line| popular(py, line)).collect()
    }
}

fn class<'py>(py: Python<'py>, name: &str) -> Value<'py> {
    py.import("seatcore._reports")?.getattr(name)
}

/// What a line stands for: the grouping, and the day or number.
fn slot<'py>(py: Python<'py>, slot: &Slot) -> PyResult<(&'static str, Bound<'py, PyAny>)> {
    Ok(match slot {
        Slot::Day(day) => {
            let day: NaiveDate = day.parse().map_err(|_| unreadable("day"))?;
            let date = PyDate::new(py, day.year(), day.month() as u8, day.day() as u8)?;
            ("day", date.into_any())
        }
        Slot::Show(show) => ("show", show.get().into_bound_py_any(py)?),
        Slot::Movie(movie) => ("movie", movie.get().into_bound_py_any(py)?),
        Slot::Screen(screen) => ("screen", screen.get().into_bound_py_any(py)?),
        _ => return Err(unreadable("by").into()),
    })
}

fn revenue<'py>(py: Python<'py>, line: &RevenueLine) -> Value<'py> {
    let (by, slot) = line.slot.as_ref().map(|about| slot(py, about)).transpose()?.unzip();
    class(py, "RevenueLine")?.call1((
        by,
        slot,
        &line.name,
        line.bookings,
        line.tickets,
        line.returned,
        shape::money(py, line.sold)?,
        shape::money(py, line.refunded)?,
        shape::money(py, line.net)?,
    ))
}

fn occupancy<'py>(py: Python<'py>, line: &OccupancyLine) -> Value<'py> {
    let (by, slot) = slot(py, &line.slot)?;
    let OccupancyLine { shows, booked, held, blocked, capacity, percent, .. } = *line;
    let counts = (by, slot, &line.name, shows, booked, held, blocked, capacity, percent);
    class(py, "OccupancyLine")?.call1(counts)
}

fn popular<'py>(py: Python<'py>, line: &PopularLine) -> Value<'py> {
    let net: PyResult<Vec<_>> = line.net.iter().map(|net| shape::money(py, *net)).collect();
    class(py, "PopularLine")?.call1((
        line.rank,
        line.movie.get(),
        &line.title,
        line.tickets,
        line.shows,
        PyTuple::new(py, net?)?,
    ))
}
