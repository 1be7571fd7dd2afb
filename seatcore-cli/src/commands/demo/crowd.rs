//! Simulated buyers. They know no rule: they ask, and take what the engine answers.

use super::dice::Dice;
use crate::error::CliError;
use seatcore::catalogue::layout::Layout;
use seatcore::error::Failure;
use seatcore::house::event::Source;
use seatcore::id::SeatIndex;
use seatcore::money::Money;
use seatcore::{Block, Book, Booking, Engine, Hold, HoldDetails, HoldId, Release, Reply, ShowId};
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// Steps in which the whole crowd comes, however large it is; the last ones decide after that.
pub const STEPS: u32 = 70;
/// Steps until a buyer has decided, at most.
const THINK_STEPS: u32 = 10;
/// What somebody gets who will never come back: so short that its end can be watched.
const FORGETFUL: Duration = Duration::from_secs(1);
/// Of a hundred buyers with seats: so many book, and so many give them back; the others think on.
const BOOK: u32 = 70;
const RELEASE: u32 = 15;
/// Of a hundred buyers with seats, so many forget them.
const FORGET: u32 = 20;
/// Of a hundred buyers, so many leave the choice to the engine.
const LEAVE_CHOICE: u32 = 20;
/// Of a hundred buyers who were refused, so many take the best that is left.
const TAKE_ANYTHING: u32 = 15;
/// How much the first show is more popular than the last.
const POPULARITY: [usize; 4] = [12, 6, 3, 1];

/// What happened so far.
#[derive(Debug, Default, Clone, Serialize)]
pub struct Score {
    pub buyers: u32,
    pub commands: u32,
    pub holds: u32,
    pub best: u32,
    pub bookings: u32,
    pub tickets: u32,
    pub released: u32,
    pub let_go: u32,
    pub deciding: u32,
    pub refusals: BTreeMap<&'static str, u32>,
    pub revenue: Option<Money>,
}

impl Score {
    /// What the tickets cost together.
    pub fn revenue(&self) -> String {
        self.revenue.map_or_else(|| "0".to_owned(), |money| money.to_string())
    }

    fn refused(&mut self, failure: &Failure) {
        *self.refusals.entry(failure.code().as_str()).or_default() += 1;
    }

    fn sold(&mut self, booking: &Booking) {
        self.bookings += 1;
        self.tickets += booking.tickets.len() as u32;
        let before = self.revenue.map_or(0, |money| money.amount_minor);
        let currency = booking.total.currency;
        self.revenue = Some(currency.minor(before + booking.total.amount_minor));
    }
}

/// Somebody with seats who has not decided.
struct Thinker {
    name: String,
    hold: HoldId,
    steps: u32,
}

/// Somebody at the counter.
struct Asker {
    name: String,
    show: ShowId,
    party: u32,
    best: bool,
    forgetful: bool,
    reply: Reply<HoldDetails>,
}

/// The buyers of one demonstration.
pub struct Crowd<'e> {
    engine: &'e Engine,
    dice: Dice,
    /// Shows, the popular ones several times.
    shows: Vec<ShowId>,
    layouts: BTreeMap<ShowId, Layout>,
    at_most: u32,
    thinkers: Vec<Thinker>,
    score: Score,
}

impl<'e> Crowd<'e> {
    /// A crowd in front of these shows.
    pub fn new(
        engine: &'e Engine,
        shows: &[ShowId],
        seed: u64,
        buyers: u32,
    ) -> Result<Self, CliError> {
        let mut layouts = BTreeMap::new();
        for show in shows {
            layouts.insert(*show, engine.layout(engine.show(*show)?.opening.layout)?);
        }
        let weight = |place: usize| POPULARITY.get(place).copied().unwrap_or(1);
        let weighted = shows.iter().enumerate();
        let shows: Vec<_> = weighted.flat_map(|(at, show)| vec![*show; weight(at)]).collect();
        let (thinkers, score) = (Vec::new(), Score::default());
        let dice = Dice::new(seed);
        let mut crowd = Self { engine, dice, shows, layouts, at_most: buyers, thinkers, score };
        crowd.block_some()?;
        Ok(crowd)
    }

    /// Staff take a seat of every hall off sale before the doors open.
    fn block_some(&mut self) -> Result<(), CliError> {
        let shows: Vec<_> = self.layouts.keys().copied().collect();
        for show in shows {
            if let Some(seats) = self.wish(show, 1) {
                let block = Block::new(show, seats).reason("broken seat").source(Source::Cli);
                self.engine.block(block).wait()?;
                self.score.commands += 1;
            }
        }
        Ok(())
    }

    /// Lets some in and some decide, all at once; answers whether anybody is left.
    pub fn step(&mut self) -> Result<bool, CliError> {
        let wave = self.at_most.div_ceil(STEPS - THINK_STEPS).max(1);
        let coming = wave.min(self.at_most - self.score.buyers);
        let askers: Vec<_> = (0..coming).filter_map(|_| self.arrive()).collect();
        self.decide()?;
        for asker in askers {
            self.serve(asker)?;
        }
        let ready = self.thinkers.iter().any(|thinker| thinker.steps < u32::MAX);
        Ok(self.score.buyers < self.at_most || ready)
    }

