//! Selling in the file.

use super::FileOffice;
use crate::args::Acting;
use crate::error::CliError;
use crate::office::{Answer, Choice, Counter, Part, Wish};
use seatcore::error::Failure;
use seatcore::house::command::{BATCH_COMMANDS_MAX, NoHolder};
use seatcore::house::event::Source;
use seatcore::house::outcome::Outcome;
use seatcore::house::rejection::Rejection;
use seatcore::store::BookingFilter;
use seatcore::wire::TicketView;
use seatcore::{
    Batch, Book, Booking, BookingId, Cancel, Extend, Hold, HoldDetails, HoldId, Holder, Release,
    ShowId, StepOf, TicketCode,
};
use std::time::Duration;

/// Acts on whose behalf, and under which key, was said.
macro_rules! acting {
    ($request:expr, $acting:expr) => {{
        let (mut request, acting): (_, Acting) = ($request.source(Source::Cli), $acting);
        if let Some(holder) = acting.holder {
            request = request.by(holder);
        }
        if let Some(key) = acting.key {
            request = request.key(key);
        }
        request
    }};
}

impl Wish {
    /// As the engine takes it.
    pub(super) fn request(&self) -> Hold<NoHolder> {
        let mut hold = match &self.seats {
            Choice::Seats(seats) => Hold::new(self.show, seats),
            Choice::Best(best) => {
                let mut hold = Hold::best(self.show, best.count).accessible(best.accessible);
                if let Some(tier) = &best.tier {
                    hold = hold.tier(tier);
                }
                if best.together { hold.together() } else { hold }
            }
        };
        if let Some(ttl) = self.ttl {
            hold = hold.ttl(ttl);
        }
        match &self.reference {
            Some(reference) => hold.reference(reference),
            None => hold,
        }
    }
}

/// Whoever sells in one command has asked for no steps.
fn without_step(failure: Failure) -> Failure {
    match failure {
        Failure::Rejected(Rejection::Step { why, .. }) => Failure::Rejected(*why),
        other => other,
    }
}

impl FileOffice {
    /// A refusal over seats comes with others that could be had.
    fn offer(&self, wish: &Wish, error: CliError) -> CliError {
        let Choice::Seats(seats) = &wish.seats else { return error };
        if !error.is_about_seats() || seats.is_empty() {
            return error;
        }
        let asked: Vec<_> = seats.iter().map(String::as_str).collect();
        let other = self.engine.alternatives(wish.show, &asked).unwrap_or_default();
        error.offer(other)
    }
}

impl Counter for FileOffice {
    fn own_holder(&self) -> Answer<Option<Holder>> {
        Ok(None)
    }

    fn hold(&self, wish: &Wish, holder: &str, key: Option<String>) -> Answer<HoldDetails> {
        let mut request = wish.request().by(holder).source(Source::Cli);
        if let Some(key) = key {
            request = request.key(key);
        }
        let held = self.about(wish.show, self.engine.hold(request).wait());
        held.map_err(|error| self.offer(wish, error))
    }

    /// As one batch: there is no moment between the two.
    fn sell(&self, wish: &Wish, holder: &str, key: Option<String>) -> Answer<Booking> {
        let sale = Book::new(StepOf { step: 0, show: wish.show });
        let batch = Batch::new().then(wish.request().by(holder)).then(sale);
        let mut batch = batch.by(holder).source(Source::Cli);
        if let Some(key) = key {
            batch = batch.key(key);
        }
        let outcomes = self.engine.batch(batch).wait().map_err(without_step);
        let outcomes = self.about(wish.show, outcomes).map_err(|error| self.offer(wish, error))?;
        let booking = outcomes.into_iter().find_map(Outcome::into_booking);
        booking.ok_or_else(|| seatcore::Error::OutcomeUnknown.into())
    }

    fn extend(&self, hold: HoldId, ttl: Duration, acting: Acting) -> Answer<HoldDetails> {
        Ok(self.engine.extend_with(acting!(Extend::new(hold, ttl), acting)).wait()?)
    }

    fn release(&self, hold: HoldId, seats: &[String], acting: Acting) -> Answer<HoldDetails> {
        let mut request = Release::new(hold);
        if !seats.is_empty() {
            request = request.seats(seats);
        }
        Ok(self.engine.release(acting!(request, acting)).wait()?)
    }

    /// All in one batch: none is left over when one of them lapses meanwhile.
    fn release_all(&self, holder: &Holder) -> Answer<Vec<HoldDetails>> {
        let live = self.engine.live_holds(Some(holder), None)?;
        let mut released = Vec::new();
        for holds in live.chunks(BATCH_COMMANDS_MAX) {
            let steps = holds.iter().map(|hold| Release::new(hold.id));
            let batch = steps.fold(Batch::new(), Batch::then);
            let batch = batch.by(holder.as_str()).source(Source::Cli);
            let outcomes = self.engine.batch(batch).wait()?;
            released.extend(outcomes.into_iter().filter_map(Outcome::into_hold));
        }
        Ok(released)
    }

    fn book(&self, hold: HoldId, part: Part, acting: Acting) -> Answer<Booking> {
        let mut request = Book::new(hold);
        if !part.seats.is_empty() {
            request = request.seats(&part.seats);
        }
        if part.keep_rest {
            request = request.keep_rest();
        }
        if let Some(reference) = part.reference {
            request = request.reference(reference);
        }
        Ok(self.engine.book(acting!(request, acting)).wait()?)
    }

    fn holds(&self, holder: Option<&Holder>, show: Option<ShowId>) -> Answer<Vec<HoldDetails>> {
        Ok(self.engine.live_holds(holder, show)?)
    }

    fn find_hold(&self, id: HoldId) -> Answer<HoldDetails> {
        Ok(self.engine.find_hold(id)?)
    }

    fn bookings(&self, filter: BookingFilter) -> Answer<Vec<Booking>> {
        let bookings = self.engine.bookings(&filter);
        match filter.show {
            Some(show) => self.about(show, bookings),
            None => Ok(bookings?),
        }
    }

    fn booking(&self, id: BookingId) -> Answer<Booking> {
        Ok(self.engine.booking(id)?)
    }

    fn cancel(&self, id: BookingId, reason: Option<String>, acting: Acting) -> Answer<Booking> {
        let mut request = Cancel::new(id);
        if let Some(reason) = reason {
            request = request.reason(reason);
        }
        Ok(self.engine.cancel(acting!(request, acting)).wait()?)
    }

    fn ticket(&self, code: TicketCode) -> Answer<TicketView> {
        let (booking, ticket) = self.engine.ticket(code)?;
        let seq = booking.seq;
        Ok(TicketView { ticket, booking, seq })
    }
}
