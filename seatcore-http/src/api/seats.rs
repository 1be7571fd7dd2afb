//! Seats: plans, maps, rows, blocks.

use super::holds::whose;
use super::reading::{owned, seats as seat_list};
use crate::answer::Answer;
use crate::ask::Ask;
use crate::headers::has_version;
use crate::refusal::Refusal;
use crate::route::Written::Text;
use crate::route::{Doc, Handled, Route};
use hyper::{Method, StatusCode};
use seatcore::accounts::Deed;
use seatcore::engine::Why;
use seatcore::house::event::Source;
use seatcore::house::rejection::What;
use seatcore::id::LayoutHash;
use seatcore::wire::{LayoutView, SeatsView, WhyView};
use seatcore::{Block, ShowId, Unblock};
use serde::Serialize;

/// What an archived show had is in its archive.
const HERE: &[&str] = &["not_found", "show_closed"];

/// The rows about seats.
pub fn routes() -> Vec<Route> {
    let (tag, refusals) = ("seats", &["not_found"][..]);
    let doc = Doc { tag, refusals, ..Doc::default() };
    let path = "/api/v1/shows/{id}/layout/{hash}";
    vec![
        Route::new(Method::GET, path, Deed::Browse, layout).doc(Doc {
            summary: "A show's plan; never changes under its hash",
            answer: (200, "Layout"),
            tagged: true,
            ..doc
        }),
        Route::new(Method::GET, "/api/v1/shows/{id}/snapshot", Deed::Browse, snapshot).doc(Doc {
            summary: "Every seat as one character, with counts; 304 while nothing changed",
            answer: (200, "Snapshot"),
            refusals: HERE,
            tagged: true,
            ..doc
        }),
        Route::new(Method::GET, "/api/v1/shows/{id}/stats", Deed::Browse, stats).doc(Doc {
            summary: "How many seats are what",
            answer: (200, "ShowStats"),
            refusals: HERE,
            ..doc
        }),
        Route::new(Method::GET, "/api/v1/shows/{id}/seats", Deed::Browse, rows).doc(Doc {
            summary: "Every seat as a row, with its price and whether it is the asker's",
            query: &[("holder", "staff: whether it is this holder's", Text)],
            answer: (200, "SeatList"),
            refusals: &["not_found", "show_closed", "not_allowed"],
            ..doc
        }),
        Route::new(Method::GET, "/api/v1/shows/{id}/seats/{*label}", Deed::Browse, why).doc(Doc {
            summary: "Why a seat is as it is; staff also see who has it",
            answer: (200, "Seat"),
            refusals: &["not_found", "show_closed", "unknown_seat"],
            ..doc
        }),
        Route::new(Method::POST, "/api/v1/shows/{id}/blocks", Deed::Block, block).doc(Doc {
            summary: "Take seats off sale",
            body: Some("NewBlock"),
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
            ],
            ..doc
        }),
        Route::new(Method::DELETE, "/api/v1/shows/{id}/blocks", Deed::Block, unblock).doc(Doc {
            summary: "Put seats on sale again",
            query: &[("seats", "labels, with commas between", Text)],
            answer: (200, "Hold"),
            refusals: &["not_found", "key_reused", "show_cancelled", "show_closed", "unknown_seat"],
            ..doc
        }),
    ]
}

async fn layout(ask: Ask) -> Handled {
    let id: ShowId = ask.param("id", What::Show)?;
    let hash: LayoutHash = ask.param("hash", What::Layout)?;
    let tag = hash.to_string();
    let kept = "public, max-age=31536000, immutable";
    let find = move |engine: &seatcore::Engine| {
        let show = engine.show(id)?;
        let own = show.opening.layout == hash;
        if own { engine.layout(hash).map(Some) } else { Ok(None) }
    };
    let found = ask.engine(find).await?;
    let layout = found.ok_or_else(|| Refusal::not_found(What::Layout))?;
    if has_version(&ask.head.headers, &tag) {
        return Ok(Answer::unchanged_text(&tag).kept(kept));
    }
    let answer = Answer::ok(&LayoutView::of(&layout));
    Ok(answer.with(hyper::header::ETAG, &format!("W/\"{tag}\"")).kept(kept).public())
}

