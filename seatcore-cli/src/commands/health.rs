//! `health`: whether a server takes commands, for containers and supervisors.

use crate::args::HealthArgs;
use crate::error::CliError;
use crate::office::server::client::{Client, Credential};
use crate::session::Session;
use seatcore::clock::Stopwatch;
use seatcore::error::Code;
use serde_json::json;

/// What a server answers when it can take commands.
const READY: &str = "/readyz";

/// Asks, prints the answer, and fails unless it is well.
pub fn run(session: &mut Session<'_, '_>, args: &HealthArgs) -> Result<(), CliError> {
    let client = Client::new(&args.url.to_string(), Credential::Guest);
    let watch = Stopwatch::start();
    let status = client.status(READY, args.timeout);
    let (well, answered) = (matches!(status, Ok(200)), status.is_ok());
    let status = status.map_or_else(|why| why, |status| status.to_string());
    let said = status.clone();
    let spent = watch.elapsed().as_secs_f64() * 1e3;
    let word = if well { "ready" } else { "not ready" };
    let told =
        json!({"url": args.url.to_string(), "ready": well, "answer": status, "elapsed_ms": spent});
    let pairs = [
        ("server", args.url.to_string()),
        ("state", word.to_owned()),
        ("answer", status),
        ("time", format!("{spent:.1} ms")),
    ];
    if !session.style.quiet || !well {
        session.one(&told, &pairs)?;
    }
    if well {
        return Ok(());
    }
    let error = CliError::refused(Code::Busy, format!("the server is not ready: {said}"));
    let hint = "is `seatcore serve` running there, and is that its address?";
    Err(if answered { error } else { error.hint(hint) })
}
