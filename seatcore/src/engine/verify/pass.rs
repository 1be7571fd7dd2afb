//! One pass over the log: records folded in the order they were written, then all that is kept.

use super::compare::{Beside, Compared};
use super::fold::Folded;
use super::{FINDINGS_MAX, Finding, Report, Scope, Stopped, compare, mark};
use crate::catalogue::layout::Layout;
use crate::clock::Timestamp;
use crate::error::Error;
use crate::house::House;
use crate::house::event::archive::Archive;
use crate::house::event::{ChainHash, FILE_SHOW, Fact, N, Record, Seq, chain_hash};
use crate::id::{LayoutHash, ShowId};
use crate::store::{FileState, KeptFolds, KeptRows, LogVisitor, Mark, Tables, Verified};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Records of one show read at once, along their links.
const CHAIN_RECORDS: usize = 4_096;
const CHECKPOINT_OF_NOTHING: &str = "a checkpoint names a record that is not there";

pub(super) struct Pass<'t> {
    tables: &'t dyn Tables,
    scope: Scope,
    /// Records folded so far, for whoever watches.
    seen: &'t AtomicU64,
    pub(super) report: Report,
    shows: FxHashMap<ShowId, Folded>,
    layouts: HashMap<LayoutHash, Arc<Layout>>,
    /// Shows of which a contradiction is known: one finding each is enough.
    broken: HashSet<ShowId>,
    /// What shows were that an earlier run verified.
    before: FxHashMap<u32, Mark>,
    verified_to: N,
    /// Checkpoints of before: of which record, and a hash.
    kept: HashMap<ShowId, (N, [u8; 16])>,
    last: N,
    /// Stretches of numbers that no record has.
    gaps: Vec<(N, N)>,
    /// How many records archives have taken, of those that this pass has not read.
    archived: u64,
    file: FileChain,
    /// A read that failed: then nothing is known, which is no finding.
    pub(super) fault: Option<Error>,
    /// Where the log and the tables stood at the end.
    end: Option<(N, N)>,
    /// Of every show that was folded.
    marks: Vec<Mark>,
}

/// The chain of records about the file.
#[derive(Debug, Clone, Copy, Default)]
struct FileChain {
    n: N,
    seq: Seq,
    hash: ChainHash,
    records: u64,
}

impl<'t> Pass<'t> {
    /// A pass that begins behind what was verified before.
    pub(super) fn behind(
        tables: &'t dyn Tables,
        scope: Scope,
        seen: &'t AtomicU64,
        before: Verified,
    ) -> Result<Self, Error> {
        let mut pass = Self {
            tables,
            scope,
            seen,
            report: Report::default(),
            shows: FxHashMap::default(),
            layouts: HashMap::new(),
            broken: HashSet::new(),
            before: before.marks.into_iter().map(|mark| (mark.show, mark)).collect(),
            verified_to: before.to,
            kept: HashMap::new(),
            last: before.to,
            gaps: Vec::new(),
            archived: 0,
            file: FileChain::default(),
            fault: None,
            end: None,
            marks: Vec::new(),
        };
        pass.resume_file_chain()?;
        Ok(pass)
    }

    /// What a later run need not read again, if this one found nothing and read to the end of a log
    /// that the tables had followed.
    pub(super) fn remembered(&self) -> Option<Verified> {
        let (head, followed_to) = self.end?;
        let whole = !matches!(self.scope, Scope::Show(_)) && self.report.findings.is_empty();
        if !whole || followed_to < head {
            return None;
        }
        let mut marks = self.marks.clone();
        if let FileChain { n: 1.., .. } = self.file {
            let FileChain { n, hash, records, .. } = self.file;
            marks.push(Mark { show: FILE_SHOW, n, hash, records, house: [0; 16], rows: [0; 16] });
        }
        Some(Verified { to: head, marks })
    }

    /// Neither a record nor a row of what it was to look at.
    pub(super) fn saw_nothing(&self) -> bool {
        self.report.shows == 0 && self.report.findings.is_empty()
    }

    fn find(&mut self, show: Option<ShowId>, n: Option<N>, what: String) {
        if self.report.findings.len() < FINDINGS_MAX {
            self.report.findings.push(Finding { show, n, what });
        }
    }

