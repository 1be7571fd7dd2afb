//! The HTTP face: an API, sign-in and a live feed over one engine. It translates and decides
//! nothing. The server itself is work that has not begun; this crate is its room.

pub use seatcore::Engine;
