//! Arguments of `users` and `keys`.

use clap::{Args, Subcommand};
use seatcore::accounts::{Role, Scope};
use seatcore::id::KeyId;

/// What can be done with users.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  seatcore users list
  seatcore users add ada --role staff
  seatcore users role ada manager")]
pub enum UsersCommand {
    /// Everybody who can sign in
    #[command(after_help = "Examples:
  seatcore users list
  seatcore users list --json
  seatcore users list --format csv --fields name,role")]
    List,
    /// One person
    #[command(after_help = "Examples:
  seatcore users show ada
  seatcore users show ADA
  seatcore users show ada --json")]
    Show(UserArg),
    /// Add a person; asks for the password
    #[command(after_help = "Examples:
  seatcore users add bob
  seatcore users add bob --role staff
  seatcore users add bob --password-stdin < password.txt")]
    Add(AddUserArgs),
    /// Give a person another role; ends their sessions
    #[command(after_help = "Examples:
  seatcore users role ada manager
  seatcore users role ada staff --json
  seatcore users role ada customer --quiet")]
    Role(RoleArgs),
    /// Give a person another password; ends their sessions
    #[command(alias = "passwd")]
    #[command(after_help = "Examples:
  seatcore users password ada
  seatcore users password ada --password-stdin < password.txt
  head -1 password.txt | seatcore users password ada --password-stdin")]
    Password(PasswordArgs),
    /// Let a person sign in no more; ends their sessions
    #[command(after_help = "Examples:
  seatcore users disable ada
  seatcore users disable ada --json
  seatcore users disable ada && seatcore users enable ada")]
    Disable(UserArg),
    /// Let a person sign in again
    #[command(after_help = "Examples:
  seatcore users enable ada
  seatcore users enable ada --json
  seatcore users disable ada && seatcore users enable ada")]
    Enable(UserArg),
    /// Delete a person's name, password and sessions; asks first. What they booked stays
    #[command(alias = "rm")]
    #[command(after_help = "Examples:
  seatcore users remove ada
  seatcore users remove ada --yes
  seatcore users remove ada --yes --json")]
    Remove(UserArg),
}

/// A user.
#[derive(Debug, Args)]
pub struct UserArg {
    /// Their name, in any case
    pub name: String,
}

/// A new user.
#[derive(Debug, Args)]
pub struct AddUserArgs {
    /// Their name
    pub name: String,
    /// customer, staff or manager
    #[arg(long, default_value = "customer")]
    pub role: Role,
    /// Read the password from the first line of stdin
    #[arg(long)]
    pub password_stdin: bool,
}

/// A new manager.
#[derive(Debug, Args)]
pub struct SuperuserArgs {
    /// Their name
    pub name: String,
    /// Read the password from the first line of stdin
    #[arg(long)]
    pub password_stdin: bool,
}

/// A user's new role.
#[derive(Debug, Args)]
pub struct RoleArgs {
    /// Their name, in any case
    pub name: String,
    /// customer, staff or manager
    pub role: Role,
}

/// A user's new password.
#[derive(Debug, Args)]
pub struct PasswordArgs {
    /// Their name, in any case
    pub name: String,
    /// Read the password from the first line of stdin
    #[arg(long)]
    pub password_stdin: bool,
}

/// What can be done with API keys.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  seatcore keys list
  seatcore keys create 'till 3' --scope sell
  seatcore keys revoke 0a1b2c3d")]
pub enum KeysCommand {
    /// Every key, without its secret
    #[command(after_help = "Examples:
  seatcore keys list
  seatcore keys list --json
  seatcore keys list --fields id,name,scopes")]
    List,
    /// Make a key; the only time its secret is shown
    #[command(after_help = "Examples:
  seatcore keys create 'till 3' --scope sell
  seatcore keys create reports --scope read --scope manage --json
  seatcore keys create till --scope sell --fields key -q | cut -f2 > till.key")]
    Create(CreateKeyArgs),
    /// Take a key's rights away for good; asks first
    #[command(after_help = "Examples:
  seatcore keys revoke 0a1b2c3d
  seatcore keys revoke 0a1b2c3d --yes
  seatcore keys revoke 0a1b2c3d --yes --json")]
    Revoke(KeyArg),
}

/// A new key.
#[derive(Debug, Args)]
pub struct CreateKeyArgs {
    /// What people call it
    pub name: String,
    /// read (as a guest), sell (as a customer, over its own holds) or manage (as a manager); can
    /// be given again
    #[arg(long, required = true, value_name = "SCOPE")]
    pub scope: Vec<Scope>,
}

/// A key.
#[derive(Debug, Args)]
pub struct KeyArg {
    /// Its id: the second part of sck_…
    pub key: KeyId,
}
