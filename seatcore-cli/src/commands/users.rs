//! `users`: people who sign in.

use crate::args::UsersCommand;
use crate::error::CliError;
use crate::reading;
use crate::session::Session;
use seatcore::accounts::{Role, User};

/// Runs one of them.
pub fn run(session: &mut Session<'_, '_>, command: UsersCommand) -> Result<(), CliError> {
    match command {
        UsersCommand::List => list(session),
        UsersCommand::Add(args) => add(session, &args.name, args.role, args.password_stdin),
        UsersCommand::Role(args) => set_role(session, &args.name, args.role),
    }
}

fn list(session: &mut Session<'_, '_>) -> Result<(), CliError> {
    let users = session.engine()?.users()?;
    let zone = session.zone();
    session.list(&users, None, &["id", "name", "role", "added", "may sign in"], |user| {
        let may = if user.disabled { "no" } else { "yes" };
        let added = reading::print_minute(user.created_at, zone);
        let (id, role) = (user.id.to_string(), user.role.to_string());
        vec![id, user.name.clone(), role, added, may.to_owned()]
    })
}

/// Adds a person; `createsuperuser` comes here too.
pub fn add(
    session: &mut Session<'_, '_>,
    name: &str,
    role: Role,
    from_stdin: bool,
) -> Result<(), CliError> {
    let engine = session.engine()?;
    let password = session.password(from_stdin)?;
    let user = engine.add_user(name, &password, role)?;
    print(session, &user)
}

fn set_role(session: &mut Session<'_, '_>, name: &str, role: Role) -> Result<(), CliError> {
    let engine = session.engine()?;
    let user = engine.user(name)?;
    engine.set_role(user.id, role)?;
    let now = engine.user(name)?;
    print(session, &now)?;
    session.note(&format!("to undo this: seatcore users role {name} {}", user.role))
}

fn print(session: &mut Session<'_, '_>, user: &User) -> Result<(), CliError> {
    let holder = format!("user:{}", user.id);
    let pairs = [
        ("id", user.id.to_string()),
        ("name", user.name.clone()),
        ("role", user.role.to_string()),
        ("holder", holder),
    ];
    session.one(user, &pairs)
}