    fn breaks(&mut self, show: ShowId, n: N, what: String) {
        self.broken.insert(show);
        self.find(Some(show), Some(n), what);
    }

    /// What cannot be read is told as it is; what contradicts itself is a finding.
    fn fails(&mut self, show: ShowId, n: N, error: Error) {
        match error {
            Error::Corrupt { .. } => self.breaks(show, n, error.to_string()),
            fault => drop(self.fault.get_or_insert(fault)),
        }
    }

    fn concerns(&self, show: ShowId) -> bool {
        let wanted = !matches!(self.scope, Scope::Show(only) if only != show);
        wanted && !self.broken.contains(&show)
    }

    fn record(&mut self, record: &Record) {
        if let (Some(show), Fact::Archived(archive)) = (record.show_id(), &record.entry.fact) {
            return self.end_of_chain(show, record, archive);
        }
        let Some(show) = record.show_id() else { return self.file_record(record) };
        if !self.concerns(show) {
            return;
        }
        if !self.shows.contains_key(&show)
            && let Some(mark) = self.before.get(&show.get()).copied()
        {
            self.refold(show, mark);
        }
        self.fold(show, record);
    }

    /// In its archive a show is whole; here this record is what is left, also where the others left
    /// while this pass was reading them.
    fn end_of_chain(&mut self, show: ShowId, end: &Record, archive: &Archive) {
        let before = self.before.get(&show.get()).copied().filter(|mark| mark.n == end.prev_n);
        if let (None, Some(mark)) = (self.shows.get(&show), before)
            && self.concerns(show)
            && matches!(self.numbered(end.show, end.prev_n), Ok(Some(_)))
        {
            self.refold(show, mark);
        }
        let read = self.shows.get(&show).map_or(0, |folded| folded.records);
        let whole = self.shows.get(&show).is_some_and(|folded| folded.house.head().n == end.prev_n);
        if whole {
            if self.concerns(show) && read != archive.records {
                self.find(Some(show), Some(end.n), "its archive counts other records".into());
            }
            return self.fold(show, end);
        }
        self.archived += archive.records.saturating_sub(read);
        if !self.concerns(show) {
            return;
        }
        let layout = match self.layout(show, archive.opening.layout) {
            Ok(layout) => layout,
            Err(error) => return self.fails(show, end.n, error),
        };
        self.report.records += 1;
        match House::hollow(show, end, layout) {
            Ok(house) => drop(self.shows.insert(show, Folded::hollow(house))),
            Err(contradiction) => self.breaks(show, end.n, contradiction.to_string()),
        }
    }

    /// Every number has its record, here or in an archive.
    fn compare_gaps(&mut self) {
        let missing: u64 = self.gaps.iter().map(|(first, last)| last - first + 1).sum();
        let exact = matches!(self.scope, Scope::All);
        if missing == self.archived || !exact && missing < self.archived {
            return;
        }
        for (first, last) in std::mem::take(&mut self.gaps) {
            self.find(None, Some(first), format!("records {first} to {last} are missing"));
        }
        if self.archived > 0 {
            let what = format!("{missing} records are missing, and {} archived", self.archived);
            self.find(None, None, what);
        }
    }

    fn fold(&mut self, show: ShowId, record: &Record) {
        if self.broken.contains(&show) || self.fault.is_some() {
            return;
        }
        if let Fact::ShowOpened(opening) = &record.entry.fact
            && !self.shows.contains_key(&show)
        {
            let layout = match self.layout(show, opening.layout) {
                Ok(layout) => layout,
                Err(error) => return self.fails(show, record.n, error),
            };
            self.shows.insert(show, Folded::new(House::empty(show, opening, layout)));
        }
        let Some(folded) = self.shows.get_mut(&show) else {
            return self.breaks(show, record.n, "its log does not begin with its opening".into());
        };
        self.report.records += 1;
        if let Err(contradiction) = folded.fold(record) {
            self.breaks(show, record.n, contradiction.to_string());
        }
    }

