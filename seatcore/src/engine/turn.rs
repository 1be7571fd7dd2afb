//! A turn's work: every job decided against houses that hold all that was decided before it.

use crate::catalogue::show::Opening;
use crate::clock::Timestamp;
use crate::engine::creating::{self, Wanted};
use crate::engine::follow::Following;
use crate::engine::houses::{Houses, Loaded};
use crate::engine::job::Job;
use crate::engine::lane::{Lane, Trouble};
use crate::engine::reply::{Answer, Sleepers};
use crate::engine::{Granted, Raw};
use crate::error::{Error, Failure};
use crate::house::command::{Command, Verb};
use crate::house::decide::{self, Decision};
use crate::house::event::{Caller, Entry, FILE_SHOW, Fact, N, Record, Source, chain_hash, codec};
use crate::house::rejection::{Rejection, What};
use crate::house::{House, Receipt};
use crate::id::ShowId;
use crate::store::{Change, Changed, SOLD_CHUNK_SEATS, SoldChange, Standing};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

mod batch;

/// Words of sold bits in one chunk.
const CHUNK_WORDS: usize = SOLD_CHUNK_SEATS as usize / 64;

/// One write turn in the making.
#[derive(Debug)]
pub(super) struct Turn {
    jobs: Vec<(Job, Option<Verdict>)>,
    /// How many of them were decided.
    decided: usize,
    now: Timestamp,
    head: N,
    records: Vec<Arc<Record>>,
    /// How many of them were given to the store.
    appended: usize,
    shows: BTreeSet<ShowId>,
    /// Sold bits as the store has them, of chunks that were changed since.
    sold_before: BTreeMap<(ShowId, u32), Vec<u8>>,
    wrote: bool,
    pub(super) swept: u64,
    following: Following,
    /// The show whose chain this turn ends: its records leave with the commit.
    pub(super) archived: Option<Standing>,
}

/// What a job came to, told once the commit is durable.
#[derive(Debug)]
pub(super) enum Verdict {
    /// These records of this turn are its outcome; whether a retry would find them.
    Granted(Range<usize>, bool),
    /// The outcome of an earlier turn.
    Replayed(Vec<Arc<Record>>),
    Refused {
        rejection: Rejection,
        replayed: bool,
        remembered: bool,
    },
    Failed(Error),
    /// Whether an earlier turn made it, and whether a retry would find it.
    Changed {
        changed: Changed,
        replayed: bool,
        keyed: bool,
    },
    Counted(u64),
    At(Timestamp),
}

/// How one command ends inside a turn.
pub(super) type Judged = Result<Verdict, Trouble>;

impl Turn {
    pub(super) fn new(jobs: Vec<Job>) -> Self {
        Self {
            jobs: jobs.into_iter().map(|job| (job, None)).collect(),
            decided: 0,
            now: Timestamp::from_millis(0),
            head: 0,
            records: Vec::new(),
            appended: 0,
            shows: BTreeSet::new(),
            sold_before: BTreeMap::new(),
            wrote: false,
            swept: 0,
            following: Following::default(),
            archived: None,
        }
    }

    pub(super) fn start(&mut self, now: Timestamp, head: N) {
        (self.now, self.head) = (now, head);
    }

    /// Takes in jobs that came while others were decided, at a moment not before theirs.
    pub(super) fn join(&mut self, jobs: Vec<Job>, now: Timestamp) {
        self.jobs.extend(jobs.into_iter().map(|job| (job, None)));
        self.now = now;
    }

    /// How many jobs it has.
    pub(super) const fn len(&self) -> usize {
        self.jobs.len()
    }

    pub(super) const fn now(&self) -> Timestamp {
        self.now
    }

    pub(super) fn records(&self) -> &[Arc<Record>] {
        &self.records
    }

    /// The shows whose houses this turn changed.
    pub(super) fn shows(&self) -> impl Iterator<Item = ShowId> {
        self.shows.iter().copied()
    }

    /// Whether there is nothing to commit.
    pub(super) const fn is_empty(&self) -> bool {
        self.records.is_empty() && !self.wrote
    }

    /// What this turn has followed so far.
    pub(super) const fn following(&mut self) -> &mut Following {
        &mut self.following
    }

