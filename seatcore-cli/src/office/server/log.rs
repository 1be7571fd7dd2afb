//! The log of a server: read by record, followed over its stream, added up there.

use super::stream::ServerFeed;
use super::{ServerOffice, with_query};
use crate::office::{Answer, Catalogue, Days, Feed, Log, Read};
use seatcore::ShowId;
use seatcore::catalogue::show::ShowFilter;
use seatcore::engine::reports::{Grouping, Occupancy, Popularity, Revenue};
use seatcore::wire::ActivityView;
use serde::de::DeserializeOwned;

/// Events on one page: the most that a server gives.
const PAGE: usize = 500;
/// Shows of one stream: the most that a server takes.
const SHOWS_MAX: usize = 64;

impl ServerOffice {
    fn report<T: DeserializeOwned>(
        &self,
        name: &str,
        days: &Days,
        extra: (&str, String),
    ) -> Answer<T> {
        let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string());
        let (key, value) = extra;
        let parts =
            [(key, Some(value)), ("from", day(days.period.from)), ("to", day(days.period.to))];
        self.client.get(&with_query(&format!("/api/v1/reports/{name}"), parts))
    }

    fn activity(&self, parts: [(&str, Option<String>); 4]) -> Answer<super::Page<ActivityView>> {
        self.client.get(&with_query("/api/v1/activity", parts))
    }
}

impl Log for ServerOffice {
    fn newest(&self, show: Option<ShowId>, limit: usize) -> Answer<Read> {
        // Read first: what comes while the pages are read is told by whoever reads on.
        let last =
            self.activity([("limit", Some("1".into())), ("", None), ("", None), ("", None)])?;
        let to = last.data.first().map_or(0, |event| event.n);
        let mut events: Vec<ActivityView> = self.pages(limit, PAGE, |cursor, wanted| {
            let show = show.map(|show| show.to_string());
            let parts = [("show", show), ("limit", Some(wanted.to_string())), ("cursor", cursor)];
            with_query("/api/v1/activity", parts)
        })?;
        events.retain(|event| event.n <= to);
        events.reverse();
        Ok(Read { events, to })
    }

    /// All shows are read, and those not wanted left out here: then it is known how far was read. A
    /// page may have few events or none while `next` leads on.
    fn behind(&self, show: Option<ShowId>, after: u64, limit: usize) -> Answer<Read> {
        if let Some(show) = show {
            self.show(show)?;
        }
        let mut read = Read { events: Vec::new(), to: after };
        while read.events.len() < limit {
            let (after, wanted) = (Some(read.to.to_string()), Some(PAGE.to_string()));
            let page =
                self.activity([("after", after), ("limit", wanted), ("", None), ("", None)])?;
            let next = page.next.and_then(|next| next.parse().ok());
            let ends = next.is_none() && page.data.len() < PAGE;
            for event in page.data {
                read.to = event.n;
                read.events.extend(Some(event).filter(|e| show.is_none_or(|show| show == e.show)));
                if read.events.len() == limit {
                    return Ok(read);
                }
            }
            if ends {
                break;
            }
            read.to = next.unwrap_or(read.to);
        }
        Ok(read)
    }

    fn feed(&self, shows: &[ShowId]) -> Answer<Box<dyn Feed>> {
        let mut shows = shows.to_vec();
        if shows.is_empty() {
            let filter = ShowFilter { from: Some(self.now()), ..ShowFilter::default() };
            shows = self.shows(filter)?.iter().map(|show| show.id).take(SHOWS_MAX).collect();
        }
        Ok(Box::new(ServerFeed::open(&self.client, &shows)?))
    }

    fn revenue(&self, by: Grouping, days: &Days) -> Answer<Revenue> {
        self.report("revenue", days, ("by", by.as_str().to_owned()))
    }

    fn occupancy(&self, by: Grouping, days: &Days) -> Answer<Occupancy> {
        self.report("occupancy", days, ("by", by.as_str().to_owned()))
    }

    fn popular(&self, days: &Days, limit: u32) -> Answer<Popularity> {
        self.report("popular", days, ("limit", limit.to_string()))
    }
}
