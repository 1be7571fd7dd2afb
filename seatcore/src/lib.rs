//! An embeddable seat-booking engine: never sells a seat twice, survives `kill -9` and power loss,
//! and answers a retry with the same words for as long as the show is in the file.
//!
//! # Words
//! ```text
//! movie    what is shown                      hold     seats taken under one clock by one holder
//! screen   a hall                             booking  what a booked hold is called outside
//! layout   an immutable plan of a screen      ticket   one seat of a booking, with a code
//! show     one dated showing, with prices     block    seats that staff took off sale
//! seat     a place in one show                key      makes a retry safe
//!
//! command    what a caller asks               rejection  a rule said no: an answer
//! event      a fact in the log                error      the machinery failed
//! note       a remembered refusal in the log  record     an event or a note
//! n          a record's number in its file    seq        an event's number in its show, from 1
//! house      one show's seats in memory       feed       committed events, resumable
//! sweep      publishing lapsed holds          follow     folding the log into tables
//! ```
//!
//! # What is promised
//! - A seat has at most one live hold or booking at every record of the log.
//! - An answer that says yes is durable: `synchronous=FULL`, checked in every turn.
//! - A command over many seats, and a batch over many shows, happens whole or not at all.
//! - A hold is dead at its deadline for every reader, with no job running.
//! - The same key gets the same answer, success or refusal, after any crash: until the show is
//!   archived, and for the first 64 refusals of a caller in a show.
//! - A commit whose fate is unknown is called unknown, never failed.
//!
//! # An example
//! ```
//! use seatcore::{Engine, Hold};
//! # use seatcore::doctest::show;
//! let engine = Engine::in_memory(); // or Engine::open("box-office.db")?
//! let show = show(&engine); // a film, a hall A-E × 10, the day after tomorrow, 12.50 EUR
//! let hold = engine.hold(Hold::best(show, 3).by("eve")).wait()?;
//! assert_eq!(hold.seats, ["D4", "D5", "D6"]); // together, two thirds back, in the middle
//! let booking = engine.book(hold.id).wait()?; // `.await` works as well
//! assert_eq!(booking.tickets.len(), 3);
//! assert_eq!(engine.stats(show)?.available, 47);
//! assert!(engine.verify()?.clean());
//! # Ok::<(), seatcore::Failure>(())
//! ```

#![cfg_attr(doctest, doc = include_str!("../../README.md"))]

#[macro_use]
mod as_text;
#[macro_use]
pub mod word; // closed lists of words

// The rooms, from what a caller asks to where it is kept; arrows only point down.
pub mod engine; // the lane: where a write transaction begins and ends; snapshots, feed, verify
pub mod house; // the rules, pure: seats, holds, decide, fold
pub mod catalogue; // what is on: movies, screens, layouts, shows, prices
pub mod accounts; // users, sessions, API keys and the role table
pub mod store; // how it is kept: memory, SQLite; the only SQL

// The ground floor.
pub mod clock; // the only reader of the operating system's time
pub mod error; // the registry of codes
pub mod id; // typed names
pub mod money; // minor units of a currency
pub mod wire; // JSON shapes that every face prints
mod sabotage;
mod sync;

#[doc(hidden)]
pub mod doctest;

pub use engine::{Builder, Engine, Reply, ReplyAnswer, Snapshot};
pub use error::{Code, Error, Failure};
pub use house::Stats;
pub use house::command::{
    Batch, Block, Book, Cancel, CancelShow, ChangeShow, Extend, Hold, Release, ShowPatch, StepOf,
    Unblock,
};
pub use house::outcome::{Booking, HoldDetails, Outcome, Ticket};
pub use house::rejection::Rejection;
pub use id::{BookingId, HoldId, Holder, MovieId, ScreenId, ShowId, TicketCode, UserId};
