//! Holds: seats under a clock.

use super::reading::{owned, seats as seat_list, seconds};
use crate::answer::Answer;
use crate::ask::Ask;
use crate::json::Fields;
use crate::refusal::Refusal;
use crate::route::Written::{Number, Text};
use crate::route::{Doc, Handled, Route};
use hyper::{Method, StatusCode};
use seatcore::accounts::Deed;
use seatcore::house::event::Source;
use seatcore::house::rejection::{Problem, Rejection, What};
use seatcore::wire::FieldView;
use seatcore::{Book, Extend, Hold, HoldDetails, HoldId, Holder, Release, ShowId};

/// The rows about holds.
pub fn routes() -> Vec<Route> {
    let tag = "holds";
    let one = Doc { tag, answer: (200, "Hold"), refusals: ENDED, ..Doc::default() };
    vec![
        Route::new(Method::POST, "/api/v1/shows/{id}/holds", Deed::Buy, create).doc(Doc {
            summary: "Hold seats, all or none, until a deadline",
            body: Some("NewHold"),
            answer: (201, "Hold"),
            refusals: &[
                "not_found",
                "key_reused",
                "show_cancelled",
                "show_closed",
                "unknown_seat",
                "seat_blocked",
                "seat_booked",
                "seat_held",
                "no_block_together",
                "sold_out",
                "over_limit",
            ],
            ..one
        }),
        Route::new(Method::GET, "/api/v1/holds", Deed::Buy, list).doc(Doc {
            summary: "The asker's live holds; staff may ask for somebody's, or for all",
            query: &[
                ("show", "in this show", Number),
                ("holder", "staff: of this holder, or `*`", Text),
            ],
            answer: (200, "HoldList"),
            refusals: &["not_found", "show_closed"],
            ..one
        }),
        Route::new(Method::GET, "/api/v1/holds/{id}", Deed::Buy, show).doc(Doc {
            summary: "One hold, ended ones for a day",
            refusals: &["not_found", "show_closed"],
            ..one
        }),
        Route::new(Method::PATCH, "/api/v1/holds/{id}", Deed::Buy, edit).doc(Doc {
            summary: "More time, or some of its seats back",
            body: Some("HoldPatch"),
            ..one
        }),
        Route::new(Method::DELETE, "/api/v1/holds/{id}", Deed::Buy, release)
            .doc(Doc { summary: "Give all of it back", ..one }),
        Route::new(Method::POST, "/api/v1/holds/{id}/book", Deed::Buy, book).doc(Doc {
            summary: "Buy what is held, all or part; every seat gets a ticket",
            body: Some("NewBooking"),
            answer: (201, "Booking"),
            ..one
        }),
    ]
}

const ENDED: &[&str] = &[
    "not_found",
    "key_reused",
    "not_holder",
    "show_cancelled",
    "show_closed",
    "unknown_seat",
    "hold_expired",
    "hold_ended",
    "over_limit",
];

/// The seats that a hold wants, as asked.
pub enum Wish {
    /// These.
    Seats(Vec<String>),
    /// The best that are left.
    Best(Best),
}

/// The best seats, as asked.
#[derive(Debug, Default)]
pub struct Best {
    count: u32,
    tier: Option<String>,
    accessible: Option<u32>,
    together: bool,
}

/// A hold, as asked.
pub struct Wanted {
    wish: Option<Wish>,
    ttl: Option<std::time::Duration>,
    reference: Option<String>,
}

impl Wanted {
    /// Takes a hold's fields.
    pub fn take(fields: &mut Fields<'_>) -> Self {
        let (has_seats, has_best) = (fields.has("seats"), fields.has("best"));
        let seats = seat_list(fields, "seats").map(Wish::Seats);
        let best = take_best(fields).map(Wish::Best);
        if has_seats == has_best {
            fields.wrong("seats", "or `best` is needed, and not both");
        }
        let (ttl, reference) = (seconds(fields, "ttl_s"), owned(fields, "reference"));
        Self { wish: seats.or(best), ttl, reference }
    }

    /// As the engine takes it.
    pub fn into_request(self, show: ShowId, holder: &Holder) -> Hold {
        let mut hold = match self.wish {
            Some(Wish::Best(best)) => best.into_request(show),
            Some(Wish::Seats(seats)) => Hold::new(show, seats),
            None => Hold::new(show, Vec::<String>::new()),
        };
        if let Some(ttl) = self.ttl {
            hold = hold.ttl(ttl);
        }
        if let Some(reference) = self.reference {
            hold = hold.reference(reference);
        }
        hold.source(Source::Http).by(holder.as_str())
    }
}

impl Best {
    fn into_request(self, show: ShowId) -> Hold<seatcore::house::command::NoHolder> {
        let mut hold = Hold::best(show, self.count).accessible(self.accessible.unwrap_or_default());
        if let Some(tier) = self.tier {
            hold = hold.tier(tier);
        }
        if self.together { hold.together() } else { hold }
    }
}

fn take_best(fields: &mut Fields<'_>) -> Option<Best> {
    let mut inner = fields.object("best")?;
    let count = inner.required("count", Fields::number::<u32>);
    let tier = owned(&mut inner, "tier");
    let accessible = inner.number("accessible");
    let together = inner.flag("together").unwrap_or_default();
    fields.close(inner);
    Some(Best { count: count.unwrap_or_default(), tier, accessible, together })
}

