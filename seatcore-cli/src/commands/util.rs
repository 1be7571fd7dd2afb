//! `util`: what helps to install and document the program.

use crate::args::{CompletionsArgs, ManArgs, UtilCommand};
use crate::error::CliError;
use crate::session::Session;
use clap::{Command, CommandFactory};
use serde_json::json;

/// Runs one of them.
pub fn run(session: &mut Session<'_, '_>, command: &UtilCommand) -> Result<(), CliError> {
    match command {
        UtilCommand::Completions(args) => completions(session, args),
        UtilCommand::Man(args) => manual(session, args),
        UtilCommand::ApiCheck(args) => super::api_check::run(session, args),
        UtilCommand::Markdown => {
            let text = markdown();
            Ok(session.io.stdout.write_all(text.as_bytes())?)
        }
        UtilCommand::Openapi => {
            let text = seatcore_http::openapi::whole();
            Ok(session.io.stdout.write_all(text.as_bytes())?)
        }
    }
}

fn built() -> Command {
    let mut command = crate::args::Cli::command();
    command.build();
    command
}

fn completions(session: &mut Session<'_, '_>, args: &CompletionsArgs) -> Result<(), CliError> {
    let mut script = Vec::new();
    let mut command = crate::args::Cli::command();
    clap_complete::generate(args.shell, &mut command, "seatcore", &mut script);
    Ok(session.io.stdout.write_all(&script)?)
}

/// One page for each command, in files as `man` looks for them.
fn manual(session: &mut Session<'_, '_>, args: &ManArgs) -> Result<(), CliError> {
    let file = |error| CliError::file(&args.folder, error);
    std::fs::create_dir_all(&args.folder).map_err(file)?;
    let pages = pages(&built(), "seatcore");
    for (name, command) in &pages {
        let mut page = Vec::new();
        let man = clap_mangen::Man::new(command.clone().name(name.clone()));
        man.title(name.to_ascii_uppercase()).render(&mut page)?;
        std::fs::write(args.folder.join(format!("{name}.1")), page).map_err(file)?;
    }
    let folder = args.folder.display().to_string();
    let told = json!({"folder": folder, "pages": pages.len()});
    session.one(&told, &[("folder", folder), ("pages", pages.len().to_string())])
}

/// Every command that is not hidden, named `seatcore-seats-map`, depth first.
fn pages(command: &Command, name: &str) -> Vec<(String, Command)> {
    let mut all = vec![(name.to_owned(), command.clone())];
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        all.extend(pages(sub, &format!("{name}-{}", sub.get_name())));
    }
    all
}

/// Every help page, as it is printed on 80 columns; the flags that every command takes stand on the
/// first one only.
fn markdown() -> String {
    let mut text = "# Commands\n\nWhat `seatcore util markdown` prints.\n".to_owned();
    for (name, command) in pages(&built(), "seatcore") {
        let mut command = command.term_width(80);
        if name != "seatcore" {
            command =
                command.mut_args(|arg| if arg.is_global_set() { arg.hide(true) } else { arg });
        }
        let help = command.render_long_help().to_string();
        let lines: Vec<_> = help.lines().map(str::trim_end).collect();
        let title = name.replacen('-', " ", 2);
        text.push_str(&format!("\n## {title}\n\n```text\n{}\n```\n", lines.join("\n").trim_end()));
    }
    text
}
