//! Verifying: the log is folded again from its first record, and everything that is kept besides
//! it is compared with that fold. On a live database, without stopping anybody.

use crate::catalogue::layout::Layout;
use crate::engine::Engine;
use crate::error::{Error, Failure};
use crate::house::event::KeyTag;
use crate::house::event::{FILE_SHOW, Fact, N, Record, chain_hash};
use crate::house::hold::HoldState;
use crate::house::{House, Receipt};
use crate::id::LayoutHash;
use crate::id::{BookingId, ShowId};
use crate::store::{
    BookingRow, FileState, KeptFolds, LogVisitor, SOLD_CHUNK_SEATS, Standing, Tables,
};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Records read at one moment: a checkpoint of the write-ahead log waits no longer than that.
const SEGMENT_RECORDS: usize = 50_000;
/// Findings that are reported; a file in ruins has as many as it has records.
const FINDINGS_MAX: usize = 1_000;

/// What was looked at, and what contradicts the log.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
#[non_exhaustive]
pub struct Report {
    /// Records folded.
    pub records: u64,
    /// Shows they are about.
    pub shows: u64,
    /// Bookings compared.
    pub bookings: u64,
    /// Valid tickets compared.
    pub tickets: u64,
    /// Sold seats, by the log.
    pub sold: u64,
    /// Contradictions, the first thousand.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether everything agrees.
    pub fn clean(&self) -> bool {
        self.findings.is_empty()
    }
}

/// A contradiction.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// The show; none if it is about the file.
    pub show: Option<ShowId>,
    /// The record, if it is about one.
    pub n: Option<N>,
    /// What contradicts what.
    pub what: String,
}

impl Engine {
    /// The same as [`Engine::verify`], and counts into `seen` how many records were folded: for
    /// those who watch.
    ///
    /// # Errors
    /// As [`Engine::verify`].
    pub fn verify_watched(&self, seen: &AtomicU64) -> Result<Report, Failure> {
        Ok(verify_into(&*self.inner.tables, seen)?)
    }
}

/// Refolds and compares.
pub(crate) fn verify(tables: &dyn Tables) -> Result<Report, Error> {
    verify_into(tables, &AtomicU64::new(0))
}

fn verify_into(tables: &dyn Tables, seen: &AtomicU64) -> Result<Report, Error> {
    let mut verifier = Verifier {
        tables,
        seen,
        report: Report::default(),
        houses: BTreeMap::new(),
        layouts: HashMap::new(),
        broken: HashSet::new(),
        last: 0,
        file: FileChain::default(),
        followed: Follower::default(),
    };
    tables.walk(SEGMENT_RECORDS, &mut verifier)?;
    Ok(verifier.report)
}

struct Verifier<'t> {
    tables: &'t dyn Tables,
    /// Records folded so far, for whoever watches.
    seen: &'t AtomicU64,
    report: Report,
    houses: BTreeMap<ShowId, House>,
    layouts: HashMap<LayoutHash, Arc<Layout>>,
    /// Shows of which a contradiction is known: one finding each is enough.
    broken: HashSet<ShowId>,
    last: N,
    file: FileChain,
    followed: Follower,
}

/// The chain of records about the file.
#[derive(Default)]
struct FileChain {
    n: N,
    seq: u64,
    hash: [u8; 16],
}

/// Bookings and tickets as the log has them, at its end; with the numbers of the records that
/// changed them, so that tables which follow behind can be compared too.
#[derive(Default)]
struct Follower {
    bookings: HashMap<BookingId, BookingRow>,
    /// Cancellations: which record, and which seq it gave the booking.
    cancelled: HashMap<BookingId, (N, u64)>,
}

impl LogVisitor for Verifier<'_> {
    fn segment(&mut self, records: Vec<Record>, checkpoints: Vec<(ShowId, N, Vec<u8>)>) {
        let mut checkpoints: HashMap<N, (ShowId, Vec<u8>)> =
            checkpoints.into_iter().map(|(show, n, bytes)| (n, (show, bytes))).collect();
        for record in records {
            self.report.records += 1;
            if record.n != self.last + 1 {
                let what = format!("records {} to {} are missing", self.last + 1, record.n - 1);
                self.find(None, Some(record.n), what);
            }
            self.last = record.n;
            self.record(&record);
            if let Some((show, bytes)) = checkpoints.remove(&record.n) {
                self.checkpoint(show, record.n, &bytes);
            }
        }
        self.seen.store(self.report.records, Ordering::Relaxed);
        for (n, (show, _)) in checkpoints {
            self.find(Some(show), Some(n), "a checkpoint names a record that is not there".into());
        }
    }

    fn end(&mut self, state: FileState, folds: KeptFolds) {
        self.report.shows = self.houses.len() as u64;
        self.report.sold = self.houses.values().map(|house| ones(house.sold())).sum();
        self.compare_sold(&folds);
        self.compare_bookings(&state, &folds);
        self.compare_tickets(&state, &folds);
        self.compare_standings(&state, &folds.standings);
        self.compare_receipts(&folds.receipts);
        self.compare_shows(&folds);
        if state.followed_to > state.head {
            self.find(None, None, "the tables claim to follow beyond the log's end".into());
        }
    }
}