async fn create(ask: Ask) -> Handled {
    let show: ShowId = ask.param("id", What::Show)?;
    let mut fields = ask.fields()?;
    let wanted = Wanted::take(&mut fields);
    fields.finish()?;
    let mut hold = wanted.into_request(show, &ask.identity.holder()?);
    if let Some(key) = ask.key()? {
        hold = hold.key(key);
    }
    let reply = ask.app.engine.hold(hold);
    let held = ask.outcome(reply, print_new, What::Show).await;
    match held {
        Err(refusal) if !refusal.problem.conflicts.is_empty() => {
            Err(with_advice(&ask, show, refusal).await)
        }
        held => held,
    }
}

fn print_new(hold: &HoldDetails) -> Answer {
    Answer::created(hold, &format!("/api/v1/holds/{}", hold.id))
}

/// Other seats for whoever was too late. Advice is no part of a remembered outcome.
async fn with_advice(ask: &Ask, show: ShowId, mut refusal: Refusal) -> Refusal {
    if refusal.is_replayed() {
        return refusal;
    }
    let asked = ask.fields().map(|mut fields| Wanted::take(&mut fields));
    let Some(Wish::Seats(seats)) = asked.ok().and_then(|asked| asked.wish) else { return refusal };
    let advice = move |engine: &seatcore::Engine| {
        let asked: Vec<_> = seats.iter().map(String::as_str).collect();
        engine.alternatives(show, &asked)
    };
    let advice = ask.app.spare(advice).await.unwrap_or_default();
    refusal.problem.alternatives = Some(advice).filter(|all| !all.is_empty());
    refusal
}

async fn list(ask: Ask) -> Handled {
    let mut query = ask.query()?;
    let show: Option<ShowId> = query.parsed("show");
    let holder = query.text("holder");
    query.finish()?;
    let whose = whose(&ask, holder)?;
    let holds = ask.engine(move |engine| engine.live_holds(whose.as_ref(), show)).await?;
    Ok(Answer::list(&holds, None))
}

/// Whose things are asked for: the asker's own, unless staff say otherwise.
pub fn whose(ask: &Ask, holder: Option<String>) -> Result<Option<Holder>, Refusal> {
    let Some(text) = holder else { return ask.identity.holder().map(Some) };
    let own = ask.identity.holder()?;
    if text != own.as_str() {
        ask.identity.principal.require(Deed::SeeOthers)?;
    }
    if text == "*" {
        return Ok(None);
    }
    let read = Holder::parse(&text);
    read.map(Some).map_err(|_| Refusal::field("holder", Problem::Name.to_string()))
}

async fn show(ask: Ask) -> Handled {
    let id: HoldId = ask.param("id", What::Hold)?;
    let hold = ask.engine(move |engine| engine.find_hold(id)).await?;
    check_owner(&ask, &hold.holder, What::Hold)?;
    Ok(Answer::ok(&hold))
}

/// Reading is for the holder and for staff.
pub fn check_owner(ask: &Ask, holder: &Holder, what: What) -> Result<(), Refusal> {
    let own = ask.identity.principal.holder().as_ref() == Some(holder);
    if own || ask.identity.principal.may(Deed::SeeOthers) {
        return Ok(());
    }
    Err(ask.masked(Rejection::NotHolder.into(), what).into())
}

/// Acts as the asker: staff may touch what belongs to others.
macro_rules! acting {
    ($ask:expr, $request:expr) => {{
        let (request, holder) = ($request.source(Source::Http), $ask.identity.holder()?);
        let request = match $ask.identity.is_staff() {
            true => request.by_staff(holder.as_str()),
            false => request.by(holder.as_str()),
        };
        match $ask.key()? {
            Some(key) => request.key(key),
            None => request,
        }
    }};
}
pub(crate) use acting;

async fn edit(ask: Ask) -> Handled {
    let id: HoldId = ask.param("id", What::Hold)?;
    let mut fields = ask.fields()?;
    let (extends, releases) = (fields.has("extend_s"), fields.has("release"));
    if extends == releases {
        fields.wrong("extend_s", "or `release` is needed, and not both");
    }
    let (ttl, seats) = (seconds(&mut fields, "extend_s"), seat_list(&mut fields, "release"));
    fields.finish()?;
    let reply = match (ttl, seats) {
        (Some(ttl), _) => ask.app.engine.extend_with(acting!(ask, Extend::new(id, ttl))),
        (None, seats) => {
            let seats = seats.unwrap_or_default();
            ask.app.engine.release(acting!(ask, Release::new(id).seats(seats)))
        }
    };
    let done = ask.outcome(reply, Answer::ok, What::Hold).await;
    let rename = |error: &FieldView| (error.field == "seats").then(|| "release".to_owned());
    done.map_err(|refusal| refusal.renamed(rename))
}

async fn release(ask: Ask) -> Handled {
    let id: HoldId = ask.param("id", What::Hold)?;
    let reply = ask.app.engine.release(acting!(ask, Release::new(id)));
    ask.outcome(reply, Answer::ok, What::Hold).await
}

async fn book(ask: Ask) -> Handled {
    let id: HoldId = ask.param("id", What::Hold)?;
    let mut fields = ask.fields()?;
    let (seats, keep_rest) = (seat_list(&mut fields, "seats"), fields.flag("keep_rest"));
    let reference = owned(&mut fields, "reference");
    fields.finish()?;
    let mut book = Book::new(id);
    if let Some(seats) = seats {
        book = book.seats(seats);
    }
    if keep_rest == Some(true) {
        book = book.keep_rest();
    }
    if let Some(reference) = reference {
        book = book.reference(reference);
    }
    let reply = ask.app.engine.book(acting!(ask, book));
    let print = |booking: &seatcore::Booking| {
        Answer::json(StatusCode::CREATED, booking)
            .with(hyper::header::LOCATION, &format!("/api/v1/bookings/{}", booking.id))
    };
    ask.outcome(reply, print, What::Hold).await
}
