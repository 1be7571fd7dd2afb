//! Subscriptions: committed events in order, resumable.

use crate::failure::{Trouble, unreadable};
use crate::handle::{Handle, detached};
use crate::shape;
use parking_lot::Mutex;
use pyo3::prelude::*;
use pyo3::types::PyList;
use seatcore::catalogue::layout::Layout;
use seatcore::engine::feed::{self, Cursor, FeedItem, Growth};
use seatcore::wire::ActivityView;
use seatcore::{Engine, ShowId};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// A subscription and the plans that name its seats, until the engine closes.
#[derive(Default)]
pub struct Shelf {
    open: Mutex<Option<Open>>,
}

struct Open {
    feed: feed::Feed,
    layouts: HashMap<ShowId, Arc<Layout>>,
}

impl Shelf {
    /// Lets go of what the engine keeps open for it.
    pub fn clear(&self) {
        drop(self.open.lock().take());
    }
}

/// What a subscription gives: an event, or the show that must be read anew.
enum Given {
    Event(Box<ActivityView>),
    Reset(ShowId),
}

/// A subscription to some shows.
#[pyclass(frozen, module = "seatcore._seatcore")]
pub struct Feed {
    shelf: Arc<Shelf>,
    handle: Arc<Handle>,
}

impl Feed {
    pub fn open(
        py: Python<'_>,
        handle: Arc<Handle>,
        shows: &[ShowId],
        cursor: Option<&str>,
        beginning: bool,
    ) -> Result<Self, Trouble> {
        let cursor: Option<Cursor> =
            cursor.map(str::parse).transpose().map_err(|_| unreadable("after"))?;
        let open = handle.run(py, |engine| subscribe(engine, shows, cursor, beginning))?;
        let shelf = Arc::new(Shelf { open: Mutex::new(Some(open)) });
        handle.keep(&shelf);
        Ok(Self { shelf, handle })
    }

    /// Looks at the subscription, unless it is over.
    fn look<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut Open) -> Result<T, Trouble> + Send,
    ) -> Result<T, Trouble> {
        if self.handle.forked() {
            return Err(Trouble::Forked);
        }
        detached(py, || match self.shelf.open.lock().as_mut() {
            Some(open) => work(open),
            None => Err(Trouble::Closed),
        })
    }
}

#[pymethods]
impl Feed {
    /// Up to `limit` events that are there already.
    fn take<'py>(&self, py: Python<'py>, limit: usize) -> PyResult<Bound<'py, PyList>> {
        let given = self.look(py, |open| open.take(limit))?;
        let list = PyList::empty(py);
        for item in &given {
            list.append(match item {
                Given::Event(event) => shape::event(py, event)?,
                Given::Reset(show) => shape::reset(py, *show)?,
            })?;
        }
        Ok(list)
    }

    /// Waits until the log has grown: `grown`, `quiet` when the time is up, `closed`.
    fn wait(&self, py: Python<'_>, millis: u64) -> Result<&'static str, Trouble> {
        let patience = Duration::from_millis(millis);
        Ok(match self.look(py, |open| Ok(open.feed.growth_within(patience)))? {
            Growth::Grown => "grown",
            Growth::Quiet => "quiet",
            Growth::Closed => "closed",
        })
    }

    /// Goes on behind this event of a show: after a snapshot was read.
    fn set_position(&self, py: Python<'_>, show: i64, seq: u64) -> Result<(), Trouble> {
        let show = crate::command::show_id(show)?;
        self.look(py, |open| {
            open.feed.set_position(show, seq);
            Ok(())
        })
    }

    /// Where it stands.
    fn cursor(&self, py: Python<'_>) -> Result<String, Trouble> {
        self.look(py, |open| Ok(open.feed.cursor().to_string()))
    }

    /// Ends it.
    fn close(&self) {
        if !self.handle.forked() {
            self.shelf.clear();
        }
    }
}

impl Open {
    fn take(&mut self, limit: usize) -> Result<Vec<Given>, Trouble> {
        let mut given = Vec::new();
        while given.len() < limit {
            let next = match self.feed.try_next() {
                // What was taken before is given first; a fault that stays is met again.
                Err(_) if !given.is_empty() => break,
                next => next?,
            };
            match next {
                None => break,
                Some(FeedItem::Reset(show)) => given.push(Given::Reset(show)),
                Some(FeedItem::Event(event)) => {
                    if let Some(layout) = self.layouts.get(&event.show) {
                        given.push(Given::Event(Box::new(ActivityView::of(event, layout))));
                    }
                }
            }
        }
        Ok(given)
    }
}

fn subscribe(
    engine: &Engine,
    shows: &[ShowId],
    cursor: Option<Cursor>,
    beginning: bool,
) -> Result<Open, Trouble> {
    let feed = match cursor {
        Some(cursor) if shows.is_empty() => engine.feed(cursor)?,
        Some(Cursor { epoch, shows: seen }) => {
            let from = |show: &ShowId| (*show, seen.get(show).copied().unwrap_or(0));
            engine.feed(Cursor { epoch, shows: shows.iter().map(from).collect() })?
        }
        None if beginning => {
            let (epoch, _) = engine.position()?;
            engine.feed(Cursor { epoch, shows: shows.iter().map(|show| (*show, 0)).collect() })?
        }
        None => engine.feed_from_now(shows)?,
    };
    let mut layouts = HashMap::new();
    let mut plans = HashMap::new();
    for show in feed.cursor().shows.keys() {
        let hash = engine.show(*show)?.opening.layout;
        let layout = match plans.get(&hash) {
            Some(layout) => Arc::clone(layout),
            None => Arc::new(engine.layout(hash)?),
        };
        plans.insert(hash, layout.clone());
        layouts.insert(*show, layout);
    }
    Ok(Open { feed, layouts })
}
