//! `init`: an empty database.

use crate::args::InitArgs;
use crate::error::CliError;
use crate::session::Session;
use serde_json::json;

/// Django's word for it, which elsewhere means something else.
pub fn migrate(session: &mut Session<'_, '_>, args: InitArgs) -> Result<(), CliError> {
    let path = args.path.clone().unwrap_or_else(|| session.path());
    let existed = path.exists();
    run(session, args)?;
    if existed {
        return Ok(());
    }
    let made = format!("a new, empty database was made at {}", path.display());
    session.note(&format!("{made}; `seatcore db migrate` brings an old one up to date"))
}

/// Makes the file, or brings an older one up to date; nothing in it is lost.
pub fn run(session: &mut Session<'_, '_>, args: InitArgs) -> Result<(), CliError> {
    if let Some(path) = args.path {
        session.global.db = Some(path);
    }
    let path = session.path();
    let existed = path.exists();
    let engine = session.engine_or_new()?;
    let (epoch, _) = engine.position()?;
    let shown = path.display().to_string();
    let told = json!({"db": shown, "created": !existed, "epoch": epoch});
    let what = if existed { "was there already, and is up to date" } else { "created" };
    session.one(&told, &[("database", shown), ("state", what.to_owned())])?;
    session.note("next: `seatcore seed`, or `seatcore movies add`, `screens add`, `shows add`")
}
