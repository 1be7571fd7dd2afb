//! Results as Python values. Most classes are Python's own, in `seatcore/_values.py`; their fields
//! are given in the order in which they are declared there. Holds and bookings are in `value`.

use crate::failure::{Trouble, unreadable};
use crate::value;
use chrono::{Datelike, Timelike};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDateTime, PyDict, PyTuple, PyTzInfo};
use seatcore::accounts::{Admission, Session, User};
use seatcore::catalogue::layout::Layout;
use seatcore::catalogue::movie::{Movie, Poster};
use seatcore::catalogue::screen::Screen;
use seatcore::catalogue::show::ShowLimits;
use seatcore::clock::Timestamp;
use seatcore::engine::verify::Report;
use seatcore::engine::{SeatRow, ShowRow, Why};
use seatcore::house::Stats;
use seatcore::house::hold::HoldState;
use seatcore::house::outcome::{ShowEvent, TicketState};
use seatcore::house::seat::SeatState;
use seatcore::id::SeatIndex;
use seatcore::money::{Currency, Money};
use seatcore::wire::ActivityView;
use seatcore::{Booking, HoldDetails, Outcome, ShowId, Snapshot, Ticket};
use std::time::Duration;

/// What an idempotency key had to do with an answer.
#[derive(Clone, Copy, Default)]
pub struct Marks {
    /// It was seen before.
    pub replayed: bool,
    /// It will be known.
    pub remembered: bool,
}

/// A result, or why there is none.
pub type Value<'py> = PyResult<Bound<'py, PyAny>>;

/// Python's classes, looked up once.
struct Classes {
    money: Py<PyAny>,
    ticket: Py<PyAny>,
    stats: Py<PyAny>,
    seat: Py<PyAny>,
    why: Py<PyAny>,
    event: Py<PyAny>,
    show_event: Py<PyAny>,
    hold_states: [Py<PyAny>; 6],
    seat_states: [Py<PyAny>; 4],
    ticket_states: [Py<PyAny>; TicketState::ALL.len()],
}

static CLASSES: PyOnceLock<Classes> = PyOnceLock::new();

fn classes(py: Python<'_>) -> PyResult<&Classes> {
    CLASSES.get_or_try_init(py, || {
        let module = py.import("seatcore._values")?;
        let class = |name: &str| module.getattr(name).map(Bound::unbind);
        let member =
            |class: &str, word: &str| module.getattr(class)?.call1((word,)).map(Bound::unbind);
        let hold = |state: HoldState| member("HoldState", state.as_str());
        let seat = |state: SeatState| member("SeatStatus", state.as_str());
        let [a, b, c, d, e, f] = HoldState::ALL.map(hold);
        let states = [SeatState::Available, SeatState::Held, SeatState::Booked, SeatState::Blocked];
        let [g, h, i, j] = states.map(seat);
        Ok(Classes {
            money: class("Money")?,
            ticket: class("Ticket")?,
            stats: class("Stats")?,
            seat: class("Seat")?,
            why: class("Why")?,
            event: class("Event")?,
            show_event: class("ShowEvent")?,
            hold_states: [a?, b?, c?, d?, e?, f?],
            seat_states: [g?, h?, i?, j?],
            ticket_states: [member("TicketState", "valid")?, member("TicketState", "void")?],
        })
    })
}

/// A class or a function that is rarely needed.
pub fn class<'py>(py: Python<'py>, name: &str) -> Value<'py> {
    py.import("seatcore._values")?.getattr(name)
}

pub fn moment<'py>(py: Python<'py>, at: Timestamp) -> PyResult<Bound<'py, PyDateTime>> {
    let at = at.to_chrono();
    let utc = PyTzInfo::utc(py)?;
    let (month, day) = (at.month() as u8, at.day() as u8);
    let (hour, minute, second) = (at.hour() as u8, at.minute() as u8, at.second() as u8);
    let micros = at.timestamp_subsec_micros();
    PyDateTime::new(py, at.year(), month, day, hour, minute, second, micros, Some(&utc))
}

pub fn money<'py>(py: Python<'py>, amount: Money) -> Value<'py> {
    let class = classes(py)?.money.bind(py);
    class.call1((amount.amount_minor, amount.currency.code()))
}

pub fn hold_state<'py>(py: Python<'py>, state: HoldState) -> Value<'py> {
    let place = HoldState::ALL.iter().position(|known| *known == state);
    let known = place.and_then(|place| classes(py).ok()?.hold_states.get(place));
    known.into_bound_py_any(py)
}

fn seat_state(py: Python<'_>, state: SeatState) -> PyResult<&Py<PyAny>> {
    let [available, held, booked, blocked] = &classes(py)?.seat_states;
    Ok(match state {
        SeatState::Available => available,
        SeatState::Held => held,
        SeatState::Booked => booked,
        SeatState::Blocked => blocked,
    })
}

pub fn labels<'py>(py: Python<'py>, seats: &[String]) -> Value<'py> {
    PyTuple::new(py, seats).map(Bound::into_any)
}

