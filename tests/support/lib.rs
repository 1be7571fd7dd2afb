//! What the tests share.

pub mod dice;
pub mod earlier;
pub mod fault;
pub mod house;
pub mod model;
pub mod place;
