//! `sweep`: publishes lapses.

use crate::error::CliError;
use crate::session::Session;
use serde_json::json;

/// Publishes every lapse that is due, and prints how many there were.
pub fn run(session: &mut Session<'_, '_>) -> Result<(), CliError> {
    let lapsed = session.engine()?.sweep().wait()?;
    session.one(&json!({"lapsed": lapsed}), &[("lapsed holds published", lapsed.to_string())])
}