/// The result of a command.
pub fn outcome<'py>(py: Python<'py>, outcome: Outcome, marks: Marks) -> Value<'py> {
    match outcome {
        Outcome::Hold(details) => hold(py, details, marks),
        Outcome::Booking(sold) => booking(py, sold, marks),
        Outcome::Show(event) => show_event(py, &event, marks),
        _ => Err(unreadable("outcome").into()),
    }
}

pub fn hold<'py>(py: Python<'py>, hold: HoldDetails, marks: Marks) -> Value<'py> {
    Bound::new(py, value::Hold::told(hold, marks)).map(Bound::into_any)
}

pub fn booking<'py>(py: Python<'py>, booking: Booking, marks: Marks) -> Value<'py> {
    Bound::new(py, value::Booking::told(booking, marks)).map(Bound::into_any)
}

pub fn tickets<'py>(py: Python<'py>, tickets: &[Ticket]) -> Value<'py> {
    let tickets: PyResult<Vec<_>> = tickets.iter().map(|one| ticket(py, one)).collect();
    PyTuple::new(py, tickets?).map(Bound::into_any)
}

pub fn ticket<'py>(py: Python<'py>, ticket: &Ticket) -> Value<'py> {
    let classes = classes(py)?;
    let mut states = TicketState::ALL.into_iter().zip(&classes.ticket_states);
    let state = states.find(|(state, _)| *state == ticket.state).map(|(_, member)| member);
    classes.ticket.bind(py).call1((ticket.code.to_string(), &ticket.seat, state))
}

fn show_event<'py>(py: Python<'py>, event: &ShowEvent, marks: Marks) -> Value<'py> {
    classes(py)?.show_event.bind(py).call1((
        event.show.get(),
        event.kind,
        moment(py, event.at)?,
        event.seq,
        marks.replayed,
        marks.remembered,
    ))
}

pub fn stats<'py>(py: Python<'py>, stats: Stats) -> Value<'py> {
    let Stats { available, held, booked, blocked, capacity } = stats;
    classes(py)?.stats.bind(py).call1((available, held, booked, blocked, capacity))
}

pub fn seat<'py>(py: Python<'py>, seat: &SeatRow) -> Value<'py> {
    classes(py)?.seat.bind(py).call1((
        &seat.seat,
        &seat.row,
        seat.number,
        seat_state(py, seat.status)?,
        seat.tier.as_deref(),
        money(py, seat.price)?,
        seat.mine,
    ))
}

pub fn why<'py>(py: Python<'py>, why: Why) -> Value<'py> {
    let held = why.hold.map(|details| hold(py, details, Marks::default())).transpose()?;
    let row = &why.row;
    classes(py)?.why.bind(py).call1((
        &row.seat,
        &row.row,
        row.number,
        seat_state(py, row.status)?,
        row.tier.as_deref(),
        money(py, row.price)?,
        row.mine,
        held,
    ))
}

/// A snapshot, without its plan's rows: the façade keeps those.
pub fn snapshot<'py>(py: Python<'py>, snapshot: &Snapshot) -> Value<'py> {
    let valid_until = snapshot.valid_until.map(|at| moment(py, at)).transpose()?;
    let all = (
        snapshot.show.get(),
        snapshot.seq,
        snapshot.layout.hash().to_string(),
        &*snapshot.symbols,
        stats(py, snapshot.stats)?,
        snapshot.status.as_str(),
        valid_until,
        snapshot.etag(),
    );
    all.into_pyobject(py).map(Bound::into_any)
}

pub fn event<'py>(py: Python<'py>, event: &ActivityView) -> Value<'py> {
    classes(py)?.event.bind(py).call1((
        event.n,
        event.seq,
        event.show.get(),
        moment(py, event.at)?,
        &*event.kind,
        labels(py, &event.seats)?,
        event.hold.map(|hold| hold.to_string()),
        event.holder.as_ref().map(|holder| holder.as_str()),
        event.actor.as_ref().map(|actor| actor.as_str()),
        &*event.source,
        event.reason.as_deref(),
    ))
}

pub fn reset<'py>(py: Python<'py>, show: ShowId) -> Value<'py> {
    class(py, "Reset")?.call1((show.get(),))
}

pub fn movie<'py>(py: Python<'py>, movie: &Movie) -> Value<'py> {
    class(py, "Movie")?.call1((
        movie.id.get(),
        &movie.title,
        movie.minutes,
        &movie.description,
        movie.poster_url.as_deref(),
    ))
}

pub fn poster<'py>(py: Python<'py>, poster: &Poster) -> Value<'py> {
    class(py, "Poster")?.call1((poster.bytes(), poster.kind().media_type()))
}

pub fn screen<'py>(py: Python<'py>, screen: &Screen) -> Value<'py> {
    class(py, "Screen")?.call1((
        screen.id.get(),
        &screen.name,
        screen.seats,
        screen.layout.to_string(),
        screen.tz.as_deref(),
        screen.cleaning_s,
    ))
}