    /// There is something to commit besides records.
    pub(super) const fn mark_written(&mut self) {
        self.wrote = true;
    }

    /// A house changes with this turn, and is doubted if the turn fails.
    pub(super) fn touch(&mut self, show: ShowId) {
        self.shows.insert(show);
    }

    pub(super) fn accepts_clock(&self) -> bool {
        self.jobs.iter().any(|(job, _)| matches!(job, Job::AcceptClock(_)))
    }

    pub(super) fn next_n(&self) -> N {
        self.head + self.records.len() as N + 1
    }

    pub(super) fn into_jobs(self) -> Vec<Job> {
        self.jobs.into_iter().map(|(job, _)| job).collect()
    }

    /// Answers whatever needs a moment with a fault.
    pub(super) fn fail_all_but_following(&mut self, error: &Error) {
        let jobs = std::mem::take(&mut self.jobs);
        for (job, verdict) in jobs {
            if matches!(job, Job::Follow(_)) {
                self.jobs.push((job, verdict));
            } else {
                job.fail(error);
            }
        }
    }

    pub(super) fn fail(self, error: &Error) {
        self.into_jobs().into_iter().for_each(|job| job.fail(error));
    }

    /// Records that the store does not have yet; from now on it has them.
    pub(super) fn take_unappended(&mut self) -> &[Arc<Record>] {
        let from = std::mem::replace(&mut self.appended, self.records.len());
        self.records.get(from..).unwrap_or_default()
    }

    /// Sold bits as the store has them and as they are, for the proof in the commit.
    pub(super) fn take_sold_changes(&mut self, houses: &Houses) -> Vec<SoldChange> {
        let change = |((show, chunk), before)| {
            let after = chunk_bits(&houses.peek(show)?.house, chunk);
            Some(SoldChange { show, chunk, before, after })
        };
        std::mem::take(&mut self.sold_before).into_iter().filter_map(change).collect()
    }

    /// Remembers the sold bits that a fact is about to change.
    fn watch_sold(&mut self, house: &House, fact: &Fact) {
        let show = house.show();
        let mut watch = |chunk: u32| {
            let bits = || chunk_bits(house, chunk);
            self.sold_before.entry((show, chunk)).or_insert_with(bits);
        };
        match fact {
            Fact::Booked { part, .. } | Fact::Cancelled { part, .. } => {
                part.seats.iter().for_each(|seat| watch(seat.seat.0 / SOLD_CHUNK_SEATS));
            }
            Fact::ShowCancelled { .. } => {
                (0..house.layout().len().div_ceil(SOLD_CHUNK_SEATS)).for_each(watch);
            }
            _ => {}
        }
    }

    /// Gives entries their place: each is folded into its house, which checks it once more.
    pub(super) fn write(
        &mut self,
        loaded: &mut Loaded,
        entries: Vec<Entry>,
    ) -> Result<Range<usize>, Trouble> {
        let show = loaded.house.show();
        self.shows.insert(show);
        let first = self.records.len();
        for entry in entries {
            self.watch_sold(&loaded.house, &entry.fact);
            let (n, now) = (self.next_n(), self.now);
            let record = append_safely(&mut loaded.house, n, now, entry)?;
            loaded.unkept += 1;
            self.records.push(Arc::new(record));
        }
        Ok(first..self.records.len())
    }

    /// Tells everybody, in log order.
    pub(super) fn answer(&mut self, houses: &mut Houses) {
        let mut sleepers = Sleepers::with_capacity(self.jobs.len());
        for (job, verdict) in std::mem::take(&mut self.jobs) {
            let verdict = verdict.unwrap_or(Verdict::Failed(Error::OutcomeUnknown));
            match job {
                Job::Command(command, reply) => {
                    let raw = Raw { _spent: Some(command), ..self.raw(verdict, houses) };
                    reply.send_quietly(raw, &mut sleepers);
                }
                Job::Change(_, reply) => reply.send(self.raw(verdict, houses)),
                Job::Follow(reply) | Job::Archive(_, reply) => reply.send(count(verdict)),
                Job::Sweep(reply) => reply.send(count(verdict)),
                Job::AcceptClock(reply) => reply.send(Answer::plain(match verdict {
                    Verdict::At(at) => Ok(at),
                    _ => Err(Error::OutcomeUnknown.into()),
                })),
                Job::Ask(_) => {}
            }
        }
        sleepers.wake();
    }

