//! What somebody at the picker has chosen, holds and has bought; and what they ask the engine.

use super::hall::{Hall, Step};
use crate::args::Acting;
use crate::error::CliError;
use crate::office::{Best, Choice, Office, Part, SeatMap, Wish};
use crate::seat_map::Glyph;
use seatcore::clock::Stopwatch;
use seatcore::error::Code;
use seatcore::house::seat::SeatState;
use seatcore::id::SeatIndex;
use seatcore::wire::ShowView;
use seatcore::{Booking, HoldDetails, HoldId, Holder, ShowId};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// More time, when somebody asks for it.
const MORE: Duration = Duration::from_secs(600);

/// How a message is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// For information.
    Plain,
    /// Good news.
    Good,
    /// Bad news.
    Bad,
}

/// A hold of ours, and how long ago it was read: its deadline is by the clock of whoever sold it.
#[derive(Debug)]
pub struct Held {
    /// As it was read.
    pub details: HoldDetails,
    read: Stopwatch,
}

impl From<HoldDetails> for Held {
    fn from(details: HoldDetails) -> Self {
        Self { details, read: Stopwatch::start() }
    }
}

/// One visit to the picker.
pub struct Visit {
    office: Arc<dyn Office>,
    show: ShowId,
    holder: Holder,
    ttl: Option<Duration>,
    terms: ShowView,
    /// The plan on the screen.
    pub hall: Hall,
    /// The seats as of now.
    pub map: SeatMap,
    /// Where the cursor is.
    pub cursor: SeatIndex,
    /// Taken in mind, not yet held.
    pub chosen: BTreeSet<u32>,
    /// Held by us.
    pub hold: Option<Held>,
    /// Bought in this visit.
    pub bookings: Vec<Booking>,
    /// What is to be said.
    pub message: (Tone, String),
}

impl Visit {
    /// Comes in.
    pub fn begin(
        office: &Arc<dyn Office>,
        show: ShowId,
        holder: Holder,
        ttl: Option<Duration>,
    ) -> Result<Self, CliError> {
        let map = office.seat_map(show)?;
        let hall = Hall::new(map.layout.clone());
        let hello = "space takes a seat, Enter holds what is taken, ? explains".to_owned();
        let mut visit = Self {
            office: office.clone(),
            show,
            holder,
            ttl,
            terms: office.show(show)?,
            cursor: hall.middle(),
            hall,
            map,
            chosen: BTreeSet::new(),
            hold: None,
            bookings: Vec::new(),
            message: (Tone::Plain, hello),
        };
        visit.find_hold()?;
        Ok(visit)
    }

    /// Somebody who was interrupted finds what they hold.
    fn find_hold(&mut self) -> Result<(), CliError> {
        let live = self.office.holds(Some(&self.holder), Some(self.show))?;
        if let Some(hold) = live.into_iter().next() {
            self.say(Tone::Plain, format!("you still hold {}", hold.seats.join(" ")));
            self.hold = Some(hold.into());
        }
        Ok(())
    }

    /// Says something.
    pub fn say(&mut self, tone: Tone, text: impl Into<String>) {
        self.message = (tone, crate::output::clean(&text.into()));
    }

    /// Looks again: others may have come first, and time goes on. Answers whether anything changed.
    pub fn look(&mut self) -> Result<bool, CliError> {
        let fresh = self.office.seat_map(self.show)?;
        let changed = fresh.tag != self.map.tag;
        self.map = fresh;
        if changed {
            self.give_up_taken();
            self.check_hold()?;
        }
        Ok(changed)
    }

    fn give_up_taken(&mut self) {
        let free = |seat: &u32| self.map.seat(SeatIndex(*seat)) == Some(SeatState::Available);
        let gone: Vec<u32> = self.chosen.iter().copied().filter(|seat| !free(seat)).collect();
        self.chosen.retain(|seat| !gone.contains(seat));
        if !gone.is_empty() {
            let labels: Vec<_> = gone.iter().map(|seat| self.label(SeatIndex(*seat))).collect();
            self.say(Tone::Bad, format!("{} went to somebody else", labels.join(" ")));
        }
    }

