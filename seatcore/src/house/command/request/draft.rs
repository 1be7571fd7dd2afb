//! Reading a request: what is wrong with it, all at once, and its words for the fingerprint.

use super::Envelope;
use crate::catalogue::price::PricePatch;
use crate::catalogue::show::{LimitsPatch, ShowLimits};
use crate::clock::Timestamp;
use crate::house::command::{COMMAND_SEATS_MAX, Command, ShowPatch, Target, Verb, Wish};
use crate::house::event::codec::{Writer, encode_limits};
use crate::house::event::{Caller, Key, Source};
use crate::house::hold::{TTL_MAX_S, TTL_MIN_S};
use crate::house::rejection::{FieldError, Problem, Range, Rejection, Unit};
use crate::id::{HoldId, Holder, KEY_BYTES_MAX, REFERENCE_BYTES_MAX, ShowId};
use std::time::Duration;

/// A request being read: what is wrong with it so far, and its words for the fingerprint.
pub(super) struct Draft {
    errors: Vec<FieldError>,
    asked: Writer,
    /// The hold it is about.
    about: Option<HoldId>,
}

impl Draft {
    pub(super) fn new(verb: u8) -> Self {
        let mut asked = Writer::new();
        asked.byte(verb);
        Self { errors: Vec::new(), asked, about: None }
    }

    pub(super) fn wrong(&mut self, field: &str, problem: Problem) {
        self.errors.push(FieldError { field: field.to_owned(), problem });
    }

    /// Adds what another check found.
    pub(super) fn also(&mut self, checked: Result<(), Rejection>) {
        if let Err(Rejection::Invalid { errors }) = checked {
            self.errors.extend(errors);
        }
    }

    pub(super) fn bounded(&mut self, field: &str, value: u64, range: Range) {
        if !i64::try_from(value).is_ok_and(|value| range.has(value)) {
            self.wrong(field, range.into());
        }
    }

    pub(super) fn flag(&mut self, flag: bool) {
        self.asked.byte(u8::from(flag));
    }

    pub(super) fn target(&mut self, target: Target) {
        self.about = target.id();
        match target {
            Target::Hold(id) => self.asked.raw(&id.bits().to_be_bytes()),
            Target::Step(step) => self.asked.number(u64::from(step)),
        }
    }

    pub(super) fn holder(&mut self, field: &str, text: &str) -> Option<Holder> {
        self.asked.text(text);
        let read = Holder::parse(text);
        if read.is_err() {
            self.wrong(field, Problem::Name);
        }
        read.ok()
    }

    pub(super) fn text(&mut self, field: &str, text: Option<String>) -> Option<Box<str>> {
        self.asked.maybe_text(text.as_deref());
        let text = text?;
        self.bounded(field, text.len() as u64, REFERENCE);
        Some(text.into())
    }

    pub(super) fn ttl(&mut self, field: &str, ttl: Option<Duration>) -> Option<u32> {
        let Some(ttl) = ttl else {
            self.asked.byte(0);
            return None;
        };
        self.asked.number((ttl.as_millis() as u64).saturating_add(1));
        let range = Unit::Seconds.range(TTL_MIN_S as i64, TTL_MAX_S as i64);
        self.bounded(field, ttl.as_secs(), range);
        if ttl.subsec_nanos() != 0 {
            self.wrong(field, Problem::Unreadable);
        }
        Some(ttl.as_secs().min(u64::from(TTL_MAX_S)) as u32)
    }

    fn moment(&mut self, at: Option<Timestamp>) {
        self.flag(at.is_some());
        if let Some(at) = at {
            self.asked.moment(at);
        }
    }

    pub(super) fn patch(&mut self, patch: &ShowPatch) {
        for at in [patch.starts_at, patch.ends_at, patch.opens_at] {
            self.moment(at);
        }
        self.flag(patch.closes_at.is_some());
        self.moment(patch.closes_at.flatten());
        self.asked.byte(patch.closed.map_or(2, u8::from));
        self.flag(patch.prices.is_some());
        if let Some(prices) = &patch.prices {
            self.prices(prices);
        }
        self.limits(patch.limits);
        self.flag(patch.if_seq.is_some());
        self.asked.number(patch.if_seq.unwrap_or(0));
    }