    fn raw(&self, verdict: Verdict, houses: &Houses) -> Raw {
        let (result, replayed, remembered) = match verdict {
            Verdict::Granted(places, keyed) => {
                let records = self.records.get(places).unwrap_or_default().iter().cloned();
                (granted(records, houses), false, keyed)
            }
            Verdict::Replayed(records) => (granted(records.into_iter(), houses), true, true),
            Verdict::Refused { rejection, replayed, remembered } => {
                (Err(rejection.into()), replayed, remembered)
            }
            Verdict::Changed { changed, replayed, keyed } => {
                (Ok(Granted::Changed(changed)), replayed, keyed)
            }
            Verdict::Failed(error) => (Err(error.into()), false, false),
            Verdict::Counted(_) | Verdict::At(_) => {
                (Err(Error::OutcomeUnknown.into()), false, false)
            }
        };
        Raw { result, replayed, remembered, _spent: None }
    }
}

fn granted(
    records: impl Iterator<Item = Arc<Record>>,
    houses: &Houses,
) -> Result<Granted, Failure> {
    let scened = |record: Arc<Record>| {
        let scene = houses.peek(record.show_id()?)?.scene.clone();
        Some((record, scene))
    };
    let facts = records.filter(|record| !matches!(record.entry.fact, Fact::Expired { .. }));
    let mut scened = facts.filter_map(scened);
    let first = scened.next();
    Ok(match (first, scened.next()) {
        (Some((record, scene)), None) => Granted::Record(record, scene),
        (first, second) => {
            Granted::Records(first.into_iter().chain(second).chain(scened).collect())
        }
    })
}

fn count(verdict: Verdict) -> Answer<u64> {
    Answer::plain(match verdict {
        Verdict::Counted(count) => Ok(count),
        Verdict::Refused { rejection, .. } => Err(rejection.into()),
        Verdict::Failed(error) => Err(error.into()),
        _ => Err(Error::OutcomeUnknown.into()),
    })
}

/// A chunk's sold bits up to the last word that has any.
fn chunk_bits(house: &House, chunk: u32) -> Vec<u8> {
    let first = (chunk as usize * CHUNK_WORDS).min(house.sold().len());
    let words = &house.sold()[first..house.sold().len().min(first + CHUNK_WORDS)];
    let used = words.iter().rposition(|word| *word != 0).map_or(0, |last| last + 1);
    let mut bits = Vec::with_capacity(used * 8);
    words.iter().take(used).for_each(|word| bits.extend_from_slice(&word.to_le_bytes()));
    bits
}

impl Lane {
    /// Decides every job that was not yet, in order. A rejected, panicking or failing one leaves its neighbours be.
    pub(super) fn decide_all(&mut self, turn: &mut Turn) -> Result<(), Trouble> {
        let mut jobs = std::mem::take(&mut turn.jobs);
        let decided = jobs.iter_mut().skip(turn.decided).try_for_each(|(job, verdict)| {
            *verdict = Some(self.decide_job(turn, job)?);
            if let Some(Verdict::Refused { .. }) = verdict
                && crate::sabotage::on("refusal_spoils_neighbours")
            {
                return Err(Error::corrupt("a neighbour was refused").into());
            }
            Ok(())
        });
        turn.decided = jobs.len();
        turn.jobs = jobs;
        decided
    }

    fn decide_job(&mut self, turn: &mut Turn, job: &mut Job) -> Judged {
        match job {
            Job::Command(command, _) => match self.decide_command(turn, command) {
                Err(Trouble::Fault(error @ Error::Corrupt { .. })) => Ok(Verdict::Failed(error)),
                other => other,
            },
            Job::Change(wanted, _) => self.make_change(turn, wanted),
            Job::Sweep(_) => self.sweep_all(turn).map(Verdict::Counted),
            Job::Follow(_) => self.follow_inside(turn).map(Verdict::Counted),
            Job::Archive(order, _) => self.archive_show(turn, order),
            Job::AcceptClock(_) => {
                self.write_about_file(turn, Fact::ClockAccepted { wall: turn.now })?;
                Ok(Verdict::At(turn.now))
            }
            Job::Ask(_) => Ok(Verdict::Counted(0)),
        }
    }

