//! What a request may carry besides its body: parts of the path, the query, headers.

use crate::route::{Route, Written};
use serde_json::{Value, json};

/// Crockford's digits, in either case.
const DIGITS: &str = "[0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]";

/// Every parameter of a row.
pub fn of(route: &Route) -> Vec<Value> {
    let mut all = path(route.pattern);
    all.extend(route.doc.query.iter().map(|(name, what, written)| {
        // An empty one is as good as none.
        json!({
            "name": name, "in": "query", "description": what, "allowEmptyValue": true,
            "schema": written_as(*written),
        })
    }));
    let key = json!({"type": "string", "minLength": 1, "maxLength": 255});
    let tag = json!({"type": "string"});
    let headers = [
        ("Idempotency-Key", "Makes a retry safe", key, takes_key(route)),
        ("If-Match", "A show's `ETag`: refused if it changed", tag.clone(), route.is_conditional()),
        ("If-None-Match", "An `ETag`: 304 if that is the newest", tag, route.doc.tagged),
    ];
    for (name, what, schema, _) in headers.iter().filter(|(.., taken)| *taken) {
        all.push(json!({"name": name, "in": "header", "description": what, "schema": schema}));
    }
    all
}

/// Commands about seats and shows take a key, and so does whatever makes a movie or a screen.
pub fn takes_key(route: &Route) -> bool {
    let about = ["shows", "seats", "holds", "bookings", "batch"].contains(&route.doc.tag);
    let makes = ["/api/v1/movies", "/api/v1/screens"].contains(&route.pattern);
    (about || makes) && !route.is_safe()
}

fn written_as(written: Written) -> Value {
    match written {
        Written::Text => json!({"type": "string"}),
        Written::Number => json!({"type": "integer", "minimum": 1}),
        Written::Place => json!({"type": "integer", "minimum": 0}),
        Written::UpTo(max) => json!({"type": "integer", "minimum": 1, "maximum": max}),
        Written::Day => json!({"type": "string", "format": "date"}),
        Written::Moment => json!({"type": "string", "format": "date-time"}),
        Written::Word(words) => json!({"type": "string", "enum": words}),
    }
}

fn path(pattern: &str) -> Vec<Value> {
    let mut before = "";
    let mut all = Vec::new();
    for part in pattern.split('/') {
        if let Some(name) = part.strip_prefix('{').and_then(|rest| rest.split('}').next()) {
            let name = name.trim_start_matches('*');
            let schema = part_schema(name, before);
            all.push(json!({"name": name, "in": "path", "required": true, "schema": schema}));
        }
        before = part;
    }
    all
}

/// A part of a path by its name and by the word before it.
fn part_schema(name: &str, before: &str) -> Value {
    let text = |pattern: String| json!({"type": "string", "pattern": pattern});
    match (name, before) {
        ("id", "holds") => text(format!("^hld_{DIGITS}{{26}}$")),
        ("id", "bookings") => text(format!("^bkg_{DIGITS}{{26}}$")),
        ("id", "keys" | "sessions") => text(format!("^{DIGITS}{{8}}$")),
        ("hash", _) => text("^[0-9a-f]{64}$".to_owned()),
        ("code", _) => text(format!("^{DIGITS}{{5}}-?{DIGITS}{{5}}-?{DIGITS}$")),
        ("label", _) => json!({"type": "string", "minLength": 1, "maxLength": 100}),
        _ => json!({"type": "integer", "minimum": 1, "maximum": u32::MAX}),
    }
}
