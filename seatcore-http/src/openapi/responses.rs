//! What may be answered: the success, and every refusal by its status.

use super::content;
use super::parameters::takes_key;
use crate::route::{Route, Takes};
use seatcore::accounts::Deed;
use seatcore::error::Code;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Refusals that mean the same on every path: status, name, and what they say.
const SHARED: [(u16, &str, &str); 7] = [
    (400, "Unreadable", "invalid: a head, a query or a body that cannot be read"),
    (401, "NotSignedIn", "not_signed_in: nobody, or with a session or a key that opens nothing"),
    (408, "Timeout", "timeout: the body took too long"),
    (413, "TooLarge", "too_large: the body"),
    (415, "UnsupportedType", "unsupported_type: the body's type"),
    (500, "Stopped", "corrupt, or a fault of the server itself"),
    (503, "Later", "busy, outcome_unknown or storage: see `retryable` and Retry-After"),
];
/// The words of the classic API: one text.
const CLASSIC: &str = "classic";

/// Refusals that routes share, by name.
pub fn shared() -> Value {
    let named = |(_, name, what): (u16, &str, &str)| (name.to_owned(), problem(what));
    Value::Object(SHARED.into_iter().map(named).collect())
}

/// Every answer of a row.
pub fn of(route: &Route) -> Value {
    let (status, schema) = route.doc.answer;
    let mut all = Map::from_iter([(status.to_string(), success(schema))]);
    if route.doc.tagged {
        let unchanged = json!({"description": "The version in If-None-Match is the newest"});
        all.insert("304".to_owned(), unchanged);
    }
    for (status, words) in refusals(route) {
        all.insert(status.to_string(), refusal(route, status, &words));
    }
    Value::Object(all)
}

fn success(schema: &str) -> Value {
    let mut success = json!({"description": if schema.is_empty() { "Done" } else { schema }});
    if let (Some(fields), false) = (success.as_object_mut(), schema.is_empty()) {
        fields.insert("content".into(), content(schema));
    }
    success
}

fn refusal(route: &Route, status: u16, words: &[&str]) -> Value {
    if route.doc.tag == CLASSIC {
        let content = content("ClassicError");
        return json!({"description": words.join(", "), "content": content});
    }
    match SHARED.iter().find(|(shared, ..)| *shared == status) {
        Some((_, name, _)) => json!({"$ref": format!("#/components/responses/{name}")}),
        None => problem(&words.join(", ")),
    }
}

fn problem(description: &str) -> Value {
    let schema = json!({"$ref": "#/components/schemas/Problem"});
    let content = json!({"application/problem+json": {"schema": schema}});
    json!({"description": description, "content": content})
}

/// The codes that a row may refuse with, by status.
fn refusals(route: &Route) -> BTreeMap<u16, Vec<&'static str>> {
    let mut by_status: BTreeMap<u16, Vec<&'static str>> = BTreeMap::new();
    by_status.entry(400).or_default().push(Code::Invalid.as_str());
    let takes_body = route.takes != Takes::Nothing;
    let takes_values =
        takes_body || takes_key(route) || route.is_conditional() || !route.doc.query.is_empty();
    for code in Code::ALL.iter().copied().filter(|code| refuses(route, *code)) {
        let status = match code {
            Code::Invalid if !takes_values => continue,
            code => status(route, code),
        };
        let words = by_status.entry(status).or_default();
        if !words.contains(&code.as_str()) {
            words.push(code.as_str());
        }
    }
    by_status
}

/// The classic API knows no 422.
fn status(route: &Route, code: Code) -> u16 {
    match code.http_status() {
        422 if route.doc.tag == CLASSIC => 400,
        status => status,
    }
}

fn refuses(route: &Route, code: Code) -> bool {
    let named = route.doc.refusals.contains(&code.as_str());
    named
        || match code {
            // A key that is not known, a full queue, a fault: anywhere.
            Code::NotSignedIn | Code::Invalid | Code::Busy | Code::Storage | Code::Corrupt => true,
            Code::NotAllowed => route.deed() != Deed::Browse,
            Code::CrossSite => !route.is_safe(),
            Code::NotFound => route.pattern.contains('{'),
            Code::KeyReused => takes_key(route),
            Code::TooLarge | Code::UnsupportedType | Code::Timeout => route.takes != Takes::Nothing,
            _ => false,
        }
}
