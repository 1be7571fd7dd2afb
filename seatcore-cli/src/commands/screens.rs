//! `screens`: halls and their plans.

use crate::args::{AddScreenArgs, EditScreenArgs, ImportScreenArgs, ScreensCommand};
use crate::error::CliError;
use crate::office::{Office, ScreenPatch};
use crate::reading::print_span;
use crate::session::Session;
use seatcore::ScreenId;
use seatcore::catalogue::layout::{Layout, LayoutError, Plan};
use seatcore::catalogue::screen::{NewScreen, Screen};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::Path;
use std::time::Duration;

/// Runs one of them.
pub fn run(session: &mut Session<'_, '_>, command: ScreensCommand) -> Result<(), CliError> {
    match command {
        ScreensCommand::List => list(session),
        ScreensCommand::Show(args) => {
            let office = session.office()?;
            let screen = office.screen(args.screen)?;
            let layout = office.plan(&screen)?;
            print(session, &screen, &layout)
        }
        ScreensCommand::Add(args) => add(session, args),
        ScreensCommand::Edit(args) => edit(session, args),
        ScreensCommand::Rm(args) => remove(session, args.screen),
        ScreensCommand::Import(args) => import(session, args),
        ScreensCommand::Export(args) => export(session, args.screen),
    }
}

fn list(session: &mut Session<'_, '_>) -> Result<(), CliError> {
    let screens = session.office()?.screens()?;
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

fn print_changed(
    session: &mut Session<'_, '_>,
    screen: &Screen,
    layout: &Layout,
) -> Result<(), CliError> {
    session.did(format!("screen {} is {:?} now", screen.id, screen.name));
    print(session, screen, layout)
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
    let layout = read_layout(args.rows.as_deref(), args.plan.as_deref())?;
    let layout = layout.ok_or_else(|| CliError::usage("--rows or --plan is needed"))?;
    let mut new = NewScreen::new(args.name, layout.clone());
    new.cleaning = args.cleaning;
    new.tz = args.zone.map(|zone| zone.name().to_owned());
    let screen = session.office()?.add_screen(new)?;
    print_changed(session, &screen, &layout)
}

/// A plan from its short text or a file, whichever is named.
pub fn read_layout(rows: Option<&str>, plan: Option<&Path>) -> Result<Option<Layout>, CliError> {
    match (rows, plan) {
        (Some(rows), _) => parse_rows(rows).map(Some),
        (None, Some(file)) => {
            let text = std::fs::read_to_string(file);
            let text = text.map_err(|error| CliError::file(file, error))?;
            read_plan(file, &text).map(|(_, plan)| Some(plan))
        }
        (None, None) => Ok(None),
    }
}

/// Reads a plan's short text.
pub fn parse_rows(rows: &str) -> Result<Layout, CliError> {
    Layout::parse(rows).map_err(|error| wrong_plan("--rows", &error))
}

/// A screen as `export` prints it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exported {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tz: Option<String>,
    #[serde(default)]
    cleaning_s: Option<u32>,
    plan: Plan,
}

/// A plan, alone or in an exported screen.
fn read_plan(file: &Path, text: &str) -> Result<(Option<Exported>, Layout), CliError> {
    let wrong = |error| CliError::usage(format!("{}: {error}", file.display()));
    let value: serde_json::Value = serde_json::from_str(text).map_err(wrong)?;
    let exported = value.get("plan").is_some();
    let (screen, plan) = if exported {
        let screen: Exported = serde_json::from_value(value).map_err(wrong)?;
        let plan = screen.plan.clone();
        (Some(screen), plan)
    } else {
        (None, serde_json::from_value(value).map_err(wrong)?)
    };
    let layout = Layout::from_plan(plan).map_err(|error| wrong_plan("the plan", &error))?;
    Ok((screen, layout))
}

fn edit(session: &mut Session<'_, '_>, args: EditScreenArgs) -> Result<(), CliError> {
    let layout = read_layout(args.rows.as_deref(), args.plan.as_deref())?;
    let tz = args.zone.map(|zone| zone.name().to_owned());
    let patch = ScreenPatch { name: args.name, layout, tz, cleaning: args.cleaning };
    let office = session.office()?;
    let screen = office.edit_screen(args.screen, patch)?;
    let layout = office.plan(&screen)?;
    print_changed(session, &screen, &layout)
}

fn remove(session: &mut Session<'_, '_>, id: ScreenId) -> Result<(), CliError> {
    let office = session.office()?;
    let screen = office.screen(id)?;
    session.confirm(&format!("Remove screen {id}, {:?}?", screen.name), "yes")?;
    office.remove_screen(id)?;
    session.did(format!("screen {id} was removed"));
    session.one(&json!({"removed": id}), &[("removed", screen.name)])
}

fn import(session: &mut Session<'_, '_>, args: ImportScreenArgs) -> Result<(), CliError> {
    let text = if args.file == Path::new("-") {
        let mut text = String::new();
        session.io.stdin.read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(&args.file)
    };
    let text = text.map_err(|error| CliError::file(&args.file, error))?;
    let (screen, layout) = read_plan(&args.file, &text)?;
    let named = args.name.or_else(|| screen.as_ref().map(|screen| screen.name.clone()));
    let name =
        named.ok_or_else(|| CliError::usage("the file names no screen").hint("add --name"))?;
    let mut new = NewScreen::new(name, layout.clone());
    new.tz = screen.as_ref().and_then(|screen| screen.tz.clone());
    if let Some(seconds) = screen.and_then(|screen| screen.cleaning_s) {
        new.cleaning = Duration::from_secs(u64::from(seconds));
    }
    let screen = session.office()?.add_screen(new)?;
    print_changed(session, &screen, &layout)
}

/// Always JSON: what another program or `import` reads.
fn export(session: &mut Session<'_, '_>, id: ScreenId) -> Result<(), CliError> {
    let office = session.office()?;
    let exported = exported(&*office, id)?;
    let text = serde_json::to_string_pretty(&exported).map_err(std::io::Error::from)?;
    session.line(&text)
}

fn exported(office: &dyn Office, id: ScreenId) -> Result<Exported, CliError> {
    let screen = office.screen(id)?;
    let plan = office.plan(&screen)?.plan();
    let Screen { name, tz, cleaning_s, .. } = screen;
    Ok(Exported { name, tz, cleaning_s: Some(cleaning_s), plan })
}

fn wrong_plan(flag: &str, error: &LayoutError) -> CliError {
    CliError::usage(format!("{flag}: {error}"))
        .hint("rows are A-E:10; aisles stalls/A-H:4|12|4; a tier *premium; accessible seats @1+20")
}
