//! `users`: people who sign in.

use crate::args::UsersCommand;
use crate::error::CliError;
use crate::reading;
use crate::session::Session;
use crate::shell;
use seatcore::accounts::{Role, User};
use serde_json::json;

/// Runs one of them.
pub fn run(session: &mut Session<'_, '_>, command: UsersCommand) -> Result<(), CliError> {
    match command {
        UsersCommand::List => list(session),
        UsersCommand::Show(args) => show(session, &args.name),
        UsersCommand::Add(args) => add(session, &args.name, args.role, args.password_stdin),
        UsersCommand::Role(args) => set_role(session, &args.name, args.role),
        UsersCommand::Password(args) => set_password(session, &args.name, args.password_stdin),
        UsersCommand::Disable(args) => set_disabled(session, &args.name, true),
        UsersCommand::Enable(args) => set_disabled(session, &args.name, false),
        UsersCommand::Remove(args) => remove(session, &args.name),
    }
}

fn list(session: &mut Session<'_, '_>) -> Result<(), CliError> {
    let users = session.office()?.users()?;
    let zone = session.zone();
    session.list(&users, None, &["id", "name", "role", "added", "may sign in"], |user| {
        let added = reading::print_minute(user.created_at, zone);
        let (id, role) = (user.id.to_string(), user.role.to_string());
        vec![id, user.name.clone(), role, added, may_sign_in(user).to_owned()]
    })
}

const fn may_sign_in(user: &User) -> &'static str {
    if user.disabled { "no" } else { "yes" }
}

fn show(session: &mut Session<'_, '_>, name: &str) -> Result<(), CliError> {
    let user = session.office()?.user(name)?;
    print(session, &user)
}

/// Adds a person; `createsuperuser` comes here too.
pub fn add(
    session: &mut Session<'_, '_>,
    name: &str,
    role: Role,
    from_stdin: bool,
) -> Result<(), CliError> {
    let office = session.office()?;
    let password = session.password(from_stdin)?;
    let user = office.add_user(name, &password, role)?;
    print_changed(session, &user)
}

fn set_role(session: &mut Session<'_, '_>, name: &str, role: Role) -> Result<(), CliError> {
    let office = session.office()?;
    let user = office.user(name)?;
    let now = office.set_role(user.id, role)?;
    print_changed(session, &now)?;
    session.note(&format!("to undo this: seatcore users role {} {}", shell::word(name), user.role))
}

fn set_password(
    session: &mut Session<'_, '_>,
    name: &str,
    from_stdin: bool,
) -> Result<(), CliError> {
    let office = session.office()?;
    let user = office.user(name)?;
    let password = session.password(from_stdin)?;
    office.set_password(user.id, &password)?;
    session.did(format!("user {} has another password", user.id));
    print(session, &user)
}

fn set_disabled(session: &mut Session<'_, '_>, name: &str, disabled: bool) -> Result<(), CliError> {
    let office = session.office()?;
    let user = office.user(name)?;
    let now = office.set_disabled(user.id, disabled)?;
    print_changed(session, &now)?;
    let undo = if disabled { "enable" } else { "disable" };
    session.note(&format!("to undo this: seatcore users {undo} {}", shell::word(name)))
}

fn remove(session: &mut Session<'_, '_>, name: &str) -> Result<(), CliError> {
    let office = session.office()?;
    let user = office.user(name)?;
    let question = format!("Delete user {}, {:?}? What they booked stays.", user.id, user.name);
    session.confirm(&question, "yes")?;
    office.remove_user(user.id)?;
    session.did(format!("user {} was removed", user.id));
    session.one(&json!({"removed": user.id}), &[("removed", user.name)])
}

fn print_changed(session: &mut Session<'_, '_>, user: &User) -> Result<(), CliError> {
    let (id, role, may) = (user.id, user.role, may_sign_in(user));
    session.did(format!("user {id} is {role} now, may sign in: {may}"));
    print(session, user)
}

fn print(session: &mut Session<'_, '_>, user: &User) -> Result<(), CliError> {
    let pairs = [
        ("id", user.id.to_string()),
        ("name", user.name.clone()),
        ("role", user.role.to_string()),
        ("holder", user.holder().to_string()),
        ("added", reading::print_moment(user.created_at, session.zone())),
        ("may sign in", may_sign_in(user).to_owned()),
    ];
    session.one(user, &pairs)
}
