//! One file for each group of commands.

use crate::Io;
use crate::args::{Cli, Command, ConfigCommand};
use crate::error::CliError;
use crate::fields;
use crate::output::Style;
use crate::session::Session;
use crate::settings::{self, Settings};
use clap::CommandFactory;
use seatcore::accounts::Role;

mod api_check;
mod bench;
mod book;
mod bookings;
mod config;
mod db;
mod demo;
mod doctor;
mod events;
mod health;
mod holds;
mod init;
mod keys;
mod movies;
mod pick;
mod report;
mod screens;
mod seats;
mod seed;
mod serve;
mod shows;
mod stress;
mod sweep;
mod tickets;
mod util;
mod users;
mod verify;

/// Runs a command and answers with its exit code.
pub fn run(cli: Cli, settings: Settings, io: &mut Io<'_>) -> u8 {
    let (as_json, colour) = (Style::of(&cli.global, io).json, cli.global.color);
    let mut session = Session::new(cli.global, settings, io);
    let done = dispatch(&mut session, cli.command).and_then(|()| Ok(session.io.stdout.flush()?));
    match done {
        Ok(()) => 0,
        Err(error) => {
            // What was printed comes before what went wrong, also where both are one terminal.
            drop(session.io.stdout.flush());
            let error = error.after(session.done.take());
            error.tell(session.io, as_json, colour);
            error.exit_code()
        }
    }
}

/// Why a command cannot be had from a server; none, if it can.
const fn needs_file(command: &Command) -> Option<&'static str> {
    match command {
        Command::Pick(_)
        | Command::Seats(_)
        | Command::Hold(_)
        | Command::Book(_)
        | Command::Holds(_)
        | Command::Bookings(_)
        | Command::Tickets(_)
        | Command::Shows(_)
        | Command::Movies(_)
        | Command::Screens(_)
        | Command::Users(_)
        | Command::Keys(_)
        | Command::Events(_)
        | Command::Report(_)
        | Command::Stress(_)
        | Command::CreateSuperuser(_)
        // These ask no database, or name theirs themselves.
        | Command::Health(_)
        | Command::Config(_)
        | Command::Util(_) => None,
        Command::Init(args) | Command::DjangoMigrate(args) if args.path.is_some() => None,
        Command::Demo(_) | Command::Seed(_) | Command::Init(_) | Command::DjangoMigrate(_) => {
            Some("makes a file")
        }
        Command::Verify(_) => Some("reads the whole log"),
        Command::StressWorker(_) => Some("opens the file beside other processes"),
        Command::Bench(_) => Some("measures this machine's disk"),
        Command::Sweep => Some("is what the server does by itself"),
        Command::Db(_) | Command::Doctor(_) => Some("looks after the file itself"),
        Command::Serve(_) | Command::RunServer(_) => Some("is the server"),
    }
}

fn check_place(session: &Session<'_, '_>, command: &Command) -> Result<(), CliError> {
    // What runs on a file of its own does not ask what the environment names.
    let own = matches!(command, Command::Demo(_) | Command::Bench(_));
    let asked = !own || session.global.db.is_some();
    let Some(why) = needs_file(command).filter(|_| asked) else { return Ok(()) };
    let Some(url) = session.server()? else { return Ok(()) };
    Err(CliError::usage(format!("this command {why}, and {url} is a server"))
        .hint("run it on the machine that has the file, with --db FILE"))
}

/// A variable that is none of ours may be one of ours misspelt: said where settings matter for long.
fn name_strangers(session: &mut Session<'_, '_>, command: &Command) -> Result<(), CliError> {
    let asked = matches!(
        command,
        Command::Serve(_)
            | Command::RunServer(_)
            | Command::Doctor(_)
            | Command::Config(ConfigCommand::Check)
    );
    let found = if asked { settings::strangers(&session.io.env, &Cli::command()) } else { vec![] };
    found.iter().try_for_each(|line| session.note(&format!("warning: {line}")))
}

fn dispatch(session: &mut Session<'_, '_>, command: Command) -> Result<(), CliError> {
    check_place(session, &command)?;
    session.expect(fields::Answer::of(&command))?;
    name_strangers(session, &command)?;
    match command {
        Command::Demo(args) => demo::run(session, &args),
        Command::Seed(args) => seed::run(session, &args),
        Command::Seats(command) => seats::run(session, command),
        Command::Hold(args) => holds::hold(session, args),
        Command::Book(args) => book::run(session, args),
        Command::Pick(args) => pick::run(session, &args),
        Command::Holds(command) => holds::run(session, command),
        Command::Bookings(command) => bookings::run(session, command),
        Command::Tickets(command) => tickets::run(session, &command),
        Command::Shows(command) => shows::run(session, command),
        Command::Movies(command) => movies::run(session, command),
        Command::Screens(command) => screens::run(session, command),
        Command::Users(command) => users::run(session, command),
        Command::Keys(command) => keys::run(session, command),
        Command::Events(command) => events::run(session, &command),
        Command::Verify(args) => verify::run(session, &args),
        Command::Stress(args) => stress::run(session, &args),
        Command::StressWorker(args) => stress::work(session, &args),
        Command::Sweep => sweep::run(session),
        Command::Init(args) => init::run(session, args),
        Command::DjangoMigrate(args) => init::migrate(session, args),
        Command::Report(command) => report::run(session, &command),
        Command::Bench(args) => bench::run(session, &args),
        Command::Health(args) => health::run(session, &args),
        Command::Config(command) => config::run(session, &command),
        Command::Util(command) => util::run(session, &command),
        Command::Db(command) => db::run(session, &command),
        Command::Doctor(args) => doctor::run(session, &args),
        Command::CreateSuperuser(args) => {
            users::add(session, &args.name, Role::Manager, args.password_stdin)
        }
        Command::Serve(args) => serve::run(session, args),
        Command::RunServer(args) => serve::run(session, args.into()),
    }
}
