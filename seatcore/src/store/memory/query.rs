//! What both halves ask of the data.

use super::data::Data;
use crate::catalogue::layout::Layout;
use crate::catalogue::movie::Movie;
use crate::catalogue::show::{Show, ShowFilter};
use crate::clock::Timestamp;
use crate::error::Error;
use crate::house::event::{N, Record, Seq};
use crate::id::{BookingId, LayoutHash, ShowId};
use crate::store::{BookingFilter, BookingRow, Fence, FileState, KeptFolds, KeptHouse, rows_of};
use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::Arc;

/// Rows of a list whose caller does not say how many.
const ROWS: u32 = 200;

/// How many rows a list has at most.
fn rows(limit: u32) -> usize {
    (if limit == 0 { ROWS } else { limit }) as usize
}

impl Data {
    /// What a turn finds.
    pub(super) fn fence(&self) -> Fence {
        let last = self.records.values().next_back();
        Fence {
            epoch: self.epoch,
            head: self.head(),
            hash: last.map_or([0; 16], |record| record.hash),
            at: last.map(|record| record.at),
            followed_to: self.counters.followed_to,
            quarantines: self.counters.quarantines,
            archives: self.counters.archives,
        }
    }

    /// What readers know of the file.
    pub(super) fn state(&self) -> FileState {
        FileState {
            epoch: self.epoch,
            head: self.head(),
            followed_to: self.counters.followed_to,
            ticket_key: self.ticket_key,
        }
    }

    /// The newest record's number.
    pub(super) fn head(&self) -> N {
        self.records.keys().next_back().copied().unwrap_or(0)
    }

    /// Record `n`.
    pub(super) fn record(&self, n: N) -> Option<&Arc<Record>> {
        self.records.get(&n)
    }

    /// Records behind `after`, in order.
    pub(super) fn records_behind(&self, after: N, limit: usize) -> Vec<Record> {
        let behind = (Bound::Excluded(after), Bound::Unbounded);
        let records = self.records.range(behind).take(limit);
        records.map(|(_, record)| Record::clone(record)).collect()
    }

    /// A show's records, newest first.
    pub(super) fn history(
        &self,
        show: ShowId,
        before: Option<N>,
        down_to: Seq,
        limit: usize,
    ) -> Result<Vec<Record>, Error> {
        let first = match before {
            Some(before) => self.record(before).map(|record| record.prev_n),
            None => self.standings.get(&show).map(|standing| standing.n),
        };
        let mut n = first.unwrap_or(0);
        // What was before the end of a chain may be in another file.
        let mut ended =
            before.and_then(|n| self.record(n)).is_some_and(|record| record.ends_chain());
        let mut walked = Vec::new();
        while n != 0 && walked.len() < limit {
            let record = self.record(n).filter(|record| record.show == show.get());
            let Some(record) = record else {
                let wrong = Error::corrupt_show(show, format!("record {n} is not this show's"));
                return if ended { Ok(walked) } else { Err(wrong) };
            };
            if record.seq.is_some_and(|seq| seq <= down_to) {
                break;
            }
            (n, ended) = (record.prev_n, record.ends_chain());
            walked.push(Record::clone(record));
        }
        Ok(walked)
    }

    /// What is kept of a show.
    pub(super) fn kept_house(&self, show: ShowId) -> KeptHouse {
        let chunks = self.receipts.get(&show).into_iter().flatten();
        KeptHouse {
            head: self.standings.get(&show).map_or(0, |standing| standing.n),
            checkpoint: self.checkpoints.get(&show).map(|kept| kept.house.clone()),
            receipts: chunks.flat_map(|chunk| chunk.iter().copied()).collect(),
            quarantine: self.quarantine.get(&show).map(|reason| reason.as_ref().to_owned()),
        }
    }

    /// A layout by its hash.
    pub(super) fn layout(&self, hash: LayoutHash) -> Option<Layout> {
        self.layouts.get(&hash).map(|layout| Layout::clone(layout))
    }

    /// Shows with a deadline at `until` or earlier, earliest first.
    pub(super) fn due(&self, until: Timestamp, limit: usize) -> Vec<ShowId> {
        let due = self.expiries.iter().take_while(|(at, _)| *at <= until);
        due.map(|(_, show)| *show).take(limit).collect()
    }