    /// A hold that ended elsewhere is no longer ours.
    fn check_hold(&mut self) -> Result<(), CliError> {
        let Some(hold) = &self.hold else { return Ok(()) };
        match self.office.find_hold(hold.details.id) {
            Ok(found) if found.expires_at.is_some() => self.hold = Some(found.into()),
            Err(error) if !error.is_refusal() => return Err(error),
            _ => self.lose_hold(),
        }
        Ok(())
    }

    fn lose_hold(&mut self) {
        if let Some(hold) = self.hold.take() {
            self.say(
                Tone::Bad,
                format!("{} are no longer held for you", hold.details.seats.join(" ")),
            );
        }
    }

    /// How long what is held stays held.
    pub fn left(&self) -> Option<Duration> {
        let hold = self.hold.as_ref()?;
        let left = Duration::from_millis(hold.details.expires_in_ms?);
        Some(left.saturating_sub(hold.read.elapsed()))
    }

    /// A seat's name.
    pub fn label(&self, seat: SeatIndex) -> String {
        self.hall.layout.label(seat).to_string()
    }

    /// What a seat costs whoever takes it now.
    pub fn price(&self, seat: SeatIndex) -> i64 {
        let priced = self.tier(seat).and_then(|tier| self.terms.tiers.get(tier));
        priced.unwrap_or(&self.terms.price).amount_minor
    }

    /// The name of a seat's tier.
    pub fn tier(&self, seat: SeatIndex) -> Option<&str> {
        let tier = self.hall.layout.tier_of(seat)?;
        self.hall.layout.tiers().get(usize::from(tier.0)).map(AsRef::as_ref)
    }

    /// An amount in the show's currency.
    pub fn money(&self, minor: i64) -> String {
        self.terms.price.currency.minor(minor).to_string()
    }

    /// What stands in a seat's place.
    pub fn glyph(&self, seat: SeatIndex) -> Glyph {
        let state = self.map.seat(seat).unwrap_or(SeatState::Blocked);
        let mine = |labels: &[String]| labels.contains(&self.label(seat));
        match state {
            SeatState::Held if self.hold.as_ref().is_some_and(|h| mine(&h.details.seats)) => {
                Glyph::Mine
            }
            SeatState::Booked if self.bookings.iter().any(|b| mine(&b.seats)) => Glyph::Mine,
            SeatState::Available if self.hall.layout.accessible(seat) => Glyph::Accessible,
            state => Glyph::of(state),
        }
    }

    /// Moves the cursor.
    pub fn go(&mut self, step: Step) {
        self.cursor = self.hall.step(self.cursor, step);
    }

    /// To the next free seat, around the hall.
    pub fn go_to_free(&mut self) {
        let all = self.hall.layout.len();
        let seats = (1..=all).map(|step| SeatIndex((self.cursor.0 + step) % all));
        let free = |seat: &SeatIndex| self.map.seat(*seat) == Some(SeatState::Available);
        match seats.into_iter().find(free) {
            Some(seat) => self.cursor = seat,
            None => self.say(Tone::Bad, "no seat is free"),
        }
    }

    /// Takes the seat under the cursor, or leaves it.
    pub fn toggle(&mut self) {
        let (seat, label) = (self.cursor, self.label(self.cursor));
        if self.chosen.remove(&seat.0) {
            self.say(Tone::Plain, format!("{label} left"));
        } else if self.map.seat(seat) == Some(SeatState::Available) {
            self.chosen.insert(seat.0);
            self.say(Tone::Plain, format!("{label} taken; Enter holds"));
        } else {
            self.say(Tone::Bad, format!("{label} is {}", self.glyph(seat).word()));
        }
    }

    /// Holds what is taken; with nothing taken and something held, books that.
    pub fn enter(&mut self) -> Result<(), CliError> {
        if !self.chosen.is_empty() {
            let labels: Vec<_> =
                self.chosen.iter().map(|seat| self.label(SeatIndex(*seat))).collect();
            return self.hold_wish(Choice::Seats(labels));
        }
        match &self.hold {
            Some(hold) => self.book(hold.details.id),
            None => {
                self.say(Tone::Bad, "nothing is taken: space takes the seat under the cursor");
                Ok(())
            }
        }
    }

