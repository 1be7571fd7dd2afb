//! The readers' half: committed rows, through a pool of connections that cannot write.

use crate::catalogue::layout::Layout;
use crate::catalogue::movie::{Movie, Poster};
use crate::catalogue::screen::Screen;
use crate::catalogue::show::{Opening, Show, ShowFilter};
use crate::clock::Timestamp;
use crate::error::{BusyReason, Error, StorageReason};
use crate::house::event::codec::{Reader, decode_opening};
use crate::house::event::{N, Record, Seq};
use crate::house::hold::HoldState;
use crate::id::{BookingId, HoldId, Holder, LayoutHash, MovieId, ScreenId, ShowId, TicketKey};
use crate::store::sqlite::inode::Inode;
use crate::store::sqlite::open;
use crate::store::sqlite::read_only::ReadOnlyFile;
use crate::store::sqlite::rows::{
    self, read_record, read_standing, records_after, show_id, standing_columns,
};
use crate::store::sqlite::statement::{all, all_checked, one, run};
use crate::store::{BookingFilter, BookingRow, FileState, LogVisitor, Standing, Tables, Verified};
use folds::Checkpoints;
use r2d2::{Pool, PooledConnection};
use r2d2_sqlite::SqliteConnectionManager;
use rusqlite::{Connection, OpenFlags, Row};
use scheduled_thread_pool::{OnPoolDropBehavior, ScheduledThreadPool};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub(super) mod backup;
pub(super) mod folds;
mod walk;

/// Readers at once: more than cores help nobody.
const READERS_MAX: u32 = 8;
/// How long a reader waits for a connection.
const READER_PATIENCE: Duration = Duration::from_secs(2);
/// A page when the caller names no limit.
const PAGE: u32 = 200;

const SHOWS: &str = "SELECT id, cancelled, opening, archived FROM show
     WHERE (?1 IS NULL OR movie = ?1) AND (?2 IS NULL OR screen = ?2)
       AND starts_at >= ?3 AND starts_at < ?4 AND (starts_at, id) > (?5, ?6)
     ORDER BY starts_at, id LIMIT ?7";
const BOOKING_COLUMNS_SQL: &str =
    "SELECT n, id, show, holder, state, booked_at, total_minor, reference, first_ticket, seats, seq
     FROM booking WHERE id = ?1";
const BOOKINGS_ALL: &str =
    "SELECT n, id, show, holder, state, booked_at, total_minor, reference, first_ticket, seats, seq
     FROM booking WHERE n < ?1 ORDER BY n DESC LIMIT ?2";
const BOOKINGS_OF_HOLDER: &str =
    "SELECT n, id, show, holder, state, booked_at, total_minor, reference, first_ticket, seats, seq
     FROM booking WHERE n < ?1 AND holder = ?3 AND (?4 IS NULL OR show = ?4)
     ORDER BY n DESC LIMIT ?2";
const BOOKINGS_OF_SHOW: &str =
    "SELECT n, id, show, holder, state, booked_at, total_minor, reference, first_ticket, seats, seq
     FROM booking WHERE show = ?3 AND n < ?1 ORDER BY first_ticket DESC LIMIT ?2";
const BOOKING_OF_TICKET: &str =
    "SELECT n, id, show, holder, state, booked_at, total_minor, reference, first_ticket, seats, seq
     FROM booking WHERE show = ?1 AND first_ticket <= ?2 ORDER BY first_ticket DESC LIMIT 1";

/// The threads that open connections. They end with the pool, at once: a process that closed its
/// engines may fork.
fn openers() -> ScheduledThreadPool {
    ScheduledThreadPool::builder()
        .num_threads(3)
        .thread_name_pattern("seatcore-pool-{}")
        .on_drop_behavior(OnPoolDropBehavior::DiscardPendingScheduled)
        .build()
}

macro_rules! movies {
    () => {
        "SELECT movie.id, title, minutes, description, poster.movie IS NOT NULL
         FROM movie LEFT JOIN poster ON poster.movie = movie.id"
    };
}

macro_rules! screens {
    () => {
        "SELECT screen.id, name, layout.seats, screen.layout, tz, cleaning_s
         FROM screen JOIN layout ON layout.hash = screen.layout"
    };
}

/// Readers of one file.
#[derive(Debug)]
pub(super) struct SqliteTables {
    pool: Pool<SqliteConnectionManager>,
    /// As SQLite is asked for it.
    name: PathBuf,
    /// Which file it was, and under which name.
    inode: (Inode, PathBuf),
    /// What must stay as it is while it is read without locks.
    only_read: Option<ReadOnlyFile>,
}