    /// Movies by title.
    pub(super) fn movies(&self) -> Vec<Movie> {
        let mut movies: Vec<_> =
            self.movies.values().map(|movie| self.illustrated(movie)).collect();
        movies.sort_by(|a, b| (&a.title, a.id).cmp(&(&b.title, b.id)));
        movies
    }

    /// A movie that says where its poster is, if it has one.
    pub(super) fn illustrated(&self, movie: &Movie) -> Movie {
        let id = movie.id;
        let there = self.posters.contains_key(&id);
        let poster_url = there.then(|| format!("/api/v1/movies/{id}/poster"));
        Movie { poster_url, ..movie.clone() }
    }

    /// Shows in the order (start, number).
    pub(super) fn shows(&self, filter: &ShowFilter) -> Vec<Show> {
        let after = filter.after.map(|(starts_at, show)| (starts_at, show.get()));
        // No show has number 0, so behind it is every show that starts then.
        let from = filter.from.map(|from| (from, 0)).max(after);
        let places = self
            .programme
            .range((from.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded));
        places
            .take_while(|((starts_at, _), _)| {
                filter.before.is_none_or(|before| *starts_at < before)
            })
            .filter_map(|(_, id)| self.shows.get(id))
            .filter(|show| filter.movie.is_none_or(|movie| show.opening.movie == movie))
            .filter(|show| filter.screen.is_none_or(|screen| show.opening.screen == screen))
            .take(rows(filter.limit))
            .map(|show| Show::clone(show))
            .collect()
    }

    /// Bookings, newest first.
    pub(super) fn bookings(&self, filter: &BookingFilter) -> Vec<BookingRow> {
        let Some(places) = self.narrowest(filter) else { return Vec::new() };
        let end = match filter.before.map(|id| self.bookings.get(&id)) {
            None => Bound::Unbounded,
            Some(Some(row)) => Bound::Excluded((row.n, row.id)),
            // Nothing is older than a booking that never was.
            Some(None) => return Vec::new(),
        };
        let older = places.range((Bound::Unbounded, end)).rev();
        older
            .filter_map(|(_, id)| self.bookings.get(id))
            .filter(|row| filter.show.is_none_or(|show| row.show == show))
            .filter(|row| filter.holder.as_ref().is_none_or(|holder| row.holder == *holder))
            .take(rows(filter.limit))
            .map(|row| BookingRow::clone(row))
            .collect()
    }

    /// The index in which the fewest bookings have to be looked at.
    fn narrowest(&self, filter: &BookingFilter) -> Option<&BTreeSet<(N, BookingId)>> {
        match (&filter.holder, &filter.show) {
            (Some(holder), _) => self.order.by_holder.get(holder),
            (None, Some(show)) => self.order.by_show.get(show),
            (None, None) => Some(&self.order.all),
        }
    }

    /// Checkpoints as of a record behind `after`, up to `to`.
    pub(super) fn checkpoints_in(&self, after: N, to: N) -> Vec<(ShowId, N, Vec<u8>)> {
        let kept = self.checkpoints.iter().filter(|(_, kept)| after < kept.n && kept.n <= to);
        kept.map(|(show, kept)| (*show, kept.n, kept.house.clone())).collect()
    }

    /// Everything that is kept besides records, by show.
    pub(super) fn folds(&self) -> KeptFolds {
        let mut folds = KeptFolds::new();
        for show in self.shows.values() {
            rows_of(&mut folds, show.id).show = Some(Show::clone(show));
        }
        for standing in self.standings.values() {
            rows_of(&mut folds, standing.show).standing = Some(*standing);
        }
        for ((show, chunk), bits) in &self.sold {
            rows_of(&mut folds, *show).sold.push((*chunk, bits.to_vec()));
        }
        for row in self.bookings.values() {
            rows_of(&mut folds, row.show).bookings.push(BookingRow::clone(row));
        }
        for ((show, seat), number) in &self.seats {
            rows_of(&mut folds, *show).tickets.push((*seat, *number));
        }
        for (show, kept) in &self.checkpoints {
            rows_of(&mut folds, *show).checkpoint = Some(kept.n);
        }
        for (show, chunks) in &self.receipts {
            rows_of(&mut folds, *show)
                .receipts
                .extend(chunks.iter().flat_map(|chunk| chunk.iter().copied()));
        }
        for (show, reason) in &self.quarantine {
            rows_of(&mut folds, *show).stopped = Some(reason.as_ref().to_owned());
        }
        folds
    }
}
