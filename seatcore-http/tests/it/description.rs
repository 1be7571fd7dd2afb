//! The API's description: what is in the repository is what the server says.

use crate::client::House;
use seatcore::accounts::Role;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value.as_str().filter(|_| name == "$ref") {
                    Some(to) => drop(found.insert(to)),
                    None => references(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn it_describes_every_row_and_names_nothing_that_is_not_there() {
    let house = House::open();
    let whole = house.get("/openapi.json").is(200).json();
    assert_eq!(whole["openapi"], "3.1.0");
    let mut ids = BTreeSet::new();
    for route in house.app.router.table().iter().filter(|route| !route.doc.tag.is_empty()) {
        let path = route.pattern.replace("{*", "{");
        let operation = &whole["paths"][&path][route.method.as_str().to_ascii_lowercase()];
        assert!(operation["summary"].as_str().is_some_and(|s| !s.is_empty()), "{route:?}");
        assert!(ids.insert(operation["operationId"].to_string()), "{route:?}");
        let parameters = operation["parameters"].as_array().map_or(&[][..], Vec::as_slice);
        let named = parameters.iter().filter(|p| p["in"] == "path").count();
        assert_eq!(named, path.matches('{').count(), "{route:?}");
    }
    let mut found = BTreeSet::new();
    references(&whole, &mut found);
    for reference in &found {
        let at = reference.strip_prefix('#').expect("inside");
        assert!(whole.pointer(at).is_some(), "{reference}");
    }
    let schemas = whole["components"]["schemas"].as_object().expect("schemas");
    let unused: Vec<_> = schemas
        .keys()
        .filter(|name| !found.contains(&*format!("#/components/schemas/{name}")))
        .collect();
    assert!(unused.is_empty(), "nothing is made of {unused:?}");
}

/// Every field of these names in a schema, however deep.
fn named<'a>(schema: &'a Value, names: &[&str], found: &mut Vec<&'a Value>) {
    if let Value::Object(fields) = schema {
        found.extend(fields.iter().filter_map(|(name, field)| {
            (names.contains(&name.as_str()) && field["type"] != Value::Null).then_some(field)
        }));
    }
    match schema {
        Value::Object(fields) => fields.values().for_each(|each| named(each, names, found)),
        Value::Array(items) => items.iter().for_each(|each| named(each, names, found)),
        _ => {}
    }
}

#[test]
fn texts_that_are_counted_in_bytes_say_so() {
    let house = House::open();
    let whole = house.get("/openapi.json").is(200).json();
    let schemas = &whole["components"]["schemas"];
    let texts = ["reference", "reason", "description"];
    for (schema, fields) in [
        ("NewHold", 1),
        ("NewBooking", 1),
        ("NewBlock", 1),
        ("Reason", 1),
        ("NewMovie", 1),
        ("MoviePatch", 1),
        ("Batch", 4),
    ] {
        let mut found = Vec::new();
        named(&schemas[schema], &texts, &mut found);
        assert_eq!(found.len(), fields, "{schema}");
        for field in found {
            let words = field["description"].as_str().expect("words");
            assert!(words.contains("bytes") && field["maxLength"].is_u64(), "{schema}");
        }
    }
    let ann = house.user("ann", Role::Customer);
    let hold = |reference: &str| {
        let body = json!({"seats": ["A1"], "reference": reference});
        house.ask("POST", "/api/v1/shows/1/holds").cookie(&ann).json(&body).send()
    };
    for wrong in [String::new(), "x".repeat(256), "é".repeat(128)] {
        hold(&wrong).is(422);
    }
    hold(&"é".repeat(127)).is(201);
    let ready = house.get("/readyz").is(200).json();
    assert_eq!(
        ready.as_object().map(|fields| fields.keys().collect::<Vec<_>>()),
        schemas["Readiness"]["properties"].as_object().map(|fields| fields.keys().collect())
    );
    let seats = &whole["paths"]["/api/v1/shows/{id}/seats"]["get"]["responses"];
    assert!(seats["403"].is_object());
    house.ask("GET", "/api/v1/shows/1/seats?holder=bob").cookie(&ann).send().is(403);
}

#[test]
fn it_is_the_one_in_the_repository() {
    let house = House::open();
    let said = String::from_utf8(house.get("/openapi.json").is(200).body).expect("text");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    if std::env::var_os("SEATCORE_WRITE_SNAPSHOTS").is_some() {
        std::fs::write(&file, &said).expect("the repository can be written");
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == said, "docs/openapi.json differs: run with SEATCORE_WRITE_SNAPSHOTS=1");
}

#[test]
fn the_page_for_people_has_no_script_and_asks_nobody() {
    let house = House::open();
    let page = String::from_utf8(house.get("/docs").is(200).body).expect("text");
    assert!(!page.contains("<script") && !page.contains("http://") && !page.contains("https://"));
    assert!(page.contains("/api/v1/shows/{id}/holds"));
    house.get("/docs/docs.css").is(200);
}
