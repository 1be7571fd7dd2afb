//! The readers' half: the published copy, from any thread.

use super::Shared;
use super::data::Data;
use crate::catalogue::layout::Layout;
use crate::catalogue::movie::{Movie, Poster};
use crate::catalogue::screen::Screen;
use crate::catalogue::show::{Show, ShowFilter};
use crate::error::{Error, StorageReason};
use crate::house::event::{N, Record, Seq};
use crate::id::{BookingId, LayoutHash, MovieId, ScreenId, ShowId};
use crate::store::{
    BookingFilter, BookingRow, FileState, KeptFolds, LogVisitor, Standing, Tables, Verified,
};
use std::path::Path;
use std::sync::Arc;

/// The readers' half of a [`MemoryStore`](super::MemoryStore).
#[derive(Debug)]
pub struct MemoryTables {
    shared: Arc<Shared>,
}

/// A stretch of the log as of one moment.
struct Segment {
    records: Vec<Record>,
    checkpoints: Vec<(ShowId, N, Vec<u8>)>,
    /// There if the log ended with it.
    end: Option<(FileState, KeptFolds)>,
}

impl MemoryTables {
    pub(super) fn over(shared: &Arc<Shared>) -> Self {
        Self { shared: Arc::clone(shared) }
    }

    pub(super) fn read<T>(&self, ask: impl FnOnce(&Data) -> T) -> Result<T, Error> {
        Ok(ask(&self.shared.published.read()))
    }
}

impl Segment {
    fn of(data: &Data, after: N, size: usize) -> Self {
        let records = data.records_behind(after, size);
        let to = records.last().map_or(after, |record| record.n);
        let end = (to == data.head()).then(|| (data.state(), data.folds()));
        Self { records, checkpoints: data.checkpoints_in(after, to), end }
    }
}

impl Tables for MemoryTables {
    fn state(&self) -> Result<FileState, Error> {
        self.read(Data::state)
    }

    fn movies(&self) -> Result<Vec<Movie>, Error> {
        self.read(Data::movies)
    }

    fn movie(&self, movie: MovieId) -> Result<Option<Movie>, Error> {
        self.read(|data| data.movies.get(&movie).map(|movie| data.illustrated(movie)))
    }

    fn poster(&self, movie: MovieId) -> Result<Option<Poster>, Error> {
        self.read(|data| data.posters.get(&movie).map(|poster| Poster::clone(poster)))
    }

    fn screens(&self) -> Result<Vec<Screen>, Error> {
        self.read(|data| data.screens.values().map(|screen| Screen::clone(screen)).collect())
    }

    fn screen(&self, screen: ScreenId) -> Result<Option<Screen>, Error> {
        self.read(|data| data.screens.get(&screen).map(|screen| Screen::clone(screen)))
    }

    fn layout(&self, hash: LayoutHash) -> Result<Option<Layout>, Error> {
        self.read(|data| data.layout(hash))
    }

    fn shows(&self, filter: &ShowFilter) -> Result<Vec<Show>, Error> {
        self.read(|data| data.shows(filter))
    }

    fn show(&self, show: ShowId) -> Result<Option<Show>, Error> {
        self.read(|data| data.shows.get(&show).map(|show| Show::clone(show)))
    }

    fn standings(&self, shows: &[ShowId]) -> Result<Vec<Standing>, Error> {
        self.read(|data| shows.iter().filter_map(|id| data.standings.get(id)).copied().collect())
    }

    fn bookings(&self, filter: &BookingFilter) -> Result<Vec<BookingRow>, Error> {
        self.read(|data| data.bookings(filter))
    }

    fn booking(&self, booking: BookingId) -> Result<Option<BookingRow>, Error> {
        self.read(|data| data.bookings.get(&booking).map(|row| BookingRow::clone(row)))
    }

    fn ticket(&self, show: ShowId, number: u32) -> Result<Option<BookingRow>, Error> {
        self.read(|data| {
            let booking = data.tickets.get(&(show, number))?;
            data.bookings.get(booking).map(|row| BookingRow::clone(row))
        })
    }

    fn history(
        &self,
        show: ShowId,
        before: Option<N>,
        down_to: Seq,
        limit: usize,
    ) -> Result<Vec<Record>, Error> {
        self.read(|data| data.history(show, before, down_to, limit))?
    }

    fn records(&self, after: N, limit: usize) -> Result<Vec<Record>, Error> {
        self.read(|data| data.records_behind(after, limit))
    }

    fn walk(&self, after: N, size: usize, visitor: &mut dyn LogVisitor) -> Result<(), Error> {
        visitor.checkpoints(self.read(|data| data.checkpoints_in(0, after))?);
        let mut after = after;
        loop {
            // The visitor is called without the lock: it may be slow, and may ask these tables.
            let segment = self.read(|data| Segment::of(data, after, size.max(1)))?;
            after = segment.records.last().map_or(after, |record| record.n);
            if !segment.records.is_empty() {
                visitor.segment(segment.records, segment.checkpoints);
            }
            if let Some((state, folds)) = segment.end {
                visitor.end(state, folds);
                return Ok(());
            }
        }
    }

    fn verified(&self) -> Result<Verified, Error> {
        self.read(|data| data.verified.clone())
    }

    fn backup(&self, _to: &Path) -> Result<(), Error> {
        Err(Error::storage(StorageReason::Open, "a memory store has no file to copy"))
    }

    fn check(&self) -> Result<Vec<String>, Error> {
        Ok(Vec::new())
    }
}