impl Verifier<'_> {
    fn find(&mut self, show: Option<ShowId>, n: Option<N>, what: String) {
        if self.report.findings.len() < FINDINGS_MAX {
            self.report.findings.push(Finding { show, n, what });
        }
    }

    fn record(&mut self, record: &Record) {
        let Some(show) = record.show_id() else { return self.file_record(record) };
        if self.broken.contains(&show) {
            return;
        }
        if let Fact::ShowOpened(opening) = &record.entry.fact
            && !self.houses.contains_key(&show)
        {
            match self.layout(opening.layout) {
                Some(layout) => {
                    self.houses.insert(show, House::empty(show, opening, layout));
                }
                None => return self.breaks(show, record.n, "its layout is missing".into()),
            }
        }
        let Some(house) = self.houses.get_mut(&show) else {
            return self.breaks(show, record.n, "its log does not begin with its opening".into());
        };
        match house.fold(record) {
            Ok(()) => self.followed.follow(show, record),
            Err(contradiction) => self.breaks(show, record.n, contradiction.to_string()),
        }
    }

    fn breaks(&mut self, show: ShowId, n: N, what: String) {
        self.broken.insert(show);
        self.find(Some(show), Some(n), what);
    }

    fn file_record(&mut self, record: &Record) {
        let (seq, kind) = (Some(self.file.seq + 1), record.entry.fact.kind());
        let hash = chain_hash(&self.file.hash, FILE_SHOW, seq, record.at, kind, &record.body);
        if (record.prev_n, record.seq, record.hash) != (self.file.n, seq, hash) {
            self.find(None, Some(record.n), "the chain of the file's own records breaks".into());
        }
        let seq = record.seq.unwrap_or(self.file.seq);
        self.file = FileChain { n: record.n, seq, hash: record.hash };
    }

    fn layout(&mut self, hash: LayoutHash) -> Option<Arc<Layout>> {
        if let Some(layout) = self.layouts.get(&hash) {
            return Some(layout.clone());
        }
        let layout = Arc::new(self.tables.layout(hash).ok()??);
        self.layouts.insert(hash, layout.clone());
        Some(layout)
    }

    fn checkpoint(&mut self, show: ShowId, n: N, bytes: &[u8]) {
        if self.broken.contains(&show) {
            return;
        }
        let same = self.houses.get(&show).is_some_and(|house| house.to_bytes() == bytes);
        if !same {
            self.find(Some(show), Some(n), "its checkpoint is not the fold of its log".into());
        }
    }

    /// Proof 2 again: the bits in the file are the fold's.
    fn compare_sold(&mut self, folds: &KeptFolds) {
        let mut kept: HashMap<(ShowId, u32), &[u8]> =
            folds.sold.iter().map(|(show, chunk, bits)| ((*show, *chunk), &bits[..])).collect();
        let mut wrong = Vec::new();
        for (show, house) in self.houses.iter().filter(|(show, _)| !self.broken.contains(show)) {
            for (chunk, words) in house.sold().chunks(SOLD_CHUNK_SEATS as usize / 64).enumerate() {
                let folded: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
                let bits = kept.remove(&(*show, chunk as u32)).unwrap_or_default();
                if trimmed(bits) != trimmed(&folded) {
                    wrong.push(*show);
                }
            }
        }
        wrong.extend(
            kept.iter().filter(|(_, bits)| !trimmed(bits).is_empty()).map(|(key, _)| key.0),
        );
        wrong.retain(|show| !self.broken.contains(show));
        for show in wrong {
            self.find(Some(show), None, "its sold bits are not the fold of its log".into());
        }
    }

    fn compare_bookings(&mut self, state: &FileState, folds: &KeptFolds) {
        self.report.bookings = folds.bookings.len() as u64;
        let mut expected = self.followed.as_of(state.followed_to);
        let mut wrong = Vec::new();
        for row in &folds.bookings {
            match expected.remove(&row.id) {
                Some(folded) if folded == *row => {}
                Some(_) => wrong.push((row.show, format!("booking {} differs", row.id))),
                None => wrong.push((row.show, format!("booking {} is not in the log", row.id))),
            }
        }
        wrong.extend(
            expected.values().map(|row| (row.show, format!("booking {} is missing", row.id))),
        );
        self.find_all(wrong);
    }

    /// Proof 3 again: one valid ticket for each sold seat.
    fn compare_tickets(&mut self, state: &FileState, folds: &KeptFolds) {
        self.report.tickets = folds.tickets.len() as u64;
        let mut expected: HashMap<(ShowId, u32), u32> = HashMap::new();
        for row in self.followed.as_of(state.followed_to).into_values() {
            if row.state == HoldState::Booked {
                expected.extend(
                    row.seats.iter().zip(row.first_ticket..).map(|(s, t)| ((row.show, *s), t)),
                );
            }
        }
        let mut wrong = Vec::new();
        for (show, seat, number) in &folds.tickets {
            if expected.remove(&(*show, *seat)) != Some(*number) {
                wrong.push((*show, format!("ticket {number} for seat {seat} is not in the log")));
            }
        }
        wrong.extend(expected.iter().map(|((show, seat), number)| {
            (*show, format!("ticket {number} for seat {seat} is missing"))
        }));
        self.find_all(wrong);
    }

    /// A standing may lie ahead of `followed_to`; at the log's end it must be the house's.
    fn compare_standings(&mut self, state: &FileState, standings: &[Standing]) {
        let mut wrong = Vec::new();
        for standing in standings {
            let Some(house) = self.houses.get(&standing.show) else {
                wrong.push((standing.show, "a standing of a show without a log".to_owned()));
                continue;
            };
            let stats = house.stats(crate::clock::Timestamp::from_millis(0));
            let head = house.head();
            let folded = Standing {
                show: standing.show,
                n: head.n,
                seq: head.seq,
                held: stats.held,
                booked: stats.booked,
                blocked: stats.blocked,
                next_expiry: house.next_expiry(),
            };
            let at_end = standing.n == head.n || state.followed_to >= head.n;
            if at_end && *standing != folded {
                wrong.push((standing.show, "its standing is not the fold of its log".to_owned()));
            }
        }
        self.find_all(wrong);
    }

    fn compare_receipts(&mut self, receipts: &[(ShowId, KeyTag, Receipt)]) {
        let mut wrong = Vec::new();
        for (show, tag, receipt) in receipts {
            let folded = self.houses.get(show).and_then(|house| house.receipt(tag));
            if folded != Some(*receipt) {
                wrong.push((*show, format!("the receipt of record {} differs", receipt.n)));
            }
        }
        self.find_all(wrong);
    }

    fn compare_shows(&mut self, folds: &KeptFolds) {
        let mut wrong = Vec::new();
        for show in &folds.shows {
            let Some(house) = self.houses.get(&show.id) else {
                wrong.push((show.id, "a show without a log".to_owned()));
                continue;
            };
            let same = show.opening.terms == **house.terms()
                && show.opening.layout == house.layout().hash()
                && show.cancelled == house.is_cancelled();
            if !same {
                wrong.push((show.id, "its row is not the fold of its log".to_owned()));
            }
        }
        self.find_all(wrong);
    }

    /// A show whose log is broken has one finding already.
    fn find_all(&mut self, mut wrong: Vec<(ShowId, String)>) {
        wrong.sort();
        for (show, what) in wrong {
            if !self.broken.contains(&show) {
                self.find(Some(show), None, what);
            }
        }
    }
}

