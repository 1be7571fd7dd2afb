//! Commands: what a caller asks, read from Python's arguments and not yet asked of an engine.

use crate::failure::{Trouble, unreadable};
use crate::value;
use pyo3::prelude::*;
use seatcore::clock::Timestamp;
use seatcore::house::command::{AnyRequest, HeldIn, NoHolder};
use seatcore::house::event::Source;
use seatcore::house::rejection::{Problem, Rejection, What};
use seatcore::{
    Batch, Block, Book, BookingId, Cancel, CancelShow, ChangeShow, Extend, Hold, HoldId, Release,
    ShowId, StepOf, Unblock,
};
use std::sync::Arc;
use std::time::Duration;

/// Names whoever acts, the key and the face.
macro_rules! acting {
    ($request:expr, $who:expr, $key:expr) => {{
        let mut request = $request.source(Source::Python);
        if let Some(holder) = &$who.holder {
            request = request.by(holder.clone());
        }
        if let Some(staff) = &$who.staff {
            request = request.by_staff(staff.clone());
        }
        match &$key {
            Some(key) => request.key(key.clone()),
            None => request,
        }
    }};
}

/// A command that can be asked of any engine, as often as one likes.
#[pyclass(frozen, module = "seatcore._seatcore")]
#[derive(Clone)]
pub struct Command {
    ask: Ask,
    verb: &'static str,
    /// Of a hold: the seats that it names.
    seats: Option<Arc<[String]>>,
}

#[derive(Clone)]
enum Ask {
    /// About a show.
    Ready(ShowId, Step),
    /// About a hold, perhaps that of an earlier step of a batch.
    On(Target, Arc<dyn Fn(HeldIn) -> Step + Send + Sync>),
}

#[derive(Clone, Copy)]
pub enum Target {
    Hold(HoldId),
    Booking(BookingId),
    Step(u16),
}

/// A request of whatever kind.
#[derive(Clone)]
pub enum Step {
    Hold(Hold),
    Extend(Extend),
    Book(Book),
    Release(Release),
    Cancel(Cancel),
    Block(Block),
    Unblock(Unblock),
    ChangeShow(ChangeShow),
    CancelShow(CancelShow),
}

impl From<Step> for AnyRequest {
    fn from(step: Step) -> Self {
        match step {
            Step::Hold(request) => Self::new(request),
            Step::Extend(request) => Self::new(request),
            Step::Book(request) => Self::new(request),
            Step::Release(request) => Self::new(request),
            Step::Cancel(request) => Self::new(request),
            Step::Block(request) => Self::new(request),
            Step::Unblock(request) => Self::new(request),
            Step::ChangeShow(request) => Self::new(request),
            Step::CancelShow(request) => Self::new(request),
        }
    }
}

#[pymethods]
impl Command {
    fn __repr__(&self) -> String {
        format!("<seatcore command: {}>", self.verb)
    }

    /// Of a hold of seats by label: the number of their show, and the labels.
    #[getter]
    fn asked(&self) -> Option<(u32, Vec<String>)> {
        let (Ask::Ready(show, _), Some(seats)) = (&self.ask, &self.seats) else { return None };
        Some((show.get(), seats.to_vec()))
    }
}

impl Command {
    fn ready(verb: &'static str, show: ShowId, step: Step) -> Self {
        Self { ask: Ask::Ready(show, step), verb, seats: None }
    }

    fn on(
        verb: &'static str,
        target: Target,
        make: impl Fn(HeldIn) -> Step + Send + Sync + 'static,
    ) -> Self {
        Self { ask: Ask::On(target, Arc::new(make)), verb, seats: None }
    }

    /// The request, asked by itself.
    pub fn alone(&self) -> Result<Step, Trouble> {
        match &self.ask {
            Ask::Ready(_, step) => Ok(step.clone()),
            Ask::On(Target::Hold(hold), make) => Ok(make((*hold).into())),
            Ask::On(Target::Booking(booking), make) => Ok(make((*booking).into())),
            Ask::On(Target::Step(_), _) => Err(Rejection::invalid("hold", Problem::Foreign).into()),
        }
    }

    /// The request as a step behind others, whose shows are known.
    fn step(&self, at: usize, shows: &mut Vec<Option<ShowId>>) -> Result<Step, Trouble> {
        let (step, show) = match &self.ask {
            Ask::Ready(show, step) => (step.clone(), Some(*show)),
            Ask::On(Target::Hold(hold), make) => (make((*hold).into()), hold.show()),
            Ask::On(Target::Booking(booking), make) => {
                (make((*booking).into()), booking.hold().show())
            }
            Ask::On(Target::Step(of), make) => {
                let foreign =
                    || Rejection::invalid(format!("commands/{at}/hold"), Problem::Foreign);
                let show = shows.get(usize::from(*of)).copied().flatten().ok_or_else(foreign)?;
                (make(StepOf { step: *of, show }.into()), Some(show))
            }
        };
        shows.push(show);
        Ok(step)
    }
}

