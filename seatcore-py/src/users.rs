//! Users and sessions. What hashes a password stands in a line: it takes some 30 ms and 19 MiB.

use crate::engine::Engine;
use crate::failure::Trouble;
use crate::shape::{self, Value};
use parking_lot::{Condvar, Mutex};
use pyo3::prelude::*;
use seatcore::accounts::{Deed, PasswordPolicy, Role, SessionToken};
use seatcore::error::{BusyReason, Error};
use seatcore::house::rejection::{Rejection, What};
use seatcore::id::SessionId;
use seatcore::word::ParseWordError;
use seatcore::{Failure, UserId};
use std::time::Duration;

/// Two of them own a small machine.
const HASHING_AT_ONCE: usize = 2;
/// Ten people who sign in at once all get in; a flood does not take the machine with it.
const HASHING_WAITS_MAX: usize = 64;
/// A wait after which that line has surely moved.
const HASHING_RETRY: Duration = Duration::from_secs(2);

/// The line before the hashing, of this process.
struct Line {
    /// How many hash, and how many wait to.
    state: Mutex<(usize, usize)>,
    moved: Condvar,
}

static LINE: Line = Line { state: Mutex::new((0, 0)), moved: Condvar::new() };

/// A place among those who hash.
struct Turn;

impl Line {
    fn turn(&self) -> Result<Turn, Trouble> {
        let mut state = self.state.lock();
        if state.1 >= HASHING_WAITS_MAX {
            return Err(
                Error::Busy { reason: BusyReason::Queue, retry_after: HASHING_RETRY }.into()
            );
        }
        state.1 += 1;
        self.moved.wait_while(&mut state, |(hashing, _)| *hashing >= HASHING_AT_ONCE);
        *state = (state.0 + 1, state.1 - 1);
        Ok(Turn)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        LINE.state.lock().0 -= 1;
        LINE.moved.notify_one();
    }
}

fn user_id(number: i64) -> Result<UserId, Trouble> {
    let user = u32::try_from(number).ok().and_then(UserId::new);
    Ok(user.ok_or(Rejection::NotFound { what: What::User })?)
}

fn role_of(word: &str) -> Result<Role, Trouble> {
    word.parse().map_err(|error: ParseWordError| Rejection::invalid("role", error.into()).into())
}

impl Engine {
    /// Runs what hashes a password, when its turn comes.
    fn hashing<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&seatcore::Engine) -> Result<T, Failure> + Send,
    ) -> Result<T, Trouble> {
        self.handle().run(py, |engine| {
            let _turn = LINE.turn()?;
            Ok(work(engine)?)
        })
    }
}