    /// Says nothing where there is none: keys of before there could be one keep their meaning.
    pub(super) fn condition(&mut self, if_seq: Option<u64>) {
        if let Some(seq) = if_seq {
            self.asked.number(seq);
        }
    }

    /// All of them read as they did before one could be changed alone.
    fn limits(&mut self, patch: Option<LimitsPatch>) {
        let Some(patch) = patch else { return self.flag(false) };
        let all = [patch.hold_life_s, patch.holds_per_holder, patch.seats_per_holder];
        if all.iter().all(Option::is_some) {
            self.flag(true);
            return encode_limits(&patch.over(ShowLimits::default()), &mut self.asked);
        }
        self.asked.byte(2);
        for limit in all {
            self.asked.number(limit.map_or(0, |limit| u64::from(limit) + 1));
        }
    }

    fn prices(&mut self, patch: &PricePatch) {
        let asked = &mut self.asked;
        asked.maybe_text(patch.base.map(|money| money.to_string()).as_deref());
        asked.number(patch.tiers.as_ref().map_or(0, |tiers| tiers.len() as u64 + 1));
        for (name, money) in patch.tiers.iter().flatten() {
            asked.text(name);
            asked.text(&money.to_string());
        }
    }

    pub(super) fn wish(&mut self, wish: &Wish) {
        match wish {
            Wish::Seats(seats) => {
                self.asked.byte(0);
                self.labels(seats);
            }
            Wish::Best { count, tier, accessible, together } => {
                self.asked.byte(1);
                self.asked.number(u64::from(*count));
                self.asked.maybe_text(tier.as_deref());
                self.asked.number(u64::from(*accessible));
                self.flag(*together);
                self.bounded("count", u64::from(*count), SEATS);
                let places = Unit::Seats.range(0, i64::from(*count));
                self.bounded("accessible", u64::from(*accessible), places);
            }
        }
    }

    pub(super) fn some_labels(&mut self, seats: Option<&[Box<str>]>) {
        self.flag(seats.is_some());
        if let Some(seats) = seats {
            self.labels(seats);
        }
    }

    pub(super) fn labels(&mut self, seats: &[Box<str>]) {
        self.asked.number(seats.len() as u64);
        seats.iter().for_each(|seat| self.asked.text(seat));
        self.bounded("seats", seats.len() as u64, SEATS);
        if seats.iter().any(|seat| seat.len() > LABEL_BYTES_MAX) {
            self.wrong("seats", Problem::Unreadable);
        }
        let twice = |at: usize| {
            let (before, rest) = seats.split_at(at);
            rest.first().is_some_and(|seat| before.iter().any(|b| b.eq_ignore_ascii_case(seat)))
        };
        if seats.len() <= COMMAND_SEATS_MAX && (0..seats.len()).any(twice) {
            self.wrong("seats", Problem::Duplicate);
        }
    }

    /// A step takes the batch's caller unless it names its own.
    pub(super) fn step(
        &mut self,
        index: usize,
        mut step: Command,
        batch: &Envelope,
        steps: &mut Vec<Command>,
    ) {
        self.asked.number(u64::from(step.show.get()));
        self.asked.raw(&step.asked.to_le_bytes());
        self.flag(matches!(step.caller, Caller::Staff(_)));
        self.asked.maybe_text(step.caller.name().map(Holder::as_str));
        if !self.points_back(index, &step.verb, steps) {
            self.wrong(&format!("commands/{index}/hold"), Problem::Foreign);
        }
        if step.caller == Caller::Unnamed {
            step.caller = caller(batch).unwrap_or_default();
        }
        if step.source == Source::default() {
            step.source = batch.source;
        }
        step.key = None;
        steps.push(step);
    }

    /// A step may point only at an earlier step of the same show that leaves a hold.
    fn points_back(&self, index: usize, verb: &Verb, steps: &[Command]) -> bool {
        match verb {
            Verb::Extend { hold: Target::Step(of), .. }
            | Verb::Book { hold: Target::Step(of), .. }
            | Verb::Release { hold: Target::Step(of), .. }
            | Verb::Cancel { booking: Target::Step(of), .. } => {
                let target = steps.get(usize::from(*of));
                usize::from(*of) < index
                    && target.is_some_and(|step| {
                        matches!(
                            step.verb,
                            Verb::Hold { .. } | Verb::Extend { .. } | Verb::Book { .. }
                        )
                    })
            }
            Verb::Batch { .. }
            | Verb::OpenShow { .. }
            | Verb::ChangeShow { .. }
            | Verb::CancelShow { .. } => false,
            _ => true,
        }
    }

