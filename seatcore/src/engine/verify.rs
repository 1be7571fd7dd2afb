//! Verifying: the log is folded again, and everything that is kept besides it is compared with that
//! fold. On a live database, without stopping anybody.
//!
//! A run that finds nothing leaves a mark for each show: hashes of its house and of its rows. The
//! next run reads the records behind the marks; a show that has none is compared with its mark,
//! and one that has some, or whose rows are not what the mark says, is folded from its first record
//! again. So whatever is forged beside the log is found every time. A record that was forged where
//! its show has not changed since is found by [`Scope::All`], which reads everything.

use crate::engine::Engine;
use crate::error::{Error, Failure};
use crate::house::event::N;
use crate::house::rejection::{Rejection, What};
use crate::id::ShowId;
use crate::store::{Change, Tables, Verified};
use pass::Pass;
use std::collections::HashMap;
use std::sync::atomic::AtomicU64;

mod compare;
mod fold;
mod mark;
mod pass;

/// Records read at one moment: a checkpoint of the write-ahead log waits no longer than that.
const SEGMENT_RECORDS: usize = 16_384;
/// Findings that are reported; a file in ruins has as many as it has records.
const FINDINGS_MAX: usize = 1_000;

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Scope {
    /// Every record from the first on.
    #[default]
    All,
    /// What came since the last run that found nothing, the shows it is about from their first
    /// record, and everything that is kept besides records.
    New,
    /// One show from its first record, and all that is kept of it.
    Show(ShowId),
}

/// What was looked at, and what contradicts the log.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
#[non_exhaustive]
pub struct Report {
    /// Records folded.
    pub records: u64,
    /// Records not read, because their shows are what they were when these were verified.
    pub skipped: u64,
    /// Shows looked at.
    pub shows: u64,
    /// Bookings compared.
    pub bookings: u64,
    /// Valid tickets compared.
    pub tickets: u64,
    /// Sold seats, by the log.
    pub sold: u64,
    /// Shows that a failed proof stopped, and why.
    pub stopped: Vec<Stopped>,
    /// Contradictions, the first thousand.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether everything agrees and every show sells: no findings, and no show is stopped.
    pub fn clean(&self) -> bool {
        self.findings.is_empty() && self.stopped.is_empty()
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

/// A show that sells no longer.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Stopped {
    /// The show.
    pub show: ShowId,
    /// The proof that failed.
    pub reason: String,
}

impl Engine {
    /// Refolds the whole log and compares everything that is folded from it: see [`Report`].
    ///
    /// # Errors
    /// A fault, if the log cannot be read at all; what contradicts itself is in the report.
    pub fn verify(&self) -> Result<Report, Failure> {
        self.verify_in(Scope::All, &AtomicU64::new(0))
    }

    /// The same, and counts into `seen` how many records were folded: for those who watch.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn verify_watched(&self, seen: &AtomicU64) -> Result<Report, Failure> {
        self.verify_in(Scope::All, seen)
    }

    /// The same of a part of the log. Counts into `seen` how many records were folded: for those
    /// who watch.
    ///
    /// ```
    /// # use seatcore::{Engine, Hold, doctest::show, engine::verify::Scope};
    /// # let engine = Engine::in_memory();
    /// # let show = show(&engine);
    /// # engine.hold(Hold::new(show, ["C5"]).by("ada")).wait()?;
    /// let seen = Default::default();
    /// assert_eq!(engine.verify_in(Scope::New, &seen)?.records, 2);
    /// # engine.follow().wait()?;
    /// engine.verify_in(Scope::New, &seen)?;
    /// let again = engine.verify_in(Scope::New, &seen)?;
    /// assert_eq!(again.records + again.skipped, 2, "what did not change is not read again");
    /// # Ok::<(), seatcore::Failure>(())
    /// ```
    ///
    /// # Errors
    /// As [`verify`](Self::verify); `not_found` for a show that is not there.
    pub fn verify_in(&self, scope: Scope, seen: &AtomicU64) -> Result<Report, Failure> {
        let tables = &*self.inner.tables;
        let pass = walk(tables, scope, seen)?;
        if matches!(scope, Scope::Show(_)) && pass.saw_nothing() {
            return Err(Rejection::NotFound { what: What::Show }.into());
        }
        if let Some(news) = pass.remembered().and_then(|verified| news(tables, verified)) {
            // A mark that cannot be written costs the next run time, and this one nothing.
            drop(self.changed(Change::Verified(news)));
        }
        Ok(pass.report)
    }
}

/// What the file does not know yet.
fn news(tables: &dyn Tables, mut verified: Verified) -> Option<Verified> {
    let known = tables.verified().ok()?;
    let marks: HashMap<_, _> = known.marks.iter().map(|mark| (mark.show, mark)).collect();
    verified.marks.retain(|mark| marks.get(&mark.show) != Some(&mark));
    (verified.to > known.to || !verified.marks.is_empty()).then_some(verified)
}

fn walk<'t>(tables: &'t dyn Tables, scope: Scope, seen: &'t AtomicU64) -> Result<Pass<'t>, Error> {
    let before = match scope {
        Scope::New => tables.verified()?,
        Scope::All | Scope::Show(_) => Verified::default(),
    };
    let after = before.to.min(tables.state()?.head);
    let mut pass = Pass::behind(tables, scope, seen, before)?;
    tables.walk(after, SEGMENT_RECORDS, &mut pass)?;
    pass.fault.take().map_or(Ok(pass), Err)
}
