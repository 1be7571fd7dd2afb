//! What the tests share.

pub mod fault;
pub mod house;
pub mod model;
pub mod place;
