//! A request of which only the run of a program says what it is.

use super::sealed::Sealed;
use super::{Command, Request};
use crate::house::rejection::Rejection;
use crate::id::{HoldId, ShowId};

type Reading = Box<dyn FnOnce(&dyn Fn(ShowId) -> HoldId) -> Result<Command, Rejection> + Send>;

/// Any of the requests.
///
/// ```
/// use seatcore::house::command::AnyRequest;
/// use seatcore::{Engine, Hold, Release};
/// # use seatcore::doctest::show;
/// # let engine = Engine::in_memory();
/// # let show = show(&engine);
/// let hold = engine.hold(Hold::new(show, ["C5"]).by("ada")).wait()?;
/// let change_of_mind = true;
/// engine.submit(match change_of_mind {
///     true => AnyRequest::new(Release::new(hold.id)),
///     false => AnyRequest::new(Hold::new(show, ["C6"]).by("ada")),
/// });
/// # Ok::<(), seatcore::Failure>(())
/// ```
pub struct AnyRequest(Reading);

impl AnyRequest {
    /// This one.
    pub fn new(request: impl Request + Send + 'static) -> Self {
        Self(Box::new(move |mint| request.read(mint)))
    }
}

impl std::fmt::Debug for AnyRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AnyRequest")
    }
}

impl Sealed for AnyRequest {}

impl Request for AnyRequest {
    fn read(self, mint: &dyn Fn(ShowId) -> HoldId) -> Result<Command, Rejection> {
        (self.0)(mint)
    }
}
