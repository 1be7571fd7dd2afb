//! The log of the file: read, followed, added up.

use super::{FileOffice, every_show};
use crate::error::CliError;
use crate::office::{Answer, Days, Feed, Log, Read};
use crate::reading;
use chrono::NaiveDate;
use chrono_tz::Tz;
use seatcore::catalogue::layout::Layout;
use seatcore::catalogue::show::ShowFilter;
use seatcore::clock::Timestamp;
use seatcore::engine::books::Books;
use seatcore::engine::feed::{Activity, FeedItem};
use seatcore::engine::reports::{Grouping, Occupancy, Popularity, Revenue};
use seatcore::error::Code;
use seatcore::house::seat::SeatState;
use seatcore::wire::ActivityView;
use seatcore::{Engine, ShowId, Snapshot};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::Duration;

/// Records read at once.
const PAGE: usize = 1_000;

impl Log for FileOffice {
    /// Reads back from the end.
    fn newest(&self, show: Option<ShowId>, limit: usize) -> Answer<Read> {
        let mut reader = Reader::of(&self.engine, show)?;
        let (_, head) = self.engine.position()?;
        let mut events: Vec<ActivityView> = Vec::new();
        let mut end = head;
        while events.len() < limit && end > 0 {
            let start = end.saturating_sub(PAGE as u64);
            let records = self.engine.records(start, (end - start) as usize)?;
            for record in records.iter().rev() {
                events.extend(reader.view(Activity::of(record))?);
            }
            end = start;
        }
        events.truncate(limit);
        events.reverse();
        Ok(Read { events, to: head })
    }

    fn behind(&self, show: Option<ShowId>, after: u64, limit: usize) -> Answer<Read> {
        let mut reader = Reader::of(&self.engine, show)?;
        let mut read = Read { events: Vec::new(), to: after };
        while read.events.len() < limit {
            let records = self.engine.records(read.to, PAGE)?;
            if records.is_empty() {
                break;
            }
            for record in &records {
                read.to = record.n;
                read.events.extend(reader.view(Activity::of(record))?);
                if read.events.len() == limit {
                    break;
                }
            }
        }
        Ok(read)
    }

    fn feed(&self, shows: &[ShowId]) -> Answer<Box<dyn Feed>> {
        let shows = match shows {
            // An archived show has no seats here any more, and nothing happens to it.
            [] => every_show(&self.engine, ShowFilter::default())?
                .iter()
                .filter(|row| !row.show.archived)
                .map(|row| row.show.id)
                .collect(),
            some => some.to_vec(),
        };
        let feed = self.engine.feed_from_now(&shows);
        let feed = match shows.as_slice() {
            [only] => self.about(*only, feed)?,
            _ => feed?,
        };
        Ok(Box::new(FileFeed { engine: self.engine.clone(), feed }))
    }

    fn revenue(&self, by: Grouping, days: &Days) -> Answer<Revenue> {
        Ok(Revenue::of(&self.engine, &self.books(days.zone)?, by, days.period)?)
    }

    fn occupancy(&self, by: Grouping, days: &Days) -> Answer<Occupancy> {
        let zone = days.zone;
        let begins = |date: Option<NaiveDate>| reading::at_midnight(date?, zone);
        let span = (begins(days.period.from), begins(days.period.to));
        Ok(Occupancy::of(&self.engine, by, span, |at| day_in(zone, at))?)
    }

    fn popular(&self, days: &Days, limit: u32) -> Answer<Popularity> {
        let books = self.books(days.zone)?;
        Ok(Popularity::of(&self.engine, &books, days.period, limit as usize)?)
    }
}

fn day_in(zone: Tz, at: Timestamp) -> NaiveDate {
    at.to_chrono().with_timezone(&zone).date_naive()
}

impl FileOffice {
    /// Reads the whole log into books.
    fn books(&self, zone: Tz) -> Answer<Books> {
        let mut books = Books::new(move |at| day_in(zone, at));
        books.catch_up(&self.engine)?;
        Ok(books)
    }
}

/// Reads records as events of some shows, with seats by label.
struct Reader<'e> {
    engine: &'e Engine,
    only: Option<ShowId>,
    layouts: HashMap<ShowId, Layout>,
}

impl<'e> Reader<'e> {
    fn of(engine: &'e Engine, only: Option<ShowId>) -> Answer<Self> {
        if let Some(show) = only {
            engine.show(show)?;
        }
        Ok(Self { engine, only, layouts: HashMap::new() })
    }

    fn view(&mut self, event: Option<Activity>) -> Answer<Option<ActivityView>> {
        let wanted = event.filter(|event| self.only.is_none_or(|only| only == event.show));
        let Some(event) = wanted else { return Ok(None) };
        let layout = match self.layouts.entry(event.show) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let hash = self.engine.show(event.show)?.opening.layout;
                new.insert(self.engine.layout(hash)?)
            }
        };
        Ok(Some(ActivityView::of(event, layout)))
    }
}

/// The engine's feed: it also notices what other processes write.
struct FileFeed {
    engine: Engine,
    feed: seatcore::engine::feed::Feed,
}

impl Feed for FileFeed {
    fn next_within(&mut self, patience: Duration) -> Answer<Option<Value>> {
        match self.feed.next_within(patience)? {
            None => Ok(None),
            Some(FeedItem::Event(event)) => changed(&self.engine, &event).map(Some),
            Some(FeedItem::Reset(show)) => {
                let snapshot = self.go_on(show)?;
                Ok(Some(json!({"show": show, "reset": snapshot.seq, "n": snapshot.stats})))
            }
        }
    }

    fn news_within(&mut self, patience: Duration) -> Answer<bool> {
        let mut next = self.feed.next_within(patience)?;
        let some = next.is_some();
        while let Some(item) = next {
            if let FeedItem::Reset(show) = item {
                self.go_on_or_leave(show)?;
            }
            next = self.feed.try_next()?;
        }
        Ok(some)
    }
}

impl FileFeed {
    /// Goes on from where a show stands now.
    fn go_on(&mut self, show: ShowId) -> Answer<Arc<Snapshot>> {
        let snapshot = self.engine.seat_map(show)?;
        self.feed.set_position(show, snapshot.seq);
        Ok(snapshot)
    }

    /// A show that was archived while it was followed has nothing more to tell.
    fn go_on_or_leave(&mut self, show: ShowId) -> Answer<()> {
        match self.go_on(show) {
            Err(error) if error.code() == Code::ShowClosed => self.feed.leave(show),
            went_on => drop(went_on?),
        }
        Ok(())
    }
}

fn changed(engine: &Engine, event: &Activity) -> Result<Value, CliError> {
    let symbol = |state: SeatState| char::from(state.symbol()).to_string();
    let changes: Vec<_> =
        event.changes.iter().map(|(seat, state)| json!([seat.0, symbol(*state)])).collect();
    let stats = engine.stats(event.show)?;
    Ok(json!({"show": event.show, "from": event.seq - 1, "to": event.seq,
              "c": changes, "n": stats}))
}