    pub(super) fn wrong_step(
        &mut self,
        index: usize,
        rejection: Rejection,
    ) -> Result<(), Rejection> {
        let Rejection::Invalid { errors } = rejection else {
            return Err(Rejection::Step { culprit: index as u16, why: Box::new(rejection) });
        };
        self.errors.extend(errors.into_iter().map(|error| FieldError {
            field: format!("commands/{index}/{}", error.field),
            problem: error.problem,
        }));
        Ok(())
    }

    pub(super) fn finish(
        mut self,
        show: ShowId,
        envelope: Envelope,
        verb: impl FnOnce(&mut Self) -> Option<Verb>,
    ) -> Result<Command, Rejection> {
        let caller = caller(&envelope);
        if caller.is_none() {
            self.wrong("by", Problem::Name);
        }
        if let Some(key) = &envelope.key {
            self.bounded("key", key.len() as u64, KEY);
        }
        let verb = verb(&mut self);
        match (self.errors.is_empty(), verb, caller) {
            (true, Some(verb), Some(caller)) => {
                let asked = fingerprint(&self.asked.finish());
                let about = self.about;
                let key = envelope.key.map(|key| scope_key(&caller, about, &key, asked));
                Ok(Command { show, verb, caller, source: envelope.source, key, asked })
            }
            _ => Err(Rejection::Invalid { errors: self.errors }),
        }
    }
}

const SEATS: Range = Unit::Seats.range(1, COMMAND_SEATS_MAX as i64);
const KEY: Range = Unit::Bytes.range(1, KEY_BYTES_MAX as i64);
const REFERENCE: Range = Unit::Bytes.range(1, REFERENCE_BYTES_MAX as i64);
/// Longest seat label that is looked at: a section of 32 characters, a row and a number.
const LABEL_BYTES_MAX: usize = 64;

/// The caller of an envelope; `None` if the name is unreadable.
fn caller(envelope: &Envelope) -> Option<Caller> {
    let Some(name) = &envelope.by else { return Some(Caller::Unnamed) };
    let name = Holder::parse(name).ok()?;
    Some(if envelope.staff { Caller::Staff(name) } else { Caller::Holder(name) })
}

fn fingerprint(asked: &[u8]) -> u64 {
    let hash = blake3::hash(asked);
    hash.as_bytes().iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

/// Who is not named acts as the holder of the hold it is about, so that hold stands for the name:
/// the same key on holds of two people is two keys.
fn scope_key(caller: &Caller, about: Option<HoldId>, key: &str, asked: u64) -> Key {
    let mut scope = Writer::new();
    match (caller.name(), about) {
        (Some(name), _) => scope.text(name.as_str()),
        (None, Some(hold)) => scope.raw(&hold.bits().to_be_bytes()),
        (None, None) => scope.text(""),
    }
    scope.text(key);
    let mut tag = [0; 16];
    tag.copy_from_slice(&blake3::hash(&scope.finish()).as_bytes()[..16]);
    Key { tag, fingerprint: asked }
}

/// Who makes something new in the catalogue, and the key of it. It has no show: its scope is the
/// caller.
pub(crate) fn creation(
    by: Option<&str>,
    key: Option<&str>,
    asked: Writer,
) -> Result<(Caller, Option<Key>), Rejection> {
    let mut draft = Draft { errors: Vec::new(), asked, about: None };
    let caller = match by.map(Holder::parse) {
        None => Caller::Unnamed,
        Some(Ok(name)) => Caller::Staff(name),
        Some(Err(_)) => {
            draft.wrong("by", Problem::Name);
            Caller::Unnamed
        }
    };
    if let Some(key) = key {
        draft.bounded("key", key.len() as u64, KEY);
    }
    if !draft.errors.is_empty() {
        return Err(Rejection::Invalid { errors: draft.errors });
    }
    let asked = fingerprint(&draft.asked.finish());
    Ok((caller.clone(), key.map(|key| scope_key(&caller, None, key, asked))))
}