async fn snapshot(ask: Ask) -> Handled {
    let id: ShowId = ask.param("id", What::Show)?;
    ask.query()?.finish()?;
    let snapshot = ask.app.engine.ask_seat_map(id).await?;
    Ok(ask.app.boards.of(snapshot).answer(&ask.head.headers))
}

async fn stats(ask: Ask) -> Handled {
    #[derive(Serialize)]
    struct View {
        show: ShowId,
        #[serde(flatten)]
        stats: seatcore::Stats,
        seq: u64,
    }
    let show: ShowId = ask.param("id", What::Show)?;
    let snapshot = ask.app.engine.ask_seat_map(show).await?;
    Ok(Answer::ok(&View { show, stats: snapshot.stats, seq: snapshot.seq })
        .kept("public, no-cache"))
}

async fn rows(ask: Ask) -> Handled {
    let show: ShowId = ask.param("id", What::Show)?;
    let mut query = ask.query()?;
    let holder = query.text("holder");
    query.finish()?;
    let asker = match holder {
        Some(holder) => whose(&ask, Some(holder))?,
        None => ask.identity.principal.holder(),
    };
    let list = move |engine: &seatcore::Engine| {
        // Read first: the rows are at least as new as this number says.
        let seq = engine.seat_map(show)?.seq;
        Ok(SeatsView { data: engine.seats(show, asker.as_ref())?, next: None, seq })
    };
    Ok(Answer::ok(&ask.engine(list).await?))
}

async fn why(ask: Ask) -> Handled {
    let show: ShowId = ask.param("id", What::Show)?;
    let label = ask.text_param("label").unwrap_or_default();
    let asker = ask.identity.principal.holder();
    let found = ask.app.engine.ask_why(show, vec![label], asker).await?;
    let Why { row, hold, .. } = found.into_iter().next().ok_or_else(Refusal::internal)?;
    let seq = ask.app.engine.ask_seat_map(show).await?.seq;
    let sees = ask.identity.is_staff() || row.mine;
    Ok(Answer::ok(&WhyView { row, hold: hold.filter(|_| sees), seq }))
}

async fn block(ask: Ask) -> Handled {
    let show: ShowId = ask.param("id", What::Show)?;
    let mut fields = ask.fields()?;
    let seats = fields.required("seats", seat_list);
    let (reason, force) = (owned(&mut fields, "reason"), fields.flag("force"));
    fields.finish()?;
    let mut block = Block::new(show, seats.unwrap_or_default()).source(Source::Http);
    block = block.by(ask.identity.holder()?.as_str());
    if let Some(reason) = reason {
        block = block.reason(reason);
    }
    if force == Some(true) {
        block = block.force();
    }
    if let Some(key) = ask.key()? {
        block = block.key(key);
    }
    let reply = ask.app.engine.block(block);
    ask.outcome(reply, |hold| Answer::json(StatusCode::CREATED, hold), What::Show).await
}

async fn unblock(ask: Ask) -> Handled {
    let show: ShowId = ask.param("id", What::Show)?;
    let mut query = ask.query()?;
    let seats = query.text("seats");
    if seats.is_none() {
        query.wrong("seats", "is missing");
    }
    query.finish()?;
    let seats = seats.unwrap_or_default();
    let mut unblock = Unblock::new(show, seats.split(',')).source(Source::Http);
    unblock = unblock.by(ask.identity.holder()?.as_str());
    if let Some(key) = ask.key()? {
        unblock = unblock.key(key);
    }
    let reply = ask.app.engine.unblock(unblock);
    ask.outcome(reply, Answer::ok, What::Block).await
}