/// All or none of these commands.
pub fn batch(commands: &[Command], who: &Who, key: Option<String>) -> Result<Batch, Trouble> {
    let mut shows = Vec::with_capacity(commands.len());
    let mut batch = Batch::new();
    for (at, command) in commands.iter().enumerate() {
        batch = batch.then(AnyRequest::from(command.step(at, &mut shows)?));
    }
    Ok(acting!(batch, who, key))
}

/// On whose behalf: a holder, or a member of staff.
#[derive(Clone, Default)]
pub struct Who {
    pub holder: Option<String>,
    pub staff: Option<String>,
}

/// The same for what only staff ask.
macro_rules! placed {
    ($request:expr, $staff:expr, $key:expr) => {{
        let mut request = $request.source(Source::Python);
        if let Some(staff) = $staff {
            request = request.by(staff);
        }
        match $key {
            Some(key) => request.key(key),
            None => request,
        }
    }};
}

/// A show by its number; one that no file has is not found.
pub fn show_id(number: i64) -> Result<ShowId, Trouble> {
    let show = u32::try_from(number).ok().and_then(ShowId::new);
    Ok(show.ok_or(Rejection::NotFound { what: What::Show })?)
}

/// What a command is about: a hold or a booking, by its id, as a value, or of an earlier step.
pub enum Subject {
    Known(Target),
    Text(String),
}

impl<'py> FromPyObject<'_, 'py> for Subject {
    type Error = PyErr;

    fn extract(subject: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let told = if let Ok(hold) = subject.cast::<value::Hold>() {
            hold.get().id_told().map(Target::Hold)
        } else if let Ok(booking) = subject.cast::<value::Booking>() {
            booking.get().id_told().map(Target::Booking)
        } else {
            return Ok(Self::Text(subject.extract()?));
        };
        match told {
            Some(target) => Ok(Self::Known(target)),
            None => Ok(Self::Text(subject.getattr("id")?.extract()?)),
        }
    }
}

impl Subject {
    fn target(&self, what: What) -> Result<Target, Trouble> {
        let text = match self {
            Self::Known(target) => return Ok(*target),
            Self::Text(text) => text,
        };
        if let Some(step) = text.strip_prefix('@') {
            return step.parse().map(Target::Step).map_err(|_| unreadable("hold"));
        }
        let hold = text.parse().map(Target::Hold);
        let found = hold.or_else(|_| text.parse().map(Target::Booking));
        found.map_err(|_| Rejection::NotFound { what }.into())
    }
}

