//! What `/metrics` prints, in Prometheus' text format.

use crate::app::App;
use crate::route::Route;
use hyper::StatusCode;
use parking_lot::Mutex;
use seatcore::error::Code;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds in microseconds: a snapshot from memory, a commit, a slow disk, a stall.
const BOUNDS_US: [u64; 10] =
    [250, 500, 1_000, 2_500, 5_000, 10_000, 50_000, 250_000, 1_000_000, 10_000_000];
const CLASSES: [&str; 5] = ["2xx", "3xx", "4xx", "5xx", "1xx"];

/// Codes of which the first one counts: there from the beginning, so that a rate sees them come.
const FAULTS: [Code; 4] = [Code::Corrupt, Code::Storage, Code::OutcomeUnknown, Code::Busy];

/// Something that goes up and down.
#[derive(Debug, Default)]
pub struct Gauge(AtomicU64);

impl Gauge {
    /// One more.
    pub fn enter(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// One less.
    pub fn leave(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }

    /// How many.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Figures of one row of the table.
#[derive(Debug, Default)]
struct Row {
    classes: [AtomicU64; CLASSES.len()],
    buckets: [AtomicU64; BOUNDS_US.len()],
    spent_us: AtomicU64,
}

/// The server's figures.
#[derive(Debug)]
pub struct Metrics {
    rows: Vec<(String, &'static str, Row)>,
    unrouted: Row,
    /// Connections that are open.
    pub connections: Gauge,
    /// Event streams that are open.
    pub streams: Arc<Gauge>,
    /// Refused sign-ins.
    pub sign_in_failures: AtomicU64,
    /// Requests that a code refused: what a class of status does not tell apart.
    refusals: Mutex<BTreeMap<&'static str, u64>>,
}

impl Metrics {
    /// Zeros for every row of the table.
    pub fn new(table: &[Route]) -> Self {
        let row = |route: &Route| (route.method.to_string(), route.pattern, Row::default());
        Self {
            rows: table.iter().map(row).collect(),
            unrouted: Row::default(),
            connections: Gauge::default(),
            streams: Arc::default(),
            sign_in_failures: AtomicU64::new(0),
            refusals: Mutex::new(FAULTS.map(|code| (code.as_str(), 0)).into()),
        }
    }

    /// Counts a refusal.
    pub fn refused(&self, code: &'static str) {
        *self.refusals.lock().entry(code).or_default() += 1;
    }

    /// Counts a request.
    pub fn count(&self, route: Option<&Route>, status: StatusCode, spent: Duration) {
        let found = route.and_then(|route| self.rows.get(route.place));
        let row = found.map_or(&self.unrouted, |(_, _, row)| row);
        let class = match status.as_u16() {
            200..300 => 0,
            300..400 => 1,
            400..500 => 2,
            500.. => 3,
            _ => 4,
        };
        let spent = spent.as_micros() as u64;
        if let Some(class) = row.classes.get(class) {
            class.fetch_add(1, Ordering::Relaxed);
        }
        let bucket = BOUNDS_US.iter().position(|bound| spent <= *bound);
        if let Some(bucket) = bucket.and_then(|at| row.buckets.get(at)) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        row.spent_us.fetch_add(spent, Ordering::Relaxed);
    }
}

/// Everything, as text.
pub fn print(app: &App) -> String {
    let mut text = String::with_capacity(8 * 1024);
    // Writing into a string cannot fail.
    let _requests = print_requests(&mut text, &app.metrics);
    let _refusals = print_refusals(&mut text, &app.metrics);
    let _engine = print_engine(&mut text, app);
    text
}

fn print_requests(to: &mut String, metrics: &Metrics) -> std::fmt::Result {
    writeln!(to, "# HELP seatcore_http_requests_total Requests by route and class of status.")?;
    writeln!(to, "# TYPE seatcore_http_requests_total counter")?;
    let unrouted = ("-".to_owned(), "-", &metrics.unrouted);
    let rows = metrics.rows.iter().map(|(method, pattern, row)| (method.clone(), *pattern, row));
    let rows: Vec<_> = rows.chain([unrouted]).collect();
    for (method, pattern, row) in &rows {
        for (class, count) in CLASSES.iter().zip(&row.classes) {
            let count = count.load(Ordering::Relaxed);
            if count > 0 {
                writeln!(
                    to,
                    "seatcore_http_requests_total{{method=\"{method}\",route=\"{pattern}\",\
                     status=\"{class}\"}} {count}"
                )?;
            }
        }
    }
    writeln!(to, "# HELP seatcore_http_request_seconds Time from head to answer.")?;
    writeln!(to, "# TYPE seatcore_http_request_seconds histogram")?;
    for (method, pattern, row) in &rows {
        print_times(to, method, pattern, row)?;
    }
    Ok(())
}

fn print_refusals(to: &mut String, metrics: &Metrics) -> std::fmt::Result {
    let name = "seatcore_refusals_total";
    writeln!(to, "# HELP {name} Requests by the code that refused them.\n# TYPE {name} counter")?;
    for (code, count) in &*metrics.refusals.lock() {
        writeln!(to, "{name}{{code=\"{code}\"}} {count}")?;
    }
    Ok(())
}

fn print_times(to: &mut String, method: &str, pattern: &str, row: &Row) -> std::fmt::Result {
    let total: u64 = row.classes.iter().map(|class| class.load(Ordering::Relaxed)).sum();
    if total == 0 {
        return Ok(());
    }
    let (name, labels) =
        ("seatcore_http_request_seconds", format!("method=\"{method}\",route=\"{pattern}\""));
    let mut below = 0;
    for (bound, bucket) in BOUNDS_US.iter().zip(&row.buckets) {
        below += bucket.load(Ordering::Relaxed);
        let le = *bound as f64 / 1e6;
        writeln!(to, "{name}_bucket{{{labels},le=\"{le}\"}} {below}")?;
    }
    writeln!(to, "{name}_bucket{{{labels},le=\"+Inf\"}} {total}")?;
    let spent = row.spent_us.load(Ordering::Relaxed) as f64 / 1e6;
    writeln!(to, "{name}_sum{{{labels}}} {spent}\n{name}_count{{{labels}}} {total}")
}

fn print_engine(to: &mut String, app: &App) -> std::fmt::Result {
    let metrics = &app.metrics;
    let gauges = [
        ("seatcore_connections", "Open connections.", metrics.connections.get()),
        ("seatcore_streams", "Open event streams.", metrics.streams.get()),
        ("seatcore_follow_lag_records", "Records that the tables lack.", app.engine.lag()),
        ("seatcore_queued_commands", "Commands that wait for the writer.", app.engine.queued()),
    ];
    for (name, help, value) in gauges {
        writeln!(to, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}")?;
    }
    let failures = metrics.sign_in_failures.load(Ordering::Relaxed);
    let name = "seatcore_sign_in_failures_total";
    writeln!(to, "# HELP {name} Refused sign-ins.\n# TYPE {name} counter\n{name} {failures}")?;
    let (name, lost) = ("seatcore_log_lines_lost_total", crate::logging::lost());
    writeln!(
        to,
        "# HELP {name} Log lines that nobody read.\n# TYPE {name} counter\n{name} {lost}"
    )?;
    if let Ok((_, head)) = app.engine.position() {
        let name = "seatcore_log_records_total";
        writeln!(to, "# HELP {name} Records in the log.\n# TYPE {name} counter\n{name} {head}")?;
    }
    let version = env!("CARGO_PKG_VERSION");
    let name = "seatcore_build_info";
    writeln!(to, "# HELP {name} The release.\n# TYPE {name} gauge")?;
    writeln!(to, "{name}{{version=\"{version}\"}} 1")
}
