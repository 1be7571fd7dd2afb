//! The table as OpenAPI 3.1 for programs, and as a page for people.

use crate::options::Options;
use crate::route::{Doc, Route, Who};
use seatcore::accounts::Deed;
use serde_json::{Map, Value, json};
use std::fmt::Write;

mod parameters;
mod responses;

/// What is the same whatever is asked for.
const ABOUT: &str = "Every refusal is a problem object with a frozen `code`. Before a path is \
    looked at, a request may be refused with 411 (a body without a length), 414 (a path beyond 4 KiB) \
    or 421 (a name that is not this server's); a known path answers another method with 405 and \
    `Allow`, an unknown one is 404. A head beyond 16 KiB or 100 lines is refused with 431, one that \
    cannot be read with 400, both without a body and without X-Request-Id.";
/// Bodies that may be left out: nothing in them must be said.
const OPTIONAL: [&str; 6] =
    ["Reason", "NewBooking", "MoviePatch", "ScreenPatch", "ShowPatch", "UserPatch"];
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

fn described(table: &[Route]) -> impl Iterator<Item = &Route> {
    table.iter().filter(|route| !route.doc.tag.is_empty())
}

/// The description of a server as it is started by default.
pub fn whole() -> String {
    description(&crate::routes::table(&Options::default()))
}

/// The whole description of a table, as JSON text.
pub fn description(table: &[Route]) -> String {
    let mut paths: Map<String, Value> = Map::new();
    for route in described(table) {
        // A label may hold a slash; the description knows no such parameter.
        let pattern = route.pattern.replace("{*", "{");
        let path = paths.entry(pattern).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            for method in route.methods() {
                let name = method.as_str().to_ascii_lowercase();
                path.insert(name, operation(route, method.as_str()));
            }
        }
    }
    let schemas: Value = serde_json::from_str(SCHEMAS).unwrap_or_default();
    let whole = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "seatcore",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Sells seats, never one twice.",
            "description": ABOUT,
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": responses::shared(),
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

fn operation(route: &Route, method: &str) -> Value {
    let Doc { tag, summary, body, .. } = route.doc;
    let mut operation = json!({
        "operationId": operation_id(route, method),
        "tags": [tag],
        "summary": summary,
        "description": format!("For {}.", who(route)),
        "parameters": parameters::of(route),
        "responses": responses::of(route),
    });
    let Some(fields) = operation.as_object_mut() else { return operation };
    if let Some(schema) = body {
        let required = !OPTIONAL.contains(&schema);
        let body = json!({"required": required, "content": content(schema)});
        fields.insert("requestBody".into(), body);
    }
    match route.who {
        Who::May(Deed::Browse) => {}
        Who::May(_) => {
            fields.insert("security".into(), json!([{"session": []}, {"key": []}]));
        }
        // This machine needs neither.
        Who::MayOrLocal(_) => {
            fields.insert("security".into(), json!([{"session": []}, {"key": []}, {}]));
        }
    }
    operation
}

/// `POST /api/v1/shows/{id}/holds` is `post_shows_id_holds`.
fn operation_id(route: &Route, method: &str) -> String {
    let path = route.pattern.trim_start_matches("/api/v1");
    let words = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let method = method.to_ascii_lowercase();
    std::iter::once(method.as_str()).chain(words).collect::<Vec<_>>().join("_")
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

/// The same as one page, without a script.
pub fn page(table: &[Route]) -> String {
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
    for (name, what, _) in doc.query {
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