    /// A show that was verified before, from its first record up to there; it must come to the same.
    fn refold(&mut self, show: ShowId, before: Mark) {
        let records = match self.chain(show, before.n) {
            Ok(records) => records,
            Err(error) => return self.fails(show, before.n, error),
        };
        for record in records.iter().rev() {
            self.fold(show, record);
            self.compare_kept(show, record.n);
        }
        let house = self.shows.get(&show).map(|folded| mark::house(&folded.house));
        if !self.broken.contains(&show) && house != Some(before.house) {
            self.breaks(show, before.n, "its log is not the one that was verified before".into());
        }
    }

    /// A show's records up to `n`, newest first.
    fn chain(&self, show: ShowId, n: N) -> Result<Vec<Record>, Error> {
        let missing = || Error::corrupt_show(show, format!("record {n} is missing"));
        let mut records = vec![self.numbered(show.get(), n)?.ok_or_else(missing)?];
        while let Some(oldest) = records.last().map(|record| record.n) {
            let older = self.tables.history(show, Some(oldest), 0, CHAIN_RECORDS)?;
            if older.is_empty() {
                break;
            }
            records.extend(older);
        }
        Ok(records)
    }

    fn numbered(&self, show: u32, n: N) -> Result<Option<Record>, Error> {
        let found = self.tables.records(n - 1, 1)?.pop();
        Ok(found.filter(|record| record.n == n && record.show == show))
    }

    fn resume_file_chain(&mut self) -> Result<(), Error> {
        let Some(mark) = self.before.get(&FILE_SHOW).copied() else { return Ok(()) };
        match self.numbered(FILE_SHOW, mark.n)?.filter(|record| record.hash == mark.hash) {
            Some(Record { n, seq, hash, .. }) => {
                let seq = seq.unwrap_or(0);
                self.file = FileChain { n, seq, hash, records: mark.records };
            }
            None => {
                let what = "the file's own record is not the one that was verified before";
                self.find(None, Some(mark.n), what.to_owned());
            }
        }
        Ok(())
    }

    fn file_record(&mut self, record: &Record) {
        self.report.records += 1;
        let (seq, kind) = (Some(self.file.seq + 1), record.entry.fact.kind());
        let hash = chain_hash(&self.file.hash, FILE_SHOW, seq, record.at, kind, &record.body);
        if (record.prev_n, record.seq, record.hash) != (self.file.n, seq, hash) {
            self.find(None, Some(record.n), "the chain of the file's own records breaks".into());
        }
        let (seq, records) = (record.seq.unwrap_or(self.file.seq), self.file.records + 1);
        self.file = FileChain { n: record.n, seq, hash: record.hash, records };
    }

    fn layout(&mut self, show: ShowId, hash: LayoutHash) -> Result<Arc<Layout>, Error> {
        if let Some(layout) = self.layouts.get(&hash) {
            return Ok(layout.clone());
        }
        let missing = || Error::corrupt_show(show, "its layout is missing");
        let layout = Arc::new(self.tables.layout(hash)?.ok_or_else(missing)?);
        self.layouts.insert(hash, layout.clone());
        Ok(layout)
    }

    fn checkpoint(&mut self, show: ShowId, n: N, bytes: &[u8]) {
        if !self.concerns(show) {
            return;
        }
        let same = self.shows.get(&show).is_some_and(|folded| folded.house.to_bytes() == bytes);
        if !same {
            self.find(Some(show), Some(n), "its checkpoint is not the fold of its log".into());
        }
    }

    /// Shows without new records: what they were is what they are, or they are folded again.
    fn settle(&mut self, folds: &mut KeptFolds) {
        let before: BTreeMap<u32, Mark> = std::mem::take(&mut self.before).into_iter().collect();
        for mark in before.into_values() {
            let Some(show) = ShowId::new(mark.show) else { continue };
            if self.shows.contains_key(&show) || self.broken.contains(&show) {
                continue;
            }
            if self.is_settled(show, mark, folds.get_mut(&show)) {
                self.report.skipped += mark.records;
                let rows = folds.remove(&show).unwrap_or_default();
                self.count(
                    show,
                    &rows,
                    rows.sold.iter().flat_map(|(_, bits)| bits).map(ones).sum(),
                );
            } else {
                self.refold(show, mark);
            }
        }
    }