impl SqliteTables {
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Self::pooled(path, path.to_path_buf(), flags, None)
    }

    /// Readers of a file that is only read.
    pub(super) fn read_only(file: &ReadOnlyFile) -> Result<Self, Error> {
        Self::pooled(file.path(), file.name(), ReadOnlyFile::flags(), Some(file.clone()))
    }

    fn pooled(
        path: &Path,
        name: PathBuf,
        flags: OpenFlags,
        only_read: Option<ReadOnlyFile>,
    ) -> Result<Self, Error> {
        let manager = SqliteConnectionManager::file(&name)
            .with_flags(flags)
            .with_init(|connection| open::make_reader(connection));
        let pool = Pool::builder()
            .max_size(READERS_MAX)
            .min_idle(Some(0))
            .max_lifetime(None)
            .test_on_check_out(false)
            .connection_timeout(READER_PATIENCE)
            .thread_pool(Arc::new(openers()))
            .build(manager)
            .map_err(|error| Error::storage(StorageReason::Open, error))?;
        let inode = (Inode::of(path), path.to_path_buf());
        Ok(Self { pool, name, inode, only_read })
    }

    pub(super) fn reader(&self) -> Result<PooledConnection<SqliteConnectionManager>, Error> {
        self.require_still()?;
        let reader = self
            .pool
            .get()
            .map_err(|_| Error::Busy { reason: BusyReason::Lock, retry_after: READER_PATIENCE })?;
        // Only now: connections are opened as they are needed, by name.
        self.require_same()?;
        Ok(reader)
    }

    /// Fails if the file was removed, or its name is another's by now.
    fn require_same(&self) -> Result<(), Error> {
        let (inode, path) = &self.inode;
        inode.require_at(path)
    }

    /// What nobody writes must be what it was.
    fn require_still(&self) -> Result<(), Error> {
        self.only_read.as_ref().map_or(Ok(()), ReadOnlyFile::require_still)
    }

    /// Runs several statements on the file as it is at one moment.
    fn at_one_moment<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        at_one_moment(&*self.reader()?, work)
    }
}

/// Runs several statements of one connection on the file as it is at one moment.
fn at_one_moment<T>(
    reader: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, Error>,
) -> Result<T, Error> {
    run(reader, "BEGIN", [])?;
    let done = work(reader);
    run(reader, "COMMIT", [])?;
    done
}

impl Tables for SqliteTables {
    fn state(&self) -> Result<FileState, Error> {
        self.at_one_moment(file_state)
    }

    fn movies(&self) -> Result<Vec<Movie>, Error> {
        const MOVIES: &str = concat!(movies!(), " ORDER BY title, movie.id");
        all_checked(&*self.reader()?, MOVIES, [], read_movie)
    }

    fn movie(&self, movie: MovieId) -> Result<Option<Movie>, Error> {
        const MOVIE: &str = concat!(movies!(), " WHERE movie.id = ?1");
        one(&*self.reader()?, MOVIE, [movie.get()], read_movie)?.transpose()
    }

    fn poster(&self, movie: MovieId) -> Result<Option<Poster>, Error> {
        let sql = "SELECT bytes FROM poster WHERE movie = ?1";
        let bytes = one(&*self.reader()?, sql, [movie.get()], |row| row.get(0))?;
        let wrong = |_| Error::corrupt(format!("the poster of movie {movie} is no image"));
        bytes.map(|bytes| Poster::new(bytes).map_err(wrong)).transpose()
    }

    fn screens(&self) -> Result<Vec<Screen>, Error> {
        const SCREENS: &str = concat!(screens!(), " ORDER BY screen.id");
        all_checked(&*self.reader()?, SCREENS, [], read_screen)
    }

    fn screen(&self, screen: ScreenId) -> Result<Option<Screen>, Error> {
        const SCREEN: &str = concat!(screens!(), " WHERE screen.id = ?1");
        one(&*self.reader()?, SCREEN, [screen.get()], read_screen)?.transpose()
    }

    fn layout(&self, hash: LayoutHash) -> Result<Option<Layout>, Error> {
        rows::layout(&*self.reader()?, hash)
    }