    fn decide_command(&mut self, turn: &mut Turn, command: &Command) -> Judged {
        if matches!(command.verb, Verb::Batch { .. }) {
            return self.decide_batch(turn, command);
        }
        let Some(loaded) = self.houses.get(&mut *self.store, command.show)? else {
            return Ok(refused(Rejection::NotFound { what: What::Show }));
        };
        match decide_safely(&loaded.house, command, turn.now)? {
            Decision::Accept(facts) => {
                if let Some(rejection) = self.take_effect(&facts, command.show)? {
                    return Ok(refused(rejection));
                }
                self.grant(turn, command, facts)
            }
            Decision::Refuse { rejection, note } => {
                let remembered = note.is_some();
                if let Some(note) = note {
                    let loaded = self.loaded(command.show)?;
                    turn.write(loaded, vec![decide::noted(command, note)])?;
                }
                Ok(Verdict::Refused { rejection, replayed: false, remembered })
            }
            Decision::Replay(receipt) => self.replay(turn, command, receipt),
        }
    }

    fn loaded(&mut self, show: ShowId) -> Result<&mut Loaded, Error> {
        let missing = || Error::corrupt_show(show, "its house is not in memory");
        self.houses.peek_mut(show).ok_or_else(missing)
    }

    fn grant(&mut self, turn: &mut Turn, command: &Command, facts: Vec<Fact>) -> Judged {
        let loaded = self.loaded(command.show)?;
        let places = turn.write(loaded, decide::entries(command, facts))?;
        Ok(Verdict::Granted(places, command.key.is_some()))
    }

    /// What a show's new terms mean for its screen is asked of the tables, in this transaction.
    fn take_effect(&mut self, facts: &[Fact], show: ShowId) -> Result<Option<Rejection>, Error> {
        for fact in facts {
            let (terms, cancelled) = match fact {
                Fact::ShowChanged(terms) => ((**terms).clone(), false),
                Fact::ShowCancelled { .. } => ((**self.loaded(show)?.house.terms()).clone(), true),
                _ => continue,
            };
            let change = Change::MoveShow { show, terms, cancelled };
            if let Err(rejection) = self.store.change(&change)? {
                return Ok(Some(rejection));
            }
        }
        Ok(None)
    }

    /// The first outcome again, from the records that it left.
    fn replay(&mut self, turn: &Turn, command: &Command, receipt: Receipt) -> Judged {
        let first = self.record(turn, receipt.n)?;
        if let Fact::Noted(note) = &first.entry.fact {
            let show = note.about(command).show;
            self.houses.get(&mut *self.store, show)?;
            let rejection = note.rejection(command, self.loaded(show)?.house.layout());
            return Ok(Verdict::Refused { rejection, replayed: true, remembered: true });
        }
        let span = u64::from(first.entry.span);
        let rest = (receipt.n + 1..receipt.n + span).map(|n| self.record(turn, n));
        let rest: Vec<_> = match rest.collect::<Result<_, _>>() {
            // A show of the batch was archived, and refuses everything.
            Err(Error::Corrupt { .. }) if self.known.archives > 0 => {
                return Ok(refused(Rejection::ShowClosed));
            }
            rest => rest?,
        };
        let records: Vec<_> = std::iter::once(first).chain(rest).collect();
        for record in &records {
            if let Some(show) = record.show_id() {
                self.houses.get(&mut *self.store, show)?;
            }
        }
        Ok(Verdict::Replayed(records))
    }

    fn record(&mut self, turn: &Turn, n: N) -> Result<Arc<Record>, Error> {
        if n > turn.head {
            let place = (n - turn.head - 1) as usize;
            let own = turn.records.get(place).cloned();
            return own.ok_or_else(|| Error::corrupt(format!("record {n} is missing")));
        }
        let found = self.store.records(n - 1, 1)?.pop().filter(|record| record.n == n);
        found.map(Arc::new).ok_or_else(|| Error::corrupt(format!("record {n} is missing")))
    }

