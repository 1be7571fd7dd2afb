//! Holds and bookings as Python sees them. Every command makes one, so they stay as the engine told
//! them, and a part becomes a Python object when somebody looks at it. All other results are
//! Python's own classes, in `seatcore/_values.py`.

use crate::shape::{self, Marks, Value};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyTuple, PyType};
use seatcore::{BookingId, HoldDetails, HoldId};
use std::ops::Range;

type Reduced<'py> = (Bound<'py, PyType>, Bound<'py, PyTuple>);
type Parts<'py> = PyResult<Bound<'py, PyTuple>>;

/// Where the parts of a value are.
enum Kept<T> {
    /// As the engine told it, and what the key had to do with it.
    Told(T, Marks),
    /// As Python gave them: by hand, or out of a pickle.
    Given(Py<PyTuple>),
}

/// What the engine tells.
trait Told {
    /// The part at this place among the names of its class.
    fn part<'py>(&self, py: Python<'py>, place: usize) -> Value<'py>;
}

impl<T: Told> Kept<T> {
    /// The part at this place; behind those of what was told stand `replayed` and `remembered`.
    fn part<'py>(&self, py: Python<'py>, place: usize, told: usize) -> Value<'py> {
        match self {
            Self::Given(parts) => parts.bind(py).get_item(place),
            Self::Told(_, marks) if place == told => marks.replayed.into_bound_py_any(py),
            Self::Told(_, marks) if place > told => marks.remembered.into_bound_py_any(py),
            Self::Told(value, _) => value.part(py, place),
        }
    }
}

/// A frozen class of these parts, each with its place, and the two marks of a key, which are
/// neither compared nor printed. Nor are parts compared that say when it was looked at.
macro_rules! value {
    (
        $(#[$about:meta])*
        $class:ident of $told:ty, $count:literal, alike whatever [$($moment:literal),*]:
        $($(#[$doc:meta])* $place:literal $part:ident,)*
    ) => {
        $(#[$about])*
        #[pyclass(frozen, module = "seatcore")]
        pub struct $class(Kept<$told>);

        impl $class {
            /// As the engine told it.
            pub fn told(told: $told, marks: Marks) -> Self {
                Self(Kept::Told(told, marks))
            }

            fn parts<'py>(&self, py: Python<'py>, places: Range<usize>) -> Parts<'py> {
                let parts = places.map(|place| self.0.part(py, place, $count));
                PyTuple::new(py, parts.collect::<PyResult<Vec<_>>>()?)
            }

            fn compared<'py>(&self, py: Python<'py>) -> Parts<'py> {
                const MOMENT: &[usize] = &[$($moment),*];
                let places = (0..$count).filter(|place| !MOMENT.contains(place));
                let parts = places.map(|place| self.0.part(py, place, $count));
                PyTuple::new(py, parts.collect::<PyResult<Vec<_>>>()?)
            }

            fn names() -> [&'static str; $count + 2] {
                [$(stringify!($part),)* "replayed", "remembered"]
            }
        }

        #[pymethods]
        impl $class {
            #[new]
            #[pyo3(signature = ($($part,)* replayed = false, remembered = false))]
            #[expect(clippy::too_many_arguments, reason = "the parts of the value")]
            fn new(
                py: Python<'_>,
                $($part: Bound<'_, PyAny>,)*
                replayed: bool,
                remembered: bool,
            ) -> PyResult<Self> {
                let marks = [replayed, remembered].map(|mark| PyBool::new(py, mark).to_owned());
                let parts = [$($part),*].into_iter().chain(marks.map(Bound::into_any));
                Ok(Self(Kept::Given(PyTuple::new(py, parts.collect::<Vec<_>>())?.unbind())))
            }

            #[classattr]
            fn __match_args__(py: Python<'_>) -> Parts<'_> {
                PyTuple::new(py, Self::names())
            }

            $(
                $(#[$doc])*
                #[getter]
                fn $part<'py>(&self, py: Python<'py>) -> Value<'py> {
                    self.0.part(py, $place, $count)
                }
            )*

            /// The idempotency key was seen before: this is the first answer again.
            #[getter]
            fn replayed<'py>(&self, py: Python<'py>) -> Value<'py> {
                self.0.part(py, $count, $count)
            }

            /// Whether the key's next retry gets this same answer.
            #[getter]
            fn remembered<'py>(&self, py: Python<'py>) -> Value<'py> {
                self.0.part(py, $count + 1, $count)
            }

            /// The shape of every face.
            fn to_dict<'py>(slf: &Bound<'py, Self>) -> Value<'py> {
                shape::class(slf.py(), concat!("_shape_of_", stringify!($class)))?.call1((slf,))
            }

            fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
                let parts = Self::names().into_iter().zip(self.parts(py, 0..$count)?);
                let said = parts.map(|(name, part)| Ok(format!("{name}={}", part.repr()?)));
                let said = said.collect::<PyResult<Vec<_>>>()?.join(", ");
                Ok(format!("{}({said})", stringify!($class)))
            }

            fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
                self.compared(py)?.hash()
            }

            fn __eq__<'py>(&self, other: &Bound<'py, PyAny>) -> Value<'py> {
                let py = other.py();
                let Ok(other) = other.cast::<Self>() else {
                    return Ok(py.NotImplemented().into_bound(py));
                };
                self.compared(py)?.eq(other.get().compared(py)?)?.into_bound_py_any(py)
            }

            fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Reduced<'py>> {
                Ok((slf.get_type(), slf.get().parts(slf.py(), 0..$count + 2)?))
            }
        }
    };
}