impl Follower {
    fn follow(&mut self, show: ShowId, record: &Record) {
        let seq = record.seq.unwrap_or(0);
        match &record.entry.fact {
            Fact::Booked { part, first_ticket, .. } => {
                let row = BookingRow {
                    n: record.n,
                    id: part.hold.into(),
                    show,
                    holder: part.holder.clone(),
                    state: HoldState::Booked,
                    booked_at: record.at,
                    total_minor: crate::house::hold::total(&part.seats),
                    reference: part.reference.as_deref().map(str::to_owned),
                    first_ticket: *first_ticket,
                    seats: part.seats.iter().map(|seat| seat.seat.0).collect(),
                    seq,
                };
                self.bookings.insert(row.id, row);
            }
            Fact::Cancelled { part, .. } => {
                self.cancelled.insert(part.hold.into(), (record.n, seq));
            }
            Fact::ShowCancelled { .. } => {
                let of_show = self.bookings.values().filter(|row| row.show == show);
                let live = of_show.map(|row| row.id).filter(|id| !self.cancelled.contains_key(id));
                let live: Vec<_> = live.collect();
                self.cancelled.extend(live.into_iter().map(|id| (id, (record.n, seq))));
            }
            _ => {}
        }
    }

    /// The bookings that tables which followed to `n` must have.
    fn as_of(&self, n: N) -> HashMap<BookingId, BookingRow> {
        let made = self.bookings.values().filter(|row| row.n <= n).cloned();
        let ended = |mut row: BookingRow| {
            if let Some((_, seq)) = self.cancelled.get(&row.id).filter(|(at, _)| *at <= n) {
                (row.state, row.seq) = (HoldState::Cancelled, *seq);
            }
            (row.id, row)
        };
        made.map(ended).collect()
    }
}

fn ones(words: &[u64]) -> u64 {
    words.iter().map(|word| u64::from(word.count_ones())).sum()
}

fn trimmed(bits: &[u8]) -> &[u8] {
    let len = bits.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    bits.get(..len).unwrap_or(bits)
}