    /// Whether the newest record, the checkpoint if there is one, and every row are what they were.
    fn is_settled(&self, show: ShowId, mark: Mark, rows: Option<&mut KeptRows>) -> bool {
        let newest = self.numbered(show.get(), mark.n).ok().flatten();
        newest.is_some_and(|record| record.hash == mark.hash)
            && self.kept.get(&show).is_none_or(|kept| *kept == (mark.n, mark.house))
            && rows.is_some_and(|rows| {
                compare::in_order(rows);
                mark::rows(rows) == mark.rows
            })
    }

    /// The checkpoint of before, once its show is folded to the record that it is as of.
    fn compare_kept(&mut self, show: ShowId, n: N) {
        let Some((_, hash)) = self.kept.get(&show).filter(|(of, _)| *of == n) else { return };
        let house = self.shows.get(&show).map(|folded| mark::house(&folded.house));
        if house != Some(*hash) && !self.broken.contains(&show) {
            self.find(Some(show), Some(n), "its checkpoint is not the fold of its log".into());
        }
    }

    fn count(&mut self, show: ShowId, rows: &KeptRows, sold: u64) {
        if let Some(reason) = rows.stopped.clone() {
            self.report.stopped.push(Stopped { show, reason });
        }
        self.report.shows += 1;
        self.report.bookings += rows.bookings.len() as u64;
        self.report.tickets += rows.tickets.len() as u64;
        self.report.sold += sold;
    }

    /// Everything that is kept of shows, beside what their logs say.
    fn compare(&mut self, folds: &mut KeptFolds, state: &FileState) {
        for (show, kept) in folds.iter() {
            let house = self.shows.get(show).map(|folded| &folded.house);
            let stats = house.map(|house| house.stats(Timestamp::from_millis(0)));
            self.count(*show, kept, stats.map_or(0, |stats| u64::from(stats.booked)));
        }
        let shows = folds.iter_mut();
        let shows =
            shows.map(|(show, kept)| Beside { show: *show, folded: self.shows.get(show), kept });
        let mut shows: Vec<_> = shows.collect();
        match compare::every(&mut shows, state) {
            Ok(all) => all.into_iter().for_each(|compared| self.note(compared)),
            Err(fault) => drop(self.fault.get_or_insert(fault)),
        }
    }

    fn note(&mut self, Compared { show, differences, mark }: Compared) {
        self.marks.extend(mark);
        for what in differences {
            self.find(Some(show), None, what);
        }
    }
}

impl LogVisitor for Pass<'_> {
    fn checkpoints(&mut self, kept: Vec<(ShowId, N, Vec<u8>)>) {
        self.kept.extend(kept.iter().map(|(show, n, bytes)| (*show, (*n, mark::hash(bytes)))));
    }

    fn segment(&mut self, records: Vec<Record>, checkpoints: Vec<(ShowId, N, Vec<u8>)>) {
        let mut checkpoints = checkpoints;
        checkpoints.sort_unstable_by_key(|(_, n, _)| *n);
        let mut due = checkpoints.into_iter().peekable();
        for record in records {
            if record.n != self.last + 1 {
                self.gaps.push((self.last + 1, record.n - 1));
            }
            self.last = record.n;
            self.record(&record);
            while let Some((show, n, bytes)) = due.next_if(|(_, n, _)| *n <= record.n) {
                if n == record.n {
                    self.checkpoint(show, n, &bytes);
                } else {
                    self.find(Some(show), Some(n), CHECKPOINT_OF_NOTHING.to_owned());
                }
            }
        }
        self.seen.store(self.report.records, Ordering::Relaxed);
        for (show, n, _) in due {
            self.find(Some(show), Some(n), CHECKPOINT_OF_NOTHING.to_owned());
        }
    }

    fn end(&mut self, state: FileState, mut folds: KeptFolds) {
        self.compare_gaps();
        self.settle(&mut folds);
        for show in self.shows.keys() {
            folds.entry(*show).or_default();
        }
        folds.retain(|show, _| self.concerns(*show));
        self.compare(&mut folds, &state);
        if state.followed_to > state.head {
            self.find(None, None, "the tables claim to follow beyond the log's end".into());
        }
        if state.head < self.verified_to {
            let what = format!("the log ends here, and was verified up to {}", self.verified_to);
            self.find(None, Some(state.head), what);
        }
        self.end = Some((state.head, state.followed_to));
    }
}

fn ones(byte: &u8) -> u64 {
    u64::from(byte.count_ones())
}
