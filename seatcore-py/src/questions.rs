//! Questions about shows, holds, bookings and the log.

use crate::command::show_id;
use crate::engine::Engine;
use crate::failure::{Trouble, no_name};
use crate::feed::Feed;
use crate::shape::{self, Value};
use pyo3::prelude::*;
use seatcore::clock::Timestamp;
use seatcore::engine::verify::Scope;
use seatcore::house::rejection::{Rejection, What};
use seatcore::store::BookingFilter;
use seatcore::{BookingId, HoldId, Holder, TicketCode};
use std::path::PathBuf;
use std::sync::atomic::AtomicU64;

fn hold_id(text: &str) -> Result<HoldId, Trouble> {
    text.parse().map_err(|_| Rejection::NotFound { what: What::Hold }.into())
}

fn booking_id(text: &str) -> Result<BookingId, Trouble> {
    text.parse().map_err(|_| Rejection::NotFound { what: What::Booking }.into())
}

fn holder_of(text: Option<&str>) -> Result<Option<Holder>, Trouble> {
    text.map(Holder::parse).transpose().map_err(|_| no_name("holder"))
}

#[pymethods]
impl Engine {
    /// The snapshot of a show's seats.
    fn seat_map<'py>(&self, py: Python<'py>, show: i64) -> PyResult<Bound<'py, PyAny>> {
        let show = show_id(show)?;
        shape::snapshot(py, &*self.handle().run(py, |engine| Ok(engine.seat_map(show)?))?)
    }

    fn stats<'py>(&self, py: Python<'py>, show: i64) -> PyResult<Bound<'py, PyAny>> {
        let show = show_id(show)?;
        shape::stats(py, self.handle().run(py, |engine| Ok(engine.stats(show)?))?)
    }

    fn seats<'py>(
        &self,
        py: Python<'py>,
        show: i64,
        holder: Option<&str>,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let (show, holder) = (show_id(show)?, holder_of(holder)?);
        let seats = self.handle().run(py, |engine| Ok(engine.seats(show, holder.as_ref())?))?;
        seats.iter().map(|seat| shape::seat(py, seat)).collect()
    }

    fn why<'py>(&self, py: Python<'py>, show: i64, label: &str) -> PyResult<Bound<'py, PyAny>> {
        let show = show_id(show)?;
        shape::why(py, self.handle().run(py, |engine| Ok(engine.why(show, label)?))?)
    }

    fn alternatives(
        &self,
        py: Python<'_>,
        show: i64,
        asked: Vec<String>,
    ) -> Result<Vec<Vec<String>>, Trouble> {
        let show = show_id(show)?;
        self.handle().run(py, |engine| {
            let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
            Ok(engine.alternatives(show, &asked)?)
        })
    }

    fn hold<'py>(&self, py: Python<'py>, hold: &str) -> PyResult<Bound<'py, PyAny>> {
        let hold = hold_id(hold)?;
        let found = self.handle().run(py, |engine| Ok(engine.find_hold(hold)?))?;
        shape::hold(py, found, shape::Marks::default())
    }

    fn holds<'py>(
        &self,
        py: Python<'py>,
        holder: Option<&str>,
        show: Option<i64>,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let (show, holder) = (show.map(show_id).transpose()?, holder_of(holder)?);
        let list = |engine: &seatcore::Engine| Ok(engine.live_holds(holder.as_ref(), show)?);
        let holds = self.handle().run(py, list)?;
        holds.into_iter().map(|hold| shape::hold(py, hold, shape::Marks::default())).collect()
    }

    fn booking<'py>(&self, py: Python<'py>, booking: &str) -> PyResult<Bound<'py, PyAny>> {
        let booking = booking_id(booking)?;
        let found = self.handle().run(py, |engine| Ok(engine.booking(booking)?))?;
        shape::booking(py, found, shape::Marks::default())
    }

    fn bookings<'py>(
        &self,
        py: Python<'py>,
        show: Option<i64>,
        holder: Option<&str>,
        before: Option<&str>,
        limit: u32,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let (show, holder) = (show.map(show_id).transpose()?, holder_of(holder)?);
        let filter =
            BookingFilter { show, holder, before: before.map(booking_id).transpose()?, limit };
        let found = self.handle().run(py, |engine| Ok(engine.bookings(&filter)?))?;
        found.into_iter().map(|one| shape::booking(py, one, shape::Marks::default())).collect()
    }

    /// The booking of a ticket, and the ticket.
    fn ticket<'py>(
        &self,
        py: Python<'py>,
        code: &str,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
        let missing = || Trouble::from(Rejection::NotFound { what: What::Ticket });
        let code: TicketCode = code.parse().map_err(|_| missing())?;
        let (booking, ticket) = self.handle().run(py, |engine| Ok(engine.ticket(code)?))?;
        Ok((shape::booking(py, booking, shape::Marks::default())?, shape::ticket(py, &ticket)?))
    }

    fn history<'py>(
        &self,
        py: Python<'py>,
        show: i64,
        before: Option<u64>,
        limit: usize,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let show = show_id(show)?;
        let events = self.handle().run(py, |engine| {
            let events = engine.history(show, before, limit)?;
            let layout = engine.layout(engine.show(show)?.opening.layout)?;
            let view = |event| seatcore::wire::ActivityView::of(event, &layout);
            Ok(events.into_iter().map(view).collect::<Vec<_>>())
        })?;
        events.iter().map(|event| shape::event(py, event)).collect()
    }

    /// A feed behind a cursor; without one, from now on.
    fn feed(
        &self,
        py: Python<'_>,
        shows: Vec<i64>,
        cursor: Option<&str>,
        beginning: bool,
    ) -> Result<Feed, Trouble> {
        let shows = shows.into_iter().map(show_id).collect::<Result<Vec<_>, _>>()?;
        Feed::open(py, self.share(), &shows, cursor, beginning)
    }

    /// Of one show, of what is new since the last run that found nothing, or of all.
    fn verify<'py>(&self, py: Python<'py>, show: Option<i64>, new: bool) -> Value<'py> {
        let scope = match show.map(show_id).transpose()? {
            Some(show) => Scope::Show(show),
            None if new => Scope::New,
            None => Scope::All,
        };
        let verify = |engine: &seatcore::Engine| {
            if let Scope::Show(show) = scope {
                engine.show(show)?;
            }
            Ok(engine.verify_in(scope, &AtomicU64::new(0))?)
        };
        shape::report(py, &self.handle().run(py, verify)?)
    }

    fn check(&self, py: Python<'_>) -> Result<Vec<String>, Trouble> {
        self.handle().run(py, |engine| Ok(engine.check()?))
    }

    fn backup(&self, py: Python<'_>, path: PathBuf) -> Result<(), Trouble> {
        self.handle().run(py, |engine| Ok(engine.backup(path)?))
    }

    fn sweep(&self, py: Python<'_>) -> Result<u64, Trouble> {
        self.handle().run(py, |engine| Ok(engine.sweep().wait()?))
    }

    /// The file's history and its newest record.
    fn position(&self, py: Python<'_>) -> Result<(String, u64), Trouble> {
        let (epoch, n) = self.handle().run(py, |engine| Ok(engine.position()?))?;
        Ok((epoch.to_string(), n))
    }

    /// What the engine takes for now, in milliseconds since 1970.
    fn now(&self) -> Result<i64, Trouble> {
        self.handle().queue(|engine| engine.now()).map(Timestamp::millis)
    }
}
