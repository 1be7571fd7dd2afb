//! Activity: the log, as people read it.

use super::shows::next;
use crate::answer::Answer;
use crate::ask::Ask;
use crate::refusal::Refusal;
use crate::route::Written::{Number, Place, UpTo};
use crate::route::{Doc, Handled, Route};
use hyper::Method;
use seatcore::accounts::Deed;
use seatcore::catalogue::layout::Layout;
use seatcore::engine::feed::Activity;
use seatcore::wire::ActivityView;
use seatcore::{Engine, Failure, Rejection, ShowId};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Records read at once.
const WINDOW: u64 = 512;
/// Windows read for one page: notes and other shows' events lie between.
const WINDOWS_MAX: usize = 16;

/// The row of the log.
pub fn routes() -> Vec<Route> {
    vec![Route::new(Method::GET, "/api/v1/activity", Deed::Browse, list).doc(Doc {
        tag: "activity",
        summary: "What happened, newest first; behind `after`, oldest first. Staff see who. \
                  A page may be short, or empty, while `next` leads on",
        query: &[
            ("show", "of this show", Number),
            ("after", "behind this record", Place),
            ("cursor", "where the last page ended", Place),
            ("limit", "1 to 500, else 50", UpTo(500)),
        ],
        answer: (200, "ActivityList"),
        refusals: &["not_found"],
        ..Doc::default()
    })]
}

/// Which part of the log.
#[derive(Clone, Copy)]
struct Part {
    show: Option<ShowId>,
    after: Option<u64>,
    before: Option<u64>,
    limit: usize,
}

async fn list(ask: Ask) -> Handled {
    let mut query = ask.query()?;
    let limit = query.limit(50, 500) as usize;
    let show = query.parsed("show");
    let (after, before) = (query.parsed("after"), query.parsed("cursor"));
    query.finish()?;
    let part = Part { show, after, before, limit };
    // The engine finds out that a cursor is no record of the show: a wrong parameter all the same.
    let read = ask.engine(move |engine| match part.read(engine) {
        Err(Failure::Rejected(Rejection::Invalid { .. })) => Ok(None),
        read => read.map(Some),
    });
    let foreign = || Refusal::field("cursor", "is no record of this show");
    let (mut views, end) = read.await?.ok_or_else(foreign)?;
    if !ask.identity.principal.may(Deed::SeeOthers) {
        views.iter_mut().for_each(anonymous);
    }
    Ok(Answer::list(&views, end.map(|end| next(&ask, end.to_string()))))
}

/// What everybody may see: which seats, not whose.
fn anonymous(view: &mut ActivityView) {
    (view.hold, view.holder, view.actor, view.reason) = (None, None, None, None);
}

/// Events, and where the page ended if the log goes on there.
type Page = (Vec<Activity>, Option<u64>);

impl Part {
    fn read(self, engine: &Engine) -> Result<(Vec<ActivityView>, Option<u64>), Failure> {
        if let Some(show) = self.show {
            engine.show(show)?;
        }
        let (events, end) = match (self.after, self.show) {
            (Some(after), _) => self.forward(engine, after.max(self.before.unwrap_or(0)))?,
            (None, Some(show)) => {
                self.page(engine.history(show, self.before, self.limit + 1)?, None)
            }
            (None, None) => self.backward(engine)?,
        };
        let mut layouts: HashMap<ShowId, Layout> = HashMap::new();
        let mut views = Vec::with_capacity(events.len());
        for event in events {
            let layout = match layouts.entry(event.show) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(place) => {
                    place.insert(engine.layout(engine.show(event.show)?.opening.layout)?)
                }
            };
            views.push(ActivityView::of(event, layout));
        }
        Ok((views, end))
    }

    /// At most `limit` of what was found; `looked_to` is where looking stopped before the log did.
    fn page(self, mut events: Vec<Activity>, looked_to: Option<u64>) -> Page {
        if events.len() <= self.limit {
            return (events, looked_to);
        }
        events.truncate(self.limit);
        let end = events.last().map(|event| event.n);
        (events, end)
    }

    fn wants(self, event: &Activity) -> bool {
        self.show.is_none_or(|show| show == event.show)
    }

    fn forward(self, engine: &Engine, after: u64) -> Result<Page, Failure> {
        let (mut events, mut end) = (Vec::new(), after);
        for _ in 0..WINDOWS_MAX {
            let records = engine.records(end, WINDOW as usize)?;
            let Some(last) = records.last() else { return Ok(self.page(events, None)) };
            end = last.n;
            let wanted = records.iter().filter_map(Activity::of).filter(|event| self.wants(event));
            events.extend(wanted);
            if events.len() > self.limit {
                break;
            }
        }
        Ok(self.page(events, Some(end)))
    }

    /// The log from its end, in windows.
    fn backward(self, engine: &Engine) -> Result<Page, Failure> {
        let (_, head) = engine.position()?;
        let mut end = self.before.map_or(head, |before| before.saturating_sub(1)).min(head);
        let mut events = Vec::new();
        for _ in 0..WINDOWS_MAX {
            let begin = end.saturating_sub(WINDOW);
            let records = engine.records(begin, (end - begin) as usize)?;
            // Where archives took records, the window reaches beyond its end.
            let inside = records.iter().rev().filter(|record| record.n <= end);
            events.extend(inside.filter_map(Activity::of));
            end = begin;
            if events.len() > self.limit || end == 0 {
                break;
            }
        }
        Ok(self.page(events, (end > 0).then_some(end + 1)))
    }
}