    /// One line for whoever watches.
    pub fn progress(&self) -> String {
        let refused: u32 = self.score.refusals.values().sum();
        let Score { buyers, bookings, tickets, .. } = self.score;
        let all = self.at_most;
        format!(
            "buyers {buyers}/{all}   bookings {bookings}   tickets {tickets}   refused {refused}"
        )
    }

    /// The doors close.
    pub fn leave(mut self) -> Score {
        self.score.deciding = self.thinkers.len() as u32;
        self.score
    }

    fn arrive(&mut self) -> Option<Asker> {
        self.score.buyers += 1;
        let name = format!("buyer-{}", self.score.buyers);
        let show = *self.dice.pick(&self.shows)?;
        let party = 1 + self.dice.below(4);
        let best = self.dice.percent(LEAVE_CHOICE);
        let forgetful = self.dice.percent(FORGET);
        let seats = self.wish(show, party);
        let request = match seats {
            Some(seats) if !best => Hold::new(show, seats),
            _ => Hold::best(show, party),
        };
        let reply = self.ask(request.by(&name), forgetful);
        Some(Asker { name, show, party, best, forgetful, reply })
    }

    fn ask(&mut self, request: Hold, forgetful: bool) -> Reply<HoldDetails> {
        self.score.commands += 1;
        let request = request.source(Source::Cli);
        self.engine.hold(if forgetful { request.ttl(FORGETFUL) } else { request })
    }

    /// Neighbouring seats somewhere in the hall, taken or not: the engine will say.
    fn wish(&mut self, show: ShowId, party: u32) -> Option<Vec<String>> {
        let layout = self.layouts.get(&show)?;
        let row = self.dice.below(u32::try_from(layout.rows().len()).ok()?) as usize;
        let runs: Vec<_> = layout.runs(row).collect();
        let run = self.dice.pick(&runs)?;
        let (start, end) = (run.start.0, run.end.0);
        let size = party.min(end - start);
        let from = start + self.dice.below(end - start - size + 1);
        let label = |seat: u32| layout.label(SeatIndex(seat)).to_string();
        Some((from..from + size).map(label).collect())
    }

    /// Hears the answer; whoever was refused may take the best that is left.
    fn serve(&mut self, asker: Asker) -> Result<(), CliError> {
        let Asker { name, show, party, best, forgetful, reply } = asker;
        match settled(reply.wait())? {
            Ok(hold) => self.seated(name, &hold, best, forgetful),
            Err(failure) => {
                self.score.refused(&failure);
                if !best && self.dice.percent(TAKE_ANYTHING) {
                    let reply = self.ask(Hold::best(show, party).by(&name), forgetful);
                    return self.serve(Asker { name, show, party, best: true, forgetful, reply });
                }
            }
        }
        Ok(())
    }

    fn seated(&mut self, name: String, hold: &HoldDetails, best: bool, forgetful: bool) {
        self.score.holds += 1;
        self.score.best += u32::from(best);
        if forgetful {
            self.score.let_go += 1;
            return;
        }
        let decided = self.dice.percent(BOOK + RELEASE);
        let steps = if decided { self.dice.below(THINK_STEPS) } else { u32::MAX };
        self.thinkers.push(Thinker { name, hold: hold.id, steps });
    }

    /// Everybody who has thought enough books or gives back.
    fn decide(&mut self) -> Result<(), CliError> {
        let (ready, waiting): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.thinkers).into_iter().partition(|thinker| thinker.steps == 0);
        self.thinkers = waiting;
        for thinker in &mut self.thinkers {
            thinker.steps -= u32::from(thinker.steps < u32::MAX);
        }
        let mut sales = Vec::new();
        let mut returns = Vec::new();
        for Thinker { name, hold, .. } in ready {
            self.score.commands += 1;
            if self.dice.below(BOOK + RELEASE) < BOOK {
                sales.push(self.engine.book(Book::new(hold).by(name).source(Source::Cli)));
            } else {
                returns.push(self.engine.release(Release::new(hold).by(name).source(Source::Cli)));
            }
        }
        self.hear(sales, returns)
    }

    fn hear(
        &mut self,
        sales: Vec<Reply<Booking>>,
        returns: Vec<Reply<HoldDetails>>,
    ) -> Result<(), CliError> {
        for sale in sales {
            match settled(sale.wait())? {
                Ok(booking) => self.score.sold(&booking),
                Err(failure) => self.score.refused(&failure),
            }
        }
        for back in returns {
            match settled(back.wait())? {
                Ok(_) => self.score.released += 1,
                Err(failure) => self.score.refused(&failure),
            }
        }
        Ok(())
    }
}

/// A refusal is part of the day; a fault ends the demonstration.
fn settled<T>(answer: Result<T, Failure>) -> Result<Result<T, Failure>, CliError> {
    match answer {
        Err(fault @ Failure::Fault(_)) => Err(fault.into()),
        other => Ok(other),
    }
}