    /// A change of the catalogue or the accounts; a new show also begins its log.
    fn make_change(&mut self, turn: &mut Turn, wanted: &Wanted) -> Judged {
        let keyed = wanted.key.is_some();
        if let Some(key) = wanted.key
            && let Some(made) = creating::made_before(&mut *self.store, key)?
        {
            return Ok(match made {
                Ok(changed) => Verdict::Changed { changed, replayed: true, keyed },
                Err(rejection) => refused(rejection),
            });
        }
        let changed = match self.store.change(&wanted.change)? {
            Ok(changed) => changed,
            Err(rejection) => return Ok(refused(rejection)),
        };
        turn.wrote = true;
        if let Some(key) = wanted.key {
            let remembered = self.store.change(&Change::Remember { key, made: changed })?;
            remembered.map_err(|_| Error::corrupt("a creation cannot be remembered"))?;
        }
        if let (Change::PlaceShow { opening }, Changed::Show(show)) = (&wanted.change, changed) {
            self.open_house(turn, show, opening, wanted)?;
        }
        Ok(Verdict::Changed { changed, replayed: false, keyed })
    }

    fn open_house(
        &mut self,
        turn: &mut Turn,
        show: ShowId,
        opening: &Opening,
        wanted: &Wanted,
    ) -> Result<(), Trouble> {
        let loaded = self.houses.open(&mut *self.store, show, opening)?;
        let fact = Fact::ShowOpened(Box::new(opening.clone()));
        let (caller, source) = (wanted.caller.clone(), wanted.source);
        turn.write(loaded, vec![Entry { fact, caller, source, key: None, span: 1 }])?;
        Ok(())
    }

    /// A record about the file itself continues the chain of show 0.
    fn write_about_file(&mut self, turn: &mut Turn, fact: Fact) -> Result<(), Trouble> {
        let before = self.last_about_file(turn)?;
        let (prev_n, seq, prev_hash) = before
            .map_or((0, 0, [0; 16]), |record| (record.n, record.seq.unwrap_or(0), record.hash));
        let (caller, source) = (Caller::Unnamed, Source::Rust);
        let entry = Entry { fact, caller, source, key: None, span: 1 };
        let body = codec::encode(&entry).into_boxed_slice();
        let (n, at, seq) = (turn.next_n(), turn.now, Some(seq + 1));
        let hash = chain_hash(&prev_hash, FILE_SHOW, seq, at, entry.fact.kind(), &body);
        let record = Record { n, show: FILE_SHOW, seq, at, prev_n, hash, entry, body };
        turn.records.push(Arc::new(record));
        Ok(())
    }

    /// The newest record about the file: there are few, and they are looked for in the whole log.
    fn last_about_file(&mut self, turn: &Turn) -> Result<Option<Record>, Error> {
        let (mut after, mut last) = (0, None);
        loop {
            let records = self.store.records(after, 4_096)?;
            let Some(end) = records.last().map(|record| record.n) else { break };
            after = end;
            last = records.into_iter().rev().find(|record| record.show == FILE_SHOW).or(last);
        }
        let own = turn.records.iter().rev().find(|record| record.show == FILE_SHOW);
        Ok(own.map(|record| (**record).clone()).or(last))
    }
}

pub(super) const fn refused(rejection: Rejection) -> Verdict {
    Verdict::Refused { rejection, replayed: false, remembered: false }
}

/// A fold that panics leaves a house that nobody can trust, as one does whose proof fails.
pub(super) fn append_safely(
    house: &mut House,
    n: N,
    now: Timestamp,
    entry: Entry,
) -> Result<Record, Trouble> {
    let show = house.show();
    match catch_unwind(AssertUnwindSafe(|| house.append(n, now, entry))) {
        Ok(appended) => appended.map_err(|contradiction| Trouble::proof(show, contradiction)),
        Err(_) => Err(Trouble::proof(show, "folding panicked")),
    }
}

/// A rule that panics is a fault of ours; it decided nothing, so nothing is in doubt.
fn decide_safely(house: &House, command: &Command, now: Timestamp) -> Result<Decision, Trouble> {
    let decided = catch_unwind(AssertUnwindSafe(|| decide::decide(house, command, now)));
    let panicked = |_| Error::corrupt_show(house.show(), "deciding this command panicked");
    Ok(decided.map_err(panicked)?)
}
