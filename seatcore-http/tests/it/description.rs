//! The API's description: what is in the repository is what the server says.

use crate::client::House;
use serde_json::Value;
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
