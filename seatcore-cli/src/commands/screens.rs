//! `screens`: halls and their plans.

use crate::args::{AddScreenArgs, ScreensCommand};
use crate::error::CliError;
use crate::reading::print_span;
use crate::session::Session;
use seatcore::catalogue::layout::{Layout, LayoutError, Plan};
use seatcore::catalogue::screen::{NewScreen, Screen};
use std::path::Path;
use std::time::Duration;

/// Runs one of them.
pub fn run(session: &mut Session<'_, '_>, command: ScreensCommand) -> Result<(), CliError> {
    match command {
        ScreensCommand::List => list(session),
        ScreensCommand::Show(args) => {
            let engine = session.engine()?;
            let screen = engine.screen(args.screen)?;
            let layout = engine.layout(screen.layout)?;
            print(session, &screen, &layout)
        }
        ScreensCommand::Add(args) => add(session, args),
    }
}

fn list(session: &mut Session<'_, '_>) -> Result<(), CliError> {
    let screens = session.engine()?.screens()?;
    session.list(&screens, None, &["id", "name", "seats"], |screen| {
        vec![screen.id.to_string(), screen.name.clone(), screen.seats.to_string()]
    })
}

fn print(session: &mut Session<'_, '_>, screen: &Screen, layout: &Layout) -> Result<(), CliError> {
    let cleaning = Duration::from_secs(u64::from(screen.cleaning_s));
    let pairs = [
        ("id", screen.id.to_string()),
        ("name", screen.name.clone()),
        ("seats", screen.seats.to_string()),
        ("rows", layout.rows().len().to_string()),
        ("sections", or_none(layout.sections())),
        ("tiers", or_none(layout.tiers())),
        ("pause", print_span(cleaning)),
        ("layout", screen.layout.to_string()),
    ];
    session.one(screen, &pairs)
}

fn or_none(names: &[Box<str>]) -> String {
    const SHOWN: usize = 8;
    let mut text: Vec<&str> = names.iter().take(SHOWN).map(|name| &**name).collect();
    if names.len() > SHOWN {
        text.push("…");
    }
    if text.is_empty() { "none".to_owned() } else { text.join(" ") }
}

fn add(session: &mut Session<'_, '_>, args: AddScreenArgs) -> Result<(), CliError> {
    let layout = read_layout(&args)?;
    let mut new = NewScreen::new(args.name, layout.clone());
    new.cleaning = args.cleaning;
    new.tz = args.zone.map(|zone| zone.name().to_owned());
    let screen = session.engine()?.add_screen(new)?;
    print(session, &screen, &layout)
}

fn read_layout(args: &AddScreenArgs) -> Result<Layout, CliError> {
    match (&args.rows, &args.plan) {
        (Some(rows), _) => Layout::parse(rows).map_err(|error| wrong_plan("--rows", &error)),
        (None, Some(file)) => read_plan(file),
        (None, None) => Err(CliError::usage("--rows or --plan is needed")),
    }
}

fn read_plan(file: &Path) -> Result<Layout, CliError> {
    let text = std::fs::read_to_string(file).map_err(|error| CliError::file(file, error))?;
    let plan: Plan = serde_json::from_str(&text)
        .map_err(|error| CliError::usage(format!("{}: {error}", file.display())))?;
    Layout::from_plan(plan).map_err(|error| wrong_plan("--plan", &error))
}

fn wrong_plan(flag: &str, error: &LayoutError) -> CliError {
    CliError::usage(format!("{flag}: {error}"))
        .hint("rows are A-E:10; aisles stalls/A-H:4|12|4; a tier *premium; accessible seats @1+20")
}