#[pymethods]
impl Engine {
    fn users<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let users = self.handle().run(py, |engine| Ok(engine.users()?))?;
        users.iter().map(|user| shape::user(py, user)).collect()
    }

    fn user<'py>(&self, py: Python<'py>, user: i64) -> Value<'py> {
        let user = user_id(user)?;
        shape::user(py, &self.handle().run(py, |engine| Ok(engine.user_numbered(user)?))?)
    }

    fn user_named<'py>(&self, py: Python<'py>, name: &str) -> Value<'py> {
        shape::user(py, &self.handle().run(py, |engine| Ok(engine.user(name)?))?)
    }

    fn add_user<'py>(&self, py: Python<'py>, name: &str, password: &str, role: &str) -> Value<'py> {
        let role = role_of(role)?;
        shape::user(py, &self.hashing(py, |engine| engine.add_user(name, password, role))?)
    }

    /// Another role, or whether they may sign in, or both.
    fn edit_user<'py>(
        &self,
        py: Python<'py>,
        user: i64,
        role: Option<&str>,
        disabled: Option<bool>,
    ) -> Value<'py> {
        let (user, role) = (user_id(user)?, role.map(role_of).transpose()?);
        let edited = self.handle().run(py, |engine| {
            engine.edit_user(user, role, disabled)?;
            Ok(engine.user_numbered(user)?)
        })?;
        shape::user(py, &edited)
    }

    fn remove_user(&self, py: Python<'_>, user: i64) -> Result<(), Trouble> {
        let user = user_id(user)?;
        self.handle().run(py, |engine| Ok(engine.remove_user(user)?))
    }

    /// Sets a password; where `old` is given, only if it is theirs.
    fn set_password(
        &self,
        py: Python<'_>,
        user: i64,
        old: Option<&str>,
        password: &str,
    ) -> Result<(), Trouble> {
        let user = user_id(user)?;
        self.hashing(py, |engine| match old {
            Some(old) => engine.change_password(user, old, password, PasswordPolicy::Native),
            None => engine.set_password(user, password),
        })
    }

    fn verify_password<'py>(&self, py: Python<'py>, name: &str, password: &str) -> Value<'py> {
        shape::user(py, &self.hashing(py, |engine| engine.verify_password(name, password))?)
    }

    fn sign_in<'py>(
        &self,
        py: Python<'py>,
        name: &str,
        password: &str,
        agent: Option<&str>,
    ) -> Value<'py> {
        let signed = self.hashing(py, |engine| engine.sign_in(name, password, agent))?;
        shape::signed_in(py, &signed.token.reveal(), &signed.admission)
    }

    fn start_session<'py>(&self, py: Python<'py>, user: i64, agent: Option<&str>) -> Value<'py> {
        let user = user_id(user)?;
        let start = |engine: &seatcore::Engine| Ok(engine.start_session(user, agent)?);
        let signed = self.handle().run(py, start)?;
        shape::signed_in(py, &signed.token.reveal(), &signed.admission)
    }

    /// Whom a token lets in, if anybody.
    fn authenticate<'py>(
        &self,
        py: Python<'py>,
        token: &str,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let Ok(secret) = token.parse::<SessionToken>() else { return Ok(None) };
        let found = self.handle().run(py, |engine| Ok(engine.authenticate(&secret)?))?;
        found.map(|admission| shape::signed_in(py, token, &admission)).transpose()
    }

    fn sign_out(&self, py: Python<'_>, token: &str) -> Result<(), Trouble> {
        let Ok(token) = token.parse::<SessionToken>() else { return Ok(()) };
        self.handle().run(py, |engine| Ok(engine.sign_out(&token)?))
    }

    fn sessions<'py>(&self, py: Python<'py>, user: i64) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let user = user_id(user)?;
        let sessions = self.handle().run(py, |engine| Ok(engine.sessions(user)?))?;
        sessions.iter().map(|session| shape::session(py, session)).collect()
    }

    fn end_session(&self, py: Python<'_>, user: i64, session: &str) -> Result<(), Trouble> {
        let user = user_id(user)?;
        let session = session.parse();
        let session: SessionId =
            session.map_err(|_| Rejection::NotFound { what: What::Session })?;
        self.handle().run(py, |engine| Ok(engine.end_session(user, session)?))
    }

    /// Ends all of a user's sessions but this one.
    fn end_sessions(&self, py: Python<'_>, user: i64, but: Option<&str>) -> Result<(), Trouble> {
        let user = user_id(user)?;
        let but = but.map(str::parse).transpose();
        let but = but.map_err(|_| Rejection::NotFound { what: What::Session })?;
        self.handle().run(py, |engine| Ok(engine.end_sessions(user, but)?))
    }
}

/// What rights there are.
#[pyfunction]
pub fn deeds() -> [&'static str; Deed::ALL.len()] {
    Deed::ALL.map(Deed::as_str)
}

/// Whether somebody in this role may do this.
#[pyfunction]
pub fn may(role: &str, deed: &str) -> Result<bool, Trouble> {
    let wrong = |error: ParseWordError| Rejection::invalid("deed", error.into());
    Ok(role_of(role)?.may(deed.parse().map_err(wrong)?))
}
