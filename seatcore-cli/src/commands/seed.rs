//! `seed`: a database with something in it.

use crate::args::{Preset, SeedArgs};
use crate::commands::shows;
use crate::error::CliError;
use crate::interrupt::Interrupt;
use crate::office::file::FileOffice;
use crate::place::{self, PARTS, refuse_if_open, with_end};
use crate::session::Session;
use seatcore::wire::ShowView;
use serde_json::{Value, json};

mod file;
mod presets;

pub use presets::{Made, Planted, plant};

/// Who can sign in to a demonstration, and with what.
pub const DEMO_ACCOUNT: (&str, &str) = (presets::DEMO_USER, presets::DEMO_PASSWORD);

/// Adds what is missing; deletes first only if told to.
pub fn run(session: &mut Session<'_, '_>, args: &SeedArgs) -> Result<(), CliError> {
    if args.wipe {
        wipe(session)?;
    }
    let engine = session.engine_or_new()?;
    let (seeded, preset, zone) = (engine.clone(), args.preset.clone(), session.zone());
    let work = move || plant(&seeded, &preset, zone);
    let planted = session.wait_for("seeding", || None, work)?;
    if session.json(&told(session, &args.preset, &planted))? {
        return Ok(());
    }
    if session.global.fields.is_empty() {
        let views: Vec<_> = planted.shows.iter().map(ShowView::of).collect();
        shows::print_list(session, &FileOffice { engine }, &views)?;
    }
    let pairs = words(session, &planted);
    session.pairs(&pairs)?;
    session.line(&planted.summary())?;
    session.note("next: `seatcore seats map 1`, `seatcore hold 1 C5 C6 --as ada`")
}

fn words(session: &Session<'_, '_>, planted: &Planted) -> Vec<(&'static str, String)> {
    let names = |names: Vec<&str>| names.join(", ");
    let hall = |screen: &seatcore::catalogue::screen::Screen| {
        format!("{} ({} seats)", screen.name, screen.seats)
    };
    let halls: Vec<_> = planted.screens.iter().map(hall).collect();
    let mut pairs = vec![
        ("database", session.path().display().to_string()),
        ("screens", halls.join(", ")),
        ("movies", names(planted.movies.iter().map(|movie| &*movie.title).collect())),
        ("added", planted.made.to_string()),
    ];
    for user in &planted.users {
        let demo = user.name == presets::DEMO_USER;
        let password = if demo { format!(" / {}", presets::DEMO_PASSWORD) } else { String::new() };
        pairs.push(("user", format!("{}{password}", user.name)));
    }
    pairs
}

fn told(session: &Session<'_, '_>, preset: &Preset, planted: &Planted) -> Value {
    let Made { movies, screens, shows, users } = planted.made;
    json!({
        "db": session.path().display().to_string(),
        "preset": preset.name(),
        "made": {"movies": movies, "screens": screens, "shows": shows, "users": users},
        "movies": planted.movies,
        "screens": planted.screens,
        "shows": planted.shows.iter().map(ShowView::of).collect::<Vec<_>>(),
        "seats": planted.seats(),
        "user": planted.users.first(),
    })
}

/// Deletes the database, if it is one of ours and that is really wanted.
fn wipe(session: &mut Session<'_, '_>) -> Result<(), CliError> {
    let path = place::behind_links(&session.path());
    if !path.exists() {
        return Ok(());
    }
    refuse_if_open(&path)?;
    let engine = session.engine()?;
    let (_, records) = engine.position()?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let question = format!("Delete {} with {records} records for ever?", path.display());
    session.confirm(&question, &name.unwrap_or_default())?;
    engine.close();
    drop(engine);
    // Half a deletion would leave a log without its file.
    Interrupt::watch();
    refuse_if_open(&path)?;
    for end in PARTS {
        let file = with_end(&path, end);
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(CliError::file(file, error));
            }
            _ => {}
        }
    }
    Ok(())
}
