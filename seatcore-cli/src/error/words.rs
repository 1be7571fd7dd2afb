//! A wrong field as it was typed: the flag, and in which unit. Programs get the names of the API.

use crate::reading;
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

fn sentence(error: &Value) -> Option<String> {
    let (path, detail) = (error.get("field")?.as_str()?, error.get("detail")?.as_str()?);
    let field = path.rsplit('/').next().unwrap_or(path);
    Some(format!("{} {}", typed(field), in_units(field, detail)))
}

/// How people name it.
fn typed(field: &str) -> &str {
    match field {
        "ttl_s" | "extend_s" => "--ttl",
        "cleaning_s" => "--cleaning",
        "holder" | "by" => "--as",
        "key" => "--key",
        "reference" => "--reference",
        "reason" => "--reason",
        "count" => "-n",
        "minutes" => "--minutes",
        "title" => "the title",
        "name" => "the name",
        "password" => "the password",
        field => field,
    }
}

/// A range says of what it is one.
fn in_units(field: &str, detail: &str) -> String {
    let range = detail.strip_prefix("must be between ").and_then(|range| range.split_once(" and "));
    let Some((least, most)) = range else { return detail.to_owned() };
    match field {
        "ttl_s" | "extend_s" | "cleaning_s" => {
            format!("must be between {} and {}", span(least), span(most))
        }
        "key" | "reference" | "reason" | "title" | "name" | "password" | "description" => {
            format!("{detail} characters")
        }
        _ => detail.to_owned(),
    }
}

/// Seconds as they are typed.
fn span(seconds: &str) -> String {
    let read = seconds.parse().map(Duration::from_secs);
    read.map_or_else(|_| seconds.to_owned(), reading::print_exact_span)
}
