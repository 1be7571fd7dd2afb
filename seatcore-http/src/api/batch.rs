//! Batches: several commands, all or none.

use super::holds::Wanted;
use super::reading::{owned, seats as seat_list, seconds};
use crate::answer::Answer;
use crate::ask::Ask;
use crate::json::Fields;
use crate::refusal::Refusal;
use crate::route::{BATCH_BODY_MAX, Doc, Handled, Route, Takes};
use hyper::Method;
use seatcore::accounts::Deed;
use seatcore::house::command::{BATCH_COMMANDS_MAX, HeldIn};
use seatcore::house::event::Source;
use seatcore::house::rejection::{Rejection, What};
use seatcore::{
    Batch, Block, Book, Cancel, Extend, HoldId, Holder, Outcome, Release, ShowId, StepOf, Unblock,
};
use serde::Serialize;

/// The row of batches.
pub fn routes() -> Vec<Route> {
    let row = Route::new(Method::POST, "/api/v1/batch", Deed::Buy, run);
    vec![row.takes(Takes::Json(BATCH_BODY_MAX)).doc(Doc {
        tag: "batch",
        summary: "Several commands in this order, all or none; `@0` is the hold of the first",
        body: Some("Batch"),
        answer: (200, "BatchResults"),
        refusals: &[
            "not_found",
            "key_reused",
            "not_holder",
            "show_closed",
            "show_cancelled",
            "unknown_seat",
            "seat_blocked",
            "seat_booked",
            "seat_held",
            "no_block_together",
            "sold_out",
            "hold_expired",
            "hold_ended",
            "over_limit",
        ],
        ..Doc::default()
    })]
}

/// A batch while its steps are read.
struct Draft {
    batch: Batch,
    /// The show of each step so far, for steps that point back.
    shows: Vec<Option<ShowId>>,
    /// What each step does: fields are inside.
    verbs: Vec<String>,
    holder: Holder,
}

async fn run(ask: Ask) -> Handled {
    let mut fields = ask.fields()?;
    let commands = fields.required("commands", Fields::list).unwrap_or_default();
    let count = commands.len();
    let staff = ask.identity.is_staff();
    let (batch, holder) = (Batch::new(), ask.identity.holder()?);
    let mut draft = Draft { batch, shows: Vec::new(), verbs: Vec::new(), holder };
    let mut blocks = false;
    for (index, command) in commands.into_iter().enumerate().take(BATCH_COMMANDS_MAX + 1) {
        let Some(mut step) = fields.item("commands", index, command) else { continue };
        blocks |= step.has("block") || step.has("unblock");
        draft.take(&mut step);
        fields.close(step);
    }
    fields.finish()?;
    if blocks {
        ask.identity.principal.require(Deed::Block)?;
    }
    let mut batch = draft.batch.source(Source::Http);
    batch = match staff {
        true => batch.by_staff(draft.holder.as_str()),
        false => batch.by(draft.holder.as_str()),
    };
    if let Some(key) = ask.key()? {
        batch = batch.key(key);
    }
    let reply = ask.app.engine.batch(batch);
    let answer = ask.outcome(reply, print, What::Hold).await;
    answer.map_err(|mut refusal| {
        mask_step(&ask, &mut refusal);
        refusal.problem.tell_steps(count);
        refusal.renamed(|error| in_verb(&error.field, &draft.verbs))
    })
}

/// `commands/1/extend_s` is `commands/1/extend/extend_s` in the body.
fn in_verb(field: &str, verbs: &[String]) -> Option<String> {
    let (index, field) = field.strip_prefix("commands/")?.split_once('/')?;
    let verb = verbs.get(index.parse::<usize>().ok()?)?;
    let field = if verb == "cancel" && field == "hold" { "booking" } else { field };
    Some(format!("commands/{index}/{verb}/{field}"))
}

fn print(outcomes: &Vec<Outcome>) -> Answer {
    #[derive(Serialize)]
    struct Results<'a> {
        results: &'a [Outcome],
    }
    Answer::ok(&Results { results: outcomes })
}

/// To a customer a step on somebody else's hold is a step on no hold at all.
fn mask_step(ask: &Ask, refusal: &mut Refusal) {
    let code = seatcore::error::Code::NotHolder.as_str();
    if refusal.problem.code == code && ask.identity.sees_only_own() {
        let culprit = refusal.problem.culprit;
        let missing = Rejection::NotFound { what: What::Hold };
        let step =
            culprit.map(|culprit| Rejection::Step { culprit, why: Box::new(missing.clone()) });
        *refusal = Refusal::from(step.unwrap_or(missing));
    }
}

impl Draft {
    /// Takes one command: an object with one member, named by the verb.
    fn take(&mut self, step: &mut Fields<'_>) {
        let verbs: Vec<_> = step.names();
        let show = match verbs.as_slice() {
            [verb] if step.has(verb) => self.take_verb(step, verb),
            _ => {
                step.wrong_whole("must have one member, named by what is to be done");
                None
            }
        };
        self.shows.push(show);
        self.verbs.push(verbs.concat());
    }

