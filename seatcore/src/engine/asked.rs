//! Questions whose answer is awaited: for callers that may not block their thread.

use crate::engine::Engine;
use crate::engine::job::Desk;
use crate::engine::query::{Why, seat_row};
use crate::engine::reply::Reply;
use crate::engine::snapshot::Snapshot;
use crate::house::outcome::HoldDetails;
use crate::house::rejection::{Conflict, Rejection, SeatFault};
use crate::id::{Holder, SeatIndex, ShowId};
use std::sync::Arc;

impl Engine {
    /// As [`seat_map`](Self::seat_map): the reply is ready at once while nothing changed.
    pub fn ask_seat_map(&self, show: ShowId) -> Reply<Arc<Snapshot>> {
        let shared = &self.inner.shared;
        match shared.board.read_fresh(show, &shared.time) {
            Some(snapshot) => Reply::ready(Ok(snapshot)),
            None => self.ask(move |desk| desk.snapshot(show)),
        }
    }

    /// Why seats are as they are, all at one moment, in the order asked; `asker` marks what is
    /// theirs, at the price they pay.
    ///
    /// Answered `not_found` or `unknown_seat` if there is no such thing.
    pub fn ask_why(
        &self,
        show: ShowId,
        labels: Vec<String>,
        asker: Option<Holder>,
    ) -> Reply<Vec<Why>> {
        self.ask(move |desk: &mut Desk<'_>| {
            let now = desk.now;
            let (house, scene) = desk.house(show)?;
            let find = |label: &String| {
                let unknown = || Conflict { seat: label.clone(), fault: SeatFault::Unknown };
                house.layout().seat(label).ok_or_else(unknown)
            };
            let unknown: Vec<_> = labels.iter().filter_map(|label| find(label).err()).collect();
            if !unknown.is_empty() {
                return Err(Rejection::Seats { conflicts: unknown }.into());
            }
            let (seq, printer) = (house.head().seq, scene.printer());
            let look = |seat: SeatIndex| {
                let claim = house.hold_on(seat).filter(|hold| hold.state_at(now).claims());
                let hold = claim.and_then(|hold| HoldDetails::at(hold, now, seq, printer));
                Why { row: seat_row(house, seat, asker.as_ref(), now), hold }
            };
            Ok(labels.iter().filter_map(|label| find(label).ok()).map(look).collect())
        })
    }
}
