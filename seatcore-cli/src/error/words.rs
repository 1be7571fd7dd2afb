//! A wrong field as it was typed: the flag, and in which unit. Programs get the names of the API.

use crate::reading;
use seatcore::house::rejection::{Rejection, What};
use serde_json::Value;
use std::time::Duration;

/// What is wrong, of a problem that names fields; none of any other.
pub fn of_fields(problem: &Value) -> Option<String> {
    let errors = problem.get("errors")?.as_array().filter(|errors| !errors.is_empty())?;
    let mut said: Vec<String> = errors.iter().filter_map(sentence).collect();
    // The holder and who acts for it are one flag.
    said.dedup();
    Some(said.join(", "))
}

/// Which list has what.
const LISTS: [(What, &str); 10] = [
    (What::User, "`seatcore users list` has everybody who can sign in"),
    (What::ApiKey, "`seatcore keys list` has every key"),
    (What::Hold, "`seatcore holds list` has those that are alive"),
    (What::Block, "`seatcore seats list SHOW --status blocked` has what is off sale"),
    (What::Booking, "`seatcore bookings list` has them, the newest first"),
    (What::Ticket, "`seatcore bookings show BOOKING` has the tickets of a booking"),
    (What::Tier, "`seatcore seats list SHOW` has the tiers"),
    (What::Movie, "`seatcore movies list` has every movie"),
    (What::Screen, "`seatcore screens list` has every screen"),
    (What::Show, "`seatcore shows list` has every show"),
];

/// Where to look for what is not there. A server says what that is in the engine's words only.
pub fn of_missing(said: &str) -> Option<&'static str> {
    let names = |what| said.ends_with(&Rejection::NotFound { what }.to_string());
    LISTS.into_iter().find_map(|(what, hint)| names(what).then_some(hint))
}

fn sentence(error: &Value) -> Option<String> {
    let (path, detail) = (error.get("field")?.as_str()?, error.get("detail")?.as_str()?);
    let detail = error.get("range").and_then(spans).unwrap_or_else(|| detail.to_owned());
    Some(format!("{} {detail}", typed(path)))
}

/// How people name it.
fn typed(path: &str) -> String {
    if let Some(tier) = path.strip_prefix("tiers/") {
        return format!("--tier {tier}");
    }
    let field = path.rsplit('/').next().unwrap_or(path);
    let flag = match field {
        "ttl_s" | "extend_s" => "--ttl",
        "cleaning_s" => "--cleaning",
        "hold_life_s" => "--hold-life",
        "holds_per_holder" => "--holds-per-holder",
        "seats_per_holder" => "--seats-per-holder",
        "holder" | "by" => "--as",
        "key" | "Idempotency-Key" => "--key",
        "reference" => "--reference",
        "reason" => "--reason",
        "count" => "-n",
        "accessible" => "--accessible",
        "minutes" => "--minutes",
        "description" => "--description",
        "starts_at" => "--starts",
        "ends_at" => "--ends",
        "opens_at" => "--opens",
        "closes_at" => "--closes",
        "price" => "--price",
        "seats" => "the list of seats",
        "title" => "the title",
        "name" => "the name",
        "password" => "the password",
        field => field,
    };
    flag.to_owned()
}

/// A range of seconds as spans are typed; every other range says its unit itself.
fn spans(range: &Value) -> Option<String> {
    if range.get("unit")?.as_str()? != "seconds" {
        return None;
    }
    let end = |name: &str| range.get(name)?.as_u64().map(Duration::from_secs);
    let (min, max) = (end("min")?, end("max")?);
    let span = reading::print_exact_span;
    Some(format!("must be between {} and {}", span(min), span(max)))
}