    fn shows(&self, filter: &ShowFilter) -> Result<Vec<Show>, Error> {
        let (after_start, after_id) =
            filter.after.map_or((i64::MIN, 0), |(at, show)| (at.millis(), show.get()));
        let narrowed = (
            filter.movie.map(MovieId::get),
            filter.screen.map(ScreenId::get),
            filter.from.map_or(i64::MIN, Timestamp::millis),
            filter.before.map_or(i64::MAX, Timestamp::millis),
            after_start,
            after_id,
            page(filter.limit),
        );
        all_checked(&*self.reader()?, SHOWS, narrowed, read_show)
    }

    fn show(&self, show: ShowId) -> Result<Option<Show>, Error> {
        let sql = "SELECT id, cancelled, opening, archived FROM show WHERE id = ?1";
        one(&*self.reader()?, sql, [show.get()], read_show)?.transpose()
    }

    fn standings(&self, shows: &[ShowId]) -> Result<Vec<Standing>, Error> {
        const SQL: &str = concat!("SELECT ", standing_columns!(), " FROM standing WHERE show = ?1");
        self.at_one_moment(|reader| {
            let mut found = Vec::with_capacity(shows.len());
            for show in shows {
                found.extend(one(reader, SQL, [show.get()], read_standing)?.transpose()?);
            }
            Ok(found)
        })
    }

    fn bookings(&self, filter: &BookingFilter) -> Result<Vec<BookingRow>, Error> {
        let before = match filter.before {
            None => i64::MAX,
            Some(booking) => match self.booking(booking)? {
                None => return Ok(Vec::new()),
                Some(row) => row.n as i64,
            },
        };
        let (limit, show) = (page(filter.limit), filter.show.map(ShowId::get));
        // Not before the lookup above: whoever waits for a second connection must not keep a first.
        let reader = self.reader()?;
        match (&filter.holder, show) {
            (Some(holder), show) => {
                let narrowed = (before, limit, holder.as_str(), show);
                all_checked(&reader, BOOKINGS_OF_HOLDER, narrowed, read_booking)
            }
            (None, Some(show)) => {
                all_checked(&reader, BOOKINGS_OF_SHOW, (before, limit, show), read_booking)
            }
            (None, None) => all_checked(&reader, BOOKINGS_ALL, (before, limit), read_booking),
        }
    }

    fn booking(&self, booking: BookingId) -> Result<Option<BookingRow>, Error> {
        let id = booking.hold().bits().to_be_bytes();
        one(&*self.reader()?, BOOKING_COLUMNS_SQL, [&id[..]], read_booking)?.transpose()
    }

    fn ticket(&self, show: ShowId, number: u32) -> Result<Option<BookingRow>, Error> {
        let key = (show.get(), number);
        let row = one(&*self.reader()?, BOOKING_OF_TICKET, key, read_booking)?.transpose()?;
        Ok(row.filter(|row| number - row.first_ticket < row.seats.len() as u32))
    }

    fn history(
        &self,
        show: ShowId,
        before: Option<N>,
        down_to: Seq,
        limit: usize,
    ) -> Result<Vec<Record>, Error> {
        self.at_one_moment(|reader| walk_back(reader, show, before, down_to, limit))
    }

    fn records(&self, after: N, limit: usize) -> Result<Vec<Record>, Error> {
        records_after(&*self.reader()?, after, limit)
    }

    fn walk(&self, after: N, size: usize, visitor: &mut dyn LogVisitor) -> Result<(), Error> {
        if after > 0 {
            let before = |reader: &Connection| Checkpoints::default().between(reader, 0, after);
            visitor.checkpoints(self.at_one_moment(before)?);
        }
        self.walk_log(after, size, visitor)
    }

    fn verified(&self) -> Result<Verified, Error> {
        self.at_one_moment(folds::verified)
    }

    fn backup(&self, to: &Path) -> Result<(), Error> {
        backup::copy(&self.name, to, || self.require_same())
    }

    fn check(&self) -> Result<Vec<String>, Error> {
        let found =
            all(&*self.reader()?, "PRAGMA integrity_check", [], |row| row.get::<_, String>(0))?;
        Ok(found.into_iter().filter(|line| line != "ok").collect())
    }
}

pub(super) fn page(limit: u32) -> u32 {
    if limit == 0 { PAGE } else { limit }
}

fn file_state(reader: &Connection) -> Result<FileState, Error> {
    let fence = rows::fence(reader)?;
    let key = one(reader, "SELECT ticket_key FROM meta", [], |row| row.get::<_, [u8; 32]>(0))?;
    let ticket_key = TicketKey::new(key.ok_or_else(|| Error::corrupt("the meta row is missing"))?);
    Ok(FileState {
        epoch: fence.epoch,
        head: fence.head,
        followed_to: fence.followed_to,
        ticket_key,
    })
}

