//! Batches in a turn: tried step by step, taken back, and written if every step was granted.

use super::{Judged, Turn, Verdict, append_safely, decide_safely, refused};
use crate::engine::lane::{Lane, Trouble};
use crate::house::command::{Command, Target, Verb};
use crate::house::decide::{self, Decision};
use crate::house::event::Fact;
use crate::house::rejection::{Rejection, What};
use crate::id::{HoldId, ShowId};
use std::collections::BTreeSet;

/// What a batch's steps came to: each step with its facts, or the first that failed and why.
type Tried = Result<Vec<(Command, Vec<Fact>)>, (u16, Rejection)>;

impl Lane {
    /// All steps or none: tried on the houses under a savepoint, then written for good.
    pub(super) fn decide_batch(&mut self, turn: &mut Turn, command: &Command) -> Judged {
        let Some(loaded) = self.houses.get(&mut *self.store, command.show)? else {
            return Ok(refused(Rejection::NotFound { what: What::Show }));
        };
        match decide::recall(&loaded.house, command) {
            Some(Decision::Replay(receipt)) => return self.replay(turn, command, receipt),
            Some(Decision::Refuse { rejection, .. }) => return Ok(refused(rejection)),
            Some(Decision::Accept(_)) | None => {}
        }
        if self.is_known_elsewhere(command)? {
            return Ok(refused(Rejection::KeyReused));
        }
        let tried = self.try_steps(turn, command.verb.steps());
        match tried? {
            Ok(steps) => self.write_steps(turn, command, steps),
            Err((culprit, why)) => {
                let rejection = Rejection::Step { culprit, why: Box::new(why) };
                let house = &self.loaded(command.show)?.house;
                let Decision::Refuse { rejection, note } =
                    decide::refuse(house, command, rejection)
                else {
                    return Ok(refused(Rejection::Stale));
                };
                let remembered = note.is_some();
                if let Some(note) = note {
                    let loaded = self.loaded(command.show)?;
                    turn.write(loaded, vec![decide::noted(command, note)])?;
                }
                Ok(Verdict::Refused { rejection, replayed: false, remembered })
            }
        }
    }

    /// Whether the key stands in the log of a show that only later steps touch: the same steps in
    /// another order are another command, and must not sell a second time.
    fn is_known_elsewhere(&mut self, command: &Command) -> Result<bool, Trouble> {
        let Some(key) = command.key else { return Ok(false) };
        let shows: BTreeSet<ShowId> = command.verb.steps().iter().map(|step| step.show).collect();
        for show in shows.into_iter().filter(|show| *show != command.show) {
            let loaded = self.houses.get(&mut *self.store, show)?;
            if loaded.is_some_and(|loaded| loaded.house.receipt(&key.tag).is_some()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Decides each step on what the ones before left, then takes all of it back.
    fn try_steps(&mut self, turn: &Turn, steps: &[Command]) -> Result<Tried, Trouble> {
        let mut shows = BTreeSet::new();
        let tried = self.try_each(turn, steps, &mut shows);
        // What a fold left half done cannot be taken back: every house is rebuilt behind a proof.
        if let Err(Trouble::Proof(_)) = tried {
            return tried;
        }
        for show in shows {
            if let Some(loaded) = self.houses.peek_mut(show) {
                loaded.house.roll_back();
            }
        }
        tried
    }

    fn try_each(
        &mut self,
        turn: &Turn,
        steps: &[Command],
        shows: &mut BTreeSet<ShowId>,
    ) -> Result<Tried, Trouble> {
        let mut tried: Vec<(Command, Vec<Fact>)> = Vec::with_capacity(steps.len());
        let mut made: Vec<HoldId> = Vec::with_capacity(steps.len());
        for (index, step) in steps.iter().enumerate() {
            let step = resolved(step, &made);
            let Some(loaded) = self.houses.get(&mut *self.store, step.show)? else {
                return Ok(Err((index as u16, Rejection::NotFound { what: What::Show })));
            };
            if shows.insert(step.show) {
                loaded.house.savepoint();
            }
            let facts = match decide_safely(&loaded.house, &step, turn.now)? {
                Decision::Accept(facts) => facts,
                Decision::Refuse { rejection, .. } => return Ok(Err((index as u16, rejection))),
                Decision::Replay(_) => Vec::new(),
            };
            for entry in decide::entries(&step, facts.clone()) {
                let n = loaded.house.head().n.max(turn.head) + 1;
                append_safely(&mut loaded.house, n, turn.now, entry)?;
            }
            made.push(facts.last().and_then(Fact::part).map_or(HoldId::from_bits(0), |p| p.hold));
            tried.push((step, facts));
        }
        Ok(Ok(tried))
    }

    /// Writes the steps side by side; the first record carries the key and their number.
    fn write_steps(
        &mut self,
        turn: &mut Turn,
        command: &Command,
        steps: Vec<(Command, Vec<Fact>)>,
    ) -> Judged {
        let span: usize = steps.iter().map(|(_, facts)| facts.len()).sum();
        let mut key = command.key;
        let first = turn.records.len();
        for (step, facts) in steps {
            let mut entries = decide::entries(&step, facts);
            if let (Some(first), Some(key)) = (entries.first_mut(), key.take()) {
                (first.key, first.span) = (Some(key), span as u32);
            }
            let loaded = self.loaded(step.show)?;
            turn.write(loaded, entries)?;
        }
        Ok(Verdict::Granted(first..turn.records.len(), command.key.is_some()))
    }
}

/// A step with the holds of earlier steps put in.
fn resolved(step: &Command, made: &[HoldId]) -> Command {
    let mut step = step.clone();
    let target = match &mut step.verb {
        Verb::Extend { hold, .. } | Verb::Book { hold, .. } | Verb::Release { hold, .. } => hold,
        Verb::Cancel { booking, .. } => booking,
        _ => return step,
    };
    if let Target::Step(index) = *target
        && let Some(hold) = made.get(usize::from(index))
    {
        *target = Target::Hold(*hold);
    }
    step
}
