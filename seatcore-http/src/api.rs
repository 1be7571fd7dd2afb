//! The handlers, by subject. Each reads a request, asks the engine and prints the answer.

pub mod activity;
pub mod batch;
pub mod bookings;
pub mod holds;
pub mod keys;
pub mod movies;
pub mod operations;
pub mod reading;
pub mod reports;
pub mod screens;
pub mod seats;
pub mod sessions;
pub mod shows;
pub mod tickets;
pub mod users;