value! {
    /// Seats taken under one clock by one holder.
    Hold of HoldDetails, 10, alike whatever [6, 9]:
    /// Its name, such as `hld_01HZX…`.
    0 id,
    /// The number of its show.
    1 show,
    /// Whose it is.
    2 holder,
    /// Its seats in plan order.
    3 seats,
    /// What it is: a `HoldState`.
    4 state,
    /// Dead from this moment on; none for a block.
    5 expires_at,
    /// The same, in milliseconds from when this was true.
    6 expires_in_ms,
    /// What its seats cost together.
    7 total,
    /// The caller's own reference; of a block, its reason.
    8 reference,
    /// The event that made it so; for a question, the show's newest.
    9 seq,
}

value! {
    /// Seats that are sold.
    Booking of seatcore::Booking, 10, alike whatever []:
    /// Its name, such as `bkg_01HZX…`.
    0 id,
    /// The number of its show.
    1 show,
    /// Whose it is.
    2 holder,
    /// Its seats in plan order.
    3 seats,
    /// What it is: `booked` or `cancelled`.
    4 state,
    /// What it cost.
    5 total,
    /// When it was booked.
    6 booked_at,
    /// The caller's own reference.
    7 reference,
    /// One ticket for each seat.
    8 tickets,
    /// The event that made it so.
    9 seq,
}

#[pymethods]
impl Hold {
    /// How long it lives from now, by this machine's clock; zero once it is over.
    #[getter]
    fn remaining<'py>(slf: &Bound<'py, Self>) -> Value<'py> {
        shape::class(slf.py(), "_remaining_of")?.call1((slf,))
    }
}

impl Hold {
    /// Its id, where the engine told it.
    pub fn id_told(&self) -> Option<HoldId> {
        match &self.0 {
            Kept::Told(hold, _) => Some(hold.id),
            Kept::Given(_) => None,
        }
    }
}

impl Booking {
    /// Its id, where the engine told it.
    pub fn id_told(&self) -> Option<BookingId> {
        match &self.0 {
            Kept::Told(booking, _) => Some(booking.id),
            Kept::Given(_) => None,
        }
    }
}

impl Told for HoldDetails {
    fn part<'py>(&self, py: Python<'py>, place: usize) -> Value<'py> {
        match place {
            0 => self.id.to_string().into_bound_py_any(py),
            1 => self.show.get().into_bound_py_any(py),
            2 => self.holder.as_str().into_bound_py_any(py),
            3 => shape::labels(py, &self.seats),
            4 => shape::hold_state(py, self.state),
            5 => self.expires_at.map(|at| shape::moment(py, at)).transpose()?.into_bound_py_any(py),
            6 => self.expires_in_ms.into_bound_py_any(py),
            7 => shape::money(py, self.total),
            8 => self.reference.as_deref().into_bound_py_any(py),
            _ => self.seq.into_bound_py_any(py),
        }
    }
}

impl Told for seatcore::Booking {
    fn part<'py>(&self, py: Python<'py>, place: usize) -> Value<'py> {
        match place {
            0 => self.id.to_string().into_bound_py_any(py),
            1 => self.show.get().into_bound_py_any(py),
            2 => self.holder.as_str().into_bound_py_any(py),
            3 => shape::labels(py, &self.seats),
            4 => shape::hold_state(py, self.state),
            5 => shape::money(py, self.total),
            6 => shape::moment(py, self.booked_at)?.into_bound_py_any(py),
            7 => self.reference.as_deref().into_bound_py_any(py),
            8 => shape::tickets(py, &self.tickets),
            _ => self.seq.into_bound_py_any(py),
        }
    }
}
