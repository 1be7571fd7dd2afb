//! One file for each group of commands.

use crate::Io;
use crate::args::{Cli, Command};
use crate::error::CliError;
use crate::output::Style;
use crate::session::Session;
use crate::settings::Settings;
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
            error.tell(session.io, as_json, colour);
            error.exit_code()
        }
    }
}

fn dispatch(session: &mut Session<'_, '_>, command: Command) -> Result<(), CliError> {
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
