//! The table as OpenAPI 3.1 for programs, and as a page for people.

use crate::options::Options;
use crate::route::{Doc, Route, Who};
use seatcore::accounts::Deed;
use seatcore::error::Code;
use serde_json::{Map, Value, json};
use std::fmt::Write;
use std::sync::Arc;

/// Shapes of bodies and answers.
const SCHEMAS: &str = include_str!("openapi/schemas.json");
/// How the page looks.
pub const STYLE: &str = include_str!("openapi/docs.css");

/// Who may do something, in words.
fn who(route: &Route) -> &'static str {
    match (route.who, route.deed()) {
        (Who::MayOrLocal(_), _) => "keys, managers and this machine",
        (_, Deed::Browse) => "everybody",
        (_, Deed::Buy) => "whoever is signed in, and keys that sell",
        (_, Deed::OwnAccount) => "people who are signed in",
        (_, Deed::EditCatalogue | Deed::EditUsers | Deed::Measure) => "managers",
        _ => "staff",
    }
}

fn described(table: &[Arc<Route>]) -> impl Iterator<Item = &Arc<Route>> {
    table.iter().filter(|route| !route.doc.tag.is_empty())
}

/// The description of a server as it is started by default.
pub fn whole() -> String {
    let table: Vec<_> =
        crate::routes::table(&Options::default()).into_iter().map(Arc::new).collect();
    description(&table)
}

/// The whole description of a table, as JSON text.
pub fn description(table: &[Arc<Route>]) -> String {
    let mut paths: Map<String, Value> = Map::new();
    for route in described(table) {
        // A label may hold a slash; the description knows no such parameter.
        let pattern = route.pattern.replace("{*", "{");
        let path = paths.entry(pattern).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            path.insert(route.method.as_str().to_ascii_lowercase(), operation(route));
        }
    }
    let schemas: Value = serde_json::from_str(SCHEMAS).unwrap_or_default();
    let whole = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "seatcore",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Sells seats, never one twice.",
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "seatcore_session"},
            },
        },
    });
    let mut text = serde_json::to_string_pretty(&whole).unwrap_or_default();
    text.push('\n');
    text
}

fn operation(route: &Route) -> Value {
    let Doc { tag, summary, query, body, answer, refusals } = route.doc;
    let mut operation = json!({
        "operationId": operation_id(route),
        "tags": [tag],
        "summary": summary,
        "description": format!("For {}.", who(route)),
        "responses": responses(route, answer, refusals),
    });
    let Some(fields) = operation.as_object_mut() else { return operation };
    let mut parameters = path_parameters(route.pattern);
    parameters.extend(query.iter().map(|(name, what)| {
        json!({"name": name, "in": "query", "description": what, "schema": {"type": "string"}})
    }));
    if takes_key(route) {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header",
            "description": "Makes a retry safe",
            "schema": {"type": "string", "maxLength": 255},
        }));
    }
    fields.insert("parameters".into(), parameters.into());
    if let Some(schema) = body {
        let required = !matches!(schema, "Reason" | "NewBooking");
        fields.insert(
            "requestBody".into(),
            json!({"required": required, "content": content(schema)}),
        );
    }
    if route.deed() != Deed::Browse {
        fields.insert("security".into(), json!([{"session": []}, {"key": []}]));
    }
    operation
}

/// Commands about seats and shows take a key, and so does whatever makes a movie or a screen.
fn takes_key(route: &Route) -> bool {
    let about = ["shows", "seats", "holds", "bookings", "batch"].contains(&route.doc.tag);
    let makes = ["/api/v1/movies", "/api/v1/screens"].contains(&route.pattern);
    (about || makes) && !route.is_safe()
}

/// `POST /api/v1/shows/{id}/holds` is `post_shows_id_holds`.
fn operation_id(route: &Route) -> String {
    let path = route.pattern.trim_start_matches("/api/v1");
    let words = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let method = route.method.as_str().to_ascii_lowercase();
    std::iter::once(method.as_str()).chain(words).collect::<Vec<_>>().join("_")
}

fn path_parameters(pattern: &str) -> Vec<Value> {
    let names = pattern.split('{').skip(1).filter_map(|rest| rest.split('}').next());
    let parameter = |name: &str| {
        let name = name.trim_start_matches('*');
        json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}})
    };
    names.map(parameter).collect()
}