    /// Holds the best that are left.
    pub fn hold_best(&mut self, count: u32) -> Result<(), CliError> {
        self.hold_wish(Choice::Best(Best { count, ..Best::default() }))
    }

    /// Whoever holds something already holds it on, under the same clock as what joins it: this is one
    /// hold, since one is what is booked and given back.
    fn hold_wish(&mut self, mut seats: Choice) -> Result<(), CliError> {
        let before = self.hold.as_ref().map(|held| held.details.clone());
        if let (Choice::Seats(labels), Some(before)) = (&mut seats, &before) {
            labels.extend(before.seats.iter().cloned());
        }
        let is_best = matches!(seats, Choice::Best(_));
        let wish = Wish { ttl: self.ttl, ..Wish::new(self.show, seats) };
        match self.office.hold(&wish, self.holder.as_str(), None) {
            Ok(hold) => {
                let text = format!("{} held; Enter books, r releases", hold.seats.join(" "));
                self.chosen.clear();
                if let Some(seat) = hold.seats.first().and_then(|s| self.hall.layout.seat(s)) {
                    self.cursor = seat;
                }
                self.hold = Some(hold.into());
                self.say(Tone::Good, text);
                if let Some(before) = before.filter(|_| is_best) {
                    self.give_back(before.id)?;
                }
            }
            Err(error) => self.refused(error)?,
        }
        self.look().map(drop)
    }

    /// The best of now take the place of what was held.
    fn give_back(&self, hold: HoldId) -> Result<(), CliError> {
        match self.office.release(hold, &[], Acting::default()) {
            Err(error) if !error.is_refusal() => Err(error),
            _ => Ok(()),
        }
    }

    fn book(&mut self, hold: HoldId) -> Result<(), CliError> {
        match self.office.book(hold, Part::default(), Acting::default()) {
            Ok(booking) => {
                let (seats, total) = (booking.seats.join(" "), booking.total);
                self.say(Tone::Good, format!("booked {seats} for {total}; q leaves"));
                self.hold = None;
                self.bookings.push(booking);
            }
            Err(error) => self.refused(error)?,
        }
        self.look().map(drop)
    }

    /// Gives back what is held, else leaves what is taken.
    pub fn release(&mut self) -> Result<(), CliError> {
        let Some(hold) = self.hold.take() else {
            self.chosen.clear();
            self.say(Tone::Plain, "nothing is taken");
            return Ok(());
        };
        match self.office.release(hold.details.id, &[], Acting::default()) {
            Ok(hold) => {
                self.say(Tone::Plain, format!("{} are free again", hold.seats.join(" ")));
            }
            Err(error) => self.refused(error)?,
        }
        self.look().map(drop)
    }

    /// Asks for more time.
    pub fn extend(&mut self) -> Result<(), CliError> {
        let Some(hold) = &self.hold else {
            self.say(Tone::Bad, "nothing is held");
            return Ok(());
        };
        let (hold, ttl) = (hold.details.id, self.ttl.unwrap_or(MORE));
        match self.office.extend(hold, ttl, Acting::default()) {
            Ok(hold) => {
                self.hold = Some(hold.into());
                self.say(Tone::Good, "more time");
                Ok(())
            }
            Err(error) => self.refused(error),
        }
    }

    /// A refusal is an answer; a fault ends the visit.
    fn refused(&mut self, error: CliError) -> Result<(), CliError> {
        if !error.is_refusal() {
            return Err(error);
        }
        if matches!(error.code(), Code::HoldExpired | Code::HoldEnded) {
            self.hold = None;
        }
        self.say(Tone::Bad, error.to_string());
        Ok(())
    }

    /// Goes; what is held is given back, so that nobody waits for seats that nobody wants.
    /// What was booked stays booked, also where that fails.
    pub fn leave(mut self) -> (Vec<Booking>, Result<(), CliError>) {
        let left = if self.hold.is_some() { self.release() } else { Ok(()) };
        (self.bookings, left)
    }
}
