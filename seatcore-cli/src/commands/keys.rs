//! `keys`: machines that ask over HTTP.

use crate::args::{CreateKeyArgs, KeysCommand};
use crate::error::CliError;
use crate::reading;
use crate::session::Session;
use chrono_tz::Tz;
use seatcore::accounts::ApiKey;
use seatcore::house::rejection::{Rejection, What};
use seatcore::id::KeyId;

/// Runs one of them.
pub fn run(session: &mut Session<'_, '_>, command: KeysCommand) -> Result<(), CliError> {
    match command {
        KeysCommand::List => list(session),
        KeysCommand::Create(args) => create(session, &args),
        KeysCommand::Revoke(args) => revoke(session, args.key),
    }
}

fn list(session: &mut Session<'_, '_>) -> Result<(), CliError> {
    let keys = session.office()?.keys()?;
    let zone = session.zone();
    session.list(&keys, None, &["id", "name", "scopes", "created", "revoked"], |key| {
        let revoked = key.revoked_at.map(|at| reading::print_minute(at, zone));
        vec![
            key.id.to_string(),
            key.name.clone(),
            key.scopes.to_string(),
            reading::print_minute(key.created_at, zone),
            revoked.unwrap_or_else(|| "no".to_owned()),
        ]
    })
}

fn create(session: &mut Session<'_, '_>, args: &CreateKeyArgs) -> Result<(), CliError> {
    let minted = session.office()?.add_key(&args.name, &args.scope)?;
    let id = minted.about.id;
    session.did(format!(
        "key {id} was made, and nobody has its secret: seatcore keys revoke {id} --yes"
    ));
    let mut pairs = pairs(&minted.about, session.zone());
    pairs.push(("key", minted.secret.clone()));
    session.one(&minted, &pairs)?;
    session.note("keep the key now: it is not shown again")?;
    session.note(&format!("to undo this: seatcore keys revoke {id}"))
}

fn revoke(session: &mut Session<'_, '_>, id: KeyId) -> Result<(), CliError> {
    let office = session.office()?;
    let known = office.keys()?.into_iter().find(|key| key.id == id);
    let key = known.ok_or(Rejection::NotFound { what: What::ApiKey })?;
    session.confirm(&format!("Revoke key {id}, {:?}, for good?", key.name), "yes")?;
    let revoked = office.revoke_key(id)?;
    session.did(format!("key {id} was revoked"));
    let pairs = pairs(&revoked, session.zone());
    session.one(&revoked, &pairs)
}

fn pairs(key: &ApiKey, zone: Tz) -> Vec<(&'static str, String)> {
    let moment = |at| reading::print_moment(at, zone);
    let revoked = key.revoked_at.map_or_else(|| "no".to_owned(), moment);
    vec![
        ("id", key.id.to_string()),
        ("name", key.name.clone()),
        ("scopes", key.scopes.to_string()),
        ("holder", key.holder().to_string()),
        ("created", moment(key.created_at)),
        ("revoked", revoked),
    ]
}