fn content(schema: &str) -> Value {
    match schema {
        "image" => json!({
            "image/jpeg": {}, "image/png": {}, "image/webp": {},
        }),
        "svg" => json!({"image/svg+xml": {}}),
        "text" => json!({"text/plain": {"schema": {"type": "string"}}}),
        "events" => json!({"text/event-stream": {"schema": {"type": "string"}}}),
        "object" => json!({"application/json": {"schema": {"type": "object"}}}),
        name => {
            let schema = json!({"$ref": format!("#/components/schemas/{name}")});
            json!({"application/json": {"schema": schema}})
        }
    }
}

fn responses(route: &Route, answer: (u16, &str), refusals: &[&str]) -> Value {
    let mut responses = Map::new();
    let (status, schema) = answer;
    let mut success = json!({"description": if schema.is_empty() { "Done" } else { schema }});
    if let (Some(fields), false) = (success.as_object_mut(), schema.is_empty()) {
        fields.insert("content".into(), content(schema));
    }
    responses.insert(status.to_string(), success);
    let mut by_status: std::collections::BTreeMap<u16, Vec<&str>> = Default::default();
    let mut add = |word: &'static str| {
        let code = Code::ALL.iter().find(|code| code.as_str() == word);
        if let Some(code) = code {
            let words = by_status.entry(code.http_status()).or_default();
            words.push(word);
        }
    };
    Code::ALL
        .iter()
        .map(|code| code.as_str())
        .filter(|word| refusals.contains(word))
        .for_each(&mut add);
    if route.deed() != Deed::Browse {
        ["not_signed_in", "not_allowed"].into_iter().for_each(&mut add);
    }
    if route.doc.body.is_some() {
        by_status.entry(400).or_default().push("invalid");
        by_status.entry(422).or_default().push("invalid");
    }
    for (status, mut words) in by_status {
        words.dedup();
        let problem = json!({"$ref": "#/components/schemas/Problem"});
        let response = json!({
            "description": words.join(", "),
            "content": {"application/problem+json": {"schema": problem}},
        });
        responses.insert(status.to_string(), response);
    }
    Value::Object(responses)
}

/// The same as one page, without a script.
pub fn page(table: &[Arc<Route>]) -> String {
    let mut page = String::with_capacity(32 * 1024);
    page.push_str(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>seatcore API</title><link rel=\"stylesheet\" href=\"/docs/docs.css\">\
         <main><h1>seatcore API</h1><p>JSON over HTTP; every refusal is a problem object with a \
         frozen <code>code</code>. For programs: <a href=\"/openapi.json\">openapi.json</a>.</p>",
    );
    let mut tags: Vec<&str> = described(table).map(|route| route.doc.tag).collect();
    tags.dedup();
    for tag in tags {
        // Writing into a string cannot fail.
        let _head = write!(page, "<section><h2>{tag}</h2>");
        for route in described(table).filter(|route| route.doc.tag == tag) {
            let _row = print_row(&mut page, route);
        }
        page.push_str("</section>");
    }
    page.push_str("</main></html>");
    page
}

/// Everything here is our own text, without a sign that HTML would take for its own.
fn print_row(to: &mut String, route: &Route) -> std::fmt::Result {
    let (method, pattern, doc) = (&route.method, route.pattern.replace("{*", "{"), route.doc);
    write!(to, "<article><h3><b>{method}</b> <code>{pattern}</code></h3>")?;
    write!(to, "<p>{}. For {}.</p><dl>", doc.summary.replace('&', "&amp;"), who(route))?;
    for (name, what) in doc.query {
        write!(to, "<dt><code>?{name}</code></dt><dd>{what}</dd>")?;
    }
    if let Some(body) = doc.body {
        write!(to, "<dt>body</dt><dd>{}</dd>", shape(body))?;
    }
    let (status, schema) = doc.answer;
    write!(to, "<dt>{status}</dt><dd>{}</dd>", shape(schema))?;
    if !doc.refusals.is_empty() {
        write!(to, "<dt>refusals</dt><dd><code>{}</code></dd>", doc.refusals.join(" "))?;
    }
    to.push_str("</dl></article>");
    Ok(())
}

/// A shape by its fields.
fn shape(name: &str) -> String {
    let schemas: Value = serde_json::from_str(SCHEMAS).unwrap_or_default();
    let Some(fields) = schemas.get(name).and_then(|schema| schema.get("properties")) else {
        return if name.is_empty() { "nothing".to_owned() } else { name.to_owned() };
    };
    let fields = fields.as_object().map(|fields| fields.keys().cloned().collect::<Vec<_>>());
    format!("{name} <code>{}</code>", fields.unwrap_or_default().join(" "))
}
