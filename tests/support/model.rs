//! The model: a second, slow and obvious reading of the contract, written without looking at how
//! the engine does it. It keeps everything in plain lists, searches them from front to back by
//! seat label, knows no index, no batch, no checkpoint and no file.
//!
//! It answers a request the way the contract says. What the contract leaves to the engine it
//! takes from the engine's own answer, after a check: the ids of new holds, and which of several
//! legal placements best available picks.

mod ask;
mod best;
pub mod programme;
pub mod pure;
mod rules;
mod said;
mod show;

pub use ask::{Ask, Asked, By, Patch, Ref, Wish, show_id};
pub use said::{Done, No, Said, Slip};
pub use show::{Place, Show, State, Terms};

use seatcore::HoldId;

/// Refusals remembered for one caller in one show.
const NOTES_MAX: usize = 64;

/// Everything the box office knows.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// The moment, in milliseconds since 1970.
    pub now: i64,
    /// Every show there is.
    pub shows: Vec<Show>,
    /// Seconds between two shows of one screen.
    pub cleaning_s: i64,
}

/// The first answer under a key.
#[derive(Clone, Debug)]
pub struct Receipt {
    scope: String,
    key: String,
    ask: Ask,
    said: Said,
}

impl Model {
    /// The show with this number.
    pub fn show(&self, number: u32) -> Option<&Show> {
        self.shows.iter().find(|show| show.number == number)
    }

    fn show_mut(&mut self, number: u32) -> Option<&mut Show> {
        self.shows.iter_mut().find(|show| show.number == number)
    }

    /// Whether a request has its answer already.
    pub fn remembers(&self, asked: &Asked) -> bool {
        let show = self.show(asked.show()).filter(|_| asked.readable());
        show.is_some_and(|show| {
            asked.key.as_ref().is_some_and(|key| show.receipt(asked, key).is_some())
        })
    }

    /// What the engine must have answered; `told` is what it did answer.
    pub fn answer(&mut self, asked: &Asked, told: &Said) -> Said {
        if !asked.readable() {
            return Said::no(No::plain("invalid"));
        }
        let Some(show) = self.show(asked.show()) else {
            return Said::no(No::plain("not_found"));
        };
        if let Some(known) = asked.key.as_deref().and_then(|key| show.receipt(asked, key)) {
            return known;
        }
        if self.known_elsewhere(asked) {
            return Said::no(No::plain("key_reused"));
        }
        let done = match &asked.ask {
            Ask::Batch { steps, by } => self.all(steps, by, told),
            ask => self.one(ask, told.first()).map(|done| vec![done]),
        };
        self.remember(asked, done)
    }

    /// Whether a later step is about a show that knows the key.
    fn known_elsewhere(&self, asked: &Asked) -> bool {
        let (Ask::Batch { steps, .. }, Some(key)) = (&asked.ask, &asked.key) else { return false };
        let shows = steps.iter().filter_map(|step| self.show(step.show()));
        shows.into_iter().any(|show| show.receipt(asked, key).is_some())
    }

    /// Keeps the answer under its key, if it is of a kind that is kept.
    fn remember(&mut self, asked: &Asked, done: Result<Vec<Done>, No>) -> Said {
        let mut said = Said { result: done, replayed: false, remembered: false };
        let Some(key) = asked.key.clone() else { return said };
        let (now, caller) = (self.now, asked.caller());
        let Some(show) = self.show_mut(asked.show()) else { return said };
        if let Err(no) = &said.result {
            let kept = show.notes.iter().filter(|noted| **noted == caller).count();
            if !no.kept() || kept >= NOTES_MAX {
                return said;
            }
            show.notes.push(caller.clone());
            // A note is a record too: it moves event time, and gives no number away.
            show.forget(now);
        }
        said.remembered = true;
        let scope = asked.scope();
        show.receipts.push(Receipt { scope, key, ask: asked.ask.clone(), said: said.clone() });
        said
    }

    /// All steps or none.
    fn all(&mut self, steps: &[Ask], by: &By, told: &Said) -> Result<Vec<Done>, No> {
        let before = self.shows_of(steps);
        let mut done: Vec<Done> = Vec::new();
        for (at, step) in steps.iter().enumerate() {
            let made: Vec<HoldId> = done.iter().map(Done::id).collect();
            let step = step.resolved(&made, by);
            match self.one(&step, told.nth(at)) {
                Ok(one) => done.push(one),
                Err(no) => {
                    self.put_back(before);
                    return Err(No { culprit: Some(at), ..no });
                }
            }
        }
        Ok(done)
    }

    fn shows_of(&self, steps: &[Ask]) -> Vec<Show> {
        let named = |show: &&Show| steps.iter().any(|step| step.show() == show.number);
        self.shows.iter().filter(named).cloned().collect()
    }

    fn put_back(&mut self, before: Vec<Show>) {
        for old in before {
            if let Some(show) = self.show_mut(old.number) {
                *show = old;
            }
        }
    }

    /// Every lapse that is due becomes an event; answers how many.
    pub fn sweep(&mut self) -> u64 {
        let now = self.now;
        self.shows.iter_mut().map(|show| show.sweep(now)).sum()
    }

    /// One command that is no batch.
    fn one(&mut self, ask: &Ask, told: Option<&Done>) -> Result<Done, No> {
        let now = self.now;
        if let Ask::Change { show, patch, .. } = ask {
            self.may_move(*show, patch)?;
        }
        let show = self.show_mut(ask.show()).ok_or(No::plain("not_found"))?;
        show.decide(ask, now, told)
    }

    /// A show may not move onto another one of its screen, cleaning included.
    fn may_move(&self, number: u32, patch: &Patch) -> Result<(), No> {
        let show = self.show(number).ok_or(No::plain("not_found"))?;
        let terms = show.changed(patch)?;
        let gap = self.cleaning_s * 1_000;
        let in_the_way = |other: &&Show| {
            other.screen == show.screen
                && other.number != number
                && !other.cancelled
                && terms.starts_at < other.terms.ends_at + gap
                && other.terms.starts_at < terms.ends_at + gap
        };
        match self.shows.iter().find(in_the_way) {
            Some(_) => Err(No::plain("overlap")),
            None => Ok(()),
        }
    }
}
