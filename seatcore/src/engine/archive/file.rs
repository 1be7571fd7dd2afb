//! The file that a show moves to: written and verified beside all that goes on.

use crate::engine::Engine;
use crate::engine::job::{Job, Order};
use crate::engine::verify::Scope;
use crate::error::{Code, Error, Failure};
use crate::house::Head;
use crate::house::decide;
use crate::house::event::archive::Ledger;
use crate::house::event::{ChainHash, FILE_SHOW, N, Record};
use crate::house::rejection::Rejection;
use crate::id::ShowId;
use crate::store::SOLD_CHUNK_SEATS;
use crate::store::sqlite::archive::{ArchiveFile, Contents};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// How often a show may change while it is copied before that is told.
const ATTEMPTS: u32 = 3;
/// Records looked at together.
const PAGE: usize = 4_096;

/// What was archived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Archived {
    /// The show.
    pub show: ShowId,
    /// The records in the archive, the one that ends the chain included.
    pub records: u64,
}

impl Engine {
    /// Moves a show to a file of its own. It must be over: cancelled, ended, or closed by hand,
    /// and nobody holds seats in it. From then on it is listed here as it ended, its takings stay
    /// in the books, and it refuses everything else with `show_closed`. The file is a database
    /// with that one show, which every question can be put to.
    ///
    /// Everybody else's commands wait while its rows are removed.
    ///
    /// # Errors
    /// `not_found`; `show_closed` if it was archived before; `in_use` if it is not over or somebody
    /// holds seats; `stale` if it changes faster than it can be copied; `busy` if somebody reads in
    /// the unfinished file and does not let go; `storage` if the path exists or the file cannot be
    /// written; `corrupt` if the log contradicts itself.
    pub fn archive(&self, show: ShowId, to: impl AsRef<Path>) -> Result<Archived, Failure> {
        let mut attempts = 1;
        loop {
            match self.try_archive(show, to.as_ref()) {
                Err(Failure::Rejected(Rejection::Stale)) if attempts < ATTEMPTS => attempts += 1,
                done => return done,
            }
        }
    }

    fn try_archive(&self, show: ShowId, to: &Path) -> Result<Archived, Failure> {
        self.sweep().wait()?;
        let (head, sold) = self.may_archive(show)?;
        let has = |hash| self.has_record(show, hash);
        let mut file = ArchiveFile::create(to, &self.contents(show, sold)?, has)?;
        let filled = self.fill(&mut file, show, head).map_err(Failure::from);
        let ledger = filled.and_then(|ledger| require_sound(&file).map(|()| ledger))?;
        let (records, sealed) = (file.records(), file.sealed());
        let order = Order { show, head, records, ledger, shelf: Box::new(file) };
        let done = self.ask_lane(|reply| Job::Archive(Box::new(order), reply)).wait();
        match done {
            Ok(_) => Ok(Archived { show, records: records + 1 }),
            Err(failure) => {
                // The show is still here, unless nobody knows: then the file stays. One that is not
                // ours may be all that is left of the show.
                if failure.code() != Code::OutcomeUnknown && sealed.load(Ordering::Acquire) {
                    drop(std::fs::remove_file(to));
                }
                Err(failure)
            }
        }
    }

    /// Where the show's log stands and which seats are sold, if it is over.
    #[expect(clippy::type_complexity, reason = "chunks as the store has them")]
    fn may_archive(&self, show: ShowId) -> Result<(Head, Vec<(u32, Vec<u8>)>), Failure> {
        let look = move |desk: &mut crate::engine::job::Desk<'_>| {
            let now = desk.now;
            let (house, _) = desk.house(show)?;
            decide::archive(house, now, 0, Ledger::default())?;
            let chunks = house.sold().chunks(SOLD_CHUNK_SEATS as usize / 64);
            let bytes = |words: &[u64]| words.iter().flat_map(|word| word.to_le_bytes()).collect();
            Ok((house.head(), (0..).zip(chunks.map(bytes)).collect()))
        };
        self.ask(look).wait()
    }

    fn contents(&self, show: ShowId, sold: Vec<(u32, Vec<u8>)>) -> Result<Contents, Failure> {
        let show = self.show(show)?;
        let (movie, screen) = (self.movie(show.opening.movie)?, self.screen(show.opening.screen)?);
        let layouts = vec![self.layout(show.opening.layout)?, self.layout(screen.layout)?];
        let poster = self.inner.tables.poster(movie.id)?;
        let ticket_key = self.inner.tables.state()?.ticket_key;
        Ok(Contents { ticket_key, movie, poster, screen, layouts, show, sold })
    }

    /// Copies the show's records up to its head, oldest first; answers its books.
    fn fill(&self, file: &mut ArchiveFile, show: ShowId, head: Head) -> Result<Ledger, Error> {
        let mut numbers = vec![head.n];
        while let Some(oldest) = numbers.last().copied() {
            let older = self.inner.tables.history(show, Some(oldest), 0, PAGE)?;
            if older.is_empty() {
                break;
            }
            numbers.extend(older.iter().map(|record| record.n));
        }
        let mut ledger = Ledger::default();
        let records = numbers.into_iter().rev().map(|n| {
            let record = self.record_of(show, n)?;
            ledger.enter(record.at, &record.entry.fact);
            Ok(record)
        });
        file.add(records)?;
        Ok(ledger)
    }

    /// Whether a show's records have one with this hash.
    fn has_record(&self, show: ShowId, hash: ChainHash) -> Result<bool, Error> {
        let mut before = None;
        loop {
            let records = self.inner.tables.history(show, before, 0, PAGE)?;
            let Some(oldest) = records.last() else { return Ok(false) };
            if records.iter().any(|record| record.hash == hash) {
                return Ok(true);
            }
            before = Some(oldest.n);
        }
    }

    fn record_of(&self, show: ShowId, n: N) -> Result<Record, Error> {
        let found = self.inner.tables.records(n - 1, 1)?.pop();
        let missing = || Error::corrupt_show(show, format!("record {n} is missing"));
        found.filter(|record| record.n == n && record.show != FILE_SHOW).ok_or_else(missing)
    }
}

/// Nothing is removed here before the file was folded from its first record to its last.
fn require_sound(file: &ArchiveFile) -> Result<(), Failure> {
    let engine = Engine::builder().create(false).sweep(false).open(file.path())?;
    engine.follow().wait()?;
    let report = engine.verify_in(Scope::All, &AtomicU64::new(0))?;
    engine.close();
    match report.findings.first() {
        None if report.records == file.records() => Ok(()),
        None => Err(Error::corrupt("the archive has other records than the log").into()),
        Some(finding) => Err(Error::corrupt(&finding.what).into()),
    }
}
