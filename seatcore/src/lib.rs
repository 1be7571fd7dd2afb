//! Seat engine.
pub mod accounts;
pub mod catalogue;
pub mod clock;
pub mod engine;
pub mod error;
pub mod house;
pub mod id;
pub mod money;
mod sabotage;
pub mod store;
mod sync;

pub use engine::{Builder, Engine, Reply, Snapshot};
pub use error::{Code, Error, Failure};
pub use house::command::{
    Batch, Block, Book, Cancel, CancelShow, ChangeShow, Extend, Hold, Release, StepOf, Unblock,
};
pub use house::outcome::{Booking, HoldDetails, Outcome};
pub use house::rejection::Rejection;
pub use id::{BookingId, HoldId, Holder, MovieId, ScreenId, ShowId};
