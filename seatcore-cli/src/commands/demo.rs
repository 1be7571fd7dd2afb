//! `demo`: a database, a server to look at it, a crowd of simulated buyers, and what they leave.

use crate::args::{DemoArgs, Preset};
use crate::commands::{seats, seed, stress};
use crate::error::CliError;
use crate::office::file::FileOffice;
use crate::session::Session;
use crate::shell;
use seatcore::catalogue::show::ShowFilter;
use seatcore::clock::Stopwatch;
use seatcore::engine::verify::Report;
use seatcore::wire::ShowView;
use seatcore::{Engine, ShowId};
use serde_json::json;
use std::path::PathBuf;
use std::time::Duration;

mod crowd;
mod dice;
mod doors;

use crowd::{Crowd, Score};

/// Longest run: buyers who have not come by then stay at home.
const TIME_MAX: Duration = Duration::from_secs(18);
/// How long the crowd takes when somebody watches.
const SHOW_TIME: Duration = Duration::from_secs(6);

/// Buyers who come while somebody may watch: they leave seats to sell.
const BUYERS_SERVING: u32 = 30;
/// Buyers who come all at once.
const BUYERS_RUSHING: u32 = 300;

/// Fills a fresh database, opens the doors, lets buyers in, and says what they left.
pub fn run(session: &mut Session<'_, '_>, args: &DemoArgs) -> Result<(), CliError> {
    let seed = args.seed.unwrap_or_else(|| session.wall().millis().unsigned_abs());
    let path = place(session)?;
    let few = if args.no_serve { BUYERS_RUSHING } else { BUYERS_SERVING };
    let buyers = args.buyers.unwrap_or(few);
    session.note(&format!("seed {seed}, {buyers} buyers, database {}", path.display()))?;
    let engine = Engine::builder().seed(seed).open(&path)?;
    let planted = seed::plant(&engine, &Preset::Demo, session.zone())?;
    let shows: Vec<_> = planted.shows.iter().map(|row| row.show.id).collect();
    let watch = Stopwatch::start();
    let crowd = Crowd::new(&engine, &shows, seed, buyers)?;
    let score = if args.no_serve {
        rush(session, crowd, &watch)?
    } else {
        doors::serve(session, &engine, args.port, crowd)?
    };
    engine.sweep().wait()?;
    let spent = watch.elapsed();
    let report = engine.verify()?;
    let outcome = Outcome { seed, path, shows, score, spent, report };
    outcome.print(session, &engine)?;
    if outcome.report.clean() { Ok(()) } else { Err(CliError::Found) }
}

/// Where the database goes: a folder of its own that stays, unless a path was named.
fn place(session: &Session<'_, '_>) -> Result<PathBuf, CliError> {
    let Some(path) = &session.global.db else {
        let folder = tempfile::Builder::new().prefix("seatcore-demo-").tempdir();
        let folder = folder.map_err(|error| CliError::file(std::env::temp_dir(), error))?;
        return Ok(folder.keep().join("demo.db"));
    };
    if path.exists() {
        let what =
            format!("{} exists; the demonstration wants a database of its own", path.display());
        return Err(CliError::usage(what).hint("name a new file, or leave --db out"));
    }
    Ok(path.clone())
}

/// Lets the crowd act step by step; a little slower if somebody watches.
fn rush(
    session: &mut Session<'_, '_>,
    mut crowd: Crowd<'_>,
    watch: &Stopwatch,
) -> Result<Score, CliError> {
    let watched = session.io.terminal.stderr && !session.style.quiet && !session.style.json;
    let mut step = 0;
    while crowd.step()? && watch.elapsed() < TIME_MAX {
        step += 1;
        if watched {
            let due = SHOW_TIME * step / crowd::STEPS;
            std::thread::sleep(due.saturating_sub(watch.elapsed()));
            write!(session.io.stderr, "\r{:<78}", crowd.progress())?;
            session.io.stderr.flush()?;
        }
    }
    if watched {
        write!(session.io.stderr, "\r{:<78}\r", "")?;
    }
    Ok(crowd.leave())
}

struct Outcome {
    seed: u64,
    path: PathBuf,
    shows: Vec<ShowId>,
    score: Score,
    spent: Duration,
    report: Report,
}

impl Outcome {
    fn print(&self, session: &mut Session<'_, '_>, engine: &Engine) -> Result<(), CliError> {
        if session.style.json {
            return self.print_json(session, engine);
        }
        let office = FileOffice { engine: engine.clone() };
        for show in &self.shows {
            seats::print_map(session, &office, *show, None, session.style)?;
            session.line("")?;
        }
        let pairs = self.pairs();
        session.pairs(&pairs)?;
        let path = shell::word(&self.path.display().to_string());
        session.note(&format!("look around: seatcore bookings list --db {path}"))
    }

    fn pairs(&self) -> Vec<(&'static str, String)> {
        let score = &self.score;
        let refused: Vec<_> =
            score.refusals.iter().map(|(code, count)| format!("{code} {count}")).collect();
        let spent = format!("{:.1} s", self.spent.as_secs_f64());
        vec![
            ("buyers", score.buyers.to_string()),
            ("commands", format!("{} in {spent}", score.commands)),
            ("holds", format!("{}, of them {} chosen by the engine", score.holds, score.best)),
            (
                "booked",
                format!(
                    "{} bookings, {} tickets, {}",
                    score.bookings,
                    score.tickets,
                    score.revenue()
                ),
            ),
            ("released", score.released.to_string()),
            ("let go", format!("{}, free again at their deadline", score.let_go)),
            ("deciding", format!("{} still hold seats", score.deciding)),
            ("refused", if refused.is_empty() { "nobody".to_owned() } else { refused.join(", ") }),
            ("verify", stress::verdict(&self.report)),
            ("seed", self.seed.to_string()),
            ("database", self.path.display().to_string()),
        ]
    }

    fn print_json(&self, session: &mut Session<'_, '_>, engine: &Engine) -> Result<(), CliError> {
        let rows = engine.shows(&ShowFilter::default())?;
        session.json(&json!({
            "seed": self.seed,
            "db": self.path.display().to_string(),
            "elapsed_ms": self.spent.as_millis() as u64,
            "statistics": self.score,
            "shows": rows.iter().map(ShowView::of).collect::<Vec<_>>(),
            "verify": self.report,
        }))?;
        Ok(())
    }
}