pub fn show<'py>(py: Python<'py>, row: &ShowRow) -> Value<'py> {
    let opening = &row.show.opening;
    let terms = &opening.terms;
    let price = |minor: u32| money(py, terms.prices.currency.minor(i64::from(minor)));
    let tiers = PyDict::new(py);
    for (name, minor) in &terms.prices.tiers {
        tiers.set_item(&**name, price(*minor)?)?;
    }
    let (opens_at, closes_at) = (moment(py, terms.sales.opens_at)?, moment(py, terms.closes_at())?);
    let parts = [
        row.show.id.get().into_bound_py_any(py)?,
        opening.movie.get().into_bound_py_any(py)?,
        opening.screen.get().into_bound_py_any(py)?,
        moment(py, terms.starts_at)?.into_any(),
        moment(py, terms.ends_at)?.into_any(),
        class(py, "Sales")?.call1((opens_at, closes_at))?,
        row.status.as_str().into_bound_py_any(py)?,
        price(terms.prices.base)?,
        tiers.into_any(),
        limits(py, terms.limits)?,
        stats(py, row.stats)?,
        row.seq.into_bound_py_any(py)?,
        opening.layout.to_string().into_bound_py_any(py)?,
    ];
    class(py, "Show")?.call1(PyTuple::new(py, parts)?)
}

fn limits(py: Python<'_>, limits: ShowLimits) -> Value<'_> {
    let life = Duration::from_secs(u64::from(limits.hold_life_s));
    class(py, "Limits")?.call1((life, limits.holds_per_holder, limits.seats_per_holder))
}

pub fn user<'py>(py: Python<'py>, user: &User) -> Value<'py> {
    class(py, "User")?.call1((
        user.id.get(),
        &user.name,
        user.role.as_str(),
        user.disabled,
        moment(py, user.created_at)?,
    ))
}

pub fn session<'py>(py: Python<'py>, session: &Session) -> Value<'py> {
    class(py, "Session")?.call1((
        session.id.to_string(),
        session.user.get(),
        moment(py, session.created_at)?,
        moment(py, session.last_seen_at)?,
        moment(py, session.expires_at)?,
        session.agent.as_deref(),
    ))
}

pub fn signed_in<'py>(py: Python<'py>, token: &str, admission: &Admission) -> Value<'py> {
    let parts = (user(py, &admission.user)?, session(py, &admission.session)?, token);
    class(py, "SignedIn")?.call1(parts)
}

pub fn report<'py>(py: Python<'py>, report: &Report) -> Value<'py> {
    let finding = class(py, "Finding")?;
    let found: PyResult<Vec<_>> = report
        .findings
        .iter()
        .map(|one| finding.call1((one.show.map(ShowId::get), one.n, &one.what)))
        .collect();
    let stopped: Vec<_> = report.stopped.iter().map(|one| (one.show.get(), &one.reason)).collect();
    let Report { records, skipped, shows, bookings, tickets, sold, .. } = *report;
    let (stopped, findings) = (PyTuple::new(py, stopped)?, PyTuple::new(py, found?)?);
    class(py, "Report")?
        .call1((records, skipped, shows, bookings, tickets, sold, stopped, findings))
}

/// A plan's rows: section, letters, first seat, numbers, numbers before an aisle, x, y, tiers.
pub fn rows<'py>(py: Python<'py>, layout: &Layout) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let class = class(py, "LayoutRow")?;
    let tier = |seat: u32| {
        let tier = layout.tier_of(SeatIndex(seat))?;
        layout.tiers().get(usize::from(tier.0)).map(|name| name.to_string())
    };
    let rows = layout.rows().iter().enumerate();
    let row = rows.map(|(place, row)| {
        let seats = row.first_seat().0..row.first_seat().0 + row.count();
        let section = row.section().and_then(|at| layout.sections().get(at));
        let numbers = seats.clone().map(|seat| layout.number_of(SeatIndex(seat)));
        let pitches = |hundredths: i32| f64::from(hundredths) / 100.0;
        class.call1((
            section.map(|name| name.to_string()),
            row.label().to_string(),
            row.first_seat().0,
            PyTuple::new(py, numbers.collect::<Vec<_>>())?,
            PyTuple::new(py, layout.aisles(place).collect::<Vec<_>>())?,
            PyTuple::new(py, seats.clone().map(tier).collect::<Vec<_>>())?,
            PyTuple::new(
                py,
                seats.map(|seat| pitches(layout.position(SeatIndex(seat)).0)).collect::<Vec<_>>(),
            )?,
            pitches(row.y()),
        ))
    });
    row.collect()
}

/// An amount such as `12.50 EUR`, in minor units.
#[pyfunction]
pub fn parse_money(text: &str) -> Result<(i64, &'static str), Trouble> {
    let money: Money = text.parse().map_err(|_| unreadable("price"))?;
    Ok((money.amount_minor, money.currency.code()))
}

/// How many decimals amounts of a currency are written with.
#[pyfunction]
pub fn currency_decimals(code: &str) -> Result<u32, Trouble> {
    let currency: Currency = code.parse().map_err(|_| unreadable("currency"))?;
    Ok(currency.decimals())
}