    fn take_verb(&mut self, step: &mut Fields<'_>, verb: &str) -> Option<ShowId> {
        if !["hold", "extend", "book", "release", "cancel", "block", "unblock"].contains(&verb) {
            return None;
        }
        let mut inner = step.object(verb)?;
        let show = match verb {
            "hold" => self.hold(&mut inner),
            "extend" => self.extend(&mut inner),
            "book" => self.book(&mut inner),
            "release" => self.release(&mut inner),
            "cancel" => self.cancel(&mut inner),
            "block" => self.block(&mut inner),
            _ => self.unblock(&mut inner),
        };
        step.close(inner);
        show
    }

    fn then(&mut self, step: impl seatcore::house::command::Request + Send + 'static) {
        let batch = std::mem::take(&mut self.batch);
        self.batch = batch.then(step);
    }

    /// A hold by its id, or `@2`: the hold of step 2. Also the show it is in.
    fn target(&self, fields: &mut Fields<'_>, name: &str) -> Option<(HeldIn, Option<ShowId>)> {
        let text = fields.required(name, Fields::text)?;
        if let Some(step) = text.strip_prefix('@').and_then(|step| step.parse::<u16>().ok()) {
            let show = self.shows.get(usize::from(step)).copied().flatten();
            let Some(show) = show else {
                fields.wrong(name, "points at no earlier step with a hold");
                return None;
            };
            return Some((StepOf { step, show }.into(), Some(show)));
        }
        let id = match text.strip_prefix("bkg_") {
            Some(bits) => format!("hld_{bits}").parse::<HoldId>(),
            None => text.parse::<HoldId>(),
        };
        match id {
            Ok(id) => Some((id.into(), id.show())),
            Err(_) => {
                fields.wrong(name, "is neither an id nor a step such as @0");
                None
            }
        }
    }

    fn hold(&mut self, fields: &mut Fields<'_>) -> Option<ShowId> {
        let show = show(fields);
        let wanted = Wanted::take(fields);
        let holder = self.holder.clone();
        self.then(wanted.into_request(show?, &holder));
        show
    }

    fn extend(&mut self, fields: &mut Fields<'_>) -> Option<ShowId> {
        let target = self.target(fields, "hold");
        let ttl = fields.required("extend_s", seconds);
        let (hold, show) = target?;
        self.then(Extend::new(hold, ttl?));
        show
    }

    fn book(&mut self, fields: &mut Fields<'_>) -> Option<ShowId> {
        let target = self.target(fields, "hold");
        let (seats, keep_rest) = (seat_list(fields, "seats"), fields.flag("keep_rest"));
        let reference = owned(fields, "reference");
        let (hold, show) = target?;
        let mut book = Book::new(hold);
        if let Some(seats) = seats {
            book = book.seats(seats);
        }
        if keep_rest == Some(true) {
            book = book.keep_rest();
        }
        if let Some(reference) = reference {
            book = book.reference(reference);
        }
        self.then(book);
        show
    }

    fn release(&mut self, fields: &mut Fields<'_>) -> Option<ShowId> {
        let target = self.target(fields, "hold");
        let seats = seat_list(fields, "seats");
        let (hold, show) = target?;
        let release = Release::new(hold);
        self.then(match seats {
            Some(seats) => release.seats(seats),
            None => release,
        });
        show
    }

    fn cancel(&mut self, fields: &mut Fields<'_>) -> Option<ShowId> {
        let target = self.target(fields, "booking");
        let reason = owned(fields, "reason");
        let (booking, show) = target?;
        let cancel = Cancel::new(booking);
        self.then(match reason {
            Some(reason) => cancel.reason(reason),
            None => cancel,
        });
        show
    }

    fn block(&mut self, fields: &mut Fields<'_>) -> Option<ShowId> {
        let (show, seats) = (show(fields), fields.required("seats", seat_list));
        let (reason, force) = (owned(fields, "reason"), fields.flag("force"));
        let mut block = Block::new(show?, seats?).by(self.holder.as_str());
        if let Some(reason) = reason {
            block = block.reason(reason);
        }
        if force == Some(true) {
            block = block.force();
        }
        self.then(block);
        show
    }

    fn unblock(&mut self, fields: &mut Fields<'_>) -> Option<ShowId> {
        let (show, seats) = (show(fields), fields.required("seats", seat_list));
        let unblock = Unblock::new(show?, seats?).by(self.holder.as_str());
        self.then(unblock);
        show
    }
}

fn show(fields: &mut Fields<'_>) -> Option<ShowId> {
    let number = fields.required("show", Fields::number::<u32>)?;
    let show = ShowId::new(number);
    if show.is_none() {
        fields.wrong("show", "is not the number of a show");
    }
    show
}