/// Newest first along the links, a point lookup each.
fn walk_back(
    reader: &Connection,
    show: ShowId,
    before: Option<N>,
    down_to: Seq,
    limit: usize,
) -> Result<Vec<Record>, Error> {
    let record = |n: N| -> Result<Option<Record>, Error> {
        one(reader, rows::RECORD, [n as i64], |row| Ok(read_record(row)))?.transpose()
    };
    let last = before.map(record).transpose()?.flatten();
    let mut n = match before {
        Some(_) => last.as_ref().map_or(0, |record| record.prev_n),
        None => rows::head_of(reader, show)?,
    };
    // What was before the end of a chain may be in another file.
    let mut ended = last.is_some_and(|record| record.ends_chain());
    let mut walked = Vec::new();
    while n != 0 && walked.len() < limit {
        let Some(found) = record(n)? else {
            let missing = Error::corrupt_show(show, format!("record {n} is missing"));
            return if ended { Ok(walked) } else { Err(missing) };
        };
        if found.show != show.get() {
            return Err(Error::corrupt_show(show, format!("record {n} is another show's")));
        }
        if found.seq.is_some_and(|seq| seq <= down_to) {
            break;
        }
        (n, ended) = (found.prev_n, found.ends_chain());
        walked.push(found);
    }
    Ok(walked)
}

fn read_movie(row: &Row<'_>) -> rusqlite::Result<Result<Movie, Error>> {
    let (title, minutes, description) = (row.get(1)?, row.get(2)?, row.get(3)?);
    let poster: bool = row.get(4)?;
    let id = MovieId::new(row.get(0)?).ok_or_else(|| Error::corrupt("a movie has number 0"));
    Ok(id.map(|id| {
        let poster_url = poster.then(|| format!("/api/v1/movies/{id}/poster"));
        Movie { id, title, minutes, description, poster_url }
    }))
}

fn read_screen(row: &Row<'_>) -> rusqlite::Result<Result<Screen, Error>> {
    let (name, seats, layout) = (row.get(1)?, row.get(2)?, LayoutHash(row.get(3)?));
    let (tz, cleaning_s) = (row.get(4)?, row.get(5)?);
    let id = ScreenId::new(row.get(0)?).ok_or_else(|| Error::corrupt("a screen has number 0"));
    Ok(id.map(|id| Screen { id, name, seats, layout, tz, cleaning_s }))
}

fn read_show(row: &Row<'_>) -> rusqlite::Result<Result<Show, Error>> {
    let (cancelled, bytes, archived): (_, Vec<u8>, _) = (row.get(1)?, row.get(2)?, row.get(3)?);
    let id = show_id(row.get(0)?);
    Ok(id.and_then(|id| Ok(Show { id, opening: read_opening(id, &bytes)?, cancelled, archived })))
}

/// A show's row as what it was opened with and changed to since.
pub(super) fn read_opening(show: ShowId, bytes: &[u8]) -> Result<Opening, Error> {
    let wrong = |_| Error::corrupt_show(show, "the show's row cannot be read");
    decode_opening(&mut Reader::new(bytes)).map_err(wrong)
}

fn read_booking(row: &Row<'_>) -> rusqlite::Result<Result<BookingRow, Error>> {
    let (n, id, show): (i64, [u8; 16], i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let (holder, state): (String, u8) = (row.get(3)?, row.get(4)?);
    let (booked_at, total_minor, reference) = (row.get(5)?, row.get(6)?, row.get(7)?);
    let (first_ticket, seats, seq): (u32, Vec<u8>, i64) = (row.get(8)?, row.get(9)?, row.get(10)?);
    let wrong = || Error::corrupt(format!("the row of booking {n} cannot be read"));
    let read = || {
        Ok(BookingRow {
            n: n as N,
            id: HoldId::from_bits(u128::from_be_bytes(id)).into(),
            show: show_id(show)?,
            holder: Holder::parse(&holder).map_err(|_| wrong())?,
            state: HoldState::from_byte(state).ok_or_else(wrong)?,
            booked_at: Timestamp::from_millis(booked_at),
            total_minor,
            reference,
            first_ticket,
            seats: read_seats(&seats).ok_or_else(wrong)?,
            seq: seq as u64,
        })
    };
    Ok(read())
}

fn read_seats(bytes: &[u8]) -> Option<Vec<u32>> {
    let mut from = Reader::new(bytes);
    let mut seats = Vec::new();
    while !from.is_empty() {
        seats.push(from.small().ok()?);
    }
    Some(seats)
}
