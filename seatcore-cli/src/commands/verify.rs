//! `verify`: the log against everything that is folded from it.

use crate::args::VerifyArgs;
use crate::error::CliError;
use crate::session::Session;
use crate::waiting::Progress;
use seatcore::Engine;
use seatcore::engine::verify::{Finding, Report};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Verifies, prints, and fails if something contradicts the log.
pub fn run(session: &mut Session<'_, '_>, args: &VerifyArgs) -> Result<(), CliError> {
    let engine = session.engine()?;
    if let Some(show) = args.show {
        engine.show(show)?;
    }
    let mut report = watch(session, &engine)?;
    if let Some(show) = args.show {
        // A finding about the file concerns every show in it.
        report.findings.retain(|finding| finding.show.is_none_or(|of| of == show));
    }
    if !session.json(&report)? {
        print(session, &report)?;
    }
    if report.clean() { Ok(()) } else { Err(CliError::Found) }
}

/// Verifies, and says how far it is.
pub fn watch(session: &mut Session<'_, '_>, engine: &Engine) -> Result<Report, CliError> {
    let (_, head) = engine.position()?;
    let seen = Arc::new(AtomicU64::new(0));
    let (counter, engine) = (seen.clone(), engine.clone());
    let measure =
        move || Some(Progress { done: seen.load(Ordering::Relaxed), of: head, unit: "records" });
    let work = move || Ok(engine.verify_watched(&counter)?);
    session.wait_for("verifying", measure, work)
}

/// Prints a report.
pub fn print(session: &mut Session<'_, '_>, report: &Report) -> Result<(), CliError> {
    let sold = report.sold.to_string();
    let pairs = [
        ("records", report.records.to_string()),
        ("shows", report.shows.to_string()),
        ("bookings", report.bookings.to_string()),
        ("tickets", report.tickets.to_string()),
        ("sold seats", sold),
        ("contradictions", report.findings.len().to_string()),
    ];
    session.pairs(&pairs)?;
    let rows: Vec<_> = report.findings.iter().map(row).collect();
    session.rows(&["show", "record", "what"], &rows)
}

fn row(finding: &Finding) -> Vec<String> {
    let dash = || "-".to_owned();
    let show = finding.show.map_or_else(dash, |show| show.to_string());
    let record = finding.n.map_or_else(dash, |n| n.to_string());
    vec![show, record, finding.what.clone()]
}