fn span(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn finish(
    show: ShowId,
    request: Hold<NoHolder>,
    holder: String,
    ttl_ms: Option<u64>,
    reference: Option<String>,
    key: Option<String>,
) -> Command {
    let mut request = request.by(holder).source(Source::Python);
    if let Some(ttl) = ttl_ms {
        request = request.ttl(span(ttl));
    }
    if let Some(reference) = reference {
        request = request.reference(reference);
    }
    if let Some(key) = key {
        request = request.key(key);
    }
    Command::ready("hold", show, Step::Hold(request))
}

#[pyfunction]
#[pyo3(signature = (show, seats, holder, ttl_ms, reference, key))]
pub fn hold(
    show: i64,
    seats: Vec<String>,
    holder: String,
    ttl_ms: Option<u64>,
    reference: Option<String>,
    key: Option<String>,
) -> Result<Command, Trouble> {
    let show = show_id(show)?;
    let command = finish(show, Hold::new(show, &seats), holder, ttl_ms, reference, key);
    Ok(Command { seats: Some(seats.into()), ..command })
}

#[pyfunction]
#[pyo3(signature = (show, count, holder, tier, accessible, together, ttl_ms, reference, key))]
#[expect(clippy::too_many_arguments, reason = "a flat list keeps the crossing cheap")]
pub fn hold_best(
    show: i64,
    count: u32,
    holder: String,
    tier: Option<String>,
    accessible: u32,
    together: bool,
    ttl_ms: Option<u64>,
    reference: Option<String>,
    key: Option<String>,
) -> Result<Command, Trouble> {
    let show = show_id(show)?;
    let mut request = Hold::best(show, count).accessible(accessible);
    if let Some(tier) = tier {
        request = request.tier(tier);
    }
    if together {
        request = request.together();
    }
    Ok(finish(show, request, holder, ttl_ms, reference, key))
}

#[pyfunction]
#[pyo3(signature = (hold, ttl_ms, holder, staff, key))]
pub fn extend(
    hold: Subject,
    ttl_ms: u64,
    holder: Option<String>,
    staff: Option<String>,
    key: Option<String>,
) -> Result<Command, Trouble> {
    let who = Who { holder, staff };
    let make = move |hold: HeldIn| Step::Extend(acting!(Extend::new(hold, span(ttl_ms)), who, key));
    Ok(Command::on("extend", hold.target(What::Hold)?, make))
}

#[pyfunction]
#[pyo3(signature = (hold, seats, keep_rest, reference, holder, staff, key))]
pub fn book(
    hold: Subject,
    seats: Option<Vec<String>>,
    keep_rest: bool,
    reference: Option<String>,
    holder: Option<String>,
    staff: Option<String>,
    key: Option<String>,
) -> Result<Command, Trouble> {
    let who = Who { holder, staff };
    let make = move |hold: HeldIn| {
        let mut request = Book::new(hold);
        if let Some(seats) = &seats {
            request = request.seats(seats);
        }
        if keep_rest {
            request = request.keep_rest();
        }
        if let Some(reference) = &reference {
            request = request.reference(reference.clone());
        }
        Step::Book(acting!(request, who, key))
    };
    Ok(Command::on("book", hold.target(What::Hold)?, make))
}

#[pyfunction]
#[pyo3(signature = (hold, seats, holder, staff, key))]
pub fn release(
    hold: Subject,
    seats: Option<Vec<String>>,
    holder: Option<String>,
    staff: Option<String>,
    key: Option<String>,
) -> Result<Command, Trouble> {
    let who = Who { holder, staff };
    let make = move |hold: HeldIn| {
        let mut request = Release::new(hold);
        if let Some(seats) = &seats {
            request = request.seats(seats);
        }
        Step::Release(acting!(request, who, key))
    };
    Ok(Command::on("release", hold.target(What::Hold)?, make))
}

#[pyfunction]
#[pyo3(signature = (booking, reason, holder, staff, key))]
pub fn cancel(
    booking: Subject,
    reason: Option<String>,
    holder: Option<String>,
    staff: Option<String>,
    key: Option<String>,
) -> Result<Command, Trouble> {
    let who = Who { holder, staff };
    let make = move |booking: HeldIn| {
        let mut request = Cancel::new(booking);
        if let Some(reason) = &reason {
            request = request.reason(reason.clone());
        }
        Step::Cancel(acting!(request, who, key))
    };
    Ok(Command::on("cancel", booking.target(What::Booking)?, make))
}

#[pyfunction]
#[pyo3(signature = (show, seats, reason, force, staff, key))]
pub fn block(
    show: i64,
    seats: Vec<String>,
    reason: Option<String>,
    force: bool,
    staff: Option<String>,
    key: Option<String>,
) -> Result<Command, Trouble> {
    let show = show_id(show)?;
    let mut request = Block::new(show, seats);
    if let Some(reason) = reason {
        request = request.reason(reason);
    }
    if force {
        request = request.force();
    }
    Ok(Command::ready("block", show, Step::Block(placed!(request, staff, key))))
}

#[pyfunction]
#[pyo3(signature = (show, seats, staff, key))]
pub fn unblock(
    show: i64,
    seats: Vec<String>,
    staff: Option<String>,
    key: Option<String>,
) -> Result<Command, Trouble> {
    let show = show_id(show)?;
    let request = Unblock::new(show, seats);
    Ok(Command::ready("unblock", show, Step::Unblock(placed!(request, staff, key))))
}

#[pyfunction]
#[pyo3(signature = (show, reason, staff, key))]
pub fn cancel_show(
    show: i64,
    reason: Option<String>,
    staff: Option<String>,
    key: Option<String>,
) -> Result<Command, Trouble> {
    let show = show_id(show)?;
    let mut request = CancelShow::new(show);
    if let Some(reason) = reason {
        request = request.reason(reason);
    }
    Ok(Command::ready("cancel_show", show, Step::CancelShow(placed!(request, staff, key))))
}

/// `moments` are starts_at, ends_at, opens_at, closes_at.
#[pyfunction]
#[pyo3(signature = (show, moments, follow_start, closed, prices, limits, if_seq, staff, key))]
#[expect(clippy::too_many_arguments, reason = "a flat list keeps the crossing cheap")]
pub fn change_show(
    show: i64,
    moments: [Option<i64>; 4],
    follow_start: bool,
    closed: Option<bool>,
    prices: Option<crate::shows::PriceChange>,
    limits: Option<crate::shows::Caps>,
    if_seq: Option<u64>,
    staff: Option<String>,
    key: Option<String>,
) -> Result<Command, Trouble> {
    let [starts_at, ends_at, opens_at, closes_at] =
        moments.map(|moment| moment.map(Timestamp::from_millis));
    let patch = seatcore::ShowPatch {
        starts_at,
        ends_at,
        opens_at,
        closes_at: if follow_start { Some(None) } else { closes_at.map(Some) },
        closed,
        prices: prices.map(crate::shows::price_patch).transpose()?,
        limits: limits.map(crate::shows::limits),
        if_seq,
    };
    let show = show_id(show)?;
    let request = placed!(ChangeShow::new(show, patch), staff, key);
    Ok(Command::ready("change_show", show, Step::ChangeShow(request)))
}
