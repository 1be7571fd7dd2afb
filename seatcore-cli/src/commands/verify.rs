//! `verify`: the log against everything that is folded from it.

use crate::args::VerifyArgs;
use crate::error::CliError;
use crate::place;
use crate::session::Session;
use crate::waiting::Progress;
use seatcore::Engine;
use seatcore::engine::verify::{Finding, Report, Scope};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Verifies, prints, and fails if something contradicts the log.
pub fn run(session: &mut Session<'_, '_>, args: &VerifyArgs) -> Result<(), CliError> {
    let path = session.path();
    // What cannot even be read is not listed by another look.
    let unread = |error| place::unusable(&path, error);
    let engine = session.engine().map_err(unread)?;
    let scope = match args.show {
        Some(show) => Scope::Show(engine.show(show)?.id),
        None if args.all => Scope::All,
        None => Scope::New,
    };
    let report = watch(session, &engine, scope).map_err(unread)?;
    if !session.json(&report)? {
        print(session, &report)?;
    }
    if report.clean() { Ok(()) } else { Err(CliError::Found) }
}

/// Verifies, and says how far it is.
pub fn watch(
    session: &mut Session<'_, '_>,
    engine: &Engine,
    scope: Scope,
) -> Result<Report, CliError> {
    let (_, head) = engine.position()?;
    let seen = Arc::new(AtomicU64::new(0));
    let (counter, engine) = (seen.clone(), engine.clone());
    let measure =
        move || Some(Progress { done: seen.load(Ordering::Relaxed), of: head, unit: "records" });
    let work = move || Ok(engine.verify_in(scope, &counter)?);
    session.wait_for("verifying", measure, work)
}

/// Prints a report.
pub fn print(session: &mut Session<'_, '_>, report: &Report) -> Result<(), CliError> {
    let mut pairs = vec![
        ("records", report.records.to_string()),
        ("shows", report.shows.to_string()),
        ("bookings", report.bookings.to_string()),
        ("tickets", report.tickets.to_string()),
        ("sold seats", report.sold.to_string()),
        ("contradictions", report.findings.len().to_string()),
    ];
    if report.skipped > 0 {
        pairs.insert(1, ("not read again", report.skipped.to_string()));
    }
    session.pairs(&pairs)?;
    let stopped = report.stopped.iter();
    let stopped: Vec<_> =
        stopped.map(|show| vec![show.show.to_string(), show.reason.clone()]).collect();
    if !stopped.is_empty() {
        session.rows(&["stopped show", "why"], &stopped)?;
    }
    let rows: Vec<_> = report.findings.iter().map(row).collect();
    session.rows(&["show", "record", "what"], &rows)?;
    if report.skipped > 0 {
        session.note(
            "records of shows that have not changed were verified before; --all reads them again",
        )?;
    }
    Ok(())
}

fn row(finding: &Finding) -> Vec<String> {
    let dash = || "-".to_owned();
    let show = finding.show.map_or_else(dash, |show| show.to_string());
    let record = finding.n.map_or_else(dash, |n| n.to_string());
    vec![show, record, finding.what.clone()]
}
